"""What several runs say of a setting, and when they say nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_lrfinder.rates.relations import Run, relation_of

WHAT = "the suggested rate"
SIZES = (16, 32, 64, 128, 256, 512)


def runs_of(values, **others):
    """A run for each batch size and value."""
    return [Run(settings={"batch_size": size, **others}, value=value) for size, value in values]


def powers(exponent, sizes=SIZES, spread=0.0, repeats=1, seed=0):
    """Batch sizes and rates that grow with a power of them, each off by a factor of about e to the `spread`."""
    noise = np.random.default_rng(seed).normal(0, spread, (repeats, len(sizes)))
    return [
        (size, 1e-4 * size**exponent * math.exp(off)) for row in noise for size, off in zip(sizes, row, strict=True)
    ]


def test_a_power_is_told_with_its_error_and_its_range():
    relation = relation_of(runs_of(powers(0.5, spread=0.2, repeats=3)), "batch_size", None, WHAT)
    (group,) = relation.groups
    assert group.power is not None
    assert abs(group.power.exponent - 0.5) < group.power.error < 0.15
    assert relation.sentences == (
        "The suggested rate grows with the batch size to the power 0.5 ± 0.1, over 16 to 512.",
    )


def test_a_falling_power_and_none_have_words_of_their_own():
    (falls,) = relation_of(runs_of(powers(-1)), "batch_size", None, "the lowest loss").sentences
    assert falls == "The lowest loss falls with the batch size to the power \u22121.00 ± 0.01, over 16 to 512."
    (flat,) = relation_of(runs_of(powers(0, spread=0.05, repeats=3)), "batch_size", None, WHAT).sentences
    assert flat == "The suggested rate hardly changes with the batch size, over 16 to 512."


def test_runs_that_do_not_speak_clearly_are_met_with_silence():
    scattered = runs_of(powers(0.3, spread=1.0))
    assert relation_of(scattered, "batch_size", None, WHAT).sentences == ()


@pytest.mark.parametrize("repeats", [1, 3])
def test_where_there_is_nothing_a_power_is_hardly_ever_told(repeats):
    told = [
        relation_of(runs_of(powers(0, spread=0.7, repeats=repeats, seed=seed)), "batch_size", None, WHAT).sentences
        for seed in range(1000)
    ]
    # The interval misses the truth one time in twenty, and a wide one is told of nothing.
    assert sum("power" in " ".join(one) for one in told) < 0.065 * len(told)


def test_the_interval_holds_the_exponent_nineteen_times_in_twenty():
    held = []
    for seed in range(1000):
        (group,) = relation_of(runs_of(powers(0.5, spread=0.5, seed=seed)), "batch_size", None, WHAT).groups
        assert group.power is not None
        held.append(abs(group.power.exponent - 0.5) <= group.power.error)
    assert 0.93 < np.mean(held) < 0.97


@pytest.mark.parametrize(
    "values",
    [
        powers(1, sizes=(16, 64)),  # two values
        powers(1, sizes=(16, 32, 64)),  # three points: a line through them says nothing of its error
        powers(1, sizes=(40, 50, 60, 70)),  # near to each other
        [(size, 0.0) for size in SIZES],  # no logarithm
        [(-1, 1.0), (0, 1.0), (1, 1.0), (2, 1.0)],
        [],
    ],
)
def test_too_little_allows_no_power(values):
    relation = relation_of(runs_of(values), "batch_size", None, WHAT)
    assert [group.power for group in relation.groups] == [None] * len(relation.groups)
    assert relation.sentences == ()


def test_repeats_have_a_median_and_a_range_in_order_of_the_numbers():
    values = [(128, 3.0), (16, 1.0), (128, 1.0), (128, 2.0), (16, 5.0)]
    (group,) = relation_of(runs_of(values), "batch_size", None, WHAT).groups
    assert [(one.x, one.count, one.median, one.low, one.high) for one in group.values] == [
        (16, 2, 3.0, 1.0, 5.0),
        (128, 3, 2.0, 1.0, 3.0),
    ]


def test_groups_are_apart_in_order_and_each_says_what_is_clear_of_it():
    runs = [*runs_of(powers(1), momentum=0.9), *runs_of(powers(0), momentum=0.0), *runs_of([(16, 1.0)])]
    relation = relation_of(runs, "batch_size", "momentum", WHAT)
    assert [group.name for group in relation.groups] == ["0", "0.9", "other"]
    assert relation.sentences == (
        "With momentum 0, the suggested rate hardly changes with the batch size, over 16 to 512.",
        "With momentum 0.9, the suggested rate grows with the batch size to the power 1.00 ± 0.01, over 16 to 512.",
    )


def test_two_words_are_compared_where_their_ranges_lie_apart():
    runs = [Run(settings={"optimizer": "Adam"}, value=0.001 * (1 + 0.1 * index)) for index in range(4)]
    runs += [Run(settings={"optimizer": "SGD"}, value=0.1 * (1 + 0.1 * index)) for index in range(4)]
    relation = relation_of(runs, "optimizer", None, WHAT)
    assert relation.sentences == ("The suggested rate is 100 times as high with optimizer SGD as with optimizer Adam.",)
    assert relation_of(runs[1:], "optimizer", None, WHAT).sentences == ()
    touching = [*runs, Run(settings={"optimizer": "Adam"}, value=0.2)]
    assert relation_of(touching, "optimizer", None, WHAT).sentences == ()


def test_a_setting_that_changed_with_another_is_not_taken_for_the_cause():
    runs = [
        Run(settings={"batch_size": size, "width": 2 * size, "parameters": size**2, "seed": 0}, value=value)
        for size, value in powers(0.5)
    ]
    grows, but = relation_of(runs, "batch_size", None, WHAT).sentences
    assert grows.startswith("The suggested rate grows with the batch size")
    assert but == "But width changed together with the batch size: which of them it is cannot be told."
    crossed = [Run(settings={**run.settings, "width": width}, value=run.value) for run in runs for width in (8, 16)]
    assert len(relation_of(crossed, "batch_size", None, WHAT).sentences) == 1
