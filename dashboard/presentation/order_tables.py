"""One order as tables: its facts, its routing as planned or as it may run, and the remarks of the pull. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, tables
from dashboard.presentation.columns import DURATION, MOMENT, NUMBER_NAME, Column, frame_of, minutes
from scheduler_core.data.store.records import PullNote
from scheduler_core.i18n.local_formats import quantity_text
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import Assignment
from scheduler_core.services.note_words import note_words

MOST_NAMES = 4
"""Machines and work centres that a routing's row names; the rest is counted."""


def facts(plant: Plant, job: Job) -> list[tuple[str, str]]:
    """What the ERP says of the order, by name."""
    found = [
        (t("Due"), formatting.due_day(plant, job)),
        (t("Quantity"), formatting.NOTHING if job.quantity is None else quantity_text(job.quantity)),
        (t("Material"), t("available") if job.release <= 0 else formatting.stamp(plant.time_of(job.release))),
        (t("Family"), job.family or formatting.NOTHING),
    ]
    return [*found, (t("Important"), t("yes"))] if job.important else found


def planned_operations(plan: Plan, job: Job, now: int) -> tuple[pd.DataFrame, list[int]]:
    """The order's operations as planned, and the sequence number of each row. ``now``: minutes from plan_start."""
    rows, sequences = [], []
    for operation, a, _, cells in tables.planned(plan, job):
        sequences.append(operation.sequence)
        state, places = operation_state(operation, a, now), possible_places(plan.plant, operation)
        rows.append((*cells, state, operation.process, places))
    columns = [
        Column(t("Op"), NUMBER_NAME), Column(t("Machine")), Column(t("Start"), MOMENT), Column(t("End"), MOMENT),
        Column(t("Setup"), DURATION), Column(t("Run"), DURATION), Column(t("State")), Column(t("Process")),
        Column(t("May run on")),
    ]  # fmt: skip
    return frame_of(columns, rows), sequences


def routing(plant: Plant, job: Job) -> pd.DataFrame:
    """The order's operations without a plan."""
    rows = [
        (
            o.sequence,
            o.process,
            possible_places(plant, o),
            minutes(o.setup_minutes),
            minutes(o.minutes),
            t("running") if o.fixed is not None and o.fixed.start <= 0 else "",
        )
        for o in job.operations
    ]
    return frame_of(
        [Column(t("Op"), NUMBER_NAME), Column(t("Process")), Column(t("May run on")), Column(t("Setup"), DURATION),
         Column(t("Run"), DURATION), Column(t("State"))],
        rows,
    )  # fmt: skip


def operation_state(operation: Operation, a: Assignment, now: int) -> str:
    """Where an operation of a plan stands at a minute: only the ERP knows that it runs, the plan says what should be."""
    if operation.fixed is not None and operation.fixed.start <= 0:
        return t("running")
    if a.end <= now:
        return t("should be finished")
    if a.start < now:
        return t("should be running")
    return t("fixed") if operation.fixed is not None else t("planned")


def possible_places(plant: Plant, operation: Operation) -> str:
    """Work centres and machines on which an operation may run."""
    names = [plant.machine_type_by_id[kind].name for kind in operation.machine_types]
    names += [plant.machine_by_id[m].name for m in operation.machines]
    if operation.requires_all:
        return t("{machines} together", machines=" + ".join(names))
    more = len(names) - MOST_NAMES
    shown = ", ".join(names[:MOST_NAMES])
    return t("{names} and {n} more", names=shown, n=more) if more > 0 else shown


def remarks(notes: Iterable[PullNote], job: str) -> list[str]:
    """What the pull noted about the order."""
    return [note_words(n) for n in notes if n.job == job]
