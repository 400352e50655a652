"""What is written reads back equal; what is no header, tag or metadata becomes one sentence."""

from __future__ import annotations

import math
import string
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import example
from hypothesis import strategies as st
from tensorboard.util import tensor_util

from tb_lrfinder.choices import Mode, Spacing
from tb_lrfinder.curves.suggestion import METHODS
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.process import Process
from tests.fuzz.answers import check_sentence
from tests.fuzz.fuzzer import fuzzer
from tests.fuzz.values import json_texts, odd_floats, odd_texts, odd_wholes

_LARGEST = 2**53 - 1  # the largest number that the browser counts to
_words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.isprintable)
_counts = st.integers(0, 10**9)
_rates = st.floats(1e-300, 1e300)
_trials = st.builds(Trial, _rates, _counts, st.floats(-1e300, 1e300) | st.just(math.inf), st.booleans())
_probes = st.builds(
    Probe,
    training=st.from_regex(r"[0-9A-Za-z_-]{1,100}", fullmatch=True),
    step=_counts,
    learning_rate=st.floats(0, 1e300),
    epoch=st.none() | st.floats(0, 1e9),
    seconds=st.none() | st.floats(0, 1e9),
    left_out=_counts,
)
_headers = st.builds(
    schema.Header,
    kind=st.sampled_from(["range_test", "training", "plan"]),
    started=st.floats(0, 4e9),
    status=st.sampled_from(["running", "finished", "interrupted"]),
    stop_reason=st.sampled_from(["", "completed", "diverged"]),
    stop_text=_words,
    num_steps=st.none() | _counts,
    start_lr=st.none() | _rates,
    end_lr=st.none() | _rates,
    spacing=st.none() | st.sampled_from(Spacing.__args__),
    optimizer=st.none() | _words,
    batch_size=st.none() | st.integers(1, 10**9),
    monitor=_words,
    mode=st.sampled_from(Mode.__args__),
    method=st.none() | st.sampled_from(sorted(METHODS)),
    process=st.none() | st.builds(Process, host=_words, pid=st.integers(1, 2**22), machine=st.none() | _words),
    trials=st.lists(_trials, max_size=4).map(tuple),
    driver=st.none() | _words,
    first_step=_counts,
    swept=st.booleans(),
    model=st.none() | _words,
    parameters=st.none() | _counts,
    probe=st.none() | _probes,
    range_test=st.none() | st.just("20261122-101500-3f9a1c"),
)
_any = (
    st.none()
    | st.booleans()
    | odd_floats
    | odd_wholes
    | odd_texts
    | st.builds(object)
    | st.lists(odd_floats, max_size=2)
)
_sessions = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=40)


def _decoded(value: Any) -> schema.Header:
    return schema.decode_header(tensor_util.make_ndarray(value.tensor))


@fuzzer(quick=100, header=_headers, session=_sessions)
def test_header_round_trip(header: schema.Header, session: str) -> None:
    if header.start_lr and header.end_lr and header.start_lr > header.end_lr:
        header = replace(header, start_lr=header.end_lr, end_lr=header.start_lr)
    value = schema.encode_header(session, header)
    assert _decoded(value) == header
    assert schema.parse_tag(value.tag) == schema.Tag(session, None)


@fuzzer(quick=150, header=_headers, name=st.sampled_from(sorted(schema.Header.__dataclass_fields__)), value=_any)
def test_header_that_is_written_can_be_read(header: schema.Header, name: str, value: Any) -> None:
    """The check before writing refuses, in words, all that reading would refuse."""
    changed = replace(header, **{name: value})
    try:
        schema.check_header(changed)
    except ValueError as error:
        check_sentence(str(error))
    else:
        assert _decoded(schema.encode_header("s", changed)) == changed


@fuzzer(quick=100, text=json_texts)
@example(text="[" * 20_000)
def test_any_header(text: str) -> None:
    tensor = np.array(text.encode(errors="surrogatepass"), object)
    try:
        header = schema.decode_header(tensor)
    except SchemaError as error:
        check_sentence(str(error))
    else:
        schema.check_header(header)


@fuzzer(
    quick=100,
    content=st.binary(max_size=200)
    | json_texts.map(lambda text: f'{{"schema_version": 1, "columns": {text}}}'.encode()),
)
def test_any_metadata(content: bytes) -> None:
    for decode in (schema.check_version, schema.decode_columns):
        try:
            decode(content)
        except SchemaError as error:
            check_sentence(str(error))


@fuzzer(
    quick=200,
    tag=st.from_regex(r"(lr_finder/)?[0-9A-Za-z-]{0,3}(/header|/rows/\d{0,9})?\n?", fullmatch=True)
    | odd_texts
    | st.builds(
        "lr_finder/{}/rows/{}".format, odd_texts, st.sampled_from(["٣", "-1", "9" * 4_300, "9" * 5_000, "9" * 18])
    ),
)
@example(tag=f"lr_finder/s/rows/{'9' * 5_000}")
@example(tag="lr_finder/s/rows/٣")
def test_any_tag(tag: str) -> None:
    parsed = schema.parse_tag(tag)
    if parsed is not None:
        assert tag.isascii()
        assert parsed.index is None or 0 <= parsed.index <= _LARGEST
        assert tag.startswith(f"lr_finder/{parsed.session}/")


@fuzzer(quick=50, session=_sessions, index=st.integers(0, 99_999))
def test_tag_round_trip(session: str, index: int) -> None:
    assert schema.parse_tag(schema.rows_tag(session, index)) == schema.Tag(session, index)
