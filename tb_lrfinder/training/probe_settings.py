"""What every probe of a training is asked to do, and what one has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tb_lrfinder import numerals
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, STEP
from tb_lrfinder.curves.stop_rules import check_divergence_factor
from tb_lrfinder.curves.suggestion import MethodName, check_method
from tb_lrfinder.curves.sweep import check_num_steps
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.loops.sweep_settings import SweepSettings
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.training.probe_data import ProbeData

# The first sweep covers what `range_test` does.
_START_LR, _END_LR = 1e-7, 10.0
# A sweep begins so far below the lower of rate and suggestion, and may go so far above where the one before ended, …
_BELOW, _ABOVE = 1e3, 10.0
# … but covers no more than this: its steps would lie too thin.
_WIDEST = 1e10


@dataclass(frozen=True, eq=False, kw_only=True)
class ProbeSettings:
    """What every probe of a training is asked to do; the arguments of `LRProbe`.

    Attributes:
        log_dir: Directory of the probes' run, or None.
        data: The data to probe on; None for those of the fit.
        num_steps: As in `LRProbe`, like all others.
        start_lr: See `num_steps`.
        end_lr: See `num_steps`.
        divergence_factor: See `num_steps`.
        method: See `num_steps`.

    Raises:
        ValueError: If one of them is outside its range.
    """

    log_dir: str | None
    data: ProbeData | None
    num_steps: int
    start_lr: float | None
    end_lr: float | None
    divergence_factor: float | None
    method: MethodName

    def __post_init__(self) -> None:
        check_num_steps(self.num_steps)
        check_divergence_factor(self.divergence_factor)
        check_method(self.method)
        self.sweep(_START_LR, [])

    def sweep(self, learning_rate: float, made: Sequence[MadeProbe]) -> SweepSettings:
        """The next sweep, where the training uses a rate, and after the probes made so far."""
        start, end = _range(learning_rate, made)
        return SweepSettings(
            start_lr=self.start_lr or (start if self.end_lr is None else min(start, self.end_lr / _BELOW)),
            end_lr=self.end_lr or (end if self.start_lr is None else max(end, self.start_lr * _BELOW)),
            spacing="log",
            divergence_factor=self.divergence_factor,
            method=self.method,
            total_steps=None,
        )


@dataclass(frozen=True, eq=False)
class MadeProbe:
    """A probe and its findings.

    Attributes:
        probe: Where in the training it was made, and what it cost.
        result: What it found.
    """

    probe: Probe
    result: RangeTestResult

    COLUMNS: ClassVar = (STEP, EPOCH, LEARNING_RATE, "suggestion", "lower", "upper", "edge", "num_steps", "seconds")

    @property
    def row(self) -> dict[str, float | None]:
        """The same as numbers, None where there is none."""
        probe, found = self.probe, self.result.suggestion
        return {
            STEP: probe.step,
            EPOCH: probe.epoch,
            LEARNING_RATE: probe.learning_rate,
            "suggestion": found.learning_rate,
            "lower": found.lower,
            "upper": found.upper,
            "edge": found.edge,
            "num_steps": len(self.result.curve),
            "seconds": probe.seconds,
        }

    @property
    def sentence(self) -> str:
        """The findings, for people."""
        probe, found = self.probe, self.result.suggestion
        place = f"step {probe.step:,}"
        if probe.epoch is not None and probe.epoch.is_integer():
            place = f"epoch {int(probe.epoch):,} ({place})"
        if found.learning_rate is None:
            said = f"no suggestion: {found.reason}"
        else:
            word = "" if found.confidence is None else f" ({found.confidence.word})"
            edge = "" if found.edge is None else f", blow-up edge {numerals.rate(found.edge)}"
            said = f"suggested {numerals.rate(found.learning_rate)}{word}{edge}."
        return f"Probe at {place}: learning rate {numerals.rate(probe.learning_rate)}, {said}"


def _range(learning_rate: float, made: Sequence[MadeProbe]) -> tuple[float, float]:
    """The first and last rate of a sweep."""
    highest = max(_END_LR, learning_rate * _ABOVE)
    if made:
        last = made[-1].result
        reached = float(last.curve.learning_rates[-1])
        rates = [rate for rate in (learning_rate, last.suggestion.learning_rate) if rate]
        # Where no loss diverges, as with clipped gradients, each sweep would go higher than the last one.
        end = min(max([reached, *rates]) * _ABOVE, highest)
        start = min(rates, default=reached / _BELOW) / _BELOW
    else:
        end = highest
        start = min(_START_LR, learning_rate / _BELOW) if learning_rate else _START_LR
    return max(start, end / _WIDEST), end
