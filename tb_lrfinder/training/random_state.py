"""The global random numbers that a fit draws, taken and put back."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np


class RandomState:
    """The state of the generators that belong to nobody: Python's, NumPy's and the back end's.

    Keras shuffles arrays with them, and on PyTorch its dropout draws from them. (A `keras.random.SeedGenerator` belongs to
    its layer and is part of the model.)
    """

    def __init__(self) -> None:
        self._python = random.getstate()
        self._numpy = np.random.get_state()
        self._of_backend = _BACKENDS[keras.backend.backend()]()

    def restore(self) -> None:
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        self._of_backend.restore()

    def reseed(self, seed: int) -> None:
        """Gives all of them another state, until `restore`."""
        random.seed(seed)
        np.random.seed(seed)
        self._of_backend.reseed(seed)


class _TensorFlow:
    """TensorFlow's global seed has no public getter; it and the generator behind it lie in the eager context."""

    def __init__(self) -> None:
        from tensorflow.python.eager import context

        self._context: Any = context.context()
        self._seed = self._context._seed
        # Where nobody has set a seed, there is no generator either.
        generator = getattr(self._context, "_rng", None)
        self._operations = None if generator is None else generator.getstate()

    def restore(self) -> None:
        if self._context._seed != self._seed:
            self._context._set_global_seed(self._seed)
        if self._operations is not None:
            self._context._rng.setstate(self._operations)

    def reseed(self, seed: int) -> None:
        self._context._set_global_seed(seed)


class _Torch:
    def __init__(self) -> None:
        import torch

        self._torch = torch
        self._cpu = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all()

    def restore(self) -> None:
        self._torch.set_rng_state(self._cpu)
        self._torch.cuda.set_rng_state_all(self._cuda)

    def reseed(self, seed: int) -> None:
        self._torch.manual_seed(seed)


class _NoGlobalState:
    """JAX has none: its random numbers come from keys."""

    def restore(self) -> None:
        pass

    def reseed(self, seed: int) -> None:
        pass


_BACKENDS: dict[str, type[_TensorFlow | _Torch | _NoGlobalState]] = {
    "tensorflow": _TensorFlow,
    "torch": _Torch,
    "jax": _NoGlobalState,
    "numpy": _NoGlobalState,
    "openvino": _NoGlobalState,
}
