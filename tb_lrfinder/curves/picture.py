"""The picture of a curve as SVG text, for where there is no tab: in a notebook.

It shows one curve as the tab does, in the same colours: raw points faint, a smooth line strong, the usable band shaded, a
line at the suggested rate and a thin one at the blow-up edge. What has blown up runs out of the plot. Axes and labels take
the colour of the surrounding text, so that they can be read wherever that text can, light or dark.

The SVG holds no ids, which would collide where two pictures stand in one page: an inner SVG clips what lies outside of the
plot.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.choices import Mode
from tb_lrfinder.curves.axes import Axis
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.decimation import decimate
from tb_lrfinder.curves.layout import LINE, OVERHANG, SUGGESTED, Layout, layout_of

_WIDTH, _HEIGHT = 640, 300
_TOP, _BOTTOM, _RIGHT = 30, 48, 16
# Room for the title of the axis of values and the gap to its labels; the least for both.
_TITLE, _LEAST_LEFT = 36, 62
_PLOT_HEIGHT = _HEIGHT - _TOP - _BOTTOM
_Y_TICKS = 5
# More points than these are drawn as a line through the extremes of the columns of the picture.
_MAX_POINTS = 800
_LONGEST_NAME = 36
_CHARACTER = 7.0
# Between the line of the blow-up edge and its name, and the width of a character of that.
_EDGE_GAP, _SMALL_CHARACTER = 5, 5.8

_Column = NDArray[np.float64]


def draw(
    curve: Curve,
    rate: float | None = None,
    band: tuple[float, float] | None = None,
    edge: float | None = None,
) -> str:
    """Draws a curve.

    Args:
        curve: The curve; with `mode="max"` the values are drawn as they were measured.
        rate: The suggested rate, at which a line is drawn.
        band: The usable band, which is shaded.
        edge: The blow-up edge, at which a thin line is drawn.

    Returns:
        An `<svg>` element of less than 25 kB, however long the curve is; empty when no value is finite.
    """
    if not np.isfinite(curve.losses).any():
        return ""
    layout = layout_of(curve, _PLOT_HEIGHT, _width_beside)
    marks = (*_edge(layout, edge, rate, curve.mode), *_suggested_rate(layout, rate))
    inside = "".join((*_band(layout, band), *_raw(layout), *_line(layout), *marks))
    around = "".join((*_axes(layout, curve.monitor), *_label(layout, rate)))
    label = html.escape(f"{curve.monitor} against learning rate")
    width = layout.x.length
    # Notebooks give every SVG a height of their own, unless it has one in its style.
    style = f"width:{width + 2 * OVERHANG}px;height:{_PLOT_HEIGHT}px;max-width:none"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'fill="none" font-size="12" style="display:block;width:100%;max-width:{_WIDTH}px;height:auto">'
        f"<title>{label}</title><desc>{_description(curve, rate, band, edge)}</desc>"
        f'<g transform="translate({_WIDTH - _RIGHT - width} {_TOP})">'
        f'<svg x="{-OVERHANG}" width="{width + 2 * OVERHANG}" height="{_PLOT_HEIGHT}" overflow="hidden" style="{style}" '
        f'viewBox="{-OVERHANG} 0 {width + 2 * OVERHANG} {_PLOT_HEIGHT}">{inside}</svg>{around}</g></svg>'
    )


def _width_beside(y: Axis) -> float:
    return _WIDTH - max(_LEAST_LEFT, _TITLE + _CHARACTER * max(len(text) for _, text in y.ticks(_Y_TICKS))) - _RIGHT


def _points(layout: Layout, rates: _Column, values: _Column) -> tuple[_Column, _Column]:
    """Pixels from the left and from the top edge of the plot, clipped far outside of it."""
    length = layout.y.length
    return layout.x.places(rates), np.clip(length - layout.y.places(values), -2 * length, 3 * length)


def _axes(layout: Layout, name: str) -> Iterator[str]:
    """Grid, ticks and titles, in the colour of the text around."""
    width, height = layout.x.length, _PLOT_HEIGHT
    across = [(layout.x.place(tick), text) for tick, text in layout.x.ticks(10)]
    up = [(height - layout.y.place(tick), text) for tick, text in layout.y.ticks(_Y_TICKS)]
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


def _band(layout: Layout, band: tuple[float, float] | None) -> Iterator[str]:
    if band is not None:
        left, right = (layout.x.place(rate) for rate in band)
        area = f'x="{left:.1f}" width="{max(0.0, right - left):.1f}" height="{_PLOT_HEIGHT}"'
        yield f'<rect {area} fill="{LINE}" fill-opacity="0.12"/>'
        edges = f"M{left:.1f},0v{_PLOT_HEIGHT}M{right:.1f},0v{_PLOT_HEIGHT}"
        yield f'<path d="{edges}" stroke="{LINE}" stroke-opacity="0.45"/>'


def _raw(layout: Layout) -> Iterator[str]:
    """The points; of more than can be told apart, the line through the extremes."""
    left, top = _points(layout, layout.rates, layout.values)
    if left.size > _MAX_POINTS:
        # Made for rates, whose logarithms it cuts into columns: these are where they are drawn, on either kind of axis.
        kept = decimate(10.0 ** (left / layout.x.length), (top,), _MAX_POINTS)
        yield _path(left[kept], top[kept], f'stroke="{LINE}" stroke-opacity="0.25" stroke-linejoin="bevel"')
        return
    inside = (top >= 0) & (top <= _PLOT_HEIGHT)
    dots = "".join(f"M{x:.1f},{y:.1f}h0" for x, y in zip(left[inside], top[inside], strict=True))
    width = 3.5 if layout.line[0].size else 7
    yield f'<path d="{dots}" stroke="{LINE}" stroke-opacity="0.5" stroke-width="{width}" stroke-linecap="round"/>'


def _line(layout: Layout) -> Iterator[str]:
    if layout.line[0].size:
        yield _path(*_points(layout, *layout.line), f'stroke="{LINE}" stroke-width="2" stroke-linejoin="round"')


def _path(left: _Column, top: _Column, style: str) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(left, top, strict=True))
    return f'<path d="M{points}" {style}/>'


def _edge(layout: Layout, edge: float | None, rate: float | None, mode: Mode) -> Iterator[str]:
    """A line with its name beside the end that the curve is far from, left of it where the suggested rate leaves room."""
    left = math.nan if edge is None else layout.x.place(edge)
    if edge is None or not 0 <= left <= layout.x.length:
        return
    yield f'<path d="M{left:.1f},0v{_PLOT_HEIGHT}" stroke="{LINE}" stroke-dasharray="2 3"/>'
    text = f"edge {numerals.rate(edge)}"
    taken = 0.0 if rate is None or rate > edge else max(0.0, layout.x.place(rate))
    is_left = left - _EDGE_GAP - _SMALL_CHARACTER * len(text) > taken
    anchor, across = ("end", left - _EDGE_GAP) if is_left else ("start", left + _EDGE_GAP)
    down = 12 if mode == "min" else _PLOT_HEIGHT - 6
    yield f'<text x="{across:.1f}" y="{down}" text-anchor="{anchor}" font-size="11" fill="currentColor">{text}</text>'


def _suggested_rate(layout: Layout, rate: float | None) -> Iterator[str]:
    if rate is None:
        return
    left = layout.x.place(rate)
    yield f'<path d="M{left:.1f},0v{_PLOT_HEIGHT}" stroke="{SUGGESTED}" stroke-width="1.5" stroke-dasharray="4 4"/>'
    if layout.line[0].size:
        top = np.interp(left, *_points(layout, *layout.line))
        yield f'<circle cx="{left:.1f}" cy="{top:.1f}" r="5" fill="{SUGGESTED}"/>'


def _label(layout: Layout, rate: float | None) -> Iterator[str]:
    """The rate in a frame above its line, as far as it can be without leaving the picture."""
    if rate is None:
        return
    text = numerals.rate(rate)
    half = (_CHARACTER * len(text) + 14) / 2
    left = min(max(layout.x.place(rate), half), layout.x.length - half)
    frame = f'x="{left - half:.1f}" y="-25" width="{2 * half:.1f}" height="20" rx="4"'
    yield f'<rect {frame} stroke="{SUGGESTED}" stroke-width="1.5"/>'
    yield f'<text x="{left:.1f}" y="-11" text-anchor="middle" font-weight="600" fill="currentColor">{text}</text>'


def _description(curve: Curve, rate: float | None, band: tuple[float, float] | None, edge: float | None) -> str:
    first, last = map(numerals.rate, curve.learning_rates[[0, -1]])
    swept = f"{len(curve)} learning rates from {first} to {last}."
    found = "No suggested rate." if rate is None else f"Suggested rate: {numerals.rate(rate)}."
    usable = "" if band is None else f" Usable band: {numerals.rate(band[0])} to {numerals.rate(band[1])}."
    breaks = "" if edge is None else f" Blow-up edge: {numerals.rate(edge)}."
    return f"{swept} {found}{usable}{breaks}"
