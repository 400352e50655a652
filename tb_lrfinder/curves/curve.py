"""The curve of a range test: what was measured at increasing learning rates, which every suggestion is computed from.

Owns the validation of `(learning_rates, values)` pairs, and which way is down. Knows nothing of where they were recorded or
how they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tb_lrfinder import arguments, numerals
from tb_lrfinder.choices import EndingKind, Mode, MonitorMode
from tb_lrfinder.columns import LEARNING_RATE, LOSS
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.wording import resolve_mode

_UNKNOWN = Ending()


class HasArray(Protocol):
    """An array or tensor of any library."""

    def __array__(self, *args: Any, **kwargs: Any) -> Any: ...


# What `column` takes, for type checkers: `ArrayLike` has text in it.
Numbers = Sequence[SupportsFloat] | HasArray


@dataclass(frozen=True, eq=False)
class Curve:
    """What was measured at increasing learning rates: losses, or a metric such as an accuracy.

    Args:
        learning_rates: 1-D array, list or tensor of `n` positive, finite rates in non-decreasing order.
        values: The `n` values as they were measured, each with the rate at its index. Raw ones: NaN and infinities are
            kept, because where they start says where training diverged.
        monitor: Name of what was measured, as in Keras' logs.
        mode: `"min"` when it is better the lower it is, `"max"` when higher; `"auto"` decides by the name, as Keras does.
        ending: How the sweep ended and what was planned, as far as that is known; for words only.
        optimizer: Name of the optimizer that was swept, such as `"Adam"` or `"SGD, momentum 0.9"`; None when not known. How
            far a suggestion lies below the valley depends on its kind (`optimizer_kind.kind_of`).
        repeats: Sweeps that the values are the mean of. Averaging makes a curve smoother, not the training behind it.
        updates_per_point: Updates of the weights that a point stands for: those of an epoch, where it is the mean of one.

    Attributes:
        losses: The values as something to be lowered, which all computations read: the values themselves, or with
            `mode="max"` the values with their sign turned.

    All arrays are copied to float64 and made read-only.

    Raises:
        ValueError: If the arrays are not 1-D, hold no numbers or differ in length, the rates are not positive, finite and in
            order, or `mode` is none of the three.

    Example:
        >>> curve = Curve([0.001, 0.01, 0.1], [2.3, 1.1, float("nan")])
        >>> len(curve), curve.num_finite
        (3, 2)
        >>> curve = Curve([0.001, 0.01, 0.1], [0.1, 0.6, 0.2], "accuracy")
        >>> curve.mode, curve.values.tolist(), curve.losses.tolist()
        ('max', [0.1, 0.6, 0.2], [-0.1, -0.6, -0.2])
    """

    learning_rates: NDArray[np.float64]
    values: NDArray[np.float64]
    monitor: str
    mode: Mode
    ending: Ending
    optimizer: str | None
    repeats: int
    updates_per_point: float
    losses: NDArray[np.float64] = field(init=False)

    def __init__(
        self,
        learning_rates: ArrayLike,
        values: ArrayLike,
        monitor: str = LOSS,
        mode: MonitorMode = "auto",
        ending: Ending = _UNKNOWN,
        optimizer: str | None = None,
        repeats: int = 1,
        updates_per_point: float = 1.0,
    ) -> None:
        rates, measured = column("learning_rates", learning_rates), column("values", values)
        if rates.shape != measured.shape:
            raise ValueError(
                "There must be one value for each learning rate. "
                f"Received: {rates.size} learning rates and {measured.size} values."
            )
        check_rates(rates)
        resolved = resolve_mode(monitor, mode)
        object.__setattr__(self, "learning_rates", rates)
        object.__setattr__(self, "values", measured)
        object.__setattr__(self, "losses", _frozen(-measured) if resolved == "max" else measured)
        object.__setattr__(self, "monitor", monitor)
        object.__setattr__(self, "mode", resolved)
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
    columns: Mapping[str, NDArray[np.float64]], monitor: str = LOSS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The learning rates and the values of one recorded column, as a `Curve` takes them.

    Args:
        columns: The columns of a range test by name, each of shape `[n]`; `"learning_rate"` among them.
        monitor: Name of the column to take. Rows in which it is NaN are left out, unless it is the `"loss"`: a validation
            loss is measured in some rows only.

    Raises:
        ValueError: If there is no such column.
    """
    if monitor not in columns:
        raise ValueError(
            f"`monitor` must name a recorded column. Received: monitor={monitor!r}; recorded are {', '.join(columns)}."
        )
    rates, values = columns[LEARNING_RATE], columns[monitor]
    measured = np.ones(len(values), bool) if monitor == LOSS else ~np.isnan(values)
    return rates[measured], values[measured]


def column(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """The values of an array, a list or a tensor, or of a list of tensors, as a read-only float64 array of shape `[n]`.

    Args:
        name: Name of the argument.
        values: The values; tensors may lie on any device and require a gradient.

    Raises:
        ValueError: If they are not 1-D, or no numbers.
    """
    try:
        # A text would become the number it spells, and None NaN.
        found = np.array(_plain(values)).astype(np.float64, casting="same_kind", copy=False)
    except Exception as error:  # each library has errors of its own for a tensor that has no values
        raise ValueError(
            f"`{name}` must be a 1-D array of numbers. Received: {name}={arguments.shown(values)}."
        ) from error
    if found.ndim != 1:
        raise ValueError(f"`{name}` must be a 1-D array. Received: an array of shape {found.shape}.")
    return _frozen(found)


def check_rates(rates: NDArray[np.float64]) -> None:
    """Raises `ValueError` unless the learning rates are those of a range test: positive, finite, never falling."""
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


def _plain(values: Any) -> Any:
    """What NumPy can read of values that may be tensors, also of those that require a gradient."""
    if hasattr(values, "detach"):
        return values.tolist()
    if isinstance(values, (list, tuple)) and values and hasattr(values[0], "shape"):
        return [arguments.scalar(value) for value in values]
    return values


def _frozen(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values.flags.writeable = False
    return values
