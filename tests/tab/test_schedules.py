"""The Schedules view and the planner in a real TensorBoard in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from playwright.sync_api import FrameLocator, expect

from tb_lrfinder import LRRecorder, plan, suggest
from tb_lrfinder.rates.planner import RECIPES, basis_of, learning_rates
from tb_lrfinder.schedules import OneCycle
from tests.support.browser import open_tab
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import as_recorded, synthetic_curve, training_steps, write_trace, write_training

pytestmark = pytest.mark.browser

STEPS_PER_EPOCH, EPOCHS = 10, 6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A plan and the training it was made for, one with a plateau beside Keras' own log, a sweep by hand, a range test."""
    log_dir = tmp_path_factory.mktemp("schedules")
    schedule = OneCycle(0.05, total_steps=STEPS_PER_EPOCH * EPOCHS)
    plan(schedule, STEPS_PER_EPOCH * EPOCHS, log_dir / "plan", steps_per_epoch=STEPS_PER_EPOCH)
    train(log_dir / "one_cycle", schedule)
    # It never improves by so much: the rate falls after every epoch but the first.
    plateau = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.1, patience=1, min_delta=1e9)
    train(log_dir / "plateau", 0.05, plateau, keras.callbacks.TensorBoard(log_dir / "plateau"))
    curve = synthetic_curve(300)
    write_training(log_dir / "by_hand", training_steps(curve.learning_rates, curve.losses))
    write_trace(log_dir / "range_test", curve)
    with serve(log_dir) as running:
        running.wait_for(lambda traces: len(traces) == 5 and all(trace["rows"] for trace in traces.values()))
        yield running


def train(log_dir: Path, rate: object, *callbacks: keras.callbacks.Callback) -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    x = np.random.default_rng(0).normal(size=(8 * STEPS_PER_EPOCH, 4))
    y = x.sum(axis=1)
    others = [*callbacks, LRRecorder(log_dir)]
    model.fit(x, y, batch_size=8, epochs=EPOCHS, validation_data=(x, y), verbose=0, callbacks=others)


def view(tab: FrameLocator, name: str) -> None:
    tab.locator(f"[data-testid=view][value={name}]").click()


def id_of(server: Server, run: str) -> str:
    return server.traces()[run]["id"]


def test_a_plan_is_dashed_beside_what_happened(page, server):
    tab = open_tab(page, server)
    view(tab, "schedules")
    lines = tab.get_by_test_id("schedule-line")
    expect(lines).to_have_count(4)
    planned = tab.locator(f"[data-testid=schedule-line][data-id='{id_of(server, 'plan')}']")
    happened = tab.locator(f"[data-testid=schedule-line][data-id='{id_of(server, 'one_cycle')}']")
    expect(planned).to_have_attribute("data-kind", "plan")
    assert planned.evaluate("line => getComputedStyle(line).strokeDasharray") != "none"
    assert happened.evaluate("line => getComputedStyle(line).strokeDasharray") == "none"
    boxes = [line.bounding_box() for line in (planned, happened)]
    assert boxes[0] == pytest.approx(boxes[1], abs=1.0)  # the training did what was planned


def test_a_plateau_is_marked_with_its_words(page, server):
    tab = open_tab(page, server)
    view(tab, "schedules")
    row = tab.locator(f"[data-testid=schedule-row][data-id='{id_of(server, 'plateau')}']")
    expect(row).to_contain_text("ReduceLROnPlateau: 0.05 → 0.005 at epoch 2")
    expect(tab.locator("[data-testid=schedule-mark][data-step='20']").first).to_be_visible()


def test_a_scalar_of_keras_lies_over_the_schedule(page, server):
    tab = open_tab(page, server)
    view(tab, "schedules")
    tab.get_by_test_id("overlay").select_option("epoch_loss")
    line = tab.locator("[data-testid=overlay-line][data-run='plateau/validation']")
    expect(line).to_have_count(1)
    expect(tab.get_by_test_id("right-axis")).to_be_visible()
    by_step = line.get_attribute("d")
    for axis in ("epoch", "wall", "relative"):
        tab.get_by_test_id("x-axis").select_option(axis)
        expect(tab.get_by_test_id("schedule-line").first).to_be_visible()
        expect(line).to_have_count(1)
    assert line.get_attribute("d") != by_step
    tab.get_by_test_id("overlay").select_option("")
    expect(line).to_have_count(0)


def test_a_sweep_by_hand_is_offered_as_a_range_test(page, server):
    tab = open_tab(page, server)
    trace_id = id_of(server, "by_hand")
    expect(tab.locator(f"[data-testid=curve][data-id='{trace_id}']")).to_have_count(1)
    shown = tab.locator(f"[data-testid=mark-label][data-id='{trace_id}']")
    curve = as_recorded(synthetic_curve(300), optimizer=None)
    expect(shown).to_have_attribute("data-value", str(suggest(curve).learning_rate))
    expect(tab.get_by_test_id("curve")).to_have_count(2)  # trainings and plans that are no sweeps stay away


def test_the_code_that_is_copied_builds_the_schedule_that_is_drawn(page, server):
    tab = open_tab(page, server)
    row = tab.locator(f"[data-testid=suggestion-row][data-id='{id_of(server, 'range_test')}']")
    row.get_by_test_id("plan-from").click()
    tab.locator("[data-testid=field][data-name=total_steps]").fill("120")
    code = tab.get_by_test_id("recipe-code")
    uses = {use.name: use for use in suggest(as_recorded(synthetic_curve(300)), total_steps=120).uses}
    for name, recipe in RECIPES.items():
        tab.get_by_test_id("recipe").select_option(name)
        expect(tab.get_by_test_id("schedule-line").first).to_have_attribute("data-id", name)
        expect(code).to_contain_text("total_steps = 120")
        use = uses[recipe.use]
        source = f"The {use.label[0].lower()}{use.label[1:]} suggested for range_test. {use.reason}"
        expect(tab.get_by_test_id("rate-source")).to_contain_text(source)
        expect(tab.get_by_test_id("rate-source")).to_contain_text("; for 120 steps, ")
        drawn = learning_rates(name, 120, recipe.defaults(basis_of(120, use.learning_rate, use.lower)))
        scope: dict[str, Any] = {}
        exec(code.inner_text(), scope)
        built: Any = scope["learning_rate"]
        values = [built if isinstance(built, float) else float(built(step)) for step in range(120)]
        np.testing.assert_allclose(values, drawn, rtol=1e-5, atol=2e-8)


def test_a_value_out_of_range_is_said_at_once_and_keeps_the_last_schedule(browser, server):
    # Not the `page` fixture: Chromium puts every refused request into the console.
    page = browser.new_page()
    tab = open_tab(page, server)
    view(tab, "planner")
    tab.get_by_test_id("recipe").select_option("one_cycle")
    expect(tab.get_by_test_id("recipe-code")).to_contain_text("OneCycle(")
    tab.locator("[data-testid=field][data-name=warmup_share]").fill("x")
    expect(tab.get_by_test_id("plan-problem")).to_contain_text("warmup_share")
    expect(tab.get_by_test_id("recipe-code")).to_contain_text("OneCycle(")
    page.close()
