"""The page Dispatch: the lists of a shift on screen, on paper and as a workbook, and what a machine should begin next."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import streamlit as st

from dashboard.components import order_filter, page_shell, unknown_downtimes
from dashboard.components.order_links import show_links
from dashboard.components.row_selection import select_row, selected_row
from dashboard.components.table_height import table_height
from dashboard.loaded_plan import Plan, version_of
from dashboard.presentation import dispatch_rows, formatting
from dashboard.presentation.dispatch_rows import FloorNotes, ShiftSheets
from dashboard.presentation.xlsx import XLSX, workbook_of
from dashboard.printing import dispatch_sheets
from dashboard.printing.print_button import print_button
from dashboard.state.address import put_in_address, take_from_address
from dashboard.state.assumptions import assumptions, joined, still_open
from dashboard.state.facts import fact_marks
from dashboard.state.loaded import load_plan
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext, utc_now
from dashboard.views.dispatch import what_next
from scheduler_core.analysis.dispatch_lists import Shift, current_shift, next_shift, shifts
from scheduler_core.i18n.translate import kept, mark, t, tn
from scheduler_core.plant import MINUTES_PER_DAY

ALL = "all"
LINE_HEIGHT, TABLE_HEIGHT = 52, 430
"""Pixels of what is told of a selected line, and of the table below it: both are in sight at 1280 x 720."""
SPANS = {"shift": mark("Shift"), "day": mark("Day"), "week": mark("Week")}


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    page_shell.need_plans(ctx)
    what_next.follow_link(ctx)
    head, plan_cell, next_cell = st.columns([2, 2.6, 1.8], vertical_alignment="bottom")
    head.title(t("Dispatch"))
    shift_cell, centre_cell, span_cell, print_cell, pdf_cell, sheet_cell = st.columns(
        [5, 3, 3.4, 1.8, 1.3, 1.4], vertical_alignment="bottom"
    )
    with plan_cell:
        chosen = choose_plan(ctx, t("Plan"), "plan", ctx.usual, any_plan=True)
    with next_cell:
        machine = what_next.choose(ctx)
    if chosen is None:
        return
    plan = load_plan(ctx.store, chosen.id)
    if machine is not None:
        what_next.show(ctx, chosen, machine)
    with shift_cell:
        shift = _choose_shift(plan, plan.plant.minute_of(ctx.now))
    with centre_cell:
        centre = _choose_centre(plan)
    with span_cell:
        span = _choose_span(plan, shift)
    said = fact_marks(ctx, plan, only_notes=True)
    what = dispatch_rows.sheets(plan, shift, centre, FloorNotes(dict(said.machines), dict(said.jobs)))
    version = _with_assumptions(ctx, plan, _version(ctx, plan))
    name = f"dispatch-{dispatch_rows.shift_key(plan.plant, shift).replace(':', '')}"
    with print_cell:
        printed = utc_now().astimezone(ctx.zone)
        print_button(dispatch_sheets.page(what, span, version, printed), key="print")
    pdf_cell.download_button(
        t("PDF"), kept(lambda: _pdf(what, version, printed)), file_name=f"{name}.pdf", mime="application/pdf",
        key="dispatch_pdf", on_click="ignore", width="stretch", help=t("Lists and late orders as a file"),
    )  # fmt: skip
    sheet_cell.download_button(
        "XLSX", kept(lambda: workbook_of(dispatch_rows.workbook_frames(what, version))), file_name=f"{name}.xlsx", mime=XLSX,
        key="dispatch_xlsx", on_click="ignore", width="stretch", help=t("A workbook with one sheet per work centre"),
    )  # fmt: skip
    _lists(what, version)


def _choose_shift(plan: Plan, now: int) -> Shift:
    """The shifts of the plan, from the one that holds its start or now; usually the next one."""
    found = shifts(plan.plant, min(0, now), max(plan.schedule.end, now + 7 * MINUTES_PER_DAY))
    by_key = {dispatch_rows.shift_key(plan.plant, s): s for s in found}
    coming = next_shift(found, now)
    usual = dispatch_rows.shift_key(plan.plant, coming)
    running = current_shift(found, now)
    take_from_address("shift", "shift", list(by_key))
    if st.session_state.get("shift") not in by_key:
        st.session_state["shift"] = usual

    def name_of(key: str) -> str:
        name = dispatch_rows.shift_name(plan.plant, by_key[key])
        if by_key[key] == running:
            return t("{shift} · current shift", shift=name)
        return t("{shift} · next shift", shift=name) if by_key[key] == coming and coming.start > now else name

    key = st.selectbox(
        t("Shift"), list(by_key), key="shift", format_func=name_of,
    )  # fmt: skip
    put_in_address("shift", key)
    return by_key[key]


def _choose_centre(plan: Plan) -> int | None:
    names = {ALL: t("All"), **{str(one.id): one.name for one in plan.plant.machine_types}}
    take_from_address("centre", "centre", list(names))
    if st.session_state.get("centre") not in names:
        st.session_state["centre"] = ALL
    chosen = st.selectbox(t("Work centre"), list(names), format_func=names.__getitem__, key="centre")
    put_in_address("centre", chosen)
    return None if chosen == ALL else int(chosen)


def _choose_span(plan: Plan, shift: Shift) -> tuple[int, int]:
    """What the printed Gantt shows: the shift, its date, or its week from Monday."""
    take_from_address("span", "span", list(SPANS))
    st.session_state.setdefault("span", "shift")
    kind = st.segmented_control(
        t("Gantt on paper"), list(SPANS), format_func=lambda s: t(SPANS[s]), key="span", required=True
    )
    put_in_address("span", kind or "shift")
    if kind == "shift":
        late_start = any(shift.end <= a.start < shift.until for a in plan.schedule.assignments)
        return shift.start, shift.until if late_start else shift.end
    day = plan.plant.time_of(shift.start).date()
    if kind == "week":
        day -= timedelta(days=day.weekday())
    return plan.plant.midnight(day), plan.plant.midnight(day + timedelta(days=7 if kind == "week" else 1))


def _pdf(what: ShiftSheets, version: str, printed: datetime) -> bytes:
    from dashboard.printing.pdf_dispatch_lists import sheets as pdf  # the library takes a moment to load

    return pdf(what, version, printed)


def _version(ctx: PlantContext, plan: Plan) -> str:
    """Which plan this is, as it stands on screen and on every printed page."""
    made = ctx.moment(plan.stored.created_at)
    number = version_of(plan.id, ctx.releases)
    content = plan.stored.content_sha256[:12]
    if number is None:
        return t(
            "NOT RELEASED: {plan_kind} plan of {made} ({content})",
            plan_kind=formatting.plan_kind(plan.stored),
            made=made,
            content=content,
        )
    release = next(r for r in ctx.releases if r.number == number)
    current = ctx.release is not None and ctx.release.number == number
    state = "" if current else t(", REPLACED since")
    when = ctx.moment(release.approved_at)
    return t(
        "Version {number}{state}, released {when} by {approver} ({content})",
        number=number,
        state=state,
        when=when,
        approver=release.approver,
        content=content,
    )


def _with_assumptions(ctx: PlantContext, plan: Plan, version: str) -> str:
    """The same with what the plan assumes, what became of that, and machines that are recorded as down without the plan's
    knowing it: the shop floor has to see it on screen, on paper and in the workbook."""
    assumed = assumptions(ctx.store, plan.info.id)
    waiting = still_open(assumed, ctx.now)
    if waiting:
        version = t("{version}; assumes: {assumptions}", version=version, assumptions=joined(waiting, ctx.now))
    for one in assumed:
        if one not in waiting:
            version = f"{version}; {one.said(ctx.now)}"
    if (down := unknown_downtimes.words(ctx, plan.stored)) is not None:
        version = t("{version}; NOT PLANNED FOR: {machines}", version=version, machines=down)
    return version


def _lists(what: ShiftSheets, version: str) -> None:
    st.text(version)
    operations = sum(len(one.lines) for one in what.lists)
    st.text(
        t(
            "{operations} on {busy}; {late} of the plan will be late.",
            operations=tn("{n} line", "{n} lines", operations),
            busy=tn("{n} work centre", "{n} work centres", len(what.busy)),
            late=tn("{n} unfinished order", "{n} unfinished orders", len(what.late)),
        )
    )
    if what.late:
        with st.expander(t("Late orders ({late})", late=len(what.late))):
            late = dispatch_rows.late_frame(what.plan, what.late)
            place = st.container()
            row = select_row(late, key=_key(what, "late"))
            if row is not None:
                with place:
                    show_links(what.plan.id, what.late[row].job, what.late[row].next.sequence, "late")
    if not what.busy:
        st.info(t("Nothing starts or runs here in this shift."))
    else:
        _table(what)
    if what.idle:
        st.text(t("No work this shift: {centres}", centres=", ".join(one.machine_type.name for one in what.idle)))


@st.fragment
def _table(what: ShiftSheets) -> None:
    """The lines of the shift that match the search, start and machine first; a click on one tells of it above the table."""
    plan = what.plan
    search, told = st.columns([2, 5], vertical_alignment="center")
    words = search.text_input(
        t("Search orders"), placeholder=t("Words in any order: part, job, machine, status"), key="dispatch_find",
        label_visibility="collapsed", icon=":material/search:",
    )  # fmt: skip
    found = order_filter.found_jobs(plan.plant, plan, words, None, None)
    lines = [line for one in what.busy for line in one.lines]
    shown = [place for place, line in enumerate(lines) if line.job.id in found]
    if not shown:
        st.info(t("No line of this shift matches: clear the search to see all lines again."))
        return
    frame = dispatch_rows.lists_frame(plan.plant, what.busy, what.notes).iloc[shown].reset_index(drop=True)
    key = _key(what, hashlib.sha256(words.encode()).hexdigest()[:8])
    # Its place is above the table and always as high: what a click tells is in sight, and the table stays where it is.
    place = told.container(height=LINE_HEIGHT, border=False)
    before = selected_row(key)
    if before is not None and before < len(shown):
        line = lines[shown[before]]
        with place:
            show_links(plan.id, line.job, line.operation.sequence, "line", also=lambda: _next_button(line.machine.id))
    else:
        place.caption(t("Click a line to open its order or to see it in the Gantt."))
    first = [t("Start"), t("Machine"), t("Part"), t("Job"), t("Op"), t("Note")]
    select_row(
        frame, key=key, height=table_height(len(frame), TABLE_HEIGHT),
        column_order=[*first, *(c for c in frame.columns if c not in first)],
    )  # fmt: skip


def _next_button(machine: int) -> None:
    """The way from a line to what its machine should begin next."""
    if st.button(
        t("What next"), icon=":material/low_priority:", key="line_next", on_click=what_next.pick, args=(machine,),
        help=t("The three best operations for this machine to begin next, with reasons"),
    ):  # fmt: skip
        st.rerun(scope="app")


def _key(what: ShiftSheets, part: str) -> str:
    centres = what.lists[0].machine_type.id if len(what.lists) == 1 else ALL
    return f"dispatch_{what.plan.id}_{what.shift.start}_{centres}_{part}"
