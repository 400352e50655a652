"""`BatchLosses`: a running mean taken apart again."""

import numpy as np

from tb_lrfinder.rates.batch_losses import BatchLosses


def test_gives_the_losses_back_over_bunches_and_epochs():
    losses = np.random.default_rng(0).uniform(0.5, 2.0, 30)
    means = np.cumsum(losses) / np.arange(1, 31)
    taken = BatchLosses()
    for _ in range(2):
        found = [taken.add(means[part], np.arange(1.0, 31)[part]) for part in (slice(0, 7), slice(7, 8), slice(8, 30))]
        np.testing.assert_allclose(np.concatenate(found), losses, rtol=1e-12)
        taken.end_epoch()


def test_the_last_batch_may_be_smaller():
    losses, weights = np.array([1.0, 3.0, 8.0]), np.array([1.0, 2.0, 2.25])
    means = np.array([1.0, 2.0, (1.0 + 3.0 + 0.25 * 8.0) / 2.25])
    np.testing.assert_allclose(BatchLosses().add(means, weights), losses)


def test_a_training_that_diverges_has_losses_that_are_not_finite():
    found = BatchLosses().add(np.array([1.0, np.inf, np.inf]), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(found, [1.0, np.inf, np.nan])
