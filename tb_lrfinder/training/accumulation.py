"""Schedules where Keras accumulates gradients: it asks them with every batch, not with every update."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.loops.driver import driver_name
from tb_lrfinder.loops.frameworks.keras_schedules import rates_of

# A schedule is looked at in so many places, and its end may lie this share after the end it was meant for.
_PLACES, _SLACK = 200, 0.1


def counts_of(updates: NDArray[np.int64], gathered: int) -> NDArray[np.int64]:
    """The counts by which Keras asks a schedule for the rates of updates, both counted from 0, of shape `[n]`.

    Args:
        updates: The updates.
        gathered: Batches whose gradients make one: the rate is that of the last one.
    """
    return updates * gathered + gathered - 1


def warn_if_short(schedule: Any, gathered: int, batches: int | None) -> None:
    """Warns where a schedule may have been meant for updates, which are fewer than the batches it goes on with.

    Nothing is said of one that ends where the batches do: that was made for them.

    Args:
        schedule: A `LearningRateSchedule`.
        gathered: Batches that make an update.
        batches: Batches of the whole training, with those before this fit; None where they are not known.
    """
    name = driver_name(schedule)
    if gathered > 1 and not (batches and _ends_with(schedule, batches, batches // gathered)):
        warnings.warn(
            "Keras asks a schedule for a rate with every batch, also where an update is made with every "
            f"{_th(gathered)} one only (gradient_accumulation_steps={gathered}): a {name} that is as long as "
            f"there are updates is over after 1/{gathered} of them. Multiply its steps by {gathered}.",
            stacklevel=2,
        )


def _ends_with(schedule: Any, batches: int, updates: int) -> bool:
    """Whether a schedule changes after as many counts as there are updates, and no more after as many as batches."""
    late = _rates(schedule, (1 + _SLACK) * updates, batches)
    after = _rates(schedule, (1 + _SLACK) * batches, 2 * batches)
    return bool((after == after[-1]).all() and (late != after[-1]).any())


def _rates(schedule: Any, start: float, end: float) -> NDArray[np.float64]:
    return rates_of(schedule, np.unique(np.linspace(start, end, _PLACES).astype(np.int64)))


def _th(number: int) -> str:
    """A number that counts: `"4th"`."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
