"""How a sweep ended and what was planned: what a curve alone does not tell."""

from __future__ import annotations

from dataclasses import dataclass

from tb_lrfinder.choices import EndingKind

# The kind of each reason for an end that is not the planned one (`Stop.reason`, `Header.stop_reason`).
_KINDS: dict[str, EndingKind] = {
    "running": "running",
    "diverged": "broke",
    "non_finite": "broke",
    "data_ran_out": "data_ran_out",
    "stopped": "cut",
    "interrupted": "cut",
    "error": "cut",
    "not_closed": "cut",
}
# The reasons that somebody may give who writes down a test that has ended.
STOP_REASONS = ("completed", "diverged", "data_ran_out", "stopped")
# A rate is reached within the rounding of float32.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Ending:
    """How a sweep ended, and what was planned.

    Attributes:
        reason: The reason, as in `Stop`; `"running"` while it goes on, empty where it is not known.
        num_steps: Steps planned, or None where that is not known.
        end_lr: Last learning rate planned, or None.
    """

    reason: str = ""
    num_steps: int | None = None
    end_lr: float | None = None

    def kind(self, num_points: int, last_rate: float) -> EndingKind:
        """What kind of ending it is.

        Args:
            num_points: Points measured.
            last_rate: The last learning rate of them.

        Returns:
            `"broke"` when training diverged, `"data_ran_out"`, `"cut"` when something else ended it too early,
            `"running"`, and `"complete"` for the planned end and for any that is not known. A sweep that had all its steps
            is complete, whatever ended the work behind it.
        """
        kind = _KINDS.get(self.reason, "complete")
        if kind not in ("data_ran_out", "cut"):
            return kind
        all_steps = self.num_steps is not None and num_points >= self.num_steps
        all_rates = self.end_lr is not None and last_rate >= self.end_lr * (1 - _ROUNDING)
        return "complete" if all_steps or all_rates else kind
