"""What is measured in a step checks itself, and knows which way is better."""

from __future__ import annotations

import pytest

from tb_lrfinder.loops.measured_step import MeasuredStep
from tb_lrfinder.loops.measuring import Measuring


@pytest.mark.parametrize(
    ("monitor", "mode"),
    [
        ("loss", "min"),
        ("val_loss", "min"),
        ("mean_absolute_error", "min"),
        ("accuracy", "max"),
        ("val_sparse_categorical_accuracy", "max"),
        ("auc", "max"),
        ("accuracy_loss", "min"),
    ],
)
def test_the_name_tells_which_way_is_better(monitor, mode):
    assert Measuring(monitor=monitor).better == mode
    assert Measuring(monitor=monitor, mode="max").better == "max"


@pytest.mark.parametrize("freq", [1, 4])
def test_the_first_and_every_so_manieth_step_is_evaluated(freq):
    measuring = Measuring(validation_data=object(), validation_freq=freq)
    assert [step for step in range(9) if measuring.validates_after(step)] == list(range(0, 9, freq))
    assert not Measuring(validation_freq=freq).validates_after(0)


def test_the_spread_of_huge_losses_is_no_error():
    step = MeasuredStep()
    for loss in (1e200, -1e200):
        step.add({"loss": loss})
    assert step.mean() == {"loss": 0.0}
    assert str(step.spread()) == "nan"


def test_a_value_that_one_batch_lacks_has_no_mean():
    step = MeasuredStep()
    step.add({"loss": 1.0, "accuracy": 0.5, "per_class": [0.1, 0.9]})
    step.add({"loss": 3.0})
    mean = step.mean()
    assert (mean["loss"], str(mean["accuracy"])) == (2.0, "nan")
    assert "per_class" not in mean
