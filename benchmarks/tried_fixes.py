"""Whether tried fixes make late orders on time, on the demo and on generated plants.

    python benchmarks/tried_fixes.py [--plants 2] [--orders 40] [--seconds 5]

Each plant has a plan by the learned engine (``--seconds`` of search). Of its late orders those count whose own bound says
that they can be on time; ``--orders`` of them at most are tried, evenly spaced from the worst to the least late. Fixed: the
first fix offered puts the order on time. Newly late: other orders that were on time and are late with it. Overtime: hours
opened by it, never more than 3 h for a machine and day. CPU: seconds of this process for all that is tried for one order.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from report import heading, markdown_table

from scheduler_core.calendar_hours import OVERTIME_MINUTES
from scheduler_core.causes.explainer import Explainer
from scheduler_core.causes.fixes import Fix, try_fixes
from scheduler_core.data import demo, erp
from scheduler_core.data.store import Store
from scheduler_core.engines import learned
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.services import pulling

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = (
    "plant", "orders late", "own bound says possible", "tried", "fixed on time", "of the tried", "newly late, mean",
    "newly late, max", "overtime h, mean", "overtime h, max", "CPU s an order, mean", "CPU s, max",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One order: its best fix (None: none found) and the CPU seconds that trying took."""

    fix: Fix | None
    seconds: float

    @property
    def on_time(self) -> bool:
        """Whether the fix puts the order on time."""
        return self.fix is not None and self.fix.on_time


def demo_plant() -> Plant:
    """The demo's open jobs as a pull reads them."""
    with tempfile.TemporaryDirectory() as made:
        url = f"sqlite:///{Path(made) / 'erp.sqlite3'}"
        demo.ensure_demo(url)
        store = Store.open(f"sqlite:///{Path(made) / 'store.sqlite3'}")
        settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
        plant = store.snapshots.plant(pulling.pull(store, url, request_id="pull", config=settings))
        store.close()
    return plant


def most_overtime(fix: Fix) -> int:
    """Minutes of the machine and day that the fix gives most."""
    minutes = Counter[tuple[int, object]]()
    for extra in fix.hours:
        for machine in extra.machines:
            minutes[machine, extra.date] += extra.minutes
    return max(minutes.values(), default=0)


def measured(plant: Plant, seconds: float, most: int) -> tuple[int, int, list[Outcome]]:
    """(late orders, those that can be on time, outcomes of those that were tried)."""
    plan = learned.schedule(plant, EngineConfig(time_limit=seconds)).schedule
    assert plan is not None
    why = Explainer(plant, plan)
    late = why.late_jobs()
    possible = [one.job.id for one in late if why.bound(one.job).can_be_on_time]
    chosen = [possible[round(i)] for i in np.linspace(0, len(possible) - 1, min(most, len(possible)))]
    try_fixes(plant, plan, chosen[0], explainer=why)  # what is compiled is loaded before the clock runs
    outcomes = []
    for job in chosen:
        began = time.process_time()
        fixes = [fix for fix in try_fixes(plant, plan, job, explainer=why) if most_overtime(fix) <= OVERTIME_MINUTES]
        outcomes.append(Outcome(fixes[0] if fixes else None, time.process_time() - began))
        for fix in fixes:
            if faults := violations(fix.plant, fix.schedule):
                raise RuntimeError(f"{job}: {faults[0].message}")
        print(f"{job}: {outcomes[-1].on_time} {outcomes[-1].seconds:.2f} s", file=sys.stderr, flush=True)
    return len(late), len(possible), outcomes


def row(name: str, late: int, possible: int, found: list[Outcome]) -> list[str]:
    """One line of the table."""
    fixes = [o.fix for o in found if o.on_time and o.fix is not None]
    newly = [len(f.became_late) for f in fixes]
    hours = [f.overtime_minutes / 60 for f in fixes]
    seconds = [o.seconds for o in found]
    return [
        name, str(late), str(possible), str(len(found)), str(len(fixes)), f"{len(fixes) / len(found):.0%}",
        f"{np.mean(newly):.1f}", str(max(newly)), f"{np.mean(hours):.1f}", f"{max(hours):.1f}",
        f"{np.mean(seconds):.2f}", f"{max(seconds):.2f}",
    ]  # fmt: skip


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", type=int, default=2)
    parser.add_argument("--orders", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=5.0)
    args = parser.parse_args()
    plants = {"demo": demo_plant()}
    plants |= {
        f"generated {seed}": random_plant(seed, PlantShape(jobs=500, machines=152)) for seed in range(1, args.plants + 1)
    }
    rows = [row(name, *measured(plant, args.seconds, args.orders)) for name, plant in plants.items()]
    print(heading("Tried fixes", sys.argv[1:]))
    print(markdown_table(COLUMNS, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
