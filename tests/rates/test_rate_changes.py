"""`rate_changes`: where a schedule changes, in words."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_lrfinder.columns import Table
from tb_lrfinder.rates.formulas import one_cycle
from tb_lrfinder.rates.rate_changes import rate_changes
from tb_lrfinder.rates.thinning import Thinner

STEP = np.arange(200.0)
EPOCH = (STEP + 1) / 20


def schedule(
    steps: NDArray[np.float64], rates: NDArray[np.float64], epochs: NDArray[np.float64] | None = None
) -> Table:
    table = Table.of({"step": steps, "learning_rate": rates})
    return table if epochs is None else table.with_column("epoch", epochs)


def texts(rates: NDArray[np.float64], epochs: NDArray[np.float64] | None = EPOCH, driver: str | None = None):
    return [(change.step, change.text) for change in rate_changes(schedule(STEP, rates, epochs), driver)]


def test_a_plateau_is_named_after_what_found_it():
    rates = np.where(STEP < 100, 1e-3, 1e-4)
    assert texts(rates, driver="ReduceLROnPlateau") == [(100, "ReduceLROnPlateau: 0.001 → 0.0001 at epoch 5")]
    assert texts(rates, epochs=None) == [(100, "Drop: 0.001 → 0.0001 at step 100")]


def test_the_end_of_a_warm_up_and_a_peak():
    warm = np.minimum((STEP + 1) / 40, 1.0) * 0.1
    assert texts(warm) == [(39, "Warm-up ends: 0.1 at epoch 2")]
    cycle = 0.01 + 0.09 * (1 - np.abs(STEP - 100) / 100)
    assert texts(cycle) == [(100, "Peak: 0.1 at epoch 5.05")]


UP = np.minimum(STEP / 40, 1.0)
AGAIN = np.minimum((STEP - 100) / 40, 1.0)
COSINE = (1 + np.cos(np.pi * np.maximum(STEP - 40, 0) / 160)) / 2
PERIODS = (1 + np.cos(np.pi * (STEP % 50) / 50)) / 2
WARM_UP = ["Warm-up ends: 0.1 at step 40"]
# Schedules as people use them, and all that is said of each.
USUAL = {
    "a linear warm-up from 0": (0.1 * UP, WARM_UP),
    "a linear warm-up from 1e-6": (1e-6 + (0.1 - 1e-6) * UP, WARM_UP),
    "a linear warm-up whose first step has a rate": (0.1 * np.minimum((STEP + 1) / 41, 1.0), WARM_UP),
    "a warm-up that grows by a factor": (1e-6 * 1e5**UP, WARM_UP),
    "a warm-up of one step from 0": (np.where(STEP < 1, 0.0, 0.1), ["Warm-up ends: 0.1 at step 1"]),
    "a warm-up of one step from 1e-6": (np.where(STEP < 1, 1e-6, 0.1), ["Warm-up ends: 0.1 at step 1"]),
    "a warm-up of three steps from 1e-6": (
        np.minimum(1e-6 + STEP / 30, 0.1),
        ["Warm-up ends: 0.1 at step 3"],
    ),
    "a warm-up that begins after two steps": (0.1 * np.clip((STEP - 1) / 39, 0.0, 1.0), WARM_UP),
    "a warm-up, then a cosine": (0.1 * UP * COSINE, WARM_UP),
    "a warm-up from 1e-6, then a cosine": ((1e-6 + (0.1 - 1e-6) * UP) * COSINE, WARM_UP),
    "a short warm-up, then a line down": (
        0.1 * np.minimum(STEP / 20, (200 - STEP) / 180),
        ["Warm-up ends: 0.1 at step 20"],
    ),
    "1cycle": (
        one_cycle(STEP, peak_learning_rate=0.1, total_steps=200),
        ["Peak: 0.1 at step 59"],
    ),
    "1cycle of lines": (
        one_cycle(STEP, peak_learning_rate=0.1, total_steps=200, shape="linear"),
        ["Peak: 0.1 at step 59"],
    ),
    "constant, then a drop": (np.where(STEP < 100, 0.1, 0.01), ["Drop: 0.1 → 0.01 at step 100"]),
    "low by hand, then high": (np.where(STEP < 10, 0.001, 0.1), ["Rise: 0.001 → 0.1 at step 10"]),
    "0 by hand, then a rate": (np.where(STEP < 10, 0.0, 0.1), ["Rise: 0 → 0.1 at step 10"]),
    "a drop that is taken back": (
        np.where((STEP >= 50) & (STEP < 100), 0.01, 0.1),
        ["Drop: 0.1 → 0.01 at step 50", "Restart: 0.01 → 0.1 at step 100"],
    ),
    "a warm-up by epochs from 0": (
        0.1 * np.minimum(STEP // 20 / 2, 1.0),
        ["Rise: 0 → 0.05 at step 20", "Rise: 0.05 → 0.1 at step 40"],
    ),
    "SGDR": (
        0.1 * PERIODS,
        [f"Restart: 9.87e-5 → 0.1 at step {step}" for step in (50, 100, 150)],
    ),
    "SGDR after a warm-up": (
        np.where(STEP < 20, STEP / 200, 0.05 * (1 + np.cos(np.pi * ((STEP - 20) % 60) / 60))),
        ["Warm-up ends: 0.1 at step 20", *[f"Restart: 6.85e-5 → 0.1 at step {step}" for step in (80, 140)]],
    ),
    "a warm-up, and one more after resuming": (
        0.1 * np.where(STEP < 100, UP, AGAIN),
        [*WARM_UP, "Drop: 0.1 → 0 at step 100", "Warm-up ends: 0.1 at step 140"],
    ),
    "a warm-up after resuming from 1e-6": (
        np.where(STEP < 100, 0.1, 1e-6 + 0.1 * AGAIN),
        ["Drop: 0.1 → 1e-6 at step 100", "Warm-up ends: 0.1 at step 140"],
    ),
    "triangles": (
        0.01 + 0.09 * (1 - np.abs((STEP % 50) / 25 - 1)),
        [f"Peak: 0.1 at step {step}" for step in (25, 75, 125, 175)],
    ),
}


@pytest.mark.parametrize("name", USUAL)
def test_what_is_said_of_usual_schedules(name):
    rates, said = USUAL[name]
    assert [text for _, text in texts(rates, epochs=None)] == said


@pytest.mark.parametrize("name", USUAL)
def test_the_same_is_said_of_the_rows_that_are_kept(name):
    rates, said = USUAL[name]
    assert [change.text for change in rate_changes(thinned(STEP, rates))] == said


def thinned(steps: NDArray[np.float64], rates: NDArray[np.float64]) -> Table:
    thinner = Thinner()
    return thinner.add(schedule(steps, rates)).followed_by(thinner.finish())


@pytest.mark.parametrize("length", [200, 2_000, 20_000])
def test_the_length_of_a_schedule_changes_no_name(length):
    steps = np.arange(float(length))
    cycle = one_cycle(steps, peak_learning_rate=0.1, total_steps=length)
    cosine = np.minimum(5 * steps / length, (1 + np.cos(np.pi * np.clip(1.25 * steps / length - 0.25, 0, 1))) / 2)
    for rates, name, at in ((cycle, "Peak", 0.3), (0.1 * cosine, "Warm-up ends", 0.2)):
        for table in (schedule(steps, rates), thinned(steps, rates)):
            (change,) = rate_changes(table)
            assert change.text.startswith(f"{name}: 0.1 ")
            assert change.step == pytest.approx(at * length, abs=1 + 2e-3 * length)


def test_a_warm_up_has_its_name_from_the_first_step_after_it():
    for rates, name in (
        (0.1 * UP * COSINE, "Warm-up ends"),
        (one_cycle(STEP, peak_learning_rate=0.1, total_steps=200), "Peak"),
    ):
        end = int(np.argmax(rates))
        for rows in range(end + 2, 200):
            (change,) = rate_changes(schedule(STEP[:rows], rates[:rows]))
            assert change.text.startswith(name), rows


def test_the_first_step_of_a_second_warm_up_is_no_restart_while_it_is_the_last_one_known():
    rates = np.where(STEP < 100, 0.1, 0.1 * AGAIN)[:102]
    changes = rate_changes(schedule(STEP[:102], rates))
    assert [change.text for change in changes] == ["Drop: 0.1 → 0 at step 100"]


def test_a_restart():
    rates = 0.1 * (1 + np.cos(np.pi * (STEP % 100) / 100)) / 2
    assert texts(rates, driver="CosineDecayRestarts") == [(100, "Restart: 2.47e-5 → 0.1 at epoch 5")]


def test_restarts_of_short_periods():
    rates = 0.1 * (1 + np.cos(np.pi * (STEP % 12) / 12)) / 2
    assert [text for _, text in texts(rates, epochs=None)][:2] == [
        "Restart: 0.0017 → 0.1 at step 12",
        "Restart: 0.0017 → 0.1 at step 24",
    ]


def test_a_sweep_by_epochs_is_no_series_of_restarts():
    rates = 1e-8 * 10 ** (STEP // 20 / 20)
    assert texts(rates, driver="LearningRateScheduler")[0] == (20, "LearningRateScheduler: 1e-8 → 1.12e-8 at epoch 1")


def test_a_smooth_fall_and_a_sweep_have_no_rate_changes():
    assert texts(0.1 * 0.95**STEP) == []
    assert texts(np.geomspace(1e-7, 1.0, 200)) == []
    assert texts(np.full(200, 0.1)) == []


def test_too_short_to_change():
    assert rate_changes(schedule(np.arange(2.0), np.array([0.1, 0.01]))) == []


def test_there_are_never_more_than_a_hundred():
    steps = np.arange(2000.0)
    assert len(rate_changes(schedule(steps, 0.1 * 0.9 ** (steps // 10 % 7)))) == 100
