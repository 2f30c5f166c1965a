"""Models: the checkpoints with their cards and learning curves, which one plans, and making another one do so."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import column_help, confirm_dialog, data_table, page_shell
from dashboard.components.row_selection import select_row, selected_row
from dashboard.components.table_height import table_height
from dashboard.presentation import safe_text
from dashboard.state.address import wrong_link
from dashboard.state.plant_context import open_store, plant_context
from dashboard.views.models import checkpoint_tables, why_active
from scheduler_core.i18n.translate import t
from scheduler_core.policy import catalogue, checkpoint
from scheduler_core.policy.catalogue import Listed
from scheduler_core.policy.checkpoint_comparison import compared
from scheduler_core.roles import Action
from scheduler_core.services import authorized

LONGEST_CELL = 44
"""Characters that a cell of the card shows on a tablet."""
_LIST = "checkpoints"
_CLICKED = "_clicked_checkpoint"


def show() -> None:
    """Draw the page."""
    listed = catalogue.listing()
    if not listed:
        st.title(t("Models"))
        st.info(t("No checkpoint is installed, so only dispatching rules can plan. Train one with: shopwright train"))
        return
    head, choice, button = st.columns([4, 3, 2], vertical_alignment="bottom")
    head.title(t("Models"))
    names = [m.name for m in listed]
    asked = st.query_params.get("model")
    if asked is not None and asked not in names:
        wrong_link(t("there is no checkpoint {asked}", asked=asked))
        st.query_params.pop("model")
    usual = next((i for i, m in enumerate(listed) if m.active), 0)
    # A click on a row chooses its checkpoint; it counts once, so that the list above may choose another one afterwards.
    clicked = selected_row(_LIST)
    if clicked != st.session_state.get(_CLICKED) and clicked is not None and clicked < len(names):
        st.session_state["model"] = names[clicked]
    st.session_state[_CLICKED] = clicked
    name = choice.selectbox(t("Checkpoint"), names, index=usual, key="model", bind="query-params")
    chosen = listed[names.index(name)]
    _offer(chosen, button)
    if not any(m.active for m in listed):
        st.warning(
            t(
                "The active checkpoint, {active_name}, is not installed: greedy replaces RL until another "
                "checkpoint is active.",
                active_name=safe_text.escape_markdown(checkpoint.active_name()),
            ),
            icon=":material/warning:",
        )
    score = {
        t("Score"): t(
            "Lateness of the plans on plants that training did not see, as a share of the best rule's lateness "
            "(mean of the validation). Lower is better. This figure does not choose the active checkpoint."
        )
    }
    select_row(checkpoint_tables.list_frame(listed), key=_LIST, height="content", column_config=column_help.explained(score))
    _why_active(listed)
    if chosen.fault:
        st.error(t("It is not used: {fault}", fault=safe_text.escape_markdown(chosen.fault)), icon=":material/block:")
        return
    _details(chosen)


def _why_active(listed: Sequence[Listed]) -> None:
    """Who made the active checkpoint the active one, and how each other one stands against it."""
    active = next((m for m in listed if m.active and not m.fault), None)
    others = [m for m in listed if not m.active and not m.fault]
    if active is None or not others:
        return
    st.subheader(t("Why is {name} the active one?", name=safe_text.escape_markdown(active.name)))
    store = open_store()
    act = next((a for a in store.audit.newest() if (a.action, a.subject) == ("activate-model", active.name)), None)
    ctx = plant_context(store)
    if act is not None and ctx is not None:
        st.text(t("{actor} activated it, {moment}.", actor=act.actor, moment=ctx.moment(act.at)))
    elif act is not None:
        st.text(t("{actor} activated it.", actor=act.actor))
    else:
        st.text(
            t(
                "It has been active since the installation. Only Activate… makes another checkpoint active; a "
                "score never does."
            )
        )
    for other in others:
        st.text(why_active.against(active, other, compared(active.name, other.name)))


def _offer(chosen: Listed, place: st.delta_generator.DeltaGenerator) -> None:
    why = t("It is active already.") if chosen.active else None
    if chosen.fault:
        why = t("It is damaged.")
    why = why or current_user.may_not(open_store(), Action.ACTIVATE_MODEL)
    clicked = place.button(
        t("Activate…"), key="activate", type="primary", width="stretch", disabled=why is not None, help=why
    )

    def activate() -> None:
        with st.spinner(t("Loading and checking it…")):
            authorized.activate_model(open_store(), current_user.actor(), chosen.name)
        page_shell.flash(t("The checkpoint is active."))

    confirm_dialog.ask_once_more(
        f"activate {chosen.name}", t("Plan with this checkpoint?"),
        t("From the next run on, RL plans with {name}. Plans that exist stay as they are.", name=chosen.name),
        t("Activate"), activate, clicked=clicked, refused=t("Not activated: "),
    )  # fmt: skip


def _details(chosen: Listed) -> None:
    left, right = st.columns([1, 1], gap="medium")
    with left:
        rows = dict(catalogue.card_in_words(chosen.name))
        st.text(t("Trained on: {pop}", pop=rows.pop(catalogue.TRAINED_ON)))
        # Sentences that a cell would cut off.
        for name in [name for name, said in rows.items() if len(said) > LONGEST_CELL and " " in said]:
            st.text(t("{name}: {said}", name=name, said=rows.pop(name)))
        wide = {
            t("Property"): st.column_config.TextColumn(width=180),
            t("Value"): st.column_config.TextColumn(width="large"),
        }
        card = checkpoint_tables.card_frame(list(rows.items()))
        data_table.show(card, "card", height=table_height(len(rows), 380), column_config=wide)
    with right:
        _curve(chosen)
        _evaluation(catalogue.evaluation(chosen.name))


def _curve(chosen: Listed) -> None:
    rows = catalogue.curve(chosen.name)
    if not rows:
        st.info(t("This checkpoint has no learning curve."))
        return
    st.text(t("Was it still improving when the training ended?"))
    figure = checkpoint_tables.curve_chart(rows, chosen.steps)
    st.plotly_chart(figure, key="curve", config={"displayModeBar": False})
    page_shell.download(checkpoint_tables.curve_frame(rows), "learning-curve", "curve_xlsx")


def _evaluation(rows: Sequence[catalogue.Evaluated]) -> None:
    if not rows:
        st.info(t("It has not been evaluated yet: shopwright evaluate NAME --record"))
        return
    data_table.show(checkpoint_tables.evaluation_frame(rows), "evaluation", height="content")
