"""`Thinner`: the schedule drawn through the rows kept is the schedule, and long trainings stay small."""

import functools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tb_lrfinder.columns import Table
from tb_lrfinder.rates.thinning import TOLERANCE, Thinner

STEPS = 20_000
STEP = np.arange(float(STEPS))
SCHEDULES = {
    "constant": np.full(STEPS, 0.01),
    "drops": 0.1 * 0.5 ** (STEP // 3_000),
    "triangles": 1e-3 + 1e-2 * (1 - np.abs(2 * (STEP / 5_000 % 1) - 1)),
    "warm_up": np.minimum((STEP + 1) / 2_000, 1.0) * np.where(STEP < 12_000, 0.1, 0.01),
    "exponential": 0.1 * 0.96 ** (STEP / 1_000),
    "cosine": 1e-6 + 0.1 * (1 + np.cos(np.pi * STEP / STEPS)) / 2,
}


def thin(rates, losses=None, chunk=256, steps=None):
    steps = np.arange(float(len(rates))) if steps is None else steps
    table = Table.of({"step": steps, "learning_rate": rates})
    table = table if losses is None else table.with_column("loss", losses)
    thinner = Thinner()
    rows = [thinner.add(table.take(slice(start, start + chunk))) for start in range(0, max(len(table), 1), chunk)]
    return functools.reduce(Table.followed_by, [*rows, thinner.finish()])


def error(rates, rows):
    return np.max(np.abs(np.interp(np.arange(len(rates)), rows["step"], rows["learning_rate"]) / rates - 1))


@pytest.mark.parametrize("name", SCHEDULES)
def test_between_rows_the_rate_lies_on_a_straight_line(name):
    rates = SCHEDULES[name].astype(np.float32).astype(float)
    rows = thin(rates)
    assert error(rates, rows) <= TOLERANCE
    assert len(rows) < 4_500
    assert rows["step"][0] == 0
    assert rows["step"][-1] == STEPS - 1
    np.testing.assert_array_equal(rows["learning_rate"], rates[rows["step"].astype(int)])


def test_both_sides_of_every_drop_and_every_peak_are_rows():
    kept = set(thin(SCHEDULES["drops"])["step"].tolist())
    assert kept >= {edge for drop in range(3_000, STEPS, 3_000) for edge in (drop - 1, drop)}
    assert {2_500.0, 5_000.0, 7_500.0} <= set(thin(SCHEDULES["triangles"])["step"].tolist())


def test_a_row_has_the_losses_since_the_row_before():
    losses = np.random.default_rng(0).normal(size=STEPS)
    rows = thin(SCHEDULES["constant"], losses)
    start = 0
    for step, _, mean, lowest, highest in rows.values:
        covered = losses[start : int(step) + 1]
        assert (mean, lowest, highest) == (pytest.approx(covered.mean()), covered.min(), covered.max())
        start = int(step) + 1
    assert start == STEPS


def test_a_short_training_keeps_every_step():
    np.testing.assert_array_equal(thin(SCHEDULES["exponential"][:1000])["step"], np.arange(1000))


def test_a_training_that_goes_on_later_is_thinned_by_its_own_length():
    rows = thin(SCHEDULES["constant"][:1000], steps=np.arange(1000.0) + 5e6)
    assert len(rows) == 1000


@pytest.mark.parametrize("chunk", [1, 7, 1000, STEPS])
def test_the_size_of_the_bunches_does_not_matter(chunk):
    rates = SCHEDULES["cosine"][:3000]
    np.testing.assert_array_equal(thin(rates, chunk=chunk).values, thin(rates).values)


def test_a_schedule_that_never_rests_stays_bounded(monkeypatch):
    monkeypatch.setattr("tb_lrfinder.rates.thinning._MAX_CORNERS", 50)
    rates = np.random.default_rng(0).uniform(1e-3, 1e-1, STEPS)
    assert len(thin(rates)) < 4_600
    assert len(thin(rates)) - len(thin(SCHEDULES["constant"])) <= 50


def test_nothing_gives_no_rows():
    thinner = Thinner()
    assert len(thinner.finish()) == 0
    assert len(thin(np.empty(0))) == 0


def test_columns_are_known_by_their_names_in_any_order():
    rates, losses = SCHEDULES["drops"][:5000], np.random.default_rng(0).normal(size=5000)
    thinner = Thinner()
    turned = Table.of({"epoch": STEP[:5000] / 100, "loss": losses, "learning_rate": rates, "step": STEP[:5000]})
    rows = thinner.add(turned).followed_by(thinner.finish())
    assert rows.columns == ("epoch", "loss", "loss_min", "loss_max", "learning_rate", "step")
    expected = thin(rates, losses)
    for name in expected.columns:
        np.testing.assert_array_equal(rows[name], expected[name])
    np.testing.assert_array_equal(rows["epoch"], rows["step"] / 100)


def test_a_schedule_without_losses_has_no_columns_of_them():
    assert thin(SCHEDULES["drops"]).columns == ("step", "learning_rate")


@settings(deadline=None, max_examples=50)
@example([(400, 1.0), (400, 1.0), (2, 0.99999)])
@given(st.lists(st.tuples(st.integers(1, 400), st.floats(1e-6, 1.0)), min_size=1, max_size=12))
def test_any_sequence_of_plateaus_comes_back_exactly(plateaus):
    rates = np.concatenate([np.full(length, rate) for length, rate in plateaus])
    # A change as small as the rounding of float32 is no corner: there the line may cut it.
    smallest = np.min(np.abs(np.diff(rates))[np.diff(rates) != 0] / rates[1:][np.diff(rates) != 0], initial=1.0)
    assert error(rates, thin(rates, chunk=100)) <= (1e-12 if smallest > 2e-5 else 2e-5)
