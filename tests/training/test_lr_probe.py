"""`LRProbe`: range tests in the middle of a training, which goes on as if there had been none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing import event_accumulator

from tb_lrfinder import Curve, LRFinder, LRProbe, Probe, RangeTestResult, suggest
from tb_lrfinder.columns import Table
from tb_lrfinder.storage.trace import Trace
from tb_lrfinder.training.backends import BACKEND as OPERATIONS
from tb_lrfinder.training.probe_settings import MadeProbe
from tb_lrfinder.training.probe_times import ProbeBudget, ProbeTimes
from tests.support.models import BATCH_SIZE, STEPS, assert_same_state, build_model, classification_data, state_of
from tests.support.recorded import recorded
from tests.support.whole_fit import EPOCHS, assert_same_training, train

X, Y = classification_data()
BACKEND = keras.backend.backend()
# Short sweeps, none of which is left out for its cost.
QUICK = {"num_steps": 12, "max_share": 1.0, "verbose": 0, "divergence_factor": None}


def quick_probe(log_dir: Path | None = None, *data: Any, **options: Any) -> LRProbe:
    return LRProbe(log_dir, *data, **{**QUICK, "every": 2, **options})


def place_of(trace: Trace) -> Probe:
    probe = trace.header_or_default.probe
    assert probe is not None
    return probe


def probes_of(log_dir: Path) -> list[tuple[Trace, dict[str, np.ndarray]]]:
    pairs = zip(*recorded(log_dir), strict=True)
    return sorted((one for one in pairs if one[0].header_or_default.probe), key=lambda one: place_of(one[0]).step)


def cosine() -> Any:
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, EPOCHS * STEPS, warmup_target=0.02, warmup_steps=STEPS, alpha=0.01
    )
    return keras.optimizers.Adam(schedule)


OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(0.01),
    "schedule": cosine,
    "accumulation": lambda: keras.optimizers.SGD(0.05, momentum=0.9, gradient_accumulation_steps=3),
    "loss_scale": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01), initial_scale=2.0),
}


def plateau(optimizer: str) -> list[keras.callbacks.Callback]:
    """Keras refuses it where the rate follows a schedule."""
    return [] if optimizer == "schedule" else [keras.callbacks.ReduceLROnPlateau("loss", min_delta=0.5, patience=1)]


@pytest.mark.parametrize("in_turn", [True, False])
@pytest.mark.parametrize(("interval", "every"), [("epoch", 2), ("step", 5)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_training_with_probes_is_the_training_without_them(optimizer, interval, every, in_turn, tmp_path):
    probe = quick_probe(tmp_path / "probed", every=every, interval=interval)
    options = {"validation_data": (X[:60], Y[:60]), "in_turn": in_turn}
    probed = train(build_model(OPTIMIZERS[optimizer]()), tmp_path / "probed", *plateau(optimizer), probe, **options)
    untouched = train(build_model(OPTIMIZERS[optimizer]()), tmp_path / "untouched", *plateau(optimizer), **options)
    assert_same_training(probed, untouched)
    batches = 3 if optimizer == "accumulation" else 1
    by_step = range(0, (EPOCHS * STEPS - 1) // batches + 1, 5)
    assert probe.history["step"].tolist() == ([0, 2 * STEPS // batches] if interval == "epoch" else list(by_step))
    if optimizer != "accumulation":  # whose next update may end in the next epoch
        used = dict(zip(probed.rows["step"], probed.rows["learning_rate"], strict=True))
        expected = [used[step] for step in probe.history["step"]]
        assert probe.history["learning_rate"].tolist() == pytest.approx(expected, rel=1e-6)


def test_each_probe_is_a_range_test_of_its_own_that_knows_where_it_was_made(tmp_path):
    model, probe = build_model(), quick_probe(tmp_path, every=[1, 3])
    train(model, tmp_path, probe)
    (training,) = [one for one in recorded(tmp_path)[0] if one.header_or_default.kind == "training"]
    probes = probes_of(tmp_path)
    parameters = sum(math.prod(one.shape) for one in model.trainable_variables)
    assert [trace.run for trace, _ in probes] == ["probes", "probes"]
    for index, (trace, rows) in enumerate(probes):
        header = trace.header_or_default
        assert header.probe is not None
        assert (header.probe.training, header.probe.step) == (training.session, (1 + 2 * index) * STEPS)
        assert (header.probe.epoch, header.probe.left_out) == (1.0 + 2 * index, 0)
        assert header.probe.learning_rate == pytest.approx(0.001)
        assert header.probe.seconds == probe.history["seconds"][index] > 0
        assert (header.kind, header.status, header.first_step) == ("range_test", "finished", header.probe.step)
        assert (header.model, header.parameters) == ("Sequential", parameters)
        assert (header.optimizer, header.batch_size) == ("Adam", BATCH_SIZE)
        assert len(rows["loss"]) == 12
        result = probe.results[index]
        np.testing.assert_array_equal(rows["loss"], result.curve.losses)
        assert suggest(trace.curve(Table.of(rows))) == result.suggestion
    same, of_probe = training.header_or_default, probes[0][0].header_or_default
    assert (same.model, same.parameters, same.optimizer) == (of_probe.model, of_probe.parameters, of_probe.optimizer)
    # The training's scalars are its own.
    assert (
        "learning_rate" not in event_accumulator.EventAccumulator(str(tmp_path / "probes")).Reload().Tags()["tensors"]
    )


def test_without_a_recorder_the_probes_of_a_fit_share_an_id(tmp_path):
    model = build_model()
    probe = quick_probe(tmp_path)
    for _ in range(2):
        model.fit(X, Y, batch_size=BATCH_SIZE, epochs=3, verbose=0, callbacks=[probe])
    ids = [place_of(trace).training for trace, _ in probes_of(tmp_path)]
    assert len(ids) == 4
    assert len(set(ids)) == 2
    # Those of the last fit.
    assert probe.history["step"].tolist() == [3 * STEPS, 5 * STEPS]


def test_nothing_is_written_without_a_directory():
    probe = quick_probe()
    train(build_model(), None, probe)
    assert len(probe.results) == 2
    assert probe.results[0].log_dir is None


def test_a_sweep_begins_far_below_the_rate_and_goes_far_above_where_the_last_one_ended():
    probe = quick_probe(every=1)
    train(build_model(cosine()), None, probe)
    ranges = [(result.curve.learning_rates[0], result.curve.learning_rates[-1]) for result in probe.results]
    assert ranges[0] == pytest.approx((1e-7, 10.0), rel=1e-6)
    for (low, high), rate in zip(ranges[1:], probe.history["learning_rate"][1:], strict=True):
        assert low <= rate / 999
        # No loss diverges here: a sweep does not go higher for that.
        assert high == pytest.approx(10.0, rel=1e-6)
        assert high / low <= 1.001e10


@pytest.mark.parametrize(("reached", "rate", "end"), [(0.05, 0.001, 0.5), (5.0, 0.001, 10.0), (0.05, 3.0, 30.0)])
def test_a_sweep_goes_ten_times_above_where_the_last_one_ended_and_no_higher_than_that(reached, rate, end):
    curve = Curve([1e-4, reached], [1.0, 2.0])
    found = RangeTestResult(curve=curve, suggestion=suggest(curve), stop_text="", history={}, repeats=(), num_steps=100)
    made = MadeProbe(Probe(training="run", step=10, learning_rate=rate), found)
    sweep = quick_probe().settings.sweep(rate, [made])
    assert sweep.end_lr == pytest.approx(end)
    assert sweep.start_lr == pytest.approx(rate / 1000)


def test_where_several_processes_train_every_probe_is_made(monkeypatch):
    monkeypatch.setattr(type(OPERATIONS), "are_several_processes", lambda backend: True)
    probe = quick_probe(every=1, max_share=1e-9)
    train(build_model(), None, probe)
    assert len(probe.results) == EPOCHS


def test_a_range_that_is_given_holds_for_all():
    probe = quick_probe(start_lr=1e-4, end_lr=0.1)
    train(build_model(), None, probe)
    for result in probe.results:
        assert result.curve.learning_rates[[0, -1]].tolist() == pytest.approx([1e-4, 0.1], rel=1e-6)


@pytest.mark.parametrize("behind", [True, False])
def test_the_rate_is_that_of_the_epoch_to_come(behind):
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.01 * 0.5**epoch)
    probe = quick_probe(every=1)
    train(build_model(), None, *([scheduler, probe] if behind else [probe, scheduler]))
    assert probe.history["learning_rate"].tolist() == pytest.approx([0.01 * 0.5**epoch for epoch in range(EPOCHS)])


@pytest.mark.skipif(BACKEND == "torch", reason="Keras has no `steps_per_execution` on PyTorch")
def test_steps_are_counted_with_several_batches_in_an_execution(tmp_path):
    def model() -> keras.Model:
        model = build_model()
        model.steps_per_execution = 3
        return model

    probe = quick_probe(every=[2, 7], interval="step")
    probed = train(model(), tmp_path / "probed", probe)
    assert_same_training(probed, train(model(), tmp_path / "untouched"))
    # The next call of the train step after the one in which the step was made.
    assert probe.history["step"].tolist() == [3, 8]


def test_data_of_its_own(tmp_path):
    probe = quick_probe(None, X[:64], Y[:64], sample_weight=np.ones(64))
    probed = train(build_model(), tmp_path / "probed", probe)
    assert_same_training(probed, train(build_model(), tmp_path / "untouched"))


class Batches(keras.utils.PyDataset):
    """Ten batches; from a certain one on it fails."""

    def __init__(self, fails_from: float = math.inf) -> None:
        super().__init__()
        self.given, self._fails_from = 0, fails_from

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> Any:
        self.given += 1
        if self.given > self._fails_from:
            raise OSError("the data are gone")
        return X[:20], Y[:20]


def test_a_probe_that_fails_ends_the_probing_and_not_the_training(tmp_path):
    probe = quick_probe(tmp_path, Batches(fails_from=30), None, every=1)
    with pytest.warns(UserWarning, match="The training goes on, but LRProbe probes no more, .*the data are gone"):
        probed = train(build_model(), None, probe)
    assert_same_training(probed, train(build_model(), None))
    assert 1 <= len(probe.results) < EPOCHS
    # TensorFlow fetches batches ahead: the last one may have failed before its first step.
    written = [trace for trace, _ in probes_of(tmp_path)]
    assert [trace.status for trace in written[: len(probe.results)]] == ["finished"] * len(probe.results)
    assert ["the data are gone" in trace.status_text for trace in written[len(probe.results) :]] in ([], [True])


def test_a_first_probe_that_fails_ends_the_fit_before_it_has_trained():
    model = build_model()
    before = state_of(model)
    with pytest.raises(Exception, match="the data are gone"):
        train(model, None, quick_probe(None, Batches(fails_from=3), None))
    assert_same_state(state_of(model)[: len(model.variables)], before[: len(model.variables)])
    train(model, None)


def test_a_ctrl_c_in_a_probe_ends_the_training_where_it_was(tmp_path):
    class Interrupted(Batches):
        def __getitem__(self, index: int) -> Any:
            if self.given == 30:
                raise KeyboardInterrupt
            return super().__getitem__(index)

    model = build_model()
    states: list[Any] = []
    keeps = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: states.append(state_of(model)))
    with pytest.raises(KeyboardInterrupt):
        train(model, tmp_path, quick_probe(None, Interrupted(), None, every=1), keeps)
    assert_same_state(state_of(model), states[-1])


def test_probes_that_would_cost_too_much_are_left_out_and_counted(tmp_path, capsys):
    probe = quick_probe(tmp_path, every=1, max_share=1e-9, verbose=1)
    train(build_model(), tmp_path, probe)
    assert probe.history["step"].tolist() == [0]
    told = capsys.readouterr().out
    assert told.count("a probe is left out here") == 1
    assert "LRProbe: 1 probe took" in told
    assert "3 were left out to keep within max_share." in told


def test_left_out_probes_are_counted_by_the_next_one(tmp_path, monkeypatch):
    allowed = iter([True, False, False, True])
    monkeypatch.setattr(ProbeBudget, "allows", lambda budget, seconds: next(allowed))
    train(build_model(), None, quick_probe(tmp_path, every=1))
    assert [place_of(trace).left_out for trace, _ in probes_of(tmp_path)] == [0, 2]


def test_what_is_told(capsys):
    probe = LRProbe(None, every=2, num_steps=40, max_share=1.0)
    train(build_model(), None, probe)
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Probe at epoch 0 (step 0): learning rate 0.001, ")
    assert told[1].startswith(f"Probe at epoch 2 (step {2 * STEPS}): learning rate 0.001, ")
    assert told[2].startswith("LRProbe: 2 probes took ")
    assert len(told) == 3


def test_the_budget():
    budget = ProbeBudget(0.1)
    assert budget.allows(0.0)
    budget.spend(2.0)
    # 4 of 40 seconds, the second probe's own included.
    assert not budget.allows(37.9)
    assert budget.allows(38.0)
    budget.spend(1.0)
    assert (budget.spent, budget.allows(38.9), budget.allows(39.0)) == (3.0, False, True)


@pytest.mark.parametrize(
    ("every", "first", "last", "due"),
    [
        (5, 0, 0, 1),
        (5, 1, 4, 0),
        (5, 5, 5, 1),
        (5, 4, 15, 3),
        (1, 7, 9, 3),
        ([0, 3], 0, 3, 2),
        ([3], 4, 9, 0),
        ((7,), 7, 7, 1),
    ],
)
def test_the_times(every, first, last, due):
    assert ProbeTimes(every).between(first, last) == due


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"every": 0}, "`every` must be a whole number of at least 1. Received: every=0."),
        ({"every": []}, "`every` must name an epoch or step at least. Received: every=\\[\\]."),
        ({"every": [0, -1]}, "`every` must be a whole number of at least 0. Received: every=-1."),
        ({"interval": "batch"}, "`interval` must be one of step, epoch."),
        ({"max_share": 0}, "`max_share` must be above 0 and at most 1. Received: max_share=0."),
        ({"max_share": 1.5}, "`max_share` must be above 0 and at most 1."),
        ({"num_steps": 1}, "`num_steps` must be a whole number of at least 2."),
        ({"start_lr": -1.0}, "`start_lr` must be positive and finite."),
        ({"start_lr": 1.0, "end_lr": 0.1}, "`end_lr` must exceed `start_lr`."),
        ({"divergence_factor": 0.5}, "`divergence_factor` must"),
        ({"method": "magic"}, "`method` must be one of"),
        ({"optimizer": 5}, "`optimizer` must be the name of an attribute"),
        ({"y": Y}, "pass `x`, too. Received: x=None."),
        ({"batch_size": 4}, "pass `x`, too. Received: x=None."),
    ],
)
def test_an_argument_outside_its_range_is_refused_at_construction(options, words):
    with pytest.raises(ValueError, match=words):
        LRProbe(None, **options)


def test_it_is_refused_in_the_fit_of_a_range_test():
    model = build_model()
    before = state_of(model)
    with pytest.raises(ValueError, match="must not be in the fit of a range test, .*Received: LRFinder"):
        model.fit(X, Y, verbose=0, callbacks=[quick_probe(), LRFinder(None, num_steps=5, verbose=0)])
    assert_same_state(state_of(model)[: len(model.variables)], before[: len(model.variables)])


def test_it_needs_data_where_the_fit_draws_from_a_generator():
    batches = ((X[:20], Y[:20]) for _ in range(2 * STEPS))
    model, options = build_model(), {"steps_per_epoch": STEPS, "epochs": 2, "verbose": 0, "shuffle": False}
    with pytest.raises(ValueError, match="LRProbe needs data of its own .*and a fit on a generator"):
        model.fit(batches, callbacks=[quick_probe()], **options)
    batches = ((X[:20], Y[:20]) for _ in range(2 * STEPS + 1))
    probe = quick_probe(None, X, Y, batch_size=20)
    model.fit(batches, callbacks=[probe], **options)
    assert len(probe.results) == 1


def test_outside_of_a_fit_it_says_so():
    with pytest.raises(RuntimeError, match="LRProbe runs inside"):
        LRProbe(None).on_epoch_begin(0)
