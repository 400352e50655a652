"""Resetting the metrics of a model in training, before every batch."""

from __future__ import annotations

from collections.abc import Callable

import keras

from tb_lrfinder.training.backends import BACKEND, Assignments


class MetricReset:
    """Resets the metrics of a model as `model.reset_metrics()` does, and faster from the second time on."""

    def __init__(self, model: keras.Model, assignments: Assignments) -> None:
        self._model = model
        self._assignments = assignments
        # A model that overrides the method knows more than the list of its metrics.
        self._resets_itself = type(model).reset_metrics is not keras.Model.reset_metrics
        self._reset: Callable[[], None] | None = None

    def __call__(self) -> None:
        if self._reset is not None:
            self._reset()
            return
        BACKEND.bring_back(self._model)
        self._model.reset_metrics()
        if not self._resets_itself:
            self._reset = BACKEND.metric_reset(self._model, self._assignments)
