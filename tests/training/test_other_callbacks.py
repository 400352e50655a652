"""The other callbacks of the fit: refused, warned of, or found out."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder
from tests.support.models import assert_same_state, build_model, fit, state_of

WRITERS = {
    "LearningRateScheduler": keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
    "ReduceLROnPlateau": keras.callbacks.ReduceLROnPlateau(monitor="loss"),
    "LRFinder": LRFinder(None, verbose=0),
}


@pytest.mark.parametrize("name", WRITERS)
def test_refuses_another_callback_that_sets_the_rate_by_its_name(tmp_path, name):
    model = build_model()
    fit(model)
    before = state_of(model)
    with pytest.raises(ValueError) as caught:
        fit(model, LRFinder(tmp_path / "lr"), WRITERS[name])
    assert str(caught.value) == (
        f"LRFinder must be the only callback that sets the learning rate. Received: {name} in the same fit. "
        "Take it out, or call tb_lrfinder.range_test(model, x, y), which runs a fit of its own."
    )
    assert_same_state(state_of(model), before)
    assert not (tmp_path / "lr").exists()


def test_warns_of_callbacks_that_act_on_the_model(tmp_path):
    company = [
        keras.callbacks.EarlyStopping(monitor="loss", patience=50),
        keras.callbacks.ModelCheckpoint(tmp_path / "model.keras"),
    ]
    with pytest.warns(UserWarning, match="range test") as caught:
        fit(build_model(), LRFinder(tmp_path, verbose=0), *company)
    messages = [str(warning.message) for warning in caught if warning.category is UserWarning]
    assert messages == [
        "EarlyStopping, ModelCheckpoint will act on a model that the range test drives into divergence. Take it out of this "
        "fit, or call tb_lrfinder.range_test(model, x, y), which runs a fit of its own."
    ]


def test_harmless_company_is_welcome(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        fit(
            build_model(),
            LRFinder(tmp_path, verbose=0),
            keras.callbacks.CSVLogger(tmp_path / "log.csv"),
            keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: None),
        )


class SetsTheRate(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if batch == 3:
            self.model.optimizer.learning_rate = 0.5


def test_finds_out_a_callback_that_sets_the_rate_of_a_batch():
    model = build_model()
    fit(model)
    before = state_of(model)
    with pytest.raises(RuntimeError, match="Received: 0.5 where the test had set .*before each batch: SetsTheRate"):
        fit(model, LRFinder(None, verbose=0), SetsTheRate())
    assert_same_state(state_of(model), before)


def test_a_rate_set_before_ours_does_not_matter():
    finder = LRFinder(None, start_lr=1e-3, end_lr=0.1, verbose=0)
    fit(build_model(), SetsTheRate(), finder)
    np.testing.assert_allclose(finder.curve.learning_rates, np.geomspace(1e-3, 0.1, 8), rtol=1e-6)
