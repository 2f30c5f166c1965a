"""The plan that the pages propose: the recommended replan of the latest jobs, else the best plan of them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.loaded_plan import best_of, newest_of
from dashboard.presentation import replan_words
from dashboard.state.loaded import load_moves, load_plan
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, StoredSchedule
from scheduler_core.engines.registry import REPAIR_CHOICES

MOVES_MOST: Final = REPAIR_CHOICES[-1]
"""The answer to a change that may move anything."""


def replans(ctx: PlantContext) -> dict[str, StoredSchedule]:
    """The newest keep, calm and best (engine names, in this order) of the latest jobs, made since the plan in force was
    released; empty where nothing is released. The standing search's plan takes the place of a best one that is worse."""
    if ctx.release is None:
        return {}
    fresh = [p for p in ctx.fresh_plans if p.order > ctx.release.order]
    found = {engine: newest_of(fresh, engine) for engine in REPAIR_CHOICES}
    answers = {engine: plan for engine, plan in found.items() if plan is not None}
    searched = newest_of(fresh, STANDING)
    if answers and searched is not None:
        # It stands for Best where it is better: both may move anything.
        best = best_of(plan for plan in (answers.get(MOVES_MOST), searched) if plan is not None)
        answers[MOVES_MOST] = best or searched
    return answers


def proposed(ctx: PlantContext) -> StoredSchedule | None:
    """The recommended one of ``replans``; without any, the best other plan of the latest jobs, else the plan in force.

    Replans that are older than the release were there to choose from when it was made, so they are proposed no more.
    """
    answers = replans(ctx)
    if ctx.release is None or not answers:
        decided = REPAIR_CHOICES if ctx.release is not None else ()
        return best_of(p for p in ctx.fresh_plans if p.engine not in decided) or ctx.released
    ids = tuple((engine, plan.id) for engine, plan in answers.items())
    return answers[_recommended(ctx.store, ctx.release.schedule_id, ids)]


@st.cache_resource(max_entries=12, show_spinner=False)
def _recommended(_store: Store, base: str, answers: tuple[tuple[str, str], ...]) -> str:
    plans = {engine: load_plan(_store, schedule_id) for engine, schedule_id in answers}
    moves = {engine: load_moves(_store, base, schedule_id) for engine, schedule_id in answers}
    return replan_words.choice(plans, moves).name
