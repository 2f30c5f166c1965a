"""The study of rollouts in small, on the measured pairs: who is promoted, who is caught, and how a naive look errs."""

from __future__ import annotations

from scheduler_core.rollout.decision import OUTCOMES, Outcome
from scheduler_core.rollout.simulation import NEVER
from scheduler_core.settings.rollout_gates import load_rollout_gates
from tests.support.paths import ROOT


def test_on_measured_differences_equal_ways_are_not_told_apart_and_others_are() -> None:
    import rollout_rules as study

    settings = load_rollout_gates(ROOT / "configs" / "rollout.yaml")
    pairs = study.measured(settings)
    assert len(pairs) >= study.LEAST_PAIRS
    found = {}
    for name in ("equal to the champion", "30 % worse", "10 % better"):
        challenger = next(c for c in study.CHALLENGERS if c.name == name)
        found[name] = study.courses_of(challenger, pairs, (100, 110, 4), settings)
    equal, naive = found["equal to the champion"]
    assert (equal.claimed_better != NEVER).mean() <= 0.05
    assert (equal.reached[:, 1] != NEVER).mean() <= 0.05
    assert naive > 0.2
    assert (found["30 % worse"][0].outcome == OUTCOMES.index(Outcome.ROLL_BACK)).all()
    assert (found["30 % worse"][0].stage == 0).all()
    assert (found["10 % better"][0].reached[:, 4] != NEVER).mean() > 0.9
    line = study.row("equal to the champion", study.events(equal), naive)
    assert len(line) == 8
