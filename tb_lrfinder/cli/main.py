"""The command line: the range tests of a log directory as text, without a TensorBoard running.

It reads what the tab reads, under the same names of runs, once and whole. What it says is what the routes of http_api.md
say: the server's `wire`, `pairs` and `probes` encode it, `tables` and `probes` lay it out. Nothing is computed here.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

from tb_lrfinder.cli import probes, tables
from tb_lrfinder.cli.log_dir import NOTHING_FOUND, WRONG_USE, CommandError, complain, opened
from tb_lrfinder.cli.where import Condition, condition
from tb_lrfinder.columns import LOSS, REQUIRED_COLUMNS, Table
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, METHODS, MethodName, check_method, check_total_steps
from tb_lrfinder.server import pairs, wire
from tb_lrfinder.server.questions import Suggestions
from tb_lrfinder.storage import paths
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.reader import Rows, TraceReader
from tb_lrfinder.storage.trace import Trace


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        argv: The arguments after the program's name; None takes the process' own.

    Returns:
        The exit status: 0 when done, 1 when the log directory holds nothing to show, 2 for wrong arguments.
    """
    arguments = _parser().parse_args(argv)
    try:
        arguments.command(arguments)
        sys.stdout.flush()
    except CommandError as error:
        complain(str(error))
        return error.status
    except BrokenPipeError:
        # The reader has gone, as `head` does. Python flushes stdout once more when it exits: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tb_lrfinder",
        description="The learning-rate range tests of a log directory, as the LR Finder tab of TensorBoard shows them.",
        epilog="`%(prog)s COMMAND --help` explains a command. Exit status: 0 done; 1 nothing there; 2 wrong use.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_suggest(commands)
    _add_probes(commands)
    _add_export(commands)
    return parser


def _add_suggest(commands: Any) -> None:
    parser = commands.add_parser(
        "suggest",
        help="print the suggested learning rate of every range test",
        description="Prints every range test with the learning rates to use (constant, 1cycle, cyclical), the usable band,\n"
        "the blow-up edge (how many times above the constant rate), the confidence, the settings in which tests differ,\n"
        "how the test ended and how the rate was found. A test without a suggestion says why.",
        epilog=_method_list(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_log_dir(parser)
    parser.add_argument(
        "--method",
        type=_method,
        metavar="NAME",
        help="how to find the rate; the methods are listed below (default: the one that the test's script used, so that the "
        f"number is the one it printed, or else {DEFAULT_METHOD})",
    )
    parser.add_argument(
        "--by",
        choices=("step", "epoch"),
        default="step",
        help="what a point of a training's curve is: a step (default), or an epoch with its mean loss, for a rate that was "
        "raised from epoch to epoch; range tests stay as they are",
    )
    parser.add_argument(
        "--total-steps",
        type=_total_steps,
        metavar="N",
        help="steps of the training that the rate is for: a longer one is better off with a lower rate (default: what the "
        "test's script said, or else some hundred)",
    )
    parser.add_argument(
        "--probes",
        action="store_true",
        help="print the range tests in the middle of trainings, too (default: only where there is nothing else)",
    )
    parser.add_argument(
        "--where",
        type=_condition,
        action="append",
        default=[],
        metavar="SETTING",
        help="only tests with this setting, as in 'width=64' or 'batch_size>=64'; may be given several times (signs: = != < "
        "<= > >=)",
    )
    _add_forms(parser, "test", tables.write_csv)
    parser.set_defaults(command=_suggest, write=tables.write_table)


def _add_probes(commands: Any) -> None:
    parser = commands.add_parser(
        "probes",
        help="print what range tests in the middle of trainings found",
        description="Prints a table for each training that was probed, with a line for each probe: where it was made, the "
        "rate in use there, the suggested one, the rate in use divided by it, the usable band, the blow-up edge, the "
        "confidence, and what the probe cost in steps and seconds. Below stands what the probes say of the training's rate.",
    )
    _add_log_dir(parser)
    _add_forms(parser, "training", probes.write_csv)
    parser.set_defaults(command=_probes, write=probes.write_table)


def _add_forms(parser: argparse.ArgumentParser, thing: str, write_csv: Callable[..., None]) -> None:
    """Adds the forms that are meant for programs."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_const",
        dest="write",
        const=tables.write_json,
        help=f"print a JSON list: one object per {thing}, full precision, null where there is nothing",
    )
    form.add_argument(
        "--csv",
        action="store_const",
        dest="write",
        const=write_csv,
        help="print CSV with a header row: the same values, empty where there is nothing",
    )


def _method_list() -> str:
    width = max(map(len, METHODS)) + 2
    return "methods:\n" + "\n".join(f"  {one.name:<{width}}{one.description}" for one in METHODS.values())


def _add_export(commands: Any) -> None:
    parser = commands.add_parser(
        "export",
        help="write the recorded rows of the range tests as CSV",
        description="Writes every recorded row as CSV: run, session (the id of the test: a run may hold several), then the "
        "columns of all tests, empty where a test has no such column. Numbers are written in full, so that reading them "
        "gives the recorded values bit for bit; a diverged loss is nan, inf or -inf. A test that cannot be read is left "
        "out, and a sentence on stderr says so.",
    )
    _add_log_dir(parser)
    parser.add_argument(
        "--run", metavar="RUN", help="only the tests of this run, named as in TensorBoard (default: all)"
    )
    parser.add_argument("--output", metavar="FILE", help="file to write, replaced when it exists (default: stdout)")
    parser.set_defaults(command=_export)


def _add_log_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("log_dir", metavar="LOGDIR", help="log directory, as for `tensorboard --logdir`; may be remote")


def _method(name: str) -> MethodName:
    try:
        return check_method(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _condition(text: str) -> Condition:
    try:
        return condition(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _total_steps(text: str) -> int:
    try:
        total_steps = int(text)
        check_total_steps(total_steps)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"`--total-steps` must be a whole number of at least 1. Received: {text!r}."
        ) from None
    return total_steps


def _suggest(arguments: argparse.Namespace) -> None:
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


def _probes(arguments: argparse.Namespace) -> None:
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
    entry = wire.encode_trace(trace)
    # What a person has set comes first.
    settings = {name: entry["settings"][name] for name in dict.fromkeys([*header.hparams, *entry["settings"]])}
    return {
        **entry,
        "settings": settings,
        "spacing": header.spacing,
        "mode": header.mode,
        **suggestion,
        "trainings": [pair for pair in paired["pairs"] if pair["test"] == trace.id],
    }


def _export(arguments: argparse.Namespace) -> None:
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
