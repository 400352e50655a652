"""Arguments of the routes as http_api.md allows them."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

Query = list[tuple[str, str]]

_NUMBERS = st.sampled_from([0.0, 1e-300, 1e-7, 0.5, 0.99]) | st.floats(0, 10, exclude_min=True)
# Arguments of the routes, each within the range that http_api.md names.
ARGUMENTS = {
    "max_points": st.integers(4, 10_000).map(str),
    "smoothing": st.floats(0, 1, exclude_max=True).map(str),
    "skip_start": st.integers(0, 200).map(str),
    "skip_end": st.integers(0, 200).map(str),
    "sigma": st.floats(0.001, 10).map(str),
    "column": st.sampled_from(["loss", "accuracy", "step", "epoch", "learning_rate", "smoothed", "nothing", "\x00"]),
    "method": st.sampled_from(["auto", "minimum", "steepest", "valley", "slide", "blow_up"]),
    "by": st.sampled_from(["step", "epoch"]),
    "lower": _NUMBERS.map(str),
    "upper": _NUMBERS.filter(bool).map(str),
}


@st.composite
def queries(draw: Any) -> Query:
    """Arguments that every route takes."""
    given = {name: draw(ARGUMENTS[name]) for name in draw(st.sets(st.sampled_from(sorted(ARGUMENTS))))}
    if float(given.get("lower", 0.0)) >= float(given.get("upper", math.inf)):
        del given["lower"]
    return [*given.items()]
