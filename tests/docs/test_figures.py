"""The figures on the pages are those that the benchmarks printed."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import DOCS, ROOT

RESULTS = (ROOT / "benchmarks" / "recommendation" / "results.md").read_text(encoding="utf-8")
PAGE = (DOCS / "is-it-right.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What the pages call otherwise, by what the benchmark calls it.
NAMES = {
    "tb_lrfinder, `confirm=5`": "`confirm=5`",
    "tb_lrfinder, `repeats=3`": "`repeats=3`",
    "tb_lrfinder": "**tb_lrfinder**",
    "tb_lrfinder, optimizer not named": "… optimizer not named",
}
METHODS = [
    *NAMES,
    "fastai `minimum` / 10",
    "fastai `valley`",
    "torch-lr-finder",
    "Lightning 2.6",
    "Keras' default rate",
]


def cells(text: str, first: str) -> list[str]:
    """The other cells of the first row of a table that begins so."""
    row = re.search(rf"^\| {re.escape(first)} \|(.*)\|$", text, re.MULTILINE)
    assert row, f"There is no row {first!r}."
    return [cell.strip() for cell in row[1].split("|")]


@pytest.mark.parametrize("method", METHODS)
def test_the_table_of_methods_is_what_was_measured(method: str):
    measured, shown = cells(RESULTS, method), cells(PAGE, NAMES.get(method, method))
    assert shown[:4] == measured[:4]
    assert shown[4] == (measured[6] if method != "Keras' default rate" else "")


def test_the_table_of_families_is_what_was_measured():
    measured = RESULTS.partition("## By family\n")[2].partition("\n## ")[0].strip()
    assert measured in PAGE


def percent(cell: str) -> str:
    return cell.replace("%", " %")


def test_the_figures_of_the_readme_are_what_was_measured():
    one, confirmed, keras = (cells(RESULTS, name) for name in ("tb_lrfinder", "tb_lrfinder, `confirm=5`", METHODS[-1]))
    for name, measured in (
        ("suggestion of one sweep, 300 steps", one),
        ("… with five short trainings, `confirm=5`", confirmed),
        ("Keras' default rate", keras),
    ):
        assert cells(README, name)[:2] == [measured[0], percent(measured[1])]
    fastai, torch = cells(RESULTS, "fastai `valley`"), cells(RESULTS, "torch-lr-finder")
    shown = cells(README, "fastai's `valley`; torch-lr-finder")[:2]
    assert shown == [f"{fastai[0]}; {torch[0]}", f"{percent(fastai[1])}; {percent(torch[1])}"]
    count, good, _, lost = cells(RESULTS, "300 steps | sure")
    assert int(count) / 522 == pytest.approx(0.6, abs=0.005)
    assert cells(README, "called *sure*: 60 % of them")[:2] == [lost, f"{100 - float(good.rstrip('%')):.1f} %"]
