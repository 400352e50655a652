"""The log directory of a command, opened, and the words for what is wrong with it."""

from __future__ import annotations

import sys

from tensorboard.context import RequestContext

from tb_lrfinder.storage import hparams_summaries, paths, schema
from tb_lrfinder.storage.file_system import file_system_of
from tb_lrfinder.storage.log_directory import LogDirectory
from tb_lrfinder.storage.reader import TraceReader

NOTHING_FOUND, WRONG_USE = 1, 2


class CommandError(Exception):
    """Ends the command with an exit status and a sentence for people."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def opened(log_dir: str) -> TraceReader:
    """The reader of what lies under a log directory; stderr names the files that are left out.

    Raises:
        CommandError: If it is no directory that can be read.
    """
    return TraceReader(_read(log_dir), RequestContext(), experiment_id="")


def _read(log_dir: str) -> LogDirectory:
    try:
        path = paths.expanded(log_dir, "LOGDIR")
        file_system = file_system_of(path, "LOGDIR")
    except ValueError as error:
        raise CommandError(WRONG_USE, str(error)) from None
    try:
        is_there = file_system.is_dir(path)
        directory = (
            LogDirectory(file_system, path, schema.PLUGIN_NAME, hparams_summaries.PLUGIN_NAME) if is_there else None
        )
    except Exception as error:  # every remote file system has errors of its own
        raise CommandError(
            WRONG_USE, f"LOGDIR must be a directory that can be read. Received: {log_dir!r}: {str(error).rstrip('.')}."
        ) from None
    if directory is None:
        raise CommandError(
            WRONG_USE,
            f"LOGDIR must be an existing directory. Received: {log_dir!r}. "
            "Name the one that you give to `tensorboard --logdir`.",
        )
    for file, reason in directory.unreadable:
        complain(f"{file} is left out: {reason}.")
    return directory


def complain(sentence: str) -> None:
    """Writes a sentence to stderr."""
    sys.stderr.write(f"{sentence}\n")
