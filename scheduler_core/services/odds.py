"""Odds of plans: the noise that they assume, the odds of a plan under it, and those that releases went out with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.actuals.plant_noise import noise_of
from scheduler_core.data.store import Store
from scheduler_core.floor.order_odds import STATED, AssumedNoise, PlanOdds, rounded
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule

RUNS = 300
SEED = 0
"""Every plan meets the same floors, so that two plans' runs can be compared one by one."""
FITTED_TO = timedelta(weeks=4)
"""The operations that ended so long ago at most are those that the noise is fitted to."""
WEEKS = 4
"""Releases of so many weeks are given the odds that they went out with, and are compared with what came true."""
MOST_RELEASES = 200


def assumed_noise(store: Store, plant: str, before: datetime | None = None) -> AssumedNoise:
    """The noise that odds of the plant of this name assume: its own, from operations that ended in the last four weeks, or
    the stated one where too few of them are known.

    ``before`` (aware): what was known then; None: now.
    """
    del store, plant, before
    return noise_from(())


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


def releases_without_odds(store: Store, plant: str, now: datetime) -> frozenset[str]:
    """Ids of a plant's releases of the last WEEKS that have no odds yet. ``now``: aware."""
    recent = [r.id for r in store.releases.newest(plant, MOST_RELEASES) if r.approved_at >= now - timedelta(weeks=WEEKS)]
    return store.odds.without(recent)


def keep_release_odds(store: Store, plant: str, now: datetime) -> int:
    """Give each release of the last WEEKS the odds that it went out with, and return how many had none.

    They assume what was known when the release was approved, so it does not matter when they are computed.
    """
    missing = releases_without_odds(store, plant, now)
    for release in store.releases.newest(plant, MOST_RELEASES):
        if release.id in missing:
            assumed = assumed_noise(store, plant, release.approved_at)
            found = compute_odds(store, release.schedule_id, assumed)
            store.odds.keep_for_release(release.id, release.schedule_id, found, SEED)
    return len(missing)
