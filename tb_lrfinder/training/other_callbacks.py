"""The other callbacks of a fit: those that set the learning rate, act on batches or on the state of the model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import keras

_callbacks = keras.callbacks
# Keras' callbacks that set the learning rate.
_WRITERS = (_callbacks.LearningRateScheduler, _callbacks.ReduceLROnPlateau)
# Keras' callbacks that act on the state of the model, which diverges in a range test.
_SUFFERERS = (
    _callbacks.BackupAndRestore,
    _callbacks.EarlyStopping,
    _callbacks.ModelCheckpoint,
    # A Keras that is too old for us may lack it (`check_keras`).
    *([_callbacks.SwapEMAWeights] if hasattr(_callbacks, "SwapEMAWeights") else []),
    _callbacks.TerminateOnNaN,
)
# Packages of whose callbacks it is known whether they set the rate of a training.
_KNOWN = ("keras", "tb_lrfinder")
_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
# The hooks that are called between the batches of two epochs.
_HOOKS = (
    *_BATCH_HOOKS,
    "on_epoch_begin",
    "on_epoch_end",
    *(f"on_test_{place}" for place in ("begin", "end", "batch_begin", "batch_end")),
)


def check_others(finder: keras.callbacks.Callback, others: Sequence[keras.callbacks.Callback]) -> None:
    """Refuses callbacks that set the learning rate and warns of those that act on the state of the model.

    Args:
        finder: The callback that runs the test.
        others: The other callbacks of the fit.

    Raises:
        ValueError: If one of them sets the learning rate, or runs a range test, too.
    """
    writers = [_name(other) for other in others if isinstance(other, (*_WRITERS, type(finder)))]
    if writers:
        raise ValueError(
            f"{_name(finder)} must be the only callback that sets the learning rate. Received: {', '.join(writers)} in the "
            "same fit. Take it out, or call tb_lrfinder.range_test(model, x, y), which runs a fit of its own."
        )
    sufferers = [_name(other) for other in others if isinstance(other, _SUFFERERS)]
    if sufferers:
        warnings.warn(
            f"{', '.join(sufferers)} will act on a model that the range test drives into divergence. Take it out of this "
            "fit, or call tb_lrfinder.range_test(model, x, y), which runs a fit of its own.",
            stacklevel=2,
        )


def batch_begin_hooks(others: Sequence[keras.callbacks.Callback]) -> list[str]:
    """Names of the callbacks that act before a batch, and so could change the rate after it was set."""
    base = _callbacks.Callback
    return [
        _name(other)
        for other in others
        if type(other).on_train_batch_begin is not base.on_train_batch_begin
        or type(other).on_batch_begin is not base.on_batch_begin
    ]


def acts_on_batches(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback could change the rate from batch to batch. Those of Keras do so by your code only, ours never."""
    return _may_act(callback) and _has_one_of(callback, _BATCH_HOOKS)


class DriverWatch:
    """Finds out which callbacks set the learning rate.

    Keras' own are known. Any other one is named when the rate has changed where no other one could have changed it.

    Args:
        others: The other callbacks of the fit.
        is_closed: Whether callbacks alone can change the rate: the train step is Keras' own.
    """

    def __init__(self, others: Sequence[keras.callbacks.Callback], is_closed: bool) -> None:
        # The rate last seen, and in which epoch.
        self._rate: float | None = None
        self._epoch = -1
        suspects = [one for one in others if is_closed and _may_act(one)]
        self._in_epochs = _only_name([one for one in suspects if _has_one_of(one, _BATCH_HOOKS)])
        writers = [one for one in others if isinstance(one, _WRITERS)]
        self._between_epochs = _only_name([*writers, *(one for one in suspects if _has_one_of(one, _HOOKS))])
        self._found = list(dict.fromkeys(map(_name, writers)))

    @property
    def name(self) -> str | None:
        """The callbacks that set the rate, for people; None where none is known to."""
        return " and ".join(self._found) or None

    def see(self, epoch: int, rates: Sequence[float]) -> None:
        """Takes the rates of the next batches of an epoch."""
        for rate in rates:
            if self._rate is not None and rate != self._rate:
                self._add(self._in_epochs if epoch == self._epoch else self._between_epochs)
            self._rate, self._epoch = rate, epoch

    def _add(self, name: str | None) -> None:
        if name is not None and name not in self._found:
            self._found.append(name)


def _may_act(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback may set the rate, for all that is known: somebody's own, or one of Keras' that runs their code."""
    return isinstance(callback, _callbacks.LambdaCallback) or type(callback).__module__.partition(".")[0] not in _KNOWN


def _has_one_of(callback: keras.callbacks.Callback, hooks: Sequence[str]) -> bool:
    base = _callbacks.Callback
    return any(getattr(callback, hook) != getattr(base, hook).__get__(callback) for hook in hooks)


def _only_name(callbacks: Sequence[keras.callbacks.Callback]) -> str | None:
    """The name of the only callback; None where there are others, or none."""
    names = set(map(_name, callbacks))
    return names.pop() if len(names) == 1 else None


def _name(callback: keras.callbacks.Callback) -> str:
    return type(callback).__name__
