"""Range tests of which each is in one situation: what was planned, what was measured, and what must be said of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.ending import Ending

MORE_DATA = "Pass more data, or more epochs to fit."
HIGHER = "Sweep to higher rates: raise end_lr."
TO_ITS_END = "Run the test to its end."
COMPARE_NOISY = "Compare rates by short trainings (range_test or RangeTest, confirm=5), or take larger batches."
COMPARE = "Compare rates by short trainings (range_test or RangeTest, confirm=5)."
CLOSE_EDGE = "Keep to this rate or below, clip gradients, or warm up."
NAME_IT = 'Name the optimizer, as in optimizer="Adam" or "SGD, momentum 0.9".'
HALVE = "Halve the rate or clip gradients if training breaks."
CHECK_MODEL = "If the model is new, check labels, loss and model, and try another seed."
TRAINED = "Fine-tune well below the rates that do harm; if the model is new, check labels, loss and model."


@dataclass(frozen=True, eq=False)
class Test:
    """A range test whose losses are known before.

    Attributes:
        start_lr: As planned, like `end_lr` and `num_steps`.
        end_lr: See `start_lr`.
        num_steps: See `start_lr`.
        losses: All that there are: fewer than planned where the data run out or something stops the test.
        reason: Why it ends after the last of `losses`, unless it was told to stop before.
        shape: The name of the shape.
        advice: The advice.
        optimizer: Name of the optimizer.
    """

    __test__ = False

    start_lr: float
    end_lr: float
    num_steps: int
    losses: NDArray[np.float64]
    reason: str
    shape: str | None
    advice: str
    optimizer: str | None = "SGD, momentum 0.9"

    @property
    def curve(self) -> Curve:
        rates = np.geomspace(self.start_lr, self.end_lr, self.num_steps)[: len(self.losses)]
        ending = Ending(self.reason, self.num_steps, self.end_lr)
        return Curve(rates, self.losses, ending=ending, optimizer=self.optimizer)


def _test(
    shape: str | None,
    advice: str,
    corners: list[tuple[float, float]],
    *,
    ends: tuple[float, float] = (1e-7, 10.0),
    num_steps: int = 300,
    noise: float = 0.0,
    reason: str = "completed",
    until: int | None = None,
    broken: float | None = None,
    optimizer: str | None = "SGD, momentum 0.9",
) -> Test:
    """Straight lines between corners of log10 rate and loss, up to a step; in the end a loss that is not finite."""
    positions, levels = zip(*corners, strict=True)
    losses = np.interp(np.log10(np.geomspace(*ends, num_steps)), positions, levels)
    losses += noise * np.random.default_rng(0).standard_normal(num_steps)
    # Whatever comes out of a training has 32 bits.
    losses = losses.astype(np.float32).astype(np.float64)[:until]
    if broken is not None:
        losses[-1] = broken
    return Test(*ends, num_steps, losses, reason, shape, advice, optimizer)


_VALLEY = [(-7.0, 2.0), (-4.0, 2.0), (-2.0, 1.0), (-1.5, 1.0), (0.0, 5.9)]
_WIDE_OF_THE_EDGE = [(-7.0, 2.0), (-4.5, 2.0), (-3.0, 1.0), (-2.5, 1.0), (1.0, 5.9)]
_BREAK = "diverged"
NAN = float("nan")

TESTS = {
    "good": _test("good", "", _VALLEY, noise=0.02),
    "good, and the data ran out behind it": _test("good", "", _VALLEY, reason="data_ran_out", until=248),
    "good, and stopped behind it": _test("good", "", _VALLEY, reason="stopped", until=248),
    "ends at its lowest": _test("short", HIGHER, [(-7, 2), (-3, 2), (-1, 1)], ends=(1e-7, 0.1)),
    "ends at its lowest, at rates that nobody uses": _test("short", "", [(-7, 2), (-2, 2), (1, 1)]),
    "the data ran out while it fell": _test("short", MORE_DATA, _VALLEY, reason="data_ran_out", until=180),
    "the data ran out before it fell": _test("short", MORE_DATA, _VALLEY, reason="data_ran_out", until=90, noise=0.1),
    "stopped while it fell": _test("short", TO_ITS_END, _VALLEY, reason="stopped", until=180),
    "stopped before it fell": _test("short", TO_ITS_END, _VALLEY, reason="stopped", until=90, noise=0.1),
    "falls until NaN": _test(
        "good", HALVE, _VALLEY, reason="non_finite", until=180, broken=NAN
    ),
    "starts late": _test(
        "late", "Begin ten times lower: lower start_lr.", [(-6, 2), (-5.8, 2), (-4, 1), (-3, 4)], ends=(1e-6, 1e-3)
    ),
    "two valleys": _test(
        "twice", COMPARE, [(-6, 2), (-5, 2), (-4, 1), (-3, 1.8), (-2, 0.9), (-1, 4)], ends=(1e-6, 0.1)
    ),
    "creeps on": _test(
        "twice", "", [(-6, 2), (-5, 2), (-4.6, 1.2), (-1.6, 1), (-1.5, 0.8), (-1, 4)], ends=(1e-6, 0.1)
    ),
    "the valley behind a raw scale": _test(
        "twice", "", [(-7, 2000), (-6, 2000), (-5, 30), (-3, 30), (-2, 2), (-1, 2), (0, 4000)], ends=(1e-7, 1.0)
    ),
    "trained": _test(
        "trained",
        TRAINED,
        [(-7, 0.05), (-3, 0.05), (0, 4)],
        noise=0.02,
        reason=_BREAK,
    ),
    "trained, and its loss wanders": _test(
        "trained",
        TRAINED,
        [(-7, 2), (-6, 2.5), (-5, 2), (-4, 2.5), (-3, 2), (-2, 2.5), (-1, 2), (0, 10)],
        noise=0.2,
        reason=_BREAK,
        until=244,
    ),
    "trained, and the rise lies within what its loss wanders": _test(
        "trained", TRAINED, [(-7, 2), (-4, 3.2)], noise=0.08, reason=_BREAK, until=103
    ),
    "broke at first": _test(
        "broke",
        "Scale inputs and targets, then sweep again from a lower start_lr.",
        [(-4, 1), (-3, 1), (-1, 1e4)],
        ends=(1e-4, 0.1),
        noise=0.02,
        reason=_BREAK,
    ),
    "NaN before it fell": _test(
        "broke",
        "Scale inputs and targets, then sweep again from a lower start_lr.",
        [(-7, 1), (1, 1)],
        noise=0.02,
        reason="non_finite",
        until=120,
        broken=NAN,
    ),
    "no rate": _test("flat", CHECK_MODEL, [(-7, 2.3), (1, 2.3)], noise=0.02),
    "no low rate": _test("flat", HIGHER, [(-7, 2.3), (1, 2.3)], ends=(1e-7, 1e-2), noise=0.02),
    "no rate, and the highest ones break it": _test(
        "flat", CHECK_MODEL, [(-7, 2.3), (0.4, 2.3), (1, 40)], noise=0.02, reason=_BREAK
    ),
    "noise": _test("noise", COMPARE_NOISY, _VALLEY, noise=0.9),
    "not far above the noise": _test("good", COMPARE_NOISY, _VALLEY, noise=0.6),
    "an optimizer without a name": _test(
        "good", NAME_IT, _WIDE_OF_THE_EDGE, noise=0.02, optimizer=None
    ),
    "an optimizer that nothing was measured with": _test(
        "good", COMPARE, _WIDE_OF_THE_EDGE, noise=0.02, optimizer="Adagrad"
    ),
    "wide": _test("good", "", [(-6, 2), (-5, 2), (-4, 1), (-2, 1), (-1, 4)], ends=(1e-6, 0.1)),
    "turned where it broke": _test(
        "good",
        CLOSE_EDGE,
        [(-5, 2), (-4.3, 2), (-3, 1), (-2.7, 1.5)],
        ends=(1e-5, 0.1),
        noise=0.01,
        reason="non_finite",
        until=170,
        broken=NAN,
        optimizer="SGD",
    ),
    "few steps": _test("good", "Raise num_steps.", _VALLEY, num_steps=100),
    "few steps, and the data ran out": _test(
        "good", f"{MORE_DATA[:-1]}, and raise num_steps.", _VALLEY, num_steps=100, reason="data_ran_out", until=82
    ),
    "NaN at the first step": _test(
        None, "Look for NaN in inputs, targets and weights.", _VALLEY, reason="non_finite", until=1, broken=NAN
    ),
    "NaN at the fifth step": _test(
        None,
        "Look for NaN in the data; if there is none, lower start_lr.",
        _VALLEY,
        reason="non_finite",
        until=5,
        broken=NAN,
    ),
    "hardly any data": _test(None, MORE_DATA, _VALLEY, reason="data_ran_out", until=5),
    "stopped at once": _test(None, TO_ITS_END, _VALLEY, reason="stopped", until=5),
    "hardly any steps": _test(None, "Raise num_steps.", _VALLEY, num_steps=5),
}  # fmt: skip
