"""What TensorFlow keeps of models that are gone.

A train step that is compiled registers the gradients of its custom functions under names of their own, for good. They hold
its graph, and that holds the values of the variables: the memory of a model and its optimizer, with each `fit` of a new one,
which `keras.utils.clear_session` does not free.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PREFIX = "CustomGradient-"


@contextmanager
def forgotten_steps() -> Iterator[None]:
    """Has TensorFlow forget the gradients that were registered in the block: what was compiled there is not used again."""
    framework = sys.modules.get("tensorflow.python.framework.ops")
    registered = getattr(getattr(framework, "gradient_registry", None), "_registry", {})
    before = set(registered)
    try:
        yield
    finally:
        for name in [one for one in registered if one.startswith(_PREFIX) and one not in before]:
            del registered[name]
