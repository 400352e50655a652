"""The Python for Keras that builds a recipe: Keras' own schedules, and those of `tb_lrfinder.schedules` that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tb_lrfinder.rates.parameters import Value
from tb_lrfinder.rates.source import Call, Expression, Text, share_of, variables, written

Given = Mapping[str, Value]
_KERAS = "keras.optimizers.schedules."


def schedule_lines(name: str, total_steps: int, given: Given) -> tuple[list[str], list[str]]:
    """The imports, and the lines that assign `learning_rate`.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training.
        given: The checked arguments of the recipe's formula.
    """
    learning_rate = _SCHEDULES[name](given)
    ours = sorted(_called(learning_rate) & _OURS)
    imports = ["import keras", *([f"from tb_lrfinder.schedules import {', '.join(ours)}"] if ours else [])]
    return imports, [*variables(given, total_steps), f"learning_rate = {written(learning_rate)}"]


def _called(expression: Expression) -> set[str]:
    """The names of all calls."""
    if not isinstance(expression, Call):
        return set()
    return {expression.name}.union(*map(_called, (*expression.positional, *expression.keywords.values())))


def _keras(name: str) -> Callable[[Given], Expression]:
    return lambda given: Call(f"{_KERAS}{name}", given)


def _our(name: str) -> Callable[[Given], Expression]:
    return lambda given: Call(name, given)


def _warmed(decay: Callable[[float, float], Call]) -> Callable[[Given], Expression]:
    """A rise, and the decay from a peak to a share of it in the steps that are left."""

    def build(given: Given) -> Expression:
        peak, start, end = (float(given[name]) for name in ("peak_learning_rate", "start_share", "end_share"))
        keywords = {"warmup_steps": given["warmup_steps"], "initial_learning_rate": share_of(peak, start)}
        return Call("WarmUp", keywords, (decay(peak, end),))

    return build


_LEFT = Text("total_steps - warmup_steps")


def _cosine(peak: float, end_share: float) -> Call:
    return Call(f"{_KERAS}CosineDecay", {"initial_learning_rate": peak, "decay_steps": _LEFT, "alpha": end_share})


def _linear(peak: float, end_share: float) -> Call:
    end = share_of(peak, end_share)
    return Call(
        f"{_KERAS}PolynomialDecay", {"initial_learning_rate": peak, "decay_steps": _LEFT, "end_learning_rate": end}
    )


_OURS = {"Cyclical", "OneCycle", "StepDecay", "WarmUp", "WarmUpStableDecay"}
_SCHEDULES: dict[str, Callable[[Given], Expression]] = {
    "constant": lambda given: given["learning_rate"],
    "one_cycle": _our("OneCycle"),
    "warmup_cosine": _warmed(_cosine),
    "warmup_linear": _warmed(_linear),
    "warmup_stable_decay": _our("WarmUpStableDecay"),
    "cyclical": _our("Cyclical"),
    "step_decay": _our("StepDecay"),
    "exponential_decay": _keras("ExponentialDecay"),
    "inverse_time_decay": _keras("InverseTimeDecay"),
    "linear_decay": _keras("PolynomialDecay"),
    "polynomial_decay": _keras("PolynomialDecay"),
    "cosine_decay": _keras("CosineDecay"),
    "cosine_decay_restarts": _keras("CosineDecayRestarts"),
}
