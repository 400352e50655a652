"""`RangeTest`: a learning-rate range test in a training loop of any framework."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments, numerals
from tb_lrfinder.choices import MonitorMode, Spacing
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.stop_rules import Stop
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, MethodName, Suggestion
from tb_lrfinder.curves.sweep import check_num_steps
from tb_lrfinder.curves.trials import check_confirm
from tb_lrfinder.loops.frameworks import (
    RateHolder,
    are_several_processes,
    as_number,
    global_random_states,
    is_first_process,
    keepers,
    means_over_processes,
    rate_holder,
)
from tb_lrfinder.loops.frameworks.models import ModelFacts, facts_of, facts_of_only
from tb_lrfinder.loops.loop_probe import LoopProbe, range_around
from tb_lrfinder.loops.loop_trainings import LoopTest, LoopTrainings
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.result import RangeTestResult, print_result
from tb_lrfinder.loops.schedule_writer import ScheduleWriter
from tb_lrfinder.loops.sweep_settings import SweepFacts, SweepSettings
from tb_lrfinder.loops.watch import Watch
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.remarks import joined, remarks
from tb_lrfinder.storage.settings import alike

_FACTS = [field.name for field in fields(ModelFacts)]
Batch = TypeVar("Batch")


class RangeTest:
    """A learning-rate range test in a training loop of your own: it gives the rates, and is told each loss.

    Used as a context manager and iterated over, it raises the learning rate from step to step and records the loss that
    each rate gave, until the loss diverges or `end_lr` is reached. When the block is left, in whatever way, everything that
    `restore` names is bit for bit as it was, and so are the random numbers of Python, NumPy and the frameworks that are
    loaded.

    With `optimizer`, the test sets the rates itself, and a rate stays until the optimizer has made its update: batches whose
    gradients are only gathered, or whose update a gradient scaler skips, belong to the step that follows. Without it, the
    loop sets the rates that it is given, and a step is one report.

    In the middle of a loop, `training` names what records the training: then the test is a probe of it, drawn behind its
    schedule, and sweeps the rates around the one in use. The training goes on as if there had been none.

    Where `torch.distributed` is initialized when the block begins, every process runs the same loop; values are averaged
    over the processes, all of which stop together, and the first one writes and prints.

    Args:
        log_dir: As in `LRFinder`, like `spacing`, `divergence_factor`, `method`, `monitor`, `mode` and `total_steps`. All
            probes of a training share a directory of their own, as `"logs/run/probes"` beside `"logs/run"`.
        start_lr: First learning rate, positive; None takes 1e-7, or, with `training`, a thousandth of the rate in use.
        end_lr: Last learning rate, above `start_lr`; None takes 10, or, with `training`, 1000 times the rate in use.
        num_steps: Number of learning rates to try, at least 2.
        spacing: See `log_dir`.
        divergence_factor: See `log_dir`.
        method: See `log_dir`.
        verbose: 1 prints the result, in a notebook displays it; 0 does not.
        restore: What the training changes, one thing or a list: whatever has `state_dict` and `load_state_dict` (modules,
            optimizers, schedulers, gradient scalers), Keras models, optimizers and variables, modules of TensorFlow, random
            generators, tensors, and pairs of functions `(get, put)`. An empty list restores nothing.
        optimizer: The optimizer whose rate the test sets, or a list of several, which get the same rate: one of PyTorch,
            whose groups keep the ratios of their rates, the highest of which is set; one of Keras; for optax a function that
            returns its state as it is now, made with `optax.inject_hyperparams`. It is restored, too. Or a name such as
            `"SGD, momentum 0.9"`, where the loop sets the rates, for the suggestion and to be shown.
        updates_per_lr: Updates made with each rate, at least 1: their mean is recorded, and as `loss_std` their spread.
        monitor: See `log_dir`.
        mode: See `log_dir`.
        total_steps: See `log_dir`.
        repeats: Sweeps to run, each from the same start, with other random numbers; the result is their mean.
        confirm: Short trainings to make after the sweep, as in `range_test`: 0, or at least 2.
        confirm_steps: Steps of each of them, at least 12; None takes `num_steps`.
        batch_size: Samples per batch, shown beside the run; None takes that of `training`, or the `batch_size` of the data
            that `batches` is given.
        training: The `ScheduleWriter` that records the training in whose middle the test is made. Steps that are recorded
            inside the block are not those of the training, and are passed over.
        model: The model: a module of PyTorch, a model of Keras, or its name; None takes the one that is restored, if it is
            one. As in `ScheduleWriter`, it is part of what says which training belongs to the test.
        hparams: Settings of your own by name, such as `{"width": 64, "augmented": True}`: at most 50 numbers, texts, or true
            or false, by which runs are told apart, grouped and compared. What the optimizer is set to is recorded without
            that; clipping of gradients, which PyTorch does in the loop, cannot be seen: `hparams={"clipnorm": 1.0}` says it.
            What is None is left out. In the middle of a training, what its writer was given holds for the test, too.
        note: A sentence or two to be shown with the run, of at most 1,000 characters, or None.
        tags: Words to find the run by, at most 20, each of at most 50 characters.

    Attributes:
        learning_rate: The rate of the current step.
        curve: The `Curve` of `monitor` recorded so far.
        history: All recorded columns by name, each an array of shape `[steps]`.
        suggestion: The `Suggestion` for the curve.
        result: All of it as a `RangeTestResult`.
        stop_text: Why the test ended, as a sentence; empty while it runs.
        stop_reason: The same as a word: `"completed"`, `"diverged"`, `"non_finite"`, `"stopped"`, `"data_ran_out"`,
            `"interrupted"` or `"error"`; empty while it runs.

    Raises:
        ValueError: At construction for an argument outside its range, something that cannot be restored, or an optimizer
            without a rate.
        RuntimeError: In the loop, when a rate gets no report or two, somebody else sets the rate, or the test is used twice.

    Example:
        >>> with RangeTest("logs/lr", restore=model, optimizer=optimizer) as test:      # doctest: +SKIP
        ...     for x, y in test.batches(loader):
        ...         test.report(train_step(x, y))
        >>> test.suggestion.learning_rate                                               # doctest: +SKIP
        0.0031

    Reference: Smith 2015, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        start_lr: float | None = None,
        end_lr: float | None = None,
        num_steps: int = 300,
        spacing: Spacing = "log",
        divergence_factor: float | None = 4.0,
        method: MethodName = DEFAULT_METHOD,
        verbose: int = 1,
        *,
        restore: Any,
        optimizer: Any = None,
        updates_per_lr: int = 1,
        monitor: str = LOSS,
        mode: MonitorMode = "auto",
        total_steps: int | None = None,
        repeats: int = 1,
        confirm: int = 0,
        confirm_steps: int | None = None,
        batch_size: int | None = None,
        training: ScheduleWriter | None = None,
        model: Any = None,
        hparams: Mapping[Any, Any] | None = None,
        note: str | None = None,
        tags: Sequence[str] = (),
    ) -> None:
        log_dir = None if log_dir is None else check_log_dir(log_dir)
        set_here = [] if optimizer is None or isinstance(optimizer, str) else _listed(optimizer)
        self._holders = [rate_holder(one) for one in set_here]
        holder = self._holders[0] if self._holders else None
        self._probe = None if training is None else LoopProbe(training, log_dir, holder)
        self._given_range = start_lr, end_lr
        start_lr, end_lr = self._range()
        settings = SweepSettings(
            start_lr=start_lr,
            end_lr=end_lr,
            spacing=spacing,
            divergence_factor=divergence_factor,
            method=method,
            total_steps=total_steps,
            remarks=remarks(hparams=hparams, note=note, tags=tags),
        )
        check_num_steps(num_steps)
        arguments.whole(1, updates_per_lr=updates_per_lr, repeats=repeats)
        check_confirm(confirm, confirm_steps)
        measuring = Measuring(monitor=monitor, mode=mode, updates_per_lr=updates_per_lr)
        if batch_size is not None:
            arguments.whole(1, batch_size=batch_size)
        self._verbose = verbose
        self._telling = self._holders or _restored_holder(restore)
        title = optimizer if isinstance(optimizer, str) else " and ".join(one.title for one in self._telling) or None
        facts_of(model)
        self._restored, self._model = _listed(restore), model
        _check_can_repeat(self._restored, repeats, confirm)
        self._asked = LoopTest(
            settings=settings,
            measuring=measuring,
            tested=SweepFacts(optimizer=title, batch_size=batch_size),
            num_steps=num_steps,
            updates=updates_per_lr,
            repeats=repeats,
            confirm=confirm,
            confirm_steps=confirm_steps or num_steps,
            log_dir=log_dir,
            probe=self._probe,
        )
        # The state of optax is restored by a pair of functions, if at all: it is no thing of its own.
        self._keepers = keepers([*self._restored, *(one for one in set_here if not _is_function(one))])
        self._watch = Watch(RangeTest.__exit__.__code__, lambda error: None)
        self._has_peers = False
        self._phase = "new"
        self._trainings = LoopTrainings(self._asked, self._holders)

    def __enter__(self) -> RangeTest:
        if self._phase != "new":
            raise RuntimeError("A RangeTest is used once: make another one. Received: one that was used already.")
        probe = None if self._probe is None else self._probe.begin()
        try:
            self._keep(probe)
        except BaseException:
            self._leave_training()
            raise
        self._has_peers = are_several_processes()
        self._phase = "entered"
        self._watch.start()
        self._watch.enter_block()
        return self

    def _keep(self, probe: Probe | None) -> None:
        """Keeps what is restored, and begins with what is known now: where a training is probed, around its rate."""
        # At the end of repeats, the counts are those of the test.
        asked = replace(self._asked, tested=self._known(probe))
        if self._probe is not None:
            start_lr, end_lr = self._range()
            said = joined(asked.settings.remarks, self._probe.remarks)
            asked = replace(asked, settings=replace(asked.settings, start_lr=start_lr, end_lr=end_lr, remarks=said))
        self._trainings = LoopTrainings(asked, self._holders)
        seen: set[int] = set()
        states = [state for keep in self._keepers for state in keep(seen)]
        # Last: to restore something else may draw random numbers.
        self._trainings.begin([*states, *global_random_states()])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._watch.hold()
        try:
            refusal = self._end(error)
        finally:
            self._phase = "over"
            self._leave_training()
            self._watch.stop()
        if self._watch.take_waiting():
            raise KeyboardInterrupt
        if refusal is not None:
            raise refusal
        if error is None and self._verbose and is_first_process():
            print_result(self.result)

    def __iter__(self) -> Iterator[float]:
        """The learning rate of each batch; ends when the test is over."""
        if self._phase != "entered":
            reason = "it is iterated over twice" if self._phase == "running" else f"it is {self._phase}"
            raise RuntimeError(
                f"A RangeTest is used as `with RangeTest(...) as test:` and iterated over once in it. Received: {reason}."
            )
        self._phase = "running"
        return self._trainings.rates()

    def batches(self, data: Iterable[Batch]) -> Iterator[Batch]:
        """The batches to train on, one for each rate, as often over the data as needed.

        Every sweep and every short training begins with the first batch. (A generator goes on where it was.)

        Args:
            data: What gives batches when iterated over, such as a `DataLoader`.

        Raises:
            ValueError: If it gives none.
        """
        trainings = self._trainings
        if not self._has_peers:  # a part of each batch is with every process
            trainings.learn_batch_size(getattr(data, "batch_size", None))
        batches, run = iter(()), trainings.run
        for _ in self:
            if run is not trainings.run:
                batches, run = _endless(data), trainings.run
            try:
                batch = next(batches)
            except StopIteration:
                steps = f"at step {len(run)} of {len(run.course.rates)}"
                trainings.early_end = Stop("data_ran_out", f"The data ran out {steps}.")
                return
            yield batch

    def report(self, loss: Any = None, /, **metrics: Any) -> None:
        """Takes what the training step measured with the current rate: once for each rate that was given out.

        Args:
            loss: The loss of the batch: a float, an array or a tensor that holds one number. May be left out where
                `monitor` is one of the metrics.
            **metrics: Further values by name. The first step must have all of them; a later one may lack some.

        Raises:
            ValueError: If a value is not one number, or the loss or the monitored value is missing.
            RuntimeError: If there is no rate to report for.
        """
        if not self._trainings.awaits_report:
            raise RuntimeError(
                "There is one report for each learning rate that the test gives out: report all values at once, and for "
                f"several batches a rate, use updates_per_lr. Received: {self._why_no_report()}."
            )
        values = {name: as_number(name, value) for name, value in metrics.items()}
        if loss is not None:
            values = {LOSS: as_number(LOSS, loss), **values}
        self._trainings.report(means_over_processes(values) if self._has_peers else values)

    @property
    def learning_rate(self) -> float:
        return self._trainings.learning_rate

    @property
    def result(self) -> RangeTestResult:
        return self._trainings.result

    @property
    def suggestion(self) -> Suggestion:
        return self.result.suggestion

    @property
    def curve(self) -> Curve:
        return self.result.curve

    @property
    def history(self) -> dict[str, NDArray[np.float64]]:
        return dict(self.result.history)

    @property
    def stop_text(self) -> str:
        return "" if self._trainings.ending is None else self._trainings.ending.text

    @property
    def stop_reason(self) -> str:
        return "" if self._trainings.ending is None else self._trainings.ending.reason

    def _range(self) -> tuple[float, float]:
        """The first and last rate: those given, or else those around the rate in use."""
        start_lr, end_lr = self._given_range
        first, last = range_around(None if self._probe is None else self._probe.learning_rate())
        return first if start_lr is None else start_lr, last if end_lr is None else end_lr

    def _leave_training(self) -> None:
        if self._probe is not None:
            self._probe.end()

    def _end(self, error: BaseException | None) -> BaseException | None:
        """Restores everything, then closes the trace; returns what else is to be raised."""
        refusal: BaseException | None = None
        try:
            if error is None and self._phase == "running":
                self._trainings.end_last_step()
        except Exception as failure:
            refusal = failure
        refusal = self._trainings.put_back() or refusal
        self._trainings.close(error or refusal)
        return refusal

    def _known(self, probe: Probe | None) -> SweepFacts:
        """What is known of what is tested: said, told by what is restored or swept, or by the training that is probed."""
        facts = [facts_of(self._model), facts_of_only(self._restored), self._told_by_optimizers()]
        found = {name: next((one for one in map(attrgetter(name), facts) if one is not None), None) for name in _FACTS}
        if self._telling:
            # A model of Keras may well be trained by optax.
            found["framework"] = self._telling[0].framework
        hyperparameters = alike([holder.hyperparameters() for holder in self._telling])
        if hyperparameters:
            found["hyperparameters"] = hyperparameters
        counts = [count for holder in self._holders if (count := holder.made()) is not None]
        tested = self._asked.tested
        if self._probe is not None and probe is not None:
            tested = replace(self._probe.with_facts(tested), probe=probe, first_step=probe.step)
        known = {name: value for name, value in found.items() if value is not None}
        return replace(tested, **known, first_step=max(counts, default=tested.first_step))

    def _told_by_optimizers(self) -> ModelFacts:
        """What the optimizers tell of the model they train."""
        precision = self._telling[0].precision() if self._telling else None
        sizes = [holder.num_parameters() for holder in self._holders]
        parameters = None if None in sizes or not sizes else sum(size or 0 for size in sizes)
        return ModelFacts(parameters=parameters, precision=precision)

    def _why_no_report(self) -> str:
        if self._phase != "running":
            return f"a report to a test that is {'over' if self._phase == 'over' else 'not running'}"
        return f"a second report for {numerals.rate(self._trainings.learning_rate)}"


def _listed(things: Any) -> list[Any]:
    """One thing or several, as a list; a tuple may be a pair of functions, which is one thing."""
    return list(things) if isinstance(things, list) else [things]


def _is_function(thing: Any) -> bool:
    return callable(thing) and not any(hasattr(thing, name) for name in ("param_groups", "variables"))


def _restored_holder(restore: Any) -> list[RateHolder]:
    """What reads the one optimizer that is restored, which tells of itself where the loop sets its rate."""
    found = [one for one in _listed(restore) if hasattr(one, "param_groups") or hasattr(one, "_learning_rate")]
    return [rate_holder(found[0])] if len(found) == 1 else []


def _check_can_repeat(restored: Sequence[Any], repeats: int, confirm: int) -> None:
    if not restored and (repeats > 1 or confirm):
        raise ValueError(
            "`repeats` and `confirm` begin again from the same start: say in `restore` what the training changes. "
            f"Received: restore=[], repeats={repeats}, confirm={confirm}."
        )


def _endless(data: Iterable[Batch]) -> Iterator[Batch]:
    """The batches of the data over and over; those of a generator once."""
    is_first = True
    while True:
        found = False
        for batch in data:
            found = True
            yield batch
        if is_first and not found and iter(data) is not data:
            raise ValueError(f"The data must give at least one batch. Received: {type(data).__name__} with none.")
        is_first = False
        if not found:
            return
