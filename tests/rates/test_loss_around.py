"""The loss of a training around its probes: noise is no rise, and a training that broke has one."""

from __future__ import annotations

import numpy as np
import pytest

from tb_lrfinder.rates.loss_around import LossAround, losses_around


def test_the_loss_around_a_probe_is_that_of_half_the_way_to_its_neighbours():
    steps = np.arange(400.0)
    losses = np.where(steps < 200, 1.0, 3.0)
    found = losses_around(steps, losses, [100, 200, 300])
    assert found == {100: LossAround(1.0, 1.0, 0.0), 200: LossAround(1.0, 3.0, 0.0), 300: LossAround(3.0, 3.0, 0.0)}
    assert [one.rose for one in found.values() if one] == [False, True, False]


def test_a_lone_probe_is_compared_with_a_tenth_of_the_training_on_either_side():
    steps = np.arange(1_000.0)
    losses = np.where(np.abs(steps - 500) < 98, 1.0 + (steps >= 500), 9.0)
    found = losses_around(steps, losses, [500])[500]
    assert found is not None
    assert (found.before, found.after) == (1.0, 2.0)


@pytest.mark.parametrize("place", [0, 3, 397, 400, 10**15])
def test_where_too_few_rows_lie_on_one_side_nothing_is_known(place):
    assert losses_around(np.arange(400.0), np.ones(400), [place]) == {place: None}
    assert losses_around(np.empty(0), np.empty(0), [place]) == {place: None}


def test_a_training_that_broke_has_a_loss_that_rose_and_one_that_was_broken_has_none():
    losses = np.where(np.arange(400) < 200, 1.0, np.nan)
    found = losses_around(np.arange(400.0), losses, [100, 200, 300])
    assert [one and one.rose for one in found.values()] == [False, True, None]


def test_noise_alone_is_no_rise():
    steps, places = np.arange(2_000.0), list(range(200, 2_000, 200))
    generator = np.random.default_rng(0)
    found = [losses_around(steps, generator.normal(1.0, 0.3, 2_000), places) for _ in range(100)]
    rises = [one for around in found for one in around.values() if one is not None and one.rose]
    assert len(rises) <= 2
    risen = losses_around(steps, generator.normal(1.0, 0.3, 2_000) + (steps >= 1_000), places)
    assert [place for place, one in risen.items() if one is not None and one.rose] == [1_000]


@pytest.mark.parametrize(
    "losses", [np.tile([1e308, -1e308], 200), np.full(400, 1.7e308), np.tile([np.inf, np.nan], 200)]
)
def test_losses_of_any_size_are_compared_without_overflow(losses):
    found = losses_around(np.arange(400.0), losses, [100, 200, 300])
    assert not any(one.rose for one in found.values() if one is not None)


def test_noise_that_wanders_is_no_rise():
    """A loss that was averaged while it was recorded: neighbours are alike, the level is not."""
    steps, places = np.arange(4_000.0), [1_000, 3_000]
    generator = np.random.default_rng(0)
    kernel = np.exp(-np.arange(60) / 10)
    found = [
        losses_around(steps, np.convolve(generator.normal(1.0, 0.3, 4_059), kernel, "valid"), places)
        for _ in range(100)
    ]
    rises = [one for around in found for one in around.values() if one is not None and one.rose]
    assert len(rises) <= 1


def test_a_loss_that_blows_up_more_and_more_has_risen():
    steps = np.arange(800.0)
    losses = np.random.default_rng(0).normal(1.0, 0.1, 800) + np.expm1(np.maximum(steps - 400, 0) / 10)
    found = losses_around(steps, losses, [400])[400]
    whole = losses_around(steps, losses, [200, 400, 600])
    assert found is not None
    assert found.rose
    assert [one and one.rose for one in whole.values()] == [False, True, True]
