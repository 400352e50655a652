"""Numbers as people read them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import numerals


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.000123, "0.000123"),
        (0.000185, "0.000185"),
        (0.001, "0.001"),
        (0.00099949, "0.000999"),
        (0.00099951, "0.001"),
        (1e-4, "0.0001"),
        (9.995e-5, "0.0001"),
        (9.8712e-5, "9.87e-5"),
        (1e-8, "1e-8"),
        (1e-10, "1e-10"),
        (0.0999, "0.0999"),
        (0.09999, "0.1"),
        (1, "1"),
        (1.125, "1.13"),
        (10.0, "10"),
        (1234, "1230"),
        (99949.0, "99900"),
        (99950.0, "1e5"),
        (123456, "1.23e5"),
        (1e21, "1e21"),
        (0.0, "0"),
        (-0.0, "0"),
        (-2.5e-7, "-2.5e-7"),
        (np.float32(0.25), "0.25"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_a_rate_has_three_digits_and_an_exponent_without_zeros(value, text):
    assert numerals.rate(value) == text


@given(st.floats(1e-300, 1e300), st.integers(1, 15))
def test_what_is_written_is_the_number_to_its_digits(value, digits):
    text = numerals.number(value, digits)
    assert float(text) == pytest.approx(value, rel=0.5000001 * 10.0 ** (1 - digits))
    assert "e+" not in text
    assert "e0" not in text
    assert "e-0" not in text


def test_digits_tell_close_numbers_apart():
    assert numerals.number(0.0010003, 6) == "0.0010003"
    assert numerals.number(1e-5, 6) == "1e-5"
