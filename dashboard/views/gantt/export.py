"""The Gantt to save or to print: the rows that the filters leave, from now on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.gantt import GanttView, drawing
from dashboard.gantt.drawing import Picture
from dashboard.gantt.rows import Group, job_groups, machine_groups, shown_jobs
from dashboard.loaded_plan import Plan
from dashboard.views.gantt.filters import Filters
from scheduler_core.i18n.translate import kept, t
from scheduler_core.plant import MINUTES_PER_DAY

WHOLE = 0
DAYS = (1, 3, 7, 14, WHOLE)


def picture(
    plan: Plan, view: GanttView, filters: Filters, title: str, now: int, days: int
) -> tuple[Picture, Sequence[Group]]:
    """So many days (WHOLE: the whole plan) from minute ``now`` on, with the rows that have something to show."""
    first, last = now, now + days * MINUTES_PER_DAY
    if days == WHOLE:
        first = min((a.start for a in plan.schedule.assignments), default=0)
        last = max(plan.schedule.end, first + MINUTES_PER_DAY)
    shown = shown_jobs(
        plan.plant, plan.status, statuses=filters.statuses, jobs=filters.jobs, families=filters.families,
        important=filters.important,
    )  # fmt: skip
    if view is GanttView.MACHINE:
        ids = {j.id for j in shown}
        groups = machine_groups(plan.plant, plan.schedule, plan.hours, ids, filters.centres, None)
    else:
        groups = job_groups(plan.plant, plan.schedule, plan.hours, shown, plan.status, filters.centres)
    return Picture(plan.plant, plan.hours, plan.status, first, last, title), groups


def ask(plan: Plan, view: GanttView, filters: Filters, title: str, now: int) -> None:
    """Draws the export's choices in a popover; nothing is drawn before it is asked for."""
    with st.popover(t("Export"), icon=":material/download:", width="stretch"):
        days = st.selectbox(
            t("Days from now"), DAYS, index=DAYS.index(7), key="export_days",
            format_func=lambda d: t("the whole plan") if d == WHOLE else str(d),
        )  # fmt: skip

        # The browser fetches it later, outside this run.
        @kept
        def drawn() -> tuple[Picture, Sequence[Group]]:
            return picture(plan, view, filters, title, now, days)

        @kept
        def pdf() -> bytes:
            from dashboard.printing.pdf import gantt  # the library takes a moment to load

            return gantt(*drawn())

        st.download_button(
            t("PDF"), pdf, file_name="gantt.pdf", mime="application/pdf", key="export_pdf",
            on_click="ignore", width="stretch", help=t("As many pages as needed to keep the rows readable"),
        )  # fmt: skip
        st.download_button(
            "SVG", kept(lambda: drawing.svg(*drawn())), file_name="gantt.svg", mime="image/svg+xml", key="export_svg",
            on_click="ignore", width="stretch", help=t("All rows on one page"),
        )  # fmt: skip
        st.download_button(
            t("Print"), kept(lambda: drawing.printable(drawing.svg(*drawn()), title)), file_name="gantt.html",
            mime="text/html", key="export_print", on_click="ignore", width="stretch",
            help=t("One page that opens the browser's print dialog"),
        )  # fmt: skip
        st.caption(t("For a PNG of the visible part, use the button above the picture."))
