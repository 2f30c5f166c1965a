"""Choices in a fixed order, for agents that see no rows: action 0 is always what the base rule likes best."""

from __future__ import annotations

from scheduler_core.environments.stepping import ASK_JOB, PHASE, ROWS
from scheduler_core.policy.features import JOB_RULE, MACHINE_RULE, N_JOB, N_MACHINE, View
from scheduler_core.simulator.array_types import Float32
from scheduler_core.simulator.kernel import compiled


@compiled
def rank_choices(view: View, observation: Float32, count: int) -> None:
    """Sorts the decision's ``count`` choices by the base rule's value (jobs: WATC; machines: the earliest end), the best
    first and equal ones as they were: in the view, and in the rows of ``observation`` (mode *candidates*)."""
    asks_job = observation[PHASE] == ASK_JOB
    rule = JOB_RULE if asks_job else MACHINE_RULE
    for i in range(1, count):
        place = i
        while place > 0 and observation[ROWS + place * N_JOB + rule] > observation[ROWS + (place - 1) * N_JOB + rule]:
            for f in range(N_JOB):
                left, right = ROWS + (place - 1) * N_JOB + f, ROWS + place * N_JOB + f
                observation[left], observation[right] = observation[right], observation[left]
            if asks_job:
                view.jobs[place - 1], view.jobs[place] = view.jobs[place], view.jobs[place - 1]
                for f in range(N_JOB):
                    view.job_x[place - 1, f], view.job_x[place, f] = view.job_x[place, f], view.job_x[place - 1, f]
            else:
                view.pairs[place - 1], view.pairs[place] = view.pairs[place], view.pairs[place - 1]
                for f in range(N_MACHINE):
                    view.machine_x[place - 1, f], view.machine_x[place, f] = (
                        view.machine_x[place, f],
                        view.machine_x[place - 1, f],
                    )
            place -= 1
