"""`Curve` and `Sweep`: what they accept, and what they say of the rest."""

import numpy as np
import pytest

from tb_lrfinder import Curve
from tb_lrfinder.curves.sweep import Sweep


def test_keeps_raw_losses_and_freezes_a_copy():
    losses = np.array([2.0, np.nan, np.inf])
    curve = Curve([1e-3, 1e-2, 1e-1], losses)
    losses[0] = 7.0
    np.testing.assert_array_equal(curve.losses, [2.0, np.nan, np.inf])
    with pytest.raises(ValueError, match="read-only"):
        curve.losses[0] = 1.0


@pytest.mark.parametrize(
    ("rates", "losses", "message"),
    [
        ([1e-3, 1e-2], [1.0], "must have the same length. Received: 2 learning rates and 1 losses."),
        ([[1e-3]], [[1.0]], "`learning_rates` must be a 1-D array. Received: an array of shape (1, 1)."),
        ([1e-3, 0.0], [1.0, 1.0], "must be positive and finite. Received: learning_rates[1]=0.0."),
        ([1e-3, np.nan], [1.0, 1.0], "must be positive and finite. Received: learning_rates[1]=nan."),
        ([1e-2, 1e-3], [1.0, 1.0], "Received: learning_rates[0]=0.01 before learning_rates[1]=0.001."),
    ],
)
def test_refuses_what_is_no_curve(rates, losses, message):
    with pytest.raises(ValueError) as caught:
        Curve(rates, losses)
    assert message in str(caught.value)


def test_log_sweep_has_equal_ratios_and_exact_ends():
    rates = Sweep(1e-7, 10.0, 401).learning_rates()
    assert rates[0] == 1e-7
    assert rates[-1] == 10.0
    np.testing.assert_allclose(rates[1:] / rates[:-1], 10 ** (8 / 400), rtol=1e-12)


def test_linear_sweep_has_equal_differences_and_exact_ends():
    rates = Sweep(0.1, 0.5, 5, "linear").learning_rates()
    np.testing.assert_allclose(rates, [0.1, 0.2, 0.3, 0.4, 0.5], rtol=1e-12)
    assert (rates[0], rates[-1]) == (0.1, 0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.1, 0.01, 10), "`end_lr` must exceed `start_lr`. Received: start_lr=0.1, end_lr=0.01."),
        ((0.0, 0.01, 10), "`start_lr` must be positive and finite. Received: start_lr=0.0."),
        ((0.1, float("inf"), 10), "`end_lr` must be positive and finite. Received: end_lr=inf."),
        ((0.1, 1.0, 1), "`num_steps` must be a whole number of at least 2. Received: num_steps=1."),
        ((0.1, 1.0, 2.5), "`num_steps` must be a whole number of at least 2. Received: num_steps=2.5."),
        ((0.1, 1.0, 10, "exp"), "`spacing` must be 'log' or 'linear'. Received: spacing='exp'."),
    ],
)
def test_refuses_what_is_no_sweep(arguments, message):
    with pytest.raises(ValueError) as caught:
        Sweep(*arguments)
    assert str(caught.value) == message
