"""The plugin inside a real TensorBoard: routes, refusals, and what its process must not load."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tb_lrfinder import Curve, suggest
from tb_lrfinder.curves.slopes import slopes_of
from tb_lrfinder.curves.smoothing import ema
from tb_lrfinder.curves.suggestion import METHODS
from tb_lrfinder.rates.planner import RECIPES, basis_of, learning_rates
from tb_lrfinder.server import wire
from tb_lrfinder.storage.trace import Trace
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import (
    TRIALS,
    as_recorded,
    header,
    plateaus,
    rows_of,
    served,
    synthetic_curve,
    training_steps,
    write_measured,
    write_scalars,
    write_trace,
    write_training,
)

# What loads before the first chart, and what follows when another view is opened; both compressed.
MAX_BUNDLE_BYTES, MAX_PAGES_BYTES = 70_000, 15_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("plugin")
    write_trace(log_dir / "a run/with ünïcode", synthetic_curve(300))
    write_trace(log_dir / "confirmed", synthetic_curve(300), trials=TRIALS)
    write_measured(log_dir / "measured", synthetic_curve(300))
    write_training(log_dir / "training", plateaus(), driver="ReduceLROnPlateau")
    write_scalars(log_dir / "training" / "validation", "epoch_loss", [0.9, 0.4, np.nan])
    swept = synthetic_curve(300)
    write_training(log_dir / "swept", training_steps(swept.learning_rates, swept.losses))
    with serve(log_dir, path_prefix="/under/a/prefix", has_tensorflow=True) as running:
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


def test_the_bundle_is_a_module_that_renders_and_fetches_the_other_pages_from_beside_it(server):
    status, body = server.get("static/index.js")
    assert status == 200
    assert b"render" in body
    assert len(gzip.compress(body, 9)) <= MAX_BUNDLE_BYTES
    assert set(re.findall(rb"import\([`\"']([^`\"']+)", body)) == {b"./pages.js"}
    status, pages = server.get("static/pages.js")
    assert status == 200
    assert len(gzip.compress(pages, 9)) <= MAX_PAGES_BYTES
    assert set(re.findall(rb"from[`\"'](\./[^`\"']+)", pages)) == {b"./index.js"}


def test_methods_are_listed_with_the_default_first(server):
    methods = server.json("traces")["methods"]
    assert [method["name"] for method in methods] == list(METHODS)
    assert methods[0]["name"] == "auto"
    assert all(method["label"] and method["description"].endswith(".") for method in methods)


@pytest.mark.parametrize("method", METHODS)
def test_suggestions_are_those_of_the_core(server, trace_id, method):
    (served_suggestion,) = server.json("suggestions", trace=trace_id, method=method)["suggestions"]
    assert served_suggestion == {"id": trace_id, **served(suggest(as_recorded(synthetic_curve(300)), method))}


def test_trials_and_the_suggestion_they_confirm_are_served(server):
    trace = server.traces()["confirmed"]
    assert trace["trials"] == [
        {"learning_rate": 1.5e-2, "steps": 300, "value": 0.31},
        {"learning_rate": 7.0e-3, "steps": 300, "value": 0.42},
        {"learning_rate": 3.2e-2, "steps": 300, "value": 0.25},
        {"learning_rate": 3.2e-3, "steps": 50, "value": 0.9},
        {"learning_rate": 7.0e-2, "steps": 12, "value": None},
    ]
    (found,) = server.json("suggestions", trace=trace["id"])["suggestions"]
    assert found == {"id": trace["id"], **served(suggest(as_recorded(synthetic_curve(300)), trials=TRIALS))}
    assert found["reason"].startswith("Short trainings of up to 300 steps at 5 rates were best around ")


def test_a_suggestion_can_be_asked_for_any_length_of_a_training(server, trace_id):
    curve, found = as_recorded(synthetic_curve(300)), {}
    for total_steps in (100, 20_000):
        (found[total_steps],) = server.json("suggestions", trace=trace_id, total_steps=total_steps)["suggestions"]
        assert found[total_steps] == {"id": trace_id, **served(suggest(curve, total_steps=total_steps))}
    assert found[20_000]["learning_rate"] < found[100]["learning_rate"] / 2
    assert "; for 20,000 steps, " in found[20_000]["reason"]


def test_a_training_is_served_with_its_columns_and_rate_changes(server):
    trace = server.traces()["training"]
    assert (trace["kind"], trace["is_sweep"], trace["driver"]) == ("training", False, "ReduceLROnPlateau")
    directory, columns = server.schedule(trace["id"])
    assert [change["text"] for change in directory["rate_changes"]] == [
        "ReduceLROnPlateau: 0.1 → 0.01 at epoch 5",
        "ReduceLROnPlateau: 0.01 → 0.001 at epoch 10",
    ]
    assert [change["step"] for change in directory["rate_changes"]] == [50, 100]
    np.testing.assert_array_equal(columns["step"], np.arange(150))
    np.testing.assert_array_equal(columns["learning_rate"], plateaus()[:, 1])
    assert list(columns) == ["step", "learning_rate", "loss", "loss_min", "loss_max", "epoch", "wall_time"]


def test_a_range_test_is_a_sweep_and_a_training_is_none(server):
    traces = server.traces()
    assert (traces["confirmed"]["kind"], traces["confirmed"]["is_sweep"]) == ("range_test", True)
    assert traces["swept"]["is_sweep"]
    (found,) = server.json("suggestions", trace=traces["swept"]["id"])["suggestions"]
    assert found["learning_rate"] is not None


def test_a_swept_training_can_be_read_by_epoch(server):
    swept, test = server.traces()["swept"], server.traces()["confirmed"]
    rows, curve = server.rows(swept["id"], by="epoch"), synthetic_curve(300)
    assert len(rows) == 30
    np.testing.assert_array_equal(rows[:, 1], curve.learning_rates[9::10])
    np.testing.assert_allclose(rows[:, 2], curve.losses.reshape(30, 10).mean(axis=1))
    (found,) = server.json("suggestions", trace=swept["id"], by="epoch")["suggestions"]
    assert found["learning_rate"] == suggest(Curve(rows[:, 1], rows[:, 2], updates_per_point=10)).learning_rate
    assert len(server.rows(test["id"], by="epoch")) == 300
    assert server.get("curves", trace=swept["id"], by="batch")[0] == 400


def test_scalars_of_the_experiment_are_listed_and_served(server):
    listed = server.json("scalars")["scalars"]
    assert {"run": "training", "tag": "loss", "unit": "step"} in listed
    assert {"run": "training/validation", "tag": "epoch_loss", "unit": "epoch"} in listed
    scalar = server.json("scalar", run="training/validation", tag="epoch_loss")
    assert (scalar["steps"], scalar["unit"]) == ([0, 1, 2], "epoch")
    assert scalar["values"] == [pytest.approx(0.9), pytest.approx(0.4), None]
    assert len(scalar["wall_times"]) == 3


@pytest.mark.parametrize(
    ("route", "arguments", "status", "sentence"),
    [
        ("scalar", {"run": "training"}, 400, "`run` and `tag` must name a scalar"),
        ("scalar", {"run": "training", "tag": "no"}, 404, "No scalar 'no' in run 'training'"),
        ("schedules", {}, 400, "`trace` must name at least one trace"),
    ],
)
def test_bad_requests_for_schedules_are_answered_in_words(server, route, arguments, status, sentence):
    answered, body = server.get(route, **arguments)
    assert answered == status
    assert sentence in body.decode()


def test_recipes_are_offered_with_defaults_for_the_rate(server):
    answer = server.json("recipes", total_steps=1000, learning_rate=0.02, lower=0.004)
    assert answer["basis"] == {"total_steps": 1000, "learning_rate": 0.02, "lower": 0.004}
    recipes = {recipe["name"]: {one["name"]: one for one in recipe["parameters"]} for recipe in answer["recipes"]}
    assert list(recipes) == list(RECIPES)
    (rate,) = recipes["constant"].values()
    assert rate == {
        "name": "learning_rate",
        "label": "Rate",
        "help": "The rate of every step.",
        "kind": "number",
        "default": 0.02,
        "choices": None,
        "origin": "learning_rate",
    }
    lower, gamma = recipes["cyclical"]["initial_learning_rate"], recipes["cyclical"]["gamma"]
    assert (lower["default"], lower["origin"], gamma["origin"]) == (0.004, "lower", None)


def test_recipes_need_no_rate_to_start_from(server):
    answer = server.json("recipes")
    assert answer["basis"] == {"total_steps": 1000, "learning_rate": 0.001, "lower": pytest.approx(1e-4)}
    built = server.json("recipe", name="constant")
    assert (built["total_steps"], built["learning_rates"][0]) == (1000, 0.001)


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        ("SGD", "optimizer = keras.optimizers.SGD(learning_rate=learning_rate)\n"),
        ("SGD, momentum 0.9", "optimizer = keras.optimizers.SGD(learning_rate=learning_rate, momentum=0.9)\n"),
        ("SGD, momentum 9.5e-5", "optimizer = keras.optimizers.SGD(learning_rate=learning_rate, momentum=9.5e-5)\n"),
        ("Mine", "'Mine', which Keras does not have"),
        ("Adam (d_optimizer)", "'Adam (d_optimizer)', which Keras does not have"),
        ("SGD, momentum 0.9 and Adam", "'SGD, momentum 0.9 and Adam', which Keras does not have"),
        ("SGD, momentum 09", "'SGD, momentum 09', which Keras does not have"),
        ("SGD, momentum exit()", "'SGD, momentum exit()', which Keras does not have"),
        ("SGD, momentum 0.9\n", "'SGD, momentum 0.9\\n', which Keras does not have"),
    ],
)
def test_the_code_of_a_recipe_builds_the_optimizer_of_the_test(server, optimizer, words):
    assert words in server.json("recipe", name="constant", optimizer=optimizer)["code"]


@pytest.mark.parametrize(
    ("arguments", "framework", "words"),
    [
        ({}, "keras", "keras.optimizers.Adam("),
        ({"optimizer": "SGD"}, "keras", "keras.optimizers.SGD("),
        ({"optimizer": "RAdam"}, "pytorch", "torch.optim.RAdam("),
        ({"optimizer": "RAdam", "framework": "keras"}, "keras", "'RAdam', which Keras does not have"),
        ({"optimizer": "SGD", "framework": "pytorch"}, "pytorch", "torch.optim.SGD("),
    ],
)
def test_the_code_is_for_the_framework_that_is_asked_for_or_that_has_the_optimizer(server, arguments, framework, words):
    built = server.json("recipe", name="constant", **arguments)
    assert built["framework"] == framework
    assert words in built["code"]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_drawn_from_the_formula_and_comes_with_its_code(server, name):
    built = server.json("recipe", name=name, total_steps=5000, learning_rate=0.02, batch_size=64)
    rates = learning_rates(name, 5000, RECIPES[name].defaults(basis_of(5000, 0.02)))
    assert (built["steps"][0], built["steps"][-1], len(built["steps"]) > 990) == (0, 4999, True)
    np.testing.assert_array_equal(built["learning_rates"], rates[built["steps"]])
    assert "batch_size = 64" in built["code"]
    assert "batch_size" not in server.json("recipe", name=name)["code"]


def test_a_recipe_has_a_label_for_a_legend_with_its_highest_rate_whichever_steps_are_drawn(server):
    # Straight lines up and down: the steps beside the highest one are clearly lower.
    arguments = {"total_steps": 40_000, "learning_rate": 0.0767, "shape": "linear", "warmup_share": 0.0123}
    built = server.json("recipe", name="one_cycle", **arguments)
    assert built["label"] == "1cycle, peak 0.0767"
    assert built["steps"][int(np.argmax(built["learning_rates"]))] == 491
    assert max(built["learning_rates"]) == 0.0767
    assert len(built["steps"]) <= 1000


def test_a_recipe_says_how_far_it_stays_from_the_edge_where_there_is_one(server):
    assert server.json("recipe", name="constant")["margin"] is None
    built = server.json("recipe", name="one_cycle", learning_rate=0.0031, edge=0.013)
    assert built["margin"] == {
        "sentence": "The highest rate, 0.0031, lies 4.2 times below 0.013, where this test expects training to break.",
        "is_above": False,
    }
    assert server.json("recipe", name="linear_decay", learning_rate=0.1, edge=0.013)["margin"]["is_above"]


def test_the_code_of_a_recipe_can_be_for_fine_tuning(server):
    plain = server.json("recipe", name="one_cycle")
    assert server.json("recipe", name="one_cycle", fine_tuning=0) == plain
    built = server.json("recipe", name="one_cycle", fine_tuning=1)
    assert "MultiOptimizer" in built["code"]
    assert built["learning_rates"] == plain["learning_rates"]


def test_a_parameter_of_a_recipe_can_be_chosen(server):
    built = server.json("recipe", name="step_decay", total_steps=4, decay_steps=2, decay_rate=0.1, learning_rate=1)
    assert built["learning_rates"] == [1.0, 1.0, 0.1, 0.1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"name": "magic", "total_steps": 10}, "`name` must be one of constant, one_cycle"),
        (
            {"name": "constant", "total_steps": ""},
            "`total_steps` must be a whole number of at most 15 digits. Received: total_steps=''.",
        ),
        ({"name": "constant", "lower": 0.1}, "`lower` must be positive and below 0.001. Received: lower=0.1."),
        (
            {"name": "constant", "framework": "jax"},
            "`framework` must be one of keras, pytorch. Received: framework='jax'.",
        ),
        ({"name": "constant", "edge": 0}, "`edge` must be positive and finite. Received: edge=0.0."),
        ({"name": "constant", "fine_tuning": "yes"}, "`fine_tuning` must be one of 0, 1. Received: fine_tuning='yes'."),
        ({"name": "constant", "total_steps": 1}, "`total_steps` must be a whole number of at least 2"),
        ({"name": "one_cycle", "total_steps": 10, "start_divisor": "x"}, "`start_divisor` must be a number"),
        ({"name": "one_cycle", "total_steps": 10, "warmup_share": 2}, "`warmup_share` must be in [0, 0.99]"),
    ],
)
def test_a_recipe_that_cannot_be_built_is_refused_in_words(server, arguments, sentence):
    status, body = server.get("recipe", **arguments)
    assert status == 400
    assert sentence in body.decode()


def test_a_whole_curve_says_so_and_is_left_to_the_browser_to_smooth(server, trace_id):
    entry, columns = server.curve(trace_id, max_points=300, smoothing=0.9, lower=0.01)
    assert (entry["column"], entry["mode"], entry["total"], entry["whole"]) == ("loss", "min", 300, True)
    assert list(columns) == ["step", "learning_rate", "loss"]
    assert np.column_stack(list(columns.values())).tobytes() == rows_of(synthetic_curve(300)).tobytes()


def test_a_thinned_curve_keeps_the_extremes_and_brings_its_moving_average(server, trace_id):
    curve = synthetic_curve(300)
    entry, columns = server.curve(trace_id, max_points=50, smoothing=0.9)
    assert (entry["total"], entry["whole"]) == (300, False)
    assert entry["rows"] <= 50
    kept, smoothed = columns["step"].astype(int), ema(curve.losses, 0.9)
    assert np.column_stack([*columns.values()][:3]).tobytes() == rows_of(curve)[kept].tobytes()
    np.testing.assert_array_equal(columns["smoothed"], smoothed[kept])
    assert (columns["loss"].min(), columns["loss"].max()) == (curve.losses.min(), curve.losses.max())
    assert columns["smoothed"].min() == smoothed.min()


def test_a_window_is_drawn_in_full_detail_with_a_row_beyond_each_end(server, trace_id):
    rates = synthetic_curve(300).learning_rates
    _, columns = server.curve(trace_id, max_points=100, lower=rates[120] * 0.999, upper=rates[139] * 1.001)
    np.testing.assert_array_equal(columns["step"], np.arange(119, 141))
    _, everything = server.curve(trace_id, max_points=20, lower=1e-9, upper=1e9)
    assert everything["step"].max() <= 299


def test_rows_can_be_left_out_at_the_ends(server, trace_id):
    entry, columns = server.curve(trace_id, skip_start=10, skip_end=5)
    np.testing.assert_array_equal(columns["step"], np.arange(10, 295))
    assert (entry["total"], entry["whole"]) == (285, True)
    assert server.curve(trace_id, skip_start=200, skip_end=200)[0]["total"] == 0


def test_any_column_can_be_drawn_where_it_was_measured(server):
    trace = server.traces()["measured"]
    entry, columns = server.curve(trace["id"], column="val_accuracy")
    assert (entry["column"], entry["mode"], entry["total"]) == ("val_accuracy", "max", 75)
    np.testing.assert_array_equal(columns["step"], np.arange(0, 300, 4))
    assert not np.isnan(columns["val_accuracy"]).any()
    entry, columns = server.curve(trace["id"])
    assert (entry["column"], entry["mode"], entry["total"]) == ("loss", "min", 300)


def test_a_trace_without_the_column_says_so_beside_the_others(server, trace_id):
    measured = server.traces()["measured"]["id"]
    without, with_it = server.directory("curves", trace=[trace_id, measured], column="val_accuracy")
    assert without["error"] == "This trace has no column 'val_accuracy': it has step, learning_rate, loss."
    assert with_it["rows"] == 75


def test_slopes_are_those_of_the_core(server):
    trace_id = server.traces()["measured"]["id"]
    curve = synthetic_curve(300)
    entry, columns = server.slope(trace_id, sigma=0.2, skip_start=20)
    rates, slopes = slopes_of(Curve(curve.learning_rates[20:], curve.losses[20:]), 0.2)
    assert (entry["column"], entry["mode"]) == ("loss", "min")
    np.testing.assert_array_equal(columns["learning_rate"], rates)
    np.testing.assert_array_equal(columns["slope"], slopes)
    entry, columns = server.slope(trace_id, column="val_accuracy")
    assert (entry["column"], entry["mode"]) == ("val_accuracy", "max")
    assert columns["slope"].max() > 0.1
    entry, columns = server.slope(trace_id, skip_start=295)
    assert (entry["rows"], list(columns)) == (0, ["learning_rate", "slope"])


def test_the_list_of_traces_is_sent_again_only_where_it_changed(server):
    whole = server.json("traces")
    assert server.json("traces", known=whole["version"]) == {"version": whole["version"]}
    assert server.json("traces", known="another") == whole


@pytest.mark.parametrize(
    ("route", "arguments", "status", "words"),
    [
        ("curves", {}, 400, "`trace` must name at least one trace"),
        ("curves", {"trace": "s/x"}, 404, "No trace 's/x'"),
        ("curves", {"trace": "known", "max_points": "3"}, 400, "`max_points` must be a whole number of at least 4."),
        ("curves", {"trace": "known", "max_points": "many"}, 400, "Received: max_points='many'."),
        (
            "curves",
            {"trace": "known", "smoothing": "1"},
            400,
            "`smoothing` must be in [0, 1). Received: smoothing=1.0.",
        ),
        ("curves", {"trace": "known", "skip_end": "-1"}, 400, "`skip_end` must be a whole number of at least 0."),
        ("curves", {"trace": "known", "lower": "x"}, 400, "`lower` must be a number. Received: lower='x'."),
        (
            "curves",
            {"trace": "known", "lower": "2", "upper": "1"},
            400,
            "and below `upper`. Received: lower=2.0, upper=1.0.",
        ),
        ("slopes", {}, 400, "`trace` must name at least one trace"),
        ("slopes", {"trace": "known", "sigma": "0"}, 400, "`sigma` must be in [0.001, 10]. Received: sigma=0.0."),
        ("suggestions", {}, 400, "`trace` must name at least one trace"),
        ("suggestions", {"trace": "s/x"}, 404, "No trace 's/x'"),
        ("suggestions", {"trace": "known", "method": "best"}, 400, "`method` must be one of auto, minimum"),
        (
            "suggestions",
            {"trace": "known", "total_steps": "0"},
            400,
            "`total_steps` must be a whole number of at least 1. Received: total_steps=0.",
        ),
        (
            "suggestions",
            {"trace": "known", "total_steps": "many"},
            400,
            "`total_steps` must be a whole number of at most 15 digits. Received: total_steps='many'.",
        ),
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
from tb_lrfinder.columns import Table
from tb_lrfinder.storage import schema
import tb_lrfinder.storage.writer  # a process without Keras can write, too
from tests.support.provided import data_of, series_of

header = schema.encode_header("s-1", schema.Header(kind="range_test", started=1.0, status="finished"))
table = Table(("step", "learning_rate", "loss"), np.array([[0.0, 0.1, 2.0], [1.0, 0.2, 1.0]]))
rows = schema.encode_rows("s-1", 0, table)

class Provider:
    def list_tensors(self, **_):
        return {"run": {value.tag: series_of(value, step=2) for value in (header, rows)}}

    def list_scalars(self, **_):
        return {"run": {"loss": None}}

    def read_scalars(self, **_):
        return {"run": {"loss": [SimpleNamespace(step=0, wall_time=1.0, value=2.0)]}}

    def read_tensors(self, **_):
        return {"run": {value.tag: data_of(value) for value in (header, rows)}}

(entry,) = [e for e in importlib.metadata.entry_points(group="tensorboard_plugins") if e.name == "lr_finder"]
plugin = entry.load()().load(SimpleNamespace(data_provider=Provider()))
from werkzeug.test import Client
for route, app in plugin.get_plugin_apps().items():
    response = Client(app).get(f"{route}?trace=s-1/run&run=run&tag=loss&name=constant&total_steps=10")
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


def test_readme_and_api_documents_name_every_route():
    api = Path(wire.__file__).with_name("http_api.md").read_text()
    for route in (
        "traces",
        "curves",
        "slopes",
        "suggestions",
        "schedules",
        "probes",
        "pairs",
        "relations",
        "scalars",
        "scalar",
        "recipes",
        "recipe",
        "static/index.js",
        "static/pages.js",
    ):
        assert f"## `{route}" in api


def test_wire_numbers_are_finite_json(server, trace_id):
    answer = server.json("suggestions", trace=trace_id)
    assert np.isfinite(answer["suggestions"][0]["learning_rate"])


def test_a_header_whose_numbers_are_not_finite_leaves_the_list_readable():
    broken = header(300, start_lr=float("nan"), end_lr=float("inf"))
    trace = Trace(run="run", session="s", status="finished", status_text="Done.", updated=1.0, header=broken)
    text, _ = wire.encode_list([wire.encode_entry(trace)])
    (trace,) = json.loads(text, parse_constant=pytest.fail)["traces"]
    assert (trace["start_lr"], trace["end_lr"]) == (None, None)
