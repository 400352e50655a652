"""The words for a trace on which our code failed."""

from __future__ import annotations

import logging

import pytest

from tb_lrfinder.storage import errors
from tb_lrfinder.storage.errors import unforeseen


def failure(error: Exception) -> Exception:
    """The error as it is caught, with its traceback."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


@pytest.fixture(autouse=True)
def nothing_logged(monkeypatch):
    monkeypatch.setattr(errors, "_LOGGED", set())


def test_an_unforeseen_error_becomes_words_and_is_logged_once_with_its_traceback(caplog):
    caught = [failure(KeyError("mode")) for _ in range(3)]
    words = {str(unforeseen(error)) for error in caught}
    assert words == {"This trace cannot be read: KeyError: 'mode'."}
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("tb_lrfinder", logging.ERROR)
    assert record.exc_info is not None
    assert record.exc_info[1] is caught[0]


def test_another_kind_or_another_place_is_logged_too(caplog):
    for error in (failure(KeyError("a")), failure(IndexError("a"))):
        unforeseen(error)
    try:
        raise KeyError("a")
    except KeyError as error:
        unforeseen(error)
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
    assert str(unforeseen(error)) == words
