"""The tab is open to everybody: axe-core finds nothing to object to in any of its states, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page

from tests.support.states import LOGS, STATES, State, darken, opened, reach, serving

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def pages(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Page]]:
    """A page on a TensorBoard for each of the logs."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serving(tmp_path_factory.mktemp(name), write)) for name, write in LOGS.items()
        }
        yield {name: stack.enter_context(opened(browser, server)) for name, server in servers.items()}


def objections(tab: FrameLocator, rules: list[str] | None = None) -> list[str]:
    """What axe-core objects to, and what to do about it; by all rules or by some."""
    body = tab.locator("body")
    body.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = body.evaluate("async (_, options) => (await axe.run(document, options)).violations", options)
    return [f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_axe_has_nothing_to_object_to(pages: dict[str, Page], state: State):
    page = pages[state.logs]
    tab = reach(page, state)
    assert objections(tab) == []
    darken(page, tab)
    assert objections(tab, ["color-contrast"]) == []
