"""`Probe`: how a range test in the middle of a training stands to that training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What a range test in the middle of a training knows of it; the training goes on as if there had been none.

    Attributes:
        training: Session of the trace that records the training; where none does, an id that all its probes share.
        step: Updates of the weights that the training had made.
        learning_rate: The rate of the next one: 0 where a warm-up begins there.
        epoch: Epochs trained, with the part of the one under way; None where they are not known.
        seconds: What the probe cost the training, from keeping its state to restoring it; None until it has ended.
        left_out: Probes that were due since the one before and were left out, as they would have cost too much.
    """

    training: str
    step: int
    learning_rate: float
    epoch: float | None = None
    seconds: float | None = None
    left_out: int = 0
