"""Engines that crash, hang, stop, give nonsense or eat memory: is there a valid plan by deadline + 1 s, is a process left?

    python benchmarks/safe_runs.py [--runs 50] [--size 152x500] [--seconds 6] [--memory 6]

Each run is one of tests/support/failing_engines.py's engines under the safe runner
(scheduler_core/engines/isolation/safe_runner.py) on a random plant; ``--memory`` is the engine's address space in GiB. Wall
time from asking for the run to its plan. The plan is judged by the validator once more; orphans are processes of the run's
groups that live on afterwards.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass

from processes import group_members
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation.safe_runner import SafeRunner
from scheduler_core.engines.registry import Engine
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback
from scheduler_core.training.evaluate import SIZES
from tests.support import failing_engines as failing

METHODS = {
    "crash": failing.segfaults, "hang": failing.hangs, "hang holding the GIL": failing.hangs_compiled,
    "NaN": failing.not_a_number, "out of memory": failing.eats_memory, "illegal action": failing.raises,
    "invalid schedule": failing.overlaps, "stopped while sending": failing.stops_while_sending,
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One run: wall seconds, whether a valid fallback plan came, processes left."""

    seconds: float
    valid: bool
    orphans: int


def measure_one(engine: Engine, plant: Plant, seconds: float, memory: int) -> Seen:
    """One run of a failing engine."""
    began = time.monotonic()
    with SafeRunner(memory=memory) as runner:
        pids = runner.pids
        result = runner.run("failing", engine, plant, EngineConfig(rule="EDD"), seconds)
        took = time.monotonic() - began
    valid = isinstance(result.report, Fallback) and result.schedule is not None and not violations(plant, result.schedule)
    return Seen(took, valid, len(group_members(pids)))


def main() -> int:
    """Runs all and prints the table; exit code 1 if any run failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--size", default="152x500", choices=SIZES)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--memory", type=int, default=6, help="GiB")
    args = parser.parse_args()
    rows, good = [], True
    for method, engine in METHODS.items():
        seen = []
        for number in range(args.runs):
            plant = random_plant(number, SIZES[args.size])
            seen.append(measure_one(engine, plant, args.seconds, args.memory * 2**30))
            print(f"{method}: {number + 1} of {args.runs}", file=sys.stderr)
        late = sum(s.seconds > args.seconds + 1 for s in seen)
        invalid, orphans = sum(not s.valid for s in seen), sum(s.orphans for s in seen)
        good = good and not (late or invalid or orphans)
        rows.append((method, len(seen), len(seen) - invalid, late, f"{max(s.seconds for s in seen):.2f}", orphans))
    print(heading(f"Failing engines, {args.size}, deadline {args.seconds:g} s, load {os.getloadavg()[0]:.1f}", sys.argv[1:]))
    columns = ("failure", "runs", "valid plans", "later than deadline + 1 s", "longest, s", "orphans")
    print(markdown_table(columns, [[str(cell) for cell in row] for row in rows]))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
