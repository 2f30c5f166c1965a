"""Greedy against RL over time, pull by pull: figures and seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from dashboard.components import data_table, page_shell
from dashboard.presentation import formatting, terms, trend_charts
from dashboard.presentation.columns import (
    DATED_MOMENT,
    ONE,
    Column,
    frame_of,
    number,
    percent,
)
from dashboard.presentation.objective_labels import objective_words, value_scale, value_words
from dashboard.state.plant_context import PlantContext
from scheduler_core.comparison.over_time import Pair
from scheduler_core.i18n.translate import t, tn

PLAIN = {"displayModeBar": False}


def show(ctx: PlantContext, found: tuple[Pair, ...]) -> None:
    """Draw the section."""
    st.subheader(t("Does RL plan better than greedy?"), help=terms.engines(("greedy", "learned")))
    if not found:
        st.info(t("No jobs have been planned by both engines yet: press Run on Compare."))
        return
    aims = {p.objective.value: p.objective for p in found}
    usual = max(aims, key=lambda a: sum(p.objective.value == a for p in found))
    aim = st.selectbox(
        t("Aim"), list(aims), index=list(aims).index(usual), format_func=lambda a: objective_words(aims[a]), key="aim"
    )
    shown = [p for p in found if p.objective == aims[aim]]
    when = [p.taken_at.astimezone(ctx.zone).replace(tzinfo=None) for p in shown]
    better = sum(p.learned.value < p.greedy.value for p in shown)
    st.text(
        t(
            "RL was better on {better} of {shown} that both engines planned with this aim.",
            better=better,
            shown=tn("{n} pull", "{n} pulls", len(shown)),
        )
    )
    scale, unit = value_scale(aims[aim]), value_words(aims[aim])
    if len(shown) == 1:
        st.text(_one_pair(shown[0], scale, unit))
    else:
        _trends(shown, when, scale, unit)
    share = scale != 1
    change = number(1, t(" percentage points"), signed=True) if share else percent(1, signed=True)
    rows = frame_of(
        [Column(t("Pulled"), DATED_MOMENT), Column(t("Greedy"), ONE), Column(t("RL"), ONE),
         Column(t("RL against greedy"), change), Column(t("Greedy (s)"), ONE), Column(t("RL (s)"), ONE)],
        [
            (at, p.greedy.value * scale, p.learned.value * scale, _change(p, scale, share=share), p.greedy.plan.seconds,
             p.learned.plan.seconds)
            for at, p in zip(when, shown, strict=True)
        ],
    )  # fmt: skip
    data_table.show(rows[::-1], "engines", height="content")
    page_shell.download(rows, "rl_against_greedy", "engines_xlsx")


def _one_pair(pair: Pair, scale: float, unit: str) -> str:
    """One pull is no trend: its figures in words."""
    return t(
        "Greedy: {greedy} {unit}, found in {greedy_seconds} s. RL: {learned} {unit}, found in {learned_seconds} s. A trend "
        "needs a second pull that both have planned.",
        greedy=formatting.number(pair.greedy.value * scale), learned=formatting.number(pair.learned.value * scale),
        unit=unit, greedy_seconds=formatting.number(pair.greedy.plan.seconds),
        learned_seconds=formatting.number(pair.learned.plan.seconds),
    )  # fmt: skip


def _change(pair: Pair, scale: float, *, share: bool) -> float | None:
    """RL's value against greedy's, both as printed: in points of a share, else relative; None where greedy's is 0."""
    greedy, learned = round(pair.greedy.value * scale, 1), round(pair.learned.value * scale, 1)
    if share:
        return formatting.printed_change(greedy, learned, 1)
    return (learned - greedy) / greedy if greedy else None


def _trends(shown: Sequence[Pair], when: Sequence[datetime], scale: float, unit: str) -> None:
    left, right = st.columns(2, gap="medium")
    values = {t("Greedy"): [p.greedy.value * scale for p in shown], t("RL"): [p.learned.value * scale for p in shown]}
    seconds = {t("Greedy"): [p.greedy.plan.seconds for p in shown], t("RL"): [p.learned.plan.seconds for p in shown]}
    charts = ((left, values, unit, "engines"), (right, seconds, t("seconds"), "solve"))
    for cell, series, upright, key in charts:
        points = {name: list(zip(when, ys, strict=True)) for name, ys in series.items()}
        cell.plotly_chart(trend_charts.trend_chart(points, t("jobs pulled (plant time)"), upright), key=key, config=PLAIN)
