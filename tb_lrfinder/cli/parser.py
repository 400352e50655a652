"""What can be typed after `tb_lrfinder`: commands, arguments, and the words that explain them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import shtab

from tb_lrfinder.cli import commands, demo, probes, tables
from tb_lrfinder.cli.where import Condition, condition
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, METHODS, MethodName, check_method, check_total_steps

_EXAMPLES = """examples:
  tb_lrfinder demo                             range tests on real digits, made now, in TensorBoard
  tb_lrfinder open logs                        TensorBoard on the LR Finder tab
  tb_lrfinder suggest logs                     the suggested rate of every range test
  tb_lrfinder suggest logs --total-steps 20000 the same for a training of that length
  tb_lrfinder probes logs                      what range tests in the middle of trainings found
  tb_lrfinder export logs --output rows.csv    every recorded row

`%(prog)s COMMAND --help` explains a command. Exit status: 0 done; 1 nothing there; 2 wrong use."""


def parser_of_all() -> argparse.ArgumentParser:
    """The parser of the program: each command's `command` takes its arguments."""
    parser = argparse.ArgumentParser(
        prog="tb_lrfinder",
        description="The learning-rate range tests of a log directory, as the LR Finder tab of TensorBoard shows them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(subparsers)
    _add_open(subparsers)
    _add_suggest(subparsers)
    _add_probes(subparsers)
    _add_export(subparsers)
    _add_completion(subparsers)
    return parser


def _version() -> str:
    # Not by an import, which would lead to all that the package has.
    return sys.modules["tb_lrfinder"].__version__


def _add_open(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "open",
        help="open TensorBoard on the LR Finder tab",
        usage="%(prog)s [-h] [--port N] [--no-browser] LOGDIR [-- FLAGS OF TENSORBOARD]",
        description="Starts TensorBoard for a log directory, prints the address of the LR Finder tab, and opens it in the "
        "browser where this is a desktop. Ctrl-C ends it. What follows `--` goes to TensorBoard: `%(prog)s logs -- "
        "--bind_all --reload_interval 1`.",
    )
    _add_log_dir(parser)
    _add_serving(parser)
    parser.set_defaults(command=commands.run_open)


def _add_serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, metavar="N", help="where it listens (default: the first free one from 6006 on)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open nothing")


def _add_demo(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="make range tests on real digits, and open them",
        description="Runs a range test of a small CNN on the digits of scikit-learn with each of two optimizers, half a "
        "minute on a processor, and opens TensorBoard on the LR Finder tab. Tests that are there already are opened as they "
        "are.",
    )
    parser.add_argument(
        "--framework",
        choices=tuple(demo.FRAMEWORKS),
        help="what to train with (default: Keras if it is installed, or else PyTorch)",
    )
    parser.add_argument(
        "--log-dir", metavar="LOGDIR", default="logs/demo", help="where the tests are written (default: %(default)s)"
    )
    parser.add_argument("--num-steps", type=int, metavar="N", default=400, help="steps of each (default: %(default)s)")
    parser.add_argument("--no-open", action="store_true", help="make the tests, and start no TensorBoard")
    _add_serving(parser)
    parser.set_defaults(command=commands.run_demo)


def _add_completion(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "completion",
        help="print a script by which a shell completes commands and options",
        description="Prints a script for your shell. For bash, `source <(tb_lrfinder completion bash)` in ~/.bashrc; for "
        "zsh, write it to a file `_tb_lrfinder` in a directory of $fpath.",
    )
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")
    parser.set_defaults(command=_completion)


def _add_suggest(subparsers: Any) -> None:
    parser = subparsers.add_parser(
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
    parser.set_defaults(command=commands.run_suggest, write=tables.write_table)


def _add_probes(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "probes",
        help="print what range tests in the middle of trainings found",
        description="Prints a table for each training that was probed, with a line for each probe: where it was made, the "
        "rate in use there, the suggested one, the rate in use divided by it, the usable band, the blow-up edge, the "
        "confidence, and what the probe cost in steps and seconds. Below stands what the probes say of the training's rate.",
    )
    _add_log_dir(parser)
    _add_forms(parser, "training", probes.write_csv)
    parser.set_defaults(command=commands.run_probes, write=probes.write_table)


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


def _add_export(subparsers: Any) -> None:
    parser = subparsers.add_parser(
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
    parser.set_defaults(command=commands.run_export)


def _add_log_dir(parser: argparse.ArgumentParser) -> None:
    argument = parser.add_argument(
        "log_dir", metavar="LOGDIR", help="log directory, as for `tensorboard --logdir`; may be remote"
    )
    argument.complete = shtab.DIRECTORY  # type: ignore[attr-defined]


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


def _completion(arguments: argparse.Namespace) -> None:
    sys.stdout.write(shtab.complete(parser_of_all(), arguments.shell))
