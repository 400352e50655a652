"""The examples run, small, and give what their readers expect."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from examples import all as all_examples
from examples import data, schedules_seen
from tb_lrfinder.cli import main
from tb_lrfinder.demos import on_keras as digits
from tests.support.recorded import recorded


def test_digits_finds_a_rate_for_both_optimizers(tmp_path, capsys):
    finders = digits.main(tmp_path / "first", num_steps=150)
    rates = {name: finder.suggestion.learning_rate or 0.0 for name, finder in finders.items()}
    assert 3e-4 < rates["adam"] < 3e-2
    assert 3e-3 < rates["sgd_momentum"] < 3e-1
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == ["adam", "sgd_momentum"]
    assert capsys.readouterr().out.count("Suggested learning rate") == 2
    # In a notebook, one runs it again.
    digits.main(tmp_path / "second", num_steps=150)


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.fixture(scope="module")
def figures(log_dir) -> dict[str, Any]:
    """What the five workflows reach when they run small, all into one directory."""
    return all_examples.main(log_dir, small=True)


def test_the_time_series_is_forecast_at_the_rate_that_a_recorded_sweep_suggests(figures, log_dir):
    found = figures["time_series"]
    assert 1e-7 < found["suggested_rate"] < 1e-4
    assert found["mae"] < found["mae_of_the_day_before"]
    assert found["mae_at_3e-6"] < found["mae_of_the_day_before"]


@pytest.mark.parametrize("example", ["time_series", "circles"])
def test_the_recorder_alone_makes_a_sweep_a_range_test(figures, log_dir, capsys, example):
    assert main.main(["suggest", str(log_dir / example / "sweep"), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["is_sweep"], found["driver"]) == ("training", True, "LearningRateScheduler")
    # The tab has a loss per step, the example one per epoch; from epoch to epoch the rate grows by 10 ** (1 / 6).
    assert abs(math.log10(found["learning_rate"] / figures[example]["suggested_rate"])) < 1 / 6


def test_each_schedule_is_used_as_it_was_planned(figures, log_dir):
    traces, tables = recorded(log_dir / "schedules_seen")
    columns = {trace.run: table for trace, table in zip(traces, tables, strict=True)}
    names = set(schedules_seen.make_schedules(9))
    assert set(columns) == names | {f"{name}/plan" for name in names - {"reduce_on_plateau"}}
    for name in names - {"reduce_on_plateau"}:
        plan, training = columns[f"{name}/plan"], columns[name]
        for column in ("step", "epoch"):
            np.testing.assert_allclose(training[column], plan[column])
        np.testing.assert_allclose(training["learning_rate"], plan["learning_rate"], rtol=1e-6, err_msg=name)
    rates = columns["reduce_on_plateau"]["learning_rate"].reshape(schedules_seen.SMALL["epochs"], -1)
    assert (rates == rates[:, :1]).all()  # it acts between epochs
    assert set(np.log2(0.1 / rates[:, 0]).round(5)) <= {0.0, 1.0, 2.0, 3.0}


def test_the_circles_are_told_apart_at_the_suggested_rate(figures, log_dir):
    found = figures["circles"]
    assert 0.01 < found["suggested_rate"] < 0.1
    assert found["accuracy"] > max(0.7, found["accuracy_at_0.01"])


def test_one_cycle_is_as_good_as_a_constant_rate_in_fewer_epochs(figures, log_dir):
    assert figures["digits"]["epochs_to_default"] <= 3  # of 9
    assert figures["digits"]["one_cycle"] > 0.9
    assert figures["diabetes"]["epochs_to_constant"] <= 3
    for name in ("digits", "diabetes"):
        (trace,), (columns,) = recorded(log_dir / f"one_cycle_{name}" / "one_cycle")
        assert trace.header is not None
        assert trace.header.driver == "OneCycle"
        rates, peak = columns["learning_rate"], figures[name]["peak"]
        np.testing.assert_allclose(rates[[0, -1]], [peak / 10, peak / 1e4], rtol=1e-5)
        assert rates.max() == pytest.approx(peak, rel=1e-6)


def test_adam_gets_lower_and_earlier_than_sgd(figures):
    for seed in (1, 2):
        adam, sgd = figures[f"adam_{seed}"], figures[f"sgd_{seed}"]
        assert adam["lowest_loss"] < sgd["lowest_loss"]
        assert adam["steepest"] < sgd["steepest"] / 10


def test_all_figures_stand_in_a_table(figures):
    lines = all_examples.table(figures).splitlines()
    assert len(lines) == len(all_examples.ROWS) + 2
    assert {line.count("|") for line in lines} == {5}
    assert "| diverged |" in "".join(lines)


def test_without_a_network_an_example_says_so_and_takes_other_data(monkeypatch, capsys):
    def fail() -> None:
        raise Exception("URL fetch failure on https://…: None -- Name or service not known")

    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", fail)
    x, y, x_test, y_test = data.load("fashion_mnist")
    assert (x.shape[1:], len(x), len(y), len(x_test), len(y_test)) == ((8, 8, 1), 1347, 1347, 450, 450)
    assert "fashion_mnist cannot be had, digits from scikit-learn takes its place." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [("mnist", (28, 28), (28, 28, 1)), ("cifar10", (32, 32, 3), (32, 32, 3)), ("boston_housing", (13,), (13,))],
)
def test_what_keras_downloads_comes_in_the_same_form(monkeypatch, name, shape, expected):
    rng = np.random.default_rng(0)
    parts = [(rng.integers(256, size=(count, *shape), dtype="uint8"), np.zeros((count, 1))) for count in (9, 3)]
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda: parts)
    x, y, x_test, y_test = data.load(name)
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == ((9, *expected), (9,), (3, *expected), (3,))
    # Images go from 0 to 1, the columns of tables have mean 0 and deviation 1.
    assert (x.max() == pytest.approx(1)) if len(expected) == 3 else (x.std(axis=0) == pytest.approx(np.ones(13)))
