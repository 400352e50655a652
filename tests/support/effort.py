"""How much a test that is repeated at random does: a little in every test run, all of it with `LONG=1` in the environment."""

import os


def effort(*, quick: int, long: int) -> int:
    return long if os.environ.get("LONG") == "1" else quick
