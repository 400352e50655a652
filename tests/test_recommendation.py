"""The benchmark of the suggestion: its parts against closed forms, its data against Keras, its claims against its data."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.recommendation import __main__ as command
from benchmarks.recommendation.cases import (
    BASE_DIVISORS,
    CYCLICAL_MAXIMA,
    RATES,
    CyclicalTruth,
    Truth,
    load,
    recorded_tasks,
)
from benchmarks.recommendation.methods import confirmed_suggestion, short_suggestion, suggestion
from benchmarks.recommendation.peers import KERAS_DEFAULTS, PEERS, running_mean
from benchmarks.recommendation.score import calibration, leave_one_task_out
from tb_lrfinder.curves.confidence import PROBABILITIES

ROOT = Path(__file__).parents[1]
FEW_TASKS = recorded_tasks()[::4]


@pytest.fixture(scope="module")
def runs():
    return load(recorded_tasks(), KERAS_DEFAULTS)


def test_the_command_prints_the_rows_in_their_order(capsys):
    rows = {row.name: row.constant.mean for row in command.main(["--tasks", *FEW_TASKS])}
    order = [
        "tb_lrfinder, `confirm=5`",
        "tb_lrfinder",
        "fastai `minimum` / 10",
        "ktrain minimum / 5",
        "torch-lr-finder",
        "Lightning 2.6",
    ]
    assert [rows[name] for name in order] == sorted(rows[name] for name in order)
    printed = capsys.readouterr().out
    places = [printed.index(f"| {name} |") for name in order]
    assert places == sorted(places)


def test_reaches_its_goals_on_tasks_that_its_constants_were_not_chosen_on(runs):
    score = leave_one_task_out(runs, lambda run: run.case.constant).score
    assert score.mean <= 0.04
    assert score.bad <= 0.08
    assert score.near >= 0.62


def test_the_confidence_says_what_was_measured(runs):
    found = [suggestion(run) for run in runs] + [short_suggestion(run) for run in runs]
    measured = calibration(found, [*runs, *runs])
    assert {word: round(measured[word][1], 2) for word in PROBABILITIES} == PROBABILITIES
    assert measured["sure"][1] >= 0.95
    confirmed = calibration([confirmed_suggestion(run, 5)[0] for run in runs], runs)
    assert confirmed["sure"][1] >= 0.99


def test_the_results_in_the_repository_are_those_of_the_data(runs):
    text = (ROOT / "benchmarks" / "recommendation" / "results.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d\.\d{3}) \|", text.split("##")[1], re.MULTILINE))
    assert len(rows) > 25
    assert f"{len(recorded_tasks())} tasks, {len(runs)} runs." in text
    some = {name: method for name, method in command.methods() if name in ("tb_lrfinder", "fastai `minimum` / 10")}
    for name, method in some.items():
        assert command.score(name, method, runs).constant.mean == pytest.approx(float(rows[name]), abs=0.001)


def test_lost_progress_is_none_at_the_best_rate_and_all_where_training_failed():
    final = np.full((2, RATES.size), 1.0)
    final[:, 20], final[:, 21], final[:, 22], final[0, 23] = 0.0, 0.5, np.nan, 7.0
    truth = Truth.of(np.ones(2), final)
    assert truth.best == RATES[20]
    assert [truth.lost_at(RATES[index]) for index in (20, 21, 22, 23)] == pytest.approx([0.0, 0.5, 1.0, 1.0])
    assert truth.lost_at(np.sqrt(RATES[20] * RATES[21])) == pytest.approx(0.25)
    assert truth.lost_at(None) == 1.0
    assert truth.is_near(RATES[23])
    assert not truth.is_near(RATES[24])
    assert not truth.is_near(None)


def test_cyclical_bounds_are_scored_between_the_pairs_that_were_trained():
    lost = np.ones((len(BASE_DIVISORS), CYCLICAL_MAXIMA.size))
    lost[1, 10], lost[2, 10] = 0.0, 0.5
    truth = CyclicalTruth(lost)
    high = CYCLICAL_MAXIMA[10]
    assert truth.lost_between((high / 10, high)) == pytest.approx(0.0)
    assert truth.lost_between((high / 10**1.5, high)) == pytest.approx(0.25)
    assert truth.lost_between(None) == 1.0


def test_running_mean_starts_anew_in_every_epoch():
    assert running_mean(np.array([1.0, 3.0, 5.0, 10.0, 20.0]), 3).tolist() == [1.0, 2.0, 3.0, 10.0, 15.0]


def test_peers_read_a_clear_curve_as_their_definitions_say():
    rates = np.geomspace(1e-7, 10.0, 300)
    losses = np.interp(np.log10(rates), [-7, -4, -2, -1, 1], [2.0, 2.0, 1.0, 2.0, 50.0])
    found = {name: choose(rates, losses) or np.nan for name, choose in PEERS.items()}
    # An average of the last fifty steps lags behind the minimum, here at 1e-2.
    assert 1e-3 < found["fastai `minimum` / 10"] < 1e-2
    assert found["ktrain minimum / 5"] == pytest.approx(2 * found["fastai `minimum` / 10"])
    assert 1e-4 < found["ignite"] < 1e-1
    assert found["Lightning 2.6"] < 1e-3  # by the rate itself the fall is steepest at its start
    assert all(rates[0] / 10 <= rate <= rates[-1] for rate in found.values())


RECORDED = """
import json
import keras
import numpy as np
from benchmarks.recommendation.cases import RATES
from benchmarks.recommendation.record import Program, batches_of, trained_rates, triangular
from benchmarks.recommendation.tasks import OPTIMIZERS, TASKS
from tb_lrfinder import LRFinder

task = TASKS["digits, batch norm"]
x, y = task.data()
steps = len(x) // task.batch_size
rates = np.geomspace(1e-5, 1.0, steps)
order = batches_of(task, len(x), steps, [0])
recorded, final = Program.of(task, "AdamW", 3).train(rates[None], order)

keras.utils.set_random_seed(3)
model = task.build()
model.compile(OPTIMIZERS["AdamW"](), task.loss)
finder = LRFinder(None, 1e-5, 1.0, steps, divergence_factor=None, verbose=0)
shuffled = {"x": x[order.ravel()], "y": y[order.ravel()], "batch_size": task.batch_size, "shuffle": False, "verbose": 0}
model.fit(**shuffled, callbacks=[finder])

class Rates(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate.assign(rates[batch])

model.fit(**shuffled, callbacks=[Rates()])
reached = model.evaluate(x, y, batch_size=len(x), verbose=0)
print(json.dumps({
    "sweep_differs": np.abs(recorded[0] / finder.curve.losses - 1).max(),
    "final_differs": abs(final[0] / reached - 1),
    "rates": trained_rates(100)[[0, len(RATES)]].tolist(),
    "triangular": triangular(1.0, 3.0, 8).tolist(),
}, default=float))
"""


@pytest.fixture(scope="module")
def recorded():
    """What `record` does, in a process of its own: it runs on JAX."""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    result = subprocess.run([sys.executable, "-c", RECORDED], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_what_was_recorded_is_what_keras_trains(recorded):
    assert recorded["sweep_differs"] < 2e-3
    assert recorded["final_differs"] < 2e-3


def test_the_rates_trained_have_their_closed_form(recorded):
    constant, one_cycle = np.array(recorded["rates"]) / RATES[0]
    assert (constant == 1.0).all()
    assert one_cycle[[0, 30, 99]] == pytest.approx([1 / 25, 1.0, 1 / 25e4])
    assert one_cycle.argmax() == 30
    assert recorded["triangular"] == [1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.0]
