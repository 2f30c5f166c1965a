"""The frozen zone among the settings of a run: the hours that are set for the plant, for this run or for all to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import page_shell
from dashboard.presentation import safe_text
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.frozen_zones import LONGEST_HOURS
from scheduler_core.data.store.records import FrozenZone
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant
from scheduler_core.roles import Action
from scheduler_core.runs.kept_zone import FrozenHours
from scheduler_core.services import authorized

_SEEN = "_frozen_seen"
_ALL, _OWN = "frozen_all", "frozen_own"


def ask(ctx: PlantContext, plant: Plant) -> FrozenHours:
    """Draw the hours of the plant and of work centres with their own, who set them, and *Set*; what they say now."""
    stored = ctx.store.frozen_zones.of(ctx.snapshot.plant)
    names = {kind.id: kind.name for kind in plant.machine_types}
    _begin_with(stored, names)
    heading = t("Frozen zone")
    st.markdown(
        f"**{heading}**",
        help=t(
            "Operations that the plan in force starts within these hours keep their machine and start, with every "
            "engine. An operation that cannot stay (its machine is down, its order is late) is planned again. 0 "
            "hours: nothing is frozen."
        ),
    )
    hours_cell, own_cell = st.columns([2, 3])
    hours = hours_cell.number_input(t("Whole plant: hours"), 0.0, float(LONGEST_HOURS), step=1.0, format="%g", key=_ALL)
    own = own_cell.multiselect(
        t("Work centres with their own hours"), list(names), format_func=names.__getitem__, key=_OWN,
        placeholder=t("none"),
    )  # fmt: skip
    by_type = {kind: _hours_of(kind, names[kind], float(hours)) for kind in own}
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    text, button = st.columns([3, 2], vertical_alignment="center")
    text.caption(safe_text.escape_markdown(_who(ctx, stored)))
    same = _found(stored) == (hours, by_type)
    if button.button(
        t("Set for all replans"), key="set_frozen", disabled=same or refusal is not None, width="stretch",
        help=refusal or t("Every later replan uses these hours once you set them. Until then, only your next Run "
                          "uses them."),
    ):  # fmt: skip
        _set(ctx, float(hours), by_type)
    return float(hours), tuple(sorted(by_type.items()))


def _hours_of(kind: int, name: str, first: float) -> float:
    label, cell = st.columns([3, 2], vertical_alignment="center")
    label.text(name)
    key = f"frozen_{kind}"
    st.session_state.setdefault(key, first)
    return float(
        cell.number_input(
            t("{centre}: frozen hours", centre=name), 0.0, float(LONGEST_HOURS), step=1.0, format="%g", key=key,
            label_visibility="collapsed",
        )
    )  # fmt: skip


def _begin_with(stored: FrozenZone | None, names: Mapping[int, str]) -> None:
    """The fields say what is set until somebody changes them; what anybody sets meanwhile takes their place."""
    at: datetime | None = None if stored is None else stored.at
    if st.session_state.get(_SEEN, 0) == at and _ALL in st.session_state and _OWN in st.session_state:
        return
    hours, by_type = _found(stored)
    st.session_state[_SEEN] = at
    st.session_state[_ALL] = hours
    st.session_state[_OWN] = [kind for kind in by_type if kind in names]
    for kind, own in by_type.items():
        st.session_state[f"frozen_{kind}"] = own


def _found(stored: FrozenZone | None) -> tuple[float, dict[int, float]]:
    return (0.0, {}) if stored is None else (stored.hours, dict(stored.by_type))


def _who(ctx: PlantContext, stored: FrozenZone | None) -> str:
    if stored is None:
        return t("Never set for this plant.")
    return t("Set by {person}, {moment}.", person=stored.actor, moment=ctx.moment(stored.at))


def _set(ctx: PlantContext, hours: float, by_type: Mapping[int, float]) -> None:
    try:
        authorized.set_frozen_zone(ctx.store, current_user.actor(), ctx.snapshot.plant, hours, by_type)
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return
    page_shell.flash(t("The frozen zone is set."))
    st.rerun()
