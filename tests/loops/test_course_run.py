"""A run of learning rates in a plain Python loop: no Keras, no back end."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tb_lrfinder.curves.stop_rules import DivergenceRule, Stop
from tb_lrfinder.loops.course_run import CourseRun, RateCourse, column_of
from tb_lrfinder.storage.writer import TraceWriter
from tests.support.recorded import recorded

COMPLETED = Stop("completed", "All rates were used.")


def course(num_steps: int = 40, end_lr: float = 10.0, divergence_factor: float | None = 4.0) -> RateCourse:
    rates = np.geomspace(1e-4, end_lr, num_steps)
    return RateCourse(rates, DivergenceRule(divergence_factor, num_steps), COMPLETED)


class Descent:
    """Gradient descent on `w² / 2`: it falls below a rate of 2 and diverges above it."""

    def __init__(self) -> None:
        self.weight = 1.0

    def step(self, learning_rate: float) -> float:
        loss = self.weight**2 / 2
        self.weight -= learning_rate * self.weight
        return loss


def test_a_loop_asks_for_rates_and_reports_losses_until_they_diverge(tmp_path):
    descent, losses = Descent(), []
    with CourseRun(course(200, end_lr=1e3), writer=TraceWriter(tmp_path)) as run:
        for learning_rate in run:
            losses.append(descent.step(learning_rate))
            run.report({"loss": losses[-1]})
    assert run.stop is run.ending
    assert run.stop is not None
    assert run.stop.reason == "diverged"
    assert 50 < len(run) < 200
    np.testing.assert_array_equal(run.curve.losses, losses)
    np.testing.assert_array_equal(run.curve.learning_rates, run.course.rates[: len(run)])
    result = run.result(log_dir=str(tmp_path))
    assert result.suggestion.learning_rate is not None
    assert 0.01 < result.suggestion.learning_rate < 2
    assert (result.num_steps, result.stop_text) == (200, run.stop.text)

    (trace,), (columns,) = recorded(tmp_path)
    assert (trace.status, trace.status_text) == ("finished", run.stop.text)
    assert list(columns) == list(run.history) == ["step", "learning_rate", "loss"]
    for name, values in run.history.items():
        np.testing.assert_array_equal(columns[name], values)


def test_several_batches_of_a_rate_give_their_mean_and_their_spread():
    batches = np.random.default_rng(0).normal(size=(40, 3))
    run = CourseRun(course(divergence_factor=None), several_batches=True)
    for (step, _), losses in zip(enumerate(run), batches, strict=True):
        for loss in losses:
            run.report({"loss": loss, "step_of_mine": step})
    np.testing.assert_allclose(run.history["loss"], batches.mean(axis=1))
    np.testing.assert_allclose(run.history["loss_std"], batches.std(axis=1))
    assert run.stop == COMPLETED


def test_a_loss_that_is_not_a_number_ends_the_run_and_is_recorded():
    with CourseRun(course()) as run:
        for step, _ in enumerate(run):
            run.report({"loss": math.nan if step == 7 else 1.0})
    assert run.stop is not None
    assert run.stop.reason == "non_finite"
    assert len(run) == 8
    assert math.isnan(run.curve.losses[-1])


@pytest.mark.parametrize(
    ("error", "reason", "text"),
    [
        (OSError("disk gone"), "error", "Interrupted after step 5: OSError: disk gone."),
        (KeyboardInterrupt(), "interrupted", "Interrupted after step 5: Ctrl-C."),
    ],
)
def test_an_exception_closes_the_trace_as_interrupted_and_goes_its_way(tmp_path, error, reason, text):
    def fails_at_the_sixth(run: CourseRun) -> None:
        for _ in run:
            if len(run) == 5:
                raise error
            run.report({"loss": 1.0})

    run = CourseRun(course(), writer=TraceWriter(tmp_path))
    with pytest.raises(type(error)), run:
        fails_at_the_sixth(run)
    assert run.ending == Stop(reason, text)
    (trace,), (columns,) = recorded(tmp_path)
    assert (trace.status, trace.status_text) == ("interrupted", text)
    assert len(columns["step"]) == len(run) == 5


def test_a_loop_that_goes_no_further_says_so(tmp_path):
    with CourseRun(course(), writer=TraceWriter(tmp_path)) as run:
        for _ in run:
            if len(run) == 3:
                break
            run.report({"loss": 1.0})
    (trace,), _ = recorded(tmp_path)
    assert (trace.status, trace.status_text) == ("finished", "Stopped at step 3 of 40: the loop went no further.")


def test_a_trace_that_stays_open_is_closed_by_an_exception_only(tmp_path):
    finished = CourseRun(course(2), writer=TraceWriter(tmp_path / "finished"), leave_open=True)
    failed = CourseRun(course(2), writer=TraceWriter(tmp_path / "failed"), leave_open=True)
    for _ in finished:
        finished.report({"loss": 1.0})
    finished.finish()
    failed.interrupt(RuntimeError("no"))
    traces, _ = recorded(tmp_path)
    assert {trace.status for trace in traces} == {"running", "interrupted"}
    assert finished.writer is not None
    finished.writer.close()


OURS = {"learning_rate": 1.0, "step": 2.0, "smoothed": 3.0, "loss_std": 4.0, "accuracy": 5.0}


@pytest.mark.parametrize("monitor", ["loss", *OURS])
def test_metrics_that_are_called_like_our_columns_keep_their_values(tmp_path, monitor):
    values = {"loss": 0.5, **OURS}
    writer = TraceWriter(tmp_path, monitor=column_of(monitor))
    with CourseRun(course(20), monitor=monitor, several_batches=True, writer=writer) as run:
        for _ in run:
            run.report(values)
            run.report(values)
    np.testing.assert_array_equal(run.history["step"], np.arange(20))
    np.testing.assert_array_equal(run.history["learning_rate"], run.course.rates)
    np.testing.assert_array_equal(run.history["loss_std"], 0.0)
    for name, value in OURS.items():
        column = "accuracy" if name == "accuracy" else f"metric_{name}"
        np.testing.assert_array_equal(run.history[column], value)
    np.testing.assert_array_equal(run.curve.losses, values[monitor])
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    np.testing.assert_array_equal(columns[trace.header.monitor], values[monitor])
    assert set(columns) == set(run.history)


def test_values_of_a_whole_step_are_recorded_where_there_are_any():
    run = CourseRun(course(4), monitor="val_loss")
    for rate in run:
        run.report({"loss": 1.0})
        run.end_step({"val_loss": rate} if len(run) % 2 == 0 else None)
    np.testing.assert_array_equal(run.curve.losses, run.course.rates[::2])
    assert np.isnan(run.history["val_loss"][1::2]).all()


def reported(run: CourseRun, *steps: Mapping[str, Any]) -> None:
    for values in steps:
        run.report(values)
        run.end_step()


@pytest.mark.parametrize(
    ("options", "steps", "message"),
    [
        (
            {},
            [{"error": 1.0}],
            "The train step must report a `loss`, or another number that `monitor` names. "
            "Received: monitor='loss'; reported are error.",
        ),
        (
            {"monitor": "error"},
            [{"error": [1.0, 2.0]}],
            "The train step must report a `loss`, or another number that `monitor` names. "
            "Received: monitor='error'; reported are error.",
        ),
        (
            {"monitor": "error"},
            [{"loss": 1.0, "error": 1.0}, {"error": 1.0}],
            "Every step must report a `loss` where the first one did. Received: error at step 1.",
        ),
        (
            {"monitor": "val_loss"},
            [{"loss": 1.0, "accuracy": 0.1}],
            "`monitor` must name a recorded value. Received: monitor='val_loss'; recorded are loss, accuracy.",
        ),
        (
            {"monitor": "step"},
            [{"loss": 1.0, "step": 0.1, "metric_step": 0.2}],
            "`monitor` must name a metric whose column is free: rename 'metric_step'. "
            "Received: monitor='step'; recorded are loss, step, metric_step.",
        ),
        (
            {},
            [{"loss": 1.0, "accuracy": 0.1}, {"loss": 1.0}, {"loss": 1.0, "norm": 2.0}],
            "The first step must have all that is measured; one of a later step may lack some. "
            "Received: norm at step 2; the first one had accuracy.",
        ),
    ],
)
def test_refuses_what_it_cannot_record(options, steps, message):
    with pytest.raises(ValueError) as caught:
        reported(CourseRun(course(), **options), *steps)
    assert str(caught.value) == message


def test_refuses_a_rate_that_nothing_was_trained_with():
    run = CourseRun(course())
    with pytest.raises(
        RuntimeError, match="Every learning rate must get the loss of a batch.* Received: none for 0.0001"
    ):
        next(iter_after_one(run))


def iter_after_one(run: CourseRun):
    rates = iter(run)
    next(rates)
    return rates


def test_refuses_reports_after_its_end():
    run = CourseRun(course(2))
    reported(run, {"loss": 1.0}, {"loss": 1.0})
    with pytest.raises(RuntimeError, match="Nothing can be reported to a run that is over. All rates were used."):
        run.report({"loss": 1.0})


WITHOUT_KERAS = """
import sys
for name in ("keras", "tensorflow", "jax", "torch"):
    sys.modules[name] = None
from tests.loops.test_course_run import CourseRun, Descent, course
descent = Descent()
with CourseRun(course(200, end_lr=1e3)) as run:
    for learning_rate in run:
        run.report({"loss": descent.step(learning_rate)})
print(run.stop.reason, run.result().suggestion.learning_rate is not None)
"""


def test_it_needs_no_keras():
    result = subprocess.run([sys.executable, "-c", WITHOUT_KERAS], capture_output=True, text=True)
    assert result.stdout == "diverged True\n", result.stderr


@pytest.mark.parametrize(("mode", "sign"), [("min", 1.0), ("max", -1.0)])
def test_a_run_without_a_loss_is_judged_by_what_is_monitored(tmp_path, mode, sign):
    descent = Descent()
    writer = TraceWriter(tmp_path, monitor="gain", mode=mode)
    with CourseRun(course(200, end_lr=1e3), monitor="gain", mode=mode, several_batches=True, writer=writer) as run:
        for learning_rate in run:
            run.report({"gain": sign * descent.step(learning_rate), "norm": 1.0})
    assert run.stop is not None
    assert run.stop.reason == "diverged"
    words, level = run.stop.text.removesuffix(".").rsplit(" ", 1)
    assert words == f"Stopped at step {len(run)}: the `gain` {'rose above' if mode == 'min' else 'fell below'}"
    assert 0 < sign * float(level) < sign * run.history["gain"][-3]
    assert list(run.history) == ["step", "learning_rate", "gain", "norm"]
    np.testing.assert_array_equal(run.curve.losses, sign * run.history["gain"])
    result = run.result()
    assert result.suggestion.learning_rate is not None
    assert f"{len(run)} of 200 steps" in result.title
    _, (columns,) = recorded(tmp_path)
    assert list(columns) == list(run.history)


def test_a_run_without_a_loss_ends_where_what_is_monitored_is_not_a_number():
    with CourseRun(course(), monitor="gain") as run:
        for step, _ in enumerate(run):
            run.report({"gain": math.nan if step == 7 else 1.0})
    assert run.stop is not None
    assert run.stop.reason == "non_finite"
    assert run.stop.text == "Stopped at step 8: the `gain` became NaN."


def test_a_loss_is_what_a_run_is_judged_by_whatever_is_monitored():
    with CourseRun(course(), monitor="gain", mode="max") as run:
        for step, _ in enumerate(run):
            run.report({"loss": math.inf if step == 7 else 1.0, "gain": 1.0})
    assert run.stop is not None
    assert run.stop.text == "Stopped at step 8: the loss became infinite."
