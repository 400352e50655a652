"""What is known here of the frameworks that train: each in a module of its own, found where it is loaded, never imported."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tb_lrfinder import arguments
from tb_lrfinder.loops.frameworks import on_keras, on_torch
from tb_lrfinder.loops.frameworks.base import KeptState, RateHolder, copied, name_of
from tb_lrfinder.loops.frameworks.on_optax import OptaxRate

# How a random generator says its state and takes it back: Python's, NumPy's old one, PyTorch's.
_GENERATORS = (("getstate", "setstate"), ("get_state", "set_state"))

__all__ = [
    "KeptState",
    "RateHolder",
    "as_number",
    "global_random_states",
    "is_first_process",
    "kept_states",
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
        "`optimizer` must be an optimizer of PyTorch or Keras that has a learning rate, or a function without arguments that "
        f"returns the state of one of optax. Received: {name_of(optimizer)}."
    )


def kept_states(thing: Any) -> list[KeptState]:
    """The states of a thing as it is now; a list or tuple stands for what is in it, a pair of functions for itself.

    Raises:
        ValueError: If it cannot be restored.
    """
    if _is_pair(thing):
        return [_PairState(*thing)]
    if isinstance(thing, (list, tuple)):
        return [state for one in thing for state in kept_states(one)]
    if hasattr(thing, "bit_generator"):
        return [_GeneratorState(thing)]
    torch = sys.modules.get("torch")
    if hasattr(thing, "assign"):
        return [on_keras.VariablesState([thing])]
    if hasattr(thing, "variables") and hasattr(thing, "iterations"):
        return [on_keras.OptimizerState(thing)]
    if isinstance(getattr(thing, "variables", None), (list, tuple)):
        return on_keras.variable_states(thing)
    if torch is not None and isinstance(thing, torch.nn.Module):
        return on_torch.module_states(thing)
    if torch is not None and isinstance(thing, torch.Tensor):
        return on_torch.tensor_states([thing])
    if hasattr(on_torch.innermost(thing), "param_groups") and hasattr(on_torch.innermost(thing), "state"):
        return on_torch.optimizer_states(thing)
    for say, take in (("state_dict", "load_state_dict"), *_GENERATORS):
        if callable(getattr(thing, say, None)) and callable(getattr(thing, take, None)):
            return [_SaidState(getattr(thing, say), getattr(thing, take), is_random=say != "state_dict")]
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
    keras_seeds = sys.modules.get("keras.src.random.seed_generator")
    if keras_seeds is not None:
        states += kept_states(keras_seeds.global_seed_generator().state)
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
    """Whether this is the first of the processes that train one model with `torch.distributed`: it writes and prints."""
    distributed = _distributed()
    return distributed is None or distributed.get_rank() == 0


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


class _PairState(_SaidState):
    """The state that a pair of functions of somebody's own gets and puts."""


class _GeneratorState(KeptState):
    """The state of one of NumPy's random generators."""

    is_random = True

    def __init__(self, generator: Any) -> None:
        self._bits = generator.bit_generator
        self._state = copied(self._bits.state)

    def restore(self) -> None:
        self._bits.state = copied(self._state)


def _is_pair(thing: Any) -> bool:
    """Whether this is a pair of functions; modules can be called, too."""
    return isinstance(thing, tuple) and len(thing) == 2 and all(callable(one) and not _has_state(one) for one in thing)


def _has_state(thing: Any) -> bool:
    return any(hasattr(thing, name) for name in ("state_dict", "variables", "param_groups"))
