"""The rush order's fields: quantity, material date and due date, and a routing like an order's, like a part's, or typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from dashboard.views.what_if import fields
from scheduler_core.errors import InvalidValue
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.scenarios.changes import QuantityChanged, RushOrder

LIKE_ORDER, LIKE_PART, TYPED = mark("like an order"), mark("like a part"), mark("typed")
ROUTINGS: Final = (LIKE_ORDER, LIKE_PART, TYPED)
WHERE, MINUTES = "where", "minutes"


def rush_order(plan: Plan, now: int) -> RushOrder | None:
    """Draw the fields; None while something is missing or does not fit, which is said below."""
    name_cell, quantity_cell, material_cell, due_cell, important_cell = st.columns(
        [2, 1.4, 3, 3, 1.6], vertical_alignment="bottom"
    )
    name = name_cell.text_input(t("Name of the order"), key="rush_id", max_chars=100, value="RUSH-1").strip()
    with material_cell:
        release = fields.moment(plan, t("Material is there"), now, "rush_release")
    with due_cell:
        due = fields.moment(plan, t("Wanted by"), now + 3 * 1440, "rush_due")
    important = important_cell.toggle(t("Important"), value=True, key="rush_important")
    how_cell, routing_cell = st.columns([2, 5], vertical_alignment="bottom")
    how = how_cell.segmented_control(
        t("Routing"), ROUTINGS, default=LIKE_ORDER, format_func=t, key="rush_routing", required=True
    )
    with routing_cell:
        like = _typed(plan.plant) if how == TYPED else _like_part(plan) if how == LIKE_PART else fields.job(
            plan, t("Routing and times like"), "rush_like"
        )  # fmt: skip
    asked = quantity_cell.number_input(
        t("Quantity"), 0.0, value=float((like.quantity if like is not None else None) or 0),
        key=f"rush_quantity_{how}_{None if like is None else like.id}", disabled=how == TYPED,
        help=t("Minutes change in proportion to the order or part that the routing comes from"),
    )  # fmt: skip
    if not name or release is None or due is None or like is None:
        return None
    steps = tuple(replace(op, fixed=None) for op in like.operations)
    order = replace(like, id=name, operations=steps, release=max(now, release), due=due, important=important)
    return RushOrder(order if how == TYPED else _in_quantity(plan.plant, order, asked))


def _in_quantity(plant: Plant, order: Job, asked: float) -> Job:
    """The order with its minutes for so many pieces; as it is where its model states no quantity or that one is asked."""
    if not order.quantity or asked <= 0 or asked == order.quantity:
        return order
    quantity = int(asked) if asked == int(asked) else asked
    alone = replace(plant, jobs=(order,))
    return QuantityChanged(order.id, quantity).apply(alone).job_by_id[order.id]


def _like_part(plan: Plan) -> Job | None:
    """The newest order for the part that is chosen: it stands for the part's routing."""
    by_part = {job.product: job for job in plan.plant.jobs if job.product is not None}
    if not by_part:
        st.text(t("No order of this plan names a part."))
        return None
    part = st.selectbox(t("Part"), sorted(by_part), key="rush_part")
    return by_part[part]


def _typed(plant: Plant) -> Job | None:
    """A routing that is typed: machine or work centre and minutes, one line for each operation."""
    centres = {row.name: row.id for row in plant.machine_types if plant.machines_by_type.get(row.id)}
    machines = {formatting.machine_names(plant, (m.id,)): m.id for m in plant.machines}
    edited = st.data_editor(
        pd.DataFrame({WHERE: pd.Series(dtype="str"), MINUTES: pd.Series(dtype="float")}),
        num_rows="dynamic",
        hide_index=True,
        key="rush_typed",
        column_config={
            WHERE: st.column_config.SelectboxColumn(
                t("Machine or work centre"), options=[*sorted(centres), *sorted(machines)], required=True, width=260
            ),
            MINUTES: st.column_config.NumberColumn(t("Minutes"), min_value=1, step=1, required=True),
        },
    )
    rows = [(str(w), int(m)) for w, m in zip(edited[WHERE], edited[MINUTES], strict=True) if pd.notna(w) and pd.notna(m)]
    return typed_job(centres, machines, rows)


def typed_job(centres: dict[str, int], machines: dict[str, int], rows: Sequence[tuple[str, int]]) -> Job | None:
    """A job whose operations run on these machines or work centres (names) for so many minutes, in this order; None
    without a row. Raises InvalidValue for minutes below 1."""
    for _, minutes in rows:
        if minutes < 1:
            raise InvalidValue("minutes", minutes, "is below 1")
    steps = tuple(
        Operation(10 * number, where, minutes, machine_types=(centres[where],))
        if where in centres
        else Operation(10 * number, where, minutes, machines=(machines[where],))
        for number, (where, minutes) in enumerate(rows, 1)
    )
    return Job("typed", steps) if steps else None
