"""The blow-up edge: the lowest constant learning rate at which the same training would be expected to blow up or collapse.

A sweep shows it from above, because it spends few steps at each rate; short trainings at constant rates narrow it down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from tb_lrfinder import numerals
from tb_lrfinder.curves.analysis import HUGE, Analysis
from tb_lrfinder.curves.shape import Finding, is_noisy
from tb_lrfinder.curves.smoothing import running_median
from tb_lrfinder.curves.trials import Trial

# A sweep breaks at the edge times this.
SWEEP_DIVISOR = 2.0
# An edge nearer to a suggestion than the first factor asks for care; one nearer than the second is a doubt: a sweep shows
# its place to a factor of four only.
CLOSE, NEAR = 3.0, 10.0
# The edge lies at least this factor above a rate that trained well: half of the way to the next trial.
_TRIAL_FACTOR = 10 ** (1 / 6)
# A level lies above or below the start when it does so by this many of the start's standard errors.
_ERRORS = 10.0
# The loss has collapsed when it has lost all of its drop but this share.
_KEPT = 0.1
_SPIKE_WINDOW = 5
# Ratios that are called "at the suggestion".
_AT_LOWEST, _AT_HIGHEST = 0.95, 1.05


def edge_of(finding: Finding, trials: Iterable[Trial] = (), divisor: float = SWEEP_DIVISOR) -> float | None:
    """The blow-up edge of the training whose range test gave a curve.

    Args:
        finding: What is known of the curve.
        trials: Short trainings at constant rates. One that diverged or ended above its start bounds the edge from above, one
            that ended below its start from below.
        divisor: How far the sweep's own break lies above the edge.

    Returns:
        The rate, or None where neither the sweep nor a trial broke.

    Example:
        >>> from tb_lrfinder.curves.analysis import analyse
        >>> from tb_lrfinder.curves.curve import Curve
        >>> rates = np.geomspace(1e-4, 1.0, 81)
        >>> curve = Curve(rates, np.where(rates < 0.1, 1.0 / (1.0 + 100.0 * rates), np.nan))
        >>> f"{edge_of(Finding(curve, analyse(curve))):.3f}"
        '0.050'
    """
    broken_at = break_rate(finding)
    edge = math.inf if broken_at is None else broken_at / divisor
    lower, upper = _bounds(finding.analysis, trials)
    edge = min(max(edge, lower * _TRIAL_FACTOR), upper)
    return edge if 0 < edge < math.inf else None


def break_rate(finding: Finding) -> float | None:
    """The rate at which the sweep itself broke: the loss rose for good, collapsed, or ended the sweep.

    What may be noise is no break: it is judged as the situations of a test are.
    """
    return min([*_collapse(finding), *_rise(finding), *_end(finding)], default=None)


def _collapse(finding: Finding) -> list[float]:
    """The rate at which the smoothed loss, having clearly fallen, is back at its start; empty when it never is."""
    analysis = finding.analysis
    if not analysis.fell or is_noisy(finding):
        return []
    lost = analysis.losses[analysis.lowest :] >= analysis.start - _KEPT * analysis.drop
    return analysis.learning_rates[analysis.lowest :][lost][:1].tolist()


def _rise(finding: Finding) -> list[float]:
    """The rate from which on the loss stays clearly above its start, to end a whole drop above it; empty when it does not.

    The raw losses tell: a sweep that is stopped at once has too few points up there for the smoothed curve to show them.
    """
    curve, analysis = finding.curve, finding.analysis
    losses = np.clip(curve.losses[: curve.num_finite], -HUGE, HUGE)
    if not finding.ends_above or np.median(losses[-_SPIKE_WINDOW:]) <= analysis.start + analysis.drop:
        return []
    below = np.flatnonzero(running_median(losses, _SPIKE_WINDOW) <= finding.clear_rise)
    return curve.learning_rates[: losses.size][below[-1] + 1 if below.size else 0 :][:1].tolist()


def _end(finding: Finding) -> list[float]:
    """The rate at which a sweep ended because training broke: that of the first loss that is not finite, or the last one."""
    rates = finding.curve.learning_rates
    return rates[min(finding.curve.num_finite, rates.size - 1) :][:1].tolist() if finding.ended == "broke" else []


def _bounds(analysis: Analysis, trials: Iterable[Trial]) -> tuple[float, float]:
    """The highest rate that trained well and the lowest one that did not; 0 and infinity where there is none.

    A rate at which one training broke is no safe one, whatever a higher rate did.
    """
    rates = [(trial.learning_rate, trial.loss - analysis.start) for trial in trials]
    upper = min((rate for rate, gained in rates if gained > _error(analysis)), default=math.inf)
    lower = max((rate for rate, gained in rates if gained < -_error(analysis) and rate < upper), default=0.0)
    return lower, upper


def _error(analysis: Analysis) -> float:
    return _ERRORS * math.hypot(analysis.start_error, analysis.drift)


def distance(edge: float, ratio: float | None) -> str:
    """An edge in words, and its place relative to a suggestion: `"0.032, 12 times above the suggestion"`.

    Args:
        edge: The rate.
        ratio: How many times above the suggestion that is; None without one.
    """
    rate = numerals.rate(edge)
    if ratio is None:
        return rate
    if ratio > _AT_HIGHEST:
        return f"{rate}, {numerals.number(ratio, 2)} times above the suggestion"
    return f"{rate}, {'below' if ratio < _AT_LOWEST else 'at'} the suggestion"


def is_at_edge(finding: Finding) -> bool:
    """Whether training would break at the suggestion itself."""
    return finding.edge_ratio is not None and finding.edge_ratio <= _AT_HIGHEST


def is_close_to_edge(finding: Finding) -> bool:
    """Whether training would break little above the suggestion."""
    return finding.edge_ratio is not None and _AT_HIGHEST < finding.edge_ratio < CLOSE


def is_near_edge(finding: Finding) -> bool:
    """Whether training may break little above the suggestion, as far as the sweep tells."""
    return finding.edge_ratio is not None and CLOSE <= finding.edge_ratio < NEAR
