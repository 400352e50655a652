"""Smoothing and decimation: closed forms and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import Curve
from tb_lrfinder.curves.decimation import decimate
from tb_lrfinder.curves.smoothing import ema, running_median, zero_phase, zero_phase_error

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60).map(
    lambda numbers: np.asarray(numbers, dtype=np.float64)
)
weights = st.floats(0.0, 0.99)


@pytest.mark.parametrize("smoothing", [0.0, 0.6, 0.99])
def test_ema_of_a_constant_is_the_constant(smoothing):
    np.testing.assert_array_equal(ema([0.1] * 50, smoothing), [0.1] * 50)


def test_ema_equals_its_closed_form():
    y, w = np.array([3.0, -1.0, 4.0, 1.5]), 0.6
    expected = [(1 - w) * sum(w ** (i - j) * y[j] for j in range(i + 1)) / (1 - w ** (i + 1)) for i in range(len(y))]
    np.testing.assert_allclose(ema(y, w), expected, rtol=1e-14)


def test_ema_passes_non_finite_values_and_keeps_its_state():
    with_gap = ema([1.0, np.nan, 3.0, np.inf, 5.0], 0.6)
    without = ema([1.0, 3.0, 5.0], 0.6)
    np.testing.assert_array_equal(with_gap[[0, 2, 4]], without)
    assert np.isnan(with_gap[1])
    assert np.isinf(with_gap[3])


@pytest.mark.parametrize("smoothing", [0.001, 0.3, 0.6, 0.9, 0.99, 0.9999])
def test_ema_equals_the_loop_that_defines_it(smoothing):
    y = np.exp(np.random.default_rng(0).normal(0.0, 5.0, 5_000))
    y[[0, 7, 8, 4_999]] = [np.nan, np.inf, -np.inf, np.nan]
    expected, last, bias = y.tolist(), 0.0, 1.0
    for index in np.flatnonzero(np.isfinite(y)).tolist():
        last = smoothing * last + (1 - smoothing) * expected[index]
        bias *= smoothing
        expected[index] = last / (1 - bias)
    np.testing.assert_allclose(ema(y, smoothing), expected, rtol=1e-12)


def test_ema_of_huge_values_is_finite():
    assert np.all(np.isfinite(ema([1e308, -1e308, 1.7e308] * 100, 0.9)))


@given(values, weights)
def test_ema_stays_between_the_extremes(y, w):
    smoothed = ema(y, w)
    slack = 1e-9 * np.abs(y).max()
    assert smoothed.min() >= y.min() - slack
    assert smoothed.max() <= y.max() + slack


@pytest.mark.parametrize("smoothing", [1.0, -0.1, float("nan")])
def test_ema_refuses_a_weight_outside_its_range(smoothing):
    with pytest.raises(ValueError, match=r"`smoothing` must be in \[0, 1\). Received: smoothing="):
        ema([1.0, 2.0], smoothing)


def test_zero_phase_keeps_a_line_straight_and_a_symmetric_valley_in_place():
    line = np.linspace(0.0, 1.0, 101)
    np.testing.assert_allclose(zero_phase(line, 4.0)[12:-12], line[12:-12], rtol=1e-12)
    valley = np.square(np.linspace(-50.0, 50.0, 101))
    assert int(np.argmin(zero_phase(valley, 4.0))) == 50


def test_zero_phase_leaves_out_what_has_no_weight_and_knows_its_error():
    y, weights = np.array([1.0, 99.0, 3.0]), np.array([1.0, 0.0, 1.0])
    assert zero_phase(y, 100.0, weights)[1] == pytest.approx(2.0, rel=1e-3)
    # The mean of two values with errors 3 and 4: sqrt(9 + 16) / 2.
    assert zero_phase_error(np.array([3.0, 7.0, 4.0]), 100.0, weights)[1] == pytest.approx(2.5, rel=1e-3)


@given(values, st.floats(0.5, 20.0))
def test_zero_phase_stays_between_the_extremes(y, sigma):
    smoothed = zero_phase(y, sigma)
    assert smoothed.min() >= y.min()
    assert smoothed.max() <= y.max()


def test_running_median_drops_a_spike_and_keeps_a_step():
    step = np.repeat([1.0, 5.0], 10)
    spiked = step.copy()
    spiked[[4, 15]] = [1e9, -1e9]
    np.testing.assert_array_equal(running_median(spiked, 5), step)


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
