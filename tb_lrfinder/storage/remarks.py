"""`Remarks`: what a person says of a test, a training or a plan, beside what is found."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tb_lrfinder.storage.field_types import Text, check_value, shown
from tb_lrfinder.storage.settings import MAX_SETTINGS, Settings, SettingValue, Tags, name_of, plain


@dataclass(frozen=True, kw_only=True)
class Remarks:
    """What a person says; made by `remarks`.

    Attributes:
        hparams: Settings by name.
        note: A sentence or two, or None.
        tags: Words.
    """

    hparams: Mapping[str, SettingValue] = field(default_factory=dict)
    note: str | None = None
    tags: tuple[str, ...] = ()


def remarks(*, hparams: Mapping[Any, Any] | None = None, note: str | None = None, tags: Sequence[str] = ()) -> Remarks:
    """What a person says, checked.

    Args:
        hparams: At most 50 numbers, texts, or true or false, by names of 1 to 100 printable characters. Scalars of NumPy and
            tensors that hold one number become plain ones, an `HParam` of TensorBoard's HParams stands for its name, and
            what is None is left out.
        note: At most 1,000 characters.
        tags: At most 20, each of at most 50 characters.

    Raises:
        ValueError: If one of them is something else.

    Example:
        >>> remarks(hparams={"width": 64, "dropout": None}, tags=["baseline"])
        Remarks(hparams={'width': 64}, note=None, tags=('baseline',))
    """
    if not isinstance(hparams, Mapping | None):
        raise ValueError(
            "`hparams` must be a mapping of names to numbers, texts, or true or false, as in hparams={'width': 64}. "
            f"Received: hparams={shown(hparams)}."
        )
    given = {name_of(key): value for key, value in (hparams or {}).items() if value is not None}
    known = {name: _plain(name, value) for name, value in given.items()}
    check_value(known, Settings, "hparams")
    check_value(note, Text | None, "note")
    if isinstance(tags, str) or not isinstance(tags, Sequence):
        raise ValueError(f"`tags` must be a list of texts, as in tags=['baseline']. Received: tags={shown(tags)}.")
    check_value(tuple(tags), Tags, "tags")
    return Remarks(hparams=known, note=note or None, tags=tuple(dict.fromkeys(tags)))


def joined(own: Remarks, training: Remarks) -> Remarks:
    """What is said of a probe: its own, and where it says nothing, that of the training in whose middle it is made."""
    hparams = {**own.hparams, **{name: value for name, value in training.hparams.items() if name not in own.hparams}}
    return Remarks(
        hparams=dict(itertools.islice(hparams.items(), MAX_SETTINGS)),
        note=own.note or training.note,
        tags=own.tags or training.tags,
    )


def _plain(name: Any, value: Any) -> Any:
    try:
        return plain(value)
    except Exception as error:  # each library has errors of its own for a tensor that holds no value
        raise ValueError(
            f"`hparams[{shown(name)}]` must be a number, text, or true or false. "
            f"Received: hparams[{shown(name)}]={shown(value)}."
        ) from error
