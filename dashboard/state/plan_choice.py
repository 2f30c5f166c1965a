"""Choosing a plan: a list on every page that shows one, which goes with the planner from page to page."""

from __future__ import annotations

import streamlit as st

from dashboard.state.address import put_in_address, take_from_address
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.data.store_errors import NotFound
from scheduler_core.i18n.translate import t


def choose_plan(
    ctx: PlantContext, label: str, key: str, default: StoredSchedule | None, *, follow: bool = False, any_plan: bool = False
) -> StoredSchedule | None:
    """A list of all plans, newest first; the choice is part of the address and goes with the planner to other pages.

    With ``follow`` a choice that is the usual one stays so: when a run brings a newer default, that is shown. What the
    planner picked otherwise stays. ``any_plan``: a link may name a plan that no list has, as one of a what-if that is not up
    for approval.
    """
    options = sorted(ctx.plans, key=lambda p: p.created_at, reverse=True)
    if not options:
        return None
    remembered = f"_chosen_{key}"
    linked = _linked(ctx, st.query_params.get(key)) if any_plan else None
    if linked is not None:
        options.insert(0, linked)
    ids = [p.id for p in options]
    # The names change with every release, and a list keeps the words of the choice that it was drawn with.
    widget = f"{key}_{len(ctx.releases)}"
    take_from_address(key, widget, ids)
    if st.session_state.get(widget) not in ids:
        wishes = (st.query_params.get(key), st.session_state.get(remembered), default.id if default else None)
        st.session_state[widget] = next((w for w in wishes if w in ids), ids[0])
    usual = f"_usual_{key}"
    if follow and default is not None and st.session_state.get(usual) == st.session_state[widget]:
        st.session_state[widget] = default.id
    names = {p.id: ctx.name(p) for p in options}
    if linked is not None:
        names[linked.id] = t("{name} · what-if", name=names[linked.id])
    asked = st.query_params.get(key)
    if asked is not None and asked not in ids:
        st.warning(
            t("The address names a plan that is not among these: it was made from an older pull and never released."),
            icon=":material/link_off:",
        )
    chosen = st.selectbox(label, ids, format_func=lambda i: names[i], key=widget)
    put_in_address(key, chosen)
    st.session_state[remembered] = chosen
    if follow:
        st.session_state[usual] = chosen if default is not None and chosen == default.id else None
    return next(p for p in options if p.id == chosen)


def _linked(ctx: PlantContext, schedule_id: str | None) -> StoredSchedule | None:
    """The plan of the plant that an address names, if no list has it and it is a what-if's or an older one's."""
    if schedule_id is None or ctx.find(schedule_id) is not None:
        return None
    try:
        found = ctx.store.schedules.get(schedule_id)
    except NotFound:
        return None
    same = ctx.store.snapshots.get(found.snapshot_id).plant == ctx.snapshot.plant
    return found if same and not found.rejected else None


def forget_choices() -> None:
    """Let every page choose its usual plan again, as after new runs."""
    for key in ("plan", "left", "right"):
        for name in [n for n in st.session_state if str(n).startswith((f"{key}_", f"_chosen_{key}"))]:
            del st.session_state[name]
        st.query_params.pop(key, None)
