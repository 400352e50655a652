"""The situations that a range test can end in: what each shows, what it means for the suggestion, and one piece of advice.

Everything that is said about a test beside how a rate was found comes from here, so that no two texts contradict each other:
the sentence of the shape, the doubt of the confidence, the advice, the guide of the tab. Advice stands in `advice` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tb_lrfinder import numerals
from tb_lrfinder.choices import EndingKind, ShapeName
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.edge import is_at_edge, is_close_to_edge, is_near_edge
from tb_lrfinder.curves.shape import (
    Finding,
    breaks_behind_idle,
    breaks_first,
    breaks_late,
    ends_early,
    ends_low,
    falls_again,
    has_two_valleys,
    is_faint,
    is_near_noise,
    is_noisy,
    is_sparse,
    is_unfinished,
    lacks_kind,
    lacks_optimizer,
    never_falls,
    only_rises,
    starts_late,
    stays_low,
)
from tb_lrfinder.curves.trials import Reading
from tb_lrfinder.curves.wording import Words


@dataclass(frozen=True)
class Situation:
    """A situation of a test; its sentences are templates of `tell`, empty where there is nothing to say.

    Attributes:
        applies: Whether a curve is in it.
        shape: What such a curve is called; None where that is too early to say.
        looks: What the curve shows.
        doubt: What that means for the suggestion.
        advice: What to do.
        ended: The kinds of ending it is for; empty for any.
        grades: By how many words it makes a suggestion less sure, of `"sure"`, `"likely"`, `"doubtful"`: measured in
            benchmarks/recommendation. That is for what a curve shows; how it ended adds to that.
    """

    applies: Callable[[Finding], bool]
    shape: ShapeName | None
    looks: str
    doubt: str = ""
    advice: str = ""
    ended: tuple[EndingKind, ...] = ()
    grades: int = 0

    def holds(self, finding: Finding) -> bool:
        return (not self.ended or finding.ended in self.ended) and self.applies(finding)


@dataclass(frozen=True)
class ShapeKind:
    """A kind of shape, as the guide explains it.

    Attributes:
        name: The name of the shape.
        label: The same for people.
        sentence: How such a curve of a loss looks, what that means and, where that is the same for all, what to do.
    """

    name: ShapeName
    label: str
    sentence: str


_MORE_DATA = "Pass more data, or more epochs to fit."
_TO_ITS_END = "Run the test to its end."
_ENDS_EARLY = "The curve ends before {the} {rises}."
_BEYOND = "The best rate may lie beyond the end of the curve."
_STAYS = "{The} stays about where it started."
_HIGHER = "Sweep to higher rates: raise end_lr."
_COMPARE = "Compare rates by short trainings (range_test or RangeTest, confirm=5)."
_COMPARE_NOISY = "Compare rates by short trainings (range_test or RangeTest, confirm=5), or take larger batches."
_CHECK_MODEL = "If the model is new, check labels, loss and model, and try another seed."
_FEW_STEPS = "The sweep crosses many rates in few steps."
_LATE_MINIMUM = "With few steps at each rate, the curve reaches its minimum late."

_SHORT = Situation(
    ends_low,
    "short",
    "{The} is still at its {lowest} when the sweep ends.",
    _BEYOND,
    _HIGHER,
    ended=("complete",),
    grades=1,
)
_LATE = Situation(
    starts_late,
    "late",
    "{The} was already {falling} when the sweep began.",
    "The usable band may reach lower than it shows.",
    "Begin ten times lower: lower start_lr.",
    grades=1,
)
_TWICE = Situation(
    falls_again,
    "twice",
    "{The} {falls} twice, first far below the rates of the second fall: perhaps only because of the scale of the targets.",
)
_TRAINED = Situation(
    only_rises,
    "trained",
    "{The} only {rises}.",
    "The model may already be trained, or cannot learn from these data.",
    "Fine-tune well below the rates that do harm; if the model is new, check labels, loss and model.",
)
_BROKE = Situation(
    breaks_first,
    "broke",
    "Training breaks before any rate makes {the} {fall}.",
    "All that a suggestion can do is keep its distance from there.",
    "Scale inputs and targets, then sweep again from a lower start_lr.",
)
_FLAT = Situation(
    never_falls, "flat", _STAYS, "There is nothing that a suggestion could go by.", _CHECK_MODEL
)  # fmt: skip
_NOISE = Situation(
    is_noisy,
    "noise",
    "{The} {falls} by little more than it scatters from step to step.",
    "Noise hides the minimum, and the suggestion may be several times off.",
    _COMPARE_NOISY,
    grades=2,
)
_TURNS = "{The} {falls}, turns and {rises} again: the sweep shows all that a suggestion needs."
# What lies above a rate counts whoever chose it, a method or short trainings.
_EDGES = (
    Situation(
        is_at_edge,
        "good",
        _TURNS,
        "Training would break at this rate.",
        "Take a lower rate, clip gradients, or warm up.",
        grades=1,
    ),
    Situation(
        is_close_to_edge,
        "good",
        _TURNS,
        "Training would break at {times} times this rate.",
        "Keep to this rate or below, clip gradients, or warm up.",
        grades=1,
    ),
    Situation(is_near_edge, "good", _TURNS, "Training would break at {times} times this rate.", grades=1),
)
_GOOD = Situation(lambda _: True, "good", _TURNS)

# Of several, the first that holds is told; the first that has a doubt says what speaks against a suggestion, and what to do.
SITUATIONS = (
    Situation(
        is_unfinished, None, "", "The test is still running, and the suggestion may move.", ended=("running",), grades=1
    ),
    Situation(is_unfinished, "short", _ENDS_EARLY, _BEYOND, _MORE_DATA, ended=("data_ran_out",), grades=1),
    Situation(is_unfinished, "short", _ENDS_EARLY, _BEYOND, _TO_ITS_END, ended=("cut",), grades=1),
    Situation(
        breaks_late,
        "flat",
        "{The} stays about where it started, until the highest rates break training.",
        "The model does not learn, or is trained already: all that a suggestion can do is keep its distance from there.",
        _CHECK_MODEL,
    ),
    _TRAINED,
    replace(_TRAINED, applies=breaks_behind_idle, looks="{The} never {falls}, and {rises} by little more than it wanders."),
    _BROKE,
    Situation(stays_low, "flat", _STAYS, _BEYOND, _HIGHER),
    _FLAT,
    _NOISE,
    Situation(
        ends_early,
        "good",
        "{The} {falls} until training breaks.",
        "Training breaks without warning: {the} does not {rise} first.",
        "Halve the rate or clip gradients if training breaks.",
        ended=("broke",),
    ),
    _SHORT,
    replace(_SHORT, applies=ends_early, doubt="", advice="", grades=0),
    _LATE,
    Situation(
        has_two_valleys,
        "twice",
        "{The} {falls} into one valley, {rises}, and {falls} into another.",
        "Which valley suits a long training is not clear.",
        _COMPARE,
        grades=1,
    ),
    _TWICE,
    Situation(
        is_sparse,
        "good",
        _FEW_STEPS,
        _LATE_MINIMUM,
        "Pass more data, or more epochs to fit, and raise num_steps.",
        ended=("data_ran_out",),
        grades=1,
    ),
    Situation(
        is_sparse,
        "good",
        _FEW_STEPS,
        _LATE_MINIMUM,
        "Raise num_steps.",
        ended=("complete", "broke", "cut"),
        grades=1,
    ),
    Situation(is_sparse, "good", _FEW_STEPS, _LATE_MINIMUM, ended=("running",), grades=1),
    Situation(
        is_faint,
        "good",
        _TURNS,
        "The {fall} is not far above the noise, and the minimum may be off.",
        _COMPARE_NOISY,
        grades=1,
    ),
    *_EDGES,
    Situation(
        lacks_optimizer,
        "good",
        _TURNS,
        "How far below the valley the rate belongs depends on the optimizer, which is not known.",
        'Name the optimizer, as in optimizer="Adam" or "SGD, momentum 0.9".',
    ),
    Situation(
        lacks_kind,
        "good",
        _TURNS,
        "How far below the valley the rate belongs was not measured with this optimizer.",
        _COMPARE,
        grades=1,
    ),
    _GOOD,
)  # fmt: skip

_LABELS = {
    "Good": _GOOD,
    "Too short": _SHORT,
    "Starts too high": _LATE,
    "Falls twice": _TWICE,
    "Only rises": _TRAINED,
    "Breaks at first": _BROKE,
    "Never falls": _FLAT,
    "Noise": _NOISE,
}
_OF_A_LOSS = Words(LOSS, "min")


@dataclass(frozen=True)
class Story:
    """What is said of a curve.

    Attributes:
        told: The situation that is told.
        doubted: The first one that speaks against a suggestion; the one that is told where none does.
        doubts: How much speaks against it; where the loss never fell, nothing can make it better.
    """

    told: Situation
    doubted: Situation
    doubts: int


def story_of(finding: Finding) -> Story:
    holding = (one for one in SITUATIONS if one.holds(finding))
    if not finding.analysis.fell:
        # Those behind it read a fall.
        told = next(holding)
        return Story(told, told, 2)
    held = list(holding)
    return Story(held[0], next((one for one in held if one.doubt), held[0]), sum(one.grades for one in held))


def edge_advice(finding: Finding) -> str:
    """What to do because the blow-up edge is close, whoever chose the rate; empty where it is not."""
    return next((tell(finding, one.advice) for one in _EDGES if one.holds(finding)), "")


def tell(finding: Finding, sentence: str) -> str:
    """A sentence of a situation, in the words and with the numbers of a finding."""
    ratio = finding.edge_ratio
    times = "" if ratio is None else numerals.number(ratio, 2)
    return Words(finding.curve.monitor, finding.curve.mode)(sentence, times=times)


def doubts_of_trials(finding: Finding, reading: Reading) -> list[tuple[str, str]]:
    """What speaks against a rate that short trainings have told, and what to do about it."""
    beyond = f"The {reading.at_end} of the rates that were tried did best: a better one may lie beyond it."
    noise = "Noise may hide how the short trainings differ."
    return [
        *([(beyond, "Try more rates, as with confirm=9.")] if reading.at_end else []),
        *([(noise, "Make the short trainings longer: raise confirm_steps.")] if is_near_noise(finding) else []),
    ]


def advice_for_few(curve: Curve) -> str:
    """What to do where a curve cannot be analysed (`problem_of`)."""
    if curve.ended == "broke" and curve.num_finite == 0:
        # The first loss is that of the untouched model.
        return "Look for NaN in inputs, targets and weights."
    if curve.ended == "broke":
        return "Look for NaN in the data; if there is none, lower start_lr."
    if curve.ended == "complete" and len(curve) and curve.learning_rates[0] == curve.learning_rates[-1]:
        return "Sweep over more than one rate."
    if curve.ended == "complete" and curve.monitor.startswith("val_"):
        return "Validate more often: lower validation_freq, or raise num_steps."
    return _FOR_FEW[curve.ended]


_FOR_FEW: dict[EndingKind, str] = {
    "complete": "Raise num_steps.",
    "data_ran_out": _MORE_DATA,
    "cut": _TO_ITS_END,
    "running": "",
}


def _explained(label: str, situation: Situation) -> ShapeKind:
    assert situation.shape is not None
    # Where the remedy depends on how the test ended, only the test itself can tell it.
    is_shared = len({one.advice for one in SITUATIONS if one.shape == situation.shape}) == 1
    sentences = (situation.looks, situation.doubt, situation.advice if is_shared else "")
    return ShapeKind(situation.shape, label, " ".join(_OF_A_LOSS(one) for one in sentences if one))


SHAPES = tuple(_explained(label, situation) for label, situation in _LABELS.items())
