"""`plan`: what is written is what a training would use."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras.optimizers import schedules as keras_schedules

from tb_lrfinder import plan
from tests.support.recorded import recorded

SCHEDULES = {
    "exponential": keras_schedules.ExponentialDecay(0.1, 100, 0.5),
    "staircase": keras_schedules.ExponentialDecay(0.1, 100, 0.5, staircase=True),
    "inverse_time": keras_schedules.InverseTimeDecay(0.1, 100, 0.5),
    "polynomial": keras_schedules.PolynomialDecay(0.1, 600),
    "piecewise": keras_schedules.PiecewiseConstantDecay([100, 300], [0.1, 0.02, 0.003]),
    "cosine": keras_schedules.CosineDecay(1e-4, 600, warmup_target=0.1, warmup_steps=100),
    "restarts": keras_schedules.CosineDecayRestarts(0.1, 150),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_of_keras_is_planned_as_it_is(tmp_path, name):
    schedule = SCHEDULES[name]
    plan(schedule, 700, tmp_path)
    (trace,), (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(700))
    expected = [float(schedule(step)) for step in range(0, 700, 50)]
    np.testing.assert_allclose(columns["learning_rate"][::50], expected, rtol=1e-5, atol=2e-8)
    assert list(columns) == ["step", "learning_rate"]
    assert trace.header is not None
    assert (trace.header.kind, trace.header.driver) == ("plan", type(schedule).__name__)


def test_a_scheduler_gives_a_rate_per_epoch(tmp_path):
    def halved(epoch: int, rate: float) -> float:
        return rate / 2 if epoch else rate

    plan(keras.callbacks.LearningRateScheduler(halved), 25, tmp_path, steps_per_epoch=10, learning_rate=0.4)
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_allclose(columns["learning_rate"], np.repeat([0.4, 0.2, 0.1], 10)[:25])
    np.testing.assert_allclose(columns["epoch"], (np.arange(25) + 1) / 10)


def test_any_function_of_the_step_will_do(tmp_path):
    def my_schedule(step: int) -> float:
        return 0.1 / (1 + step)

    plan(my_schedule, 2000, tmp_path)
    (trace,), (columns,) = recorded(tmp_path)
    drawn = np.interp(np.arange(2000), columns["step"], columns["learning_rate"])
    np.testing.assert_allclose(drawn, 0.1 / (1 + np.arange(2000)), rtol=1e-3)
    assert trace.header is not None
    assert trace.header.driver == "my_schedule"


def test_a_scheduler_of_pytorch_is_planned_by_step_or_by_epoch(tmp_path):
    torch = pytest.importorskip("torch")

    def scheduler():
        return torch.optim.lr_scheduler.StepLR(torch.optim.SGD([torch.ones(1)], 0.8), 2, 0.5)

    plan(scheduler(), 6, tmp_path / "by_step", steps_per_epoch=3)
    plan(scheduler(), 11, tmp_path / "by_epoch", steps_per_epoch=3, interval="epoch")
    traces, (by_epoch, by_step) = recorded(tmp_path)
    assert by_step["learning_rate"].tolist() == [0.8, 0.8, 0.4, 0.4, 0.2, 0.2]
    assert by_epoch["learning_rate"].tolist() == [0.8] * 6 + [0.4] * 5
    for columns in (by_step, by_epoch):
        np.testing.assert_allclose(columns["epoch"], (columns["step"] + 1) / 3)
    assert [trace.header and trace.header.driver for trace in traces] == ["StepLR", "StepLR"]


def test_functions_and_schedules_count_epochs_where_that_is_asked_for(tmp_path):
    plan(lambda epoch: 0.1 * (epoch + 1), 7, tmp_path / "function", steps_per_epoch=3, interval="epoch")
    schedule = keras_schedules.PiecewiseConstantDecay([0, 1], [1.0, 2.0, 4.0])
    plan(schedule, 7, tmp_path / "keras", steps_per_epoch=3, interval="epoch")
    _, (function, of_keras) = recorded(tmp_path)
    np.testing.assert_allclose(function["learning_rate"], [0.1] * 3 + [0.2] * 3 + [0.3])
    np.testing.assert_array_equal(of_keras["learning_rate"], [1.0] * 3 + [2.0] * 3 + [4.0])


def test_a_function_of_jax_is_called_for_many_steps_at_once_where_it_takes_them(tmp_path):
    jax = pytest.importorskip("jax")
    calls = []

    def cosine(step):
        calls.append(step)
        return 0.1 * (1 + jax.numpy.cos(step / 1000))

    def piecewise(step):
        return jax.numpy.float32(0.1 if step < 50 else 0.01)

    plan(cosine, 3000, tmp_path / "cosine")
    plan(piecewise, 100, tmp_path / "piecewise")
    _, (found, pieces) = recorded(tmp_path)
    assert len(calls) == 3
    drawn = np.interp(np.arange(3000), found["step"], found["learning_rate"])
    np.testing.assert_allclose(drawn, 0.1 * (1 + np.cos(np.arange(3000) / 1000)), rtol=1e-3)
    np.testing.assert_array_equal(pieces["learning_rate"], np.repeat(np.array([0.1, 0.01], np.float32), 50))


def test_a_function_with_a_state_is_called_once_for_each_step(tmp_path):
    rates = iter(np.linspace(1.0, 0.1, 100).tolist())
    plan(lambda step: next(rates), 100, tmp_path)
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_allclose(
        np.interp(np.arange(100), columns["step"], columns["learning_rate"]), np.linspace(1.0, 0.1, 100)
    )
    assert next(rates, None) is None


def test_chunks_leave_no_seam(tmp_path, monkeypatch):
    plan(lambda step: 1 / (1 + step), 1000, tmp_path / "whole")
    plan(lambda epoch: 1 / (1 + epoch), 1000, tmp_path / "whole_epochs", steps_per_epoch=7, interval="epoch")
    monkeypatch.setattr("tb_lrfinder.training.plan._CHUNK", 64)
    plan(lambda step: 1 / (1 + step), 1000, tmp_path / "chunks")
    plan(lambda epoch: 1 / (1 + epoch), 1000, tmp_path / "chunks_of_epochs", steps_per_epoch=7, interval="epoch")
    _, (chunks, chunks_of_epochs, whole, whole_epochs) = recorded(tmp_path)
    for one, other in ((chunks, whole), (chunks_of_epochs, whole_epochs)):
        assert list(one) == list(other)
        for name, values in one.items():
            np.testing.assert_array_equal(values, other[name])


WITHOUT_KERAS = """
import sys
for name in ("keras", "tensorflow"{missing}):
    sys.modules[name] = None
{build}
import tb_lrfinder
tb_lrfinder.plan(schedule, 10, sys.argv[1])
print([name for name in ("keras", "tensorflow", "torch", "jax") if sys.modules.get(name)])
"""
OF_PYTORCH = (
    "import torch; schedule = torch.optim.lr_scheduler.ExponentialLR(torch.optim.SGD([torch.ones(1)], 0.5), 0.5)"
)


@pytest.mark.parametrize(
    ("build", "missing", "loaded"),
    [(OF_PYTORCH, "", "['torch']"), ("schedule = lambda step: 0.5 ** (step + 1)", ', "torch", "jax"', "[]")],
    ids=["pytorch", "function"],
)
def test_it_needs_no_keras(tmp_path, build, missing, loaded):
    if "torch" in loaded:
        pytest.importorskip("torch")
    program = WITHOUT_KERAS.format(build=build, missing=missing)
    result = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert result.stdout == f"{loaded}\n", result.stderr
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["learning_rate"], 0.5 ** np.arange(1.0, 11.0))


def halved(epoch: int) -> float:
    return 0.5**epoch


@pytest.mark.parametrize(
    ("schedule", "steps", "options", "message"),
    [
        (halved, 0, {}, "`steps` must be a whole number of at least 1. Received: steps=0."),
        (halved, 9, {"interval": "batch"}, "`interval` must be one of step, epoch. Received: interval='batch'."),
        (
            halved,
            9,
            {"interval": "epoch"},
            "`steps_per_epoch` must be given for a schedule with interval='epoch', which gives a rate per epoch. "
            "Received: steps_per_epoch=None.",
        ),
        (
            keras.callbacks.LearningRateScheduler(halved),
            9,
            {},
            "`steps_per_epoch` must be given for a LearningRateScheduler, which gives a rate per epoch. "
            "Received: steps_per_epoch=None.",
        ),
        (
            lambda step: 0.25 - 0.125 * step,
            9,
            {},
            "`schedule` must give finite rates that are not negative. Received: -0.125 at step 3.",
        ),
        (
            lambda epoch: 0.25 - 0.125 * epoch,
            90,
            {"interval": "epoch", "steps_per_epoch": 10},
            "`schedule` must give finite rates that are not negative. Received: -0.125 at step 30.",
        ),
        (lambda step: "0.1", 9, {}, "`schedule(0)` must be a number. Received: schedule(0)='0.1'."),
        (
            [0.1, np.ones(3)].__getitem__,
            9,
            {},
            "`schedule(1)` must be a number. Received: schedule(1)=ndarray of shape [3].",
        ),
    ],
)
def test_refuses_what_cannot_be_planned(tmp_path, schedule, steps, options, message):
    with pytest.raises(ValueError) as caught:
        plan(schedule, steps, tmp_path / "none", **options)
    assert str(caught.value) == message
    assert not (tmp_path / "none").exists()


def test_refuses_what_is_no_schedule(tmp_path):
    with pytest.raises(TypeError, match="or a function from a step to a rate. Received: 0.1"):
        plan(0.1, 10, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_refuses_a_scheduler_that_needs_a_measured_value(tmp_path):
    torch = pytest.importorskip("torch")
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(torch.optim.SGD([torch.ones(1)], 0.1))
    with pytest.raises(ValueError, match="must tell its rates by the step alone.* Received: ReduceLROnPlateau"):
        plan(plateau, 10, tmp_path / "none")
    assert not (tmp_path / "none").exists()
