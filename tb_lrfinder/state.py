"""The whole state of a model in training, taken and put back."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


class ModelState:
    """Everything of a compiled, built model that training changes.

    That is more than the weights and the learning rate: BatchNorm statistics, the seeds of dropout, metrics, the moments and
    the iteration count of the optimizer. The values are copied to the host, so the state costs no device memory.
    """

    def __init__(self, model: keras.Model) -> None:
        optimizer = _optimizer(model)
        if not optimizer.built:
            # Its slots must exist to be restored: the next fit would otherwise start from those of the test.
            optimizer.build(model.trainable_variables)
        self._values = [(variable, np.array(variable.numpy())) for variable in _variables(model)]

    def restore(self) -> None:
        """Puts every value back, bit for bit."""
        for variable, value in self._values:
            variable.assign(value)


def _optimizer(model: keras.Model) -> Any:
    optimizer = model.optimizer
    if optimizer is None:
        raise ValueError("The model has no optimizer. Call `model.compile(optimizer=..., loss=...)` first.")
    return optimizer


def _variables(model: keras.Model) -> list[Any]:
    found = [*model.variables, *model.metrics_variables, *_optimizer(model).variables]
    return list({id(variable): variable for variable in found}.values())
