"""The package as others have it: other Pythons, other versions of Keras, TensorFlow, JAX and TensorBoard.

    python -m tests.matrix                      # every row
    python -m tests.matrix 3.13-jax wheel       # these rows
    python -m tests.matrix --list

Each row is an environment of its own below `.matrix/`, made once and kept. The wheel is installed into it, and a selection
of the tests runs there on the wheel, not on the checkout. Prints a table in Markdown; ends with 1 if a row failed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".matrix"
# Warnings of old versions about each other are not ours to mend: here they fail no test.
_PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "-W", "default", "--disable-warnings")
_WITHOUT_KERAS = (
    "tests/storage/test_writer.py",
    "tests/storage/test_reader.py",
    "tests/cli/test_main.py",
    "tests/server/test_plugin.py",
    "tests/loops/test_course_run.py",
    "tests/loops/test_grid.py",
    "tests/loops/test_range_test.py",
    "tests/loops/test_schedule_writer.py",
)
_TRAINING = "tests/training"
_WITH_KERAS = (
    *_WITHOUT_KERAS,
    f"{_TRAINING}/test_grid.py",
    f"{_TRAINING}/test_keras_support.py",
    f"{_TRAINING}/test_plan.py",
    f"{_TRAINING}/test_own_loops.py",
    "tests/loops/test_range_test_jax.py",
    f"{_TRAINING}/test_lr_finder_records.py::test_records_the_loss_of_each_batch_and_the_rate_it_used",
    f"{_TRAINING}/test_lr_finder_restores.py::test_restores_everything_after_nan_and_the_next_fit_is_identical",
    f"{_TRAINING}/test_lr_finder_restores.py::test_restores_whatever_hook_is_interrupted",
    f"{_TRAINING}/test_lr_finder_restores.py::test_a_failing_fit_leaves_the_weights_of_an_optimizer_that_averages",
    f"{_TRAINING}/test_lr_finder_restores.py::test_restores_when_the_train_step_fails",
    f"{_TRAINING}/test_range_test.py::test_leaves_no_trace_even_in_the_order_of_shuffled_data",
    f"{_TRAINING}/test_in_fit.py::test_a_training_with_tests_in_it_is_the_training_without_them",
    f"{_TRAINING}/test_in_fit.py::test_the_velocity_of_a_training_does_not_go_on_in_a_test_at_other_rates",
    f"{_TRAINING}/test_lr_probe.py",
    f"{_TRAINING}/test_many_rates.py",
    f"{_TRAINING}/test_step.py",
    f"{_TRAINING}/test_lr_recorder.py::test_records_the_rate_that_each_step_used",
    f"{_TRAINING}/test_lr_recorder.py::test_the_losses_are_those_of_the_batches",
    f"{_TRAINING}/test_lr_recorder.py::test_with_several_batches_per_call_a_schedule_gives_each_its_rate",
    f"{_TRAINING}/test_lr_recorder.py::test_with_accumulation_a_step_is_an_update",
    f"{_TRAINING}/test_lr_recorder.py::test_it_changes_nothing_in_the_training",
)
_SHOWN = ("keras", "tensorflow", "jax", "tensorboard", "numpy")
# What trains where Keras does not.
_OTHERS = {"torch": "PyTorch", "lightning": "Lightning", "transformers": "Transformers", "ray": "Ray"}


@dataclass(frozen=True)
class Row:
    """One environment.

    Attributes:
        name: Name of the row and of its folder.
        python: Version of Python, such as `"3.10"`.
        packages: What is installed beside the wheel, as pip takes it; `--group=` names one of `pyproject.toml`.
        backend: Keras' back end; None without Keras.
        tests: What is run, as pytest takes it.
        settings: Environment variables to run it with.
    """

    name: str
    python: str
    packages: tuple[str, ...]
    backend: str | None
    tests: tuple[str, ...] = _WITH_KERAS
    settings: Mapping[str, str] = field(default_factory=dict)


# TensorBoard below 2.21 does not start with setuptools 82 and newer, which have no pkg_resources.
_OLD_TENSORBOARD = ("tensorboard==2.19.0", "setuptools<82")
# JAX of 2024 crashes on programs that it takes out of its cache.
_OLD_JAX = {"JAX_ENABLE_COMPILATION_CACHE": "false"}
ROWS = (
    Row("3.10-oldest-jax", "3.10", ("keras==3.7.0", "jax==0.4.38", *_OLD_TENSORBOARD), "jax", settings=_OLD_JAX),
    Row(
        "3.10-oldest-tensorflow",
        "3.10",
        ("keras==3.7.0", "tensorflow==2.19.0", "tf_keras==2.19.0", *_OLD_TENSORBOARD),
        "tensorflow",
    ),
    Row("3.12-middle-jax", "3.12", ("keras==3.11.3", "jax", "tensorboard==2.20.0", "setuptools<82"), "jax"),
    Row("3.13-jax", "3.13", ("keras", "jax", "optax"), "jax"),
    Row("3.13-tensorflow", "3.13", ("keras", "tensorflow", "tf_keras"), "tensorflow"),
    Row("wheel", "3.10", (), None, _WITHOUT_KERAS),
    Row(
        "ray",
        "3.11",
        ("ray", "keras", "jax"),
        "jax",
        ("tests/loops/test_grid_ray.py", "tests/training/test_grid_ray.py"),
    ),
    Row("frameworks", "3.11", ("--group=frameworks",), None, ("tests/frameworks",)),
)


@dataclass(frozen=True)
class Outcome:
    """What a row came to: the versions it ran with, by name, and in words how its tests ended."""

    row: Row
    versions: Mapping[str, str]
    words: str
    seconds: float
    passed: bool


def find_python(version: str) -> Path | None:
    """An interpreter of this version that runs: on the PATH, or one of pyenv's."""
    on_path = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for python in [*([Path(on_path)] if on_path else []), *sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)]:
        # pyenv puts commands on the PATH that refuse to run.
        told = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2], sep='.')"], capture_output=True)
        if told.stdout.decode().strip() == version:
            return python
    return None


def build_wheel() -> Path:
    folder = HOME / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def copy_tests() -> Path:
    """The tests, and the examples that they run, without the package beside them: what they import is what is installed."""
    folder = HOME / "checkout"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("examples", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def make_environment(row: Row, python: Path, wheel: Path) -> Path:
    """The interpreter of the row's environment, with the wheel of now."""
    folder = HOME / row.name
    inside, stamp = folder / "bin" / "python", folder / "packages"
    groups = (ROOT / "pyproject.toml").read_text() if any(one.startswith("--group") for one in row.packages) else ""
    wanted = " ".join((str(python), *row.packages, groups))
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        _pip(inside, "--upgrade", "pip")
        # All at once: what the wheel needs must be found to fit the rest.
        _pip(inside, wheel, *row.packages, "pytest", "hypothesis")
        stamp.write_text(wanted)
    _pip(inside, "--force-reinstall", "--no-deps", wheel)
    return inside


def _pip(python: Path, *arguments: str | Path) -> None:
    subprocess.run([python, "-m", "pip", "install", "--quiet", *arguments], check=True, cwd=ROOT)


def versions_of(python: Path) -> dict[str, str]:
    listed = subprocess.run([python, "-m", "pip", "list", "--format", "json"], check=True, capture_output=True)
    return {one["name"]: one["version"] for one in json.loads(listed.stdout)}


def run(row: Row, wheel: Path, tests: Path) -> Outcome:
    """Makes the environment of a row and runs its tests, whose output goes to the terminal."""
    python = find_python(row.python)
    if python is None:
        words = f"python{row.python} was not found: install it, or name the rows to run"
        return Outcome(row, {}, words, 0.0, passed=False)
    inside = make_environment(row, python, wheel)
    inherited = {name: value for name, value in os.environ.items() if name not in ("KERAS_BACKEND", "PYTHONPATH")}
    backend = {"KERAS_BACKEND": row.backend} if row.backend else {}
    started = time.monotonic()
    process = subprocess.run(
        [inside, *_PYTEST, *row.tests],
        cwd=tests,
        env={**inherited, **backend, **row.settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds = time.monotonic() - started
    sys.stdout.write(process.stdout if process.returncode else "")
    words = _summary(process.stdout)
    return Outcome(row, versions_of(inside), words, seconds, process.returncode == 0 and "passed" in words)


def _summary(output: str) -> str:
    """`28 passed, 1 skipped` out of pytest's last line."""
    counts = re.findall(r"\d+ (?:passed|failed|errors?|skipped)", output.strip().rpartition("\n")[2])
    return ", ".join(counts) or "no test ran"


def table(outcomes: Sequence[Outcome]) -> str:
    lines = [
        "| row | Python | Keras | back end | TensorBoard | NumPy | tests | seconds |",
        "|---|---|---|---|---|---|---|---:|",
    ]
    for one in outcomes:
        keras, tensorflow, jax, tensorboard, numpy = (one.versions.get(name, "") for name in _SHOWN)
        others = ", ".join(f"{title} {one.versions[name]}" for name, title in _OTHERS.items() if name in one.versions)
        backends = {"tensorflow": f"TensorFlow {tensorflow}", "jax": f"JAX {jax}", None: others or "none"}
        cells = (
            one.row.name,
            one.row.python,
            keras or "none",
            backends[one.row.backend],
            tensorboard,
            numpy,
            one.words,
            f"{one.seconds:.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Runs a selection of the tests in environments of other versions.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="names of rows; none runs all of them")
    parser.add_argument("--list", action="store_true", help="print the rows and what they install")
    arguments = parser.parse_args(argv)
    rows = {row.name: row for row in ROWS}
    unknown = [name for name in arguments.rows if name not in rows]
    if unknown:
        parser.error(f"ROW must be one of {', '.join(rows)}. Received: {', '.join(unknown)}.")
    if arguments.list:
        for row in ROWS:
            print(f"{row.name}: Python {row.python}, the wheel, {', '.join(row.packages) or 'nothing else'}")
        return 0
    wheel, tests = build_wheel(), copy_tests()
    outcomes = [run(rows[name], wheel, tests) for name in arguments.rows or rows]
    print(table(outcomes))
    # The plain closing line of a test run, for whoever reads only that.
    print(f"{sum(one.passed for one in outcomes)} passed, {sum(not one.passed for one in outcomes)} failed")
    return 0 if all(one.passed for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
