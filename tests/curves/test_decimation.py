"""Which rows are drawn: slices, epochs, and the extremes of what is thinned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import Curve
from tb_lrfinder.columns import Table
from tb_lrfinder.curves.decimation import Resolution, RowSlice, by_epoch, decimate, thin
from tb_lrfinder.curves.smoothing import ema
from tests.support.traces import rows_of, synthetic_curve

COLUMNS = ("step", "learning_rate", "loss")
RATES = np.geomspace(1e-6, 1.0, 2_000)
LOSSES = np.random.default_rng(0).normal(size=2_000)
TABLE = Table.of({"step": np.arange(2_000), "learning_rate": RATES, "loss": LOSSES})


def test_a_slice_is_all_rows_less_those_at_the_ends():
    table = Table(COLUMNS, rows_of(synthetic_curve(100)))
    np.testing.assert_array_equal(RowSlice().of(table, "loss").values, table.values)
    np.testing.assert_array_equal(RowSlice(None, 10, 5).of(table, "loss").values, table.values[10:95])
    for skipped in (RowSlice(None, 100), RowSlice(None, 0, 100), RowSlice(None, 60, 60)):
        assert len(skipped.of(table, "loss")) == 0


def test_a_loss_that_is_nan_was_measured_and_another_value_was_not():
    table = Table(COLUMNS, rows_of(synthetic_curve(6)))
    losses = np.array([1.0, np.nan, 1.0, 1.0, 1.0, 1.0])
    accuracies = np.array([1.0, np.nan, np.nan, 2.0, np.inf, 3.0])
    table = table.with_column("loss", losses).with_column("accuracy", accuracies)
    assert len(RowSlice().of(table, "loss")) == 6
    np.testing.assert_array_equal(RowSlice(None, 1, 1).of(table, "accuracy")["accuracy"], [2.0, np.inf])


@pytest.mark.parametrize("max_points", [None, 2_000, 10_000])
def test_a_curve_that_is_no_longer_than_wanted_is_whole(max_points):
    assert thin(TABLE, "loss", Resolution(max_points, 0.9, 1e-3, 1e-2)) is None


tenths = st.integers(-80, 20)


@given(st.integers(4, 3_000), st.floats(0.0, 0.99), st.lists(tenths, min_size=2, max_size=2, unique=True))
def test_a_window_keeps_its_extremes_and_the_rows_beside_it(max_points, smoothing, window):
    lower, upper = 10.0 ** (np.sort(window) / 10)
    thinned = thin(TABLE, "loss", Resolution(max_points, smoothing, lower, upper))
    if max_points >= RATES.size:
        assert thinned is None
        return
    assert thinned is not None
    kept, averages = thinned["step"].astype(int), ema(LOSSES, smoothing)
    np.testing.assert_array_equal(thinned.values[:, :3], TABLE.values[kept])
    np.testing.assert_array_equal(thinned["smoothed"], averages[kept])
    assert np.all(np.diff(kept) > 0)
    assert len(kept) <= max_points + 2
    inside = np.flatnonzero((lower <= RATES) & (upper >= RATES))
    first, last = np.searchsorted(RATES, lower), np.searchsorted(RATES, upper, "right")
    assert {first - 1, last} & set(range(RATES.size)) <= set(kept.tolist()) <= {first - 1, last, *inside}
    for values in (LOSSES, averages):
        if inside.size:
            shown = values[np.intersect1d(kept, inside)]
            assert (shown.min(), shown.max()) == (values[inside].min(), values[inside].max())


def test_a_closer_window_shows_more_of_it():
    wide, close = (thin(TABLE, "loss", Resolution(400, 0.6, 1e-3, upper)) for upper in (1.0, 1e-2))
    assert wide is not None
    assert close is not None
    shown = [np.sum((table["learning_rate"] >= 1e-3) & (table["learning_rate"] <= 1e-2)) for table in (wide, close)]
    assert shown[1] > 2 * shown[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_points": 3}, "`max_points` must be a whole number of at least 4. Received: max_points=3."),
        ({"smoothing": 1.0}, "`smoothing` must be in [0, 1). Received: smoothing=1.0."),
        (
            {"lower": 0.1, "upper": 0.1},
            "`lower` must be zero or positive, and below `upper`. Received: lower=0.1, upper=0.1.",
        ),
        (
            {"lower": float("nan")},
            "`lower` must be zero or positive, and below `upper`. Received: lower=nan, upper=inf.",
        ),
    ],
)
def test_a_resolution_that_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        Resolution(**arguments)
    assert str(caught.value) == message


def training(rows):
    return Table((*COLUMNS, "epoch"), np.array(rows))


def test_an_epoch_has_its_last_rate_and_its_mean_loss():
    steps = np.arange(9.0)
    rows = np.column_stack([steps, np.repeat([0.1, 0.2, 0.3], 3), steps, (steps + 1) / 3])
    expected = [[2.0, 0.1, 1.0, 1.0], [5.0, 0.2, 4.0, 2.0], [8.0, 0.3, 7.0, 3.0]]
    np.testing.assert_allclose(by_epoch(training(rows)).values, expected)


def test_a_row_weighs_as_much_as_the_steps_it_stands_for():
    reduced = by_epoch(training([[0.0, 0.1, 1.0, 0.25], [3.0, 0.1, 5.0, 1.0], [4.0, 0.2, 7.0, 1.25]]))
    np.testing.assert_allclose(reduced.values, [[3.0, 0.1, 4.0, 1.0], [4.0, 0.2, 7.0, 1.25]])


def test_a_loss_beyond_all_bounds_makes_the_mean_of_its_epoch_so():
    table = Table.of(
        {"step": np.arange(4.0), "epoch": [0.5, 1.0, 1.5, 2.0], "loss": [1.7e308, 1.7e308, np.inf, -np.inf]}
    )
    assert not np.isfinite(by_epoch(table)["loss"]).any()


def test_no_rows_stay_no_rows():
    assert by_epoch(training(np.empty((0, 4)))).values.shape == (0, 4)


curves = st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=300).map(
    lambda losses: Curve(np.geomspace(1e-7, 10.0, len(losses)), losses)
)


@given(curves, st.integers(4, 400))
def test_decimation_keeps_the_extremes_and_never_grows(curve, max_points):
    smoothed = ema(curve.losses, 0.9)
    kept = decimate(curve.learning_rates, (curve.losses, smoothed), max_points)
    assert len(kept) <= max_points
    assert np.all(np.diff(kept) > 0)
    for series in (curve.losses, smoothed):
        finite = series[np.isfinite(series)]
        if finite.size:
            assert np.nanmin(series[kept]) == finite.min()
            assert np.nanmax(series[kept]) == finite.max()


def test_decimation_keeps_the_extremes_of_every_bin():
    rates = np.geomspace(1e-4, 1.0, 4001)
    losses = np.random.default_rng(0).normal(size=4001)
    kept = decimate(rates, (losses,), 80)
    bins = np.minimum((np.log(rates / 1e-4) / np.log(1e4) * 40).astype(int), 39)
    for index in range(40):
        inside = losses[bins == index]
        shown = losses[kept[bins[kept] == index]]
        assert (shown.min(), shown.max()) == (inside.min(), inside.max())


def test_decimation_refuses_fewer_points_than_one_bin_has():
    with pytest.raises(ValueError, match="`max_points` must be at least 4. Received: max_points=3."):
        decimate(np.ones(1), (np.ones(1), np.ones(1)), 3)


def test_decimation_breaks_the_line_where_it_was_broken():
    losses = np.ones(1000)
    losses[400:600] = np.nan
    kept = decimate(np.geomspace(1e-4, 1.0, 1000), (losses,), 20)
    assert np.isnan(losses[kept]).tolist() == [False] * 4 + [True] * 2 + [False] * 4


def test_many_rows_of_one_rate_are_thinned():
    # `np.geomspace` between two such rates ends above them.
    rates = np.full(30, 0.23509384145773038)
    assert decimate(rates, (np.arange(30.0),), 20).tolist() == [0, 29]
