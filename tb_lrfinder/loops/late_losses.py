"""Losses as a training step gives them. One that an accelerator still computes is read later: no step waits for it."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from tb_lrfinder import arguments
from tb_lrfinder.loops.frameworks import as_number


def taken(loss: Any) -> Any:
    """The loss as a float, or something to read it from later, which the next steps do not change.

    Raises:
        ValueError: If it is no number, or several.
    """
    if type(loss) is float:
        return loss
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(loss, torch.Tensor):
        if loss.numel() != 1 or not loss.is_floating_point():
            return as_number("loss", loss)
        # A copy: a compiled step may write the next loss into the same memory.
        return loss.item() if loss.is_cpu else loss.detach().clone().reshape(())
    # The arrays of JAX and the tensors of TensorFlow never change. Those that are only traced have neither of the two.
    if hasattr(loss, "is_ready"):
        return loss if loss.size == 1 and loss.dtype.kind not in "bc" else as_number("loss", loss)
    if hasattr(loss, "backing_device"):
        later = "GPU" in loss.backing_device and loss.dtype.is_floating and loss.shape == ()
        return loss if later else as_number("loss", loss)
    return as_number("loss", loss)


def num_readable(losses: Sequence[Any], *, beside: bool) -> int:
    """How many of the first losses can be read now.

    Args:
        losses: What `taken` gave, in order.
        beside: Whether the thread that asks is not the one that trains. PyTorch's and TensorFlow's losses are left to that
            one: another thread does not know the stream in which they are computed, and may break into the recording of a
            CUDA graph.
    """
    return next((index for index, loss in enumerate(losses) if not _is_readable(loss, beside)), len(losses))


def _is_readable(loss: Any, beside: bool) -> bool:
    if type(loss) is float:
        return True
    if not hasattr(loss, "is_ready"):
        return not beside
    try:
        return loss.is_ready()
    except RuntimeError:  # an array that was given away: reading it says so
        return True


def read(losses: Sequence[Any]) -> list[float]:
    """The values of losses that `taken` gave, waiting for them; NaN, with a warning, for one that is lost."""
    if all(hasattr(loss, "detach") for loss in losses):
        losses = _fetched(losses)
    try:
        return [loss if type(loss) is float else _value(loss) for loss in losses]
    except Exception as error:
        warnings.warn(
            "The training goes on, but the loss of a step could not be read, and is recorded as NaN. "
            f"{type(error).__name__}: {error}",
            stacklevel=2,
        )
        return [_value_or_nan(loss) for loss in losses]


def _fetched(losses: Sequence[Any]) -> Sequence[Any]:
    """PyTorch's losses, brought from their device at once; as they are, where they lie on several."""
    if not losses:
        return losses
    try:
        return sys.modules["torch"].stack(list(losses)).tolist()
    except Exception:
        return losses


def _value(loss: Any) -> float:
    return float(loss.item() if hasattr(loss, "item") else arguments.scalar(loss))


def _value_or_nan(loss: Any) -> float:
    try:
        return _value(loss)
    except Exception:
        return math.nan
