"""Pages of a browser that say when what was done to them was on the screen, and what they asked the server for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, Request

_PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
# Longer than any pause in which a page waits before it asks the server again.
_SILENCE_MS = 700.0


class TooSlow(Exception):
    """What was asked for did not happen in time."""


@dataclass(frozen=True)
class Shown:
    """Milliseconds from an input to what it changed on the screen.

    Attributes:
        first: To the first frame that shows a change.
        last: To the last one before the page came to rest.
    """

    first: float
    last: float


class ProbedPage:
    """A page with the probe in all of its frames.

    Args:
        browser: The browser; each page starts with an empty cache.
        counted: Selector of what is counted in every frame from its first moment on.
        patience: Seconds to wait for anything.
    """

    def __init__(self, browser: Browser, counted: str, patience: float) -> None:
        self._context = browser.new_context(viewport={"width": 1440, "height": 900})
        self._context.add_init_script(f"{_PROBE}\nprobe.watchNumberOf({counted!r});")
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(1000.0 * patience)
        self._patience = patience
        self.requests: list[Request] = []
        self._in_flight: set[Request] = set()
        self.page.on("request", self._begin)
        self.page.on("requestfinished", self._end)
        self.page.on("requestfailed", self._end)

    def close(self) -> None:
        self._context.close()

    def _begin(self, request: Request) -> None:
        self.requests.append(request)
        self._in_flight.add(request)

    def _end(self, request: Request) -> None:
        self._in_flight.discard(request)

    def time(self, frame: Frame, root: str, event: str, act: Callable[[], None]) -> Shown:
        """Does something to a frame and measures from its input to what it changes below `root`."""
        frame.evaluate("([root, event]) => { probe.awaitInput(event); probe.watchElement(root); }", [root, event])
        act()
        shown = [at for _, at in self.rest(frame)]
        began: float = frame.evaluate("probe.input")
        return Shown(shown[0] - began, shown[-1] - began)

    def rest(self, frame: Frame) -> list[tuple[int, float]]:
        """Waits until something was shown and the page is at rest; what was measured in each changed frame, and when."""
        deadline = time.monotonic() + self._patience
        while True:
            self.page.wait_for_timeout(100)
            shown = [(one["measured"], one["at"]) for one in frame.evaluate("probe.shown")]
            if shown and not self._in_flight and frame.evaluate("probe.silence()") > _SILENCE_MS:
                return shown
            if time.monotonic() > deadline:
                raise TooSlow
