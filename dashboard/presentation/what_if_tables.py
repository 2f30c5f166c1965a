"""A scenario's repairs beside the current plan, as tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.loaded_plan import Plan, Replanned, over_the_same_jobs
from dashboard.presentation.columns import MOMENT, SHARE, WHOLE, Column, frame_of, number
from dashboard.presentation.tables import figures
from scheduler_core.analysis.plan_diff import JobChangeKind
from scheduler_core.data.store.records import Scenario
from scheduler_core.i18n.translate import mark, t
from scheduler_core.scenarios.change_wording import change_words as change_words
from scheduler_core.scenarios.promise import promise

SHOWN = (
    mark("Late jobs"), mark("Weighted tardiness"), mark("Mean days late, all jobs"), mark("On time"),
    mark("Last job done after"), mark("Setup"), mark("Overtime"),
)  # fmt: skip
"""Figures that a what-if is judged by, beside its stability."""


def repairs_frame(current: Plan, repairs: Mapping[str, Replanned]) -> pd.DataFrame:
    """One row per figure: the current plan, then each repair (by its heading) with what it changes.

    Where the repairs have other jobs than the current plan, all figures are over the jobs that both have.
    """
    wanted = {t(figure) for figure in SHOWN}
    sides = {heading: over_the_same_jobs(current, repair.plan) for heading, repair in repairs.items()}
    before = next((old for old, _ in sides.values()), current)
    kept = [f for f in figures(before, before) if f.words in wanted]
    extra = {
        t("Became late"): WHOLE,
        t("Operations compared"): WHOLE,
        t("Operations moved"): WHOLE,
        t("Operations on another machine"): WHOLE,
        t("Operations moved, next 24 h"): SHARE,
        t("Operations moved, next 72 h"): SHARE,
        t("Moves beyond Keep, next 24 h"): WHOLE,
        t("Moves beyond Keep, next 72 h"): WHOLE,
        t("Mean shift of starts"): number(0, t(" min")),
        t("On another machine, next 72 h"): SHARE,
        t("Neighbours swapped, next 72 h"): SHARE,
    }
    own = [*(f.format for f in kept), *extra.values()]
    values: dict[str, list[float | None]] = {t("Current plan"): [*(f.left for f in kept), *(None for _ in extra)]}
    for heading, repair in repairs.items():
        calm, found = repair.stability, repair.diff
        values[heading] = [
            *(f.right for f in figures(*sides[heading]) if f.words in wanted),
            found.count(JobChangeKind.BECAME_LATE), found.compared, found.moved, found.changed_machine, calm.moved_24h,
            calm.moved_72h, repair.moves.moved_in_a_day, len(repair.moves.moved), calm.mean_shift_minutes,
            calm.machine_changed, calm.neighbours_swapped,
        ]  # fmt: skip
    return frame_of(
        [Column(t("Figure")), *(Column(heading, WHOLE) for heading in values)],
        zip([*(f.words for f in kept), *extra], *values.values(), strict=True),
        row_formats=dict.fromkeys(values, own),
    )


def promises_frame(job: str, current: Plan, repairs: Mapping[str, Plan]) -> pd.DataFrame:
    """When each repair has the rush order done, and what the others pay."""
    rows = []
    for heading, plan in repairs.items():
        found = promise(job, current.plant, current.schedule, plan.plant, plan.schedule)
        done = plan.plant.time_of(found.completion)
        rows.append((heading, done, found.later, found.became_late, found.weighted_days))
    return frame_of(
        [Column(t("Repair")), Column(t("Done"), MOMENT), Column(t("Others end later"), WHOLE),
         Column(t("Others become late"), WHOLE),
         Column(t("Extra lateness of other orders (weighted days)"), number(1, signed=True))],
        rows,
    )  # fmt: skip


def scenarios_frame(rows: Sequence[tuple[Scenario, str, str]]) -> pd.DataFrame:
    """Kept scenarios with their changes in words and the names of their plans."""
    columns = [Column(t("Name")), Column(t("Changes")), Column(t("Plans"))]
    return frame_of(columns, [(s.name, changes, plans) for s, changes, plans in rows])
