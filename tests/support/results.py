"""Results of range tests, made without one."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_lrfinder import Curve, RangeTestResult, suggest
from tests.support.traces import synthetic_curve

CURVE = synthetic_curve(300)


def result_of(curve: Curve, **facts: Any) -> RangeTestResult:
    suggestion = suggest(curve, trials=facts.get("trials", ()))
    history = {"step": np.arange(len(curve)), "loss": curve.losses}
    fields = {"history": history, "repeats": (suggestion,), "num_steps": len(curve), "log_dir": "logs/lr", **facts}
    return RangeTestResult(curve=curve, suggestion=suggestion, stop_text="Swept to end_lr=10.", **fields)
