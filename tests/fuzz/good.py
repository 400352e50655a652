"""The good runs that lie beside whatever is tried, as files and as what is served of them alone."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from tests.support.traces import (
    TRIALS,
    plateaus,
    synthetic_curve,
    training_steps,
    write_probed,
    write_trace,
    write_training,
)

SWEEP, TRAINING, SWEPT, PROBED = "good/sweep", "good/training", "good/swept", "good/probed"


@functools.cache
def good_files() -> dict[str, bytes]:
    """The content of each file by its path below the log directory."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        sweep = write_trace(root / SWEEP, synthetic_curve(60), flush_every=25, trials=TRIALS)
        write_training(root / TRAINING, plateaus(), driver="ReduceLROnPlateau")
        swept = synthetic_curve(60)
        write_training(root / SWEPT, training_steps(swept.learning_rates, swept.losses))
        write_probed(root / PROBED, (0, 300), range_test=sweep)
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*tfevents*")}


def write_files(log_dir: Path, files: dict[str, bytes]) -> None:
    """Writes files by their paths below the directory."""
    for name, content in files.items():
        path = log_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
