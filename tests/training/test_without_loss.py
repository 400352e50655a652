"""A train step that returns no `loss`."""

from __future__ import annotations

import numpy as np
import pytest

from tb_lrfinder import LRFinder, range_test
from tests.support.gan import BATCH, NUM_BATCHES, REAL, build_gan, fit_gan, gan_state
from tests.support.recorded import recorded


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
