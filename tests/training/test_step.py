"""Steps of several batches, and the rate that each update really used.

The probe is a model whose gradient is one wherever it stands, so under plain SGD each update lowers its weight by exactly
the learning rate: the rates are read back from the weights.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder
from tests.support.models import STEPS, assert_same_state, build_model, classification_data, fit, state_of

BACKEND = keras.backend.backend()
BATCHES = 24


def probe(optimizer: Any = None, **options: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer or keras.optimizers.SGD(0.1), loss=lambda _y, y_pred: y_pred, **options)
    return model


class Weights(keras.callbacks.Callback):
    """The weight after each call of the train step."""

    def __init__(self) -> None:
        super().__init__()
        self.values = [0.0]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.values.append(float(self.model.get_weights()[0][0, 0]))


def updates_of(model: keras.Model, finder: LRFinder, epochs: int = 1) -> np.ndarray:
    """What each call of the train step took from the weight."""
    weights = Weights()
    ones = np.ones((BATCHES, 1), "float32")
    model.fit(ones, ones, batch_size=1, epochs=epochs, shuffle=False, verbose=0, callbacks=[finder, weights])
    np.testing.assert_array_equal(model.get_weights()[0], [[0.0]])
    return -np.diff(weights.values)


def finder(log_dir: Any = None, **options: Any) -> LRFinder:
    return LRFinder(log_dir, start_lr=0.01, end_lr=1.0, divergence_factor=None, verbose=0, **options)


SETTABLE = {
    "number": lambda: keras.optimizers.SGD(0.1),
    "schedule": lambda: keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.3, 10)),
    "callable": lambda: keras.optimizers.SGD(lambda: 0.3),
    "loss_scale": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)),
}


@pytest.mark.parametrize("kind", SETTABLE)
@pytest.mark.parametrize("spacing", ["log", "linear"])
def test_each_update_uses_the_recorded_rate(kind, spacing):
    test = finder(spacing=spacing)
    updates = updates_of(probe(SETTABLE[kind]()), test)
    assert len(test.curve) == BATCHES
    np.testing.assert_allclose(updates, test.curve.learning_rates, rtol=1e-4)


@pytest.mark.parametrize("kind", ["schedule", "callable"])
def test_a_schedule_is_given_back_and_used_by_the_next_fit(kind):
    tested, untouched = probe(SETTABLE[kind]()), probe(SETTABLE[kind]())
    before = tested.optimizer._learning_rate
    num_variables = len(tested.optimizer.variables)
    updates_of(tested, finder())
    assert tested.optimizer._learning_rate is before
    assert len(tested.optimizer.variables) == num_variables
    for model in (tested, untouched):
        ones = np.ones((BATCHES, 1), "float32")
        model.fit(ones, ones, batch_size=1, verbose=0)
    assert_same_state(state_of(tested), state_of(untouched))
    assert tested.get_weights()[0][0, 0] != 0.0


def test_with_accumulation_the_rate_moves_when_an_update_is_applied():
    test = finder()
    updates = updates_of(probe(keras.optimizers.SGD(0.1, gradient_accumulation_steps=4)), test)
    assert len(test.curve) == BATCHES // 4
    applied = updates.reshape(-1, 4)
    np.testing.assert_array_equal(applied[:, :3], 0.0)
    np.testing.assert_allclose(applied[:, 3], test.curve.learning_rates, rtol=1e-4)


def test_with_accumulation_the_loss_is_the_mean_of_the_window():
    # Rates too small to move a weight: both tests see the same losses.
    single = LRFinder(None, 1e-30, 2e-30, divergence_factor=None, verbose=0)
    fit(build_model("sgd", dropout=0.0), single, epochs=2)
    windows = LRFinder(None, 1e-30, 2e-30, divergence_factor=None, verbose=0)
    fit(build_model(keras.optimizers.SGD(gradient_accumulation_steps=4), dropout=0.0), windows, epochs=2)
    losses = single.curve.losses.reshape(-1, 4)
    np.testing.assert_allclose(windows.history["loss"], losses.mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(windows.history["loss_std"], losses.std(axis=1), rtol=1e-3)


def test_several_updates_per_rate_record_their_mean_and_spread():
    test = finder(updates_per_lr=6)
    updates = updates_of(probe(), test).reshape(-1, 6)
    assert len(test.curve) == BATCHES // 6
    np.testing.assert_allclose(updates, np.repeat(test.curve.learning_rates[:, None], 6, axis=1), rtol=1e-4)
    # The loss of the probe is its weight.
    weights = -np.cumsum(np.concatenate([[0.0], updates.ravel()]))[:-1].reshape(-1, 6)
    np.testing.assert_allclose(test.history["loss"], weights.mean(axis=1), rtol=1e-4)
    np.testing.assert_allclose(test.history["loss_std"], weights.std(axis=1), rtol=1e-3)


def test_one_rate_per_epoch():
    test = finder(updates_per_lr="epoch")
    updates = updates_of(probe(), test, epochs=5).reshape(5, BATCHES)
    assert len(test.curve) == 5
    np.testing.assert_allclose(updates, np.repeat(test.curve.learning_rates[:, None], BATCHES, axis=1), rtol=1e-3)
    np.testing.assert_allclose(test.curve.learning_rates, np.geomspace(0.01, 1.0, 5), rtol=1e-6)


def test_one_rate_per_epoch_needs_as_many_epochs():
    with pytest.raises(ValueError, match="pass epochs=7 to fit"):
        updates_of(probe(), finder(updates_per_lr="epoch", num_steps=7), epochs=5)


@pytest.mark.skipif(BACKEND == "torch", reason="Keras runs one step per execution on PyTorch")
def test_with_several_steps_per_execution_rate_and_point_are_per_group():
    test = finder()
    updates = updates_of(probe(steps_per_execution=3), test)
    assert len(test.curve) == BATCHES // 3
    np.testing.assert_allclose(updates, 3 * test.curve.learning_rates, rtol=1e-4)


@pytest.mark.skipif(BACKEND == "torch", reason="Keras runs one step per execution on PyTorch")
def test_several_steps_per_execution_with_accumulation():
    test = finder()
    updates = updates_of(probe(keras.optimizers.SGD(0.1, gradient_accumulation_steps=6), steps_per_execution=3), test)
    assert len(test.curve) == BATCHES // 6
    np.testing.assert_allclose(updates.reshape(-1, 2)[:, 1], test.curve.learning_rates, rtol=1e-4)


class Overflowing(keras.losses.Loss):
    """A loss whose scaled gradient overflows float16 in some batches: those with a target of one."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.cast(y_pred, "float32") * keras.ops.where(y_true > 0, 1e38, 1.0)


def test_an_update_that_loss_scaling_skips_does_not_move_the_rate():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=2.0**10)
    model.compile(optimizer, loss=Overflowing())
    skipped = np.zeros(BATCHES, bool)
    skipped[[2, 7, 8]] = True
    weights, test = Weights(), finder(num_steps=BATCHES - 3)
    model.fit(
        np.ones((BATCHES, 1), "float32"),
        skipped.astype("float32")[:, None],
        batch_size=1,
        shuffle=False,
        verbose=0,
        callbacks=[test, weights],
    )
    updates = -np.diff(weights.values)
    np.testing.assert_array_equal(updates[skipped], 0.0)
    np.testing.assert_allclose(updates[~skipped], test.curve.learning_rates, rtol=1e-3)
    assert len(test.curve) == BATCHES - 3


def test_mixed_precision_is_restored_bit_for_bit(tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build_model("adam")
    finally:
        keras.config.set_dtype_policy("float32")
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    fit(model)
    before = state_of(model)
    test = LRFinder(tmp_path, num_steps=2 * STEPS, end_lr=1.0, verbose=0)
    fit(model, test, epochs=4)
    assert_same_state(state_of(model), before)
    assert len(test.curve) > STEPS
    assert np.isfinite(test.curve.losses[:STEPS]).all()


@pytest.mark.parametrize("value", [0, 1.5, "batch", True])
def test_refuses_a_step_that_is_none(value):
    with pytest.raises(ValueError, match="`updates_per_lr` must be a whole number of at least 1, or 'epoch'"):
        LRFinder(None, updates_per_lr=value)


def test_every_metric_is_recorded_and_can_be_monitored():
    test = LRFinder(None, num_steps=60, monitor="accuracy", verbose=0)
    fit(build_model(), test, epochs=8)
    assert list(test.history) == ["step", "learning_rate", "loss", "accuracy"]
    assert test.mode == "max"
    np.testing.assert_array_equal(test.curve.losses, -test.history["accuracy"])
    assert 0.0 <= test.history["accuracy"].min() < test.history["accuracy"].max() <= 1.0


def test_validation_loss_is_measured_every_so_many_steps():
    x, y = classification_data()
    test = LRFinder(
        None,
        start_lr=1e-4,
        end_lr=0.1,
        num_steps=20,
        monitor="val_loss",
        validation_data=(x, y),
        validation_freq=4,
        verbose=0,
    )
    model, untouched = build_model(dropout=0.0), build_model(dropout=0.0)
    fit(model, test, epochs=3)
    measured = np.flatnonzero(~np.isnan(test.history["val_loss"]))
    np.testing.assert_array_equal(measured, [0, 4, 8, 12, 16])
    assert len(test.curve) == 5
    np.testing.assert_array_equal(test.curve.learning_rates, test.history["learning_rate"][measured])

    # The value after the first step, computed without the callback.
    fit(untouched, Stop(1e-4))
    expected = untouched.evaluate(x, y, batch_size=32, verbose=0, return_dict=True)["loss"]
    assert test.history["val_loss"][0] == pytest.approx(expected, rel=1e-5)


class Stop(keras.callbacks.Callback):
    """Trains one batch with a rate."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = self.rate

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.model.stop_training = True


def test_an_unknown_monitor_is_refused_with_the_known_ones():
    model = build_model()
    fit(model)
    before = state_of(model)
    with pytest.raises(ValueError, match="Received: monitor='val_loss'; recorded are loss, accuracy"):
        fit(model, LRFinder(None, monitor="val_loss", verbose=0))
    assert_same_state(state_of(model), before)


def test_a_metric_of_several_numbers_is_no_column():
    model = build_model()
    per_class = keras.metrics.SparseTopKCategoricalAccuracy(k=2)
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=[PerClass(), per_class])
    x, y = classification_data()
    test = LRFinder(None, num_steps=STEPS, validation_data=(x, y), verbose=0)
    fit(model, test)
    name = per_class.name
    assert sorted(test.history) == sorted(["step", "learning_rate", "loss", name, "val_loss", f"val_{name}"])


class PerClass(keras.metrics.Metric):
    """Gives a number for each class, as `F1Score` does."""

    def __init__(self) -> None:
        super().__init__(name="per_class")
        self.seen = self.add_weight(shape=(4,), initializer="zeros", name="seen")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.seen.assign(self.seen + keras.ops.mean(y_pred, axis=0))

    def result(self) -> Any:
        return keras.ops.convert_to_tensor(self.seen) * 1.0
