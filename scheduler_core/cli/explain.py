"""``shopwright explain``: why a job of a schedule is where it is, whether it could be on time, and what would fix it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.bounds import JobBound
from scheduler_core.causes import Explainer, LeadTime, Link
from scheduler_core.causes.cause_wording import cause_words, lead_time_parts, link_words, possible_words, setup_words
from scheduler_core.causes.explanation_document import explanation_document, fix_document
from scheduler_core.causes.fix_wording import effect_words, fix_words, others_words
from scheduler_core.causes.fixes import Fix, try_fixes
from scheduler_core.cli.duration_odds import noise_words, odds_words
from scheduler_core.cli.engine_runs import percentage, violation_line
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import FILE_HELP, read_bytes, read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.odds_change_wording import odds_change_document
from scheduler_core.i18n.time_wording import days_hours, hours_minutes, job_name, machine_names, stamp
from scheduler_core.interchange import schedule_file_from_json
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Assignment, Schedule

if TYPE_CHECKING:
    from scheduler_core.floor.odds_change import OddsChange


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("snapshot", metavar="SNAPSHOT", type=Path, help=FILE_HELP)
    parser.add_argument("schedule", metavar="SCHEDULE", type=Path, help="a schedule (JSON)")
    parser.add_argument("job", metavar="JOB", help="a job's id")
    parser.add_argument("--operation", type=int, metavar="N",
                        help="the operation to explain, by its sequence (default: the last)")  # fmt: skip
    parser.add_argument("--no-fixes", action="store_true", help="do not search for fixes")
    parser.add_argument("--variation", type=percentage, default=0.2, metavar="P",
                        help="for the odds: standard deviation of durations in %% of their mean (default: 20)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the explanation as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Explains one job. A schedule that breaks a constraint is not explained: its violations are printed."""
    plant = read_file(args.snapshot, terminal).plant
    raw = read_bytes(args.schedule)
    schedule = schedule_file_from_json(raw, plant, str(args.schedule)).schedule
    job = plant.job_by_id.get(args.job)
    if job is None:
        raise InvalidValue("JOB", args.job, f"is not a job of {plant.name}")
    if faults := violations(plant, schedule):
        for fault in faults:
            print(violation_line(fault))
        return Exit.VIOLATIONS
    why = Explainer(plant, schedule)
    chain = why.chain(_operation(job, schedule, args.operation))
    lead, bound = why.lead_time(job), why.bound(job)
    fixes: tuple[Fix, ...] | None = None
    if not args.no_fixes:
        fixes = try_fixes(plant, schedule, job.id, terminal.progress, why)
        terminal.clear()
    odds = _odds(plant, schedule, job, fixes or (), args.variation, terminal)
    if args.json:
        found = None if fixes is None else [
            fix_document(plant, fix, odds_change_document(change)) for fix, change in zip(fixes, odds, strict=True)
        ]  # fmt: skip
        print_json({**explanation_document(why, lead, bound, chain), "fixes": found})
    else:
        _print(why, lead, bound, chain, fixes, odds)
    return Exit.DONE


def _odds(
    plant: Plant, schedule: Schedule, job: Job, fixes: tuple[Fix, ...], variation: float, terminal: Terminal
) -> tuple[OddsChange, ...]:
    """What each fix does to the odds."""
    if not fixes:
        return ()
    from scheduler_core.floor.noise import DurationNoise
    from scheduler_core.floor.order_odds import AssumedNoise
    from scheduler_core.services.odds_changes import odds_changes

    changed = [(fix.plant, fix.schedule) for fix in fixes]
    assumed = AssumedNoise(DurationNoise(variation))
    found = odds_changes(plant, schedule, changed, job.id, assumed, progress=terminal.progress)
    terminal.clear()
    return found


def _operation(job: Job, schedule: Schedule, sequence: int | None) -> Assignment:
    wanted = job.operations[-1].sequence if sequence is None else sequence
    if all(o.sequence != wanted for o in job.operations):
        known = ", ".join(str(o.sequence) for o in job.operations)
        raise InvalidValue("--operation", wanted, f"is not an operation of job {job.id}, which has {known}")
    return schedule.by_operation[job.id, wanted]


def _print(
    why: Explainer, lead: LeadTime, bound: JobBound, chain: tuple[Link, ...], fixes: tuple[Fix, ...] | None,
    odds: tuple[OddsChange, ...],
) -> None:  # fmt: skip
    plant, job = why.plant, lead.job
    print(f"{job_name(job)}: {_fate(plant, lead)}")
    if late := why.late_job(job):
        print(f"{cause_words(plant, late)}.")
    print(f"{possible_words(plant, bound)}.")
    print(f"\nWhere its time goes, {hours_minutes(lead.total)} h in all:")
    print_table([["", "h:mm", "share"], *(
        [name, hours_minutes(minutes), f"{minutes / lead.total:.0%}"] for name, minutes in lead_time_parts(plant, lead)
    )])  # fmt: skip
    print(f"\nWhy operation {chain[0].assignment.sequence} starts when it does, back to the root cause:")
    for link in chain:
        a = link.assignment
        name = f"{stamp(plant.time_of(a.start))}  {job_name(plant.job_by_id[a.job])} op {a.sequence}"
        waited = f" ({hours_minutes(link.minutes)} h)" if link.minutes and not link.held_back else ""
        setup = f"; {setup_words(plant, link)}" if a.setup_minutes else ""
        print(f"  {name} on {machine_names(plant, a.machines)}: {link_words(plant, link)}{waited}{setup}")
    if fixes is None or (lead.lateness or 0) <= 0:
        return
    print("\nWhat would fix it, tried on this plan:" if fixes else "\nNothing that was tried would help it.")
    for number, (fix, change) in enumerate(zip(fixes, odds, strict=True), 1):
        print(f"  {number}. {fix_words(plant, fix)}")
        print(f"     {effect_words(fix)}")
        if others := others_words(plant, fix):
            print(f"     {others}")
        print(f"     {odds_words(plant, change)}")
    if odds:
        print(f"\n{noise_words(odds[0])}")


def _fate(plant: Plant, lead: LeadTime) -> str:
    done = f"done {stamp(plant.time_of(lead.end))}"
    if lead.lateness is None:
        return f"{done}, no due date"
    if lead.lateness > 0:
        return f"{done}, {days_hours(lead.lateness)} late"
    return f"{done}, on time"
