"""Where operations really ran, beside their planned bars, as far as pulls tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.gantt.rows import Row
from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.plant import Plant

UNKNOWN_BEGINNING, RUNNING, PLANNED = 1, 2, 4
COLUMNS = (("row", "u2"), ("name", "u2"), ("flags", "u1"), *((name, "i4") for name in (
    "after", "begun", "until", "ended", "planned_start", "planned_end")))  # fmt: skip


@dataclass(frozen=True)
class ActualBar:
    """An operation as it ran; minutes from the plan's plan_start. It began in [after, begun] and ended in [until, ended].

    after: None where nobody knows since when. running: it was at work at the newest pull, ``until`` = ``ended``. planned:
    start and end by the plan in force when it began.
    """

    job: str
    sequence: int
    process: str
    machines: tuple[int, ...]
    after: int | None
    begun: int
    until: int
    ended: int
    running: bool
    planned: tuple[int, int] | None


def actual_bars(plant: Plant, actuals: Iterable[OperationActual], pulled: int) -> tuple[ActualBar, ...]:
    """The bars of operations that have surely begun, in minutes of the plant. ``pulled``: the minute of the newest pull."""
    return tuple(_bar(plant, one, pulled) for one in actuals if one.certain)


def _bar(plant: Plant, one: OperationActual, pulled: int) -> ActualBar:
    after = None if one.began.after is None else plant.minute_of(one.began.after)
    begun = plant.minute_of(one.began.until)
    ended = pulled if one.ended is None else plant.minute_of(one.ended.until)
    until = ended
    if one.ended is not None:
        until = begun if one.ended.after is None else plant.minute_of(one.ended.after)
    planned = None
    if one.planned is not None:
        planned = (plant.minute_of(one.planned.start), plant.minute_of(one.planned.end))
    return ActualBar(
        one.job, one.sequence, one.process, one.machines, after, begun, until, ended, one.ended is None, planned
    )


def columns(bars: Sequence[ActualBar], rows: Sequence[Row]) -> tuple[dict[str, list[int]], list[str]]:
    """The packed columns of bars on the rows of their machines or of their jobs, by row and beginning, and the bars' names.

    A bar whose machine is not known stands on no machine's row.
    """
    of_machine = {row.machine: r for r, row in enumerate(rows) if row.machine is not None}
    of_job = {row.job: r for r, row in enumerate(rows) if row.job is not None}
    placed: list[tuple[int, ActualBar]] = []
    for bar in bars:
        places: Sequence[Any] = bar.machines if of_machine else (bar.job,)
        numbers = of_machine if of_machine else of_job
        placed += [(numbers[place], bar) for place in places if place in numbers]
    placed.sort(key=lambda one: (one[0], one[1].begun))
    names: dict[str, int] = {}
    found: dict[str, list[int]] = {name: [] for name, _ in COLUMNS}
    for row, bar in placed:
        start, end = bar.planned or (0, 0)
        flags = (
            UNKNOWN_BEGINNING * (bar.after is None) + RUNNING * bar.running + PLANNED * (bar.planned is not None)
        )  # fmt: skip
        name = names.setdefault(f"{bar.job} · {bar.sequence} · {bar.process}", len(names))
        after = bar.begun if bar.after is None else bar.after
        values = (row, name, flags, after, bar.begun, bar.until, bar.ended, start, end)
        for (column, _), value in zip(COLUMNS, values, strict=True):
            found[column].append(value)
    return found, list(names)
