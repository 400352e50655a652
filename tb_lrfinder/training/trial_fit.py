"""A trial in a `fit`: a short training at one rate."""

from __future__ import annotations

from tb_lrfinder.loops.course_run import RateCourse
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.training.reverted_fit import RevertedFit
from tb_lrfinder.training.swept import OptimizerChoice


class TrialFit(RevertedFit):
    """Trains at the rates of a course that is given, or until its rule gives it up.

    Args:
        course: The rates, and when to stop.
        measuring: What is measured.
        optimizer: Which optimizers of the model get the rate.
    """

    def __init__(self, course: RateCourse, measuring: Measuring, optimizer: OptimizerChoice = None) -> None:
        super().__init__(len(course.rates), measuring, optimizer=optimizer)
        self._given = course

    def _course(self, num_steps: int) -> RateCourse:
        del num_steps
        return self._given
