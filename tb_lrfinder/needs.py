"""The error where Keras is needed and not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def explain_missing_keras(what: str) -> Iterator[None]:
    """Raises an error that says what needs Keras and how to get it, where an import in the block does not find Keras.

    It stays an `ImportError` and no `AttributeError`, which `from tb_lrfinder import LRFinder` would swallow with its words.

    Args:
        what: What needs Keras.

    Raises:
        ModuleNotFoundError: If Keras is not installed. What Keras itself says of a back end that is missing goes through.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "keras":
            raise
        raise ModuleNotFoundError(
            f"`{what}` needs Keras 3, which is not installed: `pip install 'tb_lrfinder[tensorflow]'`, or with another "
            "back end `pip install keras jax`.",
            name="keras",
        ) from None
