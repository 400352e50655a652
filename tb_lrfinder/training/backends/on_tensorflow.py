"""TensorFlow: variables may be replicated, and the model is built with its first batch."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from tb_lrfinder.training.backends.base import Backend


class TensorFlowBackend(Backend):
    def batch_spec(self, epoch_iterator: Any) -> Any:
        return getattr(getattr(epoch_iterator, "_distributed_dataset", None), "element_spec", None)

    def variable_scope(self, model: Any) -> contextlib.AbstractContextManager[Any]:
        """Where a strategy distributes a model, its variables must be made inside the strategy."""
        strategy = getattr(model, "distribute_strategy", None)
        return contextlib.nullcontext() if strategy is None else strategy.scope()

    def attributes(self, layer: Any) -> Mapping[str, Any]:
        """TensorFlow's notes on what it saves lie among them, and in those what an attribute once held."""
        return {name: value for name, value in vars(layer).items() if not name.startswith("_self_")}

    def building(self) -> contextlib.AbstractContextManager[Any]:
        """Outside the graph that is being traced, whose variables get their values when it runs."""
        import tensorflow as tf

        return tf.init_scope()

    def copies(self, variable: keras.Variable) -> Sequence[Any]:
        """Under `tf.distribute`, one variable per replica: those of BatchNorm do differ."""
        return variable.value.values if _is_replicated(variable) else (variable,)

    def assigner(self, variable: keras.Variable) -> Callable[[Any], Any]:
        """Keras converts a value and reads the variable back; the `tf.Variable` itself takes a third of the time.

        Replicated variables, whose assignment the strategy must see, are left to Keras.
        """
        import tensorflow as tf

        if isinstance(variable.value, tf.Variable) and not _is_replicated(variable):
            return functools.partial(variable.value.assign, read_value=False)
        return variable.assign


def _is_replicated(variable: Any) -> bool:
    import tensorflow as tf

    return isinstance(variable.value, tf.distribute.DistributedValues)
