"""The demo in PyTorch: a small CNN on real digits, a range test with each of two optimizers."""

from __future__ import annotations

from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

from tb_lrfinder import RangeTest

OPTIMIZERS = {
    "adam": lambda model: torch.optim.Adam(model.parameters()),
    "sgd_momentum": lambda model: torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9),
}


def build_model() -> torch.nn.Module:
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 3),
        torch.nn.ReLU(),
        torch.nn.Conv2d(32, 64, 3),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(64 * 4 * 4, 64),
        torch.nn.ReLU(),
        torch.nn.Linear(64, 10),
    )


def main(log_dir: str | Path, num_steps: int = 400) -> dict[str, RangeTest]:
    """Runs one range test per optimizer, each a run under `log_dir`; returns the tests by name."""
    images, labels = load_digits(return_X_y=True)
    data = TensorDataset(torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 8, 8) / 16, torch.tensor(labels))
    tests = {}
    for name, make_optimizer in OPTIMIZERS.items():
        torch.manual_seed(0)
        model = build_model()
        optimizer = make_optimizer(model)
        loader = DataLoader(data, batch_size=32, shuffle=True)
        run = Path(log_dir) / name
        with RangeTest(run, num_steps=num_steps, restore=model, optimizer=optimizer, batch_size=32) as test:
            for x, y in test.batches(loader):
                loss = torch.nn.functional.cross_entropy(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                test.report(loss.detach())
        tests[name] = test
    return tests
