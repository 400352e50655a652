"""`run_grid(on="ray")` on a Ray of two workers: `make ray`."""

# pyright: reportMissingImports=false
from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray

from tb_lrfinder import RangeTest, run_grid
from tb_lrfinder.loops import on_ray
from tests.support.ray_cluster import ray_settings, two_workers
from tests.support.recorded import recorded


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with two_workers():
        yield


def flush(test: RangeTest) -> None:
    """Has what was recorded so far reach the disk."""
    writer = test._trainings.run.writer
    assert writer is not None
    writer.flush()


class Descent:
    """Range tests of gradient descent on `w² / 2`, which leave a mark each time that one begins.

    Args:
        marks: Where the marks are left.
        die: Widths whose first test is killed in the middle.
        fail: Widths whose tests all fail in the middle.
    """

    def __init__(self, marks: Path, die=(), fail=()):
        self._marks, self._die, self._fail = marks, die, fail

    def __call__(self, *, log_dir, hparams, width) -> Any:
        begun = len(list(self._marks.glob(f"{width}-*")))
        (self._marks / f"{width}-{begun}").touch()
        weight = 1.0
        with RangeTest(log_dir, 1e-4, 1e3, 80, restore=[], optimizer="SGD", verbose=0) as test:
            for step, learning_rate in enumerate(test):
                if step == 20 and width in self._die and begun == 0:
                    # What the killed process had written is there for the next attempt to find.
                    flush(test)
                    os.kill(os.getpid(), signal.SIGKILL)
                if step == 20 and width in self._fail:
                    raise OSError("the disk is on fire")
                test.report(weight**2 / 2)
                weight -= learning_rate * weight
        return test.result

    @property
    def begun(self):
        return Counter(path.name.partition("-")[0] for path in self._marks.iterdir())


@pytest.fixture
def marks(tmp_path):
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


def statuses(row):
    return [trace.status for trace in recorded(Path(row.log_dir))[0]]


def test_where_no_cluster_runs_one_is_started_and_ended(tmp_path, marks, monkeypatch):
    def none_runs(address, **options):
        if address == "auto":
            raise ConnectionError
        return init(address, **options)

    init = ray.init
    monkeypatch.setattr(ray, "init", none_runs)
    assert not ray.is_initialized()
    with ray_settings():
        grid = run_grid(Descent(marks), {"width": [4, 8]}, tmp_path / "grid", on="ray", verbose=0)
    assert [statuses(row) for row in grid.rows] == [["finished"]] * 2
    assert not ray.is_initialized()


def test_a_worker_that_is_killed_is_replaced_and_leaves_one_finished_test(cluster, tmp_path, marks, capsys):
    test = Descent(marks, die=(8,))
    grid = run_grid(test, {"width": [4, 8, 16]}, tmp_path / "grid", on="ray")
    assert test.begun == {"4": 1, "8": 2, "16": 1}
    assert [row.status for row in grid.rows] == ["done"] * 3
    assert [statuses(row) for row in grid.rows] == [["finished"]] * 3
    # Ray itself tells of the death, in a line of its own.
    lines = [line for line in capsys.readouterr().out.splitlines() if "(raylet)" not in line]
    assert sorted(lines[1:-1], key=lambda line: int(line.split()[0])) == grid.table().splitlines()[1:]


def test_one_that_always_fails_is_reported_and_the_others_finish(cluster, tmp_path, marks):
    test = Descent(marks, fail=(8,))
    grid = run_grid(test, {"width": [4, 8, 16]}, tmp_path / "grid", on="ray", verbose=0)
    assert test.begun == {"4": 1, "8": 2, "16": 1}
    assert [row.error for row in grid.rows] == [None, "OSError: the disk is on fire", None]
    assert "in __call__" in (grid.rows[1].traceback or "")
    assert statuses(grid.rows[1]) == ["interrupted"]


def test_one_whose_worker_always_dies_is_reported(cluster, tmp_path, marks):
    def test(log_dir, hparams, width):
        os.kill(os.getpid(), signal.SIGKILL)

    (row,) = run_grid(test, {"width": [4]}, tmp_path / "grid", on="ray", verbose=0).rows
    assert (row.error or "").startswith("WorkerCrashedError: ")


def test_a_grid_that_goes_on_runs_nothing_twice(cluster, tmp_path, marks):
    first = run_grid(Descent(marks, fail=(8,)), {"width": [4, 8]}, tmp_path / "grid", on="ray", verbose=0)
    test = Descent(marks)
    second = run_grid(test, {"width": [4, 8, 16]}, tmp_path / "grid", on="ray", verbose=0)
    assert test.begun == {"4": 1, "8": 3, "16": 1}
    assert [row.status for row in second.rows] == ["read back", "done", "done"]
    assert repr(second.rows[0].result) == repr(first.rows[0].result)
    # In this process it finds the same.
    assert [row.was_there for row in run_grid(test, {"width": [4, 8, 16]}, tmp_path / "grid", verbose=0).rows] == [
        True
    ] * 3


def test_what_ray_cannot_send_is_refused_before_anything_runs(cluster, tmp_path):
    lock = threading.Lock()

    def test(log_dir, hparams, width):
        return lock

    with pytest.raises(ValueError, match="are sent to other processes: what cannot be pickled must be made there"):
        run_grid(test, {"width": [4]}, tmp_path, on="ray", verbose=0)
    assert list(tmp_path.iterdir()) == []


def test_data_are_sent_once(cluster, tmp_path, monkeypatch):
    data, sent = np.zeros(1_000_000), []
    put = ray.put
    monkeypatch.setattr(ray, "put", lambda value: sent.append(value) or put(value))

    def test(log_dir, hparams, width):
        assert data.shape == (1_000_000,)
        return Descent(tmp_path)(log_dir=log_dir, hparams=hparams, width=width)

    grid = run_grid(test, {"width": [1, 2, 3]}, tmp_path / "grid", on="ray", verbose=0)
    assert (len(sent), grid.failed) == (1, ())


def test_the_options_of_a_task_are_those_given(cluster, tmp_path):
    def test(log_dir, hparams, width):
        assert ray.get_runtime_context().get_assigned_resources()["CPU"] == 2
        return Descent(tmp_path)(log_dir=log_dir, hparams=hparams, width=width)

    grid = run_grid(test, {"width": [1]}, tmp_path / "grid", on="ray", ray_options={"num_cpus": 2}, verbose=0)
    assert grid.failed == ()


def test_a_relative_directory_is_the_same_for_the_workers(cluster, tmp_path, marks, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = run_grid(Descent(marks), {"width": [4]}, "grid", on="ray", verbose=0)
    assert [statuses(row) for row in grid.rows] == [["finished"]]
    assert grid.rows[0].log_dir == str(tmp_path / "grid" / "width=4")


def test_logs_that_lie_elsewhere_are_warned_of(cluster, tmp_path, marks, monkeypatch):
    monkeypatch.setattr(on_ray.os.path, "isdir", lambda path: False)
    with pytest.warns(UserWarning, match="The logs of this grid lie on the machines of the cluster"):
        run_grid(Descent(marks), {"width": [4]}, tmp_path / "grid", on="ray", verbose=0)


def test_a_cluster_that_this_process_has_joined_goes_on(cluster, tmp_path, marks):
    run_grid(Descent(marks), {"width": [4]}, tmp_path / "grid", on="ray", verbose=0)
    assert ray.is_initialized()
    assert ray.cluster_resources()["CPU"] == 2


JOINING = """
import sys
from pathlib import Path
import ray
from tb_lrfinder import run_grid
from tests.loops.test_grid_ray import Descent

marks = Path(sys.argv[1])

def where(log_dir, hparams, width):
    (marks / f"{width}-{ray.get_runtime_context().get_node_id()}").touch()
    return Descent(marks)(log_dir=log_dir, hparams=hparams, width=width)

run_grid(where, {"width": [4]}, sys.argv[2], on="ray")
assert not ray.is_initialized()
"""


def test_a_cluster_that_runs_already_is_joined_and_goes_on(cluster, tmp_path, marks):
    command = [sys.executable, "-c", JOINING, str(marks), str(tmp_path / "grid")]
    here = {**os.environ, "RAY_ADDRESS": ray.get_runtime_context().gcs_address}
    done = subprocess.run(command, capture_output=True, text=True, env=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].split()[:2] == ["4", "done"], done.stdout
    assert (marks / f"4-{ray.get_runtime_context().get_node_id()}").exists()
    assert ray.cluster_resources()["CPU"] == 2


def test_ctrl_c_ends_the_tasks_too_and_the_same_call_goes_on(cluster, tmp_path, marks, capsys):
    class Waiting(Descent):
        """Two tests get Ctrl-C pressed, and go on until it reaches them."""

        def __call__(self, *, log_dir, hparams, width) -> Any:
            with RangeTest(log_dir, restore=[], verbose=0) as test:
                for _ in test:
                    test.report(1.0)
                    flush(test)
                    (self._marks / f"{width}").touch()
                    while True:
                        if len(self.begun) == 2 and width == 4 and not (self._marks / "pressed").exists():
                            (self._marks / "pressed").touch()
                            os.kill(driver, signal.SIGINT)
                        threading.Event().wait(0.05)

    driver = os.getpid()
    with pytest.raises(KeyboardInterrupt):
        run_grid(Waiting(marks), {"width": [4, 8, 16]}, tmp_path / "grid", on="ray")
    assert (
        capsys.readouterr().out.splitlines()[-1] == "Stopped: 0 of 3 are done. The same call goes on with the others."
    )
    grid = run_grid(Descent(marks), {"width": [4, 8, 16]}, tmp_path / "grid", on="ray", verbose=0)
    assert [row.error for row in grid.rows] == [None] * 3
    assert [statuses(row) for row in grid.rows] == [["finished"]] * 3
