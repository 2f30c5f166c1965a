"""``shopwright odds``: how likely each order of a plan is to be on time when durations vary, and when to promise it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.actuals import noise_words
from scheduler_core.cli.engine_runs import at_least_one, percentage, violation_line
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import FILE_HELP, read_bytes, read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.interchange import schedule_file_from_json
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant

if TYPE_CHECKING:
    from scheduler_core.actuals.plant_noise import PlantNoise
    from scheduler_core.floor.order_odds import Odds, OrderOdds


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("snapshot", metavar="PLANT", type=Path, help=FILE_HELP)
    parser.add_argument("schedule", metavar="PLAN", type=Path, help="a schedule (JSON)")
    spread = parser.add_mutually_exclusive_group()
    told = "standard deviation of durations in percent of their mean (default: 20)"
    spread.add_argument("--variation", type=percentage, default=0.2, metavar="P", help=told)
    own = "use the variation of this plant's actual durations of four weeks from the store, if there are enough"
    spread.add_argument("--actuals", action="store_true", help=own)
    parser.add_argument(
        "--runs", type=at_least_one, default=300, metavar="N", help="number of simulation runs (default: 300)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="random seed of the durations (default: 0)")
    parser.add_argument("--json", action="store_true", help="print the odds as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Plays the plan. A schedule that breaks a constraint has no odds: its violations are printed."""
    from scheduler_core.floor.noise import DurationNoise
    from scheduler_core.floor.odds import odds_of
    from scheduler_core.floor.odds_document import odds_document

    plant = read_file(args.snapshot, terminal).plant
    plan = schedule_file_from_json(read_bytes(args.schedule), plant, str(args.schedule)).schedule
    if faults := violations(plant, plan):
        for fault in faults:
            print(violation_line(fault))
        return Exit.VIOLATIONS
    noise = DurationNoise(args.variation)
    words = f"durations with a coefficient of variation of {args.variation:.0%}"
    found = _own_noise(plant) if args.actuals else None
    if found is not None:
        noise, words = found.noise, f"durations: {noise_words(found)}"
    odds = odds_of(plant, plan, noise, args.runs, args.seed)
    if args.json:
        print_json(odds_document(plant, odds, noise.variation, None if found is None else _source(found)))
    else:
        _print(plant, odds, words)
    return Exit.DONE


def _own_noise(plant: Plant) -> PlantNoise:
    """The noise of the plant of this name in the store. A store that is not there is not made."""
    from scheduler_core.actuals.plant_noise import noise_of
    from scheduler_core.data.store import Store, store_stats
    from scheduler_core.services import floor_actuals
    from scheduler_core.settings import locations

    if not store_stats.is_there(locations.database_url()):
        return noise_of(())
    store = Store.open()
    try:
        floor_actuals.bring_up_to_date(store, plant.name)
        return noise_of(floor_actuals.recent(store, plant.name))
    finally:
        store.close()


def _print(plant: Plant, odds: Odds, words: str) -> None:
    print(f"{plant.name}: {odds.runs} runs of the plan, {words}")
    rows = [["", "mean", "P10", "P50", "P90"]]
    for name, spread in (("weighted tardiness, days", odds.tardiness), ("late orders", odds.late)):
        rows.append([name, *(f"{value:.1f}" for value in (spread.mean, spread.p10, spread.p50, spread.p90))])
    print_table(rows)
    print()
    table = [["order", "due", "on time", "planned", "P50", "P80", "P95"]]
    for one in sorted(odds.orders, key=_urgency):
        due = "" if one.due is None else _stamp(plant, one.due)
        chance = "" if one.on_time is None else f"{100 * one.on_time:.0f} of 100"
        ends = (one.planned_end, one.ends.p50, one.ends.p80, one.ends.p95)
        table.append([one.job, due, chance, *(_stamp(plant, minute) for minute in ends)])
    print_table(table)


def _urgency(one: OrderOdds) -> tuple[float, int, str]:
    """The least likely first; orders without due date last."""
    return (2.0 if one.on_time is None else one.on_time, one.due or 0, one.job)


def _stamp(plant: Plant, minute: float) -> str:
    return f"{plant.time_of(int(minute)):%Y-%m-%d %H:%M}"


def _source(own: PlantNoise) -> dict[str, object]:
    """Which noise was used, and from how many operations."""
    return {"fitted": own.is_fitted, "used": own.used, "ended": own.ended, "by_process": dict(own.noise.by_process)}
