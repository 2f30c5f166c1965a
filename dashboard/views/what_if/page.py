"""What-if: something happens to a plan; three repairs stand beside it, to keep, compare and put up for approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.components import confirm_dialog, data_table, page_shell, shortcuts
from dashboard.components.ask_what_if import ask
from dashboard.loaded_plan import Plan, newest_of
from dashboard.presentation import safe_text, tables, what_if_tables
from dashboard.state.address import machine_of_address, put_in_address
from dashboard.state.loaded import load_plan, load_plan_diff
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from dashboard.views.what_if.form import BREAKDOWN, KINDS, ask_change
from scheduler_core.data.store.records import Scenario
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import mark, t
from scheduler_core.roles import Action
from scheduler_core.scenarios.changes import Change, RushOrder
from scheduler_core.scenarios.changes_file import changes_from_json
from scheduler_core.services import authorized

HEADINGS: Mapping[str, str] = {"right_shift": mark("Right-shift"), "repair": mark("Repair"), "learned": mark("Full rerun")}
MEANINGS: Mapping[str, str] = {
    "right_shift": mark("what is hit starts later, on the same machines and in the same order."),
    "repair": mark("the same, then improved; what starts within the next 72 h and is not hit stays."),
    "learned": mark("RL plans anew whatever is not frozen."),
}
"""What each repair does, read as Markdown."""
FROZEN_HOURS = (0, 1, 2, 4, 8, 24)
_TOKEN = "token_what_if"
_SHOWN = "_shown_scenario"


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    head.title(t("What-if"))
    page_shell.need_plans(ctx)
    _follow_link(ctx)
    with choice:
        chosen = choose_plan(ctx, t("Current plan"), "plan", ctx.released or ctx.proposed)
    if chosen is None:
        return
    base = load_plan(ctx.store, chosen.id)
    kept = ctx.store.scenarios.named(base.info.id)
    _ask(ctx, base, [s for s in kept if s.base_schedule_id == base.id])
    scenario = _shown(ctx, base)
    if scenario is not None:
        _result(ctx, base, scenario)
    _kept(ctx, kept)


# ---------------------------------------------------------------- asking
def _ask(ctx: PlantContext, base: Plan, parents: list[Scenario]) -> None:
    now = max(0, base.plant.minute_of(ctx.now))
    kind_cell, more_cell, button_cell = st.columns([4, 2, 2], vertical_alignment="bottom")
    if st.query_params.get("what") == "breakdown":
        st.session_state["what_happens"] = BREAKDOWN
        machine = machine_of_address(base.plant)
        if machine is not None:
            st.session_state["machine_Machine"] = machine.id
        # Only a way in: later choices are the planner's.
        st.query_params.pop("what")
        st.query_params.pop("machine", None)
    kind = kind_cell.selectbox(t("What happens"), list(KINDS), format_func=t, key="what_happens")
    with more_cell.popover(t("More"), width="stretch"):
        hours = st.selectbox(
            t("Frozen from now on"), FROZEN_HOURS, format_func=lambda h: t("{n} h", n=h), key="frozen_hours"
        )
        pinned = st.multiselect(t("Jobs that stay where they are"), [j.id for j in base.plant.jobs], key="pinned")
        names: dict[str | None, str] = {None: t("nothing else"), **{s.id: s.name or s.id for s in parents}}
        parent = st.selectbox(t("On top of"), list(names), key="parent", format_func=names.__getitem__)
    change = ask_change(kind, base, now)
    refusal = current_user.may_not(ctx.store, Action.WHAT_IF)
    clicked = button_cell.button(
        t("Compare repairs"), type="primary", icon=":material/play_arrow:", shortcut=shortcuts.RUN, width="stretch",
        key="ask_what_if", disabled=change is None or refusal is not None,
        help=refusal or t("Three repairs of the current plan, side by side"),
    )  # fmt: skip
    if not clicked or change is None:
        return
    pins = tuple(a.key for a in base.schedule.assignments if a.job in pinned)
    scenario = ask(ctx, base, (change,), _TOKEN, frozen_hours=float(hours), pins=pins, parent=parent)
    if scenario is not None:
        _open(scenario.id)


def _follow_link(ctx: PlantContext) -> None:
    """A link that names a scenario alone leads to the plan that the scenario changes."""
    asked = st.query_params.get("scenario")
    if asked is None or "plan" in st.query_params:
        return
    try:
        base = ctx.store.scenarios.get(asked).base_schedule_id
    except ShopwrightError:
        return  # what is wrong with the link is said where the scenario would stand
    if ctx.find(base) is not None:
        st.query_params["plan"] = base
    else:
        st.warning(t("The address names a scenario of an older pull: pull the jobs again and ask anew."))


def _open(scenario_id: str) -> None:
    st.session_state[_SHOWN] = scenario_id
    put_in_address("scenario", scenario_id)
    st.rerun()


def _shown(ctx: PlantContext, base: Plan) -> Scenario | None:
    """The scenario of the address, or the last one that was asked for, if it belongs to the current plan."""
    asked = st.query_params.get("scenario") or st.session_state.get(_SHOWN)
    if asked is None:
        return None
    try:
        scenario = ctx.store.scenarios.get(asked)
    except ShopwrightError as error:
        st.warning(safe_text.escape_markdown(str(error)))
        return None
    return scenario if scenario.base_schedule_id == base.id else None


# ---------------------------------------------------------------- the answer
def _result(ctx: PlantContext, base: Plan, scenario: Scenario) -> None:
    changes = _changes(ctx, scenario)
    st.subheader(t("What becomes of the plan?"))
    st.text(t("If {words}:", words=_words(ctx, scenario)))
    plans = _plans(ctx, scenario)
    missing = [t(heading) for engine, heading in HEADINGS.items() if engine not in plans]
    if missing:
        st.text(t("Not there (yet): {missing}.", missing=", ".join(missing)))
        page_shell.show_failures([r for r in ctx.store.runs.newest(snapshot_id=scenario.snapshot_id) if r.state.finished])
    if not plans:
        return
    found = {e: load_plan_diff(ctx.store, base.id, p.id) for e, p in plans.items()}
    table = what_if_tables.repairs_frame(base, {t(HEADINGS[e]): (p, found[e]) for e, p in plans.items()}, ctx.now)
    data_table.show(table, "repairs", height="content")
    st.caption(" ".join(f"**{t(HEADINGS[engine])}**: {t(MEANINGS[engine])}" for engine in plans))
    for change in changes:
        if isinstance(change, RushOrder):
            st.text(t("When {id} can be promised (right-shift: without hurting others):", id=change.job.id))
            promised = {t(HEADINGS[e]): p for e, p in plans.items() if change.job.id in p.plant.job_by_id}
            data_table.show(what_if_tables.promises_frame(change.job.id, base, promised), f"promises_{change.job.id}")
    choice, name_cell, keep_cell, beside_cell, promote_cell = st.columns([4, 3, 1, 2, 2], vertical_alignment="bottom")
    engine = choice.segmented_control(t("Look at"), list(plans), format_func=lambda e: t(HEADINGS[e]), required=True,
                                      default=next(iter(plans)), key=f"look_{scenario.id}")  # fmt: skip
    engine = engine or next(iter(plans))
    _keep(ctx, scenario, name_cell, keep_cell)
    hint = t("Two Gantts on one time window, the current plan's places dashed in")
    if beside_cell.button(t("In Compare"), icon=":material/compare_arrows:", key="beside", width="stretch", help=hint):
        _beside(base.id, plans[engine].id)
    _promote(ctx, plans[engine], promote_cell)
    late, moved = st.columns(2)
    late.text(t("Whose delivery changes"))
    changed = tables.coloured(tables.job_changes_frame(found[engine].jobs), t("What"))
    data_table.show(changed, "job_changes", place=late, height=300)
    moved.text(t("What moves"))
    operations = tables.operation_changes_frame(base.plant, plans[engine].plant, found[engine].operations)
    data_table.show(operations, "operation_changes", place=moved, height=300)


def _keep(ctx: PlantContext, scenario: Scenario, name_cell: st.delta_generator.DeltaGenerator,
          keep_cell: st.delta_generator.DeltaGenerator) -> None:  # fmt: skip
    if scenario.name is not None:
        name_cell.text(t("Kept as {name}", name=scenario.name))
        return
    name = name_cell.text_input(t("Keep it under a name"), key=f"name_{scenario.id}", max_chars=100)
    refusal = current_user.may_not(ctx.store, Action.WHAT_IF)
    clicked = keep_cell.button(
        t("Keep…"), key="keep_scenario", width="stretch", disabled=refusal is not None,
        help=refusal or t("The name is kept for good"),
    )  # fmt: skip

    def keep() -> None:
        authorized.name_scenario(ctx.store, current_user.actor(), scenario.id, name)
        page_shell.flash(t("The scenario is kept."))

    confirm_dialog.ask_once_more(
        f"keep {scenario.id}", t("Keep this scenario?"),
        t("It stays under the name “{name}”, for good.", name=name.strip()), t("Keep"), keep,
        clicked=clicked, refused=t("Not kept: "),
    )  # fmt: skip


def _promote(ctx: PlantContext, plan: Plan, cell: st.delta_generator.DeltaGenerator) -> None:
    done = plan.id in ctx.promoted
    refusal = current_user.may_not(ctx.store, Action.WHAT_IF)
    there = t("It is among the plans on Approve")
    hint = there if done else refusal or t("Put this plan on Approve; the released one stays")
    clicked = cell.button(
        t("Up for approval…"), icon=":material/verified:", key="promote", width="stretch",
        disabled=done or refusal is not None, help=hint,
    )  # fmt: skip

    def promote() -> None:
        authorized.promote(ctx.store, current_user.actor(), plan.id)
        page_shell.flash(t("The plan stands on Approve."))

    confirm_dialog.ask_once_more(
        f"promote {plan.id}", t("Put this plan on Approve?"),
        t("It stands there for good, marked as a what-if plan. Nothing is released before you "
"approve it."),
        t("Put it there"), promote, clicked=clicked,
    )  # fmt: skip


# ---------------------------------------------------------------- what was kept
def _kept(ctx: PlantContext, kept: tuple[Scenario, ...]) -> None:
    st.subheader(t("Kept scenarios"))
    if not kept:
        st.info(t("None yet: give an answer above a name, and it stays here to be opened and compared."))
        return
    plans = {s.id: _stored_ids(ctx, s) for s in kept}
    rows = [(s, _words(ctx, s), ", ".join(t(HEADINGS[e]) for e in plans[s.id])) for s in kept]
    st.dataframe(what_if_tables.scenarios_frame(rows), hide_index=True)
    names: dict[str | None, str] = {None: t("choose one"), **{s.id: s.name or s.id for s in kept}}
    opened = st.selectbox(t("Open"), list(names), key="open_scenario", format_func=names.__getitem__)
    if opened is not None and st.button(t("Open"), key="open_button"):
        _open(opened)
    choices = {plan: f"{s.name}: {t(HEADINGS[e])}" for s in kept for e, plan in plans[s.id].items()}
    if len(choices) < 2:
        return
    left_cell, right_cell, beside_cell = st.columns([4, 4, 2], vertical_alignment="bottom")
    left = left_cell.selectbox(t("Compare"), list(choices), format_func=choices.__getitem__, key="pair_left")
    right = right_cell.selectbox(t("with"), list(choices), format_func=choices.__getitem__, index=1, key="pair_right")
    if beside_cell.button(t("Two Gantts"), icon=":material/compare_arrows:", key="pair_beside", width="stretch"):
        _beside(left, right)
    sides = (load_plan(ctx.store, left), load_plan(ctx.store, right))
    pair = tables.figures_frame(tables.figures(*sides), choices[left], choices[right] + " ")
    data_table.show(pair, "pair", height="content")


def _beside(left: str, right: str) -> NoReturn:
    """Opens both plans on Compare: two Gantts with the left one's places dashed into the right one."""
    st.session_state["ghosts"] = True
    navigation.go(navigation.COMPARE, left=left, right=right, show="gantts")


def _plans(ctx: PlantContext, scenario: Scenario) -> dict[str, Plan]:
    return {engine: load_plan(ctx.store, plan) for engine, plan in _stored_ids(ctx, scenario).items()}


def _stored_ids(ctx: PlantContext, scenario: Scenario) -> dict[str, str]:
    """Ids of the scenario's newest plans by engine, in the order of the choices."""
    stored = ctx.store.schedules.newest(snapshot_id=scenario.snapshot_id)
    newest = {engine: newest_of(stored, engine) for engine in HEADINGS}
    return {engine: plan.id for engine, plan in newest.items() if plan is not None}


def _changes(ctx: PlantContext, scenario: Scenario) -> tuple[Change, ...]:
    plant = load_plan(ctx.store, scenario.base_schedule_id).plant
    return changes_from_json(scenario.changes, plant, f"scenario {scenario.id}")


def _words(ctx: PlantContext, scenario: Scenario) -> str:
    plant = load_plan(ctx.store, scenario.base_schedule_id).plant
    return t(", and ").join(what_if_tables.change_words(plant, change) for change in _changes(ctx, scenario))
