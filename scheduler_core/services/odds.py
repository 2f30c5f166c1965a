"""Odds of plans: the noise that they assume, the odds of a plan under it, and those that releases went out with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.actuals.plant_noise import noise_of
from scheduler_core.actuals.reliability import QUANTILES, Promise, Reliability, Told, ends_of, reliability
from scheduler_core.clock import clock_of
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ReleaseOdds
from scheduler_core.floor.order_odds import STATED, AssumedNoise, PlanOdds, rounded
from scheduler_core.plant import CLOCK_DAYS, Plant
from scheduler_core.schedule import Schedule

RUNS = 300
SEED = 0
"""Every plan meets the same floors, so that two plans' runs can be compared one by one."""
WEEKS = timedelta(weeks=4)
"""Noise is fitted to the operations that ended within them; the odds of their releases are kept and compared with ends."""


def assumed_noise(store: Store, plant: str, before: datetime | None = None) -> AssumedNoise:
    """The noise that odds of the plant of this name assume: its own, from operations that ended in the last four weeks, or
    the stated one where too few of them are known.

    ``before`` (naive plant time): what was known then; None: at the last pull.
    """
    last = store.actuals.last(plant)
    if last is None:
        return STATED
    until = last.snapshot.plan_start if before is None else before
    since = until - WEEKS
    known = store.actuals.of_plant(plant, since)
    return noise_from([a for a in known if a.ended is not None and since <= a.ended.until <= until])


def noise_from(actuals: Sequence[OperationActual]) -> AssumedNoise:
    """The noise that these operations show, to whole percents, or the stated one where they are too few."""
    found = noise_of(actuals)
    return rounded(AssumedNoise(found.noise, found.used)) if found.is_fitted else STATED


def odds_of_plan(
    plant: Plant, plan: Schedule, assumed: AssumedNoise = STATED, runs: int = RUNS, seed: int = SEED
) -> PlanOdds:
    """The odds of a complete plan of ``plant``, computed here and now: about half a CPU second for 500 orders.

    Raises InvalidValue as ``floor.odds.odds_of``.
    """
    from scheduler_core.floor.odds import odds_of  # compiled code, which a page that only reads does without

    return PlanOdds(odds_of(plant, plan, assumed.noise, runs, seed), assumed)


def known_odds(store: Store, schedule_id: str, assumed: AssumedNoise) -> PlanOdds | None:
    """The odds of a stored plan that have been computed already; None where nobody has yet."""
    return store.odds.find(schedule_id, assumed, RUNS, SEED)


def compute_odds(store: Store, schedule_id: str, assumed: AssumedNoise) -> PlanOdds:
    """The odds of a stored plan, computed and kept where they were not known. Raises NotFound, Refused (a rejected
    schedule) and InvalidValue."""
    known = known_odds(store, schedule_id, assumed)
    if known is not None:
        return known
    plant = store.snapshots.plant(store.schedules.get(schedule_id).snapshot_id)
    found = odds_of_plan(plant, store.schedules.load(schedule_id), assumed)
    store.odds.save(schedule_id, found, SEED)
    return found


def keep_release_odds(store: Store, plant: str) -> int:
    """Give each release of the last weeks the odds that it went out with, and return how many had none.

    They assume what was known when the plan's jobs were pulled, so it does not matter when they are computed.
    """
    missing = store.odds.without(plant, WEEKS)
    for one in missing:
        found = compute_odds(store, one.schedule_id, assumed_noise(store, plant, one.plan_start))
        store.odds.keep_for_release(one.release, one.schedule_id, found, SEED)
    return len(missing)


def how_true(store: Store, plant: str) -> Reliability | None:
    """How the odds of the plant's releases came true in the weeks before the last pull; None before there are odds of a
    release and a pull after it."""
    last = store.actuals.last(plant)
    if last is None:
        return None
    until = last.snapshot.plan_start
    releases = store.odds.of_releases(plant, until - 2 * WEEKS)
    told = [_told(one) for one in releases if one.plan_start < until]
    if not told:
        return None
    still_open = (job.id for job in store.snapshots.plant(last.snapshot.id).jobs)
    ends = ends_of(store.actuals.of_plant(plant, until - 2 * WEEKS), still_open)
    return reliability(told, ends, until - WEEKS, until)


def _told(release: ReleaseOdds) -> Told:
    clock = clock_of(release.timezone, release.plan_start, CLOCK_DAYS)

    def moment(minute: float) -> datetime:
        return clock.time_of(math.ceil(minute))

    promises = [
        Promise(
            one.job, None if one.due is None else moment(one.due), moment(one.planned_end), one.on_time,
            {name: moment(getattr(one.ends, name)) for name in QUANTILES},
        )
        for one in release.odds.odds.orders
    ]  # fmt: skip
    return Told(release.plan_start, promises)
