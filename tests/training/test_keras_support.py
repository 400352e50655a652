"""What a stranger is told whose Keras, model or data are not what we work with."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, LRRecorder, plan, range_test
from tests.support.models import build_model, classification_data

X, Y = classification_data()


def uncompiled() -> keras.Model:
    return keras.Sequential([keras.Input((12,)), keras.layers.Dense(4)])


@pytest.mark.parametrize("version", ["3.6.0", "3.0.5", "2.15.0"])
@pytest.mark.parametrize(
    "use",
    [
        LRFinder,
        LRRecorder,
        lambda log_dir: range_test(build_model(), X, Y, log_dir=log_dir),
        lambda log_dir: plan(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9), 10, log_dir),
    ],
    ids=["LRFinder", "LRRecorder", "range_test", "plan"],
)
def test_too_old_a_keras_is_refused_and_nothing_is_written(tmp_path, monkeypatch, use, version):
    monkeypatch.setattr(keras, "__version__", version)
    with pytest.raises(ImportError) as caught:
        use(tmp_path / "logs")
    assert str(caught.value) == (
        f"tb_lrfinder needs Keras 3.7 or newer: `pip install --upgrade keras`. Received: keras {version}."
    )
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("version", ["3.7.0", "3.15.1", "4.0.0.dev2026"])
def test_a_keras_of_the_range_is_taken(tmp_path, monkeypatch, version):
    monkeypatch.setattr(keras, "__version__", version)
    assert LRFinder(tmp_path).num_steps is None


@pytest.mark.parametrize(
    ("model", "data", "error", "message"),
    [
        (
            uncompiled, (X, Y), ValueError,
            "`model` must be compiled: call `model.compile(optimizer=..., loss=...)` first. Received: a model without an "
            "optimizer.",
        ),
        (build_model, (), ValueError, "`x` must be the data to train on, as `fit` takes them. Received: x=None."),
        (
            build_model, (X[:0], Y[:0]), ValueError,
            "`x` must be the data to train on, as `fit` takes them. Received: x of shape (0, 12).",
        ),
        (lambda: None, (X, Y), TypeError, "`model` must be a model of Keras 3 (`import keras`). Received: a NoneType."),
    ],
    ids=["uncompiled", "no_data", "empty_data", "no_model"],
)  # fmt: skip
def test_a_range_test_without_what_it_needs_says_what_that_is(tmp_path, model, data, error, message):
    with pytest.raises(error) as caught:
        range_test(model(), *data, log_dir=tmp_path / "logs")
    assert str(caught.value) == message
    assert not (tmp_path / "logs").exists()


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch is tried where it is installed for Keras")
def test_a_module_of_pytorch_is_told_where_to_go(tmp_path):
    import torch

    with pytest.raises(TypeError) as caught:
        range_test(torch.nn.Linear(3, 1), X, Y, log_dir=tmp_path)  # pyright: ignore[reportArgumentType]
    assert str(caught.value) == (
        "`model` must be a model of Keras 3 (`import keras`). Received: a torch.nn.modules.linear.Linear. Write the test of "
        "a loop of your own with tb_lrfinder.TraceWriter."
    )


LEGACY = "tf_keras is Keras 2: build the model with `keras`, and leave the variable TF_USE_LEGACY_KERAS unset."


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf_keras is TensorFlow's")
@pytest.mark.filterwarnings("ignore")
class TestKeras2:
    @pytest.fixture(scope="class")
    def model(self):
        import tf_keras

        model = tf_keras.Sequential([tf_keras.layers.Dense(4, input_shape=(12,))])
        model.compile("adam", "mse")
        return model

    @pytest.mark.parametrize("callback", [LRFinder, LRRecorder])
    def test_a_callback_in_its_fit_says_so(self, tmp_path, model, callback):
        with pytest.raises(TypeError) as caught:
            model.fit(X, np.zeros((len(X), 4)), verbose=0, callbacks=[callback(tmp_path / "logs")])
        assert str(caught.value) == f"{callback.__name__} must be in the `fit` of a Keras 3 model. {LEGACY}"
        assert not (tmp_path / "logs").exists()

    def test_a_range_test_of_its_model_says_so(self, tmp_path, model):
        with pytest.raises(TypeError) as caught:
            range_test(model, X, Y, log_dir=tmp_path / "logs")
        assert str(caught.value) == (
            "`model` must be a model of Keras 3 (`import keras`). Received: a tf_keras.src.engine.sequential.Sequential. "
            f"{LEGACY}"
        )
        assert not (tmp_path / "logs").exists()
