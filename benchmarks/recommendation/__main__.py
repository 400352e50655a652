"""Prints the tables of the recommendation benchmark from what was recorded; see its README.md.

python -m benchmarks.recommendation [--tasks NAME ...] [--write]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.recommendation.cases import DESIGN_FAMILIES, LONGER, PARTS, SWEEP, Run, Truth, load, recorded_tasks
from benchmarks.recommendation.methods import (
    confirmed,
    confirmed_suggestion,
    methods,
    of,
    short_suggestion,
    suggestion,
)
from benchmarks.recommendation.peers import PEERS
from benchmarks.recommendation.score import Row, Score, calibration, cyclical, score, shift_of_best

_RESULTS = Path(__file__).parent / "results.md"
_HEADINGS = ["method", "mean lost", "over 0.1", "near", "1cycle: mean lost", "over 0.1", "near", "steps"]
_FEW_METHODS = ("tb_lrfinder", "tb_lrfinder, `confirm=5`", "fastai `minimum` / 10", "fastai `valley`")
_FACTORS = (1.0, 1 / 2, 1 / 3, 1 / 10)


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=recorded_tasks(), metavar="NAME", help="only these tasks")
    parser.add_argument("--write", action="store_true", help=f"also write {_RESULTS.name}")
    options = parser.parse_args(arguments)
    runs = load(options.tasks)
    unseen = [run for run in runs if run.case.family not in DESIGN_FAMILIES]
    designed_on = [run for run in runs if run.case.family in DESIGN_FAMILIES]
    rows = sorted((score(name, method, unseen) for name, method in methods()), key=lambda row: row.constant.mean)
    text = "\n".join(
        [
            f"{len(options.tasks)} tasks, {len(runs)} runs, {len(unseen)} of them of families that none was designed on. "
            "Made by `python -m benchmarks.recommendation --write`.",
            *_table(
                "Every method, on the families that none was designed on", _HEADINGS, [row.cells() for row in rows]
            ),
            *_few("The same on the families that ours was designed on", designed_on),
            *_by("family", "family", runs),
            *_by("optimizer", "optimizer", unseen),
            *_lengths(unseen),
            *_held_out(unseen),
            *_cyclical(unseen),
            *_calibration(unseen),
            "",
        ]
    )
    print(text)
    if options.write:
        _RESULTS.write_text(f"# Results\n\n{text}", encoding="utf-8")
    return rows


def _few(title: str, runs: Sequence[Run]) -> list[str]:
    return _table(
        title, _HEADINGS, [score(name, method, runs).cells() for name, method in methods() if name in _FEW_METHODS]
    )


def _by(title: str, attribute: str, runs: Sequence[Run]) -> list[str]:
    """Our default beside fastai's, by an attribute of the case."""
    minimum = PEERS["fastai `minimum` / 10"]
    rows = []
    for name in dict.fromkeys(getattr(run.case, attribute) for run in runs):
        some = [run for run in runs if getattr(run.case, attribute) == name]
        truths = [run.case.constant for run in some]
        ours = Score.of([suggestion(run).learning_rate for run in some], truths)
        confirmed_rates = Score.of([confirmed(run, 5).constant for run in some], truths)
        fastai = Score.of([minimum(SWEEP, run.sweeps[0]) for run in some], truths)
        designed = " (designed on)" if name in DESIGN_FAMILIES else ""
        rows.append(
            [f"{name}{designed}", str(len(some)), *ours.cells(), *confirmed_rates.cells()[:2], *fastai.cells()[:2]]
        )
    headings = [
        title,
        "runs",
        "mean lost",
        "over 0.1",
        "near",
        "`confirm=5`",
        "over 0.1",
        "fastai `minimum` / 10",
        "over 0.1",
    ]
    return _table(f"By {title}", headings, rows)


def _lengths(runs: Sequence[Run]) -> list[str]:
    """The suggestion, and parts of it, for trainings of other lengths."""
    lengths: list[tuple[float, Callable[[Run], Truth | None]]] = [
        (share / PARTS, lambda run, share=share: run.case.after(share)) for share in (1, 3, PARTS)
    ]
    lengths.append((LONGER, lambda run: run.case.long))
    rows = []
    for length, truth_of in lengths:
        some = [run for run in runs if truth_of(run) is not None]
        told = [suggestion(run, total_steps=round(length * run.case.steps)).learning_rate for run in some]
        score = Score.of(told, [truth for run in some if (truth := truth_of(run)) is not None]).cells()
        shift = shift_of_best(some, truth_of)[1]
        rows.append([f"{length:.0%}", str(len(some)), *score[:2], *_factor_cells(some, truth_of), f"{shift:+.2f}"])
    factors = [f"suggestion × {factor:.2g}" for factor in _FACTORS]
    headings = ["length", "runs", "told by `total_steps`", "over 0.1", *factors, "best rate moves by, decades"]
    return _table("Mean lost progress of trainings of other lengths", headings, rows)


def _held_out(runs: Sequence[Run]) -> list[str]:
    truths: list[tuple[str, Callable[[Run], Truth | None]]] = [
        ("training loss, at the end", lambda run: run.case.constant),
        ("held out, best along the way", lambda run: run.case.held_out_best),
        ("held out, at the end", lambda run: run.case.held_out),
        ("held out, at the end of ten times as long", lambda run: run.case.long_held_out),
    ]
    rows = []
    for name, truth_of in truths:
        some = [run for run in runs if truth_of(run) is not None]
        rows.append([name, str(len(some)), *_factor_cells(some, truth_of), f"{shift_of_best(some, truth_of)[1]:+.2f}"])
    headings = ["by", "runs", *(f"suggestion × {factor:.2g}" for factor in _FACTORS), "best rate moves by, decades"]
    return _table("Mean lost progress by the training loss and by the loss on held-out data", headings, rows)


def _factor_cells(runs: Sequence[Run], truth_of: Callable[[Run], Truth | None]) -> list[str]:
    cells = []
    for factor in _FACTORS:
        pairs = [(suggestion(run).learning_rate, truth_of(run)) for run in runs]
        lost = [truth.lost_at(rate and rate * factor) for rate, truth in pairs if truth is not None]
        cells.append(f"{sum(lost) / len(lost):.3f}" if lost else "")
    return cells


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
    # What stands beside a word.
    sources["300 steps and 100"] = sources["300 steps"] + sources["100 steps"]
    rows = [
        [source, word, str(found.count), f"{found.good:.1%}", f"{found.at_least:.1%}", f"{found.mean:.3f}"]
        for source, suggested in sources.items()
        for word, found in calibration(suggested, [*runs, *runs][: len(suggested)]).items()
    ]
    headings = ["sweep", "confidence", "suggestions", "good", "at least (90 % over tasks)", "mean lost"]
    return _table("Confidence", headings, rows)


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
