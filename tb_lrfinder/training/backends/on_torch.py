"""PyTorch: a module is in training mode or in evaluation mode, and its random numbers are global."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_lrfinder.training.backends.base import Backend, RandomState


class TorchBackend(Backend):
    # On PyTorch, `catch_stop_iteration` surrounds only the drawing of a batch, not the train step.
    watched_calls = ("train_function",)

    def attributes(self, layer: Any) -> Mapping[str, Any]:
        """A module keeps the modules in it apart."""
        return {**vars(layer), **layer._modules}

    def after_validation(self, model: Any) -> None:
        """`evaluate` leaves the module in evaluation mode, and `fit` sets training mode once per epoch only."""
        super().after_validation(model)
        model.train()

    def random_state(self) -> RandomState:
        return _TorchRandomState()


class _TorchRandomState(RandomState):
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
