"""What a finished range test prints."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb_lrfinder.result import RangeTestResult


def print_result(result: RangeTestResult) -> None:
    """Prints the suggestion, its band, the stop reason and the command that shows the curve."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    for index, (name, text) in enumerate(result.facts()):
        rows.add_row(name, Text(text, style="bold" if index == 0 else ""))
    console = Console(highlight=False)
    console.print()
    console.print(Text(result.title, style="bold"))
    console.print(rows)
