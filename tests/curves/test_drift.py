"""Noise that drifts is no fall: how much of a drop a random walk explains, and that clean falls keep their verdict."""

import numpy as np
import pytest

from tb_lrfinder import Curve, suggest
from tb_lrfinder.curves.analysis import analyse
from tb_lrfinder.curves.drift import drift_of
from tb_lrfinder.curves.edge import SWEEP_DIVISOR
from tests.support.traces import synthetic_curve

SEEDS = range(200)


def drifting(correlation, seed, num_steps=300):
    """Noise around 2.3 whose neighbours are so correlated: at 1 a random walk."""
    shocks = np.random.default_rng(seed).normal(0.0, 0.1, num_steps)
    if correlation < 1:
        shocks[0] /= np.sqrt(1 - correlation**2)
    values = np.empty(num_steps)
    level = 0.0
    for step, shock in enumerate(shocks.tolist()):
        values[step] = level = correlation * level + shock
    return Curve(np.geomspace(1e-7, 10.0, num_steps), 2.3 + values)


def words_of(correlation, num_steps=300):
    found = [suggest(drifting(correlation, seed, num_steps)).confidence for seed in SEEDS]
    return [confidence.word for confidence in found if confidence is not None]


@pytest.mark.parametrize("correlation", [0.5, 0.8, 0.9, 0.95, 0.99, 1.0])
def test_noise_that_drifts_is_hardly_ever_called_sure(correlation):
    # Without a standard error of the drift: 0, 2, 4, 6, 23 and 22.
    assert words_of(correlation).count("sure") <= 1


@pytest.mark.parametrize("num_steps", [300, 1000])
@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0])
def test_noise_has_no_blow_up_edge(correlation, num_steps):
    # Judged by the first rise of the smoothed loss: 7, 156, 185, 187, 177, 168 and 161 of 300 steps.
    edges = [suggest(drifting(correlation, seed, num_steps)).edge for seed in SEEDS]
    assert sum(edge is not None for edge in edges) <= 2


def test_the_edge_behind_noise_lies_where_the_loss_rises_for_good():
    for seed in range(50):
        noise = drifting(0.8, seed)
        broken = np.where(noise.learning_rates < 0.1, noise.losses, 50.0)
        edge = suggest(Curve(noise.learning_rates, broken)).edge
        assert edge is not None
        assert 0.7 < edge / (0.1 / SWEEP_DIVISOR) < 1.1


def test_drift_of_a_dense_sweep_is_no_fall_either():
    # 25 without.
    assert words_of(1.0, 1000).count("sure") == 0


def test_a_random_walk_drifts_by_the_root_of_the_steps():
    walks = [np.cumsum(np.random.default_rng(seed).standard_normal(400)) for seed in range(100)]
    assert np.median([drift_of(walk, 225) for walk in walks]) == pytest.approx(15.0, rel=0.2)
    dense = [np.cumsum(np.random.default_rng(seed).standard_normal(4000)) for seed in range(100)]
    assert np.median([drift_of(walk, 2250) for walk in dense]) == pytest.approx(225**0.5 * 10**0.5, rel=0.25)


def test_independent_noise_does_not_drift():
    drifts = [drift_of(np.random.default_rng(seed).standard_normal(400), 200) for seed in range(100)]
    assert sum(drift == 0 for drift in drifts) > 90


@pytest.mark.parametrize("size", [0, 1, 15, 31])
def test_few_values_tell_nothing_of_a_drift(size):
    assert drift_of(np.arange(float(size)) ** 2, 10) == 0


@pytest.mark.parametrize("scale", [2.0**-30, 2.0**30])
def test_the_drift_scales_with_the_values_and_ignores_their_level(scale):
    walk = np.cumsum(np.random.default_rng(1).standard_normal(400))
    assert drift_of(scale * walk, 100) == scale * drift_of(walk, 100)
    assert drift_of(walk + 1000, 100) == pytest.approx(drift_of(walk, 100))


@pytest.mark.parametrize("num_steps", [100, 300, 1000, 10_000])
@pytest.mark.parametrize("noise", [0.0, 0.02, 0.1])
def test_a_clear_fall_stays_clear(num_steps, noise):
    curve = synthetic_curve(num_steps, noise=noise)
    assert analyse(curve).significance > 6
    assert analyse(Curve(curve.learning_rates, 1e6 * curve.losses - 1e3)).significance > 6
