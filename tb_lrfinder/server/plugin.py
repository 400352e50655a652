"""The TensorBoard plugin: routes on the data provider, described in http_api.md.

A `_serve_*` method speaks HTTP and nothing else: it takes the arguments apart and leaves data to reader and wire.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_lrfinder import arguments
from tb_lrfinder.curves.analysis import SIGMA_DECADES
from tb_lrfinder.curves.decimation import Resolution, RowSlice
from tb_lrfinder.curves.suggestion import check_method
from tb_lrfinder.rates import planner
from tb_lrfinder.server import wire
from tb_lrfinder.storage.cache import Cache
from tb_lrfinder.storage.reader import Rows, TraceReader
from tb_lrfinder.storage.scalars import ScalarReader
from tb_lrfinder.storage.schema import PLUGIN_NAME
from tb_lrfinder.storage.trace import Trace

_BUNDLE = Path(__file__).parent / "static" / "index.js"


class LRFinderPlugin(base_plugin.TBPlugin):
    """Shows the range tests, trainings and plans that TensorBoard has read."""

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._cache = Cache()

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        routes = {
            "/traces": self._serve_traces,
            "/curves": self._serve_curves,
            "/slopes": self._serve_slopes,
            "/suggestions": self._serve_suggestions,
            "/schedules": self._serve_schedules,
            "/scalars": self._serve_scalars,
            "/scalar": self._serve_scalar,
            "/recipes": self._serve_recipes,
            "/recipe": self._serve_recipe,
            "/static/index.js": self._serve_bundle,
        }
        return {path: wrappers.Request.application(serve) for path, serve in routes.items()}

    def is_active(self) -> bool:
        # TensorBoard asks often and waits: `data_plugin_names` lets it decide from what it has read.
        return False

    def data_plugin_names(self) -> tuple[str, ...]:
        return (PLUGIN_NAME,)

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/static/index.js", tab_name="LR Finder")

    def _serve_traces(self, request: wrappers.Request) -> wrappers.Response:
        traces = self._reader(request).traces()
        return http_util.Respond(request, wire.encode_list(traces, request.args.get("known")), "application/json")

    def _serve_curves(self, request: wrappers.Request) -> wrappers.Response:
        with _refusing():
            row_slice, resolution = _row_slice(request), _resolution(request)
        reader = self._reader(request)
        traces = _requested(request, reader)
        content = wire.encode_curves(traces, _points(request, traces, reader), row_slice, resolution)
        return http_util.Respond(request, content, "application/octet-stream")

    def _serve_slopes(self, request: wrappers.Request) -> wrappers.Response:
        with _refusing():
            row_slice, sigma = _row_slice(request), _number(request, "sigma", SIGMA_DECADES)
            arguments.positive(sigma=sigma)
        reader = self._reader(request)
        traces = _requested(request, reader)
        content = wire.encode_slopes(traces, _points(request, traces, reader), row_slice, sigma)
        return http_util.Respond(request, content, "application/octet-stream")

    def _serve_suggestions(self, request: wrappers.Request) -> wrappers.Response:
        with _refusing():
            method = check_method(request.args["method"]) if "method" in request.args else None
        reader = self._reader(request)
        traces = _requested(request, reader)
        content = wire.encode_suggestions(traces, _points(request, traces, reader), method)
        return http_util.Respond(request, content, "application/json")

    def _serve_schedules(self, request: wrappers.Request) -> wrappers.Response:
        reader = self._reader(request)
        traces = _requested(request, reader)
        content = wire.encode_schedules(traces, reader.rows(traces))
        return http_util.Respond(request, content, "application/octet-stream")

    def _serve_scalars(self, request: wrappers.Request) -> wrappers.Response:
        content = wire.encode_scalars(self._scalars(request).tags())
        return http_util.Respond(request, content, "application/json")

    def _serve_scalar(self, request: wrappers.Request) -> wrappers.Response:
        run, tag = request.args.get("run"), request.args.get("tag")
        if run is None or tag is None:
            raise errors.InvalidArgumentError("`run` and `tag` must name a scalar: `?run=<run>&tag=<tag>`.")
        points = self._scalars(request).points(run, tag)
        if points is None:
            raise errors.NotFoundError(f"No scalar {tag!r} in run {run!r}: `scalars` lists the ones that there are.")
        return http_util.Respond(request, wire.encode_scalar(run, tag, points), "application/json")

    def _serve_recipes(self, request: wrappers.Request) -> wrappers.Response:
        with _refusing():
            content = wire.encode_recipes(_basis(request))
        return http_util.Respond(request, content, "application/json")

    def _serve_recipe(self, request: wrappers.Request) -> wrappers.Response:
        name, optimizer = request.args.get("name", ""), request.args.get("optimizer", planner.OPTIMIZER)
        with _refusing():
            basis, batch_size = _basis(request), _whole(request, "batch_size", planner.BATCH_SIZE)
            parameters = _parameters(request, name, basis)
            content = wire.encode_built_recipe(name, basis.total_steps, batch_size, parameters, optimizer)
        return http_util.Respond(request, content, "application/json")

    def _serve_bundle(self, request: wrappers.Request) -> wrappers.Response:
        if not _BUNDLE.exists():
            raise errors.NotFoundError(
                "The tab's bundle is missing: run `make build` in the checkout, or install a released wheel."
            )
        return http_util.Respond(request, _BUNDLE.read_bytes(), "text/javascript")

    def _reader(self, request: wrappers.Request) -> TraceReader:
        environ = request.environ
        experiment_id = plugin_util.experiment_id(environ)
        return TraceReader(self._provider, plugin_util.context(environ), experiment_id, self._cache)

    def _scalars(self, request: wrappers.Request) -> ScalarReader:
        environ = request.environ
        return ScalarReader(self._provider, plugin_util.context(environ), plugin_util.experiment_id(environ))


def _requested(request: wrappers.Request, reader: TraceReader) -> list[Trace]:
    ids = request.args.getlist("trace")
    if not ids:
        raise errors.InvalidArgumentError("`trace` must name at least one trace: `?trace=<session>/<run>`.")
    traces = reader.find(ids)
    unknown = next((one for one in ids if one not in traces), None)
    if unknown is not None:
        raise errors.NotFoundError(f"No trace {unknown!r}: `traces` lists the ones that TensorBoard has read.")
    return list(traces.values())


def _points(request: wrappers.Request, traces: list[Trace], reader: TraceReader) -> Mapping[str, Rows]:
    """The rows of the traces; with `by=epoch`, of trainings one per epoch."""
    with _refusing():
        by = request.args.get("by", "step")
        arguments.one_of(("step", "epoch"), by=by)
    rows = reader.rows(traces)
    return {**rows, **wire.by_epoch_of(traces, rows)} if by == "epoch" else rows


def _row_slice(request: wrappers.Request) -> RowSlice:
    skipped = (_whole(request, name, 0) for name in ("skip_start", "skip_end"))
    return RowSlice(request.args.get("column"), *skipped)


def _resolution(request: wrappers.Request) -> Resolution:
    max_points = _whole(request, "max_points") if "max_points" in request.args else None
    window = _number(request, "lower", 0.0), _number(request, "upper", math.inf)
    return Resolution(max_points, _number(request, "smoothing", 0.0), *window)


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turns a `ValueError` of the core into an answer with status 400."""
    try:
        yield
    except ValueError as error:
        raise errors.InvalidArgumentError(str(error)) from None


def _basis(request: wrappers.Request) -> planner.Basis:
    total_steps = _whole(request, "total_steps", planner.TOTAL_STEPS)
    learning_rate = _number(request, "learning_rate", planner.LEARNING_RATE)
    return planner.basis_of(total_steps, learning_rate, _number(request, "lower"))


def _parameters(request: wrappers.Request, name: str, basis: planner.Basis) -> dict[str, Any]:
    """The parameters of a recipe: those given, and the defaults of the others."""
    arguments.one_of(planner.RECIPES, name=name)
    recipe = planner.RECIPES[name]
    read = {"number": _number, "integer": _whole, "choice": lambda request, name: request.args[name]}
    given = [parameter for parameter in recipe.parameters if parameter.name in request.args]
    return {
        **recipe.defaults(basis),
        **{parameter.name: read[parameter.kind](request, parameter.name) for parameter in given},
    }


def _number(request: wrappers.Request, name: str, default: Any = None) -> Any:
    text = request.args.get(name)
    if text is None:
        return default
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"`{name}` must be a number. Received: {name}={text!r}.") from None


def _whole(request: wrappers.Request, name: str, default: int | None = None) -> int:
    text = request.args.get(name)
    if text is None and default is not None:
        return default
    try:
        return int(text or "")
    except ValueError:
        raise ValueError(f"`{name}` must be a whole number. Received: {name}={text!r}.") from None
