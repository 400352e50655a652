"""What pages take for granted: data, a model and a training step, small enough to run in a second."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import load_digits


def digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return (images / 16).astype("float32"), labels.astype("int64")


def keras() -> dict[str, Any]:
    import keras

    keras.utils.set_random_seed(1)
    x, y = digits()
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10)])
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return {"keras": keras, "model": model, "x": x, "y": y}


def pytorch() -> dict[str, Any]:
    import torch

    torch.manual_seed(1)
    x, y = digits()
    data = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def train_step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True)
    return {"torch": torch, "model": model, "optimizer": optimizer, "train_step": train_step, "loader": loader}
