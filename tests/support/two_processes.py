"""One of two processes that train one model through Keras' distribution API; a script of `test_distribution.py`.

Prints what it saw as one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys

import jax

jax.config.update("jax_cpu_collectives_implementation", "gloo")

import keras  # noqa: E402
import numpy as np  # noqa: E402


def main(log_dir: str, address: str, process_id: int) -> None:
    keras.distribution.initialize(address, num_processes=2, process_id=process_id)
    devices = keras.distribution.list_devices()
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False))

    from tb_lrfinder import LRFinder, LRRecorder
    from tests.support.models import build_model, classification_data, state_of

    x, y = classification_data()
    fit = {"x": x[:224], "y": y[:224], "batch_size": 32, "shuffle": False, "verbose": 0}
    model = build_model("adam")
    model.fit(**fit)
    before = state_of(model)
    finder = LRFinder(log_dir, start_lr=1e-4, end_lr=1e4, num_steps=150, verbose=0)
    model.fit(**fit, epochs=30, callbacks=[finder])
    restored = all(np.array_equal(one, other) for one, other in zip(state_of(model), before, strict=True))
    model.fit(**fit, epochs=2, callbacks=[LRRecorder(f"{log_dir}_training")])
    print(
        json.dumps(
            {
                "process": jax.process_index(),
                "processes": jax.process_count(),
                "devices": len(devices),
                "restored": restored,
                "stop_text": finder.stop_text,
                "rates": finder.curve.learning_rates.tolist(),
                "losses": finder.curve.losses.tolist(),
                "files": sorted(os.listdir(log_dir)) if os.path.isdir(log_dir) else [],
                "recorded": sorted(os.listdir(f"{log_dir}_training")),
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
