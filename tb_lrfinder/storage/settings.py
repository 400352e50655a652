"""Settings: what somebody chose for a test or a training, by name, so that runs can be compared by it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

from tb_lrfinder.storage.field_types import Rule, Text, at_most, named_by

# More names than this are no columns that anybody compares; a longer value is no label.
MAX_SETTINGS, MAX_SETTING_NAME, MAX_SETTING_TEXT = 50, 100, 100
MAX_TAGS, MAX_TAG = 20, 50

SettingValue = float | int | str | bool
_Number = Annotated[float, Rule("that is finite", lambda value: abs(value) <= sys.float_info.max)]
_Value = _Number | Annotated[Text, at_most(MAX_SETTING_TEXT, "characters")] | bool

Settings = Annotated[
    Mapping[str, _Value],
    at_most(MAX_SETTINGS, "settings"),
    named_by(
        f"with names of 1 to {MAX_SETTING_NAME} printable characters",
        lambda name: 1 <= len(name) <= MAX_SETTING_NAME and name.isprintable(),
    ),
]
Tags = Annotated[tuple[Annotated[Text, at_most(MAX_TAG, "characters")], ...], at_most(MAX_TAGS, "tags")]
