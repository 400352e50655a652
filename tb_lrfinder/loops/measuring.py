"""`Measuring`: the values that a range test measures, and the length of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tb_lrfinder import arguments
from tb_lrfinder.choices import Mode, MonitorMode, UpdatesPerLR
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.wording import resolve_mode


@dataclass(frozen=True, eq=False, kw_only=True)
class Measuring:
    """The values that a range test measures in its steps, and the length of a step.

    Attributes:
        monitor: Name of the value that a rate is suggested from.
        mode: `"min"` or `"max"`: whether it is better the lower or the higher it is; `"auto"` is decided by its name.
        updates_per_lr: Updates made with each rate, at least 1, or `"epoch"` for one rate per epoch.
        validation_data: The data evaluated after some of the steps, or None.
        validation_freq: Steps from one evaluation to the next, at least 1; the first step is evaluated.

    Raises:
        ValueError: If one of them is outside its range.

    Example:
        >>> Measuring(monitor="val_accuracy").better
        'max'
    """

    monitor: str = LOSS
    mode: MonitorMode = "auto"
    updates_per_lr: UpdatesPerLR = 1
    validation_data: Any = None
    validation_freq: int = 10

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", resolve_mode(self.monitor, self.mode))
        _check_updates(self.updates_per_lr)
        arguments.whole(1, validation_freq=self.validation_freq)

    @property
    def better(self) -> Mode:
        """The same as `mode`, which is no longer `"auto"`."""
        return resolve_mode(self.monitor, self.mode)

    def validates_after(self, step: int) -> bool:
        """Whether the validation data are evaluated after a step, counted from 0."""
        return self.validation_data is not None and step % self.validation_freq == 0


def _check_updates(updates_per_lr: Any) -> None:
    whole = isinstance(updates_per_lr, int) and not isinstance(updates_per_lr, bool)
    if updates_per_lr != "epoch" and not (whole and updates_per_lr >= 1):
        raise ValueError(
            "`updates_per_lr` must be a whole number of at least 1, or 'epoch' for one learning rate per epoch. "
            f"Received: updates_per_lr={updates_per_lr!r}."
        )
