"""Random small plants that hold everything a plant may hold.

Every calendar works on one core window a week that no break touches, and outages end, so each operation can be done some
day, also one that needs several machines at once. Fixed operations never contradict each other; one that has others of
its job before it lies weeks ahead, so that these nearly always fit (an engine says Unschedulable where they do not).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from scheduler_core.plant import (
    Break,
    Calendar,
    Downtime,
    ExtraHours,
    Fixed,
    Holiday,
    Job,
    Machine,
    MachineType,
    Operation,
    Plant,
    SetupEntry,
    WindowKind,
    WorkWindow,
)

MONDAY = date(2025, 7, 21)
FAMILIES = ("A", "B", "C")
CORE = (2, 10 * 60, 13 * 60)
"""Day, start and end of the window that every calendar has: Tuesday 10:00 to 13:00."""
ROOM = 28 * 1440
"""Minutes from plan_start before which no operation with predecessors is fixed."""


@st.composite
def calendars(draw: st.DrawFn, name: str) -> Calendar:
    """A calendar: around the clock, or windows (touching, overlapping, overtime, over midnight) with breaks, holidays,
    half days and extra hours."""
    if draw(st.integers(0, 3)) == 0:
        return Calendar(name, tuple(WorkWindow(d, 0, 1440) for d in range(1, 8)))
    day, start, end = CORE
    windows = [WorkWindow(day, start, end)]
    kinds: list[WindowKind] = ["regular", "regular", "overtime"]
    for d in draw(st.lists(st.integers(1, 7), max_size=8)):
        first = draw(st.integers(0, 20)) * 60 + draw(st.sampled_from([0, 0, 17]))
        length = draw(st.sampled_from([30, 60, 90, 240, 600]))
        kind = draw(st.sampled_from(kinds))
        windows.append(WorkWindow(d, first, first + length, kind))
    breaks = []
    for _ in range(draw(st.integers(0, 2))):
        weekday = draw(st.one_of(st.none(), st.integers(1, 7)))
        first = draw(st.one_of(st.integers(0, start - 60), st.integers(end, 1439)))
        breaks.append(Break("tea", first, first + draw(st.integers(1, 40)), weekday))
    holidays = []
    for d in draw(st.lists(st.integers(-3, 12), max_size=3, unique=True)):
        first, last = draw(st.sampled_from([(0, 1440), (0, 1440), (0, 720), (720, 1440), (605, 800)]))
        holidays.append(Holiday(MONDAY + timedelta(days=d), "", first, last))
    extra = []
    for d in draw(st.lists(st.integers(-3, 12), max_size=2)):
        first = draw(st.integers(0, 1439))
        extra.append(
            ExtraHours(MONDAY + timedelta(days=d), first, first + draw(st.integers(1, 600)), draw(st.sampled_from(kinds)))
        )
    return Calendar(name, tuple(windows), tuple(breaks), tuple(sorted(holidays, key=lambda h: h.date)), tuple(extra))


@st.composite
def machines(draw: st.DrawFn, number: int, types: int, calendar_names: list[str]) -> Machine:
    """A machine with its own outages and the family that it is set up for."""
    downtime = []
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(-2000, 8000))
        downtime.append(Downtime(start, start + draw(st.integers(1, 3000)), "repair"))
    return Machine(
        id=number,
        name=f"M{number}",
        type=draw(st.integers(1, types)),
        calendar=draw(st.sampled_from(calendar_names)),
        available_from=draw(st.one_of(st.none(), st.none(), st.integers(-3000, 6000))),
        initial_family=draw(st.one_of(st.none(), st.sampled_from(FAMILIES))),
        downtime=tuple(downtime),
    )


@st.composite
def operations(draw: st.DrawFn, sequence: int, machine_ids: list[int], types: list[int]) -> Operation:
    """An operation that is not fixed; ``types`` are those that have a machine."""
    several = len(machine_ids) > 1 and draw(st.integers(0, 5)) == 0
    by_type = not several and draw(st.booleans())
    low = 2 if several else 0 if by_type else 1
    named = draw(st.lists(st.sampled_from(machine_ids), min_size=low, max_size=3, unique=True))
    special = draw(st.lists(st.sampled_from(machine_ids), max_size=2, unique=True))
    return Operation(
        sequence=sequence,
        process=f"step {sequence}",
        minutes=draw(st.one_of(st.integers(1, 30), st.integers(1, 600))),
        setup_minutes=draw(st.sampled_from([0, 0, 5, 20, 45])),
        machine_types=tuple(draw(st.lists(st.sampled_from(types), min_size=1, max_size=2, unique=True))) if by_type else (),
        machines=tuple(named),
        minutes_by_machine={m: draw(st.integers(1, 400)) for m in special},
        requires_all=several,
        preferred_machine=draw(st.one_of(st.none(), st.sampled_from(machine_ids))),
    )


@st.composite
def jobs(draw: st.DrawFn, number: int, machine_ids: list[int], types: list[int]) -> Job:
    """A job of one to four operations, whose sequence numbers may have gaps."""
    gaps = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    sequences = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    return Job(
        id=f"J{number}",
        operations=tuple(draw(operations(s, machine_ids, types)) for s in sequences),
        family=draw(st.one_of(st.sampled_from(FAMILIES), st.sampled_from(FAMILIES), st.none())),
        product=draw(st.sampled_from([None, "CP01-001"])),
        quantity=draw(st.sampled_from([None, 12, 0.5])),
        important=draw(st.booleans()),
        release=draw(st.one_of(st.just(0), st.integers(-3000, 8000))),
        due=draw(st.one_of(st.none(), st.integers(-2000, 12000))),
    )


@st.composite
def plants(draw: st.DrawFn, max_machines: int = 4, max_jobs: int = 5, fixed: bool = True) -> Plant:
    """A plant; with ``fixed`` some operations may be fixed, also begun before plan_start or mid-job."""
    calendar_names = [f"calendar {i}" for i in range(draw(st.integers(1, 2)))]
    types = draw(st.integers(1, 2))
    machine_ids = draw(st.lists(st.integers(1, 40), min_size=1, max_size=max_machines, unique=True))
    park = [draw(machines(m, types, calendar_names)) for m in machine_ids]
    manned = sorted({m.type for m in park})
    orders = [draw(jobs(i, machine_ids, manned)) for i in range(draw(st.integers(1, max_jobs)))]
    entries = draw(
        st.dictionaries(
            st.tuples(st.integers(1, types), st.sampled_from(FAMILIES), st.sampled_from(FAMILIES)),
            st.integers(0, 90),
            max_size=4,
        )
    )
    plant = Plant(
        name="random",
        timezone="Asia/Kuala_Lumpur",
        plan_start=datetime(2025, 7, 21) + timedelta(minutes=draw(st.integers(0, 7 * 1440))),
        calendars=tuple(draw(calendars(n)) for n in calendar_names),
        machine_types=tuple(MachineType(t, f"type {t}") for t in range(1, types + 1)),
        machines=tuple(park),
        jobs=tuple(orders),
        setup_matrix=tuple(SetupEntry(*key, minutes) for key, minutes in entries.items()),
    )
    return draw(_with_fixed(plant)) if fixed and draw(st.booleans()) else plant


@st.composite
def _with_fixed(draw: st.DrawFn, plant: Plant) -> Plant:
    free = {m.id: draw(st.integers(-900, 300)) for m in plant.machines}
    orders = []
    for job in plant.jobs:
        steps, ready = list(job.operations), -900
        all_fixed_so_far = True
        for i, operation in enumerate(steps):
            if draw(st.integers(0, 3)):
                all_fixed_so_far = False
                continue
            eligible = plant.eligible_machines(operation)
            held = eligible if operation.requires_all else (draw(st.sampled_from(eligible)),)
            start = max(ready, *(free[m] for m in held)) + draw(st.sampled_from([0, 0, 30, 500]))
            start = start if all_fixed_so_far else max(start, ROOM)
            end = start + draw(st.integers(1, 700))
            steps[i] = replace(operation, fixed=Fixed(held, start, end))
            ready = end
            free.update(dict.fromkeys(held, end))
        orders.append(replace(job, operations=tuple(steps)))
    return replace(plant, jobs=tuple(orders))
