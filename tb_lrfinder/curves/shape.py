"""The shape of a curve in a word and a sentence, which say whether the range test worked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tb_lrfinder.choices import ShapeName
from tb_lrfinder.curves.analysis import Analysis
from tb_lrfinder.curves.wording import Words

# Below this many standard errors the lowest point may be one of noise.
_CLEAR_DROP = 6.0
# The curve has turned when it rises from its lowest point by this share of the drop.
_TURNED = 0.1
# The sweep must show the start of the fall: decades before the usable band.
_PLATEAU = 0.5


@dataclass(frozen=True)
class Shape:
    """The shape of a curve.

    Attributes:
        name: `"good"`: it fell and turned. `"short"`: one of its ends is missing. `"flat"`: it never fell, or shot up before
            it did. `"noise"`: it fell by little more than its noise.
        sentence: What that means for the suggestion, and what to do.
    """

    name: ShapeName
    sentence: str


@dataclass(frozen=True)
class ShapeKind:
    """A kind of shape, as the guide explains it.

    Attributes:
        name: `"good"`, `"short"`, `"flat"` or `"noise"`.
        label: The same for people.
        sentence: How such a curve of a loss looks, what that means and what to do.
    """

    name: ShapeName
    label: str
    sentence: str


@dataclass(frozen=True)
class _Diagnosis:
    """A shape, what to say of a curve that has it, and the condition; of several, the first that applies counts."""

    name: ShapeName
    sentence: str
    applies: Callable[[Analysis], bool]


def shape_of(analysis: Analysis, words: Words) -> Shape:
    """The shape of a curve."""
    diagnosis = next(one for one in _DIAGNOSES if one.applies(analysis))
    return Shape(diagnosis.name, words(diagnosis.sentence))


def is_noisy(analysis: Analysis) -> bool:
    """Whether noise may have placed the lowest point."""
    return analysis.significance < _CLEAR_DROP


def ends_early(analysis: Analysis) -> bool:
    """Whether the curve ends before it rises."""
    after = analysis.losses[analysis.lowest :]
    return float(after.max()) - float(after[0]) < _TURNED * analysis.drop


def starts_late(analysis: Analysis) -> bool:
    """Whether the curve falls from the first rates on."""
    return math.log10(analysis.band()[0] / float(analysis.learning_rates[0])) < _PLATEAU


# Said of a single curve and in the guide alike.
_GOOD = (
    "{The} {falls}, turns and {rises} again, so the sweep shows all that a suggestion needs: "
    "start with the suggested rate."
)
_NOISE = (
    "{The} {falls} by little more than it scatters from step to step, so the suggestion may be several times off: average "
    "several sweeps, or take larger batches."
)
_OF_A_LOSS = Words("loss", "min")

SHAPES = (
    ShapeKind("good", "Good", _OF_A_LOSS(_GOOD)),
    ShapeKind(
        "short",
        "Too short",
        "The loss is still falling when the sweep ends, or was already falling when it began, so the best rate may lie "
        "outside: sweep on to higher rates, or begin ten times lower.",
    ),
    ShapeKind(
        "flat",
        "Never fell",
        "No rate made the loss fall, so a suggestion has nothing to go by: check how inputs and targets are scaled, then "
        "labels, loss and model, and sweep again.",
    ),
    ShapeKind("noise", "Noise", _OF_A_LOSS(_NOISE)),
)

_DIAGNOSES = (
    _Diagnosis(
        "flat",
        "Training broke before any rate made {the} {fall}, so the suggestion does no more than keep its distance from "
        "there: check how inputs and targets are scaled, and sweep again from lower rates.",
        lambda analysis: not analysis.fell and analysis.blew_up,
    ),
    _Diagnosis(
        "flat",
        "No rate of this sweep made {the} {fall}, so there is none to suggest: sweep up to higher rates, and if that "
        "changes nothing, check labels, loss and model.",
        lambda analysis: not analysis.fell,
    ),
    _Diagnosis(
        "noise",
        _NOISE,
        is_noisy,
    ),
    _Diagnosis(
        "short",
        "{The} is still at its {lowest} when the sweep ends, so the best rate may lie beyond and the suggestion be too low: "
        "sweep on to higher rates.",
        ends_early,
    ),
    _Diagnosis(
        "short",
        "{The} was already {falling} when the sweep began, so the usable band may reach lower than it shows: begin ten "
        "times lower.",
        starts_late,
    ),
    _Diagnosis(
        "good",
        _GOOD,
        lambda _: True,
    ),
)
