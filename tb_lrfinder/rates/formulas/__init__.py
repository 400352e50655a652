"""The formulas of learning-rate schedules, one function each: for the planner, for Keras and for whoever checks them.

Knows nothing of Keras. The array functions come in as `xp`, which is `numpy` or `keras.ops`, so that what is drawn and what
an optimizer uses is one formula. Every function takes

- `step`: steps counted from 0, a number or an array of any shape; with `keras.ops` a tensor of floating-point numbers;
- the parameters of the schedule as keywords: Python numbers, which are checked;
- `xp`: the namespace of array functions;

and returns the rates in the shape of `step`. With `keras.ops` they may be compiled: no branch depends on a tensor.

Rates are sums of terms that are not negative. The usual `1 + cos(pi p)` cancels near its zero, where float32 would keep no
digit of the smallest rates; `2 sin²(pi (1 - p) / 2)` is the same and keeps them all.
"""

from __future__ import annotations

from tb_lrfinder.rates.formulas.cycles import cosine_decay_restarts, cyclical, one_cycle
from tb_lrfinder.rates.formulas.decays import (
    constant,
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    linear_decay,
    polynomial_decay,
    step_decay,
)
from tb_lrfinder.rates.formulas.warmups import warmup_cosine, warmup_linear, warmup_stable_decay, with_warmup

__all__ = [
    "constant",
    "cosine_decay",
    "cosine_decay_restarts",
    "cyclical",
    "exponential_decay",
    "inverse_time_decay",
    "linear_decay",
    "one_cycle",
    "polynomial_decay",
    "step_decay",
    "warmup_cosine",
    "warmup_linear",
    "warmup_stable_decay",
    "with_warmup",
]
