"""The verdict: what is bad rolls back, what is missing pauses, and only complete and conclusive evidence may promote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import nan

import numpy as np
import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.decision import Outcome
from scheduler_core.rollout.evidence import Pair
from scheduler_core.rollout.gates import RolloutRecord, verdict
from scheduler_core.rollout.stages import Stage
from scheduler_core.settings.rollout_gates import load_rollout_gates
from tests.support.paths import ROOT

SETTINGS = load_rollout_gates(ROOT / "configs" / "rollout.yaml")
FIRST = date(2026, 3, 2)
KPIS = tuple(SETTINGS.kpis)
Change = Callable[[RolloutRecord], RolloutRecord]


def record(factor: float, days: int = 60, stage: Stage = Stage.SHADOW, began: int = 0) -> RolloutRecord:
    """A rollout whose challenger has ``factor`` times the lateness of its champion, with some spread between days."""
    noise = np.random.default_rng(5).lognormal(0, 0.03, days)
    lateness = [(100.0, 100.0 * factor * float(n)) for n in noise]
    shares = [(0.8, 1 - 0.2 * factor * float(n)) for n in noise]
    values = {name: shares if better == "higher" else lateness for name, better in SETTINGS.kpis.items()}
    found = {name: [Pair(FIRST + timedelta(days=i), *v) for i, v in enumerate(rows)] for name, rows in values.items()}
    return RolloutRecord(stage, FIRST + timedelta(days=began), found, 4 * days, 0, [0.0] * days, 1.0)


def with_last(value: float | None, name: str = KPIS[1]) -> Change:
    """Replaces the challenger's newest value of a key figure."""

    def change(found: RolloutRecord) -> RolloutRecord:
        rows: Sequence[Pair] = found.pairs[name]
        return replace(found, pairs={**found.pairs, name: [*rows[:-1], replace(rows[-1], challenger=value)]})

    return change


def test_a_challenger_that_is_shown_to_be_better_may_be_promoted() -> None:
    found = verdict(record(0.8), SETTINGS)
    assert found.outcome == Outcome.PROMOTE
    assert found.unmet == ()
    assert "0 of 240 plans break a constraint: the true rate is at most 1.24 % (95 %)." in [
        gate.sentence.replace("1.24%", "1.24 %") for gate in found.gates
    ]


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        (with_last(None), "complete"),
        (with_last(nan), "complete"),
        (lambda r: replace(r, pairs={**r.pairs, KPIS[1]: []}), "complete"),
        (lambda r: replace(r, pairs={**r.pairs, KPIS[1]: r.pairs[KPIS[1]][:-1]}), "complete"),
        (lambda r: replace(r, pairs={k: v for k, v in r.pairs.items() if k != KPIS[2]}), "complete"),
        (lambda r: replace(r, erp_age_hours=None), "ERP"),
        (lambda r: replace(r, erp_age_hours=nan), "ERP"),
        (lambda r: replace(r, erp_age_hours=24.1), "ERP"),
        (lambda r: replace(r, erp_age_hours=-1.0), "ERP"),
    ],
)
def test_what_is_missing_or_stale_pauses_even_the_best_challenger(change: Change, gate: str) -> None:
    found = verdict(change(record(0.8)), SETTINGS)
    assert found.outcome == Outcome.PAUSE
    assert gate in [g.name for g in found.unmet]


def test_too_many_missing_values_pause_although_today_is_complete() -> None:
    whole = record(0.8)
    holes = {
        name: [replace(pair, challenger=None) if i % 10 == 0 else pair for i, pair in enumerate(rows)]
        for name, rows in whole.pairs.items()
    }
    assert verdict(replace(whole, pairs=holes), SETTINGS).outcome == Outcome.PAUSE


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.TEN, Stage.QUARTER, Stage.HALF, Stage.ALL])
@pytest.mark.parametrize(
    ("change", "gate"),
    [
        (lambda r: replace(r, violations=1), "violations"),
        (lambda r: replace(r, violations=1, erp_age_hours=None), "violations"),
        (lambda r: replace(r, fallback_shares=[0.0] * 40 + [0.5] * 20), "fallbacks"),
        (lambda r: replace(r, pairs={**r.pairs, KPIS[1]: record(1.4).pairs[KPIS[1]]}), "not worse"),
    ],
)
def test_faults_roll_back_at_every_stage(stage: Stage, change: Change, gate: str) -> None:
    found = verdict(change(record(0.8, stage=stage)), SETTINGS)
    assert found.outcome == Outcome.ROLL_BACK
    assert gate in [g.name for g in found.unmet]


@pytest.mark.parametrize(
    ("waiting", "gate"),
    [
        (record(0.8, days=19), "days"),
        (record(0.8, days=60, stage=Stage.TEN, began=45), "days"),
        (replace(record(0.8), plans=99), "plans"),
        (record(1.0), "better"),
        (replace(record(0.8), pairs={**record(0.8).pairs, KPIS[1]: record(1.0).pairs[KPIS[1]]}), "others"),
    ],
)
def test_too_little_or_inconclusive_evidence_waits(waiting: RolloutRecord, gate: str) -> None:
    found = verdict(waiting, SETTINGS)
    assert found.outcome == Outcome.WAIT
    assert gate in [g.name for g in found.unmet]


def test_evidence_that_stays_inconclusive_pauses_and_without_data_nothing_is_promoted() -> None:
    assert verdict(record(1.0, days=120), SETTINGS).outcome == Outcome.PAUSE
    empty = replace(record(0.8), pairs={}, fallback_shares=[], plans=0)
    assert verdict(empty, SETTINGS).outcome == Outcome.WAIT


def test_few_large_days_that_contradict_the_mean_stop_a_promotion() -> None:
    whole = record(0.7, days=60)
    rows = list(whole.pairs[KPIS[0]])
    rows[10] = replace(rows[10], challenger=100_000.0)
    found = verdict(replace(whole, pairs={**whole.pairs, KPIS[0]: rows}), SETTINGS)
    assert found.outcome == Outcome.WAIT
    assert [g.name for g in found.unmet] == ["agreement"]


def test_a_challenger_that_gets_worse_late_is_seen_from_its_stage() -> None:
    good, bad = record(0.8, days=100), record(1.35, days=100)
    mixed = {name: [*good.pairs[name][:80], *bad.pairs[name][80:]] for name in KPIS}
    late = replace(good, pairs=mixed, stage=Stage.HALF, stage_began=FIRST + timedelta(days=80))
    assert verdict(late, SETTINGS).outcome == Outcome.ROLL_BACK
    assert verdict(replace(late, stage_began=FIRST), SETTINGS).outcome != Outcome.ROLL_BACK


def test_at_100_per_cent_nothing_is_left_to_promote() -> None:
    assert verdict(record(0.8, stage=Stage.ALL), SETTINGS).outcome == Outcome.WAIT


def test_records_that_cannot_be_are_refused() -> None:
    for change, field in (
        (replace(record(0.8), stage=Stage.PAUSED), "stage"),
        (replace(record(0.8), pairs={"lateness": []}), "pairs"),
        (replace(record(0.8), violations=1000), "violations"),
    ):
        with pytest.raises(InvalidValue, match=field):
            verdict(change, SETTINGS)
