"""Settings that must be made before Keras is loaded."""

import gc
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Sums of floating-point numbers in a fixed order: bit-identity is what many tests claim.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# The test processes share the cores; threads of theirs would only get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# On JAX the tests spend their time compiling small programs, many of them twice: without the costly optimizations, and once.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

# How long one example takes hangs on how busy the machine is.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Ray is too heavy for the environment of the tests: `make ray`.
collect_ignore = [] if find_spec("ray") else ["loops/test_grid_ray.py", "training/test_grid_ray.py"]
pytest_plugins = ["tests.support.tensorboard_server", "tests.support.browser"]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Nothing is left to the garbage collector: TensorFlow's graphs, piled up, once held it for a minute in some test."""
    yield
    gc.collect()
    # What is left stays, as far as the tests can tell: it need not be looked through again.
    gc.freeze()
