"""`fuzzer` turns a check and its strategies into a test of a few examples, which `python -m tests.fuzz` runs for longer."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

# What was done, by kind: examples of each fuzzer, requests, answers that the page has decoded.
COUNTS: Counter[str] = Counter()


@dataclass(frozen=True)
class Fuzzer:
    """A check, and the strategies that its arguments are drawn from.

    Attributes:
        check: Raises when an example fails.
        strategies: Strategy of each argument.
    """

    check: Callable[..., None]
    strategies: dict[str, SearchStrategy[Any]]

    def with_settings(self, max_examples: int, **others: Any) -> Callable[[], None]:
        """The check of so many examples."""
        limits = settings(
            max_examples=max_examples,
            database=None,
            deadline=None,  # other processes share the machine: a time limit per example would fail at random
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
            **others,
        )
        return limits(given(**self.strategies)(self.check))

    def run(self, seed: int, max_examples: int, *, shrinks: bool) -> None:
        """Checks random examples, the same ones for the same seed.

        Args:
            seed: Any number.
            max_examples: How many.
            shrinks: Whether a failing example is made smaller first, which may take minutes.
        """
        phases = (Phase.explicit, Phase.generate, *([Phase.shrink] if shrinks else []))
        hypothesis.seed(seed)(self.with_settings(max_examples, phases=phases, print_blob=True))()


FUZZERS: dict[str, Fuzzer] = {}


def fuzzer(*, quick: int, **strategies: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Decorates a check, whose arguments are drawn from strategies.

    Args:
        quick: Examples that `pytest` tries, always the same ones.
        **strategies: Strategy of each argument.
    """

    def register(check: Callable[..., None]) -> Callable[[], None]:
        name = check.__name__.removeprefix("test_")

        @functools.wraps(check)
        def counted(**arguments: Any) -> None:
            COUNTS[name] += 1
            check(**arguments)

        one = FUZZERS[name] = Fuzzer(counted, strategies)
        return one.with_settings(quick, derandomize=True)

    return register
