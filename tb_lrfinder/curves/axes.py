"""The axes of a small picture: where a value lies on one, and where its ticks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals

# Ticks of a logarithmic axis within a decade, where whole decades are too few.
_MANTISSAS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7))
# Steps of an even one, with the share of a wanted step up to which each is the nearest.
_STEPS = ((1, 2**0.5), (2, 10**0.5), (5, 50**0.5), (10, math.inf))
# Numbers with more digits than this are written with an exponent.
_LONGEST = 6


@dataclass(frozen=True)
class Axis:
    """An axis from `lower` to `upper`, drawn `length` long.

    Attributes:
        lower: The value at its start, below `upper`; positive on a logarithmic axis.
        upper: The value at its end.
        length: How long it is drawn.
        is_log: Whether equal ratios, not equal differences, are equally far apart.
    """

    lower: float
    upper: float
    length: float
    is_log: bool = False

    def places(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values lie: 0 is `lower`, `length` is `upper`."""
        lower, upper, these = self.lower, self.upper, values
        if self.is_log:
            lower, upper, these = math.log10(lower), math.log10(upper), np.log10(values)
        return (these - lower) * (self.length / (upper - lower))

    def values(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """What lies at places: the inverse of `places`."""
        shares = places / self.length
        if self.is_log:
            first, last = math.log10(self.lower), math.log10(self.upper)
            return 10.0 ** (first + shares * (last - first))
        return self.lower + shares * (self.upper - self.lower)

    def place(self, value: float) -> float:
        return float(self.places(np.array([value]))[0])

    def ticks(self, wanted: int) -> list[tuple[float, str]]:
        """About so many round values, and how they are written."""
        if not self.is_log:
            return self._even_ticks(wanted)
        found: list[float] = []
        for mantissas in _MANTISSAS:
            found = self._decades(mantissas)
            if len(found) > wanted // 2:
                break
        if len(found) < 2:
            return self._even_ticks(max(2, wanted // 2))
        every = math.ceil(len(found) / wanted)
        return [(tick, numerals.rate(tick)) for tick in found[(len(found) - 1) % every :: every]]

    def _decades(self, mantissas: tuple[int, ...]) -> list[float]:
        first, last = math.floor(math.log10(self.lower)), math.ceil(math.log10(self.upper))
        ticks = [float(f"{mantissa}e{exponent}") for exponent in range(first, last + 1) for mantissa in mantissas]
        # What a rounding error moves off the end is still at it.
        return [tick for tick in ticks if self.lower * (1 - 1e-9) <= tick <= self.upper * (1 + 1e-9)]

    def _even_ticks(self, wanted: int) -> list[tuple[float, str]]:
        apart = (self.upper - self.lower) / wanted
        power = 10.0 ** math.floor(math.log10(apart))
        step = next(factor * power for factor, most in _STEPS if apart / power < most)
        first, last = math.ceil(self.lower / step), math.floor(self.upper / step)
        return [(index * step, self._written(index * step, step)) for index in range(first, last + 1)]

    def _written(self, tick: float, step: float) -> str:
        largest = math.floor(math.log10(max(abs(self.lower), abs(self.upper))))
        smallest = math.floor(math.log10(step) + 1e-9)
        if largest < _LONGEST and -smallest < _LONGEST:
            return f"{tick:.{max(0, -smallest)}f}"
        return numerals.number(tick, largest - smallest + 1)
