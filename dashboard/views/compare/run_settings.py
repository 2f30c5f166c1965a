"""The settings of a run on Compare: the aim with its prices, the engines, and how long they may search."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.presentation import formatting, safe_text, terms
from dashboard.presentation.objective_labels import NAMED_OBJECTIVES, OWN_PRICES, OWN_PRICES_LABEL, PRICE_INPUTS
from dashboard.state.plant_context import PlantContext
from dashboard.views.compare import frozen_zone
from scheduler_core.errors import InvalidValue
from scheduler_core.i18n.translate import t
from scheduler_core.objectives import NAMED, PURE, Objective
from scheduler_core.plant import Plant
from scheduler_core.runs.kept_zone import FrozenHours
from scheduler_core.runs.request import DEFAULT_SECONDS, LONGEST_SECONDS

ENGINES = ("greedy", "learned", "exact")
MOST_VARIATION = 100
"""Percent."""
IN_FORCE, NOTHING = "in_force", "nothing"


@dataclass(frozen=True)
class Settings:
    """What the planner chose; ``objective`` is None where the prices of one's own are none.

    from_plan: keep, calm and best from the plan in force, instead of the engines from nothing. most_moves: of calm, None for
    the usual number. frozen: hours in which what the plan in force starts stays, see frozen_zone.py. variation: of
    durations, as a share of 1, for RL.
    """

    objective: Objective | None
    engines: tuple[str, ...]
    seconds: int
    from_plan: bool = False
    most_moves: int | None = None
    frozen: FrozenHours = (0.0, ())
    variation: float = 0.0


def ask(ctx: PlantContext, plant: Plant | None) -> Settings:
    """Draw the settings and return what they say. ``plant``: of the plan in force, None where nothing is released."""
    with st.popover(t("Settings"), icon=":material/tune:", width="stretch"):
        from_plan = plant is not None and _start() == IN_FORCE
        chosen = st.selectbox(
            t("Aim"), [*NAMED_OBJECTIVES, OWN_PRICES], format_func=lambda name: t(NAMED_OBJECTIVES.get(name,
            OWN_PRICES_LABEL)), key="goal",
            help=terms.paragraphs(
                [t("What the plan minimises. A mixed objective weighs lateness against one more cost."),
                 t(terms.WEIGHTED_TARDINESS)]
            ),
        )  # fmt: skip
        objective = _own_prices() if chosen == OWN_PRICES else NAMED[chosen]
        if objective is not None and chosen not in PURE and chosen != OWN_PRICES:
            st.caption(t("In points: {prices}", prices=safe_text.escape_markdown(objective.prices)))
        if from_plan and plant is not None:
            seconds_cell, moves_cell = st.columns(2)
            with seconds_cell:
                seconds = _seconds(t("Calm and best: seconds"))
            with moves_cell:
                most = _most_moves()
            return Settings(objective, (), seconds, True, most, frozen_zone.ask(ctx, plant))
        engines = st.multiselect(
            t("Engines"), ENGINES, default=ENGINES[:2], format_func=formatting.engine_name, key="engines",
            help=terms.paragraphs(
                [t("The exact engine is for small plants; it refuses a whole factory at once."), terms.engines(ENGINES)]
            ),
        )  # fmt: skip
        if "exact" in engines and objective is not None and objective not in PURE.values():
            st.caption(t("The exact engine does not support mixed objectives."))
        seconds_cell, variation_cell = st.columns(2)
        with seconds_cell:
            seconds = _seconds(t("RL and exact: seconds"))
        with variation_cell:
            variation = _variation()
        frozen = (0.0, ()) if plant is None else frozen_zone.ask(ctx, plant)
    return Settings(objective, tuple(engines), seconds, frozen=frozen, variation=variation)


def _start() -> str:
    names = {IN_FORCE: t("the plan in force: keep, calm, best"), NOTHING: t("nothing: greedy beside RL")}
    chosen = st.radio(
        t("Start from"), list(names), format_func=names.__getitem__, key="start_from",
        help=terms.paragraphs(
            [t("From the plan in force, a replan moves few operations. From nothing, it may move all of them; "
               "Compare lists the moves."),
             terms.engines(("right_shift", "repair", "best"))]
        ),
    )  # fmt: skip
    return chosen or IN_FORCE


def _seconds(label: str) -> int:
    help_ = t("Search time of each engine; you can keep the best plan so far at any time.")
    return int(st.number_input(label, 1, LONGEST_SECONDS, DEFAULT_SECONDS, key="seconds", help=help_))


def _variation() -> float:
    percent = st.number_input(
        t("RL: durations vary by (%)"), 0, MOST_VARIATION, 0, 5, key="variation",
        help=terms.paragraphs(
            [t("0: operations take as long as planned. Above 0: RL makes a robust plan. It simulates its plans "
               "with durations of this standard deviation and takes the plan with the best mean."),
             t("A robust plan often has later planned ends. For manual work and manual setups, 20 is usual.")]
        ),
    )  # fmt: skip
    return percent / 100


def _most_moves() -> int | None:
    most = st.number_input(
        t("Calm: most moves"), 0, 100_000, None, key="most_moves", placeholder=t("usual"),
        help=t("Operations due within 72 h that may change their start by more than 15 minutes, or their machine."),
    )  # fmt: skip
    return None if most is None else int(most)


def _own_prices() -> Objective | None:
    st.caption(
        t("Cost of a plan, in points. Only the proportions of the weights count; a weight of 0 leaves an objective out.")
    )
    prices: dict[str, float] = {}
    for row in (PRICE_INPUTS[:3], PRICE_INPUTS[3:]):
        for cell, price in zip(st.columns(3), row, strict=True):
            prices[price.field] = cell.number_input(
                t(price.label), min_value=0.0, value=price.first, step=price.step, format="%g", help=t(price.help),
                key=f"price_{price.field}",
            )  # fmt: skip
    try:
        return Objective(**prices)
    except InvalidValue:
        st.error(t("Set at least one objective weight above 0."), icon=":material/error:")
        return None
