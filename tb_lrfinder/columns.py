"""The columns of a trace: their names, tables of them, and other names for metrics that are called like a column of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The kinds of traces.
RANGE_TEST, TRAINING, PLAN = "range_test", "training", "plan"
# Every trace has the first two; a plan nothing else but, perhaps, the epoch.
STEP, LEARNING_RATE = REQUIRED_COLUMNS = ("step", "learning_rate")
# A range test has the loss of each step and, where a step has several batches, their standard deviation.
LOSS, LOSS_STD = "loss", "loss_std"
# The columns that a range test measures beside the loss. `loops/course_run.py` computes them; the writer keeps their names,
# no metric takes one of them, and none is drawn as a curve.
MEASURED = frozenset({LOSS_STD})
# A row of a training stands for the steps since the row before.
LOSS_MIN, LOSS_MAX, EPOCH, WALL_TIME = "loss_min", "loss_max", "epoch", "wall_time"
MOMENTUM, WEIGHT_DECAY = "momentum", "weight_decay"
# Computed when a trace is read: the moving average of what is drawn, and its derivative by the logarithm of the rate.
SMOOTHED, SLOPE = "smoothed", "slope"

# The columns of each kind of trace that are not drawn over the learning rate.
_NOT_DRAWN = {
    RANGE_TEST: {STEP, LEARNING_RATE, *MEASURED},
    TRAINING: {STEP, LEARNING_RATE, LOSS_MIN, LOSS_MAX, EPOCH, WALL_TIME, MOMENTUM, WEIGHT_DECAY},
    PLAN: {STEP, LEARNING_RATE, EPOCH},
}
# The names that no metric of a range test keeps: those columns are ours (`metric_columns`).
RESERVED = frozenset({*_NOT_DRAWN[RANGE_TEST], LOSS, SMOOTHED})
_PREFIX = "metric_"


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of a trace; their columns are taken by name.

    Attributes:
        columns: Names of the columns, no two alike.
        values: Shape `[rows, columns]`.

    Raises:
        ValueError: If there are not as many names as columns, or two of them are alike.

    Example:
        >>> table = Table(("step", "loss"), np.array([[0.0, 2.3], [1.0, 1.1]]))
        >>> table["loss"].tolist(), len(table.take([0]))
        ([2.3, 1.1], 1)
    """

    columns: tuple[str, ...]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.columns):
            raise ValueError(
                f"`values` must be [rows, {len(self.columns)}], one column for each of {', '.join(self.columns)}. "
                f"Received: shape {list(self.values.shape)}."
            )
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"`columns` must differ. Received: {', '.join(self.columns)}.")

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Table:
        """A table of columns that are given by name, all of one length."""
        values = np.column_stack(list(columns.values())) if columns else np.empty((0, 0))
        return cls(tuple(columns), values.astype(np.float64, copy=False))

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """The column of that name, shape `[rows]`.

        Raises:
            KeyError: If there is none.
        """
        if name not in self.columns:
            raise KeyError(f"There is no column {name!r}: there are {', '.join(self.columns)}.")
        return self.values[:, self.columns.index(name)]

    def get(self, name: str) -> NDArray[np.float64] | None:
        """The column of that name, or None."""
        return None if name not in self.columns else self[name]

    def take(self, rows: Any) -> Table:
        """Some of the rows: indices, a slice or a mask, as NumPy takes them."""
        return Table(self.columns, self.values[rows])

    def with_column(self, name: str, values: NDArray[np.float64]) -> Table:
        """The table with a column in place of the one of that name, or else at the end."""
        return Table.of({**self.by_name(), name: values})

    def followed_by(self, other: Table) -> Table:
        """The rows of both.

        Raises:
            ValueError: If the other one has other columns.
        """
        if other.columns != self.columns:
            raise ValueError(
                f"Both tables must have the same columns. Received: {', '.join(self.columns)} and "
                f"{', '.join(other.columns)}."
            )
        return Table(self.columns, np.concatenate([self.values, other.values]))

    def by_name(self) -> dict[str, NDArray[np.float64]]:
        """The columns by name, each of shape `[rows]`."""
        return dict(zip(self.columns, self.values.T, strict=True))


def drawable(kind: str, columns: Iterable[str]) -> list[str]:
    """The columns of a trace that can be drawn over the learning rate: the loss and the metrics.

    Args:
        kind: `"range_test"`, `"training"` or `"plan"`.
        columns: All its columns.
    """
    return [name for name in columns if name not in _NOT_DRAWN.get(kind, REQUIRED_COLUMNS)]


def metric_columns(metrics: Iterable[str]) -> dict[str, str]:
    """The column under which each metric of a range test is recorded: its own name, unless that is one of ours.

    Example:
        >>> metric_columns(["accuracy", "step"])
        {'accuracy': 'accuracy', 'step': 'metric_step'}
    """
    names = list(metrics)
    taken = {*RESERVED, *names}
    columns: dict[str, str] = {}
    for name in names:
        column = name
        if name in RESERVED:
            column = f"{_PREFIX}{name}"
            while column in taken:
                column = f"{_PREFIX}{column}"
            taken.add(column)
        columns[name] = column
    return columns
