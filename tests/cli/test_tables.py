"""How records are laid out, apart from where they come from."""

from __future__ import annotations

import csv
import io
import re

import pytest
from rich.cells import cell_len

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


@pytest.mark.parametrize("columns", [80, 100])
def test_on_a_narrow_terminal_what_has_no_column_stands_below(tmp_path, capsys, monkeypatch, columns):
    write_trace(tmp_path / "digits", synthetic_curve(300))
    monkeypatch.delenv("COLUMNS", raising=False)
    assert main(["suggest", str(tmp_path)]) == 0
    wide = capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["suggest", str(tmp_path)]) == 0
    narrow = capsys.readouterr().out
    assert max(map(cell_len, map(str.rstrip, narrow.splitlines()))) <= columns
    assert narrow.startswith("Run     Constant rate  ")
    # Nothing is lost: the headings and the values of the wide table are all there.
    cells = [cell for line in wide.splitlines()[:2] for cell in re.split(" {2,}", line)]
    assert len(cells) == 18
    told = " ".join(narrow.split())
    assert [cell for cell in cells if cell not in told] == []


def test_a_wide_terminal_has_all_columns(tmp_path, capsys, monkeypatch):
    write_trace(tmp_path / "digits", synthetic_curve(300))
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["suggest", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("Optimizer  Batch size")
