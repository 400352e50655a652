"""Short trainings around a rate: which are tried, which are given up, and the rate that they tell."""

import math

import numpy as np
import pytest

from tb_lrfinder.curves.trials import Trial, TrialSeries, rates_around, read

STEPS = 120
HALF = 10**0.5


def test_rates_are_tried_from_the_middle_outwards():
    assert rates_around(1.0, 5, 1e-3, 1e3) == pytest.approx([1.0, 1 / HALF, HALF, 1 / HALF**2, HALF**2])


def test_rates_stay_within_bounds_and_are_as_many_as_fit():
    assert rates_around(1.0, 4, 0.9, 100.0) == pytest.approx([1.0, HALF, HALF**2, HALF**3])
    assert rates_around(1.0, 5, 0.9, 1.1) == [1.0]


def fall_to(level, steps=STEPS):
    """From 1 to a level, in a straight line."""
    return np.linspace(1.0, level, steps)


def play(curves, **options):
    """Runs trials whose losses are known; gives them and how many losses of each were used."""

    series = TrialSeries(STEPS, 1.0, **options)

    def train(rate):
        rule = series.rule()
        losses = []
        for loss in curves[rate].tolist():
            losses.append(loss)
            if rule.update(loss) is not None:
                break
        return series.end(rate, rule, np.array(losses))

    return list(map(train, curves))


def test_the_loss_of_a_trial_is_the_mean_of_its_last_sixth():
    trials = play({1.0: fall_to(0.5), 2.0: fall_to(0.4), 3.0: fall_to(0.45)})
    assert [trial.finished for trial in trials] == [True, True, True]
    assert [trial.steps for trial in trials] == [STEPS] * 3
    assert trials[0].loss == pytest.approx(fall_to(0.5)[-20:].mean())


def test_one_that_lags_behind_is_given_up_at_half_of_its_steps():
    trials = play({1.0: fall_to(0.0), 2.0: fall_to(0.99), 3.0: fall_to(0.01)})
    assert [trial.steps for trial in trials] == [STEPS, STEPS // 2, STEPS]
    assert not trials[1].finished


def test_one_that_wins_late_is_trained_to_its_end():
    late = np.concatenate([np.full(STEPS // 2 - 10, 0.8), np.linspace(0.8, 0.0, STEPS // 2 + 10)])
    trials = play({1.0: fall_to(0.3), 2.0: late})
    assert trials[1].finished
    assert trials[1].loss < trials[0].loss


def test_a_late_winner_is_compared_with_the_best_so_far():
    trials = play({1.0: fall_to(0.9), 2.0: fall_to(0.1), 3.0: fall_to(0.8)})
    assert [trial.finished for trial in trials] == [True, True, False]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_one_that_diverges_ends_at_once(value):
    broken = fall_to(0.0)
    broken[30] = value
    trials = play({1.0: broken, 2.0: fall_to(0.5)})
    assert (trials[0].steps, trials[0].finished) == (30, False)
    assert math.isinf(trials[0].loss)


def test_one_whose_data_ran_out_is_not_finished():
    (trial,) = play({1.0: fall_to(0.5, 60)})
    assert not trial.finished


def test_what_is_judged_by_another_value_is_not_given_up_for_its_loss():
    trials = play({1.0: fall_to(0.0), 2.0: fall_to(0.99)}, judged_by_loss=False)
    assert [trial.steps for trial in trials] == [STEPS, STEPS]


def course(*losses, first=1e-3, finished=True):
    """Trials half a decade apart."""
    return [Trial(first * HALF**place, STEPS, loss, finished) for place, loss in enumerate(losses)]


def rate_in(reading):
    assert reading is not None
    return reading.learning_rate


def test_the_rate_is_read_from_a_course_in_the_middle_of_two_equal_ones():
    assert rate_in(read(course(0.9, 0.4, 0.4, 0.9), 1.0)) == pytest.approx(1e-3 * HALF**1.5, rel=0.05)


def test_a_single_lucky_training_beside_bad_ones_does_not_win_alone():
    reading = read(course(0.2, 0.15, 0.2, 0.9, 0.14, 0.95), 1.0)
    assert rate_in(reading) < 1e-3 * HALF**2


def test_the_order_of_the_trials_does_not_matter():
    trials = course(0.9, 0.3, 0.4, 0.8)
    assert read(trials[::-1], 1.0) == read(trials, 1.0)


@pytest.mark.parametrize(("losses", "end"), [((0.2, 0.4), "lowest"), ((0.5, 0.4), "highest"), ((0.5, 0.4, 0.5), "")])
def test_it_says_where_a_better_rate_may_lie_beyond(losses, end):
    reading = read(course(*losses), 1.0)
    assert reading is not None
    assert reading.at_end == end
    assert reading.steps == STEPS


def test_what_diverged_or_got_worse_has_reached_nothing_and_no_less_than_that():
    assert read(course(0.5, 0.4, math.inf), 1.0) == read(course(0.5, 0.4, 1e9), 1.0) == read(course(0.5, 0.4, 1.0), 1.0)


def test_one_given_up_on_easy_batches_is_behind_all_the_same():
    given_up = Trial(1e-2, 50, 0.1, False)
    assert rate_in(read([*course(0.5, 0.4), given_up], 1.0)) < 5e-3


def test_where_nothing_got_below_the_start_the_best_is_read_still():
    assert rate_in(read(course(3.0, 1.5, 2.0), 1.0)) == pytest.approx(1e-3 * HALF, rel=0.3)


def test_one_trial_is_read_as_it_is_and_trainings_that_all_diverged_tell_nothing():
    assert rate_in(read([Trial(0.02, 300, 0.4, True)], 1.0)) == pytest.approx(0.02)
    assert rate_in(read([Trial(0.02, 300, 0.4, True)] * 3, 1.0)) == pytest.approx(0.02)
    assert read(course(math.inf, math.inf, finished=False), 1.0) is None
    assert read([], 1.0) is None
