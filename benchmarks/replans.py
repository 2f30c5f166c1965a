"""How good and how calm replans are: keep, calm and best beside planning from nothing, in equal CPU time.

    python benchmarks/replans.py --what breakdown [--cases 30] [--seconds 3.5]
    python benchmarks/replans.py --what unchanged [--plants 3] [--seconds 20]

breakdown: a machine is down from the second hour on, for 4, 8 or 24 hours; the demo's machines and those of generated plants
of 152 machines and 500 jobs take turns, the fullest of the next day first. The plan in force is one of ten CPU seconds from
nothing. Gained: how much of keep's weighted tardiness a way takes away. Counted: cases in which planning from nothing gains
at least 2 %; of the gain summed over them, how much each way keeps.

unchanged: from the plan of a search of five CPU seconds, some more seconds with the plan as the start, beside a search from
nothing that was never interrupted. Gain: over that plan. Share: of what the uninterrupted searches gain in all; of a single
plant it would say little, as some gain about nothing.

Every search gets the same CPU seconds on one worker. All plans are judged, and moves are counted by the judge.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from report import heading, markdown_table

from scheduler_core.data import demo, erp
from scheduler_core.data.database import open_erp
from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ALL_ENGINES
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.moves import moves
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.schedule import Schedule
from scheduler_core.services.what_if import changed_plant

FIRST_SEED = 920
PLAN_SECONDS, SHORT_PLAN_SECONDS = 10.0, 5.0
DOWN_FROM = 120
DOWN_HOURS = (4, 8, 24)
WORTH = 0.02
"""Share that planning from nothing must gain for a case to count."""
WAYS = {"keep": "right_shift", "calm": "repair", "best": "best", "from nothing": "learned"}


def plants(count: int) -> Iterator[Plant]:
    """The demo's, then generated ones."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'demo.sqlite3'}"
        demo.ensure_demo(url)
        yield _pulled(url)
    for seed in range(FIRST_SEED, FIRST_SEED + count - 1):
        yield random_plant(seed, PlantShape(500, 152, tightness=0.8, load=12.0))


def _pulled(url: str) -> Plant:
    database = open_erp(url)
    try:
        return erp.read(database, erp.load_config(Path(__file__).parents[1] / "configs" / "demo_erp.yaml")).plant
    finally:
        database.close()


def made(engine: str, plant: Plant, seconds: float, plan: Schedule | None) -> Schedule:
    """The engine's plan within the CPU seconds, judged."""
    start = None if engine == "learned" else plan
    config = EngineConfig(time_limit=seconds, workers=1, warm_start=start)
    with time_limit_clock.of_workers(1):
        found = ALL_ENGINES[engine](plant, config).schedule
    if found is None or violations(plant, found):
        raise SystemExit(f"{engine} made no valid plan")
    return found


def late(plant: Plant, plan: Schedule) -> float:
    return measure(plant, plan).weighted_tardiness_days


def breakdowns(cases: int, seconds: float) -> str:
    """One row per case, and the sums."""
    rows: list[list[str]] = []
    gains: list[dict[str, float]] = []
    each = -(-cases // 4)
    for plant in plants(4):
        plan = made("learned", plant, PLAN_SECONDS, None)
        busy = {m.id: _minutes(plan, m.id) for m in plant.machines}
        fullest = sorted(busy, key=lambda m: -busy[m])
        for n in range(min(each, cases - len(rows))):
            machine, hours = fullest[n], DOWN_HOURS[n % len(DOWN_HOURS)]
            hit = changed_plant(plant, plan, (Breakdown(machine, DOWN_FROM, hours * 60),), 0, 0.0, ())
            found = {way: made(engine, hit, seconds, plan) for way, engine in WAYS.items()}
            values = {way: late(hit, one) for way, one in found.items()}
            counted = moves(hit, plan, found["calm"])
            gains.append({way: values["keep"] - value for way, value in values.items()} | {"base": values["keep"]})
            rows.append([
                plant.name, plant.machine_by_id[machine].name, f"{hours} h", *(f"{v:.1f}" for v in values.values()),
                f"{len(counted.moved)} of {counted.due}", f"{len(moves(hit, plan, found['best']).moved)}",
            ])  # fmt: skip
            print(rows[-1], file=sys.stderr, flush=True)
    columns = ("plant", "machine", "down", *(f"{way} (days)" for way in WAYS), "moves, calm", "moves, best")
    counts = [g for g in gains if g["from nothing"] >= WORTH * g["base"]]
    summed = sum(g["from nothing"] for g in counts)
    kept = ", ".join(f"{way} keeps {sum(g[way] for g in counts) / summed:.0%}" for way in ("calm", "best") if summed)
    silent = sum(g["calm"] <= 0 for g in gains)
    said = (
        f"Planning from nothing gains at least {WORTH:.0%} in {len(counts)} of {len(gains)} cases, {summed:.1f} days in all:"
        f" {kept}. Calm found nothing better than keep in {silent} cases."
    )
    return f"{markdown_table(columns, rows)}\n\n{said}\n"


def _minutes(plan: Schedule, machine: int) -> int:
    """What the machine works on the first day."""
    row = plan.by_machine.get(machine, ())
    return sum(min(a.end, 1440) - max(a.start, 0) for a in row if a.end > 0 and a.start < 1440)


def unchanged(count: int, seconds: float) -> str:
    """One row per plant."""
    rows: list[list[str]] = []
    gains: list[dict[str, float]] = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        plant = random_plant(seed, PlantShape(500, 152, tightness=0.8, load=12.0))
        plan = made("learned", plant, SHORT_PLAN_SECONDS, None)
        whole = late(plant, made("learned", plant, SHORT_PLAN_SECONDS + seconds, None))
        warm = {way: made(WAYS[way], plant, seconds, plan) for way in ("calm", "best")}
        start = late(plant, plan)
        values = {way: late(plant, one) for way, one in warm.items()}
        gains.append({way: start - value for way, value in {**values, "whole": whole}.items()})
        rows.append([
            str(seed), f"{start:.1f}", f"{whole:.1f}", *(f"{v:.1f}" for v in values.values()),
            *(f"{gain:.1f}" for gain in gains[-1].values()), str(len(moves(plant, plan, warm["calm"]).moved)),
        ])  # fmt: skip
        print(rows[-1], file=sys.stderr, flush=True)
    columns = ("plant", "plan in force", "uninterrupted", "calm", "best", "gain, calm", "gain, best", "gain, uninterrupted",
               "moves, calm")  # fmt: skip
    sums = {way: sum(gain[way] for gain in gains) for way in gains[0]}
    shares = ", ".join(f"{way} {sums[way] / sums['whole']:.0%}" for way in ("calm", "best"))
    return f"{markdown_table(columns, rows)}\n\nShare of the summed gain: {shares}.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--what", choices=("breakdown", "unchanged"), default="breakdown")
    parser.add_argument("--cases", type=int, default=30, help="breakdowns (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=3, help="of unchanged data (default: %(default)s)")
    parser.add_argument("--seconds", type=float, help="CPU seconds of each search (default: 3.5, unchanged: 20)")
    args = parser.parse_args()
    # Loading and compiling are nobody's seconds.
    small = random_plant(0, PlantShape(12, 4))
    first = made("learned", small, 0.3, None)
    for engine in WAYS.values():
        made(engine, small, 0.1, first)
    if args.what == "breakdown":
        seconds = 3.5 if args.seconds is None else args.seconds
        text = breakdowns(args.cases, seconds)
        given = ["--what breakdown", f"--cases {args.cases}", f"--seconds {seconds:g}"]
    else:
        seconds = 20.0 if args.seconds is None else args.seconds
        text = unchanged(args.plants, seconds)
        given = ["--what unchanged", f"--plants {args.plants}", f"--seconds {seconds:g}"]
    print(heading(f"Replans: {args.what}", given))
    print(text)


if __name__ == "__main__":
    main()
