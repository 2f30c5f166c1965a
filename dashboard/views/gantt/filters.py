"""Which of a plan's operations the Gantt shows: by work centre, status, job, family and importance."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from dashboard.state.address import machine_of_address
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.i18n.translate import t

_FOLLOWED = "_followed_machine"


@dataclass(frozen=True)
class Filters:
    """None: all."""

    centres: frozenset[int] | None = None
    statuses: frozenset[JobStatus] | None = None
    jobs: frozenset[str] | None = None
    families: frozenset[str] | None = None
    important: bool = False

    @property
    def count(self) -> int:
        """How many of them are set."""
        return sum(f is not None for f in (self.centres, self.statuses, self.jobs, self.families)) + self.important


def ask(plan: Plan) -> Filters:
    """Draws the filters in a popover; their choice stays while the planner goes to other plans."""
    plant = plan.plant
    centres = {one.id: one.name for one in plant.machine_types}
    names = {j.id: formatting.job_name(j) for j in plant.jobs}
    families = sorted({j.family for j in plant.jobs if j.family})
    _follow_link(plan)
    # The chosen ones that another plan does not have are no choice any more.
    for key, known in (("centres", centres), ("gantt_jobs", names), ("families", families)):
        st.session_state[key] = [v for v in st.session_state.get(key, []) if v in known]
    set_now = sum(bool(st.session_state.get(k)) for k in ("centres", "statuses", "gantt_jobs", "families", "important_only"))
    label = t("Filters ({n})", n=set_now) if set_now else t("Filters")
    with st.popover(label, icon=":material/filter_alt:", width="stretch"):
        chosen = st.multiselect(t("Work centres"), list(centres), format_func=centres.__getitem__, key="centres")
        statuses = st.multiselect(t("Status"), list(JobStatus), format_func=formatting.status_words, key="statuses")
        jobs = st.multiselect(t("Jobs"), list(names), format_func=names.__getitem__, key="gantt_jobs")
        family = st.multiselect(t("Families"), families, key="families")
        important = st.checkbox(t("Important jobs only"), key="important_only")
    return Filters(
        frozenset(chosen) or None, frozenset(statuses) or None, frozenset(jobs) or None, frozenset(family) or None, important
    )


def _follow_link(plan: Plan) -> None:
    """A link that names a machine shows its work centre; what the planner then chooses counts, until the next link."""
    asked = st.query_params.get("machine")
    if asked != st.session_state.get(_FOLLOWED):
        machine = machine_of_address(plan.plant)
        if machine is not None:
            st.session_state["centres"] = [machine.type]
    st.session_state[_FOLLOWED] = asked
