"""Gantt: a plan by machine or by job; a click tells an operation's times and why it starts when it does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.components import data_table, downtime_dialog, expedite_link, late_job, odds_line, page_shell
from dashboard.gantt import (
    Asked,
    Dropped,
    Errand,
    GanttRequest,
    GanttView,
    Ghosts,
    Picked,
    Whisker,
    show_gantt,
    told,
)  # fmt: skip
from dashboard.loaded_plan import Plan
from dashboard.presentation import actual_words, formatting, frozen_words, odds_words, safe_text, tables
from dashboard.state import floor_actuals, plan_odds
from dashboard.state.address import put_in_address, take_from_address, wrong_link
from dashboard.state.facts import fact_marks
from dashboard.state.loaded import gantt_bytes, load_plan
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from dashboard.views.gantt import export, filters, pins
from dashboard.views.gantt.filters import Filters
from scheduler_core.floor.order_odds import OrderOdds
from scheduler_core.i18n.translate import language, mark, t, tn
from scheduler_core.plant import Job
from scheduler_core.schedule import Assignment

if TYPE_CHECKING:
    from dashboard.views.gantt.manual_edit import Message

VIEWS = {GanttView.MACHINE: mark("By machine"), GanttView.JOB: mark("By job")}


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    page_shell.need_plans(ctx)
    with st.container(key="gantt_head"):
        head, choice, view_cell, filter_cell, export_cell, hand_cell = st.columns(
            [1.6, 4.4, 3, 2, 2, 2.6], vertical_alignment="bottom"
        )
    head.title(t("Gantt"))
    with choice:
        chosen = choose_plan(ctx, t("Plan"), "plan", ctx.usual, any_plan=True)
    if chosen is None:
        return
    plan = load_plan(ctx.store, chosen.id)
    take_from_address("view", "view", [v.value for v in VIEWS])
    st.session_state.setdefault("view", GanttView.MACHINE.value)
    chosen_view = view_cell.segmented_control(
        t("View"), [v.value for v in VIEWS], required=True, format_func=lambda v: t(VIEWS[GanttView(v)]), key="view",
        label_visibility="collapsed",
    )  # fmt: skip
    view = GanttView(chosen_view or GanttView.MACHINE)
    put_in_address("view", view.value)
    with filter_cell:
        shown = filters.ask(plan)
    with export_cell:
        export.ask(plan, view, shown, ctx.name(plan.stored), plan.plant.minute_of(ctx.now))
    editing = hand_cell.toggle(
        t("Change by hand"), key="change_by_hand",
        help=t("Drag operations to another time or, by machine, to another machine"),
    )  # fmt: skip
    if editing:
        _changing(ctx, plan, view, shown)
    else:
        _reading(ctx, plan, view, shown)


def _reading(ctx: PlantContext, plan: Plan, view: GanttView, shown: Filters) -> None:
    selected = _selected(plan)
    # Two columns always, so that the picture keeps its place on the page: the other one has no width before it is needed.
    picture, details = st.columns([7, 2] if selected else [400, 1], gap="small" if selected else None)
    with picture:
        _picture(ctx, plan, plan.id, view, shown, selected)
        _hints(plan)
    if selected is not None:
        with details:
            _details(ctx, plan, selected)
    if selected is not None:
        _why(ctx, plan, selected)
    elif (asked := st.query_params.get("job")) is not None:
        wrong_link(t("this plan has no such operation of job {asked}", asked=asked))


@st.fragment
def _changing(ctx: PlantContext, plan: Plan, view: GanttView, shown: Filters) -> None:
    """The plan as moves by hand leave it, with the places before dashed in. A drop draws only this part of the page anew."""
    from dashboard.views.gantt import manual_edit  # it loads the compiled simulator, which reading a plan does without

    if refused := manual_edit.prepare(plan):
        st.warning(safe_text.escape_markdown(refused), icon=":material/block:")
        return
    draft = manual_edit.draft_of(plan.id)
    changed, facts = manual_edit.load_changed(plan, draft) if draft.moves else (None, None)
    manual_edit.strip(ctx, plan, draft, changed)
    now = changed or plan
    _picture(ctx, now, f"{plan.id} {draft.moves}", view, shown, _selected(now), before=plan, message=manual_edit.said())
    if changed is not None and facts is not None:
        manual_edit.figures(plan, changed, facts)


def _selected(plan: Plan) -> Assignment | None:
    """The operation that the page's address names."""
    job, operation = st.query_params.get("job"), st.query_params.get("op", "")
    if job is None:
        return None
    if operation.isdecimal():
        return plan.schedule.by_operation.get((job, int(operation)))
    known = plan.plant.job_by_id.get(job)
    return plan.schedule.by_operation.get((job, known.operations[0].sequence)) if known else None


def _picture(
    ctx: PlantContext,
    plan: Plan,
    version: str,
    view: GanttView,
    shown: Filters,
    selected: Assignment | None,
    *,
    before: Plan | None = None,
    message: Message | None = None,
) -> None:
    """Draws the plan; a click goes to the page's address. ``version`` names what is drawn. Where it may be changed by hand,
    ``before`` is the plan it began from, whose other places are dashed in, and ``message`` what the last drop did."""
    if selected is not None:
        _put_row(plan.plant.machine_by_id[selected.machines[0]].name)
    row = next((m for m in plan.plant.machines if m.name == st.query_params.get("row")), None)
    said = fact_marks(ctx, plan)
    if said.plant:
        st.caption(safe_text.escape_markdown(t("For the whole plant: {facts}", facts="; ".join(said.plant))))
    chain = tuple(link.assignment.key for link in plan.explainer.chain(selected)) if selected else ()
    request = GanttRequest(
        view=view,
        title=ctx.name(plan.stored),
        now=plan.plant.minute_of(ctx.now),
        selected=selected.key if selected else None,
        chain=chain,
        machine_types=shown.centres,
        statuses=shown.statuses,
        jobs=shown.jobs,
        families=shown.families,
        important=shown.important,
        editable=before is not None,
        menu=True,
        machine=row.id if row and selected is None else None,
        opens_on=_bottleneck(before or plan),
        machine_facts=said.machines,
        job_facts=said.jobs,
        message=message.words if message else "",
        refused=message.refused if message else False,
        told=message.number if message else 0,
        whisker=_whisker(ctx, plan, selected) if selected is not None and before is None else None,
        actuals=floor_actuals.beside(ctx, plan) if before is None else (),
    )
    data = gantt_bytes(
        plan,
        version,
        request,
        language=language(),
        _ghosts=None if before is None else Ghosts(before.schedule, t("position before your change")),
        ghosts_version=None if before is None else before.id,
    )
    asked = show_gantt(data, key="gantt", on_told=lambda: _hear(ctx, before or plan))
    if isinstance(asked, Asked):
        _go(before or plan, asked)
    downtime_dialog.show(ctx)


def _order_odds(ctx: PlantContext, plan: Plan, job: str) -> OrderOdds | None:
    """The odds of an order where they are known."""
    found = plan_odds.look(ctx, plan.id).found
    return None if found is None else found.odds.by_job.get(job)


def _whisker(ctx: PlantContext, plan: Plan, selected: Assignment) -> Whisker | None:
    """Where the picked operation's order is likely to end."""
    one = _order_odds(ctx, plan, selected.job)
    if one is None:
        return None
    p50, p80, p95 = (math.ceil(end) for end in (one.ends.p50, one.ends.p80, one.ends.p95))
    return Whisker(selected.job, p50, p80, p95, odds_words.promise(plan.plant, one))


def _hear(ctx: PlantContext, plan: Plan) -> None:
    """What was clicked, dropped or asked for, before the page is drawn again: one run answers it."""
    heard = told("gantt")
    if isinstance(heard, Picked):
        _pick(plan, heard)
    elif isinstance(heard, Dropped):
        from dashboard.views.gantt import manual_edit

        manual_edit.drop(plan, heard)
    elif isinstance(heard, Asked) and heard.errand in (Errand.UNDO, Errand.REDO):
        from dashboard.views.gantt import manual_edit

        (manual_edit.undo if heard.errand is Errand.UNDO else manual_edit.redo)(plan)
    elif isinstance(heard, Asked) and heard.errand is Errand.DOWN:
        downtime_dialog.ask(ctx, heard.machine)
    elif isinstance(heard, Asked) and heard.errand in (Errand.DETAILS, Errand.PIN):
        _pick(plan, Picked(heard.job, heard.sequence))
        if heard.errand is Errand.PIN:
            st.session_state[pins.ASKED] = (heard.job, heard.sequence)


def _go(plan: Plan, asked: Asked) -> None:
    """The other page that the context menu asks for, with the order or the machine."""
    machine = plan.plant.machine_by_id.get(asked.machine) if asked.machine is not None else None
    if asked.errand is Errand.BREAKDOWN and machine is not None:
        navigation.go(navigation.WHAT_IF, plan=plan.id, what="breakdown", machine=machine.name)
    if asked.errand is Errand.EXPEDITE and asked.job is not None:
        expedite_link.go(plan.id, asked.job)
    if asked.errand is Errand.ORDER and asked.job is not None:
        navigation.go(navigation.JOBS, plan=plan.id, job=asked.job)


def _pick(plan: Plan, picked: Picked) -> None:
    for name in ("job", "op", "row"):
        st.query_params.pop(name, None)
    machine = plan.plant.machine_by_id.get(picked.machine) if picked.machine is not None else None
    if picked.job is not None and picked.sequence is not None:
        st.query_params.update({"job": picked.job, "op": str(picked.sequence)})
    elif machine is not None:
        st.query_params["row"] = machine.name


def _bottleneck(plan: Plan) -> int | None:
    """The work centre (machine type) that the first look begins with. Moves by hand leave it alone."""
    return plan.bottleneck.load.machine_type.id if plan.bottleneck else None


def _put_row(machine: str) -> None:
    """The machine of the selected operation, which B takes along."""
    if st.query_params.get("row") != machine:
        st.query_params["row"] = machine


def _hints(plan: Plan) -> None:
    """One line below the picture: the plan's size, and what to click."""
    counts = t(
        "{machines} machines, {jobs} jobs, {assignments} operations",
        machines=len(plan.plant.machines),
        jobs=len(plan.plant.jobs),
        assignments=formatting.number(len(plan.schedule.assignments), 0),
    )
    late = t("{late_jobs} late", late_jobs=tn("{n} job", "{n} jobs", plan.late_count))
    hint = t("Click an operation for its times and causes; right-click for what to do. ? lists all keys.")
    note = formatting.not_by_rollout(plan.stored)
    st.text(" · ".join(part for part in (counts, late, note, hint) if part))
    if frozen := frozen_words.plan_words(plan):
        st.text(frozen)


def _details(ctx: PlantContext, plan: Plan, a: Assignment) -> None:
    plant = plan.plant
    job = plant.job_by_id[a.job]
    operation = next(o for o in job.operations if o.sequence == a.sequence)
    worked = plan.hours.working(a.machines, a.start, a.end)
    # ERP text goes through st.text, which shows it as it is.
    st.text(("★ " if job.important else "") + formatting.job_name(job))
    st.text(f"{formatting.machine_names(plant, a.machines)}: {operation.process}")
    facts = [
        (t("Status"), f"{formatting.status_words(plan.status[job.id])} ({formatting.signed_days(plan.lateness[job.id])})"),
        (t("Due"), formatting.due_day(plant, job)),
        *_odds_facts(ctx, plan, job),
        (t("Quantity"), formatting.NOTHING if job.quantity is None else f"{job.quantity:g}"),
        (
            t("Operation"),
            t(
                "{sequence} ({index} of {operations})",
                sequence=a.sequence,
                index=[o.sequence for o in job.operations].index(a.sequence) + 1,
                operations=len(job.operations),
            ),
        ),
        (t("Start"), formatting.stamp_at(plant, a.start)),
        (t("End"), formatting.stamp_at(plant, a.end)),
        *_really(ctx, plan, a),
        (t("Setup"), t("{time} h", time=formatting.hours_minutes(a.setup_minutes))),
        (t("Run"), t("{time} h", time=formatting.hours_minutes(worked - a.setup_minutes))),
        (t("Paused"), t("{time} h", time=formatting.hours_minutes(a.end - a.start - worked))),
    ]
    st.table(
        {"": [name for name, _ in facts], " ": [value for _, value in facts]},
        hide_index=True,
        hide_header=True,
        border="horizontal",
    )
    odds_line.show(ctx, plan.id, plan_odds.look(ctx, plan.id))
    if late := plan.explainer.late_job(job):
        st.text(formatting.cause_words(plant, late))
    expedite_link.expedite_button(plan.id, job.id, "expedite_selected")
    pins.ask(ctx, plan, a)
    if st.button(t("Clear"), key="clear_selection", icon=":material/close:"):
        _pick(plan, Picked(None, None))
        st.rerun()


def _really(ctx: PlantContext, plan: Plan, a: Assignment) -> list[tuple[str, str]]:
    """When the operation really began and ended, as far as pulls tell; nothing where they do not."""
    ran = next((bar for bar in floor_actuals.beside(ctx, plan) if (bar.job, bar.sequence) == a.key), None)
    if ran is None:
        return []
    began = (t("Actual start"), actual_words.moment_words(plan.plant, ran.after, ran.begun))
    if ran.running:
        at = formatting.stamp_at(plan.plant, ran.ended)
        return [began, (t("Actual end"), t("running at the pull of {moment}", moment=at))]
    return [began, (t("Actual end"), actual_words.moment_words(plan.plant, min(ran.until, ran.ended), ran.ended))]


def _odds_facts(ctx: PlantContext, plan: Plan, job: Job) -> list[tuple[str, str]]:
    """The order's chance, and the date by which it ends in 80 of 100 runs; nothing before they are computed."""
    one = _order_odds(ctx, plan, job.id)
    if one is None:
        return []
    promised = (t("Done by, P80"), formatting.stamp_at(plan.plant, math.ceil(one.ends.p80)))
    return [promised] if one.on_time is None else [(t("On time"), odds_words.chance(one.on_time)), promised]


def _why(ctx: PlantContext, plan: Plan, a: Assignment) -> None:
    job = plan.plant.job_by_id[a.job]
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.subheader(t("Why it starts when it does"))
        late_job.show_chain(plan, plan.explainer.chain(a), key="chain")
    with right:
        st.subheader(t("The whole job"))
        st.text(f"{formatting.possible_words(plan.plant, plan.explainer.bound(job))}.")
        data_table.show(tables.operations_frame(plan, job), "operations")
    if plan.explainer.late_job(job):
        late_job.show_fixes(ctx, plan, job, st.button(t("Try fixes"), icon=":material/build:", key="try_fixes"))
