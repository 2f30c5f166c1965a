"""Days of simulated history for a demo: a small ERP whose floor works, a pull every hour, a release each morning.

Everything goes through the store's own doors, so that audit trail and checks hold. The approver's name, the comment of each
release and the sentence behind every page's clock say that it is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from scheduler_core.analysis.job_sets import losses
from scheduler_core.data import erp
from scheduler_core.data.database import open_erp
from scheduler_core.data.demo import DEMO_CLOCK, DEMO_SEED
from scheduler_core.data.demo.working_erp import Progress, WorkingErp, working_erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RunRequest, SnapshotInfo
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Durations, Outage, Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.floor.snapshot import rebased
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.runs.execute import execute
from scheduler_core.schedule import Schedule
from scheduler_core.services.pulling import pull
from scheduler_core.settings import locations

MOST_DAYS = 60
SIMULATED: Final = "Simulated (demo)"
"""Who pulls, plans and approves in the history."""
COMMENT: Final = "Simulated history of the demo"
VARIATION = 0.25
"""Coefficient of variation of real against planned processing times."""
UNEVEN: Final[Mapping[str, float]] = {"Laser cutting": 1.3, "Robot welding": 1.2, "CNC milling": 0.9}
"""Work centres that take longer or shorter than planned on average, and how much."""
OUTAGE_EVERY_DAYS = 3
OUTAGE_MINUTES = 300
REPLAN_SECONDS = 0.3
_SATURDAY = 5


@dataclass(frozen=True)
class UnevenDurations(Durations):
    """Real processing times that differ from the planned ones on some machines more than by chance. ``by_machine``: real
    over planned minutes, on average."""

    by_machine: Mapping[int, float] = field(default_factory=dict)

    def factor(self, job: str, sequence: int, machines: Sequence[int]) -> float:
        """As in ``Durations``."""
        return super().factor(job, sequence, machines) * max(self.by_machine.get(m, 1.0) for m in machines)


@dataclass(frozen=True)
class History:
    """What was written."""

    pulls: int
    releases: int


def banner(days: int) -> str:
    """What every page of the demo says behind its clock."""
    return (
        f"Demo plant with generated data and {days} days of simulated history: no figure comes from a real shop floor. Its "
        "clock stands still at Monday, 21 July 2025, 06:30 (Kuala Lumpur)."
    )


def write_history(
    store: Store, erp_file: Path, days: int, seed: int = DEMO_SEED, config: erp.ErpConfig | None = None
) -> History:
    """Write a small demo ERP and, into a store without jobs, ``days`` days before the demo's clock.

    Equal arguments give equal floors. Raises InvalidValue for a store that has jobs, an ERP that exists, or too many days.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InvalidValue("days", days, f"must be between 1 and {MOST_DAYS}")
    if store.snapshots.latest() is not None:
        raise InvalidValue(
            "demo history",
            "(store)",
            "needs a store without jobs, and this one has some; after an interrupted "
            "history remove the store's file, or name another one by SHOPWRIGHT_DATABASE_URL",
        )
    settings = config or erp.load_config(locations.erp_config())
    start = DEMO_CLOCK - timedelta(days=days)
    with working_erp(erp_file, start, seed, banner(days)) as source:
        with closing(open_erp(source.url)) as database:
            world = erp.read(database, settings).plant
        source.hide_later_orders()
        return _Simulation(store, source, settings, world, seed).run()


def pulls(start: datetime) -> Iterator[datetime]:
    """When the history pulls, ascending, from ``start`` to the demo's clock: every hour of working time."""
    day = start.replace(hour=0, minute=0)
    while day.date() < DEMO_CLOCK.date():
        last = {_SATURDAY: 12, _SATURDAY + 1: 0}.get(day.weekday(), 18)
        yield from (day.replace(hour=hour, minute=30) for hour in range(6, last + 1))
        day += timedelta(days=1)
    yield DEMO_CLOCK


class _Simulation:
    """The floor of a small plant from day to day. ``world``: all orders that ever come in."""

    def __init__(self, store: Store, source: WorkingErp, config: erp.ErpConfig, world: Plant, seed: int) -> None:
        self._store, self._source, self._config, self._world, self._seed = store, source, config, world, seed
        names = {t.id: t.name for t in world.machine_types}
        uneven = {m.id: UNEVEN[names[m.type]] for m in world.machines if names[m.type] in UNEVEN}
        self._stream = Stream(world, outages=_outages(world), durations=UnevenDurations(seed, VARIATION, uneven))
        self._floor = Floor(self._stream.world, self._stream.durations)
        self._begun = Schedule(())
        self._plan: Schedule | None = None
        """In force, in minutes of the world."""

    def run(self) -> History:
        """From the world's plan_start to the demo's clock."""
        made, released, before = 0, 0, 0
        day = None
        for moment in pulls(self._world.plan_start):
            now = self._world.minute_of(moment)
            if self._plan is not None:
                self._begun = self._floor.follow(self._begun, self._plan, before, now)
            self._source.go_on(moment, self._progress(now))
            last = moment == DEMO_CLOCK
            snapshot = self._pull(moment, last)
            made, before = made + 1, now
            if moment.date() != day and not last:
                released += self._release(snapshot, moment)
            day = moment.date()
        return History(made, released)

    def _progress(self, now: int) -> list[Progress]:
        """What has been made by minute ``now`` of everything that has begun."""
        found = []
        for a in self._begun.assignments:
            quantity, made, hours = self._source.quantity[a.job], 0, self._floor.hours
            finished = a.end <= now
            if finished:
                made = quantity
            elif now > a.start:
                whole = hours.worked(a.machines, a.start, a.end) - a.setup_minutes
                done = hours.worked(a.machines, a.start, now) - a.setup_minutes
                made = max(0, min(quantity - 1, quantity * done // whole))
            if made > 0:
                at = self._world.time_of(min(now, a.end))
                found.append(Progress(a.job, a.sequence, a.machines, made, finished, at))
        return found

    def _pull(self, moment: datetime, last: bool) -> SnapshotInfo:
        """``last``: the jobs that the board opens on count as pulled just now."""
        at = None if last else moment.replace(tzinfo=ZoneInfo(self._world.timezone))
        request = f"history-{moment:%Y%m%d%H%M}"
        made = pull(
            self._store, self._source.url, request_id=request, actor=SIMULATED, config=self._config, taken_at=at
        )  # fmt: skip
        return self._store.snapshots.get(made)

    def _release(self, snapshot: SnapshotInfo, moment: datetime) -> bool:
        """Plan the snapshot and release the plan; False where the one in force holds and is as good."""
        store, plant = self._store, self._store.snapshots.plant(snapshot.id)
        token = f"history-{moment:%Y%m%d}"
        if self._plan is None:
            request = RunRequest(f"{token}-greedy", snapshot.id, "greedy", EngineConfig(seed=self._seed), SIMULATED)
        else:
            carried = rebased(self._plan, self._world, plant)
            config = EngineConfig(seed=self._seed, warm_start=carried, workers=1, time_limit=REPLAN_SECONDS)
            request = RunRequest(f"{token}-repair", snapshot.id, "repair", config, SIMULATED)
        run_id = store.runs.submit(request)
        execute(store, run_id, owner=SIMULATED)
        schedule_id = store.runs.get(run_id).schedule_id
        if schedule_id is None:
            return False
        current = store.releases.current(snapshot.plant)
        lost = losses(store.releases.leaving(snapshot.plant, snapshot.id))
        store.releases.approve(
            ApprovalRequest(
                f"{token}-approve", schedule_id, store.schedules.get(schedule_id).content_sha256, SIMULATED, COMMENT,
                None if current is None else current.number, acknowledged=tuple(one.job.id for one in lost),
            ),
            snapshot.fingerprint,
            approved_at=(moment + timedelta(minutes=5)).replace(tzinfo=ZoneInfo(plant.timezone)),
        )  # fmt: skip
        self._plan = rebased(store.schedules.load(schedule_id), plant, self._world)
        return True


def _outages(world: Plant) -> tuple[Outage, ...]:
    """A machine of each of some work centres that have several stands still for some hours, one after the other."""
    several = [ids for ids in world.machines_by_type.values() if len(ids) > 1]
    last = world.minute_of(DEMO_CLOCK)
    begins = range(OUTAGE_EVERY_DAYS * MINUTES_PER_DAY // 2, last, OUTAGE_EVERY_DAYS * MINUTES_PER_DAY)
    return tuple(
        Outage(several[k % len(several)][0], begin + 4 * 60, OUTAGE_MINUTES) for k, begin in enumerate(begins)
    )  # fmt: skip
