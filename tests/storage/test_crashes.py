"""What is left of a trace whose program ends in any way: killed, without closing, in a fork, on a disk that is full."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tb_lrfinder import TraceWriter
from tb_lrfinder.columns import Table
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.trace import Trace
from tests.support.disks import FULL, Disk
from tests.support.effort import effort
from tests.support.loaders import own_loader
from tests.support.traces import training_steps

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, forks and limits of POSIX")

# Seconds between two rows: slower than the file's thread, as in a training, and so fast that the thread waits for its turn.
PACES = (0.7, 0.05, 0.0002, 0.00002, 0.0)
WRITES = """
import sys, time
import numpy as np
from tb_lrfinder import TraceWriter
log_dir, times, pace = sys.argv[1], np.memmap(sys.argv[2], "f8", "r+"), float(sys.argv[3])
trace = TraceWriter(log_dir)
due = time.perf_counter()
for step in range(len(times)):
    if pace > 0.01:
        time.sleep(pace)
    while time.perf_counter() < due:
        pass
    due += pace
    trace.append(0.1, step)
    times[step] = time.time()
"""


def written(log_dir: Path) -> tuple[Trace, Table]:
    """The only trace of a directory, and its rows."""
    reader = TraceReader(own_loader(log_dir), None, "")
    (trace,) = reader.traces()
    columns = reader.rows([trace])[trace.id]
    assert isinstance(columns, Table), columns
    return trace, columns


def killed(log_dir: Path, pace: float, seconds: float) -> float:
    """Kills a writer that adds rows at a pace; returns how long before that the first row was added that is lost."""
    times = np.memmap(log_dir.with_suffix(".times"), "f8", "w+", shape=(2_000_000,))
    with subprocess.Popen([sys.executable, "-c", WRITES, str(log_dir), str(times.filename), str(pace)]) as process:
        deadline = time.monotonic() + 60
        while times[0] == 0 and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.01)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        end = time.time()
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    num_added = int(np.argmin(times != 0))
    trace, columns = written(log_dir)
    assert trace.status == "interrupted"
    assert "the process that wrote it is gone" in trace.status_text
    num_rows = len(columns)
    assert num_rows == 0 or columns["loss"].tolist() == list(range(num_rows))
    Path(str(times.filename)).unlink()
    return end - float(times[num_rows]) if num_rows < num_added else 0.0


def test_a_writer_that_is_killed_loses_a_second_at_most(tmp_path):
    chance = random.Random(14)
    runs = [
        (tmp_path / str(i), PACES[i % len(PACES)], chance.uniform(0.2, 3.0)) for i in range(effort(quick=10, long=100))
    ]
    with ThreadPoolExecutor(2) as pool:
        lost = list(pool.map(lambda run: killed(*run), runs))
    assert max(lost) <= 1.0, sorted((one, run[1:]) for one, run in zip(lost, runs, strict=True))[-3:]


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end."""
    # Whoever starts the tests in the background has Ctrl-C ignored, here too.
    heeds_ctrl_c = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    begin = "import os, sys, gc, time\nfrom tb_lrfinder import TraceWriter\n"
    command = [sys.executable, "-c", heeds_ctrl_c + begin + code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


TWO_HUNDRED_ROWS = """
trace = TraceWriter(sys.argv[1])
for step in range(200):
    trace.append(0.1, step)
"""


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("", "Not closed: the program ended after step 200."),
        ("sys.exit(3)", "Not closed: the program ended after step 200."),
        ("1 / 0", "Not closed: the program ended after step 200: ZeroDivisionError."),
        ("os.kill(os.getpid(), 2); time.sleep(60)", "Not closed: the program ended after step 200: KeyboardInterrupt."),
        ("del trace; os._exit(0)", "Not closed: the trace was given up after step 200."),
        (
            "trace.me = trace; del trace; gc.collect(); os._exit(0)",
            "Not closed: the trace was given up after step 200.",
        ),
        ("trace.close(); sys.exit(1)", "The sweep ended."),
        (
            "import threading; threading.Thread(target=lambda: (time.sleep(0.2), trace.append(0.1, 200))).start()",
            "Not closed: the program ended after step 201.",
        ),
    ],
    ids=["end", "exit", "exception", "Ctrl-C", "del", "collected", "closed", "thread"],
)
def test_a_program_that_ends_without_closing_loses_nothing_and_the_header_says_how(tmp_path, ending, words):
    result = run(TWO_HUNDRED_ROWS + ending, tmp_path)
    trace, columns = written(tmp_path)
    assert trace.status_text == words, result.stderr
    assert trace.status == ("finished" if words == "The sweep ended." else "interrupted")
    assert len(columns) == (201 if "201" in words else 200)
    assert "tb_lrfinder" not in result.stderr


def test_an_exception_in_a_block_is_in_the_header_and_said_once(tmp_path):
    run("with TraceWriter(sys.argv[1]) as trace:\n    trace.append(0.1, 1.0)\n    sys.exit(1)", tmp_path)
    trace, _ = written(tmp_path)
    assert trace.status_text == "Interrupted after step 1: SystemExit."


@pytest.mark.parametrize(
    "of_the_child",
    [
        "sys.exit()",
        "del trace; gc.collect(); os._exit(0)",
        "trace.close(); os._exit(0)",
        "trace.__exit__(None, None, None); sys.exit()",
        "trace.__exit__(ValueError, ValueError(), None); os._exit(0)",
    ],
    ids=["exit", "del", "close", "leaves the block", "fails in the block"],
)
def test_a_fork_writes_nothing(tmp_path, of_the_child):
    code = (
        f"{TWO_HUNDRED_ROWS}trace.flush()\nchild = os.fork()\nif child == 0:\n    {of_the_child}\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "size = os.stat([one.path for one in os.scandir(sys.argv[1])][0]).st_size\n"
        "print(size, flush=True)\ntrace.append(0.1, 200)\ntrace.flush()\nprint('goes on', flush=True)\n"
        "trace.close()"
    )
    result = run(code, tmp_path)
    assert "goes on" in result.stdout, result.stderr
    trace, columns = written(tmp_path)
    assert (trace.status, trace.status_text) == ("finished", "The sweep ended.")
    assert columns["loss"].tolist() == list(range(201))


def test_a_fork_is_refused_in_words(tmp_path):
    code = (
        f"{TWO_HUNDRED_ROWS}child = os.fork()\nif child == 0:\n"
        "    for ask in (lambda: trace.append(0.1, 1.0), trace.flush):\n"
        "        try: ask()\n"
        "        except RuntimeError as error: print(error, flush=True)\n"
        "    os._exit(0)\nos.waitpid(child, 0)"
    )
    assert run(code, tmp_path).stdout.splitlines() == 2 * [
        "A trace is written by the process that opened it: open one with another `log_dir` in this process. "
        f"Received: more for {str(tmp_path)!r} from a fork of that process."
    ]


def test_data_loaders_that_are_forked_leave_the_trace_alone(tmp_path):
    code = (
        f"{TWO_HUNDRED_ROWS}import multiprocessing\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    assert pool.map(abs, range(100)) == list(range(100))\n"
        "child = multiprocessing.get_context('fork').Process(target=gc.collect)\nchild.start()\nchild.join()\n"
        "trace.append(0.1, 200)\ntrace.close()"
    )
    result = run(code, tmp_path)
    assert result.returncode == 0, result.stderr
    trace, columns = written(tmp_path)
    assert (trace.status, len(columns)) == ("finished", 201)


FULL_DISK = """
import resource, signal, warnings
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
def room(size): resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
"""
FULL_TRACE = (
    f"{FULL_DISK}trace = TraceWriter(sys.argv[1])\nroom(5000)\nrefused = 0\n"
    "def add(step):\n"
    "    global refused\n"
    "    try: trace.append(0.1, step)\n"
    "    except OSError as error: refused += 1; print(error)\n"
    "for step in range(1000):\n    add(step)\n"
    "try: trace.flush()\n"
    "except OSError as error: refused += 1; print(error)\n"
    "add(1000)\n"
)
FULL_WORDS = (
    "`log_dir` must be a directory that can be written: name another one, or make room or give rights there. Received: "
)


def test_rows_that_a_full_disk_refused_are_written_when_there_is_room(tmp_path):
    result = run(
        f"{FULL_TRACE}room(most)\ntrace.flush()\ntrace.append(0.1, 1001)\ntrace.close()\nprint(refused)", tmp_path
    )
    *sentences, refused = result.stdout.splitlines()
    assert result.returncode == 0, result.stderr
    assert int(refused) >= 2
    assert set(sentences) == {f"{FULL_WORDS}{str(tmp_path)!r}: File too large."}
    trace, columns = written(tmp_path)
    assert columns["loss"].tolist() == list(range(1002))
    assert trace.status == "finished"


@pytest.mark.parametrize("ending", ["trace.close()", "", "del trace"])
def test_a_program_that_ends_on_a_full_disk_says_so_in_one_sentence(tmp_path, ending):
    if ending == "trace.close()":
        ending = "try: trace.close()\nexcept OSError as error: sys.stderr.write(f'{error}\\n')"
    result = run(f"{FULL_TRACE}{ending}", tmp_path)
    assert result.stderr == f"{FULL_WORDS}{str(tmp_path)!r}: File too large.\n"


TRAINING = """
import numpy as np
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage.schema import Header
def steps(first, last):
    n = np.arange(float(first), last)
    return np.column_stack([n, 0.1 + n % 7, n, n / 10, 1.7e9 + n])
"""


def test_a_training_on_a_full_disk_goes_on_with_one_warning_and_is_written_when_there_is_room(tmp_path):
    code = (
        f"{FULL_DISK}{TRAINING}"
        "told = []\nwarnings.showwarning = lambda message, *rest: told.append(str(message))\n"
        "warnings.simplefilter('always')\n"
        "room(0)\ntrace = TrainingTrace(sys.argv[1], Header(kind='training', started=time.time()))\n"
        "for first in range(0, 200, 10): trace.append(steps(first, first + 10)); trace._writer._events.flush(wait=False)\n"
        "assert len(told) == 1, told\n"
        "room(most)\ntrace._writer.flush()\ntrace.append(steps(200, 300))\n"
        "assert len(told) == 1, told\n"
        "trace._writer.flush(); room(100)\n"
        "for first in range(300, 400, 10):\n"
        "    trace.append(steps(first, first + 10))\n"
        "    try: trace._writer.flush()\n"
        "    except OSError: pass\n"
        "assert len(told) == 2, told\n"
        "room(most)\ntrace.close('finished', 'The training ended.')\nassert len(told) == 2\nprint(told[0])"
    )
    result = run(code, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == (
        "The training goes on, but cannot be recorded at the moment: what is missing is written as soon as it can. "
        f"{FULL_WORDS}{str(tmp_path)!r}: File too large.\n"
    )
    trace, columns = written(tmp_path)
    assert trace.status == "finished"
    assert columns["step"].tolist() == list(range(400))


@pytest.mark.parametrize("when", ["from the start", "in the middle", "at the end"])
def test_a_training_goes_on_whatever_becomes_of_its_directory(tmp_path, when):
    log_dir = tmp_path / "logs" / "run"
    (tmp_path / "logs").write_text("") if when == "from the start" else None
    steps = training_steps(0.1 + np.arange(100.0) % 7)

    def train() -> None:
        trace = TrainingTrace(log_dir, Header(kind="training", started=time.time()))
        trace.append(steps[:50])
        if when == "in the middle":
            shutil.rmtree(tmp_path / "logs")
            with pytest.raises(OSError, match="its directory was removed, or the file in it"):
                trace._writer.flush()
        trace.append(steps[50:])
        if when == "at the end":
            shutil.rmtree(tmp_path / "logs")
        trace.close("finished", "The training ended.")

    with pytest.warns(UserWarning, match="The training goes on, but cannot be recorded at the moment") as told:
        train()
    assert len(told) == 1


def test_an_exception_in_a_block_is_not_hidden_by_a_disk_that_fails(tmp_path, monkeypatch):
    disk = Disk(monkeypatch)

    def loop() -> None:
        with TraceWriter(tmp_path) as trace:
            trace.append(0.1, 1.0)
            disk.error = FULL
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), pytest.warns(UserWarning, match="No space left on device"):
        loop()
