"""`Cache`: the newest version only, within its bounds, from any thread."""

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.storage.cache import Cache, Made, footprint
from tests.support.traces import header


def test_it_knows_the_version_it_keeps_and_no_other():
    cache = Cache()
    assert cache.get("rows", 1) is None
    cache.keep("rows", 1, "one", 8)
    assert cache.get("rows", 1) == "one"
    assert cache.get("rows", 2) is None
    cache.keep("rows", 2, "two", 8)
    assert cache.get("rows", 1) is None
    assert cache.get("rows", 2) == "two"


def test_what_was_not_used_for_longest_goes_first():
    cache = Cache(max_bytes=30)
    for name in "abc":
        cache.keep(name, 0, name, 10)
    assert cache.get("a", 0) == "a"
    cache.keep("d", 0, "d", 10)
    assert [cache.get(name, 0) for name in "abcd"] == ["a", None, "c", "d"]


def test_a_version_gives_back_the_room_of_the_one_before():
    cache = Cache(max_bytes=30)
    cache.keep("other", 0, "other", 10)
    for version in range(100):
        cache.keep("rows", version, version, 20)
    assert cache.get("other", 0) == "other"
    assert cache.get("rows", 99) == 99


def test_what_is_too_large_is_not_kept():
    cache = Cache(max_bytes=30)
    cache.keep("huge", 0, "huge", 31)
    assert cache.get("huge", 0) is None
    cache.keep("small", 0, "small", 30)
    assert cache.get("small", 0) == "small"


def test_threads_do_not_disturb_each_other():
    cache = Cache(max_bytes=50 * 8)

    def use(seed):
        for key in np.random.default_rng(seed).integers(0, 100, 2_000).tolist():
            value = cache.get(key, 0)
            assert value is None or value == key
            cache.keep(key, 0, key, 8)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert sum(cache.get(key, 0) is not None for key in range(100)) == 50


def test_a_value_is_made_once_however_many_ask_for_it_at_once():
    cache, asked, made = Cache(), threading.Barrier(9), []
    released = threading.Event()

    def make(keys):
        made.append(keys)
        assert released.wait(30)
        yield from (Made(key, f"made {key}", 8) for key in keys)

    def ask(_):
        asked.wait(30)
        return cache.fill({"one": 1, "two": 1}, make)

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(ask, index) for index in range(8)]
        asked.wait(30)
        released.set()
        assert [answer.result(30) for answer in answers] == [{"one": "made one", "two": "made two"}] * 8
    assert made == [["one", "two"]]


def test_what_is_not_kept_is_made_again():
    cache, made = Cache(), []

    def make(keys):
        made.extend(keys)
        return [Made(key, "an error", None) for key in keys]

    assert cache.fill({"one": 1}, make) == cache.fill({"one": 1}, make) == {"one": "an error"}
    assert made == ["one", "one"]


def test_another_version_is_made_although_one_is_under_way():
    cache = Cache()

    def make(keys):
        newer = cache.fill({"one": 2}, lambda keys: [Made(key, "newer", 8) for key in keys])
        return [Made(key, f"beside a {newer['one']} one", 8) for key in keys]

    assert cache.fill({"one": 1}, make) == {"one": "beside a newer one"}


def test_an_error_reaches_all_who_wait_and_the_next_one_tries_again():
    cache, begun, released = Cache(), threading.Event(), threading.Event()

    def fail(keys):
        begun.set()
        assert released.wait(30)
        raise OSError("The disk is gone.")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.fill, {"one": 1}, fail)
        assert begun.wait(30)
        second = threads.submit(cache.fill, {"one": 1}, fail)
        released.set()
        for asked in (first, second):
            with pytest.raises(OSError, match="The disk is gone"):
                asked.result(30)
    assert cache.fill({"one": 1}, lambda keys: [Made("one", "made", 8)]) == {"one": "made"}


def test_a_value_counts_with_about_what_it_takes():
    trials = tuple(Trial(0.1 * index, 30 + index, 0.5 * index, True) for index in range(1_000))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = tuple(Trial(0.1 * index, 3_000 + index, 0.5 * index, True) for index in range(1_000))
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken <= footprint(kept) < 4 * taken
    assert footprint(np.zeros(1_000_000)) == pytest.approx(8e6, rel=0.01)
    assert footprint(header(300, trials=trials)) > footprint(trials) > 100 * footprint(header(300).optimizer)
