"""The planner's menu: the schedules that it offers, with their parameters and formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from tb_lrfinder.choices import CyclicalMode, OneCycleShape
from tb_lrfinder.rates import formulas
from tb_lrfinder.rates.parameters import (
    RATES,
    Basis,
    Parameter,
    Value,
    check_total_steps,
    choice,
    integer,
    number,
    rate,
    steps,
)


@dataclass(frozen=True)
class Recipe:
    """A schedule that the planner offers.

    Attributes:
        name: Its name, which is that of its formula.
        label: The same for people.
        description: One sentence for a menu.
        use: The `Use` of a suggestion whose rate it starts from: `"constant"`, `"one_cycle"` or `"cyclical"`.
        parameters: What can be chosen, in order.
        formula: The rates of steps.
        takes_total_steps: Whether formula and class take the `total_steps` of the training.
    """

    name: str
    label: str
    description: str
    use: str
    parameters: tuple[Parameter, ...]
    formula: Callable[..., Any]
    takes_total_steps: bool = False

    def defaults(self, basis: Basis) -> dict[str, Value]:
        """The parameters to begin with, by name.

        Raises:
            ValueError: If the basis gives one that is outside its range.

        Example:
            >>> from tb_lrfinder.rates.parameters import basis_of
            >>> RECIPES["cyclical"].defaults(basis_of(learning_rate=0.5))["initial_learning_rate"]
            0.05
        """
        return {parameter.name: parameter.checked(parameter.default(basis)) for parameter in self.parameters}

    @property
    def fine_tuning(self) -> str:
        """What is usual where a part of the model is pretrained, and what this schedule lacks for it.

        A head that begins at random would undo in its first steps what the layers below it know.

        References: Howard and Ruder 2018, arXiv:1801.06146 (rates by layer, a short rise); Devlin et al. 2018,
        arXiv:1810.04805 (warm-up).
        """
        if any(parameter.name.startswith("warmup_") for parameter in self.parameters):
            return _FINE_TUNING
        return f"{_FINE_TUNING} This schedule has no warm-up: take one that has."

    def checked(self, total_steps: int, parameters: Mapping[str, Any]) -> dict[str, Value]:
        """The arguments of the formula and of the class.

        Raises:
            ValueError: If a parameter is missing, unknown or outside its range.
        """
        check_total_steps(total_steps)
        names = [parameter.name for parameter in self.parameters]
        if set(parameters) != set(names):
            raise ValueError(f"`parameters` must be {', '.join(names)}. Received: {', '.join(parameters) or 'none'}.")
        given = {parameter.name: parameter.checked(parameters[parameter.name]) for parameter in self.parameters}
        if self.takes_total_steps:
            given = {"total_steps": int(total_steps), **given}
        self.formula(0, **given)
        return given


_FINE_TUNING = "Usual: a warm-up, new layers at the rate drawn here, and pretrained ones at a tenth of it."


def _tenth_at_the_end(basis: Basis) -> float:
    """The factor per step that leaves a tenth of the height at the end."""
    return round(0.1 ** (1 / basis.total_steps), 9)


_INITIAL = rate("initial_learning_rate", "First rate", "The rate of the first step.")
_PEAK = rate("peak_learning_rate", "Peak rate", "The highest rate of the training.")
_DOWN = steps(
    "decay_steps", "Steps of the fall", "The rate falls for so many steps, and keeps its last value after them.", 1
)
_LAST = number("end_learning_rate", "Last rate", "The rate when the fall is over.", 0.0, 0.0, RATES[1])
_LOWEST = number(
    "alpha",
    "Last rate, share of the first",
    "0 falls to zero, 0.1 to a tenth of the first rate.",
    0.0,
    0.0,
    1.0,
)
# A twentieth of the training warms up: so do Goyal et al. (5 epochs of 90) and RoBERTa (6 %), within rounding.
_WARMUP = steps(
    "warmup_steps", "Warm-up steps", "The rate climbs from its first value to the peak in so many steps.", 20
)
# PyTorch's `LinearLR` starts above zero, and a step without a rate would be a step for nothing.
_START = number(
    "start_share", "First rate, share of the peak", "0.01 starts at a hundredth of the peak.", 0.01, 1e-6, 1.0
)
_END = number("end_share", "Last rate, share of the peak", "0 ends at zero, 0.1 at a tenth of the peak.", 0.0, 0.0, 1.0)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="constant",
            label="Constant",
            description="The same rate at every step.",
            use="constant",
            parameters=(rate("learning_rate", "Rate", "The rate of every step."),),
            formula=formulas.constant,
        ),
        Recipe(
            name="one_cycle",
            label="1cycle",
            description="Climbs to a peak and falls again, in the end far below where it started.",
            use="one_cycle",
            parameters=(
                _PEAK,
                number(
                    "warmup_share",
                    "Warm-up, share of the steps",
                    "The rate climbs to its peak in this share of all steps: 0.3 is the first 30 %.",
                    0.3,
                    0.0,
                    0.99,
                ),
                number(
                    "start_divisor",
                    "First rate, peak divided by",
                    "25 starts at a 25th of the peak.",
                    25.0,
                    1.0,
                    1e9,
                ),
                number(
                    "end_divisor",
                    "Last rate, peak divided by",
                    "A large number ends close to zero: the last steps settle what was learned.",
                    250_000.0,
                    1.0,
                    1e9,
                ),
                choice(
                    "shape",
                    "Shape of climb and fall",
                    "Cosine turns gently at both ends, linear goes in straight lines.",
                    get_args(OneCycleShape),
                ),
                number(
                    "annihilation_share",
                    "Final drop, share of the steps",
                    "Above 0, the rate first falls to where it started, and to its last value in this share of all steps.",
                    0.0,
                    0.0,
                    0.99,
                ),
            ),
            formula=formulas.one_cycle,
            takes_total_steps=True,
        ),
        # A peak that is reached by a rise, and left at once, may lie as high as that of 1cycle.
        Recipe(
            name="warmup_cosine",
            label="Warm-up + cosine",
            description="Climbs in a straight line, then falls along half a cosine until the training ends.",
            use="one_cycle",
            parameters=(_PEAK, _WARMUP, _START, _END),
            formula=formulas.warmup_cosine,
            takes_total_steps=True,
        ),
        Recipe(
            name="warmup_linear",
            label="Warm-up + linear",
            description="Climbs in a straight line, then falls in another one until the training ends.",
            use="one_cycle",
            parameters=(_PEAK, _WARMUP, _START, _END),
            formula=formulas.warmup_linear,
            takes_total_steps=True,
        ),
        # Most steps are made at the peak, which is therefore a constant rate.
        Recipe(
            name="warmup_stable_decay",
            label="Warm-up–stable–decay",
            description="Climbs in a straight line, stays at its peak for most of the training, and falls at the end.",
            use="constant",
            parameters=(
                _PEAK,
                _WARMUP,
                steps(
                    "decay_steps",
                    "Steps of the final fall",
                    "The rate falls from its peak to its last value in the last so many steps.",
                    5,
                ),
                _START,
                _END,
            ),
            formula=formulas.warmup_stable_decay,
            takes_total_steps=True,
        ),
        Recipe(
            name="cyclical",
            label="Cyclical",
            description="Up and down between two rates, in straight lines.",
            use="cyclical",
            parameters=(
                rate("initial_learning_rate", "Lower rate", "Every cycle starts from it and returns to it.", "lower"),
                rate("max_learning_rate", "Upper rate", "The rate in the middle of the first cycle."),
                steps("step_size", "Steps of half a cycle", "As many steps up as down.", 8),
                choice(
                    "mode",
                    "Height of later cycles",
                    "triangular: all alike. triangular2: each half as high as the one before. "
                    "exp range: lower with every step.",
                    get_args(CyclicalMode),
                ),
                number(
                    "gamma",
                    "Height, factor per step",
                    "For exp range alone: the height is multiplied by it at every step.",
                    _tenth_at_the_end,
                    0.001,
                    1.0,
                ),
            ),
            formula=formulas.cyclical,
        ),
        Recipe(
            name="step_decay",
            label="Step",
            description="Level for so many steps, then multiplied by a factor, again and again.",
            use="constant",
            parameters=(
                _INITIAL,
                steps("decay_steps", "Steps between drops", "The rate stays the same for so many steps.", 5),
                number("decay_rate", "Factor of each drop", "0.5 halves the rate.", 0.5, 0.001, 1.0),
            ),
            formula=formulas.step_decay,
        ),
        Recipe(
            name="exponential_decay",
            label="Exponential",
            description="Multiplied by the same factor again and again, smoothly: a straight line on a logarithmic axis.",
            use="constant",
            parameters=(
                _INITIAL,
                steps(
                    "decay_steps", "Steps of one factor", "After so many steps the rate is the factor times as high.", 1
                ),
                number(
                    "decay_rate", "Factor", "0.01 leaves a hundredth of the rate after those steps.", 0.01, 1e-6, 1.0
                ),
            ),
            formula=formulas.exponential_decay,
        ),
        Recipe(
            name="inverse_time_decay",
            label="Time-based",
            description="Divided by a number that grows with the steps: fast at first and ever slower.",
            use="constant",
            parameters=(
                _INITIAL,
                steps(
                    "decay_steps",
                    "Steps to half the rate",
                    "At a strength of 1 the rate is half after so many steps.",
                    10,
                ),
                number(
                    "decay_rate",
                    "Strength",
                    "1 leaves half of the rate after the steps beside it, 3 a quarter, 0 all of it.",
                    1.0,
                    0.0,
                    1e6,
                ),
            ),
            formula=formulas.inverse_time_decay,
        ),
        Recipe(
            name="linear_decay",
            label="Linear",
            description="Falls to the last rate in a straight line.",
            use="constant",
            parameters=(_INITIAL, _DOWN, _LAST),
            formula=formulas.linear_decay,
        ),
        # Without a rise, the first steps are made at the highest rate: it is a constant one, here too.
        Recipe(
            name="polynomial_decay",
            label="Polynomial",
            description="Falls to the last rate along a power of the steps that are left.",
            use="constant",
            parameters=(
                _INITIAL,
                _DOWN,
                _LAST,
                number(
                    "power",
                    "Power",
                    "1 is a straight line; above it, the rate falls fast at first and slowly at the end.",
                    2.0,
                    0.01,
                    100.0,
                ),
            ),
            formula=formulas.polynomial_decay,
        ),
        Recipe(
            name="cosine_decay",
            label="Cosine",
            description="Falls along half a cosine: slowly, fast, and slowly again.",
            use="constant",
            parameters=(_INITIAL, _DOWN, _LOWEST),
            formula=formulas.cosine_decay,
        ),
        Recipe(
            name="cosine_decay_restarts",
            label="Cosine with restarts",
            description="Falls along half a cosine and jumps up again, in periods that grow longer.",
            use="constant",
            parameters=(
                _INITIAL,
                steps(
                    "first_decay_steps",
                    "Steps of the first fall",
                    "After so many steps the rate jumps up and falls again.",
                    7,
                ),
                integer(
                    "t_mul",
                    "Next fall, times as long",
                    "2 makes every fall twice as long as the one before, 1 makes all alike.",
                    lambda basis: 2,
                    maximum=5,
                ),
                number(
                    "m_mul",
                    "Next restart, times as high",
                    "0.5 makes every restart half as high as the one before, 1 makes all alike.",
                    1.0,
                    0.01,
                    1.0,
                ),
                _LOWEST,
            ),
            formula=formulas.cosine_decay_restarts,
        ),
    )
}
