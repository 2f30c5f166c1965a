"""Lower bounds: what no plan of a plant can be better than, and what makes it so.

They hold for the exact problem: calendars, outages, setups, fixed operations, operations on several machines at once.
``lower_bound`` answers for an objective, ``job_bound`` whether one job could be on time at all.
"""

from __future__ import annotations

from scheduler_core.bounds.bound_wording import binding_lines, bound_line
from scheduler_core.bounds.job_alone import JobBound, job_bound, job_bounds
from scheduler_core.bounds.lower_bound import TIME_LIMIT, BindingGroup, Bound, lower_bound, lower_value

__all__ = [
    "TIME_LIMIT",
    "BindingGroup",
    "Bound",
    "JobBound",
    "binding_lines",
    "bound_line",
    "job_bound",
    "job_bounds",
    "lower_bound",
    "lower_value",
]
