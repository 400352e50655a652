"""What is recorded by itself of optimizers of PyTorch and optax, and of modules."""

from __future__ import annotations

import pytest

from tb_lrfinder import RangeTest, ScheduleWriter
from tb_lrfinder.loops.frameworks import rate_holder
from tests.support.recorded import headers_in

torch = pytest.importorskip("torch")

SAID = {"hparams": {"width": 64}, "note": "A wider head.", "tags": ["baseline"]}


def module():
    return torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.Linear(4, 1))


def header_of(log_dir):
    (header,) = headers_in(log_dir)
    return header


OF_TORCH = {
    "SGD": (
        {"momentum": 0.9},
        {"momentum": 0.9, "dampening": 0, "weight_decay": 0, "nesterov": False, "maximize": False},
    ),
    "AdamW": (
        {"weight_decay": 0.1},
        {
            "beta_1": 0.9,
            "beta_2": 0.999,
            "epsilon": 1e-8,
            "weight_decay": 0.1,
            "amsgrad": False,
            "maximize": False,
        },
    ),
    "RMSprop": (
        {},
        {
            "rho": 0.99,
            "epsilon": 1e-8,
            "momentum": 0,
            "centered": False,
            "weight_decay": 0,
            "maximize": False,
        },
    ),
}


@pytest.mark.parametrize("name", OF_TORCH)
def test_an_optimizer_of_pytorch_has_its_settings_by_the_names_of_keras(name):
    options, expected = OF_TORCH[name]
    optimizer = getattr(torch.optim, name)(module().parameters(), lr=0.1, **options)
    torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=9, cycle_momentum=False)
    assert rate_holder(optimizer).hyperparameters() == expected


def test_of_groups_that_differ_that_of_most_numbers_counts():
    model = module()
    spared = [one for one in model.parameters() if one.ndim == 1]
    decayed = [one for one in model.parameters() if one.ndim > 1]
    groups = [{"params": spared, "weight_decay": 0.0}, {"params": decayed, "weight_decay": 0.1}]
    assert rate_holder(torch.optim.AdamW(groups)).hyperparameters()["weight_decay"] == 0.1


def test_a_range_test_of_pytorch_says_what_was_set(tmp_path):
    model = module().to(torch.bfloat16)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    data = torch.utils.data.DataLoader(list(range(20)), batch_size=4)
    with RangeTest(tmp_path, restore=model, optimizer=optimizer, num_steps=3, verbose=0, **SAID) as test:
        for _ in test.batches(data):
            optimizer.step()
            test.report(1.0)
    header = header_of(tmp_path)
    assert header.settings == {
        "optimizer": "SGD, momentum 0.9",
        "batch_size": 4,
        "model": "Sequential",
        "parameters": 41,
        "precision": "bfloat16",
        **OF_TORCH["SGD"][1],
        "width": 64,
    }
    assert (header.framework, header.note, header.tags) == ("pytorch", "A wider head.", ("baseline",))
    assert test.result.hparams == {"width": 64}


@pytest.mark.parametrize("repeats", [1, 2])
def test_the_size_of_batches_that_is_said_goes_before_that_of_the_loader(tmp_path, repeats):
    data = torch.utils.data.DataLoader(list(range(20)), batch_size=4)
    for name, size in (("said", 8), ("found", None)):
        state = [torch.zeros(1)]
        with RangeTest(
            tmp_path / name, restore=state, num_steps=3, verbose=0, repeats=repeats, batch_size=size
        ) as test:
            for _ in test.batches(data):
                test.report(1.0)
    assert {run: header_of(tmp_path / run).batch_size for run in ("said", "found")} == {"said": 8, "found": 4}


def test_where_the_loop_sets_the_rates_the_restored_optimizer_tells(tmp_path):
    model = module()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    with RangeTest(tmp_path, restore=[model, optimizer], num_steps=3, verbose=0) as test:
        for _ in test:
            test.report(1.0)
    assert header_of(tmp_path).hyperparameters == OF_TORCH["SGD"][1]


def test_automatic_casts_that_are_on_are_the_precision(tmp_path):
    with torch.autocast("cpu", torch.bfloat16), RangeTest(tmp_path, restore=module(), num_steps=2, verbose=0) as test:
        for _ in test:
            test.report(1.0)
    assert header_of(tmp_path).precision == "bfloat16 autocast"


def test_a_recorded_training_says_what_was_set_when_it_began(tmp_path):
    model = module()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    with ScheduleWriter(tmp_path, batch_size=4, **SAID) as writer:
        for momentum in (0.9, 0.8, 0.7):
            optimizer.param_groups[0]["momentum"] = momentum
            writer.record(optimizer)
    header = header_of(tmp_path)
    assert header.settings == {
        "optimizer": "SGD, momentum 0.9",
        "batch_size": 4,
        "parameters": 41,
        "precision": "float32",
        **OF_TORCH["SGD"][1],
        "width": 64,
    }
    assert (header.framework, header.note, header.tags) == ("pytorch", "A wider head.", ("baseline",))


def test_a_probe_of_a_loop_says_what_is_said_of_its_training_and_its_own(tmp_path):
    model = module()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with ScheduleWriter(tmp_path / "run", optimizer=optimizer, batch_size=4, **SAID) as writer:
        writer.record(optimizer)
        probe = {"restore": model, "optimizer": optimizer, "training": writer, "num_steps": 3, "verbose": 0}
        with RangeTest(tmp_path / "run/probes", hparams={"probed": True}, **probe) as test:
            for _ in test:
                optimizer.step()
                test.report(1.0)
    (header,) = (one for one in headers_in(tmp_path) if one.kind == "range_test")
    assert header.hparams == {"probed": True, "width": 64}
    assert (header.note, header.tags, header.batch_size) == ("A wider head.", ("baseline",), 4)


def test_an_optimizer_of_optax_has_the_numbers_that_are_injected():
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    weights = {"w": jax.numpy.zeros(3), "v": jax.numpy.zeros(2)}
    state = optax.inject_hyperparams(optax.adamw)(learning_rate=0.1, weight_decay=0.01).init(weights)
    holder = rate_holder(lambda: state)
    assert (holder.framework, holder.precision()) == ("optax", None)
    assert holder.hyperparameters() == {
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-8,
        "eps_root": 0.0,
        "weight_decay": 0.01,
    }


def test_parts_of_an_optimizer_of_optax_have_what_is_alike():
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    make = optax.inject_hyperparams(optax.sgd)
    parts = {"a": make(0.1, momentum=0.9), "b": make(0.1, momentum=0.5), "c": make(lambda step: 0.1)}
    labels = {"w": "a", "v": "b", "u": "c"}
    weights = {name: jax.numpy.zeros(3) for name in labels}
    partition = getattr(optax, "partition", optax.multi_transform)
    state = partition(parts, labels).init(weights)
    assert rate_holder(lambda: state).hyperparameters() == {}
