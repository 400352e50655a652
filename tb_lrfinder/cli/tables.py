"""Lays out what is said about range tests: as JSON, as CSV, or as a table for people.

A record is a dictionary with what the routes `traces` and `suggestions` of http_api.md say about one test, and its pairs as
`trainings`. Every function writes to a text file that is open. Nothing is computed here.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tb_lrfinder import numerals
from tb_lrfinder.curves.wording import USE_LABELS

# What a cell begins with that a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")
# Trainings of a test that are told one by one.
_MOST_TRAININGS = 3
# Settings that have a column, on a terminal of usual width and on a wide one; texts in them are cut.
_COLUMNS, _COLUMNS_IF_WIDE, _WIDE = 4, 8, 140
_SETTING_LENGTH = 24
# Whole numbers from here on are written with a power of ten.
_LONG = 1e12
_HEADINGS = ("Run", *USE_LABELS.values(), "Usable band", "Blow-up edge", "Confidence", "Optimizer", "Batch size")
# Columns that stay however narrow the terminal is; the others stand as long as they fit.
_ALWAYS = tuple(_HEADINGS.index(name) for name in ("Run", USE_LABELS["constant"], "Confidence"))
_GAP = 2


def write_json(records: list[dict[str, Any]], file: TextIO) -> None:
    """Writes a list with one object per test: full precision, null where there is nothing."""
    json.dump(records, file, indent=2)
    file.write("\n")


def write_csv(records: list[dict[str, Any]], file: TextIO) -> None:
    """Writes one row per test: the values of `write_json` with one cell each, empty where there is nothing."""
    flat = [_flat(record) for record in records]
    header = list(dict.fromkeys(name for record in flat for name in record))
    write_rows(header, ([record.get(name) for name in header] for record in flat), file)


def write_rows(header: list[str], rows: Iterable[Iterable[Any]], file: TextIO) -> None:
    """Writes cells as CSV: floats in full, so that reading them gives the same ones, and None as an empty cell.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises ("CSV Injection"):
    names of runs are anybody's, and a formula can send the table away. The browser's tables do the same (`base/csv.ts`).
    """
    # The csv module writes a float as its repr, which is exact.
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([_inert(cell) for cell in row] for row in itertools.chain([header], rows))


def _inert(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    # The csv module of Python 3.10 to 3.12 does not quote a lone carriage return, which ends a row for those who read it.
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_table(records: list[dict[str, Any]], file: TextIO) -> None:
    """Writes one line of facts per test in columns, and below it what there is to say in sentences.

    What a terminal is too narrow for stands below the line, too; a file or a pipe gets all columns.
    """
    tests_of_run = Counter(record["run"] for record in records)
    console = Console(file=file, highlight=False)
    differing = _differing(records)
    names = differing[: _COLUMNS_IF_WIDE if console.width >= _WIDE else _COLUMNS]
    lines = [
        (*_HEADINGS, *map(_cut, names)),
        *((*_facts(record), *(_setting(record, name) for name in names)) for record in records),
    ]
    widths = [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)]
    in_line = _fitting(widths, console.width if _is_narrow(file) else sum(widths) + _GAP * len(widths))
    console.print(_aligned(lines[0], widths, in_line, "dim"), soft_wrap=True)
    for record, cells in zip(records, lines[1:], strict=True):
        console.print(_aligned(cells, widths, in_line, "bold"), soft_wrap=True)
        below = [f"{lines[0][index]} {cell}" for index, cell in enumerate(cells) if cell and index not in in_line]
        sentences = [*([" · ".join(below)] if below else []), *map(shown, _sentences(record, tests_of_run))]
        console.print(Padding(Text("\n".join(sentences), style="dim"), (0, 0, 0, 2)))
    if others := differing[len(names) :]:
        console.print(Text(f"Other settings that differ, which --json tells: {shown(', '.join(others))}.", style="dim"))


def shown(text: str) -> str:
    """A text on one line, without characters that a terminal obeys: names of directories are anybody's."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """One cell per value: the rates of the uses and the parts of the confidence as columns, lists as text."""
    uses = {use["name"]: use for use in record["uses"]}
    one_cycle, cyclical = uses.get("one_cycle", {}), uses.get("cyclical", {})
    confidence = record["confidence"] or {}
    return {
        **{name: value for name, value in record.items() if name not in ("uses", "probe", "settings")},
        **{
            f"setting_{name}": value
            for name, value in record["settings"].items()
            if name not in record or record[name] != value
        },
        "tags": ", ".join(record["tags"]),
        **{f"probe_{name}": value for name, value in (record["probe"] or {}).items()},
        "confidence": confidence.get("word"),
        "probability": confidence.get("probability"),
        "doubt": confidence.get("doubt"),
        "one_cycle_peak": one_cycle.get("learning_rate"),
        "cyclical_lower": cyclical.get("lower"),
        "cyclical_upper": cyclical.get("learning_rate"),
        "shape": record["shape"] and record["shape"]["name"],
        "columns": " ".join(record["columns"]),
        "values": " ".join(record["values"]),
        "trainings": " ".join(f"{pair['trained_at']!r}" for pair in record["trainings"]),
        "trials": " ".join(f"{trial['learning_rate']!r}:{trial['value']!r}" for trial in record["trials"]),
    }


def _facts(record: dict[str, Any]) -> tuple[str, ...]:
    uses = {use["name"]: use for use in record["uses"]}
    constant, one_cycle, cyclical = (uses.get(name, {}) for name in ("constant", "one_cycle", "cyclical"))
    return (
        shown(record["run"]),
        _number(constant.get("learning_rate")) or "none",
        _number(one_cycle.get("learning_rate")),
        _interval(cyclical.get("lower"), cyclical.get("learning_rate")),
        _interval(record["lower"], record["upper"]),
        _edge(record["edge"], record["edge_ratio"]),
        (record["confidence"] or {}).get("word", ""),
        shown(record["optimizer"] or ""),
        "" if record["batch_size"] is None else str(record["batch_size"]),
    )


def _differing(records: list[dict[str, Any]]) -> list[str]:
    """Names of the settings in which tests differ: those that have one, or among the tests of one kind of optimizer, where
    not having it is a difference, too."""
    told = {"optimizer", "batch_size"}
    names = dict.fromkeys(name for record in records for name in record["settings"] if name not in told)
    kinds = [(record["framework"], str(record["optimizer"]).partition(",")[0]) for record in records]
    differing = []
    for name in names:
        values = [record["settings"].get(name) for record in records]
        of_kinds = set(zip(kinds, values, strict=True))
        if len(set(values) - {None}) > 1 or len(of_kinds) > len(set(kinds)):
            differing.append(name)
    return differing


def _setting(record: dict[str, Any], name: str) -> str:
    value = record["settings"].get(name)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(int(value)) if value == int(value) and abs(value) < _LONG else numerals.number(value, 6)
    return "" if value is None else _cut(value)


def _cut(text: str) -> str:
    text = shown(text)
    return text if len(text) <= _SETTING_LENGTH else f"{text[: _SETTING_LENGTH - 1]}…"


def _number(value: float | None) -> str:
    return "" if value is None else numerals.rate(value)


def _interval(lower: float | None, upper: float | None) -> str:
    return "" if lower is None or upper is None else f"{numerals.rate(lower)} to {numerals.rate(upper)}"


def _edge(rate: float | None, ratio: float | None) -> str:
    """A rate and how many times above the suggestion it lies."""
    times = "" if ratio is None else f" ({numerals.number(ratio, 2)}×)"
    return "" if rate is None else f"{numerals.rate(rate)}{times}"


def _sentences(record: dict[str, Any], tests_of_run: Counter[str]) -> list[str]:
    status, ending, reason = record["status"].capitalize(), record["status_text"], record["reason"]
    doubt = (record["confidence"] or {}).get("doubt")
    return [
        *([f"Session {record['session']}."] if tests_of_run[record["run"]] > 1 else []),  # it starts with the time
        ending if ending.startswith(status) else f"{status}. {ending}",
        *([reason] if reason != ending else []),  # a damaged test has one for both
        *([doubt] if doubt else []),
        *([record["advice"]] if record["advice"] else []),
        *_probe(record["probe"]),
        *_trainings(record["trainings"]),
    ]


def _probe(probe: dict[str, Any] | None) -> list[str]:
    """Where in a training a test was made."""
    return (
        [f"Made at step {probe['step']:,} of a training, at {numerals.rate(probe['learning_rate'])}."] if probe else []
    )


def _trainings(pairs: list[dict[str, Any]]) -> list[str]:
    """The trainings that belong to a test, the latest ones by name."""
    told = [f"{pair['sentence'].rstrip('.')} ({pair['training_run']})." for pair in pairs[-_MOST_TRAININGS:]]
    others = len(pairs) - len(told)
    belong = "training belongs" if others == 1 else "trainings belong"
    return [*told, *([f"{others} earlier {belong} to this test."] if others else [])]


def _is_narrow(file: TextIO) -> bool:
    """Whether lines must end somewhere: on a terminal, or where somebody said so."""
    return file.isatty() or "COLUMNS" in os.environ


def _fitting(widths: list[int], most: int) -> list[int]:
    """The columns that stand in a line of limited width."""
    chosen = set(_ALWAYS)
    for index in range(len(widths)):
        wanted = chosen | {index}
        if sum(widths[one] for one in wanted) + _GAP * (len(wanted) - 1) <= most:
            chosen = wanted
    return sorted(chosen)


def _aligned(cells: tuple[str, ...], widths: list[int], columns: list[int], style: str) -> Text:
    line = (" " * _GAP).join(set_cell_size(cells[index], widths[index]) for index in columns)
    return Text(line.rstrip(), style=style)
