"""Whatever lies in a log directory, read by TensorBoard's fast data server, which reads many runs per start."""

from __future__ import annotations

from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.answers import check_site
from tests.fuzz.data_server import fast_loader
from tests.fuzz.event_files import event_files
from tests.fuzz.found import FOUND
from tests.fuzz.fuzzer import fuzzer
from tests.fuzz.queries import Query, queries
from tests.fuzz.site import Site
from tests.fuzz.test_event_files import written


@fuzzer(quick=3, files=st.lists(event_files(), min_size=1, max_size=12), query=queries())
@example(files=[*FOUND.values()], query=[])
def test_fast_loader(files: list[bytes], query: Query) -> None:
    runs = {f"bad/{number:02d}/events.out.tfevents.0": content for number, content in enumerate(files)}
    with written(runs) as log_dir, fast_loader(log_dir) as provider:
        check_site(Site(provider), query)
