"""What an experiment on a shop floor claims about a new way to plan, beside the true effect: four designs, measured.

    python benchmarks/interference.py [--plants 30] [--size shop|machine] [--table]

A challenger and a champion decide at every free machine of simulated plants with arrivals, breakdowns and durations that
vary. The *true effect* is the relative change of executed lateness if the challenger runs the whole floor instead of the
champion, with the same events. The designs that try to measure it:

- A/B test by order: half of the orders, drawn, are treated; the challenger's preference chooses among them, the champion's
  among the others, on one shared floor. Where orders of both groups are ready, a treated order begins first, or last, or
  both groups take turns.
- Shadow pairs: the champion runs the floor; at the beginning of each day that the plant works both plan the same snapshot,
  and the lateness of the two plans is compared.
- Switchback: the whole floor alternates between the two in drawn blocks; outcomes count after a burn-in.

The champion is the rule WATC. Challengers: the same rule (A/A), dispatching by prices (better) and the rule ATC, which
ignores the orders' weights (worse). Lateness is counted as weighted days and as days. Results are kept in
--out/results.jsonl and not computed again, so that the study can be stopped and resumed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from interference_blocks import Lateness, Length, Measure, blocks, drawn_pairs, outcomes, play_pairs
from interference_claims import Claim, Comparison, Interval, compared, of_groups, of_pairs, share_seen, smallest_effect
from interference_floor import (
    ApparentTardinessCost,
    MachinePrices,
    Order,
    Preference,
    shared_floor,
    treated_orders,
)
from report import heading, markdown_table

from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.floor.events import Stream, random_stream
from scheduler_core.floor.executions import EXECUTIONS, Guide
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Begun
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.snapshot import snapshot
from scheduler_core.floor.ways import NoisyFloor
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.array_types import Float64, Int64
from scheduler_core.simulator.arrays import NEVER

FIRST_SEED = 8_800
"""Seed of plant 0; nothing was chosen on plants of these seeds but which ways are compared."""
CHAMPION = "rule WATC"
CASES: Mapping[str, str] = {"same": CHAMPION, "better": "prices", "worse": "rule ATC"}
"""Challengers by case."""
OUTCOMES = ("weighted days late", "days late")
SIZES = {"shop": (8, 40), "machine": (1, 20)}
"""(machines, orders at the beginning)"""
FAIR_DRAWS = 3
"""How often the treated orders of a plant are drawn for fair turns between identical ways; for all else once."""
BLOCK_DRAWS = {"same": 20, "better": 3, "worse": 3}
"""How often the blocks of a plant are drawn. Between identical ways they cost nothing: the floor is the same."""
TRUTH_FLOORS = 6
"""Floors of a plant (with real durations of their own) on which the true effect is measured."""
LONG = 6
"""A switchback takes this multiple of the days of the other experiments."""
Settings = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What one experiment saw: mean outcomes under challenger and champion, and the claim that it makes of them."""

    challenger: float
    champion: float
    claim: Claim | None


@dataclass(frozen=True)
class Study:
    """One plant. Groups and blocks are drawn by its number and the number of the draw."""

    number: int
    settings: Settings

    @cached_property
    def floor(self) -> NoisyFloor:
        """The plant with all that happens to it within the days of the experiment."""
        return NoisyFloor(stream_of(self.number, self.settings, self.settings["days"]), self._noise)

    @cached_property
    def long_floor(self) -> NoisyFloor:
        """The same for the switchback, which takes longer."""
        return NoisyFloor(stream_of(self.number, self.settings, self.long_days), self._noise)

    @property
    def long_days(self) -> int:
        """Days of the switchback."""
        return LONG * int(self.settings["days"])

    @property
    def _noise(self) -> DurationNoise:
        return DurationNoise(self.settings["variation"])

    def run(self, floor: NoisyFloor, way: str, seed: int = 0) -> Begun:
        """The whole floor by one way."""
        begun = floor.arrays.nothing_begun()
        EXECUTIONS[way](floor.arrays, floor.truth(seed), Guide(), begun, 0, NEVER)
        return begun

    @cached_property
    def champion(self) -> Begun:
        """The floor that the champion runs alone."""
        return self.run(self.floor, CHAMPION)

    @cached_property
    def long_champion(self) -> Begun:
        """The long one."""
        return self.run(self.long_floor, CHAMPION)

    def truth(self, floor: NoisyFloor) -> dict[str, dict[str, float]]:
        """The true relative changes by case and outcome, over several floors of the plant."""
        totals = {(way, outcome): 0.0 for way in CASES.values() for outcome in OUTCOMES}
        for seed in range(TRUTH_FLOORS):
            for way in CASES.values():
                ends = ends_of(floor.arrays, self.run(floor, way, seed))
                for outcome in OUTCOMES:
                    totals[way, outcome] += float(lateness(floor.arrays, ends, outcome).days.sum())
        return {c: {o: totals[way, o] / totals[CHAMPION, o] - 1.0 for o in OUTCOMES} for c, way in CASES.items()}

    def mixed(self, case: str, order: Order, draw: int) -> tuple[frozenset[str], Schedule]:
        """The treated orders and the floor that both groups share."""
        arrays = self.floor.arrays
        treated = treated_orders(arrays, 1_000 * self.number + draw)
        challenger, champion = preference(CASES[case], arrays), preference(CHAMPION, arrays)
        return treated, shared_floor(arrays, self._noise, 0, treated, challenger, champion, order)

    def by_order(self, case: str, order: Order) -> dict[str, list[Seen]]:
        """A/B tests by order, by outcome."""
        found: dict[str, list[Seen]] = {outcome: [] for outcome in OUTCOMES}
        jobs = self.floor.arrays.plant.jobs
        for draw in range(FAIR_DRAWS if case == "same" and order is Order.FAIR else 1):
            treated, executed = self.mixed(case, order, draw)
            end = dict.fromkeys((job.id for job in jobs), 0)
            for a in executed.assignments:
                end[a.job] = max(end[a.job], a.end)
            mine = np.array([job.id in treated for job in jobs])
            for outcome, seen in found.items():
                days = lateness(self.floor.arrays, np.array([end[job.id] for job in jobs], np.int64), outcome).days
                seen.append(_seen(days[mine], days[~mine], of_groups(days[mine], days[~mine])))
        return found

    def pulls(self) -> list[FloorArrays]:
        """The snapshots of the champion's floor at the beginning of each day that the plant works, with open orders."""
        floor, found = self.floor, []
        executed = floor.arrays.schedule(self.champion)
        for block in blocks(floor.arrays, Length.DAY, self.settings["days"]):
            begun = Schedule(tuple(a for a in executed.assignments if a.start < block.start))
            plant = snapshot(floor.stream, floor.hours, begun, block.start)
            if any(op.fixed is None for job in plant.jobs for op in job.operations):
                found.append(FloorArrays(Stream(plant)))
        return found

    def shadow(self) -> dict[tuple[str, str], Seen]:
        """Planned outcomes of all pulls, by case and outcome."""
        planned: dict[tuple[str, str], list[float]] = {(way, o): [] for way in CASES.values() for o in OUTCOMES}
        for arrays in self.pulls():
            floor = NoisyFloor(arrays.stream, DurationNoise(0.0))
            for way in CASES.values():
                ends = ends_of(floor.arrays, self.run(floor, way))
                for outcome in OUTCOMES:
                    planned[way, outcome].append(float(lateness(floor.arrays, ends, outcome).days.sum()))
        found = {}
        for case, way in CASES.items():
            for outcome in OUTCOMES:
                pair = np.array(planned[way, outcome]), np.array(planned[CHAMPION, outcome])
                found[case, outcome] = _seen(*pair, of_pairs(*pair))
        return found

    def switchback(self, case: str, length: Length) -> dict[tuple[Measure, str], list[Seen]]:
        """Switchbacks with blocks of a length, by measure and outcome."""
        arrays, truth = self.long_floor.arrays, self.long_floor.truth(0)
        found = {(measure, outcome): list[Seen]() for measure in Measure for outcome in OUTCOMES}
        challenger, champion = EXECUTIONS[CASES[case]], EXECUTIONS[CHAMPION]
        for draw in range(BLOCK_DRAWS[case]):
            pairs = drawn_pairs(blocks(arrays, length, self.long_days), 1_000 * self.number + draw)
            same = case == "same"
            begun = self.long_champion if same else play_pairs(arrays, truth, pairs, challenger, champion)
            for (measure, outcome), seen in found.items():
                pair = outcomes(lateness(arrays, ends_of(arrays, begun), outcome), pairs, measure)
                if len(pair[0]):
                    seen.append(_seen(*pair, of_pairs(*pair)))
        return found

    def null_effects(self, measure: Measure, length: Length) -> dict[str, list[float]]:
        """Effects on weighted days late that switchbacks between identical ways show, by the days after which one looks."""
        arrays = self.long_floor.arrays
        late = lateness(arrays, ends_of(arrays, self.long_champion), OUTCOMES[0])
        found: dict[str, list[float]] = {}
        for days in look_days(self.settings):
            stretch = blocks(arrays, length, days)
            for draw in range(BLOCK_DRAWS["same"]):
                over, under = outcomes(late, drawn_pairs(stretch, 1_000 * self.number + draw), measure)
                if len(over) and under.mean():
                    found.setdefault(str(days), []).append(float(over.mean() / under.mean() - 1.0))
        return found

    def row(self) -> Row:
        """All designs on this plant."""
        began, results = time.process_time(), []
        truth, long_truth = self.truth(self.floor), self.truth(self.long_floor)
        alone = {o: lateness(self.floor.arrays, ends_of(self.floor.arrays, self.champion), o).days.mean() for o in OUTCOMES}
        shadow = self.shadow()
        for case in CASES:
            results += [_result(case, o, "shadow pairs", [shadow[case, o]], truth) for o in OUTCOMES]
            for order in Order:
                for outcome, seen in self.by_order(case, order).items():
                    results.append(_result(case, outcome, f"A/B by order, {order}", seen, truth, float(alone[outcome])))
            for length in Length:
                for (measure, outcome), seen in self.switchback(case, length).items():
                    if not seen:
                        continue  # too few days for a pair of blocks
                    results.append(_result(case, outcome, f"switchback, {length}, {measure}", seen, long_truth))
        return {
            "plant": self.number,
            "settings": self.settings,
            "orders": [len(self.floor.arrays.plant.jobs), len(self.long_floor.arrays.plant.jobs)],
            "results": results,
            "null": {f"{length}, {m}": self.null_effects(m, length) for m in Measure for length in Length},
            "cpu_seconds": time.process_time() - began,
        }


def look_days(settings: Settings) -> tuple[int, ...]:
    """Days after which one looks at a switchback: those of the other experiments, twice as many, and all of its own."""
    days = int(settings["days"])
    return days, 2 * days, LONG * days


def lateness(arrays: FloorArrays, ends: Int64, outcome: str) -> Lateness:
    """The orders with the minutes at which they ended [J]; without weights, each counts as one."""
    known = arrays.known
    weight = known.job_weight.astype(np.float64) if outcome == OUTCOMES[0] else np.ones(len(known.job_due))
    return Lateness(known.job_due, ends, weight)


def ends_of(arrays: FloorArrays, begun: Begun) -> Int64:
    """[J] the minutes at which the orders ended."""
    ends: Int64 = begun.end[arrays.known.job_first[1:] - 1]
    return ends


def preference(way: str, arrays: FloorArrays) -> Preference:
    """A way to plan as a preference between candidates."""
    if way == "prices":
        return MachinePrices(arrays)
    return ApparentTardinessCost(arrays, weighted=way == CHAMPION)


def stream_of(number: int, settings: Settings, days: int) -> Stream:
    """A plant and its events, by its number. No operation needs several machines at once."""
    machines, jobs = SIZES[settings["size"]]
    shape = PlantShape(jobs, machines, tightness=0.8, load=12.0, simultaneous_share=0.0)
    events = {"outages_a_day": settings["outages"] * machines, "arrivals": settings["arrivals"]}
    return random_stream(FIRST_SEED + number, shape, days, 0.0, **events)


def _seen(challenger: Float64, champion: Float64, claim: Claim | None) -> Seen:
    return Seen(float(challenger.mean()), float(champion.mean()), claim)


def _result(
    case: str,
    outcome: str,
    design: str,
    seen: Sequence[Seen],
    truth: Mapping[str, Mapping[str, float]],
    unit: float | None = None,
) -> Row:
    """``unit``: what means are divided by; None: the champion's mean of all draws. Where it is 0 no order was late, and the
    design sees no difference."""
    over, under = float(np.mean([s.challenger for s in seen])), float(np.mean([s.champion for s in seen]))
    unit = under if unit is None else unit
    return {
        "case": case,
        "outcome": outcome,
        "design": design,
        "truth": truth[case][outcome],
        "means": [over / unit, under / unit] if unit else [1.0, 1.0],
        "claims": [None if s.claim is None else [s.claim.effect, s.claim.low, s.claim.high] for s in seen],
    }


def kept_rows(path: Path, settings: Settings) -> dict[int, Row]:
    """What has been played with these settings, by plant."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return {row["plant"]: row for row in rows if row["settings"] == settings}


def play_all(plants: int, settings: Settings, folder: Path) -> None:
    """Plays the plants that have not been played yet, and appends them to the folder's results."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / "results.jsonl"
    for number in range(plants):
        if number in kept_rows(results, settings):
            continue
        row = Study(number, settings).row()
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(f"plant {number}: {row['cpu_seconds']:.1f} CPU s", file=sys.stderr, flush=True)


def designs_of(rows: Sequence[Row]) -> list[str]:
    """The designs in the order in which they were played."""
    return list(dict.fromkeys(result["design"] for row in rows for result in row["results"]))


def results_of(rows: Sequence[Row], case: str, outcome: str, design: str) -> list[Row]:
    """One result per plant."""
    wanted = (case, outcome, design)
    return [r for row in rows for r in row["results"] if (r["case"], r["outcome"], r["design"]) == wanted]


def comparison(rows: Sequence[Row], case: str, outcome: str, design: str) -> Comparison:
    """The design's claims beside the true effects of the plants."""
    found = results_of(rows, case, outcome, design)
    over, under = (np.array([r["means"][i] for r in found], np.float64) for i in (0, 1))
    return compared(over, under, np.array([r["truth"] for r in found], np.float64))


def seen_of_truth(rows: Sequence[Row], case: str, outcome: str, design: str) -> Interval | None:
    """The share of the true effect that the design sees; None between identical ways and where no plant has a claim."""
    found: list[tuple[float, float, float]] = []
    for result, null in zip(results_of(rows, case, outcome, design), results_of(rows, "same", outcome, design), strict=True):
        both = [(c[0], n[0]) for c, n in zip(result["claims"], null["claims"], strict=False) if c and n]
        logs = [(np.log1p(c), np.log1p(n)) for c, n in both if min(c, n) > -1.0]
        if logs:
            found.append((*map(float, np.mean(logs, axis=0)), result["truth"]))
    if case == "same" or not found:
        return None
    claims, nulls, truth = np.array(found).T
    return share_seen(claims, nulls, truth)


def claimed(rows: Sequence[Row], case: str, outcome: str, design: str) -> tuple[float, float]:
    """Shares of single experiments whose interval lies wholly below 0 and wholly above 0; one that is too short claims
    nothing."""
    claims = [c for r in results_of(rows, case, outcome, design) for c in r["claims"]]
    below, above = (sum(c is not None and sign * c[i] > 0 for c in claims) for sign, i in ((-1, 2), (1, 1)))
    return below / len(claims), above / len(claims)


def table(rows: Sequence[Row], case: str, outcome: str) -> str:
    """One line per design."""
    lines = []
    for design in designs_of(rows):
        found = comparison(rows, case, outcome, design)
        below, above = claimed(rows, case, outcome, design)
        seen = seen_of_truth(rows, case, outcome, design)
        share = "–" if seen is None else in_percent(seen, signed=False)
        runs = [f"{below:.0%}", f"{above:.0%}"]
        lines.append([design, in_percent(found.claim), in_percent(found.bias), share, *runs])
    titles = ["design", "claimed effect", "claim less truth", "share of the true effect seen", "say better", "say worse"]
    return markdown_table(titles, lines)


def in_percent(value: Interval, signed: bool = True) -> str:
    """A value with its interval in whole percents."""
    sign = "+" if signed else ""
    return f"{value.value:{sign}.0%} ({value.low:{sign}.0%} to {value.high:{sign}.0%})".replace("-0%", "0%").replace(
        "+0%", "0%"
    )


def null_table(rows: Sequence[Row]) -> str:
    """The smallest effect that a switchback can show, by design and days."""
    lines, days_seen = [], look_days(rows[0]["settings"])
    for design in rows[0]["null"]:
        cells = []
        for days in map(str, days_seen):
            effects = [e for row in rows for e in row["null"][design].get(days, ())]
            cells.append(f"{smallest_effect(effects):.0%}" if effects else "–")
        lines.append([f"switchback, {design}", *cells])
    return markdown_table(["design", *(f"{days} days" for days in days_seen)], lines)


def report(rows: Sequence[Row]) -> str:
    """All tables."""
    short, long = np.mean([row["orders"] for row in rows], axis=0)
    parts = [f"{len(rows)} plants, {short:.0f} orders on average, {long:.0f} in switchbacks."]
    for outcome in OUTCOMES:
        for case, way in CASES.items():
            effects = []
            for design in (designs_of(rows)[0], designs_of(rows)[-1]):
                true = np.array([r["truth"] for r in results_of(rows, case, outcome, design)], np.float64)
                effects.append(in_percent(compared(1.0 + true, np.ones_like(true), true).claim))
            effect = f"True effect: {effects[0]}; in switchbacks, which take longer, {effects[1]}."
            parts += [f"## {outcome.capitalize()}: {case} ({way})", effect, table(rows, case, outcome)]
    parts += ["## Smallest effect on the counted outcome that a switchback shows", null_table(rows)]
    cpu = sum(row["cpu_seconds"] for row in rows)
    return "\n\n".join([*parts, f"{cpu:.0f} CPU seconds."])


def main() -> None:
    """Plays and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", type=int, default=30, help="how many (default: %(default)s)")
    parser.add_argument("--size", choices=SIZES, default="shop", help="8 machines or 1 (default: %(default)s)")
    parser.add_argument(
        "--days", type=int, default=28, help="of an experiment; a switchback takes six times as many (default: %(default)s)"
    )
    parser.add_argument(
        "--arrivals", type=float, default=0.9, help="1: as much work as the bottlenecks do (default: %(default)s)"
    )
    parser.add_argument("--variation", type=float, default=0.2, help="of real durations (default: %(default)s)")
    parser.add_argument("--outages", type=float, default=0.007, help="a day and machine (default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="play nothing, print what has been played")
    parser.add_argument("--out", type=Path, default=Path("var/interference"), help="folder (default: %(default)s)")
    args = parser.parse_args()
    settings = {name: getattr(args, name) for name in ("size", "days", "arrivals", "variation", "outages")}
    if not args.table:
        play_all(args.plants, settings, args.out)
    rows = [row for number, row in kept_rows(args.out / "results.jsonl", settings).items() if number < args.plants]
    print(heading("What experiments on a shop floor claim", sys.argv[1:]))
    print(report(rows) if rows else "No plant has been played with these settings yet.")


if __name__ == "__main__":
    main()
