"""The blow-up edge: where the same training would break, and its words."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tb_lrfinder import Curve, suggest
from tb_lrfinder.curves.analysis import analyse
from tb_lrfinder.curves.confidence import Confidence
from tb_lrfinder.curves.curve import monitored
from tb_lrfinder.curves.edge import CLOSE, NEAR, SWEEP_DIVISOR, break_rate, edge_of
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.shape import Finding
from tb_lrfinder.curves.suggestion import METHODS, Suggestion
from tb_lrfinder.curves.trials import Trial
from tests.support.situations import TESTS
from tests.support.traces import synthetic_curve

RATES = np.geomspace(1e-6, 1.0, 301)
POSITION = np.log10(RATES)
NOISE = np.random.default_rng(0).normal(0.0, 0.01, RATES.size)
# Two decades of a fall to 1e-3, and a plateau: it never blows up.
FALLING = Curve(RATES, np.interp(POSITION, [-6, -5, -3], [2.0, 2.0, 1.0]) + NOISE)


def exploding(at: float, bottom: float = -3.0) -> Curve:
    """It falls from 1e-5 to `10 ** bottom` and shoots up at a rate."""
    losses = np.interp(POSITION, [-6, -5, bottom], [2.0, 2.0, 1.0]) + NOISE
    return Curve(RATES, np.where(at > RATES, losses, 50.0))


def replace_optimizer(curve: Curve, optimizer: str) -> Curve:
    return Curve(curve.learning_rates, curve.losses, optimizer=optimizer)


def ratio_of(suggestion: Suggestion) -> float:
    assert suggestion.edge_ratio is not None
    return suggestion.edge_ratio


def confidence_of(suggestion: Suggestion) -> Confidence:
    assert suggestion.confidence is not None
    return suggestion.confidence


def cut(curve: Curve, index: int, *ending: float) -> Curve:
    """A sweep that ended at an index, with some last losses."""
    losses = np.append(curve.losses[:index], ending)
    return Curve(curve.learning_rates[: losses.size], losses)


@pytest.mark.parametrize("at", [1e-2, 3e-2, 0.2])
def test_the_edge_lies_below_the_rate_at_which_the_sweep_shot_up(at):
    suggestion = suggest(exploding(at))
    assert suggestion.edge == pytest.approx(at / SWEEP_DIVISOR, rel=0.35)
    assert suggestion.learning_rate is not None
    assert suggestion.learning_rate * ratio_of(suggestion) == pytest.approx(suggestion.edge)


def test_a_curve_that_never_blew_up_has_none():
    suggestion = suggest(FALLING)
    assert suggestion.learning_rate is not None
    assert (suggestion.edge, suggestion.edge_ratio) == (None, None)
    assert "Blow-up edge" not in dict(suggestion.facts())


@pytest.mark.parametrize("ending", [[math.nan], [math.inf], [math.nan, math.nan, 0.5]])
def test_a_sweep_that_ended_in_nan_has_its_edge_there_though_it_never_rose(ending):
    index = 240
    curve = cut(FALLING, index, *ending)
    assert suggest(curve).edge == pytest.approx(RATES[index] / SWEEP_DIVISOR)


def test_nan_after_the_blow_up_moves_nothing():
    curve = exploding(1e-2)
    losses = curve.losses.copy()
    losses[280:] = math.nan
    assert suggest(Curve(RATES, losses)).edge == suggest(curve).edge


@pytest.mark.parametrize("more", [3, 4, 6])
def test_a_sweep_that_was_stopped_as_it_shot_up_has_an_edge(more):
    # So few points are up there that the smoothed curve hardly shows them.
    index = int(np.searchsorted(RATES, 0.05))
    curve = cut(FALLING, index, *np.linspace(4.0, 40.0, more))
    assert suggest(curve).edge == pytest.approx(0.05 / SWEEP_DIVISOR, rel=0.2)


def test_a_sweep_that_diverged_has_its_edge_at_its_last_rate_though_no_more_was_seen():
    curve = cut(FALLING, 240, 40.0)
    diverged = Curve(curve.learning_rates, curve.losses, ending=Ending("diverged", 300, 1.0))
    assert suggest(curve).edge is None
    assert suggest(diverged).edge == pytest.approx(RATES[240] / SWEEP_DIVISOR)


def test_a_loss_that_falls_back_to_its_start_has_collapsed():
    # A net whose units have died answers as an untrained one does: its loss never exceeds that of the start.
    collapsed = Curve(RATES, np.minimum(2.0, exploding(1e-2).losses))
    # Smoothing shows it a third of a decade too late.
    assert suggest(collapsed).edge == pytest.approx(2.4e-2 / SWEEP_DIVISOR, rel=0.1)


def test_a_spike_is_no_edge():
    losses = FALLING.losses.copy()
    losses[[80, 200, 299]] = 1e6
    assert suggest(Curve(RATES, losses)).edge is None


@pytest.mark.parametrize("seed", range(20))
def test_noise_makes_no_edge(seed):
    losses = FALLING.losses + np.random.default_rng(seed).normal(0.0, 0.2, RATES.size)
    assert suggest(Curve(RATES, losses)).edge is None


def test_an_accuracy_that_falls_back_has_the_edge_of_its_mirror_image():
    losses = np.minimum(2.0, exploding(1e-2).losses)
    columns = {"learning_rate": RATES, "accuracy": 1.0 - losses / 2}
    accuracy = Curve(*monitored(columns, "accuracy"), "accuracy", "max")
    assert suggest(accuracy).edge == pytest.approx(suggest(Curve(RATES, losses)).edge)


def test_a_linear_sweep_has_the_edge_of_a_logarithmic_one():
    def losses(rates):
        return np.where(rates < 0.2, np.interp(np.log10(rates), [-2.5, -1.5], [2.0, 1.0]), 50.0)

    log, linear = np.geomspace(1e-3, 1.0, 2000), np.linspace(1e-3, 1.0, 20_000)
    assert suggest(Curve(linear, losses(linear))).edge == pytest.approx(suggest(Curve(log, losses(log))).edge, rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_it_belongs_to_the_curve_and_not_to_the_method(method):
    curve = synthetic_curve()
    assert suggest(curve, method).edge == suggest(curve).edge is not None


def test_scaling_and_shifting_the_loss_does_not_move_it():
    curve = exploding(1e-2)
    assert suggest(Curve(RATES, 8.0 * curve.losses - 3.0)).edge == pytest.approx(suggest(curve).edge)


def test_a_curve_that_blew_up_before_it_fell_says_no_nonsense():
    blew_up = Curve(RATES, np.where(RATES < 1e-3, 2.0, 50.0) + NOISE)
    suggestion = suggest(blew_up)
    assert suggestion.edge is not None
    assert ratio_of(suggestion) > 1
    assert suggestion.edge < 1e-3


def test_a_sweep_that_began_beyond_the_edge_says_so():
    rates = np.geomspace(1e-3, 1.5e-3, 60)
    suggestion = suggest(Curve(rates, np.append(np.linspace(2.0, 1.0, 59), math.nan)))
    assert suggestion.learning_rate == rates[0]
    assert dict(suggestion.facts())["Blow-up edge"] == "0.00075, below the suggestion"


def test_a_curve_without_a_suggestion_keeps_its_edge():
    flat = Curve(RATES, np.where(RATES < 0.1, 2.0 + NOISE, np.nan))
    suggestion = suggest(flat)
    assert suggestion.learning_rate is None
    assert suggestion.edge == pytest.approx(0.1 / SWEEP_DIVISOR, rel=0.05)
    assert dict(suggestion.facts())["Blow-up edge"] == "0.05"


def trial(rate: float, loss: float, finished: bool = True) -> Trial:
    return Trial(rate, 100, loss, finished)


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        # The sweep puts it at 0.05.
        ([], 5e-2),
        ([trial(1e-3, 0.9), trial(2e-3, 0.8)], 5e-2),
        ([trial(1e-3, 0.9), trial(1e-2, math.inf, False)], 1e-2),
        ([trial(1e-3, 0.9), trial(1e-2, 2.5)], 1e-2),
        ([trial(1e-3, 0.9), trial(1e-2, 2.5, False)], 1e-2),
        # One that lagged behind says nothing.
        ([trial(1e-3, 0.9), trial(1e-2, 1.999, False)], 5e-2),
        # One that trained well lies below the edge, however the sweep ended.
        ([trial(0.1, 0.9)], 0.1 * 10 ** (1 / 6)),
        ([trial(0.1, 0.9), trial(0.12, math.inf, False)], 0.12),
        # A rate at which a training broke is not safe, though a higher one did not break.
        ([trial(1e-2, math.inf, False), trial(2e-2, 0.9)], 1e-2),
    ],
)
def test_short_trainings_bound_the_edge(trials, expected):
    curve = exploding(0.1)
    finding = Finding(curve, replace(analyse(curve), start=2.0))
    broken_at = break_rate(finding)
    assert broken_at is not None
    assert edge_of(finding, trials, divisor=broken_at / 5e-2) == pytest.approx(expected)


def test_a_trial_that_diverged_is_an_edge_where_the_sweep_shows_none():
    trials = [trial(2e-4, 1.2), trial(4e-4, 0.9), trial(4.5e-4, math.inf, False)]
    suggestion = suggest(FALLING, trials=trials, total_steps=64)
    assert suggestion.edge == 4.5e-4
    assert suggest(FALLING, "minimum", trials).edge == 4.5e-4
    assert 1 < ratio_of(suggestion) < CLOSE
    assert (confidence_of(suggestion).word, confidence_of(suggestion).doubt) == ("sure", "")
    assert suggestion.advice == "Keep to this rate or below, clip gradients, or warm up."


def test_a_confirmed_rate_at_which_another_training_broke_is_one_to_lower():
    trials = [trial(5e-3, math.inf, False), trial(2e-2, 0.8), trial(4e-2, 1.5)]
    suggestion = suggest(FALLING, trials=trials)
    assert suggestion.edge == 5e-3
    assert ratio_of(suggestion) < 1
    assert suggestion.advice == "Take a lower rate, clip gradients, or warm up."


def test_a_confirmed_rate_far_below_the_edge_is_sure():
    trials = [trial(2e-4, 1.2), trial(4e-4, 0.9), trial(4e-2, math.inf, False)]
    suggestion = suggest(FALLING, trials=trials)
    assert (confidence_of(suggestion).word, confidence_of(suggestion).doubt, suggestion.advice) == ("sure", "", "")


def test_an_edge_close_above_a_suggestion_is_one_doubt_more():
    near, far = suggest(TESTS["turned where it broke"].curve), suggest(synthetic_curve(noise=0.02))
    assert ratio_of(near) < CLOSE < NEAR < ratio_of(far)
    assert (confidence_of(far).word, confidence_of(far).doubt) == ("sure", "")
    assert confidence_of(near).word == "likely"
    assert confidence_of(near).doubt == f"Training would break at {ratio_of(near):.2g} times this rate."


def test_an_edge_within_the_reach_of_its_error_is_a_doubt_but_no_cause_to_act():
    suggestion = suggest(replace_optimizer(TESTS["good"].curve, "SGD"))
    assert CLOSE < ratio_of(suggestion) < NEAR
    assert confidence_of(suggestion).word == "likely"
    assert confidence_of(suggestion).doubt == f"Training would break at {ratio_of(suggestion):.2g} times this rate."
    assert suggestion.advice == ""


@pytest.mark.parametrize(
    ("rate", "edge", "text"),
    [
        (2.6e-3, 3.2e-2, "0.032, 12 times above the suggestion"),
        (1.5e-2, 3.2e-2, "0.032, 2.1 times above the suggestion"),
        (3.2e-2, 3.2e-2, "0.032, at the suggestion"),
        (0.1, 3.2e-2, "0.032, below the suggestion"),
        (None, 3.2e-2, "0.032"),
        (1e-8, 1.0, "1, 1e8 times above the suggestion"),
    ],
)
def test_it_is_told_as_a_rate_and_a_distance(rate, edge, text):
    suggestion = Suggestion(rate, None, None, "auto", "It was so.", edge=edge)
    assert dict(suggestion.facts())["Blow-up edge"] == text
    assert text in suggestion._repr_html_()
