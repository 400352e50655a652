"""A range test in plain PyTorch, then 1cycle up to the peak that it suggests, both in the LR Finder tab.

    python -m examples.pytorch

`train_step` is what one has anyway. The range test takes three lines around it (`with`, `for`, `test.report`), the record of
the training two (`with`, `writer.record`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

from tb_lrfinder import RangeTest, ScheduleWriter

SMALL = {"epochs": 2, "num_steps": 120}


def load_data() -> TensorDataset:
    """Images of digits, `[n, 64]` from 0 to 1, and which digit each is."""
    images, digits = load_digits(return_X_y=True)
    return TensorDataset(torch.tensor(images / 16, dtype=torch.float32), torch.tensor(digits))


def build_model() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))


def main(log_dir: str | Path, epochs: int = 10, num_steps: int = 300) -> dict[str, float]:
    """Returns the peak that the range test suggests, and the accuracy on the training data in the last epoch."""
    torch.manual_seed(0)
    loader = DataLoader(load_data(), batch_size=32, shuffle=True)
    model = build_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def train_step(images: torch.Tensor, digits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        outputs = model(images)
        loss = torch.nn.functional.cross_entropy(outputs, digits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach(), (outputs.argmax(dim=1) == digits).float().mean()

    run = Path(log_dir) / "range_test"
    with RangeTest(run, num_steps=num_steps, restore=model, optimizer=optimizer, batch_size=32) as test:
        for images, digits in test.batches(loader):
            loss, accuracy = train_step(images, digits)
            test.report(loss, accuracy=accuracy)

    peak = test.suggestion.one_cycle_peak
    if peak is None:
        raise SystemExit(test.suggestion.reason)

    accuracies = []
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, epochs=epochs, steps_per_epoch=len(loader))
    with ScheduleWriter(Path(log_dir) / "training", optimizer=optimizer, driver=scheduler, batch_size=32) as writer:
        for epoch in range(epochs):
            for batch, (images, digits) in enumerate(loader, start=1):
                loss, accuracy = train_step(images, digits)
                writer.record(optimizer, loss=loss, epoch=epoch + batch / len(loader))
                scheduler.step()
                accuracies.append(accuracy.item())
    return {"peak": peak, "accuracy": sum(accuracies[-len(loader) :]) / len(loader)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A range test and 1cycle in plain PyTorch.")
    parser.add_argument("--log-dir", default="logs/loops/pytorch")
    parser.add_argument("--small", action="store_true", help="few steps, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, **(SMALL if arguments.small else {})))
