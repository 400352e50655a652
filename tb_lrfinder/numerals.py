"""How numbers are written for people, in sentences, tables and pictures; the tab writes rates alike (`base/numbers.ts`)."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context

# Powers of ten between which a number is written out: from 0.0001, as Python prints it too, to below 100000.
_SMALLEST_PLAIN, _LARGEST_PLAIN = -4, 5


def rate(value: float) -> str:
    """A learning rate with three significant digits.

    Example:
        >>> [rate(value) for value in (0.0031, 0.0001, 9.8712e-5, 12.0, 1234.0, 1e6)]
        ['0.0031', '0.0001', '9.87e-5', '12', '1230', '1e6']
    """
    return number(value, 3)


def number(value: float, digits: int) -> str:
    """A number with so many significant digits at most, without zeros at its end.

    It is rounded first, halves away from zero. What then lies from 0.0001 to below 100000 is written out; all else has a
    power of ten, so that no zeros must be counted. The exponent has neither a plus nor a leading zero.

    Args:
        value: The number; `NaN`, `∞` and `−∞` are written so.
        digits: At least 1.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    context = Context(prec=digits, rounding=ROUND_HALF_UP)
    rounded = context.create_decimal_from_float(float(value)).normalize(context)
    if not rounded:
        return "0"
    exponent = rounded.adjusted()
    if _SMALLEST_PLAIN <= exponent < _LARGEST_PLAIN:
        return f"{rounded:f}"
    return f"{rounded.scaleb(-exponent, context):f}e{exponent}"
