"""Ways to plan on streams: plants over several days, with arrivals, delays and breakdowns; every way executes its own plans.

    python benchmarks/streams.py [--plants 0,1,2,3,4,5] [--policies keep,calm10] [--snapshots 10] [--hours 24] [--still]
                                 [--again calm10]

All begin with the same plan from nothing and meet the same events; every plan is judged. The search of each replan ends by
CPU seconds. What has been played is kept under --out and not played again, so that a run can be stopped and resumed, and
several processes may play different plants or policies at once; the table shows the plants that all policies have played.

Executed: weighted tardiness in days over all orders known at the last snapshot, whose plan is carried out to its end; its
ratio is to the first policy on the same plants. Accrued: the part of it that has come about one interval after the last
snapshot. Planned: what the replans promised for the orders open then. Moved: share of the operations due to start within
24 h that start over 15 minutes earlier or later or on another machine, beyond what right-shift moves; beyond the floor:
beyond what becomes of the old plan if the floor goes on by it; beyond both; raw: from the old plan. In 72 h: their number,
beyond right-shift. All are means over the replans; those in which nothing was due have no share.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from report import heading, markdown_table

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.registry import Engine
from scheduler_core.engines.repair import best, calm, right_shift
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.floor.events import Stream, random_stream
from scheduler_core.floor.stream import Played, Policy, play
from scheduler_core.interchange import read_schedule, schedule_to_json, snapshot_sha256
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import LearnedReport, RepairReport
from scheduler_core.schedule import Result, Schedule

FIRST_SEED = 940
"""Seed of plant 0; nothing was chosen on plants of these seeds."""
Settings = dict[str, Any]
COLUMNS = (
    "policy", "plants", "executed", "ratio", "by plant", "accrued", "late", "planned", "moved in 24 h", "beyond the floor",
    "beyond both", "raw", "moves in 72 h", "CPU s a replan",
)  # fmt: skip


class Planner:
    """An engine that plans every snapshot of one stream. With a memory its search for machine prices starts where that of
    the snapshot before ended; from_nothing: it knows no plan in force."""

    def __init__(self, engine: Engine, memory: bool = True, from_nothing: bool = False) -> None:
        self.engine, self.memory, self.from_nothing = engine, memory, from_nothing
        self.prices: RememberedPrices = ()

    def __call__(self, plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
        config = EngineConfig(
            warm_start=None if self.from_nothing else carried,
            time_limit=seconds,
            workers=1,
            seed=seed,
            first_prices=self.prices if self.memory else (),
        )
        made = self.engine(plant, config)
        assert isinstance(made.report, LearnedReport | RepairReport)
        self.prices = made.report.prices or self.prices
        return _plan_of(made)


def keep(plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
    """The plan in force pushed to the right, new orders in its gaps."""
    return _plan_of(right_shift.schedule(plant, EngineConfig(warm_start=carried)))


POLICIES: dict[str, tuple[Callable[[], Policy], float]] = {
    "nothing60": (lambda: Planner(learned.schedule, memory=False, from_nothing=True), 60.0),
    "nothing10": (lambda: Planner(learned.schedule, memory=False, from_nothing=True), 10.0),
    "memory10": (lambda: Planner(learned.schedule, from_nothing=True), 10.0),
    "calm10": (lambda: Planner(calm.schedule), 10.0),
    "best10": (lambda: Planner(best.schedule), 10.0),
    "keep": (lambda: keep, 0.0),
}
"""Ways to plan by name: what makes one for a stream, and the CPU seconds of each replan. nothing: from nothing, without
memory of prices; memory: from nothing, with it."""


def _plan_of(result: Result) -> Schedule:
    if result.schedule is None:
        raise SystemExit(f"{result.engine} found no plan")
    return result.schedule


def judged(name: str, policy: Policy) -> Policy:
    """The policy; a plan of it that breaks a rule ends the study."""

    def planned(plant: Plant, carried: Schedule | None, seconds: float, seed: int, /) -> Schedule:
        with time_limit_clock.of_workers(1):
            made = policy(plant, carried, seconds, seed)
        if faults := violations(plant, made):
            raise SystemExit(f"{name} breaks {len(faults)} times a rule on {plant.plan_start}: {faults[0].message}")
        return made

    return planned


def settings_of(args: argparse.Namespace) -> Settings:
    """All that a result depends on beside plant and policy."""
    names = (
        "jobs",
        "machines",
        "snapshots",
        "hours",
        "variation",
        "outages_a_day",
        "arrivals",
        "still",
        "first_seconds",
        "seconds",
    )
    return {name: getattr(args, name) for name in names}


def stream_of(number: int, settings: Settings) -> Stream:
    """The stream of a plant, by its number."""
    shape = PlantShape(settings["jobs"], settings["machines"], tightness=0.8, load=12.0)
    days = int(-(-settings["snapshots"] * settings["hours"] // 24)) + 1
    events = {name: settings[name] for name in ("variation", "outages_a_day", "arrivals", "still")}
    return random_stream(FIRST_SEED + number, shape, days, **events)


def first_plan(stream: Stream, settings: Settings, folder: Path) -> Schedule:
    """The plan that all policies begin with. A search by the clock never ends twice alike, so the first one is kept."""
    plant, sha = stream.plant, snapshot_sha256(stream.plant)
    path = folder / f"first-{sha[:12]}-{settings['first_seconds']:g}s.json"
    if not path.exists():
        planner = POLICIES["nothing60"][0]()
        made = judged("the first plan", planner)(plant, None, settings["first_seconds"], 0)
        text = schedule_to_json(plant, made, "learned", measure(plant, made), sha)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            written = Path(place) / "plan.json"
            written.write_text(text, encoding="utf-8")
            if not path.exists():
                os.replace(written, path)
    return read_schedule(path, plant).schedule


def row_of(played: Played) -> dict[str, Any]:
    """What is kept of it: everything but the executed operations."""
    return {
        "tardiness": played.tardiness,
        "accrued": played.accrued,
        "late": played.late,
        "orders": played.orders,
        "replans": [asdict(replan) for replan in played.replans],
    }


def kept_rows(path: Path, settings: Settings) -> dict[tuple[int, str], dict[str, Any]]:
    """What has been played with these settings, by plant and policy; of several the last."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return {(row["plant"], row["policy"]): row["played"] for row in rows if row["settings"] == settings}


def play_all(
    plants: Sequence[int], policies: Sequence[str], settings: Settings, folder: Path, again: Sequence[str] = ()
) -> None:
    """Plays what has not been played yet, and the policies ``again``, and appends it to the folder's results."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / "results.jsonl"
    warm_up()
    for number in plants:
        for name in policies:
            if name not in again and (number, name) in kept_rows(results, settings):
                continue
            new_policy, seconds = POLICIES[name]
            stream = stream_of(number, settings)
            played = play(
                stream,
                judged(name, new_policy()),
                first_plan(stream, settings, folder),
                settings["snapshots"],
                settings["hours"],
                seconds if settings["seconds"] is None else settings["seconds"],
                1000 * number,
            )
            row = {"plant": number, "policy": name, "settings": settings, "played": row_of(played)}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(f"plant {number}, {name}: {played.tardiness:.1f} weighted days", file=sys.stderr, flush=True)


def warm_up() -> None:
    """Loads the compiled search, which takes seconds that are not the first policy's."""
    plant = random_plant(0, PlantShape(12, 4))
    made = POLICIES["nothing10"][0]()(plant, None, 0.3, 0)
    for name in ("calm10", "best10"):
        POLICIES[name][0]()(plant, made, 0.1, 0)


def table(rows: dict[tuple[int, str], dict[str, Any]], plants: Sequence[int], policies: Sequence[str]) -> str:
    """One line per policy over the plants that all of the policies have played."""
    common = [n for n in plants if all((n, name) in rows for name in policies)]
    if not common:
        return "No plant has been played by all of these policies yet."
    lines = []
    for name in policies:
        mine = [rows[n, name] for n in common]
        base = [rows[n, policies[0]]["tardiness"] for n in common]
        ratios = [row["tardiness"] / one if one else 1.0 for row, one in zip(mine, base, strict=True)]
        replans = [replan for row in mine for replan in row["replans"]]
        lines.append([
            name,
            str(len(common)),
            f"{_mean(row['tardiness'] for row in mine):.1f}",
            f"{_mean(ratios):.3f}",
            " ".join(f"{ratio:.3f}" for ratio in ratios),
            f"{_mean(row['accrued'] for row in mine):.1f}",
            f"{_mean(row['late'] for row in mine):.1f}",
            f"{_mean(replan['tardiness'] for replan in replans):.1f}",
            *(_share(replan[kind] for replan in replans) for kind in ("beyond_shift", "beyond_floor", "beyond_both", "raw")),
            f"{_mean(replan['beyond_shift']['moved_72h'] for replan in replans):.1f}",
            f"{_mean(replan['cpu_seconds'] for replan in replans):.1f}",
        ])  # fmt: skip
    return markdown_table(COLUMNS, lines)


def _mean(values: Any) -> float:
    return float(np.mean(list(values)))


def _share(moves: Any) -> str:
    shares = [one["moved_24h"] / one["due_24h"] for one in moves if one["due_24h"]]
    return f"{np.mean(shares):.1%}" if shares else "–"


def main() -> None:
    """Plays and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", default="0,1,2,3,4,5", help="numbers (default: %(default)s)")
    parser.add_argument("--policies", default=",".join(POLICIES), help="the first one is the base (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--machines", type=int, default=152)
    parser.add_argument("--snapshots", type=int, default=10, help="replans (default: %(default)s)")
    parser.add_argument("--hours", type=float, default=24.0, help="between two snapshots (default: %(default)s)")
    parser.add_argument("--variation", type=float, default=0.1, help="of real durations (default: %(default)s)")
    parser.add_argument("--outages-a-day", type=float, default=1.0, help="over all machines (default: %(default)s)")
    parser.add_argument("--arrivals", type=float, default=1.0, help="1: the load stays steady (default: %(default)s)")
    parser.add_argument("--still", action="store_true", help="nothing happens: every snapshot equals the first")
    parser.add_argument("--first-seconds", type=float, default=10.0, help="of the common first plan (default: %(default)s)")
    parser.add_argument("--seconds", type=float, help="of every replan instead of the policy's own")
    parser.add_argument("--again", default="", help="policies to be played although they are kept: their code has changed")
    parser.add_argument("--out", type=Path, default=Path("var/streams"), help="folder (default: %(default)s)")
    args = parser.parse_args()
    plants = [int(number) for number in args.plants.split(",")]
    policies = args.policies.split(",")
    again = args.again.split(",") if args.again else []
    if unknown := [name for name in (*policies, *again) if name not in POLICIES]:
        parser.error(f"unknown policies {unknown}; there are {', '.join(POLICIES)}")
    settings = settings_of(args)
    play_all(plants, policies, settings, args.out, again)
    print(heading("Ways to plan on streams", sys.argv[1:]))
    print(table(kept_rows(args.out / "results.jsonl", settings), plants, policies))


if __name__ == "__main__":
    main()
