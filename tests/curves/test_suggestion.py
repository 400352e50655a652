"""`suggest`: closed forms first, then properties, then the curves people really get."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import Curve, MethodName, UseName, suggest
from tb_lrfinder.curves.suggestion import METHODS
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.curves.wording import USE_LABELS
from tests.support.traces import synthetic_curve

RATES = np.geomspace(1e-6, 1.0, 301)
POSITION = np.log10(RATES)
STEP = 10 ** (6 / 300)
ALL = list(METHODS)
# A plateau, a valley whose floor is centred at 1e-2, and a rise on the other side.
VALLEY = Curve(RATES, np.minimum(1.0, (POSITION + 2.0) ** 2 / 2), optimizer="SGD")
# How far below the valley the constant rate of SGD lies.
DIVISOR = 10**0.25


def rate_of(curve, method: MethodName = "auto"):
    rate = suggest(curve, method).learning_rate
    assert rate is not None
    return rate


def test_minimum_is_a_tenth_of_the_lowest_point():
    assert rate_of(VALLEY, "minimum") == pytest.approx(1e-3, rel=2 * (STEP - 1))


def test_auto_lies_below_the_centre_of_the_valley_for_each_use():
    suggestion = suggest(VALLEY)
    rate = 1e-2 / DIVISOR
    assert suggestion.learning_rate == pytest.approx(rate, rel=STEP - 1)
    assert suggestion.one_cycle_peak == pytest.approx(2 * rate, rel=STEP - 1)
    assert suggestion.cyclical_bounds == pytest.approx((rate / 5, 2 * rate), rel=STEP - 1)
    assert [(use.name, use.label) for use in suggestion.uses] == list(USE_LABELS.items())
    assert list(USE_LABELS) == list(get_args(UseName))


def test_auto_takes_the_middle_of_a_flat_floor():
    floor = Curve(RATES, np.interp(POSITION, [-6, -5, -4, -2, -1, 0], [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]), optimizer="SGD")
    assert rate_of(floor) == pytest.approx(1e-3 / DIVISOR, rel=0.1)


def test_steepest_is_the_centre_of_a_logistic_in_log_lr():
    curve = Curve(RATES, 1.0 / (1.0 + np.exp(5.0 * (POSITION + 3.0))))
    assert rate_of(curve, "steepest") == pytest.approx(1e-3, rel=3 * (STEP - 1))


def test_steepest_is_taken_by_log_lr_on_a_linear_sweep_too():
    rates = np.linspace(1e-4, 1.0, 20_000)
    curve = Curve(rates, 1.0 / (1.0 + np.exp(5.0 * (np.log10(rates) + 1.0))))
    assert rate_of(curve, "steepest") == pytest.approx(0.1, rel=0.1)


def test_valley_is_the_middle_of_the_fall():
    # Flat to 1e-4, falling to 1e-2, rising after it.
    losses = np.interp(POSITION, [-6, -4, -2, 0], [2.0, 2.0, 1.0, 3.0])
    assert rate_of(Curve(RATES, losses), "valley") == pytest.approx(1e-3, rel=0.4)


def test_slide_lies_before_the_explosion():
    assert 10**-2.5 < rate_of(synthetic_curve(noise=0.0), "slide") < 10**0.2


def test_blow_up_is_a_tenth_of_where_the_loss_is_back_at_its_start():
    losses = np.interp(POSITION, [-6, -4, -2, -1, 0], [2.0, 2.0, 1.0, 2.0, 100.0])
    assert rate_of(Curve(RATES, losses), "blow_up") == pytest.approx(1e-2, rel=0.5)


def test_band_runs_from_the_first_fall_to_the_lowest_point():
    losses = np.interp(POSITION, [-6, -4, -2, 0], [2.0, 2.0, 1.0, 3.0])
    suggestion = suggest(Curve(RATES, losses))
    assert suggestion.lower == pytest.approx(10**-3.8, rel=0.3)
    assert suggestion.upper == pytest.approx(10**-2.0, rel=0.3)


def test_band_ends_with_the_sweep():
    rates = np.geomspace(1e-4, 6.75, 50)  # 10 ** log10(6.75) is above 6.75
    assert suggest(Curve(rates, 1.0 - np.log10(rates))).upper == 6.75


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        ([], "Only 0 points: at least 10 are needed."),
        ([2.0, 1.0], "Only 2 points: at least 10 are needed."),
        ([2.0, 1.0, np.nan] + [1.0] * 20, "Only 2 points before the loss became NaN or infinite"),
        ([1.0] * 50, "No rate made the loss fall: there is none to suggest."),
        ([np.nan] * 50, "Only 0 points before the loss became NaN or infinite"),
    ],
)
def test_gives_no_rate_but_a_reason(losses, reason, method):
    suggestion = suggest(Curve(np.geomspace(1e-6, 1.0, len(losses)), losses), method)
    assert suggestion.learning_rate is None
    assert suggestion.uses == ()
    assert suggestion.confidence is None
    assert suggestion.one_cycle_peak is None
    assert suggestion.cyclical_bounds is None
    assert reason in suggestion.reason


def test_few_points_of_a_metric_are_told_by_its_name():
    curve = Curve(np.geomspace(1e-6, 1.0, 20), [-2.0, -1.0] + [-np.inf] * 18, "accuracy", "max")
    assert (
        suggest(curve).reason == "Only 2 points before the `accuracy` became NaN or infinite: at least 10 are needed."
    )


def test_a_loss_that_blew_up_within_the_first_rates_gives_a_quarter_of_that_rate_and_says_so():
    rates = np.geomspace(1e-4, 1.0, 301)
    noise = np.random.default_rng(0).normal(0.0, 0.1, rates.size)
    curve = Curve(rates, 1.0 + noise + 1e4 * np.maximum(0.0, np.log10(rates) + 3.0) ** 2)
    suggestion = suggest(curve)
    assert suggestion.learning_rate is not None
    assert 1e-4 <= suggestion.learning_rate < 2e-4
    assert "a quarter of the rate at which the loss shot up" in suggestion.reason
    assert suggestion.confidence is not None
    assert suggestion.confidence.word == "doubtful"
    assert suggestion.confidence.doubt == "All that a suggestion can do is keep its distance from there."


def test_noise_alone_is_not_a_fall():
    found = [
        suggest(Curve(RATES, np.random.default_rng(seed).normal(2.3, 0.1, 301))).learning_rate for seed in range(40)
    ]
    assert sum(rate is not None for rate in found) <= 4


def doubt_of(curve):
    confidence = suggest(curve).confidence
    assert confidence is not None
    return confidence.word, confidence.doubt


def test_nothing_speaks_against_a_clear_valley():
    assert doubt_of(synthetic_curve(noise=0.02)) == ("sure", "")


@pytest.mark.parametrize(
    ("curve", "doubt"),
    [
        (synthetic_curve(noise=2.5), "Noise hides the minimum, and the suggestion may be several times off."),
        (
            Curve(RATES[:251], np.interp(POSITION[:251], [-6, -3, -1], [2.0, 2.0, 1.0])),
            "The best rate may lie beyond the end of the curve.",
        ),
        (
            Curve(RATES, np.interp(POSITION, [-6, -5.8, -4, -3], [2.0, 2.0, 1.0, 4.0])),
            "The usable band may reach lower than it shows.",
        ),
        (
            Curve(RATES, np.interp(POSITION, [-6, -5, -4, -3, -2, -1], [2.0, 2.0, 1.0, 1.8, 0.9, 4.0])),
            "Which valley suits a long training is not clear.",
        ),
        (synthetic_curve(100, noise=0.02), "With few steps at each rate, the curve reaches its minimum late."),
    ],
)
def test_says_what_speaks_against_it(curve, doubt):
    word, said = doubt_of(curve)
    assert said == doubt
    assert word in ("likely", "doubtful")


def test_short_trainings_decide_for_the_default_method():
    trials = [
        Trial(4e-3, 300, 0.5, True),
        Trial(2e-3, 300, 0.4, True),
        Trial(9e-3, 50, 0.1, False),
        Trial(1e-3, 300, 0.5, True),
    ]
    suggestion = suggest(VALLEY, trials=trials)
    assert suggestion.learning_rate == pytest.approx(2e-3 * (640 / 300) ** -0.3, rel=0.3)
    assert suggestion.reason.startswith("Short trainings of up to 300 steps at 4 rates were best around 0.00198")
    assert suggestion.reason.endswith("for some 640 steps, 1.3 times below that.")
    assert suggestion.learning_rate is not None
    assert suggestion.one_cycle_peak == pytest.approx(2 * suggestion.learning_rate)
    assert suggestion.confidence is not None
    assert (suggestion.confidence.word, suggestion.advice) == ("sure", "")
    assert (suggestion.lower, suggestion.upper) == (suggest(VALLEY).lower, suggest(VALLEY).upper)


def test_short_trainings_that_all_failed_and_other_methods_change_nothing():
    failed = [Trial(2e-1, 20, np.inf, False)]
    assert suggest(VALLEY, trials=failed).uses == suggest(VALLEY).uses
    assert suggest(VALLEY, "minimum", [Trial(2e-3, 300, 0.4, True)]) == suggest(VALLEY, "minimum")


@pytest.mark.parametrize(
    ("optimizer", "decades"),
    [
        ("SGD", 0.25),
        ("SGD, momentum 0.9", 0.65 + 4 / 50),
        ("AdamW", 0.2 + 4 / 50),
        ("Lion", 0.55 + 6 / 50),
        (None, 0.2 + 4 / 50),
        ("Adagrad", 0.2 + 4 / 50),
    ],
)
def test_how_far_below_the_valley_depends_on_the_kind_of_the_optimizer(optimizer, decades):
    curve = Curve(RATES, VALLEY.losses, optimizer=optimizer)
    assert rate_of(curve) == pytest.approx(10 ** (-2 - decades), rel=STEP - 1)


def test_a_valley_at_higher_rates_comes_later_with_an_adaptive_optimizer():
    rates = np.geomspace(1e-5, 10.0, 301)
    high = Curve(rates, VALLEY.losses, optimizer="Adam")
    assert rate_of(high) == pytest.approx(10 ** (-1 - (0.4 + 0.4 * 0.5) - 4 / 50), rel=STEP - 1)


def test_points_that_are_means_of_epochs_hold_many_steps():
    rates, losses = np.geomspace(1e-6, 1.0, 30), np.interp(np.linspace(-6, 0, 30), POSITION, VALLEY.losses)
    of_steps, of_epochs = (
        Curve(rates, losses, optimizer="SGD, momentum 0.9", updates_per_point=count) for count in (1, 1000)
    )
    assert rate_of(of_epochs) == pytest.approx(rate_of(of_steps) * 10 ** (4 / 12.5), rel=0.02)
    assert doubt_of(of_steps)[1] == "With few steps at each rate, the curve reaches its minimum late."
    assert doubt_of(of_epochs)[1] != "With few steps at each rate, the curve reaches its minimum late."


def test_short_trainings_as_long_as_the_training_are_taken_as_they_are():
    trials = [Trial(rate, 640, loss, True) for rate, loss in ((1e-3, 0.5), (3e-3, 0.4), (9e-3, 0.5))]
    suggestion = suggest(VALLEY, trials=trials)
    assert (
        suggestion.reason
        == f"Short trainings of up to 640 steps at 3 rates were best around {suggestion.learning_rate:.3g}."
    )


@pytest.mark.parametrize(("total_steps", "factor"), [(640, 1.0), (6400, 10**-0.3), (64, 10**0.3), (1, 10**0.3)])
def test_a_longer_training_is_given_a_lower_rate(total_steps, factor):
    told = suggest(VALLEY, total_steps=total_steps)
    assert told.learning_rate == pytest.approx(rate_of(VALLEY) * factor)
    assert told.one_cycle_peak == pytest.approx(2 * rate_of(VALLEY) * factor)
    assert (f"for {total_steps:,} steps" in told.reason) == (factor != 1.0)


def test_the_longest_training_that_was_measured_is_the_last_that_lowers_it():
    assert suggest(VALLEY, total_steps=10**9).learning_rate == suggest(VALLEY, total_steps=16_000).learning_rate


def test_the_length_is_for_the_default_method_alone():
    assert suggest(VALLEY, "minimum", total_steps=10_000) == suggest(VALLEY, "minimum")


@pytest.mark.parametrize("total_steps", [0, -5, 1.5, "10", True])
def test_a_length_that_is_none_is_refused(total_steps):
    with pytest.raises(ValueError, match="`total_steps` must be a whole number of at least 1"):
        suggest(VALLEY, total_steps=total_steps)


def test_the_reason_says_how_it_was_found():
    assert (
        suggest(VALLEY).reason
        == "1.8 times below 0.01, the centre of the valley: where constant rates with SGD did best in trainings of some 640 "
        "steps."
    )
    assert suggest(VALLEY, "minimum").reason == "A tenth of 0.01, the rate at which the loss is lowest."
    reasons = {use.name: use.reason for use in suggest(VALLEY).uses}
    assert "1cycle stays at its peak only briefly" in reasons["one_cycle"]
    assert "the lower one lies 10 times below it" in reasons["cyclical"]


def test_the_words_fit_what_is_better_the_higher_it_is():
    accuracy = Curve(RATES, -VALLEY.losses, "accuracy", "max")
    assert suggest(accuracy, "minimum").reason == "A tenth of 0.01, the rate at which the `accuracy` is highest."
    flat = Curve(RATES, np.ones(RATES.size), "accuracy", "max")
    assert suggest(flat).reason.startswith("No rate made the `accuracy` rise")


@pytest.mark.parametrize("rates", [[0.1] * 20, [1.7e308] * 19 + [np.nextafter(1.7e308, np.inf)]])
def test_one_learning_rate_is_nothing_to_compare(rates):
    suggestion = suggest(Curve(rates, np.arange(20.0)[::-1]))
    assert suggestion.learning_rate is None
    assert "one learning rate" in suggestion.reason


@pytest.mark.parametrize("method", ALL)
def test_spikes_do_not_move_it(method):
    clean = synthetic_curve(noise=0.01)
    losses = clean.losses.copy()
    losses[[30, 90, 140, 200]] = [1e6, 1e9, -1e6, 1e12]
    assert rate_of(Curve(clean.learning_rates, losses, optimizer=clean.optimizer), method) == pytest.approx(
        rate_of(clean, method), rel=0.3
    )


def test_the_tail_after_nan_does_not_matter():
    curve = synthetic_curve()
    losses = curve.losses.copy()
    losses[285:] = [np.nan, -1e9] * 7 + [np.nan]
    cut = Curve(curve.learning_rates, losses, optimizer=curve.optimizer)
    assert rate_of(cut) == pytest.approx(rate_of(curve), rel=0.1)


@pytest.mark.parametrize("num_steps", [100, 1000, 10_000])
def test_a_denser_or_sparser_sweep_of_the_same_curve_moves_it_little(num_steps):
    usual, other = synthetic_curve(noise=0.03), synthetic_curve(num_steps, noise=0.03, seed=1)
    usual, other = (Curve(one.learning_rates, one.losses, optimizer="SGD") for one in (usual, other))
    assert rate_of(other) == pytest.approx(rate_of(usual), rel=0.25)


def test_a_linear_sweep_gives_the_same_as_a_logarithmic_one():
    def losses(rates):
        return np.minimum(1.0, (np.log10(rates) + 1.5) ** 2)

    log, linear = np.geomspace(1e-3, 1.0, 2000), np.linspace(1e-3, 1.0, 20_000)
    assert rate_of(Curve(linear, losses(linear))) == pytest.approx(rate_of(Curve(log, losses(log))), rel=0.05)


def test_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(ValueError) as caught:
        suggest(synthetic_curve(), "fastest")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "`method` must be one of auto, minimum, steepest, valley, slide, blow_up. Received: method='fastest'."
    )


any_loss = st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e300])
any_curve = st.lists(any_loss, max_size=80).map(
    lambda losses: Curve(np.geomspace(1e-7, 10.0, len(losses)), losses) if losses else Curve([], [])
)
realistic_curve = st.builds(
    lambda num_steps, seed, noise, centre: synthetic_curve(num_steps, seed=seed, noise=noise, centre=centre),
    st.integers(50, 1000),
    st.integers(0, 100),
    st.floats(0.0, 0.5),
    st.floats(-5.0, -2.0),
)


@given(any_curve, st.sampled_from(ALL))
def test_any_curve_gives_rates_inside_the_sweep_or_a_reason(curve, method):
    suggestion = suggest(curve, method)
    assert suggestion.reason
    if suggestion.learning_rate is not None:
        first, last = curve.learning_rates[0], curve.learning_rates[-1]
        assert suggestion.uses[0].learning_rate == suggestion.learning_rate
        for use in suggestion.uses:
            assert first <= (use.lower or first) <= use.learning_rate <= last
        assert (suggestion.lower is None) == (suggestion.upper is None)
        assert suggestion.lower is None or suggestion.upper is None or suggestion.lower <= suggestion.upper
        assert all(first <= rate <= last for rate in (suggestion.lower, suggestion.upper) if rate is not None)


@given(any_curve, st.sampled_from(ALL), st.integers(-20, 20))
def test_scaling_the_loss_leaves_it_unchanged(curve, method, exponent):
    scaled = Curve(curve.learning_rates, curve.losses * 2.0**exponent, optimizer=curve.optimizer)
    assert suggest(scaled, method).learning_rate == suggest(curve, method).learning_rate


@given(realistic_curve, st.floats(-100.0, 100.0))
def test_shifting_the_loss_leaves_it(curve, shift):
    shifted = suggest(Curve(curve.learning_rates, curve.losses + shift, optimizer=curve.optimizer)).learning_rate
    assert shifted == pytest.approx(suggest(curve).learning_rate, rel=1e-6)


@pytest.mark.parametrize("as_typed", [np.asarray, list, tuple, np.float32], ids=["array", "list", "tuple", "float32"])
def test_rates_and_losses_are_enough(as_typed):
    rates, losses = as_typed(VALLEY.learning_rates.tolist()), as_typed(VALLEY.losses.tolist())
    curve = Curve(rates, losses, optimizer="Adam")
    assert suggest(rates, losses, optimizer="Adam", total_steps=5000) == suggest(curve, total_steps=5000)
    assert suggest(rates, losses, "steepest", optimizer="Adam") == suggest(curve, "steepest")
    assert suggest(learning_rates=rates, losses=losses) == suggest(curve=Curve(rates, losses))


def test_rates_and_an_accuracy_are_read_as_an_accuracy():
    found = suggest(RATES, -VALLEY.losses, monitor="accuracy")
    assert found == suggest(Curve(RATES, -VALLEY.losses, "accuracy", "max"))
    assert found == suggest(RATES, -VALLEY.losses, monitor="accuracy", mode="max") != suggest(RATES, -VALLEY.losses)


TAKES = "`suggest` takes a curve, or learning rates and the losses measured with them. Received: learning_rates="


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((RATES,), f"{TAKES}ndarray of shape [{RATES.size}], losses=None."),
        (([0.1, 0.2], "steepest"), f"{TAKES}[0.1, 0.2], losses='steepest'."),
        ((), f"{TAKES}None, losses=None."),
        (
            ([0.1, 0.2], [1.0]),
            "There must be one value for each learning rate. Received: 2 learning rates and 1 values.",
        ),
        ((RATES, RATES, "best"), "`method` must be one of auto, minimum, steepest, valley, slide, blow_up. Received: "),
        (
            (VALLEY, RATES),
            "`method` must be one of auto, minimum, steepest, valley, slide, blow_up. Received: method=nd",
        ),
    ],
)
def test_what_is_no_call_of_suggest_is_refused_in_words(arguments, message):
    with pytest.raises(ValueError) as caught:
        suggest(*arguments)
    assert str(caught.value).startswith(message)
