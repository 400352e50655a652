"""Keras' back ends: `BACKEND` is the one that Keras runs on, and nothing else in the package asks which that is."""

import keras

from tb_lrfinder.training.backends.base import Assignments, Backend
from tb_lrfinder.training.backends.on_jax import JAXBackend
from tb_lrfinder.training.backends.on_tensorflow import TensorFlowBackend
from tb_lrfinder.training.backends.on_torch import TorchBackend

__all__ = ["BACKEND", "Assignments"]

_BACKENDS = {"jax": JAXBackend, "tensorflow": TensorFlowBackend, "torch": TorchBackend}

BACKEND: Backend = _BACKENDS.get(keras.backend.backend(), Backend)()
