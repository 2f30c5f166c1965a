"""A snapshot in two layers: the plant as it was pulled, with what planners added to it, and facts on top.

Whatever is done to a snapshot afterwards is done to the lower layer, and the facts are put on again: each can be taken off
without a trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AppliedFact, PullCounts, PullNote
from scheduler_core.plant import Plant
from scheduler_core.services.planner_facts.applying import put_in
from scheduler_core.services.planner_facts.kinds import Applied, Fact
from scheduler_core.services.planner_facts.stored import read


@dataclass(frozen=True)
class Layers:
    """``plant`` is planned; ``before``: without facts (None: they change nothing); ``facts``: what became of each."""

    plant: Plant
    before: Plant | None = None
    facts: tuple[AppliedFact, ...] = ()


def layers(lower: Plant, facts: Sequence[Fact]) -> Layers:
    """Facts on a plant; their minutes count from its plan_start."""
    return as_layers(lower, put_in(lower, facts))


def as_layers(lower: Plant, applied: Applied) -> Layers:
    """Facts that have been put into a plant, as they are stored."""
    became = tuple(AppliedFact(one.fact.id, one.idle) for one in applied.outcomes)
    return Layers(applied.plant, None if applied.plant == lower else lower, became)


def lower_layer(store: Store, snapshot_id: str) -> Plant:
    """A snapshot's plant without facts."""
    return store.snapshots.plant_before_facts(snapshot_id)


def again(store: Store, snapshot_id: str, lower: Plant) -> Layers:
    """Another lower layer under the facts that a snapshot knows."""
    known = store.snapshots.facts(snapshot_id)
    if not known:
        return Layers(lower)
    stored = {one.id: one for one in store.facts.of_plant(lower.name)}
    return layers(lower, [read(stored[one.fact_id], lower) for one in known])


def save_changed(
    store: Store, snapshot_id: str, made: Layers, notes: Sequence[PullNote], *, request_id: str, actor: str,
    counts: PullCounts | None = None,
) -> str:  # fmt: skip
    """Keep the latest snapshot with other layers and notes as a new one of the same pull; ``counts`` None: the same.

    Raises Superseded where it is no longer the latest: what somebody else has done meanwhile would be lost.
    """
    info = store.snapshots.get(snapshot_id)
    return store.snapshots.save(
        made.plant, request_id=request_id, source=info.source, counts=counts or info.counts,
        quarantine=store.snapshots.quarantine(snapshot_id), notes=notes, fingerprint=info.fingerprint, banner=info.banner,
        actor=actor, before=made.before, facts=made.facts, on_top_of=snapshot_id,
        taken_at=info.taken_at,
    )  # fmt: skip
