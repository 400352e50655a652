"""`range_test_grid`: range tests of Keras models for every combination of settings, in one call."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras

from tb_lrfinder import arguments
from tb_lrfinder.loops.frameworks import reseed
from tb_lrfinder.loops.grid import run_grid
from tb_lrfinder.loops.grid_result import GridResult
from tb_lrfinder.loops.grid_settings import check_taken, combinations, taken_by
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.training.compiled_steps import forgotten_steps
from tb_lrfinder.training.keras_support import check_keras
from tb_lrfinder.training.range_test import range_test

# Arguments of `range_test` that the grid gives itself, or that make no sense for a model that is dropped.
_OURS = ("model", "x", "y", "log_dir", "set_learning_rate", "verbose")
# Those that no result depends on.
_REMARKS = ("hparams", "note", "tags")
# Those that are no settings: data, and a word by which people call what `make_model` compiles with.
_NO_SETTINGS = (*_REMARKS, "optimizer", "validation_data", "sample_weight", "class_weight")
_DEFAULTS = {
    name: parameter.default for name, parameter in inspect.signature(range_test).parameters.items() if name not in _OURS
}
_SETTINGS = tuple(name for name in _DEFAULTS if name not in _NO_SETTINGS)


def range_test_grid(
    make_model: Callable[..., keras.Model],
    grid: Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]],
    data: Any,
    log_dir: str | os.PathLike[str],
    *,
    seed: int | None = 0,
    on: Literal["ray"] | None = None,
    ray_options: Mapping[str, Any] | None = None,
    verbose: int = 1,
    **options: Any,
) -> GridResult:
    """Makes a range test for every combination of settings: a model of its own, and a run of its own in `log_dir`.

    It answers how the suggested rate changes with the batch size, the weight decay, the width: settings are recorded with
    each test, and the tab draws rates against them. Every model starts from the same seed, as far as its shapes allow,
    and sees data that are shuffled from the same seed: settings and not luck make the difference.

    A combination that an earlier call has tested, with the same seed and options, is read back and not tested again: after a
    Ctrl-C, a failure or a new value in the grid, the same call does what is missing. Whether `make_model` or the data have
    changed is not known: then name another `log_dir`. A test that fails is tried once more, then reported in the table; the
    others go on.

    Args:
        make_model: Makes a compiled model. It is called with those settings that it has arguments for (with all, if it takes
            `**kwargs`), the model is tested once and dropped.
        grid: The values of each setting by its name, of which every combination is tested, as in
            `{"batch_size": [16, 64], "weight_decay": [0, 0.1]}`; or a list of combinations. Values are numbers, texts, truth
            values, None, or functions and classes, which are recorded by their names. Settings that `range_test` has an
            argument for (`batch_size`, `num_steps`, `total_steps`, `repeats`, `updates_per_lr`, …) are also given to it, but
            never `optimizer`: that is what `make_model` compiles with.
        data: What to train on: `(x, y)`, or a dataset that can be read again and again; or a function that is called with
            those settings that it has arguments for, and returns one of these.
        log_dir: Directory, local or remote, in which each combination has one of its own, called by its settings
            (`batch_size=16,weight_decay=0.1`).
        seed: The random numbers of Python, NumPy and the back end start from it before each model is made, and before it is
            tested; afterwards they are as they were. None leaves them to chance.
        on: None tests one after the other in this process, `"ray"` in tasks of Ray (`pip install 'tb_lrfinder[ray]'`): on
            the cluster that `ray.init` has joined, that runs on this machine or that RAY_ADDRESS names; where there is none,
            in processes of this machine. On several machines, `log_dir` must be a directory that all of them share under one
            path, or a remote one. Functions and data are sent there once, and must be picklable; `data` may be a function
            that opens them.
        ray_options: What a task needs, as `.options()` of a Ray task takes it: `{"num_gpus": 1}`, without which a task sees
            no GPU, or `{"num_cpus": 4}`.
        verbose: 1 shows a table, in which a row appears as each test ends; 0 shows nothing.
        **options: Further arguments of `range_test`, the same for every test; `hparams` are recorded beside the settings. A
            change of `hparams`, `note` or `tags` makes no test anew. Of data among them
            (`validation_data`, `sample_weight`, `class_weight`), a change of type or shape alone makes tests anew.

    Returns:
        A `GridResult` with a row for each combination. Of a test with `repeats` that was read back, the suggestion is
        that of their mean, and their spread is not known.

    Raises:
        ValueError: Before anything is trained: for an empty grid, a name that is no identifier, a value that cannot be
            recorded, a setting that neither `make_model` nor `data` nor `range_test` takes, a setting that is an option too,
            or what Ray cannot send.
        TypeError: For an option that `range_test` does not have.
        ImportError: If Keras is older than 3.7, or with `on="ray"`, Ray is not installed.

    Example:
        >>> def make_model(width, weight_decay):                                        # doctest: +SKIP
        ...     model = keras.Sequential([keras.layers.Dense(width, "relu"), keras.layers.Dense(10)])
        ...     model.compile(keras.optimizers.AdamW(weight_decay=weight_decay), loss)
        ...     return model
        >>> grid = {"batch_size": [16, 64, 256], "width": [64], "weight_decay": [0, 0.1]}   # doctest: +SKIP
        >>> tested = range_test_grid(make_model, grid, data=(x, y), log_dir="logs/grid")    # doctest: +SKIP
        >>> pandas.DataFrame(tested.records())                                          # doctest: +SKIP
    """
    check_keras()
    _check_options(options)
    all_settings = [one.settings for one in combinations(grid)]
    functions = {"make_model": make_model, **({"data": data} if _is_function(data) else {})}
    check_taken(all_settings, functions, also=_SETTINGS)
    twice = [name for settings in all_settings for name in settings if name in options]
    if twice:
        raise ValueError(f"A setting of `grid` must not be an option, too. Received: {twice[0]} as both.")
    if not _is_function(data):
        _pair(data)
    return run_grid(
        _KerasTest(make_model, data, options, seed),
        grid,
        log_dir,
        seed=seed,
        # With the defaults: a result is as old as they are.
        options={name: value for name, value in {**_DEFAULTS, **options}.items() if name not in _REMARKS},
        on=on,
        ray_options=ray_options,
        verbose=verbose,
    )


@dataclass(frozen=True)
class _KerasTest:
    """The test of one combination, as `run_grid` takes it."""

    make_model: Callable[..., keras.Model]
    data: Any
    options: Mapping[str, Any]
    seed: int | None

    def __call__(self, *, log_dir: str, hparams: dict[str, Any], **settings: Any) -> RangeTestResult:
        model = self.make_model(**taken_by(self.make_model, settings))
        data = self.data(**taken_by(self.data, settings)) if _is_function(self.data) else self.data
        x, y = _pair(data)
        if self.seed is not None:
            # Models and data may have drawn more or fewer numbers: the order of the batches is the same for all.
            reseed(self.seed)
        of_test = {name: value for name, value in settings.items() if name in _SETTINGS}
        options = {**self.options, "hparams": {**(self.options.get("hparams") or {}), **hparams}}
        with forgotten_steps():
            return range_test(model, x, y, log_dir=log_dir, verbose=0, **options, **of_test)


def _is_function(data: Any) -> bool:
    return callable(data) and not hasattr(data, "__getitem__")


def _pair(data: Any) -> tuple[Any, Any]:
    """The data as `x` and `y` of a fit."""
    if isinstance(data, tuple) and len(data) != 2:
        raise ValueError(
            f"`data` must be (x, y), a dataset, or a function that returns one of these. Received: a tuple of {len(data)}."
        )
    if data is None or isinstance(data, Iterator):
        raise ValueError(
            "`data` must be there for every model: give a function that makes a generator. "
            f"Received: data={arguments.shown(data)}."
        )
    return data if isinstance(data, tuple) else (data, None)


def _check_options(options: Mapping[str, Any]) -> None:
    unknown = [name for name in options if name not in _DEFAULTS]
    if unknown:
        raise TypeError(
            "The options of `range_test_grid` must be arguments of `range_test`, "
            f"but not {', '.join(_OURS)}. Received: {', '.join(unknown)}."
        )
