"""A training, and all that it leaves behind: two of them must be alike to the last bit."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tb_lrfinder import LRRecorder
from tb_lrfinder.columns import TRAINING
from tests.support.models import BATCH_SIZE, assert_same_state, classification_data, state_of
from tests.support.recorded import recorded

X, Y = classification_data()
EPOCHS = 4
_TIMES = ("time", "wall_time")


class Counts(keras.callbacks.Callback):
    """What the fit tells of its batches; it takes them in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, float, float]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append((batch, float(logs["loss"]), float(logs["accuracy"])))


@dataclass
class Training:
    """A training, and all that it leaves behind.

    Attributes:
        state: Weights, statistics, seeds and the optimizer at its end.
        logs: What `fit` returned.
        draws: What the random generators give after it.
        batches: What was told of each batch.
        rows: What `LRRecorder` recorded, without times.
    """

    state: list[np.ndarray]
    logs: dict[str, list[float]]
    draws: np.ndarray
    batches: list[tuple[int, float, float]]
    rows: dict[str, np.ndarray] = field(default_factory=dict)


def train(
    model: keras.Model,
    log_dir: Path | None = None,
    *callbacks: keras.callbacks.Callback,
    data: Any = None,
    in_turn: bool = True,
    **options: Any,
) -> Training:
    counts = Counts()
    watching = [counts] if in_turn else []
    recorders = [] if log_dir is None else [LRRecorder(log_dir)]
    keras.utils.set_random_seed(3)
    arguments = {"epochs": EPOCHS, "shuffle": True, "verbose": 0, **options}
    if data is None:
        data, arguments = (X, Y), {"batch_size": BATCH_SIZE, **arguments}
    history = model.fit(*data, callbacks=[*recorders, *callbacks, *watching], **arguments)
    assert model.history is history
    draws = np.array([np.random.rand(), random.random()])
    rows = {}
    if log_dir is not None:
        found = zip(*recorded(log_dir), strict=True)
        ((trace, table),) = [one for one in found if one[0].header_or_default.kind == TRAINING]
        assert trace.header_or_default.status == "finished"
        rows = {name: values for name, values in table.items() if name not in _TIMES}
    return Training(state_of(model), history.history, draws, counts.seen, rows)


def assert_same_training(tested: Training, untouched: Training) -> None:
    assert tested.logs == untouched.logs
    assert tested.batches == untouched.batches
    assert_same_state(tested.state, untouched.state)
    np.testing.assert_array_equal(tested.draws, untouched.draws)
    assert tested.rows.keys() == untouched.rows.keys()
    for name, values in tested.rows.items():
        # TensorFlow rounds the rate of a schedule by how many are asked for at once, which the pace of the training decides.
        rtol = 1e-6 if name == "learning_rate" else 0.0
        np.testing.assert_allclose(values, untouched.rows[name], rtol=rtol, atol=0, err_msg=name)
