"""The dispatcher for free machines of a noisy floor: trains it, and measures it beside the same prices without it.

    python benchmarks/dispatcher.py train [--config configs/dispatcher.yaml] [--generations N] [--out var/dispatcher]
    python benchmarks/dispatcher.py measure [--weights FILE] [--plants 8] [--floors 4] [--variations 0.1,0.2,0.4]
        [--orders 125] [--machines 38] [--days 10] [--table]

``train`` goes on from the state in --out, which it writes every few generations, and writes the weights with their card to
dispatcher.yaml there. ``measure`` plays plants that nothing was trained on. All ways meet the same floors. "prices" were
searched on noisy floors of the plant as it is known at the beginning (--to-come: with arriving orders that are copies of
its own, at the load of the stream), "learned" has the same prices; "learned, own prices"
(only with --own) has prices that were searched with the learned part deciding; "best rule" is the single rule with the
least tardiness on other floors of the same plant and noise. A ratio is the mean over plants of executed weighted tardiness
over that of the other way, with the 95 % interval (bootstrap of plants). What has been played is kept in --out and not
played again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from report import heading, markdown_table

from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.rules import RULES
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.floor import dispatcher
from scheduler_core.floor.dispatcher_training import (
    Evolution,
    GenerationSize,
    TrainingFloors,
    TrainingPlant,
    next_generation,
    training_plants,
)
from scheduler_core.floor.events import Stream, random_stream
from scheduler_core.floor.executions import ByLearned, ByRule, Execution, Guide, by_prices, rule_named
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.orders_to_come import with_orders_like_its_own
from scheduler_core.floor.price_training import prices_on_floors
from scheduler_core.floor.real_plant import real_plant
from scheduler_core.floor.ways import NoisyFloor, Way
from scheduler_core.judge.validator import violations
from scheduler_core.settings.yaml_files import read_yaml
from scheduler_core.statistics import Ratio, ratio_of_means

FIRST_SEED = 530_000
"""Seed of the first plant to measure on."""
SELECTION, TRAINING = 10_000, 20_000
"""Seeds of the floors on which the best rule is chosen, and of those on which prices are searched."""
BEST, WATC, PRICES, LEARNED, OWN = "best rule", "rule WATC", "prices", "learned", "learned, own prices"
WAYS = (BEST, WATC, PRICES, LEARNED)
ORDERS_A_DAY = 5 / 7 / 12
"""Of the orders at the start, as many arrive on average: the bottlenecks have work for 12 days, and work 5 days of 7."""
KEPT_EVERY = 10
"""Generations between two writings of the state."""
Settings = dict[str, Any]
Rows = dict[tuple[int, float, int, str], dict[str, Any]]


# ---------------------------------------------------------------- training
def train(config: Settings, generations: int | None, out: Path) -> None:
    """Goes on to the configuration's number of generations, or to ``generations``."""
    out.mkdir(parents=True, exist_ok=True)
    plants = training_plants([tuple(size) for size in config["plants"]])
    floors = [_training_floors(plant, config, out / "prices.jsonl") for plant in plants]
    size = GenerationSize(config["candidates"], config["floors"])
    path, evolution = out / "state.json", Evolution.first(config["seed"])
    if path.exists():
        evolution = Evolution.from_json(json.loads(path.read_text("utf-8")))
    until, costs, began = generations or config["generations"], [], time.process_time()
    while evolution.generation < until:
        if evolution.generation == config["hidden_from"]:
            evolution = evolution.with_hidden_units()
        evolution, cost = next_generation(evolution, floors, config["seed"], size)
        costs.append(cost)
        if evolution.generation % KEPT_EVERY == 0 or evolution.generation == until:
            _replace(path, json.dumps(evolution.to_json()))
            mean, used = float(np.mean(costs[-KEPT_EVERY:])), (time.process_time() - began) / len(costs)
            print(f"{evolution.generation}: {mean:+.4f}, {used:.2f} CPU s a generation", flush=True)
    card = {
        "method": "separable natural evolution strategy, mean of the last generations",
        "trained_on": f"{len(plants)} plants of the generator from seed {plants[0].seed} on",
        "generations": evolution.generation,
        "configuration": config,
    }
    (out / "dispatcher.yaml").write_bytes(dispatcher.write(evolution.weights, card))


def _training_floors(plant: TrainingPlant, config: Settings, kept: Path) -> TrainingFloors:
    """The plant with its prices, which are searched once and kept."""
    stream, name = plant.stream(), repr(plant)
    lines = kept.read_text("utf-8").splitlines() if kept.exists() else []
    known = {row["plant"]: row["prices"] for row in map(json.loads, lines)}
    if name not in known:
        known[name] = plant.prices(stream, config["price_generations"])
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"plant": name, "prices": known[name]}) + "\n")
    return TrainingFloors(stream, _pairs(known[name]), config["variations"])


def _pairs(rows: Sequence[Sequence[Any]]) -> RememberedPrices:
    return tuple((str(name), float(value)) for name, value in rows)


def _replace(path: Path, text: str) -> None:
    path.with_suffix(".tmp").write_text(text, "utf-8")
    os.replace(path.with_suffix(".tmp"), path)


# ---------------------------------------------------------------- measuring
@dataclass(frozen=True)
class Study:
    """One plant at one noise."""

    number: int
    variation: float
    settings: Settings
    weights: dispatcher.Weights
    folder: Path

    @cached_property
    def floor(self) -> NoisyFloor:
        """The plant with all that happens to it."""
        s = self.settings
        shape = PlantShape(s["orders"], s["machines"], tightness=0.8, load=12.0)
        stream = random_stream(FIRST_SEED + self.number, shape, s["days"], 0.0, outages_a_day=s["machines"] / 152)
        return NoisyFloor(stream, DurationNoise(self.variation))

    def prices(self, way: str) -> RememberedPrices:
        """Searched on noisy floors of the plant as it is known at the beginning, and kept."""
        s = self.settings
        numbers = "-".join(f"{s[n]:g}" for n in ("machines", "orders", "days", "training_floors", "generations", "to_come"))
        own = f"-{self.weights.sha256[:12]}" if way == OWN else ""
        path = self.folder / f"prices-{numbers}-{self.number}-{self.variation:g}{own}.json"
        if not path.exists():
            known = NoisyFloor(self._known(), self.floor.noise)
            seeds = range(TRAINING, TRAINING + s["training_floors"])
            decides = ByLearned(self.weights) if way == OWN else by_prices
            found = prices_on_floors(known, seeds, s["generations"], execution=decides)
            path.write_text(json.dumps(found), "utf-8")
        return _pairs(json.loads(path.read_text("utf-8")))

    def _known(self) -> Stream:
        """What prices are searched on."""
        plant, s = self.floor.stream.plant, self.settings
        if not s["to_come"]:
            return Stream(plant)
        return with_orders_like_its_own(plant, s["days"], ORDERS_A_DAY * len(plant.jobs), self.number)

    @cached_property
    def best_rule(self) -> ByRule:
        """The rule with the least tardiness over the selection floors."""
        seeds = range(SELECTION, SELECTION + self.settings["selection_floors"])
        ways = [ByRule(rule.name, k1, k2) for rule in RULES.values() for k1, k2 in rule.variants]
        return min(ways, key=lambda way: sum(self.floor.live_tardiness(seed, way) for seed in seeds))

    def execution(self, way: str) -> Execution:
        """What decides."""
        if way == BEST:
            return self.best_rule
        if way == WATC:
            return rule_named("WATC")
        return by_prices if way == PRICES else ByLearned(self.weights)

    def play(self, way: str, seed: int) -> tuple[float, float]:
        """Executed weighted days late on a floor, and CPU microseconds for each operation; an executed schedule that breaks
        a rule ends the study."""
        execution, guide = Way(self.execution(way)), Guide(prices=self.prices(way))
        began = time.process_time()
        turnout = self.floor.play(seed, execution, guide)
        used = time.process_time() - began
        plant = real_plant(self.floor.stream, self.floor.noise, seed, turnout.executed)
        if faults := violations(plant, turnout.executed):
            raise SystemExit(f"{way} breaks {len(faults)} rules on floor {seed}: {faults[0].message}")
        return turnout.tardiness, 1e6 * used / len(turnout.executed.assignments)


def kept_rows(path: Path, settings: Settings, weights: str) -> Rows:
    """What has been played with these settings, by plant, variation, floor and way; of learned ways with these weights."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [row for row in map(json.loads, lines) if row["settings"] == settings]
    mine = [row for row in rows if row["way"] not in (LEARNED, OWN) or row["weights"] == weights]
    return {(r["plant"], r["variation"], r["floor"], r["way"]): r for r in mine}


def play_all(
    numbers: range,
    floors: int,
    variations: Sequence[float],
    settings: Settings,
    weights: dispatcher.Weights,
    folder: Path,
    ways: Sequence[str] = WAYS,
) -> None:
    """Plays what has not been played yet: the first plant at all noises, then the second."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / "results.jsonl"
    for number in numbers:
        for variation in variations:
            study = Study(number, variation, settings, weights, folder)
            known = kept_rows(results, settings, weights.sha256)
            wanted = [(f, way) for f in range(floors) for way in ways if (number, variation, f, way) not in known]
            for floor, way in wanted:
                tardiness, micros = study.play(way, floor)
                row = {
                    "plant": number, "variation": variation, "floor": floor, "way": way, "settings": settings,
                    "weights": weights.sha256, "tardiness": tardiness, "micros": micros,
                }  # fmt: skip
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")


def compared(rows: Rows, way: str, base: str, variation: float) -> Ratio | None:
    """Mean over plants of the way's tardiness over that of ``base`` on the same floors; None without any."""
    sums: dict[int, tuple[float, float]] = {}
    for (number, at, floor, name), row in rows.items():
        other = rows.get((number, at, floor, base))
        if name == way and at == variation and other is not None:
            mine, its = sums.get(number, (0.0, 0.0))
            sums[number] = mine + row["tardiness"], its + other["tardiness"]
    if not sums:
        return None
    ratios = np.array([mine / its for mine, its in sums.values()])
    return ratio_of_means(ratios, np.ones_like(ratios))


def table(rows: Rows, variations: Sequence[float]) -> str:
    """One line per pair of ways: the ratio at each noise."""
    pairs = [(way, BEST) for way in (*WAYS[1:], OWN)] + [(LEARNED, PRICES), (OWN, PRICES)]
    lines = []
    for way, base in pairs:
        cells = [str(compared(rows, way, base, v) or "–") for v in variations]
        micros = [row["micros"] for (_, _, _, name), row in rows.items() if name == way]
        if not micros:
            continue
        lines.append([f"{way} / {base}", *cells, f"{np.median(micros):.0f}"])
    return markdown_table(["ways", *(f"{v:.0%}" for v in variations), "CPU µs an operation"], lines)


def main() -> None:
    """Trains, or plays and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    one = what.add_parser("train")
    one.add_argument("--config", type=Path, default=Path("configs/dispatcher.yaml"), help="default: %(default)s")
    one.add_argument("--generations", type=int, help="at which it stops (default: the configuration's)")
    one.add_argument("--out", type=Path, default=Path("var/dispatcher"), help="folder (default: %(default)s)")
    two = what.add_parser("measure")
    two.add_argument("--weights", type=Path, default=dispatcher.SHIPPED, help="file (default: the shipped ones)")
    two.add_argument("--plants", type=int, default=8, help="default: %(default)s")
    two.add_argument("--from-plant", type=int, default=0, help="number of the first one (default: %(default)s)")
    two.add_argument("--floors", type=int, default=4, help="of each plant and noise (default: %(default)s)")
    two.add_argument("--variations", default="0.1,0.2,0.4", help="coefficients of variation (default: %(default)s)")
    two.add_argument("--orders", type=int, default=125, help="at the start (default: %(default)s)")
    two.add_argument("--machines", type=int, default=38, help="default: %(default)s")
    two.add_argument("--days", type=int, default=10, help="of arrivals and breakdowns (default: %(default)s)")
    two.add_argument("--selection-floors", type=int, default=4, help="to choose the best rule (default: %(default)s)")
    two.add_argument("--training-floors", type=int, default=4, help="of the prices (default: %(default)s)")
    two.add_argument("--generations", type=int, default=20, help="of the prices (default: %(default)s)")
    two.add_argument("--to-come", action="store_true", help="prices are searched with orders to come like the plant's own")
    two.add_argument("--own", action="store_true", help="also prices that were searched with the learned part")
    two.add_argument("--table", action="store_true", help="play nothing, print what has been played")
    two.add_argument("--out", type=Path, default=Path("var/dispatcher-measured"), help="folder (default: %(default)s)")
    args = parser.parse_args()
    if args.what == "train":
        config = read_yaml(args.config)
        assert isinstance(config, dict)
        train(config, args.generations, args.out)
        return
    names = ("orders", "machines", "days", "selection_floors", "training_floors", "generations", "to_come")
    settings = {name: getattr(args, name) for name in names}
    variations = [float(v) for v in args.variations.split(",")]
    weights = dispatcher.read(args.weights)
    numbers = range(args.from_plant, args.from_plant + args.plants)
    if not args.table:
        play_all(numbers, args.floors, variations, settings, weights, args.out, (*WAYS, OWN) if args.own else WAYS)
    rows = kept_rows(args.out / "results.jsonl", settings, weights.sha256)
    print(heading("The dispatcher at free machines of a noisy floor", sys.argv[1:]))
    mine = {k: row for k, row in rows.items() if k[0] in numbers and k[2] < args.floors}
    print(table(mine, variations))


if __name__ == "__main__":
    main()
