"""The TensorBoard plugin: routes on the data provider, described in http_api.md.

A `_serve_*` method speaks HTTP and nothing else: it takes the arguments apart and leaves data to reader and payload.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_lrfinder import payload
from tb_lrfinder.reader import Trace, TraceReader
from tb_lrfinder.schema import PLUGIN_NAME
from tb_lrfinder.suggestion import DEFAULT_METHOD, check_method

_BUNDLE = Path(__file__).parent / "static" / "index.js"


class LRFinderPlugin(base_plugin.TBPlugin):
    """Shows the range tests that TensorBoard has read."""

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        routes = {
            "/traces": self._serve_traces,
            "/curves": self._serve_curves,
            "/suggestions": self._serve_suggestions,
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
        return http_util.Respond(request, payload.encode_traces(traces), "application/json")

    def _serve_curves(self, request: wrappers.Request) -> wrappers.Response:
        max_points = _max_points(request)
        reader = self._reader(request)
        traces = _requested(request, reader)
        content = payload.encode_curves(traces, reader.rows(traces), max_points)
        return http_util.Respond(request, content, "application/octet-stream")

    def _serve_suggestions(self, request: wrappers.Request) -> wrappers.Response:
        method = request.args.get("method", DEFAULT_METHOD)
        try:
            check_method(method)
        except ValueError as error:
            raise errors.InvalidArgumentError(str(error)) from None
        reader = self._reader(request)
        traces = _requested(request, reader)
        content = payload.encode_suggestions(traces, reader.rows(traces), method)
        return http_util.Respond(request, content, "application/json")

    def _serve_bundle(self, request: wrappers.Request) -> wrappers.Response:
        if not _BUNDLE.exists():
            raise errors.NotFoundError(
                "The tab's bundle is missing: run `make build` in the checkout, or install a released wheel."
            )
        return http_util.Respond(request, _BUNDLE.read_bytes(), "text/javascript")

    def _reader(self, request: wrappers.Request) -> TraceReader:
        environ = request.environ
        return TraceReader(self._provider, plugin_util.context(environ), plugin_util.experiment_id(environ))


def _requested(request: wrappers.Request, reader: TraceReader) -> list[Trace]:
    ids = request.args.getlist("trace")
    if not ids:
        raise errors.InvalidArgumentError("`trace` must name at least one trace: `?trace=<session>/<run>`.")
    known = {trace.id: trace for trace in reader.traces()}
    unknown = next((one for one in ids if one not in known), None)
    if unknown is not None:
        raise errors.NotFoundError(f"No trace {unknown!r}: `traces` lists the ones that TensorBoard has read.")
    return [known[one] for one in dict.fromkeys(ids)]


def _max_points(request: wrappers.Request) -> int | None:
    text = request.args.get("max_points")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 2:
        raise errors.InvalidArgumentError(
            f"`max_points` must be a whole number of at least 2. Received: max_points={text!r}."
        )
    return int(text)
