"""`range_test`: one call, nothing left behind, a result that can be used and shown."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from tb_lrfinder import LRFinder, numerals, range_test, suggest
from tb_lrfinder.cli.main import main
from tb_lrfinder.curves.stop_rules import EliminationRule
from tests.support.models import BATCH_SIZE, assert_same_state, build_model, classification_data, fit, state_of

X, Y = classification_data()


def quiet(model, **options):
    arguments = {"num_steps": 60, "batch_size": BATCH_SIZE, "verbose": 0, **options}
    return range_test(model, X, Y, **arguments)


def test_gives_the_curve_that_the_callback_gives():
    finder = LRFinder(None, num_steps=60, verbose=0)
    keras.utils.set_random_seed(3)
    fit(build_model(), finder, epochs=8)
    result = quiet(build_model(), shuffle=False)
    np.testing.assert_array_equal(result.curve.losses, finder.curve.losses)
    assert result.suggestion == finder.suggestion
    assert result.stop_text == finder.stop_text


def test_leaves_no_trace_even_in_the_order_of_shuffled_data(tmp_path):
    tested, untouched = build_model(), build_model()
    for model in (tested, untouched):
        keras.utils.set_random_seed(3)
        fit(model)
        if model is tested:
            before = state_of(model)
            quiet(model)
            assert_same_state(state_of(model), before)
        fit(model, epochs=2, shuffle=True)
    assert_same_state(state_of(tested), state_of(untouched))
    assert list(tmp_path.iterdir()) == []


def test_two_tests_in_a_row_give_the_same_curve():
    model = build_model()
    first, second = quiet(model, shuffle=False), quiet(model, shuffle=False)
    np.testing.assert_array_equal(first.curve.losses, second.curve.losses)


def test_repeats_give_one_curve_with_its_spread(tmp_path):
    model = build_model(dropout=0.0)
    fit(model)
    before = state_of(model)
    keras.utils.set_random_seed(5)
    result = quiet(model, repeats=3, log_dir=tmp_path, end_lr=1.0, divergence_factor=None)
    assert_same_state(state_of(model), before)
    assert len(result.repeats) == 3
    rates = [one.learning_rate for one in result.repeats if one.learning_rate is not None]
    assert result.spread == (min(rates), max(rates))
    assert (result.history["loss_std"] > 0).all()  # the batches came in another order
    assert result.suggestion == suggest(result.curve)
    np.testing.assert_array_equal(result.curve.losses, result.history["loss"])
    assert len(list(tmp_path.iterdir())) == 1


def test_repeats_of_the_same_order_do_not_differ():
    result = quiet(build_model(dropout=0.0), repeats=2, shuffle=False)
    single = quiet(build_model(dropout=0.0), shuffle=False)
    np.testing.assert_array_equal(result.curve.losses, single.curve.losses)
    np.testing.assert_array_equal(result.history["loss_std"], 0.0)


def quiet_sgd(**options):
    model = build_model(keras.optimizers.SGD(), dropout=0.0)
    return model, quiet(model, num_steps=120, confirm=3, confirm_steps=36, shuffle=False, **options)


def test_confirm_trains_at_rates_around_the_suggestion_and_undoes_it(tmp_path):
    model = build_model()
    fit(model)
    before = state_of(model)
    keras.utils.set_random_seed(5)
    result = quiet(model, num_steps=120, confirm=3, confirm_steps=36, log_dir=tmp_path)
    assert_same_state(state_of(model), before)
    swept = suggest(result.curve).learning_rate
    assert swept is not None
    assert [trial.learning_rate for trial in result.trials] == pytest.approx([swept, swept / 10**0.5, swept * 10**0.5])
    assert result.suggestion == suggest(result.curve, trials=result.trials)
    assert result.suggestion.learning_rate != swept
    by_rate = sorted(result.trials, key=lambda trial: trial.learning_rate)
    told = [repr(result).index(f"{numerals.rate(trial.learning_rate)} reached {trial.loss:.3g}") for trial in by_rate]
    assert told == sorted(told)
    # The same stands in the log directory.
    assert main(["suggest", str(tmp_path), "--json"]) == 0


def test_the_length_of_the_training_is_told_to_the_suggestion_and_the_log_directory(tmp_path, capsys):
    model = build_model()
    usual, told = (
        quiet(model, num_steps=60, shuffle=False, log_dir=tmp_path / name, total_steps=total_steps)
        for name, total_steps in (("usual", None), ("told", 6400))
    )
    assert told.suggestion == suggest(told.curve, total_steps=6400)
    assert usual.suggestion.learning_rate is not None
    assert told.suggestion.learning_rate == pytest.approx(usual.suggestion.learning_rate * 10**-0.3)
    assert main(["suggest", str(tmp_path), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert [first["learning_rate"], second["learning_rate"]] == [
        told.suggestion.learning_rate,
        usual.suggestion.learning_rate,
    ]
    assert main(["suggest", str(tmp_path), "--json", "--total-steps", "6400"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first["learning_rate"] == pytest.approx(second["learning_rate"])


def test_short_trainings_are_tried_around_the_rate_for_a_short_training():
    _, usual = quiet_sgd()
    _, told = quiet_sgd(total_steps=6400)
    rates = [[trial.learning_rate for trial in result.trials] for result in (usual, told)]
    assert rates[0] == rates[1]
    assert rates[0][0] == suggest(usual.curve).learning_rate
    assert told.suggestion.learning_rate is not None
    assert usual.suggestion.learning_rate is not None
    assert told.suggestion.learning_rate < usual.suggestion.learning_rate


def test_a_length_that_is_none_is_refused_at_once():
    with pytest.raises(ValueError, match="`total_steps` must be a whole number of at least 1"):
        quiet(build_model(), total_steps=0)
    with pytest.raises(ValueError, match="`total_steps` must be a whole number of at least 1"):
        LRFinder(None, total_steps=0.5)  # type: ignore[arg-type]


def test_a_trial_reaches_what_a_training_at_its_rate_reaches():
    model, result = quiet_sgd()
    trial = result.trials[0]
    assert trial.finished
    model.optimizer.learning_rate = trial.learning_rate
    losses = []

    class Losses(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.reset_metrics()

        def on_train_batch_end(self, batch, logs=None):
            losses.append((logs or {})["loss"])

    fit(model, Losses(), epochs=5)
    assert trial.loss == pytest.approx(np.mean(losses[30:36]), rel=1e-4)


def test_all_trials_see_the_data_in_one_order():
    first, again = quiet_sgd()[1], quiet_sgd()[1]
    assert first.trials == again.trials


def test_trials_of_a_validation_value_are_judged_by_it():
    _, result = quiet_sgd(validation_data=(X, Y), validation_freq=6, monitor="val_accuracy")
    assert all(-1.0 <= trial.loss <= 0.0 for trial in result.trials)  # an accuracy, its sign turned
    assert "the `val_accuracy`" in suggest(result.curve, "minimum").reason


def test_an_interrupt_in_a_trial_keeps_the_sweep_and_restores_the_model(tmp_path, capsys, monkeypatch):
    model = build_model(dropout=0.0)
    fit(model)
    before = state_of(model)
    keras.utils.set_random_seed(5)
    update = EliminationRule.update

    def interrupted(rule, loss):
        if rule.steps == 20:
            raise KeyboardInterrupt
        return update(rule, loss)

    monkeypatch.setattr(EliminationRule, "update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        quiet(model, num_steps=120, confirm=3, confirm_steps=36, log_dir=tmp_path)
    assert_same_state(state_of(model), before)
    assert main(["suggest", str(tmp_path), "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["status"] == "interrupted"
    assert record["status_text"].endswith("The short trainings were interrupted: KeyboardInterrupt.")
    assert record["rows"] > 50
    assert record["learning_rate"] is not None


def test_repeats_and_trials_go_together(tmp_path, capsys):
    result = quiet(build_model(), num_steps=120, repeats=2, confirm=2, confirm_steps=12, log_dir=tmp_path)
    assert (len(result.repeats), len(result.trials)) == (2, 2)
    assert main(["suggest", str(tmp_path), "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["status_text"].startswith("Mean of 2 repeats. ")
    assert record["learning_rate"] == result.suggestion.learning_rate
    assert len(record["trials"]) == 2


def test_without_a_suggestion_there_is_nothing_to_confirm():
    assert quiet(build_model(), num_steps=5, confirm=3).trials == ()


@pytest.mark.parametrize(
    "options", [{"confirm": 1}, {"confirm": -1}, {"confirm": 2.0}, {"confirm": 2, "confirm_steps": 5}]
)
def test_refuses_to_confirm_with_too_little(options):
    with pytest.raises(ValueError, match=r"`confirm(_steps)?` must be .* Received: confirm"):
        quiet(build_model(), **options)


def test_sets_the_rate_when_asked_and_says_so(capsys):
    model = build_model()
    result = quiet(model, set_learning_rate=True, verbose=1)
    assert result.suggestion.learning_rate is not None
    assert float(model.optimizer.learning_rate) == np.float32(result.suggestion.learning_rate)
    printed = " ".join(capsys.readouterr().out.split())
    rate = numerals.rate(result.suggestion.learning_rate)
    assert f"The optimizer's learning rate was set to {rate}, from 0.001." in printed


def test_leaves_the_rate_when_there_is_none_to_set(capsys):
    model = build_model()
    result = quiet(model, set_learning_rate=True, num_steps=5, verbose=1)
    assert result.suggestion.learning_rate is None
    assert "The optimizer's learning rate was left at 0.001." in " ".join(capsys.readouterr().out.split())


def test_refuses_to_set_the_rate_of_a_schedule():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    with pytest.raises(ValueError, match="`set_learning_rate=True` needs an optimizer whose learning rate is a number"):
        quiet(build_model(keras.optimizers.SGD(schedule)), set_learning_rate=True)


@pytest.mark.parametrize("repeats", [0, -1])
def test_refuses_no_repeats(repeats):
    with pytest.raises(
        ValueError, match=f"`repeats` must be a whole number of at least 1. Received: repeats={repeats}."
    ):
        quiet(build_model(), repeats=repeats)


def test_takes_a_finite_generator_and_says_that_it_ran_out():
    def batches():
        for start in range(0, 160, 32):
            yield X[start : start + 32], Y[start : start + 32]

    with pytest.warns(UserWarning, match="ran out of data"):
        result = range_test(build_model(), batches(), num_steps=20, shuffle=False, verbose=0)
    assert len(result.curve) == 5
    assert result.stop_text == "The data ran out at step 5 of 20."


def test_takes_weights_metrics_and_validation_data():
    result = quiet(
        build_model(),
        sample_weight=np.ones(len(X)),
        validation_data=(X, Y),
        validation_freq=30,
        monitor="val_accuracy",
        class_weight=None,
    )
    assert np.isfinite(result.history["val_accuracy"][[0, 30]]).all()
    assert len(result.curve) == 2


def test_shows_itself_in_words_and_in_a_notebook(capsys):
    result = quiet(build_model(), verbose=1, num_steps=100)
    printed = capsys.readouterr().out
    assert "Suggested learning rate" in printed
    # The bar shows the last values, not their mean.
    assert f"learning_rate: {result.history['learning_rate'][-1]:.4f}" in printed
    text = repr(result)
    assert text.startswith(f"LR range test: {len(result.curve)} of 100 steps\nSuggested learning rate: ")
    assert result.suggestion.reason in text
    page = result._repr_html_()
    assert "<svg" in page
    assert result.stop_text in page


UNSEEDED = """
import keras, numpy as np
from tb_lrfinder import range_test

model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.1), keras.layers.Dense(1)])
model.compile("adam", loss="mse")
x = np.random.normal(size=(640, 4)).astype("float32")
result = range_test(model, x, x.sum(axis=1), num_steps=40, repeats=2, verbose=0)
print(len(result.repeats), bool((result.history["loss_std"] > 0).all()))
"""


def test_works_where_nobody_set_a_seed():
    """Every other test sets one: in a process of its own."""
    result = subprocess.run([sys.executable, "-c", UNSEEDED], capture_output=True, text=True)
    assert result.stdout == "2 True\n", result.stderr
