"""Learning-rate range tests for Keras, shown in TensorBoard.

TensorBoard's process imports this package, so importing it loads no Keras: the public names are loaded when first used
(PEP 562).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tb_lrfinder import needs

# A public name stands in three lists: in imports for type checkers, in `__all__`, and with its module for Python. A test
# keeps them in step.
if TYPE_CHECKING:
    from tb_lrfinder.choices import (
        ConfidenceWord,
        CyclicalMode,
        EndingKind,
        EndStatus,
        Interval,
        Mode,
        MonitorMode,
        OneCycleShape,
        ShapeName,
        Spacing,
        UpdatesPerLR,
        UseName,
    )
    from tb_lrfinder.curves.confidence import Confidence
    from tb_lrfinder.curves.curve import Curve
    from tb_lrfinder.curves.ending import Ending
    from tb_lrfinder.curves.shape import Shape
    from tb_lrfinder.curves.suggestion import MethodName, Suggestion, suggest
    from tb_lrfinder.curves.trials import Trial
    from tb_lrfinder.curves.uses import Use
    from tb_lrfinder.loops.grid import run_grid
    from tb_lrfinder.loops.grid_result import GridResult, GridRow
    from tb_lrfinder.loops.peers import import_curve
    from tb_lrfinder.loops.range_test import RangeTest
    from tb_lrfinder.loops.result import RangeTestResult
    from tb_lrfinder.loops.schedule_writer import ScheduleWriter
    from tb_lrfinder.storage.probe import Probe
    from tb_lrfinder.storage.writer import TraceWriter, write_curve
    from tb_lrfinder.training.lr_finder import LRFinder
    from tb_lrfinder.training.lr_probe import LRProbe
    from tb_lrfinder.training.lr_recorder import LRRecorder
    from tb_lrfinder.training.plan import plan
    from tb_lrfinder.training.range_test import range_test
    from tb_lrfinder.training.range_test_grid import range_test_grid

__version__ = "0.1.0"

__all__ = [
    "Confidence",
    "ConfidenceWord",
    "Curve",
    "CyclicalMode",
    "EndStatus",
    "Ending",
    "EndingKind",
    "GridResult",
    "GridRow",
    "Interval",
    "LRFinder",
    "LRProbe",
    "LRRecorder",
    "MethodName",
    "Mode",
    "MonitorMode",
    "OneCycleShape",
    "Probe",
    "RangeTest",
    "RangeTestResult",
    "ScheduleWriter",
    "Shape",
    "ShapeName",
    "Spacing",
    "Suggestion",
    "TraceWriter",
    "Trial",
    "UpdatesPerLR",
    "Use",
    "UseName",
    "import_curve",
    "plan",
    "range_test",
    "range_test_grid",
    "run_grid",
    "suggest",
    "write_curve",
]

_HOMES = {
    "Confidence": "curves.confidence",
    "ConfidenceWord": "choices",
    "Curve": "curves.curve",
    "CyclicalMode": "choices",
    "EndStatus": "choices",
    "Ending": "curves.ending",
    "EndingKind": "choices",
    "GridResult": "loops.grid_result",
    "GridRow": "loops.grid_result",
    "Interval": "choices",
    "LRFinder": "training.lr_finder",
    "LRProbe": "training.lr_probe",
    "LRRecorder": "training.lr_recorder",
    "MethodName": "curves.suggestion",
    "Mode": "choices",
    "MonitorMode": "choices",
    "OneCycleShape": "choices",
    "Probe": "storage.probe",
    "RangeTest": "loops.range_test",
    "RangeTestResult": "loops.result",
    "ScheduleWriter": "loops.schedule_writer",
    "Shape": "curves.shape",
    "ShapeName": "choices",
    "Spacing": "choices",
    "Suggestion": "curves.suggestion",
    "TraceWriter": "storage.writer",
    "Trial": "curves.trials",
    "UpdatesPerLR": "choices",
    "Use": "curves.uses",
    "UseName": "choices",
    "import_curve": "loops.peers",
    "plan": "training.plan",
    "range_test": "training.range_test",
    "range_test_grid": "training.range_test_grid",
    "run_grid": "loops.grid",
    "suggest": "curves.suggestion",
    "write_curve": "storage.writer",
}

# A type checker that sees `__getattr__` takes every name for one of ours.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        with needs.explain_missing_keras(f"{__name__}.{name}"):
            return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
