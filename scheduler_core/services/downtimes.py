"""A planner records that a machine is down, changes the end, or says that it is back: every snapshot from then on knows it.

What is recorded stands in the store and counts for the whole plant. The latest snapshot is made once more with it, and each
pull puts it in again (``planner_additions.kept``) until it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import DowntimeChange, NewDowntime, PullNote, RecordedDowntime, SnapshotInfo
from scheduler_core.data.store.serialization import MAX_NAME
from scheduler_core.data.store_errors import Refused, Superseded
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Machine, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.services.down_machines import out_of_service_in, planned_end, with_downtimes, without_downtimes
from scheduler_core.services.planner_additions import ended_pins
from scheduler_core.services.planner_facts.layering import again, lower_layer, save_changed

FARTHEST = timedelta(days=366)
"""How far a recorded start or end may lie from now: a guard against typing errors."""


@dataclass(frozen=True)
class Stated:
    """What a planner says: machine (id) down from ``start`` until ``end`` (naive plant time; None: not known), and why."""

    machine: int
    start: datetime
    end: datetime | None
    reason: str


def record(store: Store, stated: Stated, *, now: datetime, actor: str, request_id: str) -> str:
    """Records the downtime and returns the id of the latest snapshot made once more with it.

    ``now``: naive plant time. Raises InvalidValue naming the field for an unknown machine, an end that is past or not after
    the start, a moment more than a year away, an empty or long reason or name, and a machine that is recorded as down then
    already; Unschedulable if no plan could exist; NotFound without a snapshot; Refused where somebody else has recorded
    something at the same moment. The same ``request_id`` again records nothing more.
    """
    latest = store.snapshots.needed_latest()
    if store.downtimes.served(f"{request_id}-down") is not None:
        # Nothing is recorded once more; another statement under the same request is told as a conflict.
        store.downtimes.record(
            NewDowntime(
                f"{request_id}-down", latest.plant, stated.machine, "", stated.start, stated.end, stated.reason.strip(),
                actor.strip(),
            )
        )  # fmt: skip
        return bring_up_to_date(store, now=now, actor=actor.strip(), request_id=f"{request_id}-snapshot")
    plant, known = store.snapshots.plant(latest.id), store.downtimes.of_plant(latest.plant)
    machine = _checked(plant, stated, known, now, actor)
    assumed = RecordedDowntime(
        "", latest.plant, machine.id, machine.name, stated.start, stated.end, False, stated.reason.strip(), actor.strip(),
        actor.strip(), latest.taken_at,
    )  # fmt: skip
    _try(store, latest, (*known, assumed), now)
    store.downtimes.record(
        NewDowntime(
            f"{request_id}-down", latest.plant, machine.id, machine.name, stated.start, stated.end, stated.reason.strip(),
            actor.strip(),
        ),
        known,
    )  # fmt: skip
    return bring_up_to_date(store, now=now, actor=actor.strip(), request_id=f"{request_id}-snapshot")


def change_end(store: Store, downtime_id: str, end: datetime | None, *, now: datetime, actor: str, request_id: str) -> str:
    """Another end of a recorded downtime (None: not known), also of one whose end has passed; returns the new snapshot's id.

    Raises InvalidValue for an end that is past or not after the start, Refused if the machine is back or recorded as down
    once more or somebody else has recorded something at the same moment, NotFound for an unknown downtime.
    """
    _words("name", actor)
    latest, downtime = store.snapshots.needed_latest(), store.downtimes.get(downtime_id)
    _check_span(downtime.start, end, now)
    known = store.downtimes.of_plant(latest.plant)
    later = replace(downtime, end=end)
    others = [d for d in known if d.id != downtime.id]
    if not downtime.in_service and (found := _overlapping(later, others, now)) is not None:
        raise Refused(f"{downtime.machine_name} is recorded as down once more, from {found.start:%Y-%m-%d %H:%M}")
    _try(store, latest, [later if d.id == downtime.id else d for d in known], now)
    store.downtimes.change(DowntimeChange(f"{request_id}-end", downtime.id, end, False, actor.strip()), known)
    return bring_up_to_date(store, now=now, actor=actor.strip(), request_id=f"{request_id}-snapshot")


def back_in_service(store: Store, downtime_id: str, *, now: datetime, actor: str, request_id: str) -> str:
    """The machine works again from ``now`` on (naive plant time), or never goes down; returns the new snapshot's id."""
    _words("name", actor)
    store.downtimes.change(DowntimeChange(f"{request_id}-back", downtime_id, now, True, actor.strip()))
    return bring_up_to_date(store, now=now, actor=actor.strip(), request_id=f"{request_id}-snapshot")


def bring_up_to_date(store: Store, *, now: datetime, actor: str, request_id: str) -> str:
    """The id of the latest snapshot if it knows all recorded downtimes, else of a new one of the same pull that does."""
    latest = store.snapshots.needed_latest()
    before = lower_layer(store, latest.id), store.snapshots.notes(latest.id)
    after = _with(*before, store.downtimes.of_plant(latest.plant), now)
    if after == before:
        return latest.id
    plant, notes = after
    try:
        return save_changed(store, latest.id, again(store, latest.id, plant), notes, request_id=request_id, actor=actor)
    except Superseded:
        return bring_up_to_date(store, now=now, actor=actor, request_id=request_id)


def in_force(store: Store, plant: str, now: datetime) -> tuple[RecordedDowntime, ...]:
    """The recorded downtimes of a plant that are not over at ``now`` (naive plant time), those that began first in front."""
    return tuple(sorted((d for d in store.downtimes.of_plant(plant) if d.in_force(now)), key=lambda d: d.start))


def lower_without(store: Store, snapshot_id: str, downtime_id: str, now: datetime) -> Plant:
    """A snapshot's plant without facts, as if this machine were back; nothing is stored."""
    lower = lower_layer(store, snapshot_id)
    others = [d for d in store.downtimes.of_plant(lower.name) if d.id != downtime_id]
    return _with(lower, store.snapshots.notes(snapshot_id), others, now)[0]


def just_over(
    store: Store, plant: str, now: datetime, within: timedelta = timedelta(days=1)
) -> tuple[RecordedDowntime, ...]:
    """Those whose expected end has passed within the given time, and of which nobody has said that the machine is back."""
    found = (d for d in store.downtimes.of_plant(plant) if not d.in_service and d.end is not None)
    return tuple(d for d in found if d.end is not None and now - within < d.end <= now)


def hit_by(
    plant: Plant, schedule: Schedule, downtime: RecordedDowntime, now: datetime
) -> tuple[Assignment, ...]:  # fmt: skip
    """The operations that a plan has on the machine from ``now`` (naive plant time) on while it is recorded as down, and
    of which the plan does not know that; empty for a plan that goes around it."""
    if not downtime.in_force(now) or downtime.machine not in plant.machine_by_id:
        return ()
    start = plant.minute_of(max(downtime.start, now))
    end = plant.minute_of(planned_end(downtime, now))
    # A plan that knows an earlier end, or none, has gone around the machine until then.
    for known in sorted(plant.machine_by_id[downtime.machine].downtime, key=lambda d: d.start):
        if known.start <= start < known.end:
            start = known.end
    placed = schedule.by_machine.get(downtime.machine, ()) if start < end else ()
    return tuple(a for a in placed if a.start < end and start < a.end)


# ---------------------------------------------------------------- what is refused
def _checked(
    plant: Plant, stated: Stated, known: Sequence[RecordedDowntime], now: datetime, actor: str
) -> Machine:  # fmt: skip
    machine = plant.machine_by_id.get(stated.machine)
    if machine is None:
        raise InvalidValue("machine", stated.machine, "is no machine of the latest pull")
    _words("name", actor)
    _words("reason", stated.reason)
    if abs(stated.start - now) > FARTHEST:
        raise InvalidValue("start", _stamp(stated.start), "is more than a year away")
    _check_span(stated.start, stated.end, now)
    asked = RecordedDowntime(
        "", plant.name, machine.id, machine.name, stated.start, stated.end, False, "", "", "", datetime.min
    )  # fmt: skip
    if (found := _overlapping(asked, known, now)) is not None:
        until = "" if found.end is None else f" to {found.end:%Y-%m-%d %H:%M}"
        said = f"is recorded as down already, from {found.start:%Y-%m-%d %H:%M}{until}: change that end"
        raise InvalidValue("machine", machine.name, said)
    return machine


def _words(field: str, words: str) -> None:
    if not 1 <= len(words.strip()) <= MAX_NAME:
        raise InvalidValue(field, words, f"is empty or longer than {MAX_NAME} characters")


def _check_span(start: datetime, end: datetime | None, now: datetime) -> None:
    if end is None:
        return
    if end <= start:
        raise InvalidValue("end", _stamp(end), f"is not after the start, {_stamp(start)}")
    if end <= now:
        raise InvalidValue("end", _stamp(end), f"is past (it is {_stamp(now)}): the machine would be back already")
    if end - now > FARTHEST:
        raise InvalidValue("end", _stamp(end), "is more than a year away")


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _overlapping(
    asked: RecordedDowntime, known: Sequence[RecordedDowntime], now: datetime
) -> RecordedDowntime | None:  # fmt: skip
    """The first downtime in force of the same machine that shares time with ``asked``."""

    def end(of: RecordedDowntime) -> datetime:
        return of.end or datetime.max

    same = (d for d in known if d.machine == asked.machine and d.in_force(now))
    return next((d for d in same if d.start < end(asked) and asked.start < end(d)), None)


# ---------------------------------------------------------------- the snapshot
def _try(store: Store, latest: SnapshotInfo, downtimes: Sequence[RecordedDowntime], now: datetime) -> None:
    """Raises what would keep every plan from being made, before anything is recorded."""
    from scheduler_core.simulator.arrays import pack  # compiled code

    plant, _ = _with(lower_layer(store, latest.id), store.snapshots.notes(latest.id), downtimes, now)
    pack(plant)
    pack(again(store, latest.id, plant).plant)


def _with(
    plant: Plant, notes: Sequence[PullNote], downtimes: Sequence[RecordedDowntime], now: datetime
) -> tuple[Plant, tuple[PullNote, ...]]:
    """A snapshot's plant and notes with exactly these downtimes; a pin that a machine's downtime ends leaves a note."""
    bare = without_downtimes(plant, notes)
    made = with_downtimes(bare.plant, downtimes, now, out_of_service_in(notes))
    kept = ended_pins(bare.plant, made.plant, bare.notes)
    return made.plant, (*kept, *made.notes)
