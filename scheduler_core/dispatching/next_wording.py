"""What a machine should begin next, in a planner's words."""

from __future__ import annotations

import math
from datetime import datetime

from scheduler_core.dispatching.next_operations import NextOperation, NextOperations, Standing
from scheduler_core.floor.live_scores import LIVE_RULE
from scheduler_core.i18n.local_formats import number_text, stamp_text, time_text
from scheduler_core.i18n.time_wording import day, hours_minutes, job_name, machine_names
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant
from scheduler_core.schedule import Assignment

LONG_SLACK = 100 * 60
"""Working minutes from which a slack is told without its minutes."""


def machine_words(plant: Plant, answer: NextOperations, *, end_unknown: bool = False) -> str:
    """What the machine does now, and from when it can begin something. ``end_unknown``: nobody knows when its downtime
    ends, and plans assume the end that is told."""
    name, running, now = answer.machine.name, answer.running, plant.time_of(answer.now)
    free = None if answer.moment is None else near_stamp(plant.time_of(answer.moment), now)
    if answer.down is not None:
        until = near_stamp(plant.time_of(answer.down.end), now)
        said = _down(name, until, answer.down.reason, end_unknown)
        if running is not None:
            return said + " " + t(
                "Then {operation} continues; its expected end is {end}.",
                operation=_operation(plant, running), end=near_stamp(plant.time_of(running.end), now),
            )  # fmt: skip
        return said if answer.moment == answer.down.end else said + " " + _closed(name, free)
    if running is not None:
        return t(
            "{machine} is busy with {operation}, by the plan until about {end}.",
            machine=name, operation=_operation(plant, running), end=near_stamp(plant.time_of(running.end), now),
        )  # fmt: skip
    return t("{machine} is free.", machine=name) if answer.moment == answer.now else _closed(name, free)


def outcome_words(plant: Plant, answer: NextOperations) -> str | None:
    """What is to be said where nothing is ready; None where something is."""
    if answer.ready:
        return None
    if answer.moment is None:
        return None
    if not answer.later:
        return t("No operation is left for this machine.")
    first = next((one for one in answer.later if one.standing is not Standing.BETTER_ELSEWHERE), None)
    if first is None:
        return t("Nothing for this machine: other free machines suit the ready operations better.")
    comes = t("{job} operation {n}", job=job_name(first.job), n=first.operation.sequence)
    if first.ready is None or answer.moment is None or first.ready <= answer.moment:
        return t("Nothing may begin here. Next comes {operation}.", operation=comes)
    ready = near_stamp(plant.time_of(first.ready), plant.time_of(answer.now))
    return t("Nothing is ready for this machine. Next comes {operation}, about {ready}.", operation=comes, ready=ready)


def rule_words(answer: NextOperations) -> str:
    """Who decides."""
    if answer.rule == LIVE_RULE:
        return t("Order: by prices of machine time, as the plan's search found them, with a learned correction.")
    return t("Sequence: by planned start, on any eligible machine (the plan's search found no prices).")


def score_heading(answer: NextOperations) -> str:
    """What the scores are."""
    return t("Score") if answer.rule == LIVE_RULE else t("Planned for")


def score_words(plant: Plant, answer: NextOperations, one: NextOperation) -> str:
    """The score of a candidate: by prices as a share of the best ready one's, which has 100; else its planned start."""
    if answer.rule != LIVE_RULE:
        return near_stamp(plant.time_of(round(-one.score)), plant.time_of(answer.now))
    best = max(each.score for each in (answer.ready or answer.later))
    return number_text(100 * math.exp(min(5.0, one.score - best)), 0)


def reason_words(plant: Plant, answer: NextOperations, one: NextOperation) -> str:
    """Why a candidate stands where it does."""
    parts = [] if one.standing is Standing.READY else [_why_not(plant, answer, one)]
    parts.append(_place(plant, answer, one))
    if one.standing is Standing.READY and one.ready is not None:
        parts.append(t("ready since {moment}", moment=_since(plant, answer, one.ready)))
    parts.append(_due(plant, one))
    if one.same_family:
        parts.append(t("same setup family as the operation before"))
    if one.setup:
        parts.append(t("setup {time} h", time=hours_minutes(one.setup)))
    if one.job.important:
        parts.append(t("important order"))
    return "; ".join(parts)


def _since(plant: Plant, answer: NextOperations, ready: int) -> str:
    """When something was ready: with its date where the answer holds for another day than today."""
    moment, today = plant.time_of(ready), plant.time_of(answer.now)
    holds = moment if answer.moment is None else plant.time_of(answer.moment)
    return near_stamp(moment, today) if holds.date() == today.date() else stamp_text(moment)


def near_stamp(moment: datetime, now: datetime) -> str:
    """The time of day for a moment of today, else with its date."""
    return time_text(moment) if moment.date() == now.date() else stamp_text(moment)


def _down(name: str, until: str, reason: str, end_unknown: bool) -> str:
    if end_unknown:
        return t("{machine} is down, and its end is not known: plans assume {until}.", machine=name, until=until)
    if reason:
        return t("{machine} is down until {until} ({reason}).", machine=name, until=until, reason=reason)
    return t("{machine} is down until {until}.", machine=name, until=until)


def _why_not(plant: Plant, answer: NextOperations, one: NextOperation) -> str:
    reason = _blocked(plant, answer, one)
    return t("would be first, but {reason}", reason=reason) if one.first_by_score else reason


def _blocked(plant: Plant, answer: NextOperations, one: NextOperation) -> str:
    now = plant.time_of(answer.now)
    match one.standing:
        case Standing.AFTER_OPERATION if one.blocker is not None:
            return t(
                "not ready: waits for operation {n} on {machines} until about {moment}",
                n=one.blocker.sequence, machines=machine_names(plant, one.blocker.machines),
                moment=near_stamp(plant.time_of(one.blocker.end), now),
            )  # fmt: skip
        case Standing.AFTER_OPERATION:
            return t("not ready: waits for an operation that is not in the plan")
        case Standing.NOT_RELEASED:
            return t("not released before {moment}", moment=near_stamp(plant.time_of(one.ready or 0), now))
        case Standing.BETTER_ELSEWHERE:
            return t("better on {machines}, also free then", machines=machine_names(plant, one.elsewhere))
        case Standing.MACHINES_BUSY:
            return t("also needs {machines}, not free soon enough", machines=machine_names(plant, one.elsewhere))
        case Standing.BEFORE_PIN if one.blocker is not None:
            return t(
                "would not end before {operation}, pinned here for {moment}",
                operation=_operation(plant, one.blocker), moment=near_stamp(plant.time_of(one.blocker.start), now),
            )  # fmt: skip
        case _:
            planned = one.start if one.planned is None else one.planned.start
            return t("pinned for {moment}", moment=near_stamp(plant.time_of(planned), now))


def _place(plant: Plant, answer: NextOperations, one: NextOperation) -> str:
    if one.planned is None:
        return t("not in the plan")
    start = near_stamp(plant.time_of(one.planned.start), plant.time_of(answer.now))
    if answer.machine.id not in one.planned.machines:
        return t("planned on {machines} for {moment}", machines=machine_names(plant, one.planned.machines), moment=start)
    if one.number == 1:
        return t("planned first here, {moment}", moment=start)
    if one.number is None:
        return t("planned here for {moment}", moment=start)
    return t("planned here as number {n}, {moment}", n=one.number, moment=start)


def _due(plant: Plant, one: NextOperation) -> str:
    if one.job.due is None or one.slack is None:
        return t("no due date")
    due = day(plant.time_of(one.job.due))
    hours = number_text(abs(one.slack) / 60, 0 if abs(one.slack) >= LONG_SLACK else 1)
    if one.slack < 0:
        return t("due {day}, {hours} h late even without waiting", day=due, hours=hours)
    return t("due {day}, {hours} h of slack", day=due, hours=hours)


def _operation(plant: Plant, a: Assignment) -> str:
    return t("{job} operation {n}", job=job_name(plant.job_by_id[a.job]), n=a.sequence)


def _closed(name: str, opens: str | None) -> str:
    if opens is None:
        return t("{machine} has no working time any more.", machine=name)
    return t("{machine} does not work before {moment}.", machine=name, moment=opens)
