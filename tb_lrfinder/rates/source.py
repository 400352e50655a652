"""Python as text, built from names, numbers and calls: nothing that a request holds gets into it but checked values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tb_lrfinder.rates.parameters import Value

_INDENT = "    "
# What stands beside the name of a part of the model, which nobody but its owner knows.
PRETRAINED = "the pretrained part of your model: put its name here"
# Values that the code holds in variables of these names, since people think in them.
VARIABLES = ("total_steps", "warmup_steps")


@dataclass(frozen=True)
class Text:
    """An expression as it is written."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call of a function or class by keywords, after arguments without any."""

    name: str
    keywords: Mapping[str, Expression] = field(default_factory=dict)
    positional: tuple[Expression, ...] = ()


Expression = Value | Text | Call | tuple["Expression", ...]


def written(expression: Expression, indent: str = "") -> str:
    """An expression as Python: calls with keywords have a line for each argument, tuples become lists.

    Example:
        >>> print(written(Call("Step", {"rate": 0.1, "total_steps": 30}, (Text("optimizer"),))))
        Step(
            optimizer,
            rate=0.1,
            total_steps=total_steps,
        )
    """
    if isinstance(expression, Text):
        return expression.text
    if isinstance(expression, str):
        return f'"{expression}"'
    deeper = indent + _INDENT
    if isinstance(expression, tuple):
        items = [written(one, deeper) for one in expression]
        if not any(isinstance(one, Call) for one in expression):
            return f"[{', '.join(items)}]"
        return _lines("[", items, "]", indent)
    if isinstance(expression, Call):
        positional = [written(one, deeper) for one in expression.positional]
        keywords = [f"{name}={_argument(name, one, deeper)}" for name, one in expression.keywords.items()]
        return _lines(f"{expression.name}(", [*positional, *keywords], ")", indent)
    return repr(expression)


def share_of(rate: float, share: float) -> float:
    """A share of a rate, without the digits that only rounding brings.

    Example:
        >>> 0.07 * 0.1, share_of(0.07, 0.1)
        (0.007000000000000001, 0.007)
    """
    return float(f"{rate * share:.12g}")


def scaled(expression: Expression, rates: frozenset[str], factor: str) -> Expression:
    """The same calls with these of their arguments multiplied by a factor.

    Example:
        >>> written(scaled(Call("Constant", {"rate": 0.1}), frozenset({"rate"}), "share"))
        'Constant(\\n    rate=0.1 * share,\\n)'
    """
    if not isinstance(expression, Call):
        return expression
    keywords = {
        name: Text(f"{one!r} * {factor}") if name in rates and one != 0 else scaled(one, rates, factor)
        for name, one in expression.keywords.items()
    }
    return Call(expression.name, keywords, tuple(scaled(one, rates, factor) for one in expression.positional))


def variables(given: Mapping[str, Value], total_steps: int) -> list[str]:
    """The lines that assign the variables."""
    values = {"total_steps": total_steps, **given}
    return [f"{name} = {int(values[name])}" for name in VARIABLES if name in values]


def _argument(name: str, value: Expression, indent: str) -> str:
    is_variable = name in VARIABLES and not isinstance(value, (Text, Call, tuple))
    return name if is_variable else written(value, indent)


def _lines(opening: str, items: list[str], closing: str, indent: str) -> str:
    return "\n".join([opening, *(f"{indent}{_INDENT}{item}," for item in items), f"{indent}{closing}"])
