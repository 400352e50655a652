"""What a trace says of a model, so that a test and a training of the same one are known to belong together."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tb_lrfinder.loops.frameworks.base import name_of
from tb_lrfinder.loops.frameworks.on_torch import num_trainable, precision_of


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """The facts about a model, as far as they are known.

    Attributes:
        model: Name of its class.
        parameters: Number of its trainable parameters.
        framework: `"keras"` or `"pytorch"`.
        precision: Its arithmetic: the name of Keras' policy, or the type of most parameters of PyTorch, unless what is cast
            to at this moment.
    """

    model: str | None = None
    parameters: int | None = None
    framework: str | None = None
    precision: str | None = None


def facts_of(model: Any) -> ModelFacts:
    """The facts about a module of PyTorch or a model of Keras; of a text, which is the name; of None.

    Raises:
        ValueError: If it is none of these.
    """
    if model is None or isinstance(model, str):
        return ModelFacts(model=model)
    found = _facts(model)
    if found is None:
        raise ValueError(
            "`model` must be a module of PyTorch, a model of Keras, or the model's name. "
            f"Received: model of type {name_of(model)}."
        )
    return found


def facts_of_only(things: Iterable[Any]) -> ModelFacts:
    """The facts about the one model among some things; where there are several, or none, nothing is known."""
    found = [facts for facts in map(_facts, things) if facts is not None]
    return found[0] if len(found) == 1 else ModelFacts()


def _facts(thing: Any) -> ModelFacts | None:
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    # First: with the back end of PyTorch, a model of Keras is a module of PyTorch, too.
    if keras is not None and isinstance(thing, keras.Model):
        sizes = (math.prod(variable.shape) for variable in thing.trainable_variables)
        is_built = thing.built and all(layer.built for layer in thing.layers)
        return ModelFacts(
            model=type(thing).__name__,
            parameters=sum(sizes) if is_built else None,
            framework="keras",
            precision=thing.dtype_policy.name,
        )
    if torch is not None and isinstance(thing, torch.nn.Module):
        inner = _innermost(thing, torch)
        return ModelFacts(
            model=type(inner).__name__,
            parameters=num_trainable(inner.parameters()),
            framework="pytorch",
            precision=precision_of(inner.parameters()),
        )
    return None


def _innermost(module: Any, torch: Any) -> Any:
    """The module that `torch.compile`, or what trains on several devices, wraps."""
    while True:
        inner = getattr(module, "_orig_mod", None)
        if inner is None and isinstance(module, torch.nn.parallel.DistributedDataParallel | torch.nn.DataParallel):
            inner = module.module
        if inner is None:
            return module
        module = inner
