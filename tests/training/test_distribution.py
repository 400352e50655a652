"""Several devices: replicas in one process, and two processes that train one model."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.support.recorded import recorded

BACKEND = keras.backend.backend()
ROOT = Path(__file__).parents[2]


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.support.{script}", *map(str, arguments)]
    # One device in each process: a flag that gives several would come from the environment.
    env = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors[-3000:]
    return json.loads(output.splitlines()[-1])


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute is TensorFlow's")
@pytest.mark.parametrize("kind", ["number", "schedule"])
def test_mirrored_replicas(tmp_path, kind):
    seen = result_of(start("mirrored", tmp_path / "lr", kind))
    assert seen["replicas"] == 2
    assert seen["restored"]
    assert seen["next_fit_is_the_same"]
    np.testing.assert_allclose(seen["rates"], np.geomspace(1e-3, 0.1, 21), rtol=1e-6)
    assert seen["recorded_steps"] == list(range(21))
    np.testing.assert_allclose(seen["recorded_rates"], seen["used_rates"], rtol=1e-6)
    if kind == "number":
        np.testing.assert_allclose(seen["losses"], seen["expected"], rtol=1e-5)


@pytest.mark.skipif(BACKEND != "jax", reason="Keras' distribution API runs several processes on JAX only")
def test_two_processes_stop_together_and_one_writes(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    processes = [start("two_processes", tmp_path / "lr", address, index) for index in range(2)]
    try:
        first, second = map(result_of, processes)
    finally:
        for process in processes:
            process.kill()
    assert [first["process"], second["process"]] == [0, 1]
    assert first["processes"] == second["processes"] == first["devices"] == 2
    assert first["restored"]
    assert second["restored"]
    assert first["stop_text"] == second["stop_text"]
    assert first["stop_text"].startswith("Stopped at step ")
    assert first["losses"] == second["losses"]
    assert first["rates"] == second["rates"]
    assert len(first["losses"]) < 150
    assert len(first["files"]) == 1
    assert len(second["recorded"]) == 1  # a directory that both share
    _, (training,) = recorded(tmp_path / "lr_training")
    np.testing.assert_array_equal(training["step"], np.arange(7, 21))
    np.testing.assert_allclose(training["learning_rate"], 0.001, rtol=1e-6)
