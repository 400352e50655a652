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


def _tenth_at_the_end(basis: Basis) -> float:
    """The factor per step that leaves a tenth of the height at the end."""
    return round(0.1 ** (1 / basis.total_steps), 9)


_INITIAL = rate("initial_learning_rate", "Initial rate")
_PEAK = rate("peak_learning_rate", "Peak")
_LAST = number("end_learning_rate", "Last rate", 0.0, 0.0, RATES[1])
# A twentieth of the training warms up: so do Goyal et al. (5 epochs of 90) and RoBERTa (6 %), within rounding.
_WARMUP = steps("warmup_steps", "Warm-up steps", 20)
# PyTorch's `LinearLR` starts above zero, and a step without a rate would be a step for nothing.
_START = number("start_share", "First rate, share of the peak", 0.01, 1e-6, 1.0)
_END = number("end_share", "Last rate, share of the peak", 0.0, 0.0, 1.0)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="constant",
            label="Constant",
            description="The same rate at every step.",
            use="constant",
            parameters=(rate("learning_rate", "Rate"),),
            formula=formulas.constant,
        ),
        Recipe(
            name="one_cycle",
            label="1cycle",
            description="Up to a peak, down again, and at the end down by orders of magnitude.",
            use="one_cycle",
            parameters=(
                _PEAK,
                number("warmup_share", "Share of the rise", 0.3, 0.0, 0.99),
                number("start_divisor", "Peak ÷ first rate", 25.0, 1.0, 1e9),
                number("end_divisor", "Peak ÷ last rate", 250_000.0, 1.0, 1e9),
                choice("shape", "Shape", get_args(OneCycleShape)),
                number("annihilation_share", "Share of the final fall", 0.0, 0.0, 0.99),
            ),
            formula=formulas.one_cycle,
            takes_total_steps=True,
        ),
        # A peak that is reached by a rise, and left at once, may lie as high as that of 1cycle.
        Recipe(
            name="warmup_cosine",
            label="Warm-up + cosine",
            description="Up in a straight line, then down along half a cosine to the end of the training.",
            use="one_cycle",
            parameters=(_PEAK, _WARMUP, _START, _END),
            formula=formulas.warmup_cosine,
            takes_total_steps=True,
        ),
        Recipe(
            name="warmup_linear",
            label="Warm-up + linear",
            description="Up in a straight line, then down in another one to the end of the training.",
            use="one_cycle",
            parameters=(_PEAK, _WARMUP, _START, _END),
            formula=formulas.warmup_linear,
            takes_total_steps=True,
        ),
        # Most steps are made at the peak, which is therefore a constant rate.
        Recipe(
            name="warmup_stable_decay",
            label="Warm-up–stable–decay",
            description="Up in a straight line, the same rate for most of the training, and down in its last steps.",
            use="constant",
            parameters=(_PEAK, _WARMUP, steps("decay_steps", "Steps of the decay", 5), _START, _END),
            formula=formulas.warmup_stable_decay,
            takes_total_steps=True,
        ),
        Recipe(
            name="cyclical",
            label="Cyclical",
            description="Up and down between two rates, in straight lines.",
            use="cyclical",
            parameters=(
                rate("initial_learning_rate", "Lower rate", origin="lower"),
                rate("max_learning_rate", "Upper rate"),
                steps("step_size", "Steps of half a cycle", 8),
                choice("mode", "Mode", get_args(CyclicalMode)),
                number("gamma", "Factor per step (exp_range)", _tenth_at_the_end, 0.001, 1.0),
            ),
            formula=formulas.cyclical,
        ),
        Recipe(
            name="step_decay",
            label="Step",
            description="Multiplied by a factor every so many steps.",
            use="constant",
            parameters=(
                _INITIAL,
                steps("decay_steps", "Steps at each rate", 5),
                number("decay_rate", "Factor", 0.5, 0.001, 1.0),
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
                steps("decay_steps", "Steps per factor", 1),
                number("decay_rate", "Factor", 0.01, 1e-6, 1.0),
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
                steps("decay_steps", "Steps per decay", 10),
                number("decay_rate", "Decay", 1.0, 0.0, 1e6),
            ),
            formula=formulas.inverse_time_decay,
        ),
        Recipe(
            name="linear_decay",
            label="Linear",
            description="A straight line down to the last rate.",
            use="constant",
            parameters=(
                _INITIAL,
                steps("decay_steps", "Steps down", 1),
                _LAST,
            ),
            formula=formulas.linear_decay,
        ),
        # Without a rise, the first steps are made at the highest rate: it is a constant one, here too.
        Recipe(
            name="polynomial_decay",
            label="Polynomial",
            description="Down to the last rate along a power of the steps that are left.",
            use="constant",
            parameters=(
                _INITIAL,
                steps("decay_steps", "Steps down", 1),
                _LAST,
                number("power", "Power", 2.0, 0.01, 100.0),
            ),
            formula=formulas.polynomial_decay,
        ),
        Recipe(
            name="cosine_decay",
            label="Cosine",
            description="Down along half a cosine.",
            use="constant",
            parameters=(
                _INITIAL,
                steps("decay_steps", "Steps down", 1),
                number("alpha", "Lowest rate ÷ initial rate", 0.0, 0.0, 1.0),
            ),
            formula=formulas.cosine_decay,
        ),
        Recipe(
            name="cosine_decay_restarts",
            label="Cosine with restarts",
            description="Down along half a cosine, up again at once, in periods that grow longer.",
            use="constant",
            parameters=(
                _INITIAL,
                steps("first_decay_steps", "Steps of the first period", 7),
                integer("t_mul", "Growth of the periods", lambda basis: 2, maximum=5),
                number("m_mul", "Height per restart", 1.0, 0.01, 1.0),
                number("alpha", "Lowest rate ÷ initial rate", 0.0, 0.0, 1.0),
            ),
            formula=formulas.cosine_decay_restarts,
        ),
    )
}
