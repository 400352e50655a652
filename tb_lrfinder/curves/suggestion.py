"""The learning rate to recommend for a curve, by several methods.

Every method reads the same `Analysis`. A curve that cannot be analysed is data, not an error: the suggestion then carries
`learning_rate=None` and says why.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments, numerals
from tb_lrfinder.choices import MonitorMode
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves import card, recommended
from tb_lrfinder.curves.advice import Story, advice_for_few, doubts_of_trials, edge_advice, story_of, tell
from tb_lrfinder.curves.analysis import Analysis, analyse, problem_of
from tb_lrfinder.curves.confidence import Confidence, confidence_of, confirmed_confidence
from tb_lrfinder.curves.curve import Curve, Numbers
from tb_lrfinder.curves.edge import distance, edge_of
from tb_lrfinder.curves.shape import Finding, Shape
from tb_lrfinder.curves.trials import Trial, read
from tb_lrfinder.curves.uses import Use, constant
from tb_lrfinder.curves.wording import USE_LABELS, Words

MethodName = Literal["auto", "minimum", "steepest", "valley", "slide", "blow_up"]
DEFAULT_METHOD: MethodName = "auto"

# Why there is no rate.
_NO_FALL = "No rate{so_far} made {the} {fall}: there is none to suggest."
# What a method without a rate leaves to do where the curve itself asks for nothing.
_OTHER_METHOD = f"Choose another method, such as {DEFAULT_METHOD}."


@dataclass(frozen=True)
class Suggestion:
    """The learning rate to use, read from a curve, and how far to trust it.

    Attributes:
        learning_rate: The recommended constant rate, or None when the curve gives none.
        lower: Lower end of the usable band: where the loss starts to fall. None with no band.
        upper: Upper end of the usable band: where the loss is lowest. None with no band.
        method: Name of the method that computed it.
        reason: One sentence that says how it was found, or why there is none.
        confidence: How far to trust it, and what speaks against it. None with no rate, and for all methods but the default.
        uses: The finding for each use, the constant rate first; empty with no rate. Only the default method knows others.
        shape: What the curve looks like. None for a curve that cannot be analysed, or while too little of it is there.
        advice: One sentence: what to do before relying on it. Empty where nothing is better, and once short trainings have
            chosen a rate far below the edge.
        edge: The blow-up edge, whatever the method: the lowest constant rate at which the same training would be expected to
            blow up or collapse. It may lie above the sweep's last rate or below the suggestion. None where the sweep shows
            none.
    """

    learning_rate: float | None
    lower: float | None
    upper: float | None
    method: MethodName
    reason: str
    confidence: Confidence | None = None
    uses: tuple[Use, ...] = ()
    shape: Shape | None = None
    advice: str = ""
    edge: float | None = None

    @property
    def edge_ratio(self) -> float | None:
        """How many times above `learning_rate` the edge lies; None without one of them."""
        return None if self.edge is None or self.learning_rate is None else self.edge / self.learning_rate

    @property
    def one_cycle_peak(self) -> float | None:
        """The highest rate of a 1cycle schedule, or None."""
        return next((use.learning_rate for use in self.uses if use.name == "one_cycle"), None)

    @property
    def cyclical_bounds(self) -> tuple[float, float] | None:
        """The lowest and the highest of cyclical learning rates, or None."""
        return next(((use.lower, use.learning_rate) for use in self.uses if use.lower is not None), None)

    @property
    def band(self) -> tuple[float, float] | None:
        """The usable band: `lower` and `upper`, or None."""
        return None if self.lower is None or self.upper is None else (self.lower, self.upper)

    def facts(self) -> list[tuple[str, str]]:
        """The suggestion as pairs of a heading and a text; how it was found comes last."""
        rate = "none" if self.learning_rate is None else numerals.rate(self.learning_rate)
        facts = [("Suggested learning rate", f"{rate}  ({self.method})")]
        if self.confidence is not None:
            facts.append(("Confidence", self.confidence.sentence))
        if self.advice:
            facts.append(("Advice", self.advice))
        if self.one_cycle_peak is not None:
            facts.append((USE_LABELS["one_cycle"], numerals.rate(self.one_cycle_peak)))
        if self.cyclical_bounds is not None:
            facts.append((USE_LABELS["cyclical"], _interval(self.cyclical_bounds)))
        if self.band is not None:
            facts.append(("Usable band", _interval(self.band)))
        if self.edge is not None:
            facts.append(("Blow-up edge", distance(self.edge, self.edge_ratio)))
        return [*facts, ("How", self.reason)]

    def _repr_html_(self) -> str:
        return card.table(self.facts())


@dataclass(frozen=True)
class Method:
    """A way to pick rates from an analysis; a menu shows its `label` and `description`.

    `pick` gives the uses it knows, the constant rate first; none when it finds none. The default method knows more than an
    analysis and is none of these functions (`recommended.pick`).
    """

    name: MethodName
    label: str
    description: str
    pick: Callable[[Analysis, Words], tuple[Use, ...]] | None


@overload
def suggest(
    curve: Curve,
    method: MethodName = ...,
    trials: Sequence[Trial] = ...,
    *,
    total_steps: int | None = ...,
) -> Suggestion: ...


@overload
def suggest(
    learning_rates: Numbers,
    losses: Numbers,
    method: MethodName = ...,
    *,
    optimizer: str | None = ...,
    monitor: str = ...,
    mode: MonitorMode = ...,
    total_steps: int | None = ...,
) -> Suggestion: ...


def suggest(*args: Any, **kwargs: Any) -> Suggestion:
    """Recommends a learning rate for the model whose range test gave a curve, or learning rates and losses.

    Called as `suggest(curve, method="auto", trials=(), *, total_steps=None)` or as `suggest(learning_rates, losses,
    method="auto", *, optimizer=None, monitor="loss", mode="auto", total_steps=None)`.

    Args:
        curve: The raw curve; it is smoothed here.
        learning_rates: As in `Curve`.
        losses: Raw losses, one for each rate: the `values` of a `Curve`.
        method: Name of one of `METHODS`, each of which describes itself there.
        trials: Short trainings that tried rates (`range_test(..., confirm=5)`). The default method then suggests the rate at
            which their smooth course is lowest.
        optimizer: As in `Curve`; the suggestion depends on it.
        monitor: As in `Curve`, where the losses are something else, such as an accuracy.
        mode: As in `Curve`.
        total_steps: Steps of the training that the rate is for, at least 1: the default method suggests a lower rate for a
            longer one. None stands for one of some hundred steps.

    Returns:
        A `Suggestion`; its rates lie within the curve's rates. Multiplying the losses by a positive constant, or adding one
        to them, does not change it.

    Raises:
        ValueError: If the method is not known, `total_steps` is no whole number of at least 1, or rates and losses are no
            curve.

    Example:
        >>> rates = np.geomspace(1e-6, 1.0, 200)
        >>> suggest(rates, np.abs(np.log10(rates) + 2), optimizer="Adam").learning_rate < 0.01
        True
    """
    first = args[0] if args else kwargs.get("curve")
    if isinstance(first, Curve):
        return _suggest_for_curve(*args, **kwargs)
    return _suggest_for_arrays(*args, **kwargs)


def _suggest_for_arrays(
    learning_rates: Any = None,
    losses: Any = None,
    method: MethodName = DEFAULT_METHOD,
    *,
    optimizer: str | None = None,
    monitor: str = LOSS,
    mode: MonitorMode = "auto",
    total_steps: int | None = None,
) -> Suggestion:
    if learning_rates is None or losses is None or isinstance(losses, str):
        received = f"learning_rates={arguments.shown(learning_rates)}, losses={arguments.shown(losses)}"
        raise ValueError(
            f"`suggest` takes a curve, or learning rates and the losses measured with them. Received: {received}."
        )
    curve = Curve(learning_rates, losses, monitor, mode, optimizer=optimizer)
    return _suggest_for_curve(curve, method, total_steps=total_steps)


def _suggest_for_curve(
    curve: Curve,
    method: MethodName = DEFAULT_METHOD,
    trials: Sequence[Trial] = (),
    *,
    total_steps: int | None = None,
) -> Suggestion:
    check_method(method)
    check_total_steps(total_steps)
    problem = problem_of(curve)
    if problem:
        return Suggestion(None, None, None, method, problem, advice=advice_for_few(curve))
    finding = Finding(curve, analyse(curve), needs_kind=method == DEFAULT_METHOD and not trials)
    words = Words(curve.monitor, curve.mode)
    uses = _pick(finding, method, words, total_steps)
    reading = read(trials, finding.analysis.start) if uses and method == DEFAULT_METHOD else None
    if reading is not None:
        uses = recommended.confirmed(reading, len(trials), total_steps)
    uses = tuple(_within(curve.learning_rates, use) for use in uses)
    edge = edge_of(finding, trials)
    if not uses:
        return replace(_without_rate(finding, method, words), edge=edge)
    rate, reason = uses[0].learning_rate, uses[0].reason
    finding = replace(finding, edge_ratio=None if edge is None else edge / rate)
    story = story_of(finding)
    found = replace(_described(finding, story, method), learning_rate=rate, reason=reason, uses=uses, edge=edge)
    if reading is not None:
        doubts = doubts_of_trials(finding, reading)
        confidence = confirmed_confidence([doubt for doubt, _ in doubts])
        return replace(found, confidence=confidence, advice=doubts[0][1] if doubts else edge_advice(finding))
    return replace(found, confidence=confidence_of(finding, story)) if method == DEFAULT_METHOD else found


def _described(finding: Finding, story: Story, method: MethodName) -> Suggestion:
    """What a curve says beside a rate and its reason."""
    analysis, situation = finding.analysis, story.told
    advice = tell(finding, story.doubted.advice) if story.doubts else ""
    lower, upper = analysis.band() if analysis.fell else (None, None)
    shape = Shape(situation.shape, tell(finding, situation.looks)) if situation.shape else None
    return Suggestion(None, lower, upper, method, "", shape=shape, advice=advice)


def _without_rate(finding: Finding, method: MethodName, words: Words) -> Suggestion:
    found = _described(finding, story_of(finding), method)
    if finding.analysis.fell or finding.rises:
        reason = "This method finds no rate on this curve."
        return replace(found, reason=reason, advice=found.advice or _OTHER_METHOD)
    return replace(found, reason=words(_NO_FALL, so_far="" if finding.ended in ("complete", "broke") else " so far"))


def _pick(finding: Finding, method: MethodName, words: Words, total_steps: int | None) -> tuple[Use, ...]:
    """The rates of a method; where the loss blew up before it fell, there is nothing that most methods could read."""
    if not (finding.analysis.fell or finding.rises):
        return ()
    pick = METHODS[method].pick
    if pick is None:
        return recommended.pick(finding, words, total_steps)
    return pick(finding.analysis, words) if finding.analysis.fell else _pick_blow_up(finding.analysis, words)


def _interval(rates: tuple[float, float]) -> str:
    return " to ".join(map(numerals.rate, rates))


def check_method(method: Any) -> MethodName:
    """The name of the method; raises `ValueError` unless it is known."""
    arguments.one_of(METHODS, method=method)
    return method


def check_total_steps(total_steps: Any) -> None:
    """Raises `ValueError` unless it is None or a whole number of at least 1."""
    if total_steps is not None:
        arguments.whole(1, total_steps=total_steps)


def _within(learning_rates: NDArray[np.float64], use: Use) -> Use:
    """The use with its rates moved into the sweep."""
    first, last = learning_rates[[0, -1]].tolist()
    lower = None if use.lower is None else min(max(use.lower, first), last)
    return replace(use, learning_rate=min(max(use.learning_rate, first), last), lower=lower)


def _pick_minimum(analysis: Analysis, words: Words) -> tuple[Use, ...]:
    """`x[argmin l] / 10`. Reference: fastai, `fastai/callback/schedule.py`."""
    lowest = float(analysis.learning_rates[analysis.lowest])
    sentence = "A tenth of {rate}, the rate at which {the} is {lowest}."
    return constant(lowest / 10, words(sentence, rate=numerals.rate(lowest)))


def _pick_steepest(analysis: Analysis, words: Words) -> tuple[Use, ...]:
    """`x[argmin dl / d(ln x)]` before the minimum. Reference: pytorch-lr-finder; ignite, `FastaiLRFinder`."""
    index = int(np.argmin(analysis.slopes()[analysis.falling]))
    return constant(float(analysis.learning_rates[index]), words("The rate at which {the} {falls} fastest."))


def _pick_valley(analysis: Analysis, words: Words) -> tuple[Use, ...]:
    """The middle of the longest strictly decreasing subsequence of the losses in the usable band.

    Reference: ESRI's method as in fastai. That takes the subsequence for contiguous; here its true first point is used, and
    the plateau before the fall, where noise decreases too, is left out.
    """
    rates = analysis.learning_rates[analysis.falling]
    rates, losses = (column[rates >= analysis.band()[0]] for column in (rates, analysis.losses[analysis.falling]))
    first, last = _longest_decrease(losses)
    start, middle, end = rates[[first, (first + last) // 2, last]].tolist()
    sentence = "The middle of the longest stretch over which {the} {falls}, from {start} to {end}."
    return constant(middle, words(sentence, start=numerals.rate(start), end=numerals.rate(end)))


def _longest_decrease(losses: NDArray[np.float64]) -> tuple[int, int]:
    """First and last index of the longest strictly decreasing subsequence, in O(n log n)."""
    tails: list[float] = []
    tail_starts: list[int] = []
    first = last = 0
    for index, value in enumerate((-losses).tolist()):
        length = bisect.bisect_left(tails, value)
        start = tail_starts[length - 1] if length else index
        if length == len(tails):
            tails.append(value)
            tail_starts.append(start)
            first, last = start, index
        else:
            tails[length] = value
            tail_starts[length] = start
    return first, last


def _pick_slide(analysis: Analysis, words: Words) -> tuple[Use, ...]:
    """From the right end leftwards while two slopes, 15 % of the sweep apart, differ: where they first agree.

    Slopes are taken by ln x and divided by the drop of the curve, so the threshold holds for any loss and any number of
    steps. fastai's 0.005 per step of its 100 steps over 8 decades is 0.027 per factor of e.
    Reference: fastai, `fastai/callback/schedule.py`.
    """
    apart = max(1, round(0.15 * analysis.losses.size))
    slopes = analysis.slopes() / analysis.drop
    differ = np.abs(slopes[apart:] - slopes[:-apart]) > 0.027
    agreeing = np.flatnonzero(~differ)
    index = int(agreeing[-1]) + 1 if agreeing.size else 0
    if index == differ.size:
        return ()
    reason = words("The rate before the final change of slope, seen from the right.")
    return constant(float(analysis.learning_rates[index]), reason)


def _pick_blow_up(analysis: Analysis, words: Words) -> tuple[Use, ...]:
    """A tenth of the rate at which the loss has blown up: the reading rule of many articles."""
    if not analysis.blew_up:
        return ()
    rate = analysis.blow_up_rate
    return constant(rate / 10, words("A tenth of {rate}, where {the} had shot up.", rate=numerals.rate(rate)))


METHODS: dict[MethodName, Method] = {
    method.name: method
    for method in (
        Method("auto", "Recommended", "Below the centre of the valley by what trainings were measured to need.", None),
        Method("minimum", "Minimum ÷ 10", "A tenth of the rate with the lowest loss.", _pick_minimum),
        Method("steepest", "Steepest", "The rate at which the loss falls fastest.", _pick_steepest),
        Method("valley", "Valley", "The middle of the longest stretch over which the loss falls.", _pick_valley),
        Method("slide", "Slide", "The rate before the final change of slope, seen from the right.", _pick_slide),
        Method("blow_up", "Blow-up ÷ 10", "A tenth of the rate at which the loss shoots up.", _pick_blow_up),
    )
}
