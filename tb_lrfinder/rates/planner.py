"""The planner's recipes: schedules built around a learning rate, the rates they draw, and the Python that builds them.

`RECIPES` is the menu. Knows nothing of Keras, which TensorBoard's process must not load: `code` only names its classes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments, numerals
from tb_lrfinder.choices import CyclicalMode, OneCycleShape
from tb_lrfinder.rates import formulas

Kind = Literal["number", "integer", "choice"]
Origin = Literal["learning_rate", "lower"]
Value = float | int | str

# What the planner starts from when nothing was suggested: Adam's default in Keras, with Keras' default batch size.
TOTAL_STEPS, LEARNING_RATE, BATCH_SIZE, OPTIMIZER = 1000, 0.001, 32, "Adam"
_BOUNDS_RATIO = 10.0
# Beyond it, an array of all rates would take more than the memory that TensorBoard's process should.
MAX_STEPS = 10_000_000
# The classes of `keras.optimizers`: `code` can name no other one.
KERAS_OPTIMIZERS = (
    "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "RMSprop",
    "SGD", "ScheduleFreeAdamW",
)  # fmt: skip
# The name of an optimizer as range tests record it: the class, and a momentum where it has one.
_RECORDED = re.compile(r"(?P<name>\w+)(?:, momentum (?P<momentum>\d(?:\.\d+)?(?:e-\d+)?))?", re.ASCII)
# The span of rates that float32 holds with room to spare.
_RATES = (1e-12, 1e6)


@dataclass(frozen=True)
class Basis:
    """The values that the defaults of all recipes are taken from.

    Attributes:
        total_steps: Steps of the whole training.
        learning_rate: The rate to start from: the constant rate, the peak, or the upper bound.
        lower: The lower bound of cyclical rates, below the rate.
    """

    total_steps: int
    learning_rate: float
    lower: float


def basis_of(total_steps: int = TOTAL_STEPS, learning_rate: float = LEARNING_RATE, lower: float | None = None) -> Basis:
    """What is given, and the defaults of the rest.

    Args:
        total_steps: Steps of the whole training, from 2 to `MAX_STEPS`.
        learning_rate: The rate of a suggestion for the `use` of a recipe, positive.
        lower: The lower bound of cyclical rates (`Use.lower`), positive and below the rate; None takes a tenth of it.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> basis_of(learning_rate=0.5)
        Basis(total_steps=1000, learning_rate=0.5, lower=0.05)
    """
    _check_total_steps(total_steps)
    arguments.positive(learning_rate=learning_rate)
    lower = learning_rate / _BOUNDS_RATIO if lower is None else lower
    rule = f"positive and below {numerals.number(learning_rate, 6)}"
    arguments.number(rule, lambda value: 0 < value < learning_rate, lower=lower)
    return Basis(int(total_steps), float(learning_rate), float(lower))


@dataclass(frozen=True)
class Parameter:
    """One number or choice of a recipe.

    Attributes:
        name: Its name in the formula and in the class that `code` builds.
        label: The same for people.
        kind: `"number"`, `"integer"` or `"choice"`.
        default: Its value for a basis.
        minimum: The lowest value of a number.
        maximum: The highest value of a number.
        choices: The values of a choice.
        origin: The rate of the basis that the default is; None for what is no rate of the basis.
    """

    name: str
    label: str
    kind: Kind
    default: Callable[[Basis], Value]
    minimum: float = 0.0
    maximum: float = 1.0
    choices: tuple[str, ...] = ()
    origin: Origin | None = None

    def checked(self, value: Any) -> Value:
        """The value as a Python `float`, `int` or `str`.

        Raises:
            ValueError: If it is of another kind or outside the range.
        """
        if self.kind == "choice":
            arguments.one_of(self.choices, **{self.name: value})
            return str(value)
        if self.kind == "integer":
            arguments.whole(int(self.minimum), **{self.name: value})
        arguments.between(self.minimum, self.maximum, **{self.name: value})
        return int(value) if self.kind == "integer" else float(value)


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
        builder: The class that `code` names, with its module; empty where a number is enough.
        takes_total_steps: Whether formula and class take the `total_steps` of the training.
    """

    name: str
    label: str
    description: str
    use: str
    parameters: tuple[Parameter, ...]
    formula: Callable[..., Any]
    builder: str
    takes_total_steps: bool = False

    def defaults(self, basis: Basis) -> dict[str, Value]:
        """The parameters to begin with, by name.

        Raises:
            ValueError: If the basis gives one that is outside its range.

        Example:
            >>> RECIPES["cyclical"].defaults(basis_of(learning_rate=0.5))["initial_learning_rate"]
            0.05
        """
        return {parameter.name: parameter.checked(parameter.default(basis)) for parameter in self.parameters}

    def checked(self, total_steps: int, parameters: Mapping[str, Any]) -> dict[str, Value]:
        """The arguments of the formula and of the class.

        Raises:
            ValueError: If a parameter is missing, unknown or outside its range.
        """
        _check_total_steps(total_steps)
        names = [parameter.name for parameter in self.parameters]
        if set(parameters) != set(names):
            raise ValueError(f"`parameters` must be {', '.join(names)}. Received: {', '.join(parameters) or 'none'}.")
        given = {parameter.name: parameter.checked(parameters[parameter.name]) for parameter in self.parameters}
        if self.takes_total_steps:
            given = {"total_steps": int(total_steps), **given}
        self.formula(0, **given)
        return given


def learning_rates(
    name: str, total_steps: int, parameters: Mapping[str, Any], steps: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """The rates of a recipe.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training, from 2 to `MAX_STEPS`.
        parameters: The parameters of the recipe by name, all of them.
        steps: The steps to evaluate, shape `[n]`; None takes all of them.

    Returns:
        Array of shape `[n]` or `[total_steps]`.

    Raises:
        ValueError: If the name is unknown, or an argument is missing or outside its range.

    Example:
        >>> learning_rates("step_decay", 4, {"initial_learning_rate": 1.0, "decay_steps": 2, "decay_rate": 0.5}).tolist()
        [1.0, 1.0, 0.5, 0.5]
    """
    recipe = _recipe(name)
    given = recipe.checked(total_steps, parameters)
    chosen = np.arange(total_steps) if steps is None else steps
    return recipe.formula(chosen.astype(np.float64), **given)


def code(
    name: str, total_steps: int, batch_size: int, parameters: Mapping[str, Any], optimizer: str = OPTIMIZER
) -> str:
    """The Python that builds exactly the schedule that `learning_rates` draws, and an optimizer with it.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training, from 2 to `MAX_STEPS`.
        batch_size: Examples in a batch, at least 1.
        parameters: The parameters of the recipe by name, all of them.
        optimizer: Name of the optimizer that the range test was made with: one of `KERAS_OPTIMIZERS`, with its momentum
            where it has one, such as `"SGD, momentum 0.9"`. For any other, a comment says what to put in its place.

    Returns:
        Lines of Python. They assign `learning_rate`, a Keras schedule or a float, and `optimizer`.

    Raises:
        ValueError: If the name is unknown, or an argument is missing or outside its range.

    Example:
        >>> print(code("constant", 1000, 32, {"learning_rate": 0.03}), end="")
        import keras
        <BLANKLINE>
        batch_size = 32
        total_steps = 1000
        learning_rate = 0.03
        optimizer = keras.optimizers.Adam(learning_rate=learning_rate)
    """
    recipe = _recipe(name)
    given = recipe.checked(total_steps, parameters)
    arguments.whole(1, batch_size=batch_size)
    module, _, class_name = recipe.builder.rpartition(".")
    ours = module.startswith("tb_lrfinder")
    lines = [
        "import keras",
        *([f"from {module} import {class_name}"] if ours else []),
        "",
        f"batch_size = {int(batch_size)}",
        f"total_steps = {int(total_steps)}",
        *_assignment(class_name if ours else recipe.builder, given),
        *_optimizer(optimizer),
    ]
    return "\n".join(lines) + "\n"


def _optimizer(recorded: str) -> list[str]:
    found = _RECORDED.fullmatch(recorded)
    if found and found["name"] in KERAS_OPTIMIZERS:
        momentum = f", momentum={found['momentum']}" if found["momentum"] else ""
        return [f"optimizer = keras.optimizers.{found['name']}(learning_rate=learning_rate{momentum})"]
    return [
        # A quoted name holds no end of a line: whatever it is, it stays within the comment.
        f"# The range test was made with {recorded!r}, which Keras does not have: put it in place of {OPTIMIZER}.",
        *_optimizer(OPTIMIZER),
    ]


def _assignment(builder: str, given: Mapping[str, Value]) -> list[str]:
    if not builder:
        return [f"learning_rate = {given['learning_rate']!r}"]
    keywords = [f"    {name}={_source(name, value)}," for name, value in given.items()]
    return [f"learning_rate = {builder}(", *keywords, ")"]


def _source(name: str, value: Value) -> str:
    if name == "total_steps":
        return name
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _recipe(name: str) -> Recipe:
    arguments.one_of(RECIPES, name=name)
    return RECIPES[name]


def _check_total_steps(total_steps: int) -> None:
    arguments.whole(2, total_steps=total_steps)
    arguments.between(2, MAX_STEPS, total_steps=total_steps)


def _rate(name: str, label: str, origin: Origin = "learning_rate") -> Parameter:
    return _number(name, label, attrgetter(origin), *_RATES, origin=origin)


def _number(
    name: str,
    label: str,
    default: float | Callable[[Basis], float],
    minimum: float,
    maximum: float,
    origin: Origin | None = None,
) -> Parameter:
    return Parameter(
        name=name,
        label=label,
        kind="number",
        default=default if callable(default) else lambda basis: default,
        minimum=minimum,
        maximum=maximum,
        origin=origin,
    )


def _integer(name: str, label: str, default: Callable[[Basis], int], maximum: int) -> Parameter:
    return Parameter(name=name, label=label, kind="integer", default=default, minimum=1, maximum=maximum)


def _steps(name: str, label: str, parts: int) -> Parameter:
    """So many steps that the training has this many parts; rounded up, so that no rest begins another part."""
    return _integer(name, label, lambda basis: math.ceil(basis.total_steps / parts), MAX_STEPS)


def _choice(name: str, label: str, choices: tuple[str, ...]) -> Parameter:
    return Parameter(name=name, label=label, kind="choice", default=lambda basis: choices[0], choices=choices)


def _tenth_at_the_end(basis: Basis) -> float:
    """The factor per step that leaves a tenth of the height at the end."""
    return round(0.1 ** (1 / basis.total_steps), 9)


_INITIAL = _rate("initial_learning_rate", "Initial rate")
_KERAS, _OURS = "keras.optimizers.schedules.", "tb_lrfinder.schedules."

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="constant",
            label="Constant",
            description="The same rate at every step.",
            use="constant",
            parameters=(_rate("learning_rate", "Rate"),),
            formula=formulas.constant,
            builder="",
        ),
        Recipe(
            name="one_cycle",
            label="1cycle",
            description="Up to a peak, down again, and at the end down by orders of magnitude.",
            use="one_cycle",
            parameters=(
                _rate("peak_learning_rate", "Peak"),
                _number("warmup_share", "Share of the rise", 0.3, 0.0, 0.99),
                _number("start_divisor", "Peak ÷ first rate", 25.0, 1.0, 1e9),
                _number("end_divisor", "Peak ÷ last rate", 250_000.0, 1.0, 1e9),
                _choice("shape", "Shape", get_args(OneCycleShape)),
                _number("annihilation_share", "Share of the final fall", 0.0, 0.0, 0.99),
            ),
            formula=formulas.one_cycle,
            builder=f"{_OURS}OneCycle",
            takes_total_steps=True,
        ),
        Recipe(
            name="cyclical",
            label="Cyclical",
            description="Up and down between two rates, in straight lines.",
            use="cyclical",
            parameters=(
                _rate("initial_learning_rate", "Lower rate", origin="lower"),
                _rate("max_learning_rate", "Upper rate"),
                _steps("step_size", "Steps of half a cycle", 8),
                _choice("mode", "Mode", get_args(CyclicalMode)),
                _number("gamma", "Factor per step (exp_range)", _tenth_at_the_end, 0.001, 1.0),
            ),
            formula=formulas.cyclical,
            builder=f"{_OURS}Cyclical",
        ),
        Recipe(
            name="step_decay",
            label="Step",
            description="Multiplied by a factor every so many steps.",
            use="constant",
            parameters=(
                _INITIAL,
                _steps("decay_steps", "Steps at each rate", 5),
                _number("decay_rate", "Factor", 0.5, 0.001, 1.0),
            ),
            formula=formulas.step_decay,
            builder=f"{_OURS}StepDecay",
        ),
        Recipe(
            name="exponential_decay",
            label="Exponential",
            description="Multiplied by the same factor again and again, smoothly: a straight line on a logarithmic axis.",
            use="constant",
            parameters=(
                _INITIAL,
                _steps("decay_steps", "Steps per factor", 1),
                _number("decay_rate", "Factor", 0.01, 1e-6, 1.0),
            ),
            formula=formulas.exponential_decay,
            builder=f"{_KERAS}ExponentialDecay",
        ),
        Recipe(
            name="inverse_time_decay",
            label="Time-based",
            description="Divided by a number that grows with the steps: fast at first and ever slower.",
            use="constant",
            parameters=(
                _INITIAL,
                _steps("decay_steps", "Steps per decay", 10),
                _number("decay_rate", "Decay", 1.0, 0.0, 1e6),
            ),
            formula=formulas.inverse_time_decay,
            builder=f"{_KERAS}InverseTimeDecay",
        ),
        Recipe(
            name="linear_decay",
            label="Linear",
            description="A straight line down to the last rate.",
            use="constant",
            parameters=(
                _INITIAL,
                _steps("decay_steps", "Steps down", 1),
                _number("end_learning_rate", "Last rate", 0.0, 0.0, _RATES[1]),
            ),
            formula=formulas.linear_decay,
            builder=f"{_KERAS}PolynomialDecay",
        ),
        Recipe(
            name="cosine_decay_restarts",
            label="Cosine with restarts",
            description="Down along half a cosine, up again at once, in periods that grow longer.",
            use="constant",
            parameters=(
                _INITIAL,
                _steps("first_decay_steps", "Steps of the first period", 7),
                _integer("t_mul", "Growth of the periods", lambda basis: 2, maximum=5),
                _number("m_mul", "Height per restart", 1.0, 0.01, 1.0),
                _number("alpha", "Lowest rate ÷ initial rate", 0.0, 0.0, 1.0),
            ),
            formula=formulas.cosine_decay_restarts,
            builder=f"{_KERAS}CosineDecayRestarts",
        ),
    )
}
