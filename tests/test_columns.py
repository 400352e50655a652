"""Tables whose columns have names, and the names themselves."""

from __future__ import annotations

import numpy as np
import pytest

from tb_lrfinder.columns import MEASURED, PLAN, RANGE_TEST, TRAINING, Table, drawable, metric_columns

TABLE = Table(("step", "loss"), np.array([[0.0, 3.0], [1.0, 2.0], [2.0, 1.0]]))


def test_a_column_is_found_by_its_name():
    np.testing.assert_array_equal(TABLE["loss"], [3.0, 2.0, 1.0])
    assert TABLE.get("accuracy") is None
    assert "accuracy" not in TABLE
    with pytest.raises(KeyError, match="There is no column 'accuracy': there are step, loss."):
        TABLE["accuracy"]


@pytest.mark.parametrize("rows", [[0, 2], slice(None, None, 2), np.array([True, False, True])])
def test_some_rows_are_a_table_again(rows):
    assert TABLE.take(rows)["loss"].tolist() == [3.0, 1.0]


def test_a_column_is_put_in_place_or_at_the_end():
    assert TABLE.with_column("loss", np.zeros(3)).columns == ("step", "loss")
    longer = TABLE.with_column("epoch", np.ones(3))
    assert longer.columns == ("step", "loss", "epoch")
    assert longer["epoch"].tolist() == [1.0, 1.0, 1.0]
    assert TABLE["loss"].tolist() == [3.0, 2.0, 1.0]


def test_rows_follow_rows_of_the_same_columns():
    assert TABLE.take([0]).followed_by(TABLE.take([1, 2])).values.tolist() == TABLE.values.tolist()
    with pytest.raises(ValueError, match="the same columns. Received: step, loss and step, loss, epoch."):
        TABLE.followed_by(TABLE.with_column("epoch", np.ones(3)))


@pytest.mark.parametrize(
    ("columns", "words"), [(("step",), r"Received: shape \[3, 2\]"), (("step", "step"), "Received: step, step.")]
)
def test_what_is_no_table_is_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        Table(columns, TABLE.values)


def test_what_can_be_drawn_depends_on_what_recorded_it():
    columns = ["step", "learning_rate", "loss", "loss_std", "momentum", "epoch", "gap_std"]
    assert drawable(RANGE_TEST, columns) == ["loss", "momentum", "epoch", "gap_std"]
    assert drawable(TRAINING, ["step", "learning_rate", "loss", "loss_min", "epoch", "momentum"]) == ["loss"]
    assert drawable(PLAN, ["step", "learning_rate", "epoch"]) == []


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_a_column_that_a_range_test_measures_is_neither_drawn_nor_a_metrics_own(name):
    assert drawable(RANGE_TEST, ["loss", name]) == ["loss"]
    assert metric_columns([name]) == {name: f"metric_{name}"}


def test_a_metric_called_like_a_column_of_ours_gets_a_name_of_its_own():
    names = metric_columns(["learning_rate", "accuracy", "step", "metric_step", "smoothed"])
    assert names == {
        "learning_rate": "metric_learning_rate",
        "accuracy": "accuracy",
        "step": "metric_metric_step",
        "metric_step": "metric_step",
        "smoothed": "metric_smoothed",
    }
