"""Checks what `make release` has built, and says what is left to do. Uploads nothing.

python -m tests.release dist
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tb_lrfinder

ROOT = Path(__file__).parents[1]
_HEADING = re.compile(r"^## (?P<version>\S+) \((?P<date>\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)


def problems(changelog: str, version: str, status: str, names: list[str]) -> Iterator[str]:
    """What stands against a release.

    Args:
        changelog: The text of CHANGELOG.md.
        version: That of the package.
        status: What `git status --porcelain` says.
        names: The names of the built files.
    """
    newest = _HEADING.search(changelog)
    if newest is None or newest["version"] != version or "(unreleased)" in changelog:
        yield f"CHANGELOG.md must begin with `## {version} (YYYY-MM-DD)`, and have nothing that is unreleased."
    if status:
        yield f"Everything must be committed. Left are:\n{status.rstrip()}"
    wanted = {f"tb_lrfinder-{version}-py3-none-any.whl", f"tb_lrfinder-{version}.tar.gz"}
    if set(names) != wanted:
        there = ", ".join(sorted(names)) or "nothing"
        yield f"There must be {' and '.join(sorted(wanted))}, and nothing else. There is {there}."


def _said(*command: str | Path) -> str:
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _installed_version(wheel: Path) -> str:
    """What the wheel says of itself in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        _said(sys.executable, "-m", "venv", folder)
        # Alone: the checkout must not be taken for the wheel.
        alone = (Path(folder, "bin", "python"), "-I")
        _said(*alone, "-m", "pip", "install", "--quiet", wheel.absolute())
        return _said(*alone, Path(folder, "bin", "tb_lrfinder"), "--version").strip()


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks what `make release` has built.")
    parser.add_argument("folder", type=Path)
    files = sorted(parser.parse_args().folder.iterdir())
    version = tb_lrfinder.__version__
    status = _said("git", "status", "--porcelain")
    found = list(
        problems((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version, status, [one.name for one in files])
    )
    wheel = next((one for one in files if one.suffix == ".whl"), None)
    if wheel is not None and (said := _installed_version(wheel)) != f"tb_lrfinder {version}":
        found.append(f"The installed wheel must be of version {version}. It says: {said}.")
    for one in found:
        sys.stderr.write(f"Not ready: {one}\n")
    if found:
        return 1
    for one in files:
        content = one.read_bytes()
        sys.stdout.write(f"{one}  {len(content):,} bytes  sha256 {hashlib.sha256(content).hexdigest()}\n")
    uploaded = " ".join(map(str, files))
    sys.stdout.write(f"\nReady. By hand now:\n  git tag v{version} && git push origin v{version}\n")
    sys.stdout.write(f"  python -m twine upload {uploaded}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
