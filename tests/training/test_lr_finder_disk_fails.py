"""`LRFinder` and `range_test` on a failing disk: the model is what it was, and what was measured is not lost."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from tb_lrfinder import LRFinder, range_test
from tb_lrfinder.loops.course_run import CourseRun
from tb_lrfinder.storage.writer import TraceWriter
from tests.support.disks import FULL, Disk
from tests.support.models import assert_same_state, build_model, classification_data, fit, state_of
from tests.support.recorded import recorded

STEPS_OF_TEST = 24
RESULT_KEPT = "The result is whole, but its trace is not. .*No space left"


@pytest.fixture
def model() -> keras.Model:
    model = build_model(dropout=0.0)
    fit(model)
    return model


class FillsDisk(keras.callbacks.Callback):
    def __init__(self, disk: Disk, hook: str) -> None:
        super().__init__()
        setattr(self, hook, lambda *_, **__: setattr(disk, "error", FULL))


def test_a_disk_that_becomes_full_ends_the_test_which_says_that_the_model_is_as_it_was(tmp_path, monkeypatch, model):
    before = state_of(model)
    finder = LRFinder(tmp_path, start_lr=1e-3, end_lr=1e-2, divergence_factor=None, verbose=0)
    disk = Disk(monkeypatch)
    with (
        pytest.warns(UserWarning, match=RESULT_KEPT),
        pytest.raises(OSError, match=r"ended at step \d+ and left the model as it was: .*No space left"),
    ):
        fit(model, finder, FillsDisk(disk, "on_train_batch_end"), epochs=100_000)
    assert_same_state(state_of(model), before)
    assert "OSError: The range test ended at step" in finder.stop_text
    disk.error = None
    fit(model, LRFinder(tmp_path / "again", verbose=0), epochs=3)
    assert recorded(tmp_path / "again")[0][0].status == "finished"


def test_the_step_that_could_not_be_written_is_measured(tmp_path, monkeypatch, model):
    append = TraceWriter.append_row

    def fails(writer: TraceWriter, *row: Any) -> None:
        append(writer, *row)
        if row[0] > 0.5:
            raise FULL

    monkeypatch.setattr(TraceWriter, "append_row", fails)
    finder = LRFinder(tmp_path, start_lr=0.1, end_lr=1.0, spacing="linear", num_steps=10, verbose=0)
    with pytest.raises(OSError, match="ended at step 6 and left the model as it was"):
        fit(model, finder, epochs=2)
    assert len(finder.curve) == 6
    assert recorded(tmp_path)[0][0].num_rows == 6


def test_a_disk_that_becomes_full_at_the_end_leaves_the_result(tmp_path, monkeypatch, model):
    before, alone = state_of(model), LRFinder(None, verbose=0)
    fit(model, alone, epochs=3)
    finder = LRFinder(tmp_path, verbose=0)
    with pytest.warns(UserWarning, match=RESULT_KEPT):
        fit(model, FillsDisk(Disk(monkeypatch), "on_train_end"), finder, epochs=3)
    assert_same_state(state_of(model), before)
    assert len(finder.curve) == STEPS_OF_TEST
    assert finder.suggestion == alone.suggestion
    assert finder.result.stop_text == alone.result.stop_text


@pytest.mark.parametrize("options", [{}, {"repeats": 2}, {"confirm": 2, "confirm_steps": 12}], ids=str)
def test_range_test_gives_its_result_when_the_disk_becomes_full_after_the_sweeps(tmp_path, monkeypatch, model, options):
    before, disk = state_of(model), Disk(monkeypatch)
    finish = CourseRun.finish

    def fills(run: CourseRun, *arguments: Any) -> None:
        finish(run, *arguments)
        disk.error = FULL

    options = {"start_lr": 1e-5, "num_steps": 40, "verbose": 0, **options}
    alone = range_test(model, *classification_data(), **options)
    monkeypatch.setattr(CourseRun, "finish", fills)
    with pytest.warns(UserWarning, match=RESULT_KEPT):
        result = range_test(model, *classification_data(), log_dir=tmp_path, **options)
    assert result.suggestion.learning_rate is not None
    assert len(result.trials) == len(alone.trials)
    assert_same_state(state_of(model), before)


def test_a_disk_that_is_full_from_the_start_is_told_before_the_first_batch(tmp_path, monkeypatch, model):
    before = state_of(model)
    Disk(monkeypatch, FULL)
    with pytest.raises(OSError, match="No space left"):
        fit(model, LRFinder(tmp_path, verbose=0), epochs=3)
    assert_same_state(state_of(model), before)
