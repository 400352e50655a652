"""`Part` and `thin`: which rows are drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder.curves.drawing import Detail, Part, thin
from tb_lrfinder.curves.smoothing import ema
from tests.support.traces import rows_of, synthetic_curve

COLUMNS = ("step", "learning_rate", "loss")
RATES = np.geomspace(1e-6, 1.0, 2_000)
LOSSES = np.random.default_rng(0).normal(size=2_000)


def test_a_part_is_all_rows_less_those_at_the_ends():
    rows = rows_of(synthetic_curve(100))
    np.testing.assert_array_equal(Part().of(rows, COLUMNS, "loss"), rows)
    np.testing.assert_array_equal(Part(None, 10, 5).of(rows, COLUMNS, "loss"), rows[10:95])
    for skipped in (Part(None, 100), Part(None, 0, 100), Part(None, 60, 60)):
        assert len(skipped.of(rows, COLUMNS, "loss")) == 0


def test_a_loss_that_is_nan_was_measured_and_another_value_was_not():
    rows = np.column_stack([rows_of(synthetic_curve(6)), [1.0, np.nan, np.nan, 2.0, np.inf, 3.0]])
    rows[1, 2] = np.nan
    columns = (*COLUMNS, "accuracy")
    assert len(Part().of(rows, columns, "loss")) == 6
    np.testing.assert_array_equal(Part(None, 1, 1).of(rows, columns, "accuracy")[:, 3], [2.0, np.inf])


@pytest.mark.parametrize("max_points", [None, 2_000, 10_000])
def test_a_curve_that_is_no_longer_than_wanted_is_whole(max_points):
    assert thin(RATES, LOSSES, Detail(max_points, 0.9, 1e-3, 1e-2)) is None


tenths = st.integers(-80, 20)


@given(st.integers(4, 3_000), st.floats(0.0, 0.99), st.lists(tenths, min_size=2, max_size=2, unique=True))
def test_a_window_keeps_its_extremes_and_the_rows_beside_it(max_points, smoothing, window):
    lower, upper = 10.0 ** (np.sort(window) / 10)
    thinned = thin(RATES, LOSSES, Detail(max_points, smoothing, lower, upper))
    if max_points >= RATES.size:
        assert thinned is None
        return
    assert thinned is not None
    kept, smoothed = thinned
    averages = ema(LOSSES, smoothing)
    np.testing.assert_array_equal(smoothed, averages[kept])
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
    wide, close = (thin(RATES, LOSSES, Detail(400, 0.6, 1e-3, upper)) for upper in (1.0, 1e-2))
    assert wide is not None
    assert close is not None
    shown = [np.sum((RATES[kept] >= 1e-3) & (RATES[kept] <= 1e-2)) for kept, _ in (wide, close)]
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
def test_a_detail_that_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        Detail(**arguments)
    assert str(caught.value) == message
