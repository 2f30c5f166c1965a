"""Engines on classic makespan benchmarks, as gaps to the best makespans known.

    python benchmarks/makespan.py FOLDER... --best-known CSV [--ways greedy,exact] [--time-limit 20] [--samples 64]

FOLDER holds .fjs, .jsp or .txt files. CSV has the columns instance, lower_bound and upper_bound; ``instance`` is a file's
name without its suffix; instances that it lacks are left out and named. A gap is (makespan - upper_bound) / upper_bound.
Every schedule is judged; one that breaks a rule, or beats a proven lower bound, ends the run.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from report import METHODS, config_of, engine_of, heading, limits, markdown_table

from scheduler_core.cli.engine_runs import Outcome, run_engine
from scheduler_core.cli.terminal import Terminal
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.interchange.benchmark_files import is_benchmark, read_benchmark
from scheduler_core.objectives import Objective
from scheduler_core.schedule import Status

LOADING_SECONDS = 0.2
"""Time limit of the plan that loads an engine."""


@dataclass(frozen=True)
class Known:
    """Proven lower bound and smallest makespan known of an instance."""

    lower: int
    upper: int


def main() -> int:
    """Prints one table per folder and one of the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path)
    parser.add_argument("--best-known", metavar="CSV", type=Path, required=True)
    parser.add_argument("--ways", dest="methods", default=",".join(METHODS))
    parser.add_argument("--time-limit", type=float, default=20.0, help="seconds, of improved and exact")
    parser.add_argument("--samples", type=int, default=64, help="of learned")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with args.best_known.open(newline="", encoding="utf-8") as rows:
        known = {r["instance"]: Known(int(r["lower_bound"]), int(r["upper_bound"])) for r in csv.DictReader(rows)}
    methods = args.methods.split(",")
    for method in methods:
        _load(method, args)
    print(heading("Makespan of classic benchmarks", sys.argv[1:]))
    print(f"{limits(args)} A star marks a proof of optimality.\n")
    means: list[list[str]] = []
    for folder in args.folders:
        gaps: dict[str, list[float]] = {e: [] for e in methods}
        seconds: dict[str, float] = dict.fromkeys(methods, 0.0)
        rows_of_folder: list[list[str]] = []
        for path in _known_instances(folder, known, args.best_known):
            best = known[path.stem]
            row = [path.stem, f"{best.lower}" if best.lower == best.upper else f"{best.lower} to {best.upper}"]
            for method in methods:
                outcome = _run(method, path, best, args)
                makespan = _makespan(outcome)
                gaps[method].append((makespan - best.upper) / best.upper)
                seconds[method] += outcome.cpu_seconds
                proven = "*" if outcome.result.status is Status.OPTIMAL else ""
                row += [f"{makespan}{proven}", f"{gaps[method][-1]:.1%}"]
            rows_of_folder.append(row)
            print(f"{path.stem}: {' '.join(row[1:])}", file=sys.stderr, flush=True)
        print(f"## {folder.name}\n")
        print(markdown_table(["instance", "best known", *(c for e in methods for c in (e, "gap"))], rows_of_folder))
        print(flush=True)
        count = len(rows_of_folder)
        means += [[folder.name, e, f"{sum(gaps[e]) / count:.2%}", f"{seconds[e] / count:.2f}"] for e in methods]
    print("## Means\n")
    print(markdown_table(["folder", "way", "mean gap", "CPU seconds"], means))
    return 0


def _known_instances(folder: Path, known: Mapping[str, Known], source: Path) -> list[Path]:
    """The folder's instances with a best known makespan, by name. The others are named; without any the run ends."""
    files = sorted(p for p in folder.iterdir() if is_benchmark(p))
    found = [p for p in files if p.stem in known]
    if left_out := [p.stem for p in files if p.stem not in known]:
        print(f"{folder}: left out, as {source} does not have them: {', '.join(left_out)}", file=sys.stderr)
    if not found:
        raise SystemExit(f"{folder}: no instance that {source} has")
    return found


def _load(method: str, args: argparse.Namespace) -> None:
    """Plans a tiny plant, so that the first instance's time does not go to loading compiled code."""
    plant = random_plant(0, PlantShape(jobs=3, machines=2, load=2.0))
    config = config_of(method, args, Objective.MAKESPAN)
    limit = None if config.time_limit is None else min(config.time_limit, LOADING_SECONDS)
    run_engine(engine_of(method), plant, replace(config, time_limit=limit), Terminal())


def _run(method: str, path: Path, best: Known, args: argparse.Namespace) -> Outcome:
    config = config_of(method, args, Objective.MAKESPAN)
    began = time.perf_counter()
    outcome = run_engine(engine_of(method), read_benchmark(path), config, Terminal())
    if outcome.result.schedule is None:
        raise SystemExit(f"{path}: {method} found no schedule: {outcome.result.detail}")
    if outcome.faults:
        raise SystemExit(f"{path}: {method} breaks a rule: {outcome.faults[0].message}")
    if _makespan(outcome) < best.lower:
        raise SystemExit(f"{path}: {method} claims {_makespan(outcome)}, below the proven bound of {best.lower}")
    bound = outcome.result.lower_bound
    if bound is not None and round(bound * 60) > best.upper:
        raise SystemExit(f"{path}: {method} claims a bound of {round(bound * 60)}, above the known {best.upper}")
    elapsed = time.perf_counter() - began
    if config.time_limit is not None and elapsed > config.time_limit + 2:
        print(f"{path.stem}: {method} took {elapsed:.1f} s", file=sys.stderr)
    return outcome


def _makespan(outcome: Outcome) -> int:
    assert outcome.result.schedule is not None
    return outcome.result.schedule.end


if __name__ == "__main__":
    sys.exit(main())
