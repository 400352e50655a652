"""PyTorch: a module is in training mode or in evaluation mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    def keep_fit(self, model: Any) -> Callable[[], None]:
        """Training mode, which `fit` sets for a whole epoch, and gradients, which a train step may add up over batches."""
        modes = [(module, module.training) for module in model.modules()]
        gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
        for parameter, _ in gradients:
            # Else those of the other fit would be added to them.
            parameter.grad = None

        def restore() -> None:
            for module, mode in modes:
                module.training = mode
            for parameter, gradient in gradients:
                parameter.grad = gradient

        return restore
