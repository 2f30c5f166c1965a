"""Why: where a late job's time went, the chain back to the root, and fixes that are tried when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import streamlit as st

from dashboard import navigation
from dashboard.components import data_table, expedite_link
from dashboard.loaded_plan import Plan
from dashboard.presentation import charts, formatting, odds_words, safe_text, tables
from dashboard.state import page_theme, plan_odds
from dashboard.state.plant_context import PlantContext
from scheduler_core.causes import LateJob, Link
from scheduler_core.causes.fix_wording import fix_words
from scheduler_core.causes.fixes import Fix, try_fixes
from scheduler_core.floor.odds_change import OddsChange
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Job

PROGRESS_AFTER = 0.5
"""Seconds after which a search for fixes shows how far it is."""
_TRIED = "_tried_fixes"


def show_late_job(ctx: PlantContext, plan: Plan, late: LateJob) -> None:
    """A late job's causes: its cause and whether it could be on time in words, its time as a chart, its chain, its fixes."""
    lead = late.lead_time
    head, sooner, fix, gantt = st.columns([5, 1.2, 1.2, 1.4], vertical_alignment="center")
    late_by, cause = formatting.signed_days(lead.lateness), formatting.cause_words(plan.plant, late)
    possible = formatting.possible_words(plan.plant, plan.explainer.bound(late.job))
    head.text(f"{formatting.job_name(late.job)}: {late_by}. {cause}.\n{possible}.")
    with sooner:
        expedite_link.expedite_button(plan.id, late.job.id, "expedite_late_job")
    wanted = fix.button(t("Try fixes"), icon=":material/build:", width="stretch", key="try_fixes", type="primary",
                        help=t("Tries priority, overtime, swaps and other machines, and measures "
                               "the effect of each"))  # fmt: skip
    if gantt.button(t("Show in Gantt"), icon=":material/view_timeline:", width="stretch", key="to_gantt"):
        navigation.go(navigation.GANTT, plan=plan.id, job=late.job.id, op=str(telling_operation(plan, late)))
    show_fixes(ctx, plan, late.job, wanted)
    chart, chain = st.columns([2, 4], gap="medium")
    with chart:
        st.text(t("Where the lead time of {total} went", total=formatting.days_hours(lead.total)))
        parts = formatting.lead_time_parts(plan.plant, lead)
        st.plotly_chart(charts.lead_time_chart(parts, page_theme.dark()), key="lead_time", config={"displayModeBar": False})
    with chain:
        st.text(t("What delays this order, back to the root cause"))
        show_chain(plan, plan.explainer.root_chain(late.job), key="root_chain")


def show_chain(plan: Plan, chain: Sequence[Link], key: str) -> None:
    """Why an operation starts when it does, link by link; every job is a link to the Jobs page."""
    data_table.show(
        tables.chain_frame(plan.plant, chain),
        key,
        column_config={
            t("Op"): st.column_config.NumberColumn(width=36),
            t("Why then"): st.column_config.TextColumn(width=300),
            t("Could start earlier by"): st.column_config.NumberColumn(
                width=120, help=t("How much earlier the operation could start without this reason")
            ),
            t("Setup"): st.column_config.NumberColumn(
                width=50, help=t("Setup at the start of the operation, before it runs")
            ),
            t("Job"): st.column_config.LinkColumn(display_text=tables.JOB_LINK, help=t("Opens the job on the Jobs page")),
        },
    )  # fmt: skip


def show_fixes(ctx: PlantContext, plan: Plan, job: Job, wanted: bool) -> None:
    """The fixes that were tried for this job, if they were; ``wanted``: try them now."""
    if wanted:
        st.session_state[_TRIED] = (plan.id, job.id, *_try(ctx, plan, job))
    tried = st.session_state.get(_TRIED)
    if tried is None or tried[:2] != (plan.id, job.id):
        return
    fixes: tuple[Fix, ...] = tried[2]
    odds: tuple[OddsChange, ...] = tried[3]
    if not fixes:
        possible = formatting.possible_words(plan.plant, plan.explainer.bound(job))
        st.info(
            t(
                "Priority, overtime, swaps and other machines were tried, but no change helps this order. {possible}.",
                possible=possible,
            )
        )
        return
    wide = {t("Fix"): st.column_config.TextColumn(width=380)}
    data_table.show(tables.fixes_frame(plan.plant, fixes, odds), "fixes", column_config=wide)
    if odds:
        st.caption(odds_words.assumed(odds[0].assumed), help=t(odds_words.HELP))
    if not any(fix.on_time for fix in fixes):
        possible = formatting.possible_words(plan.plant, plan.explainer.bound(job))
        st.text(
            t("No fix makes the order on time, even with priority and 3 h of overtime a day. {possible}.", possible=possible)
        )
    st.text(t("Each fix was tried on this plan and passed the checks. The plan itself is unchanged."))
    with st.container(horizontal=True):
        for number, fix in enumerate(fixes, 1):
            if st.button(
                t("Try fix {n} in What-if", n=number), icon=":material/alt_route:", key=f"fix_what_if_{number}",
                help=t("Three repairs if this is done: {fix}", fix=safe_text.escape_markdown(fix_words(plan.plant, fix))),
            ):  # fmt: skip
                _ask_what_if(ctx, plan, job, fix)


def _ask_what_if(ctx: PlantContext, plan: Plan, job: Job, fix: Fix) -> None:
    """Opens the fix as a what-if scenario of the plan."""
    from dashboard.components.ask_what_if import ask  # it loads the engines, which explaining a plan does without
    from scheduler_core.scenarios.from_fix import changes_of

    scenario = ask(ctx, plan, changes_of(fix, job.id), f"fix {plan.id} {job.id} {fix_words(plan.plant, fix)}")
    if scenario is not None:
        navigation.go(navigation.WHAT_IF, plan=plan.id, scenario=scenario.id)


def telling_operation(plan: Plan, late: LateJob) -> int:
    """The operation to look at first: the one on the machine that was waited for longest, else the last."""
    wait = late.lead_time.longest_wait
    for operation in late.job.operations:
        a = plan.schedule.by_operation.get((late.job.id, operation.sequence))
        if wait is not None and a is not None and wait.machine in a.machines:
            return operation.sequence
    return late.job.operations[-1].sequence


def _try(ctx: PlantContext, plan: Plan, job: Job) -> tuple[tuple[Fix, ...], tuple[OddsChange, ...]]:
    """The fixes and what each does to the odds."""
    from scheduler_core.services.odds_changes import odds_changes  # compiled code, which explaining a plan does without

    began, place = monotonic(), st.empty()

    # Any other click ends the search here: drawing the bar is where Streamlit stops a script.
    def progress(fraction: float, message: str) -> None:
        if monotonic() - began > PROGRESS_AFTER:
            place.progress(fraction, t("Trying fixes: {what}", what=message))

    fixes = try_fixes(plan.plant, plan.schedule, job.id, progress, plan.explainer)
    odds: tuple[OddsChange, ...] = ()
    if fixes:
        assumed, known = plan_odds.assumed_noise(ctx), plan_odds.look(ctx, plan.id).found
        changed = [(fix.plant, fix.schedule) for fix in fixes]
        odds = odds_changes(plan.plant, plan.schedule, changed, job.id, assumed, before=known, progress=progress)
    place.empty()
    return fixes, odds
