"""The optimizers that the planner's code can name: those of Keras and of PyTorch, and which of them a recorded name is."""

from __future__ import annotations

import re
from typing import Literal

Framework = Literal["keras", "pytorch"]

# What the code names when nothing was recorded.
OPTIMIZER = "Adam"
# The classes of `keras.optimizers`.
KERAS_OPTIMIZERS = (
    "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "RMSprop",
    "SGD", "ScheduleFreeAdamW",
)  # fmt: skip
# The classes of `torch.optim`.
TORCH_OPTIMIZERS = (
    "ASGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "Muon", "NAdam", "RAdam", "RMSprop",
    "Rprop", "SGD", "SparseAdam",
)  # fmt: skip
# Those of them that have one rate for all parameters.
_WITHOUT_GROUPS = ("LBFGS",)
_CLASSES = {"keras": ("Keras", KERAS_OPTIMIZERS), "pytorch": ("PyTorch", TORCH_OPTIMIZERS)}
# The name of an optimizer as range tests record it: the class, and a momentum where it has one.
_RECORDED = re.compile(r"(?P<name>\w+)(?:, momentum (?P<momentum>\d(?:\.\d+)?(?:e-\d+)?))?", re.ASCII)


def framework_of(optimizer: str) -> Framework:
    """The framework whose optimizer a recorded name is; Keras for those that both have, and for unknown ones.

    Example:
        >>> framework_of("NAdam"), framework_of("Nadam"), framework_of("SGD, momentum 0.9")
        ('pytorch', 'keras', 'keras')
    """
    found = _RECORDED.fullmatch(optimizer)
    only_torch = found is not None and found["name"] in TORCH_OPTIMIZERS and found["name"] not in KERAS_OPTIMIZERS
    return "pytorch" if only_torch else "keras"


def named(recorded: str, framework: Framework, has_groups: bool = False) -> tuple[str, str, list[str]]:
    """The class, its arguments beside the rate, and a comment in lines where the framework has no such class.

    Args:
        recorded: The name of an optimizer, as range tests record it.
        framework: Whose class it is to be.
        has_groups: Whether it is to have several groups of parameters, each with a rate of its own.

    Example:
        >>> named("SGD, momentum 0.9", "keras")
        ('SGD', ', momentum=0.9', [])
        >>> named("Nadam", "pytorch")
        ('NAdam', '', [])
    """
    title, classes = _CLASSES[framework]
    spelled = {name.lower(): name for name in classes}
    found = _RECORDED.fullmatch(recorded)
    name = spelled.get(found["name"].lower()) if found else None
    if found and name and not (has_groups and name in _WITHOUT_GROUPS):
        momentum = f", momentum={found['momentum']}" if found["momentum"] else ""
        return name, momentum, []
    # A quoted name holds no end of a line: whatever it is, it stays within the comment.
    made = f"# The range test was made with {recorded!r}, which"
    if name:
        return OPTIMIZER, "", [f"{made} has one rate for all layers: {OPTIMIZER} stands in its place."]
    return OPTIMIZER, "", [f"{made} {title} does not have: put it in place of {OPTIMIZER}."]
