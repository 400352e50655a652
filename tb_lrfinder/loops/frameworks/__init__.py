"""What is known here of the frameworks that train: each in a module of its own, found where it is loaded, never imported."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from tb_lrfinder import arguments
from tb_lrfinder.loops.frameworks import on_keras, on_torch
from tb_lrfinder.loops.frameworks.base import KeptState, RateHolder, copied, name_of
from tb_lrfinder.loops.frameworks.on_optax import OptaxRate

# How a random generator says its state and takes it back: Python's, NumPy's old one, PyTorch's.
_GENERATORS = (("getstate", "setstate"), ("get_state", "set_state"))
# Where Keras keeps the generator behind its random functions that are given no seed.
_KERAS_STATE = "keras.src.backend.common.global_state"

__all__ = [
    "KeptState",
    "RateHolder",
    "as_number",
    "global_random_states",
    "is_first_process",
    "keepers",
    "means_over_processes",
    "rate_holder",
    "reseed",
]


def rate_holder(optimizer: Any) -> RateHolder:
    """What reads and sets the rate of an optimizer.

    Args:
        optimizer: An optimizer of PyTorch or Keras, or a function without arguments that returns the state of one of optax.

    Raises:
        ValueError: If it is none of them, or has no rate.
    """
    if hasattr(on_torch.innermost(optimizer), "param_groups"):
        if all("lr" in group for group in on_torch.innermost(optimizer).param_groups):
            return on_torch.TorchRate(optimizer)
    elif hasattr(on_keras.innermost(optimizer), "_learning_rate"):
        return on_keras.KerasRate(optimizer)
    elif callable(optimizer) and not isinstance(optimizer, type):
        return OptaxRate(optimizer)
    raise ValueError(
        "`optimizer` must be an optimizer of PyTorch or Keras that has a learning rate, or a function without arguments "
        f"that returns the state of one of optax. Received: {name_of(optimizer)}."
    )


Keeper = Callable[[set[int]], list[KeptState]]


def keepers(thing: Any) -> list[Keeper]:
    """Functions that keep the states of a thing as they are when called, leaving out what was kept already, by its id.

    Args:
        thing: What can say its state and take it back; a list or tuple stands for what is in it, a pair of functions for
            itself.

    Raises:
        ValueError: If it cannot be restored.
    """
    if isinstance(thing, (list, tuple)) and not _is_pair(thing):
        return [keeper for one in thing for keeper in keepers(one)]
    torch = sys.modules.get("torch")
    inner = on_torch.innermost(thing)
    # Keras' optimizers have an `assign`, too.
    if hasattr(thing, "variables") and hasattr(thing, "iterations"):
        return [lambda seen: on_keras.optimizer_states(thing, seen)]
    if hasattr(thing, "assign") and hasattr(thing, "shape"):
        return [lambda seen: on_keras.variable_states([thing], seen)]
    if on_keras.holds_variables(thing):
        return [lambda seen: on_keras.module_states(thing, seen)]
    if torch is not None and isinstance(thing, torch.nn.Module):
        return [lambda seen: on_torch.module_states(thing, seen)]
    if torch is not None and isinstance(thing, torch.Tensor):
        return [lambda seen: on_torch.tensor_states([thing], seen)]
    if hasattr(inner, "param_groups") and hasattr(inner, "state"):
        return [lambda seen: on_torch.optimizer_states(inner, seen)]
    return [_said(thing)]


def _said(thing: Any) -> Keeper:
    if _is_pair(thing):
        return lambda seen: [_SaidState(*thing)]
    if hasattr(thing, "bit_generator"):
        bits = thing.bit_generator
        say, take = partial(getattr, bits, "state"), partial(setattr, bits, "state")
        return lambda seen: [_SaidState(say, take, is_random=True)]
    for names in (("state_dict", "load_state_dict"), *_GENERATORS):
        say, take = (getattr(thing, name, None) for name in names)
        if callable(say) and callable(take):
            return lambda seen: [_SaidState(say, take, is_random=names in _GENERATORS)]
    raise ValueError(
        "`restore` takes what can say its state and take it back: modules, optimizers, schedulers and scalers "
        "(`state_dict`, `load_state_dict`), Keras models and variables, random generators, or a pair of functions "
        f"(get, put). Received: {name_of(thing)}."
    )


def global_random_states() -> list[KeptState]:
    """The states of the global random generators: Python's, NumPy's, those of every framework that is loaded."""
    states: list[KeptState] = [
        _SaidState(random.getstate, random.setstate, is_random=True),
        _SaidState(np.random.get_state, np.random.set_state, is_random=True),
    ]
    if "torch" in sys.modules:
        states.append(on_torch.TorchRandomState(sys.modules["torch"]))
    if "tensorflow" in sys.modules:
        states.append(on_keras.EagerRandomState(sys.modules["tensorflow.python.eager.context"].context()))
    if _KERAS_STATE in sys.modules:
        states.append(on_keras.GlobalSeedState(sys.modules[_KERAS_STATE]))
    return states


def reseed(seed: int) -> None:
    """Gives the global random generators another state."""
    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(seed)


def is_first_process() -> bool:
    """Whether this is the first of the processes that train one model, of PyTorch or JAX: it writes and prints."""
    distributed = _distributed()
    if distributed is not None:
        return distributed.get_rank() == 0
    # Not `jax.process_index()`, which takes the memory of a GPU that JAX may not be meant for.
    of_jax = sys.modules.get("jax._src.distributed")
    return not getattr(getattr(of_jax, "global_state", None), "process_id", 0)


def means_over_processes(values: Mapping[str, float]) -> dict[str, float]:
    """The means of some values over the processes that train one model; all of them call this with the same names.

    The values are gathered, and every process computes the mean by itself, so that all have the same to the last bit.
    """
    distributed = _distributed()
    if distributed is None:
        return dict(values)
    torch = sys.modules["torch"]
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    mine = torch.tensor(list(values.values()), dtype=torch.float64, device=device)
    gathered = [torch.empty_like(mine) for _ in range(distributed.get_world_size())]
    distributed.all_gather(gathered, mine)
    means = torch.stack(gathered).cpu().numpy().mean(axis=0)
    return dict(zip(values, means.tolist(), strict=True))


def as_number(name: str, value: Any) -> float:
    """One number out of what a train step gives: a float, an array or a tensor that holds one.

    Raises:
        ValueError: If it holds several, or none.
    """
    if getattr(value, "shape", ()) != ():
        shape = list(value.shape)
        if int(np.prod(shape)) == 1:
            value = value.reshape(())
        else:
            raise ValueError(f"`{name}` must be one number: report its mean. Received: {name} of shape {shape}.")
    return arguments.as_float(name, value)


def _distributed() -> Any:
    """`torch.distributed`, where several processes train together."""
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed


class _SaidState(KeptState):
    """The state that something says by one function and takes back by another."""

    def __init__(self, say: Callable[[], Any], take: Callable[[Any], Any], *, is_random: bool = False) -> None:
        self._take = take
        self._value = copied(say())
        self.is_random = is_random

    def restore(self) -> None:
        # A copy each time: what is taken back may be changed or given away by the next step.
        self._take(copied(self._value))


def _is_pair(thing: Any) -> bool:
    """Whether this is a pair of functions; modules can be called, too."""
    return isinstance(thing, tuple) and len(thing) == 2 and all(callable(one) and not _has_state(one) for one in thing)


def _has_state(thing: Any) -> bool:
    return any(hasattr(thing, name) for name in ("state_dict", "variables", "param_groups"))
