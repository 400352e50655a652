"""`LRFinder`: the Keras callback that runs a learning-rate range test."""

from __future__ import annotations

import math
import os
import time
from typing import Any

import keras
import numpy as np

from tb_lrfinder import schema
from tb_lrfinder.curve import Curve
from tb_lrfinder.guard import FitGuard
from tb_lrfinder.report import print_report
from tb_lrfinder.state import ModelState
from tb_lrfinder.stopping import Stop, StopRule, check_divergence_factor
from tb_lrfinder.suggestion import DEFAULT_METHOD, METHODS, Suggestion, suggest
from tb_lrfinder.sweep import Spacing, Sweep, check_num_steps, check_range
from tb_lrfinder.writer import TraceWriter


class LRFinder(keras.callbacks.Callback):
    """Runs a learning-rate range test inside `model.fit` and writes it for TensorBoard.

    The learning rate is raised from batch to batch, from `start_lr` to `end_lr`, and the loss of every batch is recorded
    with the rate that this batch used. The test ends at `end_lr`, or before it when the loss diverges. Then the model, its
    optimizer and its learning rate are put back as they were, also after an exception or Ctrl-C: the next `fit` starts as if
    there had been no test.

    The loss recorded is the loss of the batch. Keras' own `logs["loss"]` is the mean over the epoch so far, which hides both
    the valley and the divergence; the callback resets the metrics before each batch, so the metrics that other callbacks of
    this `fit` see are those of one batch too.

    Args:
        log_dir: Directory for TensorBoard; it becomes a run. One directory per test keeps the runs apart, several tests in
            one directory stay several traces.
        start_lr: First learning rate, positive.
        end_lr: Last learning rate, above `start_lr`.
        num_steps: Number of batches of the test, at least 2; None takes the length of the fit. The test ends after them
            even if the fit could go on.
        spacing: `"log"` for equal ratios between the rates, `"linear"` for equal differences.
        divergence_factor: The test stops when the median of the last five losses has risen above its lowest value by more
            than this many times the drop seen so far. Above 1; None goes on to `end_lr` whatever the loss does, unless it
            becomes NaN or infinite.
        method: Which of `tb_lrfinder.suggestion.METHODS` recommends the rate.
        verbose: 1 shows the learning rate in Keras' progress bar and prints the result, 0 prints nothing.

    Attributes:
        curve: The `Curve` recorded so far.
        suggestion: The `Suggestion` for it.
        stop_reason: Why the test ended, in words; empty while it runs.

    Raises:
        ValueError: At construction for an argument outside its range; by `fit`, before the first batch, when the fit is too
            short for `num_steps` or its length is not known.

    Example:
        >>> finder = LRFinder("logs/lr")                                    # doctest: +SKIP
        >>> model.fit(x, y, epochs=3, callbacks=[finder])                   # doctest: +SKIP
        >>> finder.suggestion.learning_rate                                 # doctest: +SKIP
        0.0031

    Reference: Smith 2015, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        start_lr: float = 1e-7,
        end_lr: float = 10.0,
        num_steps: int | None = None,
        spacing: Spacing = "log",
        divergence_factor: float | None = 4.0,
        method: str = DEFAULT_METHOD,
        verbose: int = 1,
    ) -> None:
        super().__init__()
        check_range(start_lr, end_lr, spacing)
        if num_steps is not None:
            check_num_steps(num_steps)
        check_divergence_factor(divergence_factor)
        if method not in METHODS:
            raise ValueError(f"`method` must be one of {', '.join(METHODS)}. Received: method={method!r}.")
        self.log_dir = os.fspath(log_dir)
        self.start_lr = start_lr
        self.end_lr = end_lr
        self.num_steps = num_steps
        self.spacing: Spacing = spacing
        self.divergence_factor = divergence_factor
        self.method = method
        self.verbose = verbose
        self.stop_reason = ""
        self._losses: list[float] = []
        self._rates: list[float] = []
        self._test: _RunningTest | None = None

    @property
    def curve(self) -> Curve:
        return Curve(self._rates[: len(self._losses)], self._losses)

    @property
    def suggestion(self) -> Suggestion:
        return suggest(self.curve, self.method)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Not in `on_train_begin`: the first epoch's number is needed to say how long the fit is.
        if self._test is None:
            self._begin(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # On JAX this property brings the state of the running epoch back into the model: it must be read in every batch.
        model = self.model
        model.reset_metrics()
        model.optimizer.learning_rate = self._rates[len(self._losses)]

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        test = self._running()
        logs = {} if logs is None else logs
        step, loss = len(self._losses), float(logs["loss"])
        self._losses.append(loss)
        test.writer.append((step, self._rates[step], loss))
        if self.verbose:
            # The progress bar is called after us with the same dictionary.
            logs["learning_rate"] = self._rates[step]
        stop = test.rule.update(loss)
        if stop is None and len(self._losses) == len(self._rates):
            stop = Stop("completed", f"Swept to end_lr={self.end_lr:g}: the loss never rose far enough to stop.")
        if stop is not None:
            test.stop = stop
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        test = self._running()
        self._end("finished", test.stop or self._early_end())
        if self.verbose:
            print_report(self.curve, self.suggestion, self.stop_reason, len(self._rates), self.log_dir)

    def _begin(self, first_epoch: int) -> None:
        model = self.model
        num_steps = self._resolve_num_steps(first_epoch)
        state = ModelState(model)
        variable = model.optimizer.learning_rate
        if not isinstance(variable, keras.Variable):
            raise ValueError(
                "The optimizer's learning rate cannot be set because it follows a schedule. For the range test, compile the "
                f"model with a number as `learning_rate`. Received: learning_rate={model.optimizer._learning_rate!r}."
            )
        rates = Sweep(self.start_lr, self.end_lr, num_steps, self.spacing).learning_rates()
        # What the optimizer will really use: the rates in the precision of its variable.
        self._rates = np.asarray(rates.astype(keras.backend.standardize_dtype(variable.dtype)), np.float64).tolist()
        self._losses = []
        self.stop_reason = ""
        guard = FitGuard(model, self._fail)
        header = schema.Header(
            kind="range_test",
            started=time.time(),
            num_steps=num_steps,
            start_lr=self.start_lr,
            end_lr=self.end_lr,
            spacing=self.spacing,
            optimizer=type(model.optimizer).__name__,
            batch_size=guard.batch_size,
        )
        writer = TraceWriter(self.log_dir, header, schema.RANGE_TEST_COLUMNS, scalars=("learning_rate", "loss"))
        self._test = _RunningTest(state, guard, writer, StopRule(self.divergence_factor, num_steps))

    def _resolve_num_steps(self, first_epoch: int) -> int:
        params = self.params or {}
        steps, epochs = params.get("steps"), params.get("epochs", 1) - first_epoch
        if steps is None:
            if self.num_steps is None:
                raise ValueError(
                    "The length of this fit is not known to Keras, so the sweep cannot be spread over it. Pass `num_steps` "
                    "to LRFinder or `steps_per_epoch` to fit. Received: num_steps=None."
                )
            return self.num_steps
        available = steps * epochs
        num_steps = available if self.num_steps is None else self.num_steps
        if available < 2 or num_steps > available:
            needed = first_epoch + math.ceil(max(num_steps, 2) / steps)
            raise ValueError(
                f"The fit is too short for the range test: pass epochs={needed} to fit. Received: "
                f"num_steps={self.num_steps}, and a fit of {available} batches ({steps} per epoch, {epochs} epochs)."
            )
        return num_steps

    def _early_end(self) -> Stop:
        """The fit ended well, but before the sweep did."""
        step, planned = len(self._losses), len(self._rates)
        if self.model.stop_training:
            return Stop("stopped", f"Stopped at step {step} of {planned}: another callback ended the fit.")
        return Stop("data_ran_out", f"The data ran out at step {step} of {planned}: pass more epochs to fit.")

    def _fail(self, error: BaseException) -> None:
        if self._test is None:
            return
        cause = "Ctrl-C" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        self._end("interrupted", Stop(reason, f"Interrupted after step {len(self._losses)}: {cause}."))

    def _end(self, status: str, stop: Stop) -> None:
        """Restores the model first: what is written matters less."""
        test = self._running()
        # Reading `self.model` brings JAX' state back, which would otherwise overwrite the restored one later.
        assert self.model is not None
        test.state.restore()
        test.guard.release()
        self._test = None
        self.stop_reason = stop.text
        test.writer.close(status=status, stop_reason=stop.reason, stop_text=stop.text)

    def _running(self) -> _RunningTest:
        if self._test is None:
            raise RuntimeError("LRFinder runs inside `model.fit(..., callbacks=[finder])` only.")
        return self._test


class _RunningTest:
    """What exists only while a test runs."""

    def __init__(self, state: ModelState, guard: FitGuard, writer: TraceWriter, rule: StopRule) -> None:
        self.state = state
        self.guard = guard
        self.writer = writer
        self.rule = rule
        self.stop: Stop | None = None
