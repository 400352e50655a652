"""A model is complete before its state is taken."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder
from tb_lrfinder.training.snapshot import build
from tests.support.models import classification_data

X, Y = classification_data()


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.words, self.dense = keras.layers.Embedding(9, 3), keras.layers.Dense(4, activation="softmax")

    def call(self, x):
        return self.dense(keras.ops.concatenate([x["numbers"], self.words(x["word"])], axis=1))


def sequential_without_input():
    return keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(4, activation="softmax")]), X


def subclassed_of_a_dictionary():
    return Subclassed(), {"numbers": X, "word": np.arange(len(X)) % 9}


@pytest.mark.parametrize("make", [sequential_without_input, subclassed_of_a_dictionary])
def test_a_model_is_built_where_keras_has_not_done_it_yet(make):
    def histories(*fits: list[keras.callbacks.Callback]) -> list[list[float]]:
        keras.utils.set_random_seed(3)
        model, x = make()
        model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
        return [
            model.fit(x, Y, epochs=2, shuffle=False, verbose=0, callbacks=callbacks).history["loss"]
            for callbacks in fits
        ]

    finder = LRFinder(None, num_steps=8, verbose=0)
    assert histories([finder], [])[1] == histories([])[0]
    assert len(finder.curve) == 8


def test_a_model_that_cannot_be_built_says_what_to_do():
    model = keras.Sequential([keras.layers.Dense(4)])
    model.compile("sgd", loss="mse")
    batch_spec = keras.KerasTensor((), "float32"), keras.KerasTensor((None, 4), "float32")
    with pytest.raises(ValueError, match=r"could not be built for .* Build it before `fit`: give it a `keras.Input`"):
        build(model, batch_spec)
