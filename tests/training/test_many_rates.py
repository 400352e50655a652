"""The rates of Keras' schedules for many steps at a time."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras.optimizers import schedules

from tb_lrfinder.loops.frameworks.keras_schedules import rates_of


class WarmedUp(schedules.CosineDecay):
    """Asks `ops.cond` whether its warm-up is over, which takes one step at a time."""

    calls = 0

    def __call__(self, step: Any) -> Any:
        type(self).calls += 1
        return super().__call__(step)


class ByHand(schedules.LearningRateSchedule):
    """Can be asked for one step alone, and not by a compiled function."""

    def __call__(self, step: Any) -> Any:
        return 0.1 if int(step) < 150 else 0.01


@pytest.mark.parametrize("start", [0, 95, 700])
def test_a_schedule_with_a_warm_up_is_evaluated_as_it_is_for_each_step(start):
    schedule = schedules.CosineDecay(0.0, 1000, warmup_target=0.01, warmup_steps=100)
    counts = np.arange(start, start + 20)
    each = [float(keras.ops.convert_to_numpy(schedule(int(count)))) for count in counts]
    np.testing.assert_allclose(rates_of(schedule, counts), each, rtol=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="only JAX compiles such a schedule anew in each call")
def test_a_schedule_with_a_warm_up_is_not_asked_for_each_step():
    schedule = WarmedUp(0.0, 5000, warmup_target=0.01, warmup_steps=100)
    WarmedUp.calls = 0
    for start in range(0, 3000, 300):
        assert rates_of(schedule, np.arange(start, start + 300)).shape == (300,)
    assert WarmedUp.calls <= 3


def test_a_schedule_that_takes_one_step_alone():
    assert rates_of(ByHand(), np.arange(148, 152)).tolist() == [0.1, 0.1, 0.01, 0.01]
    assert rates_of(ByHand(), np.arange(0)).size == 0
