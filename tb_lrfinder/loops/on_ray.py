"""Runs the tests of a grid as tasks of Ray. It knows neither tables nor frameworks; Ray is loaded when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from tb_lrfinder import arguments
from tb_lrfinder.loops.grid_runs import GridRun, Outcome, attempt
from tb_lrfinder.storage import paths

# Seconds that tasks have to undo what they do, after a Ctrl-C.
_PATIENCE = 5.0
_OUR_OPTIONS = ("max_retries", "num_returns", "retry_exceptions")


def check_options(ray_options: Any) -> dict[str, Any]:
    """The options of a task; raises `ValueError` unless they are a mapping that leaves ours alone."""
    if not isinstance(ray_options, Mapping) or not all(isinstance(name, str) for name in ray_options):
        raise ValueError(
            "`ray_options` must be a mapping, as in {'num_gpus': 1}. "
            f"Received: ray_options={arguments.shown(ray_options)}."
        )
    ours = [name for name in ray_options if name in _OUR_OPTIONS]
    if ours:
        raise ValueError(
            "`ray_options` must leave retries to the grid, which makes one for a test that failed or whose worker died. "
            f"Received: {', '.join(ours)}."
        )
    return dict(ray_options)


def load() -> Any:
    """The module `ray`.

    Raises:
        ModuleNotFoundError: If it is not installed.
    """
    try:
        return importlib.import_module("ray")
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise ModuleNotFoundError(
            "`on=\"ray\"` needs Ray, which is not installed: `pip install 'tb_lrfinder[ray]'`.", name="ray"
        ) from None


def run_all(
    test: Callable[..., Any],
    runs: Sequence[GridRun],
    ray_options: Mapping[str, Any],
    started: Callable[[GridRun], None],
    ended: Callable[[GridRun, Outcome], None],
) -> None:
    """Attempts every run in a task of its own, as many at once as the cluster has room for; one that fails, once more.

    Args:
        test: As in `grid_runs.attempt`. It is sent to the cluster once, with the data that hang on it.
        runs: The runs.
        ray_options: What a task needs, as `.options()` of a Ray task takes it.
        started: Is told of each run that waits for its place or runs.
        ended: Is told how each run ended.

    Raises:
        ValueError: If the test cannot be sent.
    """
    ray = load()
    with _cluster(ray):
        # In a list, it is neither loaded nor waited for before the worker has its environment.
        shared = [_put(ray, test)]
        task = ray.remote(_in_worker).options(**ray_options, max_retries=0)
        waiting: dict[Any, tuple[GridRun, bool]] = {}

        def submit(run: GridRun, again: bool) -> None:
            waiting[task.remote(shared, run, again, _environment())] = (run, again)

        try:
            for run in runs:
                submit(run, False)
                started(run)
            while waiting:
                (ended_task,), _ = ray.wait(list(waiting), num_returns=1)
                run, again = waiting.pop(ended_task)
                outcome = _outcome_of(ray, ended_task)
                if outcome.can_help and not again:
                    submit(run, True)
                    continue
                _check_shared(run, outcome)
                ended(run, outcome)
        finally:
            _cancel(ray, list(waiting))


def _in_worker(shared: list[Any], run: GridRun, again: bool, environment: Mapping[str, str]) -> Outcome:
    """An attempt in a process of Ray's."""
    # Before the test is loaded, and Keras with it.
    os.environ.update(environment)
    return attempt(load().get(shared[0]), run, again=again)


def _environment() -> dict[str, str]:
    """What the workers must know before they load Keras: the back end, which may have been chosen in this process alone."""
    keras = sys.modules.get("keras")
    return {} if keras is None else {"KERAS_BACKEND": keras.backend.backend()}


@contextmanager
def _cluster(ray: Any) -> Iterator[None]:
    """The cluster that this process has joined; else one that runs here or that RAY_ADDRESS names; else one of our own."""
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address="auto", log_to_driver=False)
    except ConnectionError:
        if os.environ.get("RAY_ADDRESS"):
            raise
        ray.init(address="local", log_to_driver=False, include_dashboard=False)
    try:
        yield
    finally:
        # Ends a cluster that was started here; another one is only left.
        ray.shutdown()


def _put(ray: Any, test: Any) -> Any:
    try:
        return ray.put(test)
    except Exception as error:  # each thing has an error of its own for that
        raise ValueError(
            'With `on="ray"`, functions, data and options are sent to other processes: what cannot be pickled must be made '
            "there. Let `data` be a function that opens them. "
            f"Received: {type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else error}"
        ) from error


def _outcome_of(ray: Any, task: Any) -> Outcome:
    try:
        return ray.get(task)
    except ray.exceptions.RayError as error:
        return Outcome(error=f"{type(error).__name__}: {error}", traceback=str(error), can_help=True)


def _check_shared(run: GridRun, outcome: Outcome) -> None:
    """Warns where the logs of a test lie on another machine."""
    is_local = paths.scheme_of(run.log_dir) is None
    if is_local and outcome.result is not None and outcome.result.session and not os.path.isdir(run.log_dir):
        warnings.warn(
            "The logs of this grid lie on the machines of the cluster: on several, `log_dir` must be a directory that all "
            "of them share under one path, or a remote one such as s3://bucket/logs. "
            f"Received: {run.log_dir!r}, which is not here.",
            stacklevel=2,
        )


def _cancel(ray: Any, tasks: list[Any]) -> None:
    """Ends what still runs as Ctrl-C would, so that each test undoes what it did."""
    for task in tasks:
        with suppress(ray.exceptions.RayError):
            ray.cancel(task, force=False)
    if tasks:
        ray.wait(tasks, num_returns=len(tasks), timeout=_PATIENCE)
