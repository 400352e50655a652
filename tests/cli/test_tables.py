"""How records are laid out, apart from where they come from."""

from __future__ import annotations

import csv
import io

import pytest

from tb_lrfinder.cli.tables import write_rows


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@SUM(A1)", "\tx", "\nx", "＝1"])
def test_a_spreadsheet_gets_texts_as_texts_and_numbers_as_numbers(text):
    file = io.StringIO(newline="")
    write_rows([text, "loss"], [[text, -1.5], ["a=b", None]], file)
    rows = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert rows == [[f"'{text}", "loss"], [f"'{text}", "-1.5"], ["a=b", ""]]


def test_a_text_with_a_carriage_return_stays_one_cell():
    file = io.StringIO(newline="")
    write_rows(["run"], [["a\rb"], ["\r=1"]], file)
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [["run"], ["a\nb"], ["'\n=1"]]
