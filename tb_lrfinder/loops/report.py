"""Telling what a finished range test found: once, however it was run.

In a notebook the result is displayed as the test ends, so that `result = range_test(...)` tells it, too. Where the same
result is the value of the same cell, it is not shown again (`RangeTestResult._ipython_display_`); in a later cell it is.
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.notebook import shell


def print_result(result: RangeTestResult) -> None:
    """Tells the suggestion, its band, the stop reason and the command that shows the curve."""
    text = repr(result)
    if shell.is_notebook():
        shell.publish({"text/plain": text, "text/html": result._repr_html_()})
    else:
        _print(result)
    shell.note(text)


def _print(result: RangeTestResult) -> None:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    for index, (name, text) in enumerate(result.facts()):
        rows.add_row(name, Text(text, style="bold" if index == 0 else ""))
    console = Console(highlight=False)
    console.print()
    console.print(Text(result.title, style="bold"))
    console.print(rows)
