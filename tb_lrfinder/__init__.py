"""Learning-rate range tests for Keras, shown in TensorBoard.

TensorBoard's process imports this package, so importing it loads no Keras: the public names are loaded when first used
(PEP 562).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tb_lrfinder.curve import Curve
    from tb_lrfinder.finder import LRFinder
    from tb_lrfinder.planning import plan
    from tb_lrfinder.recorder import LRRecorder
    from tb_lrfinder.result import RangeTestResult
    from tb_lrfinder.runner import range_test
    from tb_lrfinder.suggestion import Suggestion, suggest
    from tb_lrfinder.writer import TraceWriter, write_curve

__version__ = "0.1.0"

_HOMES = {
    "Curve": "curve",
    "LRFinder": "finder",
    "LRRecorder": "recorder",
    "RangeTestResult": "result",
    "Suggestion": "suggestion",
    "TraceWriter": "writer",
    "plan": "planning",
    "range_test": "runner",
    "suggest": "suggestion",
    "write_curve": "writer",
}

__all__ = [
    "Curve",
    "LRFinder",
    "LRRecorder",
    "RangeTestResult",
    "Suggestion",
    "TraceWriter",
    "plan",
    "range_test",
    "suggest",
    "write_curve",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
