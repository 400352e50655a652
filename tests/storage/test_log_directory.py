"""`LogDirectory` finds what TensorBoard's own loader finds, without TensorFlow and without looking at what is not ours."""

from __future__ import annotations

import errno
import os
import struct
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from tb_lrfinder.storage import records
from tb_lrfinder.storage.records import events_with, framed
from tb_lrfinder.storage.schema import PLUGIN_NAME
from tests.support.damage import rows_event, write_damaged_traces, write_events
from tests.support.loaders import own_loader, python_loader
from tests.support.traces import plateaus, synthetic_curve, write_scalars, write_trace, write_training


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
    mine, theirs = own_loader(log_dir), python_loader(log_dir)
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
    assert {".", "deep/er/run", "linked/er/run", "twice", "training", "foreign"} <= listed(own_loader(log_dir)).keys()


def test_it_chooses_as_tensorboard_does(log_dir):
    runs = listed(own_loader(log_dir))
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
    found = own_loader(tmp_path)
    assert list(listed(found)) == ["run"]
    assert found.unreadable == [(str(missing), "No such file or directory")]


def is_same_as_in(log_dir: Path, *runs: str) -> bool:
    return sorted(listed(own_loader(log_dir))) == sorted(runs)


def test_links_that_lead_round_in_circles_are_followed_once(tmp_path):
    write_trace(tmp_path / "run", synthetic_curve(20))
    for name in ("up", "again"):
        (tmp_path / "run" / name).symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to("self", target_is_directory=True)
    (tmp_path / "beside").symlink_to("run", target_is_directory=True)
    assert is_same_as_in(tmp_path, "run", "beside")


def test_a_log_directory_may_itself_be_a_link(tmp_path):
    write_trace(tmp_path / "logs" / "run", synthetic_curve(20))
    (tmp_path / "logs" / "run" / "up").symlink_to(tmp_path / "logs", target_is_directory=True)
    (tmp_path / "link").symlink_to("logs", target_is_directory=True)
    assert is_same_as_in(tmp_path / "link", "run")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_what_is_no_file_is_named_and_nobody_waits_for_it(tmp_path):
    write_trace(tmp_path / "run", synthetic_curve(20))
    pipe, directory, device = (tmp_path / f"events.out.tfevents.{name}" for name in ("pipe", "directory", "device"))
    os.mkfifo(pipe)
    directory.mkdir()
    device.symlink_to(os.devnull)
    found = own_loader(tmp_path)
    assert list(listed(found)) == ["run"]
    assert sorted(found.unreadable) == [(str(device), "it is not a file"), (str(pipe), "it is not a file")]


def test_a_directory_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    for run in ("closed", "open"):
        write_trace(tmp_path / run, synthetic_curve(20))
    scandir = os.scandir

    def refusing(path):
        if os.path.basename(path) == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = own_loader(tmp_path)
    assert list(listed(found)) == ["open"]
    assert found.unreadable == [(str(tmp_path / "closed"), "Permission denied")]


def test_a_file_that_is_removed_before_it_is_opened_is_named(tmp_path, monkeypatch):
    for run in ("one", "two"):
        write_trace(tmp_path / run, synthetic_curve(20))
    walk = os.walk

    def removing(*arguments, **options):
        for folder, inner, names in walk(*arguments, **options):
            if folder.endswith("one"):
                os.remove(os.path.join(folder, names[0]))
            yield folder, inner, names

    monkeypatch.setattr(os, "walk", removing)
    found = own_loader(tmp_path)
    assert list(listed(found)) == ["two"]
    ((_, reason),) = found.unreadable
    assert reason == "No such file or directory"


def claim(num_bytes: int) -> bytes:
    """The head of a record that says it is so long."""
    return framed(b"x" * num_bytes)[:12] if num_bytes < 1_000 else struct.pack("<Q", num_bytes) + b"\0" * 4


@pytest.mark.parametrize("num_bytes", [2**31, 2**63, 2**64 - 1, 100])
def test_a_record_that_claims_more_than_there_is_ends_the_file(tmp_path, num_bytes):
    write_trace(tmp_path / "run", synthetic_curve(20))
    (path,) = (tmp_path / "run").iterdir()
    with path.open("ab") as file:
        file.write(claim(num_bytes) + b"lr_finder")
    found = own_loader(tmp_path)
    assert list(listed(found)) == ["run"]
    assert found.unreadable == []


def test_a_record_larger_than_any_of_ours_is_passed_over_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "_MAX_EVENT_BYTES", 100_000)
    large = framed(b"lr_finder" * 20_000)
    assert list(events_with(BytesIO(large + framed(b"lr_finder")), b"lr_finder")) == [b"lr_finder"]
    broken = large[:8] + b"\0\0\0\0" + large[12:]
    assert list(events_with(BytesIO(broken + framed(b"lr_finder")), b"lr_finder")) == []


def only_tensor(log_dir: Path) -> Any:
    """Listed step, read step and values of the only tag of a directory."""
    found = own_loader(log_dir)
    ((tag, one),) = found.list_tensors(experiment_id="", plugin_name=PLUGIN_NAME)["."].items()
    step, _, values = last_tensors(found)["."][tag]
    return one.max_step, step, values


def test_the_last_event_of_a_tag_counts_with_its_own_step(tmp_path):
    write_events(tmp_path, rows_event(np.zeros((5, 3))), rows_event(np.ones((2, 3))))
    assert only_tensor(tmp_path) == (2, 2, np.ones((2, 3)).tolist())


def test_a_value_without_a_tensor_leaves_the_tag_as_it_was(tmp_path):
    write_events(tmp_path, rows_event(np.zeros((5, 3))))
    write_scalars(tmp_path, "lr_finder/s-1/rows/00000", [1.0])
    assert only_tensor(tmp_path) == (5, 5, np.zeros((5, 3)).tolist())


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes")
def test_a_directory_whose_name_is_no_text_has_a_name_that_can_be_printed(tmp_path):
    write_trace(tmp_path / os.fsdecode(b"run\xff"), synthetic_curve(20))
    assert list(listed(own_loader(tmp_path))) == ["run\\udcff"]


def test_bytes_turned_anywhere_in_a_file_raise_nothing(tmp_path):
    write_trace(tmp_path / "run", synthetic_curve(20))
    (path,) = (tmp_path / "run").iterdir()
    content = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(content)
        damaged[random.integers(len(content))] ^= int(random.integers(1, 256))
        path.write_bytes(damaged)
        last_tensors(own_loader(tmp_path))
