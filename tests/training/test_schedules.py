"""The schedules in trainings: every step uses the rate of the formula, before and after saving."""

from __future__ import annotations

import functools
import json
from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder.rates import formulas
from tb_lrfinder.schedules import Cyclical, OneCycle, StepDecay, WarmUp, WarmUpStableDecay

STEPS = 90
Keras = keras.optimizers.schedules


@keras.saving.register_keras_serializable(package="tests")
class TellingOptimizer(keras.optimizers.Optimizer):
    """Sets every weight to the rate of the step: what the compiled step uses, not what a callback would compute."""

    def update_step(self, gradient, variable, learning_rate):
        self.assign(variable, keras.ops.ones(variable.shape) * keras.ops.cast(learning_rate, variable.dtype))


def telling_model(schedule) -> keras.Model:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=TellingOptimizer(learning_rate=schedule), loss="mse")
    return model


def rates_used(model: keras.Model, steps: int) -> list[float]:
    batch = np.ones((2, 1), "float32")
    rates = []
    for _ in range(steps):
        model.train_on_batch(batch, batch)
        rates.append(float(np.asarray(model.get_weights()[0]).item()))
    return rates


def one_cycle(**arguments):
    arguments = {"peak_learning_rate": 0.05, "total_steps": 80, **arguments}
    return OneCycle(**arguments), functools.partial(formulas.one_cycle, **arguments)


def cyclical(**arguments):
    arguments = {"initial_learning_rate": 1e-4, "max_learning_rate": 0.05, "step_size": 7, **arguments}
    return Cyclical(**arguments), functools.partial(formulas.cyclical, **arguments)


def step_decay():
    # 41 * (1 / 41) is below 1 in float32, and compilers divide so.
    arguments = {"initial_learning_rate": 0.1, "decay_steps": 41, "decay_rate": 0.5}
    return StepDecay(**arguments), functools.partial(formulas.step_decay, **arguments)


def warm_up_stable_decay():
    arguments = {"peak_learning_rate": 0.05, "total_steps": 80, "warmup_steps": 11, "decay_steps": 13, "end_share": 0.1}
    return WarmUpStableDecay(**arguments), functools.partial(formulas.warmup_stable_decay, **arguments)


def warm_up_of_ours():
    schedule, formula = cyclical(mode="triangular2")
    options = {"warmup_steps": 12, "initial_learning_rate": 1e-5}
    return WarmUp(schedule, **options), lambda step: formulas.with_warmup(step, formula, **options)


def warm_up_of_keras():
    def cosine(step):
        return 0.01 + 0.09 * (1 + np.cos(np.pi * np.minimum(step, 60) / 60)) / 2

    return WarmUp(Keras.CosineDecay(0.1, 60, alpha=0.1), 20), lambda step: formulas.with_warmup(
        step, cosine, warmup_steps=20
    )


def warm_up_of_a_number():
    constant = functools.partial(formulas.constant, learning_rate=0.2)
    return WarmUp(0.2, 20), lambda step: formulas.with_warmup(step, constant, warmup_steps=20)


CASES = {
    "one_cycle": one_cycle,
    "one_cycle_smith": functools.partial(
        one_cycle, warmup_share=0.45, start_divisor=10.0, end_divisor=1e4, shape="linear", annihilation_share=0.1
    ),
    "triangular": cyclical,
    "exp_range": functools.partial(cyclical, mode="exp_range", gamma=0.97),
    "step_decay": step_decay,
    "warm_up_stable_decay": warm_up_stable_decay,
    "warm_up_of_ours": warm_up_of_ours,
    "warm_up_of_keras": warm_up_of_keras,
    "warm_up_of_a_number": warm_up_of_a_number,
}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]()


def assert_rates(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-6)


def test_the_compiled_step_uses_the_rate_of_the_formula(case):
    schedule, formula = case
    assert_rates(rates_used(telling_model(schedule), STEPS), formula(np.arange(STEPS)))


def test_steps_may_come_as_any_number_or_many_at_once(case):
    schedule, formula = case
    expected = formula(np.arange(STEPS))
    many = schedule(keras.ops.arange(STEPS, dtype="int32"))
    assert keras.backend.standardize_dtype(many.dtype) == "float32"
    assert_rates(keras.ops.convert_to_numpy(many), expected)
    for step in (0, np.int64(41), 41.0, keras.ops.convert_to_tensor(41, "int32")):
        assert float(schedule(step)) == pytest.approx(expected[int(step)], rel=1e-6)


def test_a_schedule_is_what_its_config_says(case):
    schedule, _ = case
    config = json.loads(json.dumps(Keras.serialize(schedule)))
    assert config["registered_name"] == f"tb_lrfinder>{type(schedule).__name__}"
    for copy in (Keras.deserialize(config), type(schedule).from_config(schedule.get_config())):
        assert type(copy) is type(schedule)
        assert copy.get_config() == schedule.get_config()
        assert float(copy(17)) == float(schedule(17))


@pytest.mark.parametrize("name", ["one_cycle", "warm_up_of_keras"])
def test_a_saved_model_goes_on_where_it_was(name, tmp_path):
    schedule, formula = CASES[name]()
    model = telling_model(schedule)
    rates_used(model, 30)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_rates(rates_used(loaded, 10), formula(np.arange(30, 40)))


def test_fit_with_an_optimizer_of_keras_follows_it():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.SGD(one_cycle(total_steps=24)[0]), loss="mse")
    start, (x, y) = 1.0, (np.ones((48, 1), "float32"), np.zeros((48, 1), "float32"))
    model.set_weights([np.full((1, 1), start, "float32")])
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    # The gradient of w² is 2 w: each step multiplies the weight by 1 - 2 rate.
    rates = formulas.one_cycle(np.arange(24), peak_learning_rate=0.05, total_steps=24)
    assert model.get_weights()[0].item() == pytest.approx(np.prod(1 - 2 * rates), rel=1e-5)


def test_the_rate_is_float32_whatever_float_keras_uses():
    float_of_keras = keras.config.floatx()
    keras.config.set_floatx("float16")
    try:
        # Steps beyond the largest number of float16, and a schedule of Keras that answers in it.
        schedule = WarmUp(OneCycle(0.05, 1_000_000), 100_000)
        assert float(schedule(keras.ops.convert_to_tensor(399_999, "int32"))) == pytest.approx(0.05, rel=1e-6)
        assert float(WarmUp(Keras.CosineDecay(0.5, 100), 10)(10)) == 0.5
    finally:
        keras.config.set_floatx(float_of_keras)


def test_long_trainings_keep_their_digits():
    schedule, formula = one_cycle(total_steps=4_000_000)
    steps = np.array([0, 1_199_999, 1_200_000, 3_999_998, 3_999_999, 4_000_000])
    rates = keras.ops.convert_to_numpy(schedule(keras.ops.convert_to_tensor(steps, "int32")))
    np.testing.assert_allclose(rates, formula(steps), rtol=1e-6)


MIRRORED = {
    "exponential_decay": (Keras.ExponentialDecay, {"decay_steps": 20, "decay_rate": 0.3}),
    "inverse_time_decay": (Keras.InverseTimeDecay, {"decay_steps": 20, "decay_rate": 1.5}),
    "polynomial_decay": (Keras.PolynomialDecay, {"decay_steps": 70, "end_learning_rate": 0.002, "power": 2.5}),
    "cosine_decay": (Keras.CosineDecay, {"decay_steps": 70, "alpha": 0.1}),
    "linear_decay": (Keras.PolynomialDecay, {"decay_steps": 70, "end_learning_rate": 0.002}),
    "restarts": (Keras.CosineDecayRestarts, {"first_decay_steps": 10}),
    "equal_restarts": (
        Keras.CosineDecayRestarts,
        {"first_decay_steps": 16, "t_mul": 1.0, "m_mul": 0.7, "alpha": 0.1},
    ),
}


@pytest.mark.parametrize("name", MIRRORED)
def test_formulas_equal_the_schedules_of_keras(name):
    schedule, arguments = MIRRORED[name]
    formula = formulas.cosine_decay_restarts if "restarts" in name else getattr(formulas, name)
    steps = keras.ops.arange(STEPS, dtype="float32")
    expected = keras.ops.convert_to_numpy(schedule(initial_learning_rate=0.1, **arguments)(steps))
    for step, xp in ((np.arange(STEPS), np), (steps, keras.ops)):
        rates = formula(step, initial_learning_rate=0.1, xp=xp, **arguments)
        # What Keras computes in float32 where a sum cancels is not better.
        np.testing.assert_allclose(keras.ops.convert_to_numpy(rates), expected, rtol=1e-6, atol=2e-8)


def test_step_decay_and_warm_up_equal_the_schedules_of_keras():
    steps = keras.ops.arange(STEPS, dtype="int32")
    staircase = Keras.ExponentialDecay(0.1, 16, 0.5, staircase=True)
    drops, expected = (keras.ops.convert_to_numpy(schedule(steps)) for schedule in (StepDecay(0.1, 16), staircase))
    np.testing.assert_allclose(drops, expected, rtol=1e-6)
    warmed = Keras.CosineDecay(0.01, 50, warmup_target=0.1, warmup_steps=20)
    ours = WarmUp(Keras.CosineDecay(0.1, 50), 20, initial_learning_rate=0.01)
    for step in (0, 7, 19, 20, 21, 69, 70, 80):
        assert float(ours(step)) == pytest.approx(float(warmed(step)), rel=1e-6, abs=2e-8)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: OneCycle(0.1, 1), "`total_steps` must be a whole number of at least 2. Received: total_steps=1."),
        (lambda: OneCycle(0.0, 10), "`peak_learning_rate` must be positive and finite."),
        (lambda: OneCycle(0.1, 10, shape="cos"), "`shape` must be one of cosine, linear. Received: shape='cos'."),  # pyright: ignore[reportArgumentType]
        (lambda: Cyclical(0.1, 0.1, 10), "`max_learning_rate` must exceed `initial_learning_rate`."),
        (lambda: Cyclical(0.1, 1.0, 0), "`step_size` must be a whole number of at least 1."),
        (lambda: StepDecay(0.1, 10, 1.5), "`decay_rate` must be in (0, 1]."),
        (lambda: WarmUpStableDecay(0.1, 10, 6, 5), "`warmup_steps` and `decay_steps` must add to at most 10"),
        (lambda: WarmUp(StepDecay(0.1, 10), 0), "`warmup_steps` must be a whole number of at least 1."),
        (lambda: WarmUp(-0.1, 10), "must be a `LearningRateSchedule` or a positive number. Received: schedule=-0.1."),
        (lambda: WarmUp("cosine", 10), "`schedule` must be a `LearningRateSchedule` or a positive number."),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_at_construction(build, message):
    with pytest.raises(ValueError) as refused:
        build()
    assert message in str(refused.value)


@pytest.mark.parametrize("number", [np.float32, np.float64])
def test_numbers_of_numpy_do(number):
    peak: Any = number(0.01)
    whole: Any = np.int64(40)
    schedule = WarmUp(OneCycle(peak, whole, start_divisor=10.0), whole // 8)
    assert keras.backend.standardize_dtype(schedule(5).dtype) == "float32"
    assert float(schedule(5)) == pytest.approx(0.001, rel=1e-6)
    assert rates_used(telling_model(schedule), 6)[5] == pytest.approx(0.001, rel=1e-6)
    assert float(Keras.deserialize(json.loads(json.dumps(Keras.serialize(schedule))))(5)) == float(schedule(5))
