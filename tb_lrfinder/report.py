"""What a finished range test prints."""

from __future__ import annotations

import shlex

from rich.console import Console
from rich.table import Table

from tb_lrfinder.suggestion import Suggestion


def print_report(
    suggestion: Suggestion, stop_reason: str, steps_done: int, num_steps: int, log_dir: str | None
) -> None:
    """Prints the suggestion, its band, the stop reason and the command that shows the curve."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim")
    rows.add_column(overflow="fold")
    if suggestion.learning_rate is not None:
        rows.add_row("Suggested learning rate", f"[bold]{suggestion.learning_rate:.3g}[/bold]  ({suggestion.method})")
    else:
        rows.add_row("Suggested learning rate", "none")
    if suggestion.lower is not None:
        rows.add_row("Usable band", f"{suggestion.lower:.3g} to {suggestion.upper:.3g}")
    rows.add_row("How", suggestion.reason)
    rows.add_row("Stop", stop_reason)
    if log_dir is not None:
        rows.add_row("Curve", f"tensorboard --logdir {shlex.quote(log_dir)}")
    console = Console(highlight=False)
    console.print(f"\n[bold]LR range test[/bold]: {steps_done} of {num_steps} steps")
    console.print(rows)
