"""`Curve` and `Sweep`: what they accept, and what they say of the rest."""

from dataclasses import replace

import numpy as np
import pytest

from tb_lrfinder import Curve, suggest
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
        (
            [1e-3, 1e-2],
            [1.0],
            "There must be one value for each learning rate. Received: 2 learning rates and 1 values.",
        ),
        ([[1e-3]], [[1.0]], "`learning_rates` must be a 1-D array. Received: an array of shape (1, 1)."),
        ([1e-3, 0.0], [1.0, 1.0], "must be positive and finite. Received: learning_rates[1]=0.0."),
        ([1e-3, np.nan], [1.0, 1.0], "must be positive and finite. Received: learning_rates[1]=nan."),
        ([1e-2, 1e-3], [1.0, 1.0], "Received: learning_rates[0]=0.01 before learning_rates[1]=0.001."),
        ([1e-3], "steepest", "`values` must be a 1-D array of numbers. Received: values='steepest'."),
        ([1e-3], ["1.0"], "`values` must be a 1-D array of numbers. Received: values=['1.0']."),
        ([1e-3, 1e-2], [1.0, None], "`values` must be a 1-D array of numbers. Received: values=[1.0, None]."),
        ([1e-3, 1e-2], [[1.0], [1.0, 2.0]], "`values` must be a 1-D array of numbers."),
        (1e-3, 1.0, "`learning_rates` must be a 1-D array. Received: an array of shape ()."),
    ],
)
def test_refuses_what_is_no_curve(rates, losses, message):
    with pytest.raises(ValueError) as caught:
        Curve(rates, losses)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("monitor", "mode", "resolved"),
    [
        ("loss", "auto", "min"),
        ("val_accuracy", "auto", "max"),
        ("reward", "max", "max"),
        ("accuracy", "min", "min"),
    ],
)
def test_values_stand_as_they_were_measured_and_losses_are_better_the_lower(monitor, mode, resolved):
    measured = np.array([1.0, np.nan, 3.0])
    curve = Curve([1e-3, 1e-2, 1e-1], measured, monitor, mode)
    assert curve.mode == resolved
    np.testing.assert_array_equal(curve.values, measured)
    np.testing.assert_array_equal(curve.losses, -measured if resolved == "max" else measured)
    again = Curve(curve.learning_rates, curve.values, curve.monitor, curve.mode)
    np.testing.assert_array_equal(again.losses, curve.losses)
    np.testing.assert_array_equal(replace(curve, repeats=3).losses, curve.losses)


def test_an_accuracy_as_people_type_it_gives_the_rate_that_its_error_gives():
    rates = np.geomspace(1e-6, 1.0, 200)
    error = 0.1 + (np.log10(rates) + 2.5) ** 2 / 20
    suggestion = suggest(Curve(rates, 1.0 - error, "accuracy"))
    assert suggestion.learning_rate == pytest.approx(suggest(Curve(rates, error)).learning_rate, rel=1e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_tensors_are_values_whole_and_one_by_one(dtype):
    torch = pytest.importorskip("torch")
    losses = torch.tensor([2.5, 1.5, 0.5], dtype=getattr(torch, dtype), requires_grad=True)
    for values in (losses, list(losses), [loss.detach() for loss in losses], np.array([2.5, 1.5, 0.5], np.float32)):
        assert Curve([1e-3, 1e-2, 1e-1], values).values.tolist() == [2.5, 1.5, 0.5]


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
