"""The curve of a range test: the losses at increasing learning rates, which every suggestion is computed from.

Owns the validation of `(learning_rates, losses)` pairs. Knows nothing of where they were recorded or how they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tb_lrfinder import numerals
from tb_lrfinder.choices import EndingKind, Mode
from tb_lrfinder.columns import LEARNING_RATE, LOSS
from tb_lrfinder.curves.ending import Ending

_UNKNOWN = Ending()


@dataclass(frozen=True, eq=False)
class Curve:
    """Losses measured at increasing learning rates.

    Args:
        learning_rates: 1-D array of `n` positive, finite rates in non-decreasing order.
        losses: 1-D array of `n` losses, each measured with the rate at its index. Raw values: NaN and infinities are
            kept, because where they start says where training diverged.
        monitor: What was measured, as in Keras' logs; for words only.
        mode: `"max"` when it is better the higher it is; `losses` then hold it with its sign turned.
        ending: How the sweep ended and what was planned, as far as that is known; for words only.
        optimizer: Name of the optimizer that was swept, such as `"Adam"` or `"SGD, momentum 0.9"`; None when not known. How
            far a suggestion lies below the valley depends on its kind (`optimizer_kind.kind_of`).
        repeats: Sweeps that the losses are the mean of. Averaging makes a curve smoother, not the training behind it.
        updates_per_point: Updates of the weights that a point stands for: those of an epoch, where it is the mean of one.

    Both arrays are copied to float64 and made read-only.

    Raises:
        ValueError: If the arrays are not 1-D, differ in length, or the rates are not positive, finite and in order.

    Example:
        >>> curve = Curve([0.001, 0.01, 0.1], [2.3, 1.1, float("nan")])
        >>> len(curve), curve.num_finite
        (3, 2)
    """

    learning_rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    monitor: str
    mode: Mode
    ending: Ending
    optimizer: str | None
    repeats: int
    updates_per_point: float

    def __init__(
        self,
        learning_rates: ArrayLike,
        losses: ArrayLike,
        monitor: str = LOSS,
        mode: Mode = "min",
        ending: Ending = _UNKNOWN,
        optimizer: str | None = None,
        repeats: int = 1,
        updates_per_point: float = 1.0,
    ) -> None:
        rates = _frozen_column("learning_rates", learning_rates)
        values = _frozen_column("losses", losses)
        if rates.shape != values.shape:
            raise ValueError(
                "`learning_rates` and `losses` must have the same length. "
                f"Received: {rates.size} learning rates and {values.size} losses."
            )
        usable = np.isfinite(rates) & (rates > 0)
        if not usable.all():
            index = int(np.argmin(usable))
            raise ValueError(
                f"`learning_rates` must be positive and finite. Received: learning_rates[{index}]={rates[index]}."
            )
        falls = np.flatnonzero(np.diff(rates) < 0)
        if falls.size:
            index = int(falls[0]) + 1
            raise ValueError(
                "`learning_rates` must not decrease: sort the pairs by learning rate first. "
                f"Received: learning_rates[{index - 1}]={rates[index - 1]} before learning_rates[{index}]={rates[index]}."
            )
        object.__setattr__(self, "learning_rates", rates)
        object.__setattr__(self, "losses", values)
        object.__setattr__(self, "monitor", monitor)
        object.__setattr__(self, "mode", mode)
        object.__setattr__(self, "ending", ending)
        object.__setattr__(self, "optimizer", optimizer)
        object.__setattr__(self, "repeats", repeats)
        object.__setattr__(self, "updates_per_point", updates_per_point)

    def __len__(self) -> int:
        return self.learning_rates.size

    @property
    def num_finite(self) -> int:
        """Number of points before the first loss that is NaN or infinite."""
        broken = np.flatnonzero(~np.isfinite(self.losses))
        return int(broken[0]) if broken.size else len(self)

    @property
    def ended(self) -> EndingKind:
        """What kind of ending the sweep had; a curve that stops being finite broke, whatever else is known."""
        if self.num_finite < len(self):
            return "broke"
        return self.ending.kind(len(self), float(self.learning_rates[-1]) if len(self) else 0.0)

    def __repr__(self) -> str:
        if not len(self):
            return "Curve(0 points)"
        first, last = map(numerals.rate, self.learning_rates[[0, -1]])
        return f"Curve({len(self)} points, learning rates {first} to {last})"


def monitored(
    columns: Mapping[str, NDArray[np.float64]], monitor: str = LOSS, mode: Mode = "min"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The learning rates and the values of one recorded column, as a `Curve` takes them: always better the lower.

    Args:
        columns: The columns of a range test by name, each of shape `[n]`; `"learning_rate"` among them.
        monitor: Name of the column to take. Rows in which it is NaN are left out, unless it is the `"loss"`: a validation
            loss is measured in some rows only.
        mode: `"min"`, or `"max"` for a column that is better the higher it is, such as an accuracy: its sign is turned.

    Raises:
        ValueError: If there is no such column.
    """
    if monitor not in columns:
        raise ValueError(
            f"`monitor` must name a recorded column. Received: monitor={monitor!r}; recorded are {', '.join(columns)}."
        )
    rates, values = columns[LEARNING_RATE], columns[monitor]
    measured = np.ones(len(values), bool) if monitor == LOSS else ~np.isnan(values)
    return rates[measured], values[measured] * (-1.0 if mode == "max" else 1.0)


def _frozen_column(name: str, values: ArrayLike) -> NDArray[np.float64]:
    column = np.array(values, dtype=np.float64)
    if column.ndim != 1:
        raise ValueError(f"`{name}` must be a 1-D array. Received: an array of shape {column.shape}.")
    column.flags.writeable = False
    return column
