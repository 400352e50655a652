"""`LRFinder`: what it says of a test."""

from __future__ import annotations

import keras
import pytest

from tb_lrfinder import LRFinder, numerals
from tests.support.models import (
    build_model,
    classification_data,
    fit,
)


def test_says_when_the_data_ran_out(tmp_path):
    def batches():
        x, y = classification_data()
        for _ in range(5):
            yield x[:32], y[:32]

    finder = LRFinder(tmp_path, num_steps=30, verbose=0)
    with pytest.warns(UserWarning, match="ran out of data"):
        build_model().fit(batches(), shuffle=False, callbacks=[finder], verbose=0)
    assert finder.stop_text == "The data ran out at step 5 of 30."


def test_says_when_another_callback_stopped_it(tmp_path):
    class StopAtThree(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                self.model.stop_training = True

    finder = LRFinder(tmp_path, verbose=0)
    fit(build_model(), finder, StopAtThree())
    assert finder.stop_text == "Stopped at step 3 of 8: another callback ended the fit."


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
    assert f"Stop {finder.stop_text}" in printed
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
