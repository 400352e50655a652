"""What is scored: every way to get rates out of what was recorded of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.recommendation.cases import (
    PROBE_RATES,
    PROBE_STEPS,
    PROBE_WINDOW,
    SHORT_SWEEP,
    SWEEP,
    Array,
    Run,
)
from benchmarks.recommendation.peers import KERAS_DEFAULTS, PEERS, Choice, running_mean
from tb_lrfinder.curves.analysis import analyse
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.stop_rules import DivergenceRule
from tb_lrfinder.curves.suggestion import MethodName, Suggestion, suggest
from tb_lrfinder.curves.trials import Trial, TrialSeries, rates_around


@dataclass(frozen=True)
class Rates:
    """The answer of a method: a rate for each use, None where it has none, and the steps it cost."""

    constant: float | None
    one_cycle: float | None
    cyclical: tuple[float, float] | None = None
    steps: int = SWEEP.size


Method = Callable[[Run], Rates]


def methods() -> Iterator[tuple[str, Method]]:
    """All of them by name, in no order of merit."""
    yield "tb_lrfinder", lambda run: of(suggestion(run))
    yield "tb_lrfinder, optimizer not named", lambda run: of(suggest(stopped(SWEEP, run.sweeps[0])))
    yield "tb_lrfinder, `repeats=3`", lambda run: of(suggestion(run, repeats=3), steps=3 * SWEEP.size)
    for count in (3, 5):
        yield f"tb_lrfinder, `confirm={count}`", lambda run, count=count: confirmed(run, count)
    for name, choose in PEERS.items():
        yield name, lambda run, choose=choose: _one_rate(choose(SWEEP, run.sweeps[0]))
    for name in ("fastai `minimum` / 10", "fastai `valley`"):
        choose = PEERS[name]
        yield f"{name}, mean of 3", lambda run, choose=choose: _mean_of_repeats(run, choose)
    for name, choose in PEERS.items():
        yield f"{name}, Keras' running mean", lambda run, choose=choose: _one_rate(choose(SWEEP, _running_mean(run)))
    for method in ("minimum", "steepest", "valley", "slide", "blow_up"):
        yield f"tb_lrfinder, `{method}`", lambda run, method=method: of(suggestion(run, method=method))
    yield "always 1e-3", lambda run: _one_rate(1e-3)
    yield "Keras' default rate", lambda run: _one_rate(KERAS_DEFAULTS[run.case.optimizer])


def _one_rate(rate: float | None) -> Rates:
    return Rates(rate, rate)


def _mean_of_repeats(run: Run, choose: Choice) -> Rates:
    rate = choose(SWEEP, run.sweeps.mean(axis=0))
    return Rates(rate, rate, steps=run.sweeps.size)


def _running_mean(run: Run) -> Array:
    return running_mean(run.sweeps[0], run.case.batches_per_epoch)


def of(suggestion: Suggestion, steps: int = SWEEP.size) -> Rates:
    """A method without a peak of its own gives its rate for 1cycle too, as a peer's would be used."""
    peak = suggestion.one_cycle_peak
    return Rates(
        suggestion.learning_rate,
        suggestion.learning_rate if peak is None else peak,
        suggestion.cyclical_bounds,
        steps,
    )


def stopped(rates: Array, losses: Array, optimizer: str | None = None) -> Curve:
    """The curve as `range_test` would have recorded it: up to where our stop rule ends it."""
    rule = DivergenceRule(4.0, losses.size)
    stops = ((index + 1, rule.update(loss)) for index, loss in enumerate(losses.tolist()))
    count, stop = next(((count, stop) for count, stop in stops if stop), (losses.size, None))
    ending = Ending(stop.reason if stop else "completed", losses.size, rates[-1])
    return Curve(rates[:count], losses[:count], ending=ending, optimizer=optimizer)


def curve(run: Run, repeats: int = 1) -> Curve:
    """Of repeats, their mean as far as every one got, as `range_test` combines them."""
    optimizer = run.case.optimizer
    curves = [stopped(SWEEP, losses, optimizer) for losses in run.sweeps[:repeats]]
    shortest = min(curves, key=len)
    losses = np.mean([one.losses[: len(shortest)] for one in curves], axis=0)
    return Curve(shortest.learning_rates, losses, ending=shortest.ending, optimizer=optimizer, repeats=repeats)


def suggestion(
    run: Run, *, repeats: int = 1, method: MethodName = "auto", total_steps: int | None = None
) -> Suggestion:
    return suggest(curve(run, repeats), method, total_steps=total_steps)


def short_suggestion(run: Run) -> Suggestion:
    """From the sweep of 100 steps."""
    return suggest(stopped(SHORT_SWEEP, run.short_sweep, run.case.optimizer))


def confirmed_suggestion(run: Run, count: int) -> tuple[Suggestion, list[Trial]]:
    """The suggestion after `count` short trainings of 300 steps, replayed from the recorded ones."""
    measured = curve(run)
    found = suggest(measured)
    if found.learning_rate is None:
        return found, []
    start = float(run.case.recorded["start"][run.start, 0])

    series = TrialSeries(PROBE_STEPS, analyse(measured).start)

    def train(rate: float) -> Trial:
        rule = series.rule()
        losses = start * np.repeat(_probe(run, rate), PROBE_WINDOW)
        seen = next((step + 1 for step, loss in enumerate(losses.tolist()) if rule.update(loss)), PROBE_STEPS)
        return series.end(rate, rule, losses[:seen])

    trials = [train(rate) for rate in rates_around(found.learning_rate, count, SWEEP[0], SWEEP[-1])]
    return suggest(measured, trials=trials), trials


def confirmed(run: Run, count: int) -> Rates:
    found, trials = confirmed_suggestion(run, count)
    return of(found, SWEEP.size + sum(trial.steps for trial in trials))


def _probe(run: Run, rate: float) -> Array:
    """The losses of a short training at any rate, interpolated in log LR; not a number where it diverged."""
    with np.errstate(invalid="ignore"):  # infinity times nothing
        return np.array([np.interp(np.log(rate), np.log(PROBE_RATES), window) for window in run.probes.T])
