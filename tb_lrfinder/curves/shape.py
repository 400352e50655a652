"""The shape of a curve: its name for people, and the signs by which one is told from another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tb_lrfinder.choices import EndingKind, OptimizerKind, ShapeName
from tb_lrfinder.curves.analysis import HUGE, MAD_TO_STD, MEDIAN_ERROR, RESOLUTION, Analysis
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.optimizer_kind import kind_of

# Below this many standard errors the lowest point may be one of noise.
_CLEAR_DROP = 6.0
# Below this many its place is still known less well than the methods are good: chosen in benchmarks/recommendation.
_SHARP_DROP = 12.0
# So many losses at the end say whether the loss stays above its start.
_LAST = 5
# The curve has turned when it rises from its lowest point by this share of the drop.
_TURNED = 0.1
# The sweep must show the start of the fall: decades before the usable band.
_PLATEAU = 0.5
# Rates that change nothing over so many decades, up to where the loss rises, are no fault of the scale: with inputs or
# targets out of scale, training breaks within the first ones.
_IDLE = 2.0
# No optimizer is used with rates from here on.
_HIGH_RATE = 1.0
# A second valley begins where the loss has risen by this share of the drop and falls again by as much.
_SECOND_VALLEY = 0.3
# The methods disagree when the steepest fall lies so many decades below the centre of the valley.
_DISAGREEMENT = 2.4
# Most of the drop: what follows over at least so many decades, by a clear drop again, is a fall of its own.
_FIRST_FALL, _SECOND_FALL = 0.9, 1.0
# Steps per decade below which the sweep outruns the training: the minimum comes late.
_FEW_STEPS = 20.0


@dataclass(frozen=True)
class Shape:
    """The shape of a curve.

    Attributes:
        name: `"good"`: it fell and turned, or fell until training broke. `"short"`: it ends before it turns. `"late"`: it
            fell from the first rates on. `"twice"`: it fell twice. `"trained"`: it only rose. `"broke"`: training broke
            before it fell. `"flat"`: no rate made it fall. `"noise"`: it fell by little more than its noise.
        sentence: What the curve shows. What that means for the suggestion says its confidence, what to do its advice.
    """

    name: ShapeName
    sentence: str


@dataclass(frozen=True, eq=False)
class Finding:
    """What is known of a curve that can be analysed.

    Attributes:
        curve: The curve.
        analysis: Its analysis.
        edge_ratio: How many times above the suggestion the blow-up edge lies; None without one of them.
        needs_kind: Whether the suggestion depends on the kind of the optimizer.
    """

    curve: Curve
    analysis: Analysis
    edge_ratio: float | None = None
    needs_kind: bool = False

    @cached_property
    def ended(self) -> EndingKind:
        return self.curve.ended

    @cached_property
    def kind(self) -> OptimizerKind | None:
        """The kind of the optimizer; None where it is not known."""
        return kind_of(self.curve.optimizer)

    @property
    def density(self) -> float:
        """Steps per decade: a point may be the mean of several."""
        return self.analysis.density * self.curve.updates_per_point

    @cached_property
    def broke(self) -> bool:
        """Whether training broke: it ended for that, or with losses far above the start."""
        return self.ended == "broke" or self.rises

    @cached_property
    def rises(self) -> bool:
        """Whether the loss blew up and stayed so, as that of noise does not."""
        return self.analysis.blew_up and self.ends_above

    @cached_property
    def clear_rise(self) -> float:
        """The level that a few losses do not exceed by noise, nor by drifting through the whole sweep."""
        analysis = self.analysis
        losses = np.clip(self.curve.losses[: self.curve.num_finite // 2], -HUGE, HUGE)
        noise = MAD_TO_STD * float(np.median(np.abs(np.diff(losses))))
        error = math.hypot(MEDIAN_ERROR * noise / math.sqrt(_LAST), analysis.start_error, analysis.whole_drift)
        return analysis.start + max(_CLEAR_DROP * error, RESOLUTION * abs(analysis.start))

    @cached_property
    def ends_above(self) -> bool:
        """Whether the last losses lie clearly above the start."""
        losses = np.clip(self.curve.losses[: self.curve.num_finite], -HUGE, HUGE)
        return float(np.median(losses[-_LAST:])) > self.clear_rise

    @cached_property
    def rise_rate(self) -> float:
        """The rate from which on the loss lies clearly above its start; the last rate where it does not end so.

        Not the first such rate: a loss that wanders may lie above long before.
        """
        analysis = self.analysis
        error = np.hypot(analysis.errors, math.hypot(analysis.start_error, analysis.drift))
        least = np.maximum(_CLEAR_DROP * error, RESOLUTION * abs(analysis.start))
        others = np.flatnonzero(analysis.losses <= analysis.start + least)
        first = int(others[-1]) + 1 if others.size else 0
        return float(analysis.learning_rates[min(first, len(analysis.losses) - 1)])


def is_unfinished(finding: Finding) -> bool:
    """Whether the sweep ended too early, or goes on, and the curve has not turned yet."""
    if finding.ended not in ("running", "data_ran_out", "cut"):
        return False
    return ends_early(finding) if finding.analysis.fell else not finding.broke


def only_rises(finding: Finding) -> bool:
    """Whether the curve is flat over decades and then rises, as that of a trained model does."""
    if finding.analysis.fell or not finding.rises or breaks_late(finding):
        return False
    return math.log10(finding.rise_rate / float(finding.analysis.learning_rates[0])) >= _IDLE


def breaks_behind_idle(finding: Finding) -> bool:
    """Whether the loss stayed over decades, then a rise stopped the sweep that is not clear of how the loss wanders."""
    if (
        finding.analysis.fell
        or finding.rises
        or finding.ended != "broke"
        or finding.curve.num_finite < len(finding.curve)
    ):
        return False
    rates = finding.curve.learning_rates
    return math.log10(float(rates[-1] / rates[0])) >= _IDLE


def breaks_late(finding: Finding) -> bool:
    """Whether the loss never fell, and training broke at rates that nobody uses."""
    return not finding.analysis.fell and finding.rises and finding.rise_rate >= _HIGH_RATE


def breaks_first(finding: Finding) -> bool:
    """Whether training broke before the loss fell."""
    return not finding.analysis.fell and finding.broke


def stays_low(finding: Finding) -> bool:
    """Whether the loss never fell, at rates of which none was high."""
    return not finding.analysis.fell and float(finding.analysis.learning_rates[-1]) < _HIGH_RATE


def never_falls(finding: Finding) -> bool:
    return not finding.analysis.fell


def is_noisy(finding: Finding) -> bool:
    """Whether noise may have placed the lowest point."""
    return _clearness(finding) < _CLEAR_DROP


def is_faint(finding: Finding) -> bool:
    """Whether the fall is clear of the noise, but not far above it."""
    return is_near_noise(finding) and not is_noisy(finding)


def is_near_noise(finding: Finding) -> bool:
    """Whether the fall is not far above the noise, if it is clear of it at all."""
    return _clearness(finding) < _SHARP_DROP


def _clearness(finding: Finding) -> float:
    """The drop in the standard errors of one sweep: the mean of several is smoother, but a training is as noisy as ever."""
    return finding.analysis.significance / math.sqrt(finding.curve.repeats)


def ends_early(finding: Finding) -> bool:
    """Whether the curve ends before it rises."""
    analysis = finding.analysis
    after = analysis.losses[analysis.lowest :]
    return float(after.max()) - float(after[0]) < _TURNED * analysis.drop


def ends_low(finding: Finding) -> bool:
    """Whether the curve ends before it rises, at rates of which none was high."""
    return ends_early(finding) and float(finding.analysis.learning_rates[-1]) < _HIGH_RATE


def starts_late(finding: Finding) -> bool:
    """Whether the curve falls from the first rates on."""
    analysis = finding.analysis
    return math.log10(analysis.band()[0] / float(analysis.learning_rates[0])) < _PLATEAU


def has_two_valleys(finding: Finding) -> bool:
    """Whether the loss rises from a valley and falls into another one, before it blows up for good."""
    analysis = finding.analysis
    depth, lowest, highest = _SECOND_VALLEY * analysis.drop, math.inf, -math.inf
    for loss in analysis.losses.tolist():
        lowest = min(lowest, loss)
        if loss > lowest + depth and lowest < analysis.start - depth:
            highest = max(highest, loss)
        if loss < highest - depth and loss < analysis.start - depth:
            return True
    return False


def falls_again(finding: Finding) -> bool:
    """Whether the loss falls twice without a rise between: fastest far below the valley, or clearly once more behind the
    first fall, small as that is beside it. The first may only have taken away the scale of the targets.
    """
    analysis = finding.analysis
    steepest = float(analysis.learning_rates[int(np.argmin(analysis.slopes()[analysis.falling]))])
    return analysis.valley()[0] - math.log10(steepest) > _DISAGREEMENT or _falls_on_the_floor(finding)


def _falls_on_the_floor(finding: Finding) -> bool:
    """Whether the loss falls clearly behind its first fall, measured by the noise that it has there."""
    analysis = finding.analysis
    first = int(np.argmax(analysis.losses <= analysis.start - _FIRST_FALL * analysis.drop))
    lower, upper = analysis.learning_rates[[first, analysis.lowest]].tolist()
    if math.log10(upper / lower) < _SECOND_FALL:
        return False
    rates = finding.curve.learning_rates
    floor = np.clip(finding.curve.losses[(rates >= lower) & (rates <= upper)], -HUGE, HUGE)
    third = floor.size // 3
    if third < 4:
        return False
    fallen = float(np.median(floor[:third]) - np.median(floor[-third:]))
    noise = MAD_TO_STD * float(np.median(np.abs(np.diff(floor))))
    # Both levels have an error.
    return fallen > _CLEAR_DROP * MEDIAN_ERROR * noise * math.sqrt(2 / third) and fallen > 0


def lacks_optimizer(finding: Finding) -> bool:
    """Whether the suggestion depends on an optimizer that nobody has named."""
    return finding.needs_kind and not finding.curve.optimizer


def lacks_kind(finding: Finding) -> bool:
    """Whether the suggestion depends on an optimizer of which nothing was measured."""
    return finding.needs_kind and finding.kind is None


def is_sparse(finding: Finding) -> bool:
    """Whether the sweep has few steps for its width."""
    return finding.density < _FEW_STEPS
