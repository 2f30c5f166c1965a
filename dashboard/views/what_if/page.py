"""What-if: something happens to a plan; three repairs stand beside it, to keep, compare and put up for approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.components import (
    column_help,
    confirm_dialog,
    data_table,
    downtime_dialog,
    fact_dialog,
    page_shell,
    shortcuts,
    submitted,
    withdrawing,
)
from dashboard.components.ask_what_if import ask
from dashboard.components.table_height import table_height
from dashboard.loaded_plan import Plan, newest_of, version_of
from dashboard.presentation import job_set_words, replan_words, safe_text, tables, terms, what_if_tables
from dashboard.presentation.frozen_words import hours_words
from dashboard.state import page_theme, plan_choice
from dashboard.state.address import machine_of_address, put_in_address, wrong_link
from dashboard.state.loaded import load_plan, load_replanned
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from dashboard.views.what_if import change_list, expedite
from dashboard.views.what_if.form import BREAKDOWN, KINDS, ask_change
from dashboard.views.what_if.form_filling import fill
from scheduler_core.data.store.records import MANUAL, Scenario
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import mark, t
from scheduler_core.roles import Action
from scheduler_core.runs.kept_zone import stored_hours
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, RushOrder
from scheduler_core.scenarios.changes_file import changes_from_json
from scheduler_core.scenarios.single_changes import Expedited
from scheduler_core.services import authorized

HEADINGS: Mapping[str, str] = {"right_shift": mark("Keep"), "repair": mark("Calm"), "best": mark("Best"),
                                "learned": mark("Full rerun"), "manual": mark("Expedited")}  # fmt: skip
MEANINGS: Mapping[str, str] = {
    "right_shift": mark("the same sequence on the same machines; affected operations start later."),
    "repair": mark("improved; at most 5 % of the operations of the next 24 h move, later operations are free."),
    "best": mark("improved as far as the time allows; any operation may move."),
    "learned": mark("RL plans all operations that are not frozen, from nothing."),
    "manual": mark("one order is delivered sooner; the others move as little as possible."),
}
"""What each answer does, read as Markdown; full reruns come from earlier versions."""
FROZEN_HOURS = (0, 1, 2, 4, 8, 24)
_TOKEN = "token_what_if"
_SHOWN = "_shown_scenario"
_FILLED = "_filled_scenario"


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    head.title(t("What-if"))
    page_shell.need_plans(ctx)
    _follow_link(ctx)
    with choice:
        chosen = choose_plan(ctx, t("Current plan"), "plan", ctx.usual)
    if chosen is None:
        return
    base = load_plan(ctx.store, chosen.id)
    if base.info.id != ctx.snapshot.id and base.info.id not in ctx.scenarios:
        st.warning(
            t("This plan was made from an older pull: machines, orders and times may have changed since. Choose a plan of "
              "the latest jobs."), icon=":material/warning:",
        )  # fmt: skip
    if expedite.is_asked():
        expedite.show(ctx, base)
        return
    expedite.offer(base)
    kept = ctx.store.scenarios.named(base.info.id)
    _ask(ctx, base, [s for s in kept if s.base_schedule_id == base.id])
    scenario = _shown(ctx, base)
    if scenario is not None:
        _result(ctx, base, scenario)
    _kept(ctx, kept)
    fact_dialog.show(ctx)


# ---------------------------------------------------------------- asking
def _ask(ctx: PlantContext, base: Plan, parents: list[Scenario]) -> None:
    now = max(0, base.plant.minute_of(ctx.now))
    kind_cell, more_cell, button_cell = st.columns([4, 2, 2], vertical_alignment="bottom")
    what = st.query_params.get("what")
    if what is not None and what != "breakdown":
        wrong_link(t("{key} cannot be {asked}", key="what", asked=what))
    if what is None and "machine" in st.query_params:
        wrong_link(t("a machine without a change"))
    if what == "breakdown":
        st.session_state["what_happens"] = BREAKDOWN
        machine = machine_of_address(base.plant)
        if machine is not None:
            st.session_state["machine_Machine"] = machine.id
        # Only a way in: later choices are the planner's.
        st.query_params.pop("what")
        st.query_params.pop("machine", None)
    _restore(ctx, base)
    kind = kind_cell.selectbox(t("What happens"), list(KINDS), format_func=t, key="what_happens")
    with more_cell.popover(t("More"), width="stretch"):
        hours = st.selectbox(
            t("Frozen from now on"), FROZEN_HOURS, format_func=lambda h: t("{n} h", n=h), key="frozen_hours"
        )
        hours_set, by_type = stored_hours(ctx.store, ctx.snapshot.plant)
        if hours_set or by_type:
            words = t("The plant's frozen zone is kept, too: {hours}.", hours=hours_words(base.plant, hours_set, by_type))
            st.caption(safe_text.escape_markdown(words))
        pinned = st.multiselect(t("Jobs that stay where they are"), [j.id for j in base.plant.jobs], key="pinned")
        names: dict[str | None, str] = {None: t("nothing else"), **{s.id: s.name or s.id for s in parents}}
        parent = st.selectbox(t("On top of"), list(names), key="parent", format_func=names.__getitem__)
    change = ask_change(kind, base, now)
    if isinstance(change, Breakdown):
        _offer_fact(ctx, base, change)
    changes = change_list.show(base, change)
    if parent is not None:
        st.text(t("On top of: {name}", name=names[parent]))
    refusal = current_user.may_not(ctx.store, Action.WHAT_IF)
    clicked = button_cell.button(
        t("Compare repairs"), type="primary", icon=":material/play_arrow:", shortcut=shortcuts.RUN, width="stretch",
        key="ask_what_if", disabled=not changes or refusal is not None,
        help=refusal or t("Three repairs of the current plan, side by side"),
    )  # fmt: skip
    if not clicked or not changes:
        return
    pins = tuple(a.key for a in base.schedule.assignments if a.job in pinned)
    scenario = ask(ctx, base, changes, _TOKEN, frozen_hours=float(hours), pins=pins, parent=parent)
    if scenario is not None:
        st.session_state[_FILLED] = scenario.id  # the form says what was asked already
        _open(scenario.id)


def _offer_fact(ctx: PlantContext, base: Plan, change: Breakdown) -> None:
    """The way from an assumption to a fact: the breakdown has happened."""
    words, button = st.columns([6, 2], vertical_alignment="center")
    words.caption(
        t("A what-if assumes a breakdown for one plan. If it has happened, record it: every new plan goes around it.")
    )
    with button:
        downtime_dialog.offer(ctx, change.machine, base.plant.time_of(change.start))
    downtime_dialog.show(ctx)


def _restore(ctx: PlantContext, base: Plan) -> None:
    """The form as it was when the scenario of the address was asked, once after each opening of it."""
    asked = st.query_params.get("scenario")
    if asked is None or st.session_state.get(_FILLED) == asked:
        return
    try:
        scenario = ctx.store.scenarios.get(asked)
        parent = None if scenario.parent_id is None else ctx.store.scenarios.get(scenario.parent_id)
    except ShopwrightError:
        return  # what is wrong with the address is said where the answer would stand
    if scenario.base_schedule_id != base.id:
        return
    st.session_state[_FILLED] = asked
    first = 0 if parent is None else len(_changes(ctx, parent))
    fill(base, _changes(ctx, scenario)[first:])
    st.session_state["parent"] = None if parent is None or parent.name is None else parent.id
    if parent is not None and parent.name is None:
        fill(base, _changes(ctx, scenario))
    hours = scenario.frozen_minutes // 60
    if hours in FROZEN_HOURS:
        st.session_state["frozen_hours"] = hours
    st.session_state["pinned"] = list(dict.fromkeys(job for job, _ in scenario.pins))


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
        wrong_link(t("the scenario was made from an older pull"))


def _open_saved(ctx: PlantContext, scenario: Scenario) -> None:
    """Open a saved scenario on the plan that it changes."""
    if ctx.find(scenario.base_schedule_id) is not None:
        plan_choice.hold(ctx, scenario.base_schedule_id)
    _open(scenario.id)


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
    except ShopwrightError:
        st.session_state.pop(_SHOWN, None)
        wrong_link(t("there is no scenario {asked}", asked=asked))
        return None
    return scenario if scenario.base_schedule_id == base.id else None


# ---------------------------------------------------------------- the answer
def _result(ctx: PlantContext, base: Plan, scenario: Scenario) -> None:
    changes = _changes(ctx, scenario)
    st.subheader(t("What becomes of the plan?"))
    said, true_cell = st.columns([6, 2], vertical_alignment="center")
    said.text(_condition(ctx, scenario))
    with true_cell:
        fact_dialog.came_true_button(ctx, scenario.id, changes)
    plans = _plans(ctx, scenario)
    missing = [t(HEADINGS[engine]) for engine in REPAIR_CHOICES if engine not in plans]
    if missing and not {MANUAL, "learned"} & plans.keys():
        st.text(t("Still calculating: {missing}.", missing=", ".join(missing)))
        page_shell.show_failures([r for r in ctx.store.runs.newest(snapshot_id=scenario.snapshot_id) if r.state.finished])
    if not plans:
        return
    found = {e: load_replanned(ctx.store, base.id, p.id, ctx.now) for e, p in plans.items()}
    if unlike := job_set_words.unlike_orders(base, next(iter(plans.values())), t("the current plan"), t("the answers")):
        st.text(unlike)
    table = what_if_tables.repairs_frame(base, {t(HEADINGS[e]): one for e, one in found.items()})
    help_ = {t(HEADINGS[e]): terms.engines([e]) for e in found}
    data_table.show(table, "repairs", height="content", column_config=column_help.of_figures(help_))
    st.caption(" ".join(f"**{t(HEADINGS[engine])}**: {t(MEANINGS[engine])}" for engine in plans))
    if not missing:
        st.markdown(replan_words.recommended({e: one for e, one in found.items() if e in REPAIR_CHOICES}))
    usual = next(iter(plans)) if missing else replan_words.recommended_name({e: found[e] for e in REPAIR_CHOICES})
    for change in changes:
        if isinstance(change, RushOrder):
            st.text(t("When {id} can be promised (Keep: without harming other orders):", id=change.job.id))
            promised = {t(HEADINGS[e]): p for e, p in plans.items() if change.job.id in p.plant.job_by_id}
            data_table.show(what_if_tables.promises_frame(change.job.id, base, promised), f"promises_{change.job.id}")
    choice, name_cell, keep_cell, beside_cell, promote_cell = st.columns([4, 3, 1, 2, 2], vertical_alignment="bottom")
    # Named after the first choice, so that the recommended answer is chosen once all are there.
    engine = choice.segmented_control(t("Show"), list(plans), format_func=lambda e: t(HEADINGS[e]), required=True,
                                      default=usual, key=f"look_{scenario.id}_{usual}")  # fmt: skip
    engine = engine or usual
    _keep(ctx, scenario, name_cell, keep_cell)
    hint = t("Two Gantts on one time window, with the current plan as dashed outlines")
    if beside_cell.button(t("Open in Compare"), icon=":material/compare_arrows:", key="beside", width="stretch", help=hint):
        _beside(base.id, plans[engine].id)
    _promote(ctx, plans[engine], promote_cell)
    submitted.show(ctx, plans[engine].id)
    # One above the other: side by side their last columns would be cut off.
    st.text(t("Whose delivery changes"))
    jobs = tables.job_changes_frame(found[engine].diff.jobs)
    changed = tables.coloured(jobs, t("What"), page_theme.dark())
    data_table.show(changed, "job_changes", height=table_height(len(jobs), 300))
    st.text(t("What moves"))
    operations = tables.operation_changes_frame(base.plant, plans[engine].plant, found[engine].diff.operations)
    data_table.show(operations, "operation_changes", height=table_height(len(operations), 300))


def _keep(ctx: PlantContext, scenario: Scenario, name_cell: st.delta_generator.DeltaGenerator,
          keep_cell: st.delta_generator.DeltaGenerator) -> None:  # fmt: skip
    if scenario.name is not None:
        name_cell.text(t("Saved as {name}", name=scenario.name))
        return
    name = name_cell.text_input(t("Save scenario as"), key=f"name_{scenario.id}", max_chars=100)
    refusal = current_user.may_not(ctx.store, Action.WHAT_IF)
    clicked = keep_cell.button(
        t("Save…"), key="keep_scenario", width="stretch", disabled=refusal is not None,
        help=refusal or t("Saved scenarios are listed below; they can be withdrawn"),
    )  # fmt: skip

    def keep() -> None:
        authorized.name_scenario(ctx.store, current_user.actor(), scenario.id, name)
        page_shell.flash(t("The scenario is saved."))

    confirm_dialog.ask_once_more(
        f"keep {scenario.id}", t("Save this scenario?"),
        t("It is listed as “{name}”. The name cannot be changed later.", name=name.strip()), t("Save"), keep,
        clicked=clicked, refused=t("Not saved: "),
    )  # fmt: skip


def _promote(ctx: PlantContext, plan: Plan, cell: st.delta_generator.DeltaGenerator) -> None:
    number = version_of(plan.id, ctx.releases)
    done = plan.id in ctx.promoted or number is not None
    refusal = current_user.may_not(ctx.store, Action.WHAT_IF)
    there = (
        t("It is among the plans on Approve")
        if number is None
        else t("This plan was released as version {number}.", number=number)
    )
    hint = there if done else refusal or t("It is then among the plans on Approve; the released plan stays in force")
    clicked = cell.button(
        t("Submit for approval…"), icon=":material/verified:", key="promote", width="stretch",
        disabled=done or refusal is not None, help=hint,
    )  # fmt: skip

    def promote() -> None:
        authorized.promote(ctx.store, current_user.actor(), plan.id)
        submitted.remember(plan.id)

    confirm_dialog.ask_once_more(
        f"promote {plan.id}", t("Submit this plan for approval?"),
        t("{plan} is then listed on Approve. Nothing is released before somebody approves it.",
          plan=ctx.short_name(plan.stored)),
        t("Submit"), promote, clicked=clicked,
    )  # fmt: skip


# ---------------------------------------------------------------- what was kept
def _kept(ctx: PlantContext, kept: tuple[Scenario, ...]) -> None:
    gone = frozenset[str]() if not kept else ctx.store.withdrawals.scenarios(kept[0].base_snapshot_id)
    head, switch = st.columns([5, 1], vertical_alignment="bottom")
    head.subheader(t("Saved scenarios"))
    if gone and not switch.toggle(t("Show withdrawn"), key="withdrawn_scenarios"):
        kept = tuple(s for s in kept if s.id not in gone)
    if not kept:
        st.info(t("None yet: save an answer above under a name, and it is listed here to be opened and compared."))
        return
    plans = {s.id: _stored_ids(ctx, s) for s in kept}
    rows = [(s, _words(ctx, s), ", ".join(t(HEADINGS[e]) for e in plans[s.id])) for s in kept]
    data_table.show(what_if_tables.scenarios_frame(rows), "scenarios")
    names: dict[str | None, str] = {None: t("choose one")}
    for one in kept:
        name = one.name or one.id
        names[one.id] = t("{name} (withdrawn)", name=name) if one.id in gone else name
    choice, open_cell, withdraw_cell = st.columns([4, 1, 1.4], vertical_alignment="bottom")
    opened = choice.selectbox(t("Scenario"), list(names), key="open_scenario", format_func=names.__getitem__)
    chosen = next((s for s in kept if s.id == opened), None)
    if open_cell.button(t("Open"), key="open_button", width="stretch", disabled=chosen is None) and chosen is not None:
        _open_saved(ctx, chosen)
    if chosen is not None:
        with withdraw_cell:
            withdrawing.of_scenario(ctx, chosen, withdrawn=chosen.id in gone)
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
    expedited = any(isinstance(change, Expedited) for change in _changes(ctx, scenario))
    newest = {engine: newest_of(stored, engine) for engine in HEADINGS if expedited or engine != MANUAL}
    return {engine: plan.id for engine, plan in newest.items() if plan is not None}


def _changes(ctx: PlantContext, scenario: Scenario) -> tuple[Change, ...]:
    plant = load_plan(ctx.store, scenario.base_schedule_id).plant
    return changes_from_json(scenario.changes, plant, f"scenario {scenario.id}")


def _condition(ctx: PlantContext, scenario: Scenario) -> str:
    words, changes = _words(ctx, scenario), _changes(ctx, scenario)
    return (
        t("With {words}:", words=words) if changes and isinstance(changes[0], RushOrder) else t("If {words}:", words=words)
    )


def _words(ctx: PlantContext, scenario: Scenario) -> str:
    plant = load_plan(ctx.store, scenario.base_schedule_id).plant
    return t(", and ").join(what_if_tables.change_words(plant, change) for change in _changes(ctx, scenario))
