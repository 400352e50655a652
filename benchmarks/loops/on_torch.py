"""A loop of PyTorch, small or realistic, written in several ways."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.loops.turns import Loop
from tb_lrfinder import RangeTest

BATCH_SIZE = 32
# Rates at which nothing overflows, whatever the number of steps.
START_LR, END_LR = 1e-7, 1e-3


class Training:
    """A model, its optimizer and its training step."""

    def __init__(self, make: Any) -> None:
        torch.manual_seed(0)
        self.model = make()
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=START_LR, momentum=0.9)

    def step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss


def dense() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))


def convolutional() -> nn.Module:
    """Three convolutions with normalisation, on pictures of 16 by 16 pixels."""
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128, 10))


SIZES = {"small, dense": (dense, (64,)), "convolutional": (convolutional, (3, 16, 16))}


def batches_of(shape: tuple[int, ...]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    draws = torch.Generator().manual_seed(0)
    inputs = torch.randn((16, BATCH_SIZE, *shape), generator=draws)
    labels = torch.randint(0, 10, (16, BATCH_SIZE), generator=draws)
    return list(zip(inputs, labels, strict=True))


def loops_of(make: Any, log_dir: str) -> dict[str, Loop]:
    """The same training in several ways, by name; the first is what the others are compared with."""

    def a_list(batches: Iterator[Any], num_steps: int) -> None:
        training, losses = Training(make), []
        for x, y in batches:
            losses.append(training.step(x, y).item())

    def rates_by_hand(batches: Iterator[Any], num_steps: int) -> None:
        training, losses = Training(make), []
        rates = np.geomspace(START_LR, END_LR, num_steps).tolist()
        for rate, (x, y) in zip(rates, batches, strict=False):
            for group in training.optimizer.param_groups:
                group["lr"] = rate
            losses.append(training.step(x, y).item())

    def range_test(log_dir: str | None) -> Loop:
        def loop(batches: Iterator[Any], num_steps: int) -> None:
            training = Training(make)
            with RangeTest(
                log_dir,
                START_LR,
                END_LR,
                num_steps,
                divergence_factor=None,
                verbose=0,
                restore=training.model,
                optimizer=training.optimizer,
            ) as test:
                for x, y in test.batches(batches):
                    test.report(training.step(x, y))

        return loop

    return {
        "a list of losses": a_list,
        "the list, rates set by hand": rates_by_hand,
        "RangeTest": range_test(None),
        "RangeTest with a log directory": range_test(log_dir),
    }


def with_torch_lr_finder(make: Any) -> Loop:
    """The range test of torch-lr-finder, which makes the training step itself.

    Raises:
        ModuleNotFoundError: If it is not installed.
    """
    from torch_lr_finder import LRFinder, TrainDataLoaderIter  # pyright: ignore[reportMissingImports]

    class Given(TrainDataLoaderIter):
        """Batches that are there already, in place of a loader."""

        def __init__(self, batches: Iterator[Any]) -> None:
            self.batches = batches

        def __next__(self) -> Any:
            return next(self.batches)

    def loop(batches: Iterator[Any], num_steps: int) -> None:
        training = Training(make)
        finder = LRFinder(training.model, training.optimizer, training.criterion)
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            finder.range_test(Given(batches), end_lr=END_LR, num_iter=num_steps, diverge_th=10**9)
        finder.reset()

    return loop
