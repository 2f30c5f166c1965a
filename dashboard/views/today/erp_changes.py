"""Today's view of the ERP as it is now: what happened since the released plan's jobs were pulled, and replanning for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.background.erp_poller import ErpStatus, erp_poller, poll_seconds
from dashboard.components import data_table, page_shell
from dashboard.components.table_height import table_height
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.columns import NUMBER_NAME, Column, frame_of
from dashboard.state import automation, supervision
from dashboard.state.assumptions import assumptions
from dashboard.state.loaded import load_plan, load_plant
from dashboard.state.plant_context import PlantContext, utc_now
from scheduler_core.analysis.shop_floor_changes import JobFact, MachineEvent, ShopFloorChanges, changes
from scheduler_core.data.store.records import Source
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.plant import Job, Plant
from scheduler_core.roles import Action
from scheduler_core.services.assumptions import pull_behind
from scheduler_core.services.pulling import as_kept

TICK_SECONDS = 5.0
"""How often the page looks at what the poller knows, which costs nothing."""
EVENTS: Mapping[MachineEvent, str] = {
    MachineEvent.DOWN: mark("machine down"),
    MachineEvent.BACK: mark("machine back"),
    MachineEvent.OUTAGE: mark("machine outage planned"),
}
FACTS: Mapping[JobFact, str] = {
    JobFact.DUE: mark("due date changed"),
    JobFact.IMPORTANT: mark("importance changed"),
    JobFact.QUANTITY: mark("quantity changed"),
    JobFact.MATERIAL: mark("material date changed"),
}


def show(ctx: PlantContext) -> None:
    """Draw it; a plan from a file has no ERP behind it."""
    seconds = poll_seconds()
    if ctx.snapshot.source is not Source.FILE and seconds:
        with st.container():  # as around the runs at work, see page_shell.show_runs
            _panel(ctx, seconds)


@st.fragment(run_every=TICK_SECONDS)
def _panel(ctx: PlantContext, seconds: int) -> None:
    status = erp_poller().see(ctx.snapshot, utc_now(), seconds)
    found, plant = _changes(ctx, status)
    st.caption(safe_text.escape_markdown(" ".join(filter(None, (_age(ctx, status), automation.next_pull(ctx))))))
    since = t("release v{number}", number=ctx.release.number) if ctx.release else t("the pull")
    if status.plant is not None:
        text, button = st.columns([5, 1], vertical_alignment="center")
        text.warning(change_words(found, since))
        busy = progress.busy() or supervision.any_active(ctx.store)
        refusal = current_user.may_not(ctx.store, Action.PULL)
        if button.button(
            t("Pull and replan"), key="replan", type="primary", width="stretch", disabled=busy or refusal is not None,
            help=refusal or t("Pull the jobs and replan from the plan in force; operations that have begun stay on "
                              "their machines."),
        ):  # fmt: skip
            page_shell.pull_jobs(
                ctx.store, "token_replan", lambda snapshot_id: page_shell.start_replans(ctx.store, snapshot_id)
            )
    if found.count:
        with st.expander(t("What changed since {since} ({count})", since=since, count=found.count)):
            rows = changes_frame(found, plant)
            data_table.show(rows, "erp_changes", height=table_height(len(rows), 240))
            page_shell.download(rows, "changes", "changes_xlsx")


def _changes(ctx: PlantContext, status: ErpStatus) -> tuple[ShopFloorChanges, Plant]:
    current = load_plant(ctx.store, ctx.snapshot.id)
    # The ERP does not know what planners have added and recorded: that is no news.
    after = current if status.plant is None else as_kept(ctx.store, status.plant, ctx.snapshot)
    if ctx.release is None:
        return changes(current, after, None, ctx.now), after
    released = load_plan(ctx.store, ctx.release.schedule_id)
    # What a released what-if assumed has not happened by that: it is no news when the ERP says otherwise.
    before = load_plant(ctx.store, pull_behind(ctx.store, released.info.id))
    found = changes(before, after, released.schedule, ctx.now)
    if not all(one.answer is not None and one.answer.came_true for one in assumptions(ctx.store, released.info.id)):
        return found, after
    # All of it came true: its machines were down, and one that works again is news.
    return replace(found, machines=changes(released.plant, after, None, ctx.now).machines), after


def _age(ctx: PlantContext, status: ErpStatus) -> str:
    seen = None if status.seen_at is None else int((utc_now() - status.seen_at).total_seconds() // 60)
    last = t("not checked yet") if seen is None else t("last seen {seen}", seen=formatting.age(seen))
    if status.failure is not None:
        return t(
            "ERP not reachable, {last}; jobs pulled {age}: {failure}",
            last=last,
            age=formatting.age(ctx.snapshot.age_minutes(utc_now())),
            failure=t(status.failure),
        )
    state = (
        "" if seen is None else t("; unchanged since the pull") if status.plant is None else t("; changed since the pull")
    )
    return t("ERP {last}{state}.", last=last, state=state)


def change_words(found: ShopFloorChanges, since: str) -> str:
    """How many changes, and how many of each kind, what stops work first; ``since``: what they are counted from."""
    told = counted(found)
    if not told:
        return t("The ERP has changed since {since}, but no change affects a plan.", since=since)
    changes = tn("{n} change", "{n} changes", found.count)
    return t("{changes} since {since}: {list}.", changes=changes, since=since, list=", ".join(told))


def counted(found: ShopFloorChanges) -> list[str]:
    """How many changes of each kind, what a planner has to act on first; kinds without any are left out."""
    machines = {event: sum(m.event is event for m in found.machines) for event in MachineEvent}
    facts = {fact: sum(f.fact is fact for f in found.facts) for fact in JobFact}
    amounts = [
        (machines[MachineEvent.DOWN], tn("{n} machine down", "{n} machines down", machines[MachineEvent.DOWN])),
        (machines[MachineEvent.BACK], tn("{n} machine back", "{n} machines back", machines[MachineEvent.BACK])),
        (
            machines[MachineEvent.OUTAGE],
            tn("{n} machine outage planned", "{n} machine outages planned", machines[MachineEvent.OUTAGE]),
        ),
        (
            facts[JobFact.MATERIAL],
            tn("{n} material date changed", "{n} material dates changed", facts[JobFact.MATERIAL]),
        ),
        (facts[JobFact.DUE], tn("{n} due date changed", "{n} due dates changed", facts[JobFact.DUE])),
        (facts[JobFact.QUANTITY], tn("{n} quantity changed", "{n} quantities changed", facts[JobFact.QUANTITY])),
        (facts[JobFact.IMPORTANT], tn("{n} importance changed", "{n} importances changed", facts[JobFact.IMPORTANT])),
        (len(found.overdue), tn("{n} operation not begun", "{n} operations not begun", len(found.overdue))),
        (len(found.arrived), tn("{n} new order", "{n} new orders", len(found.arrived))),
        (len(found.gone), tn("{n} order gone", "{n} orders gone", len(found.gone))),
        (len(found.begun), tn("{n} operation begun", "{n} operations begun", len(found.begun))),
        (len(found.finished), tn("{n} operation finished", "{n} operations finished", len(found.finished))),
        (len(found.added), tn("{n} operation added", "{n} operations added", len(found.added))),
    ]
    return [words for amount, words in amounts if amount]


def changes_frame(found: ShopFloorChanges, plant: Plant) -> pd.DataFrame:
    """A row per change, what is overdue first."""
    columns = [Column(t("What")), Column(t("Part")), Column(t("Job")), Column(t("Op"), NUMBER_NAME), Column(t("Detail"))]
    return frame_of(columns, _rows(found, plant))


def _rows(found: ShopFloorChanges, plant: Plant) -> Iterator[tuple[str, str, str, int | None, str]]:
    def row(what: str, job: Job, op: int | None = None, detail: str = "") -> tuple[str, str, str, int | None, str]:
        return what, job.product or formatting.NOTHING, job.id, op, detail

    for late in found.overdue:
        detail = t(
            "planned {planned}, {minutes} h ago",
            planned=formatting.stamp(late.planned),
            minutes=formatting.hours_minutes(late.minutes),
        )
        yield row(t("not begun"), late.job, late.operation.sequence, detail)
    for machine in found.machines:
        until = "" if machine.end is None else t("until {end}", end=formatting.stamp(machine.end))
        yield (
            t(EVENTS[machine.event]),
            formatting.NOTHING,
            formatting.NOTHING,
            None,
            f"{machine.machine.name} {until}".strip(),
        )
    for job in found.arrived:
        yield row(t("job arrived"), job, None, t("due {due_day}", due_day=formatting.due_day(plant, job)))
    for job in found.gone:
        yield row(t("job gone"), job, None, t("finished, closed or in quarantine"))
    for fact in found.facts:
        yield row(t(FACTS[fact.fact]), fact.job, None, f"{_value(fact.before)} → {_value(fact.after)}")
    for what, steps in ((t("begun"), found.begun), (t("finished"), found.finished), (t("operation added"), found.added)):
        for step in steps:
            yield row(what, step.job, step.operation.sequence, step.operation.process)


def _value(value: object) -> str:
    if value is None:
        return formatting.NOTHING
    if isinstance(value, datetime):
        return formatting.stamp(value)
    return (t("important") if value else t("normal")) if isinstance(value, bool) else str(value)
