"""A value of several range tests against a setting, as it is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from tb_lrfinder import suggest
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.writer import TraceWriter
from tests.server.test_wire import documented, fields_of
from tests.support.loaders import own_loader, python_loader
from tests.support.served_apps import Routes
from tests.support.traces import FACTS, append, as_recorded, plateaus, synthetic_curve, write_probe, write_training

# Each further curve falls at a rate four times as high.
CENTRES = {16: -3.1, 64: -2.5, 256: -1.9}


def write_test(log_dir: Path, curve: Curve, **facts: Any) -> str:
    """Writes a test; returns its id."""
    with TraceWriter(log_dir, num_steps=len(curve), **{**FACTS, **facts}) as writer:
        append(writer, curve)
    return f"{writer.session}/{log_dir.name}"


def write_sizes(log_dir: Path) -> dict[str, tuple[int, Curve]]:
    """Writes two tests of each batch size; returns size and curve by id."""
    written = {}
    for size, centre in CENTRES.items():
        for seed in range(2):
            curve = synthetic_curve(seed=seed, centre=centre)
            written[write_test(log_dir / f"b{size}-{seed}", curve, batch_size=size)] = (size, curve)
    return written


def asked(log_dir: Path, query: str, *ids: str, loader=python_loader) -> dict[str, Any]:
    """What the route says of these traces."""
    return Routes(loader(log_dir)).json("relations", "&".join([query, *(f"trace={quote(one)}" for one in ids)]))


@pytest.mark.parametrize("loader", [python_loader, own_loader])
def test_suggested_rates_stand_over_the_setting_with_the_sentence_that_they_allow(tmp_path, loader):
    written = write_sizes(tmp_path)
    answer = asked(tmp_path, "by=batch_size&group=optimizer", *written, loader=loader)
    assert fields_of({**answer, "left_out": None}) == fields_of({**documented("relations"), "left_out": None})
    for point, (id, (size, curve)) in zip(answer["points"], written.items(), strict=True):
        suggestion = suggest(as_recorded(curve))
        wanted = {"y": suggestion.learning_rate, "lower": suggestion.lower, "upper": suggestion.upper}
        assert point.items() >= {"id": id, "x": size, "group": "Adam", "edge": suggestion.edge, **wanted}.items()
    (group,) = answer["groups"]
    assert [(one["x"], one["count"]) for one in group["values"]] == [(size, 2) for size in CENTRES]
    x, y = np.log([[point[axis] for point in answer["points"]] for axis in "xy"])
    assert group["power"]["exponent"] == pytest.approx(np.polyfit(x, y, 1)[0])
    (sentence,) = answer["sentences"]
    assert sentence.startswith("With optimizer Adam, the suggested rate grows with the batch size to the power ")
    assert (answer["kind"], answer["left_out"]) == ("number", [])


def test_lowest_values_have_neither_band_nor_confidence(tmp_path):
    written = write_sizes(tmp_path)
    answer = asked(tmp_path, "by=batch_size&value=lowest", *written)
    for point in answer["points"]:
        assert point["y"] == pytest.approx(0.3, abs=0.05)
        assert (point["lower"], point["upper"], point["edge"], point["confidence"]) == (None,) * 4
    assert answer["groups"][0]["name"] is None
    assert answer["sentences"] == ["The lowest loss hardly changes with the batch size, over 16 to 256."]


def test_without_a_trace_all_tests_that_stand_alone_are_meant(tmp_path):
    written = write_sizes(tmp_path)
    write_training(tmp_path / "training", plateaus(), optimizer="Adam")
    write_probe(tmp_path / "probe", synthetic_curve(), Probe(training="t-1", step=100, learning_rate=0.1))
    answer = asked(tmp_path, "by=batch_size")
    assert {point["id"] for point in answer["points"]} == set(written)
    assert answer["left_out"] == []


def test_words_stand_as_texts_and_what_has_no_point_says_why(tmp_path):
    curve = synthetic_curve()
    adam, sgd = write_test(tmp_path / "adam", curve), write_test(tmp_path / "sgd", curve, optimizer="SGD")
    unknown = write_test(tmp_path / "unknown", curve, optimizer=None)
    short = write_test(tmp_path / "short", Curve(curve.learning_rates[:3], curve.losses[:3]))
    answer = asked(tmp_path, "by=optimizer", adam, sgd, unknown, short, "s/gone")
    assert [(point["id"], point["x"]) for point in answer["points"]] == [(adam, "Adam"), (sgd, "SGD")]
    assert (answer["kind"], answer["sentences"]) == ("word", [])
    reasons = {one["id"]: one["reason"] for one in answer["left_out"]}
    assert list(reasons) == [unknown, short, "s/gone"]
    assert reasons[unknown] == "Its optimizer is not known."
    assert "no trace 's/gone'" in reasons["s/gone"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("by=batch_size&value=highest", "`value` must be one of suggestion, lowest"),
        ("by=batch_size&method=magic", "`method` must be one of"),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path, query, words):
    id = write_test(tmp_path / "run", synthetic_curve())
    answer = Routes(python_loader(tmp_path)).ask("relations", f"{query}&trace={quote(id)}")
    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)


def test_a_training_that_swept_nothing_is_left_out(tmp_path):
    id = f"{write_training(tmp_path / 'training', plateaus(), optimizer='Adam')}/training"
    answer = asked(tmp_path, "by=optimizer", id)
    assert answer["points"] == []
    assert [one["id"] for one in answer["left_out"]] == [id]
