"""The probes of trainings as they are served: points, sentences, and the words for what cannot be read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.server import probes
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.writer import TraceWriter
from tests.server.test_wire import documented, fields_of
from tests.support.damage import event, write_events
from tests.support.loaders import own_loader, python_loader
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


def asked(log_dir: Path, *ids: str) -> list[dict[str, Any]]:
    """What the route says of these traces."""
    query = "&".join(f"trace={quote(one)}" for one in ids)
    return Routes(python_loader(log_dir)).json("probes", query)["probes"]


def probe(training: str, step: int, learning_rate: float = 0.01) -> Probe:
    return Probe(training=training, step=step, learning_rate=learning_rate)


def test_an_answer_has_the_fields_that_are_documented(tmp_path):
    session = write_probed(tmp_path / "run", (300, 600))
    (entry,) = asked(tmp_path, f"{session}/run")
    assert fields_of({"probes": [entry]}) == fields_of(documented("probes"))
    assert entry["error"] is None


def test_every_probe_is_a_point_with_what_the_suggestions_say_of_it(tmp_path):
    session = write_probed(tmp_path / "run", (600, 0, 300))
    (entry,) = asked(tmp_path, f"{session}/run")
    points = entry["points"]
    query = "&".join(f"trace={quote(point['id'])}" for point in points)
    found = Routes(own_loader(tmp_path)).json("suggestions", query)["suggestions"]
    assert [point["step"] for point in points] == [0, 300, 600]
    for point, suggestion in zip(points, found, strict=True):
        assert point["suggestion"] == suggestion["learning_rate"] is not None
        assert point["confidence"] == suggestion["confidence"]["word"]
        assert {name: point[name] for name in ("id", "lower", "upper", "edge", "reason")} == {
            name: suggestion[name] for name in ("id", "lower", "upper", "edge", "reason")
        }
    facts = {"run": "run/probes", "epoch": 6.0, "learning_rate": 0.001, "seconds": 1.5, "left_out": 1, "steps": 100}
    assert {name: points[2][name] for name in facts} == facts
    assert points[2]["status"] == "finished"


def test_the_method_is_the_one_that_the_probe_has_recorded(tmp_path):
    session = write_training(tmp_path / "run", plateaus())
    for step, method in enumerate(("auto", "steepest")):
        write_probe(tmp_path / "run/probes", synthetic_curve(100), probe(session, step), method=method)
    (entry,) = asked(tmp_path, f"{session}/run")
    auto, steepest = entry["points"]
    assert (auto["confidence"], steepest["confidence"]) == ("likely", None)
    assert steepest["reason"] == "The rate at which the loss falls fastest."


def test_the_sentences_know_the_loss_of_the_training(tmp_path):
    """The rate is near the edge at both probes, and the loss rises at the second one."""
    session = write_probed(tmp_path / "run", ())
    for step, rate in ((150, 0.4), (300, 0.5)):
        write_probe(tmp_path / "run/probes", synthetic_curve(100), probe(session, step, rate))
    (entry,) = asked(tmp_path, f"{session}/run")
    edge = entry["points"][0]["edge"]
    assert entry["sentences"][0] == (
        f"At all 2 probes the schedule came within 2 of the edge, at step 300 within {edge / 0.5:.2g}; the loss rose there."
    )


@pytest.mark.parametrize("loader", [python_loader, own_loader])
def test_a_damaged_probe_is_a_point_that_says_so_beside_the_others(tmp_path, loader):
    session = write_probed(tmp_path / "run", (0, 300))
    with TraceWriter(tmp_path / "run/probes", probe=probe(session, 200), **FACTS) as writer:
        pass
    write_events(tmp_path / "run/probes", event(schema.rows_tag(writer.session, 0), np.zeros((2, 5), np.float32)))
    (entry,) = Routes(loader(tmp_path)).json("probes", f"trace={session}/run")["probes"]
    first, broken, last = entry["points"]
    assert broken["reason"].startswith("A segment of this trace is damaged: expected float64 [rows, 3]")
    assert [broken[name] for name in ("suggestion", "lower", "upper", "edge", "confidence")] == [None] * 5
    assert (broken["step"], broken["learning_rate"]) == (200, 0.01)
    assert first["suggestion"]
    assert last["suggestion"]
    assert "At 1 of 3 probes nothing could be suggested: a segment of this trace is damaged." in entry["sentences"]


def test_a_probe_that_runs_is_a_point_of_which_nothing_is_said_yet(tmp_path):
    session = write_training(tmp_path / "run", plateaus())
    writer = TraceWriter(tmp_path / "run/probes", probe=probe(session, 20), **FACTS)
    append(writer, synthetic_curve(100), 0, 5)
    writer.flush()
    (entry,) = asked(tmp_path, f"{session}/run")
    writer.close()
    assert [(point["status"], point["suggestion"], point["seconds"]) for point in entry["points"]] == [
        ("running", None, None)
    ]
    assert entry["sentences"] == []


def test_a_training_without_probes_has_none_and_other_traces_say_why(tmp_path):
    training = write_training(tmp_path / "training", plateaus())
    test = write_trace(tmp_path / "test", synthetic_curve(50))
    write_events(tmp_path / "damaged", event(schema.header_tag("s-1"), b"not json"))
    ids = [f"{training}/training", f"{test}/test", "s-1/damaged", "s-2/gone"]
    bare, of_test, damaged, gone = asked(tmp_path, *ids)
    assert bare == {"id": ids[0], "points": [], "sentences": [], "error": None}
    assert of_test["error"] == "A range test has no probes: only a training has."
    assert damaged["error"].startswith("The header of this trace is not a JSON object.")
    assert gone["error"].startswith("There is no trace 's-2/gone' any more")


def test_of_very_many_probes_an_even_part_is_shown_and_that_is_said(tmp_path, monkeypatch):
    session = write_training(tmp_path / "run", plateaus())
    for step in range(9):
        write_probe(tmp_path / "run/probes", synthetic_curve(20), probe(session, step))
    monkeypatch.setattr(probes, "MAX_POINTS", 5)
    (entry,) = asked(tmp_path, f"{session}/run")
    assert [point["step"] for point in entry["points"]] == [0, 2, 4, 6, 8]
    assert entry["sentences"][-1] == "5 of 9 probes are shown."
    monkeypatch.setattr(probes, "MAX_ANSWERED", 6)
    other = write_training(tmp_path / "other", plateaus())
    entry, _ = asked(tmp_path, f"{session}/run", f"{other}/other")
    assert [point["step"] for point in entry["points"]] == [0, 4, 8]


def test_an_error_that_nobody_foresaw_is_the_words_of_its_training(tmp_path, monkeypatch):
    ids = [f"{write_probed(tmp_path / run, (0, 300))}/{run}" for run in ("bad", "good")]
    tell, calls = probes.sentences, []

    def breaks(points):
        calls.append(points)
        return tell(points) if len(calls) > 1 else 1 // 0

    monkeypatch.setattr(probes, "sentences", breaks)
    bad, good = asked(tmp_path, *ids)
    assert bad["error"].startswith("This trace cannot be read: ZeroDivisionError")
    assert bad["points"] == []
    assert (len(good["points"]), good["error"]) == (2, None)


def test_numbers_of_any_size_are_strict_json(tmp_path):
    session = write_training(tmp_path / "run", plateaus())
    rates = np.geomspace(1e-300, 1e300, 50)
    curve = Curve(rates, np.where(np.arange(50) > 25, math.nan, 1.0))
    for step, rate in ((0, 0.0), (2**53, 1e308)):
        given = Probe(training=session, step=step, learning_rate=rate, epoch=1e308, left_out=2**53)
        write_probe(tmp_path / "run/probes", curve, given)
    (entry,) = asked(tmp_path, f"{session}/run")
    assert [point["learning_rate"] for point in entry["points"]] == [0.0, 1e308]
    assert all(words.endswith(".") for words in entry["sentences"])


def test_a_probe_that_was_stopped_before_its_first_step_says_why_it_suggests_nothing(tmp_path):
    session = write_training(tmp_path / "run", plateaus())
    with TraceWriter(tmp_path / "run/probes", probe=probe(session, 5), **FACTS):
        pass
    (entry,) = asked(tmp_path, f"{session}/run")
    assert [point["reason"] for point in entry["points"]] == ["Only 0 points: at least 10 are needed."]
    assert entry["sentences"] == ["At the one probe nothing could be suggested: only 0 points."]
