"""A Ray of two workers on this machine, for the tests of grids: `make ray` installs it."""

# pyright: reportMissingImports=false
from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def ray_settings() -> Iterator[None]:
    """An environment whose Rays find the tests, and choose no back end for Keras."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.delenv("KERAS_BACKEND", raising=False)
        yield


@contextmanager
def two_workers() -> Iterator[None]:
    """A cluster that this process has joined, until the block ends."""
    import ray

    with ray_settings():
        ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
        try:
            yield
        finally:
            ray.shutdown()
