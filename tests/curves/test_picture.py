"""The picture of a curve and the card around it: what they show, and that they stand in any notebook."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tb_lrfinder import Curve, numerals, suggest
from tb_lrfinder.curves.axes import Axis
from tb_lrfinder.curves.curve import monitored
from tb_lrfinder.curves.picture import draw
from tests.support.results import CURVE, result_of
from tests.support.traces import TRIALS, synthetic_curve

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in parsed(picture).iter(f"{SVG}text")]


def line_of(picture: str) -> np.ndarray:
    """The places of the smooth line: columns across and down."""
    (points,) = re.findall(r'<path d="M([^"]*)" stroke="#12b5cb" stroke-width="2"', picture)
    return np.array([[float(number) for number in point.split(",")] for point in points.split(" ")])


def circle_of(picture: str) -> tuple[float, float]:
    (circle,) = parsed(picture).iter(f"{SVG}circle")
    return float(circle.attrib["cx"]), float(circle.attrib["cy"])


@pytest.mark.parametrize(
    ("axis", "wanted", "labels"),
    [
        (Axis(1e-7, 10, 1, is_log=True), 10, "1e-7 1e-6 1e-5 0.0001 0.001 0.01 0.1 1 10"),
        (Axis(1e-7, 10, 1, is_log=True), 4, "1e-5 0.01 10"),
        (Axis(1e-3, 0.1, 1, is_log=True), 6, "0.001 0.003 0.01 0.03 0.1"),
        (Axis(0.0101, 0.0102, 1, is_log=True), 4, "0.01010 0.01015 0.01020"),
        (Axis(0, 2.5, 1), 5, "0.0 0.5 1.0 1.5 2.0 2.5"),
        (Axis(-3e-9, 3e-9, 1), 3, "-2e-9 0 2e-9"),
        (Axis(1e7, 3e7, 1), 2, "1e7 2e7 3e7"),
    ],
)
def test_ticks_are_round_and_few(axis, wanted, labels):
    assert [text for _, text in axis.ticks(wanted)] == labels.split()


def test_a_log_axis_puts_equal_ratios_equally_far_apart():
    places = Axis(1e-4, 1, 400, is_log=True).places(np.array([1e-4, 1e-2, 1.0]))
    assert places == pytest.approx([0, 200, 400])


def test_ticks_stand_at_the_decades_and_axes_say_what_they_show():
    found = texts(draw(CURVE))
    assert found[:9] == ["1e-7", "1e-6", "1e-5", "0.0001", "0.001", "0.01", "0.1", "1", "10"]
    assert found[-2:] == ["learning rate (log)", "loss"]


def test_the_dot_lies_on_the_line_at_the_suggested_rate():
    suggestion = suggest(CURVE)
    assert suggestion.learning_rate is not None
    picture = draw(CURVE, suggestion.learning_rate, suggestion.band)
    line, (left, top) = line_of(picture), circle_of(picture)
    length = line[:, 0].max()
    assert left == pytest.approx(length * (math.log10(suggestion.learning_rate) + 7) / 8, rel=1e-3)
    assert top == pytest.approx(np.interp(left, line[:, 0], line[:, 1]), abs=0.2)
    assert numerals.rate(suggestion.learning_rate) in texts(picture)
    (band,) = [element for element in parsed(picture).iter(f"{SVG}rect") if element.get("fill") == "#12b5cb"]
    assert float(band.attrib["x"]) < left < float(band.attrib["x"]) + float(band.attrib["width"])


def named_edge(picture: str) -> ElementTree.Element:
    (name,) = [element for element in parsed(picture).iter(f"{SVG}text") if (element.text or "").startswith("edge ")]
    return name


def test_the_blow_up_edge_is_a_named_line():
    picture = draw(CURVE, 1e-3, edge=0.1)
    name, left = named_edge(picture), line_of(picture)[:, 0].max() * 6 / 8
    assert f'd="M{left:.1f},0v' in picture
    assert (name.text, name.get("text-anchor"), name.get("y")) == ("edge 0.1", "end", "12")
    assert float(name.attrib["x"]) < left
    # Between it and the suggested rate, and at the left end, there is no room.
    assert named_edge(draw(CURVE, 0.03, edge=0.1)).get("text-anchor") == "start"
    assert named_edge(draw(CURVE, edge=2e-7)).get("text-anchor") == "start"
    # An accuracy is high where a loss is low.
    accuracy = Curve(CURVE.learning_rates, -CURVE.losses, "accuracy", "max")
    assert float(named_edge(draw(accuracy, edge=0.1)).attrib["y"]) > 200


@pytest.mark.parametrize("edge", [1e-9, 50.0])
def test_an_edge_beyond_the_rates_is_told_and_not_drawn(edge):
    picture = draw(CURVE, edge=edge)
    assert "stroke-dasharray" not in picture
    assert not any(text.startswith("edge") for text in texts(picture))
    assert f"Blow-up edge: {numerals.rate(edge)}." in picture


def test_the_line_has_no_lag():
    """A valley that is the same from both sides is lowest in its middle."""
    rates = np.geomspace(1e-4, 1, 401)
    line = line_of(draw(Curve(rates, np.log10(rates / 1e-2) ** 2)))
    lowest = line[line[:, 1] == line[:, 1].max(), 0]
    assert lowest.mean() == pytest.approx(line[:, 0].max() / 2, abs=2)


def test_the_blow_up_leaves_the_picture():
    line = line_of(draw(Curve(CURVE.learning_rates, np.where(CURVE.losses > 5, 1e30, CURVE.losses))))
    assert line[:250, 1].max() <= 222  # the valley is inside
    assert line[-1, 1] < 0


def test_an_accuracy_rises_under_its_own_name():
    columns = {"learning_rate": CURVE.learning_rates, "val_accuracy": 1 / (1 + CURVE.losses)}
    curve = Curve(*monitored(columns, "val_accuracy"), "val_accuracy", "max")
    picture = result_of(curve)._repr_html_()
    assert ">val_accuracy</text>" in picture
    line = line_of(draw(curve))
    assert line[len(line) * 3 // 5, 1] < line[0, 1]  # higher up
    assert min(float(text) for text in texts(draw(curve))[9:-2]) > 0


def test_the_axis_of_a_linear_sweep_is_linear():
    rates = np.linspace(1e-7, 10, 300).astype(np.float32)
    found = texts(draw(Curve(rates, (rates - 1) ** 2)))
    assert "learning rate" in found
    # The curve leaves the picture early, and the axis ends there.
    assert "10" not in found


def test_a_linear_sweep_may_diverge_at_once():
    rates = np.linspace(1e-7, 100, 100_000)
    picture = draw(Curve(rates, np.where(rates < 0.05, 1 - rates, 1e30)))
    parsed(picture)
    assert "inf" not in picture


@pytest.mark.parametrize("spacing", [np.geomspace, np.linspace])
def test_a_hundred_thousand_points_fit_and_keep_their_extremes(spacing):
    rates = spacing(1e-7, 10, 100_000)
    losses = np.sin(np.arange(100_000))
    losses[50_000] = 1.5
    picture = draw(Curve(rates, losses))
    assert len(picture) < 30_000
    raw = re.search(r'<path d="M([^"]*)" stroke="#12b5cb" stroke-opacity="0.25"', picture)
    assert raw is not None
    tops = [float(point.split(",")[1]) for point in raw[1].split(" ")]
    assert sorted(tops)[0] < sorted(tops)[1] - 20


def test_a_curve_with_too_few_points_has_points_alone():
    picture = draw(Curve([0.1, 0.2, 0.3], [1.0, 2.0, math.nan]))
    assert picture.count("h0") == 2
    assert 'stroke-width="2"' not in picture


@pytest.mark.parametrize("losses", [[], [math.nan, math.inf]])
def test_a_curve_with_nothing_to_draw_has_no_picture(losses):
    curve = Curve(np.arange(1, len(losses) + 1), losses)
    assert draw(curve) == ""
    shown = result_of(curve)._repr_html_()
    assert "<svg" not in shown
    assert "Only 0 points" in shown


numbers = st.floats(allow_nan=True, allow_infinity=True)


@example([(1.0, 1.1125369292536007e-308)])
@given(st.lists(st.tuples(st.floats(1e-300, 1e300), numbers), max_size=40))
def test_any_curve_can_be_drawn(points):
    rates, losses = [rate for rate, _ in points], [loss for _, loss in points]
    curve = Curve(np.sort(rates), losses)
    suggestion = suggest(curve)
    picture = draw(curve, suggestion.learning_rate, suggestion.band, suggestion.edge)
    assert len(picture) < 30_000
    if picture:
        parsed(picture)
        assert not re.search(r"\b(nan|inf)\b", picture)


def test_names_are_escaped():
    curve = Curve(CURVE.learning_rates, CURVE.losses, "<script>alert(1)</script>\"'")
    shown = result_of(curve, log_dir="<script>")._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    parsed(draw(curve))


def test_it_takes_the_colours_of_the_text_around_and_holds_no_ids():
    shown = result_of(CURVE, trials=TRIALS)._repr_html_()
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', shown)) == {"none", "currentColor", "#12b5cb", "#e8710a"}
    assert not re.search(r"\bid=|url\(|<style", shown)


def test_it_can_be_heard():
    suggestion = suggest(CURVE)
    picture = parsed(draw(CURVE, suggestion.learning_rate, suggestion.band, suggestion.edge))
    assert (picture.get("role"), picture.get("aria-label")) == ("img", "loss against learning rate")
    assert picture.findtext(f"{SVG}title") == "loss against learning rate"
    assert picture.findtext(f"{SVG}desc", "").startswith("300 learning rates from 1e-7 to 10. Suggested rate: 0.0")
    assert suggestion.edge is not None
    assert picture.findtext(f"{SVG}desc", "").endswith(f"Blow-up edge: {numerals.rate(suggestion.edge)}.")


def test_the_card_says_what_the_text_says():
    result = result_of(CURVE, trials=TRIALS)
    shown = result._repr_html_()
    for name, text in result.facts():
        assert f">{name}</th>" in shown
        assert f">{text}</td>" in shown
    assert result.title in shown
    assert len(shown) < 30_000


def test_a_suggestion_alone_shows_its_facts():
    noisy = suggest(synthetic_curve(300, noise=2.0))
    shown = noisy._repr_html_()
    assert [name for name, _ in noisy.facts()] == re.findall(r">([^<>]+)</th>", shown)
    assert noisy.confidence is not None
    assert noisy.confidence.doubt in shown
    none = suggest(Curve([0.1], [1.0]))
    assert none.facts()[0] == ("Suggested learning rate", "none  (auto)")
    assert none.reason in none._repr_html_()
