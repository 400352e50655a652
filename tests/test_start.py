"""Nobody waits for TensorFlow: in a process of their own, with TensorFlow installed, none of these loads it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.support.traces import synthetic_curve, write_trace

_TRACE = """
from tb_lrfinder import TraceWriter
with TraceWriter(log_dir) as trace:
    trace.append(0.1, 1.0)
    trace.flush()
"""
_CURVE = """
from tb_lrfinder import write_curve
write_curve(log_dir, [0.1, 0.2], [1.0, 0.5])
"""
_SCHEDULE = """
import numpy as np
from tb_lrfinder.columns import PLAN
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.table_writer import TableWriter
writer = TableWriter(log_dir, Header(kind=PLAN, started=0.0), ["step", "learning_rate"])
writer.append_rows(np.array([[0.0, 0.1]]), np.zeros(1))
writer.close()
"""
_FIT = """
import keras, numpy as np
from tb_lrfinder import LRFinder, LRRecorder, plan, range_test
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
x, y = np.ones((40, 2), "float32"), np.ones((40, 1), "float32")
model.fit(x, y, batch_size=4, verbose=0, callbacks=[LRFinder(log_dir + "/finder", num_steps=5, verbose=0)])
model.fit(x, y, batch_size=4, verbose=0, callbacks=[LRRecorder(log_dir + "/recorder")])
range_test(model, x, y, log_dir=log_dir + "/test", num_steps=5, batch_size=4, verbose=0)
plan(keras.optimizers.schedules.CosineDecay(0.1, 10), 10, log_dir + "/plan")
"""
_SUGGEST = """
from tb_lrfinder.cli.main import main
assert main(["suggest", log_dir]) == 0
"""
_EXPORT = """
from tb_lrfinder.cli.main import main
assert main(["export", log_dir, "--output", log_dir + "/rows.csv"]) == 0
"""


def loaded(code: str, log_dir: str) -> str:
    """Says whether TensorFlow was loaded when this code has run."""
    program = f"import sys; log_dir = sys.argv[1]\n{code}\nprint('loaded:', 'tensorflow' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program, log_dir],
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[-1]


@pytest.fixture(scope="module", autouse=True)
def tensorflow_is_installed() -> None:
    assert importlib.util.find_spec("tensorflow") is not None


@pytest.mark.parametrize("code", [_TRACE, _CURVE, _SCHEDULE, _FIT], ids=["trace", "curve", "schedule", "fit on JAX"])
def test_writing_does_not_load_tensorflow(tmp_path, code):
    assert loaded(code, str(tmp_path)) == "loaded: False"
    assert any(tmp_path.rglob("*tfevents*"))


@pytest.mark.parametrize("code", [_SUGGEST, _EXPORT], ids=["suggest", "export"])
def test_the_command_line_does_not_load_tensorflow(tmp_path, code):
    write_trace(tmp_path / "run", synthetic_curve(50))
    assert loaded(code, str(tmp_path)) == "loaded: False"
