"""PyTorch: a module is in training mode or in evaluation mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_lrfinder.training.backends.base import Backend


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
