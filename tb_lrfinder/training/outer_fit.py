"""What a `fit` of a model changes in another one of the same model that is running: kept before, put back after.

Weights, optimizer and rate are restored by the test that runs in it. Here is the rest: attributes by which Keras' trainer
tells itself how far it is, the metrics of the running epoch, random numbers, and the guards that watch the running fit.
Where no fit is running, the model keeps all that, too: its `history`, and that nobody has asked it to stop.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from tb_lrfinder.loops.watch import Watch
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.fit_guard import guards_paused
from tb_lrfinder.training.running_fit import fit_around, thread_that_fits
from tb_lrfinder.training.snapshot import GlobalRandomState, KeptValues

# What `fit` and `evaluate` of Keras 3.7 to 3.15 write on their model. `history` is what `fit` returns at its end; by
# `_initial_epoch`, `BackupAndRestore` says where the fit begins, and nothing takes it away.
_ATTRIBUTES = (
    "stop_training",
    "stop_evaluating",
    "history",
    "train_function",
    "test_function",
    "_eval_epoch_iterator",
    "_initial_epoch",
)


def check_place(model: keras.Model, tests: type) -> None:
    """Raises `RuntimeError` where another fit of the model could not be undone.

    Args:
        model: The model.
        tests: The class of the callbacks that undo their fit.
    """
    thread = thread_that_fits(model)
    if thread is not None:
        raise RuntimeError(
            "`range_test` must be called in the thread of the `fit` that trains the model. Received: a call in thread "
            f"{threading.current_thread().name}, while the model is in training in {thread}. Call it in a callback that "
            "does not say `async_safe = True`."
        )
    fit = fit_around(model)
    callbacks: list[Any] = [] if fit is None else getattr(fit.f_locals["callbacks"], "callbacks", [])
    test = next((one for one in callbacks if isinstance(one, tests)), None)
    if test is not None:
        raise RuntimeError(
            "`range_test` must not be called in the fit of another range test. "
            f"Received: {type(test).__name__} in the callbacks of the running fit. Call it after that fit."
        )


@contextmanager
def outer_fit_kept(model: keras.Model) -> Iterator[None]:
    """Leaves what a running fit of the model goes on with as it was, whatever ends the fit in the block."""
    with guards_paused(model):
        with _ctrl_c_waits():
            kept = _KeptFit(model)
        try:
            yield
        finally:
            with _ctrl_c_waits():
                kept.restore()


class _KeptFit:
    def __init__(self, model: keras.Model) -> None:
        BACKEND.bring_back(model)
        self._model: Any = model
        # Where none runs, this one may be the first, which draws for building the model what no later one draws again.
        self._random = None if fit_around(model) is None else GlobalRandomState()
        self._metrics = KeptValues(model.metrics_variables)
        self._attributes = {name: getattr(model, name) for name in _ATTRIBUTES if hasattr(model, name)}
        self._restore_backend = BACKEND.keep_fit(model)
        self._model._initial_epoch = None

    def restore(self) -> None:
        for name in _ATTRIBUTES:
            if name in self._attributes:
                setattr(self._model, name, self._attributes[name])
            elif hasattr(self._model, name):
                delattr(self._model, name)
        self._metrics.restore()
        for metric in self._model.metrics:
            # TensorFlow makes variables of metrics in the first step, and the epoch has been reset already.
            if not self._metrics.knows(metric.variables):
                metric.reset_state()
        self._restore_backend()
        if self._random is not None:
            self._random.restore()


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """A Ctrl-C in the block comes out at its end."""
    watch = Watch(_ctrl_c_waits.__code__, lambda error: None)
    watch.start()
    watch.hold()
    try:
        yield
    finally:
        watch.stop()
        if watch.take_waiting():
            raise KeyboardInterrupt
