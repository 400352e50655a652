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
    """Whether a callback could change the rate from batch to batch. Keras' own and ours do not, unless they run yours."""
    kind = type(callback)
    if kind.__module__.partition(".")[0] in ("keras", "tb_lrfinder") and not isinstance(
        callback, _callbacks.LambdaCallback
    ):
        return False
    base = _callbacks.Callback
    hooks = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    return any(getattr(callback, hook) != getattr(base, hook).__get__(callback) for hook in hooks)


def driver_of(others: Sequence[keras.callbacks.Callback], is_callable: bool) -> str | None:
    """The name of what sets the rate, for people; None where nothing is known to."""
    if is_callable:
        return "callable"
    known = [one for one in others if isinstance(one, _WRITERS)]
    found = known or [one for one in others if acts_on_batches(one)]
    return " and ".join(type(one).__name__ for one in found) or None


def _name(callback: keras.callbacks.Callback) -> str:
    return type(callback).__name__
