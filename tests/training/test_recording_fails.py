"""`LRRecorder`: nothing that goes wrong in recording ends a training, or changes it."""

from __future__ import annotations

import itertools
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRRecorder
from tb_lrfinder.training.rates_used import RatesUsed
from tb_lrfinder.training.recording import Recording
from tests.support.disks import FULL, READ_ONLY, Disk
from tests.support.models import STEPS, assert_same_state, build_model, fit, state_of
from tests.support.recorded import recorded

EPOCHS = 3


@pytest.fixture(scope="module")
def trained() -> list[np.ndarray]:
    """The state after a training that nobody records."""
    model = build_model()
    fit(model, epochs=EPOCHS)
    return state_of(model)


@contextmanager
def told() -> Iterator[list[str]]:
    """What `LRRecorder` warns of in the block."""
    sentences: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield sentences
    sentences += [str(one.message) for one in caught if "training goes on" in str(one.message)]


class BeforeBatch(keras.callbacks.Callback):
    """Does something before a batch, counted from 0 over all epochs."""

    def __init__(self, number: int, act: Any) -> None:
        super().__init__()
        self._left = number
        self._act = act

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._left -= 1
        if self._left == -1:
            self._act()


def test_an_error_in_recording_ends_the_recording_not_the_training(tmp_path, monkeypatch, trained):
    read, reads = RatesUsed.read, itertools.count()

    def fails(rates: RatesUsed) -> float:
        if next(reads) == 2:
            raise RuntimeError("no such rate")
        return read(rates)

    monkeypatch.setattr(RatesUsed, "read", fails)
    model = build_model()
    with told() as sentences:
        fit(model, LRRecorder(tmp_path), epochs=EPOCHS)
    (sentence,) = sentences
    assert "LRRecorder records nothing more of it" in sentence
    assert sentence.endswith(": RuntimeError: no such rate.")
    assert_same_state(state_of(model), trained)
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.status == "interrupted"
    assert trace.status_text == "The recording ended, the training went on: RuntimeError: no such rate."
    np.testing.assert_array_equal(columns["step"], np.arange(2 * STEPS))


def test_a_loss_that_is_no_number_ends_the_recording_not_the_training(tmp_path, monkeypatch, trained):
    take = Recording.end_batch

    def odd(recording: Recording, batch: int, loss: Any) -> None:
        value: Any = "none"
        take(recording, batch, value if batch == 3 else loss)

    monkeypatch.setattr(Recording, "end_batch", odd)
    model = build_model()
    with told() as sentences:
        fit(model, LRRecorder(tmp_path), epochs=EPOCHS)
    assert len(sentences) == 1
    assert_same_state(state_of(model), trained)
    assert recorded(tmp_path)[0][0].status == "interrupted"


def test_after_a_recording_that_failed_the_next_fit_is_recorded(tmp_path, monkeypatch):
    model, recorder = build_model(), LRRecorder(tmp_path)
    with monkeypatch.context() as patch, told() as sentences:
        patch.setattr(Recording, "_hand_on", lambda *_: 1 / 0)
        fit(model, recorder)
    assert len(sentences) == 1
    fit(model, recorder)
    traces, tables = recorded(tmp_path)
    assert traces[-1].status == "finished"
    np.testing.assert_array_equal(tables[-1]["step"], STEPS + np.arange(STEPS))


def fit_on(disk: Disk, log_dir: Any, changes: Mapping[int, OSError | None]) -> keras.Model:
    """A recorded training on a disk that changes before some of the batches."""
    model = build_model()

    def change(error: OSError | None) -> Any:
        return lambda: setattr(disk, "error", error)

    others = [BeforeBatch(number, change(error)) for number, error in changes.items()]
    fit(model, LRRecorder(log_dir), *others, epochs=EPOCHS)
    return model


@pytest.mark.parametrize("error", [FULL, READ_ONLY], ids=["full", "read_only"])
def test_a_disk_that_takes_nothing_does_not_end_the_training(tmp_path, monkeypatch, trained, error):
    with told() as sentences:
        model = fit_on(Disk(monkeypatch, error), tmp_path, {})
    (sentence,) = sentences
    assert error.strerror in sentence
    assert_same_state(state_of(model), trained)
    assert recorded(tmp_path)[0] == []


def test_a_disk_that_becomes_full_does_not_end_the_training(tmp_path, monkeypatch, trained):
    with told() as sentences:
        model = fit_on(Disk(monkeypatch), tmp_path, {STEPS: FULL})
    (sentence,) = sentences
    assert "No space left" in sentence
    assert_same_state(state_of(model), trained)
    assert recorded(tmp_path)[0][0].header is not None


@pytest.mark.parametrize("full_at", [None, STEPS], ids=["from_the_start", "later"])
def test_what_a_full_disk_did_not_take_is_written_when_there_is_room_again(tmp_path, monkeypatch, trained, full_at):
    changes = {2 * STEPS: None} if full_at is None else {full_at: FULL, 2 * STEPS: None}
    disk = Disk(monkeypatch, FULL if full_at is None else None)
    with told() as sentences:
        model = fit_on(disk, tmp_path, changes)
    assert len(sentences) <= 1  # none where there was room again before anybody noticed
    assert_same_state(state_of(model), trained)
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.status == "finished"
    np.testing.assert_array_equal(columns["step"], np.arange(EPOCHS * STEPS))


def test_a_directory_that_is_removed_does_not_end_the_training(tmp_path, trained):
    log_dir, model = tmp_path / "logs", build_model()
    with told() as sentences:
        fit(model, LRRecorder(log_dir), BeforeBatch(STEPS, lambda: shutil.rmtree(log_dir)), epochs=EPOCHS)
    assert len(sentences) == 1
    assert_same_state(state_of(model), trained)


def test_ctrl_c_that_c_code_overlooked_in_recording_ends_the_training(tmp_path, monkeypatch):
    def overlooked(*_: Any) -> None:
        raise SystemError("returned a result with an exception set") from KeyboardInterrupt()

    monkeypatch.setattr(RatesUsed, "read", overlooked)
    with pytest.raises(KeyboardInterrupt):
        fit(build_model(), LRRecorder(tmp_path))
    assert recorded(tmp_path)[0][0].status_text == "Interrupted: Ctrl-C."
