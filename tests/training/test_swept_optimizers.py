"""Which optimizer is swept, where a train step uses others than `model.optimizer`, and what is restored."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, LRRecorder, range_test
from tests.support.gan import BATCH, NUM_BATCHES, REAL, build_gan, fit_gan, gan_state
from tests.support.models import build_model, classification_data, fit
from tests.support.recorded import recorded

BACKEND = keras.backend.backend()
only_eager_builds = pytest.mark.skipif(BACKEND == "jax", reason="on JAX, a train step can make no variables")


def trained_gan(**options: Any) -> Any:
    """A GAN whose optimizers have moments."""
    model = build_gan(**options)
    fit_gan(model, epochs=1)
    return model


def assert_same(actual: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert list(actual) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(actual[name], value, err_msg=name)


def finder(log_dir: Any = None, **options: Any) -> LRFinder:
    return LRFinder(log_dir, start_lr=1e-3, end_lr=0.5, divergence_factor=None, monitor="d_loss", verbose=0, **options)


def test_an_optimizer_that_nobody_uses_is_refused_and_everything_is_undone(tmp_path):
    model = trained_gan()
    before = gan_state(model)
    test = finder(tmp_path)
    with pytest.raises(ValueError) as caught:
        fit_gan(model, test)
    assert str(caught.value) == (
        "`optimizer` must name an optimizer that the train step uses. Received: optimizer=None, which sweeps "
        "`model.optimizer` (RMSprop); in the first training step it made no update (its `iterations` did not move). "
        "On the model hang d_optimizer (Adam), g_optimizer (Adagrad): pass optimizer='d_optimizer', or a list of them. "
        "The model is as it was."
    )
    assert_same(gan_state(model), before)
    assert len(test.curve) == 0
    assert test.stop_text.startswith("Interrupted after step 0: ValueError: `optimizer` must name an optimizer")
    (trace,), _ = recorded(tmp_path)
    assert trace.status == "interrupted"


def test_a_range_test_refuses_it_too():
    model = trained_gan()
    before = gan_state(model)
    with pytest.raises(ValueError, match="pass optimizer='d_optimizer', or a list of them"):
        range_test(model, REAL, batch_size=BATCH, monitor="d_loss", verbose=0)
    assert_same(gan_state(model), before)


class Rates(keras.callbacks.Callback):
    """The rates of the two optimizers after each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[list[float]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        optimizers = (self.model.d_optimizer, self.model.g_optimizer)
        self.values.append([float(np.asarray(one.learning_rate)) for one in optimizers])


CHOICES = {
    "name": (lambda model: "d_optimizer", [True, False], "Adam (d_optimizer)"),
    "object": (lambda model: model.g_optimizer, [False, True], "Adagrad (g_optimizer)"),
    "both": (
        lambda model: ["d_optimizer", model.g_optimizer], [True, True], "Adam (d_optimizer) and Adagrad (g_optimizer)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHOICES)
def test_the_chosen_optimizers_are_swept_and_all_are_restored(tmp_path, kind):
    choice, swept, title = CHOICES[kind]
    model = trained_gan()
    before = gan_state(model)
    rates = Rates()
    test = finder(tmp_path, optimizer=choice(model))
    fit_gan(model, test, rates)
    assert_same(gan_state(model), before)
    seen = np.array(rates.values).T
    for optimizer_rates, is_swept, own in zip(seen, swept, [0.01, 0.05], strict=True):
        expected = test.curve.learning_rates if is_swept else np.full(2 * NUM_BATCHES, own)
        np.testing.assert_allclose(optimizer_rates, expected, rtol=1e-6)
    assert len(test.curve) == 2 * NUM_BATCHES
    (trace,), _ = recorded(tmp_path)
    assert trace.header is not None
    assert trace.header.optimizer == title


def test_the_rate_that_is_swept_is_the_one_that_trains():
    """At a rate near zero the discriminator stands still, at a large one it does not."""
    still, moving = (
        LRFinder(None, rate, 1.01 * rate, divergence_factor=None, monitor="d_loss", optimizer="d_optimizer", verbose=0)
        for rate in (1e-12, 0.1)
    )
    model = trained_gan(g_optimizer=keras.optimizers.SGD(1e-12))
    for test in (still, moving):
        fit_gan(model, test)
    # The batches come in one order, their noise with them; only the discriminator differs.
    assert moving.curve.losses[-NUM_BATCHES:].mean() < 0.8 * still.curve.losses[-NUM_BATCHES:].mean()


@only_eager_builds
def test_slots_that_come_to_be_in_the_test_are_as_if_they_were_new():
    tested, untouched = build_gan(), build_gan()
    assert not tested.g_optimizer.built
    fit_gan(tested, finder(optimizer="d_optimizer"))
    assert tested.g_optimizer.built
    assert "build" not in vars(tested.g_optimizer)
    for model in (tested, untouched):
        fit_gan(model)
    states = [list(gan_state(model).values()) for model in (tested, untouched)]
    for actual, expected in zip(*states, strict=True):
        np.testing.assert_array_equal(actual, expected)


def test_a_schedule_of_the_chosen_optimizer_is_given_back(tmp_path):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)
    model = build_gan(d_optimizer=keras.optimizers.Adam(schedule))
    if BACKEND == "jax":
        with pytest.raises(ValueError, match=r"The compiled train step must take .* run_eagerly=True"):
            fit_gan(model, finder(tmp_path / "logs", optimizer="d_optimizer"))
        assert not (tmp_path / "logs").exists()
        return
    untouched = build_gan(d_optimizer=keras.optimizers.Adam(schedule))
    fit_gan(model, finder(optimizer="d_optimizer"))
    assert model.d_optimizer._learning_rate is schedule
    for one in (model, untouched):
        fit_gan(one)
    np.testing.assert_array_equal(model.discriminator.get_weights()[0], untouched.discriminator.get_weights()[0])


def test_an_optimizer_that_is_used_now_and_then_gets_a_rate_for_each_update():
    model = trained_gan(every=3)
    before = gan_state(model)
    model.batch = 0  # the generator waits for two batches
    test = finder(optimizer="g_optimizer", num_steps=2 * NUM_BATCHES // 3)
    fit_gan(model, test)
    assert len(test.curve) == 2 * NUM_BATCHES // 3
    assert_same(gan_state(model), before)


def test_a_chosen_optimizer_that_nobody_uses_is_refused_when_the_fit_ends(tmp_path):
    model = trained_gan()
    before = gan_state(model)
    test = finder(tmp_path, optimizer=["d_optimizer", "optimizer"])
    with pytest.raises(ValueError) as caught:
        fit_gan(model, test)
    assert (
        "Received: optimizer=['d_optimizer', 'optimizer'], which sweeps optimizer (RMSprop); in 24 training steps it "
        "made no update"
    ) in str(caught.value)
    assert "On the model hang g_optimizer (Adagrad): pass optimizer='g_optimizer'" in str(caught.value)
    assert_same(gan_state(model), before)
    (trace,), _ = recorded(tmp_path)
    assert trace.status == "interrupted"


def test_it_is_refused_at_last_where_the_fit_is_long():
    model = trained_gan()
    with pytest.raises(ValueError, match="which sweeps optimizer .RMSprop.; in 100 training steps it made no update"):
        fit_gan(model, finder(optimizer="optimizer"), epochs=10)


def test_the_suggested_rate_is_set_on_what_was_swept(capsys):
    model = build_gan(g_optimizer=keras.optimizers.SGD(1e-6))
    result = range_test(
        model,
        REAL + 2.0,
        batch_size=BATCH,
        start_lr=1e-3,
        num_steps=60,
        monitor="d_loss",
        optimizer="d_optimizer",
        confirm=2,
        confirm_steps=12,
        set_learning_rate=True,
    )
    rate = result.suggestion.learning_rate
    assert rate is not None
    assert float(np.asarray(model.d_optimizer.learning_rate)) == pytest.approx(rate, rel=1e-6)
    assert float(np.asarray(model.g_optimizer.learning_rate)) == pytest.approx(1e-6)
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.001)
    assert "The learning rate of Adam (d_optimizer) was set to" in " ".join(capsys.readouterr().out.split())
    assert len(result.trials) == 2


@pytest.mark.parametrize("choice", ["", 3, [], [None], {"d_optimizer"}])
@pytest.mark.parametrize(
    "use", [LRFinder, lambda log_dir, optimizer: range_test(build_gan(), REAL, optimizer=optimizer)]
)
def test_what_is_no_optimizer_is_refused_at_once(use, choice):
    with pytest.raises(ValueError) as caught:
        use(None, optimizer=choice)
    assert str(caught.value) == (
        "`optimizer` must be the name of an attribute of the model such as 'd_optimizer', or an optimizer of Keras, or a "
        f"list of them. Received: optimizer={choice!r}."
    )


@pytest.mark.parametrize("name", ["adam", "d_optimiser", "generator", "generator.optimizer"])
def test_a_name_that_is_none_is_told_which_there_are(tmp_path, name):
    model = build_gan()
    for run in (
        lambda: fit_gan(model, finder(tmp_path / "logs", optimizer=name)),
        lambda: range_test(model, REAL, log_dir=tmp_path / "logs", optimizer=[name]),
        lambda: fit_gan(model, LRRecorder(tmp_path / "logs", optimizer=name)),
    ):
        with pytest.raises(ValueError) as caught:
            run()
        assert str(caught.value) == (
            f"`optimizer` must name an optimizer that hangs on the model. Received: optimizer={name!r}; on the model hang "
            "optimizer (RMSprop), d_optimizer (Adam), g_optimizer (Adagrad)."
        )
    assert not (tmp_path / "logs").exists()


def test_a_model_without_an_optimizer_of_its_own_names_those_that_hang_on_it():
    model = build_gan()
    model.optimizer = None
    with pytest.raises(ValueError) as caught:
        range_test(model, REAL)
    assert str(caught.value) == (
        "`model` must be compiled: call `model.compile(optimizer=..., loss=...)` first. Received: a model without an "
        "optimizer. On it hang d_optimizer (Adam), g_optimizer (Adagrad): say which one, as in optimizer='d_optimizer'."
    )


@pytest.mark.skipif(BACKEND == "jax", reason="on JAX, Keras fits no model without an optimizer")
def test_a_model_without_an_optimizer_of_its_own_is_swept_by_what_hangs_on_it():
    model = build_gan(optimizer=None)
    assert model.optimizer is None
    fit_gan(model, finder(optimizer="d_optimizer"))
    before = gan_state(model)
    test = finder(optimizer="d_optimizer")
    fit_gan(model, test)
    assert len(test.curve) == 2 * NUM_BATCHES
    assert_same(gan_state(model), before)


def test_optimizers_are_restored_and_found_wherever_they_hang():
    model = build_model("sgd")
    nested = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    nested.compile(keras.optimizers.Adam(0.1), "mse")
    model.held = {"spare": keras.optimizers.Nadam(0.1), "nets": [nested]}
    model.layers[0].optimizer = keras.optimizers.Lion(0.1)
    with pytest.raises(ValueError) as caught:
        range_test(model, *classification_data(), optimizer="adam")
    assert str(caught.value).endswith(
        "on the model hang optimizer (SGD), held['spare'] (Nadam), layers[0].optimizer (Lion), held['nets'][0].optimizer "
        "(Adam)."
    )

    class Meddles(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            model.held["spare"].iterations.assign_add(1)
            nested.optimizer.learning_rate = 0.7
            model.layers[0].optimizer.learning_rate = 0.7

    fit(model, LRFinder(None, verbose=0), Meddles())
    rates = [float(np.asarray(one.learning_rate)) for one in (nested.optimizer, model.layers[0].optimizer)]
    assert rates == pytest.approx([0.1, 0.1])
    assert int(np.asarray(model.held["spare"].iterations)) == 0


class _Overflowing(keras.losses.Loss):
    """Infinite gradients in every batch: loss scaling skips the updates, and lowers its scale."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(y_pred, axis=-1) * float("inf")


def _parts(**options: Any) -> Any:
    """A `MultiOptimizer` one part of which has no variables."""
    optimizers = keras.optimizers
    if not hasattr(optimizers, "MultiOptimizer"):
        pytest.skip("this Keras has no MultiOptimizer")
    parts = {"no_such/.*": optimizers.Adam(0.1), ".*bias": optimizers.SGD(0.1, **options)}
    return optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.SGD(0.1), parts))


USED: dict[str, Any] = {
    "accumulating": lambda: keras.optimizers.SGD(0.1, gradient_accumulation_steps=4),
    "in_parts": _parts,
    "in_parts_accumulating": lambda: _parts(gradient_accumulation_steps=4),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)),
    "scaled_accumulating": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1, gradient_accumulation_steps=4)
    ),
}


@pytest.mark.parametrize("kind", USED)
def test_an_optimizer_that_makes_no_update_in_a_batch_is_none_that_nobody_uses(kind):
    test = LRFinder(None, 1e-3, 0.1, divergence_factor=None, verbose=0)
    fit(build_model(USED[kind](), dropout=0.0), test)
    assert len(test.curve) == (2 if "accumulating" in kind else 8)


def test_loss_scaling_that_skips_the_first_update_is_at_work():
    model = build_model(USED["scaled"](), dropout=0.0)
    model.compile(model.optimizer, loss=_Overflowing())
    test = LRFinder(None, verbose=0)
    fit(model, test)
    assert "the loss became" in test.stop_text


class _GathersGradients(keras.optimizers.SGD):
    """Stands for a train step that applies the gradients of several batches by itself: three calls make an update."""

    calls = 0

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        type(self).calls += 1
        if type(self).calls % 3 == 0:
            super().apply(grads, trainable_variables)


@pytest.mark.skipif(BACKEND == "jax", reason="a step that changes what it does from call to call is none on JAX")
def test_gradients_that_a_train_step_gathers_itself_are_no_reason_to_refuse():
    model = build_model(_GathersGradients(0.1), dropout=0.0)
    model.run_eagerly = True
    x, y = classification_data()
    test = LRFinder(None, 1e-3, 0.1, divergence_factor=None, num_steps=5, verbose=0)
    _GathersGradients.calls = 0
    model.fit(x, y, batch_size=16, shuffle=False, verbose=0, callbacks=[test])
    assert len(test.curve) == 5
    assert _GathersGradients.calls == 15


def test_a_recording_takes_the_rate_of_the_chosen_optimizer(tmp_path):
    model = trained_gan(g_optimizer=keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)))
    fit_gan(model, LRRecorder(tmp_path, optimizer="g_optimizer"))
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.optimizer, trace.header.driver) == ("SGD (g_optimizer)", "ExponentialDecay")
    steps = columns["step"]
    assert (steps[0], steps[-1]) == (NUM_BATCHES, 3 * NUM_BATCHES - 1)
    np.testing.assert_allclose(columns["learning_rate"], 0.05 * 0.5 ** (steps / 4), rtol=1e-5)


def test_a_recording_takes_one_optimizer_only():
    with pytest.raises(
        ValueError, match=r"`optimizer` must be .* or an optimizer of Keras. Received: optimizer=\['a', 'b'\]"
    ):
        LRRecorder("logs", optimizer=["a", "b"])  # pyright: ignore[reportArgumentType]
