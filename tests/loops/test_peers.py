"""What other finders recorded, in objects shaped as theirs: it comes with raw losses, or with words on what to do."""

from __future__ import annotations

import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest

from tb_lrfinder import import_curve, suggest
from tb_lrfinder.cli import main
from tests.support.recorded import recorded
from tests.support.traces import synthetic_curve

CURVE = synthetic_curve(200)
RATES = CURVE.learning_rates.tolist()
# What comes out of a training has 32 bits.
LOSSES = CURVE.losses.astype(np.float32)
PLAN = {"lr_min": 1e-7, "lr_max": 10.0, "num_training": 200, "mode": "exponential"}


def plain(losses, weight=0.05):
    """The average of torch-lr-finder and ignite, in the operations they take it by."""
    history = []
    for loss in losses.tolist():
        history.append(weight * loss + (1 - weight) * history[-1] if history else loss)
    return history


def lightning(losses, steps_before=0, beta=0.98):
    history, average = [], 0.0
    for step, loss in enumerate(losses.tolist(), start=1 + steps_before):
        average = beta * average + (1 - beta) * loss
        history.append(average / (1 - beta ** (step + 1)))
    return history


def fastai(losses, beta=0.98):
    """In float32, each value an array without dimensions."""
    history, average = [], np.float32(0.0)
    for count, loss in enumerate(losses.astype(np.float32), start=1):
        average = np.float32(np.float32(1 - beta) * loss + np.float32(beta) * average)
        history.append(np.array(average / np.float32(1 - beta**count), np.float32))
    return history


def learner(losses, beta=0.98, rates=RATES, **facts):
    recorder = SimpleNamespace(lrs=rates, losses=losses, smooth_loss=SimpleNamespace(beta=beta))
    return SimpleNamespace(recorder=recorder, **facts)


def torch_lr_finder(losses, rates=RATES, **facts):
    return SimpleNamespace(history={"lr": rates, "loss": losses}, best_loss=0.3, **facts)


def lightning_finder(losses, rates=RATES):
    return SimpleNamespace(results={"lr": rates, "loss": losses}, **PLAN)


def ignite(losses, rates=RATES):
    return SimpleNamespace(get_results=lambda: {"lr": rates, "loss": losses})


def undone(source, beta):
    return f"Recorded by {source}; its moving average (beta {beta}) is undone."


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("finder", "tolerance", "text"),
    [
        (learner(fastai(LOSSES)), 1e-3, undone("fastai's lr_find", 0.98)),
        (learner(fastai(LOSSES)).recorder, 1e-3, undone("fastai's lr_find", 0.98)),
        (learner(list(LOSSES), beta=0), 0.0, "Recorded by fastai's lr_find."),
        (torch_lr_finder(plain(LOSSES)), 1e-12, undone("torch-lr-finder", 0.95)),
        (torch_lr_finder(plain(LOSSES, 0.2)), 1e-12, undone("torch-lr-finder", 0.8)),
        (torch_lr_finder(plain(LOSSES, 0.015)), 1e-12, undone("torch-lr-finder", 0.985)),
        (torch_lr_finder(LOSSES.tolist()), 0.0, "Recorded by torch-lr-finder."),
        (lightning_finder(lightning(LOSSES)), 1e-12, undone("Lightning's lr_find", 0.98)),
        (lightning_finder(lightning(LOSSES, 64)), 1e-12, undone("Lightning's lr_find", 0.98)),
        (torch_lr_finder(plain(LOSSES)).history, 1e-12, undone("another finder", 0.95)),
        (lightning_finder(lightning(LOSSES)).results, 1e-12, undone("another finder", 0.98)),
        ({"learning_rate": RATES, "loss": CURVE.losses}, 1e-6, "Recorded by another finder."),
        (SimpleNamespace(lrs=RATES, losses=plain(LOSSES, 0.1)), 1e-12, undone("SimpleNamespace", 0.9)),
    ],
)
def test_raw_losses_come_out_of_what_a_finder_recorded(tmp_path, capsys, finder, tolerance, text):
    curve = import_curve(finder, tmp_path, optimizer="Adam")
    np.testing.assert_array_equal(curve.learning_rates, RATES)
    np.testing.assert_allclose(curve.values, LOSSES, rtol=tolerance)
    assert import_curve(finder, optimizer="Adam").ending == curve.ending
    assert main.main(["suggest", str(tmp_path), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (
        told["learning_rate"] == suggest(curve).learning_rate == pytest.approx(suggest(CURVE).learning_rate, rel=0.01)
    )
    assert told["status_text"] == text


@pytest.mark.filterwarnings("error")
def test_ignite_records_the_rate_of_the_next_step_beside_a_loss():
    curve = import_curve(ignite(plain(LOSSES)))
    assert curve.learning_rates.tolist() == RATES[:-1]
    np.testing.assert_allclose(curve.values, LOSSES[1:], rtol=1e-12)


@pytest.mark.parametrize(
    ("finder", "message"),
    [
        (
            torch_lr_finder(plain(CURVE.losses)),
            "Whether the losses that torch-lr-finder recorded are raw or a moving aver",
        ),
        (
            ignite(plain(CURVE.losses)),
            "Pass beta=0 if they are raw, or the weight that the average gave to the past: 1 - ",
        ),
        (
            lightning_finder(lightning(CURVE.losses)),
            "Lightning's lr_find recorded a moving average of the losses, by whic",
        ),
        (
            learner(fastai(1 + 1e-6 * LOSSES)),
            "Set learn.recorder.smooth_loss.beta = 0, and run learn.lr_find(stop_div=Fa",
        ),
        (
            SimpleNamespace(lrs=RATES, losses=LOSSES),
            "In a callback of Keras, logs['loss'] is the mean of the epoch so far",
        ),
    ],
    ids=["torch-lr-finder", "ignite", "lightning", "fastai", "lists"],
)
def test_losses_that_may_be_smoothed_come_with_words_on_what_to_do(tmp_path, finder, message):
    with pytest.warns(UserWarning, match=re.escape(message)) as warned:
        import_curve(finder, tmp_path)
    (warning,) = warned
    assert warning.filename == __file__
    (trace,), _ = recorded(tmp_path)
    assert trace.status_text.endswith("; its losses may be smoothed.")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("finder", "beta"),
    [
        (torch_lr_finder(plain(CURVE.losses, 0.25)), 0.75),
        (SimpleNamespace(lrs=RATES, losses=CURVE.losses), 0),
        (lightning_finder(lightning(CURVE.losses)), 0.98),
        (learner(fastai(LOSSES, 0.5), beta=0.98), 0.5),
    ],
)
def test_what_cannot_be_found_out_can_be_said(finder, beta):
    np.testing.assert_allclose(import_curve(finder, beta=beta).values, CURVE.losses, rtol=1e-5)


@pytest.mark.parametrize("beta", [1.0, -0.1, "0.9", math.nan])
def test_a_weight_that_is_none_is_refused(beta):
    with pytest.raises(ValueError, match="`beta` must be from 0 to below 1. Received: beta="):
        import_curve(torch_lr_finder(LOSSES), beta=beta)


@pytest.mark.parametrize("end", [math.nan, math.inf])
def test_a_test_that_ended_in_nan_or_infinity_broke_at_that_very_step(end):
    losses = LOSSES.copy()
    losses[150] = end
    for finder in (torch_lr_finder(plain(losses)), lightning_finder(lightning(losses)), learner(fastai(losses))):
        curve = import_curve(finder)
        assert (curve.num_finite, curve.ended) == (150, "broke")


def test_how_a_test_ended_is_read_from_what_was_planned_and_recorded(tmp_path):
    stopped = import_curve(lightning_finder(lightning(LOSSES[:150]), RATES[:150]), tmp_path)
    assert (stopped.ended, stopped.ending.num_steps, stopped.ending.end_lr) == ("cut", 200, 10.0)
    (trace,), _ = recorded(tmp_path)
    assert trace.header is not None
    assert (trace.header.spacing, trace.header.start_lr, trace.header.end_lr) == ("log", 1e-7, 10.0)
    rising = np.append(LOSSES[:150], np.geomspace(1, 1e3, 50)).astype(np.float32)
    assert import_curve(torch_lr_finder(plain(rising))).ending.reason == "diverged"
    assert import_curve(torch_lr_finder(plain(LOSSES[:150]), RATES[:150])).ending.reason == "completed"


def test_of_several_groups_the_one_with_the_highest_rate_counts():
    groups = [[rate / 10, rate, rate / 100] for rate in RATES]
    assert import_curve(torch_lr_finder(LOSSES.tolist(), groups)).learning_rates.tolist() == RATES


def test_a_rate_without_a_loss_is_that_of_an_interrupted_step():
    curve = import_curve(lightning_finder(lightning(LOSSES[:120]), RATES[:121]))
    assert curve.learning_rates.tolist() == RATES[:120]


class SGD:
    param_groups = ({"lr": 0.1, "momentum": 0.9},)


@pytest.mark.parametrize(
    ("finder", "name"),
    [
        (torch_lr_finder(LOSSES.tolist(), optimizer=SGD()), "SGD, momentum 0.9"),
        (
            learner(fastai(LOSSES), opt_func=synthetic_curve, opt=SimpleNamespace(hypers=[{"mom": 0.9}])),
            "synthetic_curve",
        ),
        (learner(fastai(LOSSES), opt_func=SGD, opt=SimpleNamespace(hypers=[{"mom": 0.0}])), "SGD"),
        (learner(fastai(LOSSES), opt_func=synthetic_curve, opt=SimpleNamespace(opt=SGD())), "SGD, momentum 0.9"),
        (lightning_finder(lightning(LOSSES)), None),
    ],
)
def test_the_optimizer_is_the_one_that_the_finder_holds_unless_it_is_named(finder, name):
    assert import_curve(finder).optimizer == name
    assert import_curve(finder, optimizer="Lion").optimizer == "Lion"


@pytest.mark.parametrize(
    ("finder", "message"),
    [
        (
            torch_lr_finder([], []),
            "There must be a test to import: run it first. Received: torch-lr-finder with no losses.",
        ),
        (SimpleNamespace(get_results=dict), "Received: ignite's FastaiLRFinder with no losses."),
        (SimpleNamespace(results={}, **PLAN), "Received: Lightning's lr_find with no losses."),
        (SimpleNamespace(smooth_loss=SimpleNamespace(beta=0.98)), "Received: fastai's lr_find with no losses."),
        (torch_lr_finder([1.0], [0.1, 0.2, 0.3]), "Received: torch-lr-finder with 3 learning rates and 1 losses."),
        (
            learner([1.0, 2.0], 0, [0.2, 0.1]),
            "What fastai's lr_find recorded cannot be read as a range test: `learning_rates`",
        ),
        (
            object(),
            "`finder` must be a learner of fastai, a finder of torch-lr-finder or ignite, what Lightning's `lr_find`",
        ),
        ({"loss": [1.0]}, "`finder` must be a learner of fastai"),
        (None, "`finder` must be a learner of fastai"),
        ({"lr": ["a"], "loss": [1.0]}, "`learning_rates` must be a 1-D array of numbers."),
    ],
)
def test_what_holds_no_range_test_is_refused_in_words(tmp_path, finder, message):
    with pytest.raises(ValueError) as caught:
        import_curve(finder, tmp_path / "run")
    assert message in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_rates_that_repeat_are_kept():
    assert import_curve({"lr": [0.1, 0.1, 0.2], "loss": [1.0, 2.0, 3.0]}).learning_rates.tolist() == [0.1, 0.1, 0.2]
