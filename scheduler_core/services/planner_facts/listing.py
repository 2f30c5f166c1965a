"""One list of facts from three places, and which of them act on what in a snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RecordedDowntime
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.single_changes import Pinned
from scheduler_core.services.assumptions import pull_behind
from scheduler_core.services.down_machines import recorded_in
from scheduler_core.services.planner_additions import PIN, Pin, pins
from scheduler_core.services.planner_facts.applying import put_in
from scheduler_core.services.planner_facts.fitness import subject_of
from scheduler_core.services.planner_facts.kinds import Acting, Fact, Origin, Outcome, Standing
from scheduler_core.services.planner_facts.questions import names_out_of_service
from scheduler_core.services.planner_facts.stored import read

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
K = TypeVar("K")


def known(store: Store, plant: Plant, now: datetime) -> tuple[Fact, ...]:
    """All facts ever recorded of the plant, the newest first, downtimes and the latest snapshot's pins among them. Ask each
    for its ``standing``. Their changes count from the plan_start of ``plant``."""
    own = _named(store, plant, [read(one, plant) for one in store.facts.of_plant(plant.name)])
    down = [of_downtime(one, plant, now) for one in store.downtimes.of_plant(plant.name)]
    listed = sorted((*own, *down), key=lambda fact: fact.recorded_at or LONG_AGO, reverse=True)
    return (*_pins_of(store, plant), *listed)


def _named(store: Store, plant: Plant, facts: Sequence[Fact]) -> Sequence[Fact]:
    """The facts, with the names of machines out of service that the plant does not have."""
    unknown = {f.id: f.change.machine for f in facts if isinstance(f.change, MachineReturns)}
    unknown = {fact: machine for fact, machine in unknown.items() if machine not in plant.machine_by_id}
    latest = store.snapshots.latest() if unknown else None
    names = {} if latest is None else names_out_of_service(store, latest.id)
    return [replace(f, machine_name=names.get(unknown[f.id], "")) if f.id in unknown else f for f in facts]


def of_downtime(down: RecordedDowntime, plant: Plant, now: datetime) -> Fact:
    """A recorded downtime as a fact: undone where a planner has said that the machine is back."""
    start = plant.minute_of(down.start)
    minutes = None if down.end is None else max(1, plant.minute_of(down.end) - start)
    back = down.changed_by if down.in_service else None
    return Fact(
        down.id, Origin.DOWNTIME, "breakdown", Breakdown(down.machine, start, minutes, reason=down.reason), down.start,
        down.end, down.reason, down.recorded_by, down.changed_at, None, back, down.changed_at if down.in_service else None,
    )  # fmt: skip


def of_pin(pin: Pin, plant: Plant) -> Fact:
    """A pinned operation as a fact. Who pinned it, and why, stands in one sentence."""
    change = Pinned(pin.job, pin.sequence, pin.place.machines, pin.place.start, pin.place.end)
    return Fact(
        pin_id(pin.job, pin.sequence), Origin.PIN, "pinned", change, plant.plan_start, plant.time_of(pin.place.end),
        pin.words, "", None,
    )  # fmt: skip


def pin_id(job: str, sequence: int) -> str:
    """What names a pin in the list of facts."""
    return f"pin:{sequence}:{job}"


def acting(store: Store, snapshot_id: str, now: datetime | None = None, plant: Plant | None = None) -> Acting:
    """Which facts act on what in a snapshot, as it was when the snapshot was made; for one that a what-if derived, in the
    pull behind it. Notes are those of ``now`` (naive plant time; None: the plan's start): they come and go without a new
    snapshot, so nobody may keep the answer by the snapshot alone. ``plant``: of the pull, where it is at hand."""
    pulled = pull_behind(store, snapshot_id)
    plant = plant or store.snapshots.plant(pulled)
    stored = {one.id: one for one in store.facts.of_plant(plant.name)}
    applied = [Outcome(read(stored[a.fact_id], plant), a.idle) for a in store.snapshots.facts(pulled)]
    outcomes = [one for one in applied if not isinstance(one.fact.change, Noted)]
    notes = [read(one, plant) for one in stored.values() if one.kind == "note"]
    outcomes += put_in(plant, [one for one in notes if _is_shown(one, now or plant.plan_start)]).outcomes
    outcomes += [Outcome(fact, None) for fact in _others_in(store, pulled, plant)]
    whole: list[Fact] = []
    machines, types = defaultdict[int, list[Fact]](list), defaultdict[int, list[Fact]](list)
    jobs = defaultdict[str, list[Fact]](list)
    for fact in (one.fact for one in outcomes if one.idle is None):
        subject = subject_of(plant, fact.change)
        if subject.plant:
            whole.append(fact)
        for kind in subject.machine_types:
            types[kind].append(fact)
        named = (*subject.machines, *(m for kind in subject.machine_types for m in plant.machines_by_type.get(kind, ())))
        for machine in dict.fromkeys(named):
            machines[machine].append(fact)
        if subject.job is not None:
            jobs[subject.job].append(fact)
    return Acting(tuple(outcomes), tuple(whole), _frozen(machines), _frozen(types), _frozen(jobs))


def _is_shown(note: Fact, now: datetime) -> bool:
    """Whether a note is neither undone nor over; one that was recorded after the plan's start is shown at once."""
    return note.standing(now) in (Standing.ACTIVE, Standing.COMING)


def _others_in(store: Store, snapshot_id: str, plant: Plant) -> Sequence[Fact]:
    """Downtimes and pins that a snapshot's notes tell of."""
    notes = store.snapshots.notes(snapshot_id)
    at = {(machine, plant.time_of(down.start)) for machine, down in recorded_in(plant, notes)}
    down = [d for d in store.downtimes.of_plant(plant.name) if (d.machine, d.start) in at]
    return [*(of_downtime(d, plant, plant.plan_start) for d in down), *(of_pin(pin, plant) for pin in pins(plant, notes))]


def _pins_of(store: Store, plant: Plant) -> Sequence[Fact]:
    latest = store.snapshots.latest()
    if latest is None or latest.plant != plant.name:
        return []
    notes = [note for note in store.snapshots.notes(latest.id) if note.table == PIN]
    if not notes:
        return []
    held = store.snapshots.plant(latest.id)
    return [_counted_from(plant, held, of_pin(pin, held), pin) for pin in pins(held, notes)]


def _counted_from(plant: Plant, held: Plant, fact: Fact, pin: Pin) -> Fact:
    start, end = (plant.minute_of(held.time_of(minute)) for minute in (pin.place.start, pin.place.end))
    return replace(fact, change=Pinned(pin.job, pin.sequence, pin.place.machines, start, end))


def _frozen(found: Mapping[K, list[Fact]]) -> Mapping[K, tuple[Fact, ...]]:
    return {key: tuple(facts) for key, facts in found.items()}
