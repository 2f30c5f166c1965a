"""A snapshot file (``factory-snapshot/1``) as a new snapshot: of a plant whose data another program keeps."""

from __future__ import annotations

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullNote, Source
from scheduler_core.data.store.serialization import printable
from scheduler_core.interchange import snapshot_from_json
from scheduler_core.plant import Plant
from scheduler_core.services.note_words import UPLOADED
from scheduler_core.services.planner_additions import kept
from scheduler_core.services.planner_facts.confirming import settle
from scheduler_core.services.planner_facts.layering import layers
from scheduler_core.services.planner_facts.stored import in_force

SNAPSHOT_FILE = "snapshot file"
"""What notes call the file from which a whole plant was taken."""


def checked(content: bytes, file: str) -> Plant:
    """The plant of a snapshot file; ``file`` is what messages call it. Raises InvalidValue naming the place, the value and
    the reason of what is wrong, and Unschedulable for a plant of which no plan could exist."""
    from scheduler_core.simulator.arrays import pack  # compiled code, which a process that only reads does without

    plant = snapshot_from_json(content, file)
    pack(plant)
    return plant


def upload(store: Store, plant: Plant, file: str, *, request_id: str, actor: str) -> str:
    """Keep a plant as a new snapshot and return its id; the same request id again returns the first one's.

    Downtimes and facts that are recorded of the plant are put in; reports from the floor that it knows end. Raises
    InvalidValue for a name that the store does not take.
    """
    extra = kept(store, plant, None)
    facts = in_force(store.facts.of_plant(plant.name), extra.plant, extra.plant.plan_start)
    made = layers(extra.plant, facts)
    snapshot_id = store.snapshots.save(
        made.plant, request_id=request_id, source=Source.FILE, actor=actor, before=made.before, facts=made.facts,
        notes=(PullNote(SNAPSHOT_FILE, printable(file[:80]), UPLOADED), *extra.notes),
    )  # fmt: skip
    settle(store, extra.plant, facts, ())
    return snapshot_id
