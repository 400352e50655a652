"""The run of one combination of a grid: its directory, what lies there, and an attempt to test it.

An attempt that came to its end leaves a note beside the trace, `lr_finder.<session>.json`: the settings and options that the
test was made with. By it a later grid knows that this run need not be made again.
"""

from __future__ import annotations

import gc
import json
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from tensorboard.context import RequestContext

from tb_lrfinder import arguments
from tb_lrfinder.columns import RANGE_TEST, Table
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, suggest
from tb_lrfinder.loops.course_run import cause_of, result_outlives_trace
from tb_lrfinder.loops.frameworks import global_random_states, reseed
from tb_lrfinder.loops.grid_settings import Combination
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.file_system import FileSystem, file_system_of
from tb_lrfinder.storage.log_directory import LogDirectory
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.trace import Trace

_EVENT_FILE_END = f".{schema.PLUGIN_NAME}"
_MOST_NOTE_BYTES = 2**20


class BusyError(ValueError):
    """Somebody else is testing the same run."""


@dataclass(frozen=True)
class GridRun:
    """The run of one combination.

    Attributes:
        combination: The combination.
        log_dir: Its directory, expanded.
        seed: Seed of the global random numbers before the test; None leaves them.
        options: What the test depends on beside the settings, `described`.
    """

    combination: Combination
    log_dir: str
    seed: int | None
    options: Mapping[str, Any]

    @property
    def signature(self) -> str:
        """Equal for runs that need not be made twice."""
        made_with = {"settings": dict(self.combination.recorded), "seed": self.seed, "options": self.options}
        return json.dumps(made_with, sort_keys=True)


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    Attributes:
        result: The result; None where it failed.
        error: Why it failed, in one sentence; None where it did not.
        traceback: The whole of that, as Python prints it.
        seconds: Seconds that the test took; None when not known.
        was_there: Whether the result was read, and nothing was run.
        can_help: Whether another attempt could end better.
    """

    result: RangeTestResult | None = None
    error: str | None = None
    traceback: str | None = None
    seconds: float | None = None
    was_there: bool = False
    can_help: bool = False


def found(run: GridRun) -> Outcome | None:
    """The finished test that a run has with these settings and options, read back; None where it has none."""
    noted = dict(_notes(run))
    if not noted:
        return None
    for test in _tests(run.log_dir):
        if test.trace.session in noted and test.trace.status == "finished":
            # Rows that cannot be read are measured again.
            with suppress(SchemaError):
                return Outcome(test.result(run.log_dir), seconds=noted[test.trace.session], was_there=True)
    return None


def attempt(test: Callable[..., Any], run: GridRun, *, again: bool = False) -> Outcome:
    """Tests a run. Whatever the test raises, except Ctrl-C and the like, becomes the outcome.

    Args:
        test: Called with `log_dir`, `hparams` and the settings by name; returns a `RangeTestResult`.
        run: The run.
        again: Whether an attempt of the same grid has failed: what that left counts as over.
    """
    there = found(run) if again else None
    if there is not None:
        # A process that has ended its test may die before it says so.
        return replace(there, was_there=False)
    began = time.monotonic()
    random_states = global_random_states()
    try:
        _remove_unfinished(run.log_dir, even_running=again)
        if run.seed is not None:
            reseed(run.seed)
        combination = run.combination
        result = test(log_dir=run.log_dir, hparams=dict(combination.recorded), **combination.settings)
        if not isinstance(result, RangeTestResult):
            raise TypeError(
                "The test of a grid must return a RangeTestResult, as `range_test` does and `RangeTest.result` is. "
                f"Received: {arguments.shown(result)}."
            )
        seconds = time.monotonic() - began
        if result.session is not None:
            with result_outlives_trace():
                _note(run, result.session, seconds)
        return Outcome(result, seconds=seconds)
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        seconds = time.monotonic() - began
        return Outcome(error=cause_of(error), traceback=text, seconds=seconds, can_help=not _is_ours(error))
    finally:
        for state in random_states:
            state.restore()
        # A model is a knot of references: the next one shall find its memory free.
        gc.collect()


def described(value: Any) -> Any:
    """An option as JSON has it: data by their type and shape alone, anything else by its name or type."""
    value = arguments.scalar(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(name): described(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [described(one) for one in value]
    shape = getattr(value, "shape", None)
    name = getattr(value, "__name__", type(value).__name__)
    return name if shape is None else f"{name} of shape {list(shape)}"


@dataclass(frozen=True)
class _Test:
    """A trace that is alone in its event file."""

    file: str
    trace: Trace
    reader: TraceReader

    def result(self, log_dir: str) -> RangeTestResult:
        """The result as the test returned it; of repeats, that of their mean alone.

        Raises:
            SchemaError: If the rows cannot be read.
        """
        rows = self.reader.rows([self.trace])[self.trace.id]
        if not isinstance(rows, Table):
            raise rows
        header, curve = self.trace.header_or_default, self.trace.curve(rows)
        suggestion = suggest(curve, header.method or DEFAULT_METHOD, header.trials, total_steps=header.total_steps)
        return RangeTestResult(
            curve=curve,
            suggestion=suggestion,
            stop_text=self.trace.status_text,
            history=rows.by_name(),
            repeats=(suggestion,),
            num_steps=header.num_steps or len(rows),
            log_dir=log_dir,
            trials=header.trials,
            session=self.trace.session,
            hparams=header.hparams,
        )


class _OneFile:
    """A file system in which there is one file."""

    def __init__(self, file_system: FileSystem, name: str) -> None:
        self._file_system, self._name = file_system, name

    def files(self, directory: str, on_error: Callable[[OSError], None]) -> Iterator[tuple[str, list[str]]]:
        yield directory, [self._name]

    def open(self, path: str) -> BinaryIO:
        return self._file_system.open(path)


def _files(log_dir: str) -> list[str]:
    """Names of the files in a directory; none where there is no directory."""
    file_system = file_system_of(log_dir)
    if not file_system.is_dir(log_dir):
        return []
    return next((names for folder, names in file_system.files(log_dir, lambda error: None) if folder == log_dir), [])


def _tests(log_dir: str) -> Iterator[_Test]:
    """The range tests of a directory that are alone in a file which our writer has written."""
    file_system = file_system_of(log_dir)
    for name in sorted(one for one in _files(log_dir) if one.endswith(_EVENT_FILE_END)):
        of_file: Any = _OneFile(file_system, name)
        reader = TraceReader(LogDirectory(of_file, log_dir, schema.PLUGIN_NAME), RequestContext(), experiment_id="")
        traces = reader.traces()
        if len(traces) == 1 and traces[0].header is not None and traces[0].header.kind == RANGE_TEST:
            yield _Test(f"{log_dir}/{name}", traces[0], reader)


def _remove_unfinished(log_dir: str, *, even_running: bool) -> None:
    """Removes the event files of tests that came to no end, so that a run holds one test."""
    for test in list(_tests(log_dir)):
        if test.trace.status == "running" and not even_running:
            raise BusyError(
                "A run is tested by one process at a time. Received: a range test in the same directory that still runs, or "
                "whose process was on another machine and ended within the last five minutes: wait, or name another "
                "`log_dir`."
            )
        if test.trace.status in ("interrupted", "running"):
            file_system_of(log_dir).remove(test.file)


def _note(run: GridRun, session: str, seconds: float) -> None:
    content = json.dumps({**json.loads(run.signature), "seconds": seconds}, indent=2)
    file = file_system_of(run.log_dir).create(run.log_dir, f"{schema.PLUGIN_NAME}.{session}.json")
    try:
        file.write(memoryview(content.encode()))
        file.flush()
    finally:
        file.close()


def _notes(run: GridRun) -> Iterator[tuple[str, float | None]]:
    """Session and seconds of each test that was made with the settings and options of a run."""
    file_system = file_system_of(run.log_dir)
    for name in _files(run.log_dir):
        start, _, rest = name.partition(".")
        session, _, end = rest.rpartition(".")
        if (start, end) != (schema.PLUGIN_NAME, "json"):
            continue
        with file_system.open(f"{run.log_dir}/{name}") as file:
            content = file.read(_MOST_NOTE_BYTES)
        noted = _decoded(content)
        seconds = noted.pop("seconds", None)
        if json.dumps(noted, sort_keys=True) == run.signature:
            yield session, seconds if isinstance(seconds, (int, float)) else None


def _decoded(content: bytes) -> dict[str, Any]:
    """What a note says; nothing where it is none of ours, or half of one."""
    try:
        noted = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _is_ours(error: Exception) -> bool:
    """Whether this package refuses what it was given: it would refuse it again."""
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    module = "" if innermost is None else innermost.tb_frame.f_globals.get("__name__", "")
    return isinstance(error, (TypeError, ValueError)) and module.split(".")[0] == __name__.split(".")[0]
