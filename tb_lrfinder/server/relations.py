"""The `relations` answer of http_api.md: a value of several range tests against a setting of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, get_args

from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.decimation import RowSlice
from tb_lrfinder.rates.relations import Power, Relation, Run, Setting, group_of, is_number, relation_of, text_of, words_for
from tb_lrfinder.server import json_text
from tb_lrfinder.server.questions import Ask, Lowest, Suggestions
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.trace import Trace

Value = Literal["suggestion", "lowest"]
VALUES: tuple[Value, ...] = get_args(Value)
_NOTHING = {"lower": None, "upper": None, "edge": None, "confidence": None}


def encode_relations(
    traces: Sequence[Trace],
    ask: Ask,
    *,
    by: str,
    group: str | None,
    value: Value,
    suggestions: Suggestions,
    column: str | None,
) -> dict[str, Any]:
    """The `relations` answer.

    Args:
        traces: The range tests that are asked for.
        ask: Answers questions about them.
        by: Name of the setting.
        group: Name of the setting by which they are looked at apart, or None.
        value: What is looked at.
        suggestions: How the tests are read.
        column: The column whose lowest value counts; None for the monitored one of each.
    """
    asked = [trace for trace in traces if trace.header is not None and by in trace.header.settings]
    found = _suggested(asked, ask, suggestions) if value == "suggestion" else _lowest(asked, ask, column)
    points: list[dict[str, Any]] = []
    runs: list[Run] = []
    left_out: list[dict[str, str]] = []
    for trace in traces:
        answer = found.get(trace.id)
        if isinstance(answer, dict):
            settings = trace.header_or_default.settings
            points.append({"id": trace.id, "x": settings[by], **answer, "group": group_of(settings, group)})
            runs.append(Run(settings=settings, value=answer["y"]))
        else:
            left_out.append({"id": trace.id, "reason": answer or _missing(trace, by)})
    relation = relation_of(runs, by, group, _called(value, column))
    return json_text.strict({"by": by, **_encode(relation, points), "left_out": left_out})


def _encode(relation: Relation, points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Points and groups: on an axis of numbers, or where one of the values is none, of words."""
    are_numbers = all(is_number(point["x"]) for point in points)

    def place(x: Setting) -> Setting:
        return x if are_numbers else text_of(x)

    return {
        "kind": "number" if are_numbers else "word",
        "points": [{**point, "x": place(point["x"])} for point in points],
        "groups": [
            {
                "name": group.name,
                "values": [{**asdict(one), "x": place(one.x)} for one in group.values],
                "power": group.power and _encode_power(group.power),
            }
            for group in relation.groups
        ],
        "sentences": list(relation.sentences),
    }


def _encode_power(power: Power) -> dict[str, float]:
    return {"exponent": power.exponent, "error": power.error, "from": power.first, "to": power.last}


def _called(value: Value, column: str | None) -> str:
    """The value in a sentence."""
    if value == "suggestion":
        return "the suggested rate"
    return "the lowest loss" if column in (None, LOSS) else f"the best {column}"


def _missing(trace: Trace, by: str) -> str:
    if trace.header is None:
        return trace.status_text
    return f"Its {words_for(by)} is not known."


def _suggested(traces: Sequence[Trace], ask: Ask, suggestions: Suggestions) -> dict[str, dict[str, Any] | str]:
    """The suggested rate of each, or why there is none."""
    return {id: _of_suggestion(one) for id, one in ask(traces, suggestions).items()}


def _of_suggestion(found: Mapping[str, Any] | SchemaError) -> dict[str, Any] | str:
    if isinstance(found, SchemaError):
        return str(found)
    if found["learning_rate"] is None:
        return found["reason"]
    confidence = found["confidence"] and found["confidence"]["word"]
    edges = {name: found[name] for name in ("lower", "upper", "edge")}
    return {"y": found["learning_rate"], **edges, "confidence": confidence}


def _lowest(traces: Sequence[Trace], ask: Ask, column: str | None) -> dict[str, dict[str, Any] | str]:
    """The lowest value of each curve, or why there is none."""
    return {id: _of_lowest(one) for id, one in ask(traces, Lowest(RowSlice(column))).items()}


def _of_lowest(found: Mapping[str, Any] | SchemaError) -> dict[str, Any] | str:
    if isinstance(found, SchemaError):
        return str(found)
    lowest = found["lowest"]
    return "Its curve is too short to have a lowest value." if lowest is None else {"y": lowest["value"], **_NOTHING}
