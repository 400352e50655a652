"""The callbacks for Lightning in the real `fit`."""

# Only `make frameworks` installs them.
# pyright: reportMissingImports=false
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import pytest
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.plugins import MixedPrecision
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from examples import lightning_callbacks
from examples.lightning_callbacks import RangeTestCallback, ScheduleCallback
from tests.support.recorded import recorded

SWEEP: dict[str, Any] = {"start_lr": 1e-4, "end_lr": 1e-1, "num_steps": 20, "verbose": 0}
QUIET: dict[str, Any] = {
    "accelerator": "cpu",
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
}
BATCHES = 7  # of an epoch; the last one is smaller


class Module(LightningModule):
    """Draws random numbers, keeps running statistics, and notes what each update used.

    Attributes:
        losses: The loss of each batch.
        used: Rate and momentum of each update.
    """

    def __init__(self, fails_at: int | None = None, error: type[BaseException] = RuntimeError) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(8, 16),
            torch.nn.BatchNorm1d(16),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Linear(16, 3),
        )
        self.fails_at, self.error = fails_at, error
        self.losses: list[float] = []
        self.used: list[tuple[float, float]] = []

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        x, y = batch
        loss = functional.cross_entropy(self.layers(x), y)
        self.losses.append(loss.item())
        if len(self.losses) == self.fails_at:
            raise self.error("The batch is broken.")
        return loss

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), 0.05, momentum=0.9)
        optimizer.register_step_pre_hook(self.note)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=100)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def note(self, optimizer: Any, *_: Any) -> None:
        (group,) = optimizer.param_groups
        self.used.append((group["lr"], group["momentum"]))


class Alternating(Module):
    """Manual optimization of two halves in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        loss = None
        for optimizer in self.optimizers():
            loss = super().training_step(batch, batch_idx)
            optimizer.zero_grad()
            self.manual_backward(loss)
            optimizer.step()
        return loss

    def configure_optimizers(self) -> Any:
        halves = self.layers[:2].parameters(), self.layers[2:].parameters()
        optimizers = [torch.optim.SGD(half, 0.05, momentum=0.9) for half in halves]
        for optimizer in optimizers:
            optimizer.register_step_pre_hook(self.note)
        return optimizers


def data() -> DataLoader:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(16 * BATCHES - 5, 8, generator=generator)
    return DataLoader(TensorDataset(x, x[:, :3].argmax(dim=1)), batch_size=16, shuffle=True)


def seeded(kind: type[Module] = Module, **settings: Any) -> Module:
    lightning.seed_everything(0, verbose=False)
    return kind(**settings)


def fit(module: Module, callback: Any = None, **settings: Any) -> Trainer:
    trainer = Trainer(**{**QUIET, "max_epochs": 2, "callbacks": callback, **settings})
    trainer.fit(module, data())
    return trainer


def state_of(module: Module) -> dict[str, Any]:
    """All that a training changes, and the random numbers."""
    return {**{name: one.clone() for name, one in module.state_dict().items()}, "random": torch.get_rng_state()}


def assert_same(state: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert state.keys() == expected.keys()
    for name, one in expected.items():
        assert torch.equal(state[name], one), name


def means(losses: list[float], accumulated: int) -> list[float]:
    """The mean loss of each update; Lightning makes one at the end of an epoch, too."""
    epochs = [losses[first : first + BATCHES] for first in range(0, len(losses), BATCHES)]
    chunks = [epoch[first : first + accumulated] for epoch in epochs for first in range(0, len(epoch), accumulated)]
    return [float(np.mean(chunk)) for chunk in chunks]


@pytest.mark.parametrize("accumulated", [1, 3])
@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_rates_and_losses_of_a_range_test_are_those_of_the_training(tmp_path, accumulated, precision):
    module = seeded()
    callback = RangeTestCallback(tmp_path, **SWEEP)
    fit(module, callback, max_epochs=-1, accumulate_grad_batches=accumulated, precision=precision)
    history = callback.test.history
    rates, momenta = zip(*module.used, strict=True)
    np.testing.assert_array_equal(history["learning_rate"], rates)
    np.testing.assert_allclose(rates, np.geomspace(1e-4, 1e-1, 20), rtol=1e-12)
    assert set(momenta) == {0.95}  # where OneCycleLR begins: it takes no step
    np.testing.assert_allclose(history["loss"], means(module.losses, accumulated), rtol=1e-6)
    assert callback.test.stop_reason == "completed"
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.optimizer, trace.header.status) == ("SGD, momentum 0.95", "finished")
    np.testing.assert_array_equal(columns["loss"], history["loss"])


def half_precision() -> MixedPrecision:
    """As on an accelerator, with a scale so high that the first updates are skipped."""
    return MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=2.0**20))


def test_a_rate_stays_while_a_gradient_scaler_skips_updates(tmp_path):
    module, scaling = seeded(), half_precision()
    callback = RangeTestCallback(tmp_path, **SWEEP)
    fit(module, callback, max_epochs=-1, plugins=[scaling])
    skipped = len(module.losses) - 20
    assert skipped > 0
    history = callback.test.history
    np.testing.assert_array_equal(history["learning_rate"], [rate for rate, _ in module.used])
    expected = [np.mean(module.losses[: skipped + 1]), *module.losses[skipped + 1 :]]
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-6)
    assert scaling.scaler is not None
    assert scaling.scaler.get_scale() == 2.0**20


def test_in_half_precision_the_recorded_losses_are_not_scaled(tmp_path):
    module = seeded()
    fit(module, ScheduleCallback(tmp_path), plugins=[half_precision()])
    _, (columns,) = recorded(tmp_path)
    np.testing.assert_allclose(columns["loss"], module.losses, rtol=1e-6)


def test_a_training_after_a_range_test_is_as_if_there_had_been_none(tmp_path):
    alone = seeded()
    fit(alone)
    module = seeded()
    before = state_of(module)
    fit(module, RangeTestCallback(tmp_path, **SWEEP), max_epochs=-1)
    assert_same(state_of(module), before)
    assert all(parameter.grad is None for parameter in module.parameters())
    module.losses.clear()
    module.used.clear()
    fit(module)
    assert module.losses == alone.losses
    assert module.used == alone.used
    assert_same(state_of(module), state_of(alone) | {"random": torch.get_rng_state()})


def test_optimizers_and_schedulers_are_restored(tmp_path):
    trainer = fit(seeded(), RangeTestCallback(tmp_path, **SWEEP), max_epochs=-1)
    (optimizer,), (config,) = trainer.optimizers, trainer.lr_scheduler_configs
    assert not optimizer.state
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1 / 25)  # where OneCycleLR begins
    assert config.scheduler.last_epoch == 0


def test_a_loss_that_diverges_ends_the_fit_with_its_batch(tmp_path):
    module = seeded()
    callback = RangeTestCallback(tmp_path, start_lr=1e-3, end_lr=1e4, num_steps=100, verbose=0)
    fit(module, callback, max_epochs=-1)
    assert callback.test.stop_reason == "diverged"
    assert len(module.losses) == len(module.used) == len(callback.test.curve) < 100


def test_a_fit_that_is_over_before_the_test_says_so(tmp_path):
    callback = RangeTestCallback(tmp_path, **SWEEP)
    fit(seeded(), callback, max_epochs=1)
    assert (callback.test.stop_reason, len(callback.test.curve)) == ("stopped", BATCHES)


@pytest.mark.parametrize(("error", "raised"), [(RuntimeError, RuntimeError), (KeyboardInterrupt, SystemExit)])
def test_an_exception_in_the_training_restores_everything_and_is_told(tmp_path, error, raised):
    module = seeded(fails_at=10, error=error)
    before = state_of(module)
    callback = RangeTestCallback(tmp_path, **SWEEP)
    with pytest.raises(raised):
        fit(module, callback, max_epochs=-1)
    assert_same(state_of(module), before)
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.status, len(columns["loss"])) == ("interrupted", 9)


def test_two_optimizers_get_one_rate(tmp_path):
    module = seeded(Alternating)
    callback = RangeTestCallback(tmp_path, **SWEEP)
    fit(module, callback, max_epochs=-1)
    rates = [rate for rate, _ in module.used]
    np.testing.assert_array_equal(np.repeat(callback.test.history["learning_rate"], 2), rates)
    np.testing.assert_array_equal(callback.test.history["loss"], module.losses[1::2])


def test_repeats_begin_from_the_same_start(tmp_path):
    module = seeded()
    callback = RangeTestCallback(tmp_path, **SWEEP, repeats=2)
    fit(module, callback, max_epochs=-1)
    rates = [rate for rate, _ in module.used]
    np.testing.assert_array_equal(rates[:20], rates[20:])
    np.testing.assert_allclose(
        callback.test.history["loss"], np.reshape(module.losses, (2, 20)).mean(axis=0), rtol=1e-6
    )


@pytest.mark.parametrize("accumulated", [1, 3])
def test_a_recorded_schedule_is_that_of_the_scheduler(tmp_path, accumulated):
    module = seeded()
    fit(module, ScheduleCallback(tmp_path), accumulate_grad_batches=accumulated)
    (trace,), (columns,) = recorded(tmp_path)
    updates = 2 * -(-BATCHES // accumulated)
    (group,) = (optimizer := torch.optim.SGD([torch.zeros(1)], 0.05, momentum=0.9)).param_groups
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=100)
    expected = []
    for _ in range(updates):
        expected.append((group["lr"], group["momentum"]))
        optimizer.step()
        scheduler.step()
    assert module.used == expected
    rates, momenta = zip(*expected, strict=True)
    np.testing.assert_array_equal(columns["learning_rate"], rates)
    np.testing.assert_array_equal(columns["momentum"], momenta)
    np.testing.assert_allclose(columns["loss"], means(module.losses, accumulated), rtol=1e-6)
    ends = np.minimum(np.arange(1, updates // 2 + 1) * accumulated, BATCHES) / BATCHES
    np.testing.assert_allclose(columns["epoch"], [*ends, *(1 + ends)])
    assert trace.header is not None
    assert (trace.header.driver, trace.header.status) == ("OneCycleLR", "finished")


def test_a_recorded_training_is_as_if_it_were_not(tmp_path):
    alone, module = seeded(), None
    fit(alone)
    state = state_of(alone)
    module = seeded()
    fit(module, ScheduleCallback(tmp_path))
    assert module.losses == alone.losses
    assert_same(state_of(module), state)


def test_an_exception_ends_a_record_as_interrupted(tmp_path):
    with pytest.raises(RuntimeError, match="broken"):
        fit(seeded(fails_at=10), ScheduleCallback(tmp_path))
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.status, int(columns["step"][-1])) == ("interrupted", 8)


def test_the_example_runs(tmp_path):
    rate = lightning_callbacks.main(tmp_path, **lightning_callbacks.SMALL)
    assert 1e-3 < rate < 1e-1
    traces, tables = recorded(tmp_path)
    assert [trace.run for trace in traces] == ["range_test", "training"]
    assert tables[1]["learning_rate"][0] == pytest.approx(rate)
    assert sorted(path.name for path in Path(tmp_path).iterdir()) == ["range_test", "training"]
