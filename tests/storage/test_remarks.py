"""What a person says of a run: checked where it is said, and found again in the header."""

from __future__ import annotations

import numpy as np
import pytest

from tb_lrfinder import RangeTest, ScheduleWriter, TraceWriter, import_curve, plan, write_curve
from tb_lrfinder.storage.remarks import Remarks, joined, remarks
from tb_lrfinder.storage.settings import alike, settings_in
from tests.support.recorded import recorded

SAID = {"hparams": {"width": 64, "augmented": True}, "note": "A wider head.", "tags": ["baseline", "wide"]}
CURVE = ([1e-3, 1e-2, 1e-1], [2.0, 1.0, 3.0])


def written(log_dir, one):
    """Writes a run of one kind with what is said of it."""
    if one is TraceWriter:
        TraceWriter(log_dir, **SAID).close()
    elif one is write_curve:
        write_curve(log_dir, *CURVE, **SAID)
    elif one is import_curve:
        import_curve(dict(zip(("lr", "loss"), CURVE, strict=True)), log_dir, **SAID)
    elif one is plan:
        plan(lambda step: 0.1, 5, log_dir, **SAID)
    elif one is ScheduleWriter:
        with ScheduleWriter(log_dir, **SAID) as writer:
            writer.record(0.1)
    else:
        with RangeTest(log_dir, restore=[], num_steps=5, verbose=0, **SAID) as test:
            for _ in test:
                test.report(1.0)


@pytest.mark.parametrize("one", [TraceWriter, write_curve, import_curve, plan, ScheduleWriter, RangeTest])
def test_what_a_person_says_of_a_run_stands_in_its_header(tmp_path, one):
    written(tmp_path, one)
    (trace,), _ = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.hparams, trace.header.note, trace.header.tags) == (
        {"width": 64, "augmented": True},
        "A wider head.",
        ("baseline", "wide"),
    )


class Named:
    """Has a name, as an `HParam` of TensorBoard's HParams, which needs TensorFlow."""

    def __init__(self, name):
        self.name = name


def test_scalars_become_plain_and_what_is_none_is_left_out():
    given = {
        Named("width"): np.int64(64),
        "rate": np.float32(0.9),
        "flag": np.bool_(True),
        "zero": np.array(0.0),
        "none": None,
    }
    said = remarks(hparams=given, tags=("a", "b", "a"), note="")
    assert said == Remarks(hparams={"width": 64, "rate": 0.9, "flag": True, "zero": 0.0}, note=None, tags=("a", "b"))
    assert [type(value) for value in said.hparams.values()] == [int, float, bool, float]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"hparams": [("width", 64)]},
            r"`hparams` must be a mapping of names .* Received: hparams=\[\('width', 64\)\].",
        ),
        ({"hparams": {"model": {"width": 64}}}, r"`hparams\['model'\]` must be a number or text or true or false."),
        ({"hparams": {"widths": np.ones(3)}}, r"`hparams\['widths'\]` must be a number or text or true or false."),
        ({"hparams": {"rate": float("inf")}}, r"`hparams\['rate'\]` must be a number that is finite or text"),
        ({"hparams": {3: 64}}, "`hparams` must be an object of at most 50 settings, with names of 1 to 100 printable"),
        ({"note": 3}, "`note` must be text or nothing. Received: note=3."),
        ({"note": "x" * 1001}, "`note` must be text of at most 1000 characters"),
        (
            {"tags": "baseline"},
            r"`tags` must be a list of texts, as in tags=\['baseline'\]. Received: tags='baseline'.",
        ),
        ({"tags": [["a"]]}, r"`tags\[0\]` must be text. Received: tags\[0\]=\['a'\]."),
        ({"tags": ["x" * 51]}, r"`tags\[0\]` must be text .* of at most 50 characters"),
    ],
)
def test_what_cannot_be_shown_or_compared_is_refused_before_anything_is_written(tmp_path, said, words):
    for make in (TraceWriter, ScheduleWriter, lambda log_dir, **options: RangeTest(log_dir, restore=[], **options)):
        with pytest.raises(ValueError, match=f"^{words}"):
            make(tmp_path / "run", **said)
    assert list(tmp_path.iterdir()) == []


def test_a_probe_says_its_own_first_and_never_more_than_a_header_holds():
    training = Remarks(hparams={"width": 64, "depth": 2}, note="The training's.", tags=("a",))
    assert joined(Remarks(hparams={"depth": 3}), training) == Remarks(
        hparams={"depth": 3, "width": 64}, note="The training's.", tags=("a",)
    )
    many = [Remarks(hparams={f"{name}{index}": index for index in range(50)}) for name in "ab"]
    assert joined(*many) == many[0]


def test_of_what_a_library_says_only_settings_are_taken():
    found = settings_in(
        {"a": np.float32(1e-7), "b": "x" * 200, "c": [1], "d": None, 5: 1, "e": float("nan"), "f": False}
    )
    assert found == {"a": 1e-7, "b": "x" * 99 + "…", "f": False}
    assert len(settings_in({str(index): index for index in range(60)})) == 50


def test_settings_of_several_are_those_in_which_they_agree():
    assert alike([{"a": 1, "b": 2, "c": 4}, {"a": 1, "b": 3}]) == {"a": 1}
    assert alike([]) == {}
