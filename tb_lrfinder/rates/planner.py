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
from tb_lrfinder.rates.optimizers import KERAS_OPTIMIZERS, OPTIMIZER, Framework, framework_of
from tb_lrfinder.rates.parameters import LEARNING_RATE, MAX_STEPS, TOTAL_STEPS, Basis, basis_of
from tb_lrfinder.rates.recipes import RECIPES, Recipe

__all__ = [
    "BASE_SHARE",
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
    "drawn",
    "framework_of",
    "learning_rates",
]

# What pretrained layers get of the rate of new ones, which have everything to learn: the usual choice.
BASE_SHARE = 0.1


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


def drawn(
    name: str, total_steps: int, parameters: Mapping[str, Any], most: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Steps that a recipe can be drawn by, spread evenly with the highest rate among them, and their rates.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training, from 2 to `MAX_STEPS`.
        parameters: The parameters of the recipe by name, all of them.
        most: The number of steps at most, at least 3.

    Raises:
        ValueError: If the name is unknown, or an argument is missing or outside its range.

    Example:
        >>> steps, rates = drawn("step_decay", 4, {"initial_learning_rate": 1.0, "decay_steps": 2, "decay_rate": 0.5}, 9)
        >>> steps.tolist(), rates.tolist()
        ([0, 1, 2, 3], [1.0, 1.0, 0.5, 0.5])
    """
    steps = np.unique(np.linspace(0, max(total_steps, 1) - 1, most - 1).round().astype(np.int64))
    highest = int(learning_rates(name, total_steps, parameters, steps).argmax())
    around = np.arange(steps[max(highest - 1, 0)], steps[min(highest + 1, len(steps) - 1)] + 1)
    peak = around[learning_rates(name, total_steps, parameters, around).argmax()]
    steps = np.unique(np.append(steps, peak))
    return steps, learning_rates(name, total_steps, parameters, steps)


def code(
    name: str,
    total_steps: int,
    batch_size: int | None,
    parameters: Mapping[str, Any],
    optimizer: str = OPTIMIZER,
    framework: Framework = "keras",
    fine_tuning: bool = False,
) -> str:
    """The Python that builds exactly the schedule that `learning_rates` draws, and an optimizer with it.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training, from 2 to `MAX_STEPS`.
        batch_size: Examples in a batch, at least 1; None where nobody said it, and the code names none.
        parameters: The parameters of the recipe by name, all of them.
        optimizer: Name of the optimizer that the range test was made with, with its momentum where it has one, such as
            `"SGD, momentum 0.9"`. For one that the framework does not have, a comment says what to put in its place.
        framework: `"keras"` or `"pytorch"`.
        fine_tuning: Whether a part of the model is pretrained. It gets `BASE_SHARE` of the rate at every step.

    Returns:
        Lines of Python. For Keras they assign `learning_rate`, a schedule or a float, and `optimizer`; for PyTorch, from a
        `model`, `optimizer` and, unless the rate is constant, `scheduler`. For fine-tuning they take a part of a `model`
        apart, whose name has to be put in.

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
    if batch_size is not None:
        arguments.whole(1, batch_size=batch_size)
    arguments.one_of(get_args(Framework), framework=framework)
    write = keras_code.lines if framework == "keras" else torch_code.lines
    imports, lines = write(name, int(total_steps), given, optimizer, BASE_SHARE if fine_tuning else None)
    known = [] if batch_size is None else [f"batch_size = {int(batch_size)}"]
    return "\n".join([*imports, "", *known, *lines]) + "\n"


def _recipe(name: str) -> Recipe:
    arguments.one_of(RECIPES, name=name)
    return RECIPES[name]
