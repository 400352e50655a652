"""`optimizers_of`: the optimizers that hang on a model, by the attributes that lead to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from tb_lrfinder.training.backends import BACKEND

_SEQUENCES = (list, tuple, set, frozenset)


def optimizers_of(model: keras.Model) -> dict[str, Any]:
    """The optimizers that hang on a model or on its sublayers, also in lists and dicts; those that need few steps first.

    An optimizer that another one wraps or is made of is a part of that one.

    Args:
        model: The model; it need not be compiled.

    Returns:
        Each optimizer once, by its shortest name: `"optimizer"`, `"generator.optimizer"`, `"optimizers['d']"`,
        `"layers[2].optimizer"`.
    """
    found: dict[str, Any] = {}
    # The objects, too, lest a list made for us goes and another one takes its id.
    seen: dict[int, Any] = {id(model): model}
    waiting: deque[tuple[str, Any]] = deque([("", model)])
    while waiting:
        path, owner = waiting.popleft()
        for name, value in _parts(owner):
            if id(value) in seen or not isinstance(value, (keras.Optimizer, keras.Layer, Mapping, *_SEQUENCES)):
                continue
            seen[id(value)] = value
            named = f"{path}{name}".removeprefix(".")
            if isinstance(value, keras.Optimizer):
                found[named] = value
            else:
                waiting.append((named, value))
    return found


def _parts(owner: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a layer or a container, each after what leads to it."""
    if isinstance(owner, Mapping):
        yield from ((f"[{key!r}]", value) for key, value in owner.items())
    elif isinstance(owner, _SEQUENCES):
        yield from ((f"[{index}]", value) for index, value in enumerate(owner))
    else:
        attributes = BACKEND.attributes(owner)
        yield from ((f".{name}", value) for name, value in attributes.items() if not name.startswith("_"))
        # A public name for the layers of a functional model, which lie in private lists.
        yield ".layers", getattr(owner, "layers", None)
        yield from ((f".{name}", value) for name, value in attributes.items() if name.startswith("_"))
