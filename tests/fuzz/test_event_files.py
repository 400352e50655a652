"""Whatever lies in a log directory: the good runs are whole, every answer is well-formed, the bad ones say why."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import example
from hypothesis import strategies as st

from tb_lrfinder.cli.main import main
from tests.fuzz.answers import check_site, good_list
from tests.fuzz.event_files import event_files
from tests.fuzz.found import FOUND
from tests.fuzz.fuzzer import fuzzer
from tests.fuzz.good import PROBED, SWEEP, good_files, write_files
from tests.fuzz.queries import Query, queries
from tests.fuzz.site import Site
from tests.support.loaders import own_loader, python_loader

Files = dict[str, bytes]

_RUNS = ("bad", "bad/nested", "good", SWEEP, "=cmd()", "a b", "ünï\u202ecode", "'\"<b>", "line\nbreak")


@st.composite
def bad_files(draw) -> Files:
    """Event files by path, beside the good ones and in a run of theirs."""
    name = st.sampled_from(
        ["events.out.tfevents.0", "events.out.tfevents.9999999999.x.lr_finder", "events.tfevents.v2"]
    )
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
@example(files=FOUND, query=[("max_points", "20")])
def test_own_loader(files: Files, query: Query) -> None:
    with written(files) as log_dir:
        check_site(Site(own_loader(log_dir)), query)


@fuzzer(quick=30, files=bad_files(), query=queries())
@example(files=FOUND, query=[("max_points", "20")])
def test_python_loader(files: Files, query: Query) -> None:
    with written(files) as log_dir:
        check_site(Site(python_loader(log_dir)), query)


@fuzzer(quick=30, files=bad_files())
@example(files=FOUND)
def test_command_line(files: Files) -> None:
    with written(files) as log_dir:
        records = json.loads(printed("suggest", str(log_dir), "--probes", "--json"))
        for trace_id, entry in good_list().items():
            if entry["is_sweep"]:
                (record,) = (one for one in records if one["id"] == trace_id)
                assert record["learning_rate"] > 0
        for form in ([], ["--csv"]):
            assert SWEEP in printed("suggest", str(log_dir), *form)
        for form in ([], ["--csv"], ["--json"]):
            assert PROBED in printed("probes", str(log_dir), *form)
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
