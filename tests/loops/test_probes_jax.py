"""Probes of a loop of JAX and optax: range tests in the middle of a training that a `ScheduleWriter` records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")

from tb_lrfinder import RangeTest, ScheduleWriter  # noqa: E402
from tests.loops.test_range_test_jax import BATCHES, Loop, assert_same  # noqa: E402
from tests.support.recorded import recorded  # noqa: E402


def train(loop: Loop, writer: ScheduleWriter, probe_at: Any = ()) -> None:
    """Two epochs at a rate that falls, set before each update."""
    for step, (x, y) in enumerate([*BATCHES, *BATCHES]):
        loop.state.hyperparams["learning_rate"] = jax.numpy.asarray(0.1 / (1 + step), "float32")
        if step in probe_at:
            arguments: dict[str, Any] = {"optimizer": lambda: loop.state, "num_steps": 20, "verbose": 0}
            restore = (lambda: (loop.params, loop.state)), loop.put
            with RangeTest(f"{writer.log_dir}/probes", restore=restore, training=writer, **arguments) as test:
                for one in test.batches(BATCHES):
                    test.report(loop.train_step(*one))
        loss = loop.train_step(x, y)
        writer.record(lambda: loop.state, loss=loss)


def test_the_training_with_probes_is_the_training_without_them(tmp_path):
    probed, plain = Loop(optax.adam), Loop(optax.adam)
    for loop, name, places in ((probed, "a", (0, 21)), (plain, "b", ())):
        optimizer = lambda loop=loop: loop.state  # noqa: E731
        with ScheduleWriter(tmp_path / name, optimizer=optimizer, batch_size=16, model="Linear") as writer:
            train(loop, writer, places)
    assert_same((probed.params, probed.state), (plain.params, plain.state))
    assert probed.losses[-11:] == plain.losses[-11:]
    traces, tables = recorded(tmp_path)
    runs = {trace.run: columns for trace, columns in zip(traces, tables, strict=True)}
    for column in runs["a"].keys() - {"wall_time"}:
        np.testing.assert_array_equal(runs["a"][column], runs["b"][column])
    (training,) = (trace for trace in traces if trace.run == "a")
    probes = [trace.header for trace in traces if trace.run == "a/probes"]
    assert training.header is not None
    for header, step in zip(probes, (0, 21), strict=True):
        assert header is not None
        assert header.probe is not None
        assert (header.probe.training, header.probe.step, header.first_step) == (training.session, step, step)
        assert header.probe.learning_rate == np.float32(0.1 / (1 + step))
        assert header.start_lr == pytest.approx(header.probe.learning_rate / 1e3)
        for one in (header, training.header):
            assert (one.model, one.parameters, one.optimizer, one.batch_size) == ("Linear", 8, "Adam", 16)


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (optax.adamw, 8),
        (lambda learning_rate: optax.sgd(learning_rate, momentum=0.9), 8),
        (optax.rmsprop, 8),
        (lambda learning_rate: optax.chain(optax.clip(1.0), optax.adam(learning_rate)), 8),
        (lambda learning_rate: optax.sgd(learning_rate), None),
    ],
    ids=["adamw", "momentum", "rmsprop", "chain", "sgd"],
)
def test_the_averages_of_an_optimizer_tell_how_many_parameters_it_moves(tmp_path, make, parameters):
    loop = Loop(make)
    with ScheduleWriter(tmp_path) as writer:
        writer.record(lambda: loop.state)
    (trace,), _ = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.model, trace.header.parameters) == (None, parameters)
