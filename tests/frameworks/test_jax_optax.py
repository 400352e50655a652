"""The example in JAX with optax: a range test, and a training whose rates are those of its schedule."""

from __future__ import annotations

import jax
import numpy as np
import optax
import pytest

from examples import jax_optax
from tb_lrfinder import RangeTest
from tests.support.recorded import recorded


def test_a_range_test_and_a_training_at_the_peak_that_it_suggests(tmp_path):
    figures = jax_optax.main(tmp_path, **jax_optax.SMALL)
    assert 1e-3 < figures["peak"] < 1e-1
    assert figures["loss"] < 0.5
    (test, training), (swept, trained) = recorded(tmp_path)
    assert (test.run, training.run) == ("range_test", "training")
    assert test.header is not None
    assert training.header is not None
    assert test.header.optimizer == "Adam"
    assert (training.header.driver, training.header.optimizer) == ("cosine_onecycle_schedule", "Adam")
    np.testing.assert_allclose(swept["learning_rate"][:2], 1e-7 * (10 / 1e-7) ** (np.arange(2) / 119), rtol=1e-6)
    steps = len(jax_optax.Batches()) * jax_optax.SMALL["epochs"]
    schedule = optax.cosine_onecycle_schedule(steps, figures["peak"])
    np.testing.assert_allclose(trained["learning_rate"], [float(schedule(step)) for step in range(steps)], rtol=1e-6)
    np.testing.assert_allclose(trained["epoch"], (trained["step"] + 1) / len(jax_optax.Batches()))


def swept(training: jax_optax.Training) -> None:
    state = (training.get, training.put)
    with RangeTest(restore=state, optimizer=lambda: training.opt_state, end_lr=0.1, num_steps=20, verbose=0) as test:
        for images, digits in test.batches(jax_optax.Batches()):
            test.report(training.step(images, digits))
    assert test.stop_reason == "completed"


def test_a_range_test_leaves_parameters_and_optimizer_as_they_were():
    training = jax_optax.Training(0.001)
    before = jax.tree.map(np.array, training.get())
    swept(training)
    jax.tree.map(np.testing.assert_array_equal, training.get(), before)


def test_the_step_is_traced_once_for_all_rates(monkeypatch):
    traced = []
    loss_of = jax_optax.loss_of
    monkeypatch.setattr(jax_optax, "loss_of", lambda *arguments: traced.append(1) or loss_of(*arguments))
    training = jax_optax.Training(0.001)
    training.step(*next(iter(jax_optax.Batches())))
    swept(training)
    training.step(*next(iter(jax_optax.Batches())))
    assert len(traced) == 1


def test_without_a_suggestion_the_example_ends_with_the_reason(tmp_path):
    with pytest.raises(SystemExit, match="Only 3 points"):
        jax_optax.main(tmp_path, epochs=1, num_steps=3)
