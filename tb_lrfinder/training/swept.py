"""`Swept`: the optimizers whose learning rate a test sets, or a recording reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy as np

from tb_lrfinder import numerals
from tb_lrfinder.loops.frameworks.on_keras import hyperparameters_of
from tb_lrfinder.storage.settings import SettingValue, alike
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.found_optimizers import optimizers_of
from tb_lrfinder.training.optimizers import innermost, rate_holders

OptimizerChoice: TypeAlias = "str | keras.Optimizer | Sequence[str | keras.Optimizer] | None"


@dataclass(frozen=True, eq=False)
class Swept:
    """Optimizers of one model, which all get the same learning rate.

    Attributes:
        optimizers: The optimizers, each once.
        title: What they are, for people: the class, the momentum of SGD, and the attribute unless that is `model.optimizer`.
        received: What chose them, as `optimizer=...`.
        chosen: Whether somebody has chosen them; if not, they are `model.optimizer`.
        is_models: Whether they are `model.optimizer` and nothing else.
        others: The other optimizers that hang on the model, by name.
    """

    optimizers: list[Any]
    title: str
    received: str
    chosen: bool
    is_models: bool
    others: Mapping[str, Any]

    @property
    def rate_holders(self) -> list[Any]:
        """The optimizers that hold a learning rate: those above, what they wrap, or their parts."""
        holders = [holder for optimizer in self.optimizers for holder in rate_holders(optimizer)]
        return list({id(holder): holder for holder in holders}.values())

    @property
    def num_updates(self) -> int:
        """The updates that they have made: the most of one of them; `BACKEND.bring_back` must have been called."""
        return max(int(np.asarray(holder.iterations)) for holder in self.rate_holders)

    @property
    def hyperparameters(self) -> dict[str, SettingValue]:
        """What they are set to beside the rate, as far as it is the same in all of them."""
        return alike([hyperparameters_of(holder) for holder in self.rate_holders])


def check_choice(optimizer: Any, *, several: bool = True) -> None:
    """Raises `ValueError` unless `optimizer` is None, a name, an optimizer or, for several, a list of such."""
    wanted = list(optimizer) if several and isinstance(optimizer, (list, tuple)) else [optimizer]
    if optimizer is not None and not (wanted and all(map(_is_one, wanted))):
        raise ValueError(
            "`optimizer` must be the name of an attribute of the model such as 'd_optimizer', or an optimizer of Keras"
            f"{', or a list of them' if several else ''}. Received: optimizer={optimizer!r:.80}."
        )


def swept_by(model: keras.Model, choice: OptimizerChoice) -> Swept:
    """The optimizers of a model that a choice means.

    Args:
        model: A compiled model.
        choice: Names as in `optimizers_of`, or attributes of attributes; optimizers; None for `model.optimizer`.

    Raises:
        ValueError: If there is no such optimizer.
    """
    found = optimizers_of(model)
    models = getattr(model, "optimizer", None)
    if choice is None:
        if models is None:
            raise ValueError(
                "`model` must be compiled: call `model.compile(optimizer=..., loss=...)` first. Received: a model without "
                f"an optimizer.{_remedy(found)}"
            )
        optimizers = [models]
    else:
        wanted = list(choice) if isinstance(choice, (list, tuple)) else [choice]
        optimizers = [_find(model, one, found) if isinstance(one, str) else one for one in wanted]
        optimizers = list({id(one): one for one in optimizers}.values())
    names = {id(one): name for name, one in found.items()}
    chosen_ids = set(map(id, optimizers))
    return Swept(
        optimizers=optimizers,
        title=" and ".join(described(names.get(id(one), ""), one) for one in optimizers),
        received=f"optimizer={_shown(choice)}",
        chosen=choice is not None,
        is_models=chosen_ids == {id(models)},
        others={name: one for name, one in found.items() if id(one) not in chosen_ids},
    )


def check_rates_can_be_set(model: keras.Model, swept: Swept) -> None:
    """Raises `ValueError` if the train step would not use a rate that is set on the optimizers."""
    if not all(BACKEND.hands_rate_to_step(model, holder) for holder in swept.rate_holders):
        raise ValueError(
            "The compiled train step must take the learning rate that is swept from the variables of the model. "
            f"Received: {swept.received}, whose rate is no variable of the model. Give the optimizer a number as its "
            "learning rate and keep its variables in the model, as in `self.d_variables = self.d_optimizer.variables`, or "
            "compile the model with run_eagerly=True."
        )


def described(name: str, optimizer: Any) -> str:
    """An optimizer for people: its class, SGD's momentum, the attribute it hangs on, unless that is `model.optimizer`."""
    inner = innermost(optimizer)
    kind = type(inner).__name__
    if isinstance(inner, keras.optimizers.SGD) and inner.momentum:
        kind = f"{kind}, momentum {numerals.number(float(inner.momentum), 6)}"
    return kind if name in ("", "optimizer") else f"{kind} ({name})"


def listed(found: Mapping[str, Any]) -> str:
    """Optimizers by name, in words."""
    return ", ".join(f"{name} ({type(innermost(one)).__name__})" for name, one in found.items())


def _remedy(found: Mapping[str, Any]) -> str:
    if not found:
        return ""
    return f" On it hang {listed(found)}: say which one, as in optimizer={next(iter(found))!r}."


def _find(model: keras.Model, name: str, found: Mapping[str, Any]) -> Any:
    optimizer = found.get(name)
    if optimizer is None:
        # An attribute may have several names, or be a property.
        optimizer = model
        for part in name.split("."):
            optimizer = getattr(optimizer, part, None)
    if not isinstance(optimizer, keras.Optimizer):
        raise ValueError(
            f"`optimizer` must name an optimizer that hangs on the model. Received: optimizer={name!r}; on the model hang "
            f"{listed(found) or 'none'}."
        )
    return optimizer


def _is_one(wanted: Any) -> bool:
    return isinstance(wanted, keras.Optimizer) or (isinstance(wanted, str) and bool(wanted))


def _shown(choice: OptimizerChoice) -> str:
    if isinstance(choice, (list, tuple)):
        return f"[{', '.join(map(_shown, choice))}]"
    return type(choice).__name__ if isinstance(choice, keras.Optimizer) else repr(choice)
