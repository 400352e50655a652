"""Whether the process that wrote a trace still runs, where its host's name and its id do not tell."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tb_lrfinder.storage import process
from tb_lrfinder.storage.process import Process, is_gone, this_process

PATIENCE = 300.0
# Beyond the largest id that Linux gives out.
NOBODY = 2**22 + 1
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
WRITER = """
import json
from dataclasses import asdict
from tb_lrfinder.storage.process import this_process
print(json.dumps(asdict(this_process())), flush=True)
input()
"""


@pytest.fixture
def writer() -> Iterator[tuple[subprocess.Popen[str], Process]]:
    """A process that runs, and what it says it is."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        yield running, Process(**json.loads(running.stdout.readline()))
        running.kill()


@on_linux
def test_a_process_runs_until_it_is_killed_however_long_it_is_silent(writer):
    running, known = writer
    assert (known.host, known.pid) == (socket.gethostname(), running.pid)
    assert not is_gone(known, 10 * PATIENCE, PATIENCE)
    running.kill()
    running.wait()
    assert is_gone(known, 0.0, PATIENCE)


@on_linux
def test_a_process_that_has_ended_is_gone_although_nobody_has_asked_how(writer):
    running, known = writer
    running.kill()
    # Waits for the end and leaves the zombie.
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)
    os.kill(running.pid, 0)
    assert is_gone(known, 0.0, PATIENCE)


@on_linux
def test_another_process_with_the_same_id_is_another_one():
    known = this_process()
    assert known.started is not None
    assert not is_gone(known, 10 * PATIENCE, PATIENCE)
    assert is_gone(replace(known, started=known.started - 1), 0.0, PATIENCE)


@on_linux
@pytest.mark.parametrize("is_somebodys", [True, False])
def test_ids_of_another_namespace_say_nothing(is_somebodys):
    known = this_process()
    assert known.machine is not None
    contained = replace(known, machine=f"{known.machine}0", pid=known.pid if is_somebodys else NOBODY)
    assert not is_gone(contained, PATIENCE - 1, PATIENCE)
    assert is_gone(contained, PATIENCE + 1, PATIENCE)


def test_a_process_that_other_users_may_not_look_at_runs(monkeypatch):
    monkeypatch.setattr(process, "_stat", lambda pid: None)
    assert not is_gone(this_process(), 10 * PATIENCE, PATIENCE)


@pytest.mark.parametrize("knows", ["writer", "reader", "neither"])
def test_where_the_system_tells_no_machine_an_id_that_nobody_has_needs_a_short_silence(monkeypatch, knows):
    known = replace(this_process(), machine="boot/1" if knows == "writer" else None)
    monkeypatch.setattr(process, "_machine", lambda: "boot/1" if knows == "reader" else None)
    assert not is_gone(known, 10 * PATIENCE, PATIENCE)
    nobody = replace(known, pid=NOBODY)
    assert not is_gone(nobody, 30.0, PATIENCE)
    assert is_gone(nobody, 90.0, PATIENCE)
    elsewhere = replace(nobody, host="another host")
    assert not is_gone(elsewhere, 90.0, PATIENCE)
    assert is_gone(elsewhere, PATIENCE + 1, PATIENCE)


@pytest.mark.parametrize("pid", [0, -1, 10**30])
def test_an_id_that_no_process_can_have_is_nobodys(pid):
    assert is_gone(replace(this_process(), pid=pid), PATIENCE + 1, PATIENCE)
