"""The formulas of schedules: closed forms at their corners, properties, and what PyTorch computes."""

import functools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder.rates import formulas

PEAK = 0.8
one_cycle = functools.partial(formulas.one_cycle, peak_learning_rate=PEAK)
cyclical = functools.partial(formulas.cyclical, initial_learning_rate=0.1, max_learning_rate=0.9)
smith = functools.partial(
    one_cycle, warmup_share=0.45, start_divisor=10, end_divisor=1e4, shape="linear", annihilation_share=0.1
)


def test_constant_is_the_same_at_every_step():
    np.testing.assert_array_equal(formulas.constant(np.arange(5), learning_rate=0.3), [0.3] * 5)


@pytest.mark.parametrize("shape", ["cosine", "linear"])
def test_one_cycle_starts_peaks_and_ends_where_its_arguments_say(shape):
    rates = one_cycle(np.arange(120), total_steps=100, shape=shape)
    assert rates[0] == pytest.approx(PEAK / 25)
    assert rates[29] == PEAK
    np.testing.assert_array_equal(rates[99:], PEAK / 250_000)
    assert np.all(np.diff(rates[:30]) > 0)
    assert np.all(np.diff(rates[29:100]) < 0)


@pytest.mark.parametrize(
    ("shape", "weight"), [("linear", lambda p: p), ("cosine", lambda p: (1 - np.cos(np.pi * p)) / 2)]
)
def test_one_cycle_is_half_a_cosine_or_a_line_between_its_corners(shape, weight):
    start, end = PEAK / 25, PEAK / 250_000
    rates = one_cycle(np.arange(100), total_steps=100, shape=shape)
    np.testing.assert_allclose(rates[:30], start + (PEAK - start) * weight(np.arange(30) / 29), rtol=1e-12)
    np.testing.assert_allclose(rates[29:], PEAK + (end - PEAK) * weight(np.arange(71) / 70), rtol=1e-9)


def test_one_cycle_as_smith_falls_by_orders_of_magnitude_in_its_last_steps():
    rates = smith(np.arange(1000), total_steps=1000)
    assert rates[[0, 449, 899]] == pytest.approx([PEAK / 10, PEAK, PEAK / 10])
    assert rates[999] == pytest.approx(PEAK / 1e4)
    for first, last in ((0, 449), (449, 899), (899, 999)):
        np.testing.assert_allclose(np.diff(rates[first : last + 1], 2), 0, atol=1e-15)


def test_one_cycle_without_warmup_starts_at_its_peak():
    rates = one_cycle(np.arange(50), total_steps=50, warmup_share=0)
    assert rates[0] == PEAK
    assert np.all(np.diff(rates) < 0)


@pytest.mark.parametrize(("anneal_strategy", "shape"), [("cos", "cosine"), ("linear", "linear")])
def test_one_cycle_equals_pytorch(anneal_strategy, shape):
    options = {"max_lr": PEAK, "total_steps": 200, "cycle_momentum": False}
    expected = pytorch_rates("OneCycleLR", 200, anneal_strategy=anneal_strategy, **options)
    np.testing.assert_allclose(one_cycle(np.arange(200), total_steps=200, shape=shape), expected, rtol=1e-9)


@pytest.mark.parametrize(("mode", "gamma"), [("triangular", 1.0), ("triangular2", 1.0), ("exp_range", 0.99)])
def test_cyclical_equals_pytorch(mode, gamma):
    options = {"base_lr": 0.1, "max_lr": 0.9, "step_size_up": 7, "cycle_momentum": False}
    expected = pytorch_rates("CyclicLR", 100, mode=mode, gamma=gamma, **options)
    np.testing.assert_allclose(cyclical(np.arange(100), step_size=7, mode=mode, gamma=gamma), expected, rtol=1e-12)


def pytorch_rates(name, steps, **options):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    rates = []
    for step in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        if step < steps - 1:
            scheduler.step()
    return [float(rate) for rate in rates]


def test_triangular_is_the_closed_form_of_the_paper():
    step = np.arange(60)
    cycle = np.floor(1 + step / 20)
    x = np.abs(step / 10 - 2 * cycle + 1)
    rates = cyclical(step, step_size=10)
    np.testing.assert_allclose(rates, 0.1 + 0.8 * np.maximum(0, 1 - x), rtol=1e-12)
    assert rates[[0, 10, 20, 30]].tolist() == [0.1, 0.9, 0.1, 0.9]


def test_triangular2_halves_the_height_and_exp_range_shrinks_it():
    peaks = [10, 30, 50]
    np.testing.assert_allclose(cyclical(np.array(peaks), step_size=10, mode="triangular2"), [0.9, 0.5, 0.3])
    shrunk = cyclical(np.array(peaks), step_size=10, mode="exp_range", gamma=0.98)
    np.testing.assert_allclose(shrunk, 0.1 + 0.8 * 0.98 ** np.array(peaks))


def test_step_decay_drops_at_its_steps():
    rates = formulas.step_decay(np.arange(40), initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5)
    np.testing.assert_array_equal(rates, np.repeat([0.1, 0.05, 0.025, 0.0125], 10))


@pytest.mark.parametrize("decay_steps", [1, 3, 7, 41, 49, 1000])
def test_periods_end_where_whole_numbers_say_in_float32_too(decay_steps):
    step = np.arange(5000)
    drop = functools.partial(formulas.step_decay, initial_learning_rate=1.0, decay_steps=decay_steps, decay_rate=0.999)
    expected = 0.999 ** (step // decay_steps)
    np.testing.assert_allclose(drop(step), expected, rtol=1e-9)
    np.testing.assert_allclose(drop(step.astype(np.float32)), expected, rtol=5e-4)


def test_exponential_and_inverse_time_decay_are_their_closed_forms():
    step = np.arange(100)
    exponential = formulas.exponential_decay(step, initial_learning_rate=0.1, decay_steps=40, decay_rate=0.2)
    np.testing.assert_allclose(exponential, 0.1 * 0.2 ** (step / 40), rtol=1e-12)
    inverse = formulas.inverse_time_decay(step, initial_learning_rate=0.1, decay_steps=40, decay_rate=2.0)
    np.testing.assert_allclose(inverse, 0.1 / (1 + 2 * step / 40), rtol=1e-12)


def test_linear_decay_is_a_line_that_ends():
    rates = formulas.linear_decay(np.arange(8), initial_learning_rate=0.5, decay_steps=5, end_learning_rate=0.1)
    np.testing.assert_allclose(rates, [0.5, 0.42, 0.34, 0.26, 0.18, 0.1, 0.1, 0.1])


def test_polynomial_decay_is_its_closed_form():
    rates = formulas.polynomial_decay(
        np.arange(60), initial_learning_rate=0.5, decay_steps=50, end_learning_rate=0.1, power=2.5
    )
    np.testing.assert_allclose(rates[:51], 0.1 + 0.4 * (1 - np.arange(51) / 50) ** 2.5, rtol=1e-12)
    np.testing.assert_array_equal(rates[50:], 0.1)


def test_cosine_decay_is_its_closed_form():
    rates = formulas.cosine_decay(np.arange(60), initial_learning_rate=0.5, decay_steps=50, alpha=0.2)
    np.testing.assert_allclose(rates[:51], 0.1 + 0.4 * (1 + np.cos(np.pi * np.arange(51) / 50)) / 2, rtol=1e-12)
    np.testing.assert_array_equal(rates[50:], 0.1)


@pytest.mark.parametrize(
    ("name", "left"), [("warmup_linear", lambda p: 1 - p), ("warmup_cosine", lambda p: (1 + np.cos(np.pi * p)) / 2)]
)
def test_a_warm_up_rises_to_the_peak_and_the_fall_takes_what_is_left(name, left):
    shares = {"start_share": 0.25, "end_share": 0.1}
    rates = getattr(formulas, name)(np.arange(60), peak_learning_rate=PEAK, total_steps=50, warmup_steps=10, **shares)
    np.testing.assert_allclose(rates[:11], PEAK * (0.25 + 0.75 * np.arange(11) / 10), rtol=1e-12)
    np.testing.assert_allclose(rates[10:51], PEAK * (0.1 + 0.9 * left(np.arange(41) / 40)), rtol=1e-12)
    np.testing.assert_allclose(rates[50:], 0.1 * PEAK, rtol=1e-15)


def test_warm_up_stable_decay_holds_its_peak_between_rise_and_fall():
    rates = formulas.warmup_stable_decay(
        np.arange(60), peak_learning_rate=PEAK, total_steps=50, warmup_steps=10, decay_steps=20, start_share=0.25
    )
    np.testing.assert_allclose(rates[:11], PEAK * (0.25 + 0.75 * np.arange(11) / 10), rtol=1e-12)
    np.testing.assert_array_equal(rates[10:31], PEAK)
    np.testing.assert_allclose(rates[30:51], PEAK * (1 - np.arange(21) / 20), rtol=1e-12)
    np.testing.assert_array_equal(rates[50:], 0.0)


def test_restarts_begin_where_the_periods_end():
    restarts = functools.partial(formulas.cosine_decay_restarts, initial_learning_rate=1.0)
    rates = restarts(np.array([0, 5, 10, 20, 30, 50, 70]), first_decay_steps=10, t_mul=2.0, m_mul=0.5, alpha=0.1)
    np.testing.assert_allclose(rates, [1.0, 0.55, 0.55, 0.325, 0.325, 0.2125, 0.2125])
    same_length = restarts(np.array([0, 9, 10, 19, 20]), first_decay_steps=10, t_mul=1.0)
    np.testing.assert_allclose(same_length, [1.0, same_length[1], 1.0, same_length[1], 1.0])


@pytest.mark.parametrize("t_mul", [1, 2, 3, 5, 10])
def test_a_restart_never_comes_late_though_logarithms_round(t_mul):
    starts = np.array([first * sum(t_mul**k for k in range(i)) for first in (1, 7, 41) for i in range(6)])
    for first, at in zip((1, 7, 41), starts.reshape(3, 6), strict=True):
        rates = formulas.cosine_decay_restarts(at, initial_learning_rate=0.3, first_decay_steps=first, t_mul=t_mul)
        np.testing.assert_array_equal(rates, 0.3)


def test_warmup_leads_to_where_the_schedule_begins_and_shifts_it():
    inner = functools.partial(formulas.step_decay, initial_learning_rate=0.8, decay_steps=3)
    rates = formulas.with_warmup(np.arange(12), inner, warmup_steps=4, initial_learning_rate=0.4)
    np.testing.assert_allclose(rates[:4], [0.4, 0.5, 0.6, 0.7])
    np.testing.assert_array_equal(rates[4:], inner(np.arange(8)))


rates_st = st.floats(1e-8, 100.0)
steps_st = st.integers(2, 3000)
shapes = st.sampled_from(["cosine", "linear"])


@given(rates_st, steps_st, st.floats(0, 0.9), st.floats(1, 1e3), st.floats(1, 1e8), shapes, st.floats(0, 0.09))
def test_one_cycle_stays_in_its_range_and_reaches_peak_and_end(peak, steps, warmup, start, end, shape, annihilation):
    rates = formulas.one_cycle(
        np.arange(steps + 5),
        peak_learning_rate=peak,
        total_steps=steps,
        warmup_share=warmup,
        start_divisor=start,
        end_divisor=end,
        shape=shape,
        annihilation_share=annihilation,
    )
    assert rates.max() == pytest.approx(peak, rel=1e-12)
    assert rates.min() >= peak / max(start, end) * (1 - 1e-12)
    assert peak in rates
    np.testing.assert_array_equal(rates[steps - 1 :], peak / end)


@given(
    rates_st, st.floats(1.01, 100.0), st.integers(1, 500), st.sampled_from(["triangular", "triangular2", "exp_range"])
)
def test_cyclical_stays_between_its_bounds_and_is_continuous(lower, ratio, step_size, mode):
    upper = lower * ratio
    rates = formulas.cyclical(
        np.arange(2000),
        initial_learning_rate=lower,
        max_learning_rate=upper,
        step_size=step_size,
        mode=mode,
        gamma=0.999,
    )
    assert rates.min() >= lower * (1 - 1e-12)
    assert rates.max() <= upper * (1 + 1e-12)
    assert rates[0] == lower
    # No further in one step than the slope, and what exp_range shrinks by.
    assert np.abs(np.diff(rates)).max() <= (upper - lower) * (1 / step_size + 1e-3) * (1 + 1e-9)
    if mode != "exp_range":
        assert rates[step_size] == upper


@given(rates_st, st.integers(1, 400), st.floats(1, 4), st.floats(0.1, 1.0), st.floats(0, 1))
def test_restarts_stay_between_lowest_and_highest(rate, first, t_mul, m_mul, alpha):
    rates = formulas.cosine_decay_restarts(
        np.arange(2000), initial_learning_rate=rate, first_decay_steps=first, t_mul=t_mul, m_mul=m_mul, alpha=alpha
    )
    assert rates[0] == pytest.approx(rate)
    assert rates.min() >= alpha * rate * (1 - 1e-12)
    assert rates.max() <= rate * (1 + 1e-12)


@given(rates_st, st.integers(1, 100), st.floats(0, 1))
def test_warmup_is_continuous(rate, warmup_steps, start):
    inner = functools.partial(formulas.linear_decay, initial_learning_rate=rate, decay_steps=1000)
    rates = formulas.with_warmup(np.arange(300), inner, warmup_steps=warmup_steps, initial_learning_rate=start * rate)
    assert rates[warmup_steps] == rate
    assert np.abs(np.diff(rates)).max() <= rate * max((1 - start) / warmup_steps, 1 / 1000) * (1 + 1e-9)


ONE_OF_EACH = [
    functools.partial(formulas.constant, learning_rate=0.1),
    functools.partial(one_cycle, total_steps=40),
    functools.partial(smith, total_steps=40),
    functools.partial(cyclical, step_size=6),
    functools.partial(cyclical, step_size=6, mode="exp_range"),
    functools.partial(formulas.step_decay, initial_learning_rate=0.1, decay_steps=7),
    functools.partial(formulas.exponential_decay, initial_learning_rate=0.1, decay_steps=7, decay_rate=0.5),
    functools.partial(formulas.inverse_time_decay, initial_learning_rate=0.1, decay_steps=7, decay_rate=0.5),
    functools.partial(formulas.linear_decay, initial_learning_rate=0.1, decay_steps=30),
    functools.partial(formulas.polynomial_decay, initial_learning_rate=0.1, decay_steps=30, power=0.9),
    functools.partial(formulas.cosine_decay, initial_learning_rate=0.1, decay_steps=30),
    functools.partial(formulas.warmup_cosine, peak_learning_rate=0.1, total_steps=40, warmup_steps=9),
    functools.partial(formulas.warmup_linear, peak_learning_rate=0.1, total_steps=40, warmup_steps=9),
    functools.partial(
        formulas.warmup_stable_decay, peak_learning_rate=0.1, total_steps=40, warmup_steps=9, decay_steps=7
    ),
    functools.partial(formulas.cosine_decay_restarts, initial_learning_rate=0.1, first_decay_steps=6),
    lambda step: formulas.with_warmup(step, functools.partial(one_cycle, total_steps=30), warmup_steps=9),
]


@pytest.mark.parametrize("formula", ONE_OF_EACH)
def test_a_scalar_gives_what_an_array_gives_and_nothing_warns(formula):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rates = formula(np.arange(50))
    assert rates.shape == (50,)
    assert np.array_equal([float(formula(step)) for step in range(50)], rates)
    np.testing.assert_array_equal(formula(np.arange(50).reshape(5, 10)), rates.reshape(5, 10))


@pytest.mark.parametrize(
    ("formula", "arguments", "message"),
    [
        (
            "constant",
            {"learning_rate": 0.0},
            "`learning_rate` must be positive and finite. Received: learning_rate=0.0.",
        ),
        (
            "one_cycle",
            {"total_steps": 1},
            "`total_steps` must be a whole number of at least 2. Received: total_steps=1.",
        ),
        ("one_cycle", {"total_steps": 10.0}, "`total_steps` must be a whole number of at least 2."),
        ("one_cycle", {"peak_learning_rate": float("nan")}, "`peak_learning_rate` must be positive and finite."),
        ("one_cycle", {"peak_learning_rate": "0.1"}, "`peak_learning_rate` must be positive and finite."),
        ("one_cycle", {"warmup_share": 1.5}, "`warmup_share` must be in [0, 1]. Received: warmup_share=1.5."),
        ("one_cycle", {"warmup_share": 0.5, "annihilation_share": 0.5}, "must add to less than 1"),
        ("one_cycle", {"start_divisor": 0.5}, "`start_divisor` must be at least 1 and finite."),
        ("one_cycle", {"end_divisor": float("inf")}, "`end_divisor` must be at least 1 and finite."),
        ("one_cycle", {"shape": "cos"}, "`shape` must be one of cosine, linear. Received: shape='cos'."),
        ("cyclical", {"initial_learning_rate": 1.0}, "`max_learning_rate` must exceed `initial_learning_rate`."),
        ("cyclical", {"step_size": 0}, "`step_size` must be a whole number of at least 1. Received: step_size=0."),
        ("cyclical", {"mode": "sine"}, "`mode` must be one of triangular, triangular2, exp_range."),
        ("cyclical", {"gamma": 0.0}, "`gamma` must be in (0, 1]. Received: gamma=0.0."),
        ("step_decay", {"decay_rate": 2.0}, "`decay_rate` must be in (0, 1]. Received: decay_rate=2.0."),
        ("step_decay", {"decay_steps": True}, "`decay_steps` must be a whole number of at least 1."),
        ("exponential_decay", {"decay_steps": 0}, "`decay_steps` must be positive and finite."),
        ("inverse_time_decay", {"decay_rate": -1}, "`decay_rate` must be zero or positive, and finite."),
        ("linear_decay", {"end_learning_rate": -0.1}, "`end_learning_rate` must be zero or positive, and finite."),
        ("polynomial_decay", {"power": 0}, "`power` must be positive and finite. Received: power=0."),
        ("cosine_decay", {"alpha": -0.1}, "`alpha` must be in [0, 1]. Received: alpha=-0.1."),
        ("warmup_cosine", {"start_share": 1.5}, "`start_share` must be in [0, 1]. Received: start_share=1.5."),
        ("warmup_cosine", {"peak_learning_rate": 0}, "`peak_learning_rate` must be positive and finite."),
        ("warmup_linear", {"warmup_steps": 10}, "`warmup_steps` must be at most 9, to fit into the training."),
        ("warmup_linear", {"warmup_steps": 0}, "`warmup_steps` must be a whole number of at least 1."),
        ("warmup_stable_decay", {"decay_steps": 6}, "`warmup_steps` and `decay_steps` must add to at most 10"),
        ("warmup_stable_decay", {"total_steps": 1.5}, "`total_steps` must be a whole number of at least 2."),
        ("cosine_decay_restarts", {"t_mul": 0.5}, "`t_mul` must be at least 1 and finite. Received: t_mul=0.5."),
        ("cosine_decay_restarts", {"alpha": 2}, "`alpha` must be in [0, 1]. Received: alpha=2."),
        ("with_warmup", {"warmup_steps": 0}, "`warmup_steps` must be a whole number of at least 1."),
        ("with_warmup", {"initial_learning_rate": -1}, "`initial_learning_rate` must be zero or positive, and finite."),
    ],
)
def test_refuses_arguments_outside_their_range(formula, arguments, message):
    valid = {
        "constant": {"learning_rate": 0.1},
        "one_cycle": {"peak_learning_rate": 0.1, "total_steps": 10},
        "cyclical": {"initial_learning_rate": 0.1, "max_learning_rate": 1.0, "step_size": 5},
        "step_decay": {"initial_learning_rate": 0.1, "decay_steps": 5},
        "exponential_decay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5},
        "inverse_time_decay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5},
        "linear_decay": {"initial_learning_rate": 0.1, "decay_steps": 5},
        "polynomial_decay": {"initial_learning_rate": 0.1, "decay_steps": 5},
        "cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 5},
        "warmup_cosine": {"peak_learning_rate": 0.1, "total_steps": 10, "warmup_steps": 5},
        "warmup_linear": {"peak_learning_rate": 0.1, "total_steps": 10, "warmup_steps": 5},
        "warmup_stable_decay": {"peak_learning_rate": 0.1, "total_steps": 10, "warmup_steps": 5, "decay_steps": 5},
        "cosine_decay_restarts": {"initial_learning_rate": 0.1, "first_decay_steps": 5},
        "with_warmup": {"schedule": lambda step: step, "warmup_steps": 5},
    }[formula]
    with pytest.raises(ValueError) as refused:
        getattr(formulas, formula)(0, **{**valid, **arguments})
    assert message in str(refused.value)
