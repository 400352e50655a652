"""The examples run, small, and give what their readers expect."""

from __future__ import annotations

from examples import digits


def test_digits_finds_a_rate_for_both_optimizers(tmp_path, capsys):
    finders = digits.main(tmp_path / "first", num_steps=150)
    rates = {name: finder.suggestion.learning_rate or 0.0 for name, finder in finders.items()}
    assert 3e-4 < rates["adam"] < 3e-2
    assert 3e-3 < rates["sgd_momentum"] < 3e-1
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == ["adam", "sgd_momentum"]
    assert capsys.readouterr().out.count("Suggested learning rate") == 2
    # In a notebook, one runs it again.
    digits.main(tmp_path / "second", num_steps=150)
