"""The uses of a suggested rate: constant, as the peak of 1cycle, as the bounds of cyclical rates."""

from __future__ import annotations

from dataclasses import dataclass

from tb_lrfinder import numerals
from tb_lrfinder.choices import UseName
from tb_lrfinder.curves.wording import USE_LABELS

# A rate that is used only briefly may be so many times the constant one; the lower bound of cyclical rates is the upper one
# divided by the ratio. Chosen in benchmarks/recommendation.
_PEAK_FACTOR, _CYCLICAL_RATIO = 2.0, 10.0


@dataclass(frozen=True)
class Use:
    """The learning rate for one use of a suggestion.

    Attributes:
        name: `"constant"`, `"one_cycle"` or `"cyclical"`.
        learning_rate: The constant rate, the peak, or the upper bound.
        reason: One sentence that says how it was found.
        lower: The lower bound of cyclical rates; None for the others.
    """

    name: UseName
    learning_rate: float
    reason: str
    lower: float | None = None

    @property
    def label(self) -> str:
        """The name for people, such as `"1cycle peak"`."""
        return USE_LABELS[self.name]


def constant(rate: float, reason: str) -> tuple[Use, ...]:
    """A constant rate alone."""
    return (Use("constant", rate, reason),)


def all_around(rate: float, reason: str) -> tuple[Use, ...]:
    """All uses, around a constant rate and its reason."""
    high = rate * _PEAK_FACTOR
    above = f"{_PEAK_FACTOR:g} times the constant rate, {numerals.rate(rate)}"
    return (
        *constant(rate, reason),
        Use("one_cycle", high, f"{above}: 1cycle stays at its peak only briefly."),
        Use(
            "cyclical",
            high,
            f"The upper bound is {above}, the lower one lies {_CYCLICAL_RATIO:g} times below it.",
            lower=high / _CYCLICAL_RATIO,
        ),
    )
