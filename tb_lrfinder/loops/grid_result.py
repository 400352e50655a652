"""`GridResult`: the range tests of a grid as rows, as a table and as records; and the table while it grows."""

from __future__ import annotations

import html
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group
from rich.status import Status
from rich.text import Text

from tb_lrfinder import numerals
from tb_lrfinder.curves.analysis import lowest_of
from tb_lrfinder.loops.grid_runs import GridRun, Outcome
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.notebook import shell

_WORDS = ("done", "read back", "failed")
# The widest rate and confidence that there are.
_LONGEST = ("-1.23e-45", "doubtful", "12345.6")
_HEADINGS = ("Status", "Suggested rate", "Confidence", "Seconds")
_WIDEST_SETTING = 24
_MOST_ERROR = 500
_TABLE = "color:inherit;border-collapse:collapse;border:0;margin:4px 0 0;font-size:13px;line-height:1.45"
_CELL = "text-align:left;vertical-align:top;padding:2px 16px 2px 0;border:0;background:none"
_ROW = "background:none;border:0"
_HEAD = f"{_CELL};font-weight:normal;white-space:nowrap;opacity:0.75"


@dataclass(frozen=True, kw_only=True)
class GridRow:
    """One combination of settings, and what became of its range test.

    Attributes:
        settings: The settings by name, as they are recorded: a function or class is its name.
        result: The `RangeTestResult`; None where the test failed.
        error: Why it failed, in one sentence; None where it did not.
        log_dir: Where it was written for TensorBoard.
        seconds: Seconds that the test took, when it was made; None when not known.
        was_there: Whether the result is that of an earlier call, and nothing was run.
        traceback: Where it failed, as Python prints it; None where it did not.
    """

    settings: Mapping[str, float | int | str | bool | None]
    result: RangeTestResult | None
    error: str | None
    log_dir: str
    seconds: float | None
    was_there: bool
    traceback: str | None = field(default=None, repr=False)

    @property
    def status(self) -> str:
        """`"done"`, `"read back"` from an earlier call, or `"failed"`."""
        return "failed" if self.result is None else "read back" if self.was_there else "done"

    def record(self) -> dict[str, Any]:
        """The row as one flat dictionary, None where there is nothing."""
        facts = {"status": self.status, **_findings(self.result), "seconds": self.seconds, "error": self.error}
        facts["log_dir"] = self.log_dir
        return {**{f"setting_{name}" if name in facts else name: one for name, one in self.settings.items()}, **facts}


@dataclass(frozen=True)
class GridResult:
    """The range tests of a grid, in the order of its combinations.

    Printed, and as the value of a notebook's cell, it is its table.

    Attributes:
        rows: A `GridRow` for each combination.

    Example:
        >>> import pandas                                                   # doctest: +SKIP
        >>> pandas.DataFrame(grid.records()).pivot_table("learning_rate", "batch_size", "weight_decay")  # doctest: +SKIP
    """

    rows: tuple[GridRow, ...]

    @property
    def failed(self) -> tuple[GridRow, ...]:
        """The rows whose test failed twice, or was given wrong arguments."""
        return tuple(row for row in self.rows if row.result is None)

    @property
    def title(self) -> str:
        """How many tests there are, and what became of them."""
        counts = [(sum(row.status == word for row in self.rows), word) for word in _WORDS]
        return f"LR range tests: {', '.join(f'{count} {word}' for count, word in counts if count) or 'none'}."

    def records(self) -> list[dict[str, Any]]:
        """A flat dictionary for each row, as `pandas.DataFrame` takes them.

        It has the settings by name (one that is called like a fact, as `setting_<name>`), then `status` (`"done"`,
        `"read back"` or `"failed"`), `learning_rate`, the usable band as `lower` and `upper`, `edge`, `one_cycle_peak`,
        `confidence` (a word), `probability`, the smoothed curve's best value as `lowest_loss`, `seconds`, `error` and
        `log_dir`; None where there is nothing.
        """
        names = dict.fromkeys(name for row in self.rows for name in row.record())
        return [{name: record.get(name) for name in names} for record in (row.record() for row in self.rows)]

    def table(self) -> str:
        """The table as text, a line for each test, the error of one that failed below its line."""
        console = Console(width=100, color_system=None, force_terminal=False, highlight=False)
        with console.capture() as captured:
            console.print(self.__rich__(), soft_wrap=True)
        return captured.get().rstrip("\n")

    def __rich__(self) -> Group:
        layout = _Layout([row.settings for row in self.rows])
        return Group(layout.heading(), *(line for row in self.rows for line in layout.row(row)))

    def __repr__(self) -> str:
        return f"{self.title}\n{self.table()}"

    def _repr_html_(self) -> str:
        layout = _Layout([row.settings for row in self.rows])
        head = "".join(f'<th scope="col" style="{_HEAD}">{html.escape(name)}</th>' for name in layout.headings)
        rows = "".join(_html_row(layout.cells(row), row.error) for row in self.rows)
        title = f'<div style="font-size:14px;font-weight:600">{html.escape(self.title)}</div>'
        table = f'<table style="{_TABLE}"><thead><tr style="{_ROW}">{head}</tr></thead><tbody>{rows}</tbody></table>'
        return f'{title}<div style="overflow-x:auto">{table}</div>'

    def _ipython_display_(self) -> None:
        """Shows nothing as the value of the cell whose table grew to this one."""
        if not shell.was_told(repr(self)):
            # IPython takes its usual way then.
            raise NotImplementedError


class GridTable:
    """The table of a grid that runs: a line as each run ends, in a notebook the whole table again.

    In a terminal a last line says what runs. Elsewhere there are the lines alone, without any control character.

    Args:
        runs: All runs.
        log_dir: The directory of the grid.
        verbose: Whether anything is shown.
    """

    def __init__(self, runs: Sequence[GridRun], log_dir: str, verbose: bool) -> None:
        self._runs = runs
        self._log_dir = log_dir
        self._rows: dict[str, GridRow] = {}
        self._layout = _Layout([run.combination.recorded for run in runs])
        self._console = Console(highlight=False, quiet=not verbose)
        self._in_notebook = verbose and shell.is_notebook()
        self._display: Any = None
        self._status: Status | None = None
        self._running: list[str] = []

    @property
    def num_done(self) -> int:
        return sum(row.result is not None for row in self._rows.values())

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows the table as long as the block runs, and what a Ctrl-C in it means."""
        if not self._in_notebook:
            self._print(self._layout.heading())
            if self._console.is_terminal and not self._console.quiet:
                self._status = self._console.status("", spinner_style="dim")
                self._status.start()
        try:
            yield
        except KeyboardInterrupt:
            self._stop()
            self._tell(
                f"Stopped: {self.num_done} of {len(self._runs)} are done. The same call goes on with the others."
            )
            raise
        finally:
            self._stop()
        if self._in_notebook:
            shell.note(repr(self.result()))
        else:
            self._print(Text(f"{self.result().title} Curves: tensorboard --logdir {shlex.quote(self._log_dir)}", "dim"))

    def started(self, run: GridRun) -> None:
        """Takes note that a run has begun."""
        self._running.append(run.combination.name)
        self._say_what_runs()

    def ended(self, run: GridRun, outcome: Outcome) -> None:
        """Adds the row of a run."""
        name = run.combination.name
        self._rows[name] = row = _row(run, outcome)
        self._running = [one for one in self._running if one != name]
        if self._in_notebook:
            so_far = self.result()
            data = {"text/plain": repr(so_far), "text/html": so_far._repr_html_()}
            self._display = shell.publish(data, handle=self._display)
        for line in self._layout.row(row) if not self._in_notebook else ():
            self._print(line)
        self._say_what_runs()

    def result(self) -> GridResult:
        """The rows so far, in the order of the grid."""
        names = [run.combination.name for run in self._runs]
        return GridResult(tuple(self._rows[name] for name in names if name in self._rows))

    def _say_what_runs(self) -> None:
        if self._status is not None:
            first, *others = self._running or ["…"]
            more = f" and {len(others)} more" if others else ""
            self._status.update(Text(f"{len(self._rows)} of {len(self._runs)}, {first}{more}", style="dim"))

    def _tell(self, sentence: str) -> None:
        if self._in_notebook:
            shell.publish({"text/plain": sentence})
        else:
            self._print(Text(sentence))

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)
        # A log file is read while the grid runs.
        self._console.file.flush()

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


class _Layout:
    """The columns of a table: the settings are all known before the first line is."""

    def __init__(self, settings: Sequence[Mapping[str, Any]]) -> None:
        self._names = list(dict.fromkeys(name for one in settings for name in one))
        self.headings = (*self._names, *_HEADINGS)
        columns = [[_setting(one.get(name)) for one in settings] for name in self._names]
        self._widths = [
            max(map(cell_len, (heading, *cells)))
            for heading, cells in zip(self.headings, (*columns, _WORDS, *([one] for one in _LONGEST)), strict=True)
        ]

    def cells(self, row: GridRow) -> tuple[str, ...]:
        findings = _findings(row.result)
        rate = findings["learning_rate"]
        return (
            *(_setting(row.settings.get(name)) for name in self._names),
            row.status,
            "" if row.result is None else "none" if rate is None else numerals.rate(rate),
            findings["confidence"] or "",
            "" if row.seconds is None else f"{row.seconds:.1f}",
        )

    def heading(self) -> Text:
        return self._aligned(self.headings, "dim")

    def row(self, row: GridRow) -> Iterator[Text]:
        yield self._aligned(self.cells(row), "bold" if row.error is None else "bold red")
        if row.error is not None:
            yield Text(f"  {_one_line(row.error)}", style="dim")

    def _aligned(self, cells: Iterable[str], style: str) -> Text:
        line = "  ".join(set_cell_size(cell, width) for cell, width in zip(cells, self._widths, strict=True))
        return Text(line.rstrip(), style=style)


def _row(run: GridRun, outcome: Outcome) -> GridRow:
    return GridRow(
        settings=run.combination.recorded,
        result=outcome.result,
        error=outcome.error,
        log_dir=run.log_dir,
        seconds=outcome.seconds,
        was_there=outcome.was_there,
        traceback=outcome.traceback,
    )


def _findings(result: RangeTestResult | None) -> dict[str, Any]:
    suggestion = None if result is None else result.suggestion
    confidence = None if suggestion is None else suggestion.confidence
    lowest = None if result is None else lowest_of(result.curve)
    return {
        "learning_rate": suggestion and suggestion.learning_rate,
        "lower": suggestion and suggestion.lower,
        "upper": suggestion and suggestion.upper,
        "edge": suggestion and suggestion.edge,
        "one_cycle_peak": suggestion and suggestion.one_cycle_peak,
        "confidence": confidence and confidence.word,
        "probability": confidence and confidence.probability,
        "lowest_loss": lowest and lowest[1],
    }


def _setting(value: Any) -> str:
    if value is None:
        return ""
    text = numerals.number(value, 6) if isinstance(value, float) else _one_line(str(value))
    return text if cell_len(text) <= _WIDEST_SETTING else f"{set_cell_size(text, _WIDEST_SETTING - 1)}…"


def _one_line(text: str) -> str:
    """A text on one line, without characters that a terminal obeys: errors may be anybody's."""
    line = " ".join(text.split())
    shown = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)
    return shown if len(shown) <= _MOST_ERROR else f"{shown[: _MOST_ERROR - 1]}…"


def _html_row(cells: Iterable[str], error: str | None) -> str:
    cells = list(cells)
    line = "".join(f'<td style="{_CELL};white-space:nowrap">{html.escape(cell)}</td>' for cell in cells)
    if error is None:
        return f'<tr style="{_ROW}">{line}</tr>'
    said = f'<td colspan="{len(cells)}" style="{_CELL};padding-left:16px;opacity:0.75">{html.escape(_one_line(error))}</td>'
    return f'<tr style="{_ROW}">{line}</tr><tr style="{_ROW}">{said}</tr>'
