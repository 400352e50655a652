"""What is written comes back through TensorBoard, with both of its loaders and no flags to help."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tb_lrfinder import Curve
from tb_lrfinder.columns import Table
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.process import Process, this_process
from tb_lrfinder.storage.trace import Trace, status_of
from tests.support.damage import write_damaged_traces
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import TRIALS, append, header, open_trace, rows_of, synthetic_curve, write_trace

LENGTHS = {"thousand": 1_000, "ten_thousand": 10_000}
NON_FINITE = Curve([0.1, 0.2, 0.3, 0.4], [1.5, np.nan, np.inf, -np.inf])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, load_fast: str) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("traces")
    for run, length in LENGTHS.items():
        # Far more segments than a running test makes, and more than any reservoir holds of one tag.
        write_trace(log_dir / run, synthetic_curve(length), flush_every=length // 120)
    write_trace(log_dir / "non_finite", NON_FINITE)
    first = write_trace(log_dir / "twice", synthetic_curve(50, seed=1))
    second = write_trace(log_dir / "twice", synthetic_curve(60, seed=2))
    assert first != second
    write_damaged_traces(log_dir)
    with serve(log_dir, load_fast) as running:
        expected = {*LENGTHS, "non_finite", "twice", "foreign", "newer", "no_header", "no_json", "wrong_shape"}
        running.wait_for(lambda traces: expected <= traces.keys())
        yield running


@pytest.mark.parametrize("run", LENGTHS)
def test_every_row_comes_back_bit_for_bit(server, run):
    trace = server.wait_for(lambda traces: traces[run]["rows"] == LENGTHS[run] and traces[run])
    written = rows_of(synthetic_curve(LENGTHS[run]))
    assert server.rows(trace["id"]).tobytes() == written.tobytes()
    assert trace["status"] == "finished"
    assert trace["status_text"] == "Swept to end_lr=10."
    assert trace["stop_reason"] == "completed"
    assert (trace["num_steps"], trace["optimizer"], trace["batch_size"]) == (LENGTHS[run], "Adam", 32)


def test_non_finite_losses_come_back_bit_for_bit(server):
    assert server.rows(server.traces()["non_finite"]["id"]).tobytes() == rows_of(NON_FINITE).tobytes()


def test_two_tests_in_one_directory_stay_two_traces(server):
    traces = [trace for trace in server.json("traces")["traces"] if trace["run"] == "twice"]
    assert [trace["rows"] for trace in traces] == [50, 60]
    for trace, seed in zip(traces, (1, 2), strict=True):
        written = rows_of(synthetic_curve(trace["rows"], seed=seed))
        assert server.rows(trace["id"]).tobytes() == written.tobytes()


@pytest.mark.parametrize(
    ("run", "status", "words"),
    [
        ("foreign", "damaged", "The tag 'somebody/elses' is not one that tb_lrfinder writes."),
        ("newer", "unsupported", "This trace has schema version 99, newer than 1"),
        ("no_header", "damaged", "The header of this trace is missing"),
        ("no_json", "damaged", "The header of this trace is not a JSON object. Received: "),
    ],
)
def test_what_cannot_be_read_says_so_in_words(server, run, status, words):
    trace = server.traces()[run]
    assert trace["status"] == status
    assert words in trace["status_text"]
    assert trace["rows"] == 0


def test_a_damaged_trace_leaves_the_others_standing(server):
    traces = server.traces()
    ids = [traces["wrong_shape"]["id"], traces["non_finite"]["id"], traces["thousand"]["id"]]
    answer = server.json("suggestions", trace=ids, method="minimum")
    reasons = [suggestion["reason"] for suggestion in answer["suggestions"]]
    assert "A segment of this trace is damaged: expected float64 [rows, 3], received float32 [2, 5]." in reasons[0]
    assert "Only 1 points before the loss became NaN" in reasons[1]
    assert answer["suggestions"][2]["learning_rate"] is not None


def test_the_scalars_tab_has_learning_rate_and_loss(server):
    for tag, column in (("learning_rate", 1), ("loss", 2)):
        query = urllib.parse.urlencode({"run": "thousand", "tag": tag})
        with urllib.request.urlopen(f"{server.url}/data/plugin/scalars/scalars?{query}") as response:
            points = np.array(json.load(response))
        written = rows_of(synthetic_curve(1_000))
        np.testing.assert_allclose(points[:, 2], written[points[:, 1].astype(int), column].astype(np.float32))


KILLED = """
import sys, time
from pathlib import Path
from tests.support.traces import append, open_trace, synthetic_curve
writer = open_trace(Path(sys.argv[1]), 300)
append(writer, synthetic_curve(300), 0, 120)
writer.flush()
print("written", flush=True)
time.sleep(600)
"""


def test_a_killed_test_shows_its_rows_and_is_interrupted(tmp_path, load_fast):
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        with serve(tmp_path, load_fast) as server:
            running = server.wait_for(lambda traces: traces.get("killed"))
            assert running["status"] == "running"
            assert running["status_text"] == "Step 120 of 300."
            assert running["stop_reason"] == ""
            process.send_signal(signal.SIGKILL)
            process.wait()
            trace = server.wait_for(lambda traces: traces["killed"]["status"] != "running" and traces["killed"])
            assert trace["status"] == "interrupted"
            assert trace["status_text"] == "Interrupted after step 120: the process that wrote it is gone."
            assert server.rows(trace["id"]).tobytes() == rows_of(synthetic_curve(300))[:120].tobytes()


def test_a_silent_writer_on_another_machine_is_interrupted():
    away = header(300, process=Process(host="another machine", pid=1), started=1_000.0)
    assert status_of(away, 5, updated=2_000.0)[0] == "interrupted"
    assert status_of(away, 5, updated=time.time())[0] == "running"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_status_of_a_trace_is_that_of_the_very_process_that_writes_it():
    writer = this_process()
    assert writer.started is not None
    later = replace(writer, started=writer.started - 1)
    contained = replace(writer, pid=2**22 + 1, machine="another namespace")
    statuses = [status_of(header(300, process=one), 5, updated=time.time())[0] for one in (writer, later, contained)]
    assert statuses == ["running", "interrupted", "running"]


def test_trials_come_back_and_a_running_trace_says_what_it_is_doing(tmp_path):
    with serve(tmp_path) as server:
        writer = open_trace(tmp_path / "run", 300)
        append(writer, synthetic_curve(300))
        writer.report_trials(TRIALS[:1], "Short training 2 of 5, at 0.007.")
        server.wait_for(lambda traces: traces and traces["run"]["trials"])
        trace = server.traces()["run"]
        assert (trace["status"], trace["status_text"]) == ("running", "Short training 2 of 5, at 0.007.")
        writer.report_trials(TRIALS, "")
        writer.close()
        server.wait_for(lambda traces: traces["run"]["status"] == "finished")
        trials = server.traces()["run"]["trials"]
        assert [trial["value"] for trial in trials] == [0.31, 0.42, 0.25, 0.9, None]


@pytest.mark.parametrize("field", ["method", "spacing"])
def test_words_that_a_newer_version_knows_are_passed_over(field):
    content = {"kind": "range_test", "started": 1, "num_steps": 30, field: "new", "unheard_of": 1}
    decoded = schema.decode_header(np.array(json.dumps(content).encode(), dtype=object))
    assert decoded == schema.Header(kind="range_test", started=1.0, num_steps=30)


@pytest.mark.parametrize(
    ("status", "stop_reason", "kind"),
    [
        ("running", "", "running"),
        ("finished", "diverged", "broke"),
        ("finished", "", "complete"),
        # The process that wrote it is gone: it has written no reason.
        ("interrupted", "", "cut"),
        ("interrupted", "not_closed", "cut"),
    ],
)
def test_the_curve_knows_how_its_sweep_ended(status, stop_reason, kind):
    columns, rates = ("step", "learning_rate", "loss"), np.geomspace(1e-3, 1e-1, 20)
    table = Table(columns, np.column_stack([np.arange(20.0), rates, np.ones(20)]))
    facts = header(300, stop_reason=stop_reason)
    trace = Trace(
        run="a", session="s-1", status=status, status_text="", updated=1.0, columns=columns, num_rows=20, header=facts
    )
    assert trace.curve(table).ended == kind
    assert (trace.curve(table).ending.num_steps, trace.curve(table).ending.end_lr) == (300, 10.0)
