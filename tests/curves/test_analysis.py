"""The lowest point of a curve: one for all who speak of it."""

import numpy as np
import pytest

from tb_lrfinder import Curve, suggest
from tb_lrfinder.curves.analysis import lowest_of
from tests.support.traces import synthetic_curve

RATES = np.geomspace(1e-6, 1.0, 601)


def test_a_valley_is_lowest_at_its_bottom():
    found = lowest_of(Curve(RATES, 0.5 + (np.log10(RATES) + 2.0) ** 2))
    assert found is not None
    assert found[0] == pytest.approx(1e-2, rel=0.05)
    # A kernel of 0.3 decades, a twentieth of six, lifts the bottom of a parabola by its variance.
    assert found[1] == pytest.approx(0.5 + 0.3**2, rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_upper_end_of_the_usable_band(seed):
    curve = synthetic_curve(seed=seed, noise=0.1)
    lowest, band = lowest_of(curve), suggest(curve).band
    assert lowest is not None
    assert band is not None
    assert lowest[0] == band[1]


def test_what_blew_up_is_not_lowest_however_low_it_falls_afterwards():
    losses = np.interp(np.log10(RATES), [-6, -4, -3, -2, -1, 0], [2.0, 2.0, 1.0, 9.0, 9.0, -50.0])
    found = lowest_of(Curve(RATES, losses))
    assert found is not None
    # The steep rise beside the valley moves its smoothed bottom to the left.
    assert 1e-4 < found[0] < 1e-3
    assert 1.0 < found[1] < 2.0


def test_what_is_better_the_higher_is_highest_with_its_own_sign():
    curve = synthetic_curve()
    low, high = lowest_of(curve), lowest_of(Curve(curve.learning_rates, -curve.losses, "accuracy", "max"))
    assert low is not None
    assert high == (low[0], -low[1])


@pytest.mark.parametrize("curve", [Curve([], []), Curve(RATES[:9], RATES[:9]), Curve([0.1] * 20, np.arange(20.0))])
def test_what_cannot_be_analysed_has_none(curve):
    assert lowest_of(curve) is None
