"""`Measuring`: which way is better, and after which steps the validation data are evaluated."""

from __future__ import annotations

import pytest

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
def test_the_first_and_every_nth_step_is_evaluated(freq):
    measuring = Measuring(validation_data=object(), validation_freq=freq)
    assert [step for step in range(9) if measuring.validates_after(step)] == list(range(0, 9, freq))
    assert not Measuring(validation_freq=freq).validates_after(0)
