"""A train step that returns no `loss`."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from tb_lrfinder import LRFinder, range_test
from tb_lrfinder.cli.main import main
from tb_lrfinder.server import json_text, wire
from tb_lrfinder.server.questions import Curves, Suggestions
from tests.support.gan import BATCH, NUM_BATCHES, REAL, build_gan, fit_gan, gan_state
from tests.support.recorded import reader_of, recorded
from tests.support.traces import served


def test_the_monitored_value_stands_in_for_a_loss(tmp_path):
    model = build_gan()
    fit_gan(model, epochs=1)
    test = LRFinder(tmp_path, 1e-4, 1e-3, divergence_factor=None, monitor="g_loss", optimizer="g_optimizer", verbose=0)
    fit_gan(model, test)
    assert sorted(test.history) == ["d_loss", "g_loss", "learning_rate", "step"]
    assert len(test.curve) == 2 * NUM_BATCHES
    np.testing.assert_array_equal(test.curve.losses, test.history["g_loss"])
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert trace.header.monitor == "g_loss"
    for name, values in test.history.items():
        np.testing.assert_array_equal(columns[name], values)


@pytest.mark.parametrize("monitor", ["loss", "val_loss"])
def test_none_of_what_is_returned_being_monitored_is_refused_with_their_names(monitor):
    model = build_gan()
    fit_gan(model, epochs=1)
    before = gan_state(model)
    with pytest.raises(ValueError) as caught:
        fit_gan(model, LRFinder(None, monitor=monitor, optimizer="d_optimizer", verbose=0))
    assert str(caught.value) == (
        "The train step must report a `loss`, or another number that `monitor` names. "
        f"Received: monitor={monitor!r}; reported are d_loss, g_loss."
    )
    for name, value in gan_state(model).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_a_test_stops_where_it_diverges():
    model = build_gan()
    fit_gan(model, epochs=1)
    test = LRFinder(None, 1e-4, 1e20, monitor="d_loss", optimizer="d_optimizer", verbose=0)
    fit_gan(model, test, epochs=5)
    assert len(test.curve) < 5 * NUM_BATCHES
    assert test.run.ending is not None
    assert test.run.ending.reason in ("diverged", "non_finite")
    assert "the `d_loss` rose above" in test.stop_text or "the `d_loss` became" in test.stop_text


def test_repeats_progress_and_steps_of_several_batches_need_no_loss(tmp_path, capsys):
    model = build_gan()
    result = range_test(
        model,
        REAL,
        batch_size=BATCH,
        start_lr=1e-3,
        num_steps=24,
        monitor="d_loss",
        optimizer="d_optimizer",
        repeats=2,
        updates_per_lr=2,
        log_dir=tmp_path,
    )
    assert sorted(result.history) == ["d_loss", "g_loss", "learning_rate", "step"]
    assert len(result.repeats) == 2
    out = capsys.readouterr().out
    assert "d_loss" in out
    assert "of 24 steps, 2 times" in out
    _, (columns,) = recorded(tmp_path)
    assert "loss" not in columns


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A test of the GAN, and its log directory."""
    log_dir = tmp_path_factory.mktemp("swept")
    gan = {"monitor": "d_loss", "optimizer": "d_optimizer", "batch_size": BATCH}
    return range_test(build_gan(), REAL, num_steps=40, log_dir=log_dir, verbose=0, **gan), log_dir


def test_the_command_line_tells_it(swept, capsys):
    result, log_dir = swept
    assert main(["suggest", str(log_dir), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["columns"] == ["step", "learning_rate", "d_loss", "g_loss"]
    assert told["values"] == ["d_loss", "g_loss"]
    assert {name: told[name] for name in served(result.suggestion)} == json.loads(json.dumps(served(result.suggestion)))


def test_the_command_line_exports_no_column_of_losses(swept, capsys):
    result, log_dir = swept
    assert main(["export", str(log_dir)]) == 0
    header, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header == ["run", "session", "step", "learning_rate", "d_loss", "g_loss"]
    np.testing.assert_array_equal([float(row[4]) for row in rows], result.history["d_loss"])


def test_the_tab_is_served_the_monitored_value(swept):
    result, log_dir = swept
    reader = reader_of(log_dir)
    (trace,) = reader.traces()
    (told,) = json.loads(json_text.encode(wire.encode_suggestions([trace], reader.ask, Suggestions())))["suggestions"]
    assert {name: value for name, value in told.items() if name != "id"} == json.loads(
        json.dumps(served(result.suggestion))
    )
    container = wire.encode_curves([trace], reader.ask, Curves())
    length = int.from_bytes(container[4:8], "little")
    (curve,) = json.loads(container[8 : 8 + length])["traces"]
    offsets = {column["name"]: column["offset"] for column in curve["columns"]}
    assert (curve["column"], list(offsets)) == ("d_loss", ["step", "learning_rate", "d_loss", "g_loss"])
    values = np.frombuffer(container, "<f8", curve["rows"], 8 + length + offsets["d_loss"])
    np.testing.assert_array_equal(values, result.history["d_loss"])
