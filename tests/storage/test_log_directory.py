"""`LogDirectory` finds what TensorBoard's own loader finds, without TensorFlow and without looking at what is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from tb_lrfinder.storage.file_system import file_system_of
from tb_lrfinder.storage.log_directory import LogDirectory
from tb_lrfinder.storage.schema import PLUGIN_NAME
from tests.support.damage import write_damaged_traces
from tests.support.traces import plateaus, synthetic_curve, write_scalars, write_trace, write_training


def ours(log_dir: Path) -> LogDirectory:
    return LogDirectory(file_system_of(str(log_dir)), str(log_dir), PLUGIN_NAME)


def tensorboards(log_dir: Path) -> MultiplexerDataProvider:
    multiplexer = EventMultiplexer(tensor_size_guidance={PLUGIN_NAME: 0}, purge_orphaned_data=False)
    multiplexer.AddRunsFromDirectory(str(log_dir))
    multiplexer.Reload()
    return MultiplexerDataProvider(multiplexer, str(log_dir))


def listed(provider: Any, chosen: RunTagFilter | None = None) -> Any:
    found = provider.list_tensors(
        RequestContext(), experiment_id="", plugin_name=PLUGIN_NAME, run_tag_filter=chosen or RunTagFilter()
    )
    return {run: {tag: vars(one) for tag, one in tags.items()} for run, tags in found.items()}


def last_tensors(provider: Any, chosen: RunTagFilter | None = None) -> Any:
    found = provider.read_tensors(
        RequestContext(),
        experiment_id="",
        plugin_name=PLUGIN_NAME,
        downsample=1_000_000,
        run_tag_filter=chosen or RunTagFilter(),
    )
    return {
        run: {tag: (data[-1].step, data[-1].wall_time, data[-1].numpy.tolist()) for tag, data in tags.items()}
        for run, tags in found.items()
    }


def assert_same(log_dir: Path, chosen: RunTagFilter | None = None) -> None:
    mine, theirs = ours(log_dir), tensorboards(log_dir)
    assert listed(mine, chosen) == listed(theirs, chosen)
    np.testing.assert_equal(last_tensors(mine, chosen), last_tensors(theirs, chosen))


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory):
    log_dir = tmp_path_factory.mktemp("logs")
    write_trace(log_dir / "deep" / "er" / "run", synthetic_curve(300), flush_every=40)
    for seed in (1, 2):
        write_trace(log_dir / "twice", synthetic_curve(50, seed=seed))
    write_trace(log_dir, synthetic_curve(20))
    write_training(log_dir / "training", plateaus())
    write_damaged_traces(log_dir)
    write_scalars(log_dir / "training" / "train", "epoch_loss", [1.0, 0.5])
    write_scalars(log_dir / "twice", "lr_finder/no_tensor", [1.0, 0.5])
    (log_dir / "empty").mkdir()
    (log_dir / "empty" / "events.out.tfevents.1").write_bytes(b"")
    (log_dir / "empty" / "notes.txt").write_text("lr_finder")
    (log_dir / "linked").symlink_to(log_dir / "deep", target_is_directory=True)
    return log_dir


def test_it_finds_what_tensorboard_finds(log_dir):
    assert_same(log_dir)
    assert {".", "deep/er/run", "linked/er/run", "twice", "training", "foreign"} <= listed(ours(log_dir)).keys()


def test_it_chooses_as_tensorboard_does(log_dir):
    runs = listed(ours(log_dir))
    tags = [next(iter(runs["twice"])), list(runs["training"])[-1]]
    for chosen in (
        RunTagFilter(runs=["twice", "training"]),
        RunTagFilter(tags=tags),
        RunTagFilter(runs=["twice"], tags=tags),
        RunTagFilter(runs=["nowhere"]),
        RunTagFilter(tags=[]),
    ):
        assert_same(log_dir, chosen)


def test_a_file_that_is_cut_off_is_read_as_tensorboard_reads_it(tmp_path):
    write_trace(tmp_path / "whole", synthetic_curve(40), flush_every=10)
    (whole,) = (tmp_path / "whole").iterdir()
    content = whole.read_bytes()
    for cut in {0, 5, 11, 12, 13, *range(40, len(content), 97), len(content) - 1}:
        (tmp_path / f"cut{cut}").mkdir()
        (tmp_path / f"cut{cut}" / whole.name).write_bytes(content[:cut])
    assert_same(tmp_path)


def test_a_file_that_cannot_be_read_is_named_and_leaves_the_others_standing(tmp_path):
    write_trace(tmp_path / "run", synthetic_curve(20))
    missing = tmp_path / "gone" / "events.out.tfevents.1"
    missing.parent.mkdir()
    missing.symlink_to(tmp_path / "nowhere")
    found = ours(tmp_path)
    assert list(listed(found)) == ["run"]
    assert found.unreadable == [(str(missing), "No such file or directory")]
