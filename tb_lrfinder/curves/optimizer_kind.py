"""The kind of an optimizer, as far as a suggestion depends on it: how late a sweep shows what a rate does."""

from __future__ import annotations

import re
from functools import cache

from tb_lrfinder.choices import OptimizerKind

# Parts of names, those that decide first: all variants of a method behave alike. Others, such as Adagrad and Adafactor, use
# their rate in ways of their own, and nothing is claimed of them.
_PARTS: tuple[tuple[OptimizerKind, tuple[str, ...]], ...] = (
    ("adaptive", ("adam", "adabelief", "rmsprop", "muon")),
    ("sign", ("lion", "signsgd")),
    ("momentum", ("momentum", "nesterov")),
    ("plain", ("sgd",)),
)
# A setting that is off, as in PyTorch's `str(optimizer)` or in Keras' `get_config()`.
_OFF = re.compile(r"(momentum|nesterov)\W{1,4}(false|none|0+(\.0*)?(?![\d.]))")


@cache
def kind_of(optimizer: str | None) -> OptimizerKind | None:
    """The kind that a name tells of.

    Args:
        optimizer: A name such as `"AdamW"` or `"SGD, momentum 0.9"`, or the text that an optimizer of PyTorch makes of
            itself; of several optimizers, their names joined by `" and "`.

    Returns:
        `"plain"` for SGD, `"momentum"` for SGD with momentum, `"adaptive"` for Adam, RMSprop, Muon and their variants,
        `"sign"` for Lion; None for any other, for several of different kinds, and where no name is known.

    Example:
        >>> kind_of("NAdam"), kind_of("SGD, momentum 0.9"), kind_of("Adafactor"), kind_of("SGD and Adam")
        ('adaptive', 'momentum', None, None)
    """
    found: set[OptimizerKind | None] = {_kind_of_one(one) for one in (optimizer or "").lower().split(" and ")}
    return found.pop() if len(found) == 1 else None


def _kind_of_one(name: str) -> OptimizerKind | None:
    name = _OFF.sub("", name)
    for kind, parts in _PARTS:
        if any(part in name for part in parts):
            return kind
    return None
