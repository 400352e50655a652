"""The wire format: what the browser receives of single traces. Documented in http_api.md; `probes` and `pairs` know what it
receives of several together, and no other module knows these shapes.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from tb_lrfinder import numerals
from tb_lrfinder.columns import drawable
from tb_lrfinder.curves.advice import SHAPES
from tb_lrfinder.curves.suggestion import METHODS
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.curves.wording import USE_LABELS
from tb_lrfinder.rates.margin import margin_of
from tb_lrfinder.rates.planner import (
    KERAS_OPTIMIZERS,
    RECIPES,
    Basis,
    Framework,
    Recipe,
    code,
    drawn,
)
from tb_lrfinder.server import container, json_text
from tb_lrfinder.server.container import Entry
from tb_lrfinder.server.questions import Ask, Curves, Lowest, Schedules, Slopes, Suggestions
from tb_lrfinder.storage.errors import SchemaError, unforeseen
from tb_lrfinder.storage.trace import Trace, unreadable

# Bounds on answers, for the browser's sake as for TensorBoard's: no list that people look through is as long, and thinned
# curves of a hundred traces take a fifth of it.
MAX_LISTED, MAX_LIST_BYTES, MAX_ANSWER_BYTES = 10_000, 32 * 2**20, 64 * 2**20
_TOO_LARGE = (
    f"The answer would exceed {MAX_ANSWER_BYTES // 2**20} MiB: name fewer traces in one request, or thin them by "
    "`max_points`."
)
# Fields of a trace and of its header that are sent under their own names.
_TRACE_FIELDS = ("id", "run", "session", "status", "status_text", "started", "updated")
_HEADER_FIELDS = (
    "kind", "is_sweep", "driver", "stop_reason", "num_steps", "start_lr", "end_lr", "optimizer", "batch_size", "monitor",
    "method", "total_steps", "first_step", "model", "parameters", "framework", "settings", "note",
)  # fmt: skip
# Digits of a version: enough to tell any two apart.
_DIGITS = 16
# Points of a schedule that the planner draws.
_MAX_DRAWN = 1000


def encode_list(entries: Iterable[str]) -> tuple[str, str]:
    """The `traces` answer as JSON, and its version.

    Args:
        entries: The entries of all traces (`encode_entry`).
    """
    listed, omitted = _limited(entries)
    content = f'{_menus()}, "omitted": {omitted}, "traces": [{", ".join(listed)}]'
    version = hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]
    return f'{{"version": "{version}", {content}}}', version


def encode_version(version: str) -> str:
    """The `traces` answer for a client that already has that version."""
    return json_text.encode({"version": version})


def _limited(entries: Iterable[str]) -> tuple[list[str], int]:
    """The entries that a list has room for, and how many others there are."""
    listed: list[str] = []
    omitted, room = 0, MAX_LIST_BYTES
    for entry in entries:
        if len(listed) < MAX_LISTED and len(entry) <= room:
            listed.append(entry)
            room -= len(entry)
        else:
            omitted += 1
    return listed, omitted


@functools.cache
def _menus() -> str:
    """What there is to choose from, with labels: the first fields of the `traces` answer."""
    menus = {
        "methods": _named(METHODS.values(), "description"),
        "uses": [{"name": name, "label": label} for name, label in USE_LABELS.items()],
        "shapes": _named(SHAPES, "sentence"),
        "optimizers": list(KERAS_OPTIMIZERS),
    }
    return json_text.encode(menus)[1:-1]


def _named(kinds: Iterable[Any], *more: str) -> list[dict[str, str]]:
    """Name and label of each, and more of its fields."""
    return [{field: getattr(kind, field) for field in ("name", "label", *more)} for kind in kinds]


def encode_entry(trace: Trace) -> str:
    """The entry of a trace in the `traces` answer, as JSON; of one that cannot be encoded, why."""
    try:
        return json_text.encode(encode_trace(trace))
    except Exception as error:
        return json_text.encode(encode_trace(unreadable(trace.run, trace.session, unforeseen(error))))


def encode_trace(trace: Trace) -> dict[str, Any]:
    """The entry of a trace in the `traces` answer."""
    header = trace.header_or_default
    entry = {
        **{name: getattr(trace, name) for name in _TRACE_FIELDS},
        **{name: getattr(header, name) for name in _HEADER_FIELDS},
        "columns": list(trace.columns),
        "values": drawable(header.kind, trace.columns),
        "rows": trace.num_rows,
        "trials": [_encode_trial(trial, header.mode) for trial in header.trials],
        "probe": header.probe and asdict(header.probe),
        "tags": list(header.tags),
    }
    return json_text.strict(entry)


def _encode_trial(trial: Trial, mode: str) -> dict[str, Any]:
    reached = -trial.loss if mode == "max" else trial.loss
    return {
        "learning_rate": trial.learning_rate,
        "steps": trial.steps,
        "value": reached,
    }


def encode_curves(traces: Sequence[Trace], ask: Ask, curves: Curves) -> bytes:
    """The `curves` answer: in a container, all columns of the wanted rows."""
    entries = _within_limit(traces, ask, curves)
    drawn = [trace for trace in traces if isinstance(entries[trace.id], Entry)]
    lowest = ask(drawn, Lowest(curves.row_slice, curves.by))
    return container.encode({**entries, **{trace.id: _with(entries[trace.id], lowest[trace.id]) for trace in drawn}})


def _with(entry: Entry | SchemaError, facts: Mapping[str, Any] | SchemaError) -> Entry | SchemaError:
    """The entry with more facts; where one of them is an error, that."""
    if isinstance(facts, SchemaError):
        return facts
    return entry if isinstance(entry, SchemaError) else replace(entry, facts={**entry.facts, **facts})


def encode_slopes(traces: Sequence[Trace], ask: Ask, slopes: Slopes) -> bytes:
    """The `slopes` answer: in a container, learning rates and the slope at each."""
    return container.encode(_within_limit(traces, ask, slopes))


def encode_schedules(traces: Sequence[Trace], ask: Ask) -> bytes:
    """The `schedules` answer: all columns of trainings and plans in the same container, and the rate changes in words."""
    return container.encode(_within_limit(traces, ask, Schedules()))


def _within_limit(traces: Sequence[Trace], ask: Ask, question: Curves | Slopes | Schedules) -> dict[str, Any]:
    """The entry of each trace; of those that an answer has no more room for, the error that says so."""
    room = MAX_ANSWER_BYTES
    answered: list[Trace] = []
    for trace in traces:
        num_bytes = question.num_bytes(trace)
        if num_bytes <= room:
            answered.append(trace)
            room -= num_bytes
    entries = ask(answered, question)
    return {trace.id: entries.get(trace.id) or SchemaError(_TOO_LARGE) for trace in traces}


def encode_suggestions(traces: Sequence[Trace], ask: Ask, suggestions: Suggestions) -> dict[str, Any]:
    """The `suggestions` answer: by one method, or each by the method that its test has recorded."""
    found = ask(traces, suggestions)
    return {"suggestions": [{"id": trace.id, **_suggested(trace, found[trace.id], suggestions)} for trace in traces]}


def _suggested(trace: Trace, found: dict[str, Any] | SchemaError, suggestions: Suggestions) -> dict[str, Any]:
    return suggestions.refusal(trace, found) if isinstance(found, SchemaError) else found


def encode_scalars(tags: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The `scalars` answer; `tags` by run."""
    return {
        "scalars": [{"run": run, "tag": tag, "unit": _unit(tag)} for run in sorted(tags) for tag in sorted(tags[run])]
    }


def encode_scalar(run: str, tag: str, points: Iterable[tuple[int, float, float]]) -> dict[str, Any]:
    """The `scalar` answer; of each point step, wall time and value. Points at no time are left out."""
    timed = [point for point in points if math.isfinite(point[1])]
    steps, wall_times, values = [list(column) for column in zip(*timed, strict=True)] or ([], [], [])
    return {
        "run": run,
        "tag": tag,
        "unit": _unit(tag),
        "steps": steps,
        "wall_times": wall_times,
        "values": values,
    }


def _unit(tag: str) -> str:
    """What the steps of a scalar count: Keras' callback counts epochs in those that it writes per epoch."""
    return "epoch" if tag.startswith("epoch_") else "step"


def encode_recipes(basis: Basis) -> dict[str, Any]:
    """The `recipes` answer."""
    return {
        "basis": asdict(basis),
        "recipes": [_encode_recipe(recipe, basis) for recipe in RECIPES.values()],
    }


def _encode_recipe(recipe: Recipe, basis: Basis) -> dict[str, Any]:
    defaults = recipe.defaults(basis)
    return {
        "name": recipe.name,
        "label": recipe.label,
        "description": recipe.description,
        "use": recipe.use,
        "fine_tuning": recipe.fine_tuning,
        "parameters": [
            {
                "name": one.name,
                "label": one.label,
                "help": one.help,
                "kind": one.kind,
                "default": defaults[one.name],
                "choices": list(one.choices) or None,
                "origin": one.origin,
            }
            for one in recipe.parameters
        ],
    }


def encode_built_recipe(
    name: str,
    total_steps: int,
    batch_size: int | None,
    parameters: Mapping[str, Any],
    optimizer: str,
    framework: Framework = "keras",
    fine_tuning: bool = False,
    edge: float | None = None,
) -> dict[str, Any]:
    """The `recipe` answer: a schedule drawn, the Python that builds it, and how far it stays from the blow-up edge.

    Raises:
        ValueError: If an argument is outside its range.
    """
    steps, rates = drawn(name, total_steps, parameters, _MAX_DRAWN)
    highest = float(rates.max())
    return {
        "name": name,
        "label": f"{RECIPES[name].label}, peak {numerals.rate(highest)}",
        "total_steps": total_steps,
        "steps": steps.tolist(),
        "learning_rates": rates.tolist(),
        "framework": framework,
        "code": code(name, total_steps, batch_size, parameters, optimizer, framework, fine_tuning),
        "margin": None if edge is None else asdict(margin_of(highest, edge)),
    }
