"""`tb_lrfinder probes`, and what `suggest` says of probes and of the trainings that belong to a test."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_lrfinder.cli.main import main
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.server import probes
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.writer import TraceWriter
from tests.support.damage import write_damaged_traces
from tests.support.loaders import own_loader
from tests.support.served_apps import Routes
from tests.support.traces import (
    FACTS,
    append,
    plateaus,
    synthetic_curve,
    write_probe,
    write_probed,
    write_trace,
    write_training,
)

MODEL: dict[str, Any] = {"model": "Functional", "parameters": 101_770}
FLAT = Curve(synthetic_curve(100).learning_rates, np.ones(100))


@pytest.fixture
def run_main(capsys):
    """Runs the command line; gives its exit status, stdout and stderr."""

    def run(*arguments):
        status = main([str(one) for one in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory) -> Path:
    """Two trainings, one of them recorded, with probes of every kind; damaged traces beside them."""
    log_dir = tmp_path_factory.mktemp("logs")
    write_probed(log_dir / "digits/adam")
    for step, rate, curve in ((1_200, 1.2345e-4, synthetic_curve(100)), (120_000, 0.5, FLAT)):
        given = Probe(training="nobody", step=step, learning_rate=rate, seconds=12.345)
        write_probe(log_dir / "loop/probes", curve, given)
    write_damaged_traces(log_dir)
    return log_dir


def test_the_table_has_a_line_for_each_probe_and_the_sentences(log_dir, run_main):
    status, out, err = run_main("probes", log_dir)
    assert (status, err) == (0, "")
    assert [line.rstrip() for line in out.splitlines()] == [
        "digits/adam",
        "                 Rate    Sug-               Usable  Blow-up  Confi-     Cost:",
        "  Step  Epoch  in use  gested  Ratio          band     edge   dence  steps, s",
        "     0      0    0.01  0.0124    0.8  0.00091–0.17     0.65  likely  100, 1.5",
        "   300      3    0.01  0.0118   0.84  0.00076–0.11     0.65  likely  100, 1.5",
        "   600      6   0.001  0.0116  0.086  0.00076–0.14     0.65  likely  100, 1.5",
        "  The rate stayed within 3 times of the suggestion at 2 of 3 probes.",
        "  3 probes were left out to keep within the share of time they may take.",
        "",
        "loop/probes (training without a record)",
        "               Rate    Sug-                Usable  Blow-up  Confi-     Cost:",
        "     Step    in use  gested   Ratio          band     edge   dence  steps, s",
        "    1,200  0.000123  0.0124  0.0099  0.00091–0.17     0.65  likely   100, 12",
        "  120,000       0.5    none                                          100, 12",
        "  At step 1,200 the rate lay 100 times below the suggestion.",
        "  At 1 of 2 probes nothing could be suggested: no rate made the loss fall.",
    ]


def test_no_line_of_the_table_is_wider_than_eighty_columns(tmp_path, run_main):
    for step in (1_234_567, 7_654_321):
        given = Probe(training="nobody", step=step, epoch=1234.5, learning_rate=1.2345e-4, seconds=12.345)
        write_probe(tmp_path / "probes", synthetic_curve(4_000, noise=1.0, seed=step), given)
    lines = run_main("probes", tmp_path)[1].splitlines()
    assert max(map(len, map(str.rstrip, lines))) <= 80
    assert lines[3].split()[:3] == ["1,234,567", "1235", "0.000123"]


def test_json_holds_what_the_server_says_and_the_ratio(log_dir, run_main):
    status, out, _ = run_main("probes", log_dir, "--json")
    recorded, lost = json.loads(out, parse_constant=pytest.fail)
    (served,) = Routes(own_loader(log_dir)).json("probes", f"trace={recorded['training']}")["probes"]
    points = [{name: value for name, value in point.items() if name != "ratio"} for point in recorded["points"]]
    assert (status, points, recorded["sentences"]) == (0, served["points"], served["sentences"])
    for point in recorded["points"]:
        assert point["ratio"] == point["learning_rate"] / point["suggestion"]
    assert (recorded["run"], lost["run"], lost["training"]) == ("digits/adam", "loop/probes", None)
    assert (lost["points"][1]["suggestion"], lost["points"][1]["ratio"]) == (None, None)


def test_csv_holds_what_json_holds(log_dir, run_main):
    records = json.loads(run_main("probes", log_dir, "--json")[1])
    rows = list(csv.DictReader(io.StringIO(run_main("probes", log_dir, "--csv")[1])))
    expected = [
        {
            "training": record["training"],
            "training_run": record["run"],
            **{f"probe_{name}" if name in ("id", "run") else name: value for name, value in point.items()},
        }
        for record in records
        for point in record["points"]
    ]
    assert rows == [{name: "" if value is None else str(value) for name, value in one.items()} for one in expected]
    assert len(rows) == 5


def test_all_probes_are_listed_however_many_the_server_would_show(log_dir, run_main, monkeypatch):
    monkeypatch.setattr(probes, "MAX_POINTS", 2)
    assert len(json.loads(run_main("probes", log_dir, "--json")[1])[0]["points"]) == 3


def test_a_log_dir_without_a_probe_says_how_one_is_made(tmp_path, run_main):
    write_trace(tmp_path / "test", synthetic_curve(50))
    status, out, err = run_main("probes", tmp_path)
    assert (status, out) == (1, "")
    assert err == (
        f"There is no probe under {str(tmp_path)!r}: a probe is a range test in the middle of a training, which LRProbe "
        "makes in `fit`, and RangeTest in a loop of your own. Train with one, or name another directory.\n"
    )


def test_a_directory_whose_name_a_terminal_would_obey_stays_on_its_line(tmp_path, run_main):
    write_probe(tmp_path / "a\x1b[2Jc", synthetic_curve(50), Probe(training="s", step=1, learning_rate=0.1))
    out = run_main("probes", tmp_path)[1]
    assert out.splitlines()[0] == "a�[2Jc (training without a record)"


# suggest


def test_probes_are_no_tests_of_suggest_unless_they_are_asked_for(log_dir, run_main, tmp_path):
    write_probed(tmp_path / "a b/run")
    write_trace(tmp_path / "a b/test", synthetic_curve(50))
    status, out, err = run_main("suggest", tmp_path / "a b", "--json")
    assert (status, [record["run"] for record in json.loads(out)]) == (0, ["test"])
    assert err == f"3 probes are not listed: `tb_lrfinder probes '{tmp_path}/a b'`.\n"
    _, out, err = run_main("suggest", tmp_path / "a b", "--json", "--probes")
    assert ([record["run"] for record in json.loads(out)], err) == (["run/probes"] * 3 + ["test"], "")


def test_suggest_lists_probes_where_there_is_nothing_else(tmp_path, run_main):
    write_probed(tmp_path / "run", (300,))
    status, out, err = run_main("suggest", tmp_path)
    assert (status, err) == (0, "")
    assert "  Made at step 300 of a training, at 0.01." in [line.rstrip() for line in out.splitlines()]
    (row,) = csv.DictReader(io.StringIO(run_main("suggest", tmp_path, "--csv")[1]))
    assert (row["probe_step"], row["probe_learning_rate"], row["probe_seconds"]) == ("300", "0.01", "1.5")


def test_export_writes_the_rows_of_probes_too(tmp_path, run_main):
    write_probed(tmp_path / "run", (300,))
    write_trace(tmp_path / "test", synthetic_curve(50))
    status, out, err = run_main("export", tmp_path)
    assert (status, err, out.count("run/probes,"), out.count("test,")) == (0, "", 100, 50)


@pytest.mark.parametrize(("count", "others"), [(1, None), (3, None), (4, "1 earlier training belongs to this test.")])
def test_below_a_test_stand_the_trainings_that_belong_to_it(tmp_path, run_main, count, others):
    curve = synthetic_curve(300)
    with TraceWriter(tmp_path / "test", **FACTS, **MODEL) as writer:
        append(writer, curve)
    for number in range(count):
        write_training(tmp_path / f"training{number}", plateaus(), optimizer="Adam", batch_size=32, **MODEL)
    lines = [line.strip() for line in run_main("suggest", tmp_path)[1].splitlines()]
    told = [line for line in lines if line.startswith("Trained")]
    assert told == [
        f"Trained at 0.1, suggested 0.0196: 5.1 times as high (training{number})."
        for number in range(max(count - 3, 0), count)
    ]
    assert [line for line in lines if "earlier" in line] == ([others] if others else [])
    (record,) = json.loads(run_main("suggest", tmp_path, "--json")[1])
    assert [pair["training_run"] for pair in record["trainings"]] == [f"training{number}" for number in range(count)]
    (row,) = csv.DictReader(io.StringIO(run_main("suggest", tmp_path, "--csv")[1]))
    assert row["trainings"] == " ".join(["0.1"] * count)


def test_the_suggestion_beside_a_training_is_that_of_the_line_above(tmp_path, run_main):
    with TraceWriter(tmp_path / "test", **FACTS, **MODEL) as writer:
        append(writer, synthetic_curve(300))
    write_training(tmp_path / "training", plateaus(), optimizer="Adam", batch_size=32, **MODEL)
    (record,) = json.loads(run_main("suggest", tmp_path, "--json", "--method", "steepest")[1])
    assert record["trainings"][0]["suggested"] == record["learning_rate"]
