"""Log directories that are not on this machine: s3 as a local server plays it, fsspec, TensorFlow's, and none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import numpy as np
import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from tensorboard.compat.tensorflow_stub.io import gfile

from tb_lrfinder import RangeTest, TraceWriter, run_grid, suggest, write_curve
from tb_lrfinder.cli.main import main
from tb_lrfinder.storage.file_system import check_log_dir
from tests.support.tensorboard_server import serve
from tests.support.traces import append, open_trace, rows_of, served, synthetic_curve

CURVE = synthetic_curve(300)


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of an s3 of our own, with an empty bucket; whoever opens `s3://bucket/…` meanwhile reaches it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = boto3.client("s3")
        client.create_bucket(Bucket="bucket")
        yield client
        client.close()
    server.stop()


def names(s3: Any, prefix: str) -> list[str]:
    """The runs below a directory that have an event file."""
    found = s3.list_objects_v2(Bucket="bucket", Prefix=f"{prefix}/").get("Contents", ())
    return sorted(
        {one["Key"].removeprefix(f"{prefix}/").rpartition("/")[0] for one in found if "tfevents" in one["Key"]}
    )


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_what_is_written_there_is_read_back_exactly(s3, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_curve("s3://bucket/exact/a/deep", CURVE.learning_rates, CURVE.losses, optimizer=CURVE.optimizer)
    with TraceWriter("s3://bucket/exact/b/") as trace:
        append(trace, CURVE, 0, 40)
    assert names(s3, "exact") == ["a/deep", "b"]
    assert list(tmp_path.iterdir()) == []
    records = {one["run"]: one for one in json.loads(printed(capsys, "suggest", "s3://bucket/exact/", "--json"))}
    assert {name: records["a/deep"][name] for name in served(suggest(CURVE))} == served(suggest(CURVE))
    lines = printed(capsys, "export", "s3://bucket/exact", "--run", "b").splitlines()[1:]
    np.testing.assert_array_equal(
        [[float(cell) for cell in line.split(",")[2:]] for line in lines], rows_of(CURVE)[:40]
    )


def test_every_way_to_write_goes_there(s3, tmp_path, monkeypatch, capsys):
    import keras

    from tb_lrfinder import LRFinder, LRRecorder, plan, range_test

    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((40, 2), "float32"), np.ones((40, 1), "float32")
    finder = LRFinder("s3://bucket/ways/finder", num_steps=5, verbose=0)
    model.fit(x, y, batch_size=4, verbose=0, callbacks=[finder])
    model.fit(x, y, batch_size=4, verbose=0, callbacks=[LRRecorder("s3://bucket/ways/recorder")])
    range_test(model, x, y, log_dir="s3://bucket/ways/test", num_steps=5, batch_size=4, verbose=0)
    plan(lambda step: 0.1, 5, "s3://bucket/ways/plan")
    assert names(s3, "ways") == ["finder", "plan", "recorder", "test"]
    assert list(tmp_path.iterdir()) == []
    assert dict(finder.result.facts())["Curve"] == "tensorboard --logdir s3://bucket/ways/finder"
    assert [one["run"] for one in json.loads(printed(capsys, "suggest", "s3://bucket/ways", "--json"))] == [
        "finder",
        "test",
    ]


def test_a_flush_shows_the_rows_and_close_the_end(s3, capsys):
    def found() -> tuple[str, int]:
        (record,) = json.loads(printed(capsys, "suggest", "s3://bucket/growing", "--json"))
        return record["status"], record["rows"]

    trace = open_trace("s3://bucket/growing/run", 300)
    assert found() == ("running", 0)
    append(trace, CURVE, 0, 100)
    trace.flush()
    assert found() == ("running", 100)
    append(trace, CURVE, 100, 250)
    trace.flush()
    assert found() == ("running", 250)
    append(trace, CURVE, 250)
    trace.close()
    assert found() == ("finished", 300)


def test_tensorboard_without_tensorflow_shows_it_as_it_grows(s3):
    trace = open_trace("s3://bucket/shown/run", 300)
    append(trace, CURVE, 0, 100)
    trace.flush()
    with serve("s3://bucket/shown") as server:
        server.wait_for(lambda traces: traces.get("run", {}).get("rows") == 100)
        append(trace, CURVE, 100)
        trace.close()
        shown = server.wait_for(lambda traces: traces["run"]["status"] == "finished" and traces["run"])
        assert server.rows(shown["id"]).tobytes() == rows_of(CURVE).tobytes()


def test_writing_there_does_not_load_tensorflow_either(s3):
    code = (
        "import sys; from tb_lrfinder import write_curve; from tb_lrfinder.cli.main import main\n"
        "write_curve('s3://bucket/light/run', [0.1, 0.2], [1.0, 0.5])\n"
        "main(['suggest', 's3://bucket/light'])\n"
        "print('loaded:', 'tensorflow' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "loaded: False", result.stderr


def test_fsspec_reaches_the_rest(capsys):
    write_curve("memory://logs/run/deep", CURVE.learning_rates, CURVE.losses)
    (record,) = json.loads(printed(capsys, "suggest", "memory://logs", "--json"))
    assert (record["run"], record["rows"]) == ("run/deep", 300)


def test_what_only_tensorflow_knows_goes_through_tensorflow(capsys):
    write_curve("ram://logs/run", CURVE.learning_rates, CURVE.losses)
    (record,) = json.loads(printed(capsys, "suggest", "ram://logs", "--json"))
    assert (record["run"], record["rows"]) == ("run", 300)


def open_each(log_dir: str) -> Iterator[str]:
    """What each of those that take a directory says of this one, at construction."""
    from tb_lrfinder import LRFinder, LRRecorder

    for way in (TraceWriter, LRFinder, LRRecorder, check_log_dir):
        with pytest.raises(ValueError) as caught:
            way(log_dir)
        yield str(caught.value)


def test_what_is_missing_is_said_at_construction(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # as where it is not installed
    monkeypatch.setattr(gfile, "FSSPEC_ENABLED", False)
    monkeypatch.delitem(gfile._REGISTERED_FILESYSTEMS, "s3")
    packages = {"s3": "boto3", "gs": "fsspec gcsfs", "abfs": "fsspec adlfs"}
    for scheme, package in packages.items():
        assert set(open_each(f"{scheme}://bucket/logs")) == {
            "`log_dir` must be a local directory, or one whose file system is installed. "
            f"Received: '{scheme}://bucket/logs'. For {scheme}:// addresses: `pip install {package}`."
        }
    (sentence,) = set(open_each("foo://bucket/logs"))
    assert sentence.endswith(
        "For foo:// addresses, fsspec and the package that it needs for them must be installed, if it knows them; or write "
        "to a local directory, and copy it."
    )
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_nothing_knows_is_refused_by_the_command_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    assert main(["suggest", "foo://bucket/logs"]) == 2
    assert capsys.readouterr().err.startswith(
        "`LOGDIR` must be a local directory, or one whose file system is installed. Received: 'foo://bucket/logs'. "
    )


def test_a_bucket_that_is_not_there_is_named(s3, capsys):
    reason = (
        "An error occurred (NoSuchBucket) when calling the ListObjects operation: The specified bucket does not exist"
    )
    with pytest.raises(OSError) as caught:
        TraceWriter("s3://nowhere/logs")
    assert str(caught.value).endswith(f"Received: 's3://nowhere/logs': {reason}.")
    assert main(["suggest", "s3://nowhere/logs"]) == 2
    assert capsys.readouterr().err == (
        f"LOGDIR must be a directory that can be read. Received: 's3://nowhere/logs': {reason}.\n"
    )
    assert main(["suggest", "s3://bucket/nowhere"]) == 2
    assert capsys.readouterr().err.startswith("LOGDIR must be an existing directory. Received: 's3://bucket/nowhere'.")


def test_a_bucket_that_goes_away_is_told_by_the_next_call(s3):
    s3.create_bucket(Bucket="short-lived")
    trace = open_trace("s3://short-lived/run", 300)
    for one in s3.list_objects_v2(Bucket="short-lived")["Contents"]:
        s3.delete_object(Bucket="short-lived", Key=one["Key"])
    s3.delete_bucket(Bucket="short-lived")
    append(trace, CURVE, 0, 100)
    with pytest.raises(OSError, match="The specified bucket does not exist"):
        trace.flush()
    with pytest.raises(OSError, match="The specified bucket does not exist"):
        trace.close()


def test_a_network_that_does_not_answer_ends_in_a_sentence(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(OSError) as caught:
        TraceWriter("s3://bucket/unheard")
    assert "Received: 's3://bucket/unheard': Could not connect to the endpoint URL" in str(caught.value)


@pytest.mark.parametrize("log_dir", ["s3://bucket/grid", "memory://grid"])
def test_a_grid_goes_on_there(s3, log_dir, capsys):
    def test(log_dir, hparams, width):
        made.append(width)
        with RangeTest(log_dir, num_steps=40, restore=[], optimizer="SGD", verbose=0) as test:
            for step, _ in enumerate(test):
                if len(made) == 2 and step == 20:
                    raise KeyboardInterrupt
                test.report(CURVE.losses[step])
        return test.result

    made: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        run_grid(test, {"width": [4, 8]}, log_dir, verbose=0)
    grid = run_grid(test, {"width": [4, 8]}, log_dir, verbose=0)
    assert made == [4, 8, 8]
    assert [row.was_there for row in grid.rows] == [True, False]
    records = json.loads(printed(capsys, "suggest", log_dir, "--json"))
    assert [(one["run"], one["status"]) for one in records] == [("width=4", "finished"), ("width=8", "finished")]
