"""The benchmark of range tests in the middle of a training: its tables against its records, its trainings against Keras."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.probes.__main__ import HEADING, README
from benchmarks.probes.moves import below_edge, edge_at_start, in_use, moved, rates
from benchmarks.probes.readings import RULES, SWEEP, Reading, kept, read
from benchmarks.probes.records import FOLLOWERS, ONE_TEST, SCHEDULES, Record, load
from benchmarks.probes.scores import Comparison, lost, reached, ways
from benchmarks.probes.shapes import SHAPES
from benchmarks.probes.tables import tables

ROOT = Path(__file__).parents[1]
STEPS = 800
NOTHING = Reading(None, None, None, None, None, 100, "", "")


def swept(edge):
    """Losses that fall from 2 to 1 far below an edge and blow up there."""
    losses = 1 + 1 / (1 + (500 * SWEEP / edge) ** 2) + 0.01 * np.sin(np.arange(SWEEP.size))
    return losses + np.where(edge < SWEEP, 100.0, 0.0)


LOSSES = swept(0.5)


@pytest.fixture(scope="module")
def records():
    return load()


@pytest.fixture
def record():
    """Three rates from three starts; the second one is best, and a follower ends between it and the start."""
    looks = np.full((3, 3, 8, 2), 1.0)
    looks[:, 1, -1, 0], looks[:, 0, 3, 1] = 0.2, 0.4
    follower = np.full((len(FOLLOWERS), 3, 8, 2), np.nan)
    follower[0, :, -1, 0] = 0.6
    follower[1, :, -1] = 7.0
    arrays = {"start": np.ones((3, 2)), "one_test/looks": looks[:, :, :, :], "followers/looks": follower}
    for schedule in SCHEDULES:
        arrays |= {
            f"{schedule}/rates": np.array([1e-3, 1e-2, 1e-1]),
            f"{schedule}/looks": looks,
            f"{schedule}/best": np.array(1e-2),
            f"{schedule}/swept": np.broadcast_to(LOSSES, (3, 9, SWEEP.size)),
        }
    return Record("a task", "dense", "Adam", STEPS, arrays)


def test_the_tables_in_the_readme_are_those_of_the_records(records):
    printed = README.read_text(encoding="utf-8").partition(HEADING)[2]
    assert printed.strip() == "\n".join(tables(records)).strip()
    assert len({one.task for one in records}) >= 8


def test_a_stored_probe_reads_as_it_was_measured():
    measured = read(LOSSES, "Adam", STEPS)
    stored = read(kept((37 * LOSSES).astype(np.float32), measured.cost), "Adam", STEPS)
    assert measured.suggestion
    assert measured.edge
    assert stored.suggestion == pytest.approx(measured.suggestion, rel=0.02)
    assert (stored.edge, stored.cost) == (pytest.approx(measured.edge, rel=0.02), measured.cost)


def test_rules_read_the_last_probe_and_keep_the_rate_where_it_lacks_what_they_need():
    known = replace(NOTHING, suggestion=1e-3, peak=2e-3, edge=0.1)
    assert {name: rule([known]) for name, rule in RULES.items()} == pytest.approx(
        {
            "suggestion": 1e-3,
            "peak": 2e-3,
            "steady": 1e-3,
            "steady peak": 2e-3,
            "middle": 1e-2,
            "half the edge": 0.05,
            "a tenth of the edge": 0.01,
        }
    )
    assert {rule([NOTHING]) for rule in RULES.values()} == {None}
    without_edge = replace(known, edge=None)
    assert all(RULES[name]([without_edge]) == 1e-3 for name in ("middle", "half the edge", "a tenth of the edge"))


def test_a_steady_rule_follows_no_probe_that_went_astray():
    told = [replace(NOTHING, suggestion=rate) for rate in (1e-3, 2e-3, 1e-6, None)]
    assert RULES["steady"](told) == pytest.approx(1e-3)
    assert RULES["suggestion"](told[:3]) == 1e-6


def test_shapes_have_their_closed_forms():
    assert SHAPES["constant"](4).tolist() == [1.0] * 4
    assert SHAPES["annealed"](4).tolist() == pytest.approx(
        [1.0, math.cos(math.pi / 8) ** 2, 0.5, math.sin(math.pi / 8) ** 2]
    )
    assert SHAPES["cosine"](20)[:4].tolist() == pytest.approx([0.5, 1.0, 1.0, math.cos(math.pi / 36) ** 2])
    assert (SHAPES["1cycle"](100).argmax(), SHAPES["1cycle"](100).max()) == (29, 1.0)


def test_a_way_loses_what_it_ends_above_the_best_constant_rate(record):
    first, second, third = list(FOLLOWERS)[:3]
    assert reached(record, "best constant") == pytest.approx(0.2)
    assert reached(record, "best constant", held_out=True) == pytest.approx(0.4)
    assert [lost(record, way) for way in ("best 1cycle", first, second, third)] == pytest.approx([0.0, 0.5, 1.0, 1.0])
    found = Comparison.of(first, [record])
    assert (found.mean, found.bad, found.ratio) == (pytest.approx(0.5), 1.0, pytest.approx(3.0))
    assert found.wins == (0, 0, *(int(reached(record, f"one test, {name}") > 0.6) for name in ("1cycle", "cosine")))
    assert len(ways()) == len({*ways()}) == 2 * len(SCHEDULES) + len(FOLLOWERS)
    assert [*ONE_TEST] == [*SCHEDULES]


def test_moves_are_told_beside_the_start_and_the_rate_in_use(record):
    moving = np.array(record.arrays["cosine/swept"])
    moving[:, 4] = swept(5.0)
    record.arrays["cosine/swept"] = moving
    edge, factors = rates(record, "cosine", "edge"), moved([record], "cosine", "edge")
    assert factors[:, [0, 4, 8]] == pytest.approx(np.tile([1.0, 10.0, 1.0], (3, 1)), rel=0.2)
    assert edge_at_start(record) == edge[0, 0]
    used = in_use(record, "cosine")
    assert used[[0, 8]] == pytest.approx([1e-2 / 80, 0.0], abs=1e-6)
    assert below_edge([record], "cosine")[0, :8] == pytest.approx(edge[0, :8] / used[:8])
    assert in_use(record, "constant").tolist() == [1e-2] * 9


RIDES = """
import json

import keras
import numpy as np

from benchmarks.probes.readings import RULES, SWEEP
from benchmarks.probes.rides import PARTS, Ride, Rides
from benchmarks.recommendation.tasks import OPTIMIZERS, TASKS
from benchmarks.recommendation.training import Trainings, batches_of, starting_weights
from tb_lrfinder import range_test

STEPS, BEFORE = 800, 100
task = TASKS["digits"]
weights = starting_weights(task, 0)
rides = Rides(task, "Adam", Trainings(task, "Adam", [weights]), STEPS)
plain, probed = Ride(0, "cosine", 0.005), Ride(0, "cosine", 0.005, probes=(0, 1, PARTS))
paying = Ride(0, "constant", 0.005, RULES["suggestion"], (0, 1), pays=True)
rides.run([plain, probed, paying])

x, y = task.data()
model = task.build()
for variable, value in zip(model.variables, weights, strict=True):
    variable.assign(np.array(value))
model.compile(OPTIMIZERS["Adam"](), task.loss)
results = []


class Probes(keras.callbacks.Callback):
    '''The rates of the ride, and its second probe.'''

    def on_train_batch_begin(self, batch, logs=None):
        if batch == BEFORE:
            order = batches_of(task, SWEEP.size, [0, 21]).ravel()
            options = {"batch_size": task.batch_size, "shuffle": False, "verbose": 0, "total_steps": STEPS}
            results.append(
                range_test(self.model, x[order], y[order], num_steps=SWEEP.size, start_lr=SWEEP[0], end_lr=10.0, **options)
            )
        ride = Ride(0, "cosine", 0.005)
        rates = np.concatenate([ride.rates(part, STEPS) for part in range(PARTS)])
        self.model.optimizer.learning_rate.assign(rates[batch])


order = batches_of(task, STEPS, [0, 5]).ravel()
model.fit(
    x[order], y[order], batch_size=task.batch_size, shuffle=False, verbose=0, callbacks=[Probes()]
)


def slowed(optimizer):
    '''How many times smaller the state of an optimizer is at a rate 100 times lower, after some steps at 0.01.'''
    trainings = Trainings(task, optimizer, [weights])
    order = batches_of(task, 10, [0])[None]
    states, _ = trainings.advance(trainings.states_of([0]), np.full((1, 10), 0.01), order)
    pairs = zip(states[2][2:], trainings.slowed(states, 1e-4)[2][2:], strict=True)
    unchanged = trainings.slowed(states, 0.1)[2]
    assert all(np.array_equal(one, other) for one, other in zip(states[2], unchanged, strict=True))
    return sorted({round(float(np.abs(one).sum() / np.abs(other).sum()), 2) for one, other in pairs})


reached = model.evaluate(x[: task.count], y[: task.count], batch_size=task.batch_size, verbose=0)
ours, theirs = probed.swept[1], results[0].curve.values
size = min(len(theirs), probed.readings[1].cost)
print(json.dumps({
    "untouched": np.array_equal(plain.looks, probed.looks),
    "swept": [(ours[:size] / ours[0]).tolist(), (theirs[:size] / theirs[0]).tolist()],
    "suggested": [probed.readings[1].suggestion, results[0].suggestion.learning_rate],
    "costs": [probed.readings[1].cost, len(theirs)],
    "reached": [float(probed.looks[-1, 0]), reached],
    "slowed": {name: slowed(name) for name in ("SGD momentum", "Adam")},
    "paid": [paying.trained, STEPS - sum(one.cost for one in paying.readings)],
    "levels": [paying.levels.tolist(), [one.suggestion for one in paying.readings]],
}))
"""


@pytest.fixture(scope="module")
def rides():
    """What the trainings of the benchmark do, in a process of its own: they run on JAX."""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    result = subprocess.run([sys.executable, "-c", RIDES], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_probe_changes_nothing_of_its_training(rides):
    assert rides["untouched"]


def test_a_probe_is_what_a_range_test_in_a_running_fit_measures(rides):
    ours, theirs = rides["swept"]
    assert ours[:60] == pytest.approx(theirs[:60], rel=0.01)
    assert rides["suggested"][0] == pytest.approx(rides["suggested"][1], rel=0.05)
    assert rides["reached"][0] == pytest.approx(rides["reached"][1], rel=0.02)


def test_a_sweep_far_below_the_rate_in_use_begins_with_a_velocity_of_its_own(rides):
    assert rides["slowed"] == {"SGD momentum": [100.0], "Adam": [1.0]}


def test_a_probe_that_is_paid_for_takes_its_steps_from_the_training(rides):
    assert rides["paid"][0] == rides["paid"][1] < STEPS
    levels, suggested = rides["levels"]
    assert levels[:2] == suggested
    assert set(levels[1:]) == {suggested[1]}
