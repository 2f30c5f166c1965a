"""Releasing a stored schedule, and going back to an earlier release, both after a look at the ERP; proposing one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from scheduler_core.data import erp
from scheduler_core.data.database import DatabaseFailure, DatabaseUnavailable, open_erp, said_by
from scheduler_core.data.read_progress import NULL_PROGRESS, ReadProgress
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import (
    ApprovalRequest,
    Proposal,
    ProposalRequest,
    Release,
    RollbackRequest,
    SnapshotInfo,
    Source,
)
from scheduler_core.data.store_errors import Refused, StaleSnapshot
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.settings import locations
from scheduler_core.settings.release_policy import load_release_policy

T = TypeVar("T")
MOST_RELEASES = 10_000
"""Of one plant's that a roll-back looks through."""
LOG = logging.getLogger(__name__)


def approve(
    store: Store,
    request: ApprovalRequest,
    erp_url: str | None = None,
    config: erp.ErpConfig | None = None,
    listener: ReadProgress = NULL_PROGRESS,
) -> Release:
    """Release a schedule after looking whether the ERP's rows are still those of its snapshot (see
    ``Store.releases.approve``).

    Raises DatabaseUnavailable where the store cannot save it, and Cancelled if the listener does, which it may during the
    look only: then nothing is released.
    """
    snapshot = store.snapshots.get(store.schedules.get(request.schedule_id).snapshot_id)
    look = _look_now(snapshot, erp_url, config, listener)
    four_eyes = needs_four_eyes(snapshot.plant)
    return _told(_saved(look.explains(lambda: store.releases.approve(request, look.fingerprint, four_eyes))))


def roll_back(
    store: Store,
    request: RollbackRequest,
    erp_url: str | None = None,
    config: erp.ErpConfig | None = None,
    listener: ReadProgress = NULL_PROGRESS,
) -> Release:
    """Release an earlier release's schedule once more, with the same look at the ERP (see ``Store.releases.roll_back``)."""
    earlier = next((r for r in store.releases.newest(request.plant, MOST_RELEASES) if r.number == request.back_to), None)
    if earlier is None:
        raise Refused(f"there is no version {request.back_to} to go back to")
    look = _look_now(store.snapshots.get(earlier.snapshot_id), erp_url, config, listener)
    four_eyes = needs_four_eyes(request.plant)
    return _told(_saved(look.explains(lambda: store.releases.roll_back(request, look.fingerprint, four_eyes))))


def propose(store: Store, request: ProposalRequest) -> Proposal:
    """Ask for the second name that a plant's releases need. Raises as ``Store.releases.propose`` does, and
    DatabaseUnavailable."""
    return _saved(lambda: store.releases.propose(request))


def needs_four_eyes(plant: str) -> bool:
    """Whether a plant's releases are proposed by one and approved by another (``configs/release.yaml``)."""
    return plant in load_release_policy().four_eyes


@dataclass(frozen=True)
class _Look:
    """What a look at the ERP found: the fingerprint of its rows now, or why they cannot be read; neither for a file."""

    fingerprint: str | None = None
    unread: str | None = None

    def explains(self, work: Callable[[], T]) -> Callable[[], T]:
        """``work``, whose refusal because the ERP cannot be read says why."""

        def explained() -> T:
            try:
                return work()
            except StaleSnapshot as stale:
                if self.unread is None:
                    raise
                raise StaleSnapshot(f"{stale} ({self.unread})") from stale

        return explained


def _look_now(
    snapshot: SnapshotInfo, erp_url: str | None, config: erp.ErpConfig | None, listener: ReadProgress
) -> _Look:  # fmt: skip
    """At the ERP's rows, unless the snapshot is a file's. What follows keeps to it."""
    found = _Look() if snapshot.source is Source.FILE else _looked_at(snapshot, erp_url, config, listener)
    listener.keeps()
    return found


def _looked_at(
    snapshot: SnapshotInfo, erp_url: str | None, config: erp.ErpConfig | None, listener: ReadProgress
) -> _Look:  # fmt: skip
    """Whatever is in the way of reading the ERP, its server, a right, a setting: the store refuses then, unless the planner
    has given a reason, and records that nobody could look."""
    try:
        settings = config or erp.load_config(locations.erp_config())
        with closing(open_erp(erp_url or locations.erp_url())) as database:
            return _Look(erp.fingerprint(database, settings, snapshot.plan_start, listener))
    except Cancelled:
        raise
    except ShopwrightError as failure:
        LOG.warning("releasing without a look at the ERP: %s", failure)
        return _Look(unread=str(failure))


def _told(release: Release) -> Release:
    more = {"release": release.id, "number": release.number, "schedule": release.schedule_id, "approver": release.approver}
    LOG.info("released", extra=more)
    return release


def _saved(work: Callable[[], T]) -> T:
    try:
        return work()
    except DatabaseFailure as failure:
        raise DatabaseUnavailable(f"the database could not save it, so nothing has changed: {said_by(failure)}") from failure
