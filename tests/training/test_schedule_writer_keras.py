"""`ScheduleWriter` in a loop of one's own around a Keras optimizer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras.optimizers import schedules as keras_schedules

from tb_lrfinder import ScheduleWriter
from tests.support.recorded import recorded


class OneAtATime(keras_schedules.LearningRateSchedule):
    """Somebody's own, for a single step."""

    def __call__(self, step: Any) -> Any:
        return keras.ops.cast(keras.ops.reshape(step, ()), "float32") * 1e-4 + 1e-3

    def get_config(self) -> dict[str, Any]:
        return {}


RATES: dict[str, Any] = {
    "number": 0.05,
    "function": lambda: 0.025,
    "piecewise": keras_schedules.PiecewiseConstantDecay([3, 7], [0.4, 0.2, 0.1]),
    "cosine": keras_schedules.CosineDecay(0.01, 20, warmup_target=0.1, warmup_steps=5),
    "own": OneAtATime(),
}


@pytest.mark.parametrize("name", RATES)
def test_the_rate_of_each_update_is_recorded(tmp_path, name):
    weight = keras.Variable(np.zeros(1, "float32"))
    optimizer = keras.optimizers.SGD(RATES[name])
    used = []
    with ScheduleWriter(tmp_path) as writer:
        for _ in range(15):
            weight.assign([0.0])
            optimizer.apply([keras.ops.ones(1)], [weight])
            used.append(-float(keras.ops.convert_to_numpy(weight)[0]))
            writer.record(optimizer, loss=1.0)
    (trace,), (columns,) = recorded(tmp_path)
    np.testing.assert_allclose(columns["learning_rate"], used, rtol=1e-5)
    assert trace.header is not None
    assert trace.header.optimizer == "SGD"


def test_a_schedule_is_evaluated_for_many_steps_at_once(tmp_path, monkeypatch):
    calls = []
    evaluate = keras_schedules.ExponentialDecay.__call__

    def counted(schedule: Any, step: Any) -> Any:
        calls.append(step)
        return evaluate(schedule, step)

    weight = keras.Variable(np.zeros(1, "float32"))
    optimizer = keras.optimizers.SGD(keras_schedules.ExponentialDecay(0.1, 10, 0.5))
    optimizer.build([weight])
    monkeypatch.setattr(keras_schedules.ExponentialDecay, "__call__", counted)
    with ScheduleWriter(tmp_path) as writer:
        for step in range(50):
            optimizer.iterations.assign(step + 1)
            writer.record(optimizer)
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_allclose(columns["learning_rate"], 0.1 * 0.5 ** (np.arange(50) / 10), rtol=1e-5)
    assert len(calls) <= 3
