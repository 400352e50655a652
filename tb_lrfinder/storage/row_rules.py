"""The rules for the rows of a trace, by its kind: what its curve, its rate changes and its epochs are computed from.

Losses and metrics may be anything: NaN and infinities say where a training diverged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import EPOCH, LEARNING_RATE, RANGE_TEST, STEP, TRAINING, WALL_TIME, Table
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.field_types import LARGEST_WHOLE

# Rows that are looked at together: they stay in the processor's cache, and need little memory beside the table.
_BLOCK = 65_536


@dataclass(frozen=True)
class _ColumnRule:
    """What every value of a column must be.

    Attributes:
        column: Name of the column; a trace without it is not looked at.
        words: The rule in words.
        holds: Says of values of shape `[rows]`, for which the rules before it hold, of which this one does; shape `[rows]`.
    """

    column: str
    words: str
    holds: Callable[[NDArray[np.float64]], NDArray[np.bool_]]


def _finite(column: str) -> _ColumnRule:
    return _ColumnRule(column, "finite", np.isfinite)


_STEP = _ColumnRule(
    STEP,
    f"a whole number from 0 to {LARGEST_WHOLE}",
    lambda values: (values >= 0) & (values <= LARGEST_WHOLE) & (np.floor(values) == values),
)
_RISING_STEP = _ColumnRule(
    STEP, "above that of the row before", lambda values: np.append(True, values[1:] > values[:-1])
)
_RATE = _finite(LEARNING_RATE)
_TEST_RATE = _ColumnRule(
    LEARNING_RATE, "positive and finite", lambda values: (values > 0) & (values <= np.finfo(np.float64).max)
)
_RISING_RATE = _ColumnRule(
    LEARNING_RATE, "not below that of the row before", lambda values: np.append(True, values[1:] >= values[:-1])
)
_RULES = {
    RANGE_TEST: (_STEP, _RISING_STEP, _TEST_RATE, _RISING_RATE),
    # The steps of a training that goes on from a saved model begin below its last one. A schedule may pass zero.
    TRAINING: (_STEP, _RATE, _finite(EPOCH), _finite(WALL_TIME)),
}
_OTHERS = (_STEP, _RISING_STEP, _RATE, _finite(EPOCH))


def check_rows(kind: str, table: Table) -> None:
    """Checks all rows of a trace.

    Args:
        kind: The kind of the trace.
        table: Its rows.

    Raises:
        SchemaError: If a rule does not hold; the message names row, column and value.
    """
    rules = [rule for rule in _RULES.get(kind, _OTHERS) if rule.column in table]
    for first in range(0, len(table), _BLOCK):
        start = max(first - 1, 0)  # the row before is what a value is compared with
        block = table.take(slice(start, first + _BLOCK))
        for rule in rules:
            _check_block(rule, block[rule.column], start)


def _check_block(rule: _ColumnRule, values: NDArray[np.float64], start: int) -> None:
    holds = rule.holds(values)
    if not holds.all():
        index = int(np.argmin(holds))
        raise SchemaError(
            f"Row {start + index} of this trace is damaged: `{rule.column}` must be {rule.words}. "
            f"Received: {rule.column}={values[index]}."
        )
