"""Probes of a loop of PyTorch: range tests in the middle of a training that a `ScheduleWriter` records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tb_lrfinder import RangeTest, ScheduleWriter  # noqa: E402
from tests.loops.test_range_test_torch import OPTIMIZERS, Loop, assert_same  # noqa: E402
from tests.support.recorded import recorded  # noqa: E402

EPOCHS, BATCHES = 3, 16
PARAMETERS = 8 * 16 + 16 + 2 * 16 + 16 + 1


class Recorded(Loop):
    """A training with a scheduler, each step of which is recorded where it is made."""

    def __init__(self, log_dir: Path, make_optimizer: Any = None, **options: Any) -> None:
        super().__init__(make_optimizer)
        cycles = bool({"momentum", "betas"} & self.optimizer.param_groups[0].keys())
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, 0.1, total_steps=EPOCHS * BATCHES, cycle_momentum=cycles
        )
        self.log_dir = log_dir
        self.writer = ScheduleWriter(
            log_dir, optimizer=self.optimizer, driver=self.scheduler, batch_size=16, model=self.model, **options
        )

    def train_step(self, x: Any, y: Any) -> Any:
        loss = super().train_step(x, y)
        self.writer.record(self.optimizer, loss=loss)
        return loss

    def epochs(self, number: int, probe_at: Any = ()) -> list[Any]:
        probes = []
        for epoch in range(number):
            for batch, (x, y) in enumerate(self.loader):
                if (epoch, batch) in probe_at:
                    probes.append(self.probe())
                self.train_step(x, y)
                self.scheduler.step()
        return probes

    def probe(self, **options: Any) -> Any:
        arguments: dict[str, Any] = {
            "restore": [self.model],
            "optimizer": self.optimizer,
            "training": self.writer,
            "num_steps": 30,
            "verbose": 0,
            **options,
        }
        with RangeTest(self.log_dir / "probes", **arguments) as test:
            for x, y in test.batches(self.loader):
                test.report(self.train_step(x, y))
        return test


def numbers_of(scheduler: Any) -> Any:
    return {name: value for name, value in scheduler.state_dict().items() if isinstance(value, (int, float, list))}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_training_with_probes_is_the_training_without_them(tmp_path, name):
    probed, plain = Recorded(tmp_path / "a", OPTIMIZERS[name]), Recorded(tmp_path / "b", OPTIMIZERS[name])
    for loop in (probed, plain):
        torch.manual_seed(3)
        loop.epochs(EPOCHS, [(0, 0), (1, 5), (2, 15)] if loop is probed else [])
        loop.writer.close()
    assert_same(probed.state(), plain.state())
    assert numbers_of(probed.scheduler) == numbers_of(plain.scheduler)
    traces, tables = recorded(tmp_path)
    runs = {trace.run: columns for trace, columns in zip(traces, tables, strict=True) if trace.run in ("a", "b")}
    for column in runs["a"].keys() - {"wall_time"}:
        np.testing.assert_array_equal(runs["a"][column], runs["b"][column])
    assert len(traces) == 5


def test_a_probe_says_where_in_its_training_it_was_made(tmp_path):
    loop = Recorded(tmp_path, OPTIMIZERS["Adam"])
    (test,) = loop.epochs(2, [(1, 5)])
    loop.writer.close()
    traces, tables = recorded(tmp_path)
    training: Any
    probe: Any
    training, probe = sorted(traces, key=lambda trace: trace.run)
    assert (training.run, probe.run) == (".", "probes")
    found = probe.header.probe
    assert found is not None
    assert (found.training, found.step, found.epoch, found.left_out) == (training.session, 21, None, 0)
    used = dict(
        zip(tables[traces.index(training)]["step"], tables[traces.index(training)]["learning_rate"], strict=True)
    )
    assert found.learning_rate == used[21]
    assert found.seconds is not None
    assert 0 < found.seconds < 60
    for header in (training.header, probe.header):
        facts = (header.model, header.parameters, header.optimizer, header.batch_size)
        assert facts == ("Sequential", PARAMETERS, "Adam", 16)
    assert (training.header.first_step, probe.header.first_step) == (0, 21)
    assert test.result.session == probe.session
    np.testing.assert_allclose([probe.header.start_lr, probe.header.end_lr], [used[21] / 1e3, used[21] * 1e3])


def test_the_range_may_be_given_and_a_rate_of_zero_has_the_usual_one(tmp_path):
    loop = Recorded(tmp_path)
    loop.epochs(1)
    test = loop.probe(start_lr=1e-3, end_lr=1.0)
    assert test.result.history["learning_rate"][0] == 1e-3
    for group in loop.optimizer.param_groups:
        group["lr"] = 0.0
    test = loop.probe()
    assert test.result.history["learning_rate"][0] == 1e-7


def test_a_scheduler_that_has_not_begun_still_warns_of_a_wrong_order(tmp_path):
    loop = Recorded(tmp_path)
    loop.probe()
    with pytest.warns(UserWarning, match="lr_scheduler.step"):
        loop.scheduler.step()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_frozen_weights_do_not_count_and_what_is_wrapped_has_its_own_name(tmp_path):
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.base, self.head = torch.nn.Linear(4, 4), torch.nn.Linear(4, 1)
            self.base.requires_grad_(False)

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for name, model in {
        "plain": net,
        "compiled": torch.compile(net),
        "spread": torch.nn.DataParallel(net),
        "named": "Net",
    }.items():
        with ScheduleWriter(tmp_path / name, model=model) as writer:
            writer.record(optimizer)
    traces, _ = recorded(tmp_path)
    assert [(one.header.model, one.header.parameters) for one in traces if one.header] == [("Net", 5)] * 4


def test_a_test_is_named_by_its_result(tmp_path):
    loop = Loop()
    with RangeTest(tmp_path / "test", restore=loop.model, optimizer=loop.optimizer, num_steps=20, verbose=0) as test:
        for x, y in test.batches(loop.loader):
            test.report(loop.train_step(x, y))
    with ScheduleWriter(tmp_path / "run", range_test=test.result) as writer:
        writer.record(0.1)
    with ScheduleWriter(tmp_path / "again", range_test=test.result.session) as writer:
        writer.record(0.1)
    traces, _ = recorded(tmp_path)
    by_run = {trace.run: trace for trace in traces}
    assert {one.header.range_test for name, one in by_run.items() if name != "test" and one.header} == {
        by_run["test"].session
    }
    header = by_run["test"].header
    assert header is not None
    assert (header.model, header.parameters, header.first_step) == ("Sequential", PARAMETERS, 0)


def test_a_step_that_is_recorded_after_a_probe_has_the_rate_of_its_update(tmp_path):
    loop = Loop()
    with ScheduleWriter(tmp_path, optimizer=loop.optimizer) as writer:
        loop.train_step(*next(iter(loop.loader)))
        with RangeTest(restore=loop.model, optimizer=loop.optimizer, training=writer, num_steps=5, verbose=0) as test:
            for x, y in test.batches(loop.loader):
                test.report(loop.train_step(x, y))
        loop.optimizer.param_groups[0]["lr"] = 0.01
        writer.record(loop.optimizer)
    _, (columns,) = recorded(tmp_path)
    assert columns["learning_rate"].tolist() == [0.05]


def test_repeats_do_not_count_their_own_updates_as_those_of_the_training(tmp_path):
    loop = Recorded(tmp_path, OPTIMIZERS["Adam"])
    loop.epochs(1)
    loop.probe(repeats=2)
    traces: list[Any]
    traces, _ = recorded(tmp_path / "probes")
    assert [(one.header.first_step, one.header.repeats) for one in traces] == [(16, 2)]
