"""The Python for Keras that builds a recipe: Keras' own schedules, and those of `tb_lrfinder.schedules` that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tb_lrfinder.rates.optimizers import named
from tb_lrfinder.rates.parameters import Value
from tb_lrfinder.rates.source import PRETRAINED, Call, Expression, Text, scaled, share_of, variables, written

Given = Mapping[str, Value]
_KERAS = "keras.optimizers.schedules."


# Arguments of schedules that are rates; all others are shares, factors and steps.
_RATES = frozenset(
    ("learning_rate", "peak_learning_rate", "initial_learning_rate", "max_learning_rate", "end_learning_rate")
)
_MULTI = (
    "# MultiOptimizer came with Keras 3.15. Before, train twice: with base.trainable = False at these rates, and then",
    "# with base.trainable = True at a tenth of them.",
    "optimizer = keras.optimizers.MultiOptimizer(",
    "    keras.optimizers.OptimizerMap(new, {one.path: pretrained for one in base.trainable_variables})",
    ")",
)


def lines(
    name: str, total_steps: int, given: Given, recorded: str, base_share: float | None = None
) -> tuple[list[str], list[str]]:
    """The imports, and the lines that assign `optimizer`, with a schedule or rate.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training.
        given: The checked arguments of the recipe's formula.
        recorded: The name of the optimizer.
        base_share: The share of the rate that the pretrained layers of a `model` get; None where all get the same.
    """
    schedule = _SCHEDULES[name](given)
    ours = sorted(_called(schedule) & _OURS)
    imports = ["import keras", *([f"from tb_lrfinder.schedules import {', '.join(ours)}"] if ours else [])]
    optimizer, more, comment = named(recorded, "keras")
    build = f"keras.optimizers.{optimizer}(learning_rate="
    if base_share is None:
        rates, built = [f"learning_rate = {written(schedule)}"], [f"optimizer = {build}learning_rate{more})"]
    else:
        of_share = Text(f"{schedule!r} * share") if isinstance(schedule, float) else scaled(schedule, _RATES, "share")
        rates = ["", "", "def schedule(share):", f"    return {written(of_share, '    ')}", "", ""]
        pair = f"({build}schedule(share){more}) for share in (1.0, {base_share!r}))"
        built = [f'base = model.get_layer("backbone")  # {PRETRAINED}', f"new, pretrained = {pair}", *_MULTI]
    return imports, [*variables(given, total_steps), *rates, *comment, *built]


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
