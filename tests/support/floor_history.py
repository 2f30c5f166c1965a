"""A store in which a small floor was pulled from for half a day: its orders end on time, late and not at all."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, Source
from scheduler_core.floor.events import Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.floor.snapshot import snapshot
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.services import floor_actuals
from tests.support.hostile_text import NASTY
from tests.support.plants import PLAN_START, at, job, machine, operation, plant, schedule
from tests.support.seeding import seed_plan

SHOP = plant(
    job("PROMPT", operation(60, 1, setup_minutes=10, process="mill"), operation(90, 2, process="grind"), due=300),
    job("TARDY", operation(60, 1, process="mill"), operation(30, 2, process=NASTY), due=200),
    job("OPEN", operation(600, 2, process="grind"), due=350),
    job("FAR", operation(60, 1, process="mill"), due=50_000),
    machines=[machine(1), machine(2)],
)
REAL = schedule(
    at("PROMPT", 1, 1, 15, 100, 10), at("PROMPT", 2, 2, 100, 220), at("TARDY", 1, 1, 100, 180), at("TARDY", 2, 2, 220, 250),
    at("OPEN", 1, 2, 250, 900),
)  # fmt: skip
"""What really happens; FAR begins after the last pull."""
PULLS = (0, 30, 60, 90, 120, 180, 240, 300, 360)
FINGERPRINT = "f" * 64


def moment(minute: int) -> datetime:
    """Naive plant time of a minute."""
    return PLAN_START + timedelta(minutes=minute)


def seen(minute: int) -> Plant:
    """The plant as a pull at a minute shows it."""
    stream = Stream(SHOP)
    begun = Schedule(tuple(a for a in REAL.assignments if a.start < minute))
    return snapshot(stream, Floor(stream.world, stream.durations), begun, minute)


def live(store: Store, pulls: tuple[int, ...] = PULLS, source: Source = Source.DEMO) -> str:
    """Pull at these minutes, release a plan by rules after the first, and derive the actuals; returns the release's id."""
    release = ""
    for minute in pulls:
        pulled = store.snapshots.save(seen(minute), request_id=f"pull-{minute}", source=source, fingerprint=FINGERPRINT)
        if not release:
            made = seed_plan(store, pulled, rule="EDD")
            content = store.schedules.get(made).content_sha256
            release = store.releases.approve(ApprovalRequest("release", made, content, "Ana"), FINGERPRINT).id
    floor_actuals.bring_up_to_date(store, SHOP.name)
    return release
