"""Whatever `TraceWriter` is given: a sentence that refuses it, or a trace that reads back equal, bit for bit."""

from __future__ import annotations

import decimal
import fractions
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tensorboard.context import RequestContext

from tb_lrfinder import TraceWriter
from tb_lrfinder.columns import Table
from tb_lrfinder.storage.reader import TraceReader
from tests.fuzz.answers import check_sentence
from tests.fuzz.fuzzer import fuzzer
from tests.fuzz.values import odd_floats, odd_texts, odd_wholes
from tests.support.loaders import own_loader


class _Tensor:
    """A tensor of a framework, as far as a number is asked of it."""

    def __init__(self, value: float) -> None:
        self._value = value

    def __float__(self) -> float:
        return self._value


class _Broken:
    """An object that fails when it is asked for anything."""

    def __float__(self) -> float:
        raise RuntimeError("no value here")

    def __repr__(self) -> str:
        return "a broken value"


_numbers = odd_floats | odd_wholes
_any = (
    st.none()
    | st.booleans()
    | _numbers
    | _numbers.map(np.float64)
    | st.floats(width=32).map(np.float32)
    | st.integers(-(2**31), 2**31 - 1).map(np.int32)
    | _numbers.map(lambda value: np.array(float(value)))
    | _numbers.map(lambda value: np.array([float(value)]))
    | st.floats().map(_Tensor)
    | st.builds(_Broken)
    | odd_texts
    | st.binary(max_size=5)
    | st.complex_numbers()
    | st.lists(st.floats(), max_size=3)
    | st.sampled_from([decimal.Decimal("0.1"), fractions.Fraction(1, 3), 10**400, np.zeros(5), {}, object(), float])
)
_ARGUMENTS = {
    "num_steps": st.none() | st.integers(0, 1000),
    "start_lr": st.none() | st.just(1e-7),
    "end_lr": st.none() | st.just(1.0),
    "spacing": st.sampled_from([None, "log", "linear"]),
    "optimizer": st.sampled_from([None, "Adam"]),
    "batch_size": st.sampled_from([None, 32]),
    "monitor": st.sampled_from(["loss", "accuracy"]),
    "mode": st.sampled_from(["min", "max"]),
    "method": st.sampled_from([None, "auto", "valley"]),
}
# Most arguments fit, so that one that does not is not hidden behind another one.
_fitting = st.fixed_dictionaries({}, optional=_ARGUMENTS)
_odd = st.dictionaries(st.sampled_from(sorted(_ARGUMENTS)), _any | st.sampled_from(["auto"]), max_size=1)
_rows = st.lists(
    st.tuples(
        st.floats(1e-9, 10) | st.just(0.1) | _any,
        st.floats() | _any,
        st.just({})
        | st.dictionaries(st.sampled_from(["accuracy", "step", "loss_std", "é", ""]) | odd_texts, _any, max_size=2),
    ),
    max_size=6,
)


@fuzzer(
    quick=100,
    arguments=st.builds(dict, _fitting) | st.builds(lambda one, other: {**one, **other}, _fitting, _odd),
    rows=_rows,
)
def test_trace_writer(arguments: dict[str, Any], rows: list[tuple[Any, Any, dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            writer = TraceWriter(folder, **arguments)
        except ValueError as error:
            check_sentence(str(error))
            return
        taken = [row for row in rows if _is_taken(writer, row)]
        writer.close()
        check_recorded(Path(folder), arguments, taken)


def _is_taken(writer: TraceWriter, row: tuple[Any, Any, dict[str, Any]]) -> bool:
    try:
        writer.append_row(*row)
    except ValueError as error:
        check_sentence(str(error))
        return False
    return True


def check_recorded(log_dir: Path, arguments: dict[str, Any], rows: list[tuple[Any, Any, dict[str, Any]]]) -> None:
    """The reader finds the header and the rows that were taken."""
    reader = TraceReader(own_loader(log_dir), RequestContext(), "")
    (trace,) = reader.traces()
    assert trace.status == "finished", trace.status_text
    assert trace.header is not None
    for name, value in arguments.items():
        if name != "monitor":  # which takes the name of its column
            recorded = getattr(trace.header, name)
            assert recorded == (value if value is None or isinstance(value, str) else _number(value)), name
    table = reader.rows([trace])[trace.id]
    assert isinstance(table, Table), table
    assert len(table) == len(rows)
    for values, (rate, loss, metrics) in zip(table.values.tolist(), rows, strict=True):
        losses = [] if loss is None else [_number(loss)]  # `append_row` takes None, `append` refuses it
        own = [_number(rate), *losses]
        assert _alike(values[1 : 1 + len(own)], own)
        others = values[1 + len(own) :]
        assert len(others) >= len(metrics)
        assert all(any(_alike([value], [_number(metric)]) for value in others) for metric in metrics.values())


def _number(value: Any) -> float:
    """The number that a value is; whatever else was taken fails the test."""
    assert value is not None, "None is no number"
    assert not isinstance(value, (str, bytes, complex, list, dict)), f"{value!r} is no number"
    return float(value.item()) if isinstance(value, np.ndarray) else float(value)


def _alike(recorded: list[float], given: list[float]) -> bool:
    return all(
        one == other or (math.isnan(one) and math.isnan(other)) for one, other in zip(recorded, given, strict=True)
    )
