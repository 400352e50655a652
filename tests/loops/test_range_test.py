"""`RangeTest` in plain Python loops: no framework at all."""

from __future__ import annotations

import math
import random
import signal
import threading

import numpy as np
import pytest

from tb_lrfinder import RangeTest, suggest
from tests.support.recorded import recorded


class Descent:
    """Gradient descent on `w² / 2`, with a little noise: it falls below a rate of 2 and diverges above it."""

    def __init__(self) -> None:
        self.weight = 1.0
        self.steps = 0

    def step(self, learning_rate: float) -> float:
        loss = self.weight**2 / 2 * (1 + 0.01 * random.random())
        self.weight -= learning_rate * self.weight
        self.steps += 1
        return loss

    @property
    def pair(self):
        return (lambda: (self.weight, self.steps)), self.put

    def put(self, state) -> None:
        self.weight, self.steps = state


@pytest.fixture
def descent():
    random.seed(1)
    return Descent()


def quiet(descent, **options):
    arguments = {"start_lr": 1e-4, "end_lr": 1e3, "num_steps": 150, "verbose": 0, "restore": [descent.pair], **options}
    return RangeTest(**arguments)


def test_a_loop_is_given_rates_until_the_loss_diverges_and_all_is_as_it_was(descent, tmp_path):
    losses, before = [], random.getstate()
    with quiet(descent, log_dir=tmp_path, optimizer="SGD", batch_size=8, total_steps=5000) as test:
        for learning_rate in test:
            assert test.learning_rate == learning_rate
            losses.append(descent.step(learning_rate))
            test.report(losses[-1], accuracy=1 - losses[-1])
    assert (descent.weight, descent.steps) == (1.0, 0)
    assert random.getstate() == before
    assert test.stop_reason == "diverged"
    assert 50 < len(losses) < 150
    np.testing.assert_array_equal(test.curve.losses, losses)
    np.testing.assert_array_equal(test.curve.learning_rates, np.geomspace(1e-4, 1e3, 150)[: len(losses)])
    np.testing.assert_array_equal(test.history["accuracy"], 1 - np.array(losses))
    assert test.suggestion == suggest(test.curve, total_steps=5000) == test.result.suggestion
    assert test.suggestion.learning_rate is not None
    assert 0.01 < test.suggestion.learning_rate < 2

    (trace,), (columns,) = recorded(tmp_path)
    header = trace.header
    assert header is not None
    assert (trace.status, trace.status_text) == ("finished", test.stop_text)
    assert (header.num_steps, header.start_lr, header.end_lr, header.spacing) == (150, 1e-4, 1e3, "log")
    assert (header.optimizer, header.batch_size, header.total_steps) == ("SGD", 8, 5000)
    for name, values in test.history.items():
        np.testing.assert_array_equal(columns[name], values)


def test_the_result_is_told_when_the_test_ends(descent, capsys):
    with quiet(descent, verbose=1) as test:
        for learning_rate in test:
            test.report(descent.step(learning_rate))
    assert "Suggested learning rate" in capsys.readouterr().out


def test_the_rows_can_be_read_while_the_test_runs(descent, tmp_path):
    with quiet(descent, log_dir=tmp_path, end_lr=0.1) as test:
        for step, learning_rate in enumerate(test):
            test.report(descent.step(learning_rate))
            if step == 100:
                assert test._trainings.writer is not None
                test._trainings.writer.flush()
                (trace,), (columns,) = recorded(tmp_path)
                assert trace.status == "running"
                assert columns["loss"].size == 100  # the last one is not over yet
    assert test.stop_reason == "completed"


def test_several_updates_of_a_rate_give_their_mean_and_their_spread(descent):
    losses = []
    with quiet(descent, updates_per_lr=3, num_steps=20, divergence_factor=None, end_lr=1.0) as test:
        for learning_rate in test:
            losses.append(descent.step(learning_rate))
            test.report(losses[-1])
    steps = np.reshape(losses, (20, 3))
    np.testing.assert_allclose(test.history["loss"], steps.mean(axis=1))
    np.testing.assert_allclose(test.history["loss_std"], steps.std(axis=1))


def test_a_metric_decides_where_it_is_monitored(descent):
    with quiet(descent, monitor="accuracy") as test:
        for learning_rate in test:
            loss = descent.step(learning_rate)
            test.report(loss, accuracy=1 / (1 + loss))
    assert test.curve.mode == "max"
    assert test.suggestion.learning_rate is not None
    with quiet(descent, monitor="d_loss") as test:
        for learning_rate in test:
            test.report(d_loss=descent.step(learning_rate))
    assert "loss" not in test.history
    assert test.stop_text.count("`d_loss`") == 1


def test_one_number_may_come_in_any_shape(descent):
    forms = [float, np.float32, np.array, lambda loss: np.array([loss]), lambda loss: np.array([[loss]])]
    with quiet(descent, num_steps=len(forms), divergence_factor=None) as test:
        for form, learning_rate in zip(forms, test, strict=True):
            test.report(form(0.5 + 0 * learning_rate))
    np.testing.assert_array_equal(test.history["loss"], 0.5)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_first_loss_that_is_not_finite_ends_the_test_and_is_told(descent, loss):
    with quiet(descent) as test:
        for _ in test:
            test.report(loss)
    assert (test.stop_reason, len(test.curve)) == ("non_finite", 1)
    assert test.suggestion.learning_rate is None


def test_repeats_begin_at_the_same_start_with_other_random_numbers(descent, tmp_path):
    starts = []
    with quiet(descent, log_dir=tmp_path, repeats=3, end_lr=1.0) as test:
        for learning_rate in test:
            if descent.steps == 0:
                starts.append((descent.weight, random.random()))
            test.report(descent.step(learning_rate))
    assert [weight for weight, _ in starts] == [1.0] * 3
    assert len({number for _, number in starts}) == 3
    assert len(test.result.repeats) == 3
    assert test.result.spread is not None
    assert (test.history["loss_std"] > 0).all()
    (trace,), (columns,) = recorded(tmp_path)
    assert trace.header is not None
    assert trace.header.repeats == 3
    assert trace.status_text == test.stop_text == "Mean of 3 repeats. Swept to end_lr=1."
    np.testing.assert_array_equal(columns["loss"], test.history["loss"])


def test_short_trainings_see_the_same_batches_and_are_written(descent, tmp_path):
    data, seen = [0.5, 1.0, 2.0], []
    with quiet(descent, log_dir=tmp_path, confirm=3, confirm_steps=24) as test:
        for batch in test.batches(data):
            if descent.steps == 0:
                seen.append([])
            seen[-1].append(batch)
            test.report(descent.step(test.learning_rate))
    assert len(seen) == 4
    assert all(batches == (data * 50)[: len(batches)] for batches in seen)
    assert len(test.result.trials) == 3
    assert "Short trainings" in test.suggestion.reason
    assert (descent.weight, descent.steps) == (1.0, 0)
    (trace,), _ = recorded(tmp_path)
    assert trace.header is not None
    assert trace.header.trials == test.result.trials
    assert trace.status_text == test.stop_text


def test_a_generator_that_ends_ends_the_test(descent):
    with quiet(descent) as test:
        for batch in test.batches(iter(range(40))):
            test.report(descent.step(test.learning_rate) + 0 * batch)
    assert (test.stop_reason, test.stop_text) == ("data_ran_out", "The data ran out at step 40 of 150.")
    assert len(test.curve) == 40


def test_data_without_a_batch_are_refused(descent):
    def train(test):
        for _ in test.batches([]):
            raise AssertionError

    with pytest.raises(ValueError, match="The data must give at least one batch. Received: list with none."):
        run(quiet(descent), train)


def test_a_loop_that_is_left_keeps_what_it_measured(descent, tmp_path):
    with quiet(descent, log_dir=tmp_path) as test:
        for step, learning_rate in enumerate(test):
            test.report(descent.step(learning_rate))
            if step == 59:
                break
    assert descent.weight == 1.0
    assert len(test.curve) == 60
    assert test.stop_text == "Stopped at step 60 of 150: the loop went no further."
    (trace,), _ = recorded(tmp_path)
    assert (trace.status, trace.num_rows, trace.status_text) == ("finished", 60, test.stop_text)


def test_repeats_that_are_left_keep_those_that_are_whole(descent):
    with quiet(descent, repeats=3, end_lr=1.0, num_steps=50) as test:
        for step, learning_rate in enumerate(test):
            test.report(descent.step(learning_rate))
            if step == 110:
                break
    assert (len(test.curve), len(test.result.repeats)) == (50, 2)


class FailureOfTheirsError(Exception):
    pass


def run(test, body):
    with test:
        body(test)


@pytest.mark.parametrize(
    ("error", "reason", "said"),
    [
        (FailureOfTheirsError("no"), "error", "Interrupted after step 30: FailureOfTheirsError: no."),
        (KeyboardInterrupt(), "interrupted", "Interrupted after step 30: Ctrl-C."),
        (SystemExit(3), "error", "Interrupted after step 30: SystemExit: 3."),
    ],
)
def test_an_exception_leaves_all_as_it_was_and_is_told(descent, tmp_path, error, reason, said):
    def train(test):
        for step, learning_rate in enumerate(test):
            if step == 30:
                raise error
            test.report(descent.step(learning_rate))

    test = quiet(descent, log_dir=tmp_path)
    with pytest.raises(type(error)):
        run(test, train)
    assert (descent.weight, descent.steps) == (1.0, 0)
    assert (test.stop_reason, test.stop_text) == (reason, said)
    assert len(test.curve) == 30
    (trace,), _ = recorded(tmp_path)
    assert (trace.status, trace.status_text, trace.num_rows) == ("interrupted", said, 30)


def test_an_exception_in_a_short_training_keeps_the_sweep(descent, tmp_path):
    def train(test):
        for learning_rate in test:
            if test._trainings._confirmation is not None and descent.steps == 20:
                raise FailureOfTheirsError
            test.report(descent.step(learning_rate))

    test = quiet(descent, log_dir=tmp_path, confirm=3)
    with pytest.raises(FailureOfTheirsError):
        run(test, train)
    assert descent.weight == 1.0
    assert test.suggestion.learning_rate is not None
    assert test.stop_text.endswith("The short trainings were interrupted: FailureOfTheirsError.")
    (trace,), _ = recorded(tmp_path)
    assert (trace.status, trace.status_text) == ("interrupted", test.stop_text)


@pytest.fixture
def ctrl_c(interruptible):
    """Presses Ctrl-C."""
    return lambda: signal.raise_signal(signal.SIGINT)


def test_ctrl_c_waits_until_all_is_restored(descent, ctrl_c):
    def put(state):
        ctrl_c()
        descent.put(state)

    def train(test):
        for learning_rate in test:
            second.step(learning_rate)
            test.report(descent.step(learning_rate))

    second = Descent()
    with pytest.raises(KeyboardInterrupt):
        run(quiet(descent, restore=[(descent.pair[0], put), second.pair]), train)
    assert (descent.weight, second.weight) == (1.0, 1.0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_cannot_be_put_back_keeps_nothing_else_from_it_and_is_told(descent, tmp_path):
    def put(state):
        raise FailureOfTheirsError("It is gone.")

    def train(test):
        for learning_rate in test:
            test.report(descent.step(learning_rate))

    before = random.getstate()
    test = quiet(descent, log_dir=tmp_path, restore=[(lambda: 1, put), descent.pair])
    with pytest.raises(FailureOfTheirsError, match="It is gone"):
        run(test, train)
    assert (descent.weight, random.getstate()) == (1.0, before)
    (trace,), _ = recorded(tmp_path)
    assert trace.status == "interrupted"


def test_it_works_in_a_thread_and_within_another_test(descent):
    def run():
        with quiet(descent) as test:
            for learning_rate in test:
                test.report(descent.step(learning_rate))
        curves.append(test.curve)

    curves = []
    run()
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    with quiet(descent) as outer:
        for step, learning_rate in enumerate(outer):
            if step == 50:
                run()
            outer.report(descent.step(learning_rate))
    np.testing.assert_array_equal(curves[1].losses, curves[0].losses)
    np.testing.assert_array_equal(outer.curve.losses, curves[0].losses)


def without_report(test):
    for _ in test:
        pass


def reports_twice(test):
    for _ in test:
        test.report(1.0)
        test.report(1.0)


def reports_early(test):
    test.report(1.0)


def iterates_twice(test):
    for _ in test:
        iter(test)


def reports_a_vector(test):
    for _ in test:
        test.report(np.ones(32))


def reports_no_loss(test):
    for _ in test:
        test.report(accuracy=0.5)


def reports_text(test):
    for _ in test:
        test.report("0.5")


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (without_report, RuntimeError, "call `report` with the loss of its batch. Received: none for 0.0001."),
        (
            reports_twice,
            RuntimeError,
            "for several batches a rate, use updates_per_lr. Received: a second report for 0.0001.",
        ),
        (reports_early, RuntimeError, "Received: a report to a test that is not running."),
        (iterates_twice, RuntimeError, "Received: it is iterated over twice."),
        (reports_a_vector, ValueError, "`loss` must be one number: report its mean. Received: loss of shape [32]."),
        (reports_no_loss, ValueError, "Received: monitor='loss'; reported are accuracy."),
        (reports_text, ValueError, "`loss` must be a number. Received: loss='0.5'."),
    ],
)
def test_a_loop_that_goes_wrong_is_told_so(descent, body, error, said):
    with pytest.raises(error) as raised:
        run(quiet(descent), body)
    assert str(raised.value).endswith(said)
    assert descent.weight == 1.0


def test_it_is_used_once_and_as_a_context_manager(descent):
    with pytest.raises(RuntimeError, match="`with RangeTest.*Received: it is new"):
        iter(quiet(descent))
    with quiet(descent) as test:
        pass
    assert test.stop_text == "Stopped at step 0 of 150: the loop went no further."
    with pytest.raises(RuntimeError, match="used once: make another one"):
        run(test, list)
    with pytest.raises(RuntimeError, match="Received: it is over"):
        iter(test)
    with pytest.raises(RuntimeError, match="a report to a test that is over"):
        test.report(1.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"restore": object()}, r"`restore` takes what can say its state.*Received: object\."),
        ({"restore": [{"a": 1}]}, r"Received: dict\."),
        ({"restore": [], "repeats": 2}, "say in `restore` what the training changes"),
        ({"restore": [], "confirm": 3}, "say in `restore` what the training changes"),
        ({"optimizer": object()}, r"`optimizer` must be an optimizer of PyTorch or Keras.*Received: object\."),
        ({"optimizer": lambda: (1, 2)}, "returns tuple, with no `learning_rate` in it"),
        ({"num_steps": 1}, "`num_steps` must be a whole number of at least 2"),
        ({"updates_per_lr": "epoch"}, "`updates_per_lr` must be a whole number of at least 1"),
        ({"start_lr": 2.0, "end_lr": 1.0}, "`end_lr` must exceed `start_lr`"),
        ({"confirm": 1}, "`confirm` must be a whole number of at least 2"),
        ({"mode": "best"}, "`mode` must be"),
        ({"batch_size": 0, "log_dir": "logs"}, "`batch_size` must be a whole number of at least 1"),
    ],
)
def test_what_cannot_be_is_refused_at_construction(descent, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=said):
        quiet(descent, **options)
    assert list(tmp_path.iterdir()) == []


def test_what_must_be_said_is_asked_for():
    with pytest.raises(TypeError, match="restore"):
        RangeTest("logs/lr")  # pyright: ignore[reportCallIssue]


def test_random_generators_of_somebodys_own_are_restored(descent):
    generators = [np.random.default_rng(3), np.random.RandomState(4), random.Random(5)]
    before = [generators[0].random(), generators[1].random(), generators[2].random()]
    generators = [np.random.default_rng(3), np.random.RandomState(4), random.Random(5)]
    with quiet(descent, restore=[descent.pair, generators]) as test:
        for learning_rate in test:
            drawn = [generator.random() for generator in generators]
            test.report(descent.step(learning_rate) + 0 * sum(drawn))
    assert [generator.random() for generator in generators] == before
