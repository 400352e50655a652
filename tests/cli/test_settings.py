"""The settings of tests in the shell: those that differ as columns, all of them for programs, and tests chosen by them."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tb_lrfinder.cli.main import main
from tb_lrfinder.cli.where import condition
from tb_lrfinder.storage.writer import TraceWriter

ADAM = {"optimizer": "Adam", "framework": "keras"}
RUNS = {
    "a": {**ADAM, "hparams": {"width": 64, "head": "linear"}, "hyperparameters": {"beta_1": 0.9, "weight_decay": 0.0}},
    "b": {
        **ADAM,
        "hparams": {"width": 128, "head": "linear"},
        "hyperparameters": {"beta_1": 0.9, "weight_decay": 0.125, "clipnorm": 1.0},
        "note": "A wider head.",
        "tags": ["wide", "second try"],
    },
    "c": {
        "optimizer": "SGD, momentum 0.9",
        "framework": "keras",
        "hparams": {"width": 128, "head": "linear", "augmented": True},
        "hyperparameters": {"momentum": 0.9, "weight_decay": 0.0},
    },
}


@pytest.fixture
def run_main(tmp_path, capsys):
    """Runs `suggest` on three runs; gives exit status, stdout and stderr."""
    for run, facts in RUNS.items():
        TraceWriter(tmp_path / run, batch_size=32, **facts).close()

    def run_main(*arguments):
        status = main(["suggest", str(tmp_path), *arguments])
        return status, *capsys.readouterr()

    return run_main


def columns_of(out, names):
    """The cells under some headings, by run."""
    heading, *lines = out.splitlines()
    places = [heading.index(name) for name in names]
    ends = [*places[1:], None]
    rows = [line for line in lines if line and not line.startswith((" ", "Other"))]
    return {row.split()[0]: [row[start:end].strip() for start, end in zip(places, ends, strict=True)] for row in rows}


def test_settings_that_differ_have_columns_those_of_the_person_first(run_main, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    out = run_main()[1]
    assert out.splitlines()[0].endswith("Batch size  width  weight_decay  clipnorm")
    assert columns_of(out, ["width", "weight_decay", "clipnorm"]) == {
        "a": ["64", "0", ""],
        "b": ["128", "0.125", "1"],
        "c": ["128", "0", ""],
    }


@pytest.mark.parametrize(("columns", "shown"), [("80", 4), ("140", 8)])
def test_settings_beyond_the_width_are_named_below(tmp_path, capsys, monkeypatch, columns, shown):
    monkeypatch.setenv("COLUMNS", columns)
    names = [f"setting{index}" for index in range(10)]
    for run in (0, 1):
        TraceWriter(tmp_path / str(run), hparams=dict.fromkeys(names, run)).close()
    main(["suggest", str(tmp_path)])
    out = capsys.readouterr().out
    heading, below = out.splitlines()[0].split(), " ".join(out.split())
    assert all(name in heading or f"{name} 1" in below for name in names[:shown])
    told = f"Other settings that differ, which --json tells: {', '.join(names[shown:])}."
    assert " ".join(out.split()).endswith(told)


def test_one_test_differs_in_nothing(run_main, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert run_main("--where", "width=64")[1].splitlines()[0].endswith("Batch size")


def test_json_has_all_settings_with_note_and_tags(run_main):
    records = {record["run"]: record for record in json.loads(run_main("--json")[1])}
    assert records["b"]["settings"] == {
        "width": 128,
        "head": "linear",
        "optimizer": "Adam",
        "batch_size": 32,
        "beta_1": 0.9,
        "weight_decay": 0.125,
        "clipnorm": 1.0,
    }
    assert (records["b"]["note"], records["b"]["tags"]) == ("A wider head.", ["wide", "second try"])


def test_csv_has_a_column_for_each_setting_with_note_and_tags(run_main):
    rows = {row["run"]: row for row in csv.DictReader(io.StringIO(run_main("--csv")[1]))}
    names = [name for name in rows["a"] if name.startswith("setting_")]
    assert {name: rows["b"][name] for name in names} == {
        "setting_width": "128",
        "setting_head": "linear",
        "setting_beta_1": "0.9",
        "setting_weight_decay": "0.125",
        "setting_clipnorm": "1.0",
        "setting_augmented": "",
        "setting_momentum": "",
    }
    assert (rows["b"]["note"], rows["b"]["tags"], rows["c"]["setting_augmented"]) == (
        "A wider head.",
        "wide, second try",
        "True",
    )


@pytest.mark.parametrize(
    ("conditions", "runs"),
    [
        (["width=64"], "a"),
        (["width = 128.0", "weight_decay>0"], "b"),
        (["width>=64", "width<128"], "a"),
        (["width<=128"], "abc"),
        (["augmented=true"], "c"),
        (["augmented!=true"], "ab"),
        (["head=linear", "optimizer=Adam"], "ab"),
        (["optimizer=SGD, momentum 0.9"], "c"),
        (["batch_size>=32"], "abc"),
    ],
)
def test_tests_are_chosen_by_their_settings(run_main, conditions, runs):
    arguments = [part for one in conditions for part in ("--where", one)]
    assert "".join(record["run"] for record in json.loads(run_main("--json", *arguments)[1])) == runs


def test_conditions_that_no_test_fulfils_name_the_settings_that_there_are(run_main):
    status, out, err = run_main("--where", "width=64", "--where", "depth>2")
    assert (status, out) == (1, "")
    assert err == (
        "No range test has the settings 'width=64' and 'depth>2': ask for others. There are augmented, batch_size, beta_1, "
        "clipnorm, head, momentum, optimizer, weight_decay, width.\n"
    )


@pytest.mark.parametrize("text", ["width", "=64", "width=", "head>linear", "width>=", "width=nan", "<3"])
def test_a_condition_that_is_none_is_refused(text, run_main, capsys):
    with pytest.raises(SystemExit):
        run_main("--where", text)
    assert "`--where` must be a setting with its value, as 'width=64'" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(ValueError, match="^`--where` must be a setting"):
        condition(text)
