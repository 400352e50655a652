"""The versions of Keras that the package works with, and the differences between them that it depends on."""

from __future__ import annotations

import keras

_OLDEST = (3, 7)
_LEGACY_REMEDY = "tf_keras is Keras 2: build the model with `keras`, and leave the variable TF_USE_LEGACY_KERAS unset."


def _version() -> tuple[int, int]:
    major, minor, *_ = keras.__version__.split(".")
    return int(major), int(minor)


# Keras finalizes the optimizer (its averaged weights) also when a fit on JAX fails.
FINALIZES_AFTER_FAILURE = _version() >= (3, 10)
# After a call of the train step that trained several batches, callbacks are told the last one; before, the first one.
TELLS_LAST_BATCH = _version() >= (3, 11)


def check_keras() -> None:
    """Raises `ImportError` if this Keras is too old."""
    if _version() < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise ImportError(
            f"tb_lrfinder needs Keras {oldest} or newer: `pip install --upgrade keras`. "
            f"Received: keras {keras.__version__}."
        )


def check_model(model: object) -> None:
    """Raises `TypeError` unless it is a model of Keras 3: of a model of `tf_keras` or a PyTorch module, too."""
    if not isinstance(model, keras.Model):
        kind = type(model)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        raise TypeError(f"`model` must be a model of Keras 3 (`import keras`). Received: a {name}.{_remedy(kind)}")


def _remedy(kind: type) -> str:
    bases = {base.__module__.partition(".")[0] for base in kind.__mro__}
    if "tf_keras" in bases:
        return f" {_LEGACY_REMEDY}"
    if "torch" in bases:
        return " Write the test of a loop of your own with tb_lrfinder.TraceWriter."
    return ""


class Keras3Callback(keras.callbacks.Callback):
    """A callback of Keras 3; handed to another Keras, it raises an error that says so."""

    def __init__(self) -> None:
        check_keras()
        super().__init__()

    def _implements_train_batch_hooks(self) -> bool:
        # Keras 2 asks every callback this before anything else.
        raise TypeError(f"{type(self).__name__} must be in the `fit` of a Keras 3 model. {_LEGACY_REMEDY}")
