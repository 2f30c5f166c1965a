"""Rewards: the original one against a twin that reads the finished schedule, the potential one, and wrong names."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.environments.rewards import BALANCE, FINISH
from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import Plant
from scheduler_core.policy.features import DAY
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import DONE, NEVER
from tests.support.environment_play import has_choices
from tests.support.plants import job, machine, operation, plant
from tests.support.small_networks import factory, small_plants

PLANTS = [*filter(has_choices, small_plants(15, first=7000)), *(factory(s) for s in range(3))]


def naive_terms(env: SchedulingEnv, o: int) -> dict[str, float]:
    """The original reward's terms for operation o, from the schedule so far and the plant's own types."""
    a, s = env.arrays, env.state
    j = int(a.op_job[o])
    found = env.plant.jobs[j]
    op = found.operations[o - int(a.job_first[j])]
    held = a.pair_machine[a.op_first[o] : a.op_first[o + 1]] if a.op_all[o] else a.pair_machine[[s.pair[o]]]

    def worked(minute: int) -> int:
        return int(kernel.worked_before(a, a.plant_table, minute))

    urgency = 0.0
    if a.job_due[j] != NEVER:
        slack = (worked(int(a.job_due[j])) - worked(int(s.start[o])) - float(a.op_tail[o])) / DAY
        urgency = 1.0 / (1.0 + max(0.0, slack))
    booked = np.zeros(len(env.plant.machines))
    end = 0
    for q in range(len(a.op_job)):
        if s.pair[q] >= 0 and s.order[q] <= s.order[o]:
            pairs = range(a.op_first[q], a.op_first[q + 1]) if a.op_all[q] else [s.pair[q]]
            for pair in pairs:
                booked[a.pair_machine[pair]] += s.setup[q] + a.pair_minutes[pair]
            end = max(end, int(s.end[q]))
    used = np.minimum(1.0, booked / max(1, worked(end)))
    preferred = not a.op_all[o] and op.preferred_machine == env.plant.machines[int(held[0])].id
    return {
        "important": 5.0 if found.important else 0.0,
        "urgency": 2.0 * urgency,
        "balance": -3.0 * float(np.abs(used[held] - used.mean()).mean()),
        "preferred": 3.0 if preferred else 0.0,
        "setup": -0.5 * s.setup[o] / 60,
    }


@pytest.mark.parametrize("given", PLANTS, ids=lambda p: p.name)
def test_the_original_reward_equals_the_naive_twin_s(given: Plant) -> None:
    env = SchedulingEnv(given, reward="original")
    rng = np.random.default_rng(1)
    env.reset()
    done = False
    while not done:
        before = int(env.state.clock[DONE])
        _, reward, done, _, _ = env.step(rng.integers(env.action_masks().sum()))
        dispatched = np.flatnonzero(env.state.order >= before)
        expected = sum(sum(naive_terms(env, int(o)).values()) for o in dispatched)
        if done:
            expected += 100 / (env.state.end.max() / 60)
        assert reward == pytest.approx(expected, abs=1e-9)


def test_terms_by_hand() -> None:
    """Two machines, two jobs of an hour due in the past; the important one's family is already on its preferred machine."""
    op = operation(60, 1, 2, preferred_machine=2, setup_minutes=30)
    given = plant(
        job("A", op, important=True, family="F", due=-1440),
        job("B", operation(60, 1, 2, setup_minutes=30), due=-1440, family="G"),
        machines=[machine(1, initial_family="G"), machine(2, initial_family="F")],
    )
    env = SchedulingEnv(given, reward="original")
    env.reset()
    assert env.step(np.int64(0))[1] == 0.0  # a job was chosen, nothing is dispatched yet
    _, reward, done, _, _ = env.step(np.int64(1))  # A on machine 2; B has no choice but machine 1
    assert done
    # A: important, no slack, u = (0, 1) after it, preferred. B: no slack, u = (1, 1). Both end after an hour.
    assert reward == pytest.approx((5 + 2 + BALANCE * 0.5 + 3) + (2 + 0) + FINISH / 1)


@pytest.mark.parametrize("given", PLANTS[-3:], ids=lambda p: p.name)
def test_both_rewards_see_the_same_schedule(given: Plant) -> None:
    first, second = SchedulingEnv(given), SchedulingEnv(given, reward="original")
    initial = first.reset()[0]
    assert np.array_equal(initial, second.reset()[0])
    potential = float(first.view.potential[0])
    total, done = 0.0, False
    while not done:
        a, reward, done, _, _ = first.step(np.int64(1))
        b, _, also, _, _ = second.step(np.int64(1))
        assert np.array_equal(a, b)
        assert done == also
        total += reward
    assert first.schedule() == second.schedule()
    assert total == pytest.approx(potential - measure(given, first.schedule()).weighted_tardiness_days, abs=1e-6)


def test_unknown_rewards_are_refused() -> None:
    with pytest.raises(InvalidValue, match="reward: 'gold' must be one of potential, original"):
        SchedulingEnv(reward="gold")
