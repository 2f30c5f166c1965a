"""Causes in a planner's words: plain text, the same on the pages and in the terminal."""

from __future__ import annotations

from scheduler_core.bounds import JobBound
from scheduler_core.plant import Plant
from scheduler_core.why.explainer import Cause, LateJob
from scheduler_core.why.lead_time import LeadTime
from scheduler_core.why.starts import Closure, Link, Reason
from scheduler_core.words import day, days_hours, hours_minutes, job_name, machine_names, stamp

MOST_WAITS = 3
"""Machines that a lead time names; the waiting for all others is one part."""


def cause_words(plant: Plant, late: LateJob, brief: bool = False) -> str:
    """The one cause of a job's lateness; ``brief`` leaves out who was in the way."""
    long = days_hours(late.minutes)
    match late.cause:
        case Cause.ALREADY_OVERDUE:
            return f"Already {long} overdue when the plan began"
        case Cause.RELEASED_LATE:
            return f"Material comes only on {day(plant.time_of(late.job.release))}"
        case Cause.TOO_MUCH_WORK:
            return f"Needs {hours_minutes(late.minutes)} h of work: late even if it never waited"
        case Cause.MACHINE:
            wait = late.lead_time.longest_wait
            if wait is None:
                return f"Waits {long} for machines"
            machine = plant.machine_by_id[wait.machine]
            centre = plant.machine_type_by_id[machine.type].name
            behind = f", mostly behind {job_name(plant.job_by_id[wait.behind])}" if wait.behind and not brief else ""
            return f"Waits {hours_minutes(wait.minutes)} open h for {machine.name} ({centre}){behind}"
        case Cause.CLOSED:
            return f"Nights and days off take {long}"
        case Cause.HELD_BACK:
            return f"The plan holds it back for {hours_minutes(late.minutes)} open h although its machine is free"


def link_words(plant: Plant, link: Link) -> str:
    """Why one operation starts when it does."""
    a = link.assignment
    where = machine_names(plant, a.machines)
    until, shift = "then", ""
    if link.waits_for_shift:
        until, shift = stamp(plant.time_of(link.since)), f"; {_closed(where, link.closure)}"
    match link.reason:
        case Reason.FIXED:
            return "It already runs, or was fixed there"
        case Reason.PLAN_START:
            return f"It starts as soon as {where} is open"
        case Reason.MATERIAL:
            return f"Its material comes {'then' if until == 'then' else f'at {until}'}{shift}"
        case Reason.PREVIOUS_OPERATION:
            before = f"operation {link.blocker.sequence}" if link.blocker else "the operation before"
            return f"Waits for {before} of the same job until {until}{shift}"
        case Reason.MACHINE_BUSY | Reason.SIMULTANEOUS_MACHINE:
            busy = where if link.machine is None else machine_names(plant, (link.machine,))
            holder = f" with {job_name(plant.job_by_id[link.blocker.job])}" if link.blocker else ""
            together = "" if link.reason is Reason.MACHINE_BUSY else f"; it needs {where} at once"
            return f"{busy} is busy{holder} until {until}{together}{shift}"
        case Reason.HELD_BACK:
            return (
                f"It could start at {stamp(plant.time_of(link.since))}; "
                f"the plan leaves it {hours_minutes(link.held_back)} open h later"
            )


def setup_words(plant: Plant, link: Link) -> str | None:
    """What a setup at the operation's start adds before it runs; None if there is none."""
    if not link.assignment.setup_minutes:
        return None
    family = plant.job_by_id[link.assignment.job].family
    return f"Setup of {hours_minutes(link.assignment.setup_minutes)} h first" + (f", for family {family}" if family else "")


def lead_time_parts(plant: Plant, lead: LeadTime) -> list[tuple[str, int]]:
    """A job's lead time as named parts that add up; parts of zero are left out."""
    waits = [(f"Waiting for {plant.machine_by_id[w.machine].name}", w.minutes) for w in lead.waits[:MOST_WAITS]]
    parts = [
        ("Processing", lead.processing),
        ("Setup", lead.setup),
        *waits,
        ("Waiting for other machines", sum(w.minutes for w in lead.waits[MOST_WAITS:])),
        ("Held back by the plan", lead.held_back),
        ("Before its material comes", lead.released_late),
        ("Nights, breaks, days off", lead.closed),
    ]
    return [(name, minutes) for name, minutes in parts if minutes > 0]


def possible_words(plant: Plant, bound: JobBound) -> str:
    """Whether a job could be on time in any plan."""
    earliest = stamp(plant.time_of(bound.completion))
    if bound.job.due is None:
        return f"It has no due date; no plan can finish it before {earliest}"
    if bound.can_be_on_time:
        return f"It could be on time: the earliest that any plan could finish it is {earliest}"
    late = days_hours(bound.minutes_late)
    return f"No plan can have it on time: the earliest that any could finish it is {earliest}, {late} late"


def _closed(where: str, closure: Closure | None) -> str:
    match closure:
        case Closure.BREAK:
            return f"{where} goes on after the break"
        case Closure.DOWN:
            return f"{where} is down until then"
        case Closure.NOT_YET_AVAILABLE:
            return f"{where} is available only from then"
        case _:
            return f"{where} opens again then"
