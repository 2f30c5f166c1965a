"""What a plan that is searched for varying durations gains where it is executed, at equal CPU time.

    python benchmarks/robust_aim.py [--plants 12] [--variations 0.1,0.2,0.4] [--seconds 2] [--jobs 125] [--machines 38]

For each plant the learned engine makes one ordinary plan in --seconds CPU seconds, and for each noise and way of WAYS one
robust plan in as many, with all its simulated runs. Every plan is executed on the same floors, whose durations no search has
seen: --floors of them in the plan's order (order), --any-floors with free machines that begin what was planned first (any).
A ratio is the executed weighted tardiness of the robust plan over that of the ordinary one, its mean or its 90th percentile
over the floors of the plant; beside the mean of the plants' ratios stands its 95 % interval (bootstrap of plants). "On
paper": the same ratio if everything takes as long as planned.

What has been played is kept in --out/results.jsonl and not played again, so that a run can be stopped and resumed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from report import heading, markdown_table

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import Guide
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.robust_plan import USUAL, RobustSearch, robust_plan
from scheduler_core.floor.ways import NoisyFloor, way_named
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.statistics import ratio_of_means

PLANTS_SEED, FLOORS_SEED = 9_500, 700_000
"""Seeds of the first plant and of the first floor; nothing was chosen on them."""
ORDINARY = "ordinary"
WAYS: dict[str, RobustSearch] = {
    "neither": replace(USUAL, shifted=False, choosing=False, plans=0),
    "choice": replace(USUAL, shifted=False),
    "due dates": replace(USUAL, choosing=False, plans=0),
    "both": USUAL,
    "both in one round": replace(USUAL, rounds=1, plans=30),
    "both and half a spread": replace(USUAL, spreads=0.5),
}
"""Searches in rounds that take as long as the ordinary one: what they use of the simulations."""
EXECUTIONS = ("order", "any")
Settings = dict[str, Any]
Row = dict[str, Any]


def ordinary_plan(plant: Plant, seconds: float) -> Schedule:
    """The plan of the learned engine."""
    with time_limit_clock.of_workers(1):
        made = learned.schedule(plant, EngineConfig(time_limit=seconds, workers=1)).schedule
    assert made is not None
    return made


def made_by(way: str, plant: Plant, variation: float, seconds: float) -> Schedule:
    """The plan of a way in WAYS for durations of this variation."""
    with time_limit_clock.of_workers(1):
        config = EngineConfig(time_limit=seconds, workers=1)
        return robust_plan(plant, config, DurationNoise(variation), WAYS[way]).best.plan


def executed(plant: Plant, plan: Schedule, variation: float, execution: str, floors: int) -> list[float]:
    """Executed weighted days late on each floor."""
    floor, way, guide = NoisyFloor(Stream(plant), DurationNoise(variation)), way_named(execution), Guide(plan)
    return [floor.play(seed, way, guide).tardiness for seed in range(FLOORS_SEED, FLOORS_SEED + floors)]


def rows_of(path: Path, settings: Settings) -> list[Row]:
    """What has been played with these settings."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [row for row in map(json.loads, lines) if row["settings"] == settings]


def play(number: int, variations: Sequence[float], ways: Sequence[str], settings: Settings, path: Path) -> None:
    """Plays one plant and appends a row for each noise and way. A plan that breaks a rule ends the study."""
    plant = random_plant(PLANTS_SEED + number, PlantShape(settings["jobs"], settings["machines"], tightness=0.8))
    known = {(row["variation"], row["way"]) for row in rows_of(path, settings) if row["plant"] == number}
    wanted = [(v, way) for v in variations for way in (ORDINARY, *ways) if (v, way) not in known]
    if not wanted:
        return
    ordinary: tuple[Schedule, float] | None = None
    for variation, way in wanted:
        began = time.process_time()
        if way == ORDINARY:
            ordinary = ordinary or (ordinary_plan(plant, settings["seconds"]), time.process_time() - began)
            plan, used = ordinary
        else:
            plan = made_by(way, plant, variation, settings["seconds"])
            used = time.process_time() - began
        if faults := violations(plant, plan):
            raise SystemExit(f"{way} breaks {len(faults)} rules on plant {number}: {faults[0].message}")
        row: Row = {
            "plant": number, "variation": variation, "way": way, "settings": settings, "cpu_seconds": used,
            "paper": measure(plant, plan).weighted_tardiness_days,
            "order": executed(plant, plan, variation, "order", settings["floors"]),
            "any": executed(plant, plan, variation, "any", settings["any_floors"]),
        }  # fmt: skip
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(f"plant {number}, {variation:.0%}, {way}: {np.mean(row['order']):.1f}", file=sys.stderr)


def compared(rows: Sequence[Row], way: str, variation: float) -> list[str]:
    """The cells of one way at one noise."""
    found = {(row["plant"], row["way"]): row for row in rows if row["variation"] == variation}
    plants = [n for n, name in found if name == way and (n, ORDINARY) in found]
    if not plants:
        return []
    pairs = [(found[n, way], found[n, ORDINARY]) for n in plants]
    cells = [f"{variation:.0%}", way, str(len(plants))]
    for execution in EXECUTIONS:
        for value in (np.mean, _p90):
            ratios = np.array([float(value(a[execution])) / float(value(b[execution])) for a, b in pairs])
            cells.append(str(ratio_of_means(ratios, np.ones_like(ratios))))
    cells.append(f"{np.mean([a['paper'] / b['paper'] for a, b in pairs]):.3f}")
    return cells


def table(rows: Sequence[Row], variations: Sequence[float]) -> str:
    """One line per noise and way."""
    lines = [cells for v in variations for way in WAYS if (cells := compared(rows, way, v))]
    titles = ["noise", "way", "plants", "order: mean", "order: P90", "any: mean", "any: P90", "on paper"]
    return markdown_table(titles, lines)


def worth(rows: Sequence[Row], variations: Sequence[float]) -> str:
    """What the ordinary plan costs where it is executed, over what it costs on paper."""
    lines = []
    for v in variations:
        mine = [row for row in rows if row["variation"] == v and row["way"] == ORDINARY]
        if mine:
            lines.append([f"{v:.0%}", *(f"{np.mean([np.mean(r[e]) / r['paper'] for r in mine]):.2f}" for e in EXECUTIONS)])
    return markdown_table(["noise", *EXECUTIONS], lines)


def _p90(values: Sequence[float]) -> float:
    return float(np.quantile(values, 0.9, method="higher"))


def main() -> None:
    """Plays and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", type=int, default=12)
    parser.add_argument("--variations", default="0.1,0.2,0.4", help="coefficients of variation (default: %(default)s)")
    parser.add_argument("--ways", default="neither,choice,due dates,both", help="(default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=125)
    parser.add_argument("--machines", type=int, default=38)
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds of each plan (default: %(default)s)")
    parser.add_argument("--floors", type=int, default=100, help="executed in the plan's order (default: %(default)s)")
    parser.add_argument("--any-floors", type=int, default=30, help="executed freely (default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="play nothing, print what has been played")
    parser.add_argument("--out", type=Path, default=Path("var/robust_aim"), help="folder (default: %(default)s)")
    args = parser.parse_args()
    variations = [float(v) for v in args.variations.split(",")]
    settings = {name: getattr(args, name) for name in ("jobs", "machines", "seconds", "floors", "any_floors")}
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "results.jsonl"
    for number in range(0 if args.table else args.plants):
        play(number, variations, args.ways.split(","), settings, path)
    rows = [row for row in rows_of(path, settings) if row["plant"] < args.plants]
    print(heading("What a robust plan gains where it is executed", sys.argv[1:]))
    print(table(rows, variations))
    print()
    print("Executed weighted tardiness of the ordinary plan over that on paper:")
    print()
    print(worth(rows, variations))


if __name__ == "__main__":
    main()
