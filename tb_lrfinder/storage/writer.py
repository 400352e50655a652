"""The writer of range tests, and `write_curve`. They need neither TensorFlow nor Keras."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, SupportsFloat, SupportsIndex, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tb_lrfinder import arguments
from tb_lrfinder.choices import Mode, MonitorMode, Spacing
from tb_lrfinder.columns import LEARNING_RATE, LOSS, MEASURED, RANGE_TEST, STEP, Table, metric_columns
from tb_lrfinder.curves.curve import Curve, check_rates, column, monitored
from tb_lrfinder.curves.ending import STOP_REASONS, Ending
from tb_lrfinder.curves.suggestion import MethodName
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.remarks import remarks
from tb_lrfinder.storage.row_writer import RowWriter

# The columns that every range test has.
_ALWAYS = (STEP, LEARNING_RATE)


class TraceWriter(RowWriter):
    """Writes a range test of any training loop into `log_dir`.

    Every `log_dir` becomes a run of TensorBoard; several tests may be written into one directory, one after the other, and
    stay apart. Beside the trace, `learning_rate` and `loss` go out as ordinary scalars for the Scalars tab. As a context
    manager it closes itself, and an exception marks the test as interrupted. Where nobody closes it, nothing is lost either:
    the header then says that it was not closed.

    Args:
        log_dir: Directory of the run, local or remote (`"s3://bucket/logs"`); made when missing. Not one that another
            process is writing to. `~` is the home directory.
        num_steps: Number of rows planned, at least 0, for the progress shown; None when not known.
        start_lr: First learning rate of the sweep, positive and finite, or None.
        end_lr: Last learning rate of the sweep, not below `start_lr`, or None.
        spacing: `"log"`, `"linear"` or None.
        optimizer: Name of the optimizer, such as `"Adam"` or `"SGD, momentum 0.9"`, or None: it is shown beside the run,
            and the suggestion depends on it.
        batch_size: Samples per batch, at least 1, or None.
        monitor: Name of the value to suggest a rate from: `"loss"` or one of the metrics.
        mode: `"min"` when that value is better the lower it is, `"max"` when higher.
        method: The method of the suggestion that your script shows, by which the tab and the command line then suggest too
            unless asked for another one; None for the default.
        total_steps: Steps of the training that the test is made for, at least 1, for which the suggestion then speaks; None
            when not known.
        repeats: Sweeps that your values are the mean of, at least 1.
        model: Name of the model's class, or None. A training with the same model, parameters, optimizer and batch size is
            shown beside the test.
        parameters: Number of its trainable parameters, at least 0, or None.
        first_step: Updates that the optimizer had made before the test: above 0, the model was trained.
        probe: Where in a training the test was made, or None.
        framework: Name of the framework whose optimizer it is, such as `"pytorch"`, or None.
        precision: The arithmetic of the model, such as `"float32"` or `"mixed_bfloat16"`, or None.
        hyperparameters: What the optimizer is set to beside the rate, as `{"momentum": 0.9}`; by Keras' names, those of all
            frameworks can be compared.
        hparams: Settings of your own by name, such as `{"width": 64, "augmented": True}`: at most 50 numbers, texts, or true
            or false, by which runs are told apart, grouped and compared. They go before what is recorded under the same
            name. What is None is left out, and an `HParam` of TensorBoard's HParams stands for its name.
        note: A sentence or two to be shown with the run, of at most 1,000 characters, or None.
        tags: Words to find the run by, at most 20, each of at most 50 characters.

    Raises:
        ValueError: If `log_dir` is no path, or its file system is not installed; if a number is out of its range, or a word
            none of the choices; nothing is written.
        OSError: If nothing can be written there; by later calls, as long as that is so. What they add is kept, up to 100,000
            steps, and written when it can be.

    Example:
        >>> with TraceWriter("logs/my_loop", optimizer="SGD") as trace:     # doctest: +SKIP
        ...     for learning_rate, batch in zip(rates, batches):
        ...         loss = train_step(batch, learning_rate)
        ...         trace.append(learning_rate, loss)
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        num_steps: SupportsIndex | None = None,
        start_lr: SupportsFloat | None = None,
        end_lr: SupportsFloat | None = None,
        spacing: Spacing | None = None,
        optimizer: str | None = None,
        batch_size: SupportsIndex | None = None,
        monitor: str = LOSS,
        mode: Mode = "min",
        method: MethodName | None = None,
        total_steps: SupportsIndex | None = None,
        repeats: SupportsIndex = 1,
        model: str | None = None,
        parameters: SupportsIndex | None = None,
        first_step: SupportsIndex = 0,
        probe: Probe | None = None,
        framework: str | None = None,
        precision: str | None = None,
        hyperparameters: Mapping[str, float | int | str | bool] | None = None,
        hparams: Mapping[Any, Any] | None = None,
        note: str | None = None,
        tags: Sequence[str] = (),
    ) -> None:
        if not isinstance(mode, str) or mode not in get_args(Mode):
            raise ValueError(
                f"`mode` must be one of {', '.join(get_args(Mode))}: 'max' where more is better, as of an accuracy. "
                f"Received: mode={mode!r:.80}."
            )
        if spacing is not None:
            arguments.one_of(get_args(Spacing), spacing=spacing)
        if method is not None:
            arguments.one_of(get_args(MethodName), method=method)
        header = schema.Header(
            kind=RANGE_TEST,
            started=time.time(),
            num_steps=_whole("num_steps", num_steps, 0),
            start_lr=_rate("start_lr", start_lr),
            end_lr=_rate("end_lr", end_lr),
            spacing=spacing,
            optimizer=optimizer,
            batch_size=_whole("batch_size", batch_size, 1),
            monitor=monitor,
            mode=mode,
            method=method,
            total_steps=_whole("total_steps", total_steps, 1),
            repeats=_whole("repeats", repeats, 1) or 1,
            model=model,
            parameters=_whole("parameters", parameters, 0),
            first_step=_whole("first_step", first_step, 0) or 0,
            probe=probe,
            framework=framework,
            precision=precision,
            hyperparameters=dict(hyperparameters or {}),
            **vars(remarks(hparams=hparams, note=note, tags=tags)),
        )
        if header.start_lr is not None and header.end_lr is not None and header.end_lr < header.start_lr:
            raise ValueError(
                f"`end_lr` must not be below `start_lr`. Received: start_lr={header.start_lr}, end_lr={header.end_lr}."
            )
        super().__init__(log_dir, header)
        self._metrics: dict[str, str] | None = None
        self._last_rate = 0.0

    def append(self, learning_rate: SupportsFloat, loss: SupportsFloat, **metrics: SupportsFloat) -> None:
        """Adds the next step of the test. It reaches the disk within half a second, also when no further one follows
        (a remote directory: after five seconds, or more where the file is large, because it is sent as a whole).

        Numbers may be those of Python or NumPy, 0-d arrays, or tensors that hold one.

        Args:
            learning_rate: The rate this step used; positive, and not below that of the step before.
            loss: Its loss; NaN and infinities are recorded as such.
            **metrics: Further values by name, the same names in every step; one that is left out is NaN. Each becomes a
                column of its name. `loss_std` is the standard deviation of the loss, where a step has several batches. A
                metric that is called like another column of ours (`step`, `learning_rate`, `loss`, `smoothed`) is recorded
                as `metric_<name>`.

        Raises:
            ValueError: If a value is no number, the rate is not one of a range test, or a metric was not there in the first
                step; the trace stays as it was.
            RuntimeError: If the trace is closed, or a fork of the process that opened it adds to it.
            OSError: If the directory cannot be written at the moment. The step is kept, and written when it can.
        """
        self.append_row(learning_rate, arguments.as_float("loss", loss), metrics)

    def append_row(
        self, learning_rate: SupportsFloat, loss: SupportsFloat | None, metrics: Mapping[str, SupportsFloat]
    ) -> None:
        """Adds the next step of the test, as `append` does, with metrics of any names.

        Args:
            learning_rate: As in `append`.
            loss: As in `append`; None in every step where `monitor` is a metric and no loss was measured.
            metrics: As in `append`, by name.

        Raises:
            ValueError: As in `append`.
            RuntimeError: As in `append`.
            OSError: As in `append`.
        """
        rate = arguments.as_float("learning_rate", learning_rate)
        if not self._last_rate <= rate < math.inf or rate <= 0:
            raise ValueError(
                "The learning rates of a range test must be positive, finite and not fall. "
                f"Received: learning_rate={rate} after {self._last_rate}."
            )
        losses = () if loss is None else (arguments.as_float("loss", loss),)
        always = _ALWAYS if loss is None else (*_ALWAYS, LOSS)
        columns = _columns_of(metrics, always) if self._metrics is None else self._metrics
        values = _values(metrics, columns)
        if self._metrics is None:
            self._name_columns(always, columns)
        elif (LOSS in self._content.columns) is (loss is None):
            raise ValueError(
                f"Every step must have a loss, or none. Received: loss={loss!r:.80}, unlike the first step."
            )
        self._last_rate = rate
        self._add(((time.time(), (self._content.num_added, rate, *losses, *values)),))

    def report_batch_size(self, batch_size: int) -> None:
        """Writes how many samples a batch has, where that is known with the data only."""
        self._change_header(batch_size=batch_size)

    def report_cost(self, seconds: float) -> None:
        """Writes what a probe has cost its training, in seconds."""
        probe = self._content.header.probe
        assert probe is not None
        self._change_header(probe=replace(probe, seconds=seconds))

    def report_trials(self, trials: Sequence[Trial], text: str) -> None:
        """Writes the short trainings made so far, and a sentence on what is going on."""
        self._change_header(trials=tuple(trials), stop_text=text)
        self._events.flush()

    def __enter__(self) -> TraceWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            text = f"Interrupted after step {self._content.num_added}: {kind.__name__}."
            try:
                self.close(text, stop_reason="error", status="interrupted")
            except OSError as failure:
                # The exception that ended the loop is the one to see.
                warnings.warn(str(failure), stacklevel=2)

    def _name_columns(self, always: Sequence[str], columns: dict[str, str]) -> None:
        """Names the columns of the rows after the loss and the metrics of the first step."""
        self._content.columns = (*always, *columns.values())
        monitor = self._content.header.monitor
        if monitor != LOSS and columns.get(monitor, monitor) != monitor:
            self._change_header(monitor=columns[monitor])
        self._metrics = columns


def _whole(name: str, value: Any, minimum: int) -> int | None:
    """The whole number that an argument is, or None."""
    if value is None:
        return None
    plain = arguments.scalar(value)
    arguments.whole(minimum, **{name: plain})
    return int(plain)


def _rate(name: str, value: Any) -> float | None:
    """The learning rate that an argument is, or None."""
    if value is None:
        return None
    plain = arguments.scalar(value)
    arguments.positive(**{name: plain})
    return float(plain)


def _columns_of(metrics: Iterable[str], always: Sequence[str]) -> dict[str, str]:
    """The column of each metric, beside those that are always there.

    Raises:
        ValueError: If a reader would refuse their names.
    """
    names = list(metrics)
    unnamed = next((name for name in names if not isinstance(name, str) or not name), None)
    if unnamed is not None:
        raise ValueError(f"The names of metrics must be text, and not empty. Received: {unnamed!r:.80}.")
    renamed = metric_columns(name for name in names if name not in MEASURED)
    columns = {name: renamed.get(name, name) for name in names}
    written = (*always, *columns.values())
    rows = schema.encode_rows("", 0, Table(written, np.empty((0, len(written)))))
    schema.decode_columns(rows.metadata.plugin_data.content)
    return columns


def _values(metrics: Mapping[str, SupportsFloat], names: Collection[str]) -> tuple[float, ...]:
    """The values of the metrics in the order of their names; NaN where there is none."""
    unknown = next((name for name in metrics if name not in names), None)
    if unknown is not None:
        raise ValueError(
            "Every step must have the metrics of the first one. "
            f"Received: {unknown!r:.80}; the first step had {', '.join(names) or 'none'}."
        )
    return tuple(arguments.as_float(name, metrics.get(name, math.nan)) for name in names)


def write_curve(
    log_dir: str | os.PathLike[str],
    learning_rates: ArrayLike,
    losses: ArrayLike | None,
    *,
    metrics: Mapping[str, ArrayLike] | None = None,
    monitor: str = LOSS,
    mode: MonitorMode = "auto",
    num_steps: SupportsIndex | None = None,
    start_lr: SupportsFloat | None = None,
    end_lr: SupportsFloat | None = None,
    spacing: Spacing | None = None,
    optimizer: str | None = None,
    batch_size: SupportsIndex | None = None,
    method: MethodName | None = None,
    total_steps: SupportsIndex | None = None,
    repeats: SupportsIndex = 1,
    stop_reason: str = "completed",
    stop_text: str = "Written from recorded values.",
    hparams: Mapping[Any, Any] | None = None,
    note: str | None = None,
    tags: Sequence[str] = (),
) -> Curve:
    """Puts a range test that any framework has run into the LR Finder tab.

    Args:
        log_dir: As in `TraceWriter`.
        learning_rates: `n` positive rates in non-decreasing order, as an array, list or tensor.
        losses: The raw loss measured with each rate; None where only metrics were measured.
        metrics: Further values by name, `n` of each; NaN where one was not measured.
        monitor: Name of the values to suggest a rate from: `"loss"` or one of the metrics.
        mode: `"min"` when they are better the lower they are, `"max"` when higher; `"auto"` decides by the name.
        num_steps: Steps that were planned, `n` if you do not say.
        start_lr: First learning rate that was planned, the first of `learning_rates` if you do not say.
        end_lr: Last learning rate that was planned, the last of `learning_rates` if you do not say.
        spacing: As in `TraceWriter`.
        optimizer: As in `TraceWriter`.
        batch_size: Samples per batch, shown beside the run.
        method: As in `TraceWriter`; give the same to `suggest`.
        total_steps: As in `TraceWriter`; give the same to `suggest`.
        repeats: As in `TraceWriter`.
        stop_reason: Why the test ended: `"completed"`, or before that `"diverged"`, `"data_ran_out"` or `"stopped"`.
        stop_text: The same as a sentence; shown with the suggestion.
        hparams: As in `TraceWriter`, like `note` and `tags`.
        note: See `hparams`.
        tags: See `hparams`.

    Returns:
        The curve of what is monitored, for `suggest`; the tab and the command line read the same one.

    Raises:
        ValueError: If the values are no curve, differ in length, or do not hold what `monitor` names, or as in
            `TraceWriter`; nothing is written.
        OSError: As in `TraceWriter`.

    Example:
        >>> curve = write_curve("logs/fastai", [1e-4, 1e-3, 1e-2], [2.3, 1.9, 0.8])     # doctest: +SKIP
        >>> curve = write_curve(                                                        # doctest: +SKIP
        ...     "logs/mine", rates, losses, metrics={"accuracy": accuracies}, monitor="accuracy", optimizer="Adam"
        ... )
    """
    schema.check_header(schema.Header(kind=RANGE_TEST, started=0.0, stop_text=stop_text))
    arguments.one_of(STOP_REASONS, stop_reason=stop_reason)
    columns = _recorded(learning_rates, losses, metrics or {})
    rates = columns[LEARNING_RATE].tolist()
    plan = Ending(
        stop_reason,
        len(rates) if num_steps is None else _whole("num_steps", num_steps, 0),
        _rate("end_lr", end_lr) or next(reversed(rates), None),
    )
    if monitor != LOSS:
        monitor = metric_columns(dict.fromkeys([*(metrics or {}), monitor]))[monitor]
    curve = Curve(
        *monitored(columns, monitor),
        monitor=monitor,
        mode=mode,
        ending=plan,
        optimizer=optimizer,
        repeats=_whole("repeats", repeats, 1) or 1,
    )
    writer = TraceWriter(
        log_dir,
        num_steps=plan.num_steps,
        start_lr=next(iter(rates), None) if start_lr is None else start_lr,
        end_lr=plan.end_lr,
        spacing=spacing,
        optimizer=optimizer,
        batch_size=batch_size,
        monitor=monitor,
        mode=curve.mode,
        method=method,
        total_steps=total_steps,
        repeats=repeats,
        hparams=hparams,
        note=note,
        tags=tags,
    )
    for values in zip(*(values.tolist() for values in columns.values()), strict=True):
        row = dict(zip(columns, values, strict=True))
        writer.append_row(row.pop(LEARNING_RATE), row.pop(LOSS, None), row)
    writer.close(stop_text, stop_reason=stop_reason)
    return curve


def _recorded(
    learning_rates: ArrayLike, losses: ArrayLike | None, metrics: Mapping[str, ArrayLike]
) -> dict[str, NDArray[np.float64]]:
    """The columns of a range test but for the steps, under the names they are recorded by.

    Raises:
        ValueError: If they differ in length, a name cannot be recorded, or the rates are not those of a range test.
    """
    rates = column("learning_rates", learning_rates)
    check_rates(rates)
    measured = {} if losses is None else {LOSS: column("losses", losses)}
    names = _columns_of(metrics, (*_ALWAYS, *measured))
    measured |= {names[name]: column(f"metrics[{name!r}]", values) for name, values in metrics.items()}
    for name, values in measured.items():
        if values.shape != rates.shape:
            raise ValueError(
                "There must be one value for each learning rate. "
                f"Received: {rates.size} learning rates and {values.size} values of {name!r:.80}."
            )
    return {LEARNING_RATE: rates, **measured}
