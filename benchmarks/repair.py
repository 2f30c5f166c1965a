"""How calm and how good a repair is, by the hours in which it holds what is spared, on generated plants.

    python benchmarks/repair.py [--what breakdown] [--plants 6] [--jobs 500] [--machines 152] [--seconds 3.5]

Each plant has a plan that dispatching rules and ten seconds of search have made. Then its fullest machine of the next day is
down from the second hour on for eight hours, or an important rush order is wanted in two days, and the plan is repaired.
Moved: share of the operations due to start within 24 h and 72 h that start over 15 minutes earlier or later or on another
machine. Gained: how much of right-shift's weighted tardiness a repair takes away. Means over the plants. The search of each
repair ends by the clock, so a loaded machine finds less.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from report import heading, markdown_table

from scheduler_core.analysis.stability import stability
from scheduler_core.engines import greedy, time_limit_clock
from scheduler_core.engines.annealing.population import improve
from scheduler_core.engines.config import EngineConfig, no_progress
from scheduler_core.engines.repair import frozen_search, right_shift
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, RushOrder
from scheduler_core.schedule import Result, Schedule
from scheduler_core.services.what_if import changed_plant
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import pack
from scheduler_core.simulator.simulator import to_schedule, to_state

Repair = Callable[[Plant, EngineConfig], Result]
PLAN_SECONDS = 10.0
DOWN_FROM, DOWN_MINUTES = 120, 480
COLUMNS = ("repair", "moved in 24 h", "moved in 72 h", "weighted tardiness (days)", "gained")


def _held(hours: int) -> Repair:
    return lambda plant, config: frozen_search.schedule(plant, config, calm_hours=hours)


METHODS: dict[str, Repair] = {
    "right-shift": right_shift.schedule,
    **{f"search, {hours} h held": _held(hours) for hours in (24, 36, 48, 60, 72)},
}


@dataclass(frozen=True)
class Outcome:
    """Shares (0 to 1) and weighted days of tardiness of one repair."""

    moved_day: float
    moved_three_days: float
    tardiness: float


def planned(plant: Plant, seconds: float, seed: int) -> Schedule:
    """A plan as a planner would have released it."""
    made = greedy.schedule(plant, EngineConfig()).schedule
    if made is None:
        raise SystemExit("no rule found a schedule")
    arrays = pack(plant)
    prices = costs.prices_of(Objective.TARDINESS, arrays)
    found = improve(arrays, to_state(plant, arrays, made), prices, time_limit_clock.now() + seconds, 1, seed, no_progress)
    return to_schedule(plant, arrays, found.state)


def breakdown(plant: Plant, plan: Schedule) -> Breakdown:
    """The machine that has most to do on the first day."""

    def held(machine: int) -> int:
        return sum(
            min(a.end, 1440) - max(a.start, 0) for a in plan.by_machine.get(machine, ()) if a.end > 0 and a.start < 1440
        )

    return Breakdown(max((m.id for m in plant.machines), key=held), DOWN_FROM, DOWN_MINUTES)


def rush(plant: Plant, plan: Schedule) -> RushOrder:
    """An important order like the plant's longest job, wanted in two days."""
    like = max(plant.jobs, key=lambda j: len(j.operations))
    steps = tuple(replace(o, fixed=None) for o in like.operations)
    return RushOrder(replace(like, id="RUSH", operations=steps, release=0, due=2880, important=True))


HAPPENS: dict[str, Callable[[Plant, Schedule], Change]] = {"breakdown": breakdown, "rush order": rush}


def outcomes(
    plant: Plant, seconds: float, plan_seconds: float, methods: dict[str, Repair], seed: int, what: str
) -> dict[str, Outcome]:
    """Every way on one plant."""
    plan = planned(plant, plan_seconds, seed)
    hit = changed_plant(plant, plan, (HAPPENS[what](plant, plan),), 0, 0.0, ())
    found = {}
    for name, method in methods.items():
        made = method(hit, EngineConfig(warm_start=plan, time_limit=seconds, workers=1, seed=seed)).schedule
        if made is None or violations(hit, made):
            raise SystemExit(f"{name} made no valid plan")
        calm = stability(plant, plan, hit, made, plant.plan_start)
        found[name] = Outcome(calm.moved_24h or 0.0, calm.moved_72h or 0.0, measure(hit, made).weighted_tardiness_days)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--plants", type=int, default=6, help="how many (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--machines", type=int, default=152)
    parser.add_argument("--seconds", type=float, default=3.5, help="of search for each repair (default: %(default)s)")
    parser.add_argument("--what", choices=list(HAPPENS), default="breakdown")
    args = parser.parse_args()
    shape = PlantShape(args.jobs, args.machines, tightness=0.8, load=12.0)
    every = []
    for seed in range(args.plants):
        plant = random_plant(900 + seed, shape)
        every.append(outcomes(plant, args.seconds, PLAN_SECONDS, METHODS, seed, args.what))
    given = [f'--what "{args.what}" --plants {args.plants} --jobs {args.jobs} --machines {args.machines}']
    print(heading(f"Repairs after a {args.what}", [*given, f"--seconds {args.seconds:g}"]))
    base = float(np.mean([o["right-shift"].tardiness for o in every]))
    rows = []
    for name in METHODS:
        day, three, late = (
            float(np.mean([getattr(o[name], key) for o in every])) for key in ("moved_day", "moved_three_days", "tardiness")
        )  # fmt: skip
        rows.append([name, f"{day:.1%}", f"{three:.1%}", f"{late:.1f}", f"{1 - late / base:.1%}" if base else "–"])
    print(markdown_table(COLUMNS, rows))


if __name__ == "__main__":
    main()
