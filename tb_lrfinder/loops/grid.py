"""`run_grid`: a range test for every combination of settings, in any framework."""

from __future__ import annotations

import numbers
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from tb_lrfinder import arguments
from tb_lrfinder.loops import grid_runs, on_ray
from tb_lrfinder.loops.grid_result import GridResult, GridTable
from tb_lrfinder.loops.grid_runs import GridRun, Outcome
from tb_lrfinder.loops.grid_settings import check_taken, combinations
from tb_lrfinder.storage import paths
from tb_lrfinder.storage.file_system import check_log_dir

# What a test is called with beside the settings.
_ALWAYS = ("log_dir", "hparams")
# NumPy takes no more.
_MOST_SEED = 2**32 - 1


def run_grid(
    test: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]],
    log_dir: str | os.PathLike[str],
    *,
    seed: int | None = 0,
    options: Mapping[str, Any] | None = None,
    on: Literal["ray"] | None = None,
    ray_options: Mapping[str, Any] | None = None,
    verbose: int = 1,
) -> GridResult:
    """Makes a range test for every combination of settings, each a run of its own; with Keras, see `range_test_grid`.

    A combination that an earlier call has tested, with the same seed and options, is read back and not tested again: after a
    Ctrl-C, a failure or a new value in the grid, the same call does what is missing. What an attempt left that came to no
    end is removed first. A test that fails is tried once more, then reported; the others go on.

    Args:
        test: Makes one range test. Called with `log_dir` (the directory of the run), `hparams` (the settings as they are to
            be recorded) and the settings by name; returns a `RangeTestResult`, such as `RangeTest.result`. Only what it
            writes into `log_dir` can be read back.
        grid: The values of each setting by its name, of which every combination is tested, as in
            `{"batch_size": [16, 64], "weight_decay": [0, 0.1]}`; or a list of combinations. Values are numbers, texts, truth
            values, None, or functions and classes, which are recorded by their names.
        log_dir: Directory, local or remote, in which each combination has one of its own, called by its settings
            (`batch_size=16,weight_decay=0.1`).
        seed: The random numbers of Python, NumPy and the frameworks that are loaded start from it before each test, so that
            settings and not luck make the difference; afterwards they are as they were. None leaves them to chance.
        options: What the results depend on beside the settings, by name: tests that were made with others are made again.
        on: None tests one after the other in this process, `"ray"` in tasks of Ray (`pip install 'tb_lrfinder[ray]'`): on
            the cluster that `ray.init` has joined, that runs on this machine or that RAY_ADDRESS names; where there is none,
            in processes of this machine. On several machines, `log_dir` must be a directory that all of them share under one
            path, or a remote one. What is sent there must be picklable; big data are sent once.
        ray_options: What a task needs, as `.options()` of a Ray task takes it: `{"num_gpus": 1}`, without which a task sees
            no GPU, or `{"num_cpus": 4}`.
        verbose: 1 shows a table, in which a row appears as each test ends; 0 shows nothing.

    Returns:
        A `GridResult` with a row for each combination.

    Raises:
        ValueError: Before anything is tested: for an empty grid, a name that is no identifier, a value that cannot be
            recorded, a setting that `test` does not take, an argument outside its range, or what Ray cannot send.
        ModuleNotFoundError: With `on="ray"`, if Ray is not installed.

    Example:
        >>> def test(log_dir, hparams, width, batch_size):                            # doctest: +SKIP
        ...     model = make_model(width)
        ...     with RangeTest(log_dir, restore=model, optimizer=SGD(model), hparams=hparams, verbose=0) as test:
        ...         for x, y in test.batches(loader(batch_size)):
        ...             test.report(train_step(model, x, y))
        ...     return test.result
        >>> run_grid(test, {"width": [64, 256], "batch_size": [16, 64]}, "logs/grid")   # doctest: +SKIP
    """
    all_settings = combinations(grid, reserved=_ALWAYS)
    check_taken([{**dict.fromkeys(_ALWAYS), **one.settings} for one in all_settings], {"test": test})
    if on is not None:
        arguments.one_of(("ray",), on=on)
    if seed is not None:
        arguments.number(f"a whole number from 0 to {_MOST_SEED}", _is_seed, seed=seed)
    in_ray = on_ray.check_options(ray_options or {})
    if in_ray and on is None:
        raise ValueError(f'`ray_options` needs `on="ray"`. Received: on=None, ray_options={arguments.shown(in_ray)}.')
    folder = check_log_dir(log_dir)
    if on is not None:
        on_ray.load()
        # Workers may be in another directory.
        folder = folder if paths.scheme_of(folder) else os.path.abspath(folder)
    known_by = grid_runs.described(options or {})
    runs = [GridRun(one, f"{folder}/{one.name}", seed, known_by) for one in all_settings]
    table = GridTable(runs, folder, verbose > 0)
    run_all = _run_here if on is None else partial(on_ray.run_all, ray_options=in_ray)
    with table.shown():
        left = []
        for run in runs:
            there = grid_runs.found(run)
            if there is None:
                left.append(run)
            else:
                table.ended(run, there)
        if left:
            run_all(test, left, started=table.started, ended=table.ended)
    return table.result()


def _is_seed(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and 0 <= int(value) <= _MOST_SEED


def _run_here(
    test: Callable[..., Any],
    runs: Sequence[GridRun],
    started: Callable[[GridRun], None],
    ended: Callable[[GridRun, Outcome], None],
) -> None:
    for run in runs:
        started(run)
        outcome = grid_runs.attempt(test, run)
        ended(run, grid_runs.attempt(test, run, again=True) if outcome.can_help else outcome)
