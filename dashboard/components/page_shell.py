"""What every page shares: plant time, data age, the released version, runs at work, and the way out of an empty store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.components import (
    better_plan,
    browser_frame,
    data_table,
    language_picker,
    plant_workbook,
    shortcuts,
    unknown_downtimes,
)
from dashboard.presentation import formatting, plan_names, safe_text, tables
from dashboard.presentation.xlsx import XLSX, workbook
from dashboard.state import plan_choice, supervision
from dashboard.state.address import machine_taken_along
from dashboard.state.facts import beside
from dashboard.state.loaded import load_plan
from dashboard.state.plant_context import PlantContext, open_store, plant_context, utc_now
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.data.erp import NothingToPlan
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunRequest, RunState, SnapshotInfo, Source, StoredSchedule
from scheduler_core.engines.registry import has_zone
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.i18n.translate import kept, t, tn
from scheduler_core.roles import Action, Forbidden
from scheduler_core.runs.execute import PLAN_STAYS
from scheduler_core.runs.kept_zone import FrozenHours, stored_hours
from scheduler_core.runs.request import IMPROVING, replans, side_by_side
from scheduler_core.schedule import Schedule
from scheduler_core.services import authorized

STYLE = Path(__file__).parent / "page_shell.css"
OWN_SECONDS, OTHERS_SECONDS = 1.0, 3.0
"""How often the runs at work are shown anew: with one of this session among them, and with others' only. A browser draws a
whole page anew for it: ten of them once a second took 1.2 s of CPU a second."""
STALE_MINUTES = 240
"""Live data older than this is marked."""
REASONS_HEIGHT = 300
"""Pixels of the table of reasons why nothing can be planned."""
_FLASH = "_flash"
_SEEN_ACTIVE = "_seen_active"
_WITHOUT_PLAN = "_without_plan"
_OWN = "_own_runs"


def flash(message: str) -> None:
    """Say something after the next rerun (our own words only: they are read as Markdown)."""
    st.session_state[_FLASH] = message


def top() -> None:
    """The frame above every page: one line with plant time, data age, the plan that all pages show, and the ways on."""
    st.html(STYLE)
    browser_frame.install()
    if message := st.session_state.pop(_FLASH, None):
        st.toast(message, icon=":material/check:", duration="long")
    ctx = plant_context(open_store())
    if ctx is None:
        with st.container(horizontal=True, horizontal_alignment="right"):
            language_picker.choose()
        return
    plan = plan_choice.shown(ctx)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="frame"):
        _clock(ctx)
        _data(ctx)
        _plan(ctx, plan)
        current_user.badge()
        st.space("stretch")
        with st.container(horizontal=True, gap="xxsmall", width="content", key="frame_keys"):
            _ways()
        shortcuts.tell()
        language_picker.choose()
    plan_choice.warn_of_wrong_link(ctx)
    progress.show()


def _clock(ctx: PlantContext) -> None:
    demo = ctx.snapshot.source is Source.DEMO
    moment = formatting.stamp(ctx.now)
    parts = (
        t("{moment} · demo, fixed clock", moment=moment) if demo else moment,
        formatting.zone_text(ctx.snapshot.timezone),
    )
    st.badge(
        safe_text.escape_badge(" · ".join(parts)), icon=":material/schedule:", color="orange" if demo else "gray",
        help=_banner(ctx),
    )  # fmt: skip


def _data(ctx: PlantContext) -> None:
    age = formatting.age(ctx.snapshot.age_minutes(utc_now()))
    if _is_stale(ctx):
        st.badge(
            safe_text.escape_badge(t("Old data: {age}", age=age)), icon=":material/warning:", color="orange",
            help=t("Pull the jobs again on Jobs"),
        )  # fmt: skip
        return
    st.badge(
        safe_text.escape_badge(t("Data {age}", age=age)), icon=":material/database:", color="gray",
        help=t("When the jobs were pulled from the ERP"),
    )  # fmt: skip


def _plan(ctx: PlantContext, plan: StoredSchedule | None) -> None:
    """Which plan the pages show, whether it is the one in force, and the way back to that one."""
    if plan is None:
        return
    in_force = ctx.release is not None and ctx.release.schedule_id == plan.id
    if ctx.release is None:
        said = t("Nothing released: {plan}", plan=ctx.name(plan))
    elif in_force:
        said = t("In force, v{number}: {plan}", number=ctx.release.number, plan=ctx.short_name(plan))
    else:
        said = t("Not in force: {plan}", plan=ctx.name(plan))
    with st.container(key="frame_plan", width="content"):
        st.badge(safe_text.escape_badge(said), icon=":material/verified:", color="green" if in_force else "orange",
                 help=_released(ctx))  # fmt: skip
    if ctx.release is not None and not in_force:
        st.button(
            t("Back to v{number}", number=ctx.release.number), key="back_to_force", type="tertiary", icon=":material/undo:",
            help=t("Show the plan in force on all pages again"), on_click=plan_choice.let_go,
        )  # fmt: skip


def _released(ctx: PlantContext) -> str:
    if ctx.release is None:
        return t("Nothing is released yet: the pages show the best proposal. Release a plan on Approve.")
    text = t(
        "Version {number} is in force, released by {approver}, {when}. All pages show one plan.",
        number=ctx.release.number,
        approver=ctx.release.approver,
        when=ctx.moment(ctx.release.approved_at),
    )
    return safe_text.escape_markdown(text)


def _ways() -> None:
    if st.button(t("Gantt"), shortcut=shortcuts.GANTT, type="tertiary", key="go_gantt", help=t("Open the Gantt")):
        navigation.go(navigation.GANTT)
    if st.button(
        t("Breakdown"), shortcut=shortcuts.BREAKDOWN, type="tertiary", key="go_breakdown", help=t("A machine breaks down")
    ):
        navigation.go(navigation.WHAT_IF, what="breakdown", **machine_taken_along())
    if st.button(
        t("Differences"), shortcut=shortcuts.DIFFERENCES, type="tertiary", key="go_differences", help=t("What differs")
    ):
        navigation.go(navigation.COMPARE, show="differences")


def need_context() -> PlantContext:
    """Where the planner stands; with an empty store the first start is shown instead and the page ends."""
    store = open_store()
    ctx = plant_context(store)
    if ctx is None:
        _first_start(store)
        st.stop()
    return ctx


def need_plans(ctx: PlantContext, *, better: bool = True) -> None:
    """Shows runs at work and, if ``better``, whether the plan that is shown uses machines that are down, and whether a
    proposal is better than it.

    With no plan at all it offers to make two and ends the page.
    """
    if not ctx.plans and supervision.any_active(ctx.store):
        st.subheader(t("Making the first plans…"))
    active = show_runs(ctx)
    if ctx.plans:
        shown = plan_choice.shown(ctx)
        # Its place is always there, as that of the better proposal below.
        with st.container():
            told = better and unknown_downtimes.show(ctx, shown, lambda: replan(ctx), at_work=active)
        if not ctx.fresh_plans and not active and not told:
            _offer_replan(ctx)
        # A place of its own that is always there, so that all below keeps its place.
        with st.container():
            if better:
                better_plan.show(ctx, shown)
        return
    if not active:
        st.subheader(t("No plan for these jobs yet"))
        show_failures([r for r in ctx.store.runs.newest(snapshot_id=ctx.snapshot.id, limit=4) if r.state.finished])
        _offer_plans(ctx, t("Make two plans side by side: by dispatching rules, and by the learned policy (RL)."))
    st.stop()


def _offer_replan(ctx: PlantContext) -> None:
    """The way on after a pull while a plan is in force: from that plan, so that the shop floor keeps what it can."""
    text, button = st.columns([5, 1], vertical_alignment="center")
    new = () if ctx.released is None else beside(ctx, ctx.released).missing
    text.info(
        tn("{n} new fact is in no plan yet; the pages show the released plan.",
           "{n} new facts are in no plan yet; the pages show the released plan.", len(new))
        if new
        else t("The newly pulled jobs have no plan yet; the pages show the released plan.")
    )  # fmt: skip
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    if button.button(
        t("Replan"), type="primary", icon=":material/play_arrow:", width="stretch", key="replan_pulled",
        disabled=refusal is not None, help=refusal or t("Keep, calm and best from the plan in force, on the latest jobs"),
    ):  # fmt: skip
        replan(ctx)


def _offer_plans(ctx: PlantContext, why: str) -> None:
    text, button = st.columns([5, 1], vertical_alignment="center")
    text.info(why)
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    if button.button(
        t("Make two plans"), type="primary", icon=":material/play_arrow:", width="stretch", key="make_two",
        disabled=refusal is not None, help=refusal,
    ):  # fmt: skip
        start_both(ctx.store, ctx.snapshot.id)
        st.rerun()


def download(frame: pd.DataFrame, name: str, key: str) -> None:
    """A button that hands out a table as a workbook, made when it is asked for."""
    st.download_button(
        "XLSX",
        kept(lambda: workbook(frame, name)),
        file_name=f"{name}.xlsx",
        mime=XLSX,
        key=key,
        icon=":material/download:",
        on_click="ignore",
        help=t("This table as a workbook"),
    )


def start_both(store: Store, snapshot_id: str) -> None:
    """Greedy and RL side by side with the usual settings."""
    start_from_nothing(store, snapshot_id, "token_run")


def start_from_nothing(
    store: Store, snapshot_id: str, token_key: str, frozen: FrozenHours | None = None, **settings: Any
) -> None:
    """Engines side by side on the snapshot; what the plan in force starts within the ``frozen`` hours (None: those that are
    set for the plant) stays. ``settings``: see runs/request.py ``side_by_side``."""
    snapshot = store.snapshots.get(snapshot_id)
    hours = stored_hours(store, snapshot.plant) if frozen is None else frozen
    old = _in_force(store, snapshot) if hours[0] or any(own for _, own in hours[1]) else None
    requests = side_by_side(snapshot_id, request_id_for(token_key), in_force=old, frozen=hours, **settings)
    start(store, requests)
    consume_request_id(token_key)


def _in_force(store: Store, snapshot: SnapshotInfo) -> Schedule | None:
    """The plan in force in minutes of the snapshot's plan; None where nothing is released."""
    release = store.releases.current(snapshot.plant)
    if release is None:
        return None
    plan = load_plan(store, release.schedule_id)
    return plan.schedule.on_clock(plan.plant.clock, store.snapshots.plant(snapshot.id).clock)


def start_replans(
    store: Store,
    snapshot_id: str,
    token_key: str = "token_run",
    frozen: FrozenHours | None = None,
    **settings: Any,
) -> None:
    """Keep, calm and best on the snapshot from the plan in force; greedy and RL where nothing is released. ``frozen``: see
    ``start_from_nothing``; ``settings``: see runs/request.py ``replans``."""
    snapshot = store.snapshots.get(snapshot_id)
    old = _in_force(store, snapshot)
    if old is None:
        start_both(store, snapshot_id)
        return
    hours, by_type = stored_hours(store, snapshot.plant) if frozen is None else frozen
    requests = replans(
        snapshot_id, request_id_for(token_key), old, frozen_hours=hours, frozen_by_type=by_type, **settings
    )  # fmt: skip
    start(store, requests)
    consume_request_id(token_key)


def replan(ctx: PlantContext) -> None:
    """Keep, calm and best from the plan in force on jobs as they are now: a plant whose clock runs is pulled first."""
    if ctx.snapshot.source is Source.ERP:
        pull_jobs(ctx.store, "token_replan", lambda snapshot_id: start_replans(ctx.store, snapshot_id))
        return
    start_replans(ctx.store, ctx.snapshot.id)
    st.rerun()


def start(store: Store, requests: Sequence[RunRequest]) -> None:
    """Give each request a worker; every page then shows its usual plans again, the new ones once they are ready."""
    st.session_state.pop(_WITHOUT_PLAN, None)
    ask_for(store, requests)
    plan_choice.forget_sides()


def ask_for(store: Store, requests: Sequence[RunRequest]) -> None:
    """Queue runs that this session waits for."""
    started = [supervision.start(store, request, current_user.actor()) for request in requests]
    st.session_state[_OWN] = {one.run_id for one in started}
    running = [name for one, name in zip(started, map(_request_name, requests), strict=True) if not one.new]
    if running:
        st.toast(t("Already running: {names}.", names=", ".join(running)), icon=":material/info:")


def _request_name(request: RunRequest) -> str:
    return formatting.engine_name(request.engine)


# ---------------------------------------------------------------- runs at work
def show_runs(ctx: PlantContext) -> bool:
    """Progress of the runs at work, kept up to date; True if there are any. The page reruns whenever one ends."""
    active = {r.id for r in supervision.look_after(ctx.store)}
    ended = st.session_state.get(_SEEN_ACTIVE, set()) - active
    st.session_state[_SEEN_ACTIVE] = active
    for run in (ctx.store.runs.get(run_id) for run_id in sorted(ended)):
        if run.state is RunState.OK:
            st.toast(t("{engine}: a new plan is ready.", engine=run_name(run)), icon=":material/check:")
        else:
            st.session_state.setdefault(_WITHOUT_PLAN, []).append(run.id)
    # The place is always there, so that all below keeps its own when a run ends, and it belongs to the page: should the
    # fragment run again before a busy server has sent the page, Streamlit leaves out what the fragment drew; were its place
    # missing, too, the browser would refuse what comes after it.
    with st.container():
        # They stay in sight until they are closed or the next run starts, not only until the next rerun.
        _ended_without_plan(ctx)
        if active:
            every = OWN_SECONDS if active & st.session_state.get(_OWN, set()) else OTHERS_SECONDS
            with st.container():
                st.fragment(_progress, run_every=every)(ctx.store)
    return bool(active)


def _ended_without_plan(ctx: PlantContext) -> None:
    ended = [ctx.store.runs.get(run_id) for run_id in st.session_state.get(_WITHOUT_PLAN, [])]
    if not ended:
        return
    told, close = st.columns([16, 1], vertical_alignment="center")
    with told:
        show_failures(ended)
    if close.button("", key="close_ended", icon=":material/close:", type="tertiary", help=t("Close")):
        st.session_state.pop(_WITHOUT_PLAN, None)
        st.rerun()


def _progress(store: Store) -> None:
    active = supervision.look_after(store)
    if {r.id for r in active} != st.session_state.get(_SEEN_ACTIVE):
        st.rerun(scope="app")
    with st.container(border=True, key="runs_at_work"):
        before = 0
        for run in active:
            _run_line(store, run, before)
            before += run.state is RunState.QUEUED
        if len(active) > 1:
            _cancel_all(store, active)


def _cancel_all(store: Store, active: Sequence[Run]) -> None:
    refusal = current_user.may_not(store, Action.PLAN)
    stopping = refusal is not None or all(run.cancel_requested for run in active)
    _, cell = st.columns([7.6, 1], vertical_alignment="center")
    if cell.button(t("Cancel all"), key="cancel_all", disabled=stopping, help=refusal, width="stretch"):
        for run in active:
            supervision.cancel(store, run.id, current_user.actor())


def _run_line(store: Store, run: Run, before: int) -> None:
    """``before``: how many runs wait that were asked for earlier."""
    bar, keep, cancel = st.columns([6, 1.6, 1], vertical_alignment="center")
    told = _turn(run, before) if run.state is RunState.QUEUED else _progress_words(run)
    bar.progress(min(1.0, max(0.0, run.fraction)), text=told)
    refusal = current_user.may_not(store, Action.PLAN)
    # Before the first progress there is no plan yet that could be kept.
    if run.engine in IMPROVING and run.state is RunState.RUNNING and run.fraction > 0:
        keeping = run.keep_requested or run.cancel_requested or refusal is not None
        if keep.button(t("Keep the best so far"), key=f"keep_{run.id}", disabled=keeping, width="stretch"):
            authorized.keep_run(store, current_user.actor(), run.id)
    stopping = run.cancel_requested or refusal is not None
    if cancel.button(t("Cancel"), key=f"cancel_{run.id}", disabled=stopping, help=refusal, width="stretch"):
        supervision.cancel(store, run.id, current_user.actor())


def run_name(run: Run) -> str:
    """What a run makes, by the name that its plan will have: RL that replans after a change is a full rerun. One that only
    keeps the frozen zone of the plan in force is RL."""
    if run.engine == "learned" and run.config.warm_start is not None and not has_zone(run.config):
        return t(plan_names.FULL_RERUN)
    return formatting.engine_name(run.engine)


def _progress_words(run: Run) -> str:
    asked = t("keeping the best so far") if run.keep_requested else formatting.run_state(run.state)
    state = t("stopping") if run.cancel_requested else asked
    told = safe_text.escape_markdown(run.message)
    seconds = int(run.seconds(utc_now()))
    limit = run.config.time_limit
    if limit is None or not 0 < run.fraction < 1:
        return t("{engine}: {state}, {n} s. {told}", engine=run_name(run), state=state, n=seconds, told=told)
    left = max(1, round(limit * (1 - run.fraction)))
    return t(
        "{engine}: {state}, {n} s, about {left} s left. {told}",
        engine=run_name(run), state=state, n=seconds, left=left, told=told,
    )  # fmt: skip


def _turn(run: Run, before: int) -> str:
    """When it is a waiting run's turn."""
    name = run_name(run)
    if before:
        return tn("{engine}: queued, {n} run before it", "{engine}: queued, {n} runs before it", before, engine=name)
    return t("{engine}: queued, next in line", engine=name)


def _stays(run: Run) -> bool:
    return run.state is RunState.CANCELLED and run.message == PLAN_STAYS


def show_failures(runs: Sequence[Run]) -> None:
    """Why runs ended without a plan; those that were cancelled in one line."""
    for run in runs:
        if run.state in (RunState.FAILED, RunState.TIMEOUT):
            reason = safe_text.escape_markdown(run.fail_reason or run.message)
            st.error(f"{run_name(run)} {formatting.run_state(run.state)}: {reason}", icon=":material/error:")
    stay = [run_name(run) for run in runs if _stays(run)]
    if stay:
        names = ", ".join(dict.fromkeys(stay))
        st.success(t("{names}: no better plan was found, so the plan stays.", names=names), icon=":material/check:")
    cancelled = [run_name(run) for run in runs if run.state is RunState.CANCELLED and not _stays(run)]
    if cancelled:
        names = ", ".join(dict.fromkeys(cancelled))
        st.info(
            tn("{names} was cancelled.", "{names} were cancelled.", len(cancelled), names=names), icon=":material/cancel:"
        )


# ---------------------------------------------------------------- first start
def _first_start(store: Store) -> None:
    st.title(t("Welcome to Shopwright"))
    with st.container(width=720):
        st.markdown(
            t(
                "It plans the shop floor, and shows you why the plan looks as it does.\n\n1. It **pulls** "
                "the open jobs from the ERP. The ERP is only read, never written.\n2. It makes **two plans "
                "side by side**: by dispatching rules, and by a learned policy (RL). Both are checked "
                "against every hard constraint.\n3. You **compare** them, see which jobs are late and why, "
                "and **release** the one that you approve.\n\nThere is no data yet: begin with the first two "
                "steps."
            )
        )
    progress.show()
    refusal = current_user.may_not(store, Action.PULL)
    clicked = st.button(
        t("Pull the open jobs and make two plans"), type="primary", shortcut=shortcuts.RUN, icon=":material/play_arrow:",
        disabled=refusal is not None or progress.busy(), help=refusal,
    )  # fmt: skip
    with (
        st.container(width=1000),
        st.expander(t("No ERP? Start from one workbook"), icon=":material/table_view:", key="first_workbook"),
    ):
        label = t("Load this plant and make two plans")
        plant_workbook.section(store, "", label, lambda snapshot_id: start_both(store, snapshot_id))
    current_user.badge()
    if clicked:
        pull_jobs(store, "token_first_pull", lambda snapshot_id: start_both(store, snapshot_id))


def pull_jobs(store: Store, token: str, then: Callable[[str], None]) -> None:
    """Read the ERP into a new snapshot, do ``then`` with its id and run the page again; or show why it failed or who may."""

    def settle(result: Callable[[], str], *, later: bool) -> None:
        try:
            snapshot_id = result()
        except Forbidden as forbidden:
            st.error(safe_text.escape_markdown(str(forbidden)), icon=":material/block:")
            return
        except Cancelled:
            st.info(t("Reading the ERP was cancelled: nothing has changed."), icon=":material/cancel:")
            return
        except NothingToPlan as nothing:
            _say_nothing_to_plan(nothing)
            return
        except ShopwrightError as error:
            text = t("The ERP could not be read: {error}", error=safe_text.escape_markdown(str(error)))
            st.error(text, icon=":material/error:")
            return
        consume_request_id(token)
        then(snapshot_id)
        st.rerun(scope="app")

    actor, request_id = current_user.actor(), request_id_for(token)
    progress.wait_for(t("Reading the ERP…"), lambda listener: authorized.pull(store, actor, request_id, listener), settle)


def _say_nothing_to_plan(nothing: NothingToPlan) -> None:
    """Why, and every row that cannot be used: nothing is kept of such a pull, so no other page can show them."""
    text = t("Nothing can be planned: {why}. Nothing has changed.", why=str(nothing))
    st.error(safe_text.escape_markdown(text), icon=":material/error:")
    if nothing.quarantine:
        data_table.show(tables.quarantine_frame(nothing.quarantine), "nothing_to_plan", height=REASONS_HEIGHT)


# ---------------------------------------------------------------- the frame's words
def _banner(ctx: PlantContext) -> str | None:
    return None if ctx.snapshot.banner is None else safe_text.escape_markdown(ctx.snapshot.banner)


def _is_stale(ctx: PlantContext) -> bool:
    return ctx.snapshot.source is Source.ERP and is_old(ctx.snapshot.age_minutes(utc_now()))


def is_old(minutes: int) -> bool:
    """Whether jobs of this age should be pulled again. True below -1: the clock was set back, so nobody knows their age."""
    return not -1 <= minutes <= STALE_MINUTES
