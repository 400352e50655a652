"""Rate and metrics are changed where the running fit keeps them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder
from tests.support.models import STEPS, assert_same_state, build_model, fit, state_of


class AsksForTheModel(keras.callbacks.Callback):
    """On JAX, Keras then brings all values back into the model."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        assert self.model.optimizer is not None


def swept(model: keras.Model, *others: keras.callbacks.Callback, **options: Any) -> dict[str, np.ndarray]:
    finder = LRFinder(None, start_lr=1e-4, end_lr=1.0, divergence_factor=None, verbose=0, **options)
    model.optimizer.build(model.trainable_variables)
    before = state_of(model)
    fit(model, finder, *others, epochs=3)
    assert_same_state(state_of(model), before)
    return finder.history


def measured_model(optimizer: Any = "adam") -> keras.Model:
    """Metrics of several kinds: means, a table of counts, one that starts at something else than zero."""

    class Lowest(keras.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="lowest")
            self.value = self.add_variable(
                (), lambda shape, dtype=None: keras.ops.full(shape, 9.0, dtype), name="value"
            )

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.value.assign(keras.ops.minimum(self.value, keras.ops.min(y_pred)))

        def result(self) -> Any:
            return keras.ops.convert_to_tensor(self.value)

        def reset_state(self) -> None:
            self.value.assign(9.0)

    model = build_model(optimizer, dropout=0.0)
    model.compile(
        model.optimizer,
        "sparse_categorical_crossentropy",
        metrics=["accuracy", Lowest(), keras.metrics.SparseTopKCategoricalAccuracy(2)],
    )
    return model


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (lambda: "adam", {}),
        (lambda: keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.3, 10)), {}),
        (lambda: keras.optimizers.SGD(0.1, gradient_accumulation_steps=2), {}),
        (lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.1)), {}),
        (lambda: "adam", {"validation_data": (np.ones((9, 12), "float32"), np.ones(9)), "validation_freq": 3}),
    ],
    ids=["number", "schedule", "accumulation", "loss_scale", "validation"],
)
def test_it_makes_no_difference_whether_others_ask_for_the_model(optimizer, options):
    alone = swept(measured_model(optimizer()), **options)
    in_company = swept(measured_model(optimizer()), AsksForTheModel(), **options)
    assert {"accuracy", "lowest", "sparse_top_k_categorical_accuracy"} <= set(alone)
    for name, values in alone.items():
        np.testing.assert_array_equal(values, in_company[name], err_msg=name)
    # Were they not reset, these would change less and less.
    assert alone["lowest"].max() < 9.0
    assert np.unique(alone["lowest"]).size > STEPS


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="only on JAX do the values of a fit lie beside the model")
def test_the_state_is_not_brought_back_in_each_batch(monkeypatch):
    model = build_model()
    syncs = []
    sync = model.jax_state_sync

    def counted() -> None:
        if not model._jax_state_synced:
            syncs.append(1)
        sync()

    monkeypatch.setattr(model, "jax_state_sync", counted)
    history = swept(model)
    # Once at the end of each epoch, by Keras itself, and once after the first step.
    assert len(history["loss"]) == 3 * STEPS
    assert len(syncs) <= 5
