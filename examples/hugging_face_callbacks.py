"""A range test inside Hugging Face's `Trainer`, and the record of a training: two callbacks to copy.

Run `python -m examples.hugging_face_callbacks`; `--small` to see it run.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments

from examples.pytorch import build_model, load_data
from tb_lrfinder import RangeTest, ScheduleWriter

SMALL = {"epochs": 2, "num_steps": 120}


class Losses:
    """The losses that a model gives in training, until they are taken; what the Trainer logs of them is rounded."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._losses: list[torch.Tensor] = []
        self._is_divided = False
        self.hook = model.register_forward_hook(self._keep, with_kwargs=True)

    def _keep(self, model: torch.nn.Module, args: Any, kwargs: dict[str, Any], output: Any) -> None:
        if model.training:
            self._losses.append((output["loss"] if isinstance(output, dict) else output[0]).detach())
            # By all tokens of the update: then its batches give parts of one mean.
            self._is_divided = kwargs.get("num_items_in_batch") is not None

    def take(self) -> torch.Tensor:
        """The loss of one update, which may have had several batches."""
        losses, self._losses = torch.stack(self._losses), []
        return losses.sum() if self._is_divided else losses.mean()


class RangeTestCallback(TrainerCallback, ExitStack):
    """Makes a range test of one `train`, which it ends when the loss diverges; afterwards `test` has the result.

    The Trainer tells nobody of an exception, so the callback is a context manager:

        with RangeTestCallback("logs/lr") as callback:
            Trainer(model, arguments, train_dataset=data, callbacks=[callback]).train()

    Model, optimizer, scheduler, gradient scaler and random numbers are then as they were when the training began. What
    belongs to the Trainer is not: its state with the count of steps, what it has logged, evaluated and saved, its other
    callbacks. Give the test a Trainer of its own, with `max_steps` of at least `num_steps`, `save_strategy="no"` and
    `report_to="none"`.

    The loss is what the model returns; one that `label_smoothing_factor` or `compute_loss_func` makes of its outputs cannot
    be seen from here. A scheduler that changes the momentum goes on doing so.

    Args:
        log_dir: As in `RangeTest`.
        **settings: As in `RangeTest`; with `repeats` and `confirm`, each training goes on in the data where the last ended.
    """

    def __init__(self, log_dir: str | Path, **settings: Any) -> None:
        super().__init__()
        self.log_dir, self.settings = log_dir, settings

    def on_train_begin(self, args: Any, state: Any, control: Any, **training: Any) -> None:
        model, optimizer, scheduler = (training[name] for name in ("model", "optimizer", "lr_scheduler"))
        restore = [model, scheduler, *([optimizer.scaler] if optimizer.scaler else [])]
        self.test = RangeTest(self.log_dir, restore=restore, optimizer=optimizer, **self.settings)
        self.rates = iter(self.enter_context(self.test))
        next(self.rates)
        self.losses = Losses(model)
        self.callback(self.losses.hook.remove)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.test.report(self.losses.take())
        # Now already: a step that has begun cannot be called off.
        if next(self.rates, None) is None:
            control.should_training_stop = True

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.close()


class ScheduleCallback(TrainerCallback, ExitStack):
    """Records the rate and the loss of each update of a training, whatever schedule it follows.

        with ScheduleCallback("logs/run") as callback:
            Trainer(model, arguments, train_dataset=data, callbacks=[callback]).train()

    Args:
        log_dir: As in `ScheduleWriter`.
        **settings: As in `ScheduleWriter`.
    """

    def __init__(self, log_dir: str | Path, **settings: Any) -> None:
        super().__init__()
        self.log_dir, self.settings = log_dir, settings

    def on_train_begin(self, args: Any, state: Any, control: Any, **training: Any) -> None:
        model, optimizer, scheduler = (training[name] for name in ("model", "optimizer", "lr_scheduler"))
        settings = {"driver": scheduler, "first_step": state.global_step, **self.settings}
        self.writer = self.enter_context(ScheduleWriter(self.log_dir, optimizer=optimizer, **settings))
        self.losses = Losses(model)
        self.callback(self.losses.hook.remove)

    def on_step_end(self, args: Any, state: Any, control: Any, optimizer: Any = None, **_: Any) -> None:
        loss = self.losses.take()
        if not optimizer.step_was_skipped:  # by a gradient scaler
            self.writer.record(optimizer, loss=loss, epoch=state.epoch)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.close()


class Digits(torch.nn.Module):
    """A small network for digits, which computes its loss itself, as the models of `transformers` do."""

    def __init__(self) -> None:
        super().__init__()
        self.model = build_model()

    def forward(self, images: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        outputs = self.model(images)
        return {"loss": torch.nn.functional.cross_entropy(outputs, labels), "logits": outputs}


def main(log_dir: str | Path, epochs: int = 10, num_steps: int = 300) -> float:
    """Returns the rate that the range test suggests, from which the training falls after its warm-up."""
    data = [{"images": images, "labels": digit} for images, digit in load_data()]
    torch.manual_seed(0)
    model = Digits()

    def trainer(callback: TrainerCallback, **settings: Any) -> Trainer:
        quiet = {"report_to": "none", "save_strategy": "no", "logging_strategy": "no", "disable_tqdm": True}
        arguments = TrainingArguments(unused, per_device_train_batch_size=32, **quiet, **settings)
        return Trainer(model, arguments, train_dataset=data, callbacks=[callback])

    with tempfile.TemporaryDirectory() as unused:
        with RangeTestCallback(Path(log_dir) / "range_test", num_steps=num_steps, batch_size=32) as callback:
            trainer(callback, max_steps=num_steps).train()
        rate = callback.test.suggestion.learning_rate
        if rate is None:
            raise SystemExit(callback.test.suggestion.reason)

        with ScheduleCallback(Path(log_dir) / "training", driver="linear", batch_size=32) as recorder:
            trainer(recorder, num_train_epochs=epochs, learning_rate=rate, warmup_steps=50).train()
    return rate


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A range test and a record of a training in Hugging Face's Trainer.")
    parser.add_argument("--log-dir", default="logs/loops/hugging_face")
    parser.add_argument("--small", action="store_true", help="few steps, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, **(SMALL if arguments.small else {})))
