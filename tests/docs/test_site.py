"""The site as `make docs` has written it: files that need no server and no network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS

SITE = DOCS / "_build" / "html"
# What a browser fetches by itself; a link it does not.
_FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*?\bsrc=\"([^\"]+)\"|<link\b[^>]*?\bhref=\"([^\"]+)\""
)
_IN_STYLES = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@pytest.fixture(scope="module")
def pages() -> list[Path]:
    found = sorted(SITE.glob("*.html"))
    assert found, "The site must be built first: `make docs` does both."
    return found


def fetched(pattern: re.Pattern[str], path: Path) -> list[str]:
    return [first or second for first, second in pattern.findall(path.read_text(encoding="utf-8"))]


def test_no_page_fetches_anything_from_elsewhere(pages):
    for page in pages:
        for address in fetched(_FETCHED, page):
            assert not re.match(r"(?:[a-z]+:)?//", address), (page.name, address)
            assert not address.startswith("/"), (page.name, address)
            path = address.partition("?")[0].partition("#")[0]
            assert address.startswith("data:") or (page.parent / path).exists(), (page.name, address)


def test_no_style_fetches_anything_from_elsewhere(pages):
    styles = list(SITE.rglob("*.css"))
    assert styles
    for style in styles:
        addresses = fetched(_IN_STYLES, style)
        assert not [one for one in addresses if re.match(r"(?:https?:)?//", one)], style


def test_comments_for_the_tests_are_not_on_the_pages(pages):
    assert not [page.name for page in pages if "<!-- test:" in page.read_text(encoding="utf-8")]
