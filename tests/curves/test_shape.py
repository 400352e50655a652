"""The shape of a curve: which word, which sentence, and that it says nothing else than the confidence does."""

from typing import get_args

import numpy as np
import pytest

from tb_lrfinder import Curve, suggest
from tb_lrfinder.choices import ShapeName
from tb_lrfinder.curves.shape import SHAPES
from tb_lrfinder.curves.suggestion import METHODS
from tests.support.traces import TRIALS, synthetic_curve

RATES = np.geomspace(1e-6, 1.0, 301)
POSITION = np.log10(RATES)


def drawn(*corners, rates=RATES):
    """A curve of straight lines between corners of log10 rate and loss."""
    positions, losses = zip(*corners, strict=True)
    return Curve(rates, np.interp(np.log10(rates), positions, losses))


NOISE = np.random.default_rng(0).normal(0.0, 0.1, RATES.size)
CURVES = {
    "good": synthetic_curve(noise=0.02),
    "ends early": drawn((-6, 2), (-1.5, 2), (0, 1)),
    "starts late": drawn((-6, 2), (-5.8, 2), (-4, 1), (-3, 4)),
    "never fell": Curve(RATES, np.ones(RATES.size)),
    "shot up": Curve(RATES, 1.0 + NOISE + 1e4 * np.maximum(0.0, POSITION + 3.0) ** 2),
    "noise": synthetic_curve(noise=1.8),
}


@pytest.mark.parametrize(
    ("curve", "name", "sentence"),
    [
        ("good", "good", "The loss falls, turns and rises again, so the sweep shows all that a suggestion needs"),
        ("ends early", "short", "The loss is still at its lowest when the sweep ends"),
        ("starts late", "short", "The loss was already falling when the sweep began"),
        ("never fell", "flat", "No rate of this sweep made the loss fall"),
        ("shot up", "flat", "Training broke before any rate made the loss fall"),
        ("noise", "noise", "The loss falls by little more than it scatters from step to step"),
    ],
)
def test_every_shape_has_a_word_and_a_sentence(curve, name, sentence):
    for method in METHODS:
        shape = suggest(CURVES[curve], method).shape
        assert shape is not None
        assert shape.name == name
        assert shape.sentence.startswith(sentence)


def test_the_guide_explains_each_shape_once():
    assert [shape.name for shape in SHAPES] == list(get_args(ShapeName))
    assert [shape.label for shape in SHAPES] == ["Good", "Too short", "Never fell", "Noise"]
    assert all("the loss" in shape.sentence.lower() and shape.sentence.endswith(".") for shape in SHAPES)


@pytest.mark.parametrize("name", ["good", "noise"])
def test_the_guide_says_what_is_said_of_a_curve(name):
    shape = suggest(CURVES[name]).shape
    assert shape is not None
    assert [one.sentence for one in SHAPES if one.name == name] == [shape.sentence]


def test_short_trainings_do_not_change_what_the_curve_looks_like():
    curve = CURVES["ends early"]
    assert suggest(curve, trials=TRIALS).shape == suggest(curve).shape


def test_the_words_fit_what_is_better_the_higher_it_is():
    curve = CURVES["starts late"]
    shape = suggest(Curve(curve.learning_rates, curve.losses, "accuracy", "max")).shape
    assert shape is not None
    assert shape.sentence.startswith("The `accuracy` was already rising when the sweep began")


@pytest.mark.parametrize("losses", [[], [2.0, 1.0], [1.0] * 5 + [np.nan] * 50])
def test_a_curve_that_is_too_short_has_no_shape(losses):
    assert suggest(Curve(np.geomspace(1e-6, 1.0, len(losses)), losses)).shape is None


@pytest.mark.parametrize("seed", range(20))
def test_a_sure_suggestion_comes_from_a_good_curve(seed):
    suggestion = suggest(synthetic_curve(seed=seed, noise=0.02 * (seed + 1)))
    assert suggestion.shape is not None
    if suggestion.confidence is not None and suggestion.confidence.word == "sure":
        assert suggestion.shape.name == "good"
    if suggestion.shape.name != "good":
        assert suggestion.confidence is None or suggestion.confidence.doubt
