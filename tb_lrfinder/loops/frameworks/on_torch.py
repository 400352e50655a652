"""PyTorch: optimizers with groups of parameters, modules, the global random numbers, the processes that train together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from tb_lrfinder.columns import MOMENTUM, WEIGHT_DECAY
from tb_lrfinder.loops.frameworks.base import (
    KeptState,
    RateChangedError,
    RateHolder,
    copied,
    most_common,
    name_of,
    named,
)
from tb_lrfinder.storage.settings import SettingValue, settings_in

# By these, schedulers of newer and older PyTorch notice that an update was made: they warn if it comes after their own step.
_CALLED = ("_opt_called", "_step_count")
# What a group holds beside settings: the rate, what schedulers note, and how, not what, is computed.
_NOT_SETTINGS = {
    "lr", "initial_lr", "swa_lr", "max_lr", "min_lr", "max_momentum", "base_momentum",
    "foreach", "fused", "capturable", "differentiable", "decoupled_weight_decay",
}  # fmt: skip


def innermost(optimizer: Any) -> Any:
    """The optimizer that others wrap, such as Accelerate's and Lightning's."""
    inner = getattr(optimizer, "optimizer", None)
    # A scheduler has an optimizer, too, and is none.
    wraps = hasattr(optimizer, "zero_grad") and hasattr(inner, "param_groups")
    return innermost(inner) if wraps else optimizer


class TorchRate(RateHolder):
    """The rate of an optimizer with `param_groups`. The ratios between groups are those of their first rates."""

    framework = "pytorch"

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = innermost(optimizer)
        groups = self._optimizer.param_groups
        # Before a scheduler that warms up, a rate may be 0; it keeps the first one beside it.
        rates = [float(group.get("initial_lr", group["lr"])) for group in groups]
        self._highest = int(np.argmax(rates))
        most = rates[self._highest]
        self._ratios = [rate / most if most > 0 else 1.0 for rate in rates]
        self.title = named(type(self._optimizer).__name__, groups[0].get("momentum"))
        self._updates = 0
        self._wanted: float | None = None
        self._hooks: list[Any] = []
        # Rate and settings of the last update, where updates are followed.
        self._last: tuple[float, Mapping[str, float]] | None = None

    @property
    def _has_hooks(self) -> bool:
        """An optimizer of somebody's own may have none: then reports and records alone tell of updates."""
        return hasattr(self._optimizer, "_optimizer_step_post_hooks")

    @property
    def _group(self) -> dict[str, Any]:
        return self._optimizer.param_groups[self._highest]

    def read(self) -> float:
        return float(self._group["lr"])

    def made(self) -> int | None:
        # Each parameter has a count of its own, in optimizers that need one.
        counts = [values["step"] for values in self._optimizer.state.values() if "step" in values]
        return int(max(map(float, counts))) if counts else None

    def num_parameters(self) -> int | None:
        return num_trainable(one for group in self._optimizer.param_groups for one in group["params"])

    def precision(self) -> str | None:
        return precision_of(one for group in self._optimizer.param_groups for one in group["params"])

    def hyperparameters(self) -> dict[str, SettingValue]:
        """Where groups differ, those of the group with most numbers: what is called the weight decay of a training that
        spares its biases."""
        groups = self._optimizer.param_groups
        largest = max(groups, key=lambda group: num_trainable(group["params"]) or 0)
        rho = "rho" if type(self._optimizer).__name__ == "RMSprop" else "alpha"
        names = {"eps": "epsilon", "alpha": rho}
        said = {names.get(name, name): value for name, value in largest.items() if name not in _NOT_SETTINGS}
        betas = said.pop("betas", None)
        if isinstance(betas, (tuple, list)):
            said |= {f"beta_{index}": beta for index, beta in enumerate(betas, start=1)}
        return {name: value for name, value in settings_in(said).items() if not isinstance(value, str)}

    def follow(self) -> None:
        if self._has_hooks:
            self._hooks.append(self._optimizer.register_step_post_hook(self._note_used))

    def noted(self) -> Callable[[], None]:
        last = self._last

        def put_back() -> None:
            self._last = last

        return put_back

    def used(self) -> float:
        return self.read() if self._last is None else self._last[0]

    def settings(self) -> Mapping[str, float]:
        return self._settings() if self._last is None else self._last[1]

    def _settings(self) -> Mapping[str, float]:
        group = self._group
        momentum = group.get("momentum", group.get("betas", (None,))[0])
        found = {MOMENTUM: momentum, WEIGHT_DECAY: group.get("weight_decay")}
        return {name: float(value) for name, value in found.items() if isinstance(value, (int, float))}

    def take_over(self) -> None:
        self._updates = 0
        if self._has_hooks:
            self._hooks = [
                self._optimizer.register_step_pre_hook(self._check),
                self._optimizer.register_step_post_hook(self._note_update),
            ]

    def set(self, rate: float) -> None:
        self._wanted = rate
        for group, ratio in zip(self._optimizer.param_groups, self._ratios, strict=True):
            if hasattr(group["lr"], "fill_"):
                group["lr"].fill_(rate * ratio)  # a compiled step has taken in this very tensor
            else:
                group["lr"] = rate * ratio

    def count(self) -> int | None:
        return self._updates if self._hooks else None

    def give_back(self) -> None:
        while self._hooks:
            self._hooks.pop().remove()
        self._wanted = self._last = None

    def _check(self, *_: Any) -> None:
        """Called by the optimizer just before an update."""
        rate = self._group["lr"]
        # What a tensor holds would have to be fetched from its device.
        if type(rate) is float and rate != self._wanted and self._wanted is not None:
            raise RateChangedError(self.title, rate, self._wanted)

    def _note_used(self, *_: Any) -> None:
        self._last = self.read(), self._settings()

    def _note_update(self, *_: Any) -> None:
        self._updates += 1


class TensorState(KeptState):
    """The values of a tensor and of its gradient, kept in the memory of the host."""

    def __init__(self, tensor: Any) -> None:
        self._tensor = tensor
        self._value = _on_host(tensor)
        gradient = tensor.grad if tensor.is_leaf else None
        self._gradient = None if gradient is None else (gradient, _on_host(gradient))

    def restore(self) -> None:
        _write(self._tensor, self._value)
        if self._tensor.is_leaf:
            if self._gradient is None:
                self._tensor.grad = None
            else:
                gradient, value = self._gradient
                _write(gradient, value)
                self._tensor.grad = gradient


class ModuleState(KeptState):
    """What a module holds beside its tensors: whether each part of it is in training mode, and states of its own."""

    def __init__(self, module: Any) -> None:
        self._modes = [(part, part.training) for part in module.modules()]
        self._extra = [(part, copied(part.get_extra_state())) for part in module.modules() if _says_extra(type(part))]

    def restore(self) -> None:
        for part, mode in self._modes:
            part.training = mode
        for part, state in self._extra:
            part.set_extra_state(copied(state))


class OptimizerState(KeptState):
    """The numbers of an optimizer: of its groups, and of each parameter.

    Not by `load_state_dict`, which makes new groups and changes the dtype of what it loads; only an optimizer that says its
    state in a way of its own is asked to take it back so, besides.
    """

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = optimizer
        self._groups = [
            (group, {name: copied(value) for name, value in group.items() if name != "params"})
            for group in optimizer.param_groups
        ]
        self._state = {
            parameter: {name: _Value(value) for name, value in values.items()}
            for parameter, values in optimizer.state.items()
        }
        self._own = copied(optimizer.state_dict()) if _says_own_state(type(optimizer)) else None
        self._was_called = {name: value for name, value in vars(optimizer).items() if name in _CALLED}

    def restore(self) -> None:
        optimizer = self._optimizer
        for name in _CALLED:
            vars(optimizer).pop(name, None)
        vars(optimizer).update(self._was_called)
        if self._own is not None:
            optimizer.load_state_dict(copied(self._own))
        for parameter in [one for one in optimizer.state if one not in self._state]:
            del optimizer.state[parameter]
        for parameter, kept in self._state.items():
            optimizer.state[parameter] = {name: value.restored() for name, value in kept.items()}
        for group, values in self._groups:
            for name in group.keys() - values.keys() - {"params"}:
                del group[name]
            for name, value in values.items():
                if hasattr(group.get(name), "fill_"):
                    _write(group[name], value)
                else:
                    group[name] = copied(value)
        # The groups themselves, where something has put others in their place.
        optimizer.param_groups[:] = [group for group, _ in self._groups]


class _Value:
    """A value in the state of an optimizer: a tensor stays the same one."""

    def __init__(self, value: Any) -> None:
        self._tensor = value if hasattr(value, "detach") else None
        self._value = copied(value) if self._tensor is None else _on_host(value)

    def restored(self) -> Any:
        if self._tensor is None:
            return copied(self._value)
        _write(self._tensor, self._value)
        return self._tensor


class TorchRandomState(KeptState):
    """The global random generators of PyTorch, on the host and on every device that was used."""

    is_random = True

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._cpu = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        self._mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None

    def restore(self) -> None:
        self._torch.set_rng_state(self._cpu)
        if self._cuda:
            self._torch.cuda.set_rng_state_all(self._cuda)
        if self._mps is not None:
            self._torch.mps.set_rng_state(self._mps)


def precision_of(parameters: Iterable[Any]) -> str | None:
    """The type that most numbers of some parameters have, and that of automatic casts that are on; None for none."""
    trained = [one for one in parameters if getattr(one, "requires_grad", False) and not hasattr(one, "materialize")]
    cast = _autocast(trained[0].device.type) if trained else None
    return cast or most_common((_dtype_name(one.dtype), one.numel()) for one in trained)


def _autocast(device: str) -> str | None:
    """What is cast to at this moment, on a kind of device; None where nothing is, or an older PyTorch does not tell."""
    torch = sys.modules["torch"]
    try:
        return (
            f"{_dtype_name(torch.get_autocast_dtype(device))} autocast" if torch.is_autocast_enabled(device) else None
        )
    except (AttributeError, TypeError, RuntimeError):
        return None


def _dtype_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def num_trainable(parameters: Iterable[Any]) -> int | None:
    """The number of trainable numbers in parameters; None where one gets its shape with the first batch only."""
    trained = list({id(one): one for one in parameters if getattr(one, "requires_grad", False)}.values())
    return None if any(hasattr(one, "materialize") for one in trained) else sum(one.numel() for one in trained)


def module_states(module: Any, seen: set[int]) -> list[KeptState]:
    """The states of a module: of its parameters, its buffers, saved or not, and of what else it holds.

    Raises:
        ValueError: If a parameter gets its shape with the first batch only.
    """
    tensors = [*module.parameters(), *module.buffers()]
    if any(hasattr(tensor, "materialize") for tensor in tensors):
        raise ValueError(
            "What `restore` names must be built: call the module on one batch first. "
            f"Received: {name_of(module)}, which has lazy parameters."
        )
    return [*tensor_states(tensors, seen), ModuleState(module)]


def optimizer_states(optimizer: Any, seen: set[int]) -> list[KeptState]:
    """The states of an optimizer, and of the parameters it moves."""
    if id(optimizer) in seen:
        return []
    seen.add(id(optimizer))
    moved = (one for group in optimizer.param_groups for one in group["params"])
    return [*tensor_states(moved, seen), OptimizerState(optimizer)]


def tensor_states(tensors: Iterable[Any], seen: set[int]) -> list[KeptState]:
    new = {id(one): one for one in tensors if id(one) not in seen}
    seen.update(new)
    return [TensorState(tensor) for tensor in new.values()]


def _says_own_state(kind: type) -> bool:
    """Whether a class of optimizers has more to say of its state than PyTorch's own."""
    return not _is_torchs(kind.state_dict)  # pyright: ignore[reportAttributeAccessIssue]


def _says_extra(kind: type) -> bool:
    """Whether a class of modules has a state beside its tensors."""
    return not _is_torchs(kind.get_extra_state)  # pyright: ignore[reportAttributeAccessIssue]


def _is_torchs(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).partition(".")[0] == "torch"


def _on_host(tensor: Any) -> Any:
    return tensor.detach().to("cpu", copy=True)


def _write(tensor: Any, value: Any) -> None:
    # Not through a context manager of PyTorch's: the detached tensor shares the memory and asks for no gradient.
    tensor.detach().copy_(value)
