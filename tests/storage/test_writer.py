"""`TraceWriter` and `write_curve`: what they refuse, and how a test that fails is marked."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tensorboard.backend.event_processing import event_accumulator

from tb_lrfinder import TraceWriter, suggest, write_curve
from tb_lrfinder.cli.main import main
from tb_lrfinder.columns import MEASURED, PLAN, Table
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.suggestion import METHODS
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.table_writer import TableWriter
from tests.support.recorded import recorded
from tests.support.traces import synthetic_curve


def exported(log_dir, capsys) -> list[list[str]]:
    """What the command line reads back, without run and session."""
    assert main(["export", str(log_dir)]) == 0
    return [line.split(",")[2:] for line in capsys.readouterr().out.splitlines()]


def test_metrics_become_columns_and_may_be_missing_later(tmp_path, capsys):
    with TraceWriter(tmp_path) as trace:
        trace.append(0.1, 2.0, accuracy=0.5, val_loss=3.0)
        trace.append(0.2, 1.0, accuracy=0.6)
        trace.append(0.2, 0.5, val_loss=1.0, accuracy=0.7)
    header, *rows = exported(tmp_path, capsys)
    assert header == ["step", "learning_rate", "loss", "accuracy", "val_loss"]
    values = np.array(rows, float)
    np.testing.assert_array_equal(
        values, [[0, 0.1, 2.0, 0.5, 3.0], [1, 0.2, 1.0, 0.6, math.nan], [2, 0.2, 0.5, 0.7, 1.0]]
    )


def test_an_unknown_metric_is_refused(tmp_path):
    with TraceWriter(tmp_path) as trace:
        trace.append(0.1, 2.0, accuracy=0.5)
        with pytest.raises(ValueError) as caught:
            trace.append(0.2, 2.0, recall=0.5)
    assert str(caught.value) == (
        "Every step must have the metrics of the first one. Received: 'recall'; the first step had accuracy."
    )


@pytest.mark.parametrize("rate", [0.05, 0.0, -1.0, math.nan, math.inf])
def test_a_rate_that_is_no_sweep_is_refused(tmp_path, rate):
    with TraceWriter(tmp_path) as trace:
        trace.append(0.1, 2.0)
        with pytest.raises(ValueError) as caught:
            trace.append(rate, 2.0)
    assert str(caught.value) == (
        "The learning rates of a range test must be positive, finite and not fall. "
        f"Received: learning_rate={rate} after 0.1."
    )


def test_an_exception_marks_the_test_as_interrupted(tmp_path, capsys):
    def loop():
        with TraceWriter(tmp_path) as trace:
            trace.append(0.1, 2.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop()
    main(["suggest", str(tmp_path)])
    assert "Interrupted after step 1: ZeroDivisionError." in " ".join(capsys.readouterr().out.split())


def test_closing_twice_is_harmless(tmp_path):
    trace = TraceWriter(tmp_path)
    trace.close()
    trace.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda trace: trace.append(0.2, 1.0),
        lambda trace: trace.append_row(0.2, 1.0, {}),
        lambda trace: trace.report_trials((), "Short training 1 of 5."),
        lambda trace: trace.flush(),
    ],
    ids=["append", "append_row", "report_trials", "flush"],
)
def test_what_is_written_after_the_end_is_refused(tmp_path, capsys, write):
    trace = TraceWriter(tmp_path)
    trace.append(0.1, 2.0)
    trace.close()
    with pytest.raises(RuntimeError) as caught:
        write(trace)
    assert str(caught.value) == (
        f"A trace that is closed takes nothing more: open another one. Received: more for {str(tmp_path)!r}."
    )
    assert len(exported(tmp_path, capsys)) == 2


def test_a_schedule_takes_nothing_after_its_end(tmp_path):
    writer = TableWriter(tmp_path, Header(kind=PLAN, started=0.0), ["step", "learning_rate"])
    writer.close()
    with pytest.raises(RuntimeError, match="A trace that is closed takes nothing more"):
        writer.append_rows(np.zeros((1, 2)), np.zeros(1))
    with pytest.raises(RuntimeError, match="A trace that is closed takes nothing more"):
        writer.change_header(driver="nobody")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mode": "auto"}, "`mode` must be one of min, max: 'max' where more is better, as of an accuracy. Received: "),
        ({"spacing": "ln"}, "`spacing` must be one of log, linear. Received: spacing='ln'."),
        ({"method": "best"}, f"`method` must be one of {', '.join(METHODS)}. Received: "),
    ],
)
def test_a_word_that_is_none_of_the_choices_is_refused_before_anything_is_written(tmp_path, arguments, words):
    with pytest.raises(ValueError) as caught:
        TraceWriter(tmp_path / "run", **arguments)
    assert words in str(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"num_steps": 100.5}, "`num_steps` must be a whole number of at least 0. Received: num_steps=100.5."),
        ({"num_steps": -1}, "`num_steps` must be a whole number of at least 0. Received: num_steps=-1."),
        ({"num_steps": "100"}, "`num_steps` must be a whole number of at least 0. Received: num_steps='100'."),
        ({"num_steps": math.nan}, "`num_steps` must be a whole number of at least 0. Received: num_steps=nan."),
        ({"num_steps": True}, "`num_steps` must be a whole number of at least 0. Received: num_steps=True."),
        ({"batch_size": "32"}, "`batch_size` must be a whole number of at least 1. Received: batch_size='32'."),
        ({"batch_size": 0}, "`batch_size` must be a whole number of at least 1. Received: batch_size=0."),
        ({"batch_size": np.zeros(3)}, "`batch_size` must be a whole number of at least 1. Received: batch_size="),
        ({"start_lr": "1e-7"}, "`start_lr` must be positive and finite. Received: start_lr='1e-7'."),
        ({"start_lr": 0.0}, "`start_lr` must be positive and finite. Received: start_lr=0.0."),
        ({"end_lr": math.inf}, "`end_lr` must be positive and finite. Received: end_lr=inf."),
        ({"end_lr": 10**400}, "`end_lr` must be positive and finite. Received: end_lr=1000"),
        ({"end_lr": [1.0]}, "`end_lr` must be positive and finite. Received: end_lr=[1.0]."),
        (
            {"start_lr": 1.0, "end_lr": 0.1},
            "`end_lr` must not be below `start_lr`. Received: start_lr=1.0, end_lr=0.1.",
        ),
        ({"optimizer": 5}, "`optimizer` must be text or nothing. Received: optimizer=5."),
        ({"monitor": None}, "`monitor` must be text. Received: monitor=None."),
        ({"spacing": 1}, "`spacing` must be one of log, linear. Received: spacing=1."),
        ({"mode": np.zeros(2)}, "`mode` must be one of min, max"),
        ({"method": ["valley"]}, "`method` must be one of "),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_an_argument_that_a_reader_would_refuse_is_refused_before_anything_is_written(tmp_path, arguments, words):
    with pytest.raises(ValueError) as caught:
        TraceWriter(tmp_path / "run", **arguments)
    assert str(caught.value).startswith(words)
    assert not (tmp_path / "run").exists()


def test_write_curve_refuses_what_a_reader_would_refuse(tmp_path):
    wrong: tuple[dict[str, Any], ...] = ({"optimizer": 5}, {"batch_size": "32"}, {"batch_size": 2.5}, {"stop_text": 5})
    for arguments in wrong:
        with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be "):
            write_curve(tmp_path / "run", [0.1, 0.2], [1.0, 0.5], **arguments)
    assert not (tmp_path / "run").exists()


def test_numbers_of_numpy_describe_a_test(tmp_path):
    TraceWriter(
        tmp_path,
        num_steps=np.int64(3),
        batch_size=np.array(32),
        start_lr=np.float32(0.5),
        end_lr=np.array(2.0),
    ).close()
    (trace,), _ = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.num_steps, trace.header.batch_size) == (3, 32)
    assert (trace.header.start_lr, trace.header.end_lr) == (0.5, 2.0)


def of_torch(value):
    return pytest.importorskip("torch").tensor(value, requires_grad=True)


def of_tensorflow(value):
    return pytest.importorskip("tensorflow").constant(value, "float64")


def of_jax(value):
    return pytest.importorskip("jax.numpy").array(value)


@pytest.mark.parametrize("kind", [float, Fraction, np.float32, np.float64, np.array, of_torch, of_tensorflow, of_jax])
def test_whatever_is_one_number_is_taken(tmp_path, kind):
    with TraceWriter(tmp_path) as trace:
        trace.append(kind(0.5), kind(2.0), accuracy=kind(0.25))
    _, (columns,) = recorded(tmp_path)
    assert [columns[name][0] for name in ("learning_rate", "loss", "accuracy")] == [0.5, 2.0, 0.25]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1.0", "'1.0'"),
        (b"1", "b'1'"),
        (np.str_("1"), "np.str_('1')"),
        (None, "None"),
        (True, "True"),
        (np.bool_(True), "np.True_"),
        ([1.0], "[1.0]"),
        (1j, "1j"),
        (np.complex128(1), "np.complex128(1+0j)"),
        (np.array([1.0]), "ndarray of shape [1]"),
        (np.zeros((1000, 1000)), "ndarray of shape [1000, 1000]"),
        (np.datetime64("2020-01-01"), "np.datetime64('2020-01-01')"),
        (10**400, "1000000"),
        ("x" * 10_000, "'xxx"),
    ],
    ids=lambda value: str(value)[:20],
)
@pytest.mark.parametrize("name", ["learning_rate", "loss", "accuracy"])
def test_what_is_no_number_is_refused_by_its_name_and_leaves_the_trace_as_it_was(tmp_path, name, value, shown):
    with TraceWriter(tmp_path) as trace:
        trace.append(learning_rate=0.1, loss=2.0, accuracy=0.5)
        with pytest.raises(ValueError) as caught:
            trace.append(**{"learning_rate": 0.2, "loss": 2.0, "accuracy": 0.5, name: value})
        assert str(caught.value).startswith(f"`{name}` must be a number. Received: {name}={shown}")
        assert len(str(caught.value)) < 200
        trace.append(learning_rate=0.1, loss=1.0, accuracy=0.6)
    _, (columns,) = recorded(tmp_path)
    assert columns["step"].tolist() == [0.0, 1.0]
    assert columns["accuracy"].tolist() == [0.5, 0.6]


def test_a_first_row_that_is_refused_names_no_columns(tmp_path):
    with TraceWriter(tmp_path) as trace:
        unfit: tuple[Any, ...] = ({"recall": None}, {"": 1.0}, {5: 1.0}, {"\n": None})
        for metrics in unfit:
            with pytest.raises(ValueError) as caught:
                trace.append_row(0.1, 2.0, metrics)
            assert "\n" not in str(caught.value)
        trace.append(0.1, 2.0, accuracy=0.5)
    _, (columns,) = recorded(tmp_path)
    assert list(columns) == ["step", "learning_rate", "loss", "accuracy"]


@pytest.mark.parametrize(("first", "second"), [(2.0, None), (None, 2.0)])
def test_every_step_has_a_loss_or_none(tmp_path, first, second):
    with TraceWriter(tmp_path, monitor="accuracy") as trace:
        trace.append_row(0.1, first, {"accuracy": 0.5})
        with pytest.raises(ValueError) as caught:
            trace.append_row(0.2, second, {"accuracy": 0.6})
        trace.append_row(0.1, first, {"accuracy": 0.7})
    assert str(caught.value) == f"Every step must have a loss, or none. Received: loss={second}, unlike the first step."
    _, (columns,) = recorded(tmp_path)
    assert ("loss" in columns) is (first is not None)
    assert columns["accuracy"].tolist() == [0.5, 0.7]


def test_metrics_called_like_our_columns_are_recorded_under_names_of_their_own(tmp_path):
    metrics = {"learning_rate": 7.0, "step": 8.0, "loss": 9.0, "smoothed": 10.0, "accuracy": 0.5}
    with TraceWriter(tmp_path) as trace:
        trace.append_row(0.1, 2.0, metrics)
        trace.append_row(0.2, 1.0, {"step": 18.0})
    _, (columns,) = recorded(tmp_path)
    assert {name: column.tolist()[0] for name, column in columns.items()} == {
        "step": 0.0,
        "learning_rate": 0.1,
        "loss": 2.0,
        "metric_learning_rate": 7.0,
        "metric_step": 8.0,
        "metric_loss": 9.0,
        "metric_smoothed": 10.0,
        "accuracy": 0.5,
    }
    assert columns["step"].tolist() == [0.0, 1.0]
    assert columns["metric_step"].tolist() == [8.0, 18.0]


def test_a_monitored_metric_is_followed_to_its_column(tmp_path):
    with TraceWriter(tmp_path, monitor="step", mode="max") as trace:
        trace.append_row(0.1, 2.0, {"step": 8.0})
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.measured() == ("metric_step", "max")
    assert columns["metric_step"].tolist() == [8.0]


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_what_a_test_measures_beside_the_loss_is_a_column_of_that_name(tmp_path, name):
    with TraceWriter(tmp_path) as trace:
        trace.append(0.1, 2.0, **{name: 0.25})
    _, (columns,) = recorded(tmp_path)
    assert columns[name].tolist() == [0.25]


def test_write_curve_gives_the_curve_to_suggest_from(tmp_path, capsys):
    known = synthetic_curve(100)
    curve = write_curve(tmp_path, known.learning_rates, known.losses, optimizer="AdamW", batch_size=8)
    assert suggest(curve) == suggest(known)
    rows = np.array(exported(tmp_path, capsys)[1:], float)
    np.testing.assert_array_equal(rows[:, 1:], np.column_stack([known.learning_rates, known.losses]))


@pytest.mark.parametrize("losses", [synthetic_curve(100).losses, None], ids=["loss", "no loss"])
@pytest.mark.parametrize("name", ["accuracy", "step"])
def test_write_curve_tells_of_the_monitored_metric_what_tab_and_command_line_tell(tmp_path, capsys, losses, name):
    known = synthetic_curve(100)
    accuracies = np.where(np.arange(100) % 2, np.nan, 1.0 / (1.0 + known.losses))
    facts = {"optimizer": "SGD", "method": "valley", "total_steps": 5000, "repeats": 2}
    stopped = {
        "num_steps": 120,
        "start_lr": 1e-8,
        "end_lr": 100.0,
        "stop_reason": "data_ran_out",
        "stop_text": "No data.",
    }
    curve = write_curve(
        tmp_path, known.learning_rates, losses, metrics={name: accuracies}, monitor=name, mode="max", **facts, **stopped
    )
    assert len(curve) == 50
    assert (curve.mode, curve.ended, curve.ending) == ("max", "data_ran_out", Ending("data_ran_out", 120, 100.0))
    (trace,), (columns,) = recorded(tmp_path)
    read = trace.curve(Table.of(columns))
    assert suggest(read) == suggest(curve)
    assert (read.monitor, read.ending, read.repeats) == (curve.monitor, curve.ending, 2)
    assert trace.status_text == "No data."
    assert trace.header is not None
    assert (trace.header.start_lr, trace.header.end_lr, trace.header.num_steps) == (1e-8, 100.0, 120)
    assert ("loss" in columns) is (losses is not None)
    assert main(["suggest", str(tmp_path), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    expected = suggest(curve, "valley", total_steps=5000)
    assert (told["learning_rate"], told["reason"]) == (expected.learning_rate, expected.reason)


def test_write_curve_tells_an_accuracy_by_its_name(tmp_path):
    curve = write_curve(tmp_path, [0.1, 0.2], [1.0, 2.0], metrics={"accuracy": [0.5, 0.6]}, monitor="accuracy")
    (trace,), _ = recorded(tmp_path)
    assert (curve.mode, *trace.measured()) == ("max", "accuracy", "max")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"losses": [1.0]},
            "There must be one value for each learning rate. Received: 2 learning rates and 1 values of 'l",
        ),
        ({"metrics": {"accuracy": [1.0]}}, "Received: 2 learning rates and 1 values of 'accuracy'."),
        ({"metrics": {"accuracy": "good"}}, "`metrics['accuracy']` must be a 1-D array of numbers."),
        ({"metrics": {"": [1.0, 2.0]}}, "The names of metrics must be text, and not empty."),
        ({"monitor": "accuracy"}, "`monitor` must name a recorded column. Received: monitor='accuracy'; recorded are "),
        ({"losses": None}, "`monitor` must name a recorded column. Received: monitor='loss'; recorded are "),
        ({"learning_rates": [0.2, 0.1]}, "`learning_rates` must not decrease"),
        (
            {"learning_rates": [0.2, 0.1], "losses": None, "monitor": "a", "metrics": {"a": [1, math.nan]}},
            "must not decrease",
        ),
        ({"mode": "up"}, "`mode` must be 'auto', 'min' or 'max'. Received: mode='up'."),
        ({"num_steps": -1}, "`num_steps` must be a whole number of at least 0."),
        ({"end_lr": -1.0}, "`end_lr` must be positive and finite."),
        ({"start_lr": 1.0}, "`end_lr` must not be below `start_lr`."),
        ({"repeats": 0}, "`repeats` must be a whole number of at least 1."),
        ({"method": "best"}, "`method` must be one of "),
        ({"spacing": "ln"}, "`spacing` must be one of "),
        ({"stop_reason": "bored"}, "`stop_reason` must be one of completed, diverged, data_ran_out, stopped."),
        ({"stop_text": 3}, "stop_text"),
    ],
)
def test_write_curve_refuses_bad_input_and_writes_nothing(tmp_path, changes, message):
    with pytest.raises(ValueError) as caught:
        write_curve(tmp_path / "run", **{"learning_rates": [0.1, 0.2], "losses": [2.0, 1.0], **changes})
    assert message in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_probe_says_where_it_was_made_and_writes_no_scalars(tmp_path):
    probe = Probe(training="20261122-101500-3f9a1c", step=200, learning_rate=0.01, epoch=2.5, left_out=1)
    with TraceWriter(tmp_path, model="Sequential", parameters=1234, first_step=200, probe=probe) as trace:
        trace.append(0.1, 1.0)
        trace.report_cost(0.25)
    ((read,), _) = recorded(tmp_path)
    assert read.header is not None
    assert read.header.probe == replace(probe, seconds=0.25)
    assert (read.header.model, read.header.parameters, read.header.first_step) == ("Sequential", 1234, 200)
    tags = event_accumulator.EventAccumulator(str(tmp_path)).Reload().Tags()
    assert [tag for tag in tags["tensors"] if not tag.startswith("lr_finder/")] == []
