"""The words for what a header may not hold."""

from __future__ import annotations

import pytest

from tb_lrfinder.storage import schema


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
