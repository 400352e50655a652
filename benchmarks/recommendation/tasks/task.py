"""What a task is: a model, its data, where its training starts, how long it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from numpy.typing import NDArray

Arrays = tuple[NDArray[Any], NDArray[Any]]
# Losses of the samples of a batch, from targets and predictions.
Loss = Callable[[Any, Any], Any]

OPTIMIZERS: dict[str, Callable[[], keras.Optimizer]] = {
    "SGD": lambda: keras.optimizers.SGD(),
    "SGD momentum": lambda: keras.optimizers.SGD(momentum=0.9),
    "Adam": lambda: keras.optimizers.Adam(),
    "AdamW": lambda: keras.optimizers.AdamW(),
    "RMSprop": lambda: keras.optimizers.RMSprop(),
    "Nadam": lambda: keras.optimizers.Nadam(),
    "Lion": lambda: keras.optimizers.Lion(),
    "Muon": lambda: keras.optimizers.Muon(),
}


@dataclass(frozen=True)
class Base:
    """A training before the task's own, with Adam: what a model is fine-tuned or continued from.

    Attributes:
        data: What the base was trained on; None for the task's own data.
        steps: How many batches of the task's size.
        new_head: The last layer starts anew.
        frozen: Only the last layer is trained from here on.
    """

    steps: int
    data: Callable[[], Arrays] | None = None
    learning_rate: float = 2e-3
    new_head: bool = False
    frozen: bool = False


@dataclass(frozen=True)
class Task:
    """A model, its data and how it is trained: `steps` batches of `batch_size`.

    Attributes:
        data: All samples; the first `count` are trained on, the others held out.
        count: A multiple of the batch size.
        loss: A name of Keras', or a function.
        steps: A multiple of ten.
        base: What was trained before; None for a fresh model.
        long: A second truth is recorded, ten times as long.
    """

    name: str
    data: Callable[[], Arrays]
    build: Callable[[], keras.Model]
    loss: str | Loss
    batch_size: int
    count: int
    steps: int = 640
    base: Base | None = None
    long: bool = False

    def __post_init__(self) -> None:
        if self.count % self.batch_size or self.steps % 10:
            raise ValueError(f"{self.name}: {self.count} samples, batches of {self.batch_size}, {self.steps} steps.")
