"""The rate of a training beside the suggested one."""

from __future__ import annotations

import pytest

from tb_lrfinder.rates.pairs import compared


@pytest.mark.parametrize(
    ("trained_at", "suggested", "expected"),
    [
        (0.003, 0.0025, "Trained at 0.003, suggested 0.0025: 1.2 times as high."),
        (0.00251, 0.0025, "Trained at 0.00251, suggested 0.0025: the same rate."),
        (0.001, 0.0025, "Trained at 0.001, suggested 0.0025: 2.5 times lower."),
        (0.0, 0.0025, "Trained at 0, suggested 0.0025."),
        (-1e-9, 0.0025, "Trained at -1e-9, suggested 0.0025."),
        (0.003, None, "Trained at 0.003; the range test suggests no rate."),
        (5e-324, 1e300, "Trained at 4.94e-324, suggested 1e300."),
        (1e300, 1e-300, "Trained at 1e300, suggested 1e-300: ∞ times as high."),
    ],
)
def test_two_rates_are_compared_in_a_sentence(trained_at, suggested, expected):
    assert compared(trained_at, suggested) == expected
