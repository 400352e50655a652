"""Settings that must be made before Keras is loaded."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Sums of floating-point numbers in a fixed order: bit-identity is what many tests claim.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# The test processes share the cores; threads of theirs would only get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

pytest_plugins = ["tests.tensorboard_server", "tests.browser"]
