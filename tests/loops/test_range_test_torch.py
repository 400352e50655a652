"""`RangeTest` in loops of PyTorch: rates really used, everything restored, accumulation, scaling, several processes."""

from __future__ import annotations

import copy
import json
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tb_lrfinder import RangeTest  # noqa: E402
from tb_lrfinder.loops.frameworks import rate_holder  # noqa: E402

INPUTS = torch.randn(256, 8, generator=torch.Generator().manual_seed(1))
LABELS = (INPUTS[:, :1] > 0).float()


class Loop:
    """A training as people write it: batch norm, dropout, shuffled data, an optimizer that has made some steps."""

    def __init__(self, make_optimizer=None) -> None:
        torch.manual_seed(0)
        self.model = torch.nn.Sequential(
            torch.nn.Linear(8, 16),
            torch.nn.BatchNorm1d(16),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.1),
            torch.nn.Linear(16, 1),
        )
        make = make_optimizer or (lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9))
        self.optimizer = make(self.model.parameters())
        self.loader = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(INPUTS, LABELS), batch_size=16, shuffle=True
        )
        self.rates: list[float] = []
        self.losses: list[float] = []

    def loss(self, x, y):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(self.model(x), y)
        self.losses.append(loss.item())
        return loss

    def train_step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.loss(x, y)
        loss.backward()
        self.rates.append(float(self.optimizer.param_groups[-1]["lr"]))
        self.optimizer.step()
        return loss

    def train(self, epochs=1):
        for _ in range(epochs):
            for x, y in self.loader:
                self.train_step(x, y)

    def state(self):
        tensors = [*self.model.state_dict().values(), *(one.grad for one in self.model.parameters())]
        slots = [
            value
            for values in self.optimizer.state.values()
            for value in values.values()
            if isinstance(value, torch.Tensor)
        ]
        return [None if one is None else one.detach().clone() for one in [*tensors, *slots, torch.get_rng_state()]]


def assert_same(one, other):
    assert len(one) == len(other)
    for first, second in zip(one, other, strict=True):
        assert (first is None and second is None) or torch.equal(first, second)


def quiet(loop, **options):
    arguments = {"start_lr": 1e-4, "end_lr": 1e2, "num_steps": 60, "verbose": 0, **options}
    return RangeTest(**{"restore": loop.model, "optimizer": loop.optimizer, **arguments})


def sweep(loop, **options):
    with quiet(loop, **options) as test:
        for x, y in test.batches(loop.loader):
            test.report(loop.train_step(x, y))
    return test


OPTIMIZERS = {
    "SGD": lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9),
    "Adam": lambda parameters: torch.optim.Adam(parameters, lr=0.01),
    "AdamW": lambda parameters: torch.optim.AdamW(
        parameters, lr=torch.tensor(0.01), amsgrad=True, capturable=False, foreach=False
    ),
    "Rprop": lambda parameters: torch.optim.Rprop(parameters, lr=0.01),
    "Adagrad": lambda parameters: torch.optim.Adagrad(parameters, lr=0.01, initial_accumulator_value=0.5),
}


@pytest.mark.parametrize("trained", [False, True], ids=["fresh", "trained"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_training_after_a_test_is_the_training_without_one(name, trained):
    tested, untouched = Loop(OPTIMIZERS[name]), Loop(OPTIMIZERS[name])
    for loop in (tested, untouched):
        torch.manual_seed(3)
        if trained:
            loop.train()
        if loop is tested:
            before, groups = loop.state(), copy.deepcopy(loop.optimizer.state_dict()["param_groups"])
            test = sweep(loop, repeats=2, confirm=2, confirm_steps=12)
            assert len(test.result.repeats) == 2
            assert_same(loop.state(), before)
            assert loop.optimizer.state_dict()["param_groups"] == groups
        loop.train(2)
    assert_same(tested.state(), untouched.state())


def test_the_rates_are_those_of_the_updates_and_the_losses_those_of_the_batches(tmp_path):
    loop = Loop()
    test = sweep(loop, log_dir=tmp_path)
    np.testing.assert_array_equal(test.history["learning_rate"], loop.rates)
    np.testing.assert_array_equal(test.history["loss"], loop.losses)
    assert test.curve.optimizer == "SGD, momentum 0.9"


def test_groups_keep_the_ratios_of_their_rates():
    def grouped(parameters):
        first, *others = parameters
        return torch.optim.Adam([{"params": [first], "lr": 0.001}, {"params": others}], lr=0.01)

    loop, seen = Loop(grouped), []
    with quiet(loop) as test:
        for x, y in test.batches(loop.loader):
            seen.append([group["lr"] for group in loop.optimizer.param_groups])
            test.report(loop.train_step(x, y))
    np.testing.assert_allclose([low / high for low, high in seen], 0.1)
    np.testing.assert_array_equal([high for _, high in seen], test.history["learning_rate"])
    assert [group["lr"] for group in loop.optimizer.param_groups] == [0.001, 0.01]


def test_a_rate_of_zero_at_the_start_of_a_warm_up_is_no_obstacle():
    loop = Loop()
    torch.optim.lr_scheduler.LambdaLR(loop.optimizer, lambda step: step / 10)
    assert loop.optimizer.param_groups[0]["lr"] == 0
    np.testing.assert_array_equal(sweep(loop).history["learning_rate"], loop.rates)
    assert loop.optimizer.param_groups[0]["lr"] == 0


def test_a_scheduler_in_the_loop_does_no_harm_and_goes_on_where_it_was():
    loop = Loop()
    scheduler = torch.optim.lr_scheduler.OneCycleLR(loop.optimizer, 0.5, total_steps=500)
    before = copy.deepcopy(scheduler.state_dict())
    with quiet(loop, restore=[loop.model, scheduler]) as test:
        for x, y in test.batches(loop.loader):
            test.report(loop.train_step(x, y))
            scheduler.step()
    np.testing.assert_array_equal(test.history["learning_rate"], loop.rates)
    assert scheduler.state_dict() == before


def test_whoever_sets_the_rate_before_an_update_is_told():
    def train():
        with quiet(loop) as test:
            for x, y in test.batches(loop.loader):
                loop.optimizer.param_groups[0]["lr"] = 0.05
                test.report(loop.train_step(x, y))

    loop = Loop()
    before = loop.state()
    with pytest.raises(
        RuntimeError, match="Nothing else may set the learning rate.*Received: 0.05 in SGD, momentum 0.9"
    ):
        train()
    assert_same(loop.state(), before)
    loop.train()  # no hook is left behind


def test_a_rate_stays_while_gradients_are_gathered():
    loop, given = Loop(), []
    with quiet(loop, num_steps=20) as test:
        for batch, (x, y) in enumerate(test.batches(loop.loader)):
            given.append(test.learning_rate)
            loss = loop.loss(x, y)
            (loss / 4).backward()
            if batch % 4 == 3:
                loop.optimizer.step()
                loop.optimizer.zero_grad()
            test.report(loss)
    np.testing.assert_array_equal(given, np.repeat(test.history["learning_rate"], 4))
    np.testing.assert_allclose(test.history["loss"], np.reshape(loop.losses, (-1, 4)).mean(axis=1))


def test_an_update_that_a_gradient_scaler_skips_keeps_its_rate():
    loop, given = Loop(), []
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=10**6)
    before = scaler.state_dict()
    with quiet(loop, restore=[loop.model, scaler], num_steps=20, end_lr=0.01, divergence_factor=None) as test:
        for x, y in test.batches(loop.loader):
            given.append(test.learning_rate)
            loop.optimizer.zero_grad()
            loss = loop.loss(x, y)
            scaler.scale(1000 * loss).backward()
            scaler.step(loop.optimizer)
            scaler.update()
            test.report(loss)
    assert given.count(given[0]) > 2
    assert len(set(given)) == 20
    np.testing.assert_array_equal(test.history["learning_rate"], sorted(set(given)))
    assert scaler.state_dict() == before


def test_a_first_loss_that_is_nan_and_makes_no_update_is_told_as_such():
    loop = Loop()
    with quiet(loop) as test:
        for x, y in test.batches(loop.loader):
            loss = loop.loss(x, y) * float("nan")
            if loss.isfinite():
                loop.optimizer.step()
            test.report(loss)
    assert (test.stop_reason, len(test.curve)) == ("non_finite", 1)


def test_several_optimizers_get_one_rate_and_a_step_is_an_update_of_each():
    loop = Loop()
    parts = [torch.optim.SGD(loop.model[0].parameters(), lr=0.1), torch.optim.Adam(loop.model[4].parameters(), lr=0.01)]
    with quiet(loop, optimizer=parts, num_steps=20, divergence_factor=None, end_lr=0.1) as test:
        for step, (x, y) in enumerate(test.batches(loop.loader)):
            assert [part.param_groups[0]["lr"] for part in parts] == [test.learning_rate] * 2
            loss = loop.loss(x, y)
            loss.backward()
            parts[0].step()
            if step % 5 == 4:
                parts[1].step()
            test.report(loss)
    assert len(loop.losses) == 100
    assert test.curve.optimizer == "SGD and Adam"


def test_an_optimizer_that_is_not_used_is_refused():
    def train():
        restore, unused = [loop.model, loop.optimizer], torch.optim.Adam(loop.model.parameters())
        with quiet(loop, restore=restore, optimizer=unused) as test:
            for x, y in test.batches(loop.loader):
                test.report(loop.train_step(x, y))

    loop = Loop()
    before = loop.state()
    with pytest.raises(ValueError, match="Received: Adam, which made no update in 1000 reports"):
        train()
    assert_same(loop.state(), before)


def test_wrapped_optimizers_and_compiled_or_parallel_modules_are_known():
    class Wrapper:
        """As Accelerate's and Lightning's."""

        def __init__(self, optimizer):
            self.optimizer = optimizer

        def zero_grad(self):
            self.optimizer.zero_grad()

    loop = Loop()
    before = loop.state()
    test = sweep(loop, optimizer=Wrapper(loop.optimizer), restore=torch.nn.DataParallel(loop.model))
    assert test.curve.optimizer == "SGD, momentum 0.9"
    np.testing.assert_array_equal(test.history["learning_rate"], loop.rates)
    assert_same(loop.state(), before)


def test_what_no_checkpoint_holds_is_restored_too():
    class Counting(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", torch.zeros(()), persistent=False)

        def forward(self, x):
            self.calls += 1
            return x

    loop = Loop()
    loop.model.append(Counting())
    loop.model.eval()
    loop.model[0].weight.grad = torch.ones(16, 8)
    with quiet(loop) as test:
        loop.model.train()
        for x, y in test.batches(loop.loader):
            test.report(loop.train_step(x, y))
    assert not any(part.training for part in loop.model.modules())
    assert loop.model[-1].calls == 0
    assert torch.equal(loop.model[0].weight.grad, torch.ones(16, 8))
    assert loop.model[0].bias.grad is None


def test_half_precision_parameters_keep_states_of_full_precision():
    """`load_state_dict` would round them."""

    class Careful(torch.optim.SGD):
        def step(self, closure=None):
            for group in self.param_groups:
                for one in group["params"]:
                    master = self.state[one].setdefault("master", one.detach().float() + 1e-6)
                    master -= group["lr"] * one.grad.float()
                    one.data.copy_(master)

    def batches():
        return [torch.ones(4, 8, dtype=torch.bfloat16) * one for one in range(5)]

    model = torch.nn.Linear(8, 1, dtype=torch.bfloat16)
    optimizer = Careful(model.parameters(), lr=0.01)

    def train_step(x):
        optimizer.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        optimizer.step()
        return loss

    train_step(batches()[1])
    before = [copy.deepcopy(values["master"]) for values in optimizer.state.values()]
    with RangeTest(restore=model, optimizer=optimizer, num_steps=20, verbose=0) as test:
        for x in test.batches(batches()):
            test.report(train_step(x))
    assert_same([values["master"] for values in optimizer.state.values()], before)


def test_lazy_modules_are_refused_by_name():
    model = torch.nn.LazyLinear(1)
    test = RangeTest(restore=model, verbose=0)
    with pytest.raises(ValueError, match="call the module on one batch first. Received: LazyLinear"), test:
        pass


def test_an_optimizer_without_a_rate_is_refused_by_name():
    optimizer = torch.optim.SGD(torch.nn.Linear(1, 1).parameters())
    del optimizer.param_groups[0]["lr"]
    with pytest.raises(ValueError, match="that has a learning rate.*Received: SGD"):
        rate_holder(optimizer)


def test_two_processes_stop_together_and_one_writes(tmp_path):
    command = [
        sys.executable,
        "-m",
        "tests.support.two_torch_processes",
        str(tmp_path / "logs"),
        str(tmp_path / "store"),
    ]
    processes = [
        subprocess.Popen([*command, str(rank)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for rank in range(2)
    ]
    outputs = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    first, second = (json.loads(out.splitlines()[-1]) for out, _ in outputs)
    assert first["reported"] == second["reported"]
    np.testing.assert_allclose(
        first["reported"], np.mean([first["losses"], second["losses"]], axis=0)[: len(first["reported"])]
    )
    assert first["losses"] != second["losses"]
    assert first["restored"]
    assert second["restored"]
    assert first["stop_text"] == second["stop_text"]
    assert first["stop_reason"] == "diverged"
    assert (first["told"], second["told"]) == (True, False)
    assert len(list((tmp_path / "logs").iterdir())) == 1
