"""`tb_lrfinder demo`: range tests of its own, made once."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from tb_lrfinder.cli import demo
from tb_lrfinder.cli.main import main
from tb_lrfinder.cli.quiet import quiet


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_the_demo_makes_a_test_for_each_optimizer_and_does_not_make_them_again(tmp_path, capsys, framework):
    command = ["demo", "--framework", framework, "--log-dir", str(tmp_path), "--num-steps", "100", "--no-open"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert said.count("Suggested learning rate") == 2
    assert said.endswith(f"`tb_lrfinder open {tmp_path}` shows them in TensorBoard.\n")
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert main(["suggest", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["run"] for one in found] == ["adam", "sgd_momentum"]
    assert all(1e-5 < one["learning_rate"] < 1 for one in found)
    assert main(command) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path} holds range tests: none is made.")
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == files


@pytest.mark.parametrize(
    ("missing", "framework", "words"),
    [
        ({"keras"}, "keras", "trains with keras, which is not installed: pip install 'tb_lrfinder[tensorflow]'."),
        ({"keras", "torch"}, None, "trains with keras or torch, which is not installed: pip install "),
        ({"sklearn"}, None, "trains on the digits of scikit-learn, which is not installed: pip install scikit-learn."),
    ],
)
def test_what_is_not_installed_is_said_with_what_installs_it(tmp_path, capsys, monkeypatch, missing, framework, words):
    find = importlib.util.find_spec
    monkeypatch.setattr(demo, "_is_installed", lambda module: module not in missing and find(module) is not None)
    command = ["demo", "--log-dir", str(tmp_path / "logs"), "--no-open"]
    assert main(command + (["--framework", framework] if framework else [])) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "logs").exists()


def test_without_keras_the_demo_trains_with_pytorch(monkeypatch):
    monkeypatch.setattr(demo, "_is_installed", lambda module: module != "keras")
    assert demo._chosen(None) == "torch"


def test_what_libraries_tell_of_the_machine_is_shown_only_where_something_goes_wrong():
    script = "import os\nfrom tb_lrfinder.cli.quiet import quiet\nwith quiet(): os.write(2, b'told'){}\n"
    for failure, shown in (("", ""), ("; raise SystemExit(3)", "told")):
        ended = subprocess.run(
            [sys.executable, "-c", script.format(failure)], capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.stderr == shown


def test_stderr_is_back_afterwards(capfd):
    with quiet():
        os.write(2, b"held")
    os.write(2, b"shown")
    assert capfd.readouterr().err == "shown"
