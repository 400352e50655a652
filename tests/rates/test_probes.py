"""What the probes of a training say, in sentences: only what is worth saying, and never two things at once."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder.rates.loss_around import LossAround
from tb_lrfinder.rates.probes import FAR, NEAR, ProbePoint, sentences

NO_FALL = "No rate made the loss fall: there is none to suggest."
ROSE, FELL = LossAround(1.0, 2.0, 0.1), LossAround(2.0, 1.0, 0.1)


def probes(*ratios: float, **facts: Any) -> list[ProbePoint]:
    """Probes every 1,000 steps from 0, at so many times the suggestion of 0.01."""
    given = {"suggestion": 0.01, **facts}
    return [ProbePoint(step=1_000 * place, learning_rate=ratio * 0.01, **given) for place, ratio in enumerate(ratios)]


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ((1, 1, 1 / 8, 1 / 8), "From step 2,000 on the rate lies 8 times below the suggestion."),
        ((1 / 8, 1 / 8, 1, 1), "Up to step 1,000 the rate lay 8 times below the suggestion."),
        ((1, 8, 8, 1), "From step 1,000 to step 2,000 the rate lay 8 times above the suggestion."),
        ((4, 8), "From step 0 on the rate lies 4 to 8 times above the suggestion."),
        ((0, 0.1, 1), "Up to step 1,000 the rate lay 10 times below the suggestion."),
    ],
)
def test_a_stretch_far_from_the_suggestion_is_told_with_its_factor(ratios, expected):
    assert sentences(probes(*ratios)) == [expected]


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ((1, 2.9, 0.4, 1, 1, 1), "The rate stayed within 3 times of the suggestion at all 6 probes."),
        ((1,), "The rate stayed within 3 times of the suggestion at the one probe."),
        ((1, 8, 1), "The rate stayed within 3 times of the suggestion at 2 of 3 probes."),
        ((0, 1, 1), "The rate stayed within 3 times of the suggestion at 2 of 3 probes."),
        ((8, 0.1), "At all 2 probes the rate lay more than 3 times off the suggestion."),
        ((8,), "At step 0 the rate lay 8 times above the suggestion."),
        ((0,), "At step 0 the rate lay below the suggestion."),
    ],
)
def test_where_nothing_else_is_worth_saying_one_sentence_says_so(ratios, expected):
    assert sentences(probes(*ratios)) == [expected]


def test_only_the_two_longest_stretches_are_told_in_their_order():
    told = sentences(probes(9, 9, 1, 0.1, 0.1, 0.1, 1, 8, 8, 8, 8))
    assert told == [
        "From step 3,000 to step 5,000 the rate lay 10 times below the suggestion.",
        "From step 7,000 on the rate lies 8 times above the suggestion.",
    ]


@pytest.mark.parametrize(
    ("edges", "loss", "expected"),
    [
        ((0.05, 0.014), ROSE, "At step 1,000 the schedule came within 1.4 of the edge; the loss rose."),
        ((0.05, 0.014), FELL, "At step 1,000 the schedule came within 1.4 of the edge."),
        ((0.05, 0.0102), None, "At step 1,000 the schedule reached the edge."),
        ((0.05, 0.005), ROSE, "At step 1,000 the rate was 2 times above the edge; the loss rose."),
        ((0.018, 0.05, 0.014), ROSE,
         "At 2 of 3 probes the schedule came within 2 of the edge, at step 2,000 within 1.4; the loss rose there."),
        ((0.018, 0.05, 0.01), None, "At 2 of 3 probes the schedule came within 2 of the edge and reached it at step 2,000."),
        ((0.018, 0.0025, 0.005), ROSE,
         "At 2 of 3 probes the rate was above the edge, at step 1,000 4 times; the loss rose there."),
    ],
)  # fmt: skip
def test_the_nearest_place_to_the_edge_is_told_and_what_the_loss_did_there(edges, loss, expected):
    points = [
        ProbePoint(step=1_000 * place, learning_rate=0.01, suggestion=0.01, edge=edge, loss=loss)
        for place, edge in enumerate(edges)
    ]
    assert sentences(points) == [expected]


def test_places_are_epochs_where_every_probe_was_made_at_the_end_of_one():
    whole = [ProbePoint(step=400 * place, epoch=2.0 * place, learning_rate=1.0, suggestion=8.0) for place in (1, 2)]
    assert sentences(whole) == ["From epoch 2 on the rate lies 8 times below the suggestion."]
    for epoch in (None, 2.5, math.pi * 1e15):
        between = ProbePoint(step=900, epoch=epoch, learning_rate=1.0, suggestion=8.0)
        assert sentences([*whole, between]) == ["From step 400 on the rate lies 8 times below the suggestion."]


def test_doubtful_suggestions_do_not_count_unless_all_are():
    doubtful = probes(8, 8, edge=0.05, confidence="doubtful")
    sure = [ProbePoint(step=step, learning_rate=0.01, suggestion=0.012, confidence="sure") for step in (7_000, 8_000)]
    assert sentences(doubtful + sure) == [
        "At 2 of 4 probes the rate was above the edge, at step 0 1.6 times.",
    ]
    near = probes(8, 8, edge=0.112, confidence="doubtful")
    assert sentences(near + sure) == [
        "The rate stayed within 3 times of the suggestion at all 2 probes whose suggestion is not doubtful."
    ]
    assert sentences(near) == [
        "At all 2 probes the schedule came within 2 of the edge, at step 0 within 1.4.",
        "From step 0 on the rate lies 8 times above the doubtful suggestion.",
    ]


@pytest.mark.parametrize(
    ("suggestions", "expected"),
    [
        ((0.001, 0.003, 0.02), "The suggested rate rose from 0.001 to 0.02 between step 0 and step 2,000."),
        ((0.003, 0.02, 0.001), "The suggested rate fell from 0.02 to 0.001 between step 1,000 and step 2,000."),
        ((0.001, 0.003, 0.002), None),
    ],
)
def test_a_suggestion_that_moved_is_told(suggestions, expected):
    points = [
        ProbePoint(step=1_000 * place, learning_rate=one, suggestion=one) for place, one in enumerate(suggestions)
    ]
    assert sentences(points)[1:] == ([expected] if expected else [])


def test_probes_without_a_suggestion_are_counted_with_the_commonest_reason():
    found, nothing = probes(1, 1, 1, 1, 1), [ProbePoint(step=9_000, learning_rate=0.01, reason=NO_FALL)]
    steady = "The rate stayed within 3 times of the suggestion at all 5 probes with a suggestion."
    assert sentences(found + 3 * nothing) == [
        steady,
        "At 3 of 8 probes nothing could be suggested: no rate made the loss fall.",
    ]
    other = ProbePoint(step=9_500, learning_rate=0.01, reason="Only 4 points: at least 10 are needed.")
    assert sentences([*found, *2 * nothing, other])[1] == (
        "At 3 of 8 probes nothing could be suggested: at 2 of them no rate made the loss fall."
    )
    assert sentences(nothing) == ["At the one probe nothing could be suggested: no rate made the loss fall."]


def test_probes_that_were_left_out_are_counted():
    points = [ProbePoint(step=step, learning_rate=1.0, suggestion=1.0, left_out=step) for step in range(3)]
    assert sentences(points)[1:] == ["3 probes were left out to keep within the share of time they may take."]
    assert sentences(points[:2])[1:] == ["1 probe was left out to keep within the share of time they may take."]


def test_without_probes_nothing_is_said():
    assert sentences([]) == []


def test_at_most_four_sentences_are_told_the_edge_first_and_the_cost_last():
    points = [
        ProbePoint(step=step, learning_rate=0.01, suggestion=one, edge=0.012, left_out=1, reason=NO_FALL)
        for step, one in enumerate((0.001, 0.001, 0.01, 0.1, 0.1, None))
    ]
    told = sentences(points)
    assert [words.split(" ")[0] for words in told] == ["At", "Up", "From", "The"]


# Whatever the probes are

_rates = st.floats(0, 1e300) | st.floats(1e-8, 10.0)
_some_rate = st.none() | st.floats(5e-324, 1e300) | st.floats(1e-8, 10.0)
_around = st.builds(LossAround, st.floats(-1e9, 1e9), st.floats(-1e9, 1e9) | st.just(math.inf), st.floats(0, 1e9))
_points = st.builds(
    ProbePoint,
    step=st.integers(0, 10) | st.integers(0, 2**53),
    learning_rate=_rates,
    epoch=st.none() | st.integers(0, 9).map(float) | st.floats(0, 1e308),
    suggestion=_some_rate,
    edge=_some_rate,
    confidence=st.sampled_from([None, "sure", "likely", "doubtful"]),
    reason=st.sampled_from([NO_FALL, "", "A.", "Only 4 points: at least 10 are needed."]),
    left_out=st.integers(0, 2**53),
    loss=st.none() | _around,
)


@given(st.lists(_points, max_size=12))
def test_whatever_the_probes_are_the_sentences_agree_with_them_and_with_each_other(points):
    told = sentences(points)
    text = " ".join(told)
    assert len(told) <= 4
    assert len(set(told)) == len(told)
    assert all(re.fullmatch(r"[A-Z0-9].*\.", words) for words in told)
    assert not re.search(r"nan|inf|None", text)
    ratios = [point.ratio for point in points if point.suggestion]
    if "stayed within" in text:
        assert " times below" not in text
        assert " times above" not in text
        assert " of the edge" not in text
    if "stayed within 3 times of the suggestion at all" in text and "whose" not in text:
        assert all(1 / FAR <= ratio <= FAR for ratio in ratios)
    if "came within" in text:
        assert all(point.closeness <= 1.05 for point in points if point.edge)
        assert any(point.closeness > 1 / NEAR for point in points if point.edge)
    if "the loss rose" in text:
        assert any(point.loss is not None and point.loss.rose for point in points)
    if points:
        assert told


def test_one_suggestion_that_is_not_doubtful_does_not_speak_for_all():
    rates = [0.02, 0.1, 0.004, 0.09]
    words = ["likely", *["doubtful"] * 3]
    found = sentences(
        [
            ProbePoint(step=100 * index, learning_rate=0.05, suggestion=rate, confidence=word)
            for index, (rate, word) in enumerate(zip(rates, words, strict=True))
        ]
    )
    # The doubtful ones move by noise alone: that is not told.
    assert found == ["The rate stayed within 3 times of the doubtful suggestion at 3 of 4 probes."]


def test_of_factors_that_lie_far_apart_the_smallest_is_told():
    found = sentences(
        [
            ProbePoint(step=step, learning_rate=rate, suggestion=0.01)
            for step, rate in ((0, 1e-6), (10, 0.001), (20, 0.002))
        ]
    )
    assert found == ["From step 0 on the rate lies at least 5 times below the suggestion."]
