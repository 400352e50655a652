"""The picture of a curve as SVG text, for where there is no tab: in a notebook.

It shows one curve as the tab does, in the same colours: raw points faint, a smooth line strong, the usable band shaded, a
line at the suggested rate; the blow-up runs out of the plot. Axes and labels take the colour of the surrounding text, so
that they can be read wherever that text can, light or dark.

The SVG holds no ids, which would collide where two pictures stand in one page: an inner SVG clips what lies outside of the
plot.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.curves.analysis import analyse, problem_of
from tb_lrfinder.curves.axes import Axis
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.decimation import decimate
from tb_lrfinder.curves.smoothing import running_median, zero_phase

_WIDTH, _HEIGHT = 640, 300
_TOP, _BOTTOM, _RIGHT = 30, 48, 16
# Room for the title of the axis of values and the gap to its labels; the least for both.
_TITLE, _LEAST_LEFT = 36, 62
# Points at the ends of the sweep are whole.
_OVERHANG = 6
_PLOT_HEIGHT = _HEIGHT - _TOP - _BOTTOM
_LINE, _SUGGESTED = "#12b5cb", "#e8710a"
# More points than these are drawn as a line through the extremes of the columns of the picture.
_MAX_POINTS = 800
# Width of the columns in which points are averaged, standard deviation of the kernel that smooths those, in columns.
_COLUMN, _SIGMA = 2.0, 4.0
_SPIKE_WINDOW = 5
# Points of the falling part below which its height says nothing.
_SHORT_FALL = 5
# The lowest of the points before the blow-up and the highest before the lowest one may lie outside: this share of them.
_OUTSIDE = 0.02
_MARGIN = 0.06
# float32 losses that differ by less than this share are equal.
_RESOLUTION = 1e-6
# Losses beyond this are cut, so that their differences stay finite; heights below that are none, so that their ratios do.
_HUGE, _TINY = 1e150, 1e-150
# Rates are taken for evenly spaced when their differences differ by less than this share: they are stored as float32.
_EVEN = 1e-3
_LONGEST_NAME = 36
_CHARACTER = 7.0

_Column = NDArray[np.float64]


@dataclass(frozen=True)
class _Layout:
    """A curve on its axes.

    Attributes:
        left: Pixels from the left edge to each point with a finite value, shape `[n]`.
        top: Pixels from the top edge, shape `[n]`, clipped far outside of the plot.
        line: The smooth line as `left` and `top`; empty for a curve that cannot be analysed.
        x: The axis of the rates.
        y: The axis of the values, upwards.
        y_ticks: The values of the ticks of `y` and their labels.
    """

    left: _Column
    top: _Column
    line: tuple[_Column, _Column]
    x: Axis
    y: Axis
    y_ticks: list[tuple[float, str]]


def draw(curve: Curve, rate: float | None = None, band: tuple[float, float] | None = None) -> str:
    """Draws a curve.

    Args:
        curve: The curve; with `mode="max"` the values are drawn as they were measured.
        rate: The suggested rate, at which a line is drawn.
        band: The usable band, which is shaded.

    Returns:
        An `<svg>` element of less than 25 kB, however long the curve is; empty when no value is finite.
    """
    if not np.isfinite(curve.losses).any():
        return ""
    layout = _layout(curve)
    inside = "".join((*_band(layout, band), *_raw(layout), *_line(layout), *_suggested_rate(layout, rate)))
    around = "".join((*_axes(layout, curve.monitor), *_label(layout, rate)))
    label = html.escape(f"{curve.monitor} against learning rate")
    width = layout.x.length
    # Notebooks give every SVG a height of their own, unless it has one in its style.
    style = f"width:{width + 2 * _OVERHANG}px;height:{_PLOT_HEIGHT}px;max-width:none"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'fill="none" font-size="12" style="display:block;width:100%;max-width:{_WIDTH}px;height:auto">'
        f"<title>{label}</title><desc>{_description(curve, rate, band)}</desc>"
        f'<g transform="translate({_WIDTH - _RIGHT - width} {_TOP})">'
        f'<svg x="{-_OVERHANG}" width="{width + 2 * _OVERHANG}" height="{_PLOT_HEIGHT}" overflow="hidden" style="{style}" '
        f'viewBox="{-_OVERHANG} 0 {width + 2 * _OVERHANG} {_PLOT_HEIGHT}">{inside}</svg>{around}</g></svg>'
    )


def _layout(curve: Curve) -> _Layout:
    sign = -1.0 if curve.mode == "max" else 1.0
    finite = np.isfinite(curve.losses)
    rates, losses = curve.learning_rates[finite], np.clip(curve.losses[finite], -_HUGE, _HUGE)
    lower, upper = _heights(curve, rates, losses)
    bottom, top = sorted((sign * lower, sign * upper))
    y = Axis(bottom, top, _PLOT_HEIGHT)
    y_ticks = y.ticks(5)
    left = max(_LEAST_LEFT, _TITLE + _CHARACTER * max(len(text) for _, text in y_ticks))
    x = _x_axis(curve.learning_rates, rates[(losses >= lower) & (losses <= upper)], _WIDTH - left - _RIGHT)
    across = x.places(rates)
    across = across[across <= x.length + _OVERHANG]
    losses = losses[: across.size]
    read = 0 if problem_of(curve) else curve.num_finite
    # The blow-up is cut, or it would show before it happens.
    line = _smooth(across[:read], np.minimum(losses[:read], 2 * upper - lower))
    return _Layout(across, _down(y, sign * losses), (line[0], _down(y, sign * line[1])), x, y, y_ticks)


def _down(y: Axis, values: _Column) -> _Column:
    return np.clip(y.length - y.places(values), -2 * y.length, 3 * y.length)


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
    margin = _MARGIN * height if height > _RESOLUTION * abs(upper) else 0.05 * abs(upper)
    margin = margin if margin > _TINY else 1.0
    return lower - margin, upper + margin


def _axes(layout: _Layout, name: str) -> Iterator[str]:
    """Grid, ticks and titles, in the colour of the text around."""
    width, height = layout.x.length, _PLOT_HEIGHT
    across = [(layout.x.place(tick), text) for tick, text in layout.x.ticks(10)]
    up = [(height - layout.y.place(tick), text) for tick, text in layout.y_ticks]
    grid = "".join(f"M{left:.1f},0v{height}" for left, _ in across) + "".join(f"M0,{top:.1f}h{width}" for top, _ in up)
    yield f'<path d="{grid}" stroke="currentColor" stroke-opacity="0.12"/>'
    yield f'<path d="M0,0v{height}h{width}" stroke="currentColor" stroke-opacity="0.5"/>'
    yield '<g fill="currentColor" fill-opacity="0.75">'
    for left, text in across:
        yield f'<text x="{left:.1f}" y="{height + 18}" text-anchor="middle">{text}</text>'
    for top, text in up:
        yield f'<text x="-8" y="{top + 4:.1f}" text-anchor="end">{text}</text>'
    kind = " (log)" if layout.x.is_log else ""
    yield f'<text x="{width / 2}" y="{height + 40}" text-anchor="middle">learning rate{kind}</text>'
    shown = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    place = f"translate({14 + _RIGHT + width - _WIDTH} {height / 2}) rotate(-90)"
    yield f'<text transform="{place}" text-anchor="middle">{html.escape(shown)}</text></g>'


def _band(layout: _Layout, band: tuple[float, float] | None) -> Iterator[str]:
    if band is not None:
        left, right = (layout.x.place(rate) for rate in band)
        area = f'x="{left:.1f}" width="{max(0.0, right - left):.1f}" height="{_PLOT_HEIGHT}"'
        yield f'<rect {area} fill="{_LINE}" fill-opacity="0.12"/>'
        edges = f"M{left:.1f},0v{_PLOT_HEIGHT}M{right:.1f},0v{_PLOT_HEIGHT}"
        yield f'<path d="{edges}" stroke="{_LINE}" stroke-opacity="0.45"/>'


def _raw(layout: _Layout) -> Iterator[str]:
    """The points; of more than can be told apart, the line through the extremes."""
    left, top = layout.left, layout.top
    if left.size > _MAX_POINTS:
        # Made for rates, whose logarithms it cuts into columns: these are where they are drawn, on either kind of axis.
        kept = decimate(10.0 ** (left / layout.x.length), (top,), _MAX_POINTS)
        yield _path(left[kept], top[kept], f'stroke="{_LINE}" stroke-opacity="0.25" stroke-linejoin="bevel"')
        return
    inside = (top >= 0) & (top <= _PLOT_HEIGHT)
    dots = "".join(f"M{x:.1f},{y:.1f}h0" for x, y in zip(left[inside], top[inside], strict=True))
    width = 3.5 if layout.line[0].size else 7
    yield f'<path d="{dots}" stroke="{_LINE}" stroke-opacity="0.5" stroke-width="{width}" stroke-linecap="round"/>'


def _line(layout: _Layout) -> Iterator[str]:
    if layout.line[0].size:
        yield _path(*layout.line, f'stroke="{_LINE}" stroke-width="2" stroke-linejoin="round"')


def _path(left: _Column, top: _Column, style: str) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(left, top, strict=True))
    return f'<path d="M{points}" {style}/>'


def _suggested_rate(layout: _Layout, rate: float | None) -> Iterator[str]:
    if rate is None:
        return
    left = layout.x.place(rate)
    yield f'<path d="M{left:.1f},0v{_PLOT_HEIGHT}" stroke="{_SUGGESTED}" stroke-width="1.5" stroke-dasharray="4 4"/>'
    if layout.line[0].size:
        yield f'<circle cx="{left:.1f}" cy="{np.interp(left, *layout.line):.1f}" r="5" fill="{_SUGGESTED}"/>'


def _label(layout: _Layout, rate: float | None) -> Iterator[str]:
    """The rate in a frame above its line, as far as it can be without leaving the picture."""
    if rate is None:
        return
    text = numerals.rate(rate)
    half = (_CHARACTER * len(text) + 14) / 2
    left = min(max(layout.x.place(rate), half), layout.x.length - half)
    frame = f'x="{left - half:.1f}" y="-25" width="{2 * half:.1f}" height="20" rx="4"'
    yield f'<rect {frame} stroke="{_SUGGESTED}" stroke-width="1.5"/>'
    yield f'<text x="{left:.1f}" y="-11" text-anchor="middle" font-weight="600" fill="currentColor">{text}</text>'


def _description(curve: Curve, rate: float | None, band: tuple[float, float] | None) -> str:
    first, last = map(numerals.rate, curve.learning_rates[[0, -1]])
    swept = f"{len(curve)} learning rates from {first} to {last}."
    found = "No suggested rate." if rate is None else f"Suggested rate: {numerals.rate(rate)}."
    usable = "" if band is None else f" Usable band: {numerals.rate(band[0])} to {numerals.rate(band[1])}."
    return f"{swept} {found}{usable}"
