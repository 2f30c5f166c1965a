"""What a fact would do to late orders, worked out while the planner still enters it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from dashboard.background import progress
from dashboard.background.background_task import BackgroundTask
from dashboard.presentation import fact_words, safe_text
from dashboard.state.loaded import load_plan
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.engines.config import Progress
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.scenarios.changes import Change, MaterialLate
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.services.facts import Effect, Fact, Origin, effect, effect_of_undoing

SILENT: Final = (Noted, MachineReturns)
"""Kinds that change no plan by themselves, and of which nothing is worked out."""
WAITING: Final = (OrderHeld, MaterialLate)
"""Kinds after which an order waits, and others are taken first."""
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
    store, now, schedule, stated = ctx.store, ctx.now, plan.id, (change,)

    def work(heard: Progress) -> Effect:
        return effect(store, schedule, stated, now=now, progress=heard)

    _draw(ctx, plan, ("with", repr(change)), work, waits=isinstance(change, WAITING))


def show_undone(ctx: PlantContext, plan: StoredSchedule | None, fact: Fact) -> None:
    """The same of a fact that is to be undone; nothing for one that changes no plan by itself."""
    if plan is None or fact.origin is Origin.PIN or isinstance(fact.change, SILENT):
        return
    store, now, schedule = ctx.store, ctx.now, plan.id

    def work(heard: Progress) -> Effect:
        return effect_of_undoing(store, schedule, fact, now=now, progress=heard)

    _draw(ctx, plan, ("without", fact.id), work)


def _draw(
    ctx: PlantContext, plan: StoredSchedule, asked: tuple[str, str], work: Callable[[Progress], Effect], *,
    waits: bool = False,
) -> None:  # fmt: skip
    task = _task((ctx.snapshot.id, plan.id, *asked), work)
    if not task.wait(progress.AT_ONCE_SECONDS):
        _waiting()
        return
    with st.container(border=True, key="fact_effect"):
        try:
            found = task.result()
        except Cancelled:
            st.text(t("Not calculated: cancelled."))
            return
        except ShopwrightError as error:
            st.warning(safe_text.escape_markdown(str(error)), icon=":material/block:")
            return
        _told(ctx, plan, found, waits=waits)


def _told(ctx: PlantContext, plan: StoredSchedule, found: Effect, *, waits: bool) -> None:
    if found.refused is not None:
        st.warning(safe_text.escape_markdown(found.refused), icon=":material/block:")
        return
    st.markdown(f"**{safe_text.escape_markdown(fact_words.effect_sentence(found))}**")
    if orders := fact_words.effect_orders(found):
        st.text(orders)
    if (planned := _other_count(ctx, plan, found)) is not None:
        st.caption(
            t("The plan itself has {planned} late orders; with the facts and jobs recorded since, it has {now}.",
              planned=planned, now=found.late_before)
        )  # fmt: skip
    st.caption(_how(in_force=ctx.release is not None and ctx.release.schedule_id == plan.id, waits=waits))


def _how(*, in_force: bool, waits: bool) -> str:
    if waits and in_force:
        return t("Calculated on the plan in force with all facts so far. While the order waits, machines take "
                 "other orders first. A replan may do better.")  # fmt: skip
    if waits:
        return t("Calculated on the plan shown with all facts so far. While the order waits, machines take other "
                 "orders first. A replan may do better.")  # fmt: skip
    if in_force:
        return t("Calculated on the plan in force with all facts so far. Every machine keeps the sequence of its "
                 "operations. A replan may do better.")  # fmt: skip
    return t("Calculated on the plan shown with all facts so far. Every machine keeps the sequence of its "
             "operations. A replan may do better.")  # fmt: skip


def _other_count(ctx: PlantContext, plan: StoredSchedule, found: Effect) -> int | None:
    """The late orders that pages count, where the plan does not know what came since and they are others."""
    if plan.snapshot_id == ctx.snapshot.id:
        return None
    planned = load_plan(ctx.store, plan.id).late_count
    return None if planned == found.late_before else planned


def _task(asked: tuple[str, ...], work: Callable[[Progress], Effect]) -> BackgroundTask[Effect]:
    """The work on this very question; that on another one is called off."""
    known: tuple[object, BackgroundTask[Effect]] | None = st.session_state.get(_TASK)
    if known is not None and known[0] == asked:
        return known[1]
    if known is not None:
        known[1].call_off()

    def told(listener: ReadProgress) -> Effect:
        def heard(fraction: float, message: str) -> None:
            listener.rows(round(PARTS * fraction), PARTS)

        return work(heard)

    task = BackgroundTask(told)
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
    bar.progress(min(1.0, done / parts) if parts else 0.0, text=t("Calculating the effect on late orders"))
    if cancel.button(t("Cancel"), key="cancel_effect", width="stretch") and task.call_off():
        st.rerun()
