"""What planners have recorded, beside a plan: a line on Today, the list on Approve, and the questions that are open."""

from __future__ import annotations

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.components import fact_dialog, page_shell
from dashboard.components.fact_forms import FactKind
from dashboard.loaded_plan import Plan
from dashboard.presentation import fact_words, formatting, safe_text
from dashboard.state.facts import acting, beside, doubtful, fact_marks, waiting
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.i18n.translate import t, tn
from scheduler_core.roles import Action
from scheduler_core.scenarios.floor_reports import OperationStarted
from scheduler_core.services import facts
from scheduler_core.services.facts import Fact

SHOWN = 2
"""Facts that the line on Today names."""
WARNED = 10
"""Facts that a plan does not know and a warning names."""
DOUBTS = 3
"""Reports from the floor of which Today asks at once."""


def ask_returns(ctx: PlantContext) -> None:
    """A question for each machine out of service in the ERP for which orders wait: when is it back? Those that are
    answered are told."""
    for one in waiting(ctx):
        words, button = st.columns([7, 1.7], vertical_alignment="center")
        asked = t("When is {machine} back? It is out of service in the ERP.", machine=one.name)
        waits = tn("{n} order waits for it, and no other machine can take it.",
                   "{n} orders wait for it, and no other machine can take them.", len(one.jobs))  # fmt: skip
        if one.expected is not None:
            past = t("The machine was expected back {moment}.", moment=formatting.stamp(one.expected))
            asked = f"{asked} {past}"
        words.warning(safe_text.escape_markdown(f"{asked} {waits}"), icon=":material/help:")
        with button:
            fact_dialog.add_button(
                ctx, t("Answer…"), FactKind.BACK, f"back_{one.machine}", back=one.machine
            )  # fmt: skip
    _expected(ctx)


def ask_reports(ctx: PlantContext, most: int | None = None) -> None:
    """A question for each report from the floor against which something speaks, with its answers; ``most``: the others are
    counted, with the way to the page Facts."""
    doubts = doubtful(ctx)
    plant = load_plant(ctx.store, ctx.snapshot.id) if doubts else None
    for doubt in doubts[:most]:
        assert plant is not None  # there is a doubt
        fact, report = doubt.fact, doubt.fact.change
        words, finish, undo = st.columns([6, 1.4, 1.3], vertical_alignment="center")
        words.warning(safe_text.escape_markdown(fact_words.doubt_words(plant, doubt)), icon=":material/help:")
        if isinstance(report, OperationStarted) and report.job in plant.job_by_id:
            with finish:
                fact_dialog.add_button(
                    ctx, t("Finished…"), FactKind.FINISHED, f"finished_{fact.id}", order=report.job,
                    operation=report.sequence,
                )  # fmt: skip
        with undo:
            fact_dialog.undo_button(ctx, plant, fact, f"undo_doubt_{fact.id}")
    if most is not None and len(doubts) > most:
        words, button = st.columns([7.4, 1.3], vertical_alignment="center")
        more = len(doubts) - most
        words.text(tn("{n} more report from the floor is in doubt.", "{n} more reports from the floor are in doubt.", more))
        if button.button(t("Facts"), key="to_doubts", icon=":material/fact_check:", type="tertiary", width="stretch"):
            navigation.go(navigation.FACTS)


def _expected(ctx: PlantContext) -> None:
    """A line for each machine out of service that is expected back, with the pull that its orders wait for."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    barred = current_user.may_not(ctx.store, Action.PULL)
    for one in facts.awaited(ctx.store, ctx.snapshot.id, ctx.now):
        end = formatting.NOTHING if one.end is None else formatting.stamp(one.end)
        told = {"machine": one.machine_name, "end": end, "reason": one.reason, "person": one.recorded_by}
        if one.machine in plant.machine_by_id:
            st.text(
                t("{machine} is out of service in the ERP, expected back {end} ({reason}, recorded by {person}).", **told)
            )
            continue
        words, button = st.columns([7, 1.7], vertical_alignment="center")
        words.text(
            t("{machine} is out of service in the ERP, expected back {end} ({reason}, recorded by {person}). The next pull "
              "takes its orders into the plan.", **told)
        )  # fmt: skip
        if button.button(
            t("Pull again"), icon=":material/download:", key=f"pull_back_{one.machine}", width="stretch",
            disabled=barred is not None or progress.busy(), help=barred,
        ):  # fmt: skip
            page_shell.pull_jobs(ctx.store, "token_pull", lambda _: page_shell.flash(t("Pulled. Next: replan.")))


def line(ctx: PlantContext, plan: StoredSchedule) -> None:
    """Which facts the plan keeps to and which are not in it yet, with the way to the page; nothing where there is none."""
    found = beside(ctx, plan)
    if not (found.acting or found.idle or found.missing):
        return
    plant = load_plant(ctx.store, ctx.snapshot.id)
    parts = []
    kept, notes = _apart(found.acting)
    reports = [fact for fact in kept if fact_words.is_report(fact)]
    kept = [fact for fact in kept if fact not in reports]
    if kept:
        parts.append(_named(tn("This plan keeps to {n} fact", "This plan keeps to {n} facts", len(kept)),
                            [fact_words.said(plant, fact) for fact in kept]))  # fmt: skip
    if reports:
        parts.append(_named(tn("{n} report from the floor", "{n} reports from the floor", len(reports)),
                            [fact_words.said(plant, fact) for fact in reports]))  # fmt: skip
    if notes:
        parts.append(_named(tn("{n} note", "{n} notes", len(notes)), [fact_words.said(plant, fact) for fact in notes]))
    if found.idle:
        parts.append(_named(tn("{n} fact has no effect", "{n} facts have no effect", len(found.idle)),
                            [fact_words.said(plant, one.fact) for one in found.idle]))  # fmt: skip
    if found.missing:
        parts.append(_named(tn("{n} fact is not in this plan yet", "{n} facts are not in this plan yet", len(found.missing)),
                            [fact_words.said(plant, fact) for fact in found.missing]))  # fmt: skip
    words, button = st.columns([8, 1], vertical_alignment="center")
    words.text(" · ".join(parts))
    if button.button(t("Facts"), key="to_facts", icon=":material/fact_check:", type="tertiary", width="stretch"):
        navigation.go(navigation.FACTS)


def assumed(ctx: PlantContext, plan: StoredSchedule) -> None:
    """On Approve: the facts that the plan keeps to, one to a line, and in a warning those that it does not know."""
    warn_missing(ctx, plan)
    found = beside(ctx, plan)
    plant = load_plant(ctx.store, ctx.snapshot.id)
    kept, _ = _apart(found.acting)
    if not kept and not found.idle:
        return
    title = tn("This plan assumes {n} fact", "This plan assumes these {n} facts", len(kept))
    with st.expander(title, expanded=True):
        for fact in kept:
            st.text(f"• {fact_words.line(plant, fact)}")
        for one in found.idle:
            st.text("• " + t("{fact}: no effect, {reason}", fact=fact_words.said(plant, one.fact), reason=one.idle or ""))


def warn_missing(ctx: PlantContext, plan: StoredSchedule) -> None:
    """A warning that names the facts in force that the plan does not know; nothing where it knows all."""
    found = beside(ctx, plan)
    if found.missing:
        plant = load_plant(ctx.store, ctx.snapshot.id)
        names = _first([fact_words.said(plant, fact) for fact in found.missing], WARNED)
        words = tn("{n} fact was recorded after this plan was made and is not in it: {facts}. Replan to keep to it.",
                   "{n} facts were recorded after this plan was made and are not in it: {facts}. Replan to keep to them.",
                   len(found.missing), facts=names)  # fmt: skip
        st.warning(safe_text.escape_markdown(words), icon=":material/fact_check:")


def of_order(ctx: PlantContext, plan: Plan | None, job: str) -> None:
    """What planners have recorded of an order, one fact to a line."""
    for words in dict(fact_marks(ctx, plan).jobs).get(job, ()) if plan is not None else _of_pull(ctx, job):
        st.info(safe_text.escape_markdown(words), icon=":material/fact_check:")


def _of_pull(ctx: PlantContext, job: str) -> tuple[str, ...]:
    """The facts of an order where there is no plan yet."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    return tuple(fact_words.line(plant, fact) for fact in acting(ctx, ctx.snapshot.id).jobs.get(job, ()))


def _apart(facts: tuple[Fact, ...]) -> tuple[list[Fact], list[Fact]]:
    """What a plan keeps to, and the notes, which change no plan."""
    notes = [fact for fact in facts if fact_words.note_words(fact) is not None]
    return [fact for fact in facts if fact not in notes], notes


def _named(amount: str, names: list[str]) -> str:
    """An amount with the first of what it counts."""
    return t("{amount}: {facts}", amount=amount, facts=_first(names, SHOWN))


def _first(names: list[str], most: int) -> str:
    """The first names, and how many more there are."""
    listed = "; ".join(names[:most])
    more = len(names) - most
    return t("{facts}; and {n} more", facts=listed, n=more) if more > 0 else listed
