"""The program `tb_lrfinder`: from what was typed to an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tb_lrfinder.cli.log_dir import CommandError, complain
from tb_lrfinder.cli.parser import parser_of_all


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        argv: The arguments after the program's name; None takes the process' own.

    Returns:
        The exit status: 0 when done, 1 when the log directory holds nothing to show, 2 for wrong arguments.
    """
    # argparse takes what follows `--` for a command's own arguments, but not behind an option.
    given = list(sys.argv[1:] if argv is None else argv)
    end = given.index("--") if "--" in given and given[0] == "open" else len(given)
    arguments = parser_of_all().parse_args(given[:end])
    arguments.flags = given[end + 1 :]
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
