"""The rate of a training beside the one that its range test suggests, in a sentence."""

from __future__ import annotations

from tb_lrfinder import numerals

# Ratios between these are called the same.
_LEAST, _MOST = 0.95, 1.05


def compared(trained_at: float, suggested: float | None) -> str:
    """The two rates and their ratio as a sentence.

    Args:
        trained_at: The rate of the training; a schedule may pass zero.
        suggested: The suggested rate, positive, or None.

    Example:
        >>> compared(0.003, 0.0025)
        'Trained at 0.003, suggested 0.0025: 1.2 times as high.'
        >>> compared(0.0001, 0.0025)
        'Trained at 0.0001, suggested 0.0025: 25 times lower.'
    """
    trained = f"Trained at {numerals.rate(trained_at)}"
    if suggested is None:
        return f"{trained}; the range test suggests no rate."
    both = f"{trained}, suggested {numerals.rate(suggested)}"
    ratio = trained_at / suggested
    if ratio <= 0:
        return f"{both}."
    if _LEAST <= ratio <= _MOST:
        return f"{both}: the same rate."
    if ratio > 1:
        return f"{both}: {numerals.number(ratio, 2)} times as high."
    return f"{both}: {numerals.number(1 / ratio, 2)} times lower."
