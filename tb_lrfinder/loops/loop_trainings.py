"""`LoopTrainings`: the sweeps and short trainings of a range test, in a loop that is somebody else's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_lrfinder import numerals
from tb_lrfinder.curves.stop_rules import Stop
from tb_lrfinder.loops.confirmation import Confirmation
from tb_lrfinder.loops.course_run import CourseRun, RateCourse, result_outlives_trace
from tb_lrfinder.loops.frameworks import KeptState, RateHolder, is_first_process, reseed
from tb_lrfinder.loops.loop_probe import LoopProbe
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.repeats import combine, shortest_of, write_rows
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.loops.sweep_settings import SweepFacts, SweepSettings
from tb_lrfinder.loops.update_clock import UpdateClock
from tb_lrfinder.storage.writer import TraceWriter


@dataclass(frozen=True, eq=False, kw_only=True)
class LoopTest:
    """What a range test in a loop is asked to do; the arguments of `RangeTest`.

    Attributes:
        settings: The rates of a sweep, and how it is read.
        measuring: What is measured.
        tested: What is tested, as far as it is known.
        num_steps: As in `RangeTest`, like those below.
        updates: Updates made with each rate.
        repeats: See `num_steps`.
        confirm: See `num_steps`.
        confirm_steps: Steps of each short training.
        log_dir: See `num_steps`.
        probe: The training in whose middle the test is made, or None.
    """

    settings: SweepSettings
    measuring: Measuring
    tested: SweepFacts
    num_steps: int
    updates: int
    repeats: int
    confirm: int
    confirm_steps: int
    log_dir: str | None
    probe: LoopProbe | None

    def open_trace(self, log_dir: str) -> TraceWriter:
        """A trace whose header says what is known of the test before its first step."""
        return self.settings.open_trace(log_dir, self.num_steps, self.measuring, self.tested, repeats=self.repeats)


class LoopTrainings:
    """The sweeps of a range test and its short trainings, one after the other, each from the same start.

    It gives out their rates, takes a report for each, and owns the rows, the trace and what is put back. It knows nothing of
    the loop, nor how that is entered and left.

    Args:
        asked: What the test is asked to do.
        holders: What sets the rates of the optimizers; none where the loop sets them.

    Attributes:
        states: What is put back before each training, and at the end.
        writer: The trace, or None.
        run: The training under way.
        learning_rate: The rate given out last.
        awaits_report: Whether it was not reported for.
        early_end: Why the data ended the test; None where they did not.
        ending: Why the test ended; None while it runs.
    """

    def __init__(self, asked: LoopTest, holders: Sequence[RateHolder]) -> None:
        self._asked, self._holders = asked, holders
        self.states: list[KeptState] = []
        self.writer: TraceWriter | None = None
        self.run = CourseRun(asked.settings.course(asked.num_steps))
        self.learning_rate = asked.settings.start_lr
        self.awaits_report = False
        self.early_end: Stop | None = None
        self.ending: Stop | None = None
        self._sweeps: list[CourseRun] = []
        self._clock = UpdateClock((), asked.updates)
        self._swept: RangeTestResult | None = None
        self._confirmation: Confirmation | None = None

    @property
    def result(self) -> RangeTestResult:
        """All of it so far."""
        if self._confirmation is not None:
            return self._confirmation.result()
        return self._swept or combine(self._sweeps or [self.run], self._asked.settings, self._asked.log_dir)

    def begin(self, states: list[KeptState]) -> None:
        """Takes what is to be put back, and opens the trace of a single sweep."""
        self.states = states
        if self._asked.log_dir is not None and self._asked.repeats == 1 and is_first_process():
            self.writer = self._asked.open_trace(self._asked.log_dir)

    def learn_batch_size(self, batch_size: Any) -> None:
        """Takes the size of the batches from what gives them, where nobody has said it."""
        if self._asked.tested.batch_size is not None or type(batch_size) is not int or batch_size < 1:
            return
        self._asked = replace(self._asked, tested=replace(self._asked.tested, batch_size=batch_size))
        if self.writer is not None:
            with result_outlives_trace():
                self.writer.report_batch_size(batch_size)

    def report(self, values: Mapping[str, float]) -> None:
        """Takes what was measured with the current rate."""
        self.run.report(values)
        self.awaits_report = False

    def rates(self) -> Iterator[float]:
        """The rates of all sweeps, then those of the short trainings, each from the same start."""
        for holder in self._holders:
            holder.take_over()
        seeds = np.random.randint(2**31 - 1, size=self._asked.repeats - 1).tolist()
        for seed in [None, *seeds]:
            if seed is not None:
                self._begin_again(seed)
            self._sweeps.append(self._begin(self._asked.settings.course(self._asked.num_steps), self.writer))
            yield from self._steps()
            self.run.finish()
        self._end_sweeps()
        assert self._swept is not None
        if self._asked.confirm and self._swept.suggestion.learning_rate is not None:
            self._confirmation = Confirmation(
                self._swept, self._asked.settings, self._asked.confirm, self._asked.confirm_steps, self.writer
            )
            for trial in self._confirmation:
                self._begin_again()
                run = self._begin(trial.course)
                yield from self._steps()
                trial.end(run.curve.losses)

    def _begin(self, course: RateCourse, writer: TraceWriter | None = None) -> CourseRun:
        """The run of one training."""
        rates = self._holders[0].as_used(course.rates) if self._holders else course.rates
        self.run = CourseRun(
            replace(course, rates=rates),
            monitor=self._asked.measuring.monitor,
            mode=self._asked.measuring.better,
            optimizer=self._asked.tested.optimizer,
            several_batches=self._asked.updates > 1,
            writer=writer,
            leave_open=True,
        )
        for holder in self._holders:
            holder.begin(self.run.learning_rate)
        self._clock = UpdateClock(self._holders, self._asked.updates)
        return self.run

    def _steps(self) -> Iterator[float]:
        """The rates of one training, each as often as it takes batches to make its step."""
        run, clock, holders = self.run, self._clock, self._holders
        while run.stop is None:
            rate = run.learning_rate
            for holder in holders:
                holder.set(rate)
            self.learning_rate, self.awaits_report = rate, True
            yield rate
            if self.awaits_report:
                raise RuntimeError(
                    "Every learning rate must get a report: call `report` with the loss of its batch. "
                    f"Received: none for {numerals.rate(rate)}."
                )
            for holder in holders:
                holder.check()
            self._end_batch(clock.is_over())

    def _end_batch(self, is_last: bool) -> None:
        if is_last or not self.run.is_finite:
            self.run.end_step()
            self._clock.begin_step()

    def _begin_again(self, seed: int | None = None) -> None:
        """Puts everything back for the next training; with a seed, all but random numbers, which become others."""
        for state in self.states:
            if seed is None or not state.is_random:
                state.restore()
        if seed is not None:
            reseed(seed)

    def _end_sweeps(self) -> None:
        """Makes one result of the sweeps, and with repeats writes it; one left early counts where there is no other."""
        whole = [sweep for sweep in self._sweeps if sweep.stop is not None] or [self.run]
        ending = shortest_of(whole).ending if self.run.stop is not None else self.run.ending
        assert ending is not None
        self._swept, self.ending = combine(whole, self._asked.settings, self._asked.log_dir), ending
        if len(whole) > 1:
            self.ending = replace(ending, text=f"Mean of {len(whole)} repeats. {ending.text}")
        if self._asked.repeats > 1 and self._asked.log_dir is not None and is_first_process():
            with result_outlives_trace():
                self.writer = self._asked.open_trace(self._asked.log_dir)
                self._swept = replace(self._swept, session=self.writer.session)
                write_rows(self._swept, self.writer)
            self._report_cost()

    def put_back(self) -> Exception | None:
        """Restores everything; returns the first error of something that could not be."""
        failures: list[Exception] = []
        for put_back in [*(holder.give_back for holder in self._holders), *(state.restore for state in self.states)]:
            try:
                put_back()
            except Exception as failure:
                failures.append(failure)
        self.states.clear()
        return failures[0] if failures else None

    def end_last_step(self) -> None:
        """Records the step that the loop has left, where it was reported and is over.

        Raises:
            ValueError: If an optimizer whose rate is set was not used.
        """
        if self.run.in_step and not self.awaits_report and self.run.stop is None:
            self._end_batch(self._clock.is_over())
        if self._swept is None and not len(self.run):
            # A loss that is not finite is a step, whether or not it made an update.
            self._clock.check_use()

    def close(self, error: BaseException | None) -> None:
        """Says how the test ended, and closes the trace."""
        self._report_cost()
        if self._swept is None:
            if error is None:
                self.run.finish(self.early_end)
            else:
                self.run.interrupt(error)
            self._end_sweeps()
        elif error is not None and self.ending is not None:
            reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
            text = f"{self.ending.text} The short trainings were interrupted: {type(error).__name__}."
            self.ending = replace(self.ending, reason=reason, text=text)
        if self.writer is not None and self.ending is not None:
            status = "finished" if error is None else "interrupted"
            with result_outlives_trace():
                self.writer.close(self.ending.text, stop_reason=self.ending.reason, status=status)

    def _report_cost(self) -> None:
        """Writes what a probe has cost, now that all is restored."""
        if self.writer is not None and self._asked.probe is not None:
            with result_outlives_trace():
                self.writer.report_cost(self._asked.probe.seconds)
