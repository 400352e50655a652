"""`LRFinder`: what it refuses, and in which words."""

from __future__ import annotations

import keras
import pytest

from tb_lrfinder import LRFinder
from tb_lrfinder.curves.suggestion import METHODS
from tests.support.models import (
    assert_same_state,
    build_model,
    classification_data,
    fit,
    state_of,
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start_lr": 1.0, "end_lr": 0.1}, "`end_lr` must exceed `start_lr`. Received: start_lr=1.0, end_lr=0.1."),
        ({"num_steps": 1}, "`num_steps` must be a whole number of at least 2. Received: num_steps=1."),
        ({"spacing": "exp"}, "`spacing` must be 'log' or 'linear'. Received: spacing='exp'."),
        ({"divergence_factor": 1.0}, "`divergence_factor` must exceed 1, or be None"),
        ({"method": "best"}, f"`method` must be one of {', '.join(METHODS)}. Received: method='best'."),
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
    with pytest.raises(ValueError, match="Received: monitor='loss'; reported are error."):
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


@pytest.mark.parametrize("epochs", [{"epochs": 0}, {"epochs": 3, "initial_epoch": 3}])
def test_refuses_a_fit_of_no_epochs(tmp_path, epochs):
    with pytest.raises(ValueError) as caught:
        fit(build_model(), LRFinder(tmp_path / "lr"), **epochs)
    assert str(caught.value) == (
        "The fit has no epoch to run the range test in: pass `epochs` above `initial_epoch` to fit. "
        f"Received: epochs={epochs['epochs']}."
    )
    assert not (tmp_path / "lr").exists()


@pytest.mark.parametrize("name", ["mode", "updates_per_lr", "validation_freq"])
def test_what_is_assigned_later_is_checked_too(name):
    finder = LRFinder(None, monitor="accuracy")
    assert (finder.monitor, finder.mode, finder.updates_per_lr, finder.validation_freq) == ("accuracy", "max", 1, 10)
    finder.validation_freq = 3
    assert finder.measuring.validation_freq == 3
    with pytest.raises(ValueError, match=f"`{name}` must be .* Received: {name}='none'"):
        setattr(finder, name, "none")
