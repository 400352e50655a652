"""The plain way: TensorBoard's own writer and loader, which leave files to TensorFlow where it is installed.

    python -m benchmarks.start.with_tensorflow write LOGDIR
    python -m benchmarks.start.with_tensorflow suggest LOGDIR

The rest of the way is ours.
"""

from __future__ import annotations

import os
import sys

from tensorboard.backend.event_processing import tag_types
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from benchmarks.start.first_trace import write
from tb_lrfinder.cli import main as cli
from tb_lrfinder.storage import writer
from tb_lrfinder.storage.schema import PLUGIN_NAME


class _EventFile(EventFileWriter):
    seconds = 0.5

    def __init__(self, log_dir: str | os.PathLike[str], suffix: str) -> None:
        super().__init__(os.fspath(log_dir), max_queue_size=10_000, filename_suffix=suffix)

    def add(self, event: object) -> None:
        self.add_event(event)

    def flush(self, *, wait: bool = True) -> None:
        super().flush()


def _read(log_dir: str) -> MultiplexerDataProvider:
    multiplexer = EventMultiplexer(
        size_guidance={tag_types.TENSORS: 1}, tensor_size_guidance={PLUGIN_NAME: 0}, purge_orphaned_data=False
    )
    multiplexer.AddRunsFromDirectory(log_dir)
    multiplexer.Reload()
    return MultiplexerDataProvider(multiplexer, log_dir)


def main() -> None:
    command, log_dir = sys.argv[1:]
    if command == "write":
        writer.EventFile = _EventFile  # pyright: ignore[reportAttributeAccessIssue]
        write(log_dir)
    else:
        cli._read = _read  # pyright: ignore[reportAttributeAccessIssue]
        cli.main([command, log_dir])


if __name__ == "__main__":
    main()
