"""Probes of a loop of Keras outside `fit`: range tests in the middle of a training that a `ScheduleWriter` records."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import RangeTest, ScheduleWriter
from tests.support.models import assert_same_state, state_of
from tests.support.recorded import recorded
from tests.training.test_own_loops import BATCHES, built, train_step

NUM_STEPS = 2 * len(BATCHES)


def optimizer_of(rate: Any, **options: Any) -> keras.Optimizer:
    return keras.optimizers.Adam(rate, **options)


def train(model: Any, writer: ScheduleWriter, probe_at: Any = ()) -> list[float]:
    losses = []
    for step, (x, y) in enumerate([*BATCHES, *BATCHES]):
        if not callable(model.optimizer._learning_rate):
            model.optimizer.learning_rate = 0.01 / (1 + step)
        if step in probe_at:
            arguments: dict[str, Any] = {"optimizer": model.optimizer, "num_steps": 12, "verbose": 0}
            with RangeTest(f"{writer.log_dir}/probes", restore=model, training=writer, **arguments) as test:
                for one in test.batches(BATCHES):
                    test.report(train_step(model, *one))
        losses.append(train_step(model, x, y))
        if (step + 1) % (model.optimizer.gradient_accumulation_steps or 1) == 0:
            writer.record(model.optimizer, loss=losses[-1], epoch=(step + 1) / len(BATCHES))
    return losses


@pytest.mark.parametrize("gathered", [None, 3], ids=["each batch", "gathered"])
def test_the_training_with_probes_is_the_training_without_them(tmp_path, gathered):
    losses, states, counts = [], [], gathered or 1
    for name, places in (("a", (0, 9)), ("b", ())):
        model = built(optimizer_of(0.01, gradient_accumulation_steps=gathered))
        with ScheduleWriter(tmp_path / name, optimizer=model.optimizer, batch_size=32, model=model) as writer:
            losses.append(train(model, writer, places))
        states.append(state_of(model))
    assert losses[0] == losses[1]
    assert_same_state(*states)
    traces, tables = recorded(tmp_path)
    runs = {trace.run: columns for trace, columns in zip(traces, tables, strict=True)}
    for column in runs["a"].keys() - {"wall_time"}:
        np.testing.assert_array_equal(runs["a"][column], runs["b"][column])
    (training,) = (trace for trace in traces if trace.run == "a")
    probes = [trace.header for trace in traces if trace.run == "a/probes"]
    assert training.header is not None
    for header, step in zip(probes, (0, 9), strict=True):
        assert header is not None
        assert header.probe is not None
        assert (header.probe.training, header.probe.step) == (training.session, step // counts)
        assert header.first_step == step // counts
        assert header.probe.learning_rate == np.float32(0.01 / (1 + step))
        assert header.probe.epoch == (step / len(BATCHES) if step else None)
        for one in (header, training.header):
            assert (one.model, one.optimizer, one.batch_size) == ("Sequential", "Adam", 32)
            assert one.parameters == 12 * 16 + 16 + 2 * 16 + 16 * 4 + 4


def test_the_rate_of_a_schedule_is_that_of_the_next_update(tmp_path):
    schedule = keras.optimizers.schedules.PolynomialDecay(0.1, 100, 0.0)
    weight = keras.Variable(np.zeros(1, "float32"))
    optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=3)
    with ScheduleWriter(tmp_path / "run", optimizer=optimizer) as writer:
        for _ in range(7):
            optimizer.apply([keras.ops.ones(1)], [weight])
        with RangeTest(tmp_path / "probes", restore=weight, optimizer=optimizer, training=writer, verbose=0):
            pass
    traces, _ = recorded(tmp_path / "probes")
    assert traces[0].header is not None
    assert traces[0].header.probe is not None
    assert traces[0].header.probe.learning_rate == pytest.approx(0.1 - 0.001 * 8, rel=1e-5)
