"""A short training at one rate, undone afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_lrfinder.curves.stop_rules import EliminationRule, Stop
from tb_lrfinder.training.reverted_fit import TemporaryTraining
from tb_lrfinder.training.reverted_run import Plan


class TrialTraining(TemporaryTraining):
    """Trains `num_steps` steps with one learning rate, or until the rule gives it up.

    Args:
        learning_rate: The rate.
        num_steps: Steps to train.
        rule: Sees the loss of every step.
        **measuring: The keyword arguments of `TemporaryTraining`.
    """

    def __init__(self, learning_rate: float, num_steps: int, rule: EliminationRule, **measuring: Any) -> None:
        super().__init__(num_steps, **measuring)
        self._learning_rate = learning_rate
        self._rule = rule

    def _plan(self, num_steps: int) -> Plan:
        rates = np.full(num_steps, self._learning_rate)
        return Plan(rates, self._rule, Stop("completed", "Trained to the end."))
