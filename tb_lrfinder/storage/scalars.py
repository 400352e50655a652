"""The scalars of an experiment, whoever wrote them, out of TensorBoard's data provider."""

from __future__ import annotations

from typing import Any

from tensorboard.data.provider import DataProvider, RunTagFilter
from tensorboard.plugins.scalar import metadata

# TensorBoard keeps a sample of a thousand points of a scalar; the provider returns all it has when asked for more.
_ALL = 1_000_000_000


class ScalarReader:
    """Reads what TensorBoard's own Scalars tab shows.

    Args:
        provider: TensorBoard's data provider.
        context: Context of the request, as the provider wants it.
        experiment_id: TensorBoard's id of the experiment.
    """

    def __init__(self, provider: DataProvider, context: Any, experiment_id: str) -> None:
        self._provider = provider
        self._request = {"ctx": context, "experiment_id": experiment_id, "plugin_name": metadata.PLUGIN_NAME}

    def tags(self) -> dict[str, list[str]]:
        """The tags by run."""
        return {run: list(tags) for run, tags in self._provider.list_scalars(**self._request).items()}

    def points(self, run: str, tag: str) -> list[tuple[int, float, float]] | None:
        """Step, wall time and value of each point; None when there is no such scalar."""
        series = self._provider.read_scalars(
            **self._request, downsample=_ALL, run_tag_filter=RunTagFilter(runs=[run], tags=[tag])
        )
        points = series.get(run, {}).get(tag)
        return None if points is None else [(point.step, point.wall_time, point.value) for point in points]
