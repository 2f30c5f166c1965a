"""What a drop on the Gantt costs on the server, part by part, in CPU time of this process.

    python benchmarks/gantt_drop.py [--drops 20]

Two plants: the demo, and a random one of 152 machines and 500 jobs (scheduler_core/environments/random_plants.py), each
planned with one rule. Operations that are not fixed are set down a day later, one after another, each on top of the moves
before it. What the page does with a drop is done here without a browser and without Streamlit: the moved plan is timed and
measured, all that the pages ask of a plan is computed from it, the picture is packed with the places before dashed in,
and the table of figures is made. Printed are median and worst of the drops in milliseconds of CPU time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from report import heading, markdown_table

from dashboard.gantt import GanttRequest, Ghosts, pack
from dashboard.loaded_plan import Plan, build_plan
from dashboard.presentation import columns, tables
from scheduler_core.data import demo, erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, Source
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import ShopwrightError
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.scenarios.manual_moves import Move, PlanEditor
from scheduler_core.services import pulling
from scheduler_core.settings import locations

MACHINES, JOBS, SEED = 152, 500, 1
RULE = "WATC"
PARTS = ("move and figures", "what pages ask of the plan", "picture", "table of figures", "all")
T = TypeVar("T")


def stored_plan(store: Store, snapshot_id: str) -> Plan:
    """A plan by one rule, loaded as the pages load it."""
    plant = store.snapshots.plant(snapshot_id)
    run = store.runs.submit(RunRequest(f"drop-{snapshot_id}"[:64], snapshot_id, "greedy", EngineConfig(), "bench", 600))
    store.runs.claim(run, "bench")
    result = replace(greedy.schedule(plant, EngineConfig(rule=RULE)), engine="greedy")
    if result.schedule is None:
        raise SystemExit("the rule found no schedule")
    schedule_id = store.schedules.save(run, "bench", result, (), measure(plant, result.schedule))
    return build_plan(store.schedules.get(schedule_id), store.snapshots.get(snapshot_id), plant, result.schedule)


def plants(store: Store, folder: Path) -> dict[str, str]:
    """Snapshots by the name of their plant."""
    url = f"sqlite:///{folder / 'erp.sqlite3'}"
    demo.ensure_demo(url)
    settings = erp.load_config(locations.root() / "configs" / "demo_erp.yaml")
    random: Plant = random_plant(SEED, PlantShape(JOBS, MACHINES, tightness=0.8, load=12.0))
    return {
        "demo": pulling.pull(store, url, request_id="demo", config=settings),
        f"random, {MACHINES} x {JOBS}": store.snapshots.save(random, request_id="random", source=Source.FILE),
    }


def timed(work: Callable[[], T], spent: list[float]) -> T:
    """What ``work`` returns; its CPU milliseconds go to ``spent``."""
    began = time.process_time()
    made = work()
    spent.append((time.process_time() - began) * 1000)
    return made


def drops(plan: Plan, amount: int) -> tuple[dict[str, list[float]], int]:
    """CPU milliseconds of every part by part, and the bytes of the largest picture."""
    editor = PlanEditor(plan.plant, plan.schedule)
    free = [(j.id, o) for j in plan.plant.jobs for o in j.operations if o.fixed is None]
    spent: dict[str, list[float]] = {part: [] for part in PARTS}
    moves: tuple[Move, ...] = ()
    size = 0
    for job, operation in free[:: max(1, len(free) // (3 * amount))]:
        a = plan.schedule.by_operation[job, operation.sequence]
        asked = (*moves, Move(job, operation.sequence, a.machines[0], a.start + MINUTES_PER_DAY))
        try:
            facts = timed(lambda: editor.change(asked), spent[PARTS[0]])  # noqa: B023
        except ShopwrightError:
            continue  # a refused drop is answered sooner
        moves, stored = asked, replace(plan.stored, kpis=facts.after)
        changed = timed(lambda: build_plan(stored, plan.info, plan.plant, facts.schedule), spent[PARTS[1]])  # noqa: B023
        request = GanttRequest(editable=True, menu=True)
        data = timed(
            lambda: pack(
                changed.plant, changed.schedule, changed.hours, request,  # noqa: B023
                ghosts=Ghosts(plan.schedule, "before"), lateness=changed.lateness,  # noqa: B023
            ),
            spent[PARTS[2]],
        )  # fmt: skip
        size = max(size, len(data))
        timed(lambda: columns.shown(tables.figures_frame(tables.figures(plan, changed), "a", "b")), spent[PARTS[3]])  # noqa: B023
        spent[PARTS[4]].append(sum(spent[part][-1] for part in PARTS[:4]))
        assert facts.moved > 0
        if len(moves) == amount:
            break
    return spent, size


def main() -> None:
    """See the module's text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--drops", type=int, default=20, help="drops on each plant")
    chosen = parser.parse_args()
    print(heading("What a drop on the Gantt costs on the server", sys.argv[1:]))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        store = Store.open(f"sqlite:///{name}/store.sqlite3")
        for plant, snapshot_id in plants(store, Path(name)).items():
            plan = stored_plan(store, snapshot_id)
            spent, size = drops(plan, chosen.drops)
            cells = [f"{statistics.median(spent[p]):.0f} / {max(spent[p]):.0f}" for p in PARTS]
            rows.append(
                [plant, f"{len(plan.schedule.assignments)}", f"{len(spent[PARTS[0]])}", *cells, f"{size / 1024:.0f}"]
            )
        store.close()
    print(markdown_table(["plant", "operations", "drops", *PARTS, "KB sent"], rows))


if __name__ == "__main__":
    main()
