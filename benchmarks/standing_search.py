"""What the standing search is worth against ten seconds at the click, and how soon a person's run begins beside it.

    python benchmarks/standing_search.py [--out var/standing_search.jsonl] [--click 10] [--night 60] [--presses 2]

A plan is made by the learned engine in ``--click`` seconds, as a planner does, and the standing search goes on from it for
up to ``--night`` seconds; both on one core, in CPU seconds. Its curve gives the value after each part of the night, as a run
that is ended early keeps the best so far. For one plant the learned engine also searches from nothing for as long as
click and night together. How far another night would come is told by the moves for each operation.

The second part works on a store with real workers. The standing search is at work; a greedy run is asked for as a page asks
for it, and the time is taken until it is leased to its worker, until its engine reports, and until the standing search has
ended. The same without a standing search stands beside it.

Results are appended to ``--out``; what stands there is not measured again. The table is printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from records import append, read_as
from report import heading, markdown_table

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, Run, RunRequest, Source
from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation import spare_cores
from scheduler_core.engines.registry import ALL_ENGINES
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import RepairReport
from scheduler_core.runs.request import submit
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.schedule import Result
from scheduler_core.settings.run_slots import RunSlots
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES

FIRST_SEED = EVALUATION_SEED + 90_000
CASES = (("10x60", 0), ("10x60", 1), ("40x100", 0))
FROM_NOTHING = CASES[2]
PARTS = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds of the night after which the value is told."""
PATIENCE = 600.0
"""Seconds for which a worker is waited for."""


@dataclass(frozen=True)
class Night:
    """One plant: values in weighted days late after the click, after each part of the night, and of the learned engine from
    nothing in the same time as click and night together. ``seconds``: of the standing search, which may end by itself."""

    size: str
    seed: int
    click: float
    parts: Sequence[float]
    from_nothing: float | None
    seconds: float
    moves: int


@dataclass(frozen=True)
class Press:
    """One press of Run: seconds until the run was leased to its worker, until its engine reported first, and until the
    standing search had ended (0 without one)."""

    beside: bool
    number: int
    leased: float
    reported: float
    ended: float


def main() -> None:
    """Measures what is missing and prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("var/standing_search.jsonl"))
    parser.add_argument("--click", type=float, default=10.0)
    parser.add_argument("--night", type=float, default=PARTS[-1])
    parser.add_argument("--presses", type=int, default=2)
    args = parser.parse_args()
    pressed = args.out.with_suffix(".presses.jsonl")
    done = {(press.beside, press.number) for press in read_as(Press, pressed)}
    for beside in (True, False):
        for number in range(args.presses):
            if (beside, number) not in done:
                append(pressed, one := press_of(beside, number))
                print(one, file=sys.stderr, flush=True)
    spare_cores.LOWEST = 0  # seconds of CPU time are counted: their priority makes no difference but to patience
    known = {(night.size, night.seed) for night in read_as(Night, args.out)}
    for size, seed in CASES:
        if (size, seed) not in known:
            append(args.out, found := night_of(size, seed, args.click, args.night))
            print(found, file=sys.stderr, flush=True)
    print(heading("The standing search", sys.argv[1:]))
    print(night_table(read_as(Night, args.out), args.click, args.night))
    print()
    print(press_table(read_as(Press, pressed)))


# ---------------------------------------------------------------- what a night is worth
def night_of(size: str, seed: int, click: float, night: float) -> Night:
    """Click, night and as long a search from nothing, on one plant."""
    plant = random_plant(FIRST_SEED + seed, SIZES[size])
    first = planned("learned", plant, EngineConfig(time_limit=click, workers=1, seed=seed))
    further = planned(
        STANDING, plant, EngineConfig(time_limit=night, workers=1, seed=seed, warm_start=first.schedule)
    )  # fmt: skip
    nothing = None
    if (size, seed) == FROM_NOTHING:
        nothing = planned("learned", plant, EngineConfig(time_limit=click + night, workers=1, seed=seed)).objective
    assert isinstance(further.report, RepairReport)
    start = first.objective or 0.0
    return Night(
        size, seed, start, [value_after(further, part, start) for part in PARTS if part <= night],
        nothing, further.seconds, further.report.moves,
    )  # fmt: skip


def planned(engine: str, plant: Plant, config: EngineConfig) -> Result:
    """The engine's plan in CPU seconds, judged."""
    with time_limit_clock.of_workers(1):
        found = ALL_ENGINES[engine](plant, config)
    assert found.schedule is not None
    assert violations(plant, found.schedule) == ()
    return found


def value_after(found: Result, seconds: float, start: float) -> float:
    """The best value that the search had after this number of seconds."""
    assert isinstance(found.report, RepairReport)
    return min([start, *(value for at, value in found.report.curve if at <= seconds)])


# ---------------------------------------------------------------- how soon a person's run begins
def press_of(beside: bool, number: int) -> Press:
    """One press of Run on a store of its own, with or without a standing search at work."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/store.sqlite3")
        supervisor = Supervisor(store, slots=lambda: RunSlots(2, 1))
        try:
            return _pressed(store, supervisor, beside, number)
        finally:
            supervisor.close()
            store.close()


def _pressed(store: Store, supervisor: Supervisor, beside: bool, number: int) -> Press:
    plant = random_plant(FIRST_SEED, SIZES["40x100"])
    snapshot = store.snapshots.save(plant, request_id="pull", source=Source.FILE)
    standing = None
    if beside:
        start = planned("greedy", plant, EngineConfig(rule="EDD")).schedule
        config = EngineConfig(time_limit=600.0, workers=1, warm_start=start)
        standing = submit(store, RunRequest("standing", snapshot, STANDING, config))
        supervisor.begin_waiting()
        until(lambda: "moves tried" in store.runs.get(standing).message, supervisor)
    began = time.monotonic()
    run_id = submit(store, RunRequest("press", snapshot, "greedy", EngineConfig(rule="EDD")))
    supervisor.begin_waiting()
    leased = time.monotonic() - began
    assert run_id in supervisor.at_work
    ended = 0.0
    reported = 0.0
    while not reported or (standing is not None and not ended):
        run = store.runs.get(run_id)
        if not reported and _reports(run):
            reported = time.monotonic() - began
        if standing is not None and not ended and store.runs.get(standing).state.finished:
            ended = time.monotonic() - began
        if time.monotonic() - began > PATIENCE:
            raise SystemExit("a worker did not begin or end in time")
        time.sleep(0.02)
    until(lambda: not supervisor.look_after(), supervisor)
    return Press(beside, number, leased, reported, ended)


def _reports(run: Run) -> bool:
    return run.state.finished or (run.started_at is not None and run.message != "starting")


def until(met: Callable[[], bool], supervisor: Supervisor) -> None:
    """Wait until the condition is met, looking after the workers meanwhile."""
    limit = time.monotonic() + PATIENCE
    while not met():
        supervisor.look_after()
        if time.monotonic() > limit:
            raise SystemExit("a worker did not come to its end in time")
        time.sleep(0.1)


# ---------------------------------------------------------------- tables
def night_table(nights: Sequence[Night], click: float, night: float) -> str:
    """A row per plant: the value after the click, then that of each moment in per cent of it."""
    parts = [part for part in PARTS if part <= night]
    columns = (
        "plant", "seed", f"{click:g} s at the click, days", *(f"after {part:g} s more" for part in parts),
        f"{click + night:g} s from nothing", "ended after, s", "moves for each operation",
    )  # fmt: skip
    rows = [
        [one.size, str(one.seed), f"{one.click:.1f}", *(share(value, one.click) for value in one.parts),
         "" if one.from_nothing is None else share(one.from_nothing, one.click), f"{one.seconds:.0f}",
         f"{one.moves / operations(one):,.0f}"]
        for one in nights
    ]  # fmt: skip
    return markdown_table(columns, rows)


def operations(night: Night) -> int:
    """Of the plant of a night."""
    return sum(len(job.operations) for job in random_plant(FIRST_SEED + night.seed, SIZES[night.size]).jobs)


def share(value: float, of: float) -> str:
    """A value in per cent of another one."""
    return "" if of <= 0 else f"{100 * value / of:.1f} %"


def press_table(presses: Sequence[Press]) -> str:
    """The slowest press of each kind."""
    columns = ("standing search", "presses", "leased after at most, s", "engine reports after, s", "search ended after, s")
    rows = []
    for beside in (True, False):
        found = [press for press in presses if press.beside is beside]
        if found:
            rows.append([
                "at work" if beside else "none", str(len(found)), f"{max(p.leased for p in found):.2f}",
                f"{max(p.reported for p in found):.1f}", f"{max(p.ended for p in found):.2f}" if beside else "",
            ])  # fmt: skip
    return markdown_table(columns, rows)


if __name__ == "__main__":
    main()
