"""Schedules where Keras accumulates gradients: they go on with every batch, and that is said and planned."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import pytest
from keras.optimizers import schedules as keras_schedules

from tb_lrfinder import LRRecorder, ScheduleWriter, plan
from tb_lrfinder.schedules import OneCycle
from tests.support.recorded import recorded

GATHERED, EPOCHS, UPDATES = 4, 2, 24  # updates in all, of 48 batches in each epoch
BATCHES = GATHERED * UPDATES


def fitted(log_dir: Any, rate: Any, gathered: int | None = GATHERED) -> list[str]:
    """The warnings of a fit that is recorded."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate, gradient_accumulation_steps=gathered), "mse")
    samples = np.ones((BATCHES // EPOCHS, 1), "float32")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(samples, samples, batch_size=1, epochs=EPOCHS, verbose=0, callbacks=[LRRecorder(log_dir)])
    return [str(one.message) for one in caught if "gradient_accumulation_steps" in str(one.message)]


def test_a_schedule_that_is_over_too_early_is_told_once_with_the_remedy(tmp_path):
    assert fitted(tmp_path, OneCycle(0.1, total_steps=UPDATES)) == [
        "Keras asks a schedule for a rate with every batch, also where an update is made with every 4th one only "
        "(gradient_accumulation_steps=4): a OneCycle that is as long as there are updates is over after 1/4 of them. "
        "Multiply its steps by 4."
    ]


@pytest.mark.parametrize(
    "rate",
    [
        keras_schedules.CosineDecay(0.1, UPDATES),
        keras_schedules.PiecewiseConstantDecay([UPDATES // 2], [0.1, 0.01]),
        keras_schedules.ExponentialDecay(0.1, UPDATES, 0.5),
        keras_schedules.CosineDecayRestarts(0.1, UPDATES),
    ],
    ids=["cosine", "piecewise", "exponential", "restarts"],
)
def test_so_is_every_other_one_that_may_have_been_meant_for_updates(tmp_path, rate):
    (sentence,) = fitted(tmp_path, rate)
    assert f"a {type(rate).__name__} that is" in sentence


@pytest.mark.parametrize(
    ("rate", "gathered"),
    [
        (OneCycle(0.1, total_steps=UPDATES), None),
        (0.1, GATHERED),
        (OneCycle(0.1, total_steps=BATCHES), GATHERED),
        (keras_schedules.CosineDecay(0.1, BATCHES), GATHERED),
        (keras_schedules.CosineDecay(0.0, BATCHES - 10, warmup_target=0.1, warmup_steps=10), GATHERED),
    ],
    ids=["an update with every batch", "a number", "1cycle of batches", "a cosine of batches", "with a warm-up"],
)
def test_nothing_is_told_where_nothing_is_wrong(tmp_path, rate, gathered):
    assert fitted(tmp_path, rate, gathered) == []


def test_a_fit_that_goes_on_counts_what_was_trained_before(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(
        keras.optimizers.SGD(keras_schedules.CosineDecay(0.1, BATCHES), gradient_accumulation_steps=GATHERED), "mse"
    )
    samples = np.ones((BATCHES // EPOCHS, 1), "float32")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for epoch in range(EPOCHS):
            options = {"initial_epoch": epoch, "epochs": epoch + 1}
            if epoch:
                model.fit(samples, samples, batch_size=1, verbose=0, callbacks=[LRRecorder(tmp_path)], **options)
            else:
                model.fit(samples, samples, batch_size=1, verbose=0, **options)


def planned(log_dir: Any, schedule: Any, steps: int, **options: Any) -> Any:
    plan(schedule, steps, log_dir, **options)
    (trace,), (columns,) = recorded(log_dir)
    assert trace.header is not None
    return trace.header.driver, columns["learning_rate"]


def test_the_plan_of_an_optimizer_is_what_its_training_records(tmp_path):
    schedule = OneCycle(0.1, total_steps=UPDATES)
    fitted(tmp_path / "run", schedule)
    _, (used,) = recorded(tmp_path / "run")
    optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=GATHERED)
    driver, rates = planned(tmp_path / "plan", optimizer, UPDATES)
    assert driver == "OneCycle"
    np.testing.assert_allclose(rates, used["learning_rate"], rtol=1e-6)
    assert (rates[6:] == rates[6]).all()  # over after a quarter
    _, told = planned(tmp_path / "told", schedule, UPDATES, gradient_accumulation_steps=GATHERED)
    np.testing.assert_array_equal(told, rates)


def test_an_optimizer_is_planned_from_where_it_stands(tmp_path):
    schedule = keras_schedules.PolynomialDecay(0.1, 100, 0.0)
    optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=3)
    optimizer.build([keras.Variable(np.zeros(1))])
    optimizer._iterations.assign(7)  # two updates, and a batch towards the third
    _, rates = planned(tmp_path / "in_the_middle", optimizer, 4)
    np.testing.assert_allclose(rates, 0.1 - 0.001 * np.array([8.0, 11.0, 14.0, 17.0]), rtol=1e-5)
    _, rates = planned(tmp_path / "plain", keras.optimizers.SGD(schedule), 4)
    np.testing.assert_allclose(rates, 0.1 - 0.001 * np.arange(4.0), rtol=1e-5)


def halved(step: int) -> float:
    return 0.5**step


@pytest.mark.parametrize(
    ("schedule", "options", "message"),
    [
        (
            halved,
            {"gradient_accumulation_steps": 4},
            "`gradient_accumulation_steps` is for a LearningRateSchedule of Keras, which is asked with every batch; others "
            "are asked as often as your loop does. Received: gradient_accumulation_steps=4 with a function.",
        ),
        (
            keras.callbacks.LearningRateScheduler(halved),
            {"gradient_accumulation_steps": 4, "steps_per_epoch": 2},
            "`gradient_accumulation_steps` is for a LearningRateSchedule of Keras, which is asked with every batch; others "
            "are asked as often as your loop does. Received: gradient_accumulation_steps=4 with a LearningRateScheduler.",
        ),
        (
            keras_schedules.CosineDecay(0.1, 10),
            {"gradient_accumulation_steps": 4, "interval": "epoch", "steps_per_epoch": 2},
            "`gradient_accumulation_steps` is for a LearningRateSchedule of Keras, which is asked with every batch; others "
            "are asked as often as your loop does. Received: gradient_accumulation_steps=4 with interval='epoch'.",
        ),
        (
            keras_schedules.CosineDecay(0.1, 10),
            {"gradient_accumulation_steps": 0},
            "`gradient_accumulation_steps` must be a whole number of at least 1. Received: gradient_accumulation_steps=0.",
        ),
        (
            keras.optimizers.SGD(keras_schedules.CosineDecay(0.1, 10), gradient_accumulation_steps=3),
            {"gradient_accumulation_steps": 4},
            "`gradient_accumulation_steps` must be that of the optimizer, or left out. "
            "Received: gradient_accumulation_steps=4 with an optimizer of 3.",
        ),
        (
            keras.optimizers.SGD(0.1),
            {},
            "An optimizer is planned by the LearningRateSchedule that it follows. Received: SGD with a learning rate that "
            "is a number. Plan what sets its rate, such as a LearningRateScheduler.",
        ),
        (
            keras.optimizers.SGD(keras_schedules.CosineDecay(0.1, 10)),
            {"interval": "epoch", "steps_per_epoch": 2},
            "`interval` must be 'step' for an optimizer of Keras, which asks its schedule with every batch. "
            "Received: interval='epoch'.",
        ),
    ],
    ids=["a function", "by epoch", "asked by epoch", "none", "another number", "no schedule", "an optimizer by epoch"],
)
def test_refuses_what_would_not_be_true(tmp_path, schedule, options, message):
    with pytest.raises(ValueError) as caught:
        plan(schedule, 9, tmp_path / "none", **options)
    assert str(caught.value) == message
    assert not (tmp_path / "none").exists()


def test_a_loop_of_your_own_is_recorded_with_the_rates_of_its_updates(tmp_path):
    weight = keras.Variable(np.zeros(1, "float32"))
    optimizer = keras.optimizers.SGD(keras_schedules.PolynomialDecay(0.1, 100, 0.0), gradient_accumulation_steps=3)
    used = []
    with ScheduleWriter(tmp_path) as writer:
        for batch in range(12):
            weight.assign([0.0])
            optimizer.apply([keras.ops.ones(1)], [weight])
            if batch % 3 == 2:
                used.append(-float(keras.ops.convert_to_numpy(weight)[0]))
                writer.record(optimizer)
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_allclose(columns["learning_rate"], used, rtol=1e-5)
