"""The settings of a run on Compare: the aim with its prices, the engines, and how long they may search."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.presentation import formatting, safe_text
from dashboard.presentation.objective_labels import NAMED_OBJECTIVES, OWN_PRICES, OWN_PRICES_LABEL, PRICE_INPUTS
from scheduler_core.errors import InvalidValue
from scheduler_core.i18n.translate import t
from scheduler_core.objectives import NAMED, PURE, Objective
from scheduler_core.runs.request import DEFAULT_SECONDS, LONGEST_SECONDS

ENGINES = ("greedy", "learned", "exact")


@dataclass(frozen=True)
class Settings:
    """What the planner chose; ``objective`` is None where the prices of one's own are none."""

    objective: Objective | None
    engines: tuple[str, ...]
    seconds: int


def ask() -> Settings:
    """Draw the settings and return what they say."""
    with st.popover(t("Settings"), icon=":material/tune:", width="stretch"):
        chosen = st.selectbox(
            t("Aim"), [*NAMED_OBJECTIVES, OWN_PRICES], format_func=lambda name: t(NAMED_OBJECTIVES.get(name,
            OWN_PRICES_LABEL)), key="goal",
            help=t("What the plan shall have little of. A mix weighs lateness against one thing more."),
        )  # fmt: skip
        objective = _own_prices() if chosen == OWN_PRICES else NAMED[chosen]
        if objective is not None and chosen not in PURE and chosen != OWN_PRICES:
            st.caption(t("In points: {prices}", prices=safe_text.escape_markdown(objective.prices)))
        engines = st.multiselect(
            t("Engines"), ENGINES, default=ENGINES[:2], format_func=formatting.engine_name, key="engines",
            help=t("Exact is for small plants: at the size of a whole factory it says so at once."),
        )  # fmt: skip
        if "exact" in engines and objective is not None and objective not in PURE.values():
            st.caption(t("Exact knows none of the mixes: it will refuse this aim."))
        seconds = st.number_input(
            t("RL and exact: seconds"), 1, LONGEST_SECONDS, DEFAULT_SECONDS, key="seconds",
            help=t("Each of them searches so long; the best so far can be kept at any time."),
        )  # fmt: skip
    return Settings(objective, tuple(engines), int(seconds))


def _own_prices() -> Objective | None:
    st.caption(t("What a plan costs, in points. Only the proportions count; 0 is for what does not matter."))
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
        st.error(t("Give at least one thing a price above 0."), icon=":material/error:")
        return None
