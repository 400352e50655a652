"""What a real test says of itself, and what the tab says of the same test: one story, in every situation that there is."""

from __future__ import annotations

import contextlib
import json

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, Suggestion, range_test
from tb_lrfinder.cli.main import main
from tb_lrfinder.server import json_text, wire
from tb_lrfinder.server.questions import Suggestions
from tests.support.prescribed import prescribed_data, prescribed_model
from tests.support.recorded import reader_of
from tests.support.situations import TESTS, Test
from tests.support.traces import served


class StopAfter(keras.callbacks.Callback):
    """Another callback that ends the fit."""

    def __init__(self, num_batches: int) -> None:
        super().__init__()
        self._num_batches = num_batches

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 == self._num_batches:
            self.model.stop_training = True


def ran(test: Test, log_dir) -> Suggestion:
    """The suggestion of a real test that measures these losses and ends as they do."""
    assert test.optimizer is not None
    model = prescribed_model(test.optimizer)
    x, y = prescribed_data(test.losses)
    options = {"start_lr": test.start_lr, "end_lr": test.end_lr, "num_steps": test.num_steps, "verbose": 0}
    if test.reason == "stopped":
        finder = LRFinder(log_dir, **options)
        x, y = prescribed_data(np.resize(test.losses, test.num_steps))
        fit = {"batch_size": 1, "shuffle": False, "verbose": 0, "callbacks": [finder, StopAfter(len(test.losses))]}
        model.fit(x, y, **fit)
        assert finder.stop_text.endswith("another callback ended the fit.")
        return finder.suggestion
    if test.reason == "data_ran_out":
        batches = ((x[[index]], y[[index]]) for index in range(len(x)))
        with pytest.warns(UserWarning, match="ran out of data"):
            result = range_test(model, batches, log_dir=log_dir, shuffle=False, **options)
        assert result.stop_text.startswith("The data ran out")
        return result.suggestion
    return range_test(model, x, y, log_dir=log_dir, batch_size=1, shuffle=False, **options).suggestion


def told_by_the_tab(log_dir) -> dict:
    reader = reader_of(log_dir)
    answer = wire.encode_suggestions(list(reader.traces()), reader.ask, Suggestions())
    (found,) = json.loads(json_text.encode(answer))["suggestions"]
    return {name: value for name, value in found.items() if name != "id"}


# The optimizer of a test that Keras runs is known.
@pytest.mark.parametrize("name", [name for name, test in TESTS.items() if test.optimizer])
def test_a_real_test_and_the_tab_tell_the_story_of_its_situation(name, tmp_path):
    test = TESTS[name]
    suggestion = ran(test, tmp_path)
    assert (suggestion.shape and suggestion.shape.name) == test.shape
    assert suggestion.advice == test.advice
    assert told_by_the_tab(tmp_path) == json.loads(json.dumps(served(suggestion)))


def test_a_test_that_runs_has_the_story_of_a_test_that_runs(tmp_path):
    told = []

    class Asks(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 150:
                assert finder.run.writer is not None
                finder.run.writer.flush()
                told.append((finder.suggestion, told_by_the_tab(tmp_path)))

    test = TESTS["no rate"]
    x, y = prescribed_data(test.losses)
    finder = LRFinder(tmp_path, num_steps=test.num_steps, verbose=0)
    prescribed_model().fit(x, y, batch_size=1, shuffle=False, verbose=0, callbacks=[finder, Asks()])
    ((suggestion, served_one),) = told
    assert suggestion.reason == "No rate so far made the loss fall: there is none to suggest."
    assert (suggestion.advice, suggestion.shape) == ("", None)
    assert served_one == json.loads(json.dumps(served(suggestion)))


def test_an_interrupted_test_says_to_run_it_to_its_end(tmp_path):
    class Interrupts(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 180:
                raise KeyboardInterrupt

    test = TESTS["good"]
    x, y = prescribed_data(test.losses)
    finder = LRFinder(tmp_path, num_steps=test.num_steps, verbose=0)
    with contextlib.suppress(KeyboardInterrupt):
        prescribed_model().fit(x, y, batch_size=1, shuffle=False, verbose=0, callbacks=[finder, Interrupts()])
    assert finder.suggestion.advice == "Run the test to its end."
    assert told_by_the_tab(tmp_path) == json.loads(json.dumps(served(finder.suggestion)))


def test_repeats_end_where_the_shortest_of_them_did(tmp_path):
    """Of two sweeps the second one broke: the mean ends there, and must not be called complete."""
    test = TESTS["falls until NaN"]
    calls = iter([np.resize(np.where(np.isnan(test.losses), 1.0, test.losses), 300), np.resize(test.losses, 300)])

    class Batches(keras.utils.PyDataset):
        """Another loss in each sweep."""

        def __init__(self):
            super().__init__()
            self.losses = np.zeros(300)

        def __len__(self):
            return 300

        def __getitem__(self, index):
            if index == 0:
                self.losses = next(calls, self.losses)
            return prescribed_data(self.losses[[index]])

    result = range_test(
        prescribed_model(), Batches(), repeats=2, num_steps=300, shuffle=False, log_dir=tmp_path, verbose=0
    )
    assert len(result.curve) == 180
    assert "the loss became NaN" in result.stop_text
    assert told_by_the_tab(tmp_path) == json.loads(json.dumps(served(result.suggestion)))


def test_terminal_and_command_line_tell_the_advice_once(tmp_path, capsys):
    test = TESTS["the data ran out while it fell"]
    suggestion = ran(test, tmp_path)
    facts = dict(suggestion.facts())
    assert facts["Advice"] == test.advice
    assert sum(test.advice in text for text in facts.values()) == 1
    assert main(["suggest", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert printed.count(test.advice) == 1
    assert "raise end_lr" not in printed
