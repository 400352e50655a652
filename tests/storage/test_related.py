"""Which probes belong to which training, and which range test: by recorded facts alone."""

from __future__ import annotations

from typing import Any

import pytest

from tb_lrfinder.columns import PLAN, RANGE_TEST, TRAINING
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.related import pairs_by_trace, probes_by_training
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.trace import Trace, unreadable

ALIKE: dict[str, Any] = {"model": "Functional", "parameters": 101_770, "optimizer": "Adam", "batch_size": 32}


def trace(name: str, kind: str, started: float = 0.0, continued_by: tuple[str, ...] = (), **facts: Any) -> Trace:
    """A trace whose session is its run's name, `/` left out."""
    header = Header(kind=kind, started=started, status="finished", **facts)
    session = facts.pop("session", name.replace("/", "-"))
    return Trace(
        run=name, session=session, status="finished", status_text="Done.", updated=started, header=header,
        continued_by=continued_by,
    )  # fmt: skip


def probe(training: str, step: int, run: str = "run/probes", started: float = 0.0) -> Trace:
    header = Header(kind=RANGE_TEST, started=started, probe=Probe(training=training, step=step, learning_rate=0.1))
    session = f"probe-{training}-{step}-{started:.0f}"
    return Trace(run=run, session=session, status="finished", status_text="Done.", updated=1.0, header=header)


def sessions(traces: tuple[Trace, ...]) -> list[str]:
    return [one.session for one in traces]


def test_the_probes_of_a_training_stand_in_order_of_step():
    traces = (probe("run", 300), trace("run", TRAINING), probe("run", 100), probe("other", 7), trace("other", TRAINING))
    found = probes_by_training(traces)
    assert sessions(found["run/run"]) == ["probe-run-100-0", "probe-run-300-0"]
    assert sessions(found["other/other"]) == ["probe-other-7-0"]
    assert len(found) == 2


def test_of_two_probes_at_one_step_the_earlier_is_the_first():
    traces = (trace("run", TRAINING), probe("run", 5, started=9.0), probe("run", 5, started=3.0))
    assert sessions(probes_by_training(traces)["run/run"]) == ["probe-run-5-3", "probe-run-5-9"]


def test_the_probes_of_a_training_that_went_on_in_other_processes_are_all_its_own():
    training = trace("run", TRAINING, continued_by=("second", "third"))
    found = probes_by_training((probe("third", 30), probe("run", 10), probe("second", 20), training))
    assert sessions(found["run/run"]) == ["probe-run-10-0", "probe-second-20-0", "probe-third-30-0"]


def test_probes_whose_training_nobody_recorded_stand_under_the_id_that_it_would_have_in_their_run():
    found = probes_by_training((probe("lost", 1), probe("lost", 2), probe("lost", 1, run="copy/probes")))
    assert {owner: len(probes) for owner, probes in found.items()} == {"lost/run/probes": 2, "lost/copy/probes": 1}


def test_of_a_copied_directory_each_training_has_the_probes_beside_it():
    trainings = [trace(run, TRAINING) for run in ("a/run", "b/run")]
    copies = [Trace(**{**vars(one), "session": "s"}) for one in trainings]
    probes = [probe("s", 1, run="b/run/probes"), probe("s", 1, run="a/run/probes")]
    found = probes_by_training((*copies, *probes))
    assert [one.run for one in found["s/a/run"]] == ["a/run/probes"]
    assert [one.run for one in found["s/b/run"]] == ["b/run/probes"]


def test_neither_a_test_nor_a_plan_nor_a_damaged_trace_has_probes():
    damaged = unreadable("damaged", "damaged", SchemaError("Lost."))
    traces = (trace("test", RANGE_TEST), trace("plan", PLAN), damaged)
    found = probes_by_training((*traces, *(probe(one.session, 1) for one in traces)))
    assert set(found) == {"test/run/probes", "plan/run/probes", "damaged/run/probes"}


def paired(*traces: Trace) -> dict[str, tuple[str, str]]:
    """Test and reason by training."""
    found = pairs_by_trace(traces)
    trainings = [one for one in traces if one.header_or_default.kind == TRAINING]
    return {one.run: (pair.test.run, pair.because) for one in trainings for pair in found.get(one.id, ())}


def test_a_training_belongs_to_the_latest_test_before_it_or_else_to_the_latest_of_all():
    tests = [trace(f"test{at}", RANGE_TEST, at, **ALIKE) for at in (30.0, 10.0, 20.0)]
    trainings = [trace(f"training{at}", TRAINING, at, **ALIKE) for at in (5.0, 10.0, 25.0, 99.0)]
    assert paired(*trainings, *tests) == {
        "training5.0": ("test30.0", "same"),
        "training10.0": ("test30.0", "same"),
        "training25.0": ("test20.0", "same"),
        "training99.0": ("test30.0", "same"),
    }


@pytest.mark.parametrize("fact", ALIKE)
@pytest.mark.parametrize("known", [None, "another"])
def test_what_is_not_known_or_not_the_same_makes_no_pair(fact, known):
    other = {"another": {"model": "Sequential", "parameters": 3, "optimizer": "SGD", "batch_size": 64}[fact]}.get(
        known or ""
    )
    facts = {**ALIKE, fact: other}
    training, test = trace("training", TRAINING, 2.0, **ALIKE), trace("test", RANGE_TEST, 1.0, **ALIKE)
    assert paired(training, test) == {"training": ("test", "same")}
    assert paired(training, trace("test", RANGE_TEST, 1.0, **facts)) == {}
    assert paired(trace("training", TRAINING, 2.0, **facts), trace("test", RANGE_TEST, 1.0, **facts)) == (
        {"training": ("test", "same")} if known else {}
    )


def test_a_test_that_a_person_named_goes_before_all_others():
    named, latest = trace("named", RANGE_TEST, 1.0, optimizer="SGD"), trace("latest", RANGE_TEST, 2.0, **ALIKE)
    training = trace("training", TRAINING, 3.0, range_test="named", **ALIKE)
    assert paired(named, latest, training) == {"training": ("named", "named")}
    assert paired(latest, training) == {}


def test_a_probe_is_no_test_of_a_training_unless_a_person_names_it():
    header = Header(kind=RANGE_TEST, started=1.0, probe=Probe(training="training", step=1, learning_rate=0.1), **ALIKE)
    of_it = Trace(run="p", session="probe", status="finished", status_text="Done.", updated=1.0, header=header)
    assert paired(of_it, trace("training", TRAINING, 2.0, **ALIKE)) == {}
    assert paired(of_it, trace("training", TRAINING, 2.0, range_test="probe", **ALIKE)) == {"training": ("p", "named")}


def test_a_test_has_all_its_trainings_in_order_of_their_starts():
    trainings = [trace(f"training{at:.0f}", TRAINING, at, **ALIKE) for at in (9.0, 7.0, 8.0)]
    found = pairs_by_trace((*trainings, trace("test", RANGE_TEST, 1.0, **ALIKE)))
    assert [pair.training.run for pair in found["test/test"]] == ["training7", "training8", "training9"]


def test_a_trace_that_cannot_be_read_is_left_out():
    damaged = unreadable("damaged", "damaged", SchemaError("Lost."))
    training = trace("training", TRAINING, 2.0, range_test="damaged", **ALIKE)
    assert pairs_by_trace((damaged, training)) == {}
