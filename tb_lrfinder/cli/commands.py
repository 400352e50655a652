"""The commands: the range tests of a log directory as text, without a TensorBoard running.

They read what the tab reads, under the same names of runs, once and whole. What they say is what the routes of http_api.md
say: the server's `wire`, `pairs` and `probes` encode it, `tables` and `probes` lay it out. Nothing is computed here.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

from tb_lrfinder.cli import demo, probes, serving, tables
from tb_lrfinder.cli.log_dir import NOTHING_FOUND, WRONG_USE, CommandError, checked, complain, opened
from tb_lrfinder.cli.where import Condition
from tb_lrfinder.columns import LOSS, REQUIRED_COLUMNS, Table
from tb_lrfinder.server import pairs, wire
from tb_lrfinder.server.questions import Suggestions
from tb_lrfinder.storage import paths
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.reader import Rows, TraceReader
from tb_lrfinder.storage.trace import Trace

# What a stranger can do in the tab, before its address.
_WHAT_TO_DO = (
    "\nIn the LR Finder tab, point at the curves: each marked rate is the one to train with; "
    "`How to read this` explains the shape."
)


def run_open(arguments: argparse.Namespace) -> None:
    path, _ = checked(arguments.log_dir)
    port = [] if arguments.port is None else ["--port", str(arguments.port)]
    serving.serve(path, [*port, *arguments.flags], in_browser=not arguments.no_browser)


def run_demo(arguments: argparse.Namespace) -> None:
    demo.make(arguments.log_dir, arguments.framework, arguments.num_steps)
    if arguments.no_open:
        sys.stdout.write(f"`tb_lrfinder open {shlex.quote(arguments.log_dir)}` shows them in TensorBoard.\n")
        return
    sys.stdout.write(f"{_WHAT_TO_DO}\n")
    run_open(arguments)


def run_suggest(arguments: argparse.Namespace) -> None:
    reader, traces = _range_tests(arguments.log_dir)
    traces = traces if arguments.probes else _without_probes(traces, arguments.log_dir)
    traces = _with_settings(traces, arguments.where)
    question = _question(arguments)
    found = wire.encode_suggestions(traces, reader.ask, question)["suggestions"]
    paired = pairs.encode_pairs(traces, reader.traces(), reader.ask, question)["pairs"]
    arguments.write([_record(*one) for one in zip(traces, found, paired, strict=True)], sys.stdout)


def _with_settings(traces: list[Trace], conditions: Sequence[Condition]) -> list[Trace]:
    """The tests whose settings fulfil all conditions."""
    all_settings = [trace.header_or_default.settings for trace in traces]
    chosen = [
        trace
        for trace, settings in zip(traces, all_settings, strict=True)
        if all(one.holds(settings) for one in conditions)
    ]
    if not chosen:
        names = ", ".join(sorted({name for settings in all_settings for name in settings}))
        wanted = " and ".join(repr(one.text) for one in conditions)
        raise CommandError(
            NOTHING_FOUND, f"No range test has the settings {wanted}: ask for others. There are {names or 'none'}."
        )
    return chosen


def _without_probes(traces: list[Trace], log_dir: str) -> list[Trace]:
    """The tests that stand alone, unless there are none; stderr says how many are left out."""
    alone = [trace for trace in traces if trace.header_or_default.probe is None]
    left_out = len(traces) - len(alone)
    if not alone or not left_out:
        return traces
    are = "1 probe is" if left_out == 1 else f"{left_out} probes are"
    complain(f"{are} not listed: `tb_lrfinder probes {shlex.quote(log_dir)}`.")
    return alone


def run_probes(arguments: argparse.Namespace) -> None:
    found = probes.records(opened(arguments.log_dir))
    if not found:
        raise CommandError(
            NOTHING_FOUND,
            f"There is no probe under {arguments.log_dir!r}: a probe is a range test in the middle of a training, which "
            "LRProbe makes in `fit`, and RangeTest in a loop of your own. Train with one, or name another directory.",
        )
    arguments.write(found, sys.stdout)


def _question(arguments: argparse.Namespace) -> Suggestions:
    return Suggestions(arguments.method, arguments.by, arguments.total_steps)


def _record(trace: Trace, suggestion: dict[str, Any], paired: dict[str, Any]) -> dict[str, Any]:
    """A test with its suggestion and its trainings as they are served, and what the tab does not show: spacing and mode."""
    header = trace.header_or_default
    return {
        **wire.encode_trace(trace),
        "spacing": header.spacing,
        "mode": header.mode,
        **suggestion,
        "trainings": [pair for pair in paired["pairs"] if pair["test"] == trace.id],
    }


def run_export(arguments: argparse.Namespace) -> None:
    reader, traces = _range_tests(arguments.log_dir)
    traces = _of_run(traces, arguments.run)
    readable = _readable(traces, reader.rows(traces))
    recorded = [name for trace in traces for name in trace.columns]
    first = [*REQUIRED_COLUMNS, LOSS] if LOSS in recorded or not recorded else REQUIRED_COLUMNS
    columns = list(dict.fromkeys([*first, *recorded]))
    rows = (row for trace, table in readable for row in _cells(trace, table, columns))
    _write_rows(arguments.output, ["run", "session", *columns], rows)


def _range_tests(log_dir: str) -> tuple[TraceReader, list[Trace]]:
    """The range tests under a log directory, with those that cannot be read, and the reader that has their rows."""
    reader = opened(log_dir)
    traces = [trace for trace in reader.traces() if trace.header_or_default.is_sweep]
    if not traces:
        raise CommandError(
            NOTHING_FOUND,
            f"There is no range test under {log_dir!r}: write one with LRFinder, or name another directory.",
        )
    return reader, traces


def _of_run(traces: list[Trace], run: str | None) -> list[Trace]:
    of_run = [trace for trace in traces if run is None or trace.run == run]
    if not of_run:
        runs = ", ".join(dict.fromkeys(trace.run for trace in traces))
        raise CommandError(
            WRONG_USE, f"`--run` must name a run that holds a range test. Received: {run!r}; there are {runs}."
        )
    return of_run


def _readable(traces: list[Trace], rows: dict[str, Rows]) -> list[tuple[Trace, Table]]:
    """The tests whose rows can be read; stderr says why the others cannot."""
    readable = []
    for trace in traces:
        table = rows[trace.id]
        if isinstance(table, SchemaError):
            complain(f"{trace.run} ({trace.session}) is left out. {table}")
        else:
            readable.append((trace, table))
    if not readable:
        raise CommandError(NOTHING_FOUND, "No range test here can be read: nothing is written.")
    return readable


def _cells(trace: Trace, table: Table, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    missing = [None] * len(table)
    cells = (table[name].tolist() if name in table else missing for name in columns)
    return zip(repeat(trace.run), repeat(trace.session), *cells, strict=False)


def _write_rows(path: str | None, header: list[str], rows: Iterable[Iterable[Any]]) -> None:
    if path is None:
        tables.write_rows(header, rows, sys.stdout)
        return
    try:
        with open(_local_file(path), "w", encoding="utf-8", newline="") as file:
            tables.write_rows(header, rows, file)
    except OSError as error:
        raise CommandError(
            WRONG_USE, f"`--output` must be a file that can be written. Received: {path!r}: {error.strerror}."
        ) from None


def _local_file(path: str) -> str:
    try:
        local = paths.expanded(path, "--output")
        if paths.scheme_of(local) is not None:
            raise ValueError(f"`--output` must be a local file: copy it from there. Received: {path!r}.")
    except ValueError as error:
        raise CommandError(WRONG_USE, str(error)) from None
    return local
