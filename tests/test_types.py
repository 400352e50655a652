"""What type checkers, at their strictest, say of a user's script: nothing of right lines, something of each wrong one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SCRIPT = """\
from typing import Any

import numpy as np
import tb_lrfinder
import torch
from tb_lrfinder import (
    Confidence,
    Curve,
    LRFinder,
    LRRecorder,
    MethodName,
    MonitorMode,
    RangeTestResult,
    Shape,
    Spacing,
    Suggestion,
    TraceWriter,
    Trial,
    UpdatesPerLR,
    Use,
    import_curve,
    plan,
    range_test,
    suggest,
    write_curve,
)
from tb_lrfinder import LRFindr  # wrong
from tb_lrfinder.schedules import Cyclical, OneCycle, StepDecay, WarmUp


def in_fit(log_dir: str, spacing: Spacing, method: MethodName, mode: MonitorMode, updates: UpdatesPerLR) -> LRFinder:
    finder = LRFinder(log_dir, 1e-6, 1.0, 100, spacing, None, method, mode=mode, updates_per_lr=updates)
    finder.mode = "max"
    LRFinder(log_dir, num_steps="100")  # wrong
    LRFinder(log_dir, spacing="exp")  # wrong
    LRFinder(log_dir, method="fastest")  # wrong
    LRFinder(log_dir, monitor="val_loss", mode="lowest")  # wrong
    LRFinder(log_dir, updates_per_lr="batch")  # wrong
    LRFinder(log_dir, steps=100)  # wrong
    LRFinder()  # wrong
    return finder


def in_one_call(model: Any, x: Any) -> RangeTestResult:
    range_test(model, x, method="fastest")  # wrong
    range_test(model, x, mode="highest")  # wrong
    range_test(model, x, spacing="ln")  # wrong
    range_test(model, x, updates_per_lr="step")  # wrong
    range_test(model, x, repeats="3")  # wrong
    return range_test(model, x, log_dir="logs", method="auto", spacing="linear", updates_per_lr="epoch", mode="min")


def numbers(result: RangeTestResult) -> float:
    suggestion: Suggestion = result.suggestion
    confidence: Confidence | None = suggestion.confidence
    shape: Shape | None = suggestion.shape
    uses: tuple[Use, ...] = suggestion.uses
    trials: tuple[Trial, ...] = result.trials
    if confidence is not None and confidence.word == "sure":
        print(confidence.doubt, shape, [use.label for use in uses if use.name == "one_cycle"], trials)
    if confidence is not None and confidence.word == "certain":  # wrong
        pass
    low: float = suggestion.learning_rate  # wrong
    losses = result.history["loss"]
    print(losses.mean(), result.spread, suggestion.cyclical_bounds, low, result.learning_rate)  # wrong
    return suggestion.one_cycle_peak or 0.0


def any_loop(rates: list[float]) -> Suggestion:
    with TraceWriter("logs", spacing="log", mode="max", monitor="accuracy") as trace:
        for rate in rates:
            trace.append(rate, 1.0, accuracy=0.5)
        trace.append(rates, 1.0)  # wrong
        trace.close("Enough.", status="stopped")  # wrong
    TraceWriter("logs", mode="auto")  # wrong
    write_curve("logs", rates, "losses", optimizer=1)  # wrong
    curve = write_curve("logs", rates, np.ones(len(rates)), optimizer="SGD")
    import_curve({"lr": rates, "loss": rates}, "logs", beta="0.9")  # wrong
    write_curve("logs", rates, None, metrics={"accuracy": rates}, monitor="accuracy", num_steps=300, end_lr=1.0)
    suggest(import_curve({"lr": rates, "loss": rates}, optimizer="SGD"))
    suggest(curve, "best")  # wrong
    suggest(rates)  # wrong
    suggest(rates, "steepest")  # wrong
    suggest(rates, rates, "best")  # wrong
    suggest(curve, rates)  # wrong
    suggest(curve, optimizer="Adam")  # wrong
    suggest(rates, np.asarray(rates, np.float32), "steepest", optimizer="Adam", monitor="accuracy", total_steps=1000)
    suggest(torch.tensor(rates), [torch.tensor(1.0)], mode="max")
    suggest(learning_rates=rates, losses=tuple(rates), mode="up")  # wrong
    Curve(rates, rates, mode="up")  # wrong
    return suggest(Curve(curve.learning_rates, curve.values, mode="min"), "steepest")


def schedules() -> LRRecorder:
    OneCycle(0.1, 100, shape="round")  # wrong
    Cyclical(0.1, 1.0, 10, mode="square")  # wrong
    plan(OneCycle(0.1, 100, shape="linear"), "100", "logs")  # wrong
    plan(WarmUp(StepDecay(0.1, 10), warmup_steps=5), 100, "logs")
    plan(Cyclical(0.1, 1.0, 10, mode="exp_range"), 100, "logs", steps_per_epoch=10)
    return LRRecorder(log_dir="logs")


print(tb_lrfinder.__version__)
print(tb_lrfinder.range_tests)  # wrong
"""
WRONG = [number for number, line in enumerate(SCRIPT.splitlines(), start=1) if line.endswith("# wrong")]


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of somebody who has this package installed, beside all that is installed here."""
    folder = tmp_path_factory.mktemp("user")
    venv.create(folder / "venv", symlinks=True)
    (site_packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (site_packages / "installed.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    (folder / "script.py").write_text(SCRIPT)
    return folder


def checked(user: Path, *command: str) -> str:
    return subprocess.run([sys.executable, "-m", *command], cwd=user, capture_output=True, text=True).stdout


def test_pyright_reports_the_wrong_lines_and_no_other(user):
    settings = {"include": ["script.py"], "typeCheckingMode": "strict", "pythonVersion": "3.10"}
    (user / "pyrightconfig.json").write_text(json.dumps(settings))
    report = json.loads(checked(user, "pyright", "--outputjson", "--pythonpath", str(user / "venv" / "bin" / "python")))
    found = {one["range"]["start"]["line"] + 1: one["message"] for one in report["generalDiagnostics"]}
    assert sorted(found) == WRONG, found


def test_mypy_reports_the_wrong_lines_and_no_other(user):
    # What we call and never show: mypy need not read it all.
    skipped = ",".join(f"{name}.*" for name in ("IPython", "jax", "matplotlib", "rich", "torch"))
    (user / "mypy.ini").write_text(f"[mypy]\nstrict = true\n[mypy-{skipped}]\nfollow_imports = skip\n")
    report = checked(user, "mypy", "--python-executable", str(user / "venv" / "bin" / "python"), "script.py")
    found = {int(number): text for number, text in re.findall(r"^script\.py:(\d+): error: (.*)", report, re.MULTILINE)}
    assert sorted(found) == WRONG, report
