"""The process that writes a trace: its identity among all others, and whether it still runs.

A host's name and a process id are not enough: a container may have its host's name and ids of its own, and ids are given
out again. Where the system is Linux, the boot, the namespace of the ids and the start of the process are known too.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from tb_lrfinder.storage.field_types import Count, Text

_BOOT_ID, _NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), "/proc/self/ns/pid"
# Fields 3 and 22 of /proc/<pid>/stat, counted behind field 2: the name of the program, which may hold blanks and brackets.
_STATE, _STARTED = 3 - 3, 22 - 3
# A zombie has ended, and waits only for its parent to ask how.
_ENDED = ("Z", "X")
# Where one side does not tell its machine, an id that nobody has here may be one of a container with this host's name. This
# is rare, so a minute suffices: a test or a training that runs writes more often, but for the compilation of a large model.
_SHORT_SILENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """The identity of a process.

    Attributes:
        host: Name of the host it runs on.
        pid: Its process id, as it knows it itself.
        machine: Boot and pid namespace, within which the id means this process; None where the system does not tell (macOS,
            Windows).
        started: Its start in clock ticks since that boot, by which a later process with the same id is another one; None
            where `machine` is.
    """

    host: Text
    pid: Count
    machine: Text | None = None
    started: Count | None = None


def this_process() -> Process:
    """This Python's own process."""
    pid = os.getpid()
    stat = _stat(pid)
    return Process(host=socket.gethostname(), pid=pid, machine=_machine(), started=stat and stat.started)


def is_gone(writer: Process, silence: float, patience: float) -> bool:
    """Whether the process that wrote a trace has ended, as far as this one can tell.

    Args:
        writer: The process.
        silence: Seconds since it wrote last.
        patience: After how many seconds of silence a process counts as ended that cannot be seen from here.
    """
    here = _machine()
    if here is not None and here == writer.machine:
        return not _runs(writer)
    is_known_apart = here is not None and writer.machine is not None
    # On Windows, the signal that asks for a process would end it.
    if is_known_apart or os.name != "posix" or writer.host != socket.gethostname():
        return silence > patience
    return not _exists(writer.pid) and silence > min(_SHORT_SILENCE, patience)


def _machine() -> str | None:
    try:
        return f"{_BOOT_ID.read_text().strip()}/{os.stat(_NAMESPACE).st_ino}"
    except OSError:
        return None


def _runs(writer: Process) -> bool:
    """Whether a process of this machine still runs."""
    if not _exists(writer.pid):
        return False
    stat = _stat(writer.pid)
    # Some systems hide the processes of other users: such a one exists, and more is not known.
    return stat is None or (stat.state not in _ENDED and stat.started == writer.started)


@dataclass(frozen=True)
class _Stat:
    state: str
    started: int


def _stat(pid: int) -> _Stat | None:
    """State and start of a process; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return _Stat(fields[_STATE], int(fields[_STARTED]))
    except (OSError, IndexError, ValueError):
        return None


def _exists(pid: int) -> bool:
    """Whether any process has this id."""
    if pid <= 0:  # a group of processes
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
