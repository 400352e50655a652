"""`LRRecorder`: what it records is what the optimizer used, whoever set it."""

from __future__ import annotations

import json
import math
from typing import Any

import keras
import numpy as np
import pytest
from keras.optimizers import schedules as keras_schedules

from tb_lrfinder import LRFinder, LRRecorder, range_test
from tests.support.models import (
    BATCH_SIZE,
    NUM_SAMPLES,
    STEPS,
    assert_same_state,
    build_model,
    classification_data,
    fit,
    state_of,
)
from tests.support.recorded import recorded

X, Y = classification_data()


def mean_output(y: Any, predicted: Any) -> Any:
    return keras.ops.mean(predicted)


def falling_model(optimizer: Any, loss: Any = mean_output, **compile_options: Any) -> keras.Model:
    """A weight that every update of plain SGD lowers by exactly the learning rate."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer, loss, **compile_options)
    return model


class Spy(keras.callbacks.Callback):
    """The learning rate of each step, read from what it did to the weight."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.model.trainable_variables[0].assign([[0.0]])

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        weight = keras.ops.convert_to_numpy(self.model.trainable_variables[0])
        self.rates.append(-float(np.asarray(weight)[0, 0]))


class BeforeBatches(keras.callbacks.Callback):
    """Somebody's own schedule, set before each batch."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.01 * (1 + batch % 7)


class AfterBatches(keras.callbacks.Callback):
    """The same after each batch, for the next one."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.01 * (1 + batch % 7)


def by_epoch(epoch: int, rate: float) -> float:
    return 0.1 * 0.5**epoch


class OwnSchedule(keras_schedules.LearningRateSchedule):
    """One that takes a single step at a time."""

    def __call__(self, step: Any) -> Any:
        return keras.ops.cast(keras.ops.reshape(step, ()), "float32") * 1e-4 + 1e-3

    def get_config(self) -> dict[str, Any]:
        return {}


DRIVERS: dict[str, tuple[Any, list[keras.callbacks.Callback]]] = {
    "nobody": (0.05, []),
    "scheduler": (0.05, [keras.callbacks.LearningRateScheduler(by_epoch)]),
    "plateau": (0.05, [keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1e9)]),
    "before_batches": (0.05, [BeforeBatches()]),
    "after_batches": (0.05, [AfterBatches()]),
    "callable": (lambda: 0.025, []),
    "own_schedule": (OwnSchedule(), []),
    "exponential": (keras_schedules.ExponentialDecay(0.1, 7, 0.5, staircase=True), []),
    "inverse_time": (keras_schedules.InverseTimeDecay(0.1, 5, 0.5), []),
    "polynomial": (keras_schedules.PolynomialDecay(0.1, 20), []),
    "piecewise": (keras_schedules.PiecewiseConstantDecay([5, 11], [0.1, 0.02, 0.003]), []),
    "cosine": (keras_schedules.CosineDecay(0.01, 20, warmup_target=0.1, warmup_steps=5), []),
    "restarts": (keras_schedules.CosineDecayRestarts(0.1, 6), []),
}


@pytest.mark.parametrize("driver", DRIVERS)
def test_records_the_rate_that_each_step_used(tmp_path, driver):
    rate, callbacks = DRIVERS[driver]
    spy, recorder = Spy(), LRRecorder(tmp_path)
    model = falling_model(keras.optimizers.SGD(rate))
    # Others come first: the recorder must see the rate before they change it.
    model.fit(np.ones((24, 1)), np.ones(24), batch_size=2, epochs=2, verbose=0, callbacks=[*callbacks, spy, recorder])
    (trace,), (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(24))
    # A compiled cosine and one evaluated by itself differ in the last digits of float32.
    np.testing.assert_allclose(columns["learning_rate"], spy.rates, rtol=1e-5, atol=2e-8)
    np.testing.assert_allclose(columns["epoch"], np.arange(1, 25) / 12)
    assert (np.diff(columns["wall_time"]) >= 0).all()
    assert trace.header is not None
    assert (trace.header.kind, trace.status) == ("training", "finished")


def test_a_lambda_may_set_the_rate_too(tmp_path):
    model, spy = falling_model(keras.optimizers.SGD(0.05)), Spy()

    def set_rate(batch: int, logs: Any) -> None:
        _ = by_lambda.model  # on JAX, what is set past a callback's own `model` is lost
        model.optimizer.learning_rate = 0.01 * (1 + batch % 7)

    by_lambda = keras.callbacks.LambdaCallback(on_train_batch_begin=set_rate)
    model.fit(np.ones((24, 1)), np.ones(24), batch_size=2, verbose=0, callbacks=[by_lambda, spy, LRRecorder(tmp_path)])
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_allclose(columns["learning_rate"], spy.rates, rtol=1e-5, atol=2e-8)


@pytest.mark.parametrize("options", [{}, {"validation_data": (X[:100], Y[:100])}], ids=["", "with_validation"])
def test_the_losses_are_those_of_the_batches(tmp_path, options):
    model = build_model(keras.optimizers.SGD(0.05), dropout=0.0)
    losses = []

    class Losses(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.reset_metrics()

        def on_train_batch_end(self, batch, logs=None):
            losses.append((logs or {})["loss"])

    fit(model, Losses(), epochs=3, **options)
    model = build_model(keras.optimizers.SGD(0.05), dropout=0.0)
    fit(model, LRRecorder(tmp_path), epochs=3, **options)
    _, (columns,) = recorded(tmp_path)
    assert len(losses) == 3 * STEPS
    assert NUM_SAMPLES % BATCH_SIZE  # the last batch of an epoch is smaller
    np.testing.assert_allclose(columns["loss"], losses, rtol=1e-4)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras runs one step per execution on PyTorch")
def test_with_several_batches_per_call_a_schedule_gives_each_its_rate(tmp_path):
    schedule = keras_schedules.ExponentialDecay(0.1, 3, 0.5)
    model = falling_model(keras.optimizers.SGD(schedule), steps_per_execution=4)
    model.fit(np.ones((24, 1)), np.ones(24), batch_size=2, epochs=2, verbose=0, callbacks=[LRRecorder(tmp_path)])
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(24))
    expected = [float(schedule(step)) for step in range(24)]
    np.testing.assert_allclose(columns["learning_rate"], expected, rtol=1e-6)


def test_with_accumulation_a_step_is_an_update(tmp_path):
    schedule = keras_schedules.PolynomialDecay(0.1, 30)
    model, spy = falling_model(keras.optimizers.SGD(schedule, gradient_accumulation_steps=3)), Spy()
    with pytest.warns(UserWarning, match="gradient_accumulation_steps=3"):
        model.fit(np.ones((24, 1)), np.ones(24), batch_size=2, verbose=0, callbacks=[spy, LRRecorder(tmp_path)])
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(4))
    np.testing.assert_allclose(columns["learning_rate"], spy.rates[2::3], rtol=1e-5)
    assert spy.rates[0] == 0.0


# Batches of an epoch whose scaled gradient overflows: the first and the last one among them.
SKIPPED = np.isin(np.arange(12), [0, 5, 6, 11])


def overflowing_where_skipped(y: Any, predicted: Any) -> Any:
    return keras.ops.mean(predicted * keras.ops.where(y > 0, 1e36, 1.0))


def fit_with_skipped_updates(rate: Any, *callbacks: keras.callbacks.Callback) -> None:
    """Two epochs."""
    # It is halved at each of the eight overflows.
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate), initial_scale=2.0**20)
    model = falling_model(optimizer, overflowing_where_skipped)
    ones, targets = np.ones((24, 1), "float32"), np.repeat(SKIPPED, 2).astype("float32")[:, None]
    model.fit(ones, targets, batch_size=2, epochs=2, shuffle=False, verbose=0, callbacks=list(callbacks))


@pytest.mark.parametrize(
    "driver", ["nobody", "scheduler", "before_batches", "after_batches", "own_schedule", "polynomial"]
)
def test_updates_that_loss_scaling_skips_are_no_steps(tmp_path, driver):
    rate, callbacks = DRIVERS[driver]
    spy = Spy()
    fit_with_skipped_updates(rate, *callbacks, spy, LRRecorder(tmp_path))
    _, (columns,) = recorded(tmp_path)
    rates, made = np.array(spy.rates), ~np.tile(SKIPPED, 2)
    np.testing.assert_array_equal(rates[~made], 0.0)
    np.testing.assert_array_equal(columns["step"], np.arange(made.sum()))
    np.testing.assert_allclose(columns["learning_rate"], rates[made], rtol=1e-5)
    np.testing.assert_allclose(columns["epoch"], (np.arange(1, 25) / 12)[made])


def test_skipped_updates_beside_a_rate_that_is_read_once_per_epoch(tmp_path):
    scheduler = keras.callbacks.LearningRateScheduler(by_epoch)
    fit_with_skipped_updates(0.05, scheduler, LRRecorder(tmp_path))
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(16))
    np.testing.assert_allclose(columns["learning_rate"], np.repeat([0.1, 0.05], 8))


@pytest.mark.skipif(not hasattr(keras.optimizers, "MultiOptimizer"), reason="this Keras has no MultiOptimizer")
def test_of_several_optimizers_the_first_one_with_variables_is_recorded(tmp_path):
    x = keras.Input((1,))
    layers = [keras.layers.Dense(1, use_bias=False, name=name) for name in ("one", "two")]
    model = keras.Model(x, keras.layers.Add()([layer(x) for layer in layers]))
    first, second = keras_schedules.PolynomialDecay(0.1, 20), keras_schedules.ExponentialDecay(0.3, 5, 0.5)
    parts = keras.optimizers.OptimizerMap(keras.optimizers.SGD(second))
    parts["nothing/.*"] = keras.optimizers.SGD(0.9)
    parts["one/.*"] = keras.optimizers.SGD(first)
    model.compile(keras.optimizers.MultiOptimizer(parts), loss=mean_output)
    spy = Spy()  # of the first weight
    model.fit(np.ones((24, 1)), np.ones(24), batch_size=2, verbose=0, callbacks=[spy, LRRecorder(tmp_path)])
    (trace,), (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(12))
    np.testing.assert_allclose(columns["learning_rate"], spy.rates, rtol=1e-5)
    assert trace.header is not None
    assert trace.header.driver == "PolynomialDecay"


def test_momentum_and_weight_decay_are_recorded_where_there_are_any(tmp_path):
    fit(build_model(keras.optimizers.AdamW(weight_decay=0.01, beta_1=0.8)), LRRecorder(tmp_path / "adamw"))
    fit(build_model(keras.optimizers.SGD(momentum=0.7)), LRRecorder(tmp_path / "sgd"))
    _, (adamw, sgd) = recorded(tmp_path)
    assert (set(adamw["momentum"]), set(adamw["weight_decay"])) == ({0.8}, {0.01})
    assert set(sgd["momentum"]) == {0.7}
    assert "weight_decay" not in sgd


def test_a_training_that_goes_on_is_one_schedule(tmp_path):
    schedule = keras_schedules.PolynomialDecay(0.1, 60)
    model = build_model(keras.optimizers.SGD(schedule))
    fit(model, LRRecorder(tmp_path / "run"), epochs=2)
    model.save(tmp_path / "model.keras")
    fit(model, LRRecorder(tmp_path / "run"), epochs=3, initial_epoch=2)  # three more, lost with the process
    again: Any = keras.models.load_model(tmp_path / "model.keras")
    fit(again, LRRecorder(tmp_path / "run"), epochs=4, initial_epoch=2)
    (trace,), (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(4 * STEPS))
    np.testing.assert_allclose(
        columns["learning_rate"], [float(schedule(step)) for step in range(4 * STEPS)], rtol=1e-6
    )
    np.testing.assert_allclose(columns["epoch"][STEPS - 1 :: STEPS], [1, 2, 3, 4])
    assert trace.status == "finished"


def test_two_trainings_in_one_directory_stay_two(tmp_path):
    for _ in range(2):
        fit(build_model(), LRRecorder(tmp_path))
    traces, tables = recorded(tmp_path)
    assert len(traces) == 2
    assert [len(table["step"]) for table in tables] == [STEPS, STEPS]


def test_one_recorder_serves_several_fits(tmp_path):
    model, recorder = build_model(), LRRecorder(tmp_path)
    fit(model, recorder)
    fit(model, recorder)
    (_,), (columns,) = recorded(tmp_path)
    np.testing.assert_array_equal(columns["step"], np.arange(2 * STEPS))


@pytest.mark.parametrize("recorder_first", [True, False])
def test_refuses_the_fit_of_a_range_test(tmp_path, recorder_first):
    # The test would put a variable in the place of the schedule.
    schedule = keras_schedules.PolynomialDecay(0.1, 60)
    model = build_model(keras.optimizers.SGD(schedule, momentum=0.5))
    fit(model)
    before = state_of(model)
    company = [LRRecorder(tmp_path), LRFinder(tmp_path, verbose=0)]
    with pytest.raises(ValueError, match="must not be in the fit of a range test.* Take LRRecorder out of it"):
        fit(model, *(company if recorder_first else company[::-1]))
    assert_same_state(state_of(model), before)
    assert model.optimizer._learning_rate is schedule
    assert recorded(tmp_path)[0] == []


def test_a_failure_and_an_interrupt_are_written_down(tmp_path):
    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 4:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(build_model(), LRRecorder(tmp_path), Fails())
    (trace,), (columns,) = recorded(tmp_path)
    assert (trace.status, trace.status_text) == ("interrupted", "Interrupted: Ctrl-C.")
    np.testing.assert_array_equal(columns["step"], np.arange(5))


def test_a_training_without_rows_is_one_that_failed_at_once(tmp_path):
    def no_rate(epoch: int, rate: float) -> float:
        raise RuntimeError("no rate")

    with pytest.raises(RuntimeError, match="no rate"):
        fit(build_model(), LRRecorder(tmp_path), keras.callbacks.LearningRateScheduler(no_rate))
    (trace,), (columns,) = recorded(tmp_path)
    assert (trace.status, trace.status_text) == ("interrupted", "Interrupted: RuntimeError: no rate.")
    assert columns == {}


def test_a_rate_that_rises_all_along_is_a_sweep_too(tmp_path):
    def rising(epoch: int, rate: float) -> float:
        return 1e-4 * 10 ** (epoch / 10)

    sweep = keras.callbacks.LearningRateScheduler(rising)
    fit(build_model(), LRRecorder(tmp_path / "sweep"), sweep, epochs=20)
    warm_up = keras_schedules.CosineDecay(1e-4, 1000, warmup_target=0.1, warmup_steps=8)
    fit(build_model(keras.optimizers.SGD(warm_up)), LRRecorder(tmp_path / "warm_up"), epochs=4)
    traces, _ = recorded(tmp_path)
    assert [trace.header and trace.header.is_sweep for trace in traces] == [True, False]
    assert [trace.header and trace.header.driver for trace in traces] == ["LearningRateScheduler", "CosineDecay"]


def test_it_changes_nothing_in_the_training(tmp_path):
    alone = fit(build_model(), epochs=2)
    watched = fit(build_model(), LRRecorder(tmp_path), epochs=2)
    assert json.dumps(alone.history) == json.dumps(watched.history)
    assert math.isfinite(alone.history["loss"][-1])


def test_a_person_can_say_which_range_test_a_training_belongs_to(tmp_path):
    results = [
        range_test(build_model(), X, Y, log_dir=tmp_path / name, num_steps=12, batch_size=BATCH_SIZE, verbose=0)
        for name in ("first", "second")
    ]
    fit(build_model(), LRRecorder(tmp_path / "run", range_test=results[0]))
    traces = {trace.run: trace for trace in recorded(tmp_path)[0]}
    assert traces["run"].header_or_default.range_test == results[0].session == traces["first"].session
    with pytest.raises(ValueError, match="`range_test` must be the result of a test that was written for TensorBoard"):
        LRRecorder(tmp_path, range_test=range_test(build_model(), X, Y, num_steps=12, verbose=0))
