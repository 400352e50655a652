"""The numeric core on any rows that the reader lets through: an answer, no exception, no rate that is none."""

from __future__ import annotations

import math
import time
from typing import get_args

import numpy as np
from hypothesis import example
from hypothesis import strategies as st
from numpy.typing import NDArray

from tb_lrfinder.columns import EPOCH, LEARNING_RATE, LOSS, SMOOTHED, STEP, Table
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.decimation import Resolution, by_epoch, thin
from tb_lrfinder.curves.slopes import slopes_of
from tb_lrfinder.curves.suggestion import METHODS, suggest
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.rates.planner import RECIPES, Framework, basis_of, code, learning_rates
from tb_lrfinder.rates.rate_changes import rate_changes
from tests.fuzz.answers import check_sentence
from tests.fuzz.fuzzer import fuzzer

_SECONDS = 2.0  # of a core, for what takes milliseconds
_losses = (
    st.sampled_from([0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 1e308, -1e308, 1e-320, 0.1 + 0.2]) | st.floats()
)
_positive = st.floats(5e-324, 1.7e308) | st.floats(1e-8, 10)
_sizes = st.sampled_from([0, 1, 9, 10, 11, 30, 100, 100, 200])
_ends = st.sampled_from([(1e-7, 10.0), (1e-3, 1e-2), (5e-324, 1e308), (0.1, 0.1)]) | st.tuples(_positive, _positive)
_plain_rates = st.builds(lambda ends, size: np.geomspace(min(ends), max(ends), size).clip(*sorted(ends)), _ends, _sizes)
_odd_rates = st.lists(_positive, min_size=10, max_size=60).map(lambda rates: np.array(sorted(rates), np.float64))


@st.composite
def curves(draw) -> Curve:
    """Any curve that there is; most look like a range test with something odd in it."""
    rates = draw(_plain_rates | _plain_rates | _odd_rates)
    size = rates.size
    fall, noise = draw(st.sampled_from([1.0, 1.0, 0.0, -1.0])), draw(st.sampled_from([0.0, 0.02, 0.3]))
    place = np.linspace(0, 1, size)
    losses = 1.0 - fall / (1.0 + np.exp(20 * (0.5 - place))) + np.maximum(place - 0.8, 0) * draw(st.floats(0, 100))
    losses += noise * np.random.default_rng(draw(st.integers(0, 99))).standard_normal(size)
    with np.errstate(all="ignore"):
        losses = losses * draw(st.sampled_from([1.0, 1.0, 1e-300, 1e300, 1e308])) + draw(
            st.sampled_from([0.0, -1.0, 1e12])
        )
    for _ in range(draw(st.integers(0, 4)) if size else 0):
        losses[draw(st.integers(0, 10**6)) % size] = draw(_losses)
    if size and draw(st.booleans()):
        losses[draw(st.integers(size // 2, size)) :] = draw(_losses)
    return Curve(rates, losses, draw(st.sampled_from(["loss", "accuracy"])), draw(st.sampled_from(["min", "max"])))


_trials = st.lists(
    st.builds(Trial, _positive, st.integers(0, 1000), _losses.filter(lambda loss: loss == loss), st.booleans()),
    max_size=3,
)


@fuzzer(quick=80, curve=curves(), trials=_trials)
def test_suggestions(curve: Curve, trials: list[Trial]) -> None:
    for method in METHODS:
        found = suggest(curve, method, trials)
        check_sentence(found.reason)
        rates = [found.learning_rate, found.lower, found.upper]
        rates += [rate for use in found.uses for rate in (use.learning_rate, use.lower)]
        known = [rate for rate in rates if rate is not None]
        assert all(curve.learning_rates[0] <= rate <= curve.learning_rates[-1] for rate in known), found
        if found.lower is not None and found.upper is not None:
            assert found.lower <= found.upper
        assert found.edge is None or 0 < found.edge < math.inf
        assert found.edge_ratio is None or found.edge_ratio >= 0


@fuzzer(quick=80, curve=curves(), sigma=st.floats(1e-3, 1e3))
def test_slopes(curve: Curve, sigma: float) -> None:
    rates, slopes = slopes_of(curve, sigma)
    assert rates.shape == slopes.shape
    assert ((rates > 0) & np.isfinite(rates)).all()
    assert not np.isnan(slopes).any()


@fuzzer(
    quick=80,
    curve=curves(),
    max_points=st.integers(4, 100),
    smoothing=st.floats(0, 0.999999),
    ends=st.tuples(_positive, _positive),
)
@example(curve=Curve(np.full(30, 0.23509384145773038), np.ones(30)), max_points=20, smoothing=0.0, ends=(1e-9, 1.0))
def test_thinned_rows_are_rows(curve: Curve, max_points: int, smoothing: float, ends: tuple[float, float]) -> None:
    table = Table.of({STEP: np.arange(len(curve)), LEARNING_RATE: curve.learning_rates, LOSS: curve.losses})
    lower, upper = min(ends), max(ends)
    if lower == upper:
        lower = 0.0
    thinned = thin(table, LOSS, Resolution(max_points, smoothing, lower, upper))
    if thinned is None:
        assert len(table) <= max_points
        return
    assert len(thinned) <= max_points + 2
    assert thinned.columns == (*table.columns, SMOOTHED)
    at = thinned[STEP].astype(int)
    assert (np.diff(at) > 0).all()
    np.testing.assert_array_equal(thinned.values[:, :3], table.values[at])


@st.composite
def trainings(draw) -> Table:
    """Rows of a training: steps that increase, any rates from zero, epochs that do not fall."""
    size = draw(st.integers(0, 60))
    numbers = st.lists(st.floats(0, 1e300) | st.sampled_from([0.0, 0.1, 0.01]), min_size=size, max_size=size)
    steps = np.cumsum(draw(st.lists(st.integers(1, 10**6), min_size=size, max_size=size)), dtype=np.float64)
    epochs = np.sort(np.array(draw(st.lists(st.floats(0, 1e6), min_size=size, max_size=size)), np.float64))
    losses = np.array(draw(st.lists(_losses | st.floats(0, 9), min_size=size, max_size=size)), np.float64)
    return Table.of({STEP: steps, LEARNING_RATE: _array(draw(numbers)), LOSS: losses, EPOCH: epochs})


def _array(values: list[float]) -> NDArray[np.float64]:
    return np.array(values, np.float64)


@fuzzer(quick=80, table=trainings())
def test_trainings(table: Table) -> None:
    changes = rate_changes(table, "CosineDecay")
    assert all(change.step >= 0 and change.text for change in changes)
    epochs = by_epoch(table)
    assert len(epochs) <= len(table)
    assert set(epochs[STEP]) <= set(table[STEP])


@fuzzer(
    quick=80,
    name=st.sampled_from(sorted(RECIPES)),
    total_steps=st.integers(-1, 10**12) | st.integers(2, 100),
    rate=st.floats() | _positive | st.floats(1e-8, 1),
    share=st.none() | st.floats() | st.floats(0.01, 0.99),
)
def test_recipes(name: str, total_steps: int, rate: float, share: float | None) -> None:
    started = time.thread_time()
    try:
        basis = basis_of(total_steps, rate, None if share is None else rate * share)
        parameters = RECIPES[name].defaults(basis)
    except ValueError as error:
        check_sentence(str(error))
        return
    steps = np.unique(np.linspace(0, total_steps - 1, 50).round().astype(np.int64))
    rates = learning_rates(name, total_steps, parameters, steps)
    assert rates.shape == steps.shape
    assert ((rates >= 0) & np.isfinite(rates)).all()
    for framework in get_args(Framework):
        for fine_tuning in (False, True):
            source = code(name, total_steps, None, parameters, framework=framework, fine_tuning=fine_tuning)
            compile(source, name, "exec")
    assert time.thread_time() - started < _SECONDS
