"""`run_grid` without any framework: combinations and their names, what is made again, what fails, how it is told."""

from __future__ import annotations

import json
import random
import signal
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import GridResult, RangeTest, TraceWriter, numerals, run_grid
from tb_lrfinder.loops import grid_result, grid_runs
from tb_lrfinder.loops.grid_settings import combinations
from tb_lrfinder.storage.errors import SchemaError
from tests.support.recorded import recorded


def descent(log_dir, decay=0.0, *, num_steps=80, fail_at=None, **options):
    """A range test of gradient descent on `w² / 2`, pulled to zero by `decay`."""
    weight = 1.0
    with RangeTest(log_dir, 1e-4, 1e3, num_steps, restore=[], optimizer="SGD", verbose=0, **options) as test:
        for step, learning_rate in enumerate(test):
            if step == fail_at:
                raise OSError("the disk is on fire")
            test.report(weight**2 / 2 * (1 + 0.01 * random.random()))
            weight -= learning_rate * (1 + decay) * weight
    return test.result


class Counted:
    """Counts the tests that are made."""

    def __init__(self, make=descent):
        self.made: Counter[str] = Counter()
        self._make = make

    def __call__(self, *, log_dir, hparams, **settings):
        self.made[Path(log_dir).name] += 1
        return self._make(log_dir, **settings)


def traces_of(folder: Path):
    return recorded(folder)[0]


@pytest.mark.parametrize(
    ("grid", "names"),
    [
        (
            {"batch_size": [16, 64], "decay": (0, 0.1)},
            [
                "batch_size=16,decay=0",
                "batch_size=16,decay=0.1",
                "batch_size=64,decay=0",
                "batch_size=64,decay=0.1",
            ],
        ),
        ([{"width": 8}, {"width": 16, "deep": True}], ["width=8", "width=16,deep=True"]),
        ({"width": np.array([8, 16])}, ["width=8", "width=16"]),
        ({"decay": np.array([0.1], np.float32)}, ["decay=0.1"]),
        ({"act": [max, None, "gelu"]}, ["act=max", "act=None", "act=gelu"]),
    ],
)
def test_the_settings_name_the_run(grid, names):
    assert [one.name for one in combinations(grid)] == names


def test_numpy_values_become_pythons():
    (one,) = combinations({"width": np.array([8])})
    assert type(one.settings["width"]) is type(one.recorded["width"]) is int


def test_a_function_is_given_as_it_is_and_recorded_by_its_name():
    (one,) = combinations({"act": [max]})
    assert (one.settings, one.recorded) == ({"act": max}, {"act": "max"})


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=100).filter(str.isprintable)


VALUES = st.one_of(TEXTS, st.integers(-(2**64), 2**64), st.booleans(), st.floats(allow_nan=False, allow_infinity=False))


@given(st.lists(VALUES, min_size=1, unique_by=repr))
def test_names_are_unique_on_any_file_system_and_one_folder(values):
    names = [one.name for one in combinations({"x": values})]
    assert len({name.casefold() for name in names}) == len(values)
    for name in names:
        assert name == Path(name).name
        assert len(name.encode()) <= 210
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-=")


def test_many_settings_are_cut_and_still_differ():
    grid = {f"a_rather_long_name_{index}": [0.123456789] for index in range(20)} | {"last": [1, 2]}
    first, second = (one.name for one in combinations(grid))
    assert first != second
    assert len(first.encode()) <= 200


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({}, "`grid` must have a setting at least"),
        ([], "`grid` must have a setting at least"),
        ([{}], "`grid` must have a setting at least"),
        ({"width": []}, "`grid` must have a setting at least"),
        ({"width": 8}, "a list of values for each setting. Received: width=8."),
        ({"width": "8"}, "a list of values for each setting"),
        ("width", "a mapping of settings to lists of values, or a list of mappings"),
        ({"batch size": [8]}, "a name that a function can have an argument of. Received: 'batch size'."),
        ({"class": [8]}, "a name that a function can have an argument of"),
        ({1: [8]}, "a name that a function can have an argument of"),
        ({"log_dir": ["a"]}, "No setting of `grid` may be called log_dir, hparams. Received: 'log_dir'."),
        ({"width": [[8, 16]]}, "a finite number, a printable text of 1 to 100 characters, true or false"),
        ({"width": [float("nan")]}, "a finite number"),
        ({"width": [10**400]}, "a finite number"),
        ({"name": ["two\nlines"]}, "a printable text"),
        ({"width": [8, 8]}, "No two combinations of `grid` may be recorded alike"),
        ({"act": [lambda x: x, lambda x: 2 * x]}, "name functions differently"),
    ],
)
def test_grids_that_are_none_are_refused(grid, words):
    with pytest.raises(ValueError) as refused:
        combinations(grid, reserved=("log_dir", "hparams"))
    assert words in str(refused.value)


def test_every_combination_is_a_run_with_one_finished_test(tmp_path, capsys):
    tests = Counted()
    grid = run_grid(tests, {"decay": [0, 1, 10]}, tmp_path)
    assert isinstance(grid, GridResult)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["decay=0", "decay=1", "decay=10"]
    for row in grid.rows:
        (trace,) = traces_of(Path(row.log_dir))
        assert trace.status == "finished"
        assert row.result is not None
        assert (row.result.session, row.error, row.was_there, row.status) == (trace.session, None, False, "done")
    # The faster it is pulled, the lower the rates that it needs.
    rates = [record["learning_rate"] for record in grid.records()]
    assert rates == sorted(rates, reverse=True)
    said = f"LR range tests: 3 done. Curves: tensorboard --logdir {tmp_path}"
    assert capsys.readouterr().out == f"{grid.table()}\n{said}\n"


def test_all_start_from_the_same_random_numbers_and_leave_those_outside(tmp_path):
    drawn = []

    def test(log_dir, hparams, width, decay):
        drawn.append((random.random(), np.random.rand()))
        return descent(log_dir, decay)

    grid = {"width": [1, 2], "decay": [0]}
    random.seed(5)
    before = random.getstate()
    run_grid(test, grid, tmp_path / "seeded", verbose=0)
    assert random.getstate() == before
    assert drawn[0] == drawn[1]
    run_grid(test, grid, tmp_path / "other", seed=1, verbose=0)
    assert drawn[2] != drawn[0]
    np.random.seed(5)
    run_grid(test, grid, tmp_path / "free", seed=None, verbose=0)
    assert drawn[4] == drawn[5] != drawn[0]  # those outside, which are put back after each
    assert drawn[4][1] == np.random.RandomState(5).rand()


def test_what_is_finished_is_read_back_and_not_made_again(tmp_path):
    tests = Counted()
    first = run_grid(tests, {"decay": [0, 1]}, tmp_path, verbose=0)
    second = run_grid(tests, {"decay": [0, 1, 2]}, tmp_path, verbose=0)
    assert tests.made == {"decay=0": 1, "decay=1": 1, "decay=2": 1}
    assert [row.was_there for row in second.rows] == [True, True, False]
    for old, new in zip(first.rows, second.rows, strict=False):
        assert old.result is not None
        assert new.result is not None
        assert new.result.suggestion == old.result.suggestion
        assert (new.result.stop_text, new.result.num_steps, new.seconds) == (
            old.result.stop_text,
            old.result.num_steps,
            old.seconds,
        )
        assert new.result.history.keys() == old.result.history.keys()
        for name, values in old.result.history.items():
            np.testing.assert_array_equal(new.result.history[name], values)
    assert second.title == "LR range tests: 1 done, 2 read back."


def test_short_trainings_are_read_back_too(tmp_path):
    def test(log_dir, hparams, decay):
        state = [1.0]

        def put(value):
            state[0] = value

        options = {"restore": [(lambda: state[0], put)], "optimizer": "SGD", "confirm": 3, "verbose": 0}
        with RangeTest(log_dir, 1e-4, 1e3, 60, **options) as test:
            for learning_rate in test:
                test.report(state[0] ** 2 / 2)
                put(state[0] * (1 - learning_rate))
        return test.result

    (made,), (read,) = (run_grid(test, {"decay": [0]}, tmp_path, verbose=0).rows for _ in range(2))
    assert read.was_there
    assert made.result is not None
    assert read.result is not None
    assert len(made.result.trials) == 3
    assert read.result.trials == made.result.trials
    assert repr(read.result) == repr(made.result)


@pytest.mark.parametrize("change", [{"seed": 1}, {"options": {"num_steps": 80}}, {"options": {"data": np.zeros(3)}}])
def test_with_another_seed_or_option_it_is_made_again_beside_the_first(tmp_path, change):
    tests = Counted()
    for options in ({}, change, change, {}):
        run_grid(tests, {"decay": [0]}, tmp_path, verbose=0, **options)
    assert tests.made == {"decay=0": 2}
    assert [trace.status for trace in traces_of(tmp_path / "decay=0")] == ["finished"] * 2


def test_rows_that_cannot_be_read_are_measured_again(tmp_path, monkeypatch):
    def unreadable(test, log_dir):
        raise SchemaError("A segment of this trace is damaged.")

    tests = Counted()
    run_grid(tests, {"decay": [0]}, tmp_path, verbose=0)
    monkeypatch.setattr(grid_runs._Test, "result", unreadable)
    grid = run_grid(tests, {"decay": [0]}, tmp_path, verbose=0)
    assert tests.made == {"decay=0": 2}
    assert [row.was_there for row in grid.rows] == [False]


def test_a_broken_note_counts_for_nothing(tmp_path):
    tests = Counted()
    run_grid(tests, {"decay": [0]}, tmp_path, verbose=0)
    (note,) = (tmp_path / "decay=0").glob("*.json")
    assert json.loads(note.read_text())["settings"] == {"decay": 0}
    for content in ("", "[]", note.read_text()[:20]):
        note.write_text(content)
        run_grid(tests, {"decay": [0]}, tmp_path, verbose=0)
    assert tests.made["decay=0"] == 2  # the first broken note; then there is a whole one


def test_what_an_unfinished_attempt_left_is_removed_and_nothing_else(tmp_path):
    folder = tmp_path / "decay=0"
    with pytest.raises(OSError, match="on fire"):
        descent(folder, fail_at=9)
    (folder / "events.out.tfevents.1.other").write_bytes(b"not ours")
    descent(folder)  # somebody else's, finished
    assert [trace.status for trace in traces_of(folder)] == ["interrupted", "finished"]
    run_grid(Counted(), {"decay": [0]}, tmp_path, verbose=0)
    assert [trace.status for trace in traces_of(folder)] == ["finished"] * 2
    assert (folder / "events.out.tfevents.1.other").exists()


def test_a_run_that_somebody_else_tests_now_is_left_alone(tmp_path):
    with TraceWriter(tmp_path / "decay=0") as other:
        other.append(0.1, 1.0)
        other.flush()
        tests = Counted()
        grid = run_grid(tests, {"decay": [0, 1]}, tmp_path, verbose=0)
        assert tests.made == {"decay=1": 1}
        assert grid.rows[0].error is not None
        assert grid.rows[0].error.startswith("BusyError: A run is tested by one process at a time.")
    assert len(list((tmp_path / "decay=0").iterdir())) == 1


def test_a_failing_test_is_tried_once_more(tmp_path):
    def once(log_dir, decay):
        is_first = tests.made["decay=1"] != 2
        return descent(log_dir, decay, fail_at=9 if decay == 1 and is_first else None)

    tests = Counted(once)
    grid = run_grid(tests, {"decay": [0, 1, 2]}, tmp_path, verbose=0)
    assert tests.made == {"decay=0": 1, "decay=1": 2, "decay=2": 1}
    assert grid.failed == ()
    assert [trace.status for trace in traces_of(tmp_path / "decay=1")] == ["finished"]


def test_a_process_that_died_after_its_test_had_ended_is_not_replaced(tmp_path):
    tests = Counted()
    (one,) = combinations({"decay": [0]})
    run = grid_runs.GridRun(one, str(tmp_path / one.name), 0, {})
    first, again = grid_runs.attempt(tests, run), grid_runs.attempt(tests, run, again=True)
    assert tests.made == {"decay=0": 1}
    assert repr(again.result) == repr(first.result)
    assert (again.was_there, again.error) == (False, None)


def test_one_that_fails_twice_is_reported_and_the_others_go_on(tmp_path, capsys):
    tests = Counted(lambda log_dir, decay: descent(log_dir, decay, fail_at=9 if decay == 1 else None))
    grid = run_grid(tests, {"decay": [0, 1, 2]}, tmp_path)
    assert tests.made == {"decay=0": 1, "decay=1": 2, "decay=2": 1}
    (failed,) = grid.failed
    assert failed == grid.rows[1]
    assert (failed.result, failed.error, failed.status) == (None, "OSError: the disk is on fire", "failed")
    assert "in descent" in (failed.traceback or "")
    assert grid.title == "LR range tests: 2 done, 1 failed."
    assert "  OSError: the disk is on fire" in capsys.readouterr().out.splitlines()
    assert grid.records()[1]["error"] == failed.error
    # The next call tries that one again, and no other.
    run_grid(tests, {"decay": [0, 1, 2]}, tmp_path, verbose=0)
    assert tests.made == {"decay=0": 1, "decay=1": 4, "decay=2": 1}


def test_what_we_refuse_is_not_tried_again(tmp_path):
    tests = Counted(lambda log_dir, num_steps: descent(log_dir, num_steps=num_steps))
    grid = run_grid(tests, {"num_steps": [1, 60]}, tmp_path, verbose=0)
    assert tests.made == {"num_steps=1": 1, "num_steps=60": 1}
    assert "`num_steps` must be" in (grid.rows[0].error or "")


def test_a_test_must_return_a_result(tmp_path):
    tests = Counted(lambda log_dir, decay: 0.1)
    (row,) = run_grid(tests, {"decay": [0]}, tmp_path, verbose=0).rows
    assert tests.made == {"decay=0": 1}
    assert "must return a RangeTestResult" in (row.error or "")


def test_ctrl_c_ends_the_grid_and_the_same_call_goes_on(tmp_path, capsys):
    def interrupted(log_dir, decay):
        if decay == 1 and tests.made["decay=1"] == 1:
            signal.raise_signal(signal.SIGINT)
        return descent(log_dir, decay)

    tests = Counted(interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_grid(tests, {"decay": [0, 1, 2]}, tmp_path)
    assert tests.made == {"decay=0": 1, "decay=1": 1}
    assert (
        capsys.readouterr().out.splitlines()[-1] == "Stopped: 1 of 3 are done. The same call goes on with the others."
    )
    grid = run_grid(tests, {"decay": [0, 1, 2]}, tmp_path, verbose=0)
    assert tests.made == {"decay=0": 1, "decay=1": 2, "decay=2": 1}
    assert [row.status for row in grid.rows] == ["read back", "done", "done"]


@pytest.mark.parametrize(
    ("test", "grid", "words"),
    [
        (None, {"decay": [0]}, "`test` must be a function. Received: test=None."),
        (lambda log_dir, hparams: None, {"decay": [0]}, "must be an argument of `test`. Received: decay."),
        (lambda decay: None, {"decay": [0]}, "must be an argument of `test`. Received: log_dir, hparams."),
        (
            lambda log_dir, hparams, decay, width: None,
            {"decay": [0]},
            "`test` must need nothing but settings of the grid; the rest has defaults. Received: missing a required "
            "argument: 'width'.",
        ),
    ],
)
def test_a_test_that_cannot_be_called_is_refused_before_any(tmp_path, test, grid, words):
    with pytest.raises(ValueError) as refused:
        run_grid(test, grid, tmp_path)
    assert str(refused.value).endswith(words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"on": "dask"}, "`on` must be one of ray. Received: on='dask'."),
        ({"seed": -1}, "`seed` must be a whole number from 0 to 4294967295. Received: seed=-1."),
        ({"seed": 2**32}, "`seed` must be a whole number from 0 to 4294967295. Received: seed=4294967296."),
        ({"seed": 0.5}, "`seed` must be a whole number from 0"),
        ({"ray_options": {"num_gpus": 1}}, '`ray_options` needs `on="ray"`.'),
        ({"ray_options": 1}, "`ray_options` must be a mapping, as in {'num_gpus': 1}. Received: ray_options=1."),
        ({"ray_options": {"max_retries": 3}}, "leave retries to the grid"),
    ],
)
def test_options_outside_their_range_are_refused(tmp_path, options, words):
    with pytest.raises(ValueError) as refused:
        run_grid(Counted(), {"decay": [0]}, tmp_path, **options)
    assert words in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_without_ray_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'tb_lrfinder\[ray\]'"):
        run_grid(Counted(), {"decay": [0]}, tmp_path, on="ray")


def test_a_log_file_gets_whole_lines_as_runs_end(tmp_path, monkeypatch):
    with open(tmp_path / "log", "w+") as log:
        seen = []

        def test(log_dir, hparams, decay):
            seen.append(Path(log.name).read_text())
            return descent(log_dir, decay, fail_at=9 if decay == 1 else None)

        monkeypatch.setattr("sys.stdout", log)
        run_grid(test, {"decay": [0, 1, 1e-5]}, tmp_path / "grid")
    lines = Path(log.name).read_text().splitlines()
    assert all(line.isprintable() for line in lines)
    assert lines[0].split() == ["decay", "Status", "Suggested", "rate", "Confidence", "Seconds"]
    assert [line.split()[:2] for line in lines[1:-1]] == [
        ["0", "done"],
        ["1", "failed"],
        ["OSError:", "the"],
        ["1e-5", "done"],
    ]
    # A run's line is there when the next one begins.
    assert [len(text.splitlines()) for text in seen] == [1, 2, 2, 4]


def test_a_terminal_says_what_runs_below_the_lines(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    run_grid(Counted(), {"decay": [0, 1]}, tmp_path)
    out = capsys.readouterr().out
    assert "1 of 2, decay=1" in out
    assert "Suggested rate" in out


def test_a_notebook_gets_one_table_that_grows(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(grid_result.shell, "is_notebook", lambda: True)
    monkeypatch.setattr(
        grid_result.shell, "publish", lambda data, handle=None: shown.append((data, handle)) or "handle"
    )
    grid = run_grid(Counted(), {"decay": [0, 1]}, tmp_path)
    assert [handle for _, handle in shown] == [None, "handle"]
    assert shown[-1][0]["text/html"] == grid._repr_html_()
    assert grid._repr_html_().count("<tr ") == 3


def test_records_are_flat_and_alike(tmp_path):
    grid = run_grid(
        lambda log_dir, hparams, **settings: descent(log_dir),
        [{"status": "a"}, {"status": "b", "act": max}],
        tmp_path,
        verbose=0,
    )
    first, second = grid.records()
    assert first.keys() == second.keys()
    assert (first["setting_status"], first["act"], second["act"], first["status"]) == ("a", None, "max", "done")
    assert isinstance(first["learning_rate"], float)
    assert isinstance(first["lowest_loss"], float)
    assert numerals.rate(first["learning_rate"]) in grid.table()
    assert str(grid).startswith("LR range tests: 2 done.\n")


def test_an_error_cannot_write_control_characters(tmp_path, capsys):
    def test(log_dir, hparams, width):
        raise OSError("\x1b[31mred\x07\nand more")

    grid = run_grid(test, {"width": ["<b>"]}, tmp_path)
    assert "OSError: �[31mred� and more" in capsys.readouterr().out
    assert "<b>" not in grid._repr_html_()
