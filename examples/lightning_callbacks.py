"""A range test inside Lightning's `fit`, and the record of a training: two callbacks to copy.

Run `python -m examples.lightning_callbacks`; `--small` to see it run.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything
from torch.utils.data import DataLoader

from examples.pytorch import build_model, load_data
from tb_lrfinder import RangeTest, ScheduleWriter

SMALL = {"epochs": 2, "num_steps": 120}


class RangeTestCallback(Callback):
    """Makes a range test of one `fit`, which it ends when the loss diverges; afterwards `test` has the result.

    Module, optimizers, gradient scaler and random numbers are restored, also after an exception; schedulers rest meanwhile,
    except where manual optimization steps them. What belongs to the Trainer is not restored: its counts of steps and
    epochs, its loggers and checkpoints, its other callbacks. Give the test a Trainer of its own, without them and with steps
    enough:

        Trainer(max_steps=300, logger=False, enable_checkpointing=False, callbacks=[RangeTestCallback("logs/lr")])

    Args:
        log_dir: As in `RangeTest`.
        **settings: As in `RangeTest`; with `repeats` and `confirm`, each training goes on in the data where the last ended.
    """

    def __init__(self, log_dir: str | Path, **settings: Any) -> None:
        self.log_dir, self.settings = log_dir, settings
        self.stack = ExitStack()

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Before the data loader draws its order.
        configs = trainer.lr_scheduler_configs
        restore = [pl_module, trainer.precision_plugin, *(config.scheduler for config in configs)]
        self.test = RangeTest(self.log_dir, restore=restore, optimizer=trainer.optimizers, **self.settings)
        self.rates = iter(self.stack.enter_context(self.test))
        if pl_module.automatic_optimization:
            # The test sets the rates; a scheduler may change the momentum besides.
            trainer.strategy.lr_scheduler_configs = []
            self.stack.callback(setattr, trainer.strategy, "lr_scheduler_configs", configs)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        next(self.rates)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, outputs: Any, *_: Any) -> None:
        # Lightning has divided it.
        self.test.report(outputs["loss"] * trainer.accumulate_grad_batches)
        # Now already: a batch that has begun cannot be called off.
        if next(self.rates, None) is None:
            trainer.should_stop = True

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.stack.close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self.stack.__exit__(type(exception), exception, exception.__traceback__)


class ScheduleCallback(Callback):
    """Records the rate and the loss of each update that a training makes, whatever sets the rate.

    Of several optimizers, the first one. An update that a gradient scaler skips counts as one.

    Args:
        log_dir: As in `ScheduleWriter`.
        **settings: As in `ScheduleWriter`.
    """

    def __init__(self, log_dir: str | Path, **settings: Any) -> None:
        self.log_dir, self.settings = log_dir, settings
        self.stack = ExitStack()
        self.losses: list[torch.Tensor] = []

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        driver = next((config.scheduler for config in trainer.lr_scheduler_configs), None)
        self.optimizer, self.updates = trainer.optimizers[0], trainer.global_step
        settings = {"driver": driver, "first_step": self.updates, **self.settings}
        writer = ScheduleWriter(self.log_dir, optimizer=self.optimizer, **settings)
        self.writer = self.stack.enter_context(writer)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        # Lightning has divided it.
        self.losses.append(outputs["loss"] * trainer.accumulate_grad_batches)
        if trainer.global_step > self.updates:
            epoch = trainer.current_epoch + (batch_idx + 1) / trainer.num_training_batches
            self.writer.record(self.optimizer, loss=torch.stack(self.losses).mean(), epoch=epoch)
            self.updates = trainer.global_step
            self.losses.clear()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.stack.close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self.stack.__exit__(type(exception), exception, exception.__traceback__)


class Digits(LightningModule):
    """A small network for digits, trained with a rate that falls as a cosine."""

    def __init__(self, learning_rate: float = 0.01) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.model = build_model()

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        images, digits = batch
        return torch.nn.functional.cross_entropy(self.model(images), digits)

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.Adam(self.parameters(), self.learning_rate)
        steps = self.trainer.estimated_stepping_batches
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=int(steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def main(log_dir: str | Path, epochs: int = 10, num_steps: int = 300) -> float:
    """Returns the rate that the range test suggests, which the training begins with."""
    seed_everything(0, verbose=False)
    module, loader = Digits(), DataLoader(load_data(), batch_size=32, shuffle=True)
    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }

    callback = RangeTestCallback(Path(log_dir) / "range_test", num_steps=num_steps, batch_size=32)
    Trainer(max_steps=num_steps, callbacks=[callback], **quiet).fit(module, loader)
    rate = callback.test.suggestion.learning_rate
    if rate is None:
        raise SystemExit(callback.test.suggestion.reason)

    module.learning_rate = rate
    recorder = ScheduleCallback(Path(log_dir) / "training", batch_size=32)
    Trainer(max_epochs=epochs, callbacks=[recorder], **quiet).fit(module, loader)
    return rate


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A range test and a record of a training in Lightning.")
    parser.add_argument("--log-dir", default="logs/loops/lightning")
    parser.add_argument("--small", action="store_true", help="few steps, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, **(SMALL if arguments.small else {})))
