"""The confidence in a suggestion: the doubts that its curve raises, in words, and how often such suggestions were good."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tb_lrfinder.choices import ConfidenceWord
from tb_lrfinder.curves.analysis import Analysis
from tb_lrfinder.curves.edge import warning
from tb_lrfinder.curves.shape import ends_early, is_noisy, starts_late
from tb_lrfinder.curves.wording import Words

# A valley wider than this many decades (standard deviation of its floor) has no bottom that tells rates apart.
_WIDE_VALLEY = 0.35
# A second valley begins where the loss has risen by this share of the drop and falls again by as much.
_SECOND_VALLEY = 0.3
# The methods disagree when the steepest fall lies so many decades below the centre of the valley.
_DISAGREEMENT = 2.4
# Steps per decade below which the sweep outruns the training: the minimum comes late.
_FEW_STEPS = 20.0


@dataclass(frozen=True)
class Confidence:
    """How far to trust a suggestion.

    Attributes:
        word: `"sure"`, `"likely"` or `"doubtful"`.
        probability: Share of the suggestions with this word that lost less than a tenth of the possible progress, in
            benchmarks/recommendation.
        doubt: One sentence: what speaks against it, and the remedy. Empty when nothing does.
    """

    word: ConfidenceWord
    probability: float
    doubt: str

    @property
    def sentence(self) -> str:
        """Word, share and doubt in one."""
        measured = f"{self.word} ({self.probability:.0%} of such suggestions were good in the benchmark)"
        return f"{measured}. {self.doubt}" if self.doubt else f"{measured}."


@dataclass(frozen=True)
class _Doubt:
    """Something that makes suggestions worse; of several, the first that applies is said."""

    sentence: str
    applies: Callable[[Analysis], bool]


# Measured: `python -m benchmarks.recommendation` prints them, a test compares.
PROBABILITIES: dict[ConfidenceWord, float] = {"sure": 0.99, "likely": 0.92, "doubtful": 0.78}
_CONFIRMED_PROBABILITY = 0.99


def confidence_of(analysis: Analysis, words: Words, edge_ratio: float | None = None) -> Confidence:
    """The confidence in the default suggestion for a curve; its blow-up edge lies `edge_ratio` times above it."""
    if not analysis.fell:
        sentence = "{The} shot up before it {fell}: lower start_lr, or scale inputs and targets."
        return Confidence("doubtful", PROBABILITIES["doubtful"], words(sentence))
    near = warning(edge_ratio)
    doubts = [*([near] if near else []), *(doubt.sentence for doubt in _DOUBTS if doubt.applies(analysis))]
    word = ("sure", "likely", "doubtful")[min(len(doubts), 2)]
    return Confidence(word, PROBABILITIES[word], words(doubts[0]) if doubts else "")


def confirmed_confidence(edge_ratio: float | None = None) -> Confidence:
    """The confidence in a rate that short trainings have chosen; its blow-up edge lies `edge_ratio` times above it."""
    return Confidence("sure", _CONFIRMED_PROBABILITY, warning(edge_ratio))


def _has_two_valleys(analysis: Analysis) -> bool:
    """Whether the loss rises from a valley and falls into another one, before it blows up for good."""
    depth, lowest, highest = _SECOND_VALLEY * analysis.drop, math.inf, -math.inf
    for loss in analysis.losses.tolist():
        lowest = min(lowest, loss)
        if loss > lowest + depth and lowest < analysis.start - depth:
            highest = max(highest, loss)
        if loss < highest - depth and loss < analysis.start - depth:
            return True
    return False


def _methods_disagree(analysis: Analysis) -> bool:
    steepest = analysis.learning_rates[int(np.argmin(analysis.slopes()[analysis.falling]))]
    return analysis.valley()[0] - math.log10(float(steepest)) > _DISAGREEMENT


_DOUBTS = (
    _Doubt("Noise hides the minimum: try range_test(..., repeats=3) or a larger batch.", is_noisy),
    _Doubt("The curve ends before it {rises}: raise end_lr.", ends_early),
    _Doubt("{The} {falls} from the first rates on: lower start_lr.", starts_late),
    _Doubt("There are two valleys: look at the curve, and try range_test(..., confirm=5).", _has_two_valleys),
    _Doubt(
        "{The} {falls} fastest far below its {lowest} point: look at the curve, and try range_test(..., confirm=5).",
        _methods_disagree,
    ),
    _Doubt(
        "The valley is wide and flat: rates within it differ little here, but may in a long training.",
        lambda analysis: analysis.valley()[1] > _WIDE_VALLEY,
    ),
    _Doubt("The sweep has few steps for its width: raise num_steps.", lambda analysis: analysis.density < _FEW_STEPS),
)
