"""The Python for PyTorch that builds a recipe: a scheduler of `torch.optim.lr_scheduler`, which is stepped once per batch.

Where none of its classes draws exactly what the formula does, `LambdaLR` computes the formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tb_lrfinder.rates.optimizers import named
from tb_lrfinder.rates.parameters import Value
from tb_lrfinder.rates.source import PRETRAINED, Call, Expression, Text, share_of, variables, written

_SCHEDULERS = "lr_scheduler."
_OPTIMIZER = Text("optimizer")
# Beside the arguments of a formula: the share of the rate that the second group of parameters gets, None without one.
_SHARE = "base_share"
STEPPED = "# Call scheduler.step() after each optimizer.step(): a step is a batch, not an epoch."


@dataclass(frozen=True)
class Scheduled:
    """A scheduler, and what it needs.

    Attributes:
        learning_rate: The rate of the optimizer, which the scheduler multiplies or replaces.
        scheduler: The call that builds it; None for a rate that stays.
        function: The lines of a function that it calls, or none.
    """

    learning_rate: float
    scheduler: Call | None = None
    function: tuple[str, ...] = ()


def lines(
    name: str, total_steps: int, given: Mapping[str, Value], recorded: str, base_share: float | None = None
) -> tuple[list[str], list[str]]:
    """The imports, and the lines that assign, from a `model`, `optimizer` and, unless the rate is constant, `scheduler`.

    Args:
        name: One of `RECIPES`.
        total_steps: Steps of the whole training.
        given: The checked arguments of the recipe's formula.
        recorded: The name of the optimizer.
        base_share: The share of the rate that the pretrained layers get; None where all get the same.
    """
    scheduled = _RECIPES[name]({**given, "total_steps": total_steps, _SHARE: base_share})
    optimizer, more, comment = named(recorded, "pytorch", has_groups=base_share is not None)
    rate = scheduled.learning_rate
    groups, parameters = ([], "model.parameters()") if base_share is None else _groups(rate, base_share)
    built = f"optimizer = torch.optim.{optimizer}({parameters}, lr={rate!r}{more})"
    last = [] if scheduled.scheduler is None else [f"scheduler = {written(scheduled.scheduler)}", STEPPED]
    function = ["", "", *scheduled.function, "", ""] if scheduled.function else []
    math = ["import math", ""] if "math." in "\n".join([*function, *last]) else []
    schedulers = ["from torch.optim import lr_scheduler"] if last else []
    imports = [*math, "import torch", *schedulers]
    return imports, [*variables(given, total_steps), *comment, *groups, built, *function, *last]


def _groups(rate: float, base_share: float) -> tuple[list[str], str]:
    """The lines that take the parameters apart, and the groups of the optimizer; the first one is of new layers."""
    lines = [
        f"base = model.backbone  # {PRETRAINED}",
        "pretrained = set(base.parameters())",
        "new = [parameter for parameter in model.parameters() if parameter not in pretrained]",
        f'groups = [{{"params": new}}, {{"params": base.parameters(), "lr": {share_of(rate, base_share)!r}}}]',
    ]
    return lines, "groups"


def _each(given: Mapping[str, Any], rate: float) -> Expression:
    """A rate of every group, where a scheduler would set the same in all."""
    return rate if given[_SHARE] is None else (rate, share_of(rate, given[_SHARE]))


def _has_floor(given: Mapping[str, Any], name: str) -> bool:
    """Whether groups fall to rates above zero, which some schedulers would make the same in all."""
    return given[_SHARE] is not None and given[name] > 0


def _scheduler(name: str, keywords: Mapping[str, Expression] = {}, *positional: Expression) -> Call:
    return Call(_SCHEDULERS + name, keywords, (_OPTIMIZER, *positional))


def _lambda(rate: float, factor: str) -> Scheduled:
    """The rate times a factor that is an expression of `step`."""
    return Scheduled(rate, _scheduler("LambdaLR", {}, Text(f"lambda step: {factor}")))


def _function(rate: float, *lines: str) -> Scheduled:
    """The rate times a factor that a function of `step` computes."""
    return Scheduled(rate, _scheduler("LambdaLR", {}, Text("factor")), ("def factor(step):", *lines))


def _constant(given: Mapping[str, Any]) -> Scheduled:
    return Scheduled(given["learning_rate"])


def _one_cycle(given: Mapping[str, Any]) -> Scheduled:
    peak, total_steps = given["peak_learning_rate"], given["total_steps"]
    risen = round(given["warmup_share"] * total_steps)
    falls = round(given["annihilation_share"] * total_steps)
    # `OneCycleLR` divides by a rise of one step, has its peak between steps where the share is no whole number of them, and
    # its third phase a step away from ours.
    if not 2 <= risen < total_steps or falls > 0:
        return _corners(given, max(risen - 1, 0), total_steps - 1 - falls)
    keywords = {
        "max_lr": _each(given, peak),
        "total_steps": total_steps,
        "pct_start": Text(f"{risen} / total_steps"),
        "anneal_strategy": "cos" if given["shape"] == "cosine" else "linear",
        "cycle_momentum": False,
        "div_factor": given["start_divisor"],
        "final_div_factor": given["end_divisor"] / given["start_divisor"],
    }
    return Scheduled(peak, _scheduler("OneCycleLR", keywords))


def _corners(given: Mapping[str, Any], peak_step: int, fallen: int) -> Scheduled:
    """1cycle from corner to corner."""
    last = given["total_steps"] - 1
    peak_step = min(peak_step, last - 1)
    start, end = 1 / given["start_divisor"], 1 / given["end_divisor"]
    corners = [(0, start)] if peak_step > 0 else []
    corners.append((peak_step, 1.0))
    if (fallen := max(fallen, peak_step + 1)) < last:
        corners.append((fallen, start))
    corners.append((last, end))
    eased = ["    share = (1 - math.cos(math.pi * share)) / 2"] if given["shape"] == "cosine" else []
    return _function(
        given["peak_learning_rate"],
        f"    corners = {corners}",
        "    parts = zip(corners, corners[1:])",
        "    (first, start), (last, end) = next((part for part in parts if step <= part[1][0]), corners[-2:])",
        "    share = min((step - first) / (last - first), 1)",
        *eased,
        "    return start * (1 - share) + end * share",
    )


def _warmed(given: Mapping[str, Any], milestones: tuple[str, ...], *later: Call) -> Scheduled:
    """A rise, and what follows at each of the milestones."""
    rise = _scheduler("LinearLR", {"start_factor": given["start_share"], "total_iters": Text("warmup_steps")})
    keywords = {"schedulers": (rise, *later), "milestones": tuple(map(Text, milestones))}
    return Scheduled(given["peak_learning_rate"], _scheduler("SequentialLR", keywords))


def _warmup_cosine(given: Mapping[str, Any]) -> Scheduled:
    if _has_floor(given, "end_share"):
        share = "min(step / (total_steps - warmup_steps), 1)"
        factor = Text(f"lambda step: {_half_cosine(given['end_share'], share)}")
        return _warmed(given, ("warmup_steps",), _scheduler("LambdaLR", {}, factor))
    lowest = share_of(given["peak_learning_rate"], given["end_share"])
    keywords = {"T_max": Text("total_steps - warmup_steps"), "eta_min": lowest}
    return _warmed(given, ("warmup_steps",), _scheduler("CosineAnnealingLR", keywords))


def _warmup_linear(given: Mapping[str, Any]) -> Scheduled:
    return _warmed(given, ("warmup_steps",), _line(given["end_share"], Text("total_steps - warmup_steps")))


def _warmup_stable_decay(given: Mapping[str, Any]) -> Scheduled:
    stable = _scheduler("ConstantLR", {"factor": 1.0, "total_iters": 0})
    decay_steps = given["decay_steps"]
    fall = _line(given["end_share"], decay_steps)
    return _warmed(given, ("warmup_steps", f"total_steps - {decay_steps}"), stable, fall)


def _line(end: float, steps: Expression) -> Call:
    return _scheduler("LinearLR", {"start_factor": 1.0, "end_factor": end, "total_iters": steps})


def _cyclical(given: Mapping[str, Any]) -> Scheduled:
    keywords = {
        "base_lr": _each(given, given["initial_learning_rate"]),
        "max_lr": _each(given, given["max_learning_rate"]),
        "step_size_up": given["step_size"],
        "mode": given["mode"],
        "gamma": given["gamma"],
        "cycle_momentum": False,
    }
    return Scheduled(given["initial_learning_rate"], _scheduler("CyclicLR", keywords))


def _step_decay(given: Mapping[str, Any]) -> Scheduled:
    keywords = {"step_size": given["decay_steps"], "gamma": given["decay_rate"]}
    return Scheduled(given["initial_learning_rate"], _scheduler("StepLR", keywords))


def _exponential_decay(given: Mapping[str, Any]) -> Scheduled:
    gamma = Text(f"{given['decay_rate']!r} ** (1 / {given['decay_steps']!r})")
    return Scheduled(given["initial_learning_rate"], _scheduler("ExponentialLR", {"gamma": gamma}))


def _inverse_time_decay(given: Mapping[str, Any]) -> Scheduled:
    rate, steps = given["decay_rate"], given["decay_steps"]
    return _lambda(given["initial_learning_rate"], f"1 / (1 + {rate!r} * step / {steps!r})")


def _linear_decay(given: Mapping[str, Any]) -> Scheduled:
    initial, end = given["initial_learning_rate"], given["end_learning_rate"]
    if end > initial:
        # `LinearLR` takes no factor above 1.
        return _polynomial_decay({**given, "power": 1.0})
    return Scheduled(initial, _line(end / initial, given["decay_steps"]))


def _polynomial_decay(given: Mapping[str, Any]) -> Scheduled:
    initial, end, power = given["initial_learning_rate"], given["end_learning_rate"], given["power"]
    if end == 0:
        keywords = {"total_iters": given["decay_steps"], "power": power}
        return Scheduled(initial, _scheduler("PolynomialLR", keywords))
    ratio = end / initial
    weight = f"(1 - {_share(given)}) ** {power!r}"
    return _lambda(initial, f"{ratio!r} + (1 - {ratio!r}) * {weight}")


def _cosine_decay(given: Mapping[str, Any]) -> Scheduled:
    initial, alpha = given["initial_learning_rate"], given["alpha"]
    if given["decay_steps"] >= given["total_steps"] and not _has_floor(given, "alpha"):
        keywords = {"T_max": given["decay_steps"], "eta_min": share_of(initial, alpha)}
        return Scheduled(initial, _scheduler("CosineAnnealingLR", keywords))
    # Behind its last step, `CosineAnnealingLR` rises again.
    return _lambda(initial, _half_cosine(alpha, _share(given)))


def _half_cosine(lowest: float, share: str) -> str:
    return f"{lowest!r} + (1 - {lowest!r}) * (1 + math.cos(math.pi * {share})) / 2"


def _share(given: Mapping[str, Any]) -> str:
    return f"min(step / {given['decay_steps']!r}, 1)"


def _cosine_decay_restarts(given: Mapping[str, Any]) -> Scheduled:
    initial, first, growth = given["initial_learning_rate"], given["first_decay_steps"], given["t_mul"]
    if given["m_mul"] == 1 and not _has_floor(given, "alpha"):
        keywords = {"T_0": first, "T_mult": growth, "eta_min": share_of(initial, given["alpha"])}
        return Scheduled(initial, _scheduler("CosineAnnealingWarmRestarts", keywords))
    return _function(
        initial,
        f"    steps, height = {first!r}, 1.0",
        "    while step >= steps:",
        f"        step, steps, height = step - steps, steps * {growth!r}, height * {given['m_mul']!r}",
        f"    lowest = {given['alpha']!r}",
        "    return lowest + (1 - lowest) * height * (1 + math.cos(math.pi * step / steps)) / 2",
    )


_RECIPES: dict[str, Callable[[Mapping[str, Any]], Scheduled]] = {
    "constant": _constant,
    "one_cycle": _one_cycle,
    "warmup_cosine": _warmup_cosine,
    "warmup_linear": _warmup_linear,
    "warmup_stable_decay": _warmup_stable_decay,
    "cyclical": _cyclical,
    "step_decay": _step_decay,
    "exponential_decay": _exponential_decay,
    "inverse_time_decay": _inverse_time_decay,
    "linear_decay": _linear_decay,
    "polynomial_decay": _polynomial_decay,
    "cosine_decay": _cosine_decay,
    "cosine_decay_restarts": _cosine_decay_restarts,
}
