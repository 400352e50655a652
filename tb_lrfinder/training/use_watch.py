"""`UseWatch`: notices that an optimizer that is swept makes no update."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import keras

from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.found_optimizers import optimizers_of
from tb_lrfinder.training.snapshot import ModelState
from tb_lrfinder.training.swept import Swept, listed

# An optimizer that somebody has chosen may wait for others: the generator of a GAN is trained once for so many updates of
# its critic (Arjovsky et al. 2017: 5, at times 100).
_PATIENCE = 100


class UseWatch:
    """Looks, after each call of the train step, whether every optimizer that is swept was used, until all were.

    An optimizer was used when one of its variables other than the rate has moved: its count of updates, or the scale of a
    `LossScaleOptimizer` that skips one. Where nothing has moved, not even a weight, the train step may still gather
    gradients.

    Args:
        model: The model in training.
        swept: The optimizers.
        state: The state of the model before the first call.
        changed: The ids of variables that were changed since, and tell nothing.
    """

    def __init__(self, model: keras.Model, swept: Swept, state: ModelState, changed: Set[int] = frozenset()) -> None:
        self._model = model
        self._swept = swept
        self._state = state
        self._changed = changed
        self._unused = list(swept.optimizers)
        self._calls = 0

    def end_call(self) -> bool:
        """Whether every optimizer was used, by the end of this call of the train step.

        Raises:
            ValueError: If one of them never will be.
        """
        if not self._unused:
            return True
        self._calls += 1
        BACKEND.bring_back(self._model)
        self._unused = [optimizer for optimizer in self._unused if not self._was_used(optimizer)]
        if self._unused and (self._calls >= _PATIENCE or (not self._swept.chosen and self._others_train())):
            raise self._refusal()
        return not self._unused

    def refusal(self) -> ValueError | None:
        """What to raise at the end of the fit, where an optimizer was not used in any call."""
        return self._refusal() if self._unused and self._calls else None

    def _was_used(self, optimizer: Any) -> bool:
        rates = {id(holder._learning_rate) for holder in self._swept.rate_holders}
        told = (variable for variable in optimizer.variables if id(variable) not in rates | self._changed)
        return self._state.has_changed(told)

    def _others_train(self) -> bool:
        return self._state.has_changed(self._model.trainable_variables) or any(
            map(self._was_used, self._swept.others.values())
        )

    def _refusal(self) -> ValueError:
        calls = "the first training step" if self._calls == 1 else f"{self._calls} training steps"
        return ValueError(
            f"`optimizer` must name an optimizer that the train step uses. Received: {self._swept.received}, which sweeps "
            f"{self._idle()}; in {calls} it made no update (its `iterations` did not move). {self._remedy()} The model is "
            "as it was."
        )

    def _idle(self) -> str:
        if not self._swept.chosen:
            return f"`model.optimizer` ({self._swept.title})"
        names = {id(one): name for name, one in optimizers_of(self._model).items()}
        return listed({names.get(id(one), str(one.name)): one for one in self._unused})

    def _remedy(self) -> str:
        others = self._swept.others
        used = {name: one for name, one in others.items() if self._was_used(one)} or others
        if not used:
            return "No other optimizer hangs on the model: pass the one that its train step uses, optimizer=..."
        return f"On the model hang {listed(others)}: pass optimizer={next(iter(used))!r}, or a list of them."
