"""Changing the shown plan by hand: what was dropped is judged at once, and the result stands beside the old plan."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import column_help, data_table, page_shell
from dashboard.gantt import Dropped
from dashboard.loaded_plan import Plan
from dashboard.presentation import tables
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from dashboard.views.gantt import edit_history
from dashboard.views.gantt.edit_history import EditHistory, changed_plan
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t, tn
from scheduler_core.roles import Action
from scheduler_core.scenarios.manual_moves import Changed, Move, PlanEditor, Unchangeable
from scheduler_core.services import authorized

_SAID = "_by_hand_said"
STRIP_HEIGHT = 46
"""Pixels for two lines of text."""
_TOKEN = "token_by_hand"


@dataclass(frozen=True)
class Message:
    """What is said over the picture; ``number`` tells one from the next of equal words."""

    words: str = ""
    refused: bool = False
    number: int = 0


def draft_of(plan_id: str) -> EditHistory:
    """The session's draft on a plan."""
    found = st.session_state.get(f"_draft_{plan_id}")
    return found if isinstance(found, EditHistory) else EditHistory()


def load_changed(plan: Plan, draft: EditHistory) -> tuple[Plan, Changed]:
    """The plan as the draft leaves it, timed once per draft."""
    return _changed(plan, plan.id, draft.moves)


@st.cache_resource(max_entries=12, show_spinner=False)
def _changed(_plan: Plan, plan_id: str, moves: tuple[Move, ...]) -> tuple[Plan, Changed]:
    return changed_plan(_plan, moves, _editor(_plan, plan_id))


def prepare(plan: Plan) -> str | None:
    """Packs the plan for its first change; says why it cannot be changed by hand, if so."""
    try:
        _editor(plan, plan.id)
    except Unchangeable as error:
        return str(error)
    return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _editor(_plan: Plan, plan_id: str) -> PlanEditor:
    del plan_id
    return PlanEditor(_plan.plant, _plan.schedule)


def drop(plan: Plan, dropped: Dropped) -> None:
    """Takes a dropped operation into the draft; what that did, or why it is not legal, is said over the picture."""
    draft = draft_of(plan.id).add(Move(dropped.job, dropped.sequence, dropped.machine, dropped.start))
    try:
        changed, _ = load_changed(plan, draft)
    except ShopwrightError as error:
        _say(t("Not moved: {refused}.", refused=str(error)), refused=True)
        return
    _set(plan.id, draft)
    _say(f"{edit_history.move_words(plan, changed, draft.moves[-1])}. {edit_history.effect_words(plan, changed)}")


def undo(plan: Plan) -> None:
    """Takes the last move back, if there is one."""
    _set(plan.id, draft_of(plan.id).undo())
    _say("")  # what the move did is true no more


def redo(plan: Plan) -> None:
    """Makes the move again that was taken back last."""
    _set(plan.id, draft_of(plan.id).redo())


def said() -> Message:
    """What the last drop did or why it was refused."""
    found = st.session_state.get(_SAID)
    return found if isinstance(found, Message) else Message()


def _say(words: str, *, refused: bool = False) -> None:
    st.session_state[_SAID] = Message(words, refused, said().number + 1)


def strip(ctx: PlantContext, plan: Plan, draft: EditHistory, changed: Plan | None) -> None:
    """Above the picture: what the last move did, undo and redo, and the way to keep the result."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="by_hand"):
        # Of one height whatever it says: the picture below does not move under the pointer.
        words = st.container(height=STRIP_HEIGHT, border=False, width="stretch")
        if changed is None:
            words.text(t("Drag an operation to another time or machine. Nothing is stored until you keep it."))
        else:
            did = edit_history.move_words(plan, changed, draft.moves[-1])
            moves = tn("{n} move", "{n} moves", len(draft.moves))
            words.text(
                t(
                    "Your changed plan, {moves}: {did}.\n{effect}",
                    moves=moves,
                    did=did,
                    effect=edit_history.effect_words(plan, changed),
                )
            )
        st.button(
            t("Undo"), icon=":material/undo:", disabled=not draft.moves, key="by_hand_undo",
            on_click=undo, args=(plan,),
        )  # fmt: skip
        st.button(
            t("Redo"), icon=":material/redo:", disabled=not draft.undone, key="by_hand_redo",
            on_click=redo, args=(plan,),
        )  # fmt: skip
        refusal = current_user.may_not(ctx.store, Action.PLAN)
        keep = st.button(
            t("Keep as a plan"), icon=":material/save:", type="primary", disabled=not draft.moves or refusal is not None,
            key="by_hand_keep", help=refusal,
        )  # fmt: skip
    if keep:
        _keep(ctx, plan, draft)


def figures(plan: Plan, changed: Plan, facts: Changed) -> None:
    """Below the picture: the changed plan's figures beside the old ones."""
    st.subheader(t("Your changed plan against the one it began from"))
    st.text(
        tn(
            "{n} operation changed. ✓ marks the better value.",
            "{n} operations changed. ✓ marks the better value.",
            facts.moved,
        )
    )
    frame_ = tables.figures_frame(tables.figures(plan, changed), t("Before"), t("Your changed plan"))
    data_table.show(frame_, "by_hand_figures", height="content", column_config=column_help.of_figures())


def _keep(ctx: PlantContext, plan: Plan, draft: EditHistory) -> None:
    kept = authorized.keep_moves(ctx.store, current_user.actor(), plan.id, draft.moves, f"{request_id_for(_TOKEN)}-by-hand")
    consume_request_id(_TOKEN)
    _set(plan.id, EditHistory())
    page_shell.flash(t("Your changed plan is kept: compare or approve it like any other."))
    st.query_params["plan"] = kept
    st.rerun()


def _set(plan_id: str, draft: EditHistory) -> None:
    st.session_state[f"_draft_{plan_id}"] = draft
