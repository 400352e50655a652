"""The example in plain PyTorch: a range test, and a training whose rates are those of its scheduler."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from examples import pytorch
from tests.support.recorded import recorded


def test_a_range_test_and_a_training_at_the_peak_that_it_suggests(tmp_path, capsys):
    figures = pytorch.main(tmp_path, **pytorch.SMALL)
    assert 0.01 < figures["peak"] < 1.0
    assert figures["accuracy"] > 0.9
    (test, training), (swept, trained) = recorded(tmp_path)
    assert (test.run, training.run) == ("range_test", "training")
    assert (swept["learning_rate"] > 0).all()
    assert set(swept) >= {"loss", "accuracy"}
    assert "Suggested learning rate" in capsys.readouterr().out

    optimizer = torch.optim.SGD([torch.zeros(1)], momentum=0.9)
    batches = len(trained["step"]) // pytorch.SMALL["epochs"]
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, figures["peak"], total_steps=len(trained["step"]))
    expected = []
    for _ in trained["step"]:
        (group,) = optimizer.param_groups
        expected.append((group["lr"], group["momentum"]))
        optimizer.step()
        scheduler.step()
    rates, momenta = zip(*expected, strict=True)
    np.testing.assert_array_equal(trained["learning_rate"], rates)
    np.testing.assert_array_equal(trained["momentum"], momenta)
    np.testing.assert_allclose(trained["epoch"], (trained["step"] + 1) / batches)
    assert training.header is not None
    assert (training.header.driver, training.header.optimizer) == ("OneCycleLR", "SGD, momentum 0.95")


def test_the_training_begins_where_the_range_test_began(tmp_path, monkeypatch):
    begun = []
    scheduler = torch.optim.lr_scheduler.OneCycleLR

    def note(optimizer, *arguments, **named):
        begun.append([one.clone() for one in optimizer.param_groups[0]["params"]])
        assert not optimizer.state
        return scheduler(optimizer, *arguments, **named)

    monkeypatch.setattr(torch.optim.lr_scheduler, "OneCycleLR", note)
    pytorch.main(tmp_path, **pytorch.SMALL)
    torch.manual_seed(0)
    (found,) = begun
    for parameter, expected in zip(found, pytorch.build_model().parameters(), strict=True):
        assert torch.equal(parameter, expected)


def test_without_a_suggestion_the_example_ends_with_the_reason(tmp_path):
    with pytest.raises(SystemExit, match="Only 3 points"):
        pytorch.main(tmp_path, epochs=1, num_steps=3)
