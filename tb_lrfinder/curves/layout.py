"""The layout of a small picture of a curve, whatever draws it: points, a smooth line through them, limits.

The blow-up runs out of the plot, as in the tab: the limits show how the loss fell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.curves.analysis import HUGE, RESOLUTION, analyse, problem_of
from tb_lrfinder.curves.axes import Axis
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.smoothing import running_median, zero_phase

# The colours of the tab.
LINE, SUGGESTED = "#12b5cb", "#e8710a"
# Points at the ends of the sweep are whole: the plot is drawn so many pixels beyond its axis.
OVERHANG = 6
# Width of the columns in which points are averaged, standard deviation of the kernel that smooths those, in columns.
_COLUMN, _SIGMA = 2.0, 4.0
_SPIKE_WINDOW = 5
# Points of the falling part below which its height says nothing.
_SHORT_FALL = 5
# The lowest of the points before the blow-up and the highest before the lowest one may lie outside: this share of them.
_OUTSIDE = 0.02
_MARGIN = 0.06
# A margin below this is none, so that ratios of heights stay finite.
_TINY = 1e-150
# Rates are taken for evenly spaced when their differences differ by less than this share: they are stored as float32.
_EVEN = 1e-3

_Column = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout:
    """A curve on its axes, in its own units.

    Attributes:
        rates: The learning rates of the points that have a finite value and lie within the axis, shape `[n]`.
        values: The values measured with them, shape `[n]`; of a curve with `mode="max"`, with the sign it was measured with.
        line: Rates and values of the smooth line; empty for a curve that cannot be analysed.
        x: The axis of the rates.
        y: The axis of the values, upwards.
    """

    rates: _Column
    values: _Column
    line: tuple[_Column, _Column]
    x: Axis
    y: Axis


def layout_of(curve: Curve, height: float, width_beside: Callable[[Axis], float]) -> Layout:
    """Lays a curve out.

    Args:
        curve: The curve; at least one value is finite.
        height: Height of the plot in pixels.
        width_beside: The width of the plot in pixels, beside a given axis of values.
    """
    sign = -1.0 if curve.mode == "max" else 1.0
    finite = np.isfinite(curve.losses)
    rates, losses = curve.learning_rates[finite], np.clip(curve.losses[finite], -HUGE, HUGE)
    lower, upper = _heights(curve, rates, losses)
    bottom, top = sorted((sign * lower, sign * upper))
    y = Axis(bottom, top, height)
    x = _x_axis(curve.learning_rates, rates[(losses >= lower) & (losses <= upper)], width_beside(y))
    across = x.places(rates)
    across = across[across <= x.length + OVERHANG]
    rates, losses = rates[: across.size], losses[: across.size]
    read = 0 if problem_of(curve) else curve.num_finite
    # The blow-up is cut, or it would show before it happens.
    places, smooth = _smooth(across[:read], np.minimum(losses[:read], 2 * upper - lower))
    return Layout(rates=rates, values=sign * losses, line=(x.values(places), sign * smooth), x=x, y=y)


def _x_axis(rates: _Column, visible: _Column, length: float) -> Axis:
    """All rates; of a linear axis, which nearly all is tail, those up to where the curve leaves for good."""
    is_log = not _is_even(rates)
    first, last = float(rates[0]), float(rates[-1] if is_log else visible[-1])
    return Axis(first, last, length, is_log) if first < last else Axis(first / 2, first * 2, length, is_log=True)


def _smooth(left: _Column, values: _Column) -> tuple[_Column, _Column]:
    """The line through the points as the analysis smooths: free of spikes, without lag; in columns of equal width."""
    if not left.size:
        return left, values
    bins = (left / _COLUMN).astype(np.int64)
    bins -= bins[0]
    counts = np.bincount(bins)
    held = counts > 0
    means = np.bincount(bins, running_median(values, _SPIKE_WINDOW)) / np.maximum(counts, 1)
    places = np.bincount(bins, left) / np.maximum(counts, 1)
    return places[held], zero_phase(means, _SIGMA, held.astype(np.float64))[held]


def _is_even(rates: _Column) -> bool:
    """Whether the rates are those of a linear sweep."""
    steps = np.diff(rates)
    return steps.size > 1 and float(np.ptp(steps)) < _EVEN * float(steps.mean())


def _heights(curve: Curve, rates: _Column, losses: _Column) -> tuple[float, float]:
    """Limits that show how the loss fell and let the blow-up leave, as the tab has them; they hold at least one loss."""
    lower, upper = float(losses.min()), float(losses.max())
    if not problem_of(curve):
        analysis = analyse(curve)
        held = losses[rates < analysis.blow_up_rate]
        falling = losses[rates <= analysis.learning_rates[analysis.lowest]]
        if min(held.size, falling.size) < _SHORT_FALL:
            upper = float(np.median(losses))
        else:
            lower = min(float(np.quantile(held, _OUTSIDE)), float(analysis.losses[analysis.lowest]))
            upper = max(float(np.quantile(falling, 1 - _OUTSIDE)), analysis.start)
    height = upper - lower
    margin = _MARGIN * height if height > RESOLUTION * abs(upper) else 0.05 * abs(upper)
    margin = margin if margin > _TINY else 1.0
    return lower - margin, upper + margin
