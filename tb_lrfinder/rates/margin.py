"""How far the highest rate of a schedule lies from the blow-up edge of a range test, in words."""

from __future__ import annotations

from dataclasses import dataclass

from tb_lrfinder import arguments, numerals

# Ratios nearer to 1 than this read as 1.
_SAME = 1.05


@dataclass(frozen=True)
class Margin:
    """The distance of a schedule from the edge.

    Attributes:
        sentence: What the distance is, and what to do where there is none.
        is_above: Whether the schedule reaches the edge.
    """

    sentence: str
    is_above: bool


def margin_of(highest: float, edge: float) -> Margin:
    """The margin between the highest rate of a schedule and the rate at which its training would be expected to break.

    Args:
        highest: The highest rate of the schedule, positive.
        edge: `Suggestion.edge`, positive. It is a constant rate: a schedule that is near it for a few steps may get through.

    Raises:
        ValueError: If a rate is not positive.

    Example:
        >>> margin_of(0.0031, 0.013).sentence
        'The highest rate, 0.0031, lies 4.2 times below 0.013, where this test expects training to break.'
    """
    arguments.positive(highest=highest, edge=edge)
    is_above = highest * _SAME > edge
    ratio = highest / edge if is_above else edge / highest
    place = "at" if ratio < _SAME else f"{numerals.number(ratio, 2)} times {'above' if is_above else 'below'}"
    told = f"The highest rate, {numerals.rate(highest)}, lies {place} {numerals.rate(edge)}"
    broken = "where this test expects training to break"
    advice = " Take a lower rate, or clip gradients." if is_above else ""
    return Margin(f"{told}, {broken}.{advice}", is_above)
