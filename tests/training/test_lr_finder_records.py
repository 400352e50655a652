"""`LRFinder`: what it records."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, suggest
from tests.support.custom_steps import custom_train_step
from tests.support.models import (
    BATCH_SIZE,
    STEPS,
    build_model,
    classification_data,
    fit,
)
from tests.support.recorded import recorded


class WeightsBeforeBatch(keras.callbacks.Callback):
    """The weights that each batch started from, and the rate that the optimizer then held."""

    def __init__(self):
        super().__init__()
        self.weights = []
        self.rates = []

    def on_train_batch_begin(self, batch, logs=None):
        self.weights.append(self.model.get_weights())
        self.rates.append(float(self.model.optimizer.learning_rate))


def test_records_the_loss_of_each_batch_and_the_rate_it_used(tmp_path):
    model = build_model(keras.optimizers.SGD(momentum=0.9), dropout=0.0)
    witness = WeightsBeforeBatch()
    finder = LRFinder(tmp_path, start_lr=1e-4, end_lr=1.0, divergence_factor=None, verbose=0)
    fit(model, finder, witness, epochs=4)
    assert len(finder.curve) == 4 * STEPS

    x, y = classification_data()
    twin = build_model(dropout=0.0)
    loss = keras.losses.SparseCategoricalCrossentropy()
    expected = []
    for step, weights in enumerate(witness.weights):
        batch = slice(step % STEPS * BATCH_SIZE, (step % STEPS + 1) * BATCH_SIZE)
        twin.set_weights(weights)
        expected.append(float(np.asarray(keras.ops.stop_gradient(loss(y[batch], twin(x[batch], training=True))))))
    np.testing.assert_allclose(finder.curve.losses, expected, rtol=1e-5)
    np.testing.assert_array_equal(finder.curve.learning_rates, witness.rates)
    np.testing.assert_allclose(finder.curve.learning_rates, np.geomspace(1e-4, 1.0, 4 * STEPS), rtol=1e-6)


def test_linear_sweep(tmp_path):
    finder = LRFinder(tmp_path, start_lr=0.01, end_lr=0.1, spacing="linear", verbose=0)
    fit(build_model(), finder)
    np.testing.assert_allclose(finder.curve.learning_rates, np.linspace(0.01, 0.1, STEPS), rtol=1e-6)


def test_a_finder_can_be_used_twice(tmp_path):
    model = build_model()
    finder = LRFinder(tmp_path, verbose=0)
    fit(model, finder, epochs=5)
    first = finder.curve
    fit(model, finder, epochs=5)
    np.testing.assert_array_equal(finder.curve.losses, first.losses)


def test_a_fit_of_unknown_length_takes_num_steps(tmp_path):
    def batches():
        x, y = classification_data()
        while True:
            yield x[:32], y[:32]

    finder = LRFinder(tmp_path, num_steps=30, divergence_factor=None, end_lr=0.1, verbose=0)
    build_model().fit(batches(), shuffle=False, callbacks=[finder], verbose=0)
    assert len(finder.curve) == 30
    assert finder.stop_text == "Swept to end_lr=0.1."


def test_stops_when_the_loss_diverges_and_says_where(tmp_path):
    finder = LRFinder(tmp_path, num_steps=200, end_lr=1e4, verbose=0)
    fit(build_model("sgd"), finder, epochs=30)
    assert finder.stop_text.startswith(f"Stopped at step {len(finder.curve)}: the loss rose above ")
    assert len(finder.curve) < 200


def test_the_suggestion_is_that_of_the_curve(tmp_path):
    finder = LRFinder(tmp_path, num_steps=100, method="steepest", verbose=0)
    fit(build_model(), finder, epochs=20)
    assert finder.suggestion == suggest(finder.curve, "steepest")
    assert finder.suggestion.learning_rate is not None


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="on JAX, only what is in `metrics` is trained with")
def test_a_model_that_resets_its_metrics_itself_is_asked_to():
    base = type(custom_train_step())

    class ResetsItself(base):
        @property
        def metrics(self):
            return []

        def reset_metrics(self):
            self.tracker.reset_state()

    def build():
        keras.utils.set_random_seed(7)
        inputs = keras.Input((12,))
        model = ResetsItself(inputs, keras.layers.Dense(4, activation="softmax")(inputs))
        model.compile("sgd")
        return model

    finder, listed = LRFinder(None, start_lr=0.01, end_lr=0.5, verbose=0), LRFinder(None, 0.01, 0.5, verbose=0)
    fit(build(), finder, epochs=2)
    fit(custom_train_step(), listed, epochs=2)
    np.testing.assert_array_equal(finder.curve.losses, listed.curve.losses)


@pytest.mark.parametrize("monitor", ["loss", "learning_rate", "step", "history", "val_step"])
def test_a_metric_may_be_called_like_a_column(tmp_path, monitor):
    model = build_model()
    names = ("learning_rate", "step", "history")
    metrics = [keras.metrics.SparseCategoricalAccuracy(name=name) for name in names]
    model.compile("adam", "sparse_categorical_crossentropy", metrics=metrics)
    finder = LRFinder(tmp_path, 0.01, 0.5, monitor=monitor, validation_data=classification_data(), verbose=0)
    fit(model, finder, epochs=2)
    np.testing.assert_array_equal(finder.history["step"], np.arange(2 * STEPS))
    np.testing.assert_allclose(finder.history["learning_rate"], np.geomspace(0.01, 0.5, 2 * STEPS), rtol=1e-6)
    accuracies = finder.history["metric_step"]
    assert np.unique(accuracies).size > 2
    for column in ("metric_learning_rate", "history"):
        np.testing.assert_array_equal(finder.history[column], accuracies)
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert trace.header.method == "auto"
    drawn = columns[trace.header.monitor]
    np.testing.assert_array_equal(finder.curve.losses, drawn[~np.isnan(drawn)])
    np.testing.assert_array_equal(columns["metric_step"], accuracies)
