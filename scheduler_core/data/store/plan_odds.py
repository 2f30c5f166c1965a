"""Odds of stored plans, one set per assumed noise, and those that each release went out with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import serialization
from scheduler_core.data.store.records import ReleaseOdds, ReleaseWithoutOdds
from scheduler_core.data.store.tables import APPROVAL, PLAN_ODDS, RELEASE_ODDS, SNAPSHOT
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.order_odds import AssumedNoise, Odds, OrderOdds, PlanOdds, Spread

FORMAT = "odds/1"
MOST_RELEASES = 200
"""The newest of a plant, among which those without odds are looked for."""
_ENDS = ("mean", "p10", "p50", "p80", "p90", "p95")


def find(connection: Connection, schedule_id: str, assumed: AssumedNoise, runs: int, seed: int) -> PlanOdds | None:
    """The odds of a plan under a noise, None while nobody has computed them."""
    key = _sha256(_noise_text(assumed.noise, runs, seed))
    query = sa.select(PLAN_ODDS.c.odds).where(PLAN_ODDS.c.schedule_id == schedule_id, PLAN_ODDS.c.noise_sha256 == key)
    found = connection.execute(query).scalar()
    return None if found is None else PlanOdds(_odds_of(json.loads(found)), assumed)


def save(connection: Connection, schedule_id: str, found: PlanOdds, seed: int) -> None:
    """Keep a plan's odds; those that are there already stay, as equal arguments give equal odds."""
    noise = _noise_text(found.assumed.noise, found.odds.runs, seed)
    key = _sha256(noise)
    there = sa.select(PLAN_ODDS.c.schedule_id).where(PLAN_ODDS.c.schedule_id == schedule_id, PLAN_ODDS.c.noise_sha256 == key)
    if connection.execute(there).first() is None:
        connection.execute(
            sa.insert(PLAN_ODDS).values(
                schedule_id=schedule_id, noise_sha256=key, noise=noise,
                odds=serialization.to_json("odds", _document(found.odds)), computed_us=serialization.now_us(),
            )
        )  # fmt: skip


def keep_for_release(connection: Connection, approval_id: str, schedule_id: str, found: PlanOdds, seed: int) -> None:
    """Tie a release to its plan's odds, which are kept as well. The first odds that a release was given stay."""
    save(connection, schedule_id, found, seed)
    if connection.execute(sa.select(RELEASE_ODDS).where(RELEASE_ODDS.c.approval_id == approval_id)).first() is None:
        connection.execute(
            sa.insert(RELEASE_ODDS).values(
                approval_id=approval_id, schedule_id=schedule_id, operations=found.assumed.operations,
                noise_sha256=_sha256(_noise_text(found.assumed.noise, found.odds.runs, seed)),
                kept_us=serialization.now_us(),
            )
        )  # fmt: skip


def without(connection: Connection, plant: str, span: timedelta) -> tuple[ReleaseWithoutOdds, ...]:
    """A plant's releases without odds, the newest first, of plans that start no longer than ``span`` before the newest."""
    query = (
        sa.select(APPROVAL.c.approval_id, APPROVAL.c.schedule_id, RELEASE_ODDS.c.kept_us, SNAPSHOT.c.plan_start,
                  SNAPSHOT.c.timezone)
        .select_from(APPROVAL)
        .join(SNAPSHOT, SNAPSHOT.c.snapshot_id == APPROVAL.c.snapshot_id)
        .outerjoin(RELEASE_ODDS, RELEASE_ODDS.c.approval_id == APPROVAL.c.approval_id)
        .where(APPROVAL.c.plant == plant)
        .order_by(APPROVAL.c.release_no.desc())
        .limit(MOST_RELEASES)
    )  # fmt: skip
    found = [(row, serialization.wall_time(row.plan_start, row.timezone)) for row in connection.execute(query)]
    newest = max((start for _, start in found), default=datetime.min)
    return tuple(
        ReleaseWithoutOdds(str(row.approval_id), str(row.schedule_id), start)
        for row, start in found
        if row.kept_us is None and newest - start <= span
    )


def of_releases(connection: Connection, plant: str, since: datetime) -> tuple[ReleaseOdds, ...]:
    """The odds of a plant's releases of plans that start at or after ``since`` (naive plant time), the oldest first."""
    query = (
        sa.select(RELEASE_ODDS.c.operations, PLAN_ODDS.c.noise, PLAN_ODDS.c.odds, APPROVAL.c.approval_id,
                  SNAPSHOT.c.plan_start, SNAPSHOT.c.timezone)
        .select_from(RELEASE_ODDS)
        .join(APPROVAL, APPROVAL.c.approval_id == RELEASE_ODDS.c.approval_id)
        .join(SNAPSHOT, SNAPSHOT.c.snapshot_id == APPROVAL.c.snapshot_id)
        .join(
            PLAN_ODDS,
            (PLAN_ODDS.c.schedule_id == RELEASE_ODDS.c.schedule_id)
            & (PLAN_ODDS.c.noise_sha256 == RELEASE_ODDS.c.noise_sha256),
        )
        .where(APPROVAL.c.plant == plant, SNAPSHOT.c.plan_start >= since.isoformat(timespec="seconds"))
        .order_by(APPROVAL.c.release_no)
    )  # fmt: skip
    return tuple(_release_odds(row) for row in connection.execute(query))


def _release_odds(row: Any) -> ReleaseOdds:
    assumed = AssumedNoise(_noise_of(json.loads(row.noise)), int(row.operations))
    return ReleaseOdds(
        release=row.approval_id, plan_start=serialization.wall_time(row.plan_start, row.timezone), timezone=row.timezone,
        odds=PlanOdds(_odds_of(json.loads(row.odds)), assumed),
    )  # fmt: skip


def _noise_text(noise: DurationNoise, runs: int, seed: int) -> str:
    told = {
        "variation": noise.variation, "by_process": dict(noise.by_process), "machine_share": noise.machine_share,
        "day_share": noise.day_share, "runs": runs, "seed": seed, "format": FORMAT,
    }  # fmt: skip
    return serialization.to_json("noise", told)


def _noise_of(told: Mapping[str, Any]) -> DurationNoise:
    return DurationNoise(told["variation"], told["by_process"], told["machine_share"], told["day_share"])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _document(odds: Odds) -> dict[str, object]:
    """By column, as the orders are many."""
    return {
        "runs": odds.runs,
        **{name: _figures(one) for name, one in (("tardiness", odds.tardiness), ("late", odds.late), ("end", odds.end))},
        "job": [one.job for one in odds.orders],
        "due": [one.due for one in odds.orders],
        "planned_end": [one.planned_end for one in odds.orders],
        "late_runs": [f"{one.late_runs:x}" for one in odds.orders],
        "ends": {name: [round(getattr(one.ends, name)) for one in odds.orders] for name in _ENDS},
    }


def _odds_of(told: Mapping[str, Any]) -> Odds:
    runs, ends = int(told["runs"]), told["ends"]
    orders = []
    for i, (job, due, planned, late) in enumerate(
        zip(told["job"], told["due"], told["planned_end"], told["late_runs"], strict=True)
    ):
        late_runs = int(late, 16)
        on_time = None if due is None else 1.0 - late_runs.bit_count() / runs
        spread = Spread(*(float(ends[name][i]) for name in _ENDS))
        orders.append(OrderOdds(job, due, planned, on_time, spread, late_runs))
    figures = (Spread(*told[name]) for name in ("tardiness", "late", "end"))
    return Odds(runs, tuple(orders), *figures)


def _figures(one: Spread) -> list[float]:
    return [getattr(one, name) for name in _ENDS]
