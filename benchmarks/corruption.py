"""Does the validator catch every broken rule, and blame no valid schedule?

    python benchmarks/corruption.py [--schedules 1000] [--ways greedy learned improved exact right_shift]
        [--log FILE] [--print]

Schedules of random small plants (tests/support/random_plants.py: pauses, outages, families, several machines at once, fixed
operations), made in turn by each way: a dispatching rule, the learned engine with one and with a second of improvement, the
exact engine for two seconds, and a repair by right shift. Each is judged as it is: any violation is a false alarm. Then it
is broken in every way of tests/support/corruptions.py that its plant gives occasion for, at one random place each; a
corruption is caught if the rule that it breaks is among those that the validator names.

Results go to a JSON-lines file as they come. A run that was stopped goes on there; --print only prints what it holds.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import records
from report import ROOT, commit, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES, REPAIRS
from scheduler_core.engines.rules import RULES
from scheduler_core.errors import Unschedulable
from scheduler_core.judge.validator import Rule, violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from tests.support.corruptions import CORRUPTIONS, Corrupt
from tests.support.random_plants import small_plant

METHODS = ("greedy", "learned", "improved", "exact", "right_shift")
FIRST_SEED = 500_000
IMPROVED_SECONDS, EXACT_SECONDS = 1.0, 2.0


@dataclass(frozen=True)
class Judged:
    """What became of one plant. planned: the way has found a schedule. alarm: what the valid schedule was blamed for, "" if
    nothing. caught: of each corruption that the plant gave occasion for, whether the validator named its rule.
    """

    seed: int
    method: str
    planned: bool
    alarm: str
    caught: dict[str, bool] = field(default_factory=dict)
    commit: str = ""


def made(plant: Plant, method: str, number: int) -> Schedule | None:
    """A schedule by the way; None where the plant has none or the way found none in its time."""
    rule = tuple(RULES)[number % len(RULES)]
    by_rule = EngineConfig(rule=rule)
    try:
        if method in REPAIRS:
            start = ENGINES["greedy"](plant, by_rule).schedule
            return REPAIRS[method](plant, EngineConfig(warm_start=start)).schedule
        if method == "greedy":
            return ENGINES["greedy"](plant, by_rule).schedule
        if method == "exact":
            return ENGINES["exact"](plant, EngineConfig(time_limit=EXACT_SECONDS, seed=number)).schedule
        limit = IMPROVED_SECONDS if method == "improved" else None
        return ENGINES["learned"](plant, EngineConfig(time_limit=limit, samples=1, seed=number)).schedule
    except Unschedulable:
        return None


def one_of(corrupt: Corrupt, plant: Plant, schedule: Schedule, chance: Random) -> Schedule | None:
    """A random one of the schedules that a corruption can make, None if it can make none."""
    possible = list(corrupt(plant, schedule))
    return chance.choice(possible) if possible else None


def judge(seed: int, method: str, at: str) -> Judged:
    """Makes the plant's schedule, judges it, breaks it and judges it again."""
    plant = small_plant(seed)
    schedule = made(plant, method, seed)
    if schedule is None:
        return Judged(seed, method, False, "", {}, at)
    if faults := violations(plant, schedule):
        return Judged(seed, method, True, faults[0].message, {}, at)
    caught, chance = {}, Random(seed)
    for corrupt, rule in CORRUPTIONS:
        wrong = one_of(corrupt, plant, schedule, chance)
        if wrong is not None:
            caught[corrupt.__name__] = rule in {v.rule for v in violations(plant, wrong)}
    return Judged(seed, method, True, "", caught, at)


def study(count: int, methods: Sequence[str], found: Callable[[int, str], Judged | None]) -> Iterator[Judged]:
    """What ``found`` knows of the seeds from the first on until so many schedules are judged, each of a plant of its own, by
    the ways in turn; it ends early where ``found`` knows nothing.
    """
    seed, planned = FIRST_SEED, 0
    while planned < count:
        seed += 1
        judged = found(seed, methods[planned % len(methods)])
        if judged is None:
            return
        planned += judged.planned
        yield judged


def run(path: Path, count: int, methods: Sequence[str]) -> None:
    """Judges what the file lacks."""
    done, at = {(r.seed, r.method): r for r in records.read_as(Judged, path)}, commit()

    def found(seed: int, method: str) -> Judged:
        if (seed, method) not in done:
            records.append(path, judged := judge(seed, method, at))
            return judged
        return done[seed, method]

    planned = 0
    for judged in study(count, methods, found):
        planned += judged.planned
        if judged.planned and planned % 50 == 0:
            print(f"{planned} of {count} schedules", file=sys.stderr, flush=True)


def show(kept: Sequence[Judged], wanted: int) -> None:
    """Prints the tables."""
    planned = [r for r in kept if r.planned]
    by_way, without = Counter(r.method for r in planned), Counter(r.method for r in kept if not r.planned)
    alarms = [r for r in planned if r.alarm]
    tried = Counter(name for r in planned for name in r.caught)
    caught = Counter(name for r in planned for name, yes in r.caught.items() if yes)
    print(f"Results were made at {', '.join(sorted({r.commit for r in kept})) or 'no commit yet'}.\n")
    print(f"{len(alarms)} false alarms on {len(planned)} valid schedules ({wanted} wanted): "
          f"{', '.join(f'{n} by {w}' for w, n in by_way.items())}. Plants without a schedule: "
          f"{', '.join(f'{n} by {w}' for w, n in without.items()) or 'none'}.\n")  # fmt: skip
    for r in alarms:
        print(f"- {r.method}, seed {r.seed}: {r.alarm}")
    table = [
        [f"{rule.number} {rule.value}", corrupt.__name__.replace("_", " "), str(tried[corrupt.__name__]),
         str(caught[corrupt.__name__]), "yes" if 0 < tried[corrupt.__name__] == caught[corrupt.__name__] else "no"]
        for corrupt, rule in CORRUPTIONS
    ]  # fmt: skip
    print(markdown_table(("rule", "what was done", "schedules", "caught under that rule", "all"), table))
    print(
        f"\n{caught.total()} of {tried.total()} corruptions caught; {len({r for _, r in CORRUPTIONS})} of {len(Rule)} rules."
    )
    missed = [
        f"{name.replace('_', ' ')}, seed {r.seed} by {r.method}" for r in planned for name, y in r.caught.items() if not y
    ]
    for line in missed[:20]:
        print(f"- missed: {line}")


def main() -> int:
    """Runs what is missing and prints the tables; 1 if there was a false alarm or a corruption was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=1000, help="valid schedules (default: %(default)s)")
    parser.add_argument(
        "--ways", dest="methods", nargs="+", choices=METHODS, default=list(METHODS), help="ways to make them"
    )
    parser.add_argument(
        "--log", type=Path, metavar="FILE", default=Path("runs/corruption.jsonl"), help="(default: %(default)s)"
    )
    parser.add_argument("--print", action="store_true", help="run nothing, print what the file holds")
    options = parser.parse_args()
    if not options.print:
        try:
            run(options.log, options.schedules, options.methods)
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)
    done = {(r.seed, r.method): r for r in records.read_as(Judged, options.log)}
    kept = list(study(options.schedules, options.methods, lambda seed, method: done.get((seed, method))))
    print(heading("Broken schedules before the validator", [
        "--schedules", str(options.schedules), "--ways", *options.methods,
    ]))  # fmt: skip
    show(kept, options.schedules)
    return int(any(r.alarm or not all(r.caught.values()) for r in kept))


if __name__ == "__main__":
    sys.exit(main())
