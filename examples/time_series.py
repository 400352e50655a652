"""A sweep epoch by epoch on a time series: Keras' own scheduler drives the rate, `LRRecorder` makes it a range test.

    python -m examples.time_series

The LR Finder tab shows the recorded training as loss against learning rate, per step or per epoch, with the rate to take;
`tb_lrfinder suggest logs/time_series` prints it, per step. In code, Keras' history has one rate and one loss per epoch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np

from tb_lrfinder import Curve, LRRecorder, suggest

WINDOW, DAYS, TRAINING_DAYS = 20, 4 * 365 + 1, 1000
SMALL = {"sweep_epochs": 30, "epochs": 20}


def make_series() -> np.ndarray:
    """Four years of days: a trend, a season and noise."""
    days = np.arange(DAYS)
    season = days % 365 / 365
    pattern = np.where(season < 0.4, np.cos(2 * np.pi * season), np.exp(-3 * season))
    return 10 + 0.09 * days + 20 * pattern + 5 * np.random.RandomState(42).randn(DAYS)


def build_model(learning_rate: float) -> keras.Model:
    keras.utils.set_random_seed(0)
    hidden = [keras.layers.Dense(10, activation="relu"), keras.layers.Dense(10, activation="relu")]
    model = keras.Sequential([keras.Input((WINDOW,)), *hidden, keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(learning_rate, momentum=0.9), loss="mse", metrics=["mae"])
    return model


def main(log_dir: str | Path, sweep_epochs: int = 100, epochs: int = 50) -> dict[str, float]:
    """Sweeps, then trains anew at the suggested rate; returns that rate and mean absolute errors of forecasts."""
    windows = np.lib.stride_tricks.sliding_window_view(make_series(), WINDOW + 1)
    x, y = windows[:, :-1], windows[:, -1]  # twenty days, and the day after
    x_test, y_test = x[TRAINING_DAYS - WINDOW :], y[TRAINING_DAYS - WINDOW :]
    x, y = x[: TRAINING_DAYS - WINDOW], y[: TRAINING_DAYS - WINDOW]

    sweep = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-8 * 10 ** (5 * epoch / sweep_epochs))
    recorder = LRRecorder(Path(log_dir) / "sweep")
    history = build_model(1e-8).fit(x, y, epochs=sweep_epochs, verbose=0, callbacks=[sweep, recorder]).history
    updates = len(x) // 32  # of an epoch, in batches of fit's own size
    losses = history["learning_rate"], history["loss"]
    suggestion = suggest(Curve(*losses, optimizer="SGD, momentum 0.9", updates_per_point=updates))
    if suggestion.learning_rate is None:
        raise SystemExit(suggestion.reason)

    def forecast_error(learning_rate: float) -> float:
        model = build_model(learning_rate)
        model.fit(x, y, epochs=epochs, verbose=0)
        return model.evaluate(x_test, y_test, verbose=0, return_dict=True)["mae"]

    return {
        "suggested_rate": suggestion.learning_rate,
        "mae": forecast_error(suggestion.learning_rate),
        "mae_at_3e-6": forecast_error(3e-6),
        "mae_of_the_day_before": float(np.abs(y_test - x_test[:, -1]).mean()),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A sweep by epochs on a time series, recorded by LRRecorder.")
    parser.add_argument("--log-dir", default="logs/time_series")
    parser.add_argument("--small", action="store_true", help="few epochs, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, **(SMALL if arguments.small else {})))
