"""Does the validator catch every broken rule, and blame no valid schedule?

    python benchmarks/corruption.py [--schedules 1000] [--ways greedy learned improved exact right_shift]

Schedules of random small plants (tests/random_plants.py: pauses, outages, families, several machines at once, fixed
operations), made in turn by each way: a dispatching rule, the learned engine with one and with a second of improvement, the
exact engine for two seconds, and a repair by right shift. Each is judged as it is: any violation is a false alarm. Then it
is broken in every way of tests/corruption.py that its plant gives occasion for, at one random place each; a corruption is
caught if the rule that it breaks is among those that the validator names.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES, REPAIRS
from scheduler_core.engines.rules import RULES
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.validator import Rule, violations
from tests.corruption import CORRUPTIONS, Corrupt
from tests.random_plants import small_plant

WAYS = ("greedy", "learned", "improved", "exact", "right_shift")
FIRST_SEED = 500_000
IMPROVED_SECONDS, EXACT_SECONDS = 1.0, 2.0


def made(plant: Plant, way: str, number: int) -> Schedule | None:
    """A schedule by the way; None where the plant has none or the way found none in its time."""
    rule = tuple(RULES)[number % len(RULES)]
    by_rule = EngineConfig(rule=rule)
    try:
        if way in REPAIRS:
            start = ENGINES["greedy"](plant, by_rule).schedule
            return REPAIRS[way](plant, EngineConfig(warm_start=start)).schedule
        if way == "greedy":
            return ENGINES["greedy"](plant, by_rule).schedule
        if way == "exact":
            return ENGINES["exact"](plant, EngineConfig(time_limit=EXACT_SECONDS, seed=number)).schedule
        limit = IMPROVED_SECONDS if way == "improved" else None
        return ENGINES["learned"](plant, EngineConfig(time_limit=limit, samples=1, seed=number)).schedule
    except Unschedulable:
        return None


def schedules(count: int, ways: Sequence[str]) -> Iterator[tuple[str, Plant, Schedule]]:
    """So many schedules, by the ways in turn, each of a plant of its own."""
    seed, found = FIRST_SEED, 0
    while found < count:
        seed += 1
        plant, way = small_plant(seed), ways[found % len(ways)]
        schedule = made(plant, way, seed)
        if schedule is not None:
            found += 1
            yield way, plant, schedule


def one_of(corrupt: Corrupt, plant: Plant, schedule: Schedule, chance: Random) -> Schedule | None:
    """A random one of the schedules that a corruption can make, None if it can make none."""
    possible = list(corrupt(plant, schedule))
    return chance.choice(possible) if possible else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--schedules", type=int, default=1000, help="valid schedules (default: %(default)s)")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="ways to make them")
    options = parser.parse_args()
    chance = Random(1)
    judged: Counter[str] = Counter()
    alarms: list[str] = []
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for way, plant, schedule in schedules(options.schedules, options.ways):
        judged[way] += 1
        if faults := violations(plant, schedule):
            alarms.append(f"{way}, {plant.name}: {faults[0].message}")
            continue
        for corrupt, rule in CORRUPTIONS:
            wrong = one_of(corrupt, plant, schedule, chance)
            if wrong is not None:
                tried[corrupt.__name__] += 1
                caught[corrupt.__name__] += rule in {v.rule for v in violations(plant, wrong)}
    print(heading("Broken schedules before the validator", [
        "--schedules", str(options.schedules), "--ways", *options.ways,
    ]))  # fmt: skip
    print(f"{len(alarms)} false alarms on {judged.total()} valid schedules: "
          f"{', '.join(f'{n} by {w}' for w, n in judged.items())}.\n")  # fmt: skip
    for alarm in alarms:
        print(f"- {alarm}")
    table = [
        [f"{rule.number} {rule.value}", corrupt.__name__.replace("_", " "), str(tried[corrupt.__name__]),
         str(caught[corrupt.__name__]), "yes" if 0 < tried[corrupt.__name__] == caught[corrupt.__name__] else "no"]
        for corrupt, rule in CORRUPTIONS
    ]  # fmt: skip
    print(markdown_table(("rule", "what was done", "schedules", "caught under that rule", "all"), table))
    print(
        f"\n{caught.total()} of {tried.total()} corruptions caught; {len({r for _, r in CORRUPTIONS})} of {len(Rule)} rules."
    )


if __name__ == "__main__":
    main()
