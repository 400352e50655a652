"""Learning-rate schedules that Keras lacks: 1cycle, cyclical rates, step decay, warm-up–stable–decay, and warm-up around
any schedule.

Each is a `keras.optimizers.schedules.LearningRateSchedule`: an argument of any optimizer, saved with its model on every
back end. The formulas are those of `tb_lrfinder.rates.formulas`, in float32. To load a saved model,
import this module first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tb_lrfinder import arguments, needs
from tb_lrfinder.choices import CyclicalMode, OneCycleShape
from tb_lrfinder.rates import formulas

with needs.explain_missing_keras("tb_lrfinder.schedules"):
    import keras
    from keras import ops


class _FormulaSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Evaluates a formula with the arguments it was built with, which the formula itself checks."""

    def __init__(self, formula: Callable[..., Any], **arguments: Any) -> None:
        super().__init__()
        formula(0, **arguments)
        self._formula = formula
        self._arguments = arguments

    def __call__(self, step: Any) -> Any:
        return self._formula(ops.cast(step, "float32"), **self._arguments, xp=ops)

    def get_config(self) -> dict[str, Any]:
        return dict(self._arguments)


@keras.saving.register_keras_serializable(package="tb_lrfinder")
class OneCycle(_FormulaSchedule):
    """1cycle: up to a peak, down again, and at the end down by orders of magnitude.

    Between its corners, at the steps

    - `0`: `peak_learning_rate / start_divisor`;
    - `round(warmup_share * total_steps) - 1`: `peak_learning_rate`;
    - `total_steps - 1 - round(annihilation_share * total_steps)`: the start rate again; a share of no step has no corner;
    - `total_steps - 1`, the last step, and ever after: `peak_learning_rate / end_divisor`,

    the rate follows half a cosine or a straight line. The defaults are those of PyTorch's `OneCycleLR`, in the shape of
    fastai's `fit_one_cycle`. Smith's own, linear from a tenth of the peak to the peak, as long down again, and a last tenth
    that falls by three orders of magnitude more: `warmup_share=0.45, start_divisor=10.0, end_divisor=1e4, shape="linear",
    annihilation_share=0.1`.

    Args:
        peak_learning_rate: The highest rate, positive.
        total_steps: Steps of the whole training (batches of an epoch × epochs), at least 2.
        warmup_share: Share of the steps up to the peak, in [0, 1). 0 starts at the peak.
        start_divisor: How many times the first rate lies below the peak, at least 1.
        end_divisor: How many times the last rate lies below the peak, at least 1.
        shape: `"cosine"` or `"linear"`.
        annihilation_share: Share of the last steps, which fall from the start rate to the end rate, in [0, 1). 0 falls
            from the peak to the end rate in one piece.

    Raises:
        ValueError: If an argument is outside its range, or the two shares leave nothing for the fall.

    Example:
        >>> schedule = OneCycle(peak_learning_rate=1.0, total_steps=10, start_divisor=4, end_divisor=8)
        >>> [float(schedule(step)) for step in (0, 2, 9)]
        [0.25, 1.0, 0.125]

    Reference: Smith 2018, arXiv:1803.09820; PyTorch, `torch/optim/lr_scheduler.py`; fastai, `fastai/callback/schedule.py`.
    """

    def __init__(
        self,
        peak_learning_rate: float,
        total_steps: int,
        warmup_share: float = 0.3,
        start_divisor: float = 25.0,
        end_divisor: float = 250_000.0,
        shape: OneCycleShape = "cosine",
        annihilation_share: float = 0.0,
    ) -> None:
        super().__init__(
            formulas.one_cycle,
            peak_learning_rate=peak_learning_rate,
            total_steps=total_steps,
            warmup_share=warmup_share,
            start_divisor=start_divisor,
            end_divisor=end_divisor,
            shape=shape,
            annihilation_share=annihilation_share,
        )


@keras.saving.register_keras_serializable(package="tb_lrfinder")
class Cyclical(_FormulaSchedule):
    """Cyclical rates: up and down between two rates, in straight lines.

    With `n = floor(step / (2 step_size))` cycles completed and `h = 1 - |step / step_size - 2 n - 1|`, which goes from 0
    up to 1 and down again within each: `initial_learning_rate (1 - w) + max_learning_rate w`, where

    - `mode="triangular"`: `w = h`;
    - `mode="triangular2"`: `w = h / 2^n`, half the height in each further cycle;
    - `mode="exp_range"`: `w = h gamma^step`.

    Args:
        initial_learning_rate: The lower rate, positive; the first one.
        max_learning_rate: The upper rate, above the lower one.
        step_size: Steps of half a cycle, at least 1. Smith advises two to ten epochs.
        mode: `"triangular"`, `"triangular2"` or `"exp_range"`.
        gamma: What the height is multiplied by at each step with `"exp_range"`, in (0, 1]. The default suits
            trainings of some ten thousand steps.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> schedule = Cyclical(initial_learning_rate=0.25, max_learning_rate=0.75, step_size=2)
        >>> [float(schedule(step)) for step in range(5)]
        [0.25, 0.5, 0.75, 0.5, 0.25]

    Reference: Smith 2015, arXiv:1506.01186.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        max_learning_rate: float,
        step_size: int,
        mode: CyclicalMode = "triangular",
        gamma: float = 0.99994,
    ) -> None:
        super().__init__(
            formulas.cyclical,
            initial_learning_rate=initial_learning_rate,
            max_learning_rate=max_learning_rate,
            step_size=step_size,
            mode=mode,
            gamma=gamma,
        )


@keras.saving.register_keras_serializable(package="tb_lrfinder")
class StepDecay(_FormulaSchedule):
    """Multiplied by a factor every so many steps: `initial_learning_rate decay_rate^floor(step / decay_steps)`.

    Every drop comes at its step. With Keras' `ExponentialDecay(staircase=True)`, compiled by TensorFlow or JAX, it comes a
    step late for some `decay_steps`, 41 among them, because `41 * (1 / 41)` is below 1 in float32.

    Args:
        initial_learning_rate: The first rate, positive.
        decay_steps: Steps at each rate, at least 1.
        decay_rate: The factor, in (0, 1].

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> schedule = StepDecay(initial_learning_rate=1.0, decay_steps=2)
        >>> [float(schedule(step)) for step in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]

    Reference: Keras, `ExponentialDecay`.
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float = 0.5) -> None:
        super().__init__(
            formulas.step_decay,
            initial_learning_rate=initial_learning_rate,
            decay_steps=decay_steps,
            decay_rate=decay_rate,
        )


@keras.saving.register_keras_serializable(package="tb_lrfinder")
class WarmUpStableDecay(_FormulaSchedule):
    """A straight line up, the same rate for most of the training, and a straight line down in its last steps.

    With `a = start_share` and `b = end_share`, the rate as a share of the peak is

    - `a + (1 - a) step / warmup_steps` before step `warmup_steps`;
    - `1` from it on;
    - `1 - (1 - b) p` from step `total_steps - decay_steps` on, with `p = (step - total_steps) / decay_steps + 1`, at most 1.

    A training can be made longer from any step of its stable part, since nothing before depends on the length.

    Args:
        peak_learning_rate: The highest rate, positive.
        total_steps: Steps of the whole training (batches of an epoch × epochs), at least 2.
        warmup_steps: Steps of the rise, at least 1.
        decay_steps: Steps of the fall, at least 1; with the rise at most `total_steps`.
        start_share: The first rate as a share of the peak, in [0, 1].
        end_share: The rate at step `total_steps`, the one after the last, and ever after, as a share of the peak, in [0, 1].

    Raises:
        ValueError: If an argument is outside its range, or the parts are longer than the training.

    Example:
        >>> schedule = WarmUpStableDecay(1.0, total_steps=7, warmup_steps=2, decay_steps=2, start_share=0.5)
        >>> [float(schedule(step)) for step in range(8)]
        [0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]

    Reference: Hu et al. 2024, arXiv:2404.06395; Hägele et al. 2024, arXiv:2405.18392, who let the last fifth fall in a line.
    """

    def __init__(
        self,
        peak_learning_rate: float,
        total_steps: int,
        warmup_steps: int,
        decay_steps: int,
        start_share: float = 0.01,
        end_share: float = 0.0,
    ) -> None:
        super().__init__(
            formulas.warmup_stable_decay,
            peak_learning_rate=peak_learning_rate,
            total_steps=total_steps,
            warmup_steps=warmup_steps,
            decay_steps=decay_steps,
            start_share=start_share,
            end_share=end_share,
        )


@keras.saving.register_keras_serializable(package="tb_lrfinder")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A straight line up to where a schedule begins, then the schedule, from its own step 0 on.

    `initial_learning_rate (1 - p) + schedule(0) p` with `p = step / warmup_steps` before step `warmup_steps`, and
    `schedule(step - warmup_steps)` from it on. The schedule is shifted, as Keras' `CosineDecay` shifts its decay: nothing
    of it is lost, and the whole takes `warmup_steps` longer.

    Args:
        schedule: Any `LearningRateSchedule`, or a positive number: a constant rate.
        warmup_steps: Steps before the schedule begins, at least 1.
        initial_learning_rate: The first rate, not negative.

    Raises:
        ValueError: If an argument is outside its range, or the schedule is none.

    Example:
        >>> schedule = WarmUp(StepDecay(1.0, decay_steps=1), warmup_steps=2)
        >>> [float(schedule(step)) for step in range(5)]
        [0.0, 0.5, 1.0, 0.5, 0.25]

    Reference: Goyal et al. 2017, arXiv:1706.02677; Keras, `CosineDecay(warmup_target=...)`.
    """

    def __init__(self, schedule: Any, warmup_steps: int, initial_learning_rate: float = 0.0) -> None:
        super().__init__()
        if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
            rule = "a `LearningRateSchedule` or a positive number"
            arguments.number(rule, lambda rate: 0 < rate < math.inf, schedule=schedule)
        self._schedule = schedule
        self._arguments = {"warmup_steps": warmup_steps, "initial_learning_rate": initial_learning_rate}
        formulas.with_warmup(0, lambda step: 0.0, **self._arguments)

    def __call__(self, step: Any) -> Any:
        return formulas.with_warmup(ops.cast(step, "float32"), self._later, **self._arguments, xp=ops)

    def _later(self, step: Any) -> Any:
        """The inner schedule at steps of its own, which are whole numbers as those an optimizer counts."""
        if isinstance(self._schedule, keras.optimizers.schedules.LearningRateSchedule):
            return ops.cast(self._schedule(ops.cast(step, "int")), "float32")
        return formulas.constant(step, learning_rate=self._schedule, xp=ops)

    def get_config(self) -> dict[str, Any]:
        return {"schedule": keras.saving.serialize_keras_object(self._schedule), **self._arguments}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> WarmUp:
        return cls(**{**config, "schedule": keras.saving.deserialize_keras_object(config["schedule"])})
