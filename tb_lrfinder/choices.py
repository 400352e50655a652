"""The words to choose from in public arguments, and those that public attributes take.

A type checker reports any other word. At run time `typing.get_args` gives the list, so that both know the same words.
"""

from __future__ import annotations

from typing import Literal

# Arguments.
Mode = Literal["min", "max"]
MonitorMode = Literal["auto", Mode]
Spacing = Literal["log", "linear"]
EndStatus = Literal["finished", "interrupted"]
UpdatesPerLR = int | Literal["epoch"]
Interval = Literal["step", "epoch"]
CyclicalMode = Literal["triangular", "triangular2", "exp_range"]
OneCycleShape = Literal["cosine", "linear"]

# Attributes.
ConfidenceWord = Literal["sure", "likely", "doubtful"]
ShapeName = Literal["good", "short", "late", "twice", "trained", "broke", "flat", "noise"]
OptimizerKind = Literal["plain", "momentum", "adaptive", "sign"]
EndingKind = Literal["complete", "broke", "data_ran_out", "cut", "running"]
UseName = Literal["constant", "one_cycle", "cyclical"]
