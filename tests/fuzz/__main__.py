"""`python -m tests.fuzz`: the fuzzers with random seeds, in turn and in growing rounds, until the time is over.

It prints a line a minute, then how much was done; the first failure ends it with the example, the seed and status 1.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import multiprocessing
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from tests.fuzz.fuzzer import FUZZERS
from tests.fuzz.worker import EXAMPLES, import_fuzzers, initialize, run

# Seconds that a fuzzer has in the first round and in the last, longest one.
_FIRST, _LONGEST = 2.0, 120.0
_INTERVAL = 60.0


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the fuzzers; returns the exit status."""
    import_fuzzers()
    arguments = _parser().parse_args(argv)
    names, seed = arguments.only or sorted(FUZZERS), arguments.seed
    if arguments.example_seed is not None:
        initialize()
        for name in names:
            FUZZERS[name].run(arguments.example_seed, EXAMPLES, shrinks=True)
        return 0
    print(
        f"{len(names)} fuzzers for {arguments.seconds} s in {arguments.processes} processes, --seed {seed}", flush=True
    )
    started, counts, failures = time.monotonic(), Counter[str](), list[str]()
    rounds = _rounds(names, Random(seed))
    with concurrent.futures.ProcessPoolExecutor(
        arguments.processes, multiprocessing.get_context("spawn"), initialize
    ) as pool:
        running, printed = set[concurrent.futures.Future[tuple[Counter[str], str]]](), started
        while running or _goes_on(started, arguments.seconds, failures):
            while len(running) < arguments.processes and _goes_on(started, arguments.seconds, failures):
                name, seconds, one_seed = next(rounds)
                left = arguments.seconds - (time.monotonic() - started)
                running.add(pool.submit(run, name, one_seed, min(seconds, left)))
            done, running = concurrent.futures.wait(running, _INTERVAL, concurrent.futures.FIRST_COMPLETED)
            for one in done:
                done_here, failure = one.result()
                counts += done_here
                failures += [failure] if failure else []
            if time.monotonic() - printed >= _INTERVAL:
                printed = time.monotonic()
                print(f"{printed - started:5.0f} s  {_sum_of(counts)}", flush=True)
    print("\n".join(f"{count:>12,}  {what}" for what, count in sorted(counts.items())))
    for failure in failures:
        print(failure)
    print(f"{_sum_of(counts)}, {len(failures)} failures")
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: 60)")
    parser.add_argument("--only", nargs="+", choices=sorted(FUZZERS), metavar="FUZZER", help=", ".join(sorted(FUZZERS)))
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="the same examples as another time")
    parser.add_argument(
        "--example-seed", type=int, help="only the examples of this seed, which a failure has named, made smaller"
    )
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="how many at once (default: the cores)"
    )
    return parser


def _rounds(names: list[str], numbers: Random) -> Iterator[tuple[str, float, int]]:
    """Each fuzzer with the seconds that it has and a seed, round after round."""
    seconds = _FIRST
    while True:
        for name in names:
            yield name, seconds, numbers.getrandbits(32)
        seconds = min(2 * seconds, _LONGEST)


def _goes_on(started: float, seconds: float, failures: list[str]) -> bool:
    return not failures and time.monotonic() - started < seconds


def _sum_of(counts: Counter[str]) -> str:
    examples = sum(counts[name] for name in FUZZERS)
    answers = sum(count for what, count in counts.items() if what.startswith("answers"))
    return f"{examples:,} examples, {counts['requests']:,} requests, {answers:,} answers decoded by the page"


if __name__ == "__main__":
    sys.exit(main())
