"""Pictures of the tab in all of its states: `python -m tests.screenshots FOLDER`, or `--docs` for those of README and site.

The range tests and trainings in them are real ones of `examples`; where many are needed, they are made up.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

import keras
from playwright.sync_api import FrameLocator, Page
from sklearn.datasets import load_digits

from examples import circles, one_cycle, optimizers, schedules_seen, time_series
from tb_lrfinder import plan, range_test_grid
from tb_lrfinder.demos import on_keras as digits
from tests.support.browser import launched
from tests.support.states import (
    CURVE,
    LOGS,
    SCHEDULE,
    STATES,
    State,
    against_batch_size,
    all_runs,
    all_schedules,
    darken,
    opened,
    overlaid,
    reach,
    serving,
    write_tests,
)

DOCS = Path(__file__).parents[1] / "docs"
# Dark is a matter of colours, and these have all of them.
DARK = ("few", "many", "readout", "overlay", "planner", "damaged", "empty")
# Of the digits.
STEPS_PER_EPOCH = 43


def real(log_dir: Path) -> None:
    digits.main(log_dir)
    schedules_seen.main(log_dir)


def hundred(log_dir: Path) -> None:
    write_tests(log_dir, 100)


def two_schedules(log_dir: Path) -> None:
    """One that was planned, and one that nobody could plan."""
    epochs = 30
    total = epochs * STEPS_PER_EPOCH
    schedules = schedules_seen.make_schedules(total)
    for name in ("cosine_restarts", "reduce_on_plateau"):
        schedules_seen.train(log_dir / name, schedules[name], epochs)
    planned = log_dir / "cosine_restarts" / "plan"
    plan(schedules["cosine_restarts"], total, planned, steps_per_epoch=STEPS_PER_EPOCH)


def batch_sizes(log_dir: Path) -> None:
    """The model of the demo with five sizes of a batch and two optimizers."""
    images, labels = load_digits(return_X_y=True)
    optimizers_of = {"Adam": keras.optimizers.Adam, "SGD": lambda: keras.optimizers.SGD(momentum=0.9)}
    range_test_grid(
        lambda name: digits.build_model(optimizers_of[name]()),
        {"batch_size": [16, 32, 64, 128, 256], "name": list(optimizers_of)},
        (images.reshape(-1, 8, 8, 1) / 16.0, labels),
        log_dir,
        verbose=0,
    )


PICTURED: dict[str, Callable[[Path], object]] = {
    **LOGS,
    "few": real,
    "hundred": hundred,
    "digits": digits.main,
    "two_schedules": two_schedules,
    "batch_sizes": batch_sizes,
    **{example.__name__: example.main for example in (time_series, schedules_seen, circles, one_cycle, optimizers)},
}
PICTURES = (
    *STATES,
    State("hundred", "hundred", CURVE),
    State("hundred_all", "hundred", CURVE, all_runs),
)


def chosen(tab: FrameLocator) -> None:
    """A test through which the rules go, with nothing in front of them."""
    against_batch_size(tab)
    tab.get_by_test_id("filter").hover()


README = (
    State("tab", "digits", CURVE),
    State("schedules", "two_schedules", "overlay-line", overlaid),
    State("settings", "batch_sizes", "rule", chosen),
)
SMALLER = (1200, 760)
WORKFLOWS = (
    State("time_series", "examples.time_series", CURVE, size=SMALLER),
    State("schedules_seen", "examples.schedules_seen", SCHEDULE, all_schedules, size=SMALLER),
    State("circles", "examples.circles", CURVE, size=SMALLER),
    State("one_cycle", "examples.one_cycle", "schedule-mark", all_schedules, size=SMALLER),
    State("optimizers", "examples.optimizers", CURVE, size=SMALLER),
)


def take(states: Iterable[State], folder: Path, dark: Iterable[str] = ()) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for logs, group in groupby(sorted(states, key=lambda state: state.logs), lambda state: state.logs):
            with (
                tempfile.TemporaryDirectory() as log_dir,
                serving(Path(log_dir), PICTURED[logs]) as server,
                opened(browser, server) as page,
            ):
                for state in group:
                    _take(page, state, folder, state.name in dark)


def _take(page: Page, state: State, folder: Path, is_dark: bool) -> None:
    tab = reach(page, state)
    page.screenshot(path=folder / f"{state.name}.png")
    if is_dark:
        darken(page, tab)
        page.screenshot(path=folder / f"{state.name}_dark.png")


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes pictures of the tab.")
    parser.add_argument("folder", type=Path, nargs="?", help="where to write the pictures of all states")
    parser.add_argument("--docs", action="store_true", help="write the pictures of README and site")
    arguments = parser.parse_args()
    if arguments.docs:
        take(README, DOCS)
        take(WORKFLOWS, DOCS / "workflows")
    if arguments.folder:
        take(PICTURES, arguments.folder, DARK)


if __name__ == "__main__":
    main()
