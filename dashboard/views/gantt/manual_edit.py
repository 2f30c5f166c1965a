"""Changing the shown plan by hand: what was dropped is judged at once, and the result stands beside the old plan."""

from __future__ import annotations

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import data_table, page_shell
from dashboard.gantt import Dropped
from dashboard.loaded_plan import Plan
from dashboard.presentation import safe_text, tables
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from dashboard.views.gantt import edit_history
from dashboard.views.gantt.edit_history import EditHistory, changed_plan
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t, tn
from scheduler_core.roles import Action
from scheduler_core.scenarios.manual_moves import Changed, Move
from scheduler_core.services import authorized

_REFUSED = "_by_hand_refused"
_TOKEN = "token_by_hand"


def draft_of(plan_id: str) -> EditHistory:
    """The session's draft on a plan."""
    found = st.session_state.get(f"_draft_{plan_id}")
    return found if isinstance(found, EditHistory) else EditHistory()


def load_changed(plan: Plan, draft: EditHistory) -> tuple[Plan, Changed]:
    """The plan as the draft leaves it, timed once per draft."""
    with st.spinner(t("Timing the plan anew…")):
        return _changed(plan, plan.id, draft.moves)


@st.cache_resource(max_entries=12, show_spinner=False)
def _changed(_plan: Plan, plan_id: str, moves: tuple[Move, ...]) -> tuple[Plan, Changed]:
    del plan_id
    return changed_plan(_plan, moves)


def drop(plan: Plan, dropped: Dropped) -> None:
    """Takes a dropped operation into the draft, or keeps the reason why that is not legal for the next drawing."""
    draft = draft_of(plan.id).add(Move(dropped.job, dropped.sequence, dropped.machine, dropped.start))
    try:
        load_changed(plan, draft)
    except ShopwrightError as error:
        st.session_state[_REFUSED] = str(error)
        return
    _set(plan.id, draft)


def strip(ctx: PlantContext, plan: Plan, draft: EditHistory, changed: Plan | None) -> None:
    """Above the picture: what the last move did or why it was refused, undo and redo, and the way to keep the result."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="by_hand"):
        if changed is None:
            st.text(t("Drag an operation to another time or machine. Nothing is stored until you keep it."))
        else:
            did = edit_history.move_words(plan, changed, draft.moves[-1])
            moves = tn("{n} move", "{n} moves", len(draft.moves))
            st.text(
                t(
                    "Your changed plan, {moves}: {did}.\n{effect}",
                    moves=moves,
                    did=did,
                    effect=edit_history.effect_words(plan, changed),
                )
            )
        st.space("stretch")
        if st.button(t("Undo"), icon=":material/undo:", disabled=not draft.moves, key="by_hand_undo"):
            _set(plan.id, draft.undo(), rerun=True)
        if st.button(t("Redo"), icon=":material/redo:", disabled=not draft.undone, key="by_hand_redo"):
            _set(plan.id, draft.redo(), rerun=True)
        refusal = current_user.may_not(ctx.store, Action.PLAN)
        keep = st.button(
            t("Keep as a plan"), icon=":material/save:", type="primary", disabled=not draft.moves or refusal is not None,
            key="by_hand_keep", help=refusal,
        )  # fmt: skip
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(t("Not moved: {refused}.", refused=safe_text.escape_markdown(refused)), icon=":material/block:")
    if keep:
        _keep(ctx, plan, draft)


def figures(plan: Plan, changed: Plan, facts: Changed) -> None:
    """Below the picture: the changed plan's figures beside the old ones."""
    st.subheader(t("Your changed plan against the one it began from"))
    st.text(
        t("{moved} stand elsewhere. ✓ marks the better value.", moved=tn("{n} operation", "{n} operations", facts.moved))
    )
    frame_ = tables.figures_frame(tables.figures(plan, changed), t("Before"), t("Your changed plan"))
    data_table.show(frame_, "by_hand_figures", height="content")


def _keep(ctx: PlantContext, plan: Plan, draft: EditHistory) -> None:
    kept = authorized.keep_moves(ctx.store, current_user.actor(), plan.id, draft.moves, f"{request_id_for(_TOKEN)}-by-hand")
    consume_request_id(_TOKEN)
    _set(plan.id, EditHistory())
    page_shell.flash(t("Your changed plan is kept: compare or approve it like any other."))
    st.query_params["plan"] = kept
    st.rerun()


def _set(plan_id: str, draft: EditHistory, *, rerun: bool = False) -> None:
    st.session_state[f"_draft_{plan_id}"] = draft
    if rerun:
        st.rerun()
