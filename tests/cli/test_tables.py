"""How records are laid out, apart from where they come from."""

from __future__ import annotations

import csv
import io

import pytest

from tb_lrfinder.cli.main import main
from tb_lrfinder.cli.tables import write_rows
from tests.support.traces import synthetic_curve, write_trace


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


def test_a_directory_whose_name_a_terminal_would_obey_stays_on_its_line(tmp_path, capsys):
    run = "a\nb\x1b[2Jc"
    write_trace(tmp_path / run, synthetic_curve(50))
    assert main(["suggest", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert printed.splitlines()[1].startswith("a�b�[2Jc  ")
