"""`LRFinder`: whatever ends a test, the next fit starts as if there had been none."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder
from tb_lrfinder.training.snapshot import ModelState
from tests.support.models import (
    assert_same_state,
    build_model,
    classification_data,
    fit,
    state_of,
)


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


def test_restores_everything_after_nan_and_the_next_fit_is_identical(tmp_path):
    tested, untouched = build_model(), build_model()
    for model in (tested, untouched):
        keras.utils.set_random_seed(1)  # on PyTorch, dropout draws from the global generator
        fit(model, epochs=2)  # moments, statistics and seeds are no longer at their start
    before = state_of(tested)

    finder = LRFinder(tmp_path, end_lr=1e30, divergence_factor=None, verbose=0)
    fit(tested, finder, epochs=5)
    assert finder.stop_text.endswith("the loss became NaN.")
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
        assert "Ctrl-C" in finder.stop_text or "RuntimeError: in mid-test" in finder.stop_text


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
    assert "Interrupted after step 4" in finder.stop_text


def test_the_order_of_shuffled_data_repeats_after_it(tmp_path):
    tested, untouched = build_model(), build_model()
    for model in (tested, untouched):
        keras.utils.set_random_seed(3)
        if model is tested:
            fit(model, LRFinder(tmp_path, verbose=0), epochs=2, shuffle=True)
        fit(model, epochs=2, shuffle=True)
    assert_same_state(state_of(tested), state_of(untouched))


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
    assert finder.stop_text == "Interrupted after step 0: RuntimeError: no such epoch."


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
    assert finder.stop_text.startswith("Interrupted after step 3: ")
    Failing.steps_left = 1000
    fit(model)
