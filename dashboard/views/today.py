"""Today: how the plan stands against the released one, and the ten worst exceptions, each with its cause."""

from __future__ import annotations

import streamlit as st

from dashboard import charts, frame, live, navigation, tables, tour, why, words
from dashboard.plans import LOAD_DAYS, Plan, moved_next_day
from dashboard.session import Situation, choose_plan, forget_choices, load_difference, load_plan
from scheduler_core.data.records import RunState
from scheduler_core.difference import JobChangeKind
from scheduler_core.why import LateJob

MOST_EXCEPTIONS = 10


def show() -> None:
    """Draw the page."""
    here = frame.need_situation()
    _alarm(here)
    frame.need_plans(here)
    head, choice, rerun = st.columns([6, 5, 2], vertical_alignment="bottom")
    head.title("Today")
    again = rerun.button(
        "Run again", icon=":material/play_arrow:", shortcut="ctrl+enter", width="stretch", key="rerun",
        help="Greedy and RL side by side on the latest jobs, shown on Compare",
    )  # fmt: skip
    if again:
        frame.start_both(here.store, here.snapshot.id)
        navigation.go(navigation.COMPARE)
    with choice:
        chosen = choose_plan(here, "Plan", "plan", here.proposed, follow=True)
    if chosen is None:
        return
    if failed := words.fallback_words(chosen):
        st.warning(words.escape_markdown(failed), icon=":material/warning:")
    tour.step(here, navigation.TODAY)
    live.show(here)
    plan = load_plan(here.store, chosen.id)
    released = load_plan(here.store, here.release.schedule_id) if here.release else None
    _better(here, plan)
    _kpis(here, plan, released)
    _news(here, plan, released)
    left, right = st.columns([13, 8], gap="medium")
    with left:
        picked = _exceptions(plan)
    with right:
        st.subheader(f"Which work centres are full in the next {LOAD_DAYS} days?")
        st.plotly_chart(charts.load_chart(plan.loads), key="load", config={"displayModeBar": False})
    if picked is not None:
        with st.container(border=True):
            why.show_late_job(plan, picked)


def _alarm(here: Situation) -> None:
    """That the newest run that came to its end gave no plan, so that what was released stays."""
    newest = next((r for r in here.store.runs(snapshot_id=here.snapshot.id, limit=10) if r.state.finished), None)
    if newest is None or newest.state is not RunState.FAILED:
        return
    stays = f" Release v{here.release.number} stays in force." if here.release else ""
    st.error(
        f"The last run ({words.engine_name(newest.engine)}) made no plan: "
        f"{words.escape_markdown(newest.fail_reason or newest.message)}.{stays}",
        icon=":material/error:",
    )


def _better(here: Situation, plan: Plan) -> None:
    """Which plan of these jobs is the best, where another one is shown."""
    best = here.proposed
    if best is None or best.kpis is None or best.id == plan.id or best.snapshot_id != plan.info.id:
        return
    gain = plan.kpis.weighted_tardiness_days - best.kpis.weighted_tardiness_days
    if round(gain, 1) <= 0:
        return
    text, button = st.columns([5, 1], vertical_alignment="center")
    text.info(
        f"{words.escape_markdown(here.name(best))} is better: {words.number(gain)} d less weighted tardiness "
        f"({words.number(best.kpis.weighted_tardiness_days)} d)."
    )
    if button.button("Show it", key="show_better", width="stretch"):
        forget_choices()
        st.rerun()


def _kpis(here: Situation, plan: Plan, released: Plan | None) -> None:
    columns = st.columns(5)
    before = released if released is not None and released.id != plan.id else None
    against = f"against v{here.release.number}" if before and here.release else None

    def figure(place: int, label: str, value: float | None, old: float | None, digits: int, unit: str, text: str) -> None:
        delta = None if before is None or value is None or old is None else value - old
        columns[place].metric(
            label,
            words.NOTHING if value is None else f"{words.number(value, digits)}{unit}",
            None if delta is None else words.metric_change(delta, digits, unit),
            delta_color="off" if delta is None or round(delta, digits) == 0 or place == 2 else "inverse",
            delta_arrow="off" if delta is None or round(delta, digits) == 0 else "auto",
            delta_description=against,
            border=True,
            help=text,
            height="stretch",
        )

    figure(0, "Late jobs", len(plan.late_jobs), len(before.late_jobs) if before else None, 0, "",
           "Jobs whose last operation ends after their due date.")  # fmt: skip
    figure(1, "Mean days late", plan.kpis.mean_days_late, before.kpis.mean_days_late if before else None, 2, " d",
           "Over all jobs with a due date; a job on time counts 0.")  # fmt: skip
    full, old_full = plan.bottleneck, before.bottleneck if before else None
    name = f"Bottleneck {full.machine_type.name}" if full else "Bottleneck"
    figure(2, words.escape_markdown(name), full.utilization * 100 if full else None,
           old_full.utilization * 100 if old_full else None, 0, " %",
           f"Share of its open hours in the next {LOAD_DAYS} days that the fullest work centre is in use.")  # fmt: skip
    figure(3, "Setup", plan.kpis.setup_hours, before.kpis.setup_hours if before else None, 0, " h",
           "All setups of the plan together.")  # fmt: skip
    moved = moved_next_day(before, plan, here.now) if before else None
    columns[4].metric(
        "Next 24 h moved",
        words.percent(moved) if before else "0 %" if released else words.NOTHING,
        delta_description=against if before else "This is the released plan" if released else "Nothing is released yet",
        border=True,
        help="Share of the released plan's next 24 hours of starts that this plan moves to another machine or by more than "
        "15 minutes.",
        height="stretch",
    )


def _news(here: Situation, plan: Plan, released: Plan | None) -> None:
    """What changed overnight, in one line."""
    parts = []
    down = [
        m.name for m in plan.plant.machines if any(d.start <= plan.plant.minute_of(here.now) < d.end for d in m.downtime)
    ]
    parts.append(f"{words.count(len(down), 'machine')} down" + (f" ({', '.join(down[:5])})" if down else ""))
    if released is not None and released.id != plan.id:
        found = load_difference(here.store, released.id, plan.id)
        parts.append(f"{words.count(found.count(JobChangeKind.NEW), 'new job')} since the release")
        parts.append(
            f"{found.count(JobChangeKind.BECAME_LATE)} became late, {found.count(JobChangeKind.RECOVERED)} recovered"
        )
    quarantined = here.snapshot.counts.jobs_quarantined
    parts.append(f"{words.count(quarantined, 'job')} in quarantine")
    running = sum(any(o.fixed is not None for o in j.operations) for j in plan.plant.jobs)
    parts.append(f"{words.count(running, 'job')} running")
    st.text(" · ".join(parts))


def _exceptions(plan: Plan) -> LateJob | None:
    worst = plan.late_jobs[:MOST_EXCEPTIONS]
    more = len(plan.late_jobs) - len(worst)
    st.subheader("Which jobs are late?" if not more else f"Worst {len(worst)} of {len(plan.late_jobs)} late jobs")
    if not worst:
        st.success("No job is late in this plan.", icon=":material/check_circle:")
        return None
    event = st.dataframe(
        tables.exceptions_frame(plan.plant, worst),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"exceptions_{plan.id}",
        height="content",
        column_config={"": st.column_config.TextColumn(width=28, help="important"),
                       "Cause": st.column_config.TextColumn(width="large")},
    )  # fmt: skip
    rows = event["selection"]["rows"]
    return worst[rows[0]] if rows and rows[0] < len(worst) else worst[0]
