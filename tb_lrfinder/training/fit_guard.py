"""Notices that a running `fit` is ending with an exception.

Keras tells its callbacks when a fit ends well (`on_train_end`) and nothing when it ends badly. The guard finds the running
`fit` on the call stack and wraps, on that fit's own objects and until it ends, the calls it makes: the hooks, the data, the
train step and the validation. Keras' classes stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

import keras

from tb_lrfinder.loops.watch import OnFailure, Watch
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.running_fit import fit_around

_HOOKS = ("on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_epoch_end", "on_train_end")
_MODEL_CALLS = ("reset_metrics", "evaluate", *BACKEND.watched_calls)
_ABSENT = object()
# Those that watch, the last one that began at the end.
_watching: list[FitGuard] = []


class FitGuard:
    """Calls `on_failure(error)` when an exception, Ctrl-C included, leaves the `fit` that is running.

    Must be made inside a callback's hook. `on_failure` may be called more than once for one exception. A Ctrl-C that comes
    while it runs waits until the guard is off (`ending`).

    Attributes:
        callbacks: All callbacks of the fit.
        batch_size: Samples per batch of the fit, or None where Keras does not know.
        last_batch_share: Samples of the last batch of an epoch over `batch_size`, in (0, 1]; 1 where Keras does not know.
        batch_spec: Shapes and dtypes of a batch, structured like it; None where Keras has built the model already.

    Args:
        model: The model whose `fit` is running.
        on_failure: Called with the exception, which then propagates.
    """

    def __init__(self, model: keras.Model, on_failure: OnFailure) -> None:
        self._model = model
        self._wrapped: list[tuple[Any, str, Any]] = []
        fit = _fit_frame(model)
        self._watch = Watch(fit.f_code, on_failure)
        scope = fit.f_locals
        self._callback_list, self._epoch_iterator = scope["callbacks"], scope["epoch_iterator"]
        self.callbacks: list[keras.callbacks.Callback] = self._callback_list.callbacks
        self.batch_size: int | None = getattr(self._epoch_iterator.data_adapter, "batch_size", None)
        self.last_batch_share = _last_batch_share(self._epoch_iterator)
        self.batch_spec: Any = BACKEND.batch_spec(self._epoch_iterator)

    def put_first(self, callback: keras.callbacks.Callback) -> list[keras.callbacks.Callback]:
        """Moves a callback before the others, from the next hook on; returns the others."""
        others = self._others(callback)
        # A new list: the fit may be walking through this one.
        self._callback_list.callbacks = [callback, *others]
        return others

    def put_last(self, callback: keras.callbacks.Callback) -> list[keras.callbacks.Callback]:
        """Moves a callback behind the others, from the next hook on; returns the others."""
        others = self._others(callback)
        self._callback_list.callbacks = [*others, callback]
        return others

    def _others(self, callback: keras.callbacks.Callback) -> list[keras.callbacks.Callback]:
        return [one for one in self.callbacks if one is not callback]

    def take_batches_in_turn(self) -> None:
        """Calls the callbacks after each batch before the next one starts, and not in another thread."""
        self._callback_list._async_train = False

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Watches from the end of the block on, unless that fails; Ctrl-C waits from its beginning."""
        self._watch.start()
        try:
            yield
            self._wrap_all()
            _watching.append(self)
        except BaseException:
            with self.ending():
                raise

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Watches no more, and has Ctrl-C wait until the block has come to its end. Can be entered again."""
        self._watch.hold()
        try:
            if self in _watching:
                _watching.remove(self)
            self._unwrap_all()
            yield
        finally:
            self._watch.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Does not watch during the block, in which another fit of the model may fail, and this one go on."""
        self._watch.hold()
        self._unwrap_all()
        self._watch.stop()
        try:
            yield
        finally:
            self._watch.start()
            self._watch.hold()
            self._wrap_all()
            self._watch.let_go()

    def _wrap_all(self) -> None:
        for hook in _HOOKS:
            self._wrap(self._callback_list, hook, self._watch.call)
        for callback in self.callbacks:
            # This hook of ours is running: those of the callbacks behind us are still to come.
            self._wrap(callback, "on_epoch_begin", self._watch.call)
        for name in _MODEL_CALLS:
            self._wrap(self._model, name, self._watch.call)
        self._wrap(self._epoch_iterator, "catch_stop_iteration", self._watch.block)

    def _unwrap_all(self) -> None:
        while self._wrapped:
            owner, name, own = self._wrapped.pop()
            if own is _ABSENT:
                # The wrapper is an attribute of the object, over the method of its class.
                delattr(owner, name)
            else:
                setattr(owner, name, own)

    def _wrap(self, owner: Any, name: str, watch: Callable[..., Any]) -> None:
        self._wrapped.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, watch(getattr(owner, name)))


@contextmanager
def guards_paused(model: keras.Model) -> Iterator[None]:
    """No guard watches the fit of a model during the block, which runs another one."""
    with ExitStack() as stack:
        # The last one first, which took over Ctrl-C from those before it.
        for guard in [one for one in reversed(_watching) if one._model is model]:
            stack.enter_context(guard.paused())
        yield


def _last_batch_share(epoch_iterator: Any) -> float:
    data = epoch_iterator.data_adapter
    if not data.batch_size or not data.partial_batch_size or data.num_batches != epoch_iterator.num_batches:
        return 1.0
    return data.partial_batch_size / data.batch_size


def _fit_frame(model: keras.Model) -> FrameType:
    fit = fit_around(model)
    if fit is None:
        raise RuntimeError(
            f"No running `fit` of keras {keras.__version__} was found on the call stack, so its end could not be "
            "noticed. Pass the callback to `model.fit(..., callbacks=[finder])`."
        )
    return fit
