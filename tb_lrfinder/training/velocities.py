"""The velocity that an optimizer carries from step to step, brought from the rate of a training to that of a test.

Keras' SGD and RMSprop add up their steps, each multiplied by the rate of its time (PyTorch's SGD adds up gradients): a test
that begins a thousand times below the rate of a training would go on with that training's steps for a while, whatever its
own rate is, and read what comes of it as its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_lrfinder.loops.frameworks.on_keras import bring, velocities_of
from tb_lrfinder.training.backends import BACKEND


class Velocities:
    """The velocities of some optimizers, and the rate of each, as they are before a test.

    Args:
        holders: Optimizers that hold a learning rate; `BACKEND.bring_back` must have been called.
    """

    def __init__(self, holders: Sequence[Any]) -> None:
        rates = [float(np.asarray(keras.ops.convert_to_numpy(holder.learning_rate))) for holder in holders]
        # Without a rate, as where a warm-up begins, nothing has moved.
        self._found = [
            (variable, rate)
            for holder, rate in zip(holders, rates, strict=True)
            if rate > 0
            for variable in velocities_of(holder)
        ]

    @property
    def ids(self) -> set[int]:
        """The ids of the variables."""
        return {id(variable) for variable, _ in self._found}

    def bring_to(self, rate: float) -> None:
        """Makes them what they would be, had the same gradients been used with another rate."""
        for variable, before in self._found:
            for copy in BACKEND.copies(variable):
                bring(copy, rate / before)
