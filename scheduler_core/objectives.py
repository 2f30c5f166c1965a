"""What a plan is optimised for, and how far a schedule is from it: lower is better everywhere."""

from __future__ import annotations

from enum import StrEnum

from scheduler_core.kpis import Kpis


class Objective(StrEnum):
    """The objective that a planner chooses."""

    TARDINESS = "tardiness"  # weighted_tardiness_days
    ON_TIME = "on-time"  # share of the jobs with a due date that are late
    MAKESPAN = "makespan"  # makespan_hours


def objective_value(objective: Objective, kpis: Kpis) -> float:
    """The number that an engine minimises: days (tardiness), a share from 0 to 1 (on-time), or hours (makespan)."""
    match objective:
        case Objective.TARDINESS:
            return kpis.weighted_tardiness_days
        case Objective.ON_TIME:
            return 0.0 if kpis.on_time_rate is None else 1.0 - kpis.on_time_rate
        case Objective.MAKESPAN:
            return kpis.makespan_hours
