"""One story of each test: what its curve shows, what that means, and at most one piece of advice; no two texts disagree."""

import re
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder import Curve, suggest
from tb_lrfinder.choices import EndingKind, ShapeName
from tb_lrfinder.curves.advice import SHAPES, SITUATIONS
from tb_lrfinder.curves.analysis import analyse
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.shape import Finding
from tb_lrfinder.curves.suggestion import METHODS
from tb_lrfinder.curves.trials import Trial
from tests.support.situations import CLOSE_EDGE, COMPARE, HALVE, NAME_IT, TESTS
from tests.support.traces import TRIALS, synthetic_curve

# What `Stop` says of each reason for an end.
STOP_TEXTS = {
    "completed": "Swept to end_lr=10.",
    "diverged": "Stopped at step 200: the loss rose above 9.",
    "non_finite": "Stopped at step 200: the loss became NaN.",
    "data_ran_out": "The data ran out at step 5 of 20.",
    "stopped": "Stopped at step 3 of 8: another callback ended the fit.",
    "interrupted": "Interrupted after step 3: Ctrl-C.",
    "error": "Interrupted after step 3: ValueError: no.",
    "running": "Step 20 of 300.",
    "": "Written from recorded values.",
}
# Whatever tells somebody to do something names one of these.
REMEDIES = re.compile(
    r"start_lr|(?<!Swept to )end_lr|num_steps|validation_freq|range_test|repeats|confirm|[Pp]ass more|[Rr]un the test"
    r"|[Tt]ry more|trainings longer|Name the"
    r"|[Ss]cale inputs|[Cc]heck |[Ff]ine-tune|clip |[Ll]ook for|[Cc]hoose |lower rate|larger batches|higher rates:"
)
LOWER, TRY_MORE = "Take a lower rate, clip gradients, or warm up.", "Try more rates, as with confirm=9."
OF_A_RATE = {"", CLOSE_EDGE, LOWER, HALVE, NAME_IT, COMPARE, "Choose another method, such as auto."}
# No two of a pair may stand in one story.
EXCLUSIVE = [
    ("data ran out", "raise end_lr|^Raise num_steps|[Rr]un the test"),
    ("NaN|rose above", "raise end_lr|more epochs|[Rr]un the test|when the sweep ends|still at its"),
    ("points before the loss became NaN", "^Raise num_steps"),
    ("rises again", "still at its|ends before|only rises|started|never"),
    ("another callback|Interrupted", "raise end_lr|more epochs"),
    ("No rate", "loss falls|suggested rate|turns"),
    ("Step 20 of 300", "raise end_lr|^Raise|when the sweep ends|the test to"),
    ("Swept to", "while|breaks at once|running|more epochs|ends before"),
    ("(only|again) *rises", "falls"),
]


def texts_of(curve, suggestion):
    """All that is said beside the advice: none of it tells anybody what to do."""
    confidence, shape = suggestion.confidence, suggestion.shape
    return [
        STOP_TEXTS[curve.ending.reason],
        *([use.reason for use in suggestion.uses] or [suggestion.reason]),
        *([shape.sentence] if shape else []),
        *([confidence.doubt] if confidence else []),
    ]


def check_story(curve, suggestion):
    texts = texts_of(curve, suggestion)
    assert not [text for text in texts if REMEDIES.search(text)]
    assert suggestion.advice.count(". ") == 0
    assert suggestion.advice == "" or (suggestion.advice[0].isupper() and suggestion.advice.endswith("."))
    story = "\n".join([*texts, suggestion.advice])
    for one, other in EXCLUSIVE:
        assert not (re.search(one, story, re.M) and re.search(other, story, re.M)), (one, other, story)
    if suggestion.confidence is not None:
        assert (suggestion.confidence.word == "sure") == (suggestion.confidence.doubt == "")
        # Who takes a rate that short trainings have found may still have to mind the edge.
        assert suggestion.confidence.word != "sure" or suggestion.advice in ("", CLOSE_EDGE, LOWER)


@pytest.mark.parametrize("name", TESTS)
def test_each_situation_has_its_shape_and_its_advice(name):
    test = TESTS[name]
    for method in METHODS:
        suggestion = suggest(test.curve, method)
        assert (suggestion.shape and suggestion.shape.name) == test.shape
        # Whether a method finds a rate, and how far below the edge, is its own.
        is_of_the_rate = method != "auto" and {test.advice, suggestion.advice} <= OF_A_RATE
        assert suggestion.advice == test.advice or is_of_the_rate
        check_story(test.curve, suggestion)
    assert suggest(test.curve).advice == test.advice


def test_every_situation_is_tested():
    told = [suggest(test.curve, method) for test in TESTS.values() for method in METHODS]
    broken, good = Trial(1e-3, 12, np.inf, False), replace(TRIALS[0], learning_rate=2e-3)
    told.append(suggest(TESTS["good"].curve, trials=[broken, good, replace(good, learning_rate=6e-3, loss=0.5)]))
    sentences = {suggestion.shape.sentence for suggestion in told if suggestion.shape}
    templates = {situation.looks for situation in SITUATIONS if situation.looks}
    assert len(sentences) == len(templates)
    assert {one.advice for one in told} >= {situation.advice for situation in SITUATIONS}


@pytest.mark.parametrize("name", [name for name, test in TESTS.items() if test.shape])
def test_while_a_test_runs_nothing_is_advised_that_it_may_still_show(name):
    test = TESTS[name]
    for length in range(10, len(test.losses), 30):
        losses = test.losses[:length]
        curve = Curve(test.curve.learning_rates[:length], losses, ending=Ending("running", test.num_steps, test.end_lr))
        suggestion = suggest(curve)
        check_story(curve, suggestion)
        if suggestion.learning_rate is None:
            assert suggestion.advice == ""
            assert suggestion.reason == "No rate so far made the loss fall: there is none to suggest."


def test_a_running_test_that_has_not_turned_says_so():
    test = TESTS["ends at its lowest"]
    suggestion = suggest(replace_ending(test.curve, Ending("running", 300, 10.0)))
    assert suggestion.confidence is not None
    assert suggestion.confidence.doubt == "The test is still running, and the suggestion may move."
    assert suggestion.shape is None


def replace_ending(curve, ending):
    return Curve(curve.learning_rates, curve.losses, curve.monitor, curve.mode, ending, curve.optimizer)


@pytest.mark.parametrize(
    ("total_steps", "trials", "advice"),
    [
        (None, TRIALS, ""),
        (100, TRIALS, CLOSE_EDGE),
        (None, TRIALS[:4], TRY_MORE),
        (None, TRIALS[:3], TRY_MORE),
    ],
)
def test_short_trainings_that_found_a_rate_leave_little_to_do(total_steps, trials, advice):
    curve = TESTS["ends at its lowest"].curve
    confirmed = suggest(curve, trials=trials, total_steps=total_steps)
    assert confirmed.shape == suggest(curve).shape
    assert confirmed.advice == advice
    check_story(curve, confirmed)


def test_the_mean_of_sweeps_is_smoother_but_no_surer():
    curve = TESTS["not far above the noise"].curve
    averaged = Curve(curve.learning_rates, TESTS["good"].curve.losses, optimizer=curve.optimizer, repeats=500)
    alone = Curve(curve.learning_rates, TESTS["good"].curve.losses, optimizer=curve.optimizer)
    words = [found.confidence.word for one in (alone, averaged) if (found := suggest(one)).confidence]
    assert words == ["sure", "likely"]


def test_short_trainings_of_a_noisy_loss_are_to_be_longer():
    for name in ("noise", "not far above the noise"):
        confirmed = suggest(TESTS[name].curve, trials=TRIALS)
        assert confirmed.confidence is not None
        assert confirmed.confidence.word == "likely"
        assert confirmed.advice == "Make the short trainings longer: raise confirm_steps."
        check_story(TESTS[name].curve, confirmed)
    neither = suggest(TESTS["noise"].curve, trials=TRIALS[:4])
    assert neither.confidence is not None
    assert (neither.confidence.word, neither.advice) == ("doubtful", TRY_MORE)


@pytest.mark.parametrize("reason", ["stopped", "error", "data_ran_out"])
def test_a_sweep_that_had_all_its_steps_is_complete_whatever_ended_the_work_behind_it(reason):
    curve = TESTS["ends at its lowest"].curve
    assert suggest(replace_ending(curve, Ending(reason, 300, 0.1))) == suggest(curve)
    assert suggest(replace_ending(curve, Ending(reason, None, 0.1))) == suggest(curve)


def test_a_validation_value_is_measured_more_often():
    curve = Curve(np.geomspace(1e-7, 10, 5), np.ones(5), "val_loss", ending=Ending("completed", 50, 10.0))
    assert suggest(curve).advice == "Validate more often: lower validation_freq, or raise num_steps."


def test_one_rate_is_no_sweep():
    suggestion = suggest(Curve([0.1] * 20, np.arange(20.0)))
    assert suggestion.advice == "Sweep over more than one rate."


def test_the_guide_explains_each_shape_once():
    assert [shape.name for shape in SHAPES] == list(get_args(ShapeName))
    assert len({shape.label for shape in SHAPES}) == len(SHAPES)
    assert all("loss" in shape.sentence and shape.sentence.endswith(".") for shape in SHAPES)


@pytest.mark.parametrize(
    "name", ["good", "ends at its lowest", "starts late", "trained", "broke at first", "no rate", "noise"]
)
def test_the_guide_says_what_is_said_of_a_curve(name):
    suggestion = suggest(TESTS[name].curve)
    assert suggestion.shape is not None
    (guide,) = (shape.sentence for shape in SHAPES if shape.name == suggestion.shape.name)
    doubt = suggestion.confidence.doubt if suggestion.confidence else ""
    assert guide.startswith(suggestion.shape.sentence)
    assert doubt in guide
    remedies = {situation.advice for situation in SITUATIONS if situation.shape == suggestion.shape.name}
    assert guide.endswith(suggestion.advice) if len(remedies) == 1 else not REMEDIES.search(guide)


def test_the_words_fit_what_is_better_the_higher_it_is():
    curve = TESTS["starts late"].curve
    suggestion = suggest(Curve(curve.learning_rates, -curve.losses, "accuracy", "max"))
    assert suggestion.shape is not None
    assert suggestion.shape.sentence == "The `accuracy` was already rising when the sweep began."


@pytest.mark.parametrize("losses", [[], [2.0, 1.0], [1.0] * 5 + [np.nan] * 50])
def test_a_curve_that_is_too_short_has_no_shape(losses):
    assert suggest(Curve(np.geomspace(1e-6, 1.0, len(losses)), losses)).shape is None


@pytest.mark.parametrize("seed", range(20))
def test_a_sure_suggestion_comes_from_a_good_curve(seed):
    suggestion = suggest(synthetic_curve(seed=seed, noise=0.02 * (seed + 1)))
    assert suggestion.shape is not None
    if suggestion.confidence is not None and suggestion.confidence.word == "sure":
        assert suggestion.shape.name == "good"


def test_a_trained_model_is_given_a_rate_well_below_the_rise():
    suggestion = suggest(TESTS["trained"].curve)
    assert suggestion.learning_rate == pytest.approx(1e-4, rel=0.7)
    assert "10 times below" in suggestion.reason
    assert "where the loss begins to rise" in suggestion.reason
    assert [use.name for use in suggestion.uses] == ["constant", "one_cycle", "cyclical"]
    assert suggestion.confidence is not None
    assert suggestion.confidence.word == "doubtful"


@pytest.mark.parametrize("after", [1.0, 0.5])
def test_a_loss_that_comes_back_after_its_rise_still_rose_where_it_first_did(after):
    position = np.linspace(-7, 1, 300)
    losses = np.interp(position, [-7, -3, -2, -1, 0, 1], [1, 1, 40, 40, after, 1e3])
    losses += 0.02 * np.random.default_rng(0).standard_normal(300)
    rate = suggest(Curve(10**position, losses)).learning_rate
    assert rate is not None
    assert rate < 1e-3


_levels = st.floats(-2.0, 4.0)


@st.composite
def stories(draw):
    """Curves of a few straight lines, noise and drift, that end in any way that such a curve can."""
    size = draw(st.sampled_from([0, 3, 9, 10, 40, 120, 300]))
    corners = draw(st.lists(_levels, min_size=2, max_size=6))
    losses = np.interp(np.linspace(0, len(corners) - 1, size), np.arange(len(corners)), corners)
    random = np.random.default_rng(draw(st.integers(0, 99))).standard_normal(size)
    losses = losses + draw(st.sampled_from([0.0, 0.02, 0.5])) * random
    losses += draw(st.sampled_from([0.0, 0.0, 0.1])) * np.cumsum(random)
    first, last = draw(st.sampled_from([(1e-7, 10.0), (1e-3, 1e-1), (1e-2, 100.0)]))
    rates = np.geomspace(first, last, size)
    reason, is_known = draw(st.sampled_from(list(STOP_TEXTS))), draw(st.booleans())
    ahead = 1 if reason == "completed" else 2
    planned = (ahead * size, ahead * float(rates[-1])) if is_known and size else (None, None)
    ending = Ending(reason, *planned)
    if size and reason == "non_finite":
        losses[-1] = np.nan
    return Curve(rates, losses, ending=ending)


@given(stories(), st.sampled_from(list(METHODS)), st.booleans())
def test_no_story_contradicts_itself(curve, method, confirmed):
    check_story(curve, suggest(curve, method, TRIALS if confirmed else ()))


@given(stories())
def test_exactly_one_shape_is_told_and_any_ending_has_a_situation(curve):
    if suggest(curve).shape is None:
        return
    finding = Finding(curve, analyse(curve))
    if finding.analysis.fell:
        assert any(situation.holds(finding) for situation in SITUATIONS)


def test_every_reason_for_an_end_has_a_kind():
    kinds = {Ending(reason).kind(100, 0.1) for reason in STOP_TEXTS}
    assert kinds == set(get_args(EndingKind))
    assert replace(Ending("not_closed")).kind(100, 0.1) == "cut"
