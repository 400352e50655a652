"""The public names: which they are, where they are listed, and what their types are called."""

from __future__ import annotations

import ast
import builtins
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import tb_lrfinder
from tb_lrfinder import choices, needs, schedules
from tb_lrfinder.curves.advice import SHAPES
from tb_lrfinder.curves.confidence import PROBABILITIES
from tb_lrfinder.curves.suggestion import METHODS, MethodName

# In annotations, the names of others.
OTHERS = {
    "Any", "ArrayLike", "BaseException", "Batch", "Callable", "Iterable", "Iterator", "Literal", "Mapping", "NDArray",
    "Sequence", "SupportsFloat", "SupportsIndex", "TracebackType", "keras", "np", "os",
}  # fmt: skip
# Types of words are aliases, which know no name of their own.
WORDS = {*vars(choices), "MethodName"}


def test_the_public_names_are_exactly_these():
    assert tb_lrfinder.__all__ == [
        "Confidence", "ConfidenceWord", "Curve", "CyclicalMode", "EndStatus", "Ending", "EndingKind", "GridResult",
        "GridRow", "Interval", "LRFinder", "LRProbe", "LRRecorder", "MethodName", "Mode", "MonitorMode", "OneCycleShape",
        "Probe", "RangeTest", "RangeTestResult", "ScheduleWriter", "Shape", "ShapeName", "Spacing", "Suggestion",
        "TraceWriter", "Trial", "UpdatesPerLR", "Use", "UseName", "import_curve", "plan", "range_test", "range_test_grid",
        "run_grid", "suggest", "write_curve",
    ]  # fmt: skip
    for name in set(tb_lrfinder.__all__) - WORDS:
        assert getattr(tb_lrfinder, name).__name__ == name
    assert not hasattr(tb_lrfinder, "LRfinder")


def test_type_checkers_and_python_find_the_same_names_in_the_same_modules():
    tree = ast.parse(Path(tb_lrfinder.__file__).read_text())
    (imports,) = (one.body for one in tree.body if isinstance(one, ast.If) and ast.unparse(one.test) == "TYPE_CHECKING")
    seen = {name.name: one.module for one in imports if isinstance(one, ast.ImportFrom) for name in one.names}
    assert seen == {name: f"tb_lrfinder.{home}" for name, home in tb_lrfinder._HOMES.items()}
    assert sorted(seen) == tb_lrfinder.__all__


def test_tab_completion_shows_the_public_names_alone():
    assert [name for name in dir(tb_lrfinder) if not name.startswith("__")] == tb_lrfinder.__all__


def public_annotations() -> Iterator[tuple[str, str]]:
    """Every annotation of a public function, class, method, property or attribute, after the public name it belongs to."""
    named = {name: getattr(tb_lrfinder, name) for name in set(tb_lrfinder.__all__) - WORDS}
    classes_too = {
        name: one for name, one in vars(schedules).items() if inspect.isclass(one) and not name.startswith("_")
    }
    for name, one in {**named, **classes_too}.items():
        members = [one]
        if inspect.isclass(one):
            public = [member for member in dir(one) if member == "__init__" or not member.startswith("_")]
            members = [*one.__mro__, *(inspect.getattr_static(one, member) for member in public)]
        for member in members:
            function = getattr(member, "fget", None) or getattr(member, "__func__", member)
            if getattr(function, "__module__", "").startswith("tb_lrfinder"):
                yield from ((name, text) for text in inspect.get_annotations(function).values() if text is not None)


def test_every_type_in_a_public_signature_has_a_public_name():
    known = {*OTHERS, *tb_lrfinder.__all__, *vars(builtins), "WarmUp"}
    found = list(public_annotations())
    assert {("Suggestion", "Confidence | None"), ("LRFinder", "MethodName"), ("OneCycle", "OneCycleShape")} <= set(
        found
    )
    for name, annotation in found:
        types = {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
        assert types <= known, (name, annotation)


def test_checks_and_type_checkers_know_the_same_words():
    assert get_args(MethodName) == tuple(METHODS)
    assert get_args(choices.MonitorMode) == ("auto", *get_args(choices.Mode))
    assert get_args(choices.ConfidenceWord) == tuple(PROBABILITIES)
    assert set(get_args(choices.ShapeName)) == {shape.name for shape in SHAPES}


WITHOUT = """
import sys
sys.modules[{missing!r}] = None
try:
    {code}
except Exception as error:
    print(type(error).__name__, error.name, error, sep="; ")
"""
NEEDS_KERAS = (
    "ModuleNotFoundError; keras; `tb_lrfinder.{name}` needs Keras 3, which is not installed: "
    "`pip install 'tb_lrfinder[tensorflow]'`, or with another back end `pip install keras jax`.\n"
)


def without(missing: str, code: str) -> str:
    command = [sys.executable, "-c", WITHOUT.format(missing=missing, code=code)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from tb_lrfinder import LRFinder", "LRFinder"),
        ("from tb_lrfinder import *", "LRFinder"),
        ("import tb_lrfinder; hasattr(tb_lrfinder, 'range_test')", "range_test"),
        ("from tb_lrfinder.schedules import OneCycle", "schedules"),
    ],
)
def test_without_keras_what_needs_it_says_how_to_get_it(code, name):
    assert without("keras", code) == NEEDS_KERAS.format(name=name)


def test_without_keras_all_else_works():
    names = "Curve, RangeTest, ScheduleWriter, Suggestion, Use, import_curve, plan, run_grid, suggest, write_curve"
    assert without("keras", f"from tb_lrfinder import {names}") == ""


@pytest.mark.parametrize("missing", ["tensorflow", "keras.src"])
def test_an_import_error_of_something_else_stays_as_it_is(missing):
    error = ModuleNotFoundError(f"No module named {missing!r}", name=missing)
    with pytest.raises(ModuleNotFoundError) as raised, needs.explain_missing_keras("tb_lrfinder.LRFinder"):
        raise error
    assert raised.value is error
