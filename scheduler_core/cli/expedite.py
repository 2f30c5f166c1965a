"""``shopwright expedite``: one order sooner, and what the other orders pay for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.duration_odds import noise_words, odds_words
from scheduler_core.cli.engine_runs import percentage
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.moves import hours_argument, say_if_foreign
from scheduler_core.cli.plant_sources import FILE_HELP, read_bytes, read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table, write
from scheduler_core.errors import InvalidValue
from scheduler_core.i18n.time_wording import job_name, signed_days, stamp
from scheduler_core.interchange import schedule_from_json, schedule_to_json, snapshot_sha256, snapshot_to_json
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import Plant
from scheduler_core.scenarios.expedite_document import expedite_document
from scheduler_core.schedule import Schedule

if TYPE_CHECKING:
    from scheduler_core.floor.odds_change import OddsChange
    from scheduler_core.scenarios.expedite import ExpediteCurve, Payer, Point

ENGINE = "expedite"
"""What a schedule file names as its maker."""
SHOWN = 5
"""Paying orders that are printed for each point at most."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("snapshot", metavar="SNAPSHOT", type=Path, help=FILE_HELP)
    parser.add_argument("schedule", metavar="PLAN", type=Path, help="the current plan (JSON)")
    parser.add_argument("job", metavar="JOB", help="the order's id; a rush order must be in --changes")
    parser.add_argument(
        "--changes", type=Path, metavar="FILE", help="changes to apply first, such as a rush order (JSON, changes/1)"
    )
    parser.add_argument(
        "--frozen-hours",
        type=hours_argument,
        default=0.0,
        metavar="H",
        help="operations that start within H hours of plan_start stay",
    )
    parser.add_argument("--tolerance-hours", type=hours_argument, default=0.0, metavar="H",
                        help="delay in hours that costs nothing for orders that are already late (default: 0)")  # fmt: skip
    parser.add_argument("--variation", type=percentage, default=0.2, metavar="P",
                        help="for the odds: standard deviation of durations in %% of their mean (default: 20)")  # fmt: skip
    parser.add_argument(
        "--point", type=int, metavar="N", help="the point whose plan --out writes (default: the last, with the least harm)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the plan of one point")
    parser.add_argument("--changed", type=Path, metavar="FILE", help="write the changed snapshot of these plans")
    parser.add_argument("--json", action="store_true", help="print the curve as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Finds the plans and prints what each costs the others."""
    from scheduler_core.scenarios.changes_file import changes_from_json
    from scheduler_core.scenarios.expedite import expedite
    from scheduler_core.services.what_if import changed_plant

    plant = read_file(args.snapshot, terminal).plant
    current = schedule_from_json(read_bytes(args.schedule), plant, str(args.schedule))
    say_if_foreign(terminal, plant, current, args.schedule)
    changes = () if args.changes is None else changes_from_json(read_bytes(args.changes), plant, str(args.changes))
    changed = changed_plant(plant, current, changes, 0, args.frozen_hours, ())
    if args.job not in changed.job_by_id:
        raise InvalidValue("JOB", args.job, f"is not a job of {plant.name}")
    try:
        curve = expedite(changed, current, args.job, tolerance=round(args.tolerance_hours * 60), progress=terminal.progress)
    finally:
        terminal.clear()
    chosen = _chosen(curve, args.point)
    if args.out is not None:
        found = chosen.schedule
        write(args.out, schedule_to_json(changed, found, ENGINE, measure(changed, found), snapshot_sha256(changed)))
    if args.changed is not None:
        write(args.changed, snapshot_to_json(changed))
    odds = _odds(changed, current, curve, args.variation, terminal)
    if args.json:
        print_json(expedite_document(changed, curve, odds))
    else:
        _print(changed, curve, odds)
    return Exit.DONE


def _odds(
    plant: Plant, plan: Schedule, curve: ExpediteCurve, variation: float, terminal: Terminal
) -> tuple[OddsChange, ...]:
    """What each point does to the odds of the plan, from which an order that it does not know is missing."""
    from scheduler_core.floor.noise import DurationNoise
    from scheduler_core.floor.order_odds import AssumedNoise
    from scheduler_core.services.odds_changes import odds_changes

    assumed = AssumedNoise(DurationNoise(variation))
    changed = [(plant, point.schedule) for point in curve.points]
    try:
        return odds_changes(plant, plan, changed, curve.job.id, assumed, progress=terminal.progress)
    finally:
        terminal.clear()


def _chosen(curve: ExpediteCurve, number: int | None) -> Point:
    count = len(curve.points)
    if number is not None and not 1 <= number <= count:
        raise InvalidValue("--point", number, f"is not between 1 and {count}, the points that were found")
    return curve.points[(count if number is None else number) - 1]


def _print(plant: Plant, curve: ExpediteCurve, odds: tuple[OddsChange, ...]) -> None:
    job = curve.job
    print(job_name(job))
    if job.due is not None:
        print(f"wanted by                        {stamp(plant.time_of(job.due))}")
    print(f"not possible before, even alone  {stamp(plant.time_of(curve.bound.completion))}")
    if curve.before is not None:
        print(f"in the plan                      {stamp(plant.time_of(curve.before))}")
    if curve.right_shift is not None:
        print(f"in the first gaps of the plan    {stamp(plant.time_of(curve.right_shift))}")
    print(f"earliest with none newly late    {stamp(plant.time_of(curve.none_newly_late.end))}")
    print(f"earliest that harms nobody       {stamp(plant.time_of(curve.least_harm.end))}\n")
    head = ["point", "complete", "late by", "others pay (weighted days)", "orders that pay", "newly late", "later",
            "moved", "moved in 72 h"]  # fmt: skip
    rows = [
        [str(n), stamp(plant.time_of(p.end)), "" if job.due is None else signed_days(p.end - job.due), f"{p.price:.2f}",
         str(len(p.paying)), str(p.newly_late), str(len(p.payers)), str(p.moved), str(p.moved_near)]
        for n, p in enumerate(curve.points, 1)
    ]  # fmt: skip
    print_table([head, *rows])
    for n, point in enumerate(curve.points, 1):
        if point.paying:
            more = len(point.paying) - SHOWN
            tail = f", and {more} more" if more > 0 else ""
            print(f"\npoint {n}: {', '.join(_paid(p) for p in point.paying[:SHOWN])}{tail}")
    print()
    for n, change in enumerate(odds, 1):
        print(f"point {n}: {odds_words(plant, change)}")
    print(noise_words(odds[0]))


def _paid(payer: Payer) -> str:
    late = "newly late by" if payer.newly_late else "later by"
    return f"{payer.job.id} {late} {signed_days(payer.extra).lstrip('+')}"
