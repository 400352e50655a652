"""The effort of a test that is repeated at random: little in every test run, all with `LONG=1` in the environment."""

import os


def effort(*, quick: int, long: int) -> int:
    return long if os.environ.get("LONG") == "1" else quick
