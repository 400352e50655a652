"""A process that imports the package and brings the first row of a trace to the disk.

python -m benchmarks.start.first_trace LOGDIR
"""

from __future__ import annotations

import sys

from tb_lrfinder import TraceWriter


def write(log_dir: str) -> None:
    with TraceWriter(log_dir) as trace:
        trace.append(0.1, 1.0)
        trace.flush()


if __name__ == "__main__":
    write(sys.argv[1])
