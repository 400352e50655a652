"""Values that programs stumble over: JSON texts, numbers and words, ordinary ones among them."""

from __future__ import annotations

import json
import math
import sys

from hypothesis import strategies as st

_DEEP = 20_000
_ODD_FLOATS = (
    math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 0.5, 1e-320, 5e-324, 1e300, -1e300, sys.float_info.max, 2.0**53,
    2.0**63, 1.7e9, 1e18,
)  # fmt: skip
_ODD_WHOLES = (0, -1, -13, 1, 2, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))
_ODD_TEXTS = (
    "", " ", "\x00", "a\x00b", "\n", "\r\n", "\u2028", "\u202e", "\ufeff", "\U0001f600", "=cmd()", "<b>&amp;</b>",
    "a" * 5_000,
    "__proto__", "loss", "NaN", "null", "%s%n", "../../etc/passwd", "range_test", "training", "plan", "running", "finished",
    "\ud800",
)  # fmt: skip
_ODD_JSON = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "-0", "1e-400", "9" * 400, "9" * 5_000, "-" + "9" * 400, "100.5",
    '"\\ud800"', '"\\u0000"', '"' + "a" * 300_000 + '"', "[" * _DEEP + "]" * _DEEP, '{"a":' * _DEEP + "1" + "}" * _DEEP,
    "[]", "{}", "[null]", "[[]]", "null", "true", "false", "",
)  # fmt: skip

odd_floats = st.sampled_from(_ODD_FLOATS) | st.floats()
odd_wholes = st.sampled_from(_ODD_WHOLES) | st.integers(-(2**63), 2**63 - 1)
odd_texts = st.sampled_from(_ODD_TEXTS) | st.text(max_size=40)

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
json_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
# Texts, most of them JSON: numbers that Python cannot write, and depths that it cannot read, are among them.
json_texts = (
    st.sampled_from(_ODD_JSON)
    | odd_floats.map(json.dumps)
    | odd_wholes.map(json.dumps)
    | odd_texts.map(json.dumps)
    | json_values.map(json.dumps)
)
