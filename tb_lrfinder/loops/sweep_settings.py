"""`SweepSettings`: what a range test is asked to do, the same in every training loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tb_lrfinder import numerals
from tb_lrfinder.choices import Spacing
from tb_lrfinder.curves.stop_rules import DivergenceRule, Stop, check_divergence_factor
from tb_lrfinder.curves.suggestion import MethodName, check_method, check_total_steps
from tb_lrfinder.curves.sweep import Sweep, check_range
from tb_lrfinder.loops.course_run import RateCourse, column_of
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.remarks import Remarks
from tb_lrfinder.storage.settings import SettingValue
from tb_lrfinder.storage.writer import TraceWriter


@dataclass(frozen=True, kw_only=True)
class SweepFacts:
    """What is tested, as far as it is known.

    Attributes:
        optimizer: As in `TraceWriter`, like all others.
        batch_size: See `optimizer`.
        model: See `optimizer`.
        parameters: See `optimizer`.
        first_step: See `optimizer`.
        probe: See `optimizer`.
        framework: See `optimizer`.
        precision: See `optimizer`.
        hyperparameters: See `optimizer`.
    """

    optimizer: str | None = None
    batch_size: int | None = None
    model: str | None = None
    parameters: int | None = None
    first_step: int = 0
    probe: Probe | None = None
    framework: str | None = None
    precision: str | None = None
    hyperparameters: Mapping[str, SettingValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SweepSettings:
    """The rates of a sweep, when it ends, how it is read, and what a person says of it.

    Attributes:
        start_lr: As in `LRFinder`, like all others.
        end_lr: See `start_lr`.
        spacing: See `start_lr`.
        divergence_factor: See `start_lr`.
        method: See `start_lr`.
        total_steps: See `start_lr`.
        remarks: Its `hparams`, `note` and `tags`.

    Raises:
        ValueError: If one of them is outside its range.
    """

    start_lr: float
    end_lr: float
    spacing: Spacing
    divergence_factor: float | None
    method: MethodName
    total_steps: int | None
    remarks: Remarks = field(default_factory=Remarks)

    def __post_init__(self) -> None:
        check_range(self.start_lr, self.end_lr, self.spacing)
        check_divergence_factor(self.divergence_factor)
        check_method(self.method)
        check_total_steps(self.total_steps)

    def course(self, num_steps: int) -> RateCourse:
        """The rates of a sweep of so many steps, and when it stops."""
        sweep = Sweep(start_lr=self.start_lr, end_lr=self.end_lr, num_steps=num_steps, spacing=self.spacing)
        completed = f"Swept to end_lr={numerals.number(self.end_lr, 6)}."
        rule = DivergenceRule(self.divergence_factor, num_steps)
        return RateCourse(sweep.learning_rates(), rule, Stop("completed", completed))

    def open_trace(
        self, log_dir: str, num_steps: int, measuring: Measuring, tested: SweepFacts, *, repeats: int = 1
    ) -> TraceWriter:
        """A trace whose header says what is known of a sweep before its first step."""
        return TraceWriter(
            log_dir,
            num_steps=num_steps,
            start_lr=self.start_lr,
            end_lr=self.end_lr,
            spacing=self.spacing,
            monitor=column_of(measuring.monitor),
            mode=measuring.better,
            method=self.method,
            total_steps=self.total_steps,
            repeats=repeats,
            **vars(tested),
            **vars(self.remarks),
        )
