"""Causes in a planner's words: plain text, the same on the pages and in the terminal."""

from __future__ import annotations

from scheduler_core.bounds import JobBound
from scheduler_core.causes.explainer import Cause, LateJob
from scheduler_core.causes.lead_time import LeadTime
from scheduler_core.causes.start_causes import Closure, Link, Reason
from scheduler_core.i18n.time_wording import day, days_hours, hours_minutes, job_name, machine_names, stamp
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant

MOST_WAITS = 3
"""Machines that a lead time names; the waiting for all others is one part."""


def cause_words(plant: Plant, late: LateJob, brief: bool = False) -> str:
    """The one cause of a job's lateness; ``brief`` leaves out who was in the way."""
    long = days_hours(late.minutes)
    match late.cause:
        case Cause.ALREADY_OVERDUE:
            return t("Already {long} overdue when the plan began", long=long)
        case Cause.RELEASED_LATE:
            return t("Material comes only on {moment}", moment=day(plant.time_of(late.job.release)))
        case Cause.TOO_MUCH_WORK:
            return t("Needs {minutes} h of work: late even without waiting", minutes=hours_minutes(late.minutes))
        case Cause.MACHINE:
            wait = late.lead_time.longest_wait
            if wait is None:
                return t("Waited {long} for machines", long=long)
            machine = plant.machine_by_id[wait.machine]
            centre = plant.machine_type_by_id[machine.type].name
            behind = (
                t(", mostly behind {job}", job=job_name(plant.job_by_id[wait.behind])) if wait.behind and not brief else ""
            )
            return t(
                "Waited {duration} of working time for {name} ({centre}){behind}",
                duration=working_time(wait.minutes),
                name=machine.name,
                centre=centre,
                behind=behind,
            )
        case Cause.CLOSED:
            return t("Nights and days off take {long}", long=long)
        case Cause.HELD_BACK:
            return t(
                "The plan holds it back for {duration} of working time although its machine is free",
                duration=working_time(late.minutes),
            )


def link_words(plant: Plant, link: Link) -> str:
    """Why one operation starts when it does."""
    a = link.assignment
    where = machine_names(plant, a.machines)
    until, shift = t("then"), ""
    if link.waits_for_shift:
        until, shift = stamp(plant.time_of(link.since)), f"; {_closed(where, link.closure)}"
    match link.reason:
        case Reason.FIXED:
            return t("It is already running, or fixed at this place")
        case Reason.PLAN_START:
            return t("It starts as soon as {where} is open", where=where)
        case Reason.MATERIAL:
            if not link.waits_for_shift:
                return t("Its material comes then")
            return t("Its material comes at {until}{shift}", until=until, shift=shift)
        case Reason.PREVIOUS_OPERATION:
            before = t("operation {sequence}", sequence=link.blocker.sequence) if link.blocker else t("the operation before")
            return t("Waits for {before} of the same job until {until}{shift}", before=before, until=until, shift=shift)
        case Reason.MACHINE_BUSY | Reason.SIMULTANEOUS_MACHINE:
            busy = where if link.machine is None else machine_names(plant, (link.machine,))
            holder = t(" with {job}", job=job_name(plant.job_by_id[link.blocker.job])) if link.blocker else ""
            together = "" if link.reason is Reason.MACHINE_BUSY else t("; it needs {where} at once", where=where)
            return t(
                "{busy} is busy{holder} until {until}{together}{shift}",
                busy=busy,
                holder=holder,
                until=until,
                together=together,
                shift=shift,
            )
        case Reason.HELD_BACK:
            return t(
                "It could start at {moment}; the plan starts it {held_back} of working time later",
                moment=stamp(plant.time_of(link.since)),
                held_back=working_time(link.held_back),
            )


def setup_words(plant: Plant, link: Link) -> str | None:
    """What a setup at the operation's start adds before it runs; None if there is none."""
    if not link.assignment.setup_minutes:
        return None
    family = plant.job_by_id[link.assignment.job].family
    time = hours_minutes(link.assignment.setup_minutes)
    if family:
        return t("Setup of {setup_minutes} h first, for family {family}", setup_minutes=time, family=family)
    return t("Setup of {setup_minutes} h first", setup_minutes=time)


def lead_time_parts(plant: Plant, lead: LeadTime) -> list[tuple[str, int]]:
    """A job's lead time as named parts that add up; parts of zero are left out."""
    waits = [(t("Waiting for {name}", name=plant.machine_by_id[w.machine].name), w.minutes) for w in lead.waits[:MOST_WAITS]]
    parts = [
        (t("Processing"), lead.processing),
        (t("Setup"), lead.setup),
        *waits,
        (t("Waiting for other machines"), sum(w.minutes for w in lead.waits[MOST_WAITS:])),
        (t("Held back by the plan"), lead.held_back),
        (t("Before its material comes"), lead.released_late),
        (t("Nights, breaks, days off"), lead.closed),
    ]
    return [(name, minutes) for name, minutes in parts if minutes > 0]


def possible_words(plant: Plant, bound: JobBound) -> str:
    """Whether a job could be on time in any plan."""
    earliest = stamp(plant.time_of(bound.completion))
    if bound.job.due is None:
        return t("It has no due date; no plan can finish it before {earliest}", earliest=earliest)
    if bound.can_be_on_time:
        return t("It could be on time: the earliest possible end in any plan is {earliest}", earliest=earliest)
    late = days_hours(bound.minutes_late)
    return t(
        "No plan can finish it on time: the earliest possible end is {earliest}, {late} late",
        earliest=earliest,
        late=late,
    )


def working_time(minutes: int) -> str:
    """A duration of open hours: "178 h 39 min", "39 min" below an hour, "2 h" where no minute is left."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return t("{n} min", n=rest)
    return t("{hours} h {minutes} min", hours=hours, minutes=rest) if rest else t("{n} h", n=hours)


def _closed(where: str, closure: Closure | None) -> str:
    match closure:
        case Closure.BREAK:
            return t("{where} goes on after the break", where=where)
        case Closure.DOWN:
            return t("{where} is down until then", where=where)
        case Closure.NOT_YET_AVAILABLE:
            return t("{where} is available only from then", where=where)
        case _:
            return t("{where} opens again then", where=where)
