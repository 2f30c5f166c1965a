"""When is the machine back? Asked of machines out of service in the ERP on which orders wait that no other can take.

A pull finds them by reading the ERP's rows as if these machines worked: orders that are usable then wait for one of them.
The answer is a fact, ``MachineReturns``, with which the next pull takes the machine and its orders into the plant.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullNote, RecordedDowntime, StoredFact
from scheduler_core.data.store.serialization import printable
from scheduler_core.plant import Machine, Plant
from scheduler_core.scenarios.changes_file import change_from_json
from scheduler_core.scenarios.floor_changes import OUT_OF_SERVICE, MachineReturns
from scheduler_core.services.planner_facts.kinds import Question

RETURNS = "machine-returns"
"""What ``changes/1`` calls ``MachineReturns``."""
WAITS = "waits for a machine"
"""What notes call an order that waits for a machine out of service."""
ASKS = " is out of service: when is it back?"
"""How such a note goes on behind the machine's name."""


def waiting_notes(without: Plant, with_them: Plant, machines: Sequence[Machine]) -> tuple[PullNote, ...]:
    """Notes on the orders of ``with_them`` (read as if ``machines`` worked) that ``without`` does not have, one for each
    machine that such an order waits for."""
    stopped = {machine.id: machine for machine in machines}
    return tuple(
        PullNote(WAITS, f"machine {machine}", printable(f"{stopped[machine].name}{ASKS}"), job.id)
        for job in with_them.jobs
        if job.id not in without.job_by_id
        for machine in sorted({m for op in job.operations for m in with_them.eligible_machines(op)} & set(stopped))
    )  # fmt: skip


def unanswered(store: Store, snapshot_id: str) -> tuple[Question, ...]:
    """The machines out of service in the ERP on which orders of this snapshot wait, and for which nobody has said since when
    they are back. The answer is a fact, ``MachineReturns``; it counts from the next pull on."""
    info = store.snapshots.get(snapshot_id)
    facts = [one for one in store.facts.of_plant(info.plant) if one.kind == RETURNS]
    plant = store.snapshots.plant(snapshot_id) if facts else None
    answers = {} if plant is None else {r.machine: fact for fact, r in _returns(facts, plant)}
    found = []
    for machine, (name, jobs) in _asked(store, snapshot_id).items():
        answer = answers.get(machine)
        if answer is None or answer.undone_by is not None:
            found.append(Question(machine, name, jobs))
        elif answer.until is not None and answer.until <= info.plan_start:
            found.append(Question(machine, name, jobs, answer.until))
    return tuple(found)


def out_of_service(store: Store, snapshot_id: str) -> frozenset[int]:
    """The machines (ids) that orders of a snapshot wait for, whether that has been answered or not."""
    return frozenset(_asked(store, snapshot_id))


def names_out_of_service(store: Store, snapshot_id: str) -> dict[int, str]:
    """The names of the machines (ids) that orders of a snapshot wait for, whether that has been answered or not."""
    return {machine: name for machine, (name, _) in _asked(store, snapshot_id).items()}


def awaited(store: Store, snapshot_id: str, now: datetime) -> tuple[RecordedDowntime, ...]:
    """The machines out of service in the ERP that planners expect back after ``now``, as downtimes until then: a plan made
    before it was known has work on them. Those that the ERP has in service in this snapshot are none of them."""
    known = store.facts.of_plant(store.snapshots.get(snapshot_id).plant)
    back = expected_back(known, now)
    if not back:
        return ()
    names, plant = names_out_of_service(store, snapshot_id), store.snapshots.plant(snapshot_id)
    names |= {m.id: m.name for m in plant.machines if any(d.reason == OUT_OF_SERVICE for d in m.downtime)}
    newest = {int(json.loads(one.change)["machine"]): one for one in known if _counts(one, now)}
    found = []
    for machine in sorted(set(back) & set(names)):
        one = newest[machine]
        found.append(
            RecordedDowntime(
                one.id, one.plant, machine, names[machine], one.since, back[machine], False, one.reason, one.recorded_by,
                one.recorded_by, one.recorded_at,
            )
        )  # fmt: skip
    return tuple(found)


def expected_back(facts: Sequence[StoredFact], now: datetime) -> dict[int, datetime]:
    """The machines (ids) that planners say are back at a moment after ``now``, and that moment; the newest word counts."""
    return {
        int(json.loads(one.change)["machine"]): one.until for one in facts if _counts(one, now) and one.until is not None
    }


def _counts(fact: StoredFact, now: datetime) -> bool:
    return fact.kind == RETURNS and fact.undone_by is None and fact.until is not None and fact.since <= now < fact.until


def _returns(facts: Sequence[StoredFact], plant: Plant) -> list[tuple[StoredFact, MachineReturns]]:
    read = [(one, change_from_json(one.change, plant, f"fact {one.id}")) for one in facts]
    return [(one, change) for one, change in read if isinstance(change, MachineReturns)]


def _asked(store: Store, snapshot_id: str) -> Mapping[int, tuple[str, tuple[str, ...]]]:
    """Name and waiting orders of each machine that a snapshot's notes ask for."""
    found: dict[int, tuple[str, tuple[str, ...]]] = {}
    for note in store.snapshots.notes(snapshot_id):
        if note.table == WAITS and note.job is not None:
            machine = int(note.row.removeprefix("machine "))
            name, jobs = found.get(machine, (note.message.removesuffix(ASKS), ()))
            found[machine] = (name, (*jobs, note.job))
    return found
