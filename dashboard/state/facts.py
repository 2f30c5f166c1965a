"""The facts of planners as pages show them: all that are known, and those that act on a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.loaded_plan import Plan
from dashboard.presentation import fact_words
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.services import facts
from scheduler_core.services.assumptions import pull_behind
from scheduler_core.services.facts import Acting, Doubt, Fact, Outcome, Question, Standing


@dataclass(frozen=True)
class PlanFacts:
    """The facts in force beside a plan. ``acting``: the plan keeps to them; ``idle``: it knows them and they do not act on
    it, each with the reason; ``missing``: it does not know them, because they were recorded after it was made."""

    acting: tuple[Fact, ...]
    idle: tuple[Outcome, ...]
    missing: tuple[Fact, ...]


def known(ctx: PlantContext) -> tuple[Fact, ...]:
    """All facts ever recorded of the plant, the newest first."""
    return facts.known(ctx.store, load_plant(ctx.store, ctx.snapshot.id), ctx.now)


def in_force(ctx: PlantContext) -> tuple[Fact, ...]:
    """Those that act now or will, the newest first."""
    return tuple(fact for fact in known(ctx) if fact.standing(ctx.now) in (Standing.ACTIVE, Standing.COMING))


def waiting(ctx: PlantContext) -> tuple[Question, ...]:
    """The machines out of service in the ERP for which orders wait, and of which nobody has said when they are back."""
    return facts.unanswered(ctx.store, ctx.snapshot.id)


def doubtful(ctx: PlantContext) -> tuple[Doubt, ...]:
    """The reports from the floor that a planner should look at: the ERP, or the clock, speaks against them."""
    return facts.doubtful(ctx.store, ctx.snapshot.id, ctx.now)


def acting(ctx: PlantContext, snapshot_id: str) -> Acting:
    """The facts that act on a snapshot, with the notes of now."""
    pulled = pull_behind(ctx.store, snapshot_id)
    return facts.acting(ctx.store, pulled, ctx.now, load_plant(ctx.store, pulled))


def beside(ctx: PlantContext, plan: StoredSchedule) -> PlanFacts:
    """How a plan stands to the facts in force. Their changes count from the latest snapshot's plan_start."""
    now = {fact.id: fact for fact in in_force(ctx)}
    outcomes = [one for one in acting(ctx, plan.snapshot_id).outcomes if one.fact.id in now]
    found = {one.fact.id for one in outcomes}
    return PlanFacts(
        tuple(now[one.fact.id] for one in outcomes if one.idle is None),
        tuple(Outcome(now[one.fact.id], one.idle) for one in outcomes if one.idle is not None),
        tuple(fact for fact in now.values() if fact.id not in found),
    )


@dataclass(frozen=True)
class FactMarks:
    """What is said of machines (ids), orders (ids) and the whole plant where a plan shows them, in words."""

    machines: tuple[tuple[int, tuple[str, ...]], ...] = ()
    jobs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    plant: tuple[str, ...] = ()


def fact_marks(ctx: PlantContext, plan: Plan, *, only_notes: bool = False) -> FactMarks:
    """The facts in force of a plan's machines and orders, those that the plan does not know yet among them. ``only_notes``:
    the words of notes alone."""
    now = {fact.id: fact for fact in in_force(ctx) if not only_notes or fact_words.note_words(fact) is not None}
    if not now:
        return FactMarks()
    plant = load_plant(ctx.store, ctx.snapshot.id)
    in_plan = {one.fact.id for one in acting(ctx, plan.info.id).outcomes}
    words = {
        fact.id: fact_words.note_words(fact) or ""
        if only_notes
        else fact_words.line(plant, fact, missing=fact.id not in in_plan)
        for fact in now.values()
    }
    machines: dict[int, dict[str, str]] = {}
    jobs: dict[str, dict[str, str]] = {}
    whole: dict[str, str] = {}
    for snapshot in dict.fromkeys((plan.info.id, ctx.snapshot.id)):
        there = acting(ctx, snapshot)
        whole.update({f.id: words[f.id] for f in there.plant if f.id in words})
        for machine, found in there.machines.items():
            machines.setdefault(machine, {}).update({f.id: words[f.id] for f in found if f.id in words})
        for job, found in there.jobs.items():
            jobs.setdefault(job, {}).update({f.id: words[f.id] for f in found if f.id in words})
    return FactMarks(
        tuple((m, tuple(said.values())) for m, said in sorted(machines.items()) if said),
        tuple((j, tuple(said.values())) for j, said in sorted(jobs.items()) if said),
        tuple(whole.values()),
    )
