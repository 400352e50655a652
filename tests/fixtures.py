"""Writes what the server sends into files, for the tests of the browser side: `python -m tests.fixtures FOLDER`.

`expected.json` says what the browser must make of it, computed by the Python core.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, LOSS, PLAN, STEP, TRAINING, WALL_TIME, Table
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.decimation import Resolution
from tb_lrfinder.curves.smoothing import ema
from tb_lrfinder.rates.planner import RECIPES, basis_of
from tb_lrfinder.server import json_text, wire
from tb_lrfinder.server.pairs import encode_pairs
from tb_lrfinder.server.probes import encode_probes
from tb_lrfinder.server.questions import Curves, Slopes, Suggestions
from tb_lrfinder.server.relations import encode_relations
from tb_lrfinder.storage.decoding import Rows
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.trace import Trace
from tests.support.asking import asking
from tests.support.traces import TRIALS, header, plateaus, rows_of, synthetic_curve

_STARTED = 1767225600.0
_FEW_POINTS = 100
# Rates around every border between digits, and between numbers that are written out and those with a power of ten.
_RATES = (
    0.0, 1e-300, 1e-12, 1e-10, 1e-8, 3.14159e-7, 9.995e-5, 9.994e-5, 9.8712e-5, 1e-4, 0.000123, 0.00099949, 0.00099951,
    0.001, 0.0031, 0.0125, 0.0999, 0.09995, 0.1, 0.125, 0.99949, 0.9996, 1.0, 1.125, 2.675, 9.995, 10.0, 12.345, 100.5,
    1225.0, 1234.0, 99949.0, 99950.0, 99999.0, 100000.0, 123456.0, 1e6, 1e21, 1.5e300,
)  # fmt: skip
RANGE_TEST_COLUMNS = (STEP, LEARNING_RATE, LOSS)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    whole = synthetic_curve(300)
    losses = synthetic_curve(120, seed=1, centre=-3.5).losses.copy()
    losses[100:] = [np.nan, np.inf, -np.inf, 2.5] * 5
    broken = Curve(synthetic_curve(120).learning_rates, losses)
    # An accuracy on validation data, measured in every fourth step only.
    accuracy = np.where(np.arange(len(whole)) % 4 == 0, 1.0 / (1.0 + whole.losses), np.nan)
    validated = replace(
        _trace("validated", whole, "finished", "Swept to end_lr=10."),
        columns=(*RANGE_TEST_COLUMNS, "val_accuracy"),
        header=header(300, started=_STARTED, monitor="val_accuracy", mode="max"),
    )
    adam = _trace("digits/adam", whole, "finished", "Swept to end_lr=10.")
    assert adam.header is not None
    traces = {
        replace(adam, header=replace(adam.header, trials=TRIALS, method="auto")): rows_of(whole),
        _trace("digits/sgd ä", broken, "running", "Step 120 of 300."): rows_of(broken),
        validated: np.column_stack([rows_of(whole), accuracy]),
        _trace("waiting", Curve([], []), "running", "Step 0 of 300."): np.empty((0, 0)),
        Trace(
            run="lost",
            session="20260101-000000-dddddd",
            status="damaged",
            status_text="The header of this trace is missing.",
            updated=1.0,
        ): SchemaError("The header of this trace is missing."),
    }
    rows = {
        trace.id: values if isinstance(values, SchemaError) else Table(trace.columns, values)
        for trace, values in traces.items()
    }
    listed, ask = list(traces), asking(rows)
    (folder / "traces.json").write_text(wire.encode_list(map(wire.encode_entry, listed))[0], encoding="utf-8")
    (folder / "curves.bin").write_bytes(wire.encode_curves(listed, ask, Curves()))
    thinned = wire.encode_curves(listed, ask, Curves(resolution=Resolution(_FEW_POINTS, 0.6)))
    (folder / "curves_thinned.bin").write_bytes(thinned)
    (folder / "slopes.bin").write_bytes(wire.encode_slopes(listed, ask, Slopes()))
    _write_json(folder / "suggestions.json", wire.encode_suggestions(listed, ask, Suggestions()))
    expected = {
        trace.id: _expected(trace, table)
        for trace in traces
        if isinstance(table := rows[trace.id], Table) and len(table)
    }
    _write_json(folder / "expected.json", expected)
    _write_json(folder / "rates.json", [[rate, numerals.rate(rate)] for rate in _RATES])
    _write_schedules(folder)
    _write_probed(folder)
    _write_relation(folder)


def _write_schedules(folder: Path) -> None:
    """A training with two plateaus and a plan, a scalar beside them, and what the planner is offered."""
    steps = plateaus()
    names = (STEP, LEARNING_RATE, LOSS, EPOCH, WALL_TIME)
    training = replace(
        _trace("plateau", Curve([], []), "finished", "The training ended."),
        columns=names,
        num_rows=len(steps),
        header=header(None, kind=TRAINING, started=_STARTED, driver="ReduceLROnPlateau"),
    )
    plan = replace(training, run="plan", columns=names[:2], header=header(len(steps), kind=PLAN))
    rows = {training.id: Table(names, steps), plan.id: Table(names[:2], steps[:, :2])}
    (folder / "schedules.bin").write_bytes(wire.encode_schedules([training, plan], asking(rows)))
    run, tag = "plateau/validation", "epoch_loss"
    _write_json(folder / "scalars.json", wire.encode_scalars({run: [tag]}))
    points = [(0, _STARTED, 0.9), (1, _STARTED + 1, float("nan"))]
    _write_json(folder / "scalar.json", wire.encode_scalar(run, tag, points))
    _write_json(folder / "recipes.json", wire.encode_recipes(basis_of(1000, 0.0094, 0.0012)))
    parameters = RECIPES["one_cycle"].defaults(basis_of(5000, 0.0094))
    _write_json(folder / "recipe.json", wire.encode_built_recipe("one_cycle", 5000, 32, parameters, "SGD"))


def _write_probed(folder: Path) -> None:
    """A training whose rate lies below what four probes suggest, one of which cannot be read, and the test it belongs to."""
    steps, alike = plateaus(), {"model": "Functional", "parameters": 101_770}
    names = (STEP, LEARNING_RATE, LOSS, EPOCH, WALL_TIME)
    rows: dict[str, Rows] = {}
    curve = synthetic_curve(300)
    test = _trace("digits/test", curve, "finished", "Swept to end_lr=10.")
    test = replace(test, header=header(300, started=_STARTED - 60, **alike))
    training = replace(
        _trace("digits/probed", Curve([], []), "finished", "The training ended."),
        columns=names,
        num_rows=len(steps),
        header=header(None, kind=TRAINING, started=_STARTED, **alike),
    )
    bare = replace(
        training, run="plateau", session="20260101-000000-000007", header=header(None, kind=TRAINING, started=_STARTED)
    )
    rows |= {
        test.id: Table(test.columns, rows_of(curve)),
        training.id: Table(names, steps),
        bare.id: Table(names, steps),
    }
    probes = []
    for place, step in enumerate((20, 60, 100, 140)):
        swept = synthetic_curve(100, seed=step, centre=-2.5 + place / 4)
        probe = Probe(
            training=training.session, step=step, epoch=step / 10, learning_rate=float(steps[step, 1]), seconds=1.5,
            left_out=place % 2,
        )  # fmt: skip
        one = _trace("digits/probed/probes", swept, "finished", "Swept to end_lr=10.")
        one = replace(
            one, session=f"20260101-000000-{step:06x}", header=header(100, started=_STARTED + step, probe=probe)
        )
        rows[one.id] = (
            Table(one.columns, rows_of(swept)) if place != 1 else SchemaError("This trace is damaged: a row is lost.")
        )
        probes.append(one)
    listed, ask = [training, bare, test, *probes], asking(rows)
    (folder / "probed_traces.json").write_text(wire.encode_list(map(wire.encode_entry, listed))[0], encoding="utf-8")
    _write_json(folder / "probes.json", encode_probes([training, bare, test], listed, ask))
    _write_json(folder / "pairs.json", encode_pairs([training, bare, test], listed, ask))


def _write_relation(folder: Path) -> None:
    """Tests of three batch sizes, one of which knows none."""
    rows: dict[str, Rows] = {}
    tests = []
    for place, batch_size in enumerate((16, 64, 256, None)):
        curve = synthetic_curve(300, centre=-3 + place / 2)
        test = _trace(f"sizes/{batch_size}", curve, "finished", "Swept to end_lr=10.")
        test = replace(test, header=header(300, started=_STARTED, batch_size=batch_size))
        rows[test.id] = Table(test.columns, rows_of(curve))
        tests.append(test)
    asked: dict[str, Any] = {"group": "optimizer", "value": "suggestion", "suggestions": Suggestions(), "column": None}
    _write_json(folder / "relation.json", encode_relations(tests, asking(rows), by="batch_size", **asked))


def _expected(trace: Trace, table: Table) -> dict[str, object]:
    assert trace.header is not None
    monitor = trace.header.monitor
    values = table[monitor]
    drawn = ~np.isnan(values) | (monitor == "loss")
    return {
        "column": monitor,
        "mode": trace.header.mode,
        "learning_rate": _finite_or_null(table[LEARNING_RATE][drawn]),
        "values": _finite_or_null(values[drawn]),
        "smoothed_0.6": _finite_or_null(ema(values[drawn], 0.6)),
    }


def _trace(run: str, curve: Curve, status: str, text: str) -> Trace:
    session = f"20260101-000000-{len(run):06x}"
    columns = RANGE_TEST_COLUMNS if len(curve) else ()
    return Trace(
        run=run,
        session=session,
        status=status,
        status_text=text,
        updated=_STARTED + 60,
        columns=columns,
        num_rows=len(curve),
        header=header(300, started=_STARTED),
    )


def _finite_or_null(column: NDArray[np.float64]) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in column.tolist()]


def _write_json(path: Path, content: object) -> None:
    path.write_text(json_text.encode(content), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
