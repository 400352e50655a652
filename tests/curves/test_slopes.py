"""`slopes_of`: closed forms, then what real curves do to it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import Curve, suggest
from tb_lrfinder.curves.slopes import slopes_of
from tests.support.traces import synthetic_curve

RATES = np.geomspace(1e-6, 1.0, 601)
POSITION = np.log10(RATES)
LOGISTIC = 1.0 / (1.0 + np.exp(5.0 * (POSITION + 3.0)))


@pytest.mark.parametrize("sigma", [0.1, 0.3, 1.0])
def test_a_line_in_log_rate_has_one_slope_up_to_its_ends(sigma):
    _, slopes = slopes_of(Curve(RATES, 7.0 - 2.0 * POSITION), sigma)
    # The outermost point is taken for a spike: of a line it lies beyond all others.
    np.testing.assert_allclose(slopes, -2.0, rtol=0.02)


@pytest.mark.parametrize("rates", [RATES, np.linspace(1e-4, 1.0, 5_000), np.geomspace(1e-3, 1.0, 12)])
def test_a_line_has_it_on_any_sweep(rates):
    learning_rates, slopes = slopes_of(Curve(rates, 7.0 - 2.0 * np.log10(rates)), 0.01)
    np.testing.assert_allclose(slopes[slopes.size // 4 : -slopes.size // 4], -2.0, rtol=1e-6)
    assert rates[0] * 0.999 <= learning_rates[0] < learning_rates[-1] <= rates[-1]


def test_a_logistic_is_steepest_at_its_centre_by_its_slope_there():
    learning_rates, slopes = slopes_of(Curve(RATES, LOGISTIC), 0.05)
    steepest = int(np.argmin(slopes))
    assert learning_rates[steepest] == pytest.approx(1e-3, rel=0.05)
    assert slopes[steepest] == pytest.approx(-5.0 / 4.0, rel=0.05)


def test_it_is_lowest_near_the_steepest_rate():
    curve = synthetic_curve(noise=0.02)
    learning_rates, slopes = slopes_of(curve)
    suggested = suggest(curve, "steepest").learning_rate
    assert suggested is not None
    assert learning_rates[int(np.argmin(slopes))] == pytest.approx(suggested, rel=0.1)


def test_a_wider_kernel_gives_smoother_slopes():
    noisy = Curve(RATES, LOGISTIC + np.random.default_rng(0).normal(0.0, 0.1, RATES.size))
    rough, smooth = (np.abs(np.diff(slopes_of(noisy, sigma)[1])).sum() for sigma in (0.1, 0.6))
    assert rough > 3 * smooth


@given(st.integers(-20, 20))
def test_multiplying_the_curve_multiplies_it(exponent):
    curve = synthetic_curve()
    _, slopes = slopes_of(curve)
    _, scaled = slopes_of(Curve(curve.learning_rates, curve.losses * 2.0**exponent))
    np.testing.assert_array_equal(scaled, slopes * 2.0**exponent)


def test_what_is_better_the_higher_rises_where_a_loss_falls():
    fall, rise = slopes_of(Curve(RATES, LOGISTIC)), slopes_of(Curve(RATES, -LOGISTIC, "accuracy", "max"))
    np.testing.assert_array_equal(rise[1], -fall[1])


def test_it_ends_where_the_loss_is_no_longer_finite():
    losses = LOGISTIC.copy()
    losses[400:] = [np.nan, 1e9, np.inf] * 67
    learning_rates, slopes = slopes_of(Curve(RATES, losses))
    assert learning_rates[-1] < RATES[400]
    assert np.all(np.isfinite(slopes))


def test_an_explosion_ends_it_and_leaves_the_fall_before_it_as_it_was():
    exploding = LOGISTIC.copy()
    exploding[450:] = 1e12
    whole, cut = slopes_of(Curve(RATES, LOGISTIC)), slopes_of(Curve(RATES, exploding))
    assert cut[0][-1] < RATES[460]
    assert cut[0][int(np.argmin(cut[1]))] == pytest.approx(whole[0][int(np.argmin(whole[1]))], rel=0.01)
    assert cut[1].min() == pytest.approx(whole[1].min(), rel=0.01)


@pytest.mark.parametrize("curve", [Curve([], []), Curve(RATES[:9], LOGISTIC[:9]), Curve([0.1] * 20, np.arange(20.0))])
def test_a_curve_that_is_too_short_has_none(curve):
    assert [column.size for column in slopes_of(curve)] == [0, 0]


any_loss = st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, 0.0, 1e300])


@given(st.lists(any_loss, min_size=1, max_size=80), st.floats(5e-324, 1e3))
def test_any_curve_gives_finite_slopes_at_increasing_rates(losses, sigma):
    learning_rates, slopes = slopes_of(Curve(np.geomspace(1e-7, 10.0, len(losses)), losses), sigma)
    assert learning_rates.size == slopes.size <= 400
    assert np.all(np.isfinite(slopes))
    assert np.all(np.diff(learning_rates) > 0)


def test_a_kernel_far_narrower_than_the_points_are_apart_smooths_nothing():
    for sigma in (1e-300, 5e-324):
        for narrow, none in zip(
            slopes_of(Curve(RATES, LOGISTIC), sigma), slopes_of(Curve(RATES, LOGISTIC), 1e-9), strict=True
        ):
            np.testing.assert_array_equal(narrow, none)


@pytest.mark.parametrize("sigma", [0.0, -1.0, np.nan, np.inf])
def test_a_kernel_without_width_is_refused(sigma):
    with pytest.raises(ValueError, match="`sigma` must be positive and finite. Received: sigma="):
        slopes_of(Curve(RATES, LOGISTIC), sigma)
