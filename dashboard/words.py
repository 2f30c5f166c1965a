"""Numbers, times and reasons in a planner's words. Pure; every page writes them the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from dashboard.aims import aim_words
from scheduler_core.causes import Cause, LateJob, Link, Reason
from scheduler_core.data.records import RunState, StoredSchedule
from scheduler_core.kpis import Kpis
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant

NOTHING: Final = "–"
MINUS: Final = "−"

ENGINE_NAMES: Final[Mapping[str, str]] = {"greedy": "Greedy", "learned": "RL", "exact": "Exact", "manual": "By hand"}
RUN_STATES: Final[Mapping[RunState, str]] = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "running",
    RunState.OK: "done",
    RunState.FAILED: "failed",
    RunState.TIMEOUT: "took too long",
    RunState.CANCELLED: "cancelled",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^@/\"'])")


# ---------------------------------------------------------------- durations and lateness
def hours_minutes(minutes: int) -> str:
    """Duration as h:mm."""
    sign = MINUS if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def signed_days(minutes: int | None) -> str:
    """Lateness as signed days and hours: positive is late."""
    if minutes is None:
        return NOTHING
    sign = "+" if minutes > 0 else MINUS if minutes < 0 else "±"
    days, rest = divmod(abs(minutes), MINUTES_PER_DAY)
    if not days and rest < 60:
        return f"{sign}0:{rest:02d} h"
    return f"{sign}{days} d {rest // 60} h" if days else f"{sign}{rest // 60} h"


def days_hours(minutes: int) -> str:
    """A long duration in days and hours, without sign."""
    return signed_days(abs(minutes)).lstrip("+±")


# ---------------------------------------------------------------- moments, always plant time
def stamp(moment: datetime | None) -> str:
    """Weekday, day, month and time."""
    return NOTHING if moment is None else f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def day(moment: datetime | None) -> str:
    """Weekday, day and month."""
    return NOTHING if moment is None else f"{moment:%a} {moment.day} {moment:%b}"


def due_day(plant: Plant, job: Job) -> str:
    """The customer's date."""
    return NOTHING if job.due is None else day(plant.time_of(job.due))


def age(minutes: int) -> str:
    """How long ago something was."""
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    if minutes < 2 * MINUTES_PER_DAY:
        return f"{minutes // 60} h ago"
    return f"{minutes // MINUTES_PER_DAY} days ago"


# ---------------------------------------------------------------- numbers
def percent(share: float | None, digits: int = 0) -> str:
    """A share from 0 to 1 in percent."""
    return NOTHING if share is None else f"{share * 100:.{digits}f} %"


def number(value: float | None, digits: int = 1) -> str:
    """A number with thousands separated by thin spaces."""
    return NOTHING if value is None else f"{value:,.{digits}f}".replace(",", "\u202f")


def signed_number(value: float, digits: int = 1) -> str:
    """A change, with its sign."""
    text = number(abs(value), digits)
    return f"±{text}" if float(f"{abs(value):.{digits}f}") == 0 else f"{'+' if value > 0 else MINUS}{text}"


def metric_change(value: float, digits: int, unit: str) -> str:
    """A change for ``st.metric``, which knows a fall only by a plain hyphen."""
    return f"{signed_number(value, digits)}{unit}".replace(MINUS, "-")


def count(amount: int, one: str, many: str | None = None) -> str:
    """An amount with its noun."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


# ---------------------------------------------------------------- what no plan can beat
def bound_words(objective: Objective, bound: float, left: Kpis, right: Kpis) -> str:
    """What no plan of the same jobs can be better than, and how much two of them could still gain at most."""
    scale, unit, what = {
        Objective.TARDINESS: (1.0, " d", "have less weighted tardiness than"),
        Objective.ON_TIME: (100.0, " %", "have fewer late jobs than"),
        Objective.MAKESPAN: (1 / 24, " d", "have its last job done before"),
    }.get(objective, (1.0, " points", f"have a lower value for “{aim_words(objective)}” than"))
    gains = [max(0.0, objective_value(objective, kpis) - bound) * scale for kpis in (left, right)]
    said = [f"{number(gain)}{unit}" for gain in gains]
    if round(max(gains), 1) == 0:
        left_to_gain = "neither plan leaves anything to gain"
    else:
        left_to_gain = f"at most {said[0]} can be gained on the left plan, {said[1]} on the right"
    return f"No plan of these jobs can {what} {number(bound * scale)}{unit} (proven): {left_to_gain}."


# ---------------------------------------------------------------- names
def engine_name(engine: str) -> str:
    """The engine's name on the pages."""
    return ENGINE_NAMES.get(engine, engine)


def plan_kind(stored: StoredSchedule) -> str:
    """Engine and what it tried."""
    samples, rule = stored.detail.get("samples"), stored.detail.get("rule")
    if isinstance(samples, int) and samples > 1:
        return f"{engine_name(stored.engine)} (best of {samples})"
    if isinstance(rule, str):
        return f"{engine_name(stored.engine)} ({rule})"
    return engine_name(stored.engine)


def rule_was_best(stored: StoredSchedule) -> str | None:
    """That a dispatching rule's plan was better than each of RL's, where it was."""
    rule = stored.detail.get("winning_rule")
    if not isinstance(rule, str):
        return None
    went_on = "; the search went on from there" if stored.detail.get("moves") else ""
    return f"No RL plan was better than the rule {rule}{went_on}."


def search_gain(points: Sequence[tuple[float, float]]) -> str:
    """First and last value of a search."""
    first, last = points[0][1], points[-1][1]
    share = f" ({percent((first - last) / first, 1)} better)" if first > 0 else ""
    return f"From {number(first, 2)} to {number(last, 2)}{share}"


def plan_name(stored: StoredSchedule, created: datetime, release_number: int | None = None) -> str:
    """A plan's name in a list: engine, what it tried, when (plant time), and its version if it is released."""
    version = f" · released v{release_number}" if release_number is not None else ""
    return f"{plan_kind(stored)} · {created:%d %b %H:%M:%S}{version}"


def job_name(job: Job) -> str:
    """Part before id."""
    return f"{job.product} · {job.id}" if job.product else job.id


def machine_names(plant: Plant, machines: tuple[int, ...]) -> str:
    """Names of the machines that an operation holds."""
    return " + ".join(plant.machine_by_id[m].name for m in machines)


# ---------------------------------------------------------------- reasons
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
        until, shift = stamp(plant.time_of(link.since)), f"; {where} opens again then"
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
        case Reason.MACHINE_BUSY:
            if link.blocker is None:
                return f"{where} is busy until {until}{shift}"
            shared = tuple(m for m in a.machines if m in link.blocker.machines)
            holder = job_name(plant.job_by_id[link.blocker.job])
            return f"{machine_names(plant, shared[:1])} is busy with {holder} until {until}{shift}"
        case Reason.HELD_BACK:
            return (
                f"It could start at {stamp(plant.time_of(link.since))}; "
                f"the plan leaves it {hours_minutes(link.held_back)} open h later"
            )


# ---------------------------------------------------------------- safe text
def escape_markdown(text: str) -> str:
    """Text from the ERP or a person for a place that reads Markdown: every sign that Markdown knows is escaped."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def escape_badge(text: str) -> str:
    """The same for a badge, which escapes square brackets by itself."""
    return escape_markdown(text).replace("\\[", "[").replace("\\]", "]")
