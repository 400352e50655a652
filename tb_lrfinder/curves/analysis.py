"""The analysis that every method of a suggestion reads: a curve without spikes, smoothed without lag, cut at its blow-up.

Everything is measured against the noise and the drop of the curve itself: scaling or shifting the loss changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.drift import drift_of
from tb_lrfinder.curves.smoothing import running_median, zero_phase, zero_phase_error
from tb_lrfinder.curves.wording import Words

MIN_POINTS = 10
_SPIKE_WINDOW = 5
# Points are averaged over equal ratios of the rate before they are smoothed: dense sweeps cost no more than sparse ones.
_BINS = 400
# Standard deviation of the smoothing kernel: in decades, and at most this share of the sweep.
SIGMA_DECADES, _SIGMA_SHARE = 0.3, 1 / 20
# The level of the start is the mean over this share of the sweep, without spikes.
_START_SHARE = 1 / 8
# The loss has blown up when it lies above its lowest value so far by the drop so far, by so many standard errors and by
# this share of the whole drop, whichever is most.
_BLOW_UP_ERRORS, _BLOW_UP_SHARE = 6.0, 0.1
# Losses are cut at this many times the noise above the start, so that the smoothing does not carry the height of a blow-up
# into the valley.
_CEILING_NOISE = 10.0
# The usable band starts where this share of the whole drop is reached.
_BAND_SHARE = 0.1
# How low a loss must be to count as the floor of the valley, in shares of the drop.
DEPTH = 0.03
# A drop below this many standard errors is called noise.
_SIGNIFICANCE = 2.5
# Smoothed float32 losses that differ by less than this share are equal.
RESOLUTION = 1e-6
# Losses beyond this are cut, so that their differences stay finite.
HUGE = 1e150
# The standard deviation of normal values is their median absolute difference times the first; the standard error of a median
# of many is that of their mean times the second.
MAD_TO_STD, MEDIAN_ERROR = 1.4826 / math.sqrt(2), math.sqrt(math.pi / 2)


@dataclass(frozen=True, eq=False)
class Analysis:
    """An analysed curve, all arrays of shape `[bins]`.

    Attributes:
        learning_rates: Increasing.
        positions: log10 of the rates, averaged as the losses are: near the ends of the sweep they lie further inside.
        losses: Smoothed without lag; those of the blow-up are cut at a ceiling.
        errors: Standard error of each smoothed loss, from the noise between neighbouring points.
        start: The loss before it changed.
        start_error: Its standard error.
        drift: Standard error of the drop where the level wanders by itself, as correlated noise does; 0 for other noise.
        whole_drift: How far the level wanders by itself over the whole sweep, as a standard deviation.
        lowest: Index of the lowest loss before the blow-up.
        end: Index of the first loss that has blown up; the number of bins when none has.
        density: Points per decade.
    """

    learning_rates: NDArray[np.float64]
    positions: NDArray[np.float64]
    losses: NDArray[np.float64]
    errors: NDArray[np.float64]
    start: float
    start_error: float
    drift: float
    whole_drift: float
    lowest: int
    end: int
    density: float

    @property
    def drop(self) -> float:
        """How far the loss fell below its start; negative when it never did."""
        return self.start - float(self.losses[self.lowest])

    @property
    def significance(self) -> float:
        """The drop in its standard errors, those of a level that wanders by itself among them."""
        return self._in_errors(self.drift)

    @property
    def fell(self) -> bool:
        """Whether the drop is more than independent noise; whether it may be a drift, `significance` tells."""
        return self._in_errors(0.0) > _SIGNIFICANCE

    def _in_errors(self, drift: float) -> float:
        level = float(self.errors[self.lowest])
        error = math.hypot(level, self.start_error, drift, RESOLUTION * abs(self.start))
        return self.drop / error if error > 0 else 0.0

    @property
    def blew_up(self) -> bool:
        return self.end < self.learning_rates.size

    @property
    def blow_up_rate(self) -> float:
        """The rate at which the loss has blown up; the last rate when it never did."""
        return float(self.learning_rates[min(self.end, self.learning_rates.size - 1)])

    @property
    def falling(self) -> slice:
        """From the start to the lowest loss, with it."""
        return slice(0, self.lowest + 1)

    def band(self) -> tuple[float, float]:
        """Where the loss starts to fall, and where it is lowest."""
        above = np.flatnonzero(self.losses[self.falling] > self.start - _BAND_SHARE * self.drop)
        # The last time the loss crosses the level on its way down: an early dip is no start.
        first = min(int(above[-1]) + 1, self.lowest) if above.size else 0
        return float(self.learning_rates[first]), float(self.learning_rates[self.lowest])

    def valley(self, depth: float = DEPTH) -> tuple[float, float]:
        """Centre and width of the valley: mean and standard deviation of log10 LR, weighted by how low the loss is.

        The weights are `exp(-(l - min l) / (depth * drop))`: a sharp minimum counts alone, a flat floor with its middle,
        and of a noisy one no single point decides.
        """
        losses = self.losses[: max(self.end, 1)]
        weights = np.exp(-(losses - losses[self.lowest]) / (depth * self.drop))
        weights /= weights.sum()
        positions = np.log10(self.learning_rates[: losses.size])
        centre = float(weights @ positions)
        return centre, math.sqrt(max(0.0, float(weights @ (positions - centre) ** 2)))

    def slopes(self) -> NDArray[np.float64]:
        """dl / d(ln x): the derivative by the logarithm of the rate, in losses per factor of e."""
        if self.losses.size < 2:
            return np.zeros(self.losses.size)
        return np.gradient(self.losses, np.log(self.learning_rates))


def problem_of(curve: Curve) -> str:
    """Why the curve cannot be analysed, as a sentence; empty when it can."""
    num_points = curve.num_finite
    if num_points < MIN_POINTS:
        ending = Words(curve.monitor, curve.mode)(
            " before {the} became NaN or infinite" if num_points < len(curve) else ""
        )
        return f"Only {num_points} points{ending}: at least {MIN_POINTS} are needed."
    # Rates of which only the last digit differs have one logarithm.
    if np.log10(curve.learning_rates[0]) == np.log10(curve.learning_rates[num_points - 1]):
        return "All points were measured at one learning rate: there is nothing to compare."
    return ""


def lowest_of(curve: Curve) -> tuple[float, float] | None:
    """The learning rate with the best smoothed value before the blow-up, and that value; None where nothing can be analysed.

    It is the point that every suggestion is measured from, at the upper end of the usable band. With `curve.mode == "max"`
    it is the highest value, as it was measured.

    Example:
        >>> rates = np.geomspace(1e-6, 1.0, 601)
        >>> rate, loss = lowest_of(Curve(rates, (np.log10(rates) + 2) ** 2))
        >>> f"{rate:.2f}"
        '0.01'
    """
    if problem_of(curve):
        return None
    analysis = analyse(curve)
    lowest = float(analysis.losses[analysis.lowest])
    return float(analysis.learning_rates[analysis.lowest]), -lowest if curve.mode == "max" else lowest


def analyse(curve: Curve, sigma: float = SIGMA_DECADES, share: float = _SIGMA_SHARE) -> Analysis:
    """The analysis of a curve in which `problem_of` finds no fault.

    Args:
        curve: The curve.
        sigma: Standard deviation of the smoothing kernel in decades.
        share: At most this share of the sweep is used as such.
    """
    count = curve.num_finite
    positions = np.log10(curve.learning_rates[:count])
    raw = np.clip(curve.losses[:count], -HUGE, HUGE)
    clean = running_median(raw, _SPIKE_WINDOW)
    # Before the loss falls and long before it blows up, neighbours differ by the noise alone.
    noise = MAD_TO_STD * float(np.median(np.abs(np.diff(raw[: max(count // 2, MIN_POINTS)]))))
    span = float(positions[-1] - positions[0])
    head = max(_SPIKE_WINDOW, int(np.searchsorted(positions, positions[0] + _START_SHARE * span)))
    # A mean, as what is smoothed: of a skewed noise the median lies beside it.
    start = float(clean[:head].mean())
    drop = start - float(clean.min())
    ceiling = start + max(drop, _CEILING_NOISE * noise)
    sigma = min(sigma / span, share) * _BINS
    centres, averaged, losses, errors = _smooth(positions, np.minimum(clean, ceiling), noise, span, sigma)
    end = _blow_up_index(losses, errors, start, drop)
    lowest = int(np.argmin(losses[: max(end, 1)]))
    start_error = MEDIAN_ERROR * noise / math.sqrt(head)
    density = (count - 1) / span
    # A power of ten may end beside the rate whose logarithm it was.
    rates = np.clip(10**centres, *curve.learning_rates[[0, count - 1]])
    # What has blown up is no noise.
    sound = raw[: max(_points_before(positions, centres, end), count // 2)]
    step_drift = drift_of(sound, 1)
    return Analysis(
        learning_rates=rates,
        positions=averaged,
        losses=losses,
        errors=errors,
        start=start,
        start_error=start_error,
        drift=step_drift * math.sqrt(max(_points_before(positions, centres, lowest), head)),
        whole_drift=step_drift * math.sqrt(count),
        lowest=lowest,
        end=end,
        density=density,
    )


def _points_before(positions: NDArray[np.float64], centres: NDArray[np.float64], index: int) -> int:
    """How many points lie before a bin."""
    return int(np.searchsorted(positions, centres[index])) if index < centres.size else positions.size


def _smooth(
    positions: NDArray[np.float64], values: NDArray[np.float64], noise: float, span: float, sigma: float
) -> tuple[NDArray[np.float64], ...]:
    """For each bin of log10 LR that holds points: mean position, smoothed position, smoothed value and its standard error.

    `sigma` counts bins.
    """
    bins = np.minimum((positions - positions[0]) * (_BINS / span), _BINS - 1).astype(np.int64)
    counts = np.bincount(bins).astype(np.float64)
    held = counts > 0
    divisors = np.where(held, counts, 1.0)
    # Differences from the first value: a large level would cost digits.
    means = values[0] + np.bincount(bins, values - values[0]) / divisors
    centres = np.bincount(bins, positions) / divisors
    # Bins weigh alike, however many points they hold: on a linear sweep the dense side would pull the curve over.
    weights = held.astype(np.float64)
    errors = zero_phase_error(noise / np.sqrt(divisors), sigma, weights)
    columns = centres, zero_phase(centres, sigma, weights), zero_phase(means, sigma, weights), errors
    return tuple(column[held] for column in columns)


def _blow_up_index(losses: NDArray[np.float64], errors: NDArray[np.float64], start: float, drop: float) -> int:
    """Index of the first loss that has blown up; the number of losses when none has."""
    lowest = np.minimum.accumulate(losses)
    least = max(_BLOW_UP_SHARE * drop, RESOLUTION * abs(start))
    threshold = lowest + np.maximum(np.maximum(start - lowest, _BLOW_UP_ERRORS * errors), least)
    above = np.flatnonzero(losses > threshold)
    return int(above[0]) if above.size else losses.size
