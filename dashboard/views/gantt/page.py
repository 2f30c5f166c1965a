"""Gantt: a plan by machine or by job; a click tells an operation's times and why it starts when it does."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from dashboard.components import data_table, late_job, page_shell
from dashboard.gantt import Dropped, GanttRequest, GanttView, Ghosts, Picked, show_gantt
from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, safe_text, tables
from dashboard.state.address import put_in_address, take_from_address
from dashboard.state.loaded import gantt_bytes, load_plan
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from dashboard.views.gantt import export, filters, pins
from dashboard.views.gantt.filters import Filters
from scheduler_core.i18n.translate import language, mark, t, tn
from scheduler_core.schedule import Assignment

VIEWS = {GanttView.MACHINE: mark("By machine"), GanttView.JOB: mark("By job")}


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    page_shell.need_plans(ctx)
    choice, view_cell, filter_cell, export_cell, hand_cell = st.columns([5, 3, 2, 2, 3], vertical_alignment="bottom")
    with choice:
        chosen = choose_plan(ctx, t("Plan"), "plan", ctx.released or ctx.proposed, any_plan=True)
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
    picture, details = st.columns([7, 2], gap="small")
    with picture:
        _picture(ctx, plan, plan.id, view, shown, selected)
    with details:
        if selected is None:
            _hints(plan)
        else:
            _details(ctx, plan, selected)
    if selected is not None:
        _why(ctx, plan, selected)
    elif (asked := st.query_params.get("job")) is not None:
        st.warning(
            safe_text.escape_markdown(
                t("The address names an operation that this plan does not have: job {asked}.", asked=asked)
            )
        )


def _changing(ctx: PlantContext, plan: Plan, view: GanttView, shown: Filters) -> None:
    """The plan as moves by hand leave it, with the places before dashed in."""
    from dashboard.views.gantt import manual_edit  # it loads the compiled simulator, which reading a plan does without

    draft = manual_edit.draft_of(plan.id)
    changed, facts = manual_edit.load_changed(plan, draft) if draft.moves else (None, None)
    manual_edit.strip(ctx, plan, draft, changed)
    now = changed or plan
    dropped = _picture(ctx, now, f"{plan.id} {draft.moves}", view, shown, _selected(now), editing=True, before=plan)
    if dropped is not None:
        manual_edit.drop(plan, dropped)
        st.rerun()
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
    editing: bool = False,
    before: Plan | None = None,
) -> Dropped | None:
    """Draws the plan; a click goes to the page's address, a drop is returned. ``version`` names what is drawn, ``before``
    the plan whose other places are dashed in."""
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
        editable=editing,
    )
    data = gantt_bytes(
        plan,
        version,
        request,
        language=language(),
        _ghosts=None if before is None else Ghosts(before.schedule, t("place before your change")),
        ghosts_version=None if before is None else before.id,
    )
    told = show_gantt(data, key="gantt")
    if isinstance(told, Dropped):
        return told
    if told is not None:
        _pick(told)
    return None


def _pick(told: Picked) -> NoReturn:
    if told.job is None or told.sequence is None:
        st.query_params.pop("job", None)
        st.query_params.pop("op", None)
    else:
        st.query_params.update({"job": told.job, "op": str(told.sequence)})
    st.rerun()


def _hints(plan: Plan) -> None:
    st.text(
        t(
            "{machines} machines, {jobs} jobs, {assignments} operations",
            machines=len(plan.plant.machines),
            jobs=len(plan.plant.jobs),
            assignments=len(plan.schedule.assignments),
        )
    )
    st.text(t("{late_jobs} late", late_jobs=tn("{n} job", "{n} jobs", len(plan.late_jobs))))
    if note := formatting.not_by_rollout(plan.stored):
        st.text(note)
    st.markdown(
        t(
            "**Click** an operation for its times and why it starts then.  \n**Wheel** zooms, **drag** "
            "moves.  \n**/** searches, **?** tells every key.  \nClick a **group** to fold it to its load."
        )
    )


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
        (t("Start"), formatting.stamp(plant.time_of(a.start))),
        (t("End"), formatting.stamp(plant.time_of(a.end))),
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
    if late := plan.explainer.late_job(job):
        st.text(formatting.cause_words(plant, late))
    pins.ask(ctx, plan, a)
    if st.button(t("Clear"), key="clear_selection", icon=":material/close:"):
        st.query_params.pop("job", None)
        st.query_params.pop("op", None)
        st.rerun()


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
