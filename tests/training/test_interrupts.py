"""Ctrl-C in a fit, wherever it comes: the model is what it was, the trace says so, and `KeyboardInterrupt` comes out."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import signal
import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras.optimizers.schedules import ExponentialDecay

from tb_lrfinder import LRFinder, LRRecorder, range_test
from tb_lrfinder.training.reverted_run import RevertedRun
from tb_lrfinder.training.snapshot import ModelState
from tests.support.effort import effort
from tests.support.models import STEPS, assert_same_state, build_model, classification_data, fit, state_of
from tests.support.recorded import recorded

pytestmark = pytest.mark.usefixtures("interruptible")


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def pressed_while_restoring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes whenever a model is restored, at the beginning and at the end."""
    restore = ModelState.restore

    def pressed(state: ModelState, **options: Any) -> None:
        press_ctrl_c()
        restore(state, **options)
        press_ctrl_c()

    monkeypatch.setattr(ModelState, "restore", pressed)


def trained_model(optimizer: Any = "adam") -> tuple[keras.Model, list[np.ndarray]]:
    """A model after a fit, and its state."""
    model = build_model(optimizer)
    fit(model)
    return model, state_of(model)


def overlooked_by_c_code() -> None:
    """What C code makes of a Ctrl-C in the Python that it calls, where it overlooks it."""
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        raise SystemError("<method 'assign'> returned a result with an exception set") from error


class Once(keras.callbacks.Callback):
    """Does something once, the third time a hook is called (the first time where it is called once)."""

    def __init__(self, hook: str, act: Callable[[], None]) -> None:
        super().__init__()
        self._left = 3 if "batch" in hook else 2 if hook == "on_epoch_begin" else 1

        def called(*_args: Any, **_options: Any) -> None:
            self._left -= 1
            if self._left == 0:
                act()

        setattr(self, hook, called)


HOOKS = ("on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_epoch_end", "on_train_end")


@pytest.mark.parametrize("hook", HOOKS)
def test_ctrl_c_that_c_code_overlooked_comes_out_as_keyboard_interrupt(tmp_path, hook):
    model, before = trained_model()
    finder = LRFinder(tmp_path, start_lr=0.1, end_lr=1.0, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        fit(model, Once(hook, overlooked_by_c_code), finder, epochs=3)
    assert_same_state(state_of(model), before)
    (trace,), _ = recorded(tmp_path)
    assert trace.status == "interrupted"
    assert trace.status_text.endswith(": Ctrl-C.")


def test_another_system_error_stays_one():
    def fail() -> None:
        raise SystemError("something else")

    with pytest.raises(SystemError, match="something else"):
        fit(build_model(), LRFinder(None, verbose=0), Once("on_train_batch_end", fail))


def test_ctrl_c_that_c_code_overlooked_before_the_first_batch_of_a_range_test(monkeypatch):
    model = build_model()

    def overlooked(*_args: Any, **_options: Any) -> None:
        overlooked_by_c_code()

    monkeypatch.setattr(model, "make_train_function", overlooked)
    with pytest.raises(KeyboardInterrupt):
        range_test(model, *classification_data(), num_steps=20, verbose=0)


def test_ctrl_c_that_c_code_dropped_comes_out_all_the_same(tmp_path):
    """As NumPy drops it while it waits for an array of JAX."""

    def dropped() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            press_ctrl_c()

    model, before = trained_model()
    finder = LRFinder(tmp_path, start_lr=0.1, end_lr=1.0, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        fit(model, finder, Once("on_train_batch_end", dropped), epochs=3)
    assert_same_state(state_of(model), before)
    assert finder.stop_text == "Interrupted after step 3: Ctrl-C."


def test_ctrl_c_that_c_code_made_another_error_of_comes_out_all_the_same(tmp_path):
    """As TensorFlow does while it traces a train step."""

    def mistaken() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            press_ctrl_c()
        raise ValueError("None values not supported.")

    finder = LRFinder(tmp_path, start_lr=0.1, end_lr=1.0, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        fit(build_model(), finder, Once("on_train_batch_end", mistaken), epochs=3)
    assert finder.stop_text == "Interrupted after step 3: Ctrl-C."


@pytest.mark.usefixtures("pressed_while_restoring")
def test_a_second_ctrl_c_while_the_model_is_restored_waits_until_it_is(tmp_path):
    model, before = trained_model()
    finder = LRFinder(tmp_path, start_lr=0.1, end_lr=1.0, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        fit(model, finder, Once("on_train_batch_end", press_ctrl_c), epochs=2)
    assert_same_state(state_of(model), before)
    assert finder.stop_text == "Interrupted after step 3: Ctrl-C."
    assert recorded(tmp_path)[0][0].status_text == finder.stop_text


@pytest.mark.usefixtures("pressed_while_restoring")
def test_ctrl_c_while_a_model_is_restored_after_another_error_comes_out_of_the_fit():
    model, before = trained_model()

    def fail() -> None:
        raise RuntimeError("in mid-test")

    with pytest.raises(KeyboardInterrupt) as caught:
        fit(model, LRFinder(None, start_lr=0.1, verbose=0), Once("on_train_batch_end", fail))
    assert str(caught.value.__cause__) == "in mid-test"
    assert_same_state(state_of(model), before)


@pytest.mark.usefixtures("pressed_while_restoring")
def test_ctrl_c_while_a_finished_test_is_undone_leaves_a_finished_test(tmp_path):
    model, before = trained_model()
    finder = LRFinder(tmp_path, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        fit(model, finder, epochs=3)
    assert_same_state(state_of(model), before)
    assert recorded(tmp_path)[0][0].status == "finished"


def test_ctrl_c_while_the_learning_rate_is_taken_over_gives_the_schedule_back(monkeypatch):
    schedule = ExponentialDecay(0.1, 10, 0.9)
    model, before = trained_model(keras.optimizers.SGD(schedule))
    make = RevertedRun.__init__

    def pressed(run: RevertedRun, *arguments: Any, **options: Any) -> None:
        make(run, *arguments, **options)
        press_ctrl_c()

    monkeypatch.setattr(RevertedRun, "__init__", pressed)
    with pytest.raises(KeyboardInterrupt):
        fit(model, LRFinder(None, verbose=0))
    assert model.optimizer._learning_rate is schedule
    assert_same_state(state_of(model), before)


def test_ctrl_c_between_two_calls_that_are_watched_is_noticed(monkeypatch, tmp_path):
    model, before = trained_model()
    collect = model._get_metrics_result_or_logs

    def pressed(logs: Any) -> Any:
        press_ctrl_c()
        return collect(logs)

    monkeypatch.setattr(model, "_get_metrics_result_or_logs", pressed)
    with pytest.raises(KeyboardInterrupt):
        fit(model, LRFinder(tmp_path, start_lr=0.1, end_lr=1.0, verbose=0), epochs=3)
    assert_same_state(state_of(model), before)
    assert recorded(tmp_path)[0][0].status_text == f"Interrupted after step {STEPS}: Ctrl-C."


@pytest.mark.parametrize("error", [None, RuntimeError])
def test_the_handler_of_the_signal_is_what_it_was_after_a_fit(error):
    def fail() -> None:
        if error is not None:
            raise error

    before = signal.getsignal(signal.SIGINT)
    with contextlib.suppress(RuntimeError):
        fit(build_model(), LRFinder(None, num_steps=8, verbose=0), Once("on_train_batch_end", fail))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_of_somebody_else_is_asked(tmp_path):
    pressed: list[int] = []

    def take(number: int, frame: Any) -> None:
        pressed.append(number)

    previous = signal.signal(signal.SIGINT, take)
    try:
        finder = LRFinder(tmp_path, verbose=0)
        fit(build_model(), finder, Once("on_train_batch_end", press_ctrl_c), epochs=3)
    finally:
        assert signal.signal(signal.SIGINT, previous) is take
    assert pressed == [signal.SIGINT]
    assert recorded(tmp_path)[0][0].status == "finished"


def test_ctrl_c_left_to_the_system_is_left_to_it():
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        fit(build_model(), LRFinder(None, verbose=0), Once("on_train_batch_end", press_ctrl_c), epochs=3)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, previous)


def test_a_fit_in_another_thread_runs_as_ever():
    finder = LRFinder(None, verbose=0)
    thread = threading.Thread(target=lambda: fit(build_model(), finder, epochs=3))
    thread.start()
    thread.join()
    assert len(finder.curve) == 24


# Presses that an error-dropping `__del__` or C callback swallowed are made up for; none comes while the first is dealt with.
AGAIN_SECONDS = 10.0


def interrupted_after(seconds: float, act: Callable[[], Any], begun: threading.Event | None = None) -> None:
    """Does something that Ctrl-C must end, and presses it so long after the start, or after it says that it has begun."""
    over = threading.Event()

    def press() -> None:
        if begun is not None:
            begun.wait()
        wait = seconds
        while not over.wait(wait):
            os.kill(os.getpid(), signal.SIGINT)
            wait = AGAIN_SECONDS

    thread = threading.Thread(target=press)
    try:
        thread.start()
        act()
    except KeyboardInterrupt:
        pass
    else:
        pytest.fail("It ended by itself.")
    finally:
        over.set()
        if begun is not None:
            begun.set()
        thread.join()


def moments(seed: int) -> list[float]:
    """Seconds after the start of a fit or after its third batch: most of them within the first batches."""
    rng = random.Random(seed)
    return [0.5 * rng.random() ** 2 for _ in range(effort(quick=5, long=50))]


def interrupted_fit(number: int, seconds: float, model: keras.Model, callback: keras.callbacks.Callback) -> None:
    """A long fit that is interrupted: every second one so long after its third batch, the others after their start."""
    begun = threading.Event() if number % 2 else None
    telling = [] if begun is None else [Once("on_train_batch_end", begun.set)]
    interrupted_after(seconds, functools.partial(fit, model, callback, *telling, epochs=100_000), begun)


# Python drops what is raised in a `__del__` or in a weak reference's callback, Ctrl-C too, and pytest tells.
dropped_by_python = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@dropped_by_python
@pytest.mark.parametrize("rate", [1e-3, ExponentialDecay(1e-3, 10, 0.9)], ids=["number", "schedule"])
def test_ctrl_c_at_any_moment_leaves_the_model_as_it_was(tmp_path, rate):
    model, twin = (build_model(keras.optimizers.Adam(rate)) for _ in range(2))
    for one in (model, twin):
        keras.utils.set_random_seed(1)
        fit(one)
    num_interrupted = 0
    for seed, seconds in enumerate(moments(14)):
        before, log_dir = state_of(model), tmp_path / str(seed)
        finder = LRFinder(log_dir, start_lr=0.1, end_lr=1.0, divergence_factor=None, verbose=0)
        interrupted_fit(seed, seconds, model, finder)
        assert_same_state(state_of(model), before)
        assert model.optimizer._learning_rate is twin.optimizer._learning_rate or isinstance(rate, float)
        traces, _ = recorded(log_dir) if log_dir.exists() else ([], [])
        for trace in traces:
            num_interrupted += 1
            assert (trace.status, trace.status_text) == (
                "interrupted",
                f"Interrupted after step {trace.num_rows}: Ctrl-C.",
            )
            assert trace.num_rows == len(finder.curve)
        for one in (model, twin):
            keras.utils.set_random_seed(seed)
            fit(one, shuffle=True)
        assert_same_state(state_of(model), state_of(twin))
    assert num_interrupted > 0


@dropped_by_python
def test_ctrl_c_at_any_moment_of_a_range_test(tmp_path):
    model, before = trained_model()
    options: dict[str, Any] = {"num_steps": 100_000, "start_lr": 0.1, "divergence_factor": None, "verbose": 0}
    for seconds in moments(15):
        interrupted_after(seconds, lambda: range_test(model, *classification_data(), **options))
        assert_same_state(state_of(model), before)


@dropped_by_python
def test_ctrl_c_at_any_moment_of_a_recorded_training(tmp_path):
    num_interrupted = 0
    for number, seconds in enumerate(moments(16)):
        model, log_dir = build_model(), tmp_path / str(number)
        interrupted_fit(number, seconds, model, LRRecorder(log_dir))
        traces, tables = recorded(log_dir) if log_dir.exists() else ([], [])
        for trace, columns in zip(traces, tables, strict=True):
            num_interrupted += 1
            assert (trace.status, trace.status_text) == ("interrupted", "Interrupted: Ctrl-C.")
            steps = columns.get("step", np.empty(0))
            assert (np.diff(steps) > 0).all()
    assert num_interrupted > 0
