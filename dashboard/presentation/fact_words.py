"""Facts of planners in words and as a table, and what one does to late orders. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.presentation import formatting
from dashboard.presentation.columns import DATED_MOMENT, MOMENT, Column, frame_of, moment
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.scenarios.change_wording import change_words
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.floor_changes import Noted
from scheduler_core.scenarios.floor_reports import FloorReport
from scheduler_core.scenarios.week_of_change import changes_hours
from scheduler_core.services.facts import Asks, Doubt, Effect, Fact, Origin, Outcome, Standing

STANDING_WORDS: Final[Mapping[Standing, str]] = {
    Standing.ACTIVE: mark("in force"), Standing.COMING: mark("to come"), Standing.EXPIRED: mark("over"),
    Standing.UNDONE: mark("undone"),
}  # fmt: skip


def said(plant: Plant, fact: Fact) -> str:
    """A fact with its reason, in one line. ``plant``: the one that it is counted from."""
    words = change_words(plant, fact.change, fact.machine_name)
    return words if not fact.reason or fact.reason in words else f"{words} ({fact.reason})"


def note_words(fact: Fact) -> str | None:
    """The text of a note; None for a fact that is none."""
    return fact.change.text if isinstance(fact.change, Noted) else None


def line(plant: Plant, fact: Fact, *, missing: bool = False) -> str:
    """A fact and who says so, for a tooltip; ``missing``: the plan does not know it yet."""
    words = said(plant, fact)
    if fact.recorded_by:
        words = t("{fact}, says {person}", fact=words, person=fact.recorded_by)
    return t("{fact} (not in this plan yet)", fact=words) if missing else words


def is_report(fact: Fact) -> bool:
    """Whether it tells what has happened on the floor."""
    return isinstance(fact.change, FloorReport)


def doubt_words(plant: Plant, doubt: Doubt) -> str:
    """What is asked of a report from the floor."""
    told = {"fact": said(plant, doubt.fact), "person": doubt.fact.recorded_by}
    if doubt.asks is Asks.ENDED and doubt.expected is not None:
        expected = formatting.stamp(doubt.expected)
        return t("Is it finished? {fact}, says {person}. It was expected to end by {expected}.", expected=expected, **told)
    if doubt.asks is Asks.UNCONFIRMED:
        return t("Is it in the ERP? {fact}, says {person}. The ERP has not shown it for a day.", **told)
    return t("Is this still right? {fact}, says {person}. Against it: {reason}.", reason=doubt.reason, **told)


def of_week(plant: Plant, facts: Iterable[Fact], machines: Collection[int], monday: date) -> tuple[Fact, ...]:
    """The facts that change the hours of machines (ids) in the week from ``monday`` on."""
    return tuple(fact for fact in facts if changes_hours(plant, fact.change, machines, monday))


def on_plan(acting: Iterable[Fact], idle: Iterable[Outcome], missing: Iterable[Fact]) -> dict[str, str]:
    """What each fact (id) does to a plan: ``acting``: the plan keeps to it; ``idle``: it does not act, and why; ``missing``:
    it was recorded after the plan was made."""
    found = {fact.id: t("shown there") if isinstance(fact.change, Noted) else t("kept") for fact in acting}
    found |= {one.fact.id: t("no effect: {reason}", reason=one.idle or "") for one in idle}
    return found | {fact.id: t("not in this plan yet") for fact in missing}


def in_force_frame(
    plant: Plant, facts: Sequence[Fact], on_plan: Mapping[str, str], now: datetime, zone: ZoneInfo
) -> pd.DataFrame:
    """A row per fact. ``on_plan``: what each (id) does to the plan on screen, in words; ``zone``: the plant's."""
    columns = [
        Column(t("What")), Column(t("On the plan")), Column(t("Ends"), MOMENT), Column(t("Why")), Column(t("Recorded by")),
        Column(t("State")), Column(t("Begins"), MOMENT), Column(t("Recorded"), DATED_MOMENT),
    ]  # fmt: skip
    return frame_of(
        columns,
        [
            (
                change_words(plant, fact.change, fact.machine_name), on_plan.get(fact.id, formatting.NOTHING), fact.until,
                fact.reason or formatting.NOTHING, fact.recorded_by or formatting.NOTHING,
                t(STANDING_WORDS[fact.standing(now)]), fact.since, moment(fact.recorded_at, zone),
            )
            for fact in facts
        ],
    )  # fmt: skip


def past_frame(plant: Plant, facts: Sequence[Fact], now: datetime, zone: ZoneInfo) -> pd.DataFrame:
    """A row per fact that is over or undone; ``zone``: the plant's."""
    columns = [
        Column(t("What")), Column(t("State")), Column(t("Ended"), MOMENT), Column(t("Undone by")),
        Column(t("Undone because")), Column(t("Why")), Column(t("Recorded by")), Column(t("Recorded"), DATED_MOMENT),
    ]  # fmt: skip
    return frame_of(
        columns,
        [
            (
                change_words(plant, fact.change, fact.machine_name), t(STANDING_WORDS[fact.standing(now)]),
                fact.until if fact.undone_at is None else moment(fact.undone_at, zone), fact.undone_by or formatting.NOTHING,
                fact.undone_reason or formatting.NOTHING,
                fact.reason or formatting.NOTHING, fact.recorded_by or formatting.NOTHING, moment(fact.recorded_at, zone),
            )
            for fact in facts
        ],
    )  # fmt: skip


def origin_words(fact: Fact) -> str | None:
    """Where a fact is kept that was not recorded on the page Facts; None for one that was."""
    if fact.origin is Origin.DOWNTIME:
        return t("Recorded as a machine that is down: change its end on Today.")
    if fact.origin is Origin.PIN:
        return t("An operation pinned on the Gantt.")
    return t("Taken from a what-if.") if fact.scenario_id is not None else None


def effect_sentence(found: Effect) -> str:
    """What a change does to late orders, the sequence on every machine kept."""
    before, after = found.late_before, found.late_after
    days = round(sum(one.before - one.after for one in found.orders) / MINUTES_PER_DAY, 1)
    if before == after:
        orders = tn("As before, {n} order is late.", "As before, {n} orders are late.", after)
    elif after < before:
        orders = tn("{n} order fewer late ({before} → {after}).", "{n} orders fewer late ({before} → {after}).",
                    before - after, before=before, after=after)  # fmt: skip
    else:
        orders = tn("{n} order more late ({before} → {after}).", "{n} orders more late ({before} → {after}).",
                    after - before, before=before, after=after)  # fmt: skip
    amount = formatting.number(abs(days), 1)
    if not days:
        lateness = t("Total lateness stays the same.")
    elif days > 0:
        lateness = t("Total lateness falls by {days} days.", days=amount)
    else:
        lateness = t("Total lateness rises by {days} days.", days=amount)
    return f"{orders} {lateness}"


def effect_orders(found: Effect, most: int = 6) -> str:
    """Which orders become late or are no longer late; empty where none does."""
    late = [one.job for one in found.orders if not one.before and one.after]
    on_time = [one.job for one in found.orders if one.before and not one.after]
    parts = []
    if late:
        parts.append(t("Become late: {orders}.", orders=_names(late, most)))
    if on_time:
        parts.append(t("No longer late: {orders}.", orders=_names(on_time, most)))
    return " ".join(parts)


def changes_list(plant: Plant, changes: Iterable[Change]) -> str:
    """Changes below each other."""
    return "\n".join(f"• {change_words(plant, change)}" for change in changes)


def _names(orders: Iterable[str], most: int) -> str:
    names = list(orders)
    more = len(names) - most
    shown = ", ".join(names[:most])
    return shown if more <= 0 else t("{orders} and {n} more", orders=shown, n=more)
