"""Probes of any loop: what a range test in the middle of a recorded training says, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tb_lrfinder import RangeTest, ScheduleWriter
from tests.loops.test_range_test import Descent
from tests.support.recorded import recorded


@pytest.fixture
def descent() -> Descent:
    return Descent()


def probe(descent: Descent, writer: ScheduleWriter, log_dir: Any = None, **options: Any) -> RangeTest:
    """A probe of a loop that sets its rates itself, and records every step that it makes."""
    arguments: dict[str, Any] = {"restore": descent.pair, "training": writer, "num_steps": 20, "verbose": 0, **options}
    with RangeTest(log_dir, **arguments) as test:
        for rate in test:
            loss = descent.step(rate)
            writer.record(rate, loss=loss, epoch=9.0)
            test.report(loss)
    return test


def traces_of(log_dir) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    traces, tables = recorded(log_dir)
    headers = {trace.run: trace.header for trace in traces}
    return (
        headers,
        {trace.run: trace for trace in traces},
        {trace.run: columns for trace, columns in zip(traces, tables, strict=True)},
    )


def test_a_loop_that_sets_its_rates_is_probed_around_the_last_one(tmp_path, descent):
    with ScheduleWriter(tmp_path / "run", optimizer="SGD", batch_size=8, first_step=100) as writer:
        for step in range(6):
            writer.record(0.02, loss=descent.step(0.02), epoch=(step + 1) / 4)
        weight = descent.weight
        test = probe(descent, writer, tmp_path / "run" / "probes")
        assert descent.weight == weight
        writer.record(0.01, loss=0.5, epoch=2.0)
    headers, traces, tables = traces_of(tmp_path)
    np.testing.assert_array_equal(tables["run"]["step"], np.arange(100, 107))
    np.testing.assert_array_equal(tables["run"]["learning_rate"], [0.02] * 6 + [0.01])
    header = headers["run/probes"]
    assert (header.kind, header.optimizer, header.batch_size, header.first_step) == ("range_test", "SGD", 8, 106)
    found = header.probe
    assert (found.training, found.step, found.epoch) == (traces["run"].session, 106, 1.5)
    assert found.learning_rate == 0.02
    assert found.seconds > 0
    np.testing.assert_allclose([header.start_lr, header.end_lr], [2e-5, 20.0])
    assert test.result.session == traces["run/probes"].session
    assert test.curve.optimizer == "SGD"


def test_a_probe_before_the_first_step_knows_the_training_that_follows(tmp_path, descent):
    class Mine:
        def __init__(self) -> None:
            self.param_groups = [{"params": [], "lr": 0.5}]

    with ScheduleWriter(tmp_path / "run", optimizer=Mine()) as writer:
        probe(descent, writer, tmp_path / "run" / "probes")
        writer.record(0.3)
    headers, traces, _ = traces_of(tmp_path)
    found = headers["run/probes"].probe
    assert (found.training, found.step, found.epoch, found.learning_rate) == (traces["run"].session, 0, None, 0.5)


def test_several_probes_share_a_directory_and_sum_up_repeats(tmp_path, descent):
    tests = []
    with ScheduleWriter(tmp_path / "run") as writer:
        for step in range(4):
            writer.record(0.1, loss=descent.step(0.1))
            if step % 2:
                tests.append(probe(descent, writer, tmp_path / "run" / "probes", repeats=2))
    assert [len(test.result.repeats) for test in tests] == [2, 2]
    traces: list[Any]
    traces, _ = recorded(tmp_path / "run" / "probes")
    assert [(one.header.probe.step, one.header.repeats) for one in traces] == [(2, 2), (4, 2)]
    assert [test.result.session for test in tests] == [trace.session for trace in traces]


def test_without_a_directory_nothing_is_written_and_the_training_goes_on(tmp_path, descent):
    with ScheduleWriter(tmp_path) as writer:
        writer.record(0.1, loss=1.0)
        assert probe(descent, writer).result.session is None
        writer.record(0.1, loss=1.0)
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], [0, 1])


def test_a_probe_that_fails_leaves_the_recording_as_it_was(tmp_path, descent):
    def train() -> None:
        with RangeTest(tmp_path / "probes", restore=descent.pair, training=writer, verbose=0) as test:
            for rate in test:
                test.report(descent.step(rate))
                raise KeyError("theirs")

    with ScheduleWriter(tmp_path / "run") as writer:
        writer.record(0.1)
        with pytest.raises(KeyError):
            train()
        unkept = RangeTest(restore=(lambda: 1 / 0, descent.put), training=writer, verbose=0)
        with pytest.raises(ZeroDivisionError):
            unkept.__enter__()
        writer.record(0.2)
    headers, _, tables = traces_of(tmp_path)
    np.testing.assert_array_equal(tables["run"]["learning_rate"], [0.1, 0.2])
    assert headers["probes"].status == "interrupted"
    assert headers["probes"].probe.seconds > 0


def test_what_cannot_be_a_probe_is_refused_in_words(tmp_path, descent, monkeypatch):
    monkeypatch.chdir(tmp_path)
    writer = ScheduleWriter("run")
    for log_dir in ("run", tmp_path / "run", "run/"):
        with pytest.raises(ValueError, match=r"directory of its own.*probes.*which the ScheduleWriter writes to"):
            RangeTest(log_dir, restore=descent.pair, training=writer)
    with pytest.raises(ValueError, match="needs the rate in use: name its `optimizer`, or record a step before"):
        RangeTest("probes", restore=descent.pair, training=writer)
    with pytest.raises(ValueError, match="must be the ScheduleWriter that records the training. Received: .* str"):
        RangeTest("probes", restore=descent.pair, training="run")  # pyright: ignore[reportArgumentType]
    writer.close()


def test_what_says_which_test_belongs_to_a_training_is_checked(tmp_path, descent):
    with RangeTest(restore=descent.pair, num_steps=5, verbose=0) as test:
        for rate in test:
            test.report(descent.step(rate))
    with pytest.raises(ValueError, match="must be the result of a test that was written"):
        ScheduleWriter(tmp_path / "run", range_test=test.result)
    with pytest.raises(ValueError, match="range_test"):
        ScheduleWriter(tmp_path / "run", range_test="not a session")
    with pytest.raises(ValueError, match="`model` must be a module of PyTorch, a model of Keras, or the model's name"):
        ScheduleWriter(tmp_path / "run", model=3)
    assert not (tmp_path / "run").exists()
