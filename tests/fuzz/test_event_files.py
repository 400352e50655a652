"""Whatever lies in a log directory: the good runs are whole, every answer is well-formed, the bad ones say why."""

from __future__ import annotations

import contextlib
import io
import json
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies as st

from tb_lrfinder.cli.main import main
from tests.fuzz.answers import Query, check_site, good_list
from tests.fuzz.event_files import event_files
from tests.fuzz.fuzzer import fuzzer
from tests.fuzz.good import SWEEP, good_files, write_files
from tests.fuzz.site import Site, own_loader, python_loader

Files = dict[str, bytes]

_RUNS = ("bad", "bad/nested", "good", SWEEP, "=cmd()", "a b", "ünï\u202ecode", "'\"<b>", "line\nbreak", "bad\udcff")
_NUMBERS = st.sampled_from([0.0, 1e-300, 1e-7, 0.5, 0.99]) | st.floats(0, 10, exclude_min=True)
# Arguments of the routes, each within the range that http_api.md names.
_ARGUMENTS = {
    "max_points": st.integers(4, 10_000).map(str),
    "smoothing": st.floats(0, 1, exclude_max=True).map(str),
    "skip_start": st.integers(0, 200).map(str),
    "skip_end": st.integers(0, 200).map(str),
    "sigma": _NUMBERS.filter(lambda sigma: sigma > 0).map(str),
    "column": st.sampled_from(["loss", "accuracy", "step", "epoch", "learning_rate", "smoothed", "nothing", "\x00"]),
    "method": st.sampled_from(["auto", "minimum", "steepest", "valley", "slide", "blow_up"]),
    "by": st.sampled_from(["step", "epoch"]),
    "window": st.tuples(_NUMBERS, _NUMBERS).map(sorted).filter(lambda ends: ends[0] < ends[1]),
}


@st.composite
def queries(draw) -> Query:
    """Arguments that every route takes."""
    given = {name: draw(_ARGUMENTS[name]) for name in draw(st.sets(st.sampled_from(sorted(_ARGUMENTS))))}
    lower, upper = given.pop("window", (0.0, math.inf))
    return [*given.items(), ("lower", str(lower)), ("upper", str(upper))]


@st.composite
def bad_files(draw) -> Files:
    """Event files by path, beside the good ones and in a run of theirs."""
    name = st.sampled_from(["events.out.tfevents.0", "events.out.tfevents.9999999999.x.lr_finder", "events.tfevents.v2"])
    paths = st.builds("{}/{}".format, st.sampled_from(_RUNS), name)
    return draw(st.dictionaries(paths, event_files(), min_size=1, max_size=2))


@contextlib.contextmanager
def written(files: Files) -> Iterator[Path]:
    """A log directory with these files and the good ones."""
    with tempfile.TemporaryDirectory() as folder:
        log_dir = Path(folder)
        write_files(log_dir, {**good_files(), **files})
        yield log_dir


@fuzzer(quick=60, files=bad_files(), query=queries())
def test_own_loader(files: Files, query: Query) -> None:
    with written(files) as log_dir:
        check_site(Site(own_loader(log_dir)), query)


@fuzzer(quick=30, files=bad_files(), query=queries())
def test_python_loader(files: Files, query: Query) -> None:
    with written(files) as log_dir:
        check_site(Site(python_loader(log_dir)), query)


@fuzzer(quick=30, files=bad_files())
def test_command_line(files: Files) -> None:
    with written(files) as log_dir:
        records = json.loads(printed("suggest", str(log_dir), "--json"))
        for trace_id, entry in good_list().items():
            if entry["is_sweep"]:
                (record,) = (one for one in records if one["id"] == trace_id)
                assert record["learning_rate"] > 0
        for form in ([], ["--csv"]):
            assert SWEEP in printed("suggest", str(log_dir), *form)
        assert printed("export", str(log_dir)).count(f"{SWEEP},") >= good_list_entry(SWEEP)["rows"]


def good_list_entry(run: str) -> dict:
    (entry,) = (entry for entry in good_list().values() if entry["run"] == run)
    return entry


def printed(*arguments: str) -> str:
    """What a command prints into a terminal, which takes UTF-8 alone; the command succeeds."""
    output, complaints = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(complaints):
        assert main(arguments) == 0
    for stream in (output, complaints):
        stream.seek(0)
    assert "Traceback" not in complaints.read()
    return output.read()
