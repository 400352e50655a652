"""The arguments of a request, checked: whatever an address holds becomes a value that the core can take, or a sentence."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from typing import Any, cast

from tensorboard import errors
from werkzeug import wrappers

from tb_lrfinder import arguments
from tb_lrfinder.curves.analysis import SIGMA_DECADES
from tb_lrfinder.curves.decimation import Resolution, RowSlice
from tb_lrfinder.curves.suggestion import check_method, check_total_steps
from tb_lrfinder.rates import planner
from tb_lrfinder.server import relations
from tb_lrfinder.server.questions import Curves, Points, Slopes, Suggestions

# Names of runs are paths, of 4,096 bytes where they are longest; the tab names 170 traces in a request at most.
MAX_TRACES, MAX_CHARACTERS = 500, 8_192
# No screen has as many columns; below and above these decades no smoothing differs from its neighbours'.
MAX_POINTS, SIGMA_RANGE = 100_000, (0.001, 10.0)
# Numbers as JSON writes them: Python would take `1_000`, `nan` and digits of other scripts as well.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
# The setting that most people ask about first.
_SETTING = "batch_size"
# Characters of a wrong argument that an answer repeats.
_SHOWN = 80


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Turns a `ValueError` of the core into an answer with status 400."""
    try:
        yield
    except ValueError as error:
        raise errors.InvalidArgumentError(str(error)) from None


class Query:
    """The arguments of a request. Every method raises `ValueError` where one is not what it should be.

    Args:
        request: The request.
    """

    def __init__(self, request: wrappers.Request) -> None:
        self._arguments = request.args
        for name, value in request.args.items(multi=True):
            if len(value) > MAX_CHARACTERS:
                raise ValueError(
                    f"An argument must have at most {MAX_CHARACTERS:,} characters. "
                    f"Received: {shown(name)} with {len(value):,}."
                )

    def names_traces(self) -> bool:
        """Whether it names any traces."""
        return "trace" in self._arguments

    def trace_ids(self) -> list[str]:
        """The traces that are named, each once."""
        ids = list(dict.fromkeys(self._arguments.getlist("trace")))
        if not ids:
            raise ValueError("`trace` must name at least one trace: `?trace=<session>/<run>`.")
        if len(ids) > MAX_TRACES:
            raise ValueError(
                f"A request must name at most {MAX_TRACES} traces: ask for the others in another one. "
                f"Received: {len(ids)} traces."
            )
        return ids

    def scalar(self) -> tuple[str, str]:
        """Run and tag of a scalar."""
        run, tag = self._arguments.get("run"), self._arguments.get("tag")
        if run is None or tag is None:
            raise ValueError("`run` and `tag` must name a scalar: `?run=<run>&tag=<tag>`.")
        return run, tag

    def known(self) -> str | None:
        """The version of the list that the client has."""
        return self._arguments.get("known")

    def curves(self) -> Curves:
        return Curves(self._row_slice(), self._by(), self._resolution())

    def slopes(self) -> Slopes:
        sigma = self._number("sigma", SIGMA_DECADES)
        arguments.between(*SIGMA_RANGE, sigma=sigma)
        return Slopes(self._row_slice(), self._by(), sigma)

    def suggestions(self) -> Suggestions:
        return self._suggestions(self._by())

    def _suggestions(self, by: Points) -> Suggestions:
        method = check_method(self._word("method")) if "method" in self._arguments else None
        total_steps = self._whole("total_steps") if "total_steps" in self._arguments else None
        check_total_steps(total_steps)
        return Suggestions(method, by, total_steps)

    def relations(self) -> dict[str, Any]:
        """The arguments of `relations.encode_relations`."""
        value = self._word("value", "suggestion")
        arguments.one_of(relations.VALUES, value=value)
        return {
            "by": self._arguments.get("by", _SETTING),
            "group": self._arguments.get("group") or None,
            "value": value,
            "suggestions": self._suggestions("step"),
            "column": self._arguments.get("column"),
        }

    def basis(self) -> planner.Basis:
        """What the defaults of recipes are taken from."""
        total_steps = self._whole("total_steps", planner.TOTAL_STEPS)
        learning_rate = self._number("learning_rate", planner.LEARNING_RATE)
        return planner.basis_of(total_steps, learning_rate, self._number("lower"))

    def recipe(self) -> dict[str, Any]:
        """The arguments of `wire.encode_built_recipe`."""
        name, basis = self._word("name"), self.basis()
        optimizer = self._arguments.get("optimizer", planner.OPTIMIZER)
        return {
            "name": name,
            "total_steps": basis.total_steps,
            "batch_size": self._whole("batch_size") if "batch_size" in self._arguments else None,
            "parameters": self._parameters(name, basis),
            "optimizer": optimizer,
            "framework": self._word("framework", planner.framework_of(optimizer)),
            "fine_tuning": self._is("fine_tuning"),
            "edge": self._number("edge"),
        }

    def _parameters(self, name: str, basis: planner.Basis) -> dict[str, Any]:
        """The parameters of a recipe: those given, and the defaults of the others."""
        arguments.one_of(planner.RECIPES, name=name)
        recipe = planner.RECIPES[name]
        read = {"number": self._number, "integer": self._whole, "choice": self._word}
        given = [one for one in recipe.parameters if one.name in self._arguments]
        return {**recipe.defaults(basis), **{one.name: read[one.kind](one.name) for one in given}}

    def _row_slice(self) -> RowSlice:
        return RowSlice(self._arguments.get("column"), self._whole("skip_start", 0), self._whole("skip_end", 0))

    def _resolution(self) -> Resolution:
        max_points = self._whole("max_points") if "max_points" in self._arguments else None
        if max_points is not None and max_points > MAX_POINTS:
            raise ValueError(
                f"`max_points` must be at most {MAX_POINTS}: leave it out to receive all rows. "
                f"Received: max_points={max_points}."
            )
        window = self._number("lower", 0.0), self._number("upper", math.inf)
        return Resolution(max_points, self._number("smoothing", 0.0), *window)

    def _by(self) -> Points:
        by = self._word("by", "step")
        arguments.one_of(("step", "epoch"), by=by)
        return cast(Points, by)

    def _word(self, name: str, default: str = "") -> str:
        """A word to be compared with known ones, no longer than it is repeated."""
        return self._arguments.get(name, default)[:_SHOWN]

    def _is(self, name: str) -> bool:
        text = self._word(name, "0")
        arguments.one_of(("0", "1"), **{name: text})
        return text == "1"

    def _number(self, name: str, default: Any = None) -> Any:
        text = self._arguments.get(name)
        if text is None:
            return default
        if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
            raise ValueError(f"`{name}` must be a number. Received: {name}={shown(text)}.")
        return float(text)

    def _whole(self, name: str, default: int | None = None) -> int:
        text = self._arguments.get(name)
        if text is None and default is not None:
            return default
        if not _WHOLE_NUMBER.fullmatch(text or ""):
            raise ValueError(
                f"`{name}` must be a whole number of at most 15 digits. Received: {name}={shown(text or '')}."
            )
        return int(text or "")


def shown(text: str) -> str:
    """A text out of a request, as an answer repeats it: quoted, and not all of a long one."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
