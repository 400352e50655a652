"""The wheel, as a machine gets it that only serves TensorBoard."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tb_lrfinder import suggest
from tests.tensorboard_server import serve
from tests.traces import synthetic_curve, write_trace

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path | None = None) -> str:
    result = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    assert result.returncode == 0, f"{command}: {result.stdout[-3000:]}{result.stderr[-3000:]}"
    return result.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """sdist and, built from it, wheel; made from a copy of what a fresh clone holds."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    assert not (checkout / "tb_lrfinder" / "static").exists()
    run(sys.executable, "-m", "build", "--outdir", checkout / "dist", cwd=checkout)
    return checkout / "dist"


def test_wheel_and_sdist_carry_the_bundle_and_nothing_of_the_workshop(distributions):
    (wheel,) = distributions.glob("*.whl")
    (sdist,) = distributions.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert len(archive.read("tb_lrfinder/static/index.js")) > 10_000
    packages = {name.split("/")[0] for name in names}
    assert packages == {"tb_lrfinder", next(name for name in packages if name.endswith(".dist-info"))}
    assert {"tb_lrfinder/http_api.md", "tb_lrfinder/py.typed"} <= set(names)
    with tarfile.open(sdist) as archive:
        parts = {"/".join(name.split("/")[1:]) for name in archive.getnames()}
    assert {"tb_lrfinder/static/index.js", "setup.py", "pyproject.toml", "README.md"} <= parts
    assert not any(part.startswith(("frontend", "tests")) for part in parts)


def test_the_wheel_serves_the_tab_beside_tensorboard_alone(distributions, tmp_path):
    (wheel,) = distributions.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel)
    installed = {package["name"] for package in json.loads(run(python, "-m", "pip", "list", "--format", "json"))}
    assert {"tb_lrfinder", "tensorboard"} <= installed
    assert not {"keras", "tensorflow", "jax", "torch"} & installed

    write_trace(tmp_path / "logs" / "run", synthetic_curve(300))
    with serve(tmp_path / "logs", python=python) as server:
        trace = server.wait_for(lambda traces: traces.get("run"))
        assert len(server.rows(trace["id"])) == 300
        with urllib.request.urlopen(f"{server.url}/data/plugins_listing") as response:
            assert json.load(response)["lr_finder"]["enabled"]
        status, bundle = server.get("static/index.js")
        assert (status, b"render" in bundle) == (200, True)
    told = json.loads(run(tmp_path / "venv" / "bin" / "tb_lrfinder", "suggest", tmp_path / "logs", "--json"))
    assert told[0]["learning_rate"] == suggest(synthetic_curve(300)).learning_rate
