"""The TensorBoard plugin: routes on the data provider, described in http_api.md.

A `_serve_*` method speaks HTTP and nothing else: it takes the arguments apart and leaves data to reader and wire.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_lrfinder.server import json_text, pairs, probes, relations, wire
from tb_lrfinder.server.query import MAX_TRACES, Query, refusing, shown
from tb_lrfinder.server.questions import Ask
from tb_lrfinder.storage.cache import Cache
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.scalars import ScalarReader
from tb_lrfinder.storage.schema import PLUGIN_NAME
from tb_lrfinder.storage.trace import Trace, unreadable

_STATIC = Path(__file__).parent / "static"
# The module that TensorBoard loads, and that of the pages which it opens later.
_MODULES = ("index.js", "pages.js")
_METHODS = ("GET", "HEAD")


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
            "/probes": self._serve_probes,
            "/pairs": self._serve_pairs,
            "/relations": self._serve_relations,
            "/scalars": self._serve_scalars,
            "/scalar": self._serve_scalar,
            "/recipes": self._serve_recipes,
            "/recipe": self._serve_recipe,
            **{f"/static/{name}": functools.partial(self._serve_module, name) for name in _MODULES},
        }
        return {path: wrappers.Request.application(_reading(serve)) for path, serve in routes.items()}

    def is_active(self) -> bool:
        # TensorBoard asks often and waits: `data_plugin_names` lets it decide from what it has read.
        return False

    def data_plugin_names(self) -> tuple[str, ...]:
        return (PLUGIN_NAME,)

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/static/index.js", tab_name="LR Finder")

    def _serve_traces(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            known = Query(request).known()
        text, version = self._reader(request).of_list(wire.encode_entry, wire.encode_list)
        return _respond(request, wire.encode_version(version) if version == known else text)

    def _serve_curves(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            curves = Query(request).curves()
        return _respond(request, wire.encode_curves(*self._requested(request), curves))

    def _serve_slopes(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            slopes = Query(request).slopes()
        return _respond(request, wire.encode_slopes(*self._requested(request), slopes))

    def _serve_suggestions(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            suggestions = Query(request).suggestions()
        return _respond(request, wire.encode_suggestions(*self._requested(request), suggestions))

    def _serve_schedules(self, request: wrappers.Request) -> wrappers.Response:
        return _respond(request, wire.encode_schedules(*self._requested(request)))

    def _serve_probes(self, request: wrappers.Request) -> wrappers.Response:
        traces, ask = self._requested(request)
        return _respond(request, probes.encode_probes(traces, self._beside(request), ask))

    def _serve_pairs(self, request: wrappers.Request) -> wrappers.Response:
        traces, ask = self._requested(request)
        return _respond(request, pairs.encode_pairs(traces, self._beside(request), ask))

    def _serve_relations(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            query = Query(request)
            asked = query.relations()
        traces, ask = self._requested(request) if query.names_traces() else self._tests(request)
        return _respond(request, relations.encode_relations(traces, ask, **asked))

    def _serve_scalars(self, request: wrappers.Request) -> wrappers.Response:
        return _respond(request, wire.encode_scalars(self._scalars(request).tags()))

    def _serve_scalar(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            run, tag = Query(request).scalar()
        try:
            points = self._scalars(request).points(run, tag)
        except SchemaError as error:
            raise errors.NotFoundError(str(error)) from error
        if points is None:
            raise errors.NotFoundError(
                f"No scalar {shown(tag)} in run {shown(run)}: `scalars` lists the ones that there are."
            )
        return _respond(request, wire.encode_scalar(run, tag, points))

    def _serve_recipes(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            content = wire.encode_recipes(Query(request).basis())
        return _respond(request, content)

    def _serve_recipe(self, request: wrappers.Request) -> wrappers.Response:
        with refusing():
            content = wire.encode_built_recipe(**Query(request).recipe())
        return _respond(request, content)

    def _serve_module(self, name: str, request: wrappers.Request) -> wrappers.Response:
        module = _STATIC / name
        if not module.exists():
            raise errors.NotFoundError(
                "The tab's bundle is missing: run `make build` in the checkout, or install a released wheel."
            )
        return http_util.Respond(request, module.read_bytes(), "text/javascript")

    def _requested(self, request: wrappers.Request) -> tuple[list[Trace], Ask]:
        """The traces that a request names, and the way to ask about them."""
        with refusing():
            ids = Query(request).trace_ids()
        reader = self._reader(request)
        traces = reader.find(ids)
        if not traces:
            raise errors.NotFoundError(f"No trace {shown(ids[0])}: `traces` lists the ones that TensorBoard has read.")
        return [traces.get(one) or _gone(one) for one in ids], reader.ask

    def _tests(self, request: wrappers.Request) -> tuple[list[Trace], Ask]:
        """All tests that stand alone, as many as a request may name, and the way to ask about them."""
        reader = self._reader(request)
        headers = ((trace, trace.header_or_default) for trace in reader.traces())
        return [trace for trace, header in headers if header.is_sweep and header.probe is None][:MAX_TRACES], reader.ask

    def _beside(self, request: wrappers.Request) -> tuple[Trace, ...]:
        """All traces of the experiment that the requested ones belong to."""
        return self._reader(request).beside(Query(request).trace_ids())

    def _reader(self, request: wrappers.Request) -> TraceReader:
        environ = request.environ
        experiment_id = plugin_util.experiment_id(environ)
        return TraceReader(self._provider, plugin_util.context(environ), experiment_id, self._cache)

    def _scalars(self, request: wrappers.Request) -> ScalarReader:
        environ = request.environ
        return ScalarReader(self._provider, plugin_util.context(environ), plugin_util.experiment_id(environ))


_Serve = Callable[[wrappers.Request], wrappers.Response]


def _reading(serve: _Serve) -> _Serve:
    """The route, which nobody can change anything by."""

    def answer(request: wrappers.Request) -> wrappers.Response:
        if request.method in _METHODS:
            return serve(request)
        allowed = ", ".join(_METHODS)
        sentence = f"The method must be one of {allowed}: this address is only read. Received: {shown(request.method)}."
        return http_util.Respond(request, sentence, "text/plain", code=405, headers=[("Allow", allowed)])

    return answer


def _gone(trace_id: str) -> Trace:
    """A trace that is not there, in the place of one that was until a moment ago."""
    session, _, run = trace_id.partition("/")
    words = f"There is no trace {shown(trace_id)} any more: `traces` lists the ones that TensorBoard has read."
    return unreadable(run, session, SchemaError(words))


def _respond(request: wrappers.Request, content: Any) -> wrappers.Response:
    """A container as it is, and all else as JSON."""
    if isinstance(content, bytes):
        return http_util.Respond(request, content, "application/octet-stream")
    text = content if isinstance(content, str) else json_text.encode(content)
    return http_util.Respond(request, text, "application/json")
