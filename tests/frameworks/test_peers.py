"""`import_curve` beside the real finders: the losses that each of them was given come out of what it kept of them.

Runs where the libraries are installed, which the ordinary environment does not have.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import numpy as np
import pytest

from tb_lrfinder import import_curve

torch = pytest.importorskip("torch")

NUM_STEPS, END_LR = 120, 3.0
# What the libraries warn of themselves is theirs.
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.filterwarnings("error:.*moving average:UserWarning"),
]


class Task:
    """A small network on generated data, whose loss keeps what it was and at which rate."""

    def __init__(self, dtype: Any = torch.float32) -> None:
        torch.manual_seed(0)
        inputs = torch.randn(320, 20, dtype=dtype)
        targets = (inputs[:, 0] + 0.3 * torch.randn(320, dtype=dtype) > 0).long()
        self.data = torch.utils.data.TensorDataset(inputs, targets)
        layers = (torch.nn.Linear(20, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
        self.model = torch.nn.Sequential(*layers).to(dtype)
        self.optimizer: Any = torch.optim.SGD(self.model.parameters(), lr=1e-6, momentum=0.9)
        self.losses: list[float] = []
        self.rates: list[float] = []

    @property
    def loader(self) -> Any:
        return torch.utils.data.DataLoader(self.data, 16, shuffle=True)

    def loss(self, outputs: Any, targets: Any) -> Any:
        loss = torch.nn.functional.cross_entropy(outputs, targets)
        self.losses.append(loss.item())
        self.rates.append(self.optimizer.param_groups[-1]["lr"])
        return loss

    def step(self, _: Any, batch: Any) -> float:
        self.optimizer.zero_grad()
        loss = self.loss(self.model(batch[0]), batch[1])
        loss.backward()
        self.optimizer.step()
        return loss.item()


def check(curve: Any, task: Task, tolerance: float, first: int = 0) -> None:
    """Compares a curve with the steps of a task from the first one on."""
    np.testing.assert_allclose(curve.learning_rates, task.rates[first:], rtol=1e-12)
    np.testing.assert_allclose(curve.values, task.losses[first:], rtol=tolerance)


def by_torch_lr_finder(task: Task, **options: Any) -> Any:
    finder = pytest.importorskip("torch_lr_finder").LRFinder(task.model, task.optimizer, task.loss)
    finder.range_test(task.loader, end_lr=END_LR, num_iter=NUM_STEPS, **options)
    return finder


@pytest.mark.parametrize(
    "options", [{}, {"smooth_f": 0.2}, {"smooth_f": 0.0, "diverge_th": 20}, {"step_mode": "linear"}]
)
def test_torch_lr_finder(options):
    task = Task()
    curve = import_curve(by_torch_lr_finder(task, **options))
    assert curve.optimizer == "SGD, momentum 0.9"
    check(curve, task, 1e-11)


def test_torch_lr_finder_in_float64_needs_to_be_told():
    task = Task(torch.float64)
    finder = by_torch_lr_finder(task)
    with pytest.warns(UserWarning, match="Pass beta=0 if they are raw, or the weight"):
        import_curve(finder)
    check(import_curve(finder, beta=0.95), task, 1e-11)


@pytest.mark.parametrize(
    "options",
    [{}, {"smooth_f": 0.1}, {"smooth_f": 0.0}, {"step_mode": "linear", "start_lr": 1e-4}, {"end_lr": [1.0, END_LR]}],
)
def test_ignite(options):
    engine = pytest.importorskip("ignite.engine")
    finder = pytest.importorskip("ignite.handlers").FastaiLRFinder()
    task = Task()
    if "end_lr" in options:
        task.optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 1e-5})
    trainer = engine.Engine(task.step)
    states = {"model": task.model, "optimizer": task.optimizer}
    with finder.attach(trainer, states, num_iter=NUM_STEPS, **{"end_lr": END_LR, **options}) as test:
        test.run(task.loader)
    check(import_curve(finder), task, 1e-11, first=1)


@pytest.mark.parametrize("beta", [0.98, 0.9, 0.0])
@pytest.mark.parametrize("of", ["learner", "recorder"])
def test_fastai(tmp_path, beta, of):
    pytest.importorskip("fastai.callback.schedule")
    core, learner, optimizer = map(pytest.importorskip, ("fastai.data.core", "fastai.learner", "fastai.optimizer"))
    task = Task()
    data = core.DataLoaders(task.loader, task.loader)
    make = partial(optimizer.SGD, mom=0.9)
    learn = learner.Learner(data, task.model, loss_func=task.loss, opt_func=make, path=tmp_path)
    learn.create_opt()
    task.optimizer = learn.opt
    learn.recorder.smooth_loss.beta = beta
    with learn.no_bar():
        learn.lr_find(end_lr=END_LR, num_it=NUM_STEPS, show_plot=False)
    curve = import_curve(learn if of == "learner" else learn.recorder)
    assert curve.optimizer == "SGD, momentum 0.9"
    check(curve, task, 1e-3 if beta else 0.0)


# After a fit, Lightning takes the first loss for diverged unless it is told not to stop.
@pytest.mark.parametrize(
    ("options", "fitted"),
    [
        ({}, False),
        ({"mode": "linear"}, False),
        ({"early_stop_threshold": None}, False),
        ({"early_stop_threshold": None}, True),
    ],
)
def test_lightning(tmp_path, options, fitted):
    lightning = pytest.importorskip("lightning")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    task = Task()

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model, self.lr = task.model, 1e-3

        def training_step(self, batch: Any, _: int) -> Any:
            return task.loss(self.model(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            task.optimizer = torch.optim.SGD(self.parameters(), lr=self.lr, momentum=0.9)
            return task.optimizer

    quiet = dict.fromkeys(("logger", "enable_progress_bar", "enable_checkpointing", "enable_model_summary"), False)
    trainer = lightning.Trainer(max_steps=50 if fitted else -1, accelerator="cpu", default_root_dir=tmp_path, **quiet)
    module = Module()
    if fitted:
        trainer.fit(module, task.loader)
        trainer.fit_loop.max_epochs = -1
        task.losses.clear()
        task.rates.clear()
    tuner = pytest.importorskip("lightning.pytorch.tuner").Tuner(trainer)
    curve = import_curve(tuner.lr_find(module, task.loader, max_lr=END_LR, num_training=NUM_STEPS, **options))
    assert (curve.ending.num_steps, curve.ending.end_lr) == (NUM_STEPS, END_LR)
    check(curve, task, 1e-11)
