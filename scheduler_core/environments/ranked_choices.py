"""Choices in a fixed order, for agents that see no rows: action 0 is always what the base rule likes best."""

from __future__ import annotations

from scheduler_core.environments.stepping import ASK_JOB, PHASE, ROWS
from scheduler_core.policy.features import JOB_RULE, MACHINE_RULE, N_JOB, N_MACHINE
from scheduler_core.simulator.kernel import compiled


@compiled
def rank_choices(v, obs, n):
    """Sorts the decision's n choices by the base rule's value (jobs: WATC; machines: the earliest end), the best first and
    equal ones as they were: in the view, and in the rows of the candidates' observation ``obs``."""
    asks_job = obs[PHASE] == ASK_JOB
    rule = JOB_RULE if asks_job else MACHINE_RULE
    for i in range(1, n):
        q = i
        while q > 0 and obs[ROWS + q * N_JOB + rule] > obs[ROWS + (q - 1) * N_JOB + rule]:
            for f in range(N_JOB):
                a, b = ROWS + (q - 1) * N_JOB + f, ROWS + q * N_JOB + f
                obs[a], obs[b] = obs[b], obs[a]
            if asks_job:
                v.jobs[q - 1], v.jobs[q] = v.jobs[q], v.jobs[q - 1]
                for f in range(N_JOB):
                    v.job_x[q - 1, f], v.job_x[q, f] = v.job_x[q, f], v.job_x[q - 1, f]
            else:
                v.pairs[q - 1], v.pairs[q] = v.pairs[q], v.pairs[q - 1]
                for f in range(N_MACHINE):
                    v.machine_x[q - 1, f], v.machine_x[q, f] = v.machine_x[q, f], v.machine_x[q - 1, f]
            q -= 1
