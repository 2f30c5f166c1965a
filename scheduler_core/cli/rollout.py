"""``shopwright rollout``: the rules by which a new way to plan takes over, on a table of pairs or on stated effects."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.engine_runs import at_least_one
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import read_bytes
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_SHEET_BYTES

if TYPE_CHECKING:
    from scheduler_core.rollout.evidence import DailyDifferences, Interval
    from scheduler_core.settings.rollout_gates import RolloutGates

MOST_ROLLOUTS, MOST_DAYS, MOST_PULLS = 10_000, 1_000, 100
AT_ONCE = 100
"""Rollouts that are played together: more would only take memory."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the two subcommands."""
    asked = parser.add_subparsers(metavar="WHAT", required=True)
    pairs = asked.add_parser("evidence", help="what a table of pairs shows: interval, verdict, smallest effect")
    pairs.add_argument("file", metavar="FILE", type=Path, help="CSV with the columns date, champion, challenger")
    pairs.add_argument("--better", choices=("lower", "higher"), default="lower",
                       help="the direction in which the key figure is better (default: lower)")  # fmt: skip
    pairs.set_defaults(answer=_evidence)
    play = asked.add_parser("simulate", help="play the stages for a stated true effect and spread")
    play.add_argument("--change", type=float, required=True, metavar="P",
                      help="true change of every key figure in percent; above 0 is worse: 5 or -10")  # fmt: skip
    play.add_argument("--spread", type=float, default=5.0, metavar="P",
                      help="standard deviation of a pair's relative difference in percent (default: 5)")  # fmt: skip
    play.add_argument("--violations", type=float, default=0.0, metavar="P",
                      help="percent of the challenger's plans that break a constraint (default: 0)")  # fmt: skip
    play.add_argument("--pulls", type=at_least_one, default=4, metavar="N", help="pulls a day (default: 4)")
    play.add_argument("--days", type=at_least_one, default=240, metavar="N", help="days to play (default: 240)")
    play.add_argument("--rollouts", type=at_least_one, default=200, metavar="N", help="rollouts to play (default: 200)")
    play.add_argument("--seed", type=int, default=0, metavar="S", help="random seed (default: 0)")
    play.set_defaults(answer=_simulate)
    for part in (pairs, play):
        part.add_argument("--config", type=Path, metavar="FILE", help="the gates (default: configs/rollout.yaml)")
        part.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers what was asked. Neither reads the store or changes anything."""
    from scheduler_core.settings.rollout_gates import load_rollout_gates

    return int(args.answer(args, load_rollout_gates(args.config)))


def _evidence(args: argparse.Namespace, settings: RolloutGates) -> int:
    from scheduler_core.rollout.evidence import Better, daily_differences, interval, smallest_effect
    from scheduler_core.rollout.pairs_file import pairs_from_csv

    pairs = pairs_from_csv(read_bytes(args.file, MAX_SHEET_BYTES), str(args.file))
    found = daily_differences(pairs, Better(args.better), settings.cap)
    error = settings.error / len(settings.kpis)
    bounds = interval(found, error)
    spread = float(found.known.std(ddof=1)) if len(found.known) > 1 else None
    effect = None if spread is None else smallest_effect(len(found.days), spread, settings.cap, error)
    answer, reason = _answer(found, bounds, settings)
    if args.json:
        print_json({
            "pairs": found.pairs, "days": len(found.days), "missing": found.missing, "at_cap": found.at_cap,
            "cap": settings.cap, "mean": bounds.mean, "low": bounds.low, "high": bounds.high, "error": error,
            "total": found.total, "spread_of_days": spread, "smallest_effect": effect, "verdict": answer, "reason": reason,
        })  # fmt: skip
        return Exit.DONE
    print_table([
        ["", "challenger against champion; above 0 is worse"],
        ["pairs", f"{found.pairs} on {len(found.days)} days"],
        ["of them with a missing value", f"{found.missing}"],
        [f"of them at the cap of {settings.cap:.0%}", f"{found.at_cap}"],
        ["mean of the days", _percent(bounds.mean)],
        [f"interval ({1 - error:.2%}, for any number of looks)", f"{_percent(bounds.low)} to {_percent(bounds.high)}"],
        ["sums over all pairs", _percent(found.total)],
        ["standard deviation of the days", "not known" if spread is None else f"{spread:.1%}"],
        ["smallest effect that these days show (80 %)", "none below the cap" if effect is None else f"{effect:.1%}"],
        ["verdict", answer],
    ])  # fmt: skip
    print()
    print(reason)
    return Exit.DONE


def _answer(found: DailyDifferences, bounds: Interval, settings: RolloutGates) -> tuple[str, str]:
    """The verdict on this key figure alone, and why; what else a promotion takes is not in the file."""
    last = found.favourable[-1] != found.unfavourable[-1]
    least = settings.stages["shadow"].least_days
    if bounds.low > 0:
        return "worse", "The interval is wholly above 0: a rollout would be rolled back."
    if last or found.missing > settings.most_missing * found.pairs:
        words = "on the last day" if last else f"in more than {settings.most_missing:.0%} of the pairs"
        return "missing data", f"Values are missing {words}: a rollout would be paused."
    if len(found.days) < least:
        return "too few days", f"A promotion from shadow takes {least} days with pairs."
    if bounds.high >= 0:
        return "inconclusive", "The interval contains 0: nothing is shown yet, and a rollout would wait."
    if found.total > 0:
        return (
            "inconclusive",
            "The mean of the days is better, but the sums over all pairs are worse: large days contradict.",
        )
    return "better", "The interval is wholly below 0. A promotion also takes the other gates and two people."


def _simulate(args: argparse.Namespace, settings: RolloutGates) -> int:
    import numpy as np

    from scheduler_core.rollout.draws import drawn_from_values, stated_values, violation_days
    from scheduler_core.rollout.simulation import joined, played
    from scheduler_core.rollout.summary import events

    _check(args)
    rng = np.random.default_rng(args.seed)
    courses = []
    for first in range(0, args.rollouts, AT_ONCE):
        count = min(AT_ONCE, args.rollouts - first)
        shape = (count, args.days, args.pulls)
        values = stated_values(rng, shape, args.change / 100, args.spread / 100, settings)
        broken = violation_days(rng, count, args.days, args.pulls, args.violations / 100)
        courses.append(played(drawn_from_values(*values, broken, settings), settings))
    found = events(joined(courses))
    if args.json:
        print_json({"rollouts": args.rollouts, "days": args.days, "events": [asdict(event) for event in found]})
        return Exit.DONE
    print(f"{args.rollouts} rollouts of {args.days} days with {args.pulls} pulls a day; every promotion at once")
    print_table([
        ["", "rollouts", "median day", "90 % by day"],
        *([e.name, f"{e.share:.1%}", *("" if d is None else f"{d:.0f}" for d in (e.median, e.most))] for e in found),
    ])  # fmt: skip
    return Exit.DONE


def _check(args: argparse.Namespace) -> None:
    for name, value, low, high in (
        ("--change", args.change, -99, 1_000), ("--spread", args.spread, 0, 200), ("--violations", args.violations, 0, 100),
        ("--pulls", args.pulls, 1, MOST_PULLS), ("--days", args.days, 1, MOST_DAYS),
        ("--rollouts", args.rollouts, 1, MOST_ROLLOUTS), ("--seed", args.seed, 0, 2**63 - 1),
    ):  # fmt: skip
        if not (isfinite(value) and low <= value <= high):
            raise InvalidValue(name, value, f"must be from {low} to {high}")


def _percent(value: float | None) -> str:
    return "not known" if value is None else f"{value:+.1%}"
