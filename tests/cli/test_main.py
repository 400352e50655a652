"""The command line says what the tab says, whole and exact, and fails in sentences."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tb_lrfinder import Curve, numerals, suggest
from tb_lrfinder.cli.main import main
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.suggestion import METHODS, MethodName
from tb_lrfinder.storage.writer import TraceWriter
from tests.support.damage import write_damaged_traces
from tests.support.traces import (
    FACTS,
    TRIALS,
    append,
    open_trace,
    rows_of,
    served,
    synthetic_curve,
    training_steps,
    write_trace,
    write_training,
)

ROOT = Path(__file__).parents[2]
RATES = synthetic_curve(100).learning_rates
CURVES = {
    "digits/adam": synthetic_curve(300),
    "flat": Curve(RATES, np.ones(100)),
    "nan_tail": Curve(RATES, np.where(RATES < 0.5, synthetic_curve(100).losses, np.nan)),
    "infinite": Curve([0.1, 0.2, 0.3, 0.4], [1.5, np.nan, np.inf, -np.inf]),
    "ten_thousand": synthetic_curve(10_000),
    "confirmed": synthetic_curve(300),
}
TWICE = [synthetic_curve(50, seed=1), synthetic_curve(60, seed=2)]
DAMAGED = {"foreign", "newer", "no_header", "no_json", "wrong_shape"}


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory):
    log_dir = tmp_path_factory.mktemp("logs")
    for run, curve in CURVES.items():
        trials = TRIALS if run == "confirmed" else ()
        write_trace(log_dir / run, curve, flush_every=80 if len(curve) > 1_000 else None, trials=trials)
    for curve in TWICE:
        write_trace(log_dir / "twice", curve)
    write_damaged_traces(log_dir)
    running = open_trace(log_dir / "running", 300)
    append(running, synthetic_curve(300), 0, 120)
    running.flush()
    yield log_dir
    running.close()


@pytest.fixture
def run_main(capsys):
    """Runs the command line; gives its exit status, stdout and stderr."""

    def run(*arguments):
        status = main([str(one) for one in arguments])
        return status, *capsys.readouterr()

    return run


def by_run(records):
    return {record["run"]: record for record in records if record["run"] != "twice"}


def suggestion_of(record):
    return {name: record[name] for name in served(suggest(synthetic_curve(300)))}


@pytest.mark.parametrize("method", ["auto", "steepest"])
def test_json_equals_suggest_exactly(log_dir, run_main, method):
    status, out, _ = run_main("suggest", log_dir, "--json", "--method", method)
    assert status == 0
    records = by_run(json.loads(out))
    assert records.keys() == {*CURVES, *DAMAGED, "running"}
    running = first_rows(synthetic_curve(300), 120, Ending("running", 300, 10.0))
    for run, curve in {**CURVES, "running": running}.items():
        written = Curve(curve.learning_rates, curve.losses, ending=curve.ending, optimizer=FACTS["optimizer"])
        assert suggestion_of(records[run]) == served(suggest(written, method, TRIALS if run == "confirmed" else ()))
    assert records["nan_tail"]["learning_rate"] is not None


def first_rows(curve, count, ending):
    return Curve(curve.learning_rates[:count], curve.losses[:count], ending=ending, optimizer=curve.optimizer)


def test_json_describes_each_test(log_dir, run_main):
    records = by_run(json.loads(run_main("suggest", log_dir, "--json")[1]))
    expected = {"status": "finished", "rows": 300, "num_steps": 300, "monitor": "loss", **FACTS}
    assert {name: records["digits/adam"][name] for name in expected} == expected
    assert records["digits/adam"]["columns"] == ["step", "learning_rate", "loss"]
    assert (records["running"]["status"], records["running"]["status_text"]) == ("running", "Step 120 of 300.")


def test_a_flat_curve_has_null_and_a_reason(log_dir, run_main):
    flat = by_run(json.loads(run_main("suggest", log_dir, "--json")[1]))["flat"]
    assert (flat["learning_rate"], flat["lower"], flat["upper"]) == (None, None, None)
    assert (flat["edge"], flat["edge_ratio"]) == (None, None)
    assert flat["reason"].startswith("No rate made the loss fall")


def test_damaged_traces_say_so_and_leave_the_others_standing(log_dir, run_main):
    records = by_run(json.loads(run_main("suggest", log_dir, "--json")[1]))
    for run in DAMAGED - {"wrong_shape"}:
        assert records[run]["learning_rate"] is None
        assert records[run]["status"] in ("damaged", "unsupported")
        assert records[run]["reason"] == records[run]["status_text"] != ""
    assert records["wrong_shape"]["reason"].startswith("A segment of this trace is damaged")


def test_rows_that_are_no_curve_become_words(tmp_path, run_main):
    with TraceWriter(tmp_path / "run", monitor="accuracy") as trace:
        trace.append(0.1, 1.0)
    (record,) = json.loads(run_main("suggest", tmp_path, "--json")[1])
    assert record["learning_rate"] is None
    assert record["reason"] == "This trace has no column 'accuracy': it has step, learning_rate, loss."


def test_a_test_is_read_by_the_method_that_its_script_used_unless_another_one_is_asked_for(tmp_path, run_main):
    curve = synthetic_curve(300)
    with TraceWriter(tmp_path / "steepest", method="steepest", optimizer=curve.optimizer) as trace:
        append(trace, curve)
    write_trace(tmp_path / "default", curve)

    def rates(*arguments):
        records = by_run(json.loads(run_main("suggest", tmp_path, "--json", *arguments)[1]))
        return {run: (record["method"], record["learning_rate"]) for run, record in records.items()}

    methods: tuple[MethodName, ...] = ("auto", "steepest", "valley")
    default, steepest, valley = ((method, suggest(curve, method).learning_rate) for method in methods)
    assert rates() == {"default": default, "steepest": steepest}
    assert rates("--method", "auto") == {"default": default, "steepest": default}
    assert rates("--method", "valley") == {"default": valley, "steepest": valley}


def test_trainings_are_read_by_epoch_on_request(tmp_path, run_main):
    curve = synthetic_curve(300)
    write_training(tmp_path / "swept", training_steps(curve.learning_rates, curve.losses))
    write_trace(tmp_path / "test", curve)
    # The recorder of this training did not name the optimizer.
    steps = Curve(curve.learning_rates, curve.losses)
    epochs = Curve(curve.learning_rates[9::10], curve.losses.reshape(30, 10).mean(axis=1), updates_per_point=10)
    by_step, by_epoch, as_usual = (
        by_run(json.loads(run_main("suggest", tmp_path, "--json", *arguments)[1]))
        for arguments in (["--by", "step"], ["--by", "epoch"], [])
    )
    assert by_epoch["swept"]["learning_rate"] == pytest.approx(suggest(epochs).learning_rate)
    assert by_step["swept"]["learning_rate"] == suggest(steps).learning_rate != by_epoch["swept"]["learning_rate"]
    assert suggestion_of(by_epoch["test"]) == served(suggest(curve))
    assert as_usual == by_step


def test_csv_holds_what_json_holds(log_dir, run_main):
    records = json.loads(run_main("suggest", log_dir, "--json")[1])
    rows = list(csv.DictReader(io.StringIO(run_main("suggest", log_dir, "--csv")[1])))
    assert len(rows) == len(records)
    for row, record in zip(rows, records, strict=True):
        assert row["columns"] == " ".join(record.pop("columns"))
        assert row["values"] == " ".join(record.pop("values"))
        assert [tuple(trial.split(":")) for trial in row["trials"].split()] == [
            (str(trial["learning_rate"]), str(trial["value"])) for trial in record.pop("trials")
        ]
        record["shape"] = record["shape"] and record["shape"]["name"]
        confidence = record["confidence"] or dict.fromkeys(("word", "probability", "doubt"))
        record |= {**confidence, "confidence": confidence["word"]}
        record["tags"] = ", ".join(record["tags"])
        del record["uses"], record["word"], record["trainings"], record["probe"], record["settings"]
        assert {name: row[name] for name in record} == {
            name: "" if value is None else str(value) for name, value in record.items()
        }
    exact, expected = by_run(rows)["digits/adam"], suggest(CURVES["digits/adam"])
    assert float(exact["learning_rate"]) == expected.learning_rate
    assert (float(exact["edge"]), float(exact["edge_ratio"])) == (expected.edge, expected.edge_ratio)
    assert float(exact["one_cycle_peak"]) == expected.one_cycle_peak
    assert (float(exact["cyclical_lower"]), float(exact["cyclical_upper"])) == expected.cyclical_bounds


def test_the_table_shows_every_test_with_its_sentences(log_dir, run_main, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    out = run_main("suggest", log_dir)[1]
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[0].split("  ")[0] == "Run"
    start = next(index for index, line in enumerate(lines) if line.startswith("digits/adam "))
    expected = suggest(CURVES["digits/adam"])
    assert expected.band is not None
    assert expected.edge is not None
    constant, one_cycle, cyclical = expected.uses
    assert cyclical.lower is not None
    shown = [constant.learning_rate, one_cycle.learning_rate, cyclical.lower, cyclical.learning_rate, *expected.band]
    numbers = "{} {} {} to {} {} to {}".format(*map(numerals.rate, shown))
    assert lines[0].split()[-8:] == ["Usable", "band", "Blow-up", "edge", "Confidence", "Optimizer", "Batch", "size"]
    edge = f"{numerals.rate(expected.edge)} ({expected.edge / constant.learning_rate:.2g}×)"
    assert lines[start].split() == f"digits/adam {numbers} {edge} sure Adam 32".split()
    assert lines[start + 1] == "  Finished. Swept to end_lr=10."
    assert lines[start + 2] == f"  {expected.reason}"
    flat = next(line for line in lines if line.startswith("flat "))
    assert flat.split() == ["flat", "none", "Adam", "32"]
    assert "  Running. Step 120 of 300." in lines
    assert "  With few steps at each rate, the curve reaches its minimum late." in lines
    assert "  Raise num_steps." in lines
    assert "  Damaged. The tag 'somebody/elses' is not one that tb_lrfinder writes." in lines
    assert out.count("not one that tb_lrfinder writes") == 1


def test_several_tests_in_one_run_are_told_apart(log_dir, run_main):
    records = [record for record in json.loads(run_main("suggest", log_dir, "--json")[1]) if record["run"] == "twice"]
    assert [record["learning_rate"] for record in records] == [suggest(curve).learning_rate for curve in TWICE]
    assert records[0]["started"] < records[1]["started"]
    out = run_main("suggest", log_dir)[1]
    for record in records:
        assert out.count(f"Session {record['session']}.") == 1
    assert out.count("Session") == 2


def test_run_names_are_not_markup(tmp_path, run_main):
    write_trace(tmp_path / "[bold]lr=[0.1]", synthetic_curve(20))
    assert run_main("suggest", tmp_path)[1].splitlines()[1].startswith("[bold]lr=[0.1]  ")


def exported(text):
    """Rows of an export by run and session, as floats; an empty cell is None."""
    rows = csv.reader(io.StringIO(text))
    header = next(rows)
    tables = {}
    for run, session, *cells in rows:
        tables.setdefault((run, session), []).append([float(cell) if cell else None for cell in cells])
    return header, tables


def test_export_gives_every_row_back_bit_for_bit(log_dir, run_main):
    status, out, err = run_main("export", log_dir)
    assert status == 0
    header, tables = exported(out)
    assert header == ["run", "session", "step", "learning_rate", "loss"]
    by_name = {run: table for (run, _), table in tables.items() if run != "twice"}
    assert by_name.keys() == {*CURVES, "running"}
    for run, curve in CURVES.items():
        assert np.array(by_name[run]).tobytes() == rows_of(curve).tobytes()
    assert np.array(by_name["running"]).tobytes() == rows_of(synthetic_curve(300))[:120].tobytes()
    twice = [np.array(table) for (run, _), table in tables.items() if run == "twice"]
    assert [table.tobytes() for table in twice] == [rows_of(curve).tobytes() for curve in TWICE]
    for run in DAMAGED:
        assert f"{run} (" in err
    assert "is left out. A segment of this trace is damaged: expected float64 [rows, 3]" in err


def test_export_writes_non_finite_losses_as_words(log_dir, run_main):
    out = run_main("export", log_dir, "--run", "infinite")[1]
    assert [line.rpartition(",")[2] for line in out.splitlines()] == ["loss", "1.5", "nan", "inf", "-inf"]


def test_export_unites_the_columns_and_leaves_cells_empty(tmp_path, run_main):
    for run, metrics in (("a", {"accuracy": 0.5}), ("b", {}), ("c", {"val_loss": 2.0, "accuracy": 0.25})):
        with TraceWriter(tmp_path / run) as trace:
            trace.append(0.1, 1.0, **metrics)
    header, tables = exported(run_main("export", tmp_path)[1])
    assert header[2:] == ["step", "learning_rate", "loss", "accuracy", "val_loss"]
    assert [table for (_, _), table in tables.items()] == [
        [[0.0, 0.1, 1.0, 0.5, None]],
        [[0.0, 0.1, 1.0, None, None]],
        [[0.0, 0.1, 1.0, 0.25, 2.0]],
    ]


def test_export_writes_a_file(log_dir, run_main, tmp_path):
    status, out, _ = run_main("export", log_dir, "--run", "digits/adam", "--output", tmp_path / "rows.csv")
    assert (status, out) == (0, "")
    _, tables = exported((tmp_path / "rows.csv").read_text(encoding="utf-8"))
    (table,) = tables.values()
    assert np.array(table).tobytes() == rows_of(CURVES["digits/adam"]).tobytes()


def test_a_test_without_rows_exports_the_header(tmp_path, run_main):
    open_trace(tmp_path / "run", 300).close()
    assert run_main("export", tmp_path)[:2] == (0, "run,session,step,learning_rate,loss\n")


@pytest.mark.parametrize("command", ["suggest", "export"])
def test_a_missing_log_dir_is_a_wrong_argument(tmp_path, run_main, command):
    status, out, err = run_main(command, tmp_path / "nowhere")
    assert (status, out) == (2, "")
    assert err == (
        f"LOGDIR must be an existing directory. Received: {str(tmp_path / 'nowhere')!r}. "
        "Name the one that you give to `tensorboard --logdir`.\n"
    )


@pytest.mark.parametrize("command", ["suggest", "export"])
def test_a_log_dir_without_a_range_test_says_so(tmp_path, run_main, command):
    status, out, err = run_main(command, tmp_path)
    assert (status, out) == (1, "")
    assert err.endswith(
        f"There is no range test under {str(tmp_path)!r}: write one with LRFinder, or name another directory.\n"
    )


def test_export_of_damaged_tests_alone_writes_nothing(log_dir, run_main, tmp_path):
    file = tmp_path / "rows.csv"
    status, _, err = run_main("export", log_dir, "--run", "foreign", "--output", file)
    assert status == 1
    assert err.endswith("No range test here can be read: nothing is written.\n")
    assert not file.exists()


def test_an_unknown_run_is_refused_with_the_known_ones(log_dir, run_main):
    status, out, err = run_main("export", log_dir, "--run", "adam")
    assert (status, out) == (2, "")
    assert (
        "`--run` must name a run that holds a range test. Received: 'adam'; there are confirmed, digits/adam, flat,"
        in err
    )


def test_an_output_that_cannot_be_written_is_refused(log_dir, run_main, tmp_path):
    status, _, err = run_main("export", log_dir, "--run", "flat", "--output", tmp_path)
    assert status == 2
    assert f"`--output` must be a file that can be written. Received: {str(tmp_path)!r}: Is a directory." in err


def test_an_unknown_method_is_refused_with_the_known_ones(log_dir, capsys):
    with pytest.raises(SystemExit) as error:
        main(["suggest", str(log_dir), "--method", "best"])
    assert error.value.code == 2
    assert f"`method` must be one of {', '.join(METHODS)}. Received: method='best'." in capsys.readouterr().err


def test_the_help_lists_every_method_in_two_columns_however_long_its_name(monkeypatch, capsys):
    name = "of_a_name_longer_than_all_others"
    monkeypatch.setitem(METHODS, name, replace(METHODS["auto"], name=name))  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        main(["suggest", "--help"])
    lines = capsys.readouterr().out.partition("methods:\n")[2].splitlines()
    assert lines == [f"  {one.name.ljust(len(name))}  {one.description}" for one in METHODS.values()]


@pytest.mark.parametrize("arguments", [["suggest", "--json"], ["suggest"], ["export"]])
def test_a_reader_that_goes_away_ends_it_quietly(log_dir, monkeypatch, arguments):
    readable, writable = os.pipe()
    os.close(readable)
    with os.fdopen(writable, "w") as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        try:
            status = main([*arguments, str(log_dir)])
        except SystemExit as error:  # Rich ends the process itself
            status = error.code
        monkeypatch.undo()
    assert status == 1


def test_the_module_runs_where_neither_tensorflow_nor_keras_can_be_loaded(tmp_path):
    for name in ("tensorflow", "keras"):
        (tmp_path / "hidden" / f"{name}.py").parent.mkdir(exist_ok=True)
        (tmp_path / "hidden" / f"{name}.py").write_text(f"raise ImportError('no {name}')")
    write_trace(tmp_path / "logs" / "run", CURVES["digits/adam"])
    (tmp_path / "logs" / "cut_off").mkdir()
    (tmp_path / "logs" / "cut_off" / "events.out.tfevents.1").write_bytes(b"no record")
    result = subprocess.run(
        [sys.executable, "-m", "tb_lrfinder", "suggest", str(tmp_path / "logs"), "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "hidden")},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    (record,) = json.loads(result.stdout)
    assert suggestion_of(record) == served(suggest(CURVES["digits/adam"]))
