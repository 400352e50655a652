"""The states that the tab can be in, and how each comes about: for the checks of accessibility and for the pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, FrameLocator, Page

from tb_lrfinder import plan
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.schedules import OneCycle
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.rates_used import rates_of
from tests.support.browser import open_tab, tab_of
from tests.support.damage import write_damaged_traces
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import (
    FACTS,
    TRIALS,
    append,
    open_trace,
    synthetic_curve,
    training_steps,
    write_scalars,
    write_trace,
    write_training,
)

OPTIMIZERS = {"Adam": -2.8, "SGD": -1.4, "RMSprop": -3.1}
BATCH_SIZES = (16, 32, 64, 128, 256)


def nothing(log_dir: Path) -> None:
    log_dir.mkdir(exist_ok=True)


def few(log_dir: Path) -> None:
    """A range test that was confirmed, trainings and a plan."""
    write_trace(log_dir / "range_test", synthetic_curve(300), trials=TRIALS)
    write_trainings(log_dir)


def many(log_dir: Path) -> TraceWriter:
    """Thirty range tests, one that runs until its writer is let go, and some that cannot be read or told anything by."""
    write_tests(log_dir, 30)
    writer = open_trace(log_dir / "running", 300)
    append(writer, synthetic_curve(300), end=190)
    writer.flush()
    write_damaged_traces(log_dir / "broken")
    write_trace(log_dir / "broken/flat", Curve(synthetic_curve(60).learning_rates, np.ones(60)))
    return writer


def write_tests(log_dir: Path, number: int) -> None:
    """Three optimizers and five sizes of a batch, each from several starts; each test ends where its loss diverges."""
    for index in range(number):
        optimizer, batch_size = list(OPTIMIZERS)[index % 3], BATCH_SIZES[index // 3 % 5]
        centre = OPTIMIZERS[optimizer] + 0.3 * np.log2(batch_size / 64) + 0.02 * index
        curve = synthetic_curve(400, seed=index, noise=1.2 / np.sqrt(batch_size), centre=centre)
        steps = int(np.argmax(curve.losses > 9.0)) or len(curve)
        facts = {**FACTS, "optimizer": optimizer, "batch_size": batch_size}
        run = f"{optimizer.lower()}/batch_{batch_size}/seed_{index // 15}"
        writer = TraceWriter(log_dir / run, num_steps=len(curve), **facts)
        append(writer, curve, end=steps)
        writer.close(f"Stopped at step {steps}: the loss rose above 9.", stop_reason="diverged")


def write_trainings(log_dir: Path) -> None:
    """A training that did what was planned, one that met plateaus, and a validation loss beside each."""
    total = 600
    schedule = OneCycle(0.05, total_steps=total)
    planned = rates_of(schedule, np.arange(total))
    plan(schedule, total, log_dir / "one_cycle" / "plan", steps_per_epoch=10)
    rates = {"one_cycle": planned, "plateau": np.repeat([0.1, 0.05, 0.01, 0.001], total // 4)}
    for index, (run, rate) in enumerate(rates.items()):
        driver = ["OneCycle", "ReduceLROnPlateau"][index]
        write_training(log_dir / run, training_steps(rate), driver=driver)
        losses = 0.1 + np.exp(-np.arange(total / 10) / (10 + 10 * index))
        write_scalars(log_dir / run / "validation", "epoch_loss", losses.tolist())


LOGS: dict[str, Callable[[Path], object]] = {"nothing": nothing, "few": few, "many": many}


# What the tab asks for before all else.
LIST = "**/lr_finder/traces*"


def _as_it_opens(tab: FrameLocator) -> None:
    """What TensorBoard shows by itself."""


def _nothing_special(page: Page) -> None:
    """Opens as ever."""


def _wait_for_ever(page: Page) -> None:
    page.route(LIST, lambda route: None)


def _fail(page: Page) -> None:
    page.route(LIST, lambda route: route.fulfill(status=500, body="No disk."))


@dataclass(frozen=True)
class State:
    """A state of the tab.

    Attributes:
        name: Of its picture.
        logs: Which of the logs TensorBoard has read.
        settled: What is on the page once the state is reached.
        show: What a user does to get there.
        prepare: What is done to the page before it is loaded.
        size: Of the window.
    """

    name: str
    logs: str
    settled: str
    show: Callable[[FrameLocator], object] = _as_it_opens
    prepare: Callable[[Page], object] = _nothing_special
    size: tuple[int, int] = (1440, 900)


def _view(name: str) -> Callable[[FrameLocator], None]:
    return lambda tab: tab.locator(f"[data-testid=view][value={name}]").click()


def all_runs(tab: FrameLocator) -> None:
    tab.get_by_label("All runs").check()


def _only(expression: str) -> Callable[[FrameLocator], None]:
    return lambda tab: tab.get_by_test_id("filter").fill(expression)


def filtered(expression: str) -> Callable[[FrameLocator], None]:
    def show(tab: FrameLocator) -> None:
        _only(expression)(tab)
        all_runs(tab)

    return show


def _compared(tab: FrameLocator) -> None:
    all_runs(tab)
    tab.get_by_test_id("sort-rate").click()


def _grouped(tab: FrameLocator) -> None:
    tab.get_by_test_id("group-by").select_option("optimizer")


def _sloping(tab: FrameLocator) -> None:
    tab.locator("[data-testid=show] input[value=slope]").check()


def _all_multiplied(tab: FrameLocator) -> None:
    all_runs(tab)
    _multiplied(tab)


def _multiplied(tab: FrameLocator) -> None:
    tab.locator("[data-testid=layout] input[value=multiples]").check()


def _multiplied_among_options(tab: FrameLocator) -> None:
    """Where there is little room, the layout is one of the options."""
    tab.get_by_test_id("chart-options").locator("button").click()
    _multiplied(tab)
    tab.get_by_test_id("order").press("Escape")


def _readout(tab: FrameLocator) -> None:
    tab.get_by_test_id("chart").hover(position={"x": 700, "y": 200})


def _picked(tab: FrameLocator) -> None:
    tab.get_by_test_id("chart").click(position={"x": 500, "y": 200})


def all_schedules(tab: FrameLocator) -> None:
    _view("schedules")(tab)
    all_runs(tab)


def overlaid(tab: FrameLocator) -> None:
    _view("schedules")(tab)
    tab.get_by_test_id("overlay").select_option("epoch_loss")


def against_batch_size(tab: FrameLocator) -> None:
    all_runs(tab)
    _view("settings")(tab)
    tab.get_by_test_id("group-by").select_option("optimizer")
    tab.get_by_test_id("relation-point").first.click()


def _planned(tab: FrameLocator) -> None:
    tab.get_by_test_id("plan-from").first.click()
    tab.get_by_test_id("recipe").select_option("one_cycle")


def _refused(tab: FrameLocator) -> None:
    _planned(tab)
    tab.locator("[data-testid=field][data-name=total_steps]").fill("none")


# Lines fade in and out, and what was asked for arrives.
SETTLING_MS = 400
NARROW, NOTEBOOK = (360, 780), (640, 500)
CURVE, SCHEDULE, PLAN, POINT = "mark-label", "schedule-line", "recipe-code", "relation-point"

STATES = (
    State("empty", "nothing", "state-empty"),
    State("empty_schedules", "nothing", "state-empty", _view("schedules")),
    State("empty_settings", "nothing", "state-empty", _view("settings")),
    State("same_settings", "few", "state-empty", _view("settings")),
    State("loading", "nothing", "state-loading", prepare=_wait_for_ever),
    State("error", "nothing", "state-error", prepare=_fail),
    State("few", "few", CURVE),
    State("one", "few", CURVE, _only("range_test|adam")),
    State("picked", "few", "picked-rate", _picked),
    State("ten", "many", CURVE),
    State("readout", "many", "tooltip", _readout),
    State("many", "many", CURVE, all_runs),
    State("slope", "few", CURVE, _sloping),
    State("options", "few", "x-kind", lambda tab: tab.get_by_test_id("chart-options").locator("button").click()),
    State("export", "few", CURVE, lambda tab: tab.get_by_test_id("export").click()),
    State("help", "few", "how-to-read", lambda tab: tab.get_by_test_id("help").click()),
    State("compared", "many", CURVE, _compared),
    State("grouped", "many", CURVE, _grouped),
    State("multiples", "many", "multiple", _all_multiplied),
    State("damaged", "many", "suggestion-row", filtered("broken")),
    State("running", "many", "progress", filtered("running|batch_16")),
    State("schedules", "few", SCHEDULE, _view("schedules")),
    State("overlay", "few", "overlay-line", overlaid),
    State("settings", "many", "rule", against_batch_size),
    State("planner", "few", PLAN, _planned),
    State("refused", "few", "plan-problem", _refused),
    State("narrow", "many", CURVE, size=NARROW),
    State("narrow_empty", "nothing", "state-empty", size=NARROW),
    State("narrow_overlay", "few", "overlay-line", overlaid, size=NARROW),
    State("narrow_settings", "many", POINT, _view("settings"), size=NARROW),
    State("narrow_planner", "few", PLAN, _planned, size=NARROW),
    State("narrow_multiples", "many", "multiple", _multiplied_among_options, size=NARROW),
    State("notebook", "many", CURVE, size=NOTEBOOK),
    State("notebook_overlay", "few", "overlay-line", overlaid, size=NOTEBOOK),
)


@contextmanager
def serving(log_dir: Path, write: Callable[[Path], object]) -> Iterator[Server]:
    """A TensorBoard that has read what was written."""
    held = write(log_dir)
    with serve(log_dir) as server:
        seen = None
        while (found := server.json("traces")["traces"]) != seen:
            seen = found
            time.sleep(1.5)
        yield server
    del held  # a writer that is let go ends its trace


@contextmanager
def opened(browser: Browser, server: Server) -> Iterator[Page]:
    """TensorBoard on the tab, in a browser that remembers nothing."""
    with browser.new_context() as context:
        page = context.new_page()
        open_tab(page, server)
        yield page


def reach(page: Page, state: State) -> FrameLocator:
    """The tab in a state, whatever it was in before: for somebody new, but without TensorBoard's own start."""
    page.unroute_all(behavior="ignoreErrors")
    state.prepare(page)
    page.set_viewport_size({"width": state.size[0], "height": state.size[1]})
    page.evaluate("localStorage.clear(); history.replaceState(null, '', '#lr_finder')")
    page.evaluate("document.body.classList.remove('dark-mode')")
    (frame,) = (frame for frame in page.main_frame.child_frames if "lr_finder" in frame.url)
    frame.goto(frame.url)
    tab = tab_of(page)
    state.show(tab)
    tab.get_by_test_id(state.settled).first.wait_for()
    page.wait_for_timeout(SETTLING_MS)
    return tab


def darken(page: Page, tab: FrameLocator) -> None:
    """Switches to TensorBoard's dark mode."""
    page.evaluate("document.body.classList.add('dark-mode')")
    tab.locator("[data-theme=dark]").wait_for()
    page.wait_for_timeout(SETTLING_MS)
