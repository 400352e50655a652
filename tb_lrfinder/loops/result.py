"""`RangeTestResult`: the findings of a range test as values, in words and as a picture; shown when the test ends."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb_lrfinder import notebook, numerals
from tb_lrfinder.columns import STEP
from tb_lrfinder.curves.card import card
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.picture import draw
from tb_lrfinder.curves.suggestion import Suggestion
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.loops import plot
from tb_lrfinder.notebook import shell


@dataclass(frozen=True, eq=False, kw_only=True)
class RangeTestResult:
    """The findings of a range test.

    Attributes:
        curve: The curve of the monitored value; with repeats, their mean at each rate.
        suggestion: The suggestion for it.
        stop_text: Why the test ended, as a sentence; of repeats, that of the shortest, at which all are cut.
        history: All recorded columns by name, each an array of shape `[steps]`. With repeats, `loss_std` is the standard
            deviation over them.
        repeats: The suggestion of each repeat on its own; one for a single test.
        num_steps: Steps that were planned.
        log_dir: Where it was written for TensorBoard, or None.
        trials: The short trainings that confirmed the suggestion, in the order they ran.
        session: Id of its trace, by which a training says that it belongs to this test; None where nothing was written.
        hparams: The settings that were given for it, by name.
    """

    curve: Curve
    suggestion: Suggestion
    stop_text: str
    history: Mapping[str, NDArray[np.float64]] = field(repr=False)
    repeats: tuple[Suggestion, ...]
    num_steps: int
    log_dir: str | None = None
    trials: tuple[Trial, ...] = ()
    session: str | None = None
    hparams: Mapping[str, float | int | str | bool] = field(default_factory=dict)

    @property
    def spread(self) -> tuple[float, float] | None:
        """Lowest and highest suggested rate of the repeats; None when fewer than two of them suggest one."""
        rates = [one.learning_rate for one in self.repeats if one.learning_rate is not None]
        return (min(rates), max(rates)) if len(rates) > 1 else None

    def show(self, *, height: int = notebook.HEIGHT) -> None:
        """Opens TensorBoard on the LR Finder tab, below the cell of a notebook.

        Args:
            height: Height of the frame in pixels.

        Raises:
            ValueError: If the test was not written for TensorBoard.
            RuntimeError: Outside of a notebook, or if TensorBoard does not start.
        """
        if self.log_dir is None:
            raise ValueError(
                "`show()` needs a test that was written for TensorBoard: give it a directory, as in "
                'range_test(..., log_dir="logs/lr"). Received: log_dir=None.'
            )
        notebook.show(self.log_dir, height=height)

    def plot(self, ax: Any = None) -> Any:
        """Draws the curve as the tab does: points, the smooth line through them, usable band, suggested rate, blow-up edge.

        The blow-up runs out of the plot. Around a loss, one standard deviation over the repeats, or over the batches of a
        step, is shaded.

        Args:
            ax: Matplotlib axes to draw on; None makes new ones.

        Returns:
            The axes.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        axes = plot.new_axes() if ax is None else ax
        plot.draw_on(axes, self)
        return axes

    def facts(self) -> list[tuple[str, str]]:
        """The findings as pairs of a heading and a text."""
        *facts, how = self.suggestion.facts()
        if self.spread is not None:
            facts.append(("Over the repeats", " to ".join(map(numerals.rate, self.spread))))
        facts.append(how)
        by_rate = sorted(self.trials, key=lambda trial: trial.learning_rate)
        if by_rate:
            facts.append(("Short trainings", ", ".join(map(self._reached, by_rate))))
        facts.append(("Stop", self.stop_text))
        if self.log_dir is not None:
            facts.append(("Curve", f"tensorboard --logdir {shlex.quote(self.log_dir)}"))
        return facts

    def _reached(self, trial: Trial) -> str:
        if not math.isfinite(trial.loss):
            return f"{numerals.rate(trial.learning_rate)} diverged"
        ending = "" if trial.finished else f" (given up at step {trial.steps})"
        reached = -trial.loss if self.curve.mode == "max" else trial.loss
        return f"{numerals.rate(trial.learning_rate)} reached {reached:.3g}{ending}"

    @property
    def title(self) -> str:
        """The heading of the findings: how many of the planned steps were made, and how many times."""
        times = f", {len(self.repeats)} times" if len(self.repeats) > 1 else ""
        return f"LR range test: {len(self.history[STEP])} of {self.num_steps} steps{times}"

    def __repr__(self) -> str:
        return "\n".join([self.title, *(f"{name}: {text}" for name, text in self.facts())])

    def _repr_html_(self) -> str:
        picture = draw(self.curve, self.suggestion.learning_rate, self.suggestion.band, self.suggestion.edge)
        return card(self.title, picture, self.facts())

    def _ipython_display_(self) -> None:
        """Shows nothing as the value of a cell that has told the same already (`print_result`)."""
        if not shell.was_told(repr(self)):
            # IPython takes its usual way then.
            raise NotImplementedError


def print_result(result: RangeTestResult) -> None:
    """Tells the suggestion, its band, why the test ended and the command that shows the curve: once, however it was run.

    In a notebook the result is displayed as the test ends, so that `result = range_test(...)` tells it, too. Where the same
    result is the value of the same cell, it is not shown again (`RangeTestResult._ipython_display_`); in a later cell it is.
    """
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
