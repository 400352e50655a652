"""`ScheduleWriter`: records the learning rate of a training in any loop. No framework is loaded for it."""

from __future__ import annotations

import math
import numbers
import os
import time
import weakref
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, SupportsFloat, SupportsIndex

from tb_lrfinder import arguments
from tb_lrfinder.columns import TRAINING
from tb_lrfinder.loops import late_losses
from tb_lrfinder.loops.collected_steps import CollectedSteps
from tb_lrfinder.loops.course_run import cause_of
from tb_lrfinder.loops.driver import driver_name
from tb_lrfinder.loops.frameworks import RateHolder, rate_holder
from tb_lrfinder.loops.frameworks.models import facts_of
from tb_lrfinder.loops.named_test import session_of
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.remarks import remarks

if TYPE_CHECKING:
    from tb_lrfinder.loops.result import RangeTestResult

_NONE: Mapping[str, float] = {}


class ScheduleWriter:
    """Records the learning rate that each step of a training in a loop of your own used, for the Schedules view of the tab.

    It is `LRRecorder` for any loop: with the rate go the loss, the epoch and the time, and where the optimizer has them
    momentum (or the first beta) and weight decay, step by step. Long trainings are thinned: every corner of the schedule
    stays exact, memory and file stay bounded. Beside it, `learning_rate` and `loss` go out as scalars for TensorBoard's own
    tabs. For two optimizers that train in turn, open two, each with a directory of its own.

    A disk that fails never ends the training: a warning says so. As a context manager it closes itself, and an exception
    marks the training as interrupted; where nobody closes it, nothing is lost either, and the header then says that it was
    not closed. Where several processes train one model by `torch.distributed`, all may record: the first one writes. Several
    threads may record into one writer; a fork of the process that made it may not.

    Args:
        log_dir: Directory for TensorBoard, local or remote; it becomes a run.
        optimizer: The optimizer that is recorded, or whose momentum and weight decay are recorded beside rates that are
            given as numbers: one of PyTorch or Keras, or a function without arguments that returns the current state of one
            of optax (`optax.inject_hyperparams`). Or its name (`"SGD, momentum 0.9"`). None takes that of `record`.
        driver: What sets the rate: its name, or the scheduler or function, whose name is then told.
        batch_size: Samples per batch, at least 1, or None.
        model: The model: a module of PyTorch, a model of Keras, or its name. With the optimizer, `batch_size` and the number
            of trainable parameters, which model or optimizer tell, it says which range test belongs to the training.
        range_test: The range test that the training belongs to, whatever those say: its `RangeTestResult`, or the `session`
            of that.
        first_step: Number of the first step, from 0. Above 0, the training goes on that the same run holds: they are shown
            as one, and where steps were trained again, the later ones count.
        hparams: As in `RangeTest`, like `note` and `tags`.
        note: See `hparams`.
        tags: See `hparams`.

    Attributes:
        session: Id of the trace.
        log_dir: The directory.
        header: The header that the trace begins with.

    Raises:
        ValueError: If `log_dir` is no path, or its file system is not installed; if another argument is out of its range.

    Example:
        >>> with ScheduleWriter("logs/run", optimizer=optimizer, driver=scheduler) as writer:   # doctest: +SKIP
        ...     for batch in loader:
        ...         writer.record(optimizer, loss=train_step(batch))
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        optimizer: Any = None,
        driver: Any = None,
        batch_size: SupportsIndex | None = None,
        first_step: SupportsIndex = 0,
        model: Any = None,
        range_test: RangeTestResult | str | None = None,
        hparams: Mapping[Any, Any] | None = None,
        note: str | None = None,
        tags: Sequence[str] = (),
    ) -> None:
        self.log_dir = log_dir = check_log_dir(log_dir)
        # The optimizer that was read last, and what reads it.
        self._optimizer: Any = None
        self._holder: RateHolder | None = None
        self._put_back = _nothing
        self._reads_always = not (optimizer is None or isinstance(optimizer, str))
        if self._reads_always:
            self._holder_of(optimizer)
        arguments.whole(0, first_step=first_step)
        if batch_size is not None:
            arguments.whole(1, batch_size=batch_size)
        header = schema.Header(
            kind=TRAINING,
            started=time.time(),
            optimizer=optimizer if isinstance(optimizer, str) else None,
            batch_size=None if batch_size is None else int(batch_size),
            driver=driver if driver is None or isinstance(driver, str) else driver_name(driver),
            first_step=int(first_step),
            range_test=session_of(range_test),
            **vars(facts_of(model)),
            **vars(remarks(hparams=hparams, note=note, tags=tags)),
        )
        schema.check_header(header)
        self.header = header
        self._steps = CollectedSteps(log_dir, header)
        self._finalizer = weakref.finalize(self, self._steps.give_up)
        self._finalizer.atexit = False  # the steps see to that themselves, before their file ends

    def record(
        self,
        learning_rate: SupportsFloat | Any,
        *,
        loss: Any = None,
        epoch: SupportsFloat | None = None,
        step: SupportsIndex | None = None,
    ) -> None:
        """Records a step, after its update.

        Rate, momentum and weight decay of an optimizer of PyTorch are those of its last update, also where a scheduler has
        set the next ones meanwhile. (In the first step, if the optimizer was not named at construction, they are those of
        now.) With optax, record before the next update; a rate that is given as a number is taken as it is.

        It takes a few microseconds. A loss that an accelerator computes is not waited for: it is read when it is there
        (JAX), or in bunches four times a second (PyTorch, TensorFlow), and may lie in memory that the next step uses again.
        Where not every batch makes an update, record the updates: one call is one step.

        Args:
            learning_rate: The rate, zero or positive and finite; or the optimizer, which is read.
            loss: The loss of the step: a number, a 0-d array, or a tensor that holds one; NaN and infinities are recorded as
                such. In every step or in none.
            epoch: The epochs done after the step, with fractions, zero or positive. In every step or in none.
            step: Number of the step, where not every step is recorded; above that of the one before. None counts on.

        Raises:
            ValueError: If one of them is not as it must be, or the optimizer has no rate; nothing is recorded.
            RuntimeError: If the writer is closed, or was made in a process of which this one is a fork.
        """
        if self._steps.is_paused:
            return
        rate, settings = self._read(learning_rate)
        if not 0.0 <= rate < math.inf:
            raise ValueError(f"`learning_rate` must be zero or positive, and finite. Received: learning_rate={rate}.")
        if loss is not None:
            loss = late_losses.taken(loss)
        self._steps.add(_step(step), rate, loss, _epoch(epoch), settings, self._facts)

    @property
    def session(self) -> str:
        return self._steps.session

    @property
    def next_step(self) -> int:
        """Number of the step that comes next."""
        return self._steps.place.step

    @property
    def epochs_done(self) -> float | None:
        """Epochs done; None where they are not recorded."""
        return self._steps.place.epoch

    @property
    def next_rate(self) -> float | None:
        """The rate of the next step, or, as far as is known, of the last one; None where neither is known."""
        return self._steps.place.learning_rate if self._holder is None else self._holder.coming()

    def pause(self) -> None:
        """Passes over all that is recorded until `go_on`; `RangeTest(..., training=self)` calls both."""
        self._put_back = _nothing if self._holder is None else self._holder.noted()
        self._steps.is_paused = True

    def go_on(self) -> None:
        """Ends the pause: the steps that follow are those of the training. Can be called again."""
        if self._steps.is_paused:
            self._put_back()
            self._steps.is_paused = False

    def close(self) -> None:
        """Writes the last steps, and that the training ended. Closing twice is harmless."""
        self._let_go()
        self._steps.close("finished", "The training ended.")

    def __enter__(self) -> ScheduleWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._let_go()
            self._steps.close("interrupted", f"Interrupted: {cause_of(error)}.")

    def _read(self, learning_rate: Any) -> tuple[float, Mapping[str, float]]:
        """A rate, and what else is recorded of the optimizer."""
        if type(learning_rate) is float and not self._reads_always:
            return learning_rate, _NONE
        if (self._holder is None or learning_rate is not self._optimizer) and _is_number(learning_rate):
            rate = arguments.as_float("learning_rate", learning_rate)
            holder = self._holder if self._reads_always else None
        else:
            holder = self._holder_of(learning_rate)
            rate = holder.used()
        if holder is None:
            return rate, _NONE
        return rate, holder.settings()

    def _facts(self) -> dict[str, Any]:
        """What the optimizer tells, and nobody has said."""
        if self._holder is None:
            return {}
        told = {
            "optimizer": self._holder.title,
            "parameters": self._holder.num_parameters(),
            "precision": self._holder.precision(),
        }
        missing = {name: value for name, value in told.items() if getattr(self.header, name) is None}
        # A model of Keras may well be trained by optax.
        return {
            "framework": self._holder.framework, "hyperparameters": self._holder.hyperparameters(), **missing
        }  # fmt: skip

    def _holder_of(self, optimizer: Any) -> RateHolder:
        if self._holder is None or self._optimizer is not optimizer:
            holder = rate_holder(optimizer)
            self._let_go()
            self._optimizer, self._holder = optimizer, holder
            # A scheduler may have set the next rate by the time the step is recorded.
            holder.follow()
        return self._holder

    def _let_go(self) -> None:
        if self._holder is not None:
            self._holder.give_back()


def _nothing() -> None:
    pass


def _is_number(thing: Any) -> bool:
    """Whether this is meant as a rate, right or wrong, and not as an optimizer."""
    return isinstance(thing, (numbers.Real, str)) or thing is None or hasattr(thing, "shape")


def _step(step: Any) -> int | None:
    if step is None:
        return None
    arguments.whole(0, step=step)
    return int(step)


def _epoch(epoch: Any) -> float | None:
    if epoch is None or (type(epoch) is float and 0.0 <= epoch < math.inf):
        return epoch
    value = arguments.as_float("epoch", epoch)
    arguments.not_negative(epoch=value)
    return value
