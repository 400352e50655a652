"""Every block of code on the site and in the README works as it stands."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.docs import setups, shell
from tests.docs.pages import PAGES, ROOT, Block, blocks

# Output, data and drawings: nothing to run.
SHOWN = {"", "text", "json", "jsonc"}


def is_directive(block: Block) -> bool:
    return block.kind.startswith("{")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, with what a checkout has beside the logs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_of_the_page_works(page, workplace):
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.reason or block.kind in SHOWN or is_directive(block):
            continue
        if block.kind == "with":
            namespace |= getattr(setups, block.text)()
        elif block.kind == "python":
            run(page, block, namespace)
        elif block.kind == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                for command in line.partition("#")[0].split("&&"):
                    if command.strip():
                        shell.check(command)
        else:
            pytest.fail(f"{page.name}, line {block.line}: {block.kind!r} is nothing that the tests can run.")


def run(page: Path, block: Block, namespace: dict[str, Any]) -> None:
    """Runs the code of a block; an error names the line of the page."""
    lines = "\n" * (block.line - 1) + block.text
    exec(compile(lines, str(page), "exec"), namespace)


def test_hardly_any_block_is_left_out_and_each_says_why():
    all_blocks = [block for page in PAGES for block in blocks(page) if block.kind in ("python", "sh")]
    left_out = [block for block in all_blocks if block.reason]
    assert all(len(block.reason.split()) >= 3 for block in left_out)
    assert len(left_out) <= len(all_blocks) / 10, [block.reason for block in left_out]


def test_a_comment_that_is_no_order_of_the_tests_is_not_overlooked():
    for page in PAGES:
        orders = page.read_text(encoding="utf-8").count("<!-- test:")
        understood = sum(block.kind == "with" or bool(block.reason) for block in blocks(page))
        hidden = page.read_text(encoding="utf-8").count("<!-- test: run\n")
        assert understood + hidden == orders, page.name
