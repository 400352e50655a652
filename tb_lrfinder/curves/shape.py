"""What a curve looks like, in a word and a sentence: whether a range test worked."""

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
    """What a curve looks like.

    Attributes:
        name: `"good"`: it fell and turned. `"short"`: one of its ends is missing. `"flat"`: it never fell, or shot up before
            it did. `"noise"`: it fell by little more than its noise.
        sentence: What that means for the suggestion, and what to do.
    """

    name: ShapeName
    sentence: str


@dataclass(frozen=True)
class _Look:
    """A way to look; of several, the first that applies counts."""

    name: ShapeName
    sentence: str
    applies: Callable[[Analysis], bool]


def shape_of(analysis: Analysis, words: Words) -> Shape:
    """The shape of a curve."""
    look = next(look for look in _LOOKS if look.applies(analysis))
    return Shape(look.name, words(look.sentence))


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


_LOOKS = (
    _Look(
        "flat",
        "Training broke before any rate made {the} {fall}, so the suggestion does no more than keep its distance from "
        "there: check how inputs and targets are scaled, and sweep again from lower rates.",
        lambda analysis: not analysis.fell and analysis.blew_up,
    ),
    _Look(
        "flat",
        "No rate of this sweep made {the} {fall}, so there is none to suggest: sweep up to higher rates, and if that "
        "changes nothing, check labels, loss and model.",
        lambda analysis: not analysis.fell,
    ),
    _Look(
        "noise",
        "{The} {falls} by little more than it scatters from step to step, so the suggestion may be several times off: "
        "average several sweeps, or take larger batches.",
        is_noisy,
    ),
    _Look(
        "short",
        "{The} is still at its {lowest} when the sweep ends, so the best rate may lie beyond and the suggestion be too low: "
        "sweep on to higher rates.",
        ends_early,
    ),
    _Look(
        "short",
        "{The} was already {falling} when the sweep began, so the usable band may reach lower than it shows: begin ten "
        "times lower.",
        starts_late,
    ),
    _Look(
        "good",
        "{The} {falls}, turns and {rises} again, so the sweep shows all that a suggestion needs: start with the suggested "
        "rate.",
        lambda _: True,
    ),
)
