"""The settings that summaries of TensorBoard's HParams plugin tell of runs, whoever wrote them.

They are written by `hp.hparams` and `hp.KerasCallback` of that plugin, and by `SummaryWriter.add_hparams` of PyTorch.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tensorboard.compat.proto import summary_pb2
from tensorboard.data.provider import TensorTimeSeries
from tensorboard.plugins.hparams import metadata

from tb_lrfinder.storage.settings import SettingValue, settings_in

PLUGIN_NAME = metadata.PLUGIN_NAME
_TAG = metadata.SESSION_START_INFO_TAG
# PyTorch writes into a run of its own below the one it is called for, named by the time.
_BY_PYTORCH = re.compile(r"(?P<run>.+)/[0-9]{9,11}\.[0-9]+")
# The run that is the log directory itself.
_TOP = "."
# Larger ones are passed over: 50 settings take some kilobytes.
_MAX_BYTES = 64 * 2**10
_NONE: Mapping[str, SettingValue] = {}

# The series of each tag, by run.
Listed = Mapping[str, Mapping[str, TensorTimeSeries]]


@dataclass(frozen=True)
class HParamsSummaries:
    """What the summaries of an experiment tell.

    Attributes:
        told: What HParams has written, and the settings in it, by the run that it was written into.
        settings: The settings by the run that they belong to.
    """

    told: Mapping[str, tuple[bytes, Mapping[str, SettingValue]]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, SettingValue]] = field(default_factory=dict)

    def followed_by(self, listed: Listed) -> HParamsSummaries:
        """Those of a later moment; without a change between them, the same object."""
        contents = dict(_by_run(listed))
        if contents == {run: content for run, (content, _) in self.told.items()}:
            return self
        told = {run: (content, self._settings_in(run, content)) for run, content in contents.items()}
        return HParamsSummaries(told, _by_owner({run: found for run, (_, found) in told.items() if found}))

    def of(self, run: str) -> Mapping[str, SettingValue]:
        """The settings of a run: its own, or else those of the nearest run above it, as HParams has it for `run/train`."""
        if not self.settings:
            return _NONE
        while run and run not in self.settings:
            run = run.rpartition("/")[0]
        return self.settings.get(run or _TOP, _NONE)

    def _settings_in(self, run: str, content: bytes) -> Mapping[str, SettingValue]:
        before, found = self.told.get(run, (None, _NONE))
        return found if before == content else _parsed(content)


def complete(value: summary_pb2.Summary.Value) -> None:
    """Makes of a value that PyTorch has written for HParams, without a tensor, what TensorBoard makes of it."""
    if value.metadata.plugin_data.plugin_name == PLUGIN_NAME:
        value.metadata.data_class = summary_pb2.DATA_CLASS_TENSOR
        if not value.HasField("tensor"):
            value.tensor.CopyFrom(metadata.NULL_TENSOR)


def _by_run(listed: Listed) -> Iterator[tuple[str, bytes]]:
    for run, series in listed.items():
        told = series.get(_TAG)
        if told is not None and len(told.plugin_content) <= _MAX_BYTES:
            yield run, told.plugin_content


def _by_owner(settings: Mapping[str, Mapping[str, SettingValue]]) -> dict[str, Mapping[str, SettingValue]]:
    """The settings by run, also of runs for which PyTorch has written them below, once."""
    below = [(match["run"], found) for run, found in settings.items() if (match := _BY_PYTORCH.fullmatch(run))]
    times = Counter(run for run, _ in below)
    return {run: found for run, found in below if times[run] == 1} | {**settings}


def _parsed(content: bytes) -> Mapping[str, SettingValue]:
    """The settings in what HParams has written; none where it is damaged."""
    try:
        told = metadata.parse_session_start_info_plugin_data(content).hparams
        return settings_in({name: _value(told[name]) for name in sorted(told)})
    except Exception:  # of the parser, and of what a later version writes
        return _NONE


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    return getattr(value, kind) if kind in ("number_value", "string_value", "bool_value") else None
