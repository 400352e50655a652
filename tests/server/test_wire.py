"""What is put on the wire, without a server: traces that no server of the other tests has."""

from __future__ import annotations

import json
import math
import re
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tb_lrfinder import suggest
from tb_lrfinder.columns import TRAINING, Table
from tb_lrfinder.curves.decimation import Resolution, RowSlice
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.server import wire
from tb_lrfinder.server.questions import Curves, Lowest, Suggestions
from tb_lrfinder.storage.trace import Trace
from tests.support.asking import asking
from tests.support.traces import TRIALS, as_recorded, header, rows_of, synthetic_curve

CURVE = as_recorded(synthetic_curve(300))
COLUMNS = ("step", "learning_rate", "loss", "epoch")


def trace_of(columns=COLUMNS, **facts):
    return Trace(
        run="run",
        session="s",
        status="finished",
        status_text="Done.",
        updated=1.0,
        columns=columns,
        num_rows=len(CURVE),
        header=header(300, **facts),
    )


def documented(route):
    """The example of an answer in http_api.md."""
    api = Path(wire.__file__).with_name("http_api.md").read_text(encoding="utf-8")
    (section,) = [section for section in api.split("\n## ") if section.startswith(f"`{route}")]
    block = section.split("```jsonc\n")[1].split("```")[0]
    return json.loads(re.sub(r"//.*", "", block))


def fields_of(value):
    """The names in an answer, those of lists taken from their first one."""
    if isinstance(value, dict):
        return {name: fields_of(one) for name, one in value.items()}
    return [fields_of(value[0])] if isinstance(value, list) and value else None


def listed_of(*traces):
    return json.loads(wire.encode_list(map(wire.encode_entry, traces))[0], parse_constant=pytest.fail)


def test_traces_and_suggestions_have_the_fields_that_are_documented():
    hyperparameters, hparams = {"beta_1": 0.9, "weight_decay": 0.01}, {"width": 64}
    facts = {"optimizer": "Adam", "batch_size": 32, "precision": "float32", "hparams": hparams}
    trace = trace_of(COLUMNS[:3], trials=TRIALS, hyperparameters=hyperparameters, **facts)
    listed = listed_of(trace)
    assert fields_of(listed) == fields_of(documented("traces"))
    ask = asking({trace.id: Table(COLUMNS[:3], rows_of(CURVE))})
    assert fields_of(wire.encode_suggestions([trace], ask, Suggestions())) == fields_of(documented("suggestions"))


def test_a_trace_whose_header_is_lost_has_the_same_fields():
    lost = replace(trace_of(()), header=None, num_rows=0)
    assert wire.encode_trace(lost).keys() == wire.encode_trace(trace_of()).keys()
    assert wire.encode_trace(lost)["kind"] == "range_test"


def test_the_guide_and_the_planner_find_their_words_in_the_list():
    listed = listed_of()
    assert {use["name"]: use["label"] for use in listed["uses"]} == {
        "constant": "Constant rate",
        "one_cycle": "1cycle peak",
        "cyclical": "Cyclical bounds",
    }
    assert {"Good", "Too short", "Only rises", "Noise"} <= {shape["label"] for shape in listed["shapes"]}
    assert {"Adam", "SGD"} <= set(listed["optimizers"])


def test_the_values_are_the_columns_that_can_be_drawn_over_the_rate():
    assert wire.encode_trace(trace_of((*COLUMNS[:3], "loss_std", "gap_std", "epoch")))["values"] == [
        "loss",
        "gap_std",
        "epoch",
    ]
    assert wire.encode_trace(trace_of(kind=TRAINING))["values"] == ["loss"]


def test_a_trial_has_the_monitored_value_as_it_was_measured():
    trials = (Trial(0.1, 30, -0.9, True), Trial(1.0, 3, math.inf, False))
    encoded = wire.encode_trace(trace_of(trials=trials, monitor="accuracy", mode="max"))
    assert encoded["monitor"] == "accuracy"
    assert encoded["trials"] == [
        {"learning_rate": 0.1, "steps": 30, "value": 0.9},
        {"learning_rate": 1.0, "steps": 3, "value": None},
    ]


@pytest.mark.parametrize(
    ("recorded", "asked", "expected"),
    [(None, None, "auto"), ("steepest", None, "steepest"), ("steepest", "valley", "valley")],
)
def test_a_trace_is_read_by_the_method_of_its_test_unless_another_one_is_asked_for(recorded, asked, expected):
    trace = trace_of(COLUMNS[:3], method=recorded)
    ask = asking({trace.id: Table(COLUMNS[:3], rows_of(CURVE))})
    (found,) = wire.encode_suggestions([trace], ask, Suggestions(asked))["suggestions"]
    assert wire.encode_trace(trace)["method"] == recorded
    assert (found["method"], found["learning_rate"]) == (expected, suggest(CURVE, expected).learning_rate)


@pytest.mark.parametrize(("recorded", "asked", "expected"), [(None, None, None), (5000, None, 5000), (5000, 200, 200)])
def test_a_suggestion_is_for_the_length_that_its_test_was_made_for_unless_another_one_is_asked_for(
    recorded, asked, expected
):
    trace = trace_of(COLUMNS[:3], total_steps=recorded)
    ask = asking({trace.id: Table(COLUMNS[:3], rows_of(CURVE))})
    (found,) = wire.encode_suggestions([trace], ask, Suggestions(total_steps=asked))["suggestions"]
    assert wire.encode_trace(trace)["total_steps"] == recorded
    assert found["reason"] == suggest(CURVE, total_steps=expected).reason


def directory_of(content):
    (length,) = struct.unpack("<I", content[4:8])
    return json.loads(content[8 : 8 + length])["traces"]


def curve_entry(trace, rows, *row_slice, **others):
    ask = asking({trace.id: Table(trace.columns, rows)})
    (entry,) = directory_of(wire.encode_curves([trace], ask, Curves(*row_slice, **others)))
    return entry


def test_the_lowest_point_is_that_of_the_rows_that_are_drawn_however_thin():
    rows, trace = rows_of(CURVE), trace_of(COLUMNS[:3])
    band = suggest(CURVE).band
    assert band is not None
    for resolution in (Resolution(), Resolution(20, 0.9, 1e-7, 1e-5)):
        lowest = curve_entry(trace, rows, resolution=resolution)["lowest"]
        assert lowest == {"learning_rate": band[1], "value": pytest.approx(0.29, abs=0.03)}
    falling = np.searchsorted(CURVE.learning_rates, band[1] / 100)
    cut = curve_entry(trace, rows, RowSlice(skip_end=300 - int(falling)))["lowest"]
    assert cut["learning_rate"] < band[1] / 50
    assert curve_entry(trace, rows, RowSlice(skip_end=295))["lowest"] is None


def test_an_accuracy_is_highest_as_it_was_measured():
    rows = np.column_stack([rows_of(CURVE), 1.0 / (1.0 + CURVE.losses)])
    entry = curve_entry(trace_of((*COLUMNS[:3], "accuracy")), rows, RowSlice("accuracy"))
    assert entry["lowest"]["value"] == pytest.approx(1 / 1.33, abs=0.03)


def test_only_the_loss_has_a_spread():
    rows = np.column_stack([rows_of(CURVE), CURVE.losses, CURVE.losses])
    trace = trace_of((*COLUMNS[:3], "loss_std", "accuracy"))
    assert curve_entry(trace, rows)["spread"] == "loss_std"
    assert curve_entry(trace, rows, RowSlice("accuracy"))["spread"] is None
    assert curve_entry(trace_of(COLUMNS[:3]), rows_of(CURVE))["spread"] is None


def test_only_a_training_has_epochs_whatever_a_range_test_has_measured():
    rows = Table(COLUMNS, np.column_stack([rows_of(CURVE), (np.arange(300) + 1) / 100]))
    test, training = trace_of(), trace_of(kind=TRAINING)
    assert Curves(by="epoch").answer(test, rows).rows == 300
    reduced = Curves(by="epoch").answer(training, rows)
    assert (reduced.rows, tuple(reduced.columns)) == (3, COLUMNS)


def test_where_a_curve_is_lowest_is_asked_once_for_all_resolutions():
    asked, trace = [], trace_of(COLUMNS[:3])
    answers = asking({trace.id: Table(COLUMNS[:3], rows_of(CURVE))})

    def ask(traces, question):
        asked.append(question)
        return answers(traces, question)

    for zoom in (0.0, 1e-3):
        wire.encode_curves(
            [trace], ask, Curves(RowSlice(skip_start=5), resolution=Resolution(max_points=50, lower=zoom))
        )
    assert [question for question in asked if isinstance(question, Lowest)] == [Lowest(RowSlice(skip_start=5))] * 2
