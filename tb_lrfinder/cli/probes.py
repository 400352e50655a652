"""The probes of trainings for the command line: collected, and laid out as a table or as CSV.

A record is a dictionary with what the route `probes` of http_api.md says about one training, and in every point the `ratio`
of the rate in use to the suggestion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tb_lrfinder import numerals
from tb_lrfinder.cli.tables import shown, write_rows
from tb_lrfinder.server import json_text
from tb_lrfinder.server.probes import encode_points
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.related import probes_by_training

_UNRECORDED = "training without a record"
# Two lines each; the second column is left out where no epoch is known.
_HEADINGS = (
    ("", "Step"), ("", "Epoch"), ("Rate", "in use"), ("Sug-", "gested"), ("", "Ratio"), ("Usable", "band"),
    ("Blow-up", "edge"), ("Confi-", "dence"), ("Cost:", "steps, s"),
)  # fmt: skip
_EPOCH = 1
# Between columns, and where a line would be wider than the terminal.
_GAP, _NARROW_GAP = 2, 1


def records(reader: TraceReader) -> list[dict[str, Any]]:
    """What the probes of each training say, sorted by run; `training` is None where nobody recorded it."""
    traces = reader.traces()
    by_id = {trace.id: trace for trace in traces}
    found = []
    for owner, probes in probes_by_training(traces).items():
        training = by_id.get(owner)
        encoded = encode_points(probes, reader.ask, training)
        points = [{**point, "ratio": _ratio(point)} for point in encoded["points"]]
        run = probes[0].run if training is None else training.run
        found.append({"training": training and owner, "run": run, **encoded, "points": points})
    return json_text.strict(sorted(found, key=lambda record: record["run"]))


def _ratio(point: dict[str, Any]) -> float | None:
    """The rate in use, in suggestions."""
    return None if point["suggestion"] is None else point["learning_rate"] / point["suggestion"]


def write_csv(found: Sequence[dict[str, Any]], file: TextIO) -> None:
    """Writes one row per probe: all its values, empty where there is nothing, and what training it belongs to."""
    columns = list(dict.fromkeys(name for record in found for point in record["points"] for name in point))
    rows = (
        [record["training"], record["run"], *(point[name] for name in columns)]
        for record in found
        for point in record["points"]
    )
    write_rows(
        ["training", "training_run", *(f"probe_{name}" if name in ("id", "run") else name for name in columns)],
        rows,
        file,
    )


def write_table(found: Sequence[dict[str, Any]], file: TextIO) -> None:
    """Writes a table for each training, one line per probe, and below it what they say."""
    console = Console(file=file, highlight=False)
    for place, record in enumerate(found):
        if place:
            console.print()
        name = shown(record["run"])
        heading = name if record["training"] else f"{name} ({_UNRECORDED})"
        console.print(Text(heading, style="bold"), soft_wrap=True)
        lines = [*zip(*_HEADINGS, strict=True), *map(_cells, record["points"])]
        for line, style in zip(_aligned(lines, console.width), ("dim", "dim", *("",) * len(lines)), strict=False):
            console.print(Text(line, style=style), soft_wrap=True)
        if record["sentences"]:
            sentences = "\n".join(map(shown, record["sentences"]))
            console.print(Padding(Text(sentences, style="dim"), (0, 0, 0, 2)))


def _aligned(lines: Sequence[Sequence[str]], width: int) -> list[str]:
    """The lines of a table, aligned to the right, two spaces apart, or one where that is too wide for the terminal."""
    lines = (
        lines if any(line[_EPOCH] for line in lines[2:]) else [(*line[:_EPOCH], *line[_EPOCH + 1 :]) for line in lines]
    )
    widths = [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)]
    gap = _GAP if sum(widths) + _GAP * len(widths) <= width else _NARROW_GAP
    return [" " * gap + (" " * gap).join(map(str.rjust, line, widths)).rstrip() for line in lines]


def _cells(point: dict[str, Any]) -> tuple[str, ...]:
    band = f"{_short(point['lower'])}–{_short(point['upper'])}" if point["lower"] and point["upper"] else ""
    seconds = "" if point["seconds"] is None else f", {_short(point['seconds'])}"
    return (
        f"{point['step']:,}",
        "" if point["epoch"] is None else numerals.number(point["epoch"], 4),
        numerals.rate(point["learning_rate"]),
        "none" if point["suggestion"] is None else numerals.rate(point["suggestion"]),
        "" if point["ratio"] is None else f"{_short(point['ratio'])}",
        band,
        _short(point["edge"]),
        point["confidence"] or "",
        f"{point['steps']:,}{seconds}",
    )


def _short(value: float | None) -> str:
    return "" if value is None else numerals.number(value, 2)
