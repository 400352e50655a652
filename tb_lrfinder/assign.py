"""Assigning to Keras variables in every batch, at the least cost each back end allows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras


def assigner(variable: keras.Variable) -> Callable[[Any], Any]:
    """A function that assigns a value to the variable, as `variable.assign` does.

    On TensorFlow, Keras converts the value and reads the variable back; going to the `tf.Variable` itself takes a third of
    the time. Replicated variables, whose assignment the strategy must see, are left to Keras.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if isinstance(variable.value, tf.Variable) and not isinstance(variable.value, tf.distribute.DistributedValues):
            return functools.partial(variable.value.assign, read_value=False)
    return variable.assign


class MetricReset:
    """Resets the metrics of a model, as `model.reset_metrics()` does, many times.

    Where a metric is reset by zeros in its variables, they are assigned directly; any other resets itself.
    """

    def __init__(self, model: keras.Model) -> None:
        self._zero: list[Callable[[Any], Any]] = []
        self._reset: list[Callable[[], Any]] = []
        if type(model).reset_metrics is not keras.Model.reset_metrics:
            # The model knows more than the list of its metrics.
            self._reset.append(model.reset_metrics)
            return
        for metric in model.metrics:
            if type(metric).reset_state is keras.metrics.Mean.reset_state:
                self._zero += [assigner(metric.total), assigner(metric.count)]
            else:
                self._reset.append(metric.reset_state)

    def __call__(self) -> None:
        for zero in self._zero:
            zero(0.0)
        for reset in self._reset:
            reset()
