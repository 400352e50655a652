"""`range_test_grid`: which settings go where, fresh models from one seed, nothing left behind."""

from __future__ import annotations

import gc
import random
import signal
import weakref
from pathlib import Path

import keras
import numpy as np
import pytest

from tb_lrfinder import range_test, range_test_grid
from tests.support.models import BATCH_SIZE, NUM_CLASSES, NUM_FEATURES, classification_data
from tests.support.recorded import recorded

DATA = classification_data()


def make_model(width=8, optimizer="sgd"):
    model = keras.Sequential([keras.Input((NUM_FEATURES,)), keras.layers.Dense(width), keras.layers.Dense(NUM_CLASSES)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer, loss=loss)
    return model


def quiet(grid, log_dir, make=make_model, data=DATA, **options):
    return range_test_grid(make, grid, data, log_dir, **{"num_steps": 30, "verbose": 0, **options})


def test_each_setting_goes_to_whoever_takes_it(tmp_path):
    made, given = [], []

    def make(width):
        made.append(width)
        return make_model(width)

    def data(batch_size, width):
        given.append((batch_size, width))
        return DATA

    grid = quiet({"batch_size": [16, 64], "width": [4, 8]}, tmp_path, make, data)
    assert made == [4, 8, 4, 8]
    assert given == [(16, 4), (16, 8), (64, 4), (64, 8)]
    headers = [recorded(Path(row.log_dir))[0][0].header for row in grid.rows]
    assert [header and (header.batch_size, header.parameters) for header in headers] == [
        (size, width * (NUM_FEATURES + 1) + (width + 1) * NUM_CLASSES) for size in (16, 64) for width in (4, 8)
    ]


def test_settings_are_recorded_beside_those_of_the_person(tmp_path):
    grid = quiet(
        {"width": [4], "optimizer": ["sgd"]}, tmp_path, hparams={"data": "toy"}, note="A first look", tags=["a"]
    )
    (row,) = grid.rows
    header = recorded(Path(row.log_dir))[0][0].header
    assert header is not None
    assert header.hparams == {"data": "toy", "width": 4, "optimizer": "sgd"}
    assert (header.note, header.tags) == ("A first look", ("a",))
    # Words make no test anew.
    assert quiet({"width": [4], "optimizer": ["sgd"]}, tmp_path, note="A second look").rows[0].was_there


def test_a_function_of_any_settings_gets_all_of_them(tmp_path):
    seen = []

    def make(**settings):
        seen.append(settings)
        return make_model()

    quiet([{"batch_size": 16, "deep": True}], tmp_path, make)
    assert seen == [{"batch_size": 16, "deep": True}]


def test_the_optimizer_is_what_the_model_is_compiled_with(tmp_path):
    grid = quiet({"optimizer": ["sgd", "adam"]}, tmp_path)
    assert [row.error for row in grid.rows] == [None, None]
    headers = [recorded(Path(row.log_dir))[0][0].header for row in grid.rows]
    assert [header and header.optimizer for header in headers] == ["SGD", "Adam"]


def test_settings_of_the_test_itself_are_given_to_it(tmp_path):
    grid = range_test_grid(make_model, {"num_steps": [20, 40]}, DATA, tmp_path, verbose=0, end_lr=0.1)
    assert [row.result and row.result.num_steps for row in grid.rows] == [20, 40]


def test_models_and_the_order_of_batches_start_from_the_seed_and_the_outside_is_as_before(tmp_path):
    def curves(folder, seed):
        tested = quiet(
            {"which": [1, 2]}, tmp_path / folder, lambda which: make_model(), seed=seed, batch_size=BATCH_SIZE
        )
        return [row.result.curve.losses for row in tested.rows if row.result is not None]

    random.seed(3)
    np.random.seed(3)
    before = random.getstate(), repr(np.random.get_state())
    first, second = curves("seeded", 0)
    np.testing.assert_array_equal(first, second)
    assert (random.getstate(), repr(np.random.get_state())) == before
    assert curves("other", 1)[0][0] != first[0]


def test_the_result_is_that_of_range_test(tmp_path):
    model = make_model()
    weights = model.get_weights()

    def make(batch_size):
        again = make_model()
        again.set_weights(weights)
        return again

    (row,) = quiet({"batch_size": [BATCH_SIZE]}, tmp_path, make, shuffle=False).rows
    single = range_test(model, *DATA, num_steps=30, batch_size=BATCH_SIZE, shuffle=False, verbose=0)
    assert row.result is not None
    np.testing.assert_array_equal(row.result.curve.losses, single.curve.losses)
    assert row.result.suggestion == single.suggestion


def test_a_second_call_reads_back_and_trains_nothing(tmp_path):
    made = []

    def make(width):
        made.append(width)
        return make_model(width)

    first = quiet({"width": [4, 8]}, tmp_path, make)
    second = quiet({"width": [4, 8, 16]}, tmp_path, make)
    assert made == [4, 8, 16]
    assert [row.was_there for row in second.rows] == [True, True, False]
    assert [repr(row.result) for row in second.rows[:2]] == [repr(row.result) for row in first.rows]
    assert [row.result and row.result.hparams for row in second.rows] == [{"width": width} for width in (4, 8, 16)]
    # What is left out is the default, which is an option like any other.
    quiet({"width": [4]}, tmp_path, make, end_lr=10.0)
    assert made == [4, 8, 16]
    quiet({"width": [4]}, tmp_path, make, end_lr=1.0)
    assert made == [4, 8, 16, 4]


class PressesCtrlC(keras.utils.PyDataset):
    """In the middle of the first test."""

    pressed = False

    def __len__(self):
        return 8

    def __getitem__(self, index):
        if index == 5 and not PressesCtrlC.pressed:
            PressesCtrlC.pressed = True
            signal.raise_signal(signal.SIGINT)
        x, y = DATA
        return x[index * 8 : index * 8 + 8], y[index * 8 : index * 8 + 8]


def test_ctrl_c_in_a_fit_ends_the_grid_and_the_same_call_goes_on(tmp_path, capsys):
    PressesCtrlC.pressed = False
    with pytest.raises(KeyboardInterrupt):
        quiet({"width": [4, 8]}, tmp_path, data=PressesCtrlC(), verbose=1)
    assert (
        capsys.readouterr().out.splitlines()[-1] == "Stopped: 0 of 2 are done. The same call goes on with the others."
    )
    assert [trace.status for trace in recorded(tmp_path)[0]] == ["interrupted"]
    grid = quiet({"width": [4, 8]}, tmp_path, data=PressesCtrlC())
    assert [row.error for row in grid.rows] == [None, None]
    assert [trace.status for trace in recorded(tmp_path)[0]] == ["finished"] * 2


def test_a_model_that_cannot_be_made_is_reported_and_the_others_go_on(tmp_path):
    made = []

    def make(width):
        made.append(width)
        if width == 8:
            raise MemoryError("too wide")
        return make_model(width)

    grid = quiet({"width": [4, 8, 16]}, tmp_path, make)
    assert made == [4, 8, 8, 16]
    assert [row.error for row in grid.rows] == [None, "MemoryError: too wide", None]


def test_a_model_that_is_not_compiled_is_not_tried_again(tmp_path):
    made = []

    def make(width):
        made.append(width)
        return keras.Sequential([keras.Input((NUM_FEATURES,)), keras.layers.Dense(width)])

    grid = quiet({"width": [4]}, tmp_path, make)
    assert made == [4]
    assert "compile" in (grid.rows[0].error or "")


def test_no_model_outlives_its_test_nor_what_was_compiled_of_it(tmp_path):
    alive, graphs = [], []

    def make(width):
        # Those before are gone when the next one is made.
        assert [model() for model in alive] == [None] * len(alive)
        graphs.append(sum(type(one).__name__ == "FuncGraph" for one in gc.get_objects()))
        model = make_model(width)
        alive.append(weakref.ref(model))
        return model

    grid = quiet({"width": [4, 8, 12, 16]}, tmp_path, make)
    assert [row.error for row in grid.rows] == [None] * 4
    assert [model() for model in alive] == [None] * 4
    assert graphs == graphs[:1] * 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"grid": {}}, "`grid` must have a setting at least"),
        (
            {"grid": {"depth": [1]}},
            "A setting of `grid` must be an argument of `make_model` or `range_test`. Received: depth.",
        ),
        ({"grid": {"depth": [1]}, "data": lambda width=1: DATA}, "of `make_model` or `data` or `range_test`"),
        ({"make": lambda depth: None}, "`make_model` must need nothing but settings of the grid"),
        ({"make": None}, "`make_model` must be a function"),
        ({"data": (1, 2, 3)}, "`data` must be (x, y), a dataset"),
        ({"data": iter([])}, "give a function that makes a generator"),
        ({"data": None}, "`data` must be there for every model"),
        ({"grid": {"batch_size": [16]}, "batch_size": 32}, "must not be an option, too. Received: batch_size as both."),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_trained(tmp_path, options, words):
    with pytest.raises(ValueError) as refused:
        quiet(**{"grid": {"width": [4]}, "log_dir": tmp_path, **options})
    assert words in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["set_learning_rate", "x", "steps"])
def test_options_that_the_test_does_not_have_are_refused(tmp_path, name):
    with pytest.raises(TypeError, match=f"Received: {name}."):
        quiet({"width": [4]}, tmp_path, **{name: 1})
