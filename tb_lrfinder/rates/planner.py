"""The planner: the rates that a recipe draws, and the Python that builds it.

Knows nothing of Keras, which TensorBoard's process must not load: `code` only names its classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.rates import keras_code, torch_code
from tb_lrfinder.rates.optimizers import KERAS_OPTIMIZERS, OPTIMIZER, Framework, framework_of, named
from tb_lrfinder.rates.parameters import LEARNING_RATE, MAX_STEPS, TOTAL_STEPS, Basis, Value, basis_of
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
    "Framework",
    "Recipe",
    "basis_of",
    "code",
    "framework_of",
    "learning_rates",
]

# Keras' default.
BATCH_SIZE = 32


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
    name: str,
    total_steps: int,
    batch_size: int,
    parameters: Mapping[str, Any],
    optimizer: str = OPTIMIZER,
    framework: Framework = "keras",
) -> str:
    """The Python that builds exactly the schedule that `learning_rates` draws, and an optimizer with it.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training, from 2 to `MAX_STEPS`.
        batch_size: Examples in a batch, at least 1.
        parameters: The parameters of the recipe by name, all of them.
        optimizer: Name of the optimizer that the range test was made with, with its momentum where it has one, such as
            `"SGD, momentum 0.9"`. For one that the framework does not have, a comment says what to put in its place.
        framework: `"keras"` or `"pytorch"`.

    Returns:
        Lines of Python. For Keras they assign `learning_rate`, a schedule or a float, and `optimizer`; for PyTorch, from a
        `model`, `optimizer` and, unless the rate is constant, `scheduler`.

    Raises:
        ValueError: If a name is unknown, or an argument is missing or outside its range.

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
    arguments.one_of(get_args(Framework), framework=framework)
    write = _for_keras if framework == "keras" else _for_torch
    imports, lines = write(name, int(total_steps), given, optimizer)
    return "\n".join([*imports, "", f"batch_size = {int(batch_size)}", *lines]) + "\n"


def _for_keras(name: str, total_steps: int, given: Mapping[str, Value], recorded: str) -> tuple[list[str], list[str]]:
    imports, schedule = keras_code.schedule_lines(name, total_steps, given)
    optimizer, more, comment = named(recorded, "keras")
    built = f"optimizer = keras.optimizers.{optimizer}(learning_rate=learning_rate{more})"
    return imports, [*schedule, *comment, built]


def _for_torch(name: str, total_steps: int, given: Mapping[str, Value], recorded: str) -> tuple[list[str], list[str]]:
    imports, variables, rate, scheduler = torch_code.schedule_lines(name, total_steps, given)
    optimizer, more, comment = named(recorded, "pytorch")
    built = f"optimizer = torch.optim.{optimizer}(model.parameters(), lr={rate!r}{more})"
    return imports, [*variables, *comment, built, *scheduler]


def _recipe(name: str) -> Recipe:
    arguments.one_of(RECIPES, name=name)
    return RECIPES[name]
