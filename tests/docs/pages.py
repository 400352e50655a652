"""The pages of the site as tests see them: blocks of code, and the comments that say how each is run.

A comment `<!-- test: … -->` is no part of the page:

- `with NAME` puts what `setups.NAME` returns into the page's namespace;
- `run`, with code in the lines that follow, runs code that readers are not shown;
- `skip: REASON` leaves the next block out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_INCLUDED = re.compile(r"<!-- include: (\S+) -->")


def _source(page: Path) -> Path:
    """The file that has the text of a page: itself, or another one of the repository."""
    included = _INCLUDED.match(page.read_text(encoding="utf-8"))
    return ROOT / included[1] if included else page


# One that another file makes is no page before that is there.
PAGES = sorted({ROOT / "README.md", *filter(Path.exists, map(_source, DOCS.glob("*.md")))})
_PART = re.compile(
    r"^<!-- test: (?P<verb>with|run|skip:)[ ]?(?P<told>.*?) ?-->$"
    r"|^```(?P<language>[\w{}-]*)[^\n]*\n(?P<code>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        kind: Its language, or `with` for a set-up that has a name.
        text: The code, or that name.
        line: Number of its first line in the page.
        reason: Why it is not run; empty where it is.
    """

    kind: str
    text: str
    line: int
    reason: str = ""


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page in their order, those that its readers are not shown among them."""
    text = page.read_text(encoding="utf-8")
    reason = ""
    for part in _PART.finditer(text):
        start = part.start("code") if part["verb"] is None else part.start("told")
        line = text.count("\n", 0, start) + 1
        if part["verb"] == "skip:":
            reason = part["told"]
        elif part["verb"] == "with":
            yield Block("with", part["told"], line)
        elif part["verb"] == "run":
            yield Block("python", part["told"], line)
        else:
            yield Block(part["language"], part["code"], line, reason)
            reason = ""
    assert not reason, f"{page.name}: a block that is to be skipped must follow. Received: none after {reason!r}."
