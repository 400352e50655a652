"""`TraceWriter` and `write_curve`: what they refuse, and how a test that fails is marked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_lrfinder import TraceWriter, suggest, write_curve
from tb_lrfinder.cli.main import main
from tests.support.traces import synthetic_curve


def exported(log_dir, capsys) -> list[list[str]]:
    """What the command line reads back, without run and session."""
    assert main(["export", str(log_dir)]) == 0
    return [line.split(",")[2:] for line in capsys.readouterr().out.splitlines()]


def test_metrics_become_columns_and_may_be_missing_later(tmp_path, capsys):
    with TraceWriter(tmp_path) as trace:
        trace.append(0.1, 2.0, accuracy=0.5, val_loss=3.0)
        trace.append(0.2, 1.0, accuracy=0.6)
        trace.append(0.2, 0.5, val_loss=1.0, accuracy=0.7)
    header, *rows = exported(tmp_path, capsys)
    assert header == ["step", "learning_rate", "loss", "accuracy", "val_loss"]
    values = np.array(rows, float)
    np.testing.assert_array_equal(
        values, [[0, 0.1, 2.0, 0.5, 3.0], [1, 0.2, 1.0, 0.6, math.nan], [2, 0.2, 0.5, 0.7, 1.0]]
    )


def test_an_unknown_metric_is_refused(tmp_path):
    with TraceWriter(tmp_path) as trace:
        trace.append(0.1, 2.0, accuracy=0.5)
        with pytest.raises(ValueError) as caught:
            trace.append(0.2, 2.0, recall=0.5)
    assert str(caught.value) == (
        "Every step must have the metrics of the first one. Received: 'recall'; the first step had accuracy."
    )


@pytest.mark.parametrize("rate", [0.05, 0.0, -1.0, math.nan, math.inf])
def test_a_rate_that_is_no_sweep_is_refused(tmp_path, rate):
    with TraceWriter(tmp_path) as trace:
        trace.append(0.1, 2.0)
        with pytest.raises(ValueError) as caught:
            trace.append(rate, 2.0)
    assert str(caught.value) == (
        "The learning rates of a range test must be positive, finite and not fall. "
        f"Received: learning_rate={rate} after 0.1."
    )


def test_an_exception_marks_the_test_as_interrupted(tmp_path, capsys):
    def loop():
        with TraceWriter(tmp_path) as trace:
            trace.append(0.1, 2.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop()
    main(["suggest", str(tmp_path)])
    assert "Interrupted after step 1: ZeroDivisionError." in " ".join(capsys.readouterr().out.split())


def test_closing_twice_is_harmless(tmp_path):
    trace = TraceWriter(tmp_path)
    trace.close()
    trace.close()


def test_write_curve_gives_the_curve_to_suggest_from(tmp_path, capsys):
    known = synthetic_curve(100)
    curve = write_curve(tmp_path, known.learning_rates, known.losses, optimizer="AdamW", batch_size=8)
    assert suggest(curve) == suggest(known)
    rows = np.array(exported(tmp_path, capsys)[1:], float)
    np.testing.assert_array_equal(rows[:, 1:], np.column_stack([known.learning_rates, known.losses]))


def test_write_curve_refuses_what_is_no_curve_and_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match="must have the same length"):
        write_curve(tmp_path / "run", [0.1, 0.2], [1.0])
    assert not (tmp_path / "run").exists()
