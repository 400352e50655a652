"""A process of `python -m tests.fuzz`, which runs one fuzzer after the other."""

from __future__ import annotations

import importlib
import logging
import sys
import time
import traceback
import types
import warnings
from collections import Counter
from pathlib import Path
from random import Random

from tests.fuzz.fuzzer import COUNTS, FUZZERS

# Examples of one seed.
EXAMPLES = 25
# Characters of a line that are printed of a failure: an event file may be long.
_LONGEST_LINE = 2_000


def run(name: str, seed: int, seconds: float) -> tuple[Counter[str], str]:
    """Runs one fuzzer for so many seconds; returns what was done, and the failure in words if there is one."""
    COUNTS.clear()
    numbers, ends = Random(seed), time.monotonic() + seconds
    failure = ""
    while not failure and time.monotonic() < ends:
        one_seed = numbers.getrandbits(32)
        try:
            FUZZERS[name].run(one_seed, EXAMPLES, shrinks=False)
        except BaseException:
            again = f"python -m tests.fuzz --only {name} --example-seed {one_seed}"
            told = traceback.format_exc().splitlines()
            failure = "\n".join([*(line[:_LONGEST_LINE] for line in told), f"Again, and smaller: {again}"])
    return Counter(COUNTS), failure


def import_fuzzers() -> None:
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(f"tests.fuzz.{path.stem}")


def initialize() -> None:
    """Sets up a process: a warning is a failure, as in the tests; TensorBoard does without TensorFlow."""
    sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
    logging.disable(logging.CRITICAL)
    import_fuzzers()
    warnings.simplefilter("error")
