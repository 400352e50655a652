"""`range_test_grid(on="ray")`: the same numbers as in this process: `make ray`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import range_test_grid
from tests.support.models import classification_data
from tests.support.ray_cluster import two_workers
from tests.training.test_grid import make_model


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with two_workers():
        yield


def test_a_cluster_gives_the_same_numbers_on_the_same_back_end(cluster, tmp_path):
    backend = keras.backend.backend()

    def make(width):
        assert keras.backend.backend() == backend
        return make_model(width)

    grid = {"batch_size": [16, 64], "width": [4, 8]}
    options: dict[str, Any] = {"num_steps": 30, "verbose": 0}
    there = range_test_grid(make, grid, classification_data(), tmp_path / "there", on="ray", **options)
    here = range_test_grid(make, grid, classification_data(), tmp_path / "here", **options)
    for one, other in zip(there.rows, here.rows, strict=True):
        assert one.result is not None, one.traceback
        assert other.result is not None
        np.testing.assert_allclose(one.result.curve.losses, other.result.curve.losses, rtol=1e-4)
