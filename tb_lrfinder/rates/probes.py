"""What the probes of a training say of its learning rate, in sentences.

Knows numbers alone: what a probe suggests, and where its blow-up edge lies, is computed elsewhere.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tb_lrfinder import numerals
from tb_lrfinder.rates.loss_around import LossAround

# A rate that differs from the suggestion by more than the first factor is worth a word, and an edge nearer than the second.
FAR, NEAR = 3.0, 2.0
# Ratios up to this one are called "at".
_AT = 1.05
# Factors in one stretch are told as one number as long as they differ by less than this.
_ALIKE = 1.5
# Where they differ by more than this, the smallest one is told.
_APART = 10.0
_MOST_SENTENCES, _MOST_STRETCHES = 4, 2
_DOUBTFUL = "doubtful"
# No training has as many epochs: they need not be written out.
_MOST_EPOCHS = 1e12


@dataclass(frozen=True, kw_only=True)
class ProbePoint:
    """What a probe found, and the training around it.

    Attributes:
        step: Updates that the training had made.
        learning_rate: The rate that it used there; 0 where a warm-up begins.
        epoch: Epochs trained; None where they are not known.
        suggestion: The suggested rate, or None.
        edge: The blow-up edge, or None.
        confidence: `"sure"`, `"likely"` or `"doubtful"`; None where it is not known.
        reason: Why there is no suggestion: a sentence.
        left_out: Probes that were due since the one before and were left out.
        loss: The loss of the training around the probe; None where it is not known.
    """

    step: int
    learning_rate: float
    epoch: float | None = None
    suggestion: float | None = None
    edge: float | None = None
    confidence: str | None = None
    reason: str = ""
    left_out: int = 0
    loss: LossAround | None = None

    @property
    def ratio(self) -> float:
        """The rate that was used, in suggestions; NaN without one."""
        return self.learning_rate / self.suggestion if self.suggestion else math.nan

    @property
    def closeness(self) -> float:
        """The rate that was used, in edges: above 1 it lies above the edge; NaN without one."""
        return self.learning_rate / self.edge if self.edge else math.nan


def sentences(probes: Sequence[ProbePoint]) -> list[str]:
    """What is worth saying of the probes of a training: at most four sentences, the most useful first.

    The rate is compared with the edge, and with suggestions that are not doubtful, unless all or all but one are: what moves
    among doubtful ones is noise (benchmarks/probes). Places are epochs where every probe was made at the end of one, and
    else steps.

    Args:
        probes: The probes.

    Example:
        >>> sentences([ProbePoint(step=step, learning_rate=0.001, suggestion=0.008) for step in (2000, 3000)])
        ['From step 2,000 on the rate lies 8 times below the suggestion.']
    """
    return _Story(sorted(probes, key=lambda probe: probe.step)).told()[:_MOST_SENTENCES]


class _Story:
    """The sentences about some probes, in order of step."""

    def __init__(self, probes: Sequence[ProbePoint]) -> None:
        self._probes = probes
        self._by_epoch = all(_is_whole(probe.epoch) for probe in probes)
        rated = [probe for probe in probes if probe.suggestion]
        trusted = [probe for probe in rated if probe.confidence != _DOUBTFUL]
        self._is_doubtful = len(trusted) < min(len(rated), 2)
        self._counted = rated if self._is_doubtful else trusted
        self._suggestion = "the doubtful suggestion" if self._is_doubtful else "the suggestion"
        self._skips_doubtful = not self._is_doubtful and len(trusted) < len(rated)

    def told(self) -> list[str]:
        of_rate = [*(self._above_edge() or self._near_edge()), *self._stretches()]
        return [*(of_rate or self._steady()), *self._moved(), *self._missing(), *self._left_out()]

    def _above_edge(self) -> list[str]:
        above = [probe for probe in self._probes if probe.closeness > _AT]
        if not above:
            return []
        worst = max(above, key=lambda probe: probe.closeness)
        place, times = self._at(worst), numerals.number(worst.closeness, 2)
        if len(above) == 1:
            return [f"At {place} the rate was {times} times above the edge{_rise(worst)}."]
        share = _share(above, self._probes)
        return [f"{share} the rate was above the edge, at {place} {times} times{_rise(worst, ' there')}."]

    def _near_edge(self) -> list[str]:
        near = [probe for probe in self._probes if 1 / NEAR < probe.closeness <= _AT and not self._is_skipped(probe)]
        if not near:
            return []
        nearest = max(near, key=lambda probe: probe.closeness)
        reached = nearest.closeness * _AT >= 1
        place, times = self._at(nearest), numerals.number(1 / nearest.closeness, 2)
        if len(near) == 1:
            came = "reached the edge" if reached else f"came within {times} of the edge"
            return [f"At {place} the schedule {came}{_rise(nearest)}."]
        came = f"and reached it at {place}" if reached else f"at {place} within {times}"
        joint = " " if reached else ", "
        limit = numerals.number(NEAR, 2)
        share = _share(near, self._probes)
        return [f"{share} the schedule came within {limit} of the edge{joint}{came}{_rise(nearest, ' there')}."]

    def _stretches(self) -> list[str]:
        """Where the rate lay far from the suggestion, always on one side, at two probes in a row or more."""
        groups = [list(group) for _, group in itertools.groupby(self._counted, key=_side)]
        long = [group for group in groups if len(group) > 1 and _side(group[0]) and any(one.ratio > 0 for one in group)]
        longest = sorted(long, key=len, reverse=True)[:_MOST_STRETCHES]
        return [self._stretch(group) for group in sorted(longest, key=lambda group: group[0].step)]

    def _stretch(self, group: Sequence[ProbePoint]) -> str:
        factors = sorted(_factor(probe) for probe in group if probe.ratio > 0)
        few, many = factors[0], factors[-1]
        middle = numerals.number(math.sqrt(few) * math.sqrt(many), 2)
        times = f"{numerals.number(few, 2)} to {numerals.number(many, 2)}"
        if many < _ALIKE * few:
            times = middle
        elif many > _APART * few:
            # The first step of a warm-up may lie any distance away.
            times = f"at least {numerals.number(few, 2)}"
        first, last = self._at(group[0]), self._at(group[-1])
        if group[-1] is self._counted[-1]:
            when = f"From {first} on the rate lies"
        elif group[0] is self._counted[0]:
            when = f"Up to {last} the rate lay"
        else:
            when = f"From {first} to {last} the rate lay"
        return f"{when} {times} times {_SIDES[_side(group[0])]} {self._suggestion}."

    def _steady(self) -> list[str]:
        """That the rate did not leave the suggestion for long."""
        within = [probe for probe in self._counted if not _side(probe)]
        if not self._counted:
            return []
        limit = numerals.number(FAR, 2)
        if len(self._counted) == 1 and not within:
            (probe,) = self._counted
            times = f"{numerals.number(_factor(probe), 2)} times " if probe.ratio > 0 else ""
            return [f"At {self._at(probe)} the rate lay {times}{_SIDES[_side(probe)]} {self._suggestion}."]
        if not within:
            return [
                f"{_share(self._counted, self._counted)} the rate lay more than {limit} times off {self._suggestion}."
            ]
        share = _share(within, self._counted)
        which = self._which()
        return [f"The rate stayed within {limit} times of {self._suggestion} {share[0].lower()}{share[1:]}{which}."]

    def _which(self) -> str:
        """Which probes count, where not all do."""
        if len(self._counted) == len(self._probes):
            return ""
        return " whose suggestion is not doubtful" if self._skips_doubtful else " with a suggestion"

    def _moved(self) -> list[str]:
        if not self._counted or self._is_doubtful:
            return []
        lowest, highest = (pick(self._counted, key=_suggestion) for pick in (min, max))
        if _suggestion(highest) <= FAR * _suggestion(lowest):
            return []
        first, last = sorted((lowest, highest), key=lambda probe: probe.step)
        if first.step == last.step:
            return []
        verb = "rose" if first is lowest else "fell"
        rates = f"from {numerals.rate(_suggestion(first))} to {numerals.rate(_suggestion(last))}"
        return [f"The suggested rate {verb} {rates} between {self._at(first)} and {self._at(last)}."]

    def _missing(self) -> list[str]:
        missing = [probe for probe in self._probes if not probe.suggestion]
        if not missing:
            return []
        share = _share(missing, self._probes)
        clause, count = Counter(_clause(probe.reason) for probe in missing).most_common(1)[0]
        some = "" if count == len(missing) else f"at {count} of them "
        return [f"{share} nothing could be suggested{clause and f': {some}{clause}'}."]

    def _left_out(self) -> list[str]:
        count = sum(probe.left_out for probe in self._probes)
        if not count:
            return []
        were = "1 probe was" if count == 1 else f"{count:,} probes were"
        return [f"{were} left out to keep within the share of time they may take."]

    def _is_skipped(self, probe: ProbePoint) -> bool:
        return self._skips_doubtful and probe.confidence == _DOUBTFUL

    def _at(self, probe: ProbePoint) -> str:
        return f"epoch {round(probe.epoch or 0):,}" if self._by_epoch else f"step {probe.step:,}"


_SIDES = {-1: "below", 1: "above"}


def _is_whole(epoch: float | None) -> bool:
    return epoch is not None and epoch < _MOST_EPOCHS and abs(epoch - round(epoch)) < 1e-6


def _suggestion(probe: ProbePoint) -> float:
    return probe.suggestion or math.nan


def _side(probe: ProbePoint) -> int:
    """-1 far below the suggestion, 1 far above it, 0 elsewhere."""
    return -1 if probe.ratio * FAR < 1 else 1 if probe.ratio > FAR else 0


def _factor(probe: ProbePoint) -> float:
    """How many times the rate lies above or below the suggestion."""
    return max(probe.ratio, 1 / probe.ratio) if probe.ratio else math.inf


def _rise(probe: ProbePoint, place: str = "") -> str:
    return f"; the loss rose{place}" if probe.loss is not None and probe.loss.rose else ""


def _share(some: Sequence[ProbePoint], whole: Sequence[ProbePoint]) -> str:
    if len(some) < len(whole):
        return f"At {len(some):,} of {len(whole):,} probes"
    return "At the one probe" if len(whole) == 1 else f"At all {len(whole):,} probes"


def _clause(reason: str) -> str:
    """The first clause of a sentence, to stand behind a colon."""
    clause = reason.partition(": ")[0].partition(". ")[0].rstrip(".")
    word, space, rest = clause.partition(" ")
    return f"{word.lower() if word.istitle() else word}{space}{rest}"
