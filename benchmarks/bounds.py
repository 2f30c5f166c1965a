"""How tight the lower bounds are.

    python benchmarks/bounds.py [FOLDER... --best-known CSV] [--sizes 10x60 40x100 152x500] [--plants 10]

FOLDER holds .fjs, .jsp or .txt files; CSV has the columns instance, lower_bound and upper_bound, ``instance`` being a file's
name without its suffix. Tightness is the bound over the best value known: of a benchmark its smallest known makespan, of a
random plant the best of all dispatching rules, which a search may still improve. A bound above the best value ends the run.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from report import heading, markdown_table

from scheduler_core.bounds import Bound, lower_bound
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.interchange.benchmark_files import is_benchmark, read_benchmark
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES

OBJECTIVES = {
    Objective.TARDINESS: "weighted tardiness, days",
    Objective.ON_TIME: "share of late jobs",
    Objective.MAKESPAN: "makespan, hours",
}  # fmt: skip
ROUNDING = 1e-9


def main() -> int:
    """Prints a table of the benchmarks, folder by folder, and one of the random plants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="FOLDER", nargs="*", type=Path)
    parser.add_argument("--best-known", metavar="CSV", type=Path)
    parser.add_argument("--sizes", nargs="*", choices=list(SIZES), default=["10x60", "40x100", "152x500"], metavar="SIZE")
    parser.add_argument("--plants", type=int, default=10, help="random plants of each size (default: %(default)s)")
    args = parser.parse_args()
    if args.folders and args.best_known is None:
        parser.error("FOLDER needs --best-known")
    print(heading("Tightness of the lower bounds", sys.argv[1:]))
    print("Tightness is the bound over the best value known. CPU seconds are of one core, for one bound.\n")
    if args.folders:
        print("## Classic benchmarks, makespan\n")
        rows = [_benchmark_row(folder, _best_known(args.best_known)) for folder in args.folders]
        print(markdown_table(["folder", "instances", "mean tightness", "least", "bound is optimal", "CPU s"], rows))
        print()
    if args.sizes:
        print(f"## Random plants, {args.plants} of each size, seeds from {EVALUATION_SEED} on\n")
        print("The best value known is the best of all dispatching rules for the objective.\n")
        header = ["plants", "objective", "mean bound", "mean best", "mean tightness", "least", "each job alone", "CPU s"]
        print(markdown_table(header, [row for size in args.sizes for row in _plant_rows(size, args.plants)]))
    return 0


def _best_known(path: Path) -> dict[str, int]:
    with path.open(newline="", encoding="utf-8") as rows:
        return {row["instance"]: int(row["upper_bound"]) for row in csv.DictReader(rows)}


def _benchmark_row(folder: Path, known: dict[str, int]) -> list[str]:
    shares, seconds = [], []
    for path in sorted(p for p in folder.iterdir() if is_benchmark(p)):
        bound, cpu = _timed(read_benchmark(path), Objective.MAKESPAN)
        shares.append(_share(path.stem, round(bound.value * 60), known[path.stem]))
        seconds.append(cpu)
        print(f"{path.stem}: {shares[-1]:.3f}", file=sys.stderr, flush=True)
    optimal = sum(share == 1 for share in shares)
    return [folder.name, str(len(shares)), *_percent(mean(shares), min(shares)), str(optimal), f"{mean(seconds):.2f}"]


def _plant_rows(size: str, count: int) -> list[list[str]]:
    rows = []
    for objective, words in OBJECTIVES.items():
        bounds, bests, seconds = [], [], []
        for seed in range(EVALUATION_SEED, EVALUATION_SEED + count):
            plant = random_plant(seed, SIZES[size])
            bound, cpu = _timed(plant, objective)
            best = greedy.schedule(plant, EngineConfig(objective=objective)).objective
            assert best is not None
            _share(plant.name, bound.value, best)
            bounds.append(bound)
            bests.append(best)
            seconds.append(cpu)
        shares = [_share(size, bound.value, best) for bound, best in zip(bounds, bests, strict=True)]
        alone = sum(bound.alone for bound in bounds) / sum(bests)
        digits = 3 if objective == Objective.ON_TIME else 1
        values = [f"{mean(v):.{digits}f}" for v in ([b.value for b in bounds], bests)]
        rows.append([size, words, *values, *_percent(mean(shares), min(shares), alone), f"{mean(seconds):.2f}"])
        print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    return rows


def _timed(plant: Plant, objective: Objective) -> tuple[Bound, float]:
    """The bound without a time limit, and its CPU seconds."""
    began = time.process_time()
    bound = lower_bound(plant, objective, None)
    return bound, time.process_time() - began


def _share(name: str, bound: float, best: float) -> float:
    if bound > best + ROUNDING:
        raise SystemExit(f"{name}: the bound of {bound} is above the best value known, {best}")
    return bound / best if best > 0 else 1.0


def _percent(*shares: float) -> Sequence[str]:
    return [f"{share:.1%}" for share in shares]


if __name__ == "__main__":
    sys.exit(main())
