"""Numbers, times and reasons in a planner's words. Pure; every page writes them the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.analysis.plan_diff import JobChangeKind
from scheduler_core.causes.cause_wording import cause_words as cause_words
from scheduler_core.causes.cause_wording import lead_time_parts as lead_time_parts
from scheduler_core.causes.cause_wording import link_words as link_words
from scheduler_core.causes.cause_wording import possible_words as possible_words
from scheduler_core.causes.fix_wording import fix_words as fix_words
from scheduler_core.causes.fix_wording import others_words as others_words
from scheduler_core.data.database import lacks_right, said_by
from scheduler_core.data.store.records import RunState, StoredSchedule
from scheduler_core.i18n.local_formats import date_field as date_field
from scheduler_core.i18n.local_formats import full_stamp_text as full_stamp_text
from scheduler_core.i18n.local_formats import number_text, percent_text
from scheduler_core.i18n.local_formats import time_text as time_text
from scheduler_core.i18n.local_formats import zone_text as zone_text
from scheduler_core.i18n.time_wording import MINUS as MINUS
from scheduler_core.i18n.time_wording import NOTHING as NOTHING
from scheduler_core.i18n.time_wording import count as count
from scheduler_core.i18n.time_wording import day as day
from scheduler_core.i18n.time_wording import days_hours as days_hours
from scheduler_core.i18n.time_wording import hours_minutes as hours_minutes
from scheduler_core.i18n.time_wording import job_name as job_name
from scheduler_core.i18n.time_wording import machine_names as machine_names
from scheduler_core.i18n.time_wording import signed_days as signed_days
from scheduler_core.i18n.time_wording import stamp as stamp
from scheduler_core.i18n.translate import mark, t, tp
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant
from scheduler_core.reports import Fallback, GreedyReport, LearnedReport

ENGINE_NAMES: Final[Mapping[str, str]] = {
    "greedy": mark("Greedy"), "learned": mark("RL"), "exact": mark("Exact"), "manual": mark("By hand"),
    "right_shift": mark("Keep"), "repair": mark("Calm"), "best": mark("Best"),
    "standing": mark("Standing search"),
}  # fmt: skip
RUN_STATES: Final[Mapping[RunState, str]] = {
    RunState.QUEUED: mark("waiting"),
    RunState.RUNNING: mark("running"),
    RunState.OK: mark("done"),
    RunState.FAILED: mark("failed"),
    RunState.TIMEOUT: mark("took too long"),
    RunState.CANCELLED: mark("cancelled"),
}
STATUS_WORDS: Final[Mapping[JobStatus, str]] = {
    JobStatus.LATE: mark("late"),
    JobStatus.TIGHT: mark("under 24 h"),
    JobStatus.CLOSE: mark("under 72 h"),
    JobStatus.ON_TIME: mark("on time"),
    JobStatus.NO_DUE_DATE: mark("no due date"),
}
CHANGE_WORDS: Final[Mapping[JobChangeKind, str]] = {
    JobChangeKind.BECAME_LATE: mark("became late"),
    JobChangeKind.RECOVERED: mark("recovered"),
    JobChangeKind.LATER: mark("later"),
    JobChangeKind.EARLIER: mark("earlier"),
    JobChangeKind.NEW: mark("new"),
    JobChangeKind.GONE: mark("gone"),
}


# ---------------------------------------------------------------- moments, always plant time
def due_day(plant: Plant, job: Job) -> str:
    """The customer's date."""
    return NOTHING if job.due is None else day(plant.time_of(job.due))


def stamp_at(plant: Plant, minute: int) -> str:
    """A minute of the plan as date and time, with its offset from UTC where the plant's clock shows that time twice."""
    shown, offset = stamp(plant.time_of(minute)), plant.clock.offset(minute)
    return shown if offset is None else f"{shown} ({offset})"


def age(minutes: int) -> str:
    """How long ago something was; what lies more than a minute ahead was noted before the clock was set back."""
    if minutes < -1:
        return t("at an unknown time")
    if minutes < 1:
        return t("just now")
    if minutes < 120:
        return t("{minutes} min ago", minutes=minutes)
    if minutes < 2 * MINUTES_PER_DAY:
        return t("{minutes} h ago", minutes=minutes // 60)
    return t("{minutes} days ago", minutes=minutes // MINUTES_PER_DAY)


def early_or_late(minutes: int | None) -> str:
    """Lateness in words, without a sign that a planner has to interpret: "15 h early", "3 d 18 h late"."""
    if minutes is None:
        return NOTHING
    if minutes == 0:
        return t("on time")
    long = days_hours(minutes)
    return t("{long} late", long=long) if minutes > 0 else t("{long} early", long=long)


# ---------------------------------------------------------------- numbers
def percent(share: float | None, digits: int = 0) -> str:
    """A share from 0 to 1 in percent."""
    return NOTHING if share is None else percent_text(share, digits)


def number(value: float | None, digits: int = 1) -> str:
    """A number with its thousands set apart."""
    return NOTHING if value is None else number_text(value, digits)


def signed_number(value: float, digits: int = 1) -> str:
    """A change, with its sign."""
    text = number(abs(value), digits)
    return f"±{text}" if float(f"{abs(value):.{digits}f}") == 0 else f"{'+' if value > 0 else MINUS}{text}"


def signed_percent(share: float, digits: int = 1) -> str:
    """A relative change, 0.02 as +2.0 %."""
    return tp("percent", "{number} %", number=signed_number(share * 100, digits))


def printed_change(before: float, after: float, digits: int) -> float:
    """The difference of the two values as printed, rounded to ``digits``: 804 and 811 differ by 7."""
    return round(round(after, digits) - round(before, digits), digits)


def metric_change(value: float, digits: int, unit: str) -> str:
    """A change with its unit."""
    return f"{signed_number(value, digits)}{unit}"


# ---------------------------------------------------------------- names
def engine_name(engine: str) -> str:
    """The engine's name on the pages."""
    known = ENGINE_NAMES.get(engine)
    return engine if known is None else t(known)


def run_state(state: RunState) -> str:
    """How a run stands."""
    return t(RUN_STATES[state])


def status_words(status: JobStatus) -> str:
    """A job's status."""
    return t(STATUS_WORDS[status])


def change_words(kind: JobChangeKind) -> str:
    """What became of a job's delivery."""
    return t(CHANGE_WORDS[kind])


def plan_kind(stored: StoredSchedule) -> str:
    """Engine and what it tried; only greedy has a rule in its name."""
    match stored.report:
        case Fallback(failed):
            return t("{engine} instead of {failed}", engine=engine_name(stored.engine), failed=engine_name(failed))
        case LearnedReport(played=played) if played > 0:
            return t("{engine}, robust", engine=engine_name(stored.engine))
        case LearnedReport(samples=samples) if samples > 1:
            return t("{engine} (best of {samples})", engine=engine_name(stored.engine), samples=samples)
        case GreedyReport(rule) if stored.engine == "greedy":
            return f"{engine_name(stored.engine)} ({rule})"
        case _:
            return engine_name(stored.engine)


def fallback_words(stored: StoredSchedule) -> str | None:
    """Which engine's failure the plan stands in for, and why, where it does."""
    if not isinstance(stored.report, Fallback):
        return None
    engine, reason = engine_name(stored.report.engine), stored.report.reason
    return t("{engine} failed ({reason}): this is the greedy fallback's plan.", engine=engine, reason=reason)


def not_by_rollout(stored: StoredSchedule) -> str | None:
    """What made a better plan than each of RL's rollouts, where something did."""
    report = stored.report
    if not isinstance(report, LearnedReport):
        return None
    went_on = t("; the search went on from there") if report.moves else ""
    if report.winning_rule is not None:
        return t("No RL plan was better than the rule {rule}{went_on}.", rule=report.winning_rule, went_on=went_on)
    if report.prices_won:
        return t("Pricing the bottlenecks gave a better plan than RL's own decisions{went_on}.", went_on=went_on)
    return None


def database_gone(failure: Exception) -> str:
    """What a planner is told when the database fails; the failure's own words without its statement."""
    why = said_by(failure)
    if lacks_right(failure):
        return t(
            "Shopwright's database account lacks a right ({why}). No stored data are lost. Ask the operator of the "
            "server: 'shopwright db accounts store_app' prints the rights.",
            why=why,
        )
    return t(
        "The database does not answer ({why}). No stored data are lost, and the last release stays in force. "
        "Reload the page when the database runs again.",
        why=why,
    )
