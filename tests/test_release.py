"""What `make release` lets pass."""

from __future__ import annotations

import pytest

from tests.release import problems

BUILT = ["tb_lrfinder-1.2.0-py3-none-any.whl", "tb_lrfinder-1.2.0.tar.gz"]
CHANGELOG = "# Changelog\n\n## 1.2.0 (2026-12-01)\n\n- Something.\n\n## 1.1.0 (2026-11-01)\n"


def test_what_is_committed_dated_and_built_is_ready():
    assert list(problems(CHANGELOG, "1.2.0", "", BUILT)) == []


@pytest.mark.parametrize(
    ("changelog", "version", "status", "names", "words"),
    [
        (
            CHANGELOG,
            "1.3.0",
            "",
            [name.replace("1.2", "1.3") for name in BUILT],
            "CHANGELOG.md must begin with `## 1.3.0 (",
        ),
        (CHANGELOG.replace("2026-12-01", "unreleased"), "1.2.0", "", BUILT, "nothing that is unreleased"),
        (CHANGELOG, "1.2.0", " M README.md\n", BUILT, "Everything must be committed. Left are:\n M README.md"),
        (CHANGELOG, "1.2.0", "", BUILT[:1], "There must be tb_lrfinder-1.2.0-py3-none-any.whl and"),
        (CHANGELOG, "1.2.0", "", [*BUILT, "tb_lrfinder-1.1.0.tar.gz"], "and nothing else"),
    ],
)
def test_what_is_missing_is_said(changelog, version, status, names, words):
    (problem,) = problems(changelog, version, status, names)
    assert words in problem
