"""What TensorBoard's HParams plugin knows of a run is among its settings, whoever wrote it."""

from __future__ import annotations

import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.context import RequestContext
from tensorboard.plugins.hparams import metadata, plugin_data_pb2

from tb_lrfinder import TraceWriter
from tb_lrfinder.cli.log_dir import opened
from tb_lrfinder.storage import reader
from tb_lrfinder.storage.cache import Cache
from tb_lrfinder.storage.hparams_summaries import PLUGIN_NAME
from tb_lrfinder.storage.reader import TraceReader
from tests.support.damage import write_events
from tests.support.loaders import python_loader

TOLD = {"dropout": 0.5, "head": "linear", "augmented": True}


def content_of(hparams):
    info = plugin_data_pb2.SessionStartInfo()
    for name, value in hparams.items():
        kind = {float: "number_value", str: "string_value", bool: "bool_value"}[type(value)]
        setattr(info.hparams[name], kind, value)
    data = plugin_data_pb2.HParamsPluginData(session_start_info=info)
    return metadata.create_summary_metadata(data).plugin_data.content


def write_session(log_dir, content):
    """A summary as PyTorch writes it: without a tensor."""
    plugin_data = summary_pb2.SummaryMetadata.PluginData(plugin_name=PLUGIN_NAME, content=content)
    value = summary_pb2.Summary.Value(
        tag=metadata.SESSION_START_INFO_TAG, metadata=summary_pb2.SummaryMetadata(plugin_data=plugin_data)
    )
    write_events(log_dir, event_pb2.Event(wall_time=1.7e9, summary=summary_pb2.Summary(value=[value])))


def write_test(log_dir, **facts):
    with TraceWriter(log_dir, **facts) as writer:
        writer.append(0.1, 1.0)


def settings_in(log_dir):
    """The settings of each run, which both loaders must find alike."""
    readers = [opened(str(log_dir)), TraceReader(python_loader(log_dir), RequestContext(), "")]
    own, tensorboards = ({trace.run: trace.header_or_default.settings for trace in one.traces()} for one in readers)
    assert own == tensorboards
    return own


def test_a_run_has_the_settings_of_its_session_and_what_was_recorded_goes_before(tmp_path):
    write_session(tmp_path / "a", content_of({**TOLD, "batch_size": 99.0, "width": 8.0, "momentum": 0.5}))
    write_test(tmp_path / "a", batch_size=32, hyperparameters={"momentum": 0.9}, hparams={"width": 64})
    assert settings_in(tmp_path) == {"a": {**TOLD, "batch_size": 32, "momentum": 0.9, "width": 64}}


def test_the_session_of_the_nearest_run_above_counts(tmp_path):
    for run, dropout in ((".", 0.1), ("a", 0.2), ("a/b/c", 0.3)):
        write_session(tmp_path / run, content_of({"dropout": dropout}))
    for run in ("a", "a/b", "a/b/c/d", "z"):
        write_test(tmp_path / run)
    found = {run: settings["dropout"] for run, settings in settings_in(tmp_path).items()}
    assert found == {"a": 0.2, "a/b": 0.2, "a/b/c/d": 0.3, "z": 0.1}


def test_what_pytorch_writes_into_a_run_below_belongs_to_the_run_unless_there_are_several(tmp_path):
    torch_writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter
    for run, times in (("once", 1), ("often", 2)):
        with torch_writer(tmp_path / run) as writer:
            for _ in range(times):
                writer.add_hparams({"dropout": 0.5, "width": 64, "augmented": True}, {})
        write_test(tmp_path / run)
    assert settings_in(tmp_path) == {"once": {"dropout": 0.5, "width": 64, "augmented": True}, "often": {}}


def test_what_the_plugins_own_functions_write_is_found(tmp_path):
    tf = pytest.importorskip("tensorflow")
    hp = pytest.importorskip("tensorboard.plugins.hparams.api")
    width = hp.HParam("width", hp.Discrete([32, 64]))
    with tf.summary.create_file_writer(str(tmp_path / "a")).as_default():
        hp.hparams({width: 64, "head": "linear"})
    write_test(tmp_path / "a/lr", hparams={width: 128})
    assert settings_in(tmp_path) == {"a/lr": {"width": 128, "head": "linear"}}


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xff",
        b"",
        content_of({"a\n": 1.0, "b": float("nan")}),
        content_of({"width": 1.0}) + b" " * 2**20,
        content_of({str(index): "x" * 1000 for index in range(100)}),
    ],
    ids=["damaged", "empty", "no_settings", "endless", "too_large"],
)
def test_a_session_that_cannot_be_read_leaves_the_run_as_it_is(tmp_path, content):
    write_session(tmp_path / "a", content)
    write_test(tmp_path / "a", hparams={"width": 64})
    assert settings_in(tmp_path) == {"a": {"width": 64}}


def test_no_more_settings_are_taken_than_a_header_holds_and_long_texts_are_cut(tmp_path):
    write_session(tmp_path / "a", content_of({f"{index:02}": "x" * 150 for index in range(60)}))
    write_test(tmp_path / "a")
    assert settings_in(tmp_path) == {"a": {f"{index:02}": "x" * 99 + "…" for index in range(50)}}


class Counted:
    """A provider whose requests for HParams' summaries are counted, and may fail."""

    def __init__(self, provider):
        self._provider = provider
        self.asked, self.fails = 0, False

    def list_tensors(self, ctx, *, plugin_name, **options):
        if plugin_name == PLUGIN_NAME:
            self.asked += 1
            if self.fails:
                raise RuntimeError("not now")
        return self._provider.list_tensors(ctx, plugin_name=plugin_name, **options)

    def read_tensors(self, *args, **options):
        return self._provider.read_tensors(*args, **options)


class Looking:
    """The looks of one TensorBoard process, at what lies in a directory then."""

    def __init__(self, log_dir):
        self._log_dir, self._cache = log_dir, Cache()
        self.provider = Counted(python_loader(log_dir))

    def look(self):
        traces = TraceReader(self.provider, RequestContext(), "", self._cache).traces()
        return {trace.run: trace.header_or_default.settings for trace in traces}

    def load(self):
        asked, fails = self.provider.asked, self.provider.fails
        self.provider = Counted(python_loader(self._log_dir))
        self.provider.asked, self.provider.fails = asked, fails


def test_polls_ask_for_them_again_only_where_a_run_has_come_or_some_seconds_have_passed(tmp_path, monkeypatch):
    write_test(tmp_path / "a")
    looking = Looking(tmp_path)
    assert [looking.look() for _ in range(5)] == [{"a": {}}] * 5
    assert looking.provider.asked == 1
    write_session(tmp_path / "a", content_of(TOLD))
    looking.load()
    assert looking.look() == {"a": {}}
    monkeypatch.setattr(reader, "_SUMMARIES_SECONDS", -1.0)
    assert looking.look() == {"a": TOLD}
    monkeypatch.undo()
    write_session(tmp_path / "b", content_of({"dropout": 0.1}))
    write_test(tmp_path / "b")
    looking.load()
    assert looking.look() == {"a": TOLD, "b": {"dropout": 0.1}}
    assert looking.provider.asked == 3


def test_a_provider_that_cannot_list_them_takes_nothing_from_the_traces(tmp_path):
    write_session(tmp_path / "a", content_of(TOLD))
    write_test(tmp_path / "a", hparams={"width": 64})
    looking = Looking(tmp_path)
    looking.provider.fails = True
    assert looking.look() == {"a": {"width": 64}}
