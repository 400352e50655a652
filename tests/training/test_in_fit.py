"""`range_test` in the middle of a `fit`: the training goes on as if there had been no test."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, range_test
from tests.support.models import BATCH_SIZE, STEPS, assert_same_state, build_model, classification_data, state_of
from tests.support.recorded import recorded
from tests.support.whole_fit import EPOCHS, assert_same_training, train

X, Y = classification_data()
BACKEND = keras.backend.backend()


def quick_test(model: keras.Model, x: Any = X, y: Any = Y, **options: Any) -> Any:
    arguments = {"num_steps": 12, "divergence_factor": None, "verbose": 0, **options}
    if isinstance(x, np.ndarray):
        arguments = {"batch_size": BATCH_SIZE, **arguments}
    return range_test(model, x, y, **arguments)


class RunsTests(keras.callbacks.Callback):
    """Runs a range test in the second and third call of a hook; in hooks of batches, in the middle of the epoch."""

    def __init__(self, hook: str, test: Callable[[keras.Model], Any] = quick_test) -> None:
        super().__init__()
        self.results: list[Any] = []
        self._test = test
        self._calls = 0
        self.due: tuple[int, ...] = (STEPS + 2, STEPS + 5) if "batch" in hook else (0, 2)
        setattr(self, hook, self._called)

    def _called(self, *_args: Any, **_options: Any) -> None:
        if self._calls in self.due:
            self.results.append(self._test(self.model))
        self._calls += 1


HOOKS = (
    "on_train_begin",
    "on_epoch_begin",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_batch_end",
    "on_test_end",
    "on_epoch_end",
    "on_train_end",
)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_training_with_tests_in_it_is_the_training_without_them(hook, tmp_path):
    options: dict[str, Any] = {"validation_data": (X[:100], Y[:100])}
    tests = RunsTests(hook)
    tested = train(build_model(), tmp_path / "tested", tests, **options)
    untouched = train(build_model(), tmp_path / "untouched", **options)
    assert_same_training(tested, untouched)
    assert len(tested.logs["val_loss"]) == EPOCHS
    assert len(tested.rows["step"]) == EPOCHS * STEPS
    assert [len(result.curve) for result in tests.results] == [12] * (
        1 if hook in ("on_train_begin", "on_train_end") else 2
    )


OPTIMIZERS = {
    "schedule": lambda: keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, EPOCHS * STEPS)),
    "accumulation": lambda: keras.optimizers.SGD(0.05, momentum=0.9, gradient_accumulation_steps=3),
    "averages": lambda: keras.optimizers.Adam(0.01, use_ema=True),
    "loss_scale": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01), initial_scale=2.0),
}


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_train_batch_end", "on_epoch_end"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_whatever_the_optimizer(optimizer, hook, tmp_path):
    tested = train(build_model(OPTIMIZERS[optimizer]()), tmp_path / "tested", RunsTests(hook))
    untouched = train(build_model(OPTIMIZERS[optimizer]()), tmp_path / "untouched")
    assert_same_training(tested, untouched)


CALLBACKS = {
    "plateau": lambda: keras.callbacks.ReduceLROnPlateau("loss", min_delta=0.5, patience=1),
    "scheduler": lambda: keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.7),
    "stopping": lambda: keras.callbacks.EarlyStopping("loss", min_delta=0.5, patience=2),
}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("other", CALLBACKS)
def test_whatever_changes_the_rate_or_ends_the_training_beside_it(other, first, tmp_path):
    tests = RunsTests("on_epoch_end"), CALLBACKS[other]()
    tested = train(build_model(), tmp_path / "tested", *(tests if first else reversed(tests)))
    untouched = train(build_model(), tmp_path / "untouched", CALLBACKS[other]())
    assert_same_training(tested, untouched)
    assert len(tested.logs["loss"]) == (3 if other == "stopping" else EPOCHS)


@pytest.mark.skipif(BACKEND == "torch", reason="Keras has no `steps_per_execution` on PyTorch")
@pytest.mark.parametrize("hook", ["on_epoch_end", "on_train_batch_end"])
def test_with_several_batches_in_an_execution(hook, tmp_path):
    def model() -> keras.Model:
        model = build_model()
        model.steps_per_execution = 3
        return model

    due = RunsTests(hook)
    due.due = (1, 4)
    assert_same_training(train(model(), tmp_path / "tested", due), train(model(), tmp_path / "untouched"))


@pytest.mark.parametrize("hook", ["on_train_batch_begin", "on_epoch_end"])
def test_with_repeats_short_trainings_and_validation(hook, tmp_path):
    def long_test(model: keras.Model) -> Any:
        # Other batches than those of the fit, too.
        options = {"repeats": 2, "confirm": 2, "confirm_steps": 12, "num_steps": 40, "batch_size": 20}
        validation = {"validation_data": (X[:30], Y[:30]), "validation_freq": 4}
        return quick_test(model, log_dir=tmp_path / "tests", end_lr=1.0, **options, **validation)

    tests = RunsTests(hook, long_test)
    tested = train(build_model(), tmp_path / "tested", tests, validation_split=0.2)
    untouched = train(build_model(), tmp_path / "untouched", validation_split=0.2)
    assert_same_training(tested, untouched)
    assert all(len(result.repeats) == 2 for result in tests.results)


def test_a_training_that_was_asked_to_stop_still_stops():
    class Stops(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 1

    assert len(train(build_model(), None, Stops(), RunsTests("on_epoch_end")).logs["loss"]) == 2


def test_the_compiled_functions_are_kept():
    for optimizer in ("adam", OPTIMIZERS["schedule"]()):
        model = build_model(optimizer)
        functions = []

        def keep(model: keras.Model, functions: Any = functions) -> None:
            before = vars(model)["train_function"], vars(model)["test_function"]
            quick_test(model)
            functions.append((before, (vars(model)["train_function"], vars(model)["test_function"])))

        train(model, None, RunsTests("on_epoch_end", keep), validation_data=(X, Y))
        assert len(functions) == 2
        for before, after in functions:
            assert before[0] is after[0]
            assert before[1] is after[1]


def test_a_fit_that_goes_on_where_a_backup_ended_has_whole_tests():
    """`BackupAndRestore` tells `fit` at which epoch to begin by an attribute of the model, and leaves it there."""

    class GoesOn(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.model._initial_epoch = 2

    tests = RunsTests("on_epoch_end")
    tested, untouched = train(build_model(), None, GoesOn(), tests), train(build_model(), None, GoesOn())
    assert_same_training(tested, untouched)
    assert [len(result.curve) for result in tests.results] == [12]


class Failing(keras.utils.PyDataset):
    """The third batch fails."""

    def __init__(self, error: BaseException | None) -> None:
        super().__init__()
        self._error = error

    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, index: int) -> Any:
        if index == 2:
            if self._error is not None:
                raise self._error
            signal.raise_signal(signal.SIGINT)
        return X[:20], Y[:20]


def failing_test(model: keras.Model) -> Any:
    return quick_test(model, Failing(RuntimeError("the data of the test")), None)


def interrupted_test(model: keras.Model) -> Any:
    return quick_test(model, Failing(None), None)


pytestmark = pytest.mark.usefixtures("interruptible")
ENDS = {"error": (failing_test, Exception), "ctrl_c": (interrupted_test, KeyboardInterrupt)}


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_epoch_end"])
@pytest.mark.parametrize("end", ENDS)
def test_a_test_that_fails_and_is_caught_leaves_the_training_as_it_was(end, hook, tmp_path):
    test, error = ENDS[end]

    def caught(model: keras.Model) -> None:
        with pytest.raises(error):
            test(model)

    tests = RunsTests(hook, caught)
    tested = train(build_model(), tmp_path / "tested", tests)
    assert len(tests.results) == 2
    assert_same_training(tested, train(build_model(), tmp_path / "untouched"))


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_train_batch_end", "on_epoch_end"])
@pytest.mark.parametrize("end", ENDS)
def test_a_test_that_fails_ends_the_training_as_any_failure_would(end, hook, tmp_path):
    test, error = ENDS[end]

    def fails(model: keras.Model) -> None:
        before = state_of(model)
        with pytest.raises(error):
            test(model)
        assert_same_state(state_of(model), before)
        assert model.stop_training is False
        test(model)

    model = build_model()
    with pytest.raises(error):
        train(model, tmp_path, RunsTests(hook, fails))
    (trace,), _ = recorded(tmp_path)
    assert trace.header_or_default.status == "interrupted"
    assert ("Ctrl-C" if end == "ctrl_c" else "the data of the test") in trace.header_or_default.stop_text
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    # Nothing of the watch is left, and the model trains.
    assert not {"reset_metrics", "evaluate"} & vars(model).keys()
    train(model)


def test_the_recorder_watches_on_after_a_test(tmp_path):
    class Fails(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if batch == 3:
                raise OSError("after the test")

    with pytest.raises(OSError, match="after the test"):
        train(build_model(), tmp_path, RunsTests("on_epoch_begin"), Fails())
    (trace,), (table,) = recorded(tmp_path)
    assert trace.header_or_default.stop_text == "Interrupted: OSError: after the test."
    assert len(table["step"]) == 3


def test_a_test_in_another_thread_is_refused_before_anything_is_changed(tmp_path):
    def elsewhere(model: keras.Model) -> None:
        def run() -> None:
            with pytest.raises(
                RuntimeError, match="in the thread of the `fit`.* a call in thread probe, .* in MainThread"
            ):
                quick_test(model)
            refused.append(True)

        thread = threading.Thread(target=run, name="probe")
        thread.start()
        thread.join()

    refused: list[bool] = []
    tested = train(build_model(), tmp_path / "tested", RunsTests("on_train_batch_end", elsewhere))
    assert len(refused) == 2
    assert_same_training(tested, train(build_model(), tmp_path / "untouched"))


def test_a_test_in_the_fit_of_a_test_is_refused():
    finder = LRFinder(None, num_steps=2 * STEPS, verbose=0)
    model = build_model()
    before = state_of(model)
    with pytest.raises(RuntimeError, match="must not be called in the fit of another range test. Received: LRFinder"):
        model.fit(X, Y, epochs=4, batch_size=BATCH_SIZE, verbose=0, callbacks=[finder, RunsTests("on_train_batch_end")])
    assert_same_state(state_of(model)[: len(model.variables)], before[: len(model.variables)])


def test_outside_a_fit_the_model_keeps_its_history_and_does_not_say_stop():
    model = build_model()
    model.fit(X, Y, verbose=0)
    history = model.history
    assert quick_test(model).stop_text
    assert model.history is history
    assert model.stop_training is False


class Shuffles(keras.utils.PyDataset):
    """Has another order in each epoch, by a generator of its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._rng = np.random.default_rng(1)
        self._order = np.arange(len(X))

    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, index: int) -> Any:
        chosen = self._order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
        return X[chosen], Y[chosen]

    def on_epoch_end(self) -> None:
        self._rng.shuffle(self._order)


def shuffled_dataset(*, again: bool = False) -> Any:
    tf = pytest.importorskip("tensorflow")
    tf.random.set_seed(5)
    slices = tf.data.Dataset.from_tensor_slices((X, Y))
    return slices.shuffle(len(X), seed=2, reshuffle_each_iteration=again).batch(BATCH_SIZE)


def shuffled_loader() -> Any:
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    generator = torch.Generator().manual_seed(4)
    return torch.utils.data.DataLoader(data, BATCH_SIZE, shuffle=True, generator=generator)


DATA = {
    "py_dataset": Shuffles,
    "py_dataset_with_workers": lambda: Shuffles(workers=2),
    "tf_dataset": shuffled_dataset,
    "data_loader": shuffled_loader,
}


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_train_batch_end", "on_epoch_end"])
@pytest.mark.parametrize("data", DATA)
def test_on_the_data_of_the_fit_itself(data, hook):
    own = DATA[data]()
    tests = RunsTests(hook, lambda model: quick_test(model, own, None, shuffle=False))
    # Keras shuffles a `PyDataset` too, by the random numbers of Python.
    tested = train(build_model(), None, tests, data=(own,), shuffle=False)
    untouched = train(build_model(), None, data=(DATA[data](),), shuffle=False)
    assert_same_training(tested, untouched)
    assert [len(result.curve) for result in tests.results] == [12, 12]


def test_says_so_where_the_next_epochs_of_the_fit_come_in_another_order():
    own = shuffled_dataset(again=True)

    def warned(model: keras.Model) -> None:
        with pytest.warns(UserWarning, match="another order than without this range test"):
            quick_test(model, own, None, shuffle=False)
        # One of its own changes nothing.
        quick_test(model, shuffled_dataset(again=True), None, shuffle=False)

    train(build_model(), None, RunsTests("on_epoch_end", warned), data=(own,), shuffle=False)


def test_the_generator_of_the_fit_is_refused():
    def batches() -> Any:
        while True:
            for start in range(0, 224, BATCH_SIZE):
                yield X[start : start + BATCH_SIZE], Y[start : start + BATCH_SIZE]

    own = batches()

    def refused(model: keras.Model) -> None:
        with pytest.raises(ValueError, match="Received: the generator of the fit. Pass another one, or arrays."):
            quick_test(model, own, None, shuffle=False)
        quick_test(model, batches(), None, steps_per_epoch=12, shuffle=False)

    tests = RunsTests("on_train_batch_end", refused)
    options = {"steps_per_epoch": STEPS, "shuffle": False}
    tested = train(build_model(), None, tests, data=(own,), **options)
    assert_same_training(tested, train(build_model(), None, data=(batches(),), **options))
    assert len(tests.results) == 2


MOVING = {
    "sgd": lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "schedule": lambda: keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 1000), momentum=0.9),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01, momentum=0.9),
    "loss_scale": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1, momentum=0.9), initial_scale=2.0
    ),
}


@pytest.mark.parametrize("optimizer", MOVING)
def test_the_velocity_of_a_training_does_not_go_on_in_a_test_at_other_rates(optimizer):
    def still(model: keras.Model) -> Any:
        # One batch again and again, at rates that move nothing.
        return quick_test(model, X[:BATCH_SIZE], Y[:BATCH_SIZE], start_lr=1e-9, end_lr=1e-8, shuffle=False)

    tests = RunsTests("on_epoch_end", still)
    tested = train(build_model(MOVING[optimizer](), dropout=0.0), None, tests)
    assert_same_training(tested, train(build_model(MOVING[optimizer](), dropout=0.0), None))
    for result in tests.results:
        assert result.curve.losses == pytest.approx(result.curve.losses[0], rel=1e-4)
