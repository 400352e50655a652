"""`RangeTest` in loops of Keras other than `fit`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, RangeTest
from tests.support.models import BATCH_SIZE, assert_same_state, build_model, classification_data, fit, state_of

X, Y = classification_data()
BATCHES = [(X[i : i + BATCH_SIZE], Y[i : i + BATCH_SIZE]) for i in range(0, len(X) - BATCH_SIZE + 1, BATCH_SIZE)]
on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="GradientTape is TensorFlow's")


def quiet(restore, **options):
    return RangeTest(restore=restore, **{"num_steps": 60, "verbose": 0, **options})


def built(optimizer="sgd", **options):
    model = build_model(optimizer, **options)
    model.optimizer.build(model.trainable_variables)
    return model


def train_step(model, x, y):
    # Keras' mean goes on from batch to batch.
    model.reset_metrics()
    return model.train_on_batch(x, y, return_dict=True)["loss"]


def test_train_on_batch_gives_the_curve_of_the_callback_and_leaves_no_trace():
    model, other = built(dropout=0.0), built(dropout=0.0)
    before = state_of(model)
    with quiet(model, optimizer=model.optimizer) as test:
        for x, y in test.batches(BATCHES):
            test.report(train_step(model, x, y))
    assert_same_state(state_of(model), before)
    finder = LRFinder(None, num_steps=60, verbose=0)
    rows = len(BATCHES) * BATCH_SIZE
    other.fit(X[:rows], Y[:rows], batch_size=BATCH_SIZE, epochs=10, shuffle=False, verbose=0, callbacks=[finder])
    np.testing.assert_array_equal(test.curve.learning_rates, finder.curve.learning_rates)
    np.testing.assert_allclose(test.curve.losses, finder.curve.losses, rtol=1e-5)
    assert test.curve.optimizer == finder.curve.optimizer


def test_the_fit_after_a_test_is_the_fit_without_one():
    tested, untouched = build_model("adam"), build_model("adam")
    for model in (tested, untouched):
        keras.utils.set_random_seed(3)
        fit(model)
        if model is tested:
            with quiet(model, optimizer=model.optimizer, repeats=2, confirm=2, confirm_steps=12) as test:
                for x, y in test.batches(BATCHES):
                    test.report(train_step(model, x, y))
            assert len(test.result.trials) == 2
        fit(model, epochs=2, shuffle=True)
    assert_same_state(state_of(tested), state_of(untouched))


def test_an_optimizer_that_gathers_gradients_keeps_its_rate_until_its_update():
    model = built(keras.optimizers.SGD(gradient_accumulation_steps=3))
    given = []
    with quiet(model, optimizer=model.optimizer, num_steps=10, end_lr=1e-3) as test:
        for x, y in test.batches(BATCHES):
            given.append(test.learning_rate)
            test.report(train_step(model, x, y))
    np.testing.assert_array_equal(given, np.repeat(test.history["learning_rate"], 3))


def test_the_velocity_of_the_training_before_does_not_go_on_in_the_test():
    model = build_model(keras.optimizers.SGD(0.1, momentum=0.9), dropout=0.0)
    fit(model)
    before = state_of(model)
    with quiet(model, optimizer=model.optimizer, start_lr=1e-9, end_lr=1e-8, num_steps=12, repeats=2) as test:
        for x, y in test.batches([BATCHES[0]]):
            test.report(train_step(model, x, y))
    assert test.curve.losses == pytest.approx(test.curve.losses[0], rel=1e-4)
    assert_same_state(state_of(model), before)


def test_whoever_sets_the_rate_is_told():
    def train():
        with quiet(model, optimizer=model.optimizer) as test:
            for x, y in test.batches(BATCHES):
                loss = train_step(model, x, y)
                model.optimizer.learning_rate = 0.5
                test.report(loss)

    model = built()
    before = state_of(model)
    with pytest.raises(RuntimeError, match="Nothing else may set the learning rate"):
        train()
    assert_same_state(state_of(model), before)


def test_a_model_that_is_not_built_is_refused_by_name():
    model = keras.Sequential([keras.layers.Dense(1)], name="unbuilt")
    with pytest.raises(ValueError, match="call the model on one batch first. Received: Sequential 'unbuilt'"):
        quiet(model).__enter__()


class TapeLoop:
    """A loop of TensorFlow's own, whose optimizer is built by its first update."""

    def __init__(self, optimizer) -> None:
        self.model = build_model(dropout=0.0)
        self.optimizer = optimizer

    def step(self, x, y):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y, self.model(x, training=True)))
        weights = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    def sweep(self, step, **options):
        with quiet(self.model, optimizer=self.optimizer, **options) as test:
            for x, y in test.batches(BATCHES):
                test.report(step(x, y))
        return test


@on_tensorflow
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_a_gradient_tape_is_swept_and_undone(compiled):
    import tensorflow as tf

    keras.utils.set_random_seed(1)
    loop = TapeLoop(keras.optimizers.Adagrad(0.01))
    before = [np.array(variable) for variable in loop.model.variables]
    test = loop.sweep(tf.function(loop.step) if compiled else loop.step, repeats=2)
    assert test.curve.optimizer == "Adagrad"
    assert len(set(test.history["loss"].tolist())) > 30
    for variable, value in zip(loop.model.variables, before, strict=True):
        np.testing.assert_array_equal(np.array(variable), value)
    slots = [variable for variable in loop.optimizer.variables if "accumulator" in variable.path]
    assert slots
    assert all((np.array(slot) == np.float32(0.1)).all() for slot in slots)
    assert int(loop.optimizer.iterations.numpy()) == 0
    assert float(loop.optimizer.learning_rate.numpy()) == np.float32(0.01)


@on_tensorflow
def test_an_eager_step_may_have_a_schedule():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    loop = TapeLoop(keras.optimizers.SGD(schedule))
    fixed = TapeLoop(keras.optimizers.SGD(0.01))
    fixed.model.set_weights(loop.model.get_weights())
    np.testing.assert_array_equal(loop.sweep(loop.step).curve.losses, fixed.sweep(fixed.step).curve.losses)
    assert loop.optimizer._learning_rate is schedule


@on_tensorflow
@pytest.mark.parametrize("traced", [False, True], ids=["to be compiled", "compiled before"])
def test_a_compiled_step_with_a_schedule_is_refused_and_works_on(traced):
    import tensorflow as tf

    loop = TapeLoop(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)))
    step = tf.function(loop.step)
    if traced:
        step(*BATCHES[0])
    with pytest.raises(ValueError, match="give it a number as its learning rate for the test"):
        loop.sweep(step)
    step(*BATCHES[0])
    assert isinstance(loop.optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule)


@on_tensorflow
def test_modules_of_tensorflow_and_single_variables_are_restored():
    import tensorflow as tf

    variable_of: Any = tf.Variable

    class Line(tf.Module):
        def __init__(self):
            super().__init__()
            self.slope = variable_of([2.0, 3.0])

    line, other = Line(), variable_of(5.0)
    with quiet([line, other], start_lr=1e-3, num_steps=20) as test:
        for learning_rate in test:
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(line.slope**2) + other**2
            slopes: Any = tape.gradient(loss, [line.slope, other])
            for variable, slope in zip([line.slope, other], slopes, strict=True):
                variable.assign_sub(learning_rate * slope)
            test.report(loss)
    assert test.history["loss"][10] < test.history["loss"][0]
    assert (line.slope.numpy().tolist(), float(other)) == ([2.0, 3.0], 5.0)
