"""`tb_lrfinder open`: TensorBoard on the tab until it is told to end; and what shells complete."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tb_lrfinder import __version__
from tb_lrfinder.cli.main import main
from tests.support.traces import synthetic_curve, write_trace

COMMAND = "import sys; from tb_lrfinder.cli.main import main; sys.exit(main())"
# TensorFlow may take long to load.
SECONDS = 120


@contextmanager
def opened(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and the first line that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "open", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def plugins_at(url: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{url}data/plugins_listing", timeout=SECONDS) as answer:
        return json.load(answer)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_tensorboard_serves_the_tab_at_the_printed_address_until_it_is_told_to_end(tmp_path, ending):
    write_trace(tmp_path / "run", synthetic_curve())
    with opened(str(tmp_path), "--no-browser", "--", "--port", "0", "--path_prefix", "/board") as (process, line):
        found = re.fullmatch(r"Open (http://\S+/board/)#lr_finder   \(Ctrl-C ends TensorBoard\)\n", line)
        assert found is not None, line
        assert "lr_finder" in plugins_at(found[1])
        process.send_signal(ending)
        assert process.wait(SECONDS) == 0


def test_a_port_that_is_taken_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-c", COMMAND, "open", str(tmp_path), "--no-browser", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"TensorBoard does not start: TensorBoard could not bind to port {port}" in ended.stderr


def test_a_directory_that_is_not_there_is_refused(tmp_path, capsys):
    assert main(["open", str(tmp_path / "missing")]) == 2
    assert capsys.readouterr().err.startswith("LOGDIR must be an existing directory. Received: ")


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ending:
        main(["--version"])
    assert ending.value.code == 0
    assert capsys.readouterr().out == f"tb_lrfinder {__version__}\n"


def test_help_shows_a_line_to_type_for_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for command in ("open", "suggest", "probes", "export"):
        assert f"\n  tb_lrfinder {command} logs" in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no bash")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["tb_lrfinder", "su"], ["suggest"]),
        (["tb_lrfinder", "suggest", "--tot"], ["--total-steps"]),
        (["tb_lrfinder", "completion", "z"], ["zsh"]),
        (["tb_lrfinder", "open", "lo"], ["logs"]),
    ],
)
def test_bash_completes_commands_options_and_directories(tmp_path, capsys, words, completed):
    (tmp_path / "logs").mkdir()
    assert main(["completion", "bash"]) == 0
    script = Path(tmp_path, "completion.sh")
    script.write_text(capsys.readouterr().out)
    asks = f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
    asks += '_shtab_tb_lrfinder; printf "%s\\n" "${COMPREPLY[@]}"'
    answer = subprocess.run(
        ["bash", "-c", asks], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert answer.stdout.split() == completed
