"""The confidence in a suggestion: how many doubts its curve raises, and how often such suggestions were good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tb_lrfinder.choices import ConfidenceWord
from tb_lrfinder.curves.advice import Story, tell
from tb_lrfinder.curves.shape import Finding


@dataclass(frozen=True)
class Confidence:
    """How far to trust a suggestion.

    Attributes:
        word: `"sure"`, `"likely"` or `"doubtful"`.
        probability: Share of the suggestions with this word that lost less than a tenth of the possible progress, in
            benchmarks/recommendation.
        doubt: One sentence: what speaks against it. Empty when nothing does. What to do is the suggestion's `advice`.
    """

    word: ConfidenceWord
    probability: float
    doubt: str

    @property
    def sentence(self) -> str:
        """Word, share and doubt in one."""
        share = f"{self.probability:.0%} of such suggestions trained nearly as well as the best rate, in our benchmark"
        measured = f"{self.word} ({share})"
        return f"{measured}. {self.doubt}" if self.doubt else f"{measured}."


# Measured: `python -m benchmarks.recommendation` prints them, a test compares.
PROBABILITIES: dict[ConfidenceWord, float] = {"sure": 0.99, "likely": 0.87, "doubtful": 0.7}
CONFIRMED: dict[ConfidenceWord, float] = {"sure": 0.95, "likely": 0.79, "doubtful": 0.66}
_WORDS: tuple[ConfidenceWord, ...] = ("sure", "likely", "doubtful")


def confidence_of(finding: Finding, story: Story) -> Confidence:
    """The confidence in the default suggestion for a curve."""
    word = _WORDS[min(story.doubts, 2)]
    return Confidence(word, PROBABILITIES[word], tell(finding, story.doubted.doubt) if story.doubts else "")


def confirmed_confidence(doubts: Sequence[str]) -> Confidence:
    """The confidence in a rate that short trainings have told, by what speaks against it."""
    word = _WORDS[len(doubts)]
    return Confidence(word, CONFIRMED[word], doubts[0] if doubts else "")
