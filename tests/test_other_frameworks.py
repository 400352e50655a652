"""The example of other frameworks runs."""

from __future__ import annotations

import json

import pytest

from examples import other_frameworks
from tb_lrfinder import suggest
from tb_lrfinder.cli import main


@pytest.fixture
def read(tmp_path, capsys):
    """Reads back, by run, what lies under the temporary directory."""

    def records():
        assert main.main(["suggest", str(tmp_path), "--json"]) == 0
        return {record["run"]: record for record in json.loads(capsys.readouterr().out)}

    return records


def test_all_ways_of_writing_a_training_give_the_same_suggestion(tmp_path, read):
    curve = other_frameworks.main(tmp_path, num_steps=150)
    expected = suggest(curve)
    assert expected.learning_rate is not None
    assert 0.05 < expected.learning_rate < 5.0
    records = read()
    assert sorted(records) == ["history", "lists", "own_loop"]
    for record in records.values():
        rates = (record["learning_rate"], record["lower"], record["upper"])
        assert rates == pytest.approx((expected.learning_rate, expected.lower, expected.upper))
        assert (record["rows"], record["num_steps"], record["status"]) == (150, 150, "finished")
        assert (record["start_lr"], record["end_lr"]) == pytest.approx((1e-4, 1e3))
        assert (record["optimizer"], record["batch_size"]) == ("SGD", 32)


def test_an_exception_in_a_loop_of_ones_own_marks_the_test_as_interrupted(tmp_path, read, monkeypatch):
    losses = iter([1.0, 2.0])
    monkeypatch.setattr(other_frameworks.LogisticRegression, "train_step", lambda model, rate: next(losses))
    with pytest.raises(StopIteration):
        other_frameworks.run_own_loop(tmp_path / "own_loop", [0.1, 0.2, 0.3])
    record = read()["own_loop"]
    assert (record["status"], record["rows"]) == ("interrupted", 2)
    assert record["status_text"] == "Interrupted after step 2: StopIteration."
