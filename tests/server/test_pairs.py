"""Trainings beside the range tests that they belong to, as they are served."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from tb_lrfinder import suggest
from tb_lrfinder.columns import PLAN
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.server import pairs
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.writer import TraceWriter
from tests.server.test_wire import documented, fields_of
from tests.support.damage import event, write_events
from tests.support.loaders import own_loader, python_loader
from tests.support.served_apps import Routes
from tests.support.traces import FACTS, append, as_recorded, plateaus, synthetic_curve, write_training

ALIKE: dict[str, Any] = {"model": "Functional", "parameters": 101_770}
CURVE = synthetic_curve(300)


def write_test(log_dir: Path, curve=CURVE, **facts: Any) -> str:
    """Writes a test of the model; returns its id."""
    with TraceWriter(log_dir, num_steps=len(curve), **{**FACTS, **ALIKE, **facts}) as writer:
        append(writer, curve)
    return f"{writer.session}/{log_dir.name}"


def write_model(log_dir: Path, **facts: Any) -> str:
    """Writes a training of the model, at 0.1 and below; returns its id."""
    given = {"optimizer": "Adam", "batch_size": 32, **ALIKE, **facts}
    return f"{write_training(log_dir, plateaus(), **given)}/{log_dir.name}"


def asked(log_dir: Path, *ids: str, loader=python_loader) -> list[dict[str, Any]]:
    """What the route says of these traces."""
    return Routes(loader(log_dir)).json("pairs", "&".join(f"trace={quote(one)}" for one in ids))["pairs"]


@pytest.mark.parametrize("loader", [python_loader, own_loader])
def test_a_training_and_its_test_are_found_from_either_side(tmp_path, loader):
    test, training = write_test(tmp_path / "test"), write_model(tmp_path / "training")
    of_training, of_test = asked(tmp_path, training, test, loader=loader)
    suggested = suggest(as_recorded(CURVE)).learning_rate
    assert suggested is not None
    (pair,) = of_training["pairs"]
    assert pair == {
        "training": training,
        "test": test,
        "training_run": "training",
        "test_run": "test",
        "trained_at": 0.1,
        "suggested": suggested,
        "ratio": 0.1 / suggested,
        "because": "same",
        "sentence": "Trained at 0.1, suggested 0.0196: 5.1 times as high.",
    }
    assert of_test["pairs"] == [pair]
    assert (of_training["id"], of_test["id"]) == (training, test)
    assert fields_of({"pairs": [of_test]}) == fields_of(documented("pairs"))


def test_a_test_that_a_person_named_is_the_one(tmp_path):
    named = write_test(tmp_path / "named", optimizer="SGD")
    other = write_test(tmp_path / "other")
    training = write_model(tmp_path / "training", range_test=named.partition("/")[0])
    of_training, of_named, of_other = asked(tmp_path, training, named, other)
    assert [(pair["test"], pair["because"]) for pair in of_training["pairs"]] == [(named, "named")]
    assert [pair["training"] for pair in of_named["pairs"]] == [training]
    assert of_other == {"id": other, "pairs": [], "error": None}


def test_a_test_without_a_suggestion_is_a_pair_without_a_ratio(tmp_path):
    flat = CURVE.learning_rates[:100], np.ones(100)
    write_test(tmp_path / "test", type(CURVE)(*flat))
    (entry,) = asked(tmp_path, write_model(tmp_path / "training"))
    (pair,) = entry["pairs"]
    assert (pair["suggested"], pair["ratio"]) == (None, None)
    assert pair["sentence"] == "Trained at 0.1; the range test suggests no rate."


def test_a_test_is_read_by_the_method_that_it_has_recorded(tmp_path):
    write_test(tmp_path / "test", method="steepest")
    (entry,) = asked(tmp_path, write_model(tmp_path / "training"))
    assert entry["pairs"][0]["suggested"] == suggest(as_recorded(CURVE), "steepest").learning_rate


def test_a_training_without_a_step_has_no_pair_yet(tmp_path):
    test = write_test(tmp_path / "test")
    header = schema.Header(kind="training", started=2e9, optimizer="Adam", batch_size=32, **ALIKE)
    trace = TrainingTrace(tmp_path / "training", header)
    trace.close("finished", "The training ended.")
    of_training, of_test = asked(tmp_path, f"{trace._writer.session}/training", test)
    assert (of_training["pairs"], of_training["error"], of_test["pairs"]) == ([], None, [])


def test_what_cannot_be_read_or_is_no_training_says_so_beside_the_others(tmp_path):
    test, training = write_test(tmp_path / "test"), write_model(tmp_path / "training")
    broken = write_model(tmp_path / "broken")
    tag = schema.rows_tag(broken.partition("/")[0], 1)
    write_events(tmp_path / "broken", event(tag, np.zeros((2, 5), np.float32), step=10_000))
    write_events(tmp_path / "damaged", event(schema.header_tag("s-1"), b"not json"))
    header = schema.Header(kind=PLAN, started=1.0)
    plan = TrainingTrace(tmp_path / "plan", header)
    plan.close("finished", "Planned.")
    ids = [test, broken, "s-1/damaged", "s-2/gone", f"{plan._writer.session}/plan"]
    of_test, of_broken, damaged, gone, of_plan = asked(tmp_path, *ids)
    assert [pair["training"] for pair in of_test["pairs"]] == [training]
    assert of_broken["pairs"] == damaged["pairs"] == gone["pairs"] == of_plan["pairs"] == []
    assert of_broken["error"].startswith("All segments of this trace must have the columns of the first one")
    assert damaged["error"].startswith("The header of this trace is not a JSON object.")
    assert gone["error"].startswith("There is no trace 's-2/gone' any more")
    assert of_plan["error"] == "A plan belongs to no range test: only a training does."


def test_of_very_many_trainings_a_test_has_the_latest(tmp_path, monkeypatch):
    monkeypatch.setattr(pairs, "MAX_PAIRS", 2)
    test = write_test(tmp_path / "test")
    trainings = [write_model(tmp_path / f"training{number}") for number in range(3)]
    (entry,) = asked(tmp_path, test)
    assert [pair["training"] for pair in entry["pairs"]] == trainings[1:]
