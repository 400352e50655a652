"""Prints the tables of the probes benchmark from what was recorded; see its README.md.

python -m benchmarks.probes [--write]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.probes.records import load
from benchmarks.probes.tables import tables

README = Path(__file__).parent / "README.md"
# The tables are what follows this line.
HEADING = "## Tables\n"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"also write them into {README.name}")
    options = parser.parse_args(arguments)
    text = "\n".join(tables(load()))
    print(text)
    if options.write:
        above, heading, _ = README.read_text(encoding="utf-8").partition(HEADING)
        README.write_text(f"{above}{heading or HEADING}\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
