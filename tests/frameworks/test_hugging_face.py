"""The callbacks for Hugging Face's `Trainer` in real trainings."""

# Only `make frameworks` installs them.
# pyright: reportMissingImports=false
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

from examples import hugging_face_callbacks
from examples.hugging_face_callbacks import RangeTestCallback, ScheduleCallback
from tests.support.recorded import recorded

SWEEP: dict[str, Any] = {"start_lr": 1e-5, "end_lr": 1e-2, "num_steps": 20, "verbose": 0}
QUIET: dict[str, Any] = {"report_to": "none", "save_strategy": "no", "logging_strategy": "no", "disable_tqdm": True}
BATCHES = 7  # of an epoch; the last one is smaller


class Model(torch.nn.Module):
    """Draws random numbers, keeps running statistics, computes its loss as the mean over a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(8, 16),
            torch.nn.BatchNorm1d(16),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Linear(16, 3),
        )

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        outputs = self.layers(x)
        return {"loss": functional.cross_entropy(outputs, labels), "logits": outputs}


class WatchedTrainer(Trainer):
    """Notices what its training did.

    Attributes:
        losses: The share of each batch in the loss of its update.
        used: The rate of each update.
    """

    def __init__(self, *arguments: Any, fails_at: int | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.fails_at = fails_at
        self.losses: list[float] = []
        self.used: list[float] = []

    def training_step(self, *arguments: Any, **named: Any) -> torch.Tensor:
        if len(self.losses) + 1 == self.fails_at:
            raise RuntimeError("The batch is broken.")
        loss = super().training_step(*arguments, **named)
        self.losses.append(loss.item())
        return loss

    def create_optimizer(self, *arguments: Any, **named: Any) -> Any:
        optimizer = super().create_optimizer(*arguments, **named)
        optimizer.register_step_pre_hook(lambda *_: self.used.append(optimizer.param_groups[0]["lr"]))
        return optimizer


def data() -> list[dict[str, torch.Tensor]]:
    x = torch.randn(16 * BATCHES - 5, 8, generator=torch.Generator().manual_seed(1))
    return [{"x": one, "labels": one[:3].argmax()} for one in x]


def texts() -> list[dict[str, torch.Tensor]]:
    """Tokens of which some are not to be learnt, more in some texts than in others."""
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(0, 20, (16 * BATCHES - 5, 12), generator=generator)
    return [
        {"input_ids": one, "labels": torch.where(torch.arange(12) < 3 + i % 9, one, -100)}
        for i, one in enumerate(tokens)
    ]


def seeded() -> Model:
    torch.manual_seed(0)
    return Model()


def trainer(
    model: Any,
    *callbacks: Any,
    samples: Any = None,
    evaluated: Any = None,
    fails_at: int | None = None,
    **settings: Any,
) -> WatchedTrainer:
    defaults = {"per_device_train_batch_size": 16, "num_train_epochs": 2, "use_cpu": True, **QUIET}
    return WatchedTrainer(
        model,
        TrainingArguments("unused", **{**defaults, **settings}),
        train_dataset=samples or data(),
        eval_dataset=evaluated,
        callbacks=list(callbacks),
        fails_at=fails_at,
    )


def state_of(model: Model) -> dict[str, torch.Tensor]:
    return {name: one.clone() for name, one in model.state_dict().items()}


def assert_same(state: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert state.keys() == expected.keys()
    for name, one in expected.items():
        assert torch.equal(state[name], one), name


def sums(shares: list[float], accumulated: int) -> list[float]:
    """The loss of each update; an epoch ends with one, too."""
    epochs = [shares[first : first + BATCHES] for first in range(0, len(shares), BATCHES)]
    return [sum(epoch[first : first + accumulated]) for epoch in epochs for first in range(0, len(epoch), accumulated)]


@pytest.mark.parametrize("accumulated", [1, 3])
@pytest.mark.parametrize("bf16", [False, True])
def test_rates_and_losses_of_a_range_test_are_those_of_the_training(tmp_path, accumulated, bf16):
    with RangeTestCallback(tmp_path, **SWEEP) as callback:
        watched = trainer(seeded(), callback, max_steps=20, gradient_accumulation_steps=accumulated, bf16=bf16)
        watched.train()
    history = callback.test.history
    np.testing.assert_array_equal(history["learning_rate"], watched.used)
    np.testing.assert_allclose(watched.used, np.geomspace(1e-5, 1e-2, 20), rtol=1e-12)
    np.testing.assert_allclose(history["loss"], sums(watched.losses, accumulated), rtol=1e-5)
    assert callback.test.stop_reason == "completed"
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.optimizer, trace.header.status) == ("AdamW", "finished")
    np.testing.assert_array_equal(columns["loss"], history["loss"])


def test_losses_that_are_means_over_the_tokens_of_an_update_are_summed(tmp_path):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=20, hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, pad_token_id=0
    )
    with RangeTestCallback(tmp_path, **SWEEP) as callback:
        watched = trainer(
            LlamaForCausalLM(config), callback, samples=texts(), max_steps=20, gradient_accumulation_steps=3
        )
        watched.train()
    np.testing.assert_allclose(callback.test.history["loss"], sums(watched.losses, 3), rtol=1e-5)
    assert callback.test.history["loss"][0] == pytest.approx(np.log(20), rel=0.05)


def test_a_training_after_a_range_test_is_as_if_there_had_been_none(tmp_path):
    alone = trainer(seeded())
    alone.train()
    model = seeded()
    before = state_of(model)
    with RangeTestCallback(tmp_path, **SWEEP) as callback:
        trainer(model, callback, max_steps=20).train()
    assert_same(state_of(model), before)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not list(model._forward_hooks)
    watched = trainer(model)
    watched.train()
    assert (watched.losses, watched.used) == (alone.losses, alone.used)
    assert_same(state_of(model), state_of(alone.model))


def test_optimizer_scheduler_and_random_numbers_are_restored(tmp_path):
    states = []

    class Callback(RangeTestCallback):
        def on_train_begin(self, *arguments: Any, **named: Any) -> None:
            states.append(torch.get_rng_state())
            super().on_train_begin(*arguments, **named)

    with Callback(tmp_path, **SWEEP) as callback:
        watched = trainer(seeded(), callback, max_steps=20, learning_rate=0.003)
        watched.train()
    assert torch.equal(torch.get_rng_state(), states[0])
    assert not watched.optimizer.state
    assert watched.optimizer.param_groups[0]["lr"] == 0.003
    assert watched.lr_scheduler.last_epoch == 0


def test_a_loss_that_diverges_ends_the_training_with_its_batch(tmp_path):
    with RangeTestCallback(tmp_path, start_lr=1e-3, end_lr=1e4, num_steps=100, verbose=0) as callback:
        watched = trainer(seeded(), callback, max_steps=100)
        watched.train()
    assert callback.test.stop_reason == "diverged"
    assert len(watched.losses) == len(watched.used) == len(callback.test.curve) < 100


def test_an_evaluation_in_the_training_is_no_batch_of_it(tmp_path):
    with RangeTestCallback(tmp_path, **SWEEP) as callback:
        watched = trainer(seeded(), callback, max_steps=20, eval_strategy="steps", eval_steps=3, evaluated=data())
        watched.train()
    np.testing.assert_allclose(callback.test.history["loss"], watched.losses, rtol=1e-6)


def test_an_exception_in_the_training_restores_everything_and_is_told(tmp_path):
    model = seeded()
    before = state_of(model)
    with pytest.raises(RuntimeError, match="broken"), RangeTestCallback(tmp_path, **SWEEP) as callback:
        trainer(model, callback, max_steps=20, fails_at=10).train()
    assert_same(state_of(model), before)
    assert not list(model._forward_hooks)
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.status, len(columns["loss"])) == ("interrupted", 9)


@pytest.mark.parametrize("accumulated", [1, 3])
def test_a_recorded_schedule_is_that_of_the_scheduler(tmp_path, accumulated):
    with ScheduleCallback(tmp_path) as callback:
        settings = {"learning_rate": 0.01, "warmup_steps": 2, "gradient_accumulation_steps": accumulated}
        watched = trainer(seeded(), callback, **settings)
        watched.train()
    (trace,), (columns,) = recorded(tmp_path)
    updates = 2 * -(-BATCHES // accumulated)
    steps = np.arange(updates)
    expected = 0.01 * np.minimum(steps / 2, (updates - steps) / (updates - 2))
    np.testing.assert_allclose(columns["learning_rate"], expected, rtol=1e-12)
    np.testing.assert_array_equal(columns["learning_rate"], watched.used)
    np.testing.assert_allclose(columns["loss"], sums(watched.losses, accumulated), rtol=1e-5)
    ends = np.minimum(np.arange(1, updates // 2 + 1) * accumulated, BATCHES) / BATCHES
    np.testing.assert_allclose(columns["epoch"], [*ends, *(1 + ends)])
    assert set(columns["momentum"]) == {0.9}
    assert trace.header is not None
    assert (trace.header.driver, trace.header.status) == ("LambdaLR", "finished")


def test_a_recorded_training_is_as_if_it_were_not(tmp_path):
    alone = trainer(seeded())
    alone.train()
    with ScheduleCallback(tmp_path) as callback:
        watched = trainer(seeded(), callback)
        watched.train()
    assert watched.losses == alone.losses
    assert_same(state_of(watched.model), state_of(alone.model))


def test_an_exception_ends_a_record_as_interrupted(tmp_path):
    with pytest.raises(RuntimeError, match="broken"), ScheduleCallback(tmp_path) as callback:
        trainer(seeded(), callback, fails_at=10).train()
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.status, int(columns["step"][-1])) == ("interrupted", 8)


def test_the_example_runs(tmp_path):
    rate = hugging_face_callbacks.main(tmp_path, **hugging_face_callbacks.SMALL)
    assert 1e-3 < rate < 1e-1
    traces, tables = recorded(tmp_path)
    assert [trace.run for trace in traces] == ["range_test", "training"]
    assert tables[1]["learning_rate"].max() == pytest.approx(rate)
    assert sorted(path.name for path in Path(tmp_path).iterdir()) == ["range_test", "training"]
