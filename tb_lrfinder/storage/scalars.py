"""The scalars of an experiment, whoever wrote them, out of TensorBoard's data provider."""

from __future__ import annotations

from typing import Any

from tensorboard.data.provider import DataProvider, RunTagFilter
from tensorboard.plugins.scalar import metadata

from tb_lrfinder.storage.errors import SchemaError

# TensorBoard keeps a sample of a thousand points of a scalar, unless it is started to keep more: of those, another sample.
MAX_POINTS = 10_000


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
        """Step, wall time and value of each point; None when there is no such scalar.

        A scalar of more than `MAX_POINTS` is sampled; its last point is always there.

        Raises:
            SchemaError: If the provider cannot read it.
        """
        try:
            series = self._provider.read_scalars(
                **self._request, downsample=MAX_POINTS, run_tag_filter=RunTagFilter(runs=[run], tags=[tag])
            )
        except Exception as error:
            raise SchemaError(f"This scalar cannot be read: {type(error).__name__}: {error}.") from error
        points = series.get(run, {}).get(tag)
        return None if points is None else [(point.step, point.wall_time, point.value) for point in points]
