"""`RangeTest` in loops of JAX and optax, whose parameters and states are values that the loop hands on."""

from __future__ import annotations

import contextlib
import logging

import numpy as np
import pytest

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")

from tb_lrfinder import RangeTest  # noqa: E402
from tb_lrfinder.loops.frameworks import rate_holder  # noqa: E402

INPUTS = np.random.default_rng(1).normal(size=(256, 8)).astype(np.float32)
BATCHES = [(x, (x[:, 0] > 0).astype(np.float32)) for x in np.split(INPUTS, 16)]


def sgd(learning_rate):
    return optax.sgd(learning_rate, momentum=0.9)


class Loop:
    """A training whose compiled step reuses the memory of the values that it is given."""

    def __init__(self, make=sgd, learning_rate=0.1, wrap=lambda one: one) -> None:
        self.optimizer = wrap(optax.inject_hyperparams(make)(learning_rate=learning_rate))
        self.params = {"weights": jax.numpy.zeros(8), "key": jax.random.key(0)}
        self.state = self.optimizer.init(self.weights)
        self.losses: list[float] = []
        self.compiled = jax.jit(self._step, donate_argnums=(0, 1))

    @property
    def weights(self):
        return {"weights": self.params["weights"]}

    def _step(self, params, state, x, y):
        def loss_of(weights):
            margins = (2 * y - 1) * (x @ weights["weights"])
            return jax.numpy.logaddexp(0.0, -margins).mean()

        key, _ = jax.random.split(params["key"])
        weights = {"weights": params["weights"]}
        loss, slopes = jax.value_and_grad(loss_of)(weights)
        updates, state = self.optimizer.update(slopes, state, weights)
        return {**optax.apply_updates(weights, updates), "key": key}, state, loss

    def train_step(self, x, y):
        self.params, self.state, loss = self.compiled(self.params, self.state, x, y)
        self.losses.append(float(loss))
        return loss

    def put(self, kept):
        self.params, self.state = kept

    def sweep(self, **options):
        with RangeTest(
            restore=(lambda: (self.params, self.state), self.put),
            optimizer=lambda: self.state,
            **{"start_lr": 1e-3, "end_lr": 1e3, "num_steps": 60, "verbose": 0, **options},
        ) as test:
            for x, y in test.batches(BATCHES):
                test.report(self.train_step(x, y))
        return test


@contextlib.contextmanager
def compilations():
    """The messages of what JAX compiles in the block."""
    messages: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record):
            messages.append(record.getMessage())

    handler, logger = Handler(), logging.getLogger("jax")
    logger.addHandler(handler)
    try:
        with jax.log_compiles():
            yield messages
    finally:
        logger.removeHandler(handler)


def values_of(tree):
    keys = jax.tree.map(lambda one: jax.random.key_data(one) if one.dtype == jax.random.key(0).dtype else one, tree)
    return [np.asarray(one) for one in jax.tree.leaves(keys)]


def assert_same(one, other):
    for first, second in zip(values_of(one), values_of(other), strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_training_after_a_test_is_the_training_without_one():
    tested, untouched = Loop(), Loop()
    for loop in (tested, untouched):
        for x, y in BATCHES:
            loop.train_step(x, y)
        if loop is tested:
            test = loop.sweep(repeats=2, confirm=2, confirm_steps=12)
            assert len(test.result.trials) == 2
        for x, y in BATCHES:
            loop.train_step(x, y)
    assert_same((tested.params, tested.state), (untouched.params, untouched.state))
    assert tested.losses[-16:] == untouched.losses[-16:]


def test_the_rates_are_those_of_the_updates_and_nothing_is_compiled_anew():
    loop = Loop(lambda learning_rate: optax.sgd(learning_rate))
    weights, slopes = [], []
    with compilations() as compiled:
        loop.train_step(*BATCHES[0])
    assert any("_step" in name for name in compiled)
    loop.train_step(*BATCHES[1])
    with (
        compilations() as compiled,
        RangeTest(restore=[], optimizer=lambda: loop.state, end_lr=1.0, num_steps=20, verbose=0) as test,
    ):
        for x, y in test.batches(BATCHES):
            before = np.asarray(loop.params["weights"])
            margins = (2 * y - 1) * (x @ before)
            slopes.append(-((2 * y - 1) / (1 + np.exp(margins))) @ x / len(y))
            test.report(loop.train_step(x, y))
            weights.append(np.asarray(loop.params["weights"]) - before)
    for moved, slope, rate in zip(weights, slopes, test.history["learning_rate"], strict=True):
        np.testing.assert_allclose(moved, -rate * slope, rtol=1e-2, atol=1e-8)
    assert not any("_step" in name for name in compiled)
    np.testing.assert_array_equal(test.history["loss"], loop.losses[2:])


def test_accumulated_gradients_keep_their_rate_until_their_update():
    loop, given = Loop(wrap=lambda one: optax.MultiSteps(one, 3)), []
    with RangeTest(restore=[], optimizer=lambda: loop.state, end_lr=1.0, num_steps=20, verbose=0) as test:
        for x, y in test.batches(BATCHES):
            given.append(test.learning_rate)
            test.report(loop.train_step(x, y))
    np.testing.assert_array_equal(given, np.repeat(test.history["learning_rate"], 3))


@pytest.mark.parametrize(
    ("make", "title"),
    [
        (lambda learning_rate: optax.sgd(learning_rate), "SGD"),
        (sgd, "SGD, momentum"),
        (optax.adam, "Adam"),
        (optax.adamw, "AdamW"),
        (optax.lion, "Lion"),
        (optax.rmsprop, "RMSprop"),
        (lambda learning_rate: optax.chain(optax.clip(1.0), optax.adam(learning_rate)), "Adam"),
    ],
)
def test_the_rules_of_an_optimizer_tell_its_name(make, title):
    loop = Loop(make)
    holder = rate_holder(lambda: loop.state)
    assert holder.title == title
    assert holder.read() == np.float32(0.1)


def test_momentum_that_is_injected_is_named():
    state = optax.inject_hyperparams(optax.sgd)(learning_rate=0.1, momentum=0.9).init({"weights": np.zeros(2)})
    holder = rate_holder(lambda: state)
    assert holder.title == "SGD, momentum 0.9"
    assert holder.settings() == {"momentum": pytest.approx(0.9)}


def test_a_schedule_that_is_injected_is_noticed():
    loop = Loop(learning_rate=optax.cosine_decay_schedule(0.1, 100))
    with pytest.raises(RuntimeError, match="Nothing else may set the learning rate"):
        loop.sweep()


def test_a_rate_that_nobody_injected_is_refused():
    state = optax.adam(0.1).init({"weights": np.zeros(2)})
    with pytest.raises(ValueError, match="optax.inject_hyperparams.*Received: a function that returns tuple"):
        RangeTest(restore=[], optimizer=lambda: state)


def test_the_state_that_the_test_began_with_keeps_its_rate():
    loop = Loop()
    first = loop.optimizer.init(loop.weights)
    loop.state = first
    with RangeTest(restore=[], optimizer=lambda: loop.state, num_steps=5, verbose=0) as test:
        for _ in test:
            loop.state = loop.optimizer.update(loop.weights, loop.state, loop.weights)[1]
            test.report(1.0)
    assert float(first.hyperparams["learning_rate"]) == np.float32(0.1)
