"""A night in fast motion with nobody there: are plans ready at 06:30, is every alert told once, is nothing released?

    python benchmarks/unattended_day.py [--keep FOLDER]

A planner releases a plan at noon and goes home. From then on a real ``shopwright work --watch`` is alone with a demo ERP
whose orders come in and are finished as the plan in force says. A machine breaks down in the evening (in the ERP) and is
back in the night; another one is reported at 05:00 and stays down; the material of an important order is late; the receiver
of alerts and later the ERP are away for hours; the host is killed (SIGKILL, with all of its workers) while it plans the
evening's pull, and again while it plans the one of 05:45, and is started again at once.

19 hours pass in five minutes of real processes: noon to 18:00 in 20 s, the night to 05:45 in 160 s (an hour in 13.6 s),
05:45 to 06:30 in 100 s, the rest in 20 s. Times of day are set to the real minutes that stand for them. What has lengths of
its own is shortened: searches take 3 s, alerts are looked after every 2 s and settle in 6 s, and their lease lasts 15 s
instead of 3 minutes. Leases of runs and of automation are as delivered (20 s and 30 s), so a killed host costs two hours of
this night, and a quarter of an hour of this morning.

``--keep`` leaves store, ERP and settings in the folder, to be looked at with the board. Exit status 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import yaml
from processes import under
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.alerts import service as alert_service
from scheduler_core.alerts.wording import Words
from scheduler_core.data.demo.working_erp import Progress, WorkingErp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, ApprovalRequest, AutomationKind, Incident, RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import Plant
from scheduler_core.roles import AUTOMATION, Actor
from scheduler_core.runs.execute import execute
from scheduler_core.schedule import Schedule
from scheduler_core.services import authorized, downtimes
from scheduler_core.settings import environment
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.alert_receivers import Inbox, webhook
from tests.support.night import break_down, delay_material

START = datetime(2025, 7, 17, 12, 0)
"""A Thursday, plant time."""
BANNER = "A demo plant's night in fast motion."
PLANNER = Actor("Ann", unrestricted=True)
FLOOR = Actor("MES", unrestricted=True)
STAGES = ((0, 0), (6 * 60, 20), (17 * 60 + 45, 180), (18 * 60 + 30, 280), (19 * 60, 300))
"""(minutes since START, real seconds): between two of them the time goes evenly."""
PULLS = {60: "20:56", 120: "01:20", 180: "05:45"}
"""Real seconds at which a pull is due by the clock, and what they stand for."""
READY = 280.0
"""06:30 in real seconds."""
SHORT_LEASE = timedelta(seconds=15)
RELEASING = ("approve", "propos", "roll")
"""What lines of the audit trail about releases have in their names."""
PATIENCE = 45.0
"""Real seconds for which the last alerts are waited for."""


# ---------------------------------------------------------------- what is wrong
@dataclass(frozen=True)
class Night:
    """What a night came to. ``wrong``: in words, empty if it went as it should."""

    wrong: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]


def told_wrong(
    incidents: Iterable[Incident], taken: Iterable[tuple[str, str]], called: Callable[[Incident], str]
) -> list[str]:
    """Which incident a receiver was not told of exactly once, and once when it was over.

    One that began and ended before the receiver could be told is told once, as over. Those that are ``called`` the same are
    counted together. ``taken``: title and body of each message.
    """
    expected: dict[str, list[Incident]] = {}
    for one in incidents:
        expected.setdefault(called(one), []).append(one)
    begun, over = Counter[str](), Counter[str]()
    for title, body in taken:
        single = not body.startswith("- ")
        lines = [body.splitlines()[0]] if single else [line[2:] for line in body.splitlines() if line.startswith("- ")]
        for line in lines:
            told_over = line.startswith("Over: ")
            told = next((text for text in expected if line.removeprefix("Over: ").startswith(text)), None)
            if told is None:
                begun[f"nothing that happened: {title}"] += 1
            else:
                (over if told_over else begun)[told] += 1
    found = [f"told of {text}" for text in begun if text not in expected]
    for text, several in expected.items():
        ended, still = sum(not one.is_open for one in several), sum(one.is_open for one in several)
        if over[text] != ended:
            found.append(f"{text!r} was over {ended} times and told as over {over[text]} times")
        if not still <= begun[text] <= still + ended:
            found.append(f"{text!r} began {len(several)} times and was told {begun[text]} times")
    return found


def headline(incident: Incident) -> str:
    """What messages call it, without names."""
    return Words(names=False).headline(incident.kind, incident.content)


def runs_wrong(store: Store) -> list[str]:
    """Runs without an end or with two, and ends that do not fit their plans."""
    lines = store.audit.newest(limit=1_000_000)
    ends = Counter(line.subject for line in lines if line.action in {f"run-{s.value}" for s in RunState})
    plans = Counter(plan.run_id for plan in store.schedules.newest(limit=1_000_000))
    found = []
    for run in store.runs.newest(limit=1_000_000):
        if not run.state.finished:
            found.append(f"run {run.id[:8]} ({run.engine}) has no end")
        elif run.engine != STANDING and ends[run.id] != 1:
            found.append(f"run {run.id[:8]} ({run.engine}) has {ends[run.id]} ends")
        if plans[run.id] != (run.state is RunState.OK):
            found.append(f"run {run.id[:8]} ended {run.state.value} with {plans[run.id]} plans")
    return found


def release_wrong(store: Store, plant: str, released: int) -> list[str]:
    """Whether anything was released or proposed beside ``released`` releases, and whether the trail is intact."""
    there = len(store.releases.newest(plant))
    by_itself = [line.action for line in store.audit.newest(limit=1_000_000) if line.actor == AUTOMATION.name]
    found = [] if there == released else [f"{there - released} releases were made"]
    found += [f"automation did {act!r}" for act in sorted(set(by_itself)) if any(w in act for w in RELEASING)]
    broken = store.audit.verify()
    return found if broken is None else [*found, f"the audit trail is broken: {broken.reason}"]


# ---------------------------------------------------------------- the plant
class Floor:
    """A demo ERP whose floor does what the plan in force says, but for machines that are down."""

    def __init__(self, file: Path) -> None:
        self.file, self.away = file, False
        self._source = WorkingErp(sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool), START, 7, BANNER)
        self._source.hide_later_orders()
        self._plant: Plant | None = None
        self._hours: OpenHours | None = None
        self._plan = Schedule(())
        self._down: dict[int, int] = {}

    def follow(self, plant: Plant, plan: Schedule) -> None:
        """Work by this plan from now on."""
        self._plant, self._plan, self._hours = plant, plan, OpenHours(plant, plan)

    def break_machine(self, machine: int, name: str, minute: int) -> None:
        """The ERP says that it is out of service, and it makes nothing from now on."""
        break_down(self.file, [name])
        self._down[machine] = minute

    def repair(self, name: str) -> None:
        """The ERP says that it works again; what it did not make stays to be planned."""
        engine = sa.create_engine(f"sqlite:///{self.file}", poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE tbl_machine SET Status_i = 1 WHERE MachineName_v = :name"), {"name": name})

    def leave(self) -> None:
        """The ERP is away from now on."""
        self.file.rename(self.file.with_suffix(".away"))
        self.away = True

    def come_back(self) -> None:
        """It is there again."""
        self.file.with_suffix(".away").rename(self.file)
        self.away = False

    def go_on(self, now: datetime) -> int:
        """Everything that has happened by ``now``; returns how many operations have ended."""
        if self.away:
            return 0
        reports = self._reports(now)
        self._source.go_on(now, reports)
        return sum(one.finished for one in reports)

    def _reports(self, now: datetime) -> list[Progress]:
        plant, hours = self._plant, self._hours
        if plant is None or hours is None:
            return []
        minute, found = plant.minute_of(now), []
        stuck: dict[str, int] = {}
        for a in sorted(self._plan.assignments, key=lambda a: a.sequence):
            if stuck.get(a.job, a.sequence) < a.sequence or a.start >= minute:
                continue
            failed = min((self._down[m] for m in a.machines if m in self._down), default=minute)
            if a.end > failed and failed < minute:
                stuck[a.job] = a.sequence
                continue
            quantity = self._source.quantity[a.job]
            if a.end <= minute:
                found.append(Progress(a.job, a.sequence, a.machines, quantity, True, plant.time_of(a.end)))
                continue
            stuck[a.job] = a.sequence
            share = hours.working(a.machines, a.start, minute) / max(1, hours.working(a.machines, a.start, a.end))
            made = min(quantity - 1, int(quantity * share))
            if made > 0:
                found.append(Progress(a.job, a.sequence, a.machines, made, False, now))
        return found


# ---------------------------------------------------------------- the host
def serve() -> int:
    """``shopwright work --watch`` with a shorter lease of the alerts' sender."""
    alert_service.LEAST_LEASE = SHORT_LEASE
    from scheduler_core.cli.command_line import run as command

    return command(["work", "--watch"], time.perf_counter())


@dataclass
class Host:
    """The process, which may be killed and started again."""

    home: Path
    process: subprocess.Popen[bytes] | None = None
    said: Path = field(init=False)

    def __post_init__(self) -> None:
        self.said = self.home / "work.log"

    def start(self) -> None:
        """Start it; it takes some seconds until it acts."""
        with self.said.open("ab") as log:
            command = [sys.executable, __file__, "--serve"]
            variables = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'benchmarks'}"}
            self.process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it and all of its workers at once, without a word."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)  # it starts no further worker meanwhile
        for pid in (self.process.pid, *under(self.process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, as a service manager does, and see to it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()


def write_settings(home: Path, begin: datetime, zone: ZoneInfo) -> None:
    """The files that the host reads. ``begin``: the real moment at which the night's clock starts."""
    at = [f"{(begin + timedelta(seconds=seconds)).astimezone(zone):%H:%M}" for seconds in PULLS]
    files = {
        "automation": {
            "enabled": True, "pull": {"at": at, "every_minutes": 1},
            "plan": {"ways": ["learned", "keep", "calm", "best"], "seconds": 3.0},
            "replan": {"on_fact": True, "ways": ["keep", "calm", "best"], "seconds": 3.0},
            "standing_search": {"enabled": True, "quiet_seconds": 5.0, "store_minutes": 1.0},
        },
        "alerts": {
            "every_seconds": 2.0, "settle_minutes": 0.1, "first_wait_seconds": 2.0, "longest_wait_seconds": 4.0,
            "receivers": {"planners": {"url_variable": f"{environment.ALERT_URLS}PLANNERS", "labels": ["planner", "admin"]}},
        },
        "runs": {"at_once": 2, "warm_workers": 1},
    }  # fmt: skip
    variables = {"automation": environment.AUTOMATION, "alerts": environment.ALERTS_CONFIG, "runs": environment.RUNS_CONFIG}
    for name, content in files.items():
        file = home / f"{name}.yaml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        os.environ[variables[name]] = str(file)


# ---------------------------------------------------------------- the night
@dataclass
class Happened:
    """What the study did, with the plant's time at which it did it."""

    begin: float
    lines: list[tuple[str, str]] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Something was done now."""
        at = plant_time(time.monotonic() - self.begin)
        self.lines.append((f"{at:%H:%M}", what))
        print(f"{at:%H:%M} {what}", file=sys.stderr, flush=True)


def plant_time(seconds: float) -> datetime:
    """The time on the plant's clock after this number of real seconds."""
    for (m0, s0), (m1, s1) in pairwise(STAGES):
        if seconds <= s1:
            return START + timedelta(minutes=int(m0 + (m1 - m0) * (seconds - s0) / (s1 - s0)))
    return START + timedelta(minutes=STAGES[-1][0])


def play(home: Path) -> Night:
    """Play the night in a folder."""
    erp = home / "erp.sqlite3"
    os.environ |= {
        environment.HOME: str(home), environment.ERP_URL: f"sqlite:///{erp}",
        environment.DATABASE_URL: f"sqlite:///{home / 'store.sqlite3'}",
        environment.ERP_CONFIG: str(ROOT / "configs" / "demo_erp.yaml"),
    }  # fmt: skip
    floor = Floor(erp)
    with closing(Store.open()) as store, webhook() as (address, inbox):
        os.environ[f"{environment.ALERT_URLS}PLANNERS"] = address
        plant, plan = released(store, EngineConfig())
        floor.follow(plant, plan)
        host = Host(home)
        try:
            return _play(home, store, floor, host, inbox, plant, plan)
        finally:
            host.stop()


def released(store: Store, config: EngineConfig) -> tuple[Plant, Schedule]:
    """A planner pulls, plans and releases at noon."""
    snapshot_id = authorized.pull(store, PLANNER, "noon")
    run_id = authorized.submit(store, PLANNER, RunRequest("noon", snapshot_id, "greedy", config, PLANNER.name))
    execute(store, run_id, owner=PLANNER.name)
    schedule_id = store.runs.get(run_id).schedule_id
    assert schedule_id is not None
    content = store.schedules.get(schedule_id).content_sha256
    authorized.approve(store, PLANNER, ApprovalRequest("noon", schedule_id, content, PLANNER.name, "the day's plan"))
    return store.snapshots.plant(snapshot_id), store.schedules.load(schedule_id)


def _play(home: Path, store: Store, floor: Floor, host: Host, inbox: Inbox, plant: Plant, plan: Schedule) -> Night:
    zone = ZoneInfo(plant.timezone)
    time.sleep(-time.time() % 60)  # times of day are whole minutes
    write_settings(home, datetime.now(UTC), zone)
    happened = Happened(time.monotonic())
    broken, dead = _two_machines(plant, plan)
    job = _important(plant, plan)
    names = {m.id: m.name for m in plant.machines}

    def at_work(after: float) -> bool:
        return any(
            run.engine != STANDING and run.created_at.timestamp() >= after
            for run in store.runs.newest(states=(RunState.RUNNING,))
        )

    def kill(after: float) -> Callable[[], bool]:
        """Kill the host as soon as it plans what it has pulled since."""

        def act() -> bool:
            if not at_work(began + after):
                return False
            host.kill()
            host.start()
            happened.note("host killed while it plans, with its workers, and started again")
            return True

        return act

    def record_down() -> None:
        now = plant_time(time.monotonic() - happened.begin)
        authorized.record_downtime(
            store, FLOOR, downtimes.Stated(dead, now, None, "no power"), now=now, request_id="dead-machine"
        )

    def answer(status: int) -> None:
        inbox.answer = status

    def machine_back() -> None:
        floor.come_back()
        floor.repair(names[broken])
        delay_material(floor.file, job, START + timedelta(days=8))

    def minute() -> int:
        return plant.minute_of(plant_time(time.monotonic() - happened.begin))

    began = time.time()
    todo: list[tuple[float, str, Callable[[], object]]] = [
        (27, "the receiver of alerts is away", lambda: answer(500)),
        (34, f"machine {broken} breaks down (ERP)", lambda: floor.break_machine(broken, names[broken], minute())),
        (60, "", kill(59)),
        (102, "the receiver is back", lambda: answer(200)),
        (109, "the ERP is away", floor.leave),
        (149, f"the ERP is back; machine {broken} works again, order {job} has no material for eight days", machine_back),
        (167, f"machine {dead} is down (recorded)", record_down),
        (180, "", kill(179)),
    ]  # fmt: skip
    host.start()
    ended, ready = 0, None
    while (passed := time.monotonic() - happened.begin) < STAGES[-1][1]:
        ended += floor.go_on(plant_time(passed)) - ended if not floor.away else 0
        while todo and passed >= todo[0][0]:
            _, what, act = todo[0]
            if act() is False:
                break
            todo.pop(0)
            if what:
                happened.note(what)
        if passed >= READY and ready is None:
            ready = _ready(store, began + 179)
            happened.note(f"ready: {', '.join(ready) or 'nothing'}")
        time.sleep(0.5)
    missed = [what or "the host was never killed while it planned" for _, what, _ in todo]
    _until_told(store, inbox)
    host.stop()
    return _judged(store, inbox, plant, happened, ready or (), missed, ended)


def _two_machines(plant: Plant, plan: Schedule) -> tuple[int, int]:
    """Two of those that have most work, of types with several machines, so that no order is without a machine."""
    busy = Counter(
        m for a in plan.assignments for m in a.machines if len(plant.machines_by_type[plant.machine_by_id[m].type]) > 1
    )
    first = busy.most_common(1)[0][0]
    other = next(m for m, _ in busy.most_common() if plant.machine_by_id[m].type != plant.machine_by_id[first].type)
    return first, other


def _important(plant: Plant, plan: Schedule) -> str:
    """An important order that is on time and not begun: the one that is due first after two days."""
    late = job_lateness(plant, plan)
    started = {a.job for a in plan.assignments if a.start < 24 * 60}
    on_time = [j for j in plant.jobs if j.important and (late[j.id] or 0) <= 0 and j.id not in started]
    return min(on_time, key=lambda j: j.due or 0).id


def _ready(store: Store, after: float) -> tuple[str, ...]:
    """Engines of the judged plans that automation has of the newest pull, if it was pulled at 05:45."""
    newest = store.snapshots.latest()
    if newest is None or newest.taken_at.timestamp() < after:
        return ()
    plans = store.schedules.newest(snapshot_id=newest.id)
    return tuple(sorted(p.engine for p in plans if p.asked_by == AUTOMATION.name and p.kpis is not None))


def _until_told(store: Store, inbox: Inbox) -> None:
    """Until nothing is on its way any more."""
    until = time.monotonic() + PATIENCE
    last, since = len(inbox.taken), time.monotonic()
    while time.monotonic() < until and time.monotonic() - since < 3 * SHORT_LEASE.total_seconds() / 2:
        if len(inbox.taken) != last:
            last, since = len(inbox.taken), time.monotonic()
        time.sleep(0.5)


def _judged(
    store: Store, inbox: Inbox, plant: Plant, happened: Happened, ready: Sequence[str], missed: Sequence[str], ended: int
) -> Night:
    incidents = store.alerts.newest(1000)
    messages = store.alerts.messages(1000)
    acts = Counter(act.kind for act in store.automation.newest(limit=1000))
    runs = Counter(run.state for run in store.runs.newest(limit=1_000_000) if run.engine != STANDING)
    kinds = Counter(one.kind for one in incidents)
    wrong = [f"did not happen: {what}" for what in missed]
    wrong += [] if ready else ["no plan of the pull of 05:45 was ready at 06:30"]
    wrong += told_wrong(incidents, inbox.taken, headline)
    wrong += runs_wrong(store)
    wrong += release_wrong(store, plant.name, 1)
    rows = [
        ("ready at 06:30, from the pull of 05:45", ", ".join(ready) or "nothing"),
        ("released by itself", "nothing"),
        ("pulls by itself", str(acts[AutomationKind.PULL])),
        ("times planned, replanned", f"{acts[AutomationKind.PLAN]}, {acts[AutomationKind.REPLAN]}"),
        ("standing searches", str(acts[AutomationKind.STANDING])),
        ("runs ended with a plan, without one", f"{runs[RunState.OK]}, {sum(runs.values()) - runs[RunState.OK]}"),
        ("operations that ended on the floor", str(ended)),
        ("incidents", ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))),
        ("of them over", str(sum(not one.is_open for one in incidents))),
        ("messages that arrived", str(len(inbox.taken))),
        ("attempts that the receiver refused", str(sum(m.attempts - m.arrived for m in messages))),
        ("wrong", str(len(wrong))),
    ]  # fmt: skip
    return Night(tuple(wrong), (*rows, *((f"at {at}", what) for at, what in happened.lines)))


def main() -> int:
    """Play the night and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="play in this empty folder, which stays")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    with tempfile.TemporaryDirectory() as folder:
        home = options.keep or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        night = play(home)
    print(heading("A night with nobody there, in fast motion", sys.argv[1:]))
    print(markdown_table(("what", "value"), night.rows))
    for line in night.wrong:
        print(f"\nWRONG: {line}")
    return int(bool(night.wrong))


if __name__ == "__main__":
    sys.exit(main())
