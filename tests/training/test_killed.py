"""`kill -9` of a fit: its trace can be read, says how it ended, and lacks a second at most."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.effort import effort
from tests.support.recorded import recorded

# Before each of its lines is printed, the step has been reported to our callback, which stands before this one.
_FIT = """
import sys, time
import keras, numpy as np
from tb_lrfinder import LRFinder, LRRecorder

class Tells(keras.callbacks.Callback):
    step = 0
    def on_train_batch_end(self, batch, logs=None):
        print(self.step, time.time(), flush=True)
        self.step += 1
        time.sleep({pause})

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD({rate}), "mse")
finder = LRFinder(sys.argv[1], num_steps=100_000, start_lr=1e-5, end_lr=1e-4, divergence_factor=None, verbose=0)
callback = {callback}
model.fit(np.ones((200, 1)), np.ones(200), batch_size=2, verbose=0, epochs=1000, callbacks=[callback, Tells()])
"""
# Seconds after which what a thread writes is not going to come.
_PATIENCE = 60.0
_CALLBACKS = {"finder": "finder", "recorder": "LRRecorder(sys.argv[1])"}


@contextmanager
def running(log_dir: Path, callback: str, pause: str, rate: str = "1e-3") -> Iterator[subprocess.Popen[str]]:
    """A fit in a process of its own, which is killed at the end of the block."""
    program = _FIT.format(callback=_CALLBACKS[callback], pause=pause, rate=rate)
    with subprocess.Popen([sys.executable, "-c", program, str(log_dir)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def told_by(line: str) -> float:
    """The time in a line that a fit has printed."""
    return float(line.split()[1])


@pytest.mark.parametrize("callback", _CALLBACKS)
@pytest.mark.parametrize("number", range(effort(quick=1, long=10)))
def test_a_killed_fit_lacks_a_second_at_most(tmp_path, callback, number):
    with running(tmp_path, callback, pause="0.002") as process:
        assert process.stdout is not None
        told = [told_by(process.stdout.readline())]
        while told[-1] - told[0] < 1.5 + 0.13 * number:
            told.append(told_by(process.stdout.readline()))
        process.kill()
        # The last line may have been cut.
        told += [told_by(line) for line in process.stdout.readlines() if line.endswith("\n")]
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.status == "interrupted"
    assert trace.status_text.endswith("the process that wrote it is gone.")
    lost = told[len(columns["step"]) :]
    assert len(columns["step"]) > 0
    assert not lost or told[-1] - lost[0] < 1.0


@pytest.mark.parametrize(
    ("callback", "rate"),
    [
        ("finder", "1e-3"),
        ("recorder", "1e-3"),
        ("recorder", "keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.9)"),
    ],
    ids=["finder", "recorder", "recorder_of_schedule"],
)
def test_the_steps_before_a_slow_batch_are_on_the_disk_while_it_runs(tmp_path, callback, rate):
    with running(tmp_path, callback, pause="600 if self.step == 20 else 0.001", rate=rate) as process:
        assert process.stdout is not None
        for _ in range(20):
            assert process.stdout.readline()
        deadline = time.monotonic() + _PATIENCE
        while recorded(tmp_path)[0][0].num_rows < 20 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert recorded(tmp_path)[0][0].num_rows == 20
