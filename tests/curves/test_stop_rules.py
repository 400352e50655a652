"""The stop rules: right at any level of the loss, deaf to noise and spikes, true in its words."""

import numpy as np
import pytest

from tb_lrfinder.curves.stop_rules import DivergenceRule, EliminationRule, Stop
from tb_lrfinder.curves.wording import Words
from tests.support.traces import synthetic_curve


def stop_of(losses, factor: float | None = 4.0) -> tuple[int, Stop] | None:
    rule = DivergenceRule(factor, len(losses))
    for step, loss in enumerate(losses):
        if stop := rule.update(float(loss)):
            return step, stop.told(Words("loss", "min"))
    return None


@pytest.mark.parametrize("offset", [0.0, -0.3, -100.0, 50.0])
def test_the_level_of_the_loss_does_not_matter(offset):
    curve = synthetic_curve(noise=0.0)
    plain = stop_of(curve.losses)
    moved = stop_of(curve.losses + offset)
    assert plain is not None
    assert moved is not None
    assert moved[0] == plain[0]
    assert moved[1].reason == "diverged"


def test_stops_where_the_rise_exceeds_the_drop_by_the_factor():
    losses = np.concatenate([np.linspace(2.0, 1.0, 50), np.linspace(1.0, 9.0, 81)])
    found = stop_of(losses, factor=4.0)
    assert found is not None
    step, stop = found
    # Lowest median about 1, first median about 2: the threshold is about 1 + 4 * 1.
    words, threshold = stop.text.removesuffix(".").rsplit(" ", 1)
    assert words == f"Stopped at step {step + 1}: the loss rose above"
    assert float(threshold) == pytest.approx(5.0, abs=0.3)
    assert losses[step - 3] <= float(threshold) < losses[step - 2]


def test_pure_noise_never_stops_it():
    for seed in range(20):
        assert stop_of(np.random.default_rng(seed).normal(2.3, 0.3, 500)) is None


def test_two_bad_batches_in_a_row_do_not_stop_it():
    losses = np.full(200, 1.0)
    losses[[60, 61, 120, 121]] = 1e9
    assert stop_of(losses) is None


def test_an_early_rise_does_not_stop_it():
    losses = np.concatenate([np.full(5, 1.0), np.full(10, 50.0), np.linspace(1.0, 0.5, 185)])
    assert stop_of(losses) is None


def test_rounding_of_a_flat_loss_does_not_stop_it():
    losses = 2.3 * (1 + 1e-7 * np.arange(300))
    assert stop_of(losses) is None


@pytest.mark.parametrize(("loss", "word"), [(np.nan, "NaN"), (np.inf, "infinite"), (-np.inf, "infinite")])
@pytest.mark.parametrize("factor", [4.0, None])
def test_a_non_finite_loss_stops_it_at_once(loss, word, factor):
    assert stop_of([1.0, 2.0, loss], factor) == (2, Stop("non_finite", f"Stopped at step 3: the loss became {word}."))


def test_it_can_be_switched_off():
    assert stop_of(synthetic_curve().losses, factor=None) is None


@pytest.mark.parametrize("factor", [1.0, 0.0, -2.0, float("nan")])
def test_refuses_a_factor_that_would_stop_at_once(factor):
    with pytest.raises(
        ValueError, match=r"`divergence_factor` must exceed 1, or be None .* Received: divergence_factor="
    ):
        DivergenceRule(factor, 100)


def test_scaling_and_shifting_the_losses_eliminates_the_same_trainings():
    leader = np.linspace(1.0, 0.0, 12)
    plain = [EliminationRule(120, 1.0, None), EliminationRule(120, 1.0, leader.tolist())]
    moved = [EliminationRule(120, 1.0 * 7 - 3, None), EliminationRule(120, 1.0 * 7 - 3, (leader * 7 - 3).tolist())]
    for one, other in zip(plain, moved, strict=True):
        for level in (0.2, 0.3, 0.5, 0.1):
            losses = np.linspace(1.0, level, 120)
            assert [one.update(loss) is None for loss in losses] == [
                other.update(7 * loss - 3) is None for loss in losses
            ]
