"""What is recorded of a fit by itself: what its optimizer is set to, its precision; and what a person says of it."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, LRProbe, LRRecorder, RangeTest, ScheduleWriter, range_test
from tb_lrfinder.loops.frameworks.on_keras import hyperparameters_of
from tests.support.models import BATCH_SIZE, build_model, classification_data, fit
from tests.support.recorded import headers_in

optimizers = keras.optimizers
SAID = {"hparams": {"width": 64}, "note": "A wider head.", "tags": ["baseline"]}
SETTINGS = {
    "optimizer": "SGD, momentum 0.9",
    "batch_size": BATCH_SIZE,
    "model": "Sequential",
    "parameters": 308,
    "precision": "float32",
    "momentum": 0.9,
    "nesterov": True,
    "weight_decay": 0.01,
    "clipnorm": 1.0,
    "width": 64,
}


def sgd():
    return optimizers.SGD(0.01, momentum=0.9, nesterov=True, weight_decay=0.01, clipnorm=1.0)


def by_finder(model, log_dir):
    fit(model, LRFinder(log_dir, verbose=0, **SAID))


def by_range_test(model, log_dir, **options):
    x, y = classification_data()
    result = range_test(model, x, y, batch_size=BATCH_SIZE, log_dir=log_dir, num_steps=5, verbose=0, **options, **SAID)
    assert result.hparams == SAID["hparams"]


def by_repeats(model, log_dir):
    by_range_test(model, log_dir, repeats=2)


def by_recorder(model, log_dir):
    fit(model, LRRecorder(log_dir, **SAID))


@pytest.mark.parametrize("record", [by_finder, by_range_test, by_repeats, by_recorder])
def test_every_trace_of_a_fit_says_what_was_set(tmp_path, record):
    record(build_model(sgd()), tmp_path)
    (header,) = headers_in(tmp_path)
    assert header.settings == SETTINGS
    assert (header.framework, header.note, header.tags) == ("keras", "A wider head.", ("baseline",))


def test_a_probe_says_of_itself_what_is_said_of_its_training(tmp_path):
    model = build_model(sgd())
    fit(model, LRRecorder(tmp_path, **SAID), LRProbe(tmp_path, every=1, num_steps=5, verbose=0))
    probe, training = sorted(headers_in(tmp_path), key=lambda header: header.kind)
    assert (probe.kind, training.kind) == ("range_test", "training")
    assert probe.settings == training.settings == SETTINGS
    assert (probe.note, probe.tags) == (training.note, training.tags)


def test_the_precision_is_that_of_the_policy(tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        fit(build_model(), LRFinder(tmp_path, num_steps=3, verbose=0))
    finally:
        keras.config.set_dtype_policy(before)
    (header,) = headers_in(tmp_path)
    assert header.precision == "mixed_bfloat16"


OFF = {"weight_decay": 0.0}
NAMED = {
    "adam": (lambda: optimizers.Adam(), {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False, **OFF}),
    "adamw": (
        lambda: optimizers.AdamW(weight_decay=0.1, beta_1=0.8),
        {"beta_1": 0.8, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False, "weight_decay": 0.1},
    ),
    "rmsprop": (
        lambda: optimizers.RMSprop(rho=0.8, centered=True),
        {"rho": 0.8, "momentum": 0.0, "epsilon": 1e-7, "centered": True, **OFF},
    ),
    "plain": (lambda: optimizers.SGD(), {"momentum": 0.0, "nesterov": False, **OFF}),
    "clipped_and_averaged": (
        lambda: optimizers.SGD(global_clipnorm=2.0, use_ema=True, ema_momentum=0.9, gradient_accumulation_steps=4),
        {
            "momentum": 0.0,
            "nesterov": False,
            "global_clipnorm": 2.0,
            "use_ema": True,
            "ema_momentum": 0.9,
            "gradient_accumulation_steps": 4,
            **OFF,
        },
    ),
    "wrapped": (
        lambda: optimizers.LossScaleOptimizer(optimizers.SGD(momentum=0.5)),
        {"momentum": 0.5, "nesterov": False, **OFF},
    ),
    "scheduled": (
        lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 10), clipvalue=0.5),
        {"momentum": 0.0, "nesterov": False, "clipvalue": 0.5, **OFF},
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_an_optimizer_says_what_its_constructor_takes_but_for_the_rate(name):
    make, expected = NAMED[name]
    assert hyperparameters_of(make()) == expected


class Own(keras.optimizers.SGD):
    """Somebody's own: with a setting in a variable, one that cannot be read, one that is no number."""

    def __init__(self, warmth=0.5, broken=1, schedule=None, **options):
        super().__init__(**options)
        self.warmth = keras.Variable(warmth)
        self.schedule = schedule

    @property
    def broken(self):
        raise RuntimeError("not now")


def test_a_setting_that_is_a_variable_has_its_value_now_and_what_is_none_is_left_out():
    optimizer = Own(schedule=optimizers.schedules.CosineDecay(0.1, 10))
    before = hyperparameters_of(optimizer)
    optimizer.warmth.assign(0.25)
    assert before == {"warmth": 0.5, "momentum": 0.0, "nesterov": False, **OFF}
    assert hyperparameters_of(optimizer)["warmth"] == 0.25


def test_of_several_optimizers_the_settings_are_those_in_which_they_agree(tmp_path):
    if not hasattr(optimizers, "MultiOptimizer"):
        pytest.skip("this Keras has no MultiOptimizer")
    model = build_model()
    parts = optimizers.OptimizerMap(optimizers.SGD(0.01, momentum=0.9, weight_decay=0.1))
    parts[".*bias"] = optimizers.SGD(0.01, momentum=0.9)
    model.compile(optimizers.MultiOptimizer(parts), "sparse_categorical_crossentropy")
    fit(model, LRFinder(tmp_path, num_steps=3, verbose=0))
    (header,) = headers_in(tmp_path)
    assert header.hyperparameters == {"momentum": 0.9, "nesterov": False}


def test_the_callback_checks_what_is_said_also_later():
    finder = LRFinder(None, **SAID)
    finder.hparams = {"width": np.int32(128)}  # pyright: ignore[reportAttributeAccessIssue]
    assert (finder.hparams, finder.note, finder.tags) == ({"width": 128}, "A wider head.", ("baseline",))
    with pytest.raises(ValueError, match="^`tags` must be a list of texts"):
        finder.tags = "baseline"


def test_loops_of_ones_own_say_the_same_of_a_keras_optimizer(tmp_path):
    model = build_model(sgd())
    with RangeTest(tmp_path / "a", restore=[model], optimizer=model.optimizer, num_steps=3, verbose=0) as test:
        for _ in test:
            model.optimizer.apply([variable * 0 for variable in model.trainable_variables], model.trainable_variables)
            test.report(1.0)
    with ScheduleWriter(tmp_path / "b", model=model) as writer:
        writer.record(model.optimizer, loss=1.0)
    expected = {name: value for name, value in SETTINGS.items() if name not in ("batch_size", "width")}
    assert [header.settings for header in headers_in(tmp_path)] == [expected, expected]
    assert [header.framework for header in headers_in(tmp_path)] == ["keras", "keras"]
