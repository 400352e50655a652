"""A value of several runs against a setting of theirs: medians, ranges, and in a sentence what is clear of them.

A power law is a line where both axes are logarithmic: its exponent is the slope of least squares, and the error half of the
95 % interval of that slope (Student's t), as any book on regression has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tb_lrfinder import numerals

Setting = float | int | str | bool

# Values of a setting, and how far they reach, below which a power is no more than a guess.
_LEAST_VALUES, _LEAST_SPAN = 3, 4.0
# Half of an interval: wider ones tell neither a root from a line nor either from nothing.
_MOST_ERROR = 0.35
# The error from which on one decimal is enough.
_COARSE = 0.05
# A power between these over the whole interval changes nothing that anybody would set.
_FLAT = 0.15
# Runs of each value from which on ranges that do not touch are no accident: one time in 35 where there is no difference.
_LEAST_REPEATS = 4
_SENTENCES = 4
# The 97.5 % points of Student's t, to three digits, from 1 degree of freedom on; beyond them about 2.
_STUDENT = (
    12.7,
    4.30,
    3.18,
    2.78,
    2.57,
    2.45,
    2.36,
    2.31,
    2.26,
    2.23,
    2.20,
    2.18,
    2.16,
    2.14,
    2.13,
    2.12,
    2.11,
    2.10,
    2.09,
    2.09,
)
_BEYOND = 2.0
# What follows from other settings, and is none that somebody has set beside them.
_DERIVED = {"model", "parameters"}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run says.

    Attributes:
        settings: Its settings by name.
        value: Its value, finite.
    """

    settings: Mapping[str, Setting]
    value: float


@dataclass(frozen=True)
class AtSetting:
    """The runs with one value of the setting.

    Attributes:
        x: The value of the setting.
        count: Number of runs.
        median: The median of their values.
        low: The lowest.
        high: The highest.
    """

    x: Setting
    count: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Power:
    """How a value grows with a setting.

    Attributes:
        exponent: The power; below 0, the value falls.
        error: Half of its 95 % interval.
        first: The lowest value of the setting that was looked at, positive.
        last: The highest.
    """

    exponent: float
    error: float
    first: float
    last: float

    @property
    def is_clear(self) -> bool:
        """Whether it can be told from none, or is none for sure."""
        return self.error <= _MOST_ERROR and (abs(self.exponent) > self.error or self.is_flat)

    @property
    def is_flat(self) -> bool:
        return abs(self.exponent) + self.error <= _FLAT


@dataclass(frozen=True)
class Group:
    """Runs that are looked at together.

    Attributes:
        name: What they have in common; None for all runs.
        values: By value of the setting, in order.
        power: How the value grows with the setting; None where that is not known.
    """

    name: str | None
    values: tuple[AtSetting, ...]
    power: Power | None


@dataclass(frozen=True)
class Relation:
    """A value against a setting.

    Attributes:
        groups: The groups by name.
        sentences: What is clear, each a sentence; none where the runs do not speak clearly.
    """

    groups: tuple[Group, ...]
    sentences: tuple[str, ...]


def is_number(x: Setting) -> bool:
    """Whether a value of a setting is a place on an axis of numbers."""
    return isinstance(x, float | int) and not isinstance(x, bool)


def text_of(x: Setting) -> str:
    """A value of a setting for people."""
    if isinstance(x, bool):
        return "yes" if x else "no"
    return x if isinstance(x, str) else numerals.number(x, 6)


def relation_of(runs: Sequence[Run], by: str, group: str | None, what: str) -> Relation:
    """The value of the runs against a setting.

    Args:
        runs: The runs; those without the setting are passed over.
        by: Name of the setting.
        group: Name of the setting by which they are looked at apart; None looks at all together.
        what: Name of the value in a sentence: `"the suggested rate"`.
    """
    having = [run for run in runs if by in run.settings]
    by_group: dict[str | None, list[Run]] = {}
    for run in having:
        by_group.setdefault(group_of(run.settings, group), []).append(run)
    groups = tuple(_group(name, by_group[name], by) for name in sorted(by_group, key=_in_order))
    sentences = [said for one in groups if (said := _sentence(one, by, group, what))]
    mixed = _changing_together(having, by, group)
    if sentences and mixed:
        names = ", ".join(map(words_for, mixed))
        sentences.append(f"But {names} changed together with the {words_for(by)}: which of them it is cannot be told.")
    return Relation(groups, tuple(sentences[:_SENTENCES]))


def group_of(settings: Mapping[str, Setting], group: str | None) -> str | None:
    """The name of the group of a run."""
    return None if group is None else text_of(settings[group]) if group in settings else "other"


def words_for(name: str) -> str:
    """The name of a setting in a sentence; a person's own stays as it was written."""
    return name.replace("_", " ") if name in {"batch_size", "weight_decay"} else name


def _group(name: str | None, runs: Sequence[Run], by: str) -> Group:
    found: dict[Setting, list[float]] = {}
    for run in runs:
        found.setdefault(run.settings[by], []).append(run.value)
    values = tuple(
        AtSetting(x, len(found[x]), float(np.median(found[x])), min(found[x]), max(found[x]))
        for x in sorted(found, key=_in_order)
    )
    return Group(name, values, _power([(run.settings[by], run.value) for run in runs]))


def _in_order(x: Setting | None) -> tuple[bool, float, str]:
    """Numbers by size, then words."""
    try:
        number = float(x) if isinstance(x, str | float | int) and not isinstance(x, bool) else math.nan
    except ValueError:
        number = math.nan
    return math.isnan(number), 0.0 if math.isnan(number) else number, str(x)


def _power(points: Iterable[tuple[Setting, float]]) -> Power | None:
    """The power with which a value grows; None where numbers above 0 are too few, or too near to each other."""
    logs = [(math.log(x), math.log(y)) for x, y in points if is_number(x) and x > 0 and y > 0]  # type: ignore[arg-type,operator]
    if len({x for x, _ in logs}) < _LEAST_VALUES or len(logs) < _LEAST_VALUES + 1:
        return None
    x, y = np.array(logs).T
    if x.max() - x.min() < math.log(_LEAST_SPAN):
        return None
    from_mean = x - x.mean()
    slope = float(from_mean @ y / (from_mean @ from_mean))
    residuals = y - y.mean() - slope * from_mean
    freedom = len(logs) - 2
    deviation = math.sqrt(float(residuals @ residuals) / freedom / float(from_mean @ from_mean))
    quantile = _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else _BEYOND
    return Power(slope, quantile * deviation, float(np.exp(x.min())), float(np.exp(x.max())))


def _sentence(group: Group, by: str, grouped_by: str | None, what: str) -> str | None:
    """What is clear of a group; None where nothing is."""
    found = _of_power(group.power, by, what) or _of_words(group.values, by, what)
    if found is None or group.name is None:
        return found and found[0].upper() + found[1:]
    return f"With {words_for(grouped_by or '')} {group.name}, {found}"


def _of_power(power: Power | None, by: str, what: str) -> str | None:
    if power is None or not power.is_clear:
        return None
    over = f"over {numerals.number(power.first, 4)} to {numerals.number(power.last, 4)}"
    if power.is_flat:
        return f"{what} hardly changes with the {words_for(by)}, {over}."
    grows = "grows" if power.exponent > 0 else "falls"
    places = 1 if power.error >= _COARSE and abs(power.exponent) >= 2 * power.error else 2
    exponent = f"{power.exponent:.{places}f}".replace("-", "\u2212")
    error = f"{max(power.error, 0.01):.{places}f}"
    return f"{what} {grows} with the {words_for(by)} to the power {exponent} ± {error}, {over}."


def _of_words(values: Sequence[AtSetting], by: str, what: str) -> str | None:
    """The highest beside the lowest, where all of their runs lie apart; not for numbers of which there are three."""
    often = [one for one in values if one.count >= _LEAST_REPEATS]
    if len(often) < 2 or (len(values) > 2 and all(is_number(one.x) for one in values)):
        return None
    highest, lowest = max(often, key=lambda one: one.median), min(often, key=lambda one: one.median)
    if highest.low <= lowest.high or lowest.median <= 0:
        return None
    ratio = numerals.number(highest.median / lowest.median, 2)
    high, low = (f"{words_for(by)} {text_of(one.x)}" for one in (highest, lowest))
    return f"{what} is {ratio} times as high with {high} as with {low}."


def _changing_together(runs: Sequence[Run], by: str, group: str | None) -> list[str]:
    """The other settings that tell the value of this one: changed with it, one by one."""
    if by in _DERIVED:
        return []
    names = dict.fromkeys(name for run in runs for name in run.settings)
    others = [name for name in names if name not in {by, group, *_DERIVED}]
    return [name for name in others if _tells(runs, name, by)]


def _tells(runs: Sequence[Run], name: str, by: str) -> bool:
    """Whether each value of a setting goes with one value of the other, and there are several."""
    pairs = {(run.settings.get(name), run.settings[by]) for run in runs}
    firsts = {first for first, _ in pairs}
    return len(firsts) > 1 and len(pairs) == len(firsts) == len({second for _, second in pairs})
