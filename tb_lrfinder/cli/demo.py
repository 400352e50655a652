"""`tb_lrfinder demo`: range tests on real digits, made here and now, in the framework that is installed."""

from __future__ import annotations

import importlib
import importlib.util
import sys

from tb_lrfinder.cli.log_dir import WRONG_USE, CommandError, opened
from tb_lrfinder.cli.quiet import quiet
from tb_lrfinder.storage import paths
from tb_lrfinder.storage.file_system import check_log_dir, file_system_of

# Of each framework: what must be installed, and what installs it.
FRAMEWORKS = {"keras": ("keras", "'tb_lrfinder[tensorflow]'"), "torch": ("torch", "torch")}
_DATA = "sklearn"


def make(log_dir: str, framework: str | None, num_steps: int) -> None:
    """Makes the range tests of the demo, unless they are there.

    Args:
        log_dir: Where they are written, each as a run.
        framework: Name of the framework; None takes the first that is installed.
        num_steps: Steps of each.

    Raises:
        CommandError: If something is not installed, or the directory cannot be written.
    """
    try:
        folder = check_log_dir(log_dir)
        if _holds_tests(folder):
            sys.stdout.write(f"{log_dir} holds range tests: none is made. Another --log-dir takes new ones.\n")
            return
        chosen = _chosen(framework)
        with quiet():
            demo = importlib.import_module(f"tb_lrfinder.demos.on_{chosen}")
        demo.main(folder, num_steps)
    except (ImportError, OSError, ValueError) as error:
        raise CommandError(WRONG_USE, f"The demo cannot be made: {str(error).rstrip('.')}.") from None


def _holds_tests(folder: str) -> bool:
    path = paths.expanded(folder, "--log-dir")
    is_there = file_system_of(path, "--log-dir").is_dir(path)
    return is_there and any(trace.header_or_default.is_sweep for trace in opened(folder).traces())


def _chosen(framework: str | None) -> str:
    """The framework to train with.

    Raises:
        CommandError: If it is not installed, or the data are not.
    """
    wanted = FRAMEWORKS if framework is None else (framework,)
    found = next((name for name in wanted if _is_installed(FRAMEWORKS[name][0])), None)
    if found is None:
        installs = " or ".join(f"pip install {FRAMEWORKS[name][1]}" for name in wanted)
        raise CommandError(
            WRONG_USE, f"The demo trains with {' or '.join(wanted)}, which is not installed: {installs}."
        )
    if not _is_installed(_DATA):
        raise CommandError(
            WRONG_USE,
            "The demo trains on the digits of scikit-learn, which is not installed: pip install scikit-learn.",
        )
    return found


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
