"""Which traces have to do with each other: the probes of a training, and the range test that a training belongs to.

Only what was recorded counts. Traces whose header cannot be read belong to nothing.
"""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tb_lrfinder.columns import RANGE_TEST, TRAINING
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.trace import Trace


@dataclass(frozen=True)
class Pair:
    """A training and the range test that belongs to it.

    Attributes:
        training: The training.
        test: The range test.
        because: `"named"` where a person has said so, `"same"` where model, parameters, optimizer and batch size are.
    """

    training: Trace
    test: Trace
    because: Literal["named", "same"]


def probes_by_training(traces: Iterable[Trace]) -> dict[str, tuple[Trace, ...]]:
    """The probes of each training, in order of step.

    Args:
        traces: All traces of an experiment.

    Returns:
        The probes by the id of their training. Where nobody recorded it, that is the id that it would have in their own run.
    """
    traces = list(traces)
    trainings: dict[str, list[Trace]] = defaultdict(list)
    for trace in traces:
        if trace.header is not None and trace.header.kind == TRAINING:
            for session in (trace.session, *trace.continued_by):
                trainings[session].append(trace)
    probes: dict[str, list[tuple[int, Trace]]] = defaultdict(list)
    for trace in traces:
        probe = trace.header and trace.header.probe
        if probe is not None:
            found = trainings.get(probe.training)
            owner = _nearest(found, trace.run).id if found else f"{probe.training}/{trace.run}"
            probes[owner].append((probe.step, trace))
    return {owner: tuple(trace for _, trace in sorted(of_one, key=_in_time)) for owner, of_one in probes.items()}


def _in_time(probe: tuple[int, Trace]) -> tuple[int, float]:
    step, trace = probe
    return step, trace.started


def _nearest(traces: Sequence[Trace], run: str) -> Trace:
    """The trace whose run has the most folders in common with another one: a copied directory holds sessions twice."""

    def shared(trace: Trace) -> int:
        folders = zip(trace.run.split("/"), run.split("/"), strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], folders))

    return max(traces, key=shared)


def pairs_by_trace(traces: Iterable[Trace]) -> dict[str, tuple[Pair, ...]]:
    """The pairs that each training and each range test is part of, by its id, in order of the trainings' starts.

    A training has one test at most: the one that a person named, or else, of those with the same model, parameters,
    optimizer and batch size, all known, the latest that started before it, or the latest of all. A probe is the test of a
    training only where a person named it.

    Args:
        traces: All traces of an experiment.
    """
    traces = [trace for trace in traces if trace.header is not None]
    tests = _Tests(trace for trace in traces if trace.header_or_default.kind == RANGE_TEST)
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for training in sorted(traces, key=lambda trace: trace.started):
        pair = tests.pair(training) if training.header_or_default.kind == TRAINING else None
        if pair is not None:
            pairs[pair.training.id].append(pair)
            pairs[pair.test.id].append(pair)
    return {trace_id: tuple(of_one) for trace_id, of_one in pairs.items()}


class _Tests:
    """The range tests, by what a training names them by."""

    def __init__(self, tests: Iterable[Trace]) -> None:
        self._by_session: dict[str, list[Trace]] = defaultdict(list)
        self._alike: dict[tuple[object, ...], list[Trace]] = defaultdict(list)
        for test in sorted(tests, key=lambda trace: trace.started):
            self._by_session[test.session].append(test)
            facts = _facts(test.header_or_default)
            if facts is not None and test.header_or_default.probe is None:
                self._alike[facts].append(test)

    def pair(self, training: Trace) -> Pair | None:
        """The training with its test. A test that a person named and that is not there has no other one in its place."""
        named = training.header_or_default.range_test
        if named is not None:
            found = self._by_session.get(named)
            return Pair(training, _nearest(found, training.run), "named") if found else None
        alike = self._alike.get(_facts(training.header_or_default) or ())
        if not alike:
            return None
        before = bisect.bisect_left(alike, training.started, key=lambda test: test.started)
        # With none before it, the index is that of the last one.
        return Pair(training, alike[before - 1], "same")


def _facts(header: Header) -> tuple[object, ...] | None:
    """What a training and its test have in common; None where one of these is not known."""
    facts = (header.model, header.parameters, header.optimizer, header.batch_size)
    return None if None in facts else facts
