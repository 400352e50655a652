"""The log directory of a command, opened, and the words for what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tensorboard.context import RequestContext

from tb_lrfinder.storage import hparams_summaries, paths, schema
from tb_lrfinder.storage.file_system import FileSystem, file_system_of
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


def checked(log_dir: str) -> tuple[str, FileSystem]:
    """The path of a log directory, and its file system.

    Raises:
        CommandError: If it is no directory that can be read.
    """
    try:
        path = paths.expanded(log_dir, "LOGDIR")
        file_system = file_system_of(path, "LOGDIR")
    except ValueError as error:
        raise CommandError(WRONG_USE, str(error)) from None
    with _reading(log_dir):
        is_there = file_system.is_dir(path)
    if not is_there:
        raise CommandError(
            WRONG_USE,
            f"LOGDIR must be an existing directory. Received: {log_dir!r}. "
            "Name the one that you give to `tensorboard --logdir`.",
        )
    return path, file_system


def _read(log_dir: str) -> LogDirectory:
    path, file_system = checked(log_dir)
    with _reading(log_dir):
        directory = LogDirectory(file_system, path, schema.PLUGIN_NAME, hparams_summaries.PLUGIN_NAME)
    for file, reason in directory.unreadable:
        complain(f"{file} is left out: {reason}.")
    return directory


@contextmanager
def _reading(log_dir: str) -> Iterator[None]:
    """Says what a file system says."""
    try:
        yield
    except Exception as error:  # every remote file system has errors of its own
        raise CommandError(
            WRONG_USE, f"LOGDIR must be a directory that can be read. Received: {log_dir!r}: {str(error).rstrip('.')}."
        ) from None


def complain(sentence: str) -> None:
    """Writes a sentence to stderr."""
    sys.stderr.write(f"{sentence}\n")
