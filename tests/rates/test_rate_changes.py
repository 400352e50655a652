"""`rate_changes`: where a schedule changes, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import Table
from tb_lrfinder.rates.rate_changes import rate_changes

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
    assert texts(rates, driver="ReduceLROnPlateau") == [(100, "ReduceLROnPlateau: 0.001 → 1e-4 at epoch 5")]
    assert texts(rates, epochs=None) == [(100, "Drop: 0.001 → 1e-4 at step 100")]


def test_the_end_of_a_warm_up_and_a_peak():
    warm = np.minimum((STEP + 1) / 40, 1.0) * 0.1
    assert texts(warm) == [(39, "Warm-up ends: 0.1 at epoch 2")]
    cycle = 0.01 + 0.09 * (1 - np.abs(STEP - 100) / 100)
    assert texts(cycle) == [(100, "Peak: 0.1 at epoch 5.05")]


def test_a_warm_up_from_zero_is_no_restart():
    warm = np.minimum(STEP / 40, 1.0) * 0.1
    assert texts(warm) == [(40, "Warm-up ends: 0.1 at epoch 2.05")]


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
