"""`Cache`: the newest version only, within its bounds, from any thread."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tb_lrfinder.storage.cache import Cache


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
