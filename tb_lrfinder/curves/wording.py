"""Words for the monitored value (a loss falls, an accuracy rises) and for the uses of a rate."""

from __future__ import annotations

from typing import get_args

from tb_lrfinder.choices import Mode, MonitorMode, UseName
from tb_lrfinder.columns import LOSS

# The names of metrics that are better the higher they are hold one of these.
_HIGHER_IS_BETTER = ("acc", "auc", "f1", "fbeta", "iou", "precision", "psnr", "r2", "recall")
_FORMS = {
    "min": {
        "fall": "fall", "falls": "falls", "falling": "falling", "lowest": "lowest",
        "rise": "rise", "rises": "rises", "rose": "rose", "above": "above",
    },
    "max": {
        "fall": "rise", "falls": "rises", "falling": "rising", "lowest": "highest",
        "rise": "fall", "rises": "falls", "rose": "fell", "above": "below",
    },
}  # fmt: skip


# The uses of a suggestion, in the order they are shown.
USE_LABELS: dict[UseName, str] = {
    "constant": "Constant rate",
    "one_cycle": "1cycle peak",
    "cyclical": "Cyclical bounds",
}


class Words:
    """Fills in sentences about the monitored value, such as `"No rate made {the} {fall}."`

    Args:
        monitor: Name of the value, as in Keras' logs.
        mode: `"min"` or `"max"`.

    Attributes:
        sign: A value that is better the lower it is, times this, is the one that was measured.
    """

    def __init__(self, monitor: str, mode: Mode) -> None:
        name = "loss" if monitor == LOSS else f"`{monitor}`"
        self.sign = -1.0 if mode == "max" else 1.0
        self._forms = {"the": f"the {name}", "The": f"The {name}", **_FORMS[mode]}

    def __call__(self, sentence: str, **values: object) -> str:
        return sentence.format(**self._forms, **values)


def resolve_mode(monitor: str, mode: MonitorMode) -> Mode:
    """`"min"` or `"max"`; `"auto"` is decided by the name of the metric.

    Raises:
        ValueError: If `mode` is none of the three.
    """
    if mode not in get_args(MonitorMode):
        raise ValueError(f"`mode` must be 'auto', 'min' or 'max'. Received: mode={mode!r}.")
    if mode != "auto":
        return mode
    name = monitor.lower()
    return "max" if "loss" not in name and any(word in name for word in _HIGHER_IS_BETTER) else "min"
