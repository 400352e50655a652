"""Lines for a shell: what is quick is run, of all else it is checked that there is such a thing."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from tensorboard import program

from tb_lrfinder.cli import parser
from tb_lrfinder.cli.main import main
from tests.docs.pages import ROOT

try:
    import tomllib
except ImportError:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]

# Do not end by themselves.
_SERVE = {"open", "demo"}


def check(line: str) -> None:
    """Fails where a line would not work in a checkout, after what stands above it on its page."""
    variables, (command, *arguments) = _split(line)
    assert command in _COMMANDS, f"{command!r} is no command that the tests know: {line}"
    _COMMANDS[command](arguments)
    assert all(re.fullmatch(r"[A-Z_]+=\S+", variable) for variable in variables), line


def _split(line: str) -> tuple[list[str], list[str]]:
    words = shlex.split(line)
    first = next(index for index, word in enumerate(words) if "=" not in word)
    return words[:first], words[first:]


def _tb_lrfinder(arguments: list[str]) -> None:
    if arguments[0] in _SERVE:
        parser.parser_of_all().parse_args(arguments)
    else:
        assert main(arguments) == 0


def _make(arguments: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for argument in arguments:
        name, _, value = argument.partition("=")
        known = rf"\$\({name}\)" if value else rf"^{name}:"
        assert re.search(known, makefile, re.MULTILINE), f"`make {argument}`: there is no {name} in the Makefile."


def _pip(arguments: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert arguments[0] == "install"
    for argument in arguments[1:]:
        ours = re.fullmatch(r"(?:\.|tb_lrfinder)(?:\[(?P<extras>[\w,]+)\])?", argument)
        if ours and ours["extras"]:
            assert set(ours["extras"].split(",")) <= set(project["project"]["optional-dependencies"])


def _python(arguments: list[str]) -> None:
    """Modules and scripts of the repository, with the options that their source names."""
    if arguments[0] == "-m":
        spec = importlib.util.find_spec(arguments[1])
        assert spec, arguments[1]
        source = Path(spec.origin or "")
        if source.name == "__init__.py":
            source = source.with_name("__main__.py")
    else:
        source = ROOT / arguments[0]
    text = source.read_text(encoding="utf-8")
    for option in (argument for argument in arguments[1:] if argument.startswith("--")):
        assert f'"{option.partition("=")[0]}"' in text, f"{source} does not know {option}."


def _tensorboard(arguments: list[str]) -> None:
    """TensorBoard's own parser, which ends the process at an option that it does not know."""
    program.TensorBoard().configure(["tensorboard", *arguments])


def _cd(arguments: list[str]) -> None:
    assert len(arguments) == 1


def _git(arguments: list[str]) -> None:
    assert arguments[0] == "clone"


_COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "tb_lrfinder": _tb_lrfinder,
    "make": _make,
    "pip": _pip,
    "python": _python,
    "tensorboard": _tensorboard,
    "cd": _cd,
    "git": _git,
}
