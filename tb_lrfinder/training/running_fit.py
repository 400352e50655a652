"""Finds the `fit` of a model that is running, on the call stack. Keras keeps what it trains with in its local variables."""

from __future__ import annotations

import sys
import threading
from types import FrameType

import keras

# They are also in `evaluate` and `predict`, which a fit may run, and which run alone.
_NAMES = {"callbacks", "epoch_iterator"}


def fit_around(model: keras.Model) -> FrameType | None:
    """The innermost `fit` of a model that calls us, or None."""
    return _fit_of(model, sys._getframe())


def thread_that_fits(model: keras.Model) -> str | None:
    """The name of another thread in which a `fit` of the model is running, or None."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    here = threading.get_ident()
    others = (ident for ident, frame in sys._current_frames().items() if ident != here and _fit_of(model, frame))
    return next((names.get(ident, str(ident)) for ident in others), None)


def _fit_of(model: keras.Model, frame: FrameType | None) -> FrameType | None:
    while frame is not None:
        scope = frame.f_locals
        # From Python 3.13 on, `keys()` of these is a list (PEP 667).
        if scope.get("self") is model and _NAMES.issubset(scope):
            return frame
        frame = frame.f_back
    return None
