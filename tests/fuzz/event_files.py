"""Event files near those that our writers write: a good trace, changed in a few places, as bytes.

Most of what is drawn stays good, so that one change reaches the code behind all checks of the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from tensorboard.compat.proto import tensor_pb2, types_pb2
from tensorboard.util import tensor_util

from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.process import this_process
from tests.fuzz.drafts import STARTED, Draft, Event, event_file
from tests.fuzz.values import json_texts, odd_floats, odd_texts, odd_wholes

Draw = Callable[..., Any]

_COLUMNS = {
    "range_test": ("step", "learning_rate", "loss", "accuracy"),
    "training": (
        "step", "learning_rate", "loss", "loss_min", "loss_max", "epoch", "wall_time", "momentum", "weight_decay",
    ),
    "plan": ("step", "learning_rate", "epoch"),
}  # fmt: skip
_ODD_TAGS = (
    "somebody/elses", "lr_finder", "lr_finder/", "lr_finder//header", "lr_finder/s/header/", "lr_finder/s/rows/",
    "lr_finder/s/rows/" + "9" * 5_000, "lr_finder/s/rows/-1", "lr_finder/s/rows/00000000", "lr_finder/s/rows/٣",
    "lr_finder/ß/header", "lr_finder/" + "s" * 5_000 + "/header", "lr_finder/s/header\n", "lr_finder/../header", "",
)  # fmt: skip
_ODD_TENSORS = (
    np.zeros((0, 0)), np.float64(3.0), np.zeros((2, 3), np.float32), np.zeros((2, 3), np.int64), np.zeros((3, 2, 2)),
    np.zeros(7), np.zeros((1, 4), np.complex128), np.array([b"a", b"\xff"], object), np.array(b"{}", object),
    np.array(b"[" * 50_000, object), np.zeros((2, 4), bool), np.zeros((0, 4)), np.zeros((4, 0)), np.zeros((1, 1000)),
)  # fmt: skip


def _header_fields(kind: str, draw: Draw) -> dict[str, str]:
    header = schema.Header(
        kind=kind,
        started=STARTED,
        status=draw(st.sampled_from(["running", "finished", "interrupted"])),
        stop_text="It ended.",
        num_steps=draw(st.none() | st.integers(0, 1000)),
        optimizer=draw(st.sampled_from([None, "Adam"])),
        monitor=draw(st.sampled_from(["loss", "loss", "accuracy"])) if kind == "range_test" else "loss",
        mode=draw(st.sampled_from(["min", "max"])),
        method=draw(st.sampled_from([None, "auto", "valley", "slide"])),
        process=draw(st.sampled_from([None, this_process()])),
        trials=draw(st.sampled_from([(), (Trial(0.01, 100, 0.4, True), Trial(0.1, 3, float("inf"), False))])),
        driver=draw(st.sampled_from([None, "CosineDecay"])),
        first_step=draw(st.sampled_from([0, 0, 40])) if kind == "training" else 0,
        swept=draw(st.booleans()) if kind == "training" else False,
    )
    return {name: json.dumps(value).replace("Infinity", "null") for name, value in asdict(header).items()}


def _rows(kind: str, num_rows: int) -> NDArray[np.float64]:
    steps = np.arange(float(num_rows))
    rates = np.geomspace(1e-6, 1.0, num_rows) if num_rows else steps
    losses = 2.0 / (1.0 + rates * 100) + np.maximum(rates - 0.3, 0.0) * 20
    columns = {
        "step": steps, "learning_rate": rates, "loss": losses, "accuracy": 1.0 / (1.0 + losses), "loss_min": losses,
        "loss_max": losses, "epoch": (steps + 1) / 10, "wall_time": 1.7e9 + steps, "momentum": rates, "weight_decay": rates,
    }  # fmt: skip
    return np.column_stack([columns[name] for name in _COLUMNS[kind]])


def _change_field(draft: Draft, draw: Draw) -> None:
    draft.fields[draw(st.sampled_from(sorted(draft.fields)))] = draw(json_texts)


def _drop_field(draft: Draft, draw: Draw) -> None:
    draft.fields.pop(draw(st.sampled_from(sorted(draft.fields))))


def _add_field(draft: Draft, draw: Draw) -> None:
    draft.fields[draw(odd_texts)] = draw(json_texts)


def _change_trial(draft: Draft, draw: Draw) -> None:
    trial = {"learning_rate": "0.01", "steps": "100", "loss": "0.4", "finished": "true"}
    trial[draw(st.sampled_from(sorted(trial)))] = draw(json_texts)
    one = "{" + ", ".join(f'"{name}": {text}' for name, text in trial.items()) + "}"
    times = draw(st.sampled_from([1, 1, 2, 2000])) if len(one) < 200 else 1
    draft.fields["trials"] = f"[{', '.join([one] * times)}]"


def _change_process(draft: Draft, draw: Draw) -> None:
    process = {name: json.dumps(value) for name, value in asdict(this_process()).items()}
    process[draw(st.sampled_from(sorted(process)))] = draw(json_texts)
    draft.fields["process"] = "{" + ", ".join(f'"{name}": {text}' for name, text in process.items()) + "}"
    draft.fields["status"] = '"running"'


def _change_columns(draft: Draft, draw: Draw) -> None:
    name = draw(st.sampled_from(["step", "learning_rate", "loss", "accuracy", "epoch"]))
    other = json.dumps(draw(odd_texts))
    draft.columns = draw(st.just(draft.columns.replace(f'"{name}"', other)) | json_texts)


def _change_version(draft: Draft, draw: Draw) -> None:
    draft.version = draw(json_texts)


def _change_cells(draft: Draft, draw: Draw) -> None:
    if not draft.segments:
        return
    at = draw(st.integers(0, len(draft.segments) - 1))
    rows = np.array(draft.segments[at])
    if rows.ndim != 2 or not rows.size or rows.dtype != np.float64:
        return
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(0, rows.shape[0] - 1))
        rows[row, draw(st.integers(0, rows.shape[1] - 1))] = draw(odd_floats)
    draft.segments[at] = rows


def _change_column(draft: Draft, draw: Draw) -> None:
    value = draw(odd_floats)
    name = draw(st.integers(0, 3))
    for rows in draft.segments:
        if rows.ndim == 2 and rows.shape[1] > name and rows.dtype == np.float64:
            rows[:, name] = value


def _reorder_rows(draft: Draft, draw: Draw) -> None:
    draft.segments = [rows[::-1] if rows.ndim == 2 else rows for rows in draft.segments]
    if draw(st.booleans()):
        draft.segments.reverse()


def _change_segment(draft: Draft, draw: Draw) -> None:
    odd = np.asarray(draw(st.sampled_from(_ODD_TENSORS)))
    if draft.segments:
        draft.segments[draw(st.integers(0, len(draft.segments) - 1))] = odd
    else:
        draft.segments.append(odd)


def _on_event(draft: Draft, draw: Draw, change: Callable[[Event], Event]) -> None:
    position = draw(st.integers(0, 1_000))

    def apply(events: list[Event]) -> list[Event]:
        if events:
            at = position % len(events)
            events[at] = change(events[at])
        return events

    draft.changes.append(apply)


def _change_step(draft: Draft, draw: Draw) -> None:
    step = draw(odd_wholes)
    _on_event(draft, draw, lambda event: replace(event, step=step))


def _change_wall_time(draft: Draft, draw: Draw) -> None:
    wall_time = draw(odd_floats)
    _on_event(draft, draw, lambda event: replace(event, wall_time=wall_time))


def _change_tag(draft: Draft, draw: Draw) -> None:
    tag = draw(st.sampled_from(_ODD_TAGS) | st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
    _on_event(draft, draw, lambda event: replace(event, tag=tag))


def _change_content(draft: Draft, draw: Draw) -> None:
    deep = b'{"schema_version":' + b"[" * 20_000
    content = draw(st.binary(max_size=100) | st.sampled_from([b"", b"{}", b"null", b"\xff", deep, b" " * 2_000_000]))
    _on_event(draft, draw, lambda event: replace(event, content=content))


def _change_kind(draft: Draft, draw: Draw) -> None:
    changes = draw(
        st.fixed_dictionaries(
            {
                "plugin": st.sampled_from([schema.PLUGIN_NAME, "scalars", "text", "hparams", "", "x" * 1000]),
                "data_class": st.sampled_from([0, 1, 2, 3, 99]),
                "is_scalar": st.booleans(),
            }
        )
    )
    _on_event(draft, draw, lambda event: replace(event, **changes))


def _change_tensor(draft: Draft, draw: Draw) -> None:
    """A tensor whose parts contradict one another, which nobody can make an array of."""
    kind = draw(
        st.sampled_from([types_pb2.DT_DOUBLE, types_pb2.DT_STRING, types_pb2.DT_INVALID, types_pb2.DT_RESOURCE])
    )
    sizes = draw(st.lists(st.integers(-2, 2**40), max_size=3))
    proto = tensor_pb2.TensorProto(dtype=kind, tensor_content=draw(st.binary(max_size=40)))
    for size in sizes:
        proto.tensor_shape.dim.add(size=size)
    _on_event(draft, draw, lambda event: replace(event, tensor=proto))


def _change_order(draft: Draft, draw: Draw) -> None:
    order = draw(st.lists(st.integers(0, 1_000), min_size=1, max_size=8))
    draft.changes.append(lambda events: [events[one % len(events)] for one in order] if events else events)


def _drop_event(draft: Draft, draw: Draw) -> None:
    position = draw(st.integers(0, 1_000))
    draft.changes.append(lambda events: [one for at, one in enumerate(events) if at != position % len(events)])


def _repeat_event(draft: Draft, draw: Draw) -> None:
    draft.changes.append(lambda events: [one for one in events for _ in range(2)])


def _grow_segment(draft: Draft, draw: Draw) -> None:
    """The last segment is written again with more rows, as a writer does while it waits for more; or with fewer."""
    share = draw(st.sampled_from([0.0, 0.5, 0.9]))
    is_first = draw(st.booleans())

    def apply(events: list[Event]) -> list[Event]:
        if not draft.segments or np.ndim(draft.segments[-1]) != 2 or not events:
            return events
        rows = draft.segments[-1]
        part = rows[: int(share * len(rows))]
        tensor = tensor_util.make_tensor_proto(part)
        fewer = replace(events[-1], step=events[-1].step - len(rows) + len(part), tensor=tensor)
        return [*events[:-1], fewer, events[-1]] if is_first else [*events, fewer]

    draft.changes.append(apply)


_MUTATIONS = (
    _change_field, _change_field, _change_field, _drop_field, _add_field, _change_trial, _change_process, _change_columns,
    _change_version, _change_cells, _change_cells, _change_column, _reorder_rows, _change_segment, _change_step,
    _change_wall_time, _change_tag, _change_content, _change_kind, _change_tensor, _change_order, _drop_event,
    _repeat_event, _grow_segment, _grow_segment,
)  # fmt: skip


@st.composite
def _drafts(draw: Draw, session: str) -> Draft:
    kind = draw(st.sampled_from(["range_test", "range_test", "training", "training", "plan"]))
    rows = _rows(kind, draw(st.sampled_from([0, 3, 40, 40, 120, 120, 120, 120])))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    segments = [part for part in np.split(rows, cuts) if len(part)]
    draft = Draft(session, _header_fields(kind, draw), json.dumps(_COLUMNS[kind]), segments)
    for mutation in draw(st.lists(st.sampled_from(_MUTATIONS), max_size=3)):
        mutation(draft, draw)
    return draft


def _damaged(draw: Draw, data: bytes) -> bytes:
    damage = draw(st.sampled_from(["none"] * 8 + ["truncated", "flipped", "longer", "noise"]))
    position = draw(st.integers(0, 2**20)) % len(data) if damage in ("truncated", "flipped") else 0
    if damage == "truncated":
        return data[:position]
    if damage == "flipped":
        return data[:position] + bytes([data[position] ^ (1 << draw(st.integers(0, 7)))]) + data[position + 1 :]
    if damage == "longer":
        return data + b"\xff" * 8 + b"\x00" * 20
    return draw(st.binary(max_size=60)) if damage == "noise" else data


@st.composite
def event_files(draw: Draw) -> bytes:
    """The bytes of an event file with one or more sessions, near what our writers write."""
    drafts = [draw(_drafts(f"20261120-00000{number}-abcdef")) for number in range(draw(st.integers(1, 2)))]
    events = [event for draft in drafts for event in draft.events()]
    return _damaged(draw, event_file(events))
