"""The learning rate to recommend for a curve, by several methods.

Every method reads the same prepared curve (`_Prepared`): cut at the first non-finite loss, freed of spikes, the diverged
tail levelled, smoothed without lag. A curve that cannot be analysed is data, not an error: the suggestion then carries
`learning_rate=None` and says why.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.curve import Curve
from tb_lrfinder.smoothing import running_median, zero_phase

DEFAULT_METHOD = "auto"

_MIN_POINTS = 10
_SPIKE_WINDOW = 5
# The smoothing kernel spans this share of the points: about a seventh of a decade of an 8-decade sweep.
_SIGMA_SHARE = 1 / 60
# A drop below this many standard errors is called noise.
_SIGNIFICANCE = 4.0
# float32 losses that differ by less than this share are equal.
_RESOLUTION = 1e-6
# Of the curve measured in drops: what is left below it is rounding, which would make a plateau look like a fall.
_DECIMALS = 9
# Losses beyond this are cut, so that their differences stay finite.
_HUGE = 1e150
_NEVER_FELL = "The loss never fell below its start: raise end_lr, or look for a fault in the model or its data."
# The usable band starts where this share of the whole drop is reached.
_BAND_START = 0.1
# The curve has risen again when it regains this share of the drop.
_RISE = 0.1


@dataclass(frozen=True)
class Suggestion:
    """What a curve says about the learning rate to use.

    Attributes:
        learning_rate: The recommended rate, or None when the curve gives none.
        lower: Lower end of the usable band: where the loss starts to fall. None with no band.
        upper: Upper end of the usable band: where the loss is lowest. None with no band.
        method: Name of the method that computed it.
        reason: One sentence that says how it was found, or why there is none.
    """

    learning_rate: float | None
    lower: float | None
    upper: float | None
    method: str
    reason: str


@dataclass(frozen=True)
class Method:
    """A way to pick a rate, with a sentence that says how; `label` and `description` are what a menu shows."""

    name: str
    label: str
    description: str
    pick: Callable[[_Prepared], tuple[float, str] | None]


@dataclass(frozen=True)
class _Prepared:
    """A curve made ready: `losses` smoothed without lag, 0 at the level of the start, about -1 at the lowest point."""

    learning_rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    lowest: int

    @property
    def drop(self) -> float:
        return -float(self.losses[self.lowest])

    @property
    def rose(self) -> bool:
        """Whether the loss rose again after its lowest point."""
        return float(self.losses[self.lowest :].max()) > self.losses[self.lowest] + _RISE * self.drop

    def band(self) -> tuple[float, float]:
        fallen = self.losses[: self.lowest + 1] <= -_BAND_START * self.drop
        # From the right: the last time the loss crosses the level on its way down, so that an early dip is no start.
        above = np.flatnonzero(~fallen)
        first = min(int(above[-1]) + 1, self.lowest) if above.size else 0
        return float(self.learning_rates[first]), float(self.learning_rates[self.lowest])

    def slopes(self) -> NDArray[np.float64]:
        """dl / d(ln x): the derivative by the logarithm of the rate, in losses per factor of e."""
        position = np.log(self.learning_rates)
        distinct = np.concatenate(([True], np.diff(position) > 0))
        slopes = np.gradient(self.losses[distinct], position[distinct])
        return slopes[np.cumsum(distinct) - 1]


def suggest(curve: Curve, method: str = DEFAULT_METHOD) -> Suggestion:
    """Recommends a learning rate for the model whose range test gave `curve`.

    Args:
        curve: The raw curve; it is smoothed here.
        method: One of `METHODS`: `"auto"`, `"minimum"`, `"steepest"`, `"valley"`, `"slide"`.

    Returns:
        A `Suggestion`; its rate lies within the curve's rates. Multiplying the losses by a positive constant does not
        change it.

    Raises:
        ValueError: If the method is not known.

    Example:
        >>> rates = np.geomspace(1e-6, 1.0, 200)
        >>> suggest(Curve(rates, np.abs(np.log10(rates) + 2))).learning_rate < 0.01
        True
    """
    check_method(method)
    prepared = _prepare(curve)
    if isinstance(prepared, str):
        return Suggestion(None, None, None, method, prepared)
    lower, upper = prepared.band()
    picked = METHODS[method].pick(prepared)
    if picked is None:
        return Suggestion(None, lower, upper, method, "This method finds no rate on this curve: try another one.")
    rate, reason = picked
    rates = prepared.learning_rates
    if not prepared.rose and prepared.losses.size == len(curve):
        reason += " The loss was still falling at the last rate tried: a higher end_lr would make it surer."
    return Suggestion(float(np.clip(rate, rates[0], rates[-1])), lower, upper, method, reason)


def check_method(method: str) -> None:
    """Raises `ValueError` unless the method is known."""
    if method not in METHODS:
        raise ValueError(f"`method` must be one of {', '.join(METHODS)}. Received: method={method!r}.")


def _prepare(curve: Curve) -> _Prepared | str:
    """The prepared curve, or the sentence that says why there is nothing to suggest."""
    num_points = curve.num_finite
    if num_points < _MIN_POINTS:
        ending = " before the loss became NaN or infinite" if num_points < len(curve) else ""
        return (
            f"Only {num_points} points{ending}: at least {_MIN_POINTS} are needed. Use more steps or a lower start_lr."
        )
    rates = curve.learning_rates[:num_points]
    if rates[0] == rates[-1]:
        return "All points were measured at one learning rate: there is nothing to compare."
    raw = np.clip(curve.losses[:num_points], -_HUGE, _HUGE)
    clean = running_median(raw, _SPIKE_WINDOW)
    head = max(_SPIKE_WINDOW, num_points // 20)
    start = float(np.median(clean[:head]))
    depth = start - float(clean.min())
    if depth <= _RESOLUTION * abs(start):
        return _NEVER_FELL
    # The diverged tail is cut to as much above the start as the valley lies below it: where it blew up remains, how high
    # does not, and it cannot leak through the smoothing into the valley.
    levelled = np.minimum((clean - start) / depth, 1.0)
    sigma = max(1.0, _SIGMA_SHARE * num_points)
    smoothed = zero_phase(levelled, sigma).round(_DECIMALS)
    prepared = _Prepared(rates, smoothed, int(np.argmin(smoothed)))
    noise = 1.4826 * float(np.median(np.abs(np.diff(raw)))) / math.sqrt(2) / depth
    # Variances of the start, a mean of `head` points, and of a smoothed point, a mean of about 2 sqrt(pi) sigma points.
    error = noise * math.sqrt(1 / head + 1 / (2 * math.sqrt(math.pi) * sigma))
    return prepared if prepared.drop > _SIGNIFICANCE * error else _NEVER_FELL


def _auto(prepared: _Prepared) -> tuple[float, str]:
    """A third of the rate with the lowest loss, `x[argmin l] / 3`, or the middle of the band where that is higher.

    Without the lag of an EMA the minimum itself is well placed, and a third of it is safe (the peers divide a minimum that
    lags by ten). The geometric middle `sqrt(lower * upper)` of a band narrower than a factor of nine keeps the rate inside.
    """
    lower, upper = prepared.band()
    if lower > upper / 9:
        return math.sqrt(lower * upper), "The middle of the usable band, which is narrow."
    return upper / 3, f"A third of {upper:.3g}, the rate with the lowest loss."


def _minimum(prepared: _Prepared) -> tuple[float, str]:
    """`x[argmin l] / 10`. Reference: fastai, `fastai/callback/schedule.py`."""
    lowest = float(prepared.learning_rates[prepared.lowest])
    return lowest / 10, f"A tenth of {lowest:.3g}, the rate with the lowest loss."


def _steepest(prepared: _Prepared) -> tuple[float, str]:
    """`x[argmin dl / d(ln x)]` before the minimum. Reference: pytorch-lr-finder; ignite, `FastaiLRFinder`."""
    index = int(np.argmin(prepared.slopes()[: prepared.lowest + 1]))
    return float(prepared.learning_rates[index]), "The rate at which the loss falls fastest."


def _valley(prepared: _Prepared) -> tuple[float, str]:
    """The middle of the longest strictly decreasing subsequence of the losses.

    Reference: ESRI's method as in fastai, which takes the subsequence for contiguous; here its true first point is used.
    """
    first, last = _longest_decrease(prepared.losses)
    start, middle, end = prepared.learning_rates[[first, (first + last) // 2, last]].tolist()
    return middle, f"The middle of the longest stretch over which the loss falls, from {start:.3g} to {end:.3g}."


def _longest_decrease(losses: NDArray[np.float64]) -> tuple[int, int]:
    """First and last index of the longest strictly decreasing subsequence, in O(n log n)."""
    tails: list[float] = []
    tail_starts: list[int] = []
    first = last = 0
    for index, value in enumerate((-losses).tolist()):
        length = bisect.bisect_left(tails, value)
        start = tail_starts[length - 1] if length else index
        if length == len(tails):
            tails.append(value)
            tail_starts.append(start)
            first, last = start, index
        else:
            tails[length] = value
            tail_starts[length] = start
    return first, last


def _slide(prepared: _Prepared) -> tuple[float, str] | None:
    """From the right end leftwards while two slopes, 15 % of the sweep apart, differ: where they first agree.

    Slopes are taken by ln x and divided by the drop of the curve, so the threshold holds for any loss and any number of
    steps. fastai's 0.005 per step of its 100 steps over 8 decades is 0.027 per factor of e.
    Reference: fastai, `fastai/callback/schedule.py`.
    """
    apart = max(1, round(0.15 * prepared.losses.size))
    slopes = prepared.slopes() / prepared.drop
    differ = np.abs(slopes[apart:] - slopes[:-apart]) > 0.027
    agreeing = np.flatnonzero(~differ)
    index = int(agreeing[-1]) + 1 if agreeing.size else 0
    if index == differ.size:
        return None
    return float(prepared.learning_rates[index]), "The rate before the final change of slope, seen from the right."


METHODS = {
    method.name: method
    for method in (
        Method("auto", "Recommended", "A third of the rate with the lowest loss, found without lag.", _auto),
        Method("minimum", "Minimum ÷ 10", "A tenth of the rate with the lowest loss.", _minimum),
        Method("steepest", "Steepest", "The rate at which the loss falls fastest.", _steepest),
        Method("valley", "Valley", "The middle of the longest stretch over which the loss falls.", _valley),
        Method("slide", "Slide", "The rate before the final change of slope, seen from the right.", _slide),
    )
}
