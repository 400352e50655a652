"""What a trace says of a model, so that a test and a training of the same one are known to belong together."""

from __future__ import annotations

import math
from typing import TypedDict

import keras


class ModelFacts(TypedDict):
    """Fields of a header.

    Attributes:
        model: Name of the model's class.
        parameters: Number of its trainable parameters; None as long as it is not built.
    """

    model: str
    parameters: int | None


def facts_of(model: keras.Model) -> ModelFacts:
    """The facts about a model."""
    is_built = all(layer.built for layer in model.layers)
    sizes = (math.prod(variable.shape) for variable in model.trainable_variables)
    return {"model": type(model).__name__, "parameters": sum(sizes) if is_built else None}
