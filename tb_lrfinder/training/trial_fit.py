"""A trial in a `fit`: a short training at one rate."""

from __future__ import annotations

import numpy as np

from tb_lrfinder.curves.stop_rules import EliminationRule, Stop
from tb_lrfinder.loops.course_run import RateCourse
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.training.reverted_fit import RevertedFit
from tb_lrfinder.training.swept import OptimizerChoice


class TrialFit(RevertedFit):
    """Trains `num_steps` steps with one learning rate, or until the rule gives it up.

    Args:
        learning_rate: The rate.
        num_steps: Steps to train.
        rule: Sees the loss of every step.
        measuring: What is measured.
        optimizer: Which optimizers of the model get the rate.
    """

    def __init__(
        self,
        learning_rate: float,
        num_steps: int,
        rule: EliminationRule,
        measuring: Measuring,
        optimizer: OptimizerChoice = None,
    ) -> None:
        super().__init__(num_steps, measuring, optimizer=optimizer)
        self._learning_rate = learning_rate
        self._rule = rule

    def _course(self, num_steps: int) -> RateCourse:
        rates = np.full(num_steps, self._learning_rate)
        return RateCourse(rates, self._rule, Stop("completed", "Trained to the end."))
