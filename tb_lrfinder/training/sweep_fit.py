"""A range test in a `fit`: the rates of a sweep, until the loss diverges."""

from __future__ import annotations

from tb_lrfinder import numerals
from tb_lrfinder.choices import Spacing
from tb_lrfinder.curves.stop_rules import DivergenceRule, Stop, check_divergence_factor
from tb_lrfinder.curves.suggestion import MethodName, check_method, check_total_steps
from tb_lrfinder.curves.sweep import Sweep, check_num_steps, check_range
from tb_lrfinder.loops.course_run import RateCourse, column_of
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.reverted_fit import RevertedFit
from tb_lrfinder.training.swept import OptimizerChoice


class SweepFit(RevertedFit):
    """Raises the learning rate from step to step, records the loss that each rate gives, and undoes the training.

    Args:
        log_dir: Directory for TensorBoard, checked; None writes nothing.
        num_steps: As in `LRFinder`, like `start_lr`, `end_lr`, `spacing`, `divergence_factor` and `method`.
        start_lr: See `num_steps`.
        end_lr: See `num_steps`.
        spacing: See `num_steps`.
        divergence_factor: See `num_steps`.
        method: See `num_steps`.
        measuring: What is measured.
        optimizer: Which optimizers of the model are swept.
        total_steps: As in `LRFinder`.
        leave_open: Whether the trace stays open after a good end.
    """

    def __init__(
        self,
        log_dir: str | None,
        num_steps: int | None,
        *,
        start_lr: float,
        end_lr: float,
        spacing: Spacing,
        divergence_factor: float | None,
        method: MethodName,
        measuring: Measuring,
        optimizer: OptimizerChoice = None,
        total_steps: int | None = None,
        leave_open: bool = False,
    ) -> None:
        super().__init__(num_steps, measuring, optimizer=optimizer, leave_open=leave_open)
        check_range(start_lr, end_lr, spacing)
        if num_steps is not None:
            check_num_steps(num_steps)
        check_divergence_factor(divergence_factor)
        self.log_dir = log_dir
        self.start_lr = start_lr
        self.end_lr = end_lr
        self.spacing: Spacing = spacing
        self.divergence_factor = divergence_factor
        self.method: MethodName = check_method(method)
        check_total_steps(total_steps)
        self.total_steps = total_steps

    def _course(self, num_steps: int) -> RateCourse:
        sweep = Sweep(start_lr=self.start_lr, end_lr=self.end_lr, num_steps=num_steps, spacing=self.spacing)
        completed = f"Swept to end_lr={numerals.number(self.end_lr, 6)}."
        rule = DivergenceRule(self.divergence_factor, num_steps)
        return RateCourse(sweep.learning_rates(), rule, Stop("completed", completed))

    def _open_writer(self, num_steps: int) -> TraceWriter | None:
        return None if self.log_dir is None else self.open_trace(self.log_dir, num_steps)

    def open_trace(self, log_dir: str, num_steps: int, repeats: int = 1) -> TraceWriter:
        """A trace whose header says what is known of this test once its fit has begun."""
        return TraceWriter(
            log_dir,
            num_steps=num_steps,
            start_lr=self.start_lr,
            end_lr=self.end_lr,
            spacing=self.spacing,
            optimizer=self._swept_title,
            batch_size=self._batch_size,
            monitor=column_of(self.measuring.monitor),
            mode=self.measuring.better,
            method=self.method,
            total_steps=self.total_steps,
            repeats=repeats,
        )
