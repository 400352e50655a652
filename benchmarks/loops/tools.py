"""Range tests of PyTorch, each run as its documentation says, with the defaults of its tool."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from tb_lrfinder import RangeTest

START_LR, END_LR = 1e-7, 10.0
# How many rates the other tools try by default.
THEIR_STEPS = 100


@dataclass(eq=False)
class Training:
    """What somebody trains. `loader` has a batch for every step of a test.

    Attributes:
        loss_of: The loss of outputs and labels.
        called: Name of the optimizer that is suggested for, where another one stands for it.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    loss_of: Callable[[Any, Any], torch.Tensor]
    loader: DataLoader[Any]
    scheduler: Any = None
    called: str | None = None

    def step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.optimizer.zero_grad()
        loss = self.loss_of(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    @property
    def stateful(self) -> dict[str, Any]:
        """By name, what can say its state."""
        parts = {"model": self.model, "optimizer": self.optimizer, "scheduler": self.scheduler}
        return {name: part for name, part in parts.items() if part is not None}


# Runs a test, undoes it as the tool does, and gives the suggested rate, if there is one.
Tool = Callable[[Training], "float | None"]


def range_test(training: Training, num_steps: int = 300) -> float | None:
    with RangeTest(
        None,
        START_LR,
        END_LR,
        num_steps,
        verbose=0,
        restore=list(training.stateful.values()),
        optimizer=training.called or training.optimizer,
    ) as test:
        for x, y in test.batches(training.loader):
            test.report(training.step(x, y))
    return test.suggestion.learning_rate


def torch_lr_finder(training: Training) -> float | None:
    from matplotlib.figure import Figure
    from torch_lr_finder import LRFinder  # pyright: ignore[reportMissingImports]

    finder = LRFinder(training.model, training.optimizer, training.loss_of)
    finder.range_test(training.loader, start_lr=START_LR, end_lr=END_LR, num_iter=THEIR_STEPS)
    try:
        _, suggested = finder.plot(ax=Figure().subplots())
    except (RuntimeError, ValueError):  # too few losses are left
        suggested = None
    finder.reset()
    return suggested


def ignite(training: Training) -> float | None:
    from ignite.engine import Engine  # pyright: ignore[reportMissingImports]
    from ignite.handlers import FastaiLRFinder  # pyright: ignore[reportMissingImports]

    def step(engine: Any, batch: Any) -> float:
        return training.step(*batch).item()

    trainer, finder = Engine(step), FastaiLRFinder()
    with finder.attach(
        trainer, training.stateful, num_iter=THEIR_STEPS, start_lr=START_LR, end_lr=END_LR
    ) as with_finder:
        with_finder.run(training.loader)
    with contextlib.suppress(RuntimeError):  # the lowest loss is among the first three
        return float(finder.lr_suggestion())
    return None


def fastai(training: Training) -> float | None:
    from fastai.callback.schedule import Learner  # pyright: ignore[reportMissingImports]
    from fastai.data.core import DataLoaders  # pyright: ignore[reportMissingImports]
    from fastai.optimizer import OptimWrapper  # pyright: ignore[reportMissingImports]

    with tempfile.TemporaryDirectory() as folder:
        learner = Learner(
            DataLoaders(training.loader, training.loader),
            training.model,
            loss_func=training.loss_of,
            opt_func=lambda params, **_: OptimWrapper(opt=training.optimizer),
            lr=training.optimizer.param_groups[0]["lr"],
            path=folder,
        )
        try:
            with learner.no_bar():
                return float(learner.lr_find(START_LR, END_LR, THEIR_STEPS, show_plot=False).valley)
        except (IndexError, RuntimeError):  # too few losses are left
            return None


def lightning(training: Training) -> float | None:
    from lightning.pytorch import LightningModule, Trainer  # pyright: ignore[reportMissingImports]
    from lightning.pytorch.tuner import Tuner  # pyright: ignore[reportMissingImports]

    class Module(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model, self.lr = training.model, training.optimizer.param_groups[0]["lr"]

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            x, y = batch
            return training.loss_of(self.model(x), y)

        def configure_optimizers(self) -> Any:
            if training.scheduler is None:
                return training.optimizer
            return [training.optimizer], [training.scheduler]

    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            accelerator="cpu",
            default_root_dir=folder,
            max_epochs=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        found = Tuner(trainer).lr_find(
            Module(), training.loader, min_lr=START_LR, max_lr=END_LR, num_training=THEIR_STEPS, update_attr=False
        )
        return None if found is None else found.suggestion()


# By name, with the module that must be installed.
PEERS: dict[str, tuple[Tool, str]] = {
    "torch-lr-finder": (torch_lr_finder, "torch_lr_finder"),
    "ignite": (ignite, "ignite"),
    "fastai": (fastai, "fastai"),
    "Lightning": (lightning, "lightning"),
}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what the tools print, log and warn of."""
    logging.getLogger("lightning.pytorch").setLevel(logging.CRITICAL)
    nowhere = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        warnings.simplefilter("ignore")
        yield
