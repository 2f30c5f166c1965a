"""Compare: greedy and RL side by side on the same jobs; key figures, two linked Gantts, and what differs."""

from __future__ import annotations

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.components import column_help, data_table, page_shell, shortcuts, tour
from dashboard.components.changed_jobs import show_changed_jobs
from dashboard.components.table_height import table_height
from dashboard.gantt import GanttRequest, Ghosts, show_gantt
from dashboard.loaded_plan import Plan, newest_of, over_the_same_jobs, same_jobs, search_curve
from dashboard.presentation import (
    charts,
    difference_words,
    formatting,
    frozen_words,
    job_set_words,
    safe_text,
    search_words,
    tables,
    terms,
)
from dashboard.presentation.objective_labels import objective_words, value_scale, value_words
from dashboard.state import page_theme, proposal
from dashboard.state.address import put_in_address, take_from_address
from dashboard.state.loaded import gantt_bytes, load_plan, load_plan_diff
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from dashboard.views.compare import plan_list, replans, run_settings
from scheduler_core.data.store.records import STANDING, StoredSchedule
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.i18n.translate import language, mark, t, tp
from scheduler_core.objectives import Objective
from scheduler_core.roles import Action
from scheduler_core.runs.lower_bounds import best_bounds

SECTIONS = {
    "figures": mark("Figures"),
    "gantts": mark("Two Gantts"),
    "differences": mark("What differs"),
    "replans": mark("Keep, calm, best"),
    "plans": mark("All plans"),
}


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, settings_cell, run_cell = st.columns([5, 1, 1], vertical_alignment="bottom")
    head.title(t("Compare"))
    with settings_cell:
        chosen = run_settings.ask(ctx, load_plan(ctx.store, ctx.released.id).plant if ctx.released else None)
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    clicked = run_cell.button(
        tp("button", "Run"), icon=":material/play_arrow:", type="primary", shortcut=shortcuts.RUN, width="stretch",
        key="run_both",
        help=refusal or _what_runs(chosen), disabled=refusal is not None,
    )  # fmt: skip
    if clicked:
        _run(ctx, chosen)
    page_shell.need_plans(ctx, better=False)
    tour.step(ctx, navigation.COMPARE)
    left, right = _choose(ctx)
    if left is None or right is None:
        return
    names = (ctx.name(left.stored), ctx.name(right.stored))
    # What is not always there stands in places that always are: all below keeps its place when a new plan comes, so that
    # nothing of the old run is seen beside it (and said twice) while the new one is drawn.
    with st.container():
        if left.info.id != right.info.id:
            _warn(left, right)
        for side, plan in ((t("Left"), left), (t("Right"), right)):
            if frozen := frozen_words.plan_words(plan):
                st.text(f"{side}: {frozen}")
    take_from_address("show", "compare_section", list(SECTIONS))
    st.session_state.setdefault("compare_section", "figures")
    section = st.segmented_control(
        t("Show"), list(SECTIONS), required=True, key="compare_section", format_func=lambda s: t(SECTIONS[s]),
        label_visibility="collapsed",
    )  # fmt: skip
    section = section or "figures"
    put_in_address("show", section)
    with st.container():
        if left.id == right.id and section not in ("plans", "replans"):
            st.info(t("Both sides show the same plan: there is nothing to compare."))
    if section == "figures":
        _figures(ctx, left, right, names)
    elif section == "replans":
        replans.show(ctx)
    elif section == "plans":
        plan_list.show(ctx)
    elif section == "gantts":
        _gantts(ctx, left, right, names)
    else:
        _differences(ctx, left, right, names)


def _warn(left: Plan, right: Plan) -> None:
    text = job_set_words.unlike_orders(left, right, t("the left plan"), t("the right plan"))
    if text is None:
        text = t(
            "These plans have the same jobs but different plants: another pull, a machine recorded as down, or the "
            "changes of a what-if."
        )
    st.warning(text, icon=":material/warning:")


def _one_clock(left: Plan, right: Plan) -> bool:
    """Whether both plans count their minutes from one moment, so that one can be drawn into the other."""
    return (left.plant.plan_start, left.plant.timezone) == (right.plant.plan_start, right.plant.timezone)


def _what_runs(chosen: run_settings.Settings) -> str:
    if chosen.from_plan:
        return t("Keep, calm and best from the plan in force, on the latest jobs")
    return t("Run the chosen engines side by side on the latest jobs")


def _run(ctx: PlantContext, chosen: run_settings.Settings) -> None:
    if not chosen.engines and not chosen.from_plan:
        st.warning(t("Choose at least one engine under Settings."))
        return
    if chosen.objective is None:
        st.warning(t("Set at least one objective weight above 0 in Settings."))
        return
    token_key = "token_run"
    if chosen.from_plan:
        page_shell.start_replans(
            ctx.store, ctx.snapshot.id, token_key, objective=chosen.objective, seconds=chosen.seconds,
            most_moves=chosen.most_moves, frozen=chosen.frozen,
        )  # fmt: skip
        st.rerun()
    page_shell.start_from_nothing(
        ctx.store, ctx.snapshot.id, token_key, objective=chosen.objective, seconds=chosen.seconds, engines=chosen.engines,
        frozen=chosen.frozen, variation=chosen.variation,
    )  # fmt: skip
    st.rerun()


def _choose(ctx: PlantContext) -> tuple[Plan | None, Plan | None]:
    first, second = _usual(ctx)
    left_cell, right_cell = st.columns(2)
    with left_cell:
        left = choose_plan(ctx, t("Left"), "left", first, follow=True)
    with right_cell:
        right = choose_plan(ctx, t("Right"), "right", second, follow=True)
    if left is None or right is None:
        return None, None
    return load_plan(ctx.store, left.id), load_plan(ctx.store, right.id)


def _usual(ctx: PlantContext) -> tuple[StoredSchedule | None, StoredSchedule | None]:
    """The plan in force against the recommended replan where a replan is newest; greedy against RL where both exist;
    otherwise the released plan, or what there is, against the proposed one."""
    newest = max(ctx.fresh_plans, key=lambda plan: plan.order, default=None)
    if ctx.released is not None and newest is not None and newest.engine in (*REPAIR_CHOICES, STANDING):
        return ctx.released, proposal.proposed(ctx) if proposal.replans(ctx) else newest
    greedy, learned = newest_of(ctx.fresh_plans, "greedy"), newest_of(ctx.fresh_plans, "learned")
    proposed = proposal.proposed(ctx)
    searched = proposed is not None and proposed.engine == STANDING
    return greedy or ctx.released or proposed, proposed if searched else learned or proposed


def _figures(ctx: PlantContext, left: Plan, right: Plan, names: tuple[str, str]) -> None:
    same = same_jobs(left, right)
    left_common, right_common = over_the_same_jobs(left, right)
    rows = tables.figures(left_common, right_common)
    with st.container(key="compare_figures"):
        table, chart = st.columns([1, 1], gap="medium")
    sides = (
        t("Left: {plan_kind}", plan_kind=formatting.plan_kind(left.stored)),
        t("Right: {plan_kind}", plan_kind=formatting.plan_kind(right.stored)),
    )
    data_table.show(
        tables.figures_frame(rows, *sides, marked=same), "figures", place=table, height="content",
        column_config=column_help.of_figures(
            {side: terms.plan_kind(plan.stored) for side, plan in zip(sides, (left, right), strict=True)}
        ),
    )  # fmt: skip
    with table.container():
        if left.info.id == right.info.id:
            for objective, bound in _bounds(ctx, left.info.id).items():
                st.text(search_words.bound_words(objective, bound, left.kpis, right.kpis))
    table.text(
        t("✓ marks the better value. Both plans passed every hard constraint.")
        if same
        else t("No value is marked as better: the plans have different orders. Both passed every hard constraint."),
        help=t(terms.CHECKS),
    )
    chart.text(t("Is the right plan better than the left one?"))
    chart.plotly_chart(
        charts.figures_chart(rows, t("Right plan against left"), page_theme.dark(), judged=same),
        key="figures_chart",
        config={"displayModeBar": False},
    )
    _search(ctx, left, right)
    st.subheader(t("How late are the jobs?"))
    sides_late = {
        t("Left: {name}", name=names[0]): left_common.lateness,
        t("Right: {name}", name=names[1]): right_common.lateness,
    }
    st.plotly_chart(charts.lateness_chart(sides_late, page_theme.dark()), key="lateness", config={"displayModeBar": False})


def _bounds(ctx: PlantContext, snapshot_id: str) -> dict[Objective, float]:
    """The best lower bound known for each objective of the snapshot; every plan of it shows the same ones."""
    runs = ctx.store.runs.newest(snapshot_id=snapshot_id)
    found = ctx.store.bounds.of(snapshot_id)
    return best_bounds(ctx.store.schedules.newest(snapshot_id=snapshot_id), runs, snapshot_id, found)


def _search(ctx: PlantContext, left: Plan, right: Plan) -> None:
    """How each plan that an engine searched for got better meanwhile, and whether a rule began better than RL."""
    sides = [(side, p) for side, p in ((t("Left"), left), (t("Right"), right)) if search_curve(p.stored)]
    with st.container():
        for side, plan in ((t("Left"), left), (t("Right"), right)):
            if note := formatting.not_by_rollout(plan.stored):
                st.text(f"{side}: {note}")
            if failed := formatting.fallback_words(plan.stored):
                st.warning(f"{side}: {safe_text.escape_markdown(failed)}")
    if not sides:
        return
    st.subheader(
        t("How did the plan get better while searching?"),
        help=t("Every step down is a better plan that the search found. A long flat end means that more time gains little."),
    )
    for cell, (side, plan) in zip(st.columns(len(sides)), sides, strict=True):
        objective = ctx.store.runs.get(plan.stored.run_id).config.objective
        points = search_curve(plan.stored)
        gain = search_words.search_gain(points, objective)
        cell.text(f"{side}: {formatting.plan_kind(plan.stored)}. {objective_words(objective)}. {gain}.")
        cell.plotly_chart(
            charts.search_chart([(at, value * value_scale(objective)) for at, value in points], value_words(objective)),
            key=f"search_{plan.id}_{side}",
            config={"displayModeBar": False},
        )


def _gantts(ctx: PlantContext, left: Plan, right: Plan, names: tuple[str, str]) -> None:
    title, switch = st.columns([1, 1], vertical_alignment="center")
    title.text(t("Left: {name}", name=names[0]))
    one_clock = _one_clock(left, right)
    ghosts = switch.toggle(t("Show the left plan as dashed outlines"), key="ghosts", disabled=not one_clock)
    for side, plan, name in (("left", left, names[0]), ("right", right, names[1])):
        if side == "right":
            st.text(t("Right: {name}", name=name))
        overlay = left if ghosts and side == "right" and one_clock else None
        request = GanttRequest(
            key=f"gantt_{side}",
            title=t("left: {name}", name=name) if side == "left" else t("right: {name}", name=name),
            now=plan.plant.minute_of(ctx.now),
            stacked=2,
            place=1 if side == "left" else 2,
            link="compare",
        )
        data = gantt_bytes(
            plan,
            plan.id,
            request,
            language=language(),
            _ghosts=Ghosts(overlay.schedule, t("position in the left plan")) if overlay else None,
            ghosts_version=overlay.id if overlay else None,
        )
        show_gantt(data, key=f"gantt_{side}")


def _differences(ctx: PlantContext, left: Plan, right: Plan, names: tuple[str, str]) -> None:
    found = load_plan_diff(ctx.store, left.id, right.id)
    if found.is_empty:
        st.success(t("Nothing differs: both plans are the same."), icon=":material/check_circle:")
        return
    st.text(t("From left ({name}) to right ({right}):", name=names[0], right=names[1]))
    cells = st.columns(5)
    for cell, (what, amount, meaning) in zip(cells, difference_words.counts(found), strict=True):
        cell.metric(what, formatting.number(amount, 0), border=True, help=meaning)
    st.text(difference_words.sentence(found))
    st.subheader(t("Which jobs are delivered earlier or later?"))
    jobs = show_changed_jobs(left, right, found.jobs, "difference")
    page_shell.download(jobs, "what-differs", "differences_xlsx")
    with st.expander(difference_words.changed_words(found)):
        moves = tables.operation_changes_frame(left.plant, right.plant, found.operations)
        data_table.show(moves, "operation_changes", height=table_height(len(moves), 400))
