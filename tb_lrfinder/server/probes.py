"""The `probes` answer of http_api.md: the probes of trainings as points over their steps, and what they say in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_lrfinder.columns import TRAINING
from tb_lrfinder.rates.loss_around import LossAround
from tb_lrfinder.rates.probes import NEAR, ProbePoint, sentences
from tb_lrfinder.server import json_text
from tb_lrfinder.server.questions import Ask, LossesAround, Suggestions
from tb_lrfinder.storage.errors import SchemaError, attempt
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.related import probes_by_training
from tb_lrfinder.storage.trace import Trace

# Probes of a training, and of all trainings of one answer: a chart has no room for more.
MAX_POINTS, MAX_ANSWERED = 2_000, 20_000
# Fields of a probe and of its suggestion that are sent under their own names.
_PROBE_FIELDS = ("step", "epoch", "learning_rate", "seconds", "left_out")
_SUGGESTION_FIELDS = ("lower", "upper", "edge", "reason")


def encode_probes(traces: Sequence[Trace], listed: Sequence[Trace], ask: Ask) -> dict[str, Any]:
    """The `probes` answer.

    Args:
        traces: The trainings that are asked for.
        listed: All traces of the experiment.
        ask: Answers questions about them.
    """
    by_training = probes_by_training(listed)
    most = min(MAX_POINTS, MAX_ANSWERED // max(len(traces), 1))
    shown = {trace.id: thinned(by_training.get(trace.id, ()), most) for trace in traces}
    # All at once, so that what is not in the cache is read in one request.
    ask([probe for probes in shown.values() for probe in probes], Suggestions())
    entries = []
    for trace in traces:
        said = attempt(encode_training, trace, shown[trace.id], ask)
        entry = _refused(said) if isinstance(said, SchemaError) else {**said, "error": None}
        omitted = len(by_training.get(trace.id, ())) - len(shown[trace.id])
        if omitted:
            entry["sentences"] += [f"{len(shown[trace.id]):,} of {omitted + len(shown[trace.id]):,} probes are shown."]
        entries.append({"id": trace.id, **entry})
    return json_text.strict({"probes": entries})


def thinned(probes: Sequence[Trace], most: int) -> Sequence[Trace]:
    """At most so many probes, the first and the last among them, evenly spread."""
    if len(probes) <= most:
        return probes
    return [probes[place] for place in np.linspace(0, len(probes) - 1, most).round().astype(int).tolist()]


def _refused(error: SchemaError) -> dict[str, Any]:
    return {"points": [], "sentences": [], "error": str(error)}


def encode_training(training: Trace, probes: Sequence[Trace], ask: Ask) -> dict[str, Any]:
    """The points and the sentences of a training.

    Raises:
        SchemaError: If the trace is none.
    """
    if training.header is None:
        raise SchemaError(training.status_text)
    if training.header.kind != TRAINING:
        raise SchemaError(f"A {_named(training)} has no probes: only a training has.")
    return encode_points(probes, ask, training)


def _named(trace: Trace) -> str:
    return trace.header_or_default.kind.replace("_", " ")


def encode_points(probes: Sequence[Trace], ask: Ask, training: Trace | None = None) -> dict[str, Any]:
    """The points of probes in their order, and what they say in sentences.

    Args:
        probes: Probes of one training.
        ask: Answers questions about them.
        training: The training; None where nobody recorded it.
    """
    suggestions = Suggestions()
    found = ask(probes, suggestions)
    points = []
    for trace in probes:
        answer = found[trace.id]
        said = suggestions.refusal(trace, answer) if isinstance(answer, SchemaError) else answer
        points.append(_encode_point(trace, _probe(trace), said))
    ended = [point for point in points if point["status"] != "running"]
    losses = _losses(ended, training, ask)
    return {"points": points, "sentences": sentences([_point_of(point, losses) for point in ended])}


def _probe(trace: Trace) -> Probe:
    probe = trace.header_or_default.probe
    assert probe is not None
    return probe


def _encode_point(trace: Trace, probe: Probe, said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": trace.id,
        "run": trace.run,
        "wall_time": trace.started,
        **{name: getattr(probe, name) for name in _PROBE_FIELDS},
        "suggestion": said["learning_rate"],
        **{name: said[name] for name in _SUGGESTION_FIELDS},
        "confidence": said["confidence"] and said["confidence"]["word"],
        "steps": trace.num_rows,
        "status": trace.status,
    }


def _losses(points: Sequence[Mapping[str, Any]], training: Trace | None, ask: Ask) -> Mapping[int, LossAround | None]:
    """The loss of the training around its probes; nothing where no sentence would tell of it, or it cannot be read."""
    near = any(point["edge"] and point["learning_rate"] * NEAR > point["edge"] for point in points)
    if training is None or not near:
        return {}
    found = ask([training], LossesAround(tuple(point["step"] for point in points)))[training.id]
    return {} if isinstance(found, SchemaError) else found


def _point_of(point: Mapping[str, Any], losses: Mapping[int, LossAround | None]) -> ProbePoint:
    fields = ("step", "learning_rate", "epoch", "suggestion", "edge", "confidence", "reason", "left_out")
    return ProbePoint(**{name: point[name] for name in fields}, loss=losses.get(point["step"]))
