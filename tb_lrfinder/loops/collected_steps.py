"""`CollectedSteps`: the steps of a training on their way from a loop of any kind to their trace."""

from __future__ import annotations

import atexit
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_lrfinder.choices import EndStatus
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, LOSS, STEP, WALL_TIME
from tb_lrfinder.loops import late_losses
from tb_lrfinder.loops.frameworks import is_first_process
from tb_lrfinder.loops.pace import Pace
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.trace_content import new_session

# Where the loss stands in a step that has one.
_LOSS_PLACE = 2
_NO_FACTS: Mapping[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a training stands.

    Attributes:
        step: Number of the next step.
        epoch: Epochs done; None where they are not recorded.
        learning_rate: The rate of the next step, or, as far as is known, of the last one; None where neither is known.
    """

    step: int
    epoch: float | None
    learning_rate: float | None


class CollectedSteps:
    """Takes the steps of a training, of any thread, and hands them on to its trace in bunches.

    The first step opens the trace and names its columns. Of processes that train one model together, the first one writes.
    What takes the steps is not held: when it is given up, or the program ends, all that was taken is written.

    Args:
        log_dir: Directory of the run.
        header: The header to begin with.

    Attributes:
        session: Id of the trace, also before the first step.
        place: Where the training stands.
        is_paused: Whether steps are passed over: they are not those of the training.
    """

    def __init__(self, log_dir: str, header: schema.Header) -> None:
        self.session = new_session()
        self.place = Place(step=header.first_step, epoch=None, learning_rate=None)
        self.is_paused = False
        self._log_dir = log_dir
        self._header = header
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._pace = Pace()
        self._trace: TrainingTrace | None = None
        self._has_begun = self._is_closed = False
        self._has_loss = self._has_epoch = False
        self._extras: tuple[str, ...] = ()
        # The loss of a step is put into its row when it can be read.
        self._rows: list[tuple[float, ...]] = []
        self._losses: list[Any] = []

    def add(
        self,
        step: int | None,
        rate: float,
        loss: Any,
        epoch: float | None,
        settings: Mapping[str, float],
        facts: Callable[[], Mapping[str, Any]],
    ) -> None:
        """Takes a step, unless the training is paused.

        Args:
            step: Its number; None for the one after the last.
            rate: Its rate.
            loss: Its loss, as `late_losses.taken` gave it, or None.
            epoch: The epochs done after it, or None.
            settings: Further values by column.
            facts: Called in the first step: fields of the header that are known now.

        Raises:
            ValueError: If the number is not above the last one, or the first step had other values.
            RuntimeError: If the training is closed, or another process began to record it.
        """
        self._check_process()
        with self._lock:
            if self._is_closed:
                raise RuntimeError(
                    "A ScheduleWriter that is closed records nothing more: make another one, with `first_step` where the "
                    f"training goes on. Received: a step for {self._log_dir!r}."
                )
            if self.is_paused:
                return
            number = self._checked(step)
            if not self._has_begun:
                self._begin(loss is not None, epoch is not None, tuple(settings), facts())
            self._check_alike(loss, epoch)
            self.place = Place(step=number + 1, epoch=epoch, learning_rate=rate)
            if self._trace is None:
                return
            losses = (math.nan,) if self._has_loss else ()
            epochs = () if epoch is None else (epoch,)
            extras = [settings.get(name, math.nan) for name in self._extras] if self._extras else ()
            self._rows.append((number, rate, *losses, *epochs, time.time(), *extras))
            self._losses.append(loss)
            if self._pace.is_due(len(self._rows)):
                self._hand_on(self._num_readable(beside=False))

    def close(self, status: EndStatus, text: str) -> None:
        """Writes the remaining steps and how the training ended. Closing twice is harmless, and so is a fork's closing."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._pace.end()
            atexit.unregister(self.give_up)
            if not self._has_begun:  # a training that failed at once
                self._trace = self._open(())
            self._hand_on(len(self._rows))
            if self._trace is not None:
                self._trace.close(status, text)

    def give_up(self) -> None:
        """Writes the remaining steps because nothing is left that could add to them; how it ended is left to the file."""
        if os.getpid() == self._pid:
            atexit.unregister(self.give_up)
            # By the thread: the garbage collector may be called while that one hands on.
            self._pace.end(wait=True)

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise RuntimeError(
                "A training is recorded by the process that made its ScheduleWriter: make another one, with another "
                f"`log_dir`, in this process. Received: a step for {self._log_dir!r} in a fork of that process."
            )

    def _check_alike(self, loss: Any, epoch: float | None) -> None:
        for name, value, had in ((LOSS, loss, self._has_loss), (EPOCH, epoch, self._has_epoch)):
            if (value is not None) is had:
                continue
            rule = (
                f"Every step must have `{name}` where the first one had it: pass the last one that is known."
                if had
                else f"A step can have `{name}` only where the first one had it: record it from the first step on."
            )
            raise ValueError(f"{rule} Received: {name}={value!r:.80} at step {self.place.step}.")

    def _checked(self, step: int | None) -> int:
        if step is None:
            return self.place.step
        if step < self.place.step:
            raise ValueError(
                f"`step` must go up from `first_step`: pass none, and steps are counted. Received: step={step} where "
                f"{self.place.step} comes next."
            )
        return step

    def _begin(self, has_loss: bool, has_epoch: bool, extras: tuple[str, ...], facts: Mapping[str, Any]) -> None:
        self._has_begun, self._has_loss, self._has_epoch, self._extras = True, has_loss, has_epoch, extras
        self._trace = self._open(extras, facts)
        if self._trace is not None:
            # After the trace's own, so that it comes before that one.
            atexit.register(self.give_up)
            self._pace.begin(self._hand_on_if_due, self._hand_on_rest)

    def _open(self, extras: tuple[str, ...], facts: Mapping[str, Any] = _NO_FACTS) -> TrainingTrace | None:
        if not is_first_process():
            return None
        header = replace(self._header, **facts)
        losses, epochs = (LOSS,) if self._has_loss else (), (EPOCH,) if self._has_epoch else ()
        columns = (STEP, LEARNING_RATE, *losses, *epochs, WALL_TIME, *extras)
        return TrainingTrace(self._log_dir, header, columns, self.session)

    def _hand_on_if_due(self) -> None:
        """What the thread does while no step comes."""
        with self._lock:
            if self._pace.is_due(len(self._rows), patiently=True):
                self._hand_on(self._num_readable(beside=True))

    def _hand_on_rest(self) -> None:
        """What the thread does at last."""
        with self._lock:
            if not self._is_closed and self._trace is not None:
                self._hand_on(len(self._rows))
                self._trace.write_rest()

    def _num_readable(self, *, beside: bool) -> int:
        return late_losses.num_readable(self._losses, beside=beside) if self._has_loss else len(self._rows)

    def _hand_on(self, number: int) -> None:
        """Hands on so many of the first steps."""
        self._pace.note()
        rows, self._rows = self._rows[:number], self._rows[number:]
        losses, self._losses = self._losses[:number], self._losses[number:]
        if rows and self._trace is not None:
            steps = np.array(rows)
            if self._has_loss:
                steps[:, _LOSS_PLACE] = late_losses.read(losses)
            self._trace.append(steps)
