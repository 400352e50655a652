"""The default method: the rate below the centre of the valley that trainings were measured to need."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tb_lrfinder import numerals
from tb_lrfinder.choices import OptimizerKind
from tb_lrfinder.curves.shape import Finding, only_rises
from tb_lrfinder.curves.trials import Reading
from tb_lrfinder.curves.uses import Use, all_around
from tb_lrfinder.curves.wording import Words

# Places of a valley, in log10 LR: the usual one, how far from it places make a difference, and the least distance below one.
_USUAL, _WITHIN, _LEAST = -1.5, 1.5, 0.2
# No sweep with fewer steps per decade was measured.
_SPARSEST = 12.5


@dataclass(frozen=True)
class _Distance:
    """How far below the centre of the valley the best constant rate lies, in decades:

        max(base + slope * (log10 centre - usual), least) + lag / density

    A sweep shows what a rate does only some steps later, all the more with an optimizer that remembers gradients: `lag`
    counts those steps, `density` the steps per decade. An adaptive optimizer moves each weight by about the rate, so that a
    valley at high rates comes late, when weights have already moved too far: `slope`.
    """

    base: float
    slope: float = 0.0
    lag: float = 0.0

    def decades(self, centre: float, density: float) -> float:
        """The distance from a centre, given as log10 LR, in a sweep of so many steps per decade."""
        shifted = min(max(centre - _USUAL, -_WITHIN), _WITHIN)
        return max(self.base + self.slope * shifted, _LEAST) + self.lag / max(density, _SPARSEST)


# Chosen in benchmarks/recommendation on half of its families; what it prints was measured on the others.
_DISTANCES: dict[OptimizerKind | None, _Distance] = {
    "plain": _Distance(0.25),
    "momentum": _Distance(0.65, lag=4.0),
    "adaptive": _Distance(0.4, slope=0.4, lag=4.0),
    "sign": _Distance(0.7, slope=0.3, lag=6.0),
    None: _Distance(0.3, slope=0.2, lag=4.0),
}
_OF_KIND: dict[OptimizerKind | None, str] = {
    "plain": " with SGD",
    "momentum": " with momentum",
    "adaptive": " with an adaptive optimizer",
    "sign": " with an optimizer like Lion",
    None: "",
}
# A loss that blew up before it fell has no valley: the rate of the blow-up divided by this stands in for its centre.
_BLOW_UP_DIVISOR = 4.0
# A trained model is fine-tuned so many times below the rate at which its loss begins to rise.
_TRAINED_DIVISOR = 10.0

# The length of the trainings that the distances were measured with. The best rate falls with this power of the length,
# which was measured from a tenth to ten times of it, and is carried on to the highest multiple.
TYPICAL_STEPS = 640
_LENGTH_POWER, _SHORTEST, _LONGEST = 0.3, 0.1, 25.0


def pick(finding: Finding, words: Words, total_steps: int | None = None) -> tuple[Use, ...]:
    """The uses around the rate that the centre of the valley, the optimizer and the length of the training ask for.

    The centre is `10 ** (sum(w log10 x) / sum(w))` with `w = exp(-(l - min l) / (0.03 drop))`, over what comes before the
    blow-up. Without the lag of an EMA, and averaged over the floor of the valley, the minimum is well placed; how far below
    it the rate is best that a training keeps was measured (benchmarks/recommendation). Where the loss blew up before it
    fell, a quarter of the rate at which it did stands in for the valley.

    Args:
        finding: What is known of a curve that fell or rose.
        words: Words for its value.
        total_steps: Length of the training that the rate is for; None for a typical one.
    """
    if only_rises(finding):
        return _below_the_rise(finding, words, total_steps)
    analysis = finding.analysis
    if analysis.fell:
        centre, name = analysis.valley()[0], "the centre of the valley"
    else:
        centre = math.log10(analysis.blow_up_rate / _BLOW_UP_DIVISOR)
        name = words("a quarter of the rate at which {the} shot up")
    times = 10 ** _DISTANCES[finding.kind].decades(centre, finding.density)
    valley, kind = 10**centre, _OF_KIND[finding.kind]
    reason = (
        f"{numerals.number(times, 2)} times below {numerals.rate(valley)}, {name}: where constant rates{kind} did best in "
        f"trainings of some {TYPICAL_STEPS} steps"
    )
    return _for_length(valley / times, reason, total_steps)


def confirmed(reading: Reading, count: int, total_steps: int | None = None) -> tuple[Use, ...]:
    """The uses around the rate that so many short trainings tell, brought to the length of the training."""
    wanted = TYPICAL_STEPS if total_steps is None else total_steps
    factor = length_factor(wanted) / length_factor(reading.steps)
    length = f"some {TYPICAL_STEPS}" if total_steps is None else f"{total_steps:,}"
    reason = (
        f"Short trainings of up to {reading.steps} steps at {count} rates were best around "
        f"{numerals.rate(reading.learning_rate)}"
    )
    return _scaled(reading.learning_rate, reason, factor, length)


def _below_the_rise(finding: Finding, words: Words, total_steps: int | None) -> tuple[Use, ...]:
    """A constant divisor below the rate at which the loss of a trained model begins to rise."""
    rate, times = finding.rise_rate, f"{_TRAINED_DIVISOR:g}"
    reason = words("{times} times below {rate}, where {the} begins to {rise}", times=times, rate=numerals.rate(rate))
    return _for_length(rate / _TRAINED_DIVISOR, reason, total_steps)


def _for_length(rate: float, reason: str, total_steps: int | None) -> tuple[Use, ...]:
    return _scaled(rate, reason, length_factor(total_steps), f"{total_steps or TYPICAL_STEPS:,}")


def _scaled(rate: float, reason: str, factor: float, length: str) -> tuple[Use, ...]:
    """The uses around a rate times a factor, which a training of another length asks for."""
    times = numerals.number(max(factor, 1 / factor), 2)
    told = "" if times == "1" else f"; for {length} steps, {times} times {'below' if factor < 1 else 'above'} that"
    return all_around(rate * factor, f"{reason}{told}.")


def length_factor(total_steps: int | None) -> float:
    """How much lower or higher the best rate of a training is than that of a typical one, by its length."""
    if total_steps is None:
        return 1.0
    return min(max(total_steps / TYPICAL_STEPS, _SHORTEST), _LONGEST) ** -_LENGTH_POWER
