"""Notices that a running `fit` is ending with an exception.

Keras tells its callbacks when a fit ends well (`on_train_end`) and nothing when it ends badly. The guard finds the running
`fit` on the call stack and wraps, on its own objects and until it ends, the calls it makes: the loop over the batches (which
holds the data, the train step and the batch hooks), the epoch hooks, `on_train_end` and the validation. Keras' classes stay
as they are.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import keras

_EPOCH_HOOKS = ("on_epoch_begin", "on_epoch_end", "on_train_end")


class FitGuard:
    """Calls `on_failure(error)` when an exception, Ctrl-C included, leaves the `fit` that is running.

    Must be made inside a callback's hook. `on_failure` may be called more than once for one exception.

    Attributes:
        batch_size: Samples per batch of the running fit, or None where Keras does not know.

    Args:
        model: The model whose `fit` is running.
        on_failure: Takes the exception, which then goes its way.
    """

    def __init__(self, model: keras.Model, on_failure: Callable[[BaseException], None]) -> None:
        self._wrapped: list[tuple[Any, str]] = []
        scope = _fit_frame(model).f_locals
        for hook in _EPOCH_HOOKS:
            self._wrap(scope["callbacks"], hook, _watch_call, on_failure)
        self._wrap(scope["epoch_iterator"], "catch_stop_iteration", _watch_block, on_failure)
        self._wrap(model, "evaluate", _watch_call, on_failure)
        adapter = getattr(scope["epoch_iterator"], "data_adapter", None)
        self.batch_size: int | None = getattr(adapter, "batch_size", None)

    def release(self) -> None:
        """Takes the wrappers off again."""
        for owner, name in self._wrapped:
            # Ours is an attribute of the object; the method of its class lies below it.
            with contextlib.suppress(AttributeError):
                delattr(owner, name)
        self._wrapped.clear()

    def _wrap(self, owner: Any, name: str, watch: Callable[..., Any], on_failure: Callable[..., None]) -> None:
        setattr(owner, name, watch(getattr(owner, name), on_failure))
        self._wrapped.append((owner, name))


def _watch_call(call: Callable[..., Any], on_failure: Callable[[BaseException], None]) -> Callable[..., Any]:
    @functools.wraps(call)
    def watched(*args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except BaseException as error:
            on_failure(error)
            raise

    return watched


def _watch_block(block: Callable[..., Any], on_failure: Callable[[BaseException], None]) -> Callable[..., Any]:
    @contextlib.contextmanager
    def watched() -> Iterator[None]:
        try:
            with block():
                yield
        except BaseException as error:
            on_failure(error)
            raise

    return watched


def _fit_frame(model: keras.Model) -> FrameType:
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        scope = frame.f_locals
        if scope.get("self") is model and {"callbacks", "epoch_iterator"} <= scope.keys():
            return frame
        frame = frame.f_back
    raise RuntimeError(
        f"No running `fit` of keras {keras.__version__} was found on the call stack, so the model could not be restored "
        "after an error. Pass the callback to `model.fit(..., callbacks=[finder])`."
    )
