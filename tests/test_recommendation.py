"""The benchmark of the suggestion: its parts against closed forms, its data against Keras, its claims against its data."""

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.recommendation import __main__ as command
from benchmarks.recommendation.cases import (
    BASE_DIVISORS,
    CYCLICAL_MAXIMA,
    DESIGN_FAMILIES,
    LONG_RATES,
    PARTS,
    RATES,
    Case,
    CyclicalTruth,
    Truth,
    load,
    path_of,
    recorded_tasks,
)
from benchmarks.recommendation.methods import confirmed_suggestion, short_suggestion, suggestion
from benchmarks.recommendation.peers import KERAS_DEFAULTS, PEERS, running_mean
from benchmarks.recommendation.score import Calibration, calibration
from tb_lrfinder.curves.confidence import CONFIRMED, PROBABILITIES

ROOT = Path(__file__).parents[1]
# The methods that README shows, the best one first.
ORDER = [
    "tb_lrfinder, `confirm=5`",
    "tb_lrfinder",
    "fastai `minimum` / 10",
    "torch-lr-finder",
    "Lightning 2.6",
]


@pytest.fixture(scope="module")
def runs():
    return load(recorded_tasks())


@pytest.fixture(scope="module")
def unseen(runs):
    """The runs that figures are about: those of the families that no method was designed on."""
    return [run for run in runs if run.case.family not in DESIGN_FAMILIES]


def test_the_command_prints_the_rows_in_their_order(runs, unseen, capsys):
    tasks, tasks_of_unseen = [list(dict.fromkeys(run.case.task for run in some)) for some in (runs, unseen)]
    designed_on = next(task for task in tasks if task not in tasks_of_unseen)
    rows = command.main(["--tasks", designed_on, *tasks_of_unseen[::8]])
    means = [row.constant.mean for row in rows]
    assert means == sorted(means)
    assert {row.name for row in rows} >= {*ORDER}
    printed = capsys.readouterr().out
    places = [printed.index(f"| {row.name} | {row.constant.mean:.3f} |") for row in rows]
    assert places == sorted(places)


def test_the_results_in_the_repository_are_those_of_the_data(runs, unseen):
    text = (ROOT / "benchmarks" / "recommendation" / "results.md").read_text(encoding="utf-8")
    assert f"{len(recorded_tasks())} tasks, {len(runs)} runs, {len(unseen)} of them" in text
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d\.\d{3}) \|", text.split("##")[1], re.MULTILINE))
    assert len(rows) > 25
    some = {name: method for name, method in command.methods() if name in ORDER}
    means = {name: command.score(name, method, unseen).constant.mean for name, method in some.items()}
    assert {name: float(rows[name]) for name in means} == pytest.approx(means, abs=0.001)
    assert sorted(means, key=lambda name: means[name]) == ORDER == [name for name in rows if name in ORDER]


def whole_percents(calibrated: dict[str, Calibration], words: dict[Any, float]) -> dict[str, float]:
    """The lower ends of the shares, rounded down."""
    return {word: math.floor(100 * calibrated[word].at_least) / 100 for word in words}


def test_the_confidence_says_what_was_measured(unseen):
    found = [suggestion(run) for run in unseen] + [short_suggestion(run) for run in unseen]
    assert whole_percents(calibration(found, [*unseen, *unseen]), PROBABILITIES) == PROBABILITIES
    assert PROBABILITIES["sure"] > PROBABILITIES["likely"] > PROBABILITIES["doubtful"]


def test_the_confidence_in_a_confirmed_rate_says_what_was_measured(unseen):
    confirmed = calibration([confirmed_suggestion(run, 5)[0] for run in unseen], unseen)
    assert whole_percents(confirmed, CONFIRMED) == CONFIRMED
    assert CONFIRMED["sure"] > CONFIRMED["likely"]


def test_the_share_that_is_told_holds_for_other_tasks():
    """Of two tasks drawn anew, both are the bad one in a quarter of the draws, however many runs each has."""
    truth = Truth(RATES, np.where(RATES < 1e-3, 0.0, 1.0))
    sure = SimpleNamespace(word="sure")
    good: Any = SimpleNamespace(confidence=sure, learning_rate=1e-4)
    bad: Any = SimpleNamespace(confidence=sure, learning_rate=1e-2)
    first, second = (SimpleNamespace(case=SimpleNamespace(task=task, constant=truth)) for task in ("first", "second"))
    of_two: Any = [first] * 50 + [second] * 50
    assert calibration([good] * 50 + [bad] * 50, of_two) == {"sure": Calibration(100, 0.5, 0.0, 0.5)}
    assert calibration([good, bad] * 50, of_two) == {"sure": Calibration(100, 0.5, 0.5, 0.5)}


def test_lost_progress_is_none_at_the_best_rate_and_all_where_training_failed():
    final = np.full((2, RATES.size), 1.0)
    final[:, 20], final[:, 21], final[:, 22], final[0, 23] = 0.0, 0.5, np.nan, 7.0
    truth = Truth.of(RATES, np.ones(2), final)
    assert truth.best == RATES[20]
    assert [truth.lost_at(RATES[index]) for index in (20, 21, 22, 23)] == pytest.approx([0.0, 0.5, 1.0, 1.0])
    assert truth.lost_at(np.sqrt(RATES[20] * RATES[21])) == pytest.approx(0.25)
    assert truth.lost_at(None) == 1.0
    assert truth.is_near(RATES[23])
    assert not truth.is_near(RATES[24])
    assert not truth.is_near(None)


def test_a_case_has_a_truth_for_each_length_and_for_what_is_held_out():
    looks = np.ones((1, RATES.size, PARTS, 2))
    looks[0, 25, 0, 0] = looks[0, 20, -1, 0] = 0.0  # the training data: after a tenth, at the end
    looks[0, 15, 4, 1], looks[0, 10, -1, 1] = 0.0, 0.5  # what is held out: half way, at the end
    long = np.ones((1, LONG_RATES.size, PARTS, 2))
    long[0, 5, -1, 0] = long[0, 4, -1, 1] = 0.0
    case = Case("a task", "dense", "SGD", 40, 640, {"start": np.ones((1, 2)), "constant": looks})
    assert (case.after(1).best, case.constant.best) == (RATES[25], RATES[20])
    assert (case.held_out_best.best, case.held_out.best) == (RATES[15], RATES[10])
    assert (case.long, case.long_held_out) == (None, None)
    case.recorded.update({"long": long, "long_rates": LONG_RATES})
    longer = Case("a task", "dense", "SGD", 40, 640, case.recorded)
    assert longer.long
    assert longer.long_held_out
    assert (longer.long.best, longer.long_held_out.best) == (LONG_RATES[5], LONG_RATES[4])


def test_cyclical_bounds_are_scored_between_the_pairs_that_were_trained():
    lost = np.ones((len(BASE_DIVISORS), CYCLICAL_MAXIMA.size))
    lost[1, 10], lost[2, 10] = 0.0, 0.5
    truth = CyclicalTruth(CYCLICAL_MAXIMA, lost)
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


RECORDER = """
import contextlib
import io
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
from benchmarks.recommendation import cases, record, training
from benchmarks.recommendation.cases import RATES, path_of
from benchmarks.recommendation.tasks import FAMILIES, OPTIMIZERS, TASKS, optimizers_of
from benchmarks.recommendation.training import Lane, Trainings, batches_of, starting_weights
from tb_lrfinder import LRFinder

STEPS = 40
training._SLOTS = 2  # fewer places than trainings


def model_of(task, weights):
    model = task.build()
    for variable, value in zip(model.variables, weights, strict=True):
        variable.assign(np.array(value))  # fit overwrites what it is given
    for layer in model.layers[:-1] if task.base and task.base.frozen else ():
        layer.trainable = False
    return model


def fit(model, task, order, optimizer, callbacks=()):
    x, y = task.data()
    model.compile(optimizer, task.loss)
    batches = {"batch_size": task.batch_size, "shuffle": False, "verbose": 0}
    model.fit(x[order.ravel()], y[order.ravel()], callbacks=list(callbacks), **batches)


def relative(one, other):
    return float(np.max(np.abs(np.divide(one, other) - 1)))


def compared(task, optimizer, weights):
    '''How far what is recorded lies from what LRFinder and fit give.'''
    task = replace(task, steps=STEPS)
    order, sweep, falling = batches_of(task, STEPS, [0]), np.geomspace(1e-5, 1.0, STEPS), np.geomspace(1e-2, 1e-4, STEPS)
    swept, diverged, trained = (
        Lane(0, order, sweep), Lane(0, order, np.full(STEPS, 1e38)), Lane(0, order, falling, looks=10)
    )
    Trainings(task, optimizer, [weights]).run([diverged, swept, trained])

    finder = LRFinder(None, sweep[0], sweep[-1], STEPS, divergence_factor=None, verbose=0)
    fit(model_of(task, weights), task, order, OPTIMIZERS[optimizer](), [finder])
    model = model_of(task, weights)

    class Rates(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate.assign(falling[batch])

    fit(model, task, order, OPTIMIZERS[optimizer](), [Rates()])
    x, y = task.data()
    end = task.count + (len(x) - task.count) // task.batch_size * task.batch_size
    parts = slice(0, task.count), slice(task.count, end)
    reached = [model.evaluate(x[part], y[part], batch_size=task.batch_size, verbose=0) for part in parts]
    return {
        "sweep_differs": relative(swept.losses, finder.curve.losses),
        "reached_differs": relative(trained.reached[-1], reached),
        "diverged_ends_in": float(diverged.losses[-1]),
    }


def base_compared(task):
    '''How far the weights after a base lie from those of fit; whether the last layer is fresh.'''
    weights = starting_weights(task, 0)
    before = replace(task, data=task.base.data or task.data, base=None)
    keras.utils.set_random_seed(0)
    model, order = task.build(), batches_of(before, task.base.steps, [0, 3])
    fit(model, before, order, keras.optimizers.Adam(task.base.learning_rate))
    keras.utils.set_random_seed(1000)
    fresh = task.build().layers[-1].get_weights() if task.base.new_head else []
    kept = len(weights) - len(fresh)
    differ = [np.abs(one - other).max() for one, other in zip(weights[:kept], model.get_weights(), strict=False)]
    head_is_fresh = all(np.array_equal(one, other) for one, other in zip(weights[kept:], fresh, strict=True))
    return weights, {"base_differs": float(max(differ)), "head_is_fresh": head_is_fresh}


def chosen_after_an_interruption():
    '''What a recording goes on with where all tasks but two have a file, and one of those two a part of one.'''
    missing = list(TASKS)[5], list(TASKS)[-1]
    pool = SimpleNamespace(imap_unordered=lambda call, names: names)
    record.get_context = lambda kind: SimpleNamespace(Pool=lambda *_, **__: contextlib.nullcontext(pool))
    sys.argv, printed = ["record"], io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        cases.DATA = Path(folder)
        for name in TASKS:
            path_of(name).with_suffix(".part" if name in missing else ".npz").touch()
        record.main()
    return {"missing": sorted(missing), "chosen": sorted(printed.getvalue().splitlines())}


def with_short_base(name):
    task = TASKS[name]
    return replace(task, base=replace(task.base, steps=30))


fresh, tuned = TASKS["digits, batch norm"], with_short_base("new digits, head alone")
weights, base = base_compared(tuned)
print(json.dumps({
    "fresh": compared(fresh, "AdamW", starting_weights(fresh, 3)),
    "tuned": compared(tuned, "SGD momentum", weights) | base,
    "continued": base_compared(with_short_base("digits, continued"))[1],
    "interrupted": chosen_after_an_interruption(),
    "peaked": record.peaked(RATES[:1], 100)[0].tolist(),
    "triangular": record.triangular(1.0, 3.0, 8).tolist(),
    "tasks": {
        task.name: {
            "family": family, "optimizers": optimizers_of(task), "batches_per_epoch": task.count // task.batch_size,
            "steps": task.steps, "batch_size": task.batch_size, "long": task.long,
        }
        for family, tasks in FAMILIES.items() for task in tasks
    },
}))
"""


@pytest.fixture(scope="module")
def recorder():
    """What the recorder does, in a process of its own: it runs on JAX."""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    result = subprocess.run([sys.executable, "-c", RECORDER], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_there_are_many_tasks_in_many_families(recorder):
    tasks = recorder["tasks"].values()
    families = {task["family"] for task in tasks}
    assert len(tasks) >= 60
    assert len(families) >= 15
    assert {*DESIGN_FAMILIES} < families
    sizes = [task["batch_size"] for task in tasks]
    assert (min(sizes), max(sizes)) == (1, 512)
    assert {name for task in tasks for name in task["optimizers"]} == {*KERAS_DEFAULTS}
    assert len(KERAS_DEFAULTS) == 8
    assert 3 * sum(task["long"] for task in tasks) >= len(tasks)


def test_what_was_recorded_is_of_the_tasks_as_they_are(recorder):
    facts = "family", "optimizers", "batches_per_epoch", "steps"
    for name in recorded_tasks():
        task = recorder["tasks"][name]
        with np.load(path_of(name)) as stored:
            assert {fact: stored[fact].tolist() for fact in facts} == {fact: task[fact] for fact in facts}
            with_long = [one for one in task["optimizers"] if f"{one}/long" in stored]
        assert with_long == (task["optimizers"] if task["long"] else []), name


@pytest.mark.parametrize("start", ["fresh", "tuned"])
def test_what_was_recorded_is_what_keras_trains(recorder, start):
    assert recorder[start]["sweep_differs"] < 1e-3
    assert recorder[start]["reached_differs"] < 1e-3
    assert math.isnan(recorder[start]["diverged_ends_in"])


@pytest.mark.parametrize("start", ["tuned", "continued"])
def test_a_base_is_what_keras_trains(recorder, start):
    assert recorder[start]["base_differs"] < 1e-3
    assert recorder[start]["head_is_fresh"]


def test_an_interrupted_recording_goes_on_with_what_has_no_file(recorder):
    assert recorder["interrupted"]["chosen"] == recorder["interrupted"]["missing"]


def test_the_schedules_trained_have_their_closed_form(recorder):
    one_cycle = np.array(recorder["peaked"]) / RATES[0]
    assert one_cycle[[0, 30, 99]] == pytest.approx([1 / 25, 1.0, 1 / 25e4])
    assert one_cycle.argmax() == 30
    assert recorder["triangular"] == [1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.0]
