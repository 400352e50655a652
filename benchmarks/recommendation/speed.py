"""How long a suggestion takes, beside fastai's simplest one on the same points in the same run.

Usage, from the repository root:    python -m benchmarks.recommendation.speed
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.recommendation.peers import fastai_minimum
from tb_lrfinder import Curve, suggest

_ROUNDS = 9


def main() -> None:
    print("| points | `suggest` | per point | fastai `minimum` | ratio |\n|---:|---:|---:|---:|---:|")
    for points in (300, 1_000, 10_000, 100_000, 1_000_000):
        rates = np.geomspace(1e-7, 10.0, points)
        position = np.log10(rates)
        losses = 2.3 / (1 + np.exp(4 * (position + 2.5))) + np.expm1(np.maximum(0, 4 * position))
        losses += np.random.default_rng(0).normal(0.3, 0.05, points)
        curve = Curve(rates, losses)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(_ROUNDS):  # in turn: a slow moment of the machine meets both
            ours.append(_seconds(lambda curve=curve: suggest(curve)))
            theirs.append(_seconds(lambda rates=rates, losses=losses: fastai_minimum(rates, losses)))
        mine, peer = statistics.median(ours), statistics.median(theirs)
        print(
            f"| {points:,} | {1e3 * mine:.2f} ms | {1e6 * mine / points:.2f} µs | {1e3 * peer:.2f} ms | {mine / peer:.2f} |"
        )


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
