"""The data of a running `fit`, lent to a test inside it: the fit goes on with the batches that it would have had.

Arrays have no state. A `PyDataset`, a `DataLoader` and a `tf.data.Dataset` that shuffles may keep one in themselves, from
which the next epochs of the fit come; a generator gives each batch once.
"""

from __future__ import annotations

import copy
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from tb_lrfinder.training.running_fit import fit_around


@contextmanager
def lent(model: keras.Model, x: Any) -> Iterator[Any]:
    """The data to test on: those given, or, where the running fit of the model draws from them, what leaves it undisturbed.

    Raises:
        ValueError: If the fit draws from a generator, which cannot be lent.
    """
    fit = fit_around(model)
    if fit is None or fit.f_locals.get("x") is not x:
        yield x
    elif hasattr(x, "__next__"):
        raise ValueError(
            "`x` must not be what the running `fit` draws its batches from, where that gives each batch once: the test "
            f"would take them away. Received: the {type(x).__name__} of the fit. Pass another one, or arrays."
        )
    elif isinstance(x, keras.utils.PyDataset):
        yield _LentDataset(x)
    elif _is_of(x, "tensorflow", "data", "Dataset"):
        _warn_of_order(x)
        yield x
    elif _is_of(x, "torch", "utils", "data", "DataLoader"):
        with _generators_kept(x):
            yield _without_workers(x)
    else:
        yield x


class _LentDataset(keras.utils.PyDataset):
    """Gives the batches of a dataset, and does not tell it of epochs, after which it may shuffle."""

    def __init__(self, dataset: Any) -> None:
        super().__init__(dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size)
        self._dataset = dataset

    @property
    def num_batches(self) -> int | None:
        return self._dataset.num_batches

    def __getitem__(self, index: int) -> Any:
        return self._dataset[index]


def _warn_of_order(dataset: Any) -> None:
    """Warns where a test changes the order of the next epochs, and this would otherwise have been known.

    Whatever iterates over a dataset that shuffles anew each time moves its seeds on; nothing puts them back.
    """
    if _shuffles_by_seed(dataset):
        warnings.warn(
            "The next epochs of the running fit will come in another order than without this range test: the fit's Dataset "
            "shuffles anew each time that it is iterated over. To keep their order, pass one that is made a second time.",
            stacklevel=5,
        )


def _shuffles_by_seed(dataset: Any) -> bool:
    is_seeded = any(int(getattr(dataset, name, 0)) for name in ("_seed", "_seed2"))
    return (is_seeded and getattr(dataset, "_reshuffle_each_iteration", False) is not False) or any(
        map(_shuffles_by_seed, dataset._inputs())
    )


@contextmanager
def _generators_kept(loader: Any) -> Iterator[None]:
    """Puts back the random numbers of a loader and its sampler, where they have some of their own."""
    owners = (loader, loader.sampler, loader.batch_sampler)
    generators = [one for one in (getattr(owner, "generator", None) for owner in owners) if one is not None]
    states = [one.get_state() for one in generators]
    try:
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def _without_workers(loader: Any) -> Any:
    """The same loader without the workers that it keeps, which serve one epoch at a time."""
    other = copy.copy(loader)
    other._iterator = None
    return other


def _is_of(x: Any, module: str, *names: str) -> bool:
    """Whether something is of a class of a module, if that is loaded at all."""
    kind: Any = sys.modules.get(module)
    for name in names:
        kind = getattr(kind, name, None)
    return isinstance(kind, type) and isinstance(x, kind)
