"""What may be given as a path, wherever one is taken: what it becomes, and what is refused in a sentence."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import numpy as np
import pytest

from tb_lrfinder import TraceWriter, write_curve
from tb_lrfinder.cli.main import main
from tb_lrfinder.columns import PLAN, TRAINING
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage import paths
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.table_writer import TableWriter
from tests.support.traces import synthetic_curve, training_steps

CURVE = synthetic_curve(50)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """The home directory; the current one is another, where a folder named `~` would be seen."""
    for name in ("home", "work"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


def runs_below(directory: Path) -> list[str]:
    return sorted({str(file.parent.relative_to(directory)) for file in directory.rglob("*tfevents*")})


class Given(os.PathLike[str]):
    """A path of somebody's own making."""

    def __fspath__(self) -> str:
        return "~/given"


def open_all(at) -> None:
    """Every writer that needs no Keras, each into a run of its own."""
    TraceWriter(at("trace")).close()
    write_curve(at("curve"), CURVE.learning_rates, CURVE.losses)
    TableWriter(at("schedule"), Header(kind=PLAN, started=0.0), ["step", "learning_rate"]).close()
    training = TrainingTrace(at("training"), Header(kind=TRAINING, started=0.0))
    training.append(training_steps(np.full(5, 0.1)))
    training.close("finished", "The training ended.")


@pytest.mark.parametrize("form", [str, Path], ids=["str", "path"])
def test_writers_put_in_the_home_directory(home, form):
    open_all(lambda name: form(f"~/logs/{name}"))
    TraceWriter(Given()).close()
    assert runs_below(home) == ["given", "logs/curve", "logs/schedule", "logs/trace", "logs/training"]
    assert list(Path.cwd().iterdir()) == []


def test_callbacks_and_plan_put_in_the_home_directory(home):
    import keras

    from tb_lrfinder import LRFinder, LRRecorder, plan, range_test

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((40, 2), "float32"), np.ones((40, 1), "float32")
    finder = LRFinder("~/finder", num_steps=5, verbose=0)
    model.fit(x, y, batch_size=4, verbose=0, callbacks=[finder])
    model.fit(x, y, batch_size=4, verbose=0, callbacks=[LRRecorder(Path("~/recorder"))])
    results = [
        range_test(model, x, y, log_dir=f"~/test{repeats}", num_steps=5, repeats=repeats, batch_size=4, verbose=0)
        for repeats in (1, 2)
    ]
    plan(lambda step: 0.1, 5, "~/plan")
    assert runs_below(home) == ["finder", "plan", "recorder", "test1", "test2"]
    assert list(Path.cwd().iterdir()) == []
    # What is shown works as it stands, between quotes too.
    assert dict(finder.result.facts())["Curve"] == f"tensorboard --logdir {shlex.quote(str(home / 'finder'))}"
    assert [result.log_dir for result in results] == [str(home / "test1"), str(home / "test2")]


def test_the_command_line_puts_in_the_home_directory(home, capsys):
    write_curve("~/logs/run", CURVE.learning_rates, CURVE.losses)
    assert main(["suggest", "~/logs"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("run ")
    assert main(["export", "~/logs", "--output", "~/rows.csv"]) == 0
    assert (home / "rows.csv").read_text(encoding="utf-8").startswith("run,session,step")
    assert list(Path.cwd().iterdir()) == []


def test_file_addresses_are_local(home, capsys):
    open_all(lambda name: f"{home.as_uri()}/some%20logs/{name}")
    assert runs_below(home) == [f"some logs/{name}" for name in ("curve", "schedule", "trace", "training")]
    assert main(["suggest", f"{home.as_uri()}/some%20logs"]) == 0
    assert paths.expanded("file://localhost/tmp/logs", "log_dir") == "/tmp/logs"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, "`log_dir` must be a path, as str or pathlib.Path. Received: log_dir=None."),
        (b"logs", "`log_dir` must be a path, as str or pathlib.Path. Received: log_dir=b'logs'."),
        (3, "`log_dir` must be a path, as str or pathlib.Path. Received: log_dir=3."),
        ("", "`log_dir` must not be empty: '.' is the current directory. Received: log_dir=''."),
        (
            "file://server/logs",
            "`log_dir` must name no other machine after file://: a path from the root has three slashes, as in "
            "file:///tmp. Received: log_dir='file://server/logs'.",
        ),
        (
            Path("s3://bucket/logs"),
            "An address has two slashes, which pathlib.Path makes one of: give it as a str. Received: 's3:/bucket/logs'. "
            "(A local directory of that name is './s3:/bucket/logs'.)",
        ),
        (
            "s3://bucket",
            "`log_dir` on s3 must be a directory in a bucket, s3://bucket/directory. Received: 's3://bucket'.",
        ),
    ],
)
def test_what_is_no_log_dir_is_refused_at_once(home, given, sentence):
    from tb_lrfinder import LRFinder, LRRecorder, plan

    ways = {
        "TraceWriter": TraceWriter,
        "write_curve": lambda log_dir: write_curve(log_dir, [0.1], [1.0]),
        "LRRecorder": LRRecorder,
        "plan": lambda log_dir: plan(lambda step: 0.1, 5, log_dir),
        "LRFinder": LRFinder,
    }
    if given is None:  # writes nothing
        ways.pop("LRFinder")
    for way in ways.values():
        with pytest.raises(ValueError) as caught:
            way(given)
        assert str(caught.value) == sentence
    assert list(Path.cwd().iterdir()) == []


def test_range_test_refuses_before_it_trains(home):
    from tb_lrfinder import range_test

    model: object = None  # it is not even looked at
    with pytest.raises(ValueError, match="must not be empty"):
        range_test(model, log_dir="", repeats=2)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("", "`LOGDIR` must not be empty: '.' is the current directory. Received: LOGDIR=''.\n"),
        (
            "s3:/b/logs",
            "An address has two slashes, which pathlib.Path makes one of: give it as a str. Received: 's3:/b/logs'. ",
        ),
    ],
)
def test_the_command_line_refuses_what_is_no_path(home, capsys, given, sentence):
    assert main(["suggest", given]) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_the_command_line_writes_local_files_only(home, capsys):
    write_curve("logs/run", CURVE.learning_rates, CURVE.losses)
    assert main(["export", "logs", "--output", "s3://bucket/rows.csv"]) == 2
    assert capsys.readouterr().err == (
        "`--output` must be a local file: copy it from there. Received: 's3://bucket/rows.csv'.\n"
    )


def test_a_directory_with_colons_in_its_name_is_one(home):
    for name in ("lr=0.1:adam", "./s3:/odd", "C:/logs"):
        write_curve(name, CURVE.learning_rates, CURVE.losses)
    assert runs_below(Path.cwd()) == ["C:/logs", "lr=0.1:adam", "s3:/odd"]


@pytest.mark.parametrize("below", ["", "/run"])
def test_a_file_in_the_place_of_the_directory_is_named(tmp_path, below):
    (tmp_path / "logs").write_text("")
    with pytest.raises(OSError) as caught:
        TraceWriter(f"{tmp_path}/logs{below}")
    assert str(caught.value) == (
        "`log_dir` must be a directory that can be written: name another one, or make room or give rights there. "
        f"Received: '{tmp_path}/logs{below}': a file has that name."
    )


def test_a_directory_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "makedirs", refuse)
    with pytest.raises(OSError) as caught:
        TraceWriter(tmp_path)
    assert str(caught.value).endswith(f"Received: {str(tmp_path)!r}: Permission denied.")


def test_the_check_can_be_repeated(home):
    once = check_log_dir("~/logs")
    assert once == check_log_dir(once) == str(home / "logs")
