"""What every page shares: plant time, data age, the released version, runs at work, and the way out of an empty store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.components import language_picker, shortcuts
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.xlsx import XLSX, workbook
from dashboard.state import supervision
from dashboard.state.address import machine_taken_along
from dashboard.state.plan_choice import forget_choices
from dashboard.state.plant_context import PlantContext, open_store, plant_context, utc_now
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunRequest, RunState, Source
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.i18n.translate import kept, t, tn
from scheduler_core.roles import Action, Forbidden
from scheduler_core.runs.request import IMPROVING, side_by_side
from scheduler_core.runs.supervisor import ACTIVE
from scheduler_core.services import authorized

STYLE = Path(__file__).parent / "page_shell.css"
OWN_SECONDS, OTHERS_SECONDS = 1.0, 3.0
"""How often the runs at work are shown anew: with one of this session among them, and with others' only. A browser draws a
whole page anew for it: ten of them once a second took 1.2 s of CPU a second."""
STALE_MINUTES = 240
"""Live data older than this is marked."""
_FLASH = "_flash"
_SEEN_ACTIVE = "_seen_active"
_WITHOUT_PLAN = "_without_plan"
_OWN = "_own_runs"


def flash(message: str) -> None:
    """Say something after the next rerun (our own words only: they are read as Markdown)."""
    st.session_state[_FLASH] = message


def top() -> None:
    """The strip above every page."""
    st.html(STYLE)
    if message := st.session_state.pop(_FLASH, None):
        st.toast(message, icon=":material/check:", duration="long")
    ctx = plant_context(open_store())
    if ctx is None:
        with st.container(horizontal=True, horizontal_alignment="right"):
            language_picker.choose()
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for icon, text in _strip(ctx):
            st.badge(safe_text.escape_badge(text), icon=icon, color="gray")
        if ctx.snapshot.source is Source.DEMO:
            st.badge(t("Demo: its clock stands still"), icon=":material/schedule:", color="orange", help=_banner(ctx))
        if _is_stale(ctx):
            st.badge(t("Old data: pull again on Jobs"), icon=":material/warning:", color="orange")
        current_user.badge()
        st.space("stretch")
        if st.button(t("Gantt"), shortcut=shortcuts.GANTT, type="tertiary", key="go_gantt", help=t("Open the Gantt")):
            navigation.go(navigation.GANTT)
        if st.button(
            t("Breakdown"),
            shortcut=shortcuts.BREAKDOWN,
            type="tertiary",
            key="go_breakdown",
            help=t("A machine breaks down"),
        ):
            navigation.go(navigation.WHAT_IF, what="breakdown", **machine_taken_along())
        if st.button(
            t("Differences"), shortcut=shortcuts.DIFFERENCES, type="tertiary", key="go_differences", help=t("What differs")
        ):
            navigation.go(navigation.COMPARE, show="differences")
        shortcuts.tell()
        language_picker.choose()
    progress.show()


def need_context() -> PlantContext:
    """Where the planner stands; with an empty store the first start is shown instead and the page ends."""
    store = open_store()
    ctx = plant_context(store)
    if ctx is None:
        _first_start(store)
        st.stop()
    return ctx


def need_plans(ctx: PlantContext) -> None:
    """Shows runs at work; with no plan at all it offers to make two and ends the page."""
    if not ctx.plans and ctx.store.runs.newest(states=ACTIVE, limit=1):
        st.subheader(t("Making the first plans…"))
    active = show_runs(ctx)
    if ctx.plans:
        if not ctx.fresh_plans and not active:
            _offer_plans(ctx, t("The jobs were pulled anew and have no plan yet; what you see is the released plan."))
        return
    if not active:
        st.subheader(t("No plan for these jobs yet"))
        show_failures([r for r in ctx.store.runs.newest(snapshot_id=ctx.snapshot.id, limit=4) if r.state.finished])
        _offer_plans(ctx, t("Make two plans side by side: by dispatching rules, and by the learned policy (RL)."))
    st.stop()


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
    start(store, side_by_side(snapshot_id, request_id_for("token_run")))
    consume_request_id("token_run")


def start(store: Store, requests: Sequence[RunRequest]) -> None:
    """Give each request a worker; every page then shows its usual plans again, the new ones once they are ready."""
    st.session_state.pop(_WITHOUT_PLAN, None)
    ask_for(store, requests)
    forget_choices()


def ask_for(store: Store, requests: Sequence[RunRequest]) -> None:
    """Queue runs that this session waits for."""
    st.session_state[_OWN] = {supervision.start(store, request, current_user.actor()) for request in requests}


# ---------------------------------------------------------------- runs at work
def show_runs(ctx: PlantContext) -> bool:
    """Progress of the runs at work, kept up to date; True if there are any. The page reruns whenever one ends."""
    active = {r.id for r in supervision.look_after(ctx.store, utc_now())}
    ended = st.session_state.get(_SEEN_ACTIVE, set()) - active
    st.session_state[_SEEN_ACTIVE] = active
    for run in (ctx.store.runs.get(run_id) for run_id in sorted(ended)):
        if run.state is RunState.OK:
            st.toast(t("{engine}: a new plan is ready.", engine=formatting.engine_name(run.engine)), icon=":material/check:")
        else:
            st.session_state.setdefault(_WITHOUT_PLAN, []).append(run.id)
    # The place is always there, so that all below keeps its own when a run ends, and it belongs to the page: should the
    # fragment run again before a busy server has sent the page, Streamlit leaves out what the fragment drew; were its place
    # missing, too, the browser would refuse what comes after it.
    with st.container():
        # They stay in sight until the next start, not only until the next rerun.
        show_failures([ctx.store.runs.get(run_id) for run_id in st.session_state.get(_WITHOUT_PLAN, [])])
        if active:
            every = OWN_SECONDS if active & st.session_state.get(_OWN, set()) else OTHERS_SECONDS
            with st.container():
                st.fragment(_progress, run_every=every)(ctx.store)
    return bool(active)


def _progress(store: Store) -> None:
    active = supervision.look_after(store, utc_now())
    if {r.id for r in active} != st.session_state.get(_SEEN_ACTIVE):
        st.rerun(scope="app")
    with st.container(border=True, key="runs_at_work"):
        before = 0
        for run in active:
            _run_line(store, run, before)
            before += run.state is RunState.QUEUED


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
        supervision.cancel(store, run.id, utc_now(), current_user.actor())


def _progress_words(run: Run) -> str:
    seconds = int(run.seconds(utc_now()))
    asked = t("keeping the best so far") if run.keep_requested else formatting.run_state(run.state)
    state = t("stopping") if run.cancel_requested else asked
    told = safe_text.escape_markdown(run.message)
    return t(
        "{engine}: {state}, {n} s. {told}", engine=formatting.engine_name(run.engine), state=state, n=seconds, told=told
    )


def _turn(run: Run, before: int) -> str:
    """When it is a waiting run's turn."""
    name = formatting.engine_name(run.engine)
    if before:
        return tn(
            "{engine}: waiting, {n} run before this one", "{engine}: waiting, {n} runs before this one", before, engine=name
        )
    return t("{engine}: waiting, next as soon as a run at work ends", engine=name)


def show_failures(runs: Sequence[Run]) -> None:
    """Why runs ended without a plan."""
    for run in runs:
        if run.state in (RunState.FAILED, RunState.TIMEOUT):
            reason = safe_text.escape_markdown(run.fail_reason or run.message)
            st.error(
                f"{formatting.engine_name(run.engine)} {formatting.run_state(run.state)}: {reason}", icon=":material/error:"
            )
        elif run.state is RunState.CANCELLED:
            st.info(t("{engine} was cancelled.", engine=formatting.engine_name(run.engine)), icon=":material/cancel:")


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
        except ShopwrightError as error:
            text = t("The ERP could not be read: {error}", error=safe_text.escape_markdown(str(error)))
            st.error(text, icon=":material/error:")
            return
        consume_request_id(token)
        then(snapshot_id)
        st.rerun(scope="app")

    actor, request_id = current_user.actor(), request_id_for(token)
    progress.wait_for(t("Reading the ERP…"), lambda listener: authorized.pull(store, actor, request_id, listener), settle)


# ---------------------------------------------------------------- the strip's words
def _strip(ctx: PlantContext) -> list[tuple[str, str]]:
    snapshot = ctx.snapshot
    released = t("Nothing released yet")
    if ctx.release is not None:
        when = formatting.stamp(ctx.release.approved_at.astimezone(ctx.zone))
        released = t(
            "Released v{number} by {approver}, {when}", number=ctx.release.number, approver=ctx.release.approver, when=when
        )
    return [
        (":material/schedule:", f"{formatting.stamp(ctx.now)} {snapshot.timezone}"),
        (":material/database:", t("Data pulled {age}", age=formatting.age(snapshot.age_minutes(utc_now())))),
        (":material/verified:", released),
    ]


def _banner(ctx: PlantContext) -> str | None:
    return None if ctx.snapshot.banner is None else safe_text.escape_markdown(ctx.snapshot.banner)


def _is_stale(ctx: PlantContext) -> bool:
    return ctx.snapshot.source is Source.ERP and ctx.snapshot.age_minutes(utc_now()) > STALE_MINUTES
