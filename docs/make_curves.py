"""The curves of `read-the-curve.md`, and what became of trainings at other rates than the suggested one.

    python docs/make_curves.py

Trains small models of PyTorch on data that ship with scikit-learn, in a minute or two. Writes a picture for every shape into
`docs/curves/`, and the table of trainings into the page. Fails where a curve no longer has the shape that it stands for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_digits
from torch import nn

from tb_lrfinder import RangeTest, ShapeName, Suggestion
from tb_lrfinder.curves.picture import draw
from tb_lrfinder.numerals import rate as written

DOCS = Path(__file__).parent
PAGE = DOCS / "read-the-curve.md"
BEGIN, END = "<!-- trainings -->\n", "<!-- end of trainings -->"
FACTORS = (0.1, 1, 3, 10)
STEPS = 640
SEEDS = range(3)
Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass
class Data:
    """A data set in two parts, one of which is held out."""

    train: Batch
    held_out: Batch

    def batch(self, size: int, draws: torch.Generator) -> Batch:
        chosen = torch.randint(len(self.train[0]), (size,), generator=draws)
        return self.train[0][chosen], self.train[1][chosen]


def _split(x: Any, y: Any, dtype: torch.dtype) -> Data:
    order = np.random.default_rng(0).permutation(len(x))
    inputs, targets = torch.tensor(x[order], dtype=torch.float32), torch.tensor(y[order], dtype=dtype)
    cut = len(x) * 3 // 4
    return Data((inputs[:cut], targets[:cut]), (inputs[cut:], targets[cut:]))


@cache
def digits() -> Data:
    x, y = load_digits(return_X_y=True)
    return _split(x / 16, y, torch.int64)


@cache
def partly_wrong_digits() -> Data:
    """Three labels of ten are drawn anew, and stay so."""
    x, y = load_digits(return_X_y=True)
    draws = np.random.default_rng(1)
    return _split(x / 16, np.where(draws.random(len(y)) < 0.3, draws.integers(0, 10, len(y)), y), torch.int64)


@cache
def cells() -> Data:
    """Thirty measures of cells as they are, from thousandths to thousands, in two classes."""
    x, y = load_breast_cancer(return_X_y=True)
    return _split(x, y, torch.int64)


@cache
def cells_as_numbers() -> Data:
    x, y = load_breast_cancer(return_X_y=True)
    return _split(x, y[:, None], torch.float32)


def classifier() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def cell_classifier() -> nn.Module:
    return nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 2))


def line() -> nn.Module:
    return nn.Linear(30, 1)


def _momentum(weights: Any, rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(weights, rate, momentum=0.9)


def _adam(weights: Any, rate: float) -> torch.optim.Optimizer:
    return torch.optim.Adam(weights, rate)


def _sgd(weights: Any, rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(weights, rate)


@dataclass(frozen=True)
class Case:
    """A range test, and trainings at multiples of the rate that it suggests."""

    shape: ShapeName
    title: str
    data: Callable[[], Data] = digits
    model: Callable[[], nn.Module] = classifier
    loss: Callable[..., torch.Tensor] = nn.functional.cross_entropy
    optimizer: Callable[[Any, float], torch.optim.Optimizer] = _momentum
    batch_size: int = 32
    steps_before: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def file(self) -> str:
        return self.name or self.shape


CASES = (
    Case("good", "digits, SGD with momentum"),
    Case("good", "digits, Adam", optimizer=_adam, name="good_adam"),
    Case("short", "digits, rates to 0.03 alone", settings={"end_lr": 0.03}),
    Case("late", "digits, rates from 0.03 on", settings={"start_lr": 0.03}),
    Case("twice", "cells, inputs as they are", cells, cell_classifier),
    Case("trained", "digits, 640 steps at 0.03 before", steps_before=STEPS),
    Case("broke", "cells, squared error", cells_as_numbers, line, nn.functional.mse_loss, _sgd),
    Case("flat", "digits, rates to 1e-5 alone", settings={"end_lr": 1e-5}),
    Case("noise", "digits, three labels of ten drawn by lot, batches of 2", partly_wrong_digits, batch_size=2),
)


class Training:
    """A model with its optimizer, and what a step takes."""

    def __init__(self, case: Case, seed: int) -> None:
        torch.manual_seed(seed)
        self._case, self.model = case, case.model()
        self.optimizer = case.optimizer(self.model.parameters(), 0.03)
        self._draws = torch.Generator().manual_seed(seed)
        self.train(case.steps_before)

    def step(self) -> torch.Tensor:
        inputs, targets = self._case.data().batch(self._case.batch_size, self._draws)
        loss = self._case.loss(self.model(inputs), targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def train(self, steps: int, rate: float | None = None) -> None:
        if rate is not None:
            self.optimizer.param_groups[0]["lr"] = rate
        for _ in range(steps):
            self.step()

    def losses(self) -> tuple[float, float]:
        """Over all training data, and over those held out."""
        data = self._case.data()
        with torch.no_grad():
            train, held_out = (self._case.loss(self.model(x), y).item() for x, y in (data.train, data.held_out))
        return train, held_out


def sweep(case: Case, seed: int = 0) -> RangeTest:
    training = Training(case, seed)
    test = RangeTest(
        None, restore=training.model, optimizer=training.optimizer, total_steps=STEPS, verbose=0, **case.settings
    )
    with test:
        for _ in test:
            test.report(training.step())
    return test


def picture(test: RangeTest) -> str:
    """The curve on white, so that it can be read on pages of any colour."""
    found = test.suggestion
    svg = draw(test.curve, found.learning_rate, found.band, found.edge)
    return svg.replace("<title>", '<rect width="100%" height="100%" fill="#fff"/><title>', 1).replace(
        "<svg ", '<svg color="#24292f" font-family="sans-serif" ', 1
    )


def trained(case: Case, rate: float) -> tuple[float, float]:
    """Both losses after a training at a constant rate, the mean over some starts; infinite where one broke."""
    reached = []
    for seed in SEEDS:
        training = Training(case, seed)
        training.train(STEPS, rate)
        reached.append([loss if math.isfinite(loss) else math.inf for loss in training.losses()])
    return tuple(np.mean(reached, axis=0).tolist())


def row(case: Case, found: Suggestion) -> str:
    rate = found.learning_rate
    assert rate is not None
    cells = [f"{case.title} (*{case.shape}*)", written(rate), found.confidence.word if found.confidence else ""]
    reached = [trained(case, factor * rate) for factor in FACTORS]
    best = min(train for train, _ in reached)
    for train, held_out in reached:
        text = f"{_told(train)} / {_told(held_out)}"
        cells.append(f"**{text}**" if train == best else text)
    return f"| {' | '.join(cells)} |"


def _told(loss: float) -> str:
    return "broke" if loss > 1e6 else f"{loss:.3g}" if loss < 1000 else f"{loss:.0f}"


def main() -> None:
    # Models are too small for more.
    torch.set_num_threads(1)
    rows = []
    for case in CASES:
        test = sweep(case)
        found = test.suggestion
        shape = found.shape and found.shape.name
        print(f"{case.file}: {shape}, {found.learning_rate}, {found.confidence}. {test.stop_text} {found.advice}")
        if shape != case.shape:
            raise SystemExit(f"The curve of {case.title!r} is to be {case.shape!r}. It is {shape!r}.")
        (DOCS / "curves" / f"{case.file}.svg").write_text(picture(test), encoding="utf-8")
        if found.learning_rate is not None:
            rows.append(row(case, found))
            print(rows[-1])
    head = ["test (*shape*)", "suggested", "confidence", *(f"× {factor:g}" for factor in FACTORS)]
    lines = [f"| {' | '.join(head)} |", f"|---|---:|---|{'---:|' * len(FACTORS)}", *rows]
    table = "\n".join(lines)
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    PAGE.write_text(pattern.sub(f"{BEGIN}\n{table}\n\n{END}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
