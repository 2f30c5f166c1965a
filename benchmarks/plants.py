"""Engines on a folder of snapshots, side by side, with their CPU seconds.

    python benchmarks/plants.py FOLDER [--ways greedy,learned,exact] [--objective tardiness] [--time-limit 20]

FOLDER holds snapshots (.json). Every schedule is judged; one that breaks a rule ends the run. An engine that declines a
plant's size has a line that says so.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from report import METHODS, config_of, engine_of, heading, limits, markdown_table

from scheduler_core.cli.engine_runs import Outcome, run_engine
from scheduler_core.cli.terminal import Terminal
from scheduler_core.interchange import read_snapshot
from scheduler_core.objectives import Objective

COLUMNS = (
    "plant", "way", "how", "weighted tardiness, days", "on time", "makespan, h", "setup, h", "lower bound", "CPU s", "s",
)  # fmt: skip


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--ways", dest="methods", default=",".join(METHODS))
    parser.add_argument("--objective", default="tardiness")
    parser.add_argument("--time-limit", type=float, default=20.0, help="seconds, of improved and exact")
    parser.add_argument("--samples", type=int, default=64, help="of learned")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(heading("Engines on snapshots of plants", sys.argv[1:]))
    print(f"Objective: {args.objective}. {limits(args)}\n")
    rows: list[list[str]] = []
    for path in sorted(args.folder.glob("*.json")):
        plant = read_snapshot(path)
        for method in args.methods.split(","):
            outcome = run_engine(
                engine_of(method), plant, config_of(method, args, Objective.parse(args.objective)), Terminal()
            )
            if outcome.faults:
                raise SystemExit(f"{path}: {method} breaks a rule: {outcome.faults[0].message}")
            rows.append([path.stem, method, *_cells(outcome)])
            print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    print(markdown_table(COLUMNS, rows))
    return 0


def _cells(outcome: Outcome) -> list[str]:
    result, kpis = outcome.result, outcome.kpis
    times = [f"{outcome.cpu_seconds:.2f}", f"{result.seconds:.2f}"]
    if kpis is None:
        return [result.status.value, "", "", "", "", "", *times]
    how = [str(result.detail[k]) for k in ("rule", "model") if k in result.detail] or [result.status.value]
    return [
        how[0],
        f"{kpis.weighted_tardiness_days:.2f}",
        "" if kpis.on_time_rate is None else f"{kpis.on_time_rate:.1%}",
        f"{kpis.makespan_hours:.1f}",
        f"{kpis.setup_hours:.1f}",
        "" if result.lower_bound is None else f"{result.lower_bound:.2f}",
        *times,
    ]


if __name__ == "__main__":
    sys.exit(main())
