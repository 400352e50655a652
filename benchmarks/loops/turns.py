"""Loops that run in turn: a block of batches of each, round by round, so that a slow moment of the machine meets them all.

What is measured is processor time, of all threads of the process: a program beside it that takes the core is not counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# A loop as a person would write it: it takes the batches that come, and ends when it has trained on so many.
Loop = Callable[[Iterator[Any], int], None]


@dataclass(eq=False)
class Pace:
    """What a loop took.

    Attributes:
        blocks: Seconds of the processor per step, in each round but the first and the last, in which things warm up and end.
        outside: Seconds of the processor before its first batch and after its last one.
    """

    blocks: list[float] = field(default_factory=list)
    outside: float = 0.0

    @property
    def step(self) -> float:
        return float(np.median(self.blocks))


def run_in_turn(loops: Mapping[str, Loop], batches: Sequence[Any], block: int, rounds: int) -> dict[str, Pace]:
    """Runs each loop in a thread of its own, never two at a time.

    Threads, because a range test of somebody else's is one call that cannot be left half-way.

    Args:
        loops: By name.
        batches: What they train on, over and over.
        block: Batches in each turn.
        rounds: Turns that count.
    """
    lanes = {name: _Lane(loop, batches, block, rounds + 2) for name, loop in loops.items()}
    while any(lane.is_running for lane in lanes.values()):
        for lane in lanes.values():
            lane.take_turn()
    return {name: lane.pace for name, lane in lanes.items()}


class _Lane:
    """A loop that goes on for one turn when it is told to."""

    def __init__(self, loop: Loop, batches: Sequence[Any], block: int, turns: int) -> None:
        self.pace = Pace()
        self.is_running = True
        self._loop, self._batches, self._block, self._turns = loop, batches, block, turns
        self._may_go, self._has_paused = threading.Semaphore(0), threading.Semaphore(0)
        self._error: BaseException | None = None
        self._last_batch = 0.0
        threading.Thread(target=self._run, daemon=True).start()

    def take_turn(self) -> None:
        if self.is_running:
            self._may_go.release()
            self._has_paused.acquire()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        self._may_go.acquire()
        try:
            self._began = time.process_time()
            self._loop(self._paced(), self._block * self._turns)
            self.pace.outside += max(0.0, time.process_time() - self._last_batch - self.pace.step)
        except BaseException as error:
            self._error = error
        self.is_running = False
        self._has_paused.release()

    def _paced(self) -> Iterator[Any]:
        self.pace.outside = time.process_time() - self._began
        number = 0
        for turn in range(self._turns):
            if turn:
                self._has_paused.release()
                self._may_go.acquire()
            began = time.process_time()
            for _ in range(self._block):
                self._last_batch = time.process_time() if number == self._block * self._turns - 1 else 0.0
                number += 1
                yield self._batches[number % len(self._batches)]
            if 0 < turn < self._turns - 1:
                self.pace.blocks.append((time.process_time() - began) / self._block)
