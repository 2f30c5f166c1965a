"""The plan that all pages show, and the two of Compare.

Pages open on the plan in force. A plan that the planner chooses on one page, or that a link names, stays on all pages until
the planner goes back to the plan in force. The address names it while it is another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard.presentation import terms
from dashboard.state.address import put_in_address, take_from_address, take_out_of_address, wrong_link
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.data.store_errors import NotFound
from scheduler_core.i18n.translate import t

PLAN: Final = "plan"
"""The parameter of the address that names the plan of all pages."""
_HELD: Final = "_held_plan"


@dataclass(frozen=True)
class _Held:
    """A chosen plan. ``in_force``: it was in force when it was chosen, so that the choice ends with its replacement."""

    id: str
    in_force: bool


# ---------------------------------------------------------------- the plan of all pages
def shown(ctx: PlantContext, default: StoredSchedule | None = None) -> StoredSchedule | None:
    """The plan that all pages show now: the address's, else the chosen one, else ``default`` (None: the plan in force)."""
    asked = st.query_params.get(PLAN)
    if asked is not None and asked != st.session_state.get(_remembered_address(PLAN)):
        linked = ctx.find(asked) or unlisted(ctx, asked)
        if linked is not None:
            hold(ctx, linked.id)
    held: _Held | None = st.session_state.get(_HELD)
    if held is not None:
        found = ctx.find(held.id) or unlisted(ctx, held.id)
        current = ctx.released is not None and held.id == ctx.released.id
        if found is not None and (current or not held.in_force):
            st.session_state[_HELD] = _Held(held.id, current)
            return found
        let_go()
    return default or ctx.usual


def hold(ctx: PlantContext, schedule_id: str) -> None:
    """Let all pages show this plan."""
    current = ctx.release is not None and ctx.release.schedule_id == schedule_id
    st.session_state[_HELD] = _Held(schedule_id, current)
    put_in_address(PLAN, schedule_id)


def let_go() -> None:
    """Let all pages show the plan in force again, or the best proposal where nothing is released."""
    st.session_state.pop(_HELD, None)
    take_out_of_address(PLAN)


def warn_of_wrong_link(ctx: PlantContext) -> None:
    """Say that the address names a plan that the store does not have, for any of the parameters that name plans."""
    for key in (PLAN, "left", "right"):
        asked = st.query_params.get(key)
        if asked is not None and ctx.find(asked) is None and unlisted(ctx, asked) is None:
            wrong_link(t("there is no plan {asked}", asked=asked))
            return


def unlisted(ctx: PlantContext, schedule_id: str | None) -> StoredSchedule | None:
    """A valid plan of this plant that no list has: of an older pull, of a what-if that was not submitted, or withdrawn."""
    if schedule_id is None:
        return None
    try:
        found = ctx.store.schedules.get(schedule_id)
    except NotFound:
        return None
    same = ctx.store.snapshots.get(found.snapshot_id).plant == ctx.snapshot.plant
    return found if same and not found.rejected else None


# ---------------------------------------------------------------- the lists
def choose_plan(
    ctx: PlantContext, label: str, key: str, default: StoredSchedule | None, *, follow: bool = False, any_plan: bool = False
) -> StoredSchedule | None:
    """A list of all plans, newest first.

    With the key "plan" the choice is that of all pages, and ``default`` stands while nobody has chosen. With another key it
    is the page's own: with ``follow`` a choice that is the usual one stays so when a run brings a newer default.
    ``any_plan``: the page can also show a plan that no list has.
    """
    if not ctx.plans:
        return None
    if key == PLAN:
        return _choose_shared(ctx, label, default, any_plan=any_plan)
    return _choose_own(ctx, label, key, default, follow=follow)


def _choose_shared(
    ctx: PlantContext, label: str, default: StoredSchedule | None, *, any_plan: bool
) -> StoredSchedule | None:
    wanted = shown(ctx, default)
    options = _listed(ctx)
    if wanted is not None and wanted.id not in {p.id for p in options}:
        if any_plan:
            options.insert(0, wanted)
        else:
            st.warning(
                t(
                    "This page shows a different plan: the chosen one is withdrawn, made from an older pull, or "
                    "the answer to a what-if that was not submitted."
                ),
                icon=":material/info:",
            )
            wanted = default or ctx.usual
    wanted = wanted or options[0]
    held: _Held | None = st.session_state.get(_HELD)
    if held is not None and held.id == wanted.id and not held.in_force:
        put_in_address(PLAN, wanted.id)
    names = _names(ctx, options)
    # The names change with every release, and a list keeps the words of the choice that it was drawn with.
    widget = f"{PLAN}_{len(ctx.releases)}"
    st.session_state[widget] = wanted.id
    chosen = st.selectbox(
        label, list(names), format_func=names.__getitem__, key=widget, on_change=_hold_choice, args=(ctx, widget),
        help=terms.paragraphs([
            t("All pages show the plan that you choose here, until you go back to the plan in force. Days late are summed "
              "over all orders by their weight (weighted tardiness)."),
            terms.plan_kind(wanted),
        ]),
    )  # fmt: skip
    return next(p for p in options if p.id == chosen)


def _hold_choice(ctx: PlantContext, widget: str) -> None:
    hold(ctx, str(st.session_state[widget]))


def _choose_own(
    ctx: PlantContext, label: str, key: str, default: StoredSchedule | None, *, follow: bool
) -> StoredSchedule | None:
    options = _listed(ctx)
    asked = st.query_params.get(key)
    linked = None if ctx.find(asked) else unlisted(ctx, asked)
    if linked is not None:
        options.insert(0, linked)
    ids = [p.id for p in options]
    remembered, usual = f"_chosen_{key}", f"_usual_{key}"
    widget = f"{key}_{len(ctx.releases)}"
    take_from_address(key, widget, ids, told=False)
    if st.session_state.get(widget) not in ids:
        wishes = (asked, st.session_state.get(remembered), default.id if default else None)
        st.session_state[widget] = next((w for w in wishes if w in ids), ids[0])
    if follow and default is not None and st.session_state.get(usual) == st.session_state[widget]:
        st.session_state[widget] = default.id
    names = _names(ctx, options)
    shown_now = next(p for p in options if p.id == st.session_state[widget])
    chosen = st.selectbox(label, ids, format_func=names.__getitem__, key=widget, help=terms.plan_kind(shown_now))
    put_in_address(key, chosen)
    st.session_state[remembered] = chosen
    if follow:
        st.session_state[usual] = chosen if default is not None and chosen == default.id else None
    return next(p for p in options if p.id == chosen)


def forget_sides() -> None:
    """Let Compare choose its usual two plans again, as after new runs."""
    for key in ("left", "right"):
        for name in [n for n in st.session_state if str(n).startswith((f"{key}_", f"_chosen_{key}"))]:
            del st.session_state[name]
        st.query_params.pop(key, None)


def _listed(ctx: PlantContext) -> list[StoredSchedule]:
    """The plan in force first, then all others, newest first."""
    in_force = ctx.release.schedule_id if ctx.release else None
    return sorted(ctx.plans, key=lambda p: (p.id == in_force, p.order), reverse=True)


def _names(ctx: PlantContext, options: list[StoredSchedule]) -> dict[str, str]:
    """The plans' names by id; of several with one name each later one carries its number."""
    names: dict[str, str] = {}
    seen: dict[str, int] = {}
    for plan in options:
        name = ctx.name(plan)
        seen[name] = seen.get(name, 0) + 1
        names[plan.id] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def _remembered_address(key: str) -> str:
    return f"_address_{key}"
