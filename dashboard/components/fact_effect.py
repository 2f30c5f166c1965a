"""What a fact would do to late orders, worked out while the planner still enters it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.background import progress
from dashboard.background.background_task import BackgroundTask
from dashboard.presentation import fact_words, safe_text
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.services.facts import Effect, effect

SILENT: Final = (Noted, MachineReturns)
"""Kinds that change no plan by themselves, and of which nothing is worked out."""
PARTS = 1000
"""Parts in which the work tells how far it is."""
_TASK: Final = "_fact_effect"
"""The question that was asked last, and the work that answers it."""


def show(ctx: PlantContext, plan: StoredSchedule | None, change: Change | None) -> None:
    """Draw it for the plan; nothing while there is no plan or no change that one could work out.

    What takes longer than a moment goes on beside the page, which stays usable: a question cannot interrupt itself.
    """
    if plan is None or change is None or isinstance(change, SILENT):
        return
    task = _task(ctx, plan, change)
    if not task.wait(progress.AT_ONCE_SECONDS):
        _waiting()
        return
    with st.container(border=True, key="fact_effect"):
        try:
            found = task.result()
        except Cancelled:
            st.text(t("Not worked out: cancelled."))
            return
        except ShopwrightError as error:
            st.warning(safe_text.escape_markdown(str(error)), icon=":material/block:")
            return
        _told(ctx, plan, found)


def _told(ctx: PlantContext, plan: StoredSchedule, found: Effect) -> None:
    if found.refused is not None:
        st.warning(safe_text.escape_markdown(found.refused), icon=":material/block:")
        return
    st.markdown(f"**{safe_text.escape_markdown(fact_words.effect_sentence(found))}**")
    if orders := fact_words.effect_orders(found):
        st.text(orders)
    st.caption(
        t("Worked out on the plan in force with all facts so far; every machine keeps the order of its operations. "
          "A replan may do better.")
        if ctx.release is not None and ctx.release.schedule_id == plan.id
        else t("Worked out on the plan shown with all facts so far; every machine keeps the order of its operations. "
               "A replan may do better.")
    )  # fmt: skip


def _task(ctx: PlantContext, plan: StoredSchedule, change: Change) -> BackgroundTask[Effect]:
    """The work on this very question; that on another one is called off."""
    asked = (ctx.snapshot.id, plan.id, repr(change))
    known: tuple[object, BackgroundTask[Effect]] | None = st.session_state.get(_TASK)
    if known is not None and known[0] == asked:
        return known[1]
    if known is not None:
        known[1].call_off()
    store, now = ctx.store, ctx.now

    def work(listener: ReadProgress) -> Effect:
        def heard(fraction: float, message: str) -> None:
            listener.rows(round(PARTS * fraction), PARTS)

        return effect(store, plan.id, (change,), now=now, progress=heard)

    task = BackgroundTask(work)
    st.session_state[_TASK] = (asked, task)
    return task


@st.fragment(run_every=progress.POLL_SECONDS)
def _waiting() -> None:
    """How far the work is, and the way to call it off."""
    _, task = st.session_state[_TASK]
    if task.ended:
        st.rerun()
    done, parts = task.seen
    bar, cancel = st.columns([7, 1.4], vertical_alignment="center")
    bar.progress(min(1.0, done / parts) if parts else 0.0, text=t("Working out what it does to late orders"))
    if cancel.button(t("Cancel"), key="cancel_effect", width="stretch") and task.call_off():
        st.rerun()
