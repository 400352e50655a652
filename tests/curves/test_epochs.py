"""`by_epoch`: the rows of a training, one per epoch."""

import numpy as np

from tb_lrfinder.curves.epochs import by_epoch

COLUMNS = ("step", "learning_rate", "loss", "epoch")


def test_an_epoch_has_its_last_rate_and_its_mean_loss():
    steps = np.arange(9.0)
    rows = np.column_stack([steps, np.repeat([0.1, 0.2, 0.3], 3), steps, (steps + 1) / 3])
    expected = [[2.0, 0.1, 1.0, 1.0], [5.0, 0.2, 4.0, 2.0], [8.0, 0.3, 7.0, 3.0]]
    np.testing.assert_allclose(by_epoch(rows, COLUMNS), expected)


def test_a_row_weighs_as_much_as_the_steps_it_stands_for():
    rows = np.array([[0.0, 0.1, 1.0, 0.25], [3.0, 0.1, 5.0, 1.0], [4.0, 0.2, 7.0, 1.25]])
    np.testing.assert_allclose(by_epoch(rows, COLUMNS), [[3.0, 0.1, 4.0, 1.0], [4.0, 0.2, 7.0, 1.25]])


def test_no_rows_stay_no_rows():
    assert by_epoch(np.empty((0, 4)), COLUMNS).shape == (0, 4)
