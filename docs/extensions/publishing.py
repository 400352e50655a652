"""What the site needs of Sphinx beyond what it brings: docstrings in full, pages made of other files of the repository,
links that lead there, and checks that no public name is left out."""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from docstrings import UnknownReferenceError, marked, resolved
from pygments.lexers.javascript import JavascriptLexer
from sphinx.application import Sphinx
from sphinx.util import logging

import tb_lrfinder
from tb_lrfinder import schedules
from tb_lrfinder.cli import parser as command_line

ROOT = Path(__file__).parents[2]
log = logging.getLogger(__name__)

# Files of the repository that are pages of the site, too: a link to one leads to its page.
PAGES = {
    "README.md": "index",
    "ARCHITECTURE.md": "architecture",
    "CHANGELOG.md": "changelog",
    "CONTRIBUTING.md": "contributing",
    "SECURITY.md": "security",
    "benchmarks/README.md": "benchmarks",
    "benchmarks/probes/README.md": "benchmarks-probes",
    "benchmarks/recommendation/README.md": "benchmarks-recommendation",
    "benchmarks/recommendation/results.md": "benchmarks-results",
    "examples/README.md": "examples",
    "frontend/src/README.md": "browser",
    "tb_lrfinder/server/http_api.md": "http-api",
}
_HIDDEN = re.compile(r"^<!-- test:.*?-->\n", re.DOTALL | re.MULTILINE)
_INCLUDED = re.compile(r"^<!-- include: (?P<path>\S+) -->$", re.MULTILINE)
_COMMANDS = re.compile(r"^<!-- commands -->$", re.MULTILINE)
_WORDS = re.compile(r"^<!-- words -->$", re.MULTILINE)
_LINK = re.compile(r"(?P<before>!?\[[^\]]*\]\()(?P<path>(?!#|[a-z]+:)[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")


def public_names() -> dict[str, object]:
    """Everything that the reference must describe, by its name below `tb_lrfinder`."""
    named = {name: getattr(tb_lrfinder, name) for name in tb_lrfinder.__all__}
    classes = [one for one in vars(schedules).values() if inspect.isclass(one) and one.__module__ == schedules.__name__]
    return {**named, **{f"schedules.{one.__name__}": one for one in classes if not one.__name__.startswith("_")}}


def undescribed() -> Iterator[str]:
    """Public classes, functions and their own methods and properties without a docstring that says what they are."""
    for name, one in public_names().items():
        if not (inspect.isclass(one) or inspect.isfunction(one)):
            continue
        if not one.__doc__:
            yield name
        for member, value in vars(one).items() if inspect.isclass(one) else ():
            # What Keras declares is described there, and attributes with their class.
            is_told = any(hasattr(base, member) for base in one.__mro__[1:] if not _is_ours(base))
            if member.startswith("_") or is_told or not (callable(value) or isinstance(value, property | classmethod)):
                continue
            in_class = re.search(rf"^\s+{member}(, .*)?: ", one.__doc__ or "", re.MULTILINE)
            if not inspect.getdoc(value) and not in_class:
                yield f"{name}.{member}"


def _is_ours(one: type) -> bool:
    return one.__module__.startswith("tb_lrfinder")


def in_full(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Puts the text itself where an argument refers to that of another name."""
    owner = obj if inspect.isclass(obj) else _owner(name)
    try:
        lines[:] = resolved(lines, owner, lambda word: public_names()[word])
    except UnknownReferenceError as error:
        log.warning("%s: %s", name, error, type="docstrings")
    public = public_names()
    lines[:] = marked(lines, public.__contains__)


def _owner(name: str) -> object:
    """The class whose method is called so, or None."""
    module, _, path = name.partition(".")
    one: Any = importlib.import_module(module)
    for part in path.split(".")[:-1]:
        one = getattr(one, part, None)
    return one


def compose(app: Sphinx, page: str, source: list[str]) -> None:
    """Makes a page what its readers see: other files put in, code that only the tests run left out, links to pages."""
    # A page that is left out, as `conf.py` decides, has no entry in the contents either.
    left_out = {Path(name).stem for name in app.config.exclude_patterns if name.endswith(".md")}
    text = "\n".join(line for line in source[0].split("\n") if page != "index" or line not in left_out)
    text = _INCLUDED.sub(lambda found: _included(app, found["path"]), text)
    text = _COMMANDS.sub(lambda _: "\n\n".join(_commands()), text)
    text = _WORDS.sub(lambda _: "\n\n".join(_words()), text)
    source[0] = with_links(_HIDDEN.sub("", text), "docs")


def _included(app: Sphinx, path: str) -> str:
    """The text of a file of the repository, its links as from `docs/`."""
    app.env.note_dependency(str(ROOT / path))
    text = (ROOT / path).read_text(encoding="utf-8")
    folder = posixpath.dirname(path)

    def from_docs(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link["path"]))
        return f"{link['before']}../{target}{link['anchor'] or ''})"

    return _LINK.sub(from_docs, text)


def with_links(text: str, folder: str) -> str:
    """A text of a folder in which links to files of the repository that are pages lead to these."""

    def to_page(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link["path"]))
        page = PAGES.get(target) or PAGES.get(f"{target}/README.md")
        return f"{link['before']}{page}.md{link['anchor'] or ''})" if page else link[0]

    return _LINK.sub(to_page, text)


def _commands() -> Iterator[str]:
    """The help of every command, as it prints it on a terminal of 80 columns."""
    os.environ["COLUMNS"] = "80"
    parser = command_line.parser_of_all()
    yield f"```text\n$ tb_lrfinder --help\n{parser.format_help()}```"
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"## {name}\n\n```text\n$ tb_lrfinder {name} --help\n{command.format_help()}```"


def _words() -> Iterator[str]:
    """An entry for every type of words, with the words."""
    for name, one in public_names().items():
        if get_origin(one) is not None:
            choices = ", ".join(f"`{word}`" for word in _choices(one))
            yield f"```{{py:data}} {name}\n{choices}\n```"


def _choices(one: Any) -> Iterator[str]:
    for choice in get_args(one):
        if get_origin(choice) is not None:
            yield from _choices(choice)
        else:
            yield choice.__name__ if isinstance(choice, type) else f'"{choice}"'


def complain(app: Sphinx) -> None:
    for name in undescribed():
        log.warning("%s has no docstring: say in one line what it is.", name, type="docstrings")


def complete(app: Sphinx, env: Any) -> None:
    """Looks for public names that no page describes."""
    described = {f"{one[0]}" for one in env.get_domain("py").get_objects()}
    for name in public_names():
        if f"tb_lrfinder.{name}" not in described:
            log.warning("`tb_lrfinder.%s` is described on no page: name it in docs/api.md.", name, type="docstrings")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_lexer("jsonc", JavascriptLexer)
    app.connect("builder-inited", complain)
    app.connect("source-read", compose)
    # Before Napoleon, which takes the sections apart.
    app.connect("autodoc-process-docstring", in_full, priority=400)
    app.connect("env-check-consistency", complete)
    return {"parallel_read_safe": True}
