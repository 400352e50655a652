"""The plugin inside a real TensorBoard: routes, refusals, and what its process must not load."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tb_lrfinder import suggest
from tb_lrfinder.suggestion import METHODS
from tests.tensorboard_server import Server, serve
from tests.traces import TRIALS, rows_of, served, synthetic_curve, write_trace


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("plugin")
    write_trace(log_dir / "a run/with ünïcode", synthetic_curve(300))
    write_trace(log_dir / "confirmed", synthetic_curve(300), trials=TRIALS)
    with serve(log_dir, path_prefix="/under/a/prefix") as running:
        running.wait_for(lambda traces: traces)
        yield running


@pytest.fixture
def trace_id(server: Server) -> str:
    return server.traces()["a run/with ünïcode"]["id"]


def test_it_is_listed_as_active(server):
    def active(_traces):
        with urllib.request.urlopen(f"{server.url}/data/plugins_listing") as response:
            listing = json.load(response)
        return listing["lr_finder"]["enabled"] and listing["lr_finder"]

    entry = server.wait_for(active)
    assert entry["tab_name"] == "LR Finder"
    assert entry["loading_mechanism"]["type"] == "IFRAME"


def test_the_bundle_is_one_module_that_renders(server):
    status, body = server.get("static/index.js")
    assert status == 200
    assert b"render" in body


def test_methods_are_listed_with_the_default_first(server):
    methods = server.json("traces")["methods"]
    assert [method["name"] for method in methods] == list(METHODS)
    assert methods[0]["name"] == "auto"
    assert all(method["label"] and method["description"].endswith(".") for method in methods)


@pytest.mark.parametrize("method", METHODS)
def test_suggestions_are_those_of_the_core(server, trace_id, method):
    (served_suggestion,) = server.json("suggestions", trace=trace_id, method=method)["suggestions"]
    assert served_suggestion == {"id": trace_id, **served(suggest(synthetic_curve(300), method))}


def test_trials_and_the_suggestion_they_confirm_are_served(server):
    trace = server.traces()["confirmed"]
    assert trace["trials"] == [
        {"learning_rate": 1.5e-2, "steps": 300, "loss": 0.31},
        {"learning_rate": 7.0e-3, "steps": 300, "loss": 0.42},
        {"learning_rate": 3.2e-2, "steps": 300, "loss": 0.25},
        {"learning_rate": 3.2e-3, "steps": 50, "loss": 0.9},
        {"learning_rate": 7.0e-2, "steps": 12, "loss": None},
    ]
    (found,) = server.json("suggestions", trace=trace["id"])["suggestions"]
    assert found == {"id": trace["id"], **served(suggest(synthetic_curve(300), trials=TRIALS))}
    assert found["learning_rate"] == 3.2e-2


def test_curves_can_be_thinned(server, trace_id):
    whole = rows_of(synthetic_curve(300))
    thinned = server.rows(trace_id, max_points=50)
    assert len(thinned) <= 50
    assert {row.tobytes() for row in thinned} < {row.tobytes() for row in whole}
    assert (thinned[:, 2].min(), thinned[:, 2].max()) == (whole[:, 2].min(), whole[:, 2].max())


@pytest.mark.parametrize(
    ("route", "arguments", "status", "words"),
    [
        ("curves", {}, 400, "`trace` must name at least one trace"),
        ("curves", {"trace": "s/x"}, 404, "No trace 's/x'"),
        ("curves", {"trace": "known", "max_points": "1"}, 400, "`max_points` must be a whole number of at least 2."),
        ("curves", {"trace": "known", "max_points": "many"}, 400, "Received: max_points='many'."),
        ("suggestions", {}, 400, "`trace` must name at least one trace"),
        ("suggestions", {"trace": "s/x"}, 404, "No trace 's/x'"),
        ("suggestions", {"trace": "known", "method": "best"}, 400, "`method` must be one of auto, minimum"),
    ],
)
def test_bad_requests_are_answered_with_a_sentence(server, trace_id, route, arguments, status, words):
    arguments = {name: trace_id if value == "known" else value for name, value in arguments.items()}
    answered, body = server.get(route, **arguments)
    assert answered == status
    assert words in body.decode()


SERVES_WITHOUT_KERAS = """
import importlib.metadata, sys
from types import SimpleNamespace

import numpy as np
from tb_lrfinder import schema
import tb_lrfinder.writer  # a process without Keras can write, too

header = schema.encode_header("s-1", schema.Header("range_test", 1.0, "finished"))
rows = schema.encode_rows("s-1", schema.REQUIRED_COLUMNS, 0, np.array([[0.0, 0.1, 2.0], [1.0, 0.2, 1.0]]))

class Provider:
    def list_tensors(self, **_):
        return {"run": {
            value.tag: SimpleNamespace(max_step=2, max_wall_time=2.0, plugin_content=value.metadata.plugin_data.content)
            for value in (header, rows)
        }}

    def read_tensors(self, **_):
        return {"run": {
            value.tag: [SimpleNamespace(numpy=schema.tensor_util.make_ndarray(value.tensor))] for value in (header, rows)
        }}

(entry,) = [e for e in importlib.metadata.entry_points(group="tensorboard_plugins") if e.name == "lr_finder"]
plugin = entry.load()().load(SimpleNamespace(data_provider=Provider()))
from werkzeug.test import Client
for route, app in plugin.get_plugin_apps().items():
    response = Client(app).get(f"{route}?trace=s-1/run")
    assert response.status_code == 200, (route, response.status_code)
    assert response.get_data()
print("loaded:", *sorted({"keras", "tensorflow", "jax", "torch"} & set(sys.modules)))
"""


def test_serving_loads_no_framework():
    result = subprocess.run([sys.executable, "-c", SERVES_WITHOUT_KERAS], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "loaded:\n"


def test_importing_the_package_loads_nothing_and_lists_its_names():
    code = (
        "import sys, tb_lrfinder; "
        "print(sorted({'keras', 'numpy', 'tensorflow', 'tensorboard'} & set(sys.modules)), set(tb_lrfinder.__all__) <= "
        "set(dir(tb_lrfinder)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[] True\n"


def test_the_public_names_are_exactly_these():
    import tb_lrfinder

    assert tb_lrfinder.__all__ == [
        "Curve", "LRFinder", "RangeTestResult", "Suggestion", "TraceWriter", "range_test", "suggest", "write_curve",
    ]  # fmt: skip
    for name in tb_lrfinder.__all__:
        assert getattr(tb_lrfinder, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'LRfinder'"):
        _ = tb_lrfinder.LRfinder  # pyright: ignore[reportAttributeAccessIssue]


def test_readme_and_api_documents_name_every_route():
    api = (Path(__file__).parents[1] / "tb_lrfinder" / "http_api.md").read_text()
    for route in ("traces", "curves", "suggestions", "static/index.js"):
        assert f"## `{route}" in api


def test_wire_numbers_are_finite_json(server, trace_id):
    answer = server.json("suggestions", trace=trace_id)
    assert np.isfinite(answer["suggestions"][0]["learning_rate"])
