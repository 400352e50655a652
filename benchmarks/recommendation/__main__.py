"""Prints the tables of the recommendation benchmark from what was recorded; see its README.md.

python -m benchmarks.recommendation [--tasks NAME ...] [--write]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.recommendation.cases import DESIGNED_ON, Run, load, recorded_tasks
from benchmarks.recommendation.methods import (
    confirmed,
    confirmed_suggestion,
    methods,
    of,
    short_suggestion,
    suggestion,
)
from benchmarks.recommendation.peers import KERAS_DEFAULTS
from benchmarks.recommendation.score import Row, calibration, cyclical, leave_one_task_out, score

_RESULTS = Path(__file__).parent / "results.md"
_HEADINGS = ["method", "mean lost", "over 0.1", "near", "1cycle: mean lost", "over 0.1", "near", "steps"]


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=recorded_tasks(), metavar="NAME", help="only these tasks")
    parser.add_argument("--write", action="store_true", help=f"also write {_RESULTS.name}")
    options = parser.parse_args(arguments)
    runs = load(options.tasks, KERAS_DEFAULTS)
    rows = sorted((score(name, method, runs) for name, method in methods()), key=lambda row: row.constant.mean)
    text = "\n".join(
        [
            f"{len(options.tasks)} tasks, {len(runs)} runs. Made by `python -m benchmarks.recommendation --write`.",
            *_table("Every method", _HEADINGS, [row.cells() for row in rows]),
            *_later(runs),
            *_left_out(runs),
            *_cyclical(runs),
            *_calibration(runs),
            "",
        ]
    )
    print(text)
    if options.write:
        _RESULTS.write_text(f"# Results\n\n{text}", encoding="utf-8")
    return rows


def _later(runs: Sequence[Run]) -> list[str]:
    later = [run for run in runs if run.case.task not in DESIGNED_ON]
    wanted = ("tb_lrfinder", "fastai `minimum` / 10", "fastai `valley`")
    rows = [score(name, method, later).cells() for name, method in methods() if name in wanted] if later else []
    tasks = len({run.case.task for run in later})
    return _table(f"On the {tasks} tasks that were recorded after the method was fixed", _HEADINGS, rows)


def _left_out(runs: Sequence[Run]) -> list[str]:
    rows = []
    for use, truth_of in (("constant", lambda run: run.case.constant), ("1cycle", lambda run: run.case.one_cycle)):
        left_out = leave_one_task_out(runs, truth_of)
        chosen = sorted(left_out.chosen.items(), key=lambda item: -item[1])
        rows.append([use, *left_out.score.cells(), "; ".join(f"{choice} ({count})" for choice, count in chosen)])
    return _table(
        "The default method on tasks its constants were not chosen on", ["use", *_HEADINGS[1:4], "chosen (tasks)"], rows
    )


def _cyclical(runs: Sequence[Run]) -> list[str]:
    scored = {
        "tb_lrfinder": cyclical(lambda run: of(suggestion(run)), runs),
        "tb_lrfinder, `repeats=3`": cyclical(lambda run: of(suggestion(run, repeats=3)), runs),
        "tb_lrfinder, `confirm=5`": cyclical(lambda run: confirmed(run, 5), runs),
    }
    rows = [[name, f"{mean:.3f}", f"{bad:.1%}"] for name, (mean, bad) in scored.items()]
    return _table("Cyclical bounds", ["method", "mean lost", "over 0.1"], rows)


def _calibration(runs: Sequence[Run]) -> list[str]:
    sources = {
        "300 steps": [suggestion(run) for run in runs],
        "300 steps, `repeats=3`": [suggestion(run, repeats=3) for run in runs],
        "300 steps, `confirm=5`": [confirmed_suggestion(run, 5)[0] for run in runs],
        "100 steps": [short_suggestion(run) for run in runs],
    }
    rows = [
        [source, word, str(count), f"{good:.1%}", f"{mean:.3f}"]
        for source, found in sources.items()
        for word, (count, good, mean) in calibration(found, runs).items()
    ]
    return _table("Confidence", ["sweep", "confidence", "suggestions", "good", "mean lost"], rows)


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    line = "|".join(["---", *["---:"] * (len(headings) - 1)])
    return [
        "",
        f"## {title}",
        "",
        f"| {' | '.join(headings)} |",
        f"|{line}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


if __name__ == "__main__":
    main()
