"""The reference says of every argument what it is, where the sources refer to another one."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from types import ModuleType

import pytest

import tb_lrfinder
from tests.docs.pages import DOCS


def load() -> ModuleType:
    """The module of the site, which lies beside its pages and is no package."""
    spec = importlib.util.spec_from_file_location("docstrings", DOCS / "extensions" / "docstrings.py")
    assert spec
    assert spec.loader
    module = sys.modules["docstrings"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


docstrings = load()


def shared(width: int, height: int) -> None:
    """Draws.

    Args:
        width: Pixels across,
            at least 1.
        height: Pixels down.

    Raises:
        ValueError: If one is below 1.
    """


def referring(name: str) -> list[str]:
    """The lines of an argument of this name, in a docstring that says little."""
    text = {
        "width": "As in `shared`, like `height`.",
        "height": "See `width`.",
        "depth": "As in `shared`.",
        "gap": "See `name`.",
        "name": "Any text.",
    }
    lines = ["Draws again.", "", "Args:", f"    width: {text['width']}", f"    {name}: {text[name]}", ""]
    return [*lines, "    name: Any text.", "", "Raises:", "    ValueError: As in `shared`; it says which."]


def test_an_argument_has_the_words_of_the_one_it_refers_to():
    lines = docstrings.resolved(referring("height"), None, {"shared": shared}.__getitem__)
    assert lines[3:6] == ["    width: Pixels across,", "        at least 1.", "    height: Pixels down."]
    assert lines[-2:] == ["    ValueError: If one is below 1.", "        It says which."]


@pytest.mark.parametrize(
    ("name", "words"),
    [("depth", "`shared`, which does not describe it"), ("gap", "`name`, which does not say where both are described")],
)
def test_a_reference_that_leads_nowhere_is_an_error(name, words):
    with pytest.raises(ValueError, match=words):
        docstrings.resolved(referring(name), None, {"shared": shared}.__getitem__)


def test_a_reference_to_what_is_not_public_is_an_error():
    with pytest.raises(ValueError, match="`shared`, which is no public name"):
        docstrings.resolved(referring("height"), None, {}.__getitem__)


def test_code_is_literal_and_public_names_are_links_but_examples_stay():
    lines = ["`LRFinder`s and `x`, a", "`two", "words`.", "", ">>> f('`x`')", "'`x`'", "", "`y`"]
    assert docstrings.marked(lines, {"LRFinder"}.__contains__) == [
        ":py:obj:`~tb_lrfinder.LRFinder`\\ s and ``x``, a", "``two", "words``.", "", ">>> f('`x`')", "'`x`'", "", "``y``",
    ]  # fmt: skip


def documented() -> list[object]:
    named = [getattr(tb_lrfinder, name) for name in tb_lrfinder.__all__]
    objects = [one for one in named if inspect.isclass(one) or inspect.isfunction(one)]
    return [*objects, *(member for one in objects if inspect.isclass(one) for member in vars(one).values())]


def test_no_public_argument_only_says_where_to_look():
    for one in documented():
        text = inspect.getdoc(one) if getattr(one, "__module__", "").startswith("tb_lrfinder") else None
        owner = sys.modules[one.__module__] if text else None
        owner = getattr(tb_lrfinder, getattr(one, "__qualname__", "").partition(".")[0], owner)
        lines = docstrings.resolved((text or "").split("\n"), owner, lambda name: getattr(tb_lrfinder, name))
        assert not [line for line in lines if re.match(r"    \S+: (As in|See) `", line)]
