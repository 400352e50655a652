"""A range test on two logical CPUs of one process; a script of `test_distribution.py`.

Prints what it saw as one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)

import keras  # noqa: E402
import numpy as np  # noqa: E402

from tb_lrfinder import LRFinder, LRRecorder  # noqa: E402
from tests.support.models import build_model, classification_data, state_of  # noqa: E402
from tests.support.recorded import recorded  # noqa: E402
from tests.support.witness import Witness  # noqa: E402


def replicas_of(model: keras.Model) -> list[np.ndarray]:
    """Every copy that a replica holds, of every variable."""
    found = []
    for variable in [*model.variables, *model.optimizer.variables]:
        copies = getattr(variable.value, "values", (variable.value,))
        found += [np.array(copy) for copy in copies]
    return found


def main(log_dir: str, kind: str) -> None:
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    x, y = classification_data()
    fit = {"x": x[:224], "y": y[:224], "batch_size": 32, "shuffle": False, "verbose": 0, "epochs": 3}

    def build() -> keras.Model:
        with strategy.scope():
            rate = keras.optimizers.schedules.ExponentialDecay(0.01, 5, 0.5) if kind == "schedule" else 0.01
            model = build_model(keras.optimizers.Adam(rate))
        model.fit(**{**fit, "epochs": 1})
        return model

    tested, untouched = build(), build()
    before = replicas_of(tested)
    finder = LRFinder(log_dir, start_lr=1e-3, end_lr=0.1, divergence_factor=None, verbose=0)
    tested.fit(**fit, callbacks=[finder])
    restored = all(np.array_equal(one, other) for one, other in zip(replicas_of(tested), before, strict=True))
    witness = Witness(finder.curve.learning_rates.tolist() if kind == "number" else None)
    tested.fit(**fit, callbacks=[witness])
    untouched.fit(**fit, callbacks=[Witness(witness.rates)])
    same = all(np.array_equal(one, other) for one, other in zip(state_of(tested), state_of(untouched), strict=True))
    first_step = int(np.asarray(tested.optimizer.iterations))
    tested.fit(**fit, callbacks=[LRRecorder(f"{log_dir}_training")])
    _, (recorded_rows,) = recorded(Path(f"{log_dir}_training"))
    rate = tested.optimizer._learning_rate
    last = (witness.rates or [0.0])[-1]  # a number stays what the witness set last
    used = [float(rate(first_step + i)) if kind == "schedule" else last for i in range(21)]
    print(
        json.dumps(
            {
                "recorded_steps": (recorded_rows["step"] - first_step).tolist(),
                "recorded_rates": recorded_rows["learning_rate"].tolist(),
                "used_rates": used,
                "replicas": strategy.num_replicas_in_sync,
                "restored": restored,
                "next_fit_is_the_same": same,
                "rates": finder.curve.learning_rates.tolist(),
                "losses": finder.curve.losses.tolist(),
                "expected": witness.losses,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
