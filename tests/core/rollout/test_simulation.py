"""Simulated rollouts: the gates' own verdicts day by day, and identical ways to plan that are hardly ever told apart."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from scheduler_core.rollout.decision import OUTCOMES, Outcome
from scheduler_core.rollout.draws import drawn_from_values, stated_values, violation_days
from scheduler_core.rollout.evidence import Pair
from scheduler_core.rollout.gates import RolloutRecord, verdict
from scheduler_core.rollout.simulation import NEVER, Courses, joined, played
from scheduler_core.rollout.stages import RUNNING, next_stage
from scheduler_core.rollout.summary import events
from scheduler_core.settings.rollout_gates import DayLimits, load_rollout_gates
from tests.support.paths import ROOT

SETTINGS = load_rollout_gates(ROOT / "configs" / "rollout.yaml")
FIRST = date(2026, 3, 2)


def simulated(change: float, rollouts: int = 200, days: int = 130, violations: float = 0.0, spread: float = 0.06) -> Courses:
    """Rollouts of a challenger that is worse by ``change``."""
    rng = np.random.default_rng(11)
    values = stated_values(rng, (rollouts, days, 2), change, spread, SETTINGS)
    return played(drawn_from_values(*values, violation_days(rng, rollouts, days, 2, violations), SETTINGS), SETTINGS)


@pytest.mark.parametrize("change", [-0.3, 0.4, 0.0])
def test_a_simulated_rollout_goes_as_the_gates_say_on_every_day(change: float) -> None:
    short = SETTINGS.model_copy(update={
        "least_plans": 12, "kpis": {"weighted_tardiness_days": "lower", "on_time_rate": "higher"},
        "stages": {s.value: DayLimits(least_days=5, longest_days=12) for s in RUNNING},
    })  # fmt: skip
    days = 30
    champion, challenger = stated_values(np.random.default_rng(2), (1, days, 2), change, 0.05, short)
    course = played(drawn_from_values(champion, challenger, np.array([days]), short), short)
    stage, began, reached, ended = RUNNING[0], 0, [1], NEVER
    for day in range(days):
        pairs = {
            name: [Pair(FIRST + timedelta(days=d), champion[0, d, p, k], challenger[0, d, p, k])
                   for d in range(day + 1) for p in range(2)]
            for k, name in enumerate(short.kpis)
        }  # fmt: skip
        outcome = verdict(
            RolloutRecord(stage, FIRST + timedelta(days=began), pairs, 2 * (day + 1), 0, [], 1.0), short
        ).outcome
        if outcome == Outcome.PROMOTE:
            after = next_stage(stage)
            assert after is not None
            stage, began = after, day + 1
            reached.append(day + 2)
        elif outcome != Outcome.WAIT:
            ended = day + 1
            assert OUTCOMES[course.outcome[0]] == outcome
            break
    assert course.reached[0].tolist() == reached + [NEVER] * (len(RUNNING) - len(reached))
    assert course.ended[0] == ended
    assert RUNNING[course.stage[0]] == stage
    assert ended != NEVER or change < 0


def test_identical_ways_to_plan_are_hardly_ever_told_apart() -> None:
    found = simulated(0.0)
    assert (found.claimed_better != NEVER).mean() <= 0.05
    assert (found.reached[:, 1] == NEVER).all() or (found.reached[:, 1] != NEVER).mean() <= 0.05
    assert (found.outcome == OUTCOMES.index(Outcome.ROLL_BACK)).mean() <= 0.05


def test_worse_and_rule_breaking_challengers_never_leave_shadow_or_are_caught() -> None:
    worse = simulated(0.3)
    assert (worse.outcome == OUTCOMES.index(Outcome.ROLL_BACK)).all()
    assert (worse.stage == 0).all()
    assert np.median(worse.ended) < 30
    breaking = simulated(-0.2, violations=0.02)
    caught = breaking.outcome == OUTCOMES.index(Outcome.ROLL_BACK)
    # 260 plans, 2 % each: 0.5 % of the rollouts see no violation.
    assert caught.mean() > 0.96


def test_a_better_challenger_is_promoted_stage_by_stage() -> None:
    found = simulated(-0.15)
    assert (found.reached[:, 4] != NEVER).mean() > 0.9
    climbed = found.reached[found.reached[:, 4] != NEVER]
    assert (np.diff(climbed, axis=1) >= 20).all()


def test_the_summary_counts_every_rollout_once() -> None:
    found = joined([simulated(0.0, 30), simulated(0.3, 20)])
    by_name = {event.name: event for event in events(found)}
    assert by_name["rolled back"].share + by_name["paused"].share + by_name["still running"].share == pytest.approx(1)
    assert by_name["rolled back at shadow"].share == pytest.approx(0.4)
    assert by_name["paused"].median == 120
    assert by_name["100 % reached"].share == 0
