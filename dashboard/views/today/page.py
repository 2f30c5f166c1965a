"""Today: how the plan stands against the released one, and the ten worst exceptions, each with its cause."""

from __future__ import annotations

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.components import (
    assumption_answers,
    downtime_dialog,
    fact_dialog,
    late_job,
    open_alerts,
    page_shell,
    plan_facts,
    release_alerts,
    tour,
)
from dashboard.components.order_links import show_links
from dashboard.components.row_selection import select_row, selected_row
from dashboard.loaded_plan import LOAD_DAYS, Plan, moved_next_day, over_the_same_jobs, same_jobs
from dashboard.presentation import charts, difference_words, formatting, job_set_words, safe_text, tables, terms
from dashboard.state import plan_odds
from dashboard.state.loaded import load_plan, load_plan_diff, load_plant
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from dashboard.views.today import at_risk, erp_changes, machine_alarm
from scheduler_core.analysis.plan_diff import JobChangeKind
from scheduler_core.causes import LateJob
from scheduler_core.data.store.records import STANDING, RunState
from scheduler_core.i18n.translate import t, tn
from scheduler_core.roles import Action
from scheduler_core.services.note_words import noted_jobs

MOST_EXCEPTIONS = 10


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    machine_alarm.show(ctx)
    plan_facts.ask_returns(ctx)
    plan_facts.ask_reports(ctx, plan_facts.DOUBTS)
    fact_dialog.show(ctx)
    if ctx.released is not None:
        assumption_answers.show(ctx, ctx.released, only_open=True)
    release_alerts.show(ctx)
    _alarm(ctx)
    open_alerts.show_few(ctx)
    page_shell.need_plans(ctx)
    head, choice, rerun = st.columns([6, 5, 2], vertical_alignment="bottom")
    head.title(t("Today"))
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    again = rerun.button(
        t("Run again"), icon=":material/play_arrow:", shortcut="ctrl+enter", width="stretch", key="rerun",
        help=refusal
        or terms.paragraphs(
            [t("Greedy and RL side by side on the latest jobs, shown on Compare"), terms.engines(("greedy", "learned"))]
        ),
        disabled=refusal is not None,
    )  # fmt: skip
    if again:
        page_shell.start_both(ctx.store, ctx.snapshot.id)
        navigation.go(navigation.COMPARE)
    with choice:
        chosen = choose_plan(ctx, t("Plan"), "plan", ctx.usual, any_plan=True)
    if chosen is None:
        return
    if failed := formatting.fallback_words(chosen):
        st.warning(safe_text.escape_markdown(failed), icon=":material/warning:")
    tour.step(ctx, navigation.TODAY)
    erp_changes.show(ctx)
    plan = load_plan(ctx.store, chosen.id)
    released = load_plan(ctx.store, ctx.release.schedule_id) if ctx.release else None
    _kpis(ctx, plan, released)
    with st.container():  # as around the runs at work, see page_shell.show_runs
        _news(ctx, plan, released)
    plan_facts.line(ctx, chosen)
    with st.container(key="today_body"):
        left, right = st.columns([13, 8], gap="medium")
    with left:
        picked = _exceptions(plan)
    with right:
        if picked is not None and selected_row(_table_key(plan)) is not None:
            # In sight beside the table; all about it stands below.
            show_links(plan.id, picked.job, late_job.telling_operation(plan, picked), "picked", narrow=True)
            st.text(f"{formatting.cause_words(plan.plant, picked)}.")
        _late_hours(plan)
        at_risk.show(ctx, plan)
    if picked is not None:
        with st.container(border=True):
            late_job.show_late_job(ctx, plan, picked)


def _late_hours(plan: Plan) -> None:
    st.subheader(
        t("Which work centres make jobs late?"),
        help=t("Open hours in which late jobs wait for a work centre, and how full it is in the next {days} days. The "
               "first one is the bottleneck.", days=LOAD_DAYS),
    )  # fmt: skip
    if plan.bottleneck is None or not plan.bottleneck.late_waiting:
        st.text(t("None: no late job waits for a busy machine."))
        return
    st.plotly_chart(charts.late_hours_chart(plan.bottlenecks), key="late_hours", config={"displayModeBar": False})


def _alarm(ctx: PlantContext) -> None:
    """That the newest run that came to its end gave no plan, so that what was released stays."""
    runs = ctx.store.runs.newest(snapshot_id=ctx.snapshot.id, limit=10)
    newest = next((r for r in runs if r.state.finished and r.engine != STANDING), None)
    if newest is None or newest.state is not RunState.FAILED:
        return
    stays = t(" Release v{number} stays in force.", number=ctx.release.number) if ctx.release else ""
    st.error(
        t(
            "The last run ({engine}) made no plan: {fail_reason}.{stays}",
            engine=formatting.engine_name(newest.engine),
            fail_reason=safe_text.escape_markdown(newest.fail_reason or newest.message),
            stays=stays,
        ),
        icon=":material/error:",
    )


def _kpis(ctx: PlantContext, plan: Plan, released: Plan | None) -> None:
    columns = st.columns(5)
    before = released if released is not None and released.id != plan.id else None
    against = t("against v{number}", number=ctx.release.number) if before and ctx.release else None
    old, new = over_the_same_jobs(before, plan) if before else (None, plan)
    same = before is None or same_jobs(before, plan)

    def figure(
        place: int, label: str, value: float | None, change: tuple[float | None, float | None], digits: int, unit: str,
        text: str, meaning: str | None = None,
    ) -> None:  # fmt: skip
        was, now = change
        delta = None if before is None or was is None or now is None else formatting.printed_change(was, now, digits)
        columns[place].metric(
            label,
            formatting.NOTHING if value is None else f"{formatting.number(value, digits)}{unit}",
            None if delta is None else formatting.metric_change(delta, digits, unit),
            # Streamlit takes a fall by a hyphen, not by a minus sign: colour and arrow are named.
            delta_color="off" if not delta or not same else "green" if delta < 0 else "red",
            delta_arrow="off" if not delta else "down" if delta < 0 else "up",
            delta_description=against or meaning,
            border=True,
            help=text,
            height="stretch",
        )

    figure(0, t("Late jobs"), len(plan.late_jobs), (len(old.late_jobs) if old else None, len(new.late_jobs)), 0, "",
           t("Jobs whose last operation ends after their due date."))  # fmt: skip
    figure(1, t("Mean days late"), plan.kpis.mean_days_late,
           (old.kpis.mean_days_late if old else None, new.kpis.mean_days_late), 2, t(" d"),
           t("Over all jobs with a due date; a job on time counts 0."))  # fmt: skip
    slow = plan.bottleneck
    name = t("Bottleneck {name}", name=slow.load.machine_type.name) if slow else t("Bottleneck")
    hours = _late_waiting(plan, plan) if slow else None
    figure(
        2, safe_text.escape_markdown(name), hours,
        (_late_waiting(plan, old) if old else None, _late_waiting(plan, new)), 0, t(" h"),
        t(terms.BOTTLENECK), t("late jobs wait for it"),
    )  # fmt: skip
    figure(3, t("Setup"), plan.kpis.setup_hours,
           (old.kpis.setup_hours if old else None, new.kpis.setup_hours), 0, t(" h"),
           t(terms.SETUP))  # fmt: skip
    moved = moved_next_day(before, plan, ctx.now) if before else None
    columns[4].metric(
        t("Next 24 h moved"),
        formatting.percent(moved) if before else formatting.percent(0.0) if released else formatting.NOTHING,
        delta_description=against
        if before
        else t("This is the released plan")
        if released
        else t("Nothing is released yet"),
        border=True,
        help=difference_words.moved_next_day_help(),
        height="stretch",
    )

    if before is not None and ctx.release is not None:
        number = t("v{number}", number=ctx.release.number)
        if unlike := job_set_words.unlike_changes(before, plan, number, t("this plan")):
            st.caption(unlike)


def _late_waiting(shown: Plan, plan: Plan) -> float | None:
    """Hours that late jobs of ``plan`` wait for the bottleneck of the plan that is shown."""
    if shown.bottleneck is None:
        return None
    centre = shown.bottleneck.load.machine_type.id
    return sum(b.late_waiting for b in plan.bottlenecks if b.load.machine_type.id == centre) / 60


def _news(ctx: PlantContext, plan: Plan, released: Plan | None) -> None:
    """What changed overnight, in one line, beside the button that records a machine as down."""
    news, down_cell = st.columns([6, 1.6], vertical_alignment="center")
    with news.container():  # as around the runs at work, see page_shell.show_runs
        _news_line(ctx, plan, released)
    with down_cell:  # outside the fragment: the question that it opens is drawn by the page
        downtime_dialog.offer(ctx)


@st.fragment(run_every=machine_alarm.TICK_SECONDS)  # it names the machines that the alarm above names
def _news_line(ctx: PlantContext, plan: Plan, released: Plan | None) -> None:
    parts = []
    down = [m.name for m in machine_alarm.look(ctx).down]
    amount = tn("{n} machine", "{n} machines", len(down))
    parts.append(
        t("{down} down ({names})", down=amount, names=", ".join(down[:5])) if down else t("{down} down", down=amount)
    )
    if released is not None and released.id != plan.id:
        found = load_plan_diff(ctx.store, released.id, plan.id)
        parts.append(t("{new} since the release", new=tn("{n} new job", "{n} new jobs", found.count(JobChangeKind.NEW))))
        parts.append(
            t(
                "{became_late} became late, {recovered} recovered",
                became_late=found.count(JobChangeKind.BECAME_LATE),
                recovered=found.count(JobChangeKind.RECOVERED),
            )
        )
    if (known := plan_odds.look(ctx, plan.id).found) is not None:
        parts.append(t("{orders} at risk", orders=tn("{n} order", "{n} orders", len(at_risk.orders(ctx, plan, known.odds)))))
    quarantined = ctx.snapshot.counts.jobs_quarantined
    parts.append(t("{quarantined} in quarantine", quarantined=tn("{n} job", "{n} jobs", quarantined)))
    if noted := noted_jobs(ctx.store.snapshots.notes(ctx.snapshot.id)):
        parts.append(t("{noted} with notes", noted=tn("{n} job", "{n} jobs", noted)))
    pulled = load_plant(ctx.store, ctx.snapshot.id)
    running = sum(any(o.fixed is not None for o in j.operations) for j in pulled.jobs)
    parts.append(t("{running} running", running=tn("{n} job", "{n} jobs", running)))
    st.text(" · ".join(parts))


def _table_key(plan: Plan) -> str:
    return f"exceptions_{plan.id}"


def _exceptions(plan: Plan) -> LateJob | None:
    worst = plan.late_jobs[:MOST_EXCEPTIONS]
    more = len(plan.late_jobs) - len(worst)
    st.subheader(
        t("Which jobs are late?")
        if not more
        else t("Worst {worst} of {late_jobs} late jobs", worst=len(worst), late_jobs=len(plan.late_jobs))
    )
    if not worst:
        st.success(t("No job is late in this plan."), icon=":material/check_circle:")
        return None
    row = select_row(
        tables.exceptions_frame(plan.plant, worst),
        key=_table_key(plan),
        height="content",
        column_config={"": st.column_config.TextColumn(width=28, help=t("important")),
                       t("Cause"): st.column_config.TextColumn(width="large")},
    )  # fmt: skip
    return worst[row or 0]
