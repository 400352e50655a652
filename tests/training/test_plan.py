"""`plan`: what is written is what a training would use."""

from __future__ import annotations

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


def test_refuses_what_cannot_be_planned(tmp_path):
    with pytest.raises(ValueError, match="`steps` must be a whole number of at least 1. Received: steps=0."):
        plan(SCHEDULES["cosine"], 0, tmp_path / "none")
    with pytest.raises(ValueError, match="`steps_per_epoch` must be given for a LearningRateScheduler"):
        plan(keras.callbacks.LearningRateScheduler(lambda epoch: 0.1), 10, tmp_path / "none")
    with pytest.raises(ValueError, match="Received: -0.1.* at step 3"):
        plan(lambda step: 0.2 - 0.1 * step, 10, tmp_path / "none")
    with pytest.raises(TypeError, match="or a function from a step to a rate. Received: 0.1"):
        plan(0.1, 10, tmp_path / "none")
    assert not (tmp_path / "none").exists()
