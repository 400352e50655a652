"""What other tools suggest, written out from their definitions: smoothing, stop rule and choice of each.

Every function takes rates and raw losses of a whole sweep, both of shape `[n]`, and gives a rate or None. Faults are kept:
they are what is measured. Sources: fastai 2.7 `callback/schedule.py`; pytorch-lr-finder 0.2 `lr_finder.py`; Lightning 2.6
`tuner/lr_finder.py`; ignite 0.5 `handlers/lr_finder.py`; ktrain 0.41 `lroptimize/lrfinder.py`; surmenok's keras_lr_finder.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Choice = Callable[[Array, Array], "float | None"]

KERAS_DEFAULTS = {
    "SGD": 0.01,
    "SGD momentum": 0.01,
    "Adam": 1e-3,
    "AdamW": 1e-3,
    "RMSprop": 1e-3,
    "Nadam": 1e-3,
    "Lion": 1e-3,
    "Muon": 1e-3,
}


def running_mean(losses: Array, batches_per_epoch: int) -> Array:
    """What Keras reports for each batch in place of its loss: the mean over the epoch so far."""
    epochs = [losses[start : start + batches_per_epoch] for start in range(0, losses.size, batches_per_epoch)]
    return np.concatenate([np.cumsum(one) / np.arange(1, one.size + 1) for one in epochs])


def _debiased(losses: Array, ahead: int = 0) -> Array:
    """The exponential average of fastai, Lightning and ktrain: weight 0.98, debiased; Lightning counts a step too many."""
    average, out = 0.0, []
    for count, loss in enumerate(losses.tolist(), start=1 + ahead):
        average = 0.98 * average + 0.02 * loss
        out.append(average / (1 - 0.98**count))
    return np.array(out)


def _lagging(losses: Array, smooth_f: float = 0.05) -> Array:
    """The exponential average of pytorch-lr-finder and ignite: it starts at the first loss."""
    out = [float(losses[0])]
    for loss in losses[1:].tolist():
        out.append(smooth_f * loss + (1 - smooth_f) * out[-1])
    return np.array(out)


def _stopped(losses: Array, factor: float) -> int:
    """The number of points up to and with the first that is above `factor` times the lowest so far, or not a number."""
    best = math.inf
    for index, loss in enumerate(losses.tolist()):
        if index and loss > factor * best:
            return index + 1
        best = min(best, loss)
    return losses.size


def _fastai(choose: Choice) -> Choice:
    def suggest(rates: Array, losses: Array) -> float | None:
        smoothed = _debiased(losses)
        count = _stopped(smoothed, 4.0)
        kept = slice(rates.size // 10, max(0, count - 5))
        rates, smoothed = rates[kept], smoothed[kept]
        broken = np.flatnonzero(np.isnan(smoothed))
        if broken.size:
            rates, smoothed = rates[: broken[0]], smoothed[: broken[0]]
        return choose(rates, smoothed) if rates.size > 1 else None

    return suggest


@_fastai
def fastai_minimum(rates: Array, losses: Array) -> float | None:
    return float(rates[np.argmin(losses)]) / 10


@_fastai
def fastai_steep(rates: Array, losses: Array) -> float | None:
    return float(rates[np.argmin(np.diff(losses) / np.diff(np.log(rates)))])


@_fastai
def fastai_valley(rates: Array, losses: Array) -> float | None:
    lengths = np.ones(losses.size, dtype=int)
    for index in range(1, losses.size):
        higher = losses[:index] > losses[index]
        if higher.any():
            lengths[index] = lengths[:index][higher].max() + 1
    end = int(np.argmax(lengths))
    # Taken for contiguous, which the subsequence is not.
    third = (lengths[end]) / 3
    return float(rates[end - lengths[end] + int(third) + int(third / 2)])


@_fastai
def fastai_slide(rates: Array, losses: Array) -> float | None:
    gradient, right, apart = np.gradient(losses), losses.size - 1, 15
    if losses.size <= apart + 1:
        return None
    found = right - apart
    while right - apart >= 0 and abs(gradient[right] - gradient[right - apart]) > 0.005:
        found, right = right - apart, right - 1
    return float(rates[found])


def torch_lr_finder(rates: Array, losses: Array) -> float | None:
    smoothed = _lagging(losses)
    kept = slice(10, max(0, _stopped(smoothed, 5.0) - 5))
    return _steepest_index(rates[kept], smoothed[kept])


def ignite(rates: Array, losses: Array) -> float | None:
    smoothed = _lagging(losses)
    smoothed = smoothed[: _stopped(smoothed, 5.0)]
    falling = smoothed[: int(np.argmin(smoothed)) + 1]
    if falling.size < 3:
        return None
    return float(rates[1 + np.argmin(falling[2:] - falling[:-2])])


def lightning(rates: Array, losses: Array) -> float | None:
    smoothed = _debiased(losses, ahead=1)
    kept = slice(10, max(0, _stopped(smoothed, 4.0) - 1))
    rates, smoothed = rates[kept], smoothed[kept]
    finite = np.isfinite(smoothed)
    if finite.sum() < 2:
        return None
    return float(rates[finite][np.argmin(np.gradient(smoothed[finite], rates[finite]))])


def ktrain_minimum(rates: Array, losses: Array) -> float | None:
    smoothed = _debiased(losses)
    return float(rates[np.argmin(smoothed[: _stopped(smoothed, 4.0)])]) / 5


def keras_lr_finder(rates: Array, losses: Array) -> float | None:
    """The steepest moving-average derivative over 20 batches, as its article reads the plot."""
    count, width = _stopped(losses, 4.0), 20
    change = (losses[width:count] - losses[: max(0, count - width)])[: max(0, count - width - 5)]
    return None if change.size == 0 else float(rates[width:count][np.argmin(change)])


def _steepest_index(rates: Array, losses: Array) -> float | None:
    return float(rates[np.argmin(np.gradient(losses))]) if rates.size > 1 else None


PEERS: dict[str, Choice] = {
    "fastai `minimum` / 10": fastai_minimum,
    "fastai `valley`": fastai_valley,
    "fastai `steep`": fastai_steep,
    "fastai `slide`": fastai_slide,
    "ktrain minimum / 5": ktrain_minimum,
    "torch-lr-finder": torch_lr_finder,
    "ignite": ignite,
    "Lightning 2.6": lightning,
    "keras_lr_finder, 20 batches": keras_lr_finder,
}
