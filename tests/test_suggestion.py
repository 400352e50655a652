"""`suggest`: closed forms first, then properties, then the curves people really get."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import Curve, suggest
from tb_lrfinder.suggestion import METHODS
from tests.traces import synthetic_curve

RATES = np.geomspace(1e-6, 1.0, 301)
POSITION = np.log10(RATES)
STEP = 10 ** (6 / 300)
ALL = list(METHODS)


def test_minimum_is_a_tenth_of_the_lowest_point():
    assert suggest(Curve(RATES, (POSITION + 2.0) ** 2), "minimum").learning_rate == pytest.approx(1e-3, rel=STEP - 1)


def test_auto_is_a_third_of_the_lowest_point():
    assert suggest(Curve(RATES, (POSITION + 2.0) ** 2)).learning_rate == pytest.approx(1e-2 / 3, rel=STEP - 1)


def test_steepest_is_the_centre_of_a_logistic_in_log_lr():
    curve = Curve(RATES, 1.0 / (1.0 + np.exp(5.0 * (POSITION + 3.0))))
    assert suggest(curve, "steepest").learning_rate == pytest.approx(1e-3, rel=2 * (STEP - 1))


def test_steepest_is_taken_by_log_lr_on_a_linear_sweep_too():
    rates = np.linspace(1e-4, 1.0, 20_000)
    curve = Curve(rates, 1.0 / (1.0 + np.exp(5.0 * (np.log10(rates) + 1.0))))
    assert suggest(curve, "steepest").learning_rate == pytest.approx(0.1, rel=0.1)


def test_valley_is_the_middle_of_the_fall():
    # Flat to 1e-4, falling to 1e-2, rising after it.
    losses = np.interp(POSITION, [-6, -4, -2, 0], [2.0, 2.0, 1.0, 3.0])
    assert suggest(Curve(RATES, losses), "valley").learning_rate == pytest.approx(1e-3, rel=0.4)


def test_slide_lies_before_the_explosion():
    curve = synthetic_curve(noise=0.0)
    rate = suggest(curve, "slide").learning_rate
    assert rate is not None
    assert 10**-2.5 < rate < 10**0.2


def test_band_runs_from_the_first_fall_to_the_lowest_point():
    losses = np.interp(POSITION, [-6, -4, -2, 0], [2.0, 2.0, 1.0, 3.0])
    suggestion = suggest(Curve(RATES, losses))
    assert suggestion.lower == pytest.approx(10**-3.8, rel=0.2)
    assert suggestion.upper == pytest.approx(10**-2.0, rel=0.2)


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        ([], "Only 0 points: at least 10 are needed."),
        ([2.0, 1.0], "Only 2 points: at least 10 are needed."),
        ([2.0, 1.0, np.nan] + [1.0] * 20, "Only 2 points before the loss became NaN or infinite"),
        ([1.0] * 50, "The loss never fell below its start"),
        (np.linspace(1.0, 5.0, 50), "The loss never fell below its start"),
        ([np.nan] * 50, "Only 0 points before the loss became NaN or infinite"),
    ],
)
def test_gives_no_rate_but_a_reason(losses, reason, method):
    suggestion = suggest(Curve(np.geomspace(1e-6, 1.0, len(losses)), losses), method)
    assert suggestion.learning_rate is None
    assert reason in suggestion.reason


def test_noise_alone_is_not_a_fall():
    found = [
        suggest(Curve(RATES, np.random.default_rng(seed).normal(2.3, 0.1, 301))).learning_rate for seed in range(40)
    ]
    assert sum(rate is not None for rate in found) <= 4


def test_a_curve_that_never_rises_gives_a_rate_and_says_so():
    suggestion = suggest(Curve(RATES, -POSITION))
    assert suggestion.learning_rate is not None
    assert suggestion.reason.endswith(
        "The loss was still falling at the last rate tried: a higher end_lr would make it surer."
    )


def test_the_reason_says_how_it_was_found():
    valley = Curve(RATES, (POSITION + 2.0) ** 2)
    assert suggest(valley).reason == "A third of 0.01, the rate with the lowest loss."
    assert suggest(valley, "minimum").reason == "A tenth of 0.01, the rate with the lowest loss."
    narrow = Curve(RATES, np.interp(POSITION, [-6, -2.2, -2, -1], [2.0, 2.0, 1.0, 3.0]))
    suggestion = suggest(narrow)
    assert suggestion.reason == "The middle of the usable band, which is narrow."
    assert suggestion.lower is not None
    assert suggestion.upper is not None
    assert suggestion.learning_rate == pytest.approx((suggestion.lower * suggestion.upper) ** 0.5)


def test_one_learning_rate_is_nothing_to_compare():
    suggestion = suggest(Curve([0.1] * 20, np.arange(20.0)[::-1]))
    assert suggestion.learning_rate is None
    assert "one learning rate" in suggestion.reason


@pytest.mark.parametrize("method", ALL)
def test_spikes_do_not_move_it(method):
    clean = synthetic_curve(noise=0.01)
    losses = clean.losses.copy()
    losses[[30, 90, 140, 200]] = [1e6, 1e9, -1e6, 1e12]
    spiked = suggest(Curve(clean.learning_rates, losses), method)
    assert spiked.learning_rate == pytest.approx(suggest(clean, method).learning_rate, rel=0.3)


def test_the_tail_after_nan_does_not_matter():
    curve = synthetic_curve()
    losses = curve.losses.copy()
    losses[285:] = [np.nan, -1e9] * 7 + [np.nan]
    assert suggest(Curve(curve.learning_rates, losses)).learning_rate == pytest.approx(
        suggest(curve).learning_rate, rel=0.1
    )


def test_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="`method` must be one of auto, minimum, steepest, valley, slide. Received"):
        suggest(synthetic_curve(), "fastest")


any_loss = st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e300])
any_curve = st.lists(any_loss, max_size=80).map(
    lambda losses: Curve(np.geomspace(1e-7, 10.0, len(losses)), losses) if losses else Curve([], [])
)


@given(any_curve, st.sampled_from(ALL))
def test_any_curve_gives_a_rate_inside_the_sweep_or_a_reason(curve, method):
    suggestion = suggest(curve, method)
    assert suggestion.reason
    if suggestion.learning_rate is not None:
        assert curve.learning_rates[0] <= suggestion.learning_rate <= curve.learning_rates[-1]
        assert suggestion.lower is not None
        assert suggestion.upper is not None
        assert suggestion.lower <= suggestion.upper


@given(any_curve, st.sampled_from(ALL), st.integers(-20, 20))
def test_scaling_the_loss_leaves_it_unchanged(curve, method, exponent):
    scaled = Curve(curve.learning_rates, curve.losses * 2.0**exponent)
    assert suggest(scaled, method).learning_rate == suggest(curve, method).learning_rate
