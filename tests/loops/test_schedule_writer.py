"""`ScheduleWriter`: what a loop of any framework trained with, whatever ends it."""

from __future__ import annotations

import gc
import itertools
import math
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_lrfinder import ScheduleWriter
from tb_lrfinder.loops import late_losses, pace
from tests.support.disks import FULL, Disk
from tests.support.recorded import recorded


class Scheduler:
    """Somebody's own."""


def only(log_dir: Path) -> tuple[Any, dict[str, np.ndarray]]:
    """The one trace of a directory, and its columns."""
    (trace,), (columns,) = recorded(log_dir)
    assert trace.header is not None
    return trace, columns


def train(writer: ScheduleWriter, steps: int, **values: Any) -> None:
    for step in range(steps):
        writer.record(0.1 / (1 + step), **values)


def test_rates_losses_and_epochs_are_recorded_with_the_facts_of_the_training(tmp_path):
    with ScheduleWriter(tmp_path, optimizer="SGD, momentum 0.9", driver=Scheduler(), batch_size=32) as writer:
        for step in range(20):
            writer.record(0.1 * 0.9**step, loss=1 / (1 + step), epoch=(step + 1) / 5)
    trace, columns = only(tmp_path)
    assert list(columns) == ["step", "learning_rate", "loss", "loss_min", "loss_max", "epoch", "wall_time"]
    np.testing.assert_array_equal(columns["step"], np.arange(20))
    np.testing.assert_array_equal(columns["learning_rate"], [0.1 * 0.9**step for step in range(20)])
    np.testing.assert_array_equal(columns["loss"], 1 / (1 + np.arange(20)))
    np.testing.assert_array_equal(columns["epoch"], (np.arange(20) + 1) / 5)
    header = trace.header
    assert (header.kind, header.driver, header.optimizer, header.batch_size) == (
        "training",
        "Scheduler",
        "SGD, momentum 0.9",
        32,
    )
    assert (trace.status, trace.status_text) == ("finished", "The training ended.")


@pytest.mark.parametrize(
    ("values", "names"),
    [({}, []), ({"loss": 0.5}, ["loss", "loss_min", "loss_max"]), ({"epoch": 1.0}, ["epoch"])],
    ids=["rate_alone", "loss", "epoch"],
)
def test_what_is_not_known_has_no_column(tmp_path, values, names):
    with ScheduleWriter(tmp_path) as writer:
        train(writer, 5, **values)
    _, columns = only(tmp_path)
    assert list(columns) == ["step", "learning_rate", *names, "wall_time"]


def test_a_warm_up_without_a_loss_is_no_range_test(tmp_path):
    for name, values in {"alone": {}, "with_loss": {"loss": 1.0}}.items():
        with ScheduleWriter(tmp_path / name) as writer:
            for rate in np.geomspace(1e-4, 1.0, 50):
                writer.record(rate, **values)
    traces, _ = recorded(tmp_path)
    assert [trace.header and trace.header.is_sweep for trace in traces] == [False, True]


def test_long_trainings_are_thinned_and_corners_kept(tmp_path):
    with ScheduleWriter(tmp_path) as writer:
        for step in range(30_000):
            writer.record(1e-3 if step < 12_345 else 1e-4, loss=float(step % 10))
    _, columns = only(tmp_path)
    assert len(columns["step"]) < 6_000
    assert {12_344, 12_345, 29_999} <= set(columns["step"].tolist())
    drawn = np.interp(np.arange(30_000), columns["step"], columns["learning_rate"])
    np.testing.assert_allclose(drawn, np.where(np.arange(30_000) < 12_345, 1e-3, 1e-4), rtol=1e-3)
    assert (columns["loss_min"].min(), columns["loss_max"].max()) == (0.0, 9.0)


def test_a_training_that_goes_on_is_one_schedule(tmp_path):
    for first, number in ((0, 8), (5, 7)):
        with ScheduleWriter(tmp_path, first_step=first, driver="cosine") as writer:
            for step in range(first, first + number):
                writer.record(0.01 * (1 + step), loss=float(first))
    trace, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(12))
    np.testing.assert_array_equal(columns["loss"], [0.0] * 5 + [5.0] * 7)
    assert trace.status == "finished"


def test_steps_may_be_left_out(tmp_path):
    with ScheduleWriter(tmp_path, first_step=10) as writer:
        for step in (20, 30, None, np.int64(50)):
            writer.record(0.1, step=step)
    _, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["step"], [20, 30, 31, 50])


class Mine:
    """An optimizer like PyTorch's."""

    def __init__(self, rate: float, **settings: Any) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": [], "lr": rate, **settings}]


def test_an_optimizer_is_read_with_what_its_schedule_moves_beside_the_rate(tmp_path):
    optimizer = Mine(0.1, momentum=0.95, weight_decay=0.01)
    with ScheduleWriter(tmp_path / "recorded", driver="OneCycleLR") as writer:
        for step in range(10):
            optimizer.param_groups[0].update(lr=0.1 + step, momentum=0.95 - step / 100)
            writer.record(optimizer, loss=1.0)
    with ScheduleWriter(tmp_path / "beside", optimizer=optimizer) as writer:
        writer.record(0.5)
    with ScheduleWriter(tmp_path / "named", optimizer="My own") as writer:
        writer.record(optimizer)
    traces, (beside, named, of_optimizer) = recorded(tmp_path)
    np.testing.assert_array_equal(of_optimizer["learning_rate"], 0.1 + np.arange(10))
    np.testing.assert_array_equal(of_optimizer["momentum"], 0.95 - np.arange(10) / 100)
    assert set(of_optimizer["weight_decay"]) == {0.01}
    assert (beside["learning_rate"].tolist(), beside["weight_decay"].tolist()) == ([0.5], [0.01])
    assert named["momentum"].tolist() == beside["momentum"].tolist()
    assert [trace.header and trace.header.optimizer for trace in traces] == ["Mine", "My own", "Mine"]


@pytest.mark.parametrize("first", ["recorded", "scheduled"])
def test_a_loop_of_pytorch_with_one_cycle(tmp_path, first):
    torch = pytest.importorskip("torch")
    weight = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], 0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=30)
    rates, momenta, losses = [], [], []
    with ScheduleWriter(tmp_path, optimizer=optimizer, driver=scheduler) as writer:
        for _ in range(30):
            optimizer.zero_grad()
            loss = (weight**2).sum()
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            momenta.append(optimizer.param_groups[0]["momentum"])
            losses.append(loss.item())
            optimizer.step()
            if first == "scheduled":
                scheduler.step()
            writer.record(optimizer, loss=loss)
            if first == "recorded":
                scheduler.step()
    assert not optimizer._optimizer_step_post_hooks
    trace, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["learning_rate"], rates)
    np.testing.assert_array_equal(columns["momentum"], momenta)
    np.testing.assert_array_equal(columns["loss"], losses)
    assert trace.header.driver == "OneCycleLR"
    assert trace.header.optimizer.startswith("SGD, momentum")


@pytest.fixture
def no_hurry(monkeypatch) -> None:
    """Has steps handed on by their number alone."""
    for name in ("_BUNCH_SECONDS", "_PATIENCE_SECONDS"):
        monkeypatch.setattr(pace, name, math.inf)


def on_accelerator(torch: Any, value: float, fetched: list[int]) -> Any:
    """A loss that lies on an accelerator, as far as the host can tell; whoever brings it to the host leaves a note."""

    class Loss(torch.Tensor):
        is_cpu = False

        def item(self) -> Any:
            fetched.append(1)
            return super().item()

        def tolist(self) -> Any:
            fetched.append(self.numel())
            return super().tolist()

    return torch.tensor(value).as_subclass(Loss)


@pytest.mark.usefixtures("no_hurry")
def test_losses_on_an_accelerator_are_copied_there_and_fetched_in_bunches(tmp_path):
    torch = pytest.importorskip("torch")
    fetched: list[int] = []
    buffer = on_accelerator(torch, 0.0, fetched)
    with ScheduleWriter(tmp_path) as writer:
        for step in range(1500):
            buffer.fill_(float(step))  # as a compiled step does
            writer.record(0.1, loss=buffer)
        assert fetched == [pace._BUNCH_SIZE + 1]
    assert sum(fetched) == 1500
    _, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["loss_max"], columns["step"])


def test_a_thread_beside_the_loop_does_not_touch_an_accelerator():
    torch = pytest.importorskip("torch")
    fetched: list[int] = []
    losses = [0.5, late_losses.taken(on_accelerator(torch, 1.0, fetched)), 0.5]
    assert late_losses.num_readable(losses, beside=True) == 1
    assert late_losses.num_readable(losses, beside=False) == 3
    assert fetched == []
    assert late_losses.read(losses) == [0.5, 1.0, 0.5]


class Computing:
    """An array of JAX that is not there yet."""

    def __init__(self, array: Any, *, is_there: bool) -> None:
        self._array = array
        self.is_there = is_there

    def is_ready(self) -> bool:
        return self.is_there

    def __getattr__(self, name: str) -> Any:
        return getattr(self._array, name)


def test_arrays_of_jax_are_read_when_they_are_there(tmp_path):
    jnp = pytest.importorskip("jax.numpy")
    arrays = [Computing(jnp.float32(value), is_there=value < 3) for value in range(5)]
    taken = [late_losses.taken(one) for one in arrays]
    assert [late_losses.num_readable(taken, beside=beside) for beside in (True, False)] == [3, 3]
    with ScheduleWriter(tmp_path) as writer:
        for one in arrays:
            writer.record(0.1, loss=one)
    _, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["loss"], np.arange(5.0))


@pytest.mark.usefixtures("no_hurry")
def test_a_loss_that_is_lost_is_nan_and_the_others_are_kept(tmp_path):
    jnp = pytest.importorskip("jax.numpy")
    losses = [jnp.float32(value) * 1 for value in (1.0, 2.0, 3.0)]
    writer = ScheduleWriter(tmp_path)
    for loss in losses:
        writer.record(0.1, loss=loss)
    losses[1].delete()  # as a step does that was given its memory
    with pytest.warns(UserWarning, match="The training goes on, but the loss of a step could not be read"):
        writer.close()
    _, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["loss"], [1.0, math.nan, 3.0])


@pytest.mark.parametrize("number", [np.float32(0.5), np.array(0.5), np.array([0.5]), 1, math.nan, math.inf])
def test_losses_may_be_numbers_of_any_kind(tmp_path, number):
    with ScheduleWriter(tmp_path) as writer:
        writer.record(np.float32(0.25), loss=number, epoch=np.int64(1))
    _, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["loss"], [float(np.squeeze(number))])
    assert columns["learning_rate"].tolist() == [0.25]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"learning_rate": -0.1}, "`learning_rate` must be zero or positive, and finite. Received: learning_rate=-0.1."),
    ({"learning_rate": math.nan}, "`learning_rate` must be zero or positive, and finite. Received: learning_rate=nan."),
    ({"learning_rate": math.inf}, "`learning_rate` must be zero or positive, and finite. Received: learning_rate=inf."),
    ({"learning_rate": "0.1"}, "`learning_rate` must be a number. Received: learning_rate='0.1'."),
    ({"learning_rate": None}, "`learning_rate` must be a number. Received: learning_rate=None."),
    ({"learning_rate": True}, "`learning_rate` must be a number. Received: learning_rate=True."),
    (
        {"learning_rate": Scheduler()},
        "`optimizer` must be an optimizer of PyTorch or Keras that has a learning rate, or a function without arguments "
        "that returns the state of one of optax. Received: Scheduler.",
    ),
    ({"loss": np.ones(3)}, "`loss` must be one number: report its mean. Received: loss of shape [3]."),
    ({"loss": "low"}, "`loss` must be a number. Received: loss='low'."),
    (
        {"loss": None},
        "Every step must have `loss` where the first one had it: pass the last one that is known. "
        "Received: loss=None at step 3.",
    ),
    (
        {"epoch": None},
        "Every step must have `epoch` where the first one had it: pass the last one that is known. "
        "Received: epoch=None at step 3.",
    ),
    ({"epoch": -1.0}, "`epoch` must be zero or positive, and finite. Received: epoch=-1.0."),
    ({"epoch": math.nan}, "`epoch` must be zero or positive, and finite. Received: epoch=nan."),
    (
        {"step": 2},
        "`step` must go up from `first_step`: pass none, and steps are counted. Received: step=2 where 3 comes next.",
    ),
    ({"step": 3.5}, "`step` must be a whole number of at least 0. Received: step=3.5."),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_what_is_passed_wrongly_is_told_at_once_and_changes_nothing(tmp_path, wrong, message):
    right: dict[str, Any] = {"learning_rate": 0.0, "loss": 1.0, "epoch": 1.0}
    with ScheduleWriter(tmp_path) as writer:
        for number in range(4):
            if number == 3:
                with pytest.raises(ValueError) as caught:
                    writer.record(**{**right, **wrong})
                assert str(caught.value) == message
            writer.record(**right)
    _, columns = only(tmp_path)
    assert columns["step"].tolist() == [0, 1, 2, 3]


def test_losses_of_frameworks_that_hold_several_numbers_are_refused(tmp_path):
    torch = pytest.importorskip("torch")
    jax = pytest.importorskip("jax")
    with ScheduleWriter(tmp_path) as writer:
        for loss in (torch.ones(2), jax.numpy.ones(2), on_accelerator(torch, 1.0, []).repeat(2)):
            with pytest.raises(ValueError, match="`loss` must be one number: report its mean.*of shape \\[2\\]"):
                writer.record(0.1, loss=loss)
        with pytest.raises(ValueError, match="`loss` must be a number"):
            jax.jit(lambda loss: writer.record(0.1, loss=loss))(1.0)


def test_a_first_step_without_a_loss_is_the_pattern_of_all(tmp_path):
    with ScheduleWriter(tmp_path) as writer:
        writer.record(0.1)
        with pytest.raises(ValueError) as caught:
            writer.record(0.1, loss=0.5)
    assert str(caught.value) == (
        "A step can have `loss` only where the first one had it: record it from the first step on. "
        "Received: loss=0.5 at step 1."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"first_step": -1}, "`first_step` must be a whole number of at least 0. Received: first_step=-1."),
        ({"batch_size": 0}, "`batch_size` must be a whole number of at least 1. Received: batch_size=0."),
        ({"optimizer": 0.1}, "`optimizer` must be an optimizer of PyTorch or Keras .* Received: float."),
        ({"driver": "x" * 100_000}, "driver"),
        ({"log_dir": 3}, "`log_dir`"),
    ],
)
def test_refuses_wrong_arguments_before_anything_is_written(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        ScheduleWriter(**{"log_dir": tmp_path / "none", **options})
    assert not (tmp_path / "none").exists()


def test_after_its_end_a_writer_takes_nothing_more(tmp_path):
    writer = ScheduleWriter(tmp_path / "run")
    writer.record(0.1)
    writer.close()
    writer.close()
    with pytest.raises(RuntimeError) as caught:
        writer.record(0.1)
    assert str(caught.value) == (
        "A ScheduleWriter that is closed records nothing more: make another one, with `first_step` where the training goes "
        f"on. Received: a step for {str(tmp_path / 'run')!r}."
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [(ValueError("bad batch"), "Interrupted: ValueError: bad batch."), (KeyboardInterrupt(), "Interrupted: Ctrl-C.")],
)
@pytest.mark.parametrize("steps", [0, 5])
def test_an_exception_marks_the_training_as_interrupted_and_goes_its_way(tmp_path, error, text, steps):
    def fails(writer: ScheduleWriter) -> None:
        train(writer, steps)
        raise error

    with pytest.raises(type(error)), ScheduleWriter(tmp_path) as writer:
        fails(writer)
    trace, columns = only(tmp_path)
    assert (trace.status, trace.status_text) == ("interrupted", text)
    assert len(columns.get("step", ())) == steps


def test_a_writer_that_is_given_up_loses_nothing(tmp_path):
    writer = ScheduleWriter(tmp_path)
    train(writer, 2500, loss=1.0)
    del writer
    gc.collect()
    trace, columns = only(tmp_path)
    assert (trace.status, trace.status_text) == ("interrupted", "Not closed: the trace was given up.")
    assert columns["step"][-1] == 2499


PROGRAM = """
import sys
from tb_lrfinder import ScheduleWriter
writer = ScheduleWriter(sys.argv[1])
for step in range(2500):
    writer.record(0.1, loss=1.0)
{end}
"""


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ("", "Not closed: the program ended."),
        ("raise RuntimeError('bad')", "Not closed: the program ended: RuntimeError."),
        ("sys.exit(3)", "Not closed: the program ended."),
    ],
    ids=["end", "error", "exit"],
)
def test_a_program_that_ends_without_closing_loses_nothing(tmp_path, end, text):
    subprocess.run([sys.executable, "-c", PROGRAM.format(end=end), str(tmp_path)], capture_output=True)
    trace, columns = only(tmp_path)
    assert (trace.status, trace.status_text) == ("interrupted", text)
    assert columns["step"][-1] == 2499


FORK = """
import os, sys, warnings
from tb_lrfinder import ScheduleWriter
warnings.simplefilter("ignore")
writer = ScheduleWriter(sys.argv[1])
writer.record(0.1)
child = os.fork()
if child == 0:
    try:
        writer.record(0.2)
    except RuntimeError as error:
        print(error, flush=True)
    writer.close()
    sys.exit(0)
os.waitpid(child, 0)
writer.record(0.3)
writer.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_records_nothing_and_ends_nothing(tmp_path):
    result = subprocess.run([sys.executable, "-c", FORK, str(tmp_path)], capture_output=True, text=True)
    assert result.stdout == (
        "A training is recorded by the process that made its ScheduleWriter: make another one, with another `log_dir`, in "
        f"this process. Received: a step for {str(tmp_path)!r} in a fork of that process.\n"
    ), result.stderr
    trace, columns = only(tmp_path)
    assert trace.status == "finished"
    assert columns["learning_rate"].tolist() == [0.1, 0.3]


def test_several_threads_may_record(tmp_path):
    with ScheduleWriter(tmp_path) as writer:
        threads = [threading.Thread(target=train, args=(writer, 200), kwargs={"loss": 1.0}) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    _, columns = only(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(800))


def test_a_step_reaches_the_disk_while_no_other_one_comes(tmp_path):
    handed_on = threading.Event()
    append = late_losses.read

    def noted(losses: Any) -> list[float]:
        handed_on.set()
        return append(losses)

    with pytest.MonkeyPatch.context() as patch, ScheduleWriter(tmp_path) as writer:
        patch.setattr(late_losses, "read", noted)
        writer.record(0.1, loss=1.0)
        assert handed_on.wait(60)


def test_a_disk_that_fails_ends_no_training(tmp_path, monkeypatch):
    disk = Disk(monkeypatch, FULL)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ScheduleWriter(tmp_path) as writer:
            train(writer, 3000)
            disk.error = None
            train(writer, 100)
    assert any("No space left" in str(one.message) for one in caught)
    trace, columns = only(tmp_path)
    assert trace.status == "finished"
    assert columns["step"][-1] == 3099


def test_of_several_processes_the_first_one_writes(tmp_path, monkeypatch):
    ranks = itertools.count()
    monkeypatch.setattr("tb_lrfinder.loops.collected_steps.is_first_process", lambda: next(ranks) == 0)
    for name in ("first", "second"):
        with ScheduleWriter(tmp_path / name) as writer:
            train(writer, 5, loss=1.0)
            with pytest.raises(ValueError, match="`loss` must be one number"):
                writer.record(0.1, loss=[1.0, 2.0] * np.ones(2))
    assert only(tmp_path / "first")[1]["step"].tolist() == [0, 1, 2, 3, 4]
    assert not (tmp_path / "second").exists()


ONE_OF_TWO = """
import os, sys
import torch
from tb_lrfinder import ScheduleWriter
log_dir, store, rank = sys.argv[1], sys.argv[2], int(sys.argv[3])
# Before the group is known: each process makes its writer as the program stands.
writer = ScheduleWriter(log_dir)
torch.distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
with writer:
    for step in range(5):
        optimizer.zero_grad()
        loss = model(torch.ones(4, 2)).square().mean() + 10 * rank
        loss.backward()
        optimizer.step()
        writer.record(optimizer, loss=loss)
torch.distributed.barrier()
# As a program of two processes ends by itself, PyTorch aborts now and then, also without us.
os._exit(0)
"""


def test_two_processes_of_pytorch_that_train_one_model_make_one_trace(tmp_path):
    pytest.importorskip("torch")
    command = [sys.executable, "-c", ONE_OF_TWO, str(tmp_path / "run"), str(tmp_path / "store")]
    processes = [subprocess.Popen([*command, str(rank)], stderr=subprocess.PIPE, text=True) for rank in (0, 1)]
    told = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    trace, columns = only(tmp_path / "run")
    assert trace.status == "finished"
    assert (columns["step"].tolist(), set(columns["learning_rate"])) == ([0, 1, 2, 3, 4], {0.25})
    assert columns["loss"].max() < 10


WITHOUT_FRAMEWORKS = """
import sys
for name in ("keras", "tensorflow", "jax", "torch"):
    sys.modules[name] = None
from tb_lrfinder import ScheduleWriter
with ScheduleWriter(sys.argv[1]) as writer:
    writer.record(0.1, loss=0.5)
"""


def test_it_needs_no_framework(tmp_path):
    result = subprocess.run([sys.executable, "-c", WITHOUT_FRAMEWORKS, str(tmp_path)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert only(tmp_path)[1]["loss"].tolist() == [0.5]
