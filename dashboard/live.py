"""Today's view of the ERP as it is now: what happened since the released plan's jobs were pulled, and replanning for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import frame, words
from dashboard.runs import ACTIVE
from dashboard.session import Situation, load_plan, load_plant, utc_now
from dashboard.watching import Sight, poll_seconds, watcher
from scheduler_core.data.records import Source
from scheduler_core.plant import Job, Plant
from scheduler_core.plant_changes import PlantChanges, changes

TICK_SECONDS = 5.0
"""How often the page looks at what the watcher knows, which costs nothing."""
COLUMNS = ("What", "Part", "Job", "Op", "Detail")


def show(here: Situation) -> None:
    """Draw it; a plan from a file has no ERP behind it."""
    seconds = poll_seconds()
    if here.snapshot.source is not Source.FILE and seconds:
        _panel(here, seconds)


@st.fragment(run_every=TICK_SECONDS)
def _panel(here: Situation, seconds: int) -> None:
    sight = watcher().see(here.snapshot, utc_now(), seconds)
    found, plant = _changes(here, sight)
    st.caption(words.escape_markdown(_age(here, sight)))
    since = f"release v{here.release.number}" if here.release else "the pull"
    if sight.plant is not None:
        text, button = st.columns([5, 1], vertical_alignment="center")
        text.warning(f"The ERP has changed: {words.count(found.count, 'thing')} since {since}.")
        busy = bool(here.store.runs(states=ACTIVE, limit=1))
        if button.button(
            "Replan around them", key="replan", type="primary", width="stretch", disabled=busy,
            help="Pull the jobs and make two plans; what has begun stays where it is.",
        ):  # fmt: skip
            snapshot_id = frame.pull_jobs(here.store, "token_replan")
            if snapshot_id is not None:
                frame.start_both(here.store, snapshot_id)
                st.rerun(scope="app")
    if found.count:
        with st.expander(f"What changed since {since} ({found.count})"):
            rows = changes_frame(found, plant)
            st.dataframe(rows, hide_index=True, height=240)
            frame.download(rows, "changes", "changes_xlsx")


def _changes(here: Situation, sight: Sight) -> tuple[PlantChanges, Plant]:
    current = load_plant(here.store, here.snapshot.id)
    after = sight.plant or current
    if here.release is None:
        return changes(current, after, None, here.now), after
    released = load_plan(here.store, here.release.schedule_id)
    return changes(released.plant, after, released.schedule, here.now), after


def _age(here: Situation, sight: Sight) -> str:
    seen = None if sight.seen_at is None else int((utc_now() - sight.seen_at).total_seconds() // 60)
    last = "not looked at yet" if seen is None else f"last seen {words.age(seen)}"
    if sight.failure is not None:
        return f"ERP out of reach, {last}; jobs pulled {words.age(here.snapshot.age_minutes(utc_now()))}: {sight.failure}"
    state = "" if seen is None else "; unchanged since the pull" if sight.plant is None else "; changed since the pull"
    return f"ERP {last}{state}."


def changes_frame(found: PlantChanges, plant: Plant) -> pd.DataFrame:
    """A row per change, what is overdue first."""
    return pd.DataFrame(list(_rows(found, plant)), columns=list(COLUMNS))


def _rows(found: PlantChanges, plant: Plant) -> Iterator[tuple[str, str, str, int | None, str]]:
    def row(what: str, job: Job, op: int | None = None, detail: str = "") -> tuple[str, str, str, int | None, str]:
        return what, job.product or words.NOTHING, job.id, op, detail

    for late in found.overdue:
        detail = f"planned {words.stamp(late.planned)}, {words.hours_minutes(late.minutes)} h ago"
        yield row("not begun", late.job, late.operation.sequence, detail)
    for machine in found.machines:
        until = "" if machine.end is None else f"until {words.stamp(machine.end)}"
        yield f"machine {machine.event.value}", words.NOTHING, words.NOTHING, None, f"{machine.machine.name} {until}".strip()
    for job in found.arrived:
        yield row("job arrived", job, None, f"due {words.due_day(plant, job)}")
    for job in found.gone:
        yield row("job gone", job, None, "finished, closed or in quarantine")
    for fact in found.facts:
        yield row(f"{fact.fact.value} changed", fact.job, None, f"{_value(fact.before)} → {_value(fact.after)}")
    for what, steps in (("begun", found.begun), ("finished", found.finished), ("operation added", found.added)):
        for step in steps:
            yield row(what, step.job, step.operation.sequence, step.operation.process)


def _value(value: object) -> str:
    if value is None:
        return words.NOTHING
    if isinstance(value, datetime):
        return words.stamp(value)
    return ("important" if value else "normal") if isinstance(value, bool) else str(value)
