"""The planner's Python for PyTorch: executed, it makes the rates that are drawn."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tb_lrfinder.rates.optimizers import TORCH_OPTIMIZERS
from tb_lrfinder.rates.planner import RECIPES, basis_of, code, learning_rates
from tests.support.recipes import PLANS, TOTAL_STEPS, parameters_of

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(("name", "changed"), PLANS)
def test_the_code_for_pytorch_makes_the_rates_that_are_drawn(name, changed):
    parameters = parameters_of(name, changed)
    source = code(name, TOTAL_STEPS, 32, parameters, framework="pytorch")
    rates = rates_of_pytorch(source, TOTAL_STEPS)
    drawn = learning_rates(name, TOTAL_STEPS, parameters)
    # PyTorch multiplies each rate by a factor to make the next one, and cosines cancel near zero.
    np.testing.assert_allclose(rates, drawn, rtol=1e-6, atol=1e-13)


@pytest.mark.parametrize(("name", "changed"), PLANS)
def test_fine_tuning_gives_the_pretrained_part_a_tenth_of_what_is_drawn_at_every_step(name, changed):
    parameters = parameters_of(name, changed)
    source = code(name, TOTAL_STEPS, None, parameters, framework="pytorch", fine_tuning=True)
    model = torch.nn.Sequential()
    model.backbone, model.head = torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)
    drawn = learning_rates(name, TOTAL_STEPS, parameters)
    rates = rates_of_pytorch(source, TOTAL_STEPS, model, groups=2)
    np.testing.assert_allclose([first for first, _ in rates], drawn, rtol=1e-6, atol=1e-13)
    np.testing.assert_allclose([second for _, second in rates], drawn / 10, rtol=1e-6, atol=1e-13)


def test_fine_tuning_takes_every_parameter_once():
    model = torch.nn.Sequential()
    model.backbone, model.head = torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)
    namespace: dict[str, Any] = {"model": model}
    exec(code("constant", 10, None, {"learning_rate": 0.1}, framework="pytorch", fine_tuning=True), namespace)
    new, pretrained = (group["params"] for group in namespace["optimizer"].param_groups)
    assert [*map(id, new)] == [*map(id, model.head.parameters())]
    assert [*map(id, pretrained)] == [*map(id, model.backbone.parameters())]


def test_an_optimizer_with_one_rate_for_all_layers_is_named_and_replaced():
    parameters = parameters_of("constant")
    assert "torch.optim.LBFGS(" in code("constant", 10, None, parameters, "LBFGS", "pytorch")
    source = code("constant", 10, None, parameters, "LBFGS", "pytorch", fine_tuning=True)
    assert (
        "# The range test was made with 'LBFGS', which has one rate for all layers: Adam stands in its place." in source
    )
    assert "torch.optim.Adam(groups, " in source


def rates_of_pytorch(source, steps, model=None, groups=1):
    namespace: dict[str, Any] = {"model": model or torch.nn.Linear(1, 1)}
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(source, namespace)
        for _ in range(steps):
            rates.append([float(group["lr"]) for group in namespace["optimizer"].param_groups])
            namespace["optimizer"].step()
            if "scheduler" in namespace:
                namespace["scheduler"].step()
    assert {len(one) for one in rates} == {groups}
    return [one[0] for one in rates] if groups == 1 else rates


@given(st.sampled_from(list(RECIPES)), st.integers(2, 300), st.data())
def test_the_code_for_pytorch_makes_the_rates_that_are_drawn_whatever_is_chosen(name, total_steps, data):
    parameters = RECIPES[name].defaults(basis_of(total_steps, 0.05))
    most = {"decay_rate": 1.0, "start_divisor": 1e4, "end_divisor": 1e6, "end_learning_rate": 1.0, "power": 5.0}
    for one in RECIPES[name].parameters:
        if one.origin is None and one.kind != "choice" and data.draw(st.booleans()):
            number, highest = one.kind == "number", most.get(one.name, min(one.maximum, 2 * total_steps))
            drawn = st.floats(max(one.minimum, 0.01), highest) if number else st.integers(1, int(highest))
            parameters[one.name] = data.draw(drawn)
    try:
        drawn = learning_rates(name, total_steps, parameters)
    except ValueError:
        assume(False)
        raise
    rates = rates_of_pytorch(code(name, total_steps, 32, parameters, framework="pytorch"), total_steps)
    np.testing.assert_allclose(rates, drawn, rtol=1e-6, atol=1e-11)


def test_the_code_for_pytorch_reads_as_a_person_would_write_it():
    parameters = {**parameters_of("warmup_cosine", total_steps=1000), "peak_learning_rate": 0.02}
    assert code("warmup_cosine", 1000, 64, parameters, optimizer="SGD, momentum 0.9", framework="pytorch") == (
        "import torch\n"
        "from torch.optim import lr_scheduler\n"
        "\n"
        "batch_size = 64\n"
        "total_steps = 1000\n"
        "warmup_steps = 50\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)\n"
        "scheduler = lr_scheduler.SequentialLR(\n"
        "    optimizer,\n"
        "    schedulers=[\n"
        "        lr_scheduler.LinearLR(\n"
        "            optimizer,\n"
        "            start_factor=0.01,\n"
        "            total_iters=warmup_steps,\n"
        "        ),\n"
        "        lr_scheduler.CosineAnnealingLR(\n"
        "            optimizer,\n"
        "            T_max=total_steps - warmup_steps,\n"
        "            eta_min=0.0,\n"
        "        ),\n"
        "    ],\n"
        "    milestones=[warmup_steps],\n"
        ")\n"
        "# Call scheduler.step() after each optimizer.step(): a step is a batch, not an epoch.\n"
    )
    assert code("constant", 10, 1, {"learning_rate": 0.1}, framework="pytorch").endswith("lr=0.1)\n")


@pytest.mark.parametrize(
    ("name", "scheduler"),
    [
        ("one_cycle", "OneCycleLR"),
        ("warmup_stable_decay", "SequentialLR"),
        ("cyclical", "CyclicLR"),
        ("step_decay", "StepLR"),
        ("exponential_decay", "ExponentialLR"),
        ("inverse_time_decay", "LambdaLR"),
        ("linear_decay", "LinearLR"),
        ("polynomial_decay", "PolynomialLR"),
        ("cosine_decay", "CosineAnnealingLR"),
        ("cosine_decay_restarts", "CosineAnnealingWarmRestarts"),
    ],
)
def test_pytorch_has_a_class_for_what_is_usual(name, scheduler):
    source = code(name, TOTAL_STEPS, 32, parameters_of(name), framework="pytorch")
    assert f"scheduler = lr_scheduler.{scheduler}(\n    optimizer,\n" in source


def test_the_list_of_optimizers_is_that_of_pytorch():
    classes = {name for name, one in vars(torch.optim).items() if isinstance(one, type)}
    assert list(TORCH_OPTIMIZERS) == sorted(classes - {"Optimizer"})
