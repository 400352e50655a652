"""A log directory as the command line reads it, and as TensorBoard does, each all that lies there now."""

from __future__ import annotations

from pathlib import Path

from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

from tb_lrfinder.storage.file_system import file_system_of
from tb_lrfinder.storage.log_directory import LogDirectory
from tb_lrfinder.storage.schema import PLUGIN_NAME


def own_loader(log_dir: Path) -> LogDirectory:
    """The directory as the command line reads it."""
    return LogDirectory(file_system_of(str(log_dir)), str(log_dir), PLUGIN_NAME)


def python_loader(log_dir: Path) -> MultiplexerDataProvider:
    """The directory as TensorBoard's loader in Python reads it, with the settings of `tensorboard`."""
    multiplexer = EventMultiplexer(tensor_size_guidance={PLUGIN_NAME: 0})
    multiplexer.AddRunsFromDirectory(str(log_dir))
    multiplexer.Reload()
    return MultiplexerDataProvider(multiplexer, str(log_dir))
