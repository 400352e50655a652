"""`LRFinder`: what it measures, what it leaves behind, and what it says."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, numerals, suggest
from tb_lrfinder.training.snapshot import ModelState, build
from tests.support.custom_steps import custom_train_step
from tests.support.models import (
    BATCH_SIZE,
    STEPS,
    assert_same_state,
    build_model,
    classification_data,
    fit,
    state_of,
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


class Bomb(keras.callbacks.Callback):
    """Raises `error` the third time a hook is called (the first time where it is called once)."""

    def __init__(self, hook, error):
        super().__init__()
        self.calls = 0
        self.due = 3 if "batch" in hook else 2 if hook == "on_epoch_begin" else 1

        def explode(*_args, **_kwargs):
            self.calls += 1
            if self.calls == self.due:
                raise error("in mid-test")

        setattr(self, hook, explode)


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


def test_restores_everything_after_nan_and_the_next_fit_is_identical(tmp_path):
    tested, untouched = build_model(), build_model()
    for model in (tested, untouched):
        keras.utils.set_random_seed(1)  # on PyTorch, dropout draws from the global generator
        fit(model, epochs=2)  # moments, statistics and seeds are no longer at their start
    before = state_of(tested)

    finder = LRFinder(tmp_path, end_lr=1e30, divergence_factor=None, verbose=0)
    fit(tested, finder, epochs=5)
    assert finder.stop_reason.endswith("the loss became NaN.")
    assert not np.isfinite(finder.curve.losses[-1])
    assert_same_state(state_of(tested), before)

    for model in (tested, untouched):
        keras.utils.set_random_seed(2)
        fit(model, epochs=3)
    assert_same_state(state_of(tested), state_of(untouched))


def test_restores_the_slots_of_an_optimizer_that_was_never_used(tmp_path):
    # No dropout: on PyTorch, the first fit of a model draws random numbers that later ones do not.
    tested, untouched = build_model(dropout=0.0), build_model(dropout=0.0)
    fit(tested, LRFinder(tmp_path, verbose=0), epochs=3)
    for model in (tested, untouched):
        keras.utils.set_random_seed(2)
        fit(model, epochs=2)
    assert_same_state(state_of(tested), state_of(untouched))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("bomb_first", [True, False])
@pytest.mark.parametrize(
    "hook",
    [
        "on_train_begin",
        "on_epoch_begin",
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_test_begin",
        "on_test_batch_end",
        "on_epoch_end",
        "on_train_end",
    ],
)
def test_restores_whatever_hook_is_interrupted(tmp_path, hook, bomb_first, error):
    model = build_model()
    fit(model)
    before = state_of(model)
    finder = LRFinder(tmp_path, start_lr=0.1, end_lr=1.0, verbose=0)
    bomb = Bomb(hook, error)
    with pytest.raises(error):
        fit(
            model,
            *((bomb, finder) if bomb_first else (finder, bomb)),
            epochs=3,
            validation_data=classification_data(),
        )
    assert_same_state(state_of(model), before)
    assert "evaluate" not in vars(model)
    if hook not in ("on_train_begin", "on_train_end"):
        assert "Ctrl-C" in finder.stop_reason or "RuntimeError: in mid-test" in finder.stop_reason


def test_restores_when_the_data_fail(tmp_path):
    def batches():
        x, y = classification_data()
        for start in range(0, 128, 32):
            yield x[start : start + 32], y[start : start + 32]
        raise OSError("disk gone")

    model = build_model()
    before = [*model.get_weights()]
    finder = LRFinder(tmp_path, start_lr=0.1, num_steps=8, verbose=0)
    with pytest.raises(Exception, match="disk gone"):
        model.fit(batches(), steps_per_epoch=8, shuffle=False, verbose=0, callbacks=[finder])
    assert_same_state(model.get_weights(), before)
    assert len(finder.curve) == 4
    assert "Interrupted after step 4" in finder.stop_reason


def test_a_finder_can_be_used_twice(tmp_path):
    model = build_model()
    finder = LRFinder(tmp_path, verbose=0)
    fit(model, finder, epochs=5)
    first = finder.curve
    fit(model, finder, epochs=5)
    np.testing.assert_array_equal(finder.curve.losses, first.losses)


def test_the_order_of_shuffled_data_repeats_after_it(tmp_path):
    tested, untouched = build_model(), build_model()
    for model in (tested, untouched):
        keras.utils.set_random_seed(3)
        if model is tested:
            fit(model, LRFinder(tmp_path, verbose=0), epochs=2, shuffle=True)
        fit(model, epochs=2, shuffle=True)
    assert_same_state(state_of(tested), state_of(untouched))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start_lr": 1.0, "end_lr": 0.1}, "`end_lr` must exceed `start_lr`. Received: start_lr=1.0, end_lr=0.1."),
        ({"num_steps": 1}, "`num_steps` must be a whole number of at least 2. Received: num_steps=1."),
        ({"spacing": "exp"}, "`spacing` must be 'log' or 'linear'. Received: spacing='exp'."),
        ({"divergence_factor": 1.0}, "`divergence_factor` must exceed 1, or be None"),
        (
            {"method": "best"},
            "`method` must be one of auto, minimum, steepest, valley, slide, blow_up. Received: method='best'.",
        ),
    ],
)
def test_refuses_bad_arguments_at_construction(tmp_path, arguments, message):
    with pytest.raises(ValueError) as caught:
        LRFinder(tmp_path, **arguments)
    assert message in str(caught.value)


def test_refuses_a_fit_that_is_too_short_before_the_first_batch(tmp_path):
    model = build_model()
    fit(model)
    before = state_of(model)
    with pytest.raises(ValueError) as caught:
        fit(model, LRFinder(tmp_path / "lr", num_steps=100), epochs=2)
    assert str(caught.value) == (
        "The fit is too short for the range test: pass epochs=13 to fit. "
        "Received: num_steps=100, and a fit of 2 epochs with room for 16 steps."
    )
    assert not (tmp_path / "lr").exists()
    fit(model, LRFinder(tmp_path / "lr", num_steps=100, verbose=0), epochs=13)
    assert_same_state(state_of(model), before)


def test_counts_epochs_from_the_initial_epoch(tmp_path):
    with pytest.raises(ValueError, match="pass epochs=14 to fit"):
        fit(build_model(), LRFinder(tmp_path, num_steps=30), initial_epoch=10, epochs=12)


def test_refuses_a_fit_of_unknown_length(tmp_path):
    def batches():
        x, y = classification_data()
        while True:
            yield x[:32], y[:32]

    with pytest.raises(ValueError, match="The length of this fit is not known to Keras"):
        build_model().fit(batches(), shuffle=False, callbacks=[LRFinder(tmp_path)], verbose=0)


def test_a_fit_of_unknown_length_takes_num_steps(tmp_path):
    def batches():
        x, y = classification_data()
        while True:
            yield x[:32], y[:32]

    finder = LRFinder(tmp_path, num_steps=30, divergence_factor=None, end_lr=0.1, verbose=0)
    build_model().fit(batches(), shuffle=False, callbacks=[finder], verbose=0)
    assert len(finder.curve) == 30
    assert finder.stop_reason == "Swept to end_lr=0.1: the loss never rose far enough to stop."


def test_says_when_the_data_ran_out(tmp_path):
    def batches():
        x, y = classification_data()
        for _ in range(5):
            yield x[:32], y[:32]

    finder = LRFinder(tmp_path, num_steps=30, verbose=0)
    with pytest.warns(UserWarning, match="ran out of data"):
        build_model().fit(batches(), shuffle=False, callbacks=[finder], verbose=0)
    assert finder.stop_reason == "The data ran out at step 5 of 30: pass more data, or more epochs to fit."


def test_says_when_another_callback_stopped_it(tmp_path):
    class StopAtThree(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                self.model.stop_training = True

    finder = LRFinder(tmp_path, verbose=0)
    fit(build_model(), finder, StopAtThree())
    assert finder.stop_reason == "Stopped at step 3 of 8: another callback ended the fit."


def test_stops_when_the_loss_diverges_and_says_where(tmp_path):
    finder = LRFinder(tmp_path, num_steps=200, end_lr=1e4, verbose=0)
    fit(build_model("sgd"), finder, epochs=30)
    assert finder.stop_reason.startswith(f"Stopped at step {len(finder.curve)}: the loss rose above ")
    assert len(finder.curve) < 200


def test_prints_the_suggestion_and_the_command(tmp_path, capsys):
    finder = LRFinder(tmp_path / "my logs", num_steps=200, verbose=1)
    fit(build_model(), finder, epochs=30, verbose=0)
    printed = " ".join(capsys.readouterr().out.split())
    suggestion = finder.suggestion
    assert f"LR range test: {len(finder.curve)} of 200 steps" in printed
    assert suggestion.learning_rate is not None
    assert suggestion.band is not None
    assert f"Suggested learning rate {numerals.rate(suggestion.learning_rate)} (auto)" in printed
    assert "Usable band {} to {}".format(*map(numerals.rate, suggestion.band)) in printed
    assert f"Stop {finder.stop_reason}" in printed
    assert "tensorboard --logdir" in printed
    assert "my logs'" in printed


def test_prints_nothing_when_told_so(tmp_path, capsys):
    fit(build_model(), LRFinder(tmp_path, verbose=0), epochs=2)
    assert capsys.readouterr().out == ""


def test_the_progress_bar_shows_the_learning_rate(tmp_path, capsys):
    fit(build_model(), LRFinder(tmp_path, start_lr=0.01, end_lr=0.5, divergence_factor=None), epochs=2, verbose=1)
    last = capsys.readouterr().out.split("LR range test")[0].strip().splitlines()[-1]
    assert "learning_rate: 0.5000" in last
    assert "loss: " in last


def test_the_suggestion_is_that_of_the_curve(tmp_path):
    finder = LRFinder(tmp_path, num_steps=100, method="steepest", verbose=0)
    fit(build_model(), finder, epochs=20)
    assert finder.suggestion == suggest(finder.curve, "steepest")
    assert finder.suggestion.learning_rate is not None


def test_refuses_a_model_without_an_optimizer():
    model = build_model()
    model.optimizer = None
    with pytest.raises(ValueError) as caught:
        build(model, None)
    assert str(caught.value) == ("The model has no optimizer. Call `model.compile(optimizer=..., loss=...)` first.")


X, Y = classification_data()


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.words, self.dense = keras.layers.Embedding(9, 3), keras.layers.Dense(4, activation="softmax")

    def call(self, x):
        return self.dense(keras.ops.concatenate([x["numbers"], self.words(x["word"])], axis=1))


def sequential_without_input():
    return keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(4, activation="softmax")]), X


def subclassed_of_a_dictionary():
    return Subclassed(), {"numbers": X, "word": np.arange(len(X)) % 9}


@pytest.mark.parametrize("make", [sequential_without_input, subclassed_of_a_dictionary])
def test_a_model_is_built_where_keras_has_not_done_it_yet(make):
    def histories(*fits: list[keras.callbacks.Callback]) -> list[list[float]]:
        keras.utils.set_random_seed(3)
        model, x = make()
        model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
        return [
            model.fit(x, Y, epochs=2, shuffle=False, verbose=0, callbacks=callbacks).history["loss"]
            for callbacks in fits
        ]

    finder = LRFinder(None, num_steps=8, verbose=0)
    assert histories([finder], [])[1] == histories([])[0]
    assert len(finder.curve) == 8


def test_a_model_that_cannot_be_built_says_what_to_do():
    model = keras.Sequential([keras.layers.Dense(4)])
    model.compile("sgd", loss="mse")
    batch_spec = keras.KerasTensor((), "float32"), keras.KerasTensor((None, 4), "float32")
    with pytest.raises(ValueError, match=r"could not be built for .* Build it before `fit`: give it a `keras.Input`"):
        build(model, batch_spec)


class FailsAtOnce(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        raise RuntimeError("no such epoch")


def test_a_callback_behind_it_may_fail_in_the_first_hook_of_all(tmp_path):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model = build_model(keras.optimizers.SGD(schedule))
    finder = LRFinder(tmp_path, verbose=0)
    with pytest.raises(RuntimeError, match="no such epoch"):
        fit(model, finder, FailsAtOnce())
    assert model.optimizer._learning_rate is schedule
    assert finder.stop_reason == "Interrupted after step 0: RuntimeError: no such epoch."


def test_says_where_it_belongs_outside_of_fit():
    finder = LRFinder(None)
    finder.set_model(build_model())
    with pytest.raises(RuntimeError, match=r"No running `fit` .* Pass the callback to `model.fit\(..., callbacks"):
        finder.on_epoch_begin(0)
    with pytest.raises(RuntimeError, match=r"LRFinder runs inside `model.fit\(..., callbacks=\[...\]\)` only."):
        finder.on_train_batch_end(0, {"loss": 1.0})


def test_refuses_a_train_step_without_a_loss():
    class Silent(keras.Sequential):
        def train_step(self, *args, **kwargs):
            result = super().train_step(*args, **kwargs)
            logs, *state = result if isinstance(result, tuple) else (result,)
            logs = {"error": logs["loss"]}
            return (logs, *state) if state else logs

    model = Silent([keras.Input((12,)), keras.layers.Dense(4, activation="softmax")])
    model.compile("sgd", loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="The train step must report a `loss`. Received: error."):
        fit(model, LRFinder(None))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "best"}, "`mode` must be 'auto', 'min' or 'max'. Received: mode='best'."),
        (
            {"validation_freq": 0},
            "`validation_freq` must be a whole number of at least 1. Received: validation_freq=0.",
        ),
    ],
)
def test_refuses_bad_options_at_construction(arguments, message):
    with pytest.raises(ValueError) as caught:
        LRFinder(None, **arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize("wrap", [lambda optimizer: optimizer, keras.optimizers.LossScaleOptimizer])
def test_a_failing_fit_leaves_the_weights_of_an_optimizer_that_averages(wrap):
    model = build_model(wrap(keras.optimizers.Adam(use_ema=True)))
    before = [*model.get_weights()]
    with pytest.raises(RuntimeError, match="in mid-test"):
        fit(model, LRFinder(None, start_lr=0.1, verbose=0), Bomb("on_train_batch_end", RuntimeError), epochs=2)
    assert_same_state(model.get_weights(), before)
    assert "finalize_variable_values" not in vars(model.optimizer)


def test_a_restore_that_was_interrupted_is_made_up_for_by_the_next_fit(monkeypatch):
    model = build_model()
    fit(model)
    before = state_of(model)
    finder = LRFinder(None, start_lr=0.1, verbose=0)

    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ModelState, "restore", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit(model, finder)
    fit(model, finder)
    assert_same_state(state_of(model), before)


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


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_restores_when_the_train_step_fails(error):
    class Failing(keras.Sequential):
        steps_left = 1000

        def train_step(self, *args, **kwargs):
            type(self).steps_left -= 1
            if self.steps_left == 0:
                raise error("in mid-step")
            return super().train_step(*args, **kwargs)

    keras.utils.set_random_seed(7)
    model = Failing([keras.Input((12,)), keras.layers.Dense(4, activation="softmax")])
    model.compile("adam", loss="sparse_categorical_crossentropy", run_eagerly=True)
    fit(model)
    before = state_of(model)
    Failing.steps_left = 4
    finder = LRFinder(None, start_lr=0.1, end_lr=1.0, verbose=0)
    with pytest.raises(error, match="in mid-step"):
        fit(model, finder)
    assert_same_state(state_of(model), before)
    assert finder.stop_reason.startswith("Interrupted after step 3: ")
    Failing.steps_left = 1000
    fit(model)


@pytest.mark.parametrize("epochs", [{"epochs": 0}, {"epochs": 3, "initial_epoch": 3}])
def test_refuses_a_fit_of_no_epochs(tmp_path, epochs):
    with pytest.raises(ValueError) as caught:
        fit(build_model(), LRFinder(tmp_path / "lr"), **epochs)
    assert str(caught.value) == (
        "The fit has no epoch to run the range test in: pass `epochs` above `initial_epoch` to fit. "
        f"Received: epochs={epochs['epochs']}."
    )
    assert not (tmp_path / "lr").exists()


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
