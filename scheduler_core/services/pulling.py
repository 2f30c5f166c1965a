"""From the ERP to a stored snapshot."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from scheduler_core.data import demo, erp
from scheduler_core.data.database import open_erp
from scheduler_core.data.read_progress import NULL_PROGRESS, ReadProgress
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo, Source, StoredFact
from scheduler_core.data.store_errors import Superseded
from scheduler_core.plant import Plant
from scheduler_core.services import downtimes, erp_reading, floor_actuals, planner_additions
from scheduler_core.services.planner_facts.confirming import settle
from scheduler_core.services.planner_facts.layering import layers
from scheduler_core.services.planner_facts.recording import bring_up_to_date
from scheduler_core.services.planner_facts.stored import in_force
from scheduler_core.settings import locations

LOG = logging.getLogger(__name__)


def pull(
    store: Store,
    erp_url: str | None = None,
    *,
    request_id: str,
    actor: str = "planner",
    config: erp.ErpConfig | None = None,
    listener: ReadProgress = NULL_PROGRESS,
    taken_at: datetime | None = None,
) -> str:
    """Read the ERP (default: see ``locations``) into a new snapshot and return its id; a missing embedded demo is made.

    What a planner has added to the latest snapshot of the plant (see ``planner_additions``) is taken over, and downtimes and
    facts that planners have recorded are put in; reports from the floor that the ERP has confirmed end. What it tells of
    operations since the pull before is kept beside it (``floor_actuals``). ``taken_at`` (aware): None for now; another time
    is only for a simulated history (``demo_history``).

    Raises DatabaseUnavailable, InvalidValue (settings), Unschedulable (nothing to plan) and, before anything is stored,
    Cancelled if the listener does.
    """
    if erp_url is None and locations.uses_demo_erp():
        demo.ensure_demo(locations.erp_url())
    with closing(open_erp(erp_url or locations.erp_url())) as database:
        settings = config or erp.load_config(locations.erp_config())
        pulled = erp_reading.read(database, settings, store.facts.of_plant(settings.plant), listener)
    while True:
        try:
            snapshot_id, extra, facts = _saved(store, pulled, request_id, actor, listener, taken_at)
            break
        except Superseded:
            # Somebody has pinned an operation or added a job since it was looked up: that is taken over too.
            LOG.info("a newer snapshot was kept meanwhile: looking again", extra={"request": request_id})
            listener = NULL_PROGRESS  # it was told that the pull is kept
    if store.downtimes.of_plant(pulled.plant.name) != extra.downtimes:
        # Somebody has recorded one since it was looked up, and the snapshot before this one was made once more with it.
        again = f"down-{snapshot_id}"
        snapshot_id = downtimes.bring_up_to_date(store, now=pulled.plant.plan_start, actor=actor, request_id=again)
    if store.facts.of_plant(pulled.plant.name) != facts:
        again = f"facts-{snapshot_id}"
        snapshot_id = bring_up_to_date(store, now=pulled.plant.plan_start, actor=actor, request_id=again)
    _compare(store, pulled.plant.name, snapshot_id)
    # Ended after the pull is compared with the one before, which reads when reported operations began and ended.
    hidden = {row.job for row in pulled.quarantine if row.job is not None}
    settle(store, extra.plant, in_force(facts, extra.plant, pulled.plant.plan_start), hidden)
    taken, left = pulled.counts.jobs_accepted, pulled.counts.jobs_quarantined
    LOG.info("pulled", extra={"snapshot": snapshot_id, "request": request_id, "jobs": taken, "quarantined": left})
    return snapshot_id


def _compare(store: Store, plant: str, snapshot_id: str) -> None:
    """Derive actuals. The pull is kept already, and plans do without them: a failure is logged and fails no pull, and the
    next one compares what is missing."""
    try:
        floor_actuals.bring_up_to_date(store, plant)
    except Exception:
        LOG.exception("actuals not derived", extra={"snapshot": snapshot_id})


def _saved(
    store: Store, pulled: erp.Pull, request_id: str, actor: str, listener: ReadProgress, taken_at: datetime | None
) -> tuple[str, planner_additions.Kept, tuple[StoredFact, ...]]:
    """A pulled plant on top of the latest snapshot, with what planners have added and recorded. Raises Superseded."""
    newest = store.snapshots.newest()
    before = next((s for s in newest if s.plant == pulled.plant.name and s.source is not Source.FILE), None)
    extra = planner_additions.kept(store, pulled.plant, before, pulled.out_of_service, pulled.any_case)
    facts = store.facts.of_plant(pulled.plant.name)
    made = layers(extra.plant, in_force(facts, extra.plant, pulled.plant.plan_start))
    listener.keeps()
    snapshot_id = store.snapshots.save(
        made.plant,
        request_id=request_id,
        source=Source.ERP if pulled.banner is None else Source.DEMO,
        counts=planner_additions.with_kept(pulled.counts, extra.jobs),
        quarantine=pulled.quarantine,
        notes=(*pulled.notes, *extra.notes),
        fingerprint=pulled.fingerprint,
        banner=pulled.banner,
        actor=actor,
        before=made.before,
        facts=made.facts,
        on_top_of=newest[0].id if newest else None,
        taken_at=taken_at,
    )
    return snapshot_id, extra, facts


def look(
    snapshot: SnapshotInfo, erp_url: str | None = None, config: erp.ErpConfig | None = None,
    facts: Sequence[StoredFact] = (),
) -> Plant | None:  # fmt: skip
    """The ERP's plant as of now if its rows are no longer the snapshot's, else None. Nothing is stored.

    ``facts``: those of the plant; machines out of service that planners expect back are in it. Raises as ``pull`` does.
    """
    settings = config or erp.load_config(locations.erp_config())
    with closing(open_erp(erp_url or locations.erp_url())) as database:
        if erp.fingerprint(database, settings, snapshot.plan_start) == snapshot.fingerprint:
            return None
        return erp_reading.expecting(database, settings, facts).plant


def as_kept(store: Store, plant: Plant, snapshot: SnapshotInfo) -> Plant:
    """A plant that was looked at, with what planners have added to the snapshot and recorded: what a pull would store."""
    extra = planner_additions.kept(store, plant, snapshot)
    return layers(extra.plant, in_force(store.facts.of_plant(plant.name), extra.plant, plant.plan_start)).plant
