"""The picture of a result on Matplotlib's axes, as the tab draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_lrfinder import numerals
from tb_lrfinder.columns import LEARNING_RATE, LOSS, LOSS_STD
from tb_lrfinder.curves.layout import LINE, SUGGESTED, Layout, layout_of

if TYPE_CHECKING:
    from tb_lrfinder.loops.result import RangeTestResult

# The size that the smooth line is made for.
_WIDTH, _HEIGHT = 640, 300


def new_axes() -> Any:
    """Axes of a figure of their own.

    Raises:
        ImportError: If Matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError("`plot()` needs matplotlib: `pip install matplotlib`.") from None
    return plt.subplots(figsize=(8, 4))[1]


def draw_on(ax: Any, result: RangeTestResult) -> None:
    """Draws the points of a result faint, the smooth line through them strong, spread, usable band and the marked rates."""
    curve, suggestion = result.curve, result.suggestion
    if np.isfinite(curve.losses).any():
        layout = layout_of(curve, _HEIGHT, lambda _: _WIDTH)
        ax.plot(layout.rates, layout.values, ".", color=LINE, alpha=0.5, markersize=5, markeredgewidth=0)
        ax.plot(*layout.line, color=LINE, linewidth=2)
        _spread(ax, result, layout)
        ax.set_xscale("log" if layout.x.is_log else "linear")
        ax.set_xlim(layout.x.lower, layout.x.upper)
        ax.set_ylim(layout.y.lower, layout.y.upper)
        if suggestion.learning_rate is not None and layout.line[0].size:
            height = np.interp(
                layout.x.place(suggestion.learning_rate), layout.x.places(layout.line[0]), layout.line[1]
            )
            ax.plot([suggestion.learning_rate], [height], "o", color=SUGGESTED)
    if suggestion.band is not None:
        ax.axvspan(*suggestion.band, color=LINE, alpha=0.12, linewidth=0)
    if suggestion.learning_rate is not None:
        text = f"suggested {numerals.rate(suggestion.learning_rate)}"
        ax.axvline(suggestion.learning_rate, color=SUGGESTED, linestyle="--", linewidth=1.5, label=text)
    if suggestion.edge is not None:
        text = f"blow-up edge {numerals.rate(suggestion.edge)}"
        ax.axvline(suggestion.edge, color=LINE, linestyle=":", linewidth=1, label=text)
    if suggestion.learning_rate is not None or suggestion.edge is not None:
        ax.legend()
    ax.set_xlabel("learning rate")
    ax.set_ylabel(curve.monitor)


def _spread(ax: Any, result: RangeTestResult, layout: Layout) -> None:
    """One standard deviation on each side of the smooth line: only that of the loss is recorded."""
    if result.curve.monitor != LOSS or LOSS_STD not in result.history or not layout.line[0].size:
        return
    rates, heights = layout.line
    spread = np.interp(rates, result.history[LEARNING_RATE], result.history[LOSS_STD])
    ax.fill_between(rates, heights - spread, heights + spread, color=LINE, alpha=0.2, linewidth=0)
