"""A range test in a `fit`: the rates of a sweep, until the loss diverges."""

from __future__ import annotations

from dataclasses import replace

from tb_lrfinder.curves.sweep import check_num_steps
from tb_lrfinder.loops.course_run import RateCourse
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.sweep_settings import SweepSettings
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.reverted_fit import RevertedFit
from tb_lrfinder.training.swept import OptimizerChoice


class SweepFit(RevertedFit):
    """Raises the learning rate from step to step, records the loss that each rate gives, and undoes the training.

    Args:
        log_dir: Directory for TensorBoard, checked; None writes nothing.
        num_steps: As in `LRFinder`.
        settings: The rates, when to stop, and how it is read.
        measuring: What is measured.
        optimizer: Which optimizers of the model are swept.
        leave_open: Whether the trace stays open after a good end.
        probe: Where in a training the test is made, or None.
    """

    def __init__(
        self,
        log_dir: str | None,
        num_steps: int | None,
        settings: SweepSettings,
        measuring: Measuring,
        *,
        optimizer: OptimizerChoice = None,
        leave_open: bool = False,
        probe: Probe | None = None,
    ) -> None:
        super().__init__(num_steps, measuring, optimizer=optimizer, leave_open=leave_open)
        if num_steps is not None:
            check_num_steps(num_steps)
        self.log_dir = log_dir
        self.settings = settings
        self._probe = probe

    def _course(self, num_steps: int) -> RateCourse:
        return self.settings.course(num_steps)

    def _open_writer(self, num_steps: int) -> TraceWriter | None:
        return None if self.log_dir is None else self.open_trace(self.log_dir, num_steps)

    def open_trace(self, log_dir: str, num_steps: int, repeats: int = 1) -> TraceWriter:
        """A trace whose header says what is known of this test once its fit has begun."""
        return self.settings.open_trace(
            log_dir,
            num_steps,
            self.measuring,
            replace(self._tested, probe=self._probe),
            repeats=repeats,
        )
