"""`UpdateClock`: says when a step of a range test is over, in a loop that is somebody else's."""

from __future__ import annotations

from collections.abc import Sequence

from tb_lrfinder.loops.frameworks import RateHolder

# Reports without an update. Gradients may be gathered over hundreds of batches, and the generator of a GAN trained once for
# 100 updates of its critic (Arjovsky et al. 2017).
_PATIENCE = 1000


class UpdateClock:
    """A step is over when every optimizer that is set has made its updates; where none is counted, after as many reports.

    So a rate stays while gradients are gathered, and where a gradient scaler skips an update.

    Args:
        holders: The optimizers whose rate is set.
        updates: Updates in a step.
    """

    def __init__(self, holders: Sequence[RateHolder], updates: int) -> None:
        self._holders = [holder for holder in holders if holder.count() is not None]
        self._updates = updates
        # Where the counts stood when the step began, and at the last report.
        self._begin = self._now = self._counts()
        self._reports = 0
        self._unused = list(self._holders)
        self._all_reports = 0

    def begin_step(self) -> None:
        """Begins the next step, right after a report."""
        self._begin = self._now
        self._reports = 0

    def is_over(self) -> bool:
        """Whether the report that was just made was the last of its step.

        Raises:
            ValueError: If an optimizer is never used.
        """
        self._reports += 1
        self._all_reports += 1
        if not self._holders:
            return self._reports >= self._updates
        self._now = self._counts()
        if self._unused:
            self._unused = [holder for holder, now in zip(self._holders, self._now, strict=True) if not now]
            if self._all_reports >= _PATIENCE:
                self.check_use()
        return all(now - then >= self._updates for now, then in zip(self._now, self._begin, strict=True))

    def check_use(self) -> None:
        """Raises `ValueError` if an optimizer has made no update in all reports so far."""
        if self._unused and self._all_reports:
            raise ValueError(
                "`optimizer` must name the optimizers that the loop uses. "
                f"Received: {' and '.join(holder.title for holder in self._unused)}, which made no update in "
                f"{self._all_reports} reports."
            )

    def _counts(self) -> list[int]:
        return [holder.count() or 0 for holder in self._holders]
