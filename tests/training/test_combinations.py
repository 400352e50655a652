"""A range test on everything Keras runs: each case measures the right loss with the right rate and leaves no trace.

Every case states how to make a model and how to fit it. Three claims are tested of each:

- its state is restored bit for bit;
- a plain training of it with the recorded rates then gives the recorded losses, computed without our callback;
- that training ends in the same state, bit for bit, as that of a twin on which no test was run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder
from tests.support.custom_steps import custom_train_step
from tests.support.models import (
    BATCH_SIZE,
    NUM_CLASSES,
    NUM_FEATURES,
    STEPS,
    assert_same_state,
    build_model,
    classification_data,
    state_of,
)
from tests.support.witness import Witness

BACKEND = keras.backend.backend()
NUM_STEPS = 2 * STEPS


@dataclass(frozen=True)
class Case:
    """A way to build and fit a model."""

    build: Callable[[], keras.Model] = build_model
    data: Callable[[], dict[str, Any]] = field(default=lambda: arrays())
    finder: dict[str, Any] = field(default_factory=dict)
    epochs: int = 2
    # Builds the same model with a rate that can be set, where `build` gives it a schedule.
    plain: Callable[[], keras.Model] | None = None
    # Whether to train before the test, so that no moment and no statistic is at its start.
    warm_up: bool = True
    backends: tuple[str, ...] = ("tensorflow", "jax", "torch")


def arrays() -> dict[str, Any]:
    x, y = classification_data()
    return {"x": x, "y": y, "batch_size": BATCH_SIZE, "shuffle": False}


def compiled(optimizer: Any = "sgd", **options: Any) -> Callable[[], keras.Model]:
    """A builder; `optimizer` may be a function that makes one, so that every model has its own."""

    def build() -> keras.Model:
        model = build_model("sgd")
        made = optimizer() if callable(optimizer) else optimizer
        model.compile(made, loss="sparse_categorical_crossentropy", metrics=["accuracy"], **options)
        return model

    return build


def scheduled() -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.05, 3, 0.5))


def multi_optimizer(optimizer: Callable[[], Any] = lambda: keras.optimizers.Adam()) -> keras.Model:
    """The hidden layer with one optimizer, the output with another."""
    model = build_model("sgd")
    parts = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.05, momentum=0.5))
    parts[f"{model.layers[0].path}/.*"] = optimizer()
    model.compile(keras.optimizers.MultiOptimizer(parts), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# --- Data ---------------------------------------------------------------------------------------------------------------


def _batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    x, y = classification_data()
    for start in range(0, len(x), BATCH_SIZE):
        yield x[start : start + BATCH_SIZE], y[start : start + BATCH_SIZE]


def _endless() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    while True:
        yield from _batches()


def tf_dataset() -> dict[str, Any]:
    import tensorflow as tf

    return {"x": tf.data.Dataset.from_tensor_slices(classification_data()).batch(BATCH_SIZE), "shuffle": False}


def endless_tf_dataset() -> dict[str, Any]:
    return {"x": tf_dataset()["x"].repeat(), "steps_per_epoch": STEPS, "shuffle": False}


class Sequence(keras.utils.PyDataset):
    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return list(_batches())[index]


def data_loader() -> dict[str, Any]:
    import torch

    x, y = classification_data()
    dataset = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    return {"x": torch.utils.data.DataLoader(dataset, batch_size=BATCH_SIZE), "shuffle": False}


def weighted() -> dict[str, Any]:
    return {**arrays(), "sample_weight": np.linspace(0.1, 2.0, len(classification_data()[0])).astype("float32")}


# --- Models -------------------------------------------------------------------------------------------------------------


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = keras.layers.Dense(8, activation="relu")
        self.drop = keras.layers.Dropout(0.2)
        self.out = keras.layers.Dense(NUM_CLASSES, activation="softmax")

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.out(self.drop(self.hidden(inputs), training=training))


def subclassed() -> keras.Model:
    keras.utils.set_random_seed(7)
    model = Subclassed()
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model


def many_inputs_and_outputs() -> keras.Model:
    keras.utils.set_random_seed(7)
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    joined = keras.layers.Concatenate()([left, right])
    label = keras.layers.Dense(NUM_CLASSES, activation="softmax", name="label")(joined)
    size = keras.layers.Dense(1, name="size")(joined)
    model = keras.Model({"left": left, "right": right}, {"label": label, "size": size})
    model.compile(
        "rmsprop",
        loss={"label": "sparse_categorical_crossentropy", "size": "mse"},
        loss_weights={"label": 1.0, "size": 0.3},
        metrics={"label": ["accuracy"]},
    )
    return model


def dict_data() -> dict[str, Any]:
    x, y = classification_data()
    targets = {"label": y, "size": x.sum(axis=1)}
    return {"x": {"left": x[:, :6], "right": x[:, 6:]}, "y": targets, "batch_size": BATCH_SIZE, "shuffle": False}


def regularised() -> keras.Model:
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            keras.Input((NUM_FEATURES,)),
            keras.layers.Dense(8, activation="relu", kernel_regularizer="l2", activity_regularizer="l2"),
            keras.layers.Dense(NUM_CLASSES, activation="softmax", bias_regularizer="l1"),
        ]
    )
    model.compile("sgd", loss="sparse_categorical_crossentropy")
    return model


OPTIMIZERS = {
    name: optimizer
    for name in dir(keras.optimizers)
    if isinstance(optimizer := getattr(keras.optimizers, name), type)
    and issubclass(optimizer, keras.optimizers.Optimizer)
    and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
}

CASES = {
    **{f"optimizer_{name}": Case(compiled(optimizer)) for name, optimizer in OPTIMIZERS.items()},
    **(
        {
            "multi_optimizer": Case(multi_optimizer),
            "multi_optimizer_of_schedules": Case(lambda: multi_optimizer(scheduled), plain=multi_optimizer),
        }
        if hasattr(keras.optimizers, "MultiOptimizer")
        else {}
    ),
    "schedule": Case(compiled(scheduled), plain=compiled("adam")),
    "callable_rate": Case(compiled(lambda: keras.optimizers.SGD(lambda: 0.05)), plain=compiled("sgd")),
    # On JAX, Keras 3.15 cannot fit a model with use_ema a second time (a buffer is donated twice), with or without us.
    "use_ema": Case(
        compiled(lambda: keras.optimizers.Adam(use_ema=True, ema_overwrite_frequency=3)), warm_up=BACKEND != "jax"
    ),
    "clipping_and_decay": Case(compiled(lambda: keras.optimizers.AdamW(weight_decay=0.01, clipnorm=0.5))),
    "loss_scale": Case(compiled(lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(momentum=0.5)))),
    "loss_scale_schedule": Case(
        compiled(lambda: keras.optimizers.LossScaleOptimizer(scheduled())),
        plain=compiled(lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())),
    ),
    "jit": Case(compiled(jit_compile=True), backends=("tensorflow", "jax")),
    "no_jit": Case(compiled(jit_compile=False)),
    "eagerly": Case(compiled(run_eagerly=True)),
    "functional_subclass_custom_step": Case(custom_train_step),
    "subclassed": Case(subclassed),
    "several_inputs_and_outputs": Case(many_inputs_and_outputs, dict_data),
    "regularised": Case(regularised),
    "sample_weight": Case(data=weighted),
    "class_weight": Case(data=lambda: {**arrays(), "class_weight": {0: 0.2, 1: 1.0, 2: 3.0, 3: 1.0}}),
    "tf_dataset": Case(data=tf_dataset),
    "endless_tf_dataset": Case(data=endless_tf_dataset),
    "generator": Case(data=lambda: {"x": _endless(), "steps_per_epoch": STEPS, "shuffle": False}),
    "py_dataset": Case(data=lambda: {"x": Sequence(), "shuffle": False}),
    "data_loader": Case(data=data_loader, backends=("tensorflow", "torch")),
    "linear_sweep": Case(finder={"spacing": "linear"}),
    "epochs_go_round": Case(epochs=5, finder={"num_steps": 4 * STEPS + 3}),
}


def train(model: keras.Model, case: Case, rates: list[float] | None) -> list[float]:
    keras.utils.set_random_seed(11)
    witness = Witness(rates)
    model.fit(**case.data(), epochs=case.epochs, verbose=0, callbacks=[witness])
    return witness.losses


@pytest.mark.parametrize("name", CASES)
def test_measures_the_right_loss_and_leaves_no_trace(tmp_path, name):
    case = CASES[name]
    if BACKEND not in case.backends:
        pytest.skip(f"Keras has no such feature on {BACKEND}")
    tested, untouched = case.build(), case.build()
    for model in (tested, untouched):
        if case.warm_up:
            train(model, Case(case.build, case.data, epochs=1), None)
        else:
            model.optimizer.build(model.trainable_variables)
    before = state_of(tested)

    finder = LRFinder(tmp_path, start_lr=1e-3, end_lr=0.3, divergence_factor=None, verbose=0, **case.finder)
    keras.utils.set_random_seed(11)
    tested.fit(**case.data(), epochs=case.epochs, verbose=0, callbacks=[finder])
    assert_same_state(state_of(tested), before)
    num_steps = case.finder.get("num_steps", case.epochs * STEPS)
    assert len(finder.curve) == num_steps

    rates = finder.curve.learning_rates.tolist()
    space = np.linspace if case.finder.get("spacing") == "linear" else np.geomspace
    np.testing.assert_allclose(rates, space(1e-3, 0.3, num_steps), rtol=1e-6)
    if case.plain is None:
        for model in (tested, untouched):
            slow_down(model, tested, rates[0])
        losses = train(tested, case, rates)
        train(untouched, case, rates)
    else:
        plain = case.plain()
        train(plain, Case(case.build, case.data, epochs=0), None)
        copy_state(untouched, plain)
        slow_down(plain, tested, rates[0])
        losses = train(plain, case, rates)
        train(tested, case, None)
        train(untouched, case, None)
    np.testing.assert_allclose(finder.curve.losses, losses, rtol=1e-5)
    assert_same_state(state_of(tested), state_of(untouched))


def slow_down(model: keras.Model, trained: keras.Model, rate: float) -> None:
    """Gives SGD the velocity that it would have, had it trained at a rate: Keras' is a sum of steps, not of gradients."""
    for optimizer, used in zip(*(parts(one.optimizer) for one in (model, trained)), strict=True):
        before = float(keras.ops.convert_to_numpy(used.learning_rate))
        for velocity in getattr(optimizer, "momentums", []):
            velocity.assign(velocity * (rate / before))


def parts(optimizer: Any) -> list[Any]:
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return list(getattr(inner, "optimizers", [inner]))


def copy_state(source: keras.Model, target: keras.Model) -> None:
    """Gives `target` the state of `source`, whose optimizer has a schedule in the place of the rate."""
    if not target.optimizer.built:
        target.optimizer.build(target.trainable_variables)
    target.set_weights(source.get_weights())
    slots, others = (
        [variable for variable in model.optimizer.variables if variable.name != "learning_rate"]
        for model in (target, source)
    )
    for variable, other in zip(slots, others, strict=True):
        variable.assign(np.asarray(other))
    seeds = [np.asarray(variable) for variable in source.non_trainable_variables]
    for variable, value in zip(target.non_trainable_variables, seeds, strict=True):
        variable.assign(value)
