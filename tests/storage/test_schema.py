"""The words for what a header may not hold."""

from __future__ import annotations

import pytest
from tensorboard.util import tensor_util

from tb_lrfinder.curves.trials import Trial
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


SETTINGS = {"width": 64, "dropout": 0.5, "augmented": True, "head": "linear"}


def test_settings_come_back_as_they_were_written_and_a_persons_go_before_what_was_found():
    header = schema.Header(
        kind="range_test",
        started=1.0,
        optimizer="Adam",
        batch_size=32,
        hyperparameters={"beta_1": 0.9, "width": 8},
        hparams=SETTINGS,
        tags=("baseline",),
    )
    tensor = tensor_util.make_ndarray(schema.encode_header("s", header).tensor)
    assert schema.decode_header(tensor) == header
    assert header.settings == {"optimizer": "Adam", "batch_size": 32, "beta_1": 0.9, **SETTINGS}


@pytest.mark.parametrize(
    ("hparams", "words"),
    [
        (
            {"a\n": 1},
            "`hparams` must be an object of at most 50 settings, with names of 1 to 100 printable characters.",
        ),
        ({str(index): 1 for index in range(51)}, "`hparams` must be an object of at most 50 settings"),
        ({"width": [64]}, r"`hparams\['width'\]` must be a number or text or true or false. Received: .*\[64\]."),
        ({"width": float("nan")}, r"`hparams\['width'\]` must be a number that is finite or text"),
        ({"width": "x" * 101}, r"`hparams\['width'\]` must be .*text .* of at most 100 characters"),
        ([1], "`hparams` must be an object. Received"),
    ],
)
def test_settings_that_are_no_columns_are_refused(hparams, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        schema.check_header(schema.Header(kind="range_test", started=1.0, hparams=hparams))


def test_the_longest_header_fits_its_limit():
    long, name = "\U0001f600" * 1000, "\U0001f600" * 98
    settings = {f"{name}{index:02d}": "\U0001f600" * 100 for index in range(50)}
    trials = tuple(
        Trial(learning_rate=0.123456789012345678, steps=2**53, loss=1 / 3, finished=False)
        for _ in range(schema.MAX_TRIALS)
    )
    header = schema.Header(
        kind="range_test",
        started=1.0,
        stop_text=long,
        optimizer=long,
        driver=long,
        model=long,
        precision=long,
        note=long,
        hyperparameters=settings,
        hparams=settings,
        tags=("\U0001f600" * 50,) * 20,
        trials=trials,
    )
    schema.check_header(header)
    tensor = tensor_util.make_ndarray(schema.encode_header("s", header).tensor)
    assert schema.decode_header(tensor) == header
