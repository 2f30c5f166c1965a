"""How soon an order can be done without harm to others, against right-shift, repair and a full rerun.

    python benchmarks/expedite.py [--demo demo.json] [--orders 20] [--plants 3] [--jobs 500] [--machines 152] [--seconds 3.5]

On the demo's plant and on generated ones, each with a plan that dispatching rules and ten seconds of search have made: half
of the orders are important rush orders like existing jobs, wanted within three days, half are orders that are late in the
plan. For each: the earliest end that harms nobody, the earliest of the curve, and what right-shift, repair and a full rerun
give.
Repair and rerun get the order as important and, where it is late already, with its due date. Days count from the plan's
start to the order's end; newly late, paid (weighted days) and moved are of the other orders. Means over the orders.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from report import heading, markdown_table

from scheduler_core.analysis.plan_diff import NOTICEABLE_MINUTES
from scheduler_core.cli.plant_sources import read_file
from scheduler_core.engines import greedy, time_limit_clock
from scheduler_core.engines.annealing.population import improve
from scheduler_core.engines.config import EngineConfig, no_progress
from scheduler_core.engines.registry import ENGINES, REPAIRS
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import Objective
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.scenarios.changes import ImportanceChanged, RushOrder
from scheduler_core.scenarios.expedite import expedite
from scheduler_core.schedule import Schedule
from scheduler_core.services.what_if import changed_plant
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import pack
from scheduler_core.simulator.simulator import to_schedule, to_state

RUSH = "RUSH"
PLAN_SECONDS = 10.0
WITHIN_DAYS = 3
COLUMNS = ("way", "end (days)", "on time", "newly late", "orders that pay", "paid (weighted days)", "moved", "CPU s")


def planned(plant: Plant, seconds: float, seed: int) -> Schedule:
    """A plan as a planner would have released it: the best rule, then ``seconds`` of search."""
    made = greedy.schedule(plant, EngineConfig()).schedule
    if made is None:
        raise SystemExit("no rule found a schedule")
    arrays = pack(plant)
    prices = costs.prices_of(Objective.TARDINESS, arrays)
    found = improve(arrays, to_state(plant, arrays, made), prices, time_limit_clock.now() + seconds, 1, seed, no_progress)
    return to_schedule(plant, arrays, found.state)


@dataclass(frozen=True)
class Outcome:
    """One answer for one order: its end in days, whether that is in time, and what it does to the others."""

    end: float
    on_time: bool
    newly_late: int
    paying: int
    paid: float
    moved: int
    cpu: float


def outcome(plant: Plant, plan: Schedule, job: str, found: Schedule, cpu: float) -> Outcome:
    """Measured against ``plan``, the order itself left out."""
    if violations(plant, found):
        raise SystemExit(f"a plan for {job} breaks a rule")
    due = plant.job_by_id[job].due
    before, after = job_lateness(plant_of(plant, plan), plan), job_lateness(plant, found)
    late = {j.id: (max(0, before.get(j.id) or 0), max(0, after[j.id] or 0), j.weight) for j in plant.jobs if j.id != job}
    end = max(a.end for a in found.assignments if a.job == job)
    moved = sum(
        a.job != job and (set(a.machines) != set((was := plan.by_operation[a.key]).machines)
                          or abs(a.start - was.start) > NOTICEABLE_MINUTES)
        for a in found.assignments
    )  # fmt: skip
    return Outcome(
        end / MINUTES_PER_DAY, due is None or end <= due, sum(old == 0 < new for old, new, _ in late.values()),
        sum(new > old for old, new, _ in late.values()),
        sum(w * max(0, new - old) for old, new, w in late.values()) / MINUTES_PER_DAY, moved, cpu,
    )  # fmt: skip


def plant_of(plant: Plant, plan: Schedule) -> Plant:
    """The plant with the orders that the plan knows."""
    known = {a.job for a in plan.assignments}
    return replace(plant, jobs=tuple(j for j in plant.jobs if j.id in known))


def questions(plant: Plant, plan: Schedule, count: int, seed: int) -> dict[str, list[tuple[Plant, str]]]:
    """(the plant to plan, the order) for rush orders and for late ones."""
    rng = np.random.default_rng(seed)
    rush = []
    for number in rng.choice(len(plant.jobs), count // 2, replace=False):
        like = plant.jobs[int(number)]
        steps = tuple(replace(o, fixed=None) for o in like.operations)
        due = int(rng.integers(1, WITHIN_DAYS + 1)) * MINUTES_PER_DAY
        order = replace(like, id=RUSH, operations=steps, release=0, due=due, important=True)
        rush.append((changed_plant(plant, plan, (RushOrder(order),), 0, 0.0, ()), RUSH))
    late = [j for j, minutes in job_lateness(plant, plan).items() if (minutes or 0) > 0]
    chosen = rng.choice(late, min(len(late), count - count // 2), replace=False)
    return {"rush orders": rush, "late orders": [(plant, str(j)) for j in chosen]}


def answers(plant: Plant, plan: Schedule, job: str, seconds: float) -> dict[str, Outcome]:
    """Every way for one order."""
    found: dict[str, Outcome] = {}
    began = time.process_time()
    curve = expedite(plant, plan, job)
    cpu = time.process_time() - began
    found["expedite, nobody pays"] = outcome(plant, plan, job, curve.least_harm.schedule, cpu)
    found["expedite, nobody newly late"] = outcome(plant, plan, job, curve.none_newly_late.schedule, cpu)
    in_time = [p for p in curve.points if curve.job.due is None or p.end <= curve.job.due]
    found["expedite, in time if found"] = outcome(plant, plan, job, (in_time or [curve.points[0]])[-1].schedule, cpu)
    found["expedite, as early as found"] = outcome(plant, plan, job, curve.points[0].schedule, cpu)
    urgent = plant if plant.job_by_id[job].important else ImportanceChanged(job, True).apply(plant)
    for name in ("right_shift", "repair", "learned"):
        make: Callable[..., object] = REPAIRS[name] if name in REPAIRS else ENGINES[name]
        config = EngineConfig(time_limit=None if name == "right_shift" else seconds, warm_start=plan, workers=1)
        began = time.process_time()
        made = make(urgent, config).schedule  # type: ignore[attr-defined]
        found[NAMES[name]] = outcome(urgent, plan, job, made, time.process_time() - began)
    return found


NAMES = {"right_shift": "right-shift", "repair": "repair", "learned": "full rerun"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--orders", type=int, default=20, help="on each plant (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=3, help="generated ones (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--machines", type=int, default=152)
    parser.add_argument("--seconds", type=float, default=3.5, help="of repair and rerun (default: %(default)s)")
    parser.add_argument("--demo", type=Path, help="the demo's snapshot (shopwright snapshot --out FILE); without: left out")
    args = parser.parse_args()
    shape = PlantShape(args.jobs, args.machines, tightness=0.8, load=12.0)
    plants = {f"generated {seed}": random_plant(900 + seed, shape) for seed in range(args.plants)}
    if args.demo is not None:
        plants = {"demo": read_file(args.demo).plant, **plants}
    demo = [] if args.demo is None else [f"--demo {args.demo.name}"]
    given = [*demo, f"--orders {args.orders} --plants {args.plants} --jobs {args.jobs} --machines {args.machines}"]
    print(heading("One order sooner", [*given, f"--seconds {args.seconds:g}"]))
    for name, plant in plants.items():
        plan = planned(plant, PLAN_SECONDS, 0)
        for kind, asked in questions(plant, plan, args.orders, 1).items():
            every = [answers(changed, plan, job, args.seconds) for changed, job in asked]
            print(f"\n{name}, {len(every)} {kind}:\n")
            print(markdown_table(COLUMNS, [_row(way, [one[way] for one in every]) for way in every[0]]), flush=True)


def _row(way: str, found: list[Outcome]) -> list[str]:
    def mean(name: str) -> float:
        return float(np.mean([getattr(o, name) for o in found]))

    numbers = [f"{mean(name):.1f}" for name in ("newly_late", "paying", "paid", "moved")]
    return [way, f"{mean('end'):.1f}", f"{mean('on_time'):.0%}", *numbers, f"{mean('cpu'):.2f}"]


if __name__ == "__main__":
    main()
