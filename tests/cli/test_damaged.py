"""The command line says in words what it cannot read in a log directory, and goes on."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from tb_lrfinder.cli.main import main
from tests.support.damage import HEADER_TAG, METADATA, ROWS_TAG, event, header_event, rows_event, write_events
from tests.support.traces import synthetic_curve, write_trace

ROWS = [[0, 0.1, 2.0], [1, 0.2, 1.0], [2, 0.3, 3.0]]
# Runs by name: their events, and what is said of each.
DAMAGED = {
    "deep": ([event(HEADER_TAG, b"[" * 100_000)], "The header of this trace is not a JSON object. Received: b'[[["),
    "large": ([event(HEADER_TAG, b" " * 2**20)], "The header of this trace must have at most 524288 bytes. Received: 1048"),
    "field": ([header_event(num_steps=-1)], "The header of this trace is incomplete or damaged: `num_steps` must be"),
    "half": ([header_event(optimizer="\ud800")], "The header of this trace is incomplete or damaged: `optimizer` must"),
    "columns": (
        [header_event(), rows_event(ROWS, columns=["step", "learning_rate", ""])],
        "The columns of this trace cannot be read: `columns[2]` must be text of 1 to 200 printable characters.",
    ),
    "tag": ([event("lr_finder/s/rows/" + "0" * 5_000, np.zeros(1))], " is not one that tb_lrfinder writes."),
    "gap": ([header_event(), rows_event(ROWS, 1)], "Segment 0 of this trace is missing, a part of its event file was lost"),
    "negative": ([header_event(), rows_event(ROWS, end=-13)], "Segment 0 of this trace must end beyond row 0, and before"),
    "shape": (
        [header_event(), event(ROWS_TAG, np.zeros((3, 5)), METADATA, step=3)],
        "A segment of this trace is damaged: expected float64 [rows, 3], received float64 [3, 5].",
    ),
    "rate": (
        [header_event(), rows_event([[0, 0.1, 2.0], [1, np.nan, 1.0]])],
        "Row 1 of this trace is damaged: `learning_rate` must be positive and finite. Received: learning_rate=nan.",
    ),
    "fewer": ([header_event(), rows_event(ROWS, end=9)], "This trace is incomplete: it should have 9 rows, 3 can be read."),
}  # fmt: skip


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory):
    log_dir = tmp_path_factory.mktemp("logs")
    for run, (events, _) in DAMAGED.items():
        write_events(log_dir / run, *events)
    write_trace(log_dir / "good", synthetic_curve(30))
    return log_dir


@pytest.mark.parametrize("run", DAMAGED)
def test_a_test_that_cannot_be_read_has_its_reason(log_dir, capsys, run):
    assert main(["suggest", str(log_dir), "--json"]) == 0
    records = {record["run"]: record for record in json.loads(capsys.readouterr().out)}
    assert records.keys() == {*DAMAGED, "good"}
    assert records[run]["learning_rate"] is None
    assert DAMAGED[run][1] in records[run]["reason"]
    assert (records["good"]["status"], records["good"]["rows"]) == ("finished", 30)


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]], ids=["table", "csv", "json"])
def test_every_form_can_be_written_as_utf8(log_dir, capsys, form):
    assert main(["suggest", str(log_dir), *form]) == 0
    out = capsys.readouterr().out.encode().decode()
    assert all(run in out for run in [*DAMAGED, "good"])


def test_export_writes_the_good_one_and_says_why_the_others_are_left_out(log_dir, capsys):
    assert main(["export", str(log_dir)]) == 0
    out, complaints = capsys.readouterr()
    assert {row["run"] for row in csv.DictReader(io.StringIO(out))} == {"good"}
    sentences = complaints.splitlines()
    assert len(sentences) == len(DAMAGED)
    for run, (_, words) in DAMAGED.items():
        assert any(one.startswith(f"{run} (") and words in one for one in sentences)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_what_is_no_file_is_named_and_the_rest_is_read(tmp_path, capsys):
    write_trace(tmp_path / "good", synthetic_curve(30))
    pipe = tmp_path / "events.out.tfevents.pipe"
    os.mkfifo(pipe)
    (tmp_path / "good" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert main(["suggest", str(tmp_path), "--json"]) == 0
    out, complaints = capsys.readouterr()
    assert [record["run"] for record in json.loads(out)] == ["good"]
    assert complaints == f"{pipe} is left out: it is not a file.\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes")
@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]], ids=["table", "csv", "json"])
def test_a_run_whose_name_is_no_text_is_written_too(tmp_path, capsys, form):
    directory = Path(os.fsdecode(os.fsencode(tmp_path) + b"/run\xff"))
    write_trace(directory, synthetic_curve(30))
    assert main(["suggest", str(tmp_path), *form]) == 0
    assert "udcff" in capsys.readouterr().out.encode().decode()
