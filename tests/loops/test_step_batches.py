"""`StepBatches`: mean and spread over the batches of a step."""

from __future__ import annotations

from tb_lrfinder.loops.step_batches import StepBatches


def test_the_spread_of_huge_losses_is_no_error():
    step = StepBatches()
    for loss in (1e200, -1e200):
        step.add({"loss": loss})
    assert step.mean() == {"loss": 0.0}
    assert str(step.spread()) == "nan"


def test_a_value_that_one_batch_lacks_has_no_mean():
    step = StepBatches()
    step.add({"loss": 1.0, "accuracy": 0.5, "per_class": [0.1, 0.9]})
    step.add({"loss": 3.0})
    mean = step.mean()
    assert (mean["loss"], str(mean["accuracy"])) == (2.0, "nan")
    assert "per_class" not in mean
