"""The example of other frameworks runs, and takes results shaped as those frameworks leave them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from examples import other_frameworks
from tb_lrfinder import suggest
from tb_lrfinder.cli import main
from tests.support.traces import synthetic_curve

RATES = synthetic_curve(100).learning_rates.tolist()
LOSSES = synthetic_curve(100).losses.tolist()


@pytest.fixture
def read(tmp_path, capsys):
    """Reads back, by run, what lies under the temporary directory."""

    def records():
        assert main.main(["suggest", str(tmp_path), "--json"]) == 0
        return {record["run"]: record for record in json.loads(capsys.readouterr().out)}

    return records


def test_both_ways_of_writing_a_training_give_the_same_suggestion(tmp_path, read):
    curve = other_frameworks.main(tmp_path, num_steps=150)
    expected = suggest(curve)
    assert expected.learning_rate is not None
    assert 0.05 < expected.learning_rate < 5.0
    records = read()
    assert sorted(records) == ["lists", "own_loop"]
    for record in records.values():
        assert (record["learning_rate"], record["lower"], record["upper"]) == (
            expected.learning_rate,
            expected.lower,
            expected.upper,
        )
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


# fastai records tensors without dimensions, the two others floats.
FASTAI = SimpleNamespace(recorder=SimpleNamespace(lrs=RATES, losses=[np.array(loss, np.float32) for loss in LOSSES]))
TORCH_LR_FINDER = SimpleNamespace(history={"lr": RATES, "loss": LOSSES})
LIGHTNING = SimpleNamespace(results={"lr": RATES, "loss": LOSSES})


@pytest.mark.parametrize(
    ("convert", "result", "losses", "stop_text"),
    [
        (other_frameworks.from_fastai, FASTAI, np.float32(LOSSES), "fastai's lr_find."),
        (other_frameworks.from_torch_lr_finder, TORCH_LR_FINDER, LOSSES, "torch-lr-finder's range test."),
        (other_frameworks.from_lightning, LIGHTNING, LOSSES, "Lightning's lr_find."),
    ],
)
def test_what_another_finder_recorded_comes_into_the_tab(tmp_path, read, convert, result, losses, stop_text):
    curve = convert(tmp_path / "run", result)
    np.testing.assert_array_equal(curve.learning_rates, RATES)
    np.testing.assert_array_equal(curve.losses, losses)
    record = read()["run"]
    assert (record["rows"], record["status_text"]) == (100, stop_text)
    assert record["learning_rate"] == suggest(curve).learning_rate is not None


def test_lightning_losses_kept_by_the_model_replace_the_smoothed_ones(tmp_path):
    smoothed = SimpleNamespace(results={"lr": RATES, "loss": [0.5] * len(RATES)})
    curve = other_frameworks.from_lightning(tmp_path, smoothed, LOSSES)
    np.testing.assert_array_equal(curve.losses, LOSSES)
