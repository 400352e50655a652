"""Settings that must be made before Keras is loaded."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# One CPU adds floating-point sums in a fixed order; threads would not, and bit-identity is what many tests claim.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import pytest

pytest_plugins = ["tests.tensorboard_server", "tests.browser"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshot", default="", help="file for the README's screenshot of the tab")
