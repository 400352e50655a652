"""Short trainings around a rate: which are tried, which are given up, which one wins."""

import math

import numpy as np
import pytest

from tb_lrfinder.curves.trials import Trial, best_of, rates_around, run_trials

STEPS = 120
THIRD = 10 ** (1 / 3)


def test_rates_are_tried_from_the_middle_outwards():
    assert rates_around(1.0, 5, 1e-3, 1e3) == pytest.approx([1.0, 1 / THIRD, THIRD, 1 / THIRD**2, THIRD**2])


def test_rates_stay_within_bounds_and_are_as_many_as_fit():
    assert rates_around(1.0, 4, 0.9, 100.0) == pytest.approx([1.0, THIRD, THIRD**2, THIRD**3])
    assert rates_around(1.0, 5, 0.9, 1.1) == [1.0]


def fall_to(level, steps=STEPS):
    """From 1 to a level, in a straight line."""
    return np.linspace(1.0, level, steps)


def play(curves, **options):
    """Runs trials whose losses are known; gives them and how many losses of each were used."""

    def train(rate, rule):
        losses = []
        for loss in curves[rate].tolist():
            losses.append(loss)
            if rule.update(loss) is not None:
                break
        return np.array(losses)

    return list(run_trials(list(curves), STEPS, 1.0, train, **options))


def test_the_lowest_loss_at_the_end_wins():
    trials = play({1.0: fall_to(0.5), 2.0: fall_to(0.4), 3.0: fall_to(0.45)})
    assert [trial.finished for trial in trials] == [True, True, True]
    assert [trial.steps for trial in trials] == [STEPS] * 3
    assert trials[0].loss == pytest.approx(fall_to(0.5)[-20:].mean())
    assert best_of(trials) == trials[1]


def test_one_that_falls_behind_is_given_up_at_the_second_check():
    trials = play({1.0: fall_to(0.0), 2.0: fall_to(0.99), 3.0: fall_to(0.01)})
    assert [trial.steps for trial in trials] == [STEPS, 20, STEPS]
    assert not trials[1].finished
    assert best_of(trials) == trials[0]


def test_a_late_winner_is_compared_with_the_best_so_far():
    trials = play({1.0: fall_to(0.9), 2.0: fall_to(0.1), 3.0: fall_to(0.8)})
    assert [trial.finished for trial in trials] == [True, True, False]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_one_that_diverges_ends_at_once_and_cannot_win(value):
    broken = fall_to(0.0)
    broken[30] = value
    trials = play({1.0: broken, 2.0: fall_to(0.5)})
    assert (trials[0].steps, trials[0].finished) == (30, False)
    assert math.isinf(trials[0].loss)
    assert best_of(trials) == trials[1]


def test_of_data_that_ran_out_nothing_is_chosen():
    (trial,) = play({1.0: fall_to(0.5, 60)})
    assert not trial.finished
    assert best_of([trial]) is None


def test_what_is_judged_by_another_value_is_not_given_up_for_its_loss():
    trials = play({1.0: fall_to(0.0), 2.0: fall_to(0.99)}, judged_by_loss=False)
    assert [trial.steps for trial in trials] == [STEPS, STEPS]


def test_best_of_nothing_is_none():
    assert best_of([]) is None
    assert best_of([Trial(1.0, 5, 0.1, False)]) is None
