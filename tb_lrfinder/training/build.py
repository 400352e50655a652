"""A model and its optimizer, complete before the first batch.

On TensorFlow, Keras leaves both to the first step. What does not exist yet can be neither kept nor restored.
"""

from __future__ import annotations

from typing import Any

import keras


def build(model: keras.Model, batch_spec: Any) -> None:
    """Builds whatever of a compiled model and its optimizer is not built yet; no data are drawn for it.

    Args:
        model: The model whose `fit` is running.
        batch_spec: What a batch of the fit looks like: `x`, `(x, y)` or `(x, y, sample_weight)`, with a shape and a dtype
            in place of each tensor; None where Keras has built the model already.

    Raises:
        ValueError: If the model has no optimizer, or cannot be built from the looks of a batch.
    """
    optimizer = model.optimizer
    if optimizer is None:
        raise ValueError("The model has no optimizer. Call `model.compile(optimizer=..., loss=...)` first.")
    if batch_spec is not None and not all(layer.built for layer in model.layers):
        _call(model, batch_spec)
    if not optimizer.built:
        optimizer.build(model.trainable_variables)


def _call(model: keras.Model, batch_spec: Any) -> None:
    x, _, _ = keras.utils.unpack_x_y_sample_weight(batch_spec)
    try:
        model(
            keras.tree.map_structure(
                lambda one: keras.KerasTensor(one.shape, keras.backend.standardize_dtype(one.dtype)), x
            )
        )
    except Exception as error:
        raise ValueError(
            f"The model is not built, and could not be built for {x}: {error} "
            "Build it before `fit`: give it a `keras.Input`, or call it on one batch."
        ) from error


def _symbol(spec: Any) -> keras.KerasTensor:
    return keras.KerasTensor(spec.shape, keras.backend.standardize_dtype(spec.dtype))
