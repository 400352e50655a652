"""`Probing`: the probes of one running fit, when they are due and what they cost."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from rich.console import Console

from tb_lrfinder.loops.course_run import cause_of, result_outlives_trace
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.remarks import Remarks
from tb_lrfinder.storage.trace_content import new_session
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.fit_guard import FitGuard
from tb_lrfinder.training.lent_data import lent
from tb_lrfinder.training.lr_recorder import LRRecorder
from tb_lrfinder.training.own_fits import OwnFits
from tb_lrfinder.training.probe_data import data_of_fit, given_data
from tb_lrfinder.training.probe_settings import MadeProbe, ProbeSettings
from tb_lrfinder.training.probe_times import ProbeBudget, ProbeTimes
from tb_lrfinder.training.rates_used import RatesUsed
from tb_lrfinder.training.reverted_fit import RevertedFit
from tb_lrfinder.training.snapshot import build
from tb_lrfinder.training.sweep_fit import SweepFit
from tb_lrfinder.training.swept import swept_by


class Probing:
    """The part of an `LRProbe` that exists only while a fit runs; made in `on_train_begin`.

    A probe that fails before the training has begun ends it, as any error of a callback does. Later ones end the probing,
    with a warning, and the training goes on.

    Args:
        callback: The callback; it is moved behind the others, which may set the rate of an epoch or a batch.
        settings: What a probe is asked to do.
        times: Which epochs or steps are due.
        budget: What probing may cost.
        optimizer: Whose rate is read and swept; a name, or None for `model.optimizer`.

    Attributes:
        made: The probes made so far.
    """

    def __init__(
        self,
        callback: keras.callbacks.Callback,
        settings: ProbeSettings,
        times: ProbeTimes,
        budget: ProbeBudget,
        optimizer: str | keras.Optimizer | None,
    ) -> None:
        self._begun = time.perf_counter()
        self._callback, self._model = callback, callback.model
        self._verbose = callback.verbose and BACKEND.is_first_process()
        self._settings, self._times, self._budget, self._optimizer = settings, times, budget, optimizer
        guard = FitGuard(self._model, lambda error: None)
        others = guard.put_last(callback)
        _check_no_range_test(others)
        self._recorder = next((one for one in others if isinstance(one, LRRecorder)), None)
        self._remarks = Remarks() if self._recorder is None else self._recorder.remarks
        self._data = (
            data_of_fit(self._model)
            if settings.data is None
            else given_data(self._model, settings.data, guard.batch_size)
        )
        build(self._model, guard.batch_spec)
        (probed,) = swept_by(self._model, optimizer).optimizers
        self._rates = RatesUsed(probed, others)
        self._batches_per_call = self._model.steps_per_execution
        self._session = new_session()
        self._seen: int | None = None
        self._left_out = self._left_out_in_all = 0
        self._failed = False
        self.made: list[MadeProbe] = []

    def begin_epoch(self, epoch: int, num_batches: int | None) -> None:
        """Notes where the fit is; called before each epoch."""
        self._epoch, self._num_batches, self._batches = epoch, num_batches, 0
        self._rates.begin_epoch()
        BACKEND.bring_back(self._model)
        self._first_count = self._rates.count()

    def begin_batch(self) -> None:
        """Probes where the step to come is due; called before each call of the train step."""
        expected = self._rates.updates(self._first_count + self._batches)
        if self._due(expected):
            # Loss scaling may have skipped updates.
            BACKEND.bring_back(self._model)
            self._first_count = self._rates.count() - self._batches
            self.look(self._rates.updates(self._first_count + self._batches))
        else:
            self._seen = expected
        self._batches += self._batches_per_call

    def look(self, place: int) -> None:
        """Probes if the epoch or step that comes next is due, and the time allows it."""
        due = self._due(place)
        self._seen = place
        if not due or self._failed:
            return
        # Several processes must decide alike, and have clocks of their own.
        if not BACKEND.are_several_processes() and not self._budget.allows(time.perf_counter() - self._begun):
            self._leave_out()
            return
        try:
            self._probe()
        except Exception as error:
            if not self._has_trained:
                raise
            self._failed = True
            warnings.warn(
                f"The training goes on, but LRProbe probes no more, for it met an error: {cause_of(error)}.",
                stacklevel=4,
            )

    def end(self) -> None:
        """Tells what all have cost."""
        if self._verbose and self.made:
            share = self._budget.spent / max(time.perf_counter() - self._begun, 1e-9)
            left_out = (
                f" {self._left_out_in_all} were left out to keep within max_share." if self._left_out_in_all else ""
            )
            number = len(self.made)
            _tell(
                f"LRProbe: {number} probe{'s' if number > 1 else ''} took {self._budget.spent:.3g} s, "
                f"{share:.0%} of the time.{left_out}"
            )

    def _due(self, place: int) -> int:
        return self._times.between(place if self._seen is None else self._seen + 1, place)

    @property
    def _has_trained(self) -> bool:
        return self._epoch > 0 or self._batches > 0

    def _leave_out(self) -> None:
        self._left_out += 1
        self._left_out_in_all += 1
        if self._verbose and self._left_out_in_all == 1:
            _tell("LRProbe: a probe is left out here, as probing would take more than max_share of the time.")

    def _probe(self) -> None:
        began = time.perf_counter()
        BACKEND.bring_back(self._model)
        updates = self._rates.updates(self._rates.count())
        rate = float(self._rates.at(np.array([updates]))[0]) if self._rates.is_schedule else self._rates.read()
        probe = Probe(
            training=(self._recorder and self._recorder.session) or self._session,
            step=updates,
            # A training whose rate is no number is still probed.
            learning_rate=rate if 0 <= rate < math.inf else 0.0,
            epoch=self._epochs_trained(),
            left_out=self._left_out,
        )
        sweep = self._sweep(probe)
        seconds = time.perf_counter() - began
        self._budget.spend(seconds)
        self._left_out = 0
        run = sweep.run
        assert run.ending is not None
        if run.writer is not None:
            with result_outlives_trace():
                run.writer.report_cost(seconds)
                run.writer.close(run.ending.text, stop_reason=run.ending.reason)
        made = MadeProbe(replace(probe, seconds=seconds), run.result(self._settings.method, self._settings.log_dir))
        self.made.append(made)
        if self._verbose:
            _tell(made.sentence)

    def _sweep(self, probe: Probe) -> SweepFit:
        settings = self._settings
        sweep = SweepFit(
            settings.log_dir,
            settings.num_steps,
            replace(settings.sweep(probe.learning_rate, self.made), remarks=self._remarks),
            Measuring(),
            optimizer=self._optimizer,
            leave_open=True,
            probe=probe,
        )
        with lent(self._model, self._data.x) as x:
            OwnFits(model=self._model, x=x, y=self._data.y, data_options=self._data.options, verbose=0)(sweep)
        return sweep

    def _epochs_trained(self) -> float | None:
        if not self._batches:
            return float(self._epoch)
        return self._epoch + self._batches / self._num_batches if self._num_batches else None


def _tell(text: str) -> None:
    Console(highlight=False).print(text, soft_wrap=True, markup=False)


def _check_no_range_test(others: Sequence[keras.callbacks.Callback]) -> None:
    test: Any = next((one for one in others if isinstance(one, RevertedFit)), None)
    if test is not None:
        raise ValueError(
            "LRProbe must not be in the fit of a range test, which is undone. "
            f"Received: {type(test).__name__} in the same fit. Take one of them out of it."
        )
