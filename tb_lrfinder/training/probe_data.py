"""The data that a probe trains on: those given for it, or those of the running fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras

from tb_lrfinder.training.running_fit import fit_around

# What a fit on its own data is told of them; each stands under its name in the local variables of `fit`.
_OF_DATA = ("batch_size", "sample_weight", "class_weight", "steps_per_epoch", "shuffle")


@dataclass(frozen=True, eq=False)
class ProbeData:
    """What `fit` takes.

    Attributes:
        x: Inputs, or what holds inputs and targets.
        y: Targets, where `x` does not hold them.
        options: Further arguments of `fit` that concern the data.
    """

    x: Any
    y: Any = None
    options: dict[str, Any] = field(default_factory=dict)


def data_of_fit(model: keras.Model) -> ProbeData:
    """The data of the running fit of a model, as that fit was given them.

    Raises:
        ValueError: If it draws from a generator, which gives each batch once.
    """
    scope = _scope(model)
    x = scope["x"]
    if hasattr(x, "__next__"):
        raise ValueError(
            "LRProbe needs data of its own where `fit` draws from a generator, which gives each batch once: pass some, as "
            f"in LRProbe(log_dir, x, y). Received: x=None, and a fit on a {type(x).__name__}."
        )
    options = _told(scope)
    if not (_is_arrays(x) or isinstance(x, keras.utils.PyDataset)):
        # Keras warns that it does not shuffle these.
        options["shuffle"] = False
    return ProbeData(x, scope.get("y"), options)


def given_data(model: keras.Model, data: ProbeData, batch_size: int | None) -> ProbeData:
    """Data given for probes in the running fit of a model; arrays come in batches of the size of the fit's.

    Args:
        model: The model.
        data: The data, with what was said of them.
        batch_size: Samples per batch of the running fit, or None where it is not known.
    """
    told = _told(_scope(model))
    options = {name: told[name] for name in ("class_weight",) if name in told}
    if _is_arrays(data.x):
        options |= {} if batch_size is None else {"batch_size": batch_size}
    elif not isinstance(data.x, keras.utils.PyDataset):
        options["shuffle"] = False
    return ProbeData(data.x, data.y, {**options, **data.options})


def _is_arrays(x: Any) -> bool:
    return all(hasattr(one, "shape") for one in keras.tree.flatten(x))


def _scope(model: keras.Model) -> dict[str, Any]:
    fit = fit_around(model)
    assert fit is not None
    return fit.f_locals


def _told(scope: dict[str, Any]) -> dict[str, Any]:
    return {name: scope[name] for name in _OF_DATA if scope.get(name) is not None}
