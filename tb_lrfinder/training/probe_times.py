"""When the probes of a training are due, and which of them it can afford."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tb_lrfinder import arguments


class ProbeTimes:
    """Says which epochs or steps of a training are due for a probe.

    Args:
        every: The distance from one to the next, at least 1, counted from 0; or a list of epochs or steps, from 0.

    Raises:
        ValueError: If it is none of both.

    Example:
        >>> times = ProbeTimes(5)
        >>> times.between(0, 4), times.between(4, 12)
        (1, 2)
        >>> ProbeTimes([0, 3]).between(1, 9)
        1
    """

    def __init__(self, every: int | Sequence[int]) -> None:
        self._every, self._listed = 0, frozenset[int]()
        if isinstance(every, (list, tuple)):
            if not every:
                raise ValueError(f"`every` must name an epoch or step at least. Received: every={every!r}.")
            for one in every:
                arguments.whole(0, every=one)
            self._listed = frozenset(map(int, every))
        else:
            arguments.whole(1, every=every)
            self._every = int(cast(int, every))

    def between(self, first: int, last: int) -> int:
        """How many are due from `first` to `last`, both included."""
        if self._every:
            return max(last // self._every - (first - 1) // self._every, 0)
        return sum(first <= one <= last for one in self._listed)


class ProbeBudget:
    """Bounds the share of a training's time that probes may take.

    The first one is always allowed: nobody knows what it costs. Each further one is expected to cost what the last one did.

    Args:
        max_share: Seconds of probing over all seconds, probing included: above 0, at most 1.

    Attributes:
        spent: Seconds of all probes so far.

    Raises:
        ValueError: If the share is outside its range.
    """

    def __init__(self, max_share: float) -> None:
        arguments.number("above 0 and at most 1", lambda value: 0 < value <= 1, max_share=max_share)
        self._max_share = float(max_share)
        self._last: float | None = None
        self.spent = 0.0

    def allows(self, seconds: float) -> bool:
        """Whether another one keeps within the share, after so many seconds of training and probing."""
        if self._last is None:
            return True
        return self.spent + self._last <= self._max_share * (seconds + self._last)

    def spend(self, seconds: float) -> None:
        """Takes the cost of a probe."""
        self.spent += seconds
        self._last = seconds
