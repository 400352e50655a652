"""Smoothing: closed forms and properties."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    largest = sys.float_info.max
    for smoothing in (0.03786972443684236, 0.1, 0.6, 0.99):
        assert np.all(np.isfinite(ema([1.0, *[largest] * 100], smoothing)))


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


@pytest.mark.parametrize("size", [3, 8191, 8192, 8193, 20_000])
@pytest.mark.parametrize("width", [3, 5])
def test_running_median_is_that_of_each_window(size, width):
    y = np.random.default_rng(size).normal(size=size)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(y, width // 2, mode="reflect"), width)
    np.testing.assert_array_equal(running_median(y, width), np.median(windows, axis=1))
