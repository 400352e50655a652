"""The planner: the rates that a recipe draws, and the Python that builds it.

Knows nothing of Keras, which TensorBoard's process must not load: `code` only names its classes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.rates import keras_code
from tb_lrfinder.rates.parameters import LEARNING_RATE, MAX_STEPS, TOTAL_STEPS, Basis, basis_of
from tb_lrfinder.rates.recipes import RECIPES, Recipe

__all__ = [
    "BATCH_SIZE",
    "KERAS_OPTIMIZERS",
    "LEARNING_RATE",
    "MAX_STEPS",
    "OPTIMIZER",
    "RECIPES",
    "TOTAL_STEPS",
    "Basis",
    "Recipe",
    "basis_of",
    "code",
    "learning_rates",
]

# What the code names when nothing was recorded: Keras' defaults.
BATCH_SIZE, OPTIMIZER = 32, "Adam"
# The classes of `keras.optimizers`: `code` can name no other one.
KERAS_OPTIMIZERS = (
    "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "RMSprop",
    "SGD", "ScheduleFreeAdamW",
)  # fmt: skip
# The name of an optimizer as range tests record it: the class, and a momentum where it has one.
_RECORDED = re.compile(r"(?P<name>\w+)(?:, momentum (?P<momentum>\d(?:\.\d+)?(?:e-\d+)?))?", re.ASCII)


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
    imports, schedule = keras_code.schedule_lines(name, int(total_steps), given)
    lines = [*imports, "", f"batch_size = {int(batch_size)}", *schedule, *_optimizer(optimizer)]
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


def _recipe(name: str) -> Recipe:
    arguments.one_of(RECIPES, name=name)
    return RECIPES[name]
