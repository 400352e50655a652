"""`RangeTestResult.plot`: the picture of the tab, on Matplotlib's axes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tb_lrfinder import Curve, RangeTestResult, numerals
from tb_lrfinder.curves.layout import layout_of
from tests.support.results import CURVE, result_of


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def points_and_line(axes: Any) -> tuple[Any, Any]:
    return tuple(line for line in axes.get_lines() if len(line.get_xdata()) > 2)


def with_spread(result: RangeTestResult) -> RangeTestResult:
    curve = result.curve
    history = {"learning_rate": curve.learning_rates, "loss": curve.losses, "loss_std": np.full(len(curve), 0.25)}
    return replace(result, history=history)


def test_all_points_are_faint_and_the_line_through_them_is_smooth():
    axes = result_of(CURVE).plot()
    points, line = points_and_line(axes)
    np.testing.assert_array_equal(points.get_xdata(), CURVE.learning_rates)
    np.testing.assert_array_equal(points.get_ydata(), CURVE.losses)
    assert points.get_alpha() < 1
    assert np.abs(np.diff(line.get_ydata()[:100])).mean() < 0.2 * np.abs(np.diff(CURVE.losses[:100])).mean()
    assert axes.get_xscale() == "log"
    assert axes.get_ylabel() == "loss"


def test_the_limits_are_those_of_the_notebook_and_the_blow_up_leaves_them():
    axes = result_of(CURVE).plot()
    layout = layout_of(CURVE, 300, lambda _: 640)
    assert axes.get_xlim() == pytest.approx((layout.x.lower, layout.x.upper))
    assert axes.get_ylim() == pytest.approx((layout.y.lower, layout.y.upper))
    assert axes.get_ylim()[1] < np.nanmax(CURVE.losses)


def test_rate_and_band_are_those_of_the_suggestion():
    result = result_of(CURVE)
    axes = result.plot()
    rate, band = result.suggestion.learning_rate, result.suggestion.band
    assert rate is not None
    assert band is not None
    assert axes.get_legend().get_texts()[0].get_text() == f"suggested {numerals.rate(rate)}"
    (span,) = axes.patches
    assert (span.get_x(), span.get_x() + span.get_width()) == pytest.approx(band)
    _, line = points_and_line(axes)
    (dot,) = [one for one in axes.get_lines() if one.get_marker() == "o"]
    assert dot.get_xdata() == [rate]
    assert line.get_ydata().min() < dot.get_ydata()[0] < line.get_ydata()[0]


def test_the_blow_up_edge_is_a_thin_line_with_its_rate_in_the_legend():
    result = result_of(CURVE)
    axes, edge = result.plot(), result.suggestion.edge
    assert edge is not None
    (line,) = [one for one in axes.get_lines() if one.get_linestyle() == ":"]
    assert list(line.get_xdata()) == [edge, edge]
    assert axes.get_legend().get_texts()[1].get_text() == f"blow-up edge {numerals.rate(edge)}"


def test_an_accuracy_rises_under_its_own_name_and_has_no_spread():
    curve = Curve(CURVE.learning_rates, -CURVE.losses, "val_accuracy", "max")
    axes = with_spread(result_of(curve)).plot()
    points, _ = points_and_line(axes)
    np.testing.assert_array_equal(points.get_ydata(), -CURVE.losses)
    assert axes.get_ylabel() == "val_accuracy"
    assert not axes.collections


def test_the_spread_of_a_loss_is_shaded_around_the_line():
    axes = with_spread(result_of(CURVE)).plot()
    _, line = points_and_line(axes)
    (shade,) = axes.collections
    (outline,) = [path.vertices for path in shade.get_paths()]
    assert outline[:, 1].min() == pytest.approx(line.get_ydata().min() - 0.25)


def test_a_linear_sweep_has_a_linear_axis():
    rates = np.linspace(0.001, 1.0, len(CURVE))
    assert result_of(Curve(rates, CURVE.losses)).plot().get_xscale() == "linear"


@pytest.mark.parametrize("curve", [Curve([], []), Curve([0.1, 0.2], [np.nan, np.nan]), Curve([0.1, 0.2], [1.0, 2.0])])
def test_a_curve_that_says_nothing_is_drawn_without_a_suggestion(curve):
    axes = result_of(curve).plot()
    assert axes.get_legend() is None
    assert axes.get_xlabel() == "learning rate"


def test_draws_on_axes_that_are_given():
    import matplotlib.pyplot as plt

    _, (one, other) = plt.subplots(1, 2)
    assert result_of(CURVE).plot(other) is other
    assert not one.get_lines()


def test_says_what_to_install_where_matplotlib_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="needs matplotlib"):
        result_of(CURVE).plot()
