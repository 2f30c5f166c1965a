"""Ten times over each documented limit, through every way in: is it refused within a second, with the limit named?

    python benchmarks/input_limits.py

Inputs: tests/support/oversized.py. Seconds of CPU and of the wall clock for the refusal, and the memory that it took at its
peak (as Python sees it, in MiB), the input itself not counted.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.errors import InvalidValue
from tests.support.oversized import Oversized, oversized

WITHIN = 1.0


def refused(one: Oversized) -> list[str]:
    """The row of the table for one input."""
    cpu, wall = time.process_time(), time.perf_counter()
    message = "(accepted)"
    try:
        one.read()
    except InvalidValue as refusal:
        message = str(refusal)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    tracemalloc.start()
    try:
        one.read()
    except InvalidValue:
        peak = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    named = re.search(rf"(?<!\d){one.limit}(?!\d)", message) is not None
    return [
        one.way, one.what, str(one.limit), f"{cpu:.2f}", f"{wall:.2f}", f"{peak:.0f}",
        "yes" if named and cpu < WITHIN else "no",
    ]  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        rows = [refused(one) for one in oversized(Path(made))]
    print(heading("Ten times over the limits", []))
    header = ("way in", "too large", "limit named", "CPU s", "wall s", "peak MiB", "refused within 1 s of CPU, limit named")
    print(markdown_table(header, rows))


if __name__ == "__main__":
    main()
