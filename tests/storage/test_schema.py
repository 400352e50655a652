"""What a trace may hold, and the words for what it may not."""

from __future__ import annotations

import logging

import pytest

from tb_lrfinder.storage import schema


def failure(error: Exception) -> Exception:
    """The error as it is caught, with its traceback."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


@pytest.fixture(autouse=True)
def nothing_logged(monkeypatch):
    monkeypatch.setattr(schema, "_LOGGED", set())


def test_an_unforeseen_error_becomes_words_and_is_logged_once_with_its_traceback(caplog):
    errors = [failure(KeyError("mode")) for _ in range(3)]
    words = {str(schema.unforeseen(error)) for error in errors}
    assert words == {"This trace cannot be read: KeyError: 'mode'."}
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("tb_lrfinder", logging.ERROR)
    assert record.exc_info is not None
    assert record.exc_info[1] is errors[0]


def test_another_kind_or_another_place_is_logged_too(caplog):
    for error in (failure(KeyError("a")), failure(IndexError("a"))):
        schema.unforeseen(error)
    try:
        raise KeyError("a")
    except KeyError as error:
        schema.unforeseen(error)
    assert len(caplog.records) == 3


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RecursionError(), "This trace cannot be read: RecursionError."),
        (ValueError("It ends with a full stop."), "This trace cannot be read: ValueError: It ends with a full stop."),
        (ValueError("x" * 10_000), f"This trace cannot be read: ValueError: {'x' * 300}."),
    ],
)
def test_the_words_for_an_unforeseen_error_are_one_sentence(error, words):
    assert str(schema.unforeseen(error)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "`optimizer` must be text or nothing. Received: optimizer=5."),
        (
            "\ud800",
            "`optimizer` must be text of at most 1000 characters, without control characters or halves of pairs or "
            "nothing. Received: optimizer='\\ud800'.",
        ),
    ],
)
def test_a_value_of_another_type_is_told_the_type_and_one_of_the_type_the_rules(value, words):
    with pytest.raises(ValueError) as refusal:
        schema.check_header(schema.Header(kind="range_test", started=1.0, optimizer=value))
    assert str(refusal.value) == words


@pytest.mark.parametrize("value", [10**5000, [[]], object()], ids=range(3))
def test_a_value_that_cannot_be_shown_is_refused_in_words(value):
    with pytest.raises(ValueError, match="^`num_steps` must be .* Received: num_steps=.{2,80}"):
        schema.check_header(schema.Header(kind="range_test", started=1.0, num_steps=value))
