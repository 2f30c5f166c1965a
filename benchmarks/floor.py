"""Who should decide on a floor that does not obey: plans, replans and live decisions, executed under noise.

    python benchmarks/floor.py [--plants 0,1,2] [--floors 8] [--variations 0.1,0.2,0.4] [--days 20] [--ways WAY;WAY...]

Each plant is drawn by the generator with its arrivals and breakdowns; each floor of it has its own real durations, which all
ways meet (common random numbers). The way "best rule" is the best single dispatching rule, live: of all rules and parameters
the one with the least weighted tardiness over --selection-floors other floors of the plant at the same noise. A ratio is
the mean executed weighted tardiness of a way over that of the best rule on the same floors, with the 95 % interval over
plants (bootstrap of plants; of floors where there is one plant; none for a single floor).

A way is an execution (starts, order, next, any, prices, "rule WATC") or "ENGINE HOURSh SECONDSs + EXECUTION" with the
engines keep, calm, calm/shift, best and nothing (from nothing), which docs/floor.md explains. Where the plan does not count
between two replans, no moves are counted. "noisy prices" decides live by prices that were searched on noisy
floors, "knows: best rule" is the best rule with the real durations known, which nobody can. What has been played is kept
in --out/results.jsonl and not played again, so that a run can be stopped and resumed, and several processes may share it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from report import heading, markdown_table

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.rules import RULES
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.floor.events import Stream, random_stream
from scheduler_core.floor.executions import NEED_PLAN, ByRule, Guide
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.price_training import prices_on_floors
from scheduler_core.floor.real_plant import real_plant
from scheduler_core.floor.ways import NoisyFloor, Turnout, Way, way_named
from scheduler_core.interchange import read_schedule, schedule_to_json, snapshot_sha256
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.reports import LearnedReport
from scheduler_core.schedule import Schedule
from scheduler_core.statistics import Ratio, ratio_of_means

FIRST_SEED = 7_400
"""Seed of plant 0; nothing was chosen on plants of these seeds."""
SELECTION, TRAINING = 10_000, 20_000
"""Seeds of the floors on which the best rule is chosen, and of those on which noisy prices are searched."""
BASE = "best rule"
WAYS = (
    BASE, "knows: best rule", "rule WATC", "prices", "noisy prices",
    "nothing 24h@12h 1s + prices", "keep 24h@12h 0s + order",
    "calm/shift 24h@12h 1s + order", "calm/shift 24h@12h 1s + any", "calm/shift 8h 1s + order", "calm/shift 8h 1s + any",
    "best 8h 1s + order", "best 8h 1s + any",
)  # fmt: skip
Settings = dict[str, Any]
Rows = dict[tuple[int, float, int, str], dict[str, Any]]


@dataclass(frozen=True)
class Study:
    """One plant at one noise."""

    number: int
    variation: float
    settings: Settings
    folder: Path

    @cached_property
    def floor(self) -> NoisyFloor:
        """The plant with all that happens to it."""
        return NoisyFloor(stream_of(self.number, self.settings), DurationNoise(self.variation))

    @cached_property
    def first(self) -> Guide:
        """The plan and the prices that all ways begin with."""
        return first_guide(self.floor.stream, self.settings, self.folder)

    @cached_property
    def best_rule(self) -> ByRule:
        """The rule with the least tardiness over the selection floors."""
        seeds = range(SELECTION, SELECTION + self.settings["selection_floors"])
        found = []
        for rule in RULES.values():
            for k1, k2 in rule.variants:
                way = ByRule(rule.name, k1, k2)
                late = sum(self.floor.live_tardiness(seed, way) for seed in seeds)
                found.append((late, rule.name, k1, k2))
        _, name, k1, k2 = min(found)
        return ByRule(name, k1, k2)

    @cached_property
    def noisy_prices(self) -> Guide:
        """Prices searched on noisy floors of the plant as it is known at the beginning: no arrivals, no breakdowns."""
        known = NoisyFloor(Stream(self.floor.stream.plant), self.floor.noise)
        seeds = range(TRAINING, TRAINING + self.settings["training_floors"])
        return Guide(prices=prices_on_floors(known, seeds, self.settings["generations"]))

    def play(self, name: str, seed: int) -> Turnout:
        """One floor by one way; an executed schedule that breaks a rule ends the study."""
        if name in (BASE, "knows: best rule"):
            turnout = self.floor.play(seed, Way(replace(self.best_rule, knowing=name != BASE)), Guide())
        elif name == "noisy prices":
            turnout = self.floor.play(seed, way_named("prices"), self.noisy_prices)
        else:
            way = with_days(way_named(name), self.settings["days"])
            turnout = self.floor.play(seed, way, self.first)
        self._judge(name, seed, turnout.executed)
        return turnout

    def _judge(self, name: str, seed: int, executed: Schedule) -> None:
        plant = real_plant(self.floor.stream, self.floor.noise, seed, executed)
        if faults := violations(plant, executed):
            raise SystemExit(f"{name} breaks {len(faults)} rules on floor {seed}: {faults[0].message}")


def with_days(way: Way, days: int) -> Way:
    """The way with its last replan at the end of the days."""
    if way.replanning is None:
        return way
    return replace(way, replanning=replace(way.replanning, until=days * MINUTES_PER_DAY))


def stream_of(number: int, settings: Settings) -> Stream:
    """A plant and its events, by its number."""
    shape = PlantShape(settings["jobs"], settings["machines"], tightness=0.8, load=12.0)
    events = {"outages_a_day": settings["outages_a_day"], "arrivals": settings["arrivals"]}
    return random_stream(FIRST_SEED + number, shape, settings["days"], 0.0, **events)


def first_guide(stream: Stream, settings: Settings, folder: Path) -> Guide:
    """A plan by a search from nothing. A search by the clock never ends twice alike, so the first one is kept."""
    plant, sha, seconds = stream.plant, snapshot_sha256(stream.plant), settings["first_seconds"]
    path = folder / f"first-{sha[:12]}-{seconds:g}s.json"
    prices = path.with_suffix(".prices.json")
    if not prices.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with time_limit_clock.of_workers(1):
            made = learned.schedule(plant, EngineConfig(time_limit=seconds, workers=1))
        assert made.schedule is not None
        assert isinstance(made.report, LearnedReport)
        path.write_text(schedule_to_json(plant, made.schedule, "learned", measure(plant, made.schedule), sha), "utf-8")
        prices.write_text(json.dumps(made.report.prices), encoding="utf-8")
    stored = json.loads(prices.read_text(encoding="utf-8"))
    return Guide(read_schedule(path, plant).schedule, tuple((name, value) for name, value in stored))


def kept_rows(path: Path, settings: Settings) -> Rows:
    """What has been played with these settings, by plant, variation, floor and way."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return {(r["plant"], r["variation"], r["floor"], r["way"]): r for r in rows if r["settings"] == settings}


def play_all(
    numbers: Sequence[int], variations: Sequence[float], ways: Sequence[str], settings: Settings, folder: Path, floors: int
) -> None:
    """Plays what has not been played yet and appends it to the folder's results: the first floor of all plants, then the
    second."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / "results.jsonl"
    studies = {(n, v): Study(n, v, settings, folder) for n in numbers for v in variations}
    for floor in range(floors):
        for (number, variation), study in studies.items():
            for name in ways:
                if (number, variation, floor, name) in kept_rows(results, settings):
                    continue
                began = time.process_time()
                turnout = study.play(name, floor)
                row = {
                    "plant": number, "variation": variation, "floor": floor, "way": name, "settings": settings,
                    "tardiness": turnout.tardiness, "late": turnout.late, "orders": turnout.orders,
                    "due": sum(r.due for r in turnout.replans), "moved": sum(r.moved for r in turnout.replans),
                    "replans": len(turnout.replans), "cpu_seconds": time.process_time() - began,
                }  # fmt: skip
                if name == BASE:
                    row["rule"] = [study.best_rule.rule, study.best_rule.k1, study.best_rule.k2]
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                print(f"plant {number}, {variation:.0%}, floor {floor}, {name}: {turnout.tardiness:.1f}", file=sys.stderr)


def compared(rows: Rows, name: str, variation: float, over: str = BASE) -> tuple[Ratio, int, int] | None:
    """The way's ratio to another one at a noise, and how many plants and floors it stands on; None without any.

    Plants weigh alike: each counts with its ratio; with one plant, each floor does.
    """
    pairs: dict[int, list[tuple[float, float]]] = {}
    for (number, at, floor, way), row in rows.items():
        base = rows.get((number, at, floor, over))
        if way == name and at == variation and base is not None:
            pairs.setdefault(number, []).append((row["tardiness"], base["tardiness"]))
    if not pairs:
        return None
    floors = sum(len(found) for found in pairs.values())
    if len(pairs) == 1:
        one = np.array(next(iter(pairs.values())))
        found = ratio_of_means(one[:, 0], one[:, 1])
        return found if floors > 1 else Ratio(found.value, None, None), 1, floors
    ratios = np.array([np.sum([w for w, _ in found]) / np.sum([b for _, b in found]) for found in pairs.values()])
    return ratio_of_means(ratios, np.ones_like(ratios)), len(pairs), floors


def table(rows: Rows, ways: Sequence[str], variations: Sequence[float], over: str = BASE) -> str:
    """One line per way: its ratio at each noise, on how many plants and floors, and what its replans moved."""
    lines = []
    for name in ways:
        cells, stands_on = [], []
        for variation in variations:
            found = compared(rows, name, variation, over)
            cells.append("–" if found is None else str(found[0]))
            stands_on.append("0" if found is None else f"{found[1]} x {found[2] / found[1]:.3g}")
        mine = [row for (_, at, _, way), row in rows.items() if way == name and at in variations]
        if not mine:
            continue
        announced = name.rpartition(" + ")[2] in NEED_PLAN
        due, moved = sum(r["due"] for r in mine if announced), sum(r["moved"] for r in mine)
        cpu = float(np.median([r["cpu_seconds"] for r in mine]))
        lines.append([name, *cells, ", ".join(stands_on), f"{moved / due:.1%}" if due else "–", f"{cpu:.1f}"])
    titles = ["way", *(f"{v:.0%}" for v in variations), "plants x floors", "moved in 8 h", "CPU s a floor"]
    return markdown_table(titles, lines)


def main() -> None:
    """Plays and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", default="0,1,2,3,4,5,6,7", help="numbers (default: %(default)s)")
    parser.add_argument("--floors", type=int, default=1, help="of each plant and noise (default: %(default)s)")
    parser.add_argument("--variations", default="0.1,0.2,0.4", help="coefficients of variation (default: %(default)s)")
    parser.add_argument("--ways", default=";".join(WAYS), help="separated by semicolons (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--machines", type=int, default=152)
    parser.add_argument("--days", type=int, default=20, help="of arrivals, breakdowns and replans (default: %(default)s)")
    parser.add_argument("--arrivals", type=float, default=1.0, help="1: the load stays steady (default: %(default)s)")
    parser.add_argument("--outages-a-day", type=float, default=1.0, help="over all machines (default: %(default)s)")
    parser.add_argument(
        "--first-seconds", type=float, default=10.0, help="CPU seconds of the first plan (default: %(default)s)"
    )
    parser.add_argument("--selection-floors", type=int, default=4, help="to choose the best rule (default: %(default)s)")
    parser.add_argument("--training-floors", type=int, default=4, help="of noisy prices (default: %(default)s)")
    parser.add_argument("--generations", type=int, default=30, help="of noisy prices (default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="play nothing, print what has been played")
    parser.add_argument("--over", default=BASE, help="the way that ratios are over (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("var/floor"), help="folder (default: %(default)s)")
    args = parser.parse_args()
    numbers, variations = [int(n) for n in args.plants.split(",")], [float(v) for v in args.variations.split(",")]
    ways = args.ways.split(";")
    names = (
        "floors", "jobs", "machines", "days", "arrivals", "outages_a_day", "first_seconds", "selection_floors",
        "training_floors", "generations",
    )  # fmt: skip
    settings = {name: getattr(args, name) for name in names}
    floors = settings.pop("floors")
    if not args.table:
        play_all(numbers, variations, ways, settings, args.out, floors)
    rows = kept_rows(args.out / "results.jsonl", settings)
    print(heading("Who should decide on a noisy floor", sys.argv[1:]))
    asked = {key: row for key, row in rows.items() if key[0] in numbers and key[2] < floors}
    print(table(asked, ways, variations, args.over))


if __name__ == "__main__":
    main()
