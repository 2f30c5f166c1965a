"""Fields that several kinds of change ask for: a machine, an order, a moment."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from dashboard.presentation.machine_labels import by_name, machine_label
from scheduler_core.plant import Job, Machine


def machine(plan: Plan, label: str, key: str) -> Machine:
    """One machine; the list is searched by its name and by its work centre's."""
    chosen = st.selectbox(label, by_name(plan.plant), key=key, format_func=lambda i: machine_label(plan.plant, i))
    return plan.plant.machine_by_id[chosen]


def machines(plan: Plan, label: str, key: str) -> tuple[int, ...]:
    """Any number of machines (ids)."""
    return tuple(st.multiselect(label, by_name(plan.plant), key=key, format_func=lambda i: machine_label(plan.plant, i)))


def job(plan: Plan, label: str, key: str) -> Job:
    """One order."""
    chosen = st.selectbox(label, [j.id for j in plan.plant.jobs], key=key,
                          format_func=lambda i: formatting.job_name(plan.plant.job_by_id[i]))  # fmt: skip
    return plan.plant.job_by_id[chosen]


def moment(plan: Plan, label: str, minute: int, key: str) -> int | None:
    """A minute from plan_start, ``minute`` unless something else is chosen."""
    chosen = st.datetime_input(label, plan.plant.time_of(minute), step=900, key=moment_key(plan, key),
                               format=formatting.date_field())  # fmt: skip
    return None if not isinstance(chosen, datetime) else plan.plant.minute_of(chosen.replace(second=0, microsecond=0))


def moment_key(plan: Plan, key: str) -> str:
    """What the session calls the field of a moment: another plan begins with moments of its own."""
    return f"{key}_{plan.info.id}"
