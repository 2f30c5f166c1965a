"""The study of a night with nobody there in short: clocks that the test turns, one process, and the same questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from benchmarks import unattended_day as study
from scheduler_core.alerts.config import AlertsConfig
from scheduler_core.alerts.gathering import Gatherer
from scheduler_core.alerts.service import AlertService, Parts
from scheduler_core.automation.config import AutomationSettings
from scheduler_core.automation.host import AutomationService, Clocks
from scheduler_core.data.store import Store, serialization
from scheduler_core.data.store.records import AutomationKind, Incident, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.runs.execute import execute
from scheduler_core.settings import environment
from scheduler_core.settings.run_slots import RunSlots
from tests.support.alert_receivers import Inbox, webhook
from tests.support.erp_rows import Erp

ZONE = ZoneInfo("Asia/Kuala_Lumpur")
EVENING = datetime(2025, 7, 21, 18, 0, tzinfo=ZONE)
STEP = timedelta(minutes=30)
CLOCK = "UPDATE shopwright_demo SET content = :cell WHERE setting = 'clock'"


@dataclass
class Night:
    """The plant, its clock, and the one host. ``killed``: the runs that its workers had."""

    store: Store
    erp: Path
    inbox: Inbox
    now: datetime = EVENING
    said: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start_host()

    def start_host(self) -> None:
        """A new host; one that was there before is gone without a word."""
        settings = AutomationSettings.model_validate({
            "enabled": True, "pull": {"at": ["05:45"], "every_minutes": 120}, "plan": {"ways": ["greedy", "keep"]},
            "replan": {"on_fact": True, "ways": ["keep"]},
        })  # fmt: skip
        alerts = AlertsConfig.model_validate({
            "receivers": {"planners": {"url_variable": f"{environment.ALERT_URLS}NIGHT", "labels": ["planner"]}},
        })  # fmt: skip
        clocks = Clocks(lambda: self.now, lambda: self.now.timestamp())
        self.host = AutomationService(self.store, self.said.append, settings=lambda: settings, clocks=clocks)
        parts = Parts(settings=lambda: alerts, gatherer=lambda store: Gatherer(store, lambda now: ()), seconds=lambda: 0.0)
        self.alerts = AlertService(self.store, "line work", parts)

    def until(self, clock: str, *, kill: bool = False) -> None:
        """Let the night go on. ``kill``: the host dies with the first run that it asks for from now on."""
        end = datetime.combine(
            (EVENING + timedelta(days=clock < "18:00")).date(), datetime.strptime(clock, "%H:%M").time(), ZONE
        )
        while self.now < end:
            self.now += STEP
            if self.erp.exists():
                self.tell(
                    "UPDATE shopwright_demo SET content = :cell WHERE setting = 'clock'", f"{self.now:%Y-%m-%d %H:%M}:00"
                )
            for _ in range(3):
                self.host.look()
                self.host.settle()
            self.store.runs.fail_expired(self.now.timestamp())
            while (run := self.store.runs.take("worker-1", RunSlots(2, 1))) is not None:
                if kill:
                    self.killed.append(run.id)
                    if not self.store.runs.newest(states=(RunState.QUEUED,)):
                        kill = False
                        self.start_host()
                else:
                    execute(self.store, run.id, owner="worker-1")
            self.alerts.look(self.now)

    def tell(self, statement: str, cell: object) -> None:
        """Change the ERP."""
        engine = sa.create_engine(f"sqlite:///{self.erp}", poolclass=sa.NullPool)
        with engine.begin() as connection:
            assert connection.execute(sa.text(statement), {"cell": cell}).rowcount == 1


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """A plan by rules was released at 18:00."""
    erp = Erp()
    for setting, content in (("clock", "2025-07-21 18:00:00"), ("banner", "A night.")):
        erp.add("shopwright_demo", setting=setting, content=content)
    for number in range(1, 5):
        erp.job(number, JoQty_d=300 * number, IsImportant=1)
        erp.step(number)
    file = tmp_path / "erp.sqlite3"
    config = tmp_path / "erp.yaml"
    config.write_text("plant: test\ntimezone: Asia/Kuala_Lumpur\n")
    monkeypatch.setenv(environment.HOME, str(tmp_path))
    monkeypatch.setenv(environment.ERP_URL, erp.write(f"sqlite:///{file}"))
    monkeypatch.setenv(environment.ERP_CONFIG, str(config))
    with webhook() as (address, inbox):
        monkeypatch.setenv(f"{environment.ALERT_URLS}NIGHT", address)
        store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
        found = Night(store, file, inbox)
        monkeypatch.setattr(serialization, "now_us", lambda: round(found.now.timestamp() * 1_000_000))
        study.released(store, EngineConfig(rule="EDD"))
        yield found
        store.close()


def test_a_night_with_nobody_there(night: Night) -> None:
    store = night.store
    night.until("19:00")
    night.inbox.answer = 500
    night.tell("UPDATE tbl_machine SET Status_i = 0 WHERE MachineId_i = :cell", 7)
    night.until("20:00")
    night.tell("UPDATE tbl_jo_txn SET JoQty_d = :cell WHERE TxnId_i = 4", 1500)
    night.until("22:00", kill=True)
    night.inbox.answer = 200
    away = night.erp.rename(night.erp.with_suffix(".away"))
    night.until("03:00")
    away.rename(night.erp)
    night.tell("UPDATE tbl_machine SET Status_i = 1 WHERE MachineId_i = :cell", 7)
    night.until("05:30")
    night.tell("UPDATE tbl_jo_txn SET TargetDate_dd = :cell WHERE TxnId_i = 1", "2025-07-22")
    night.until("06:30")

    latest = store.snapshots.latest()
    assert latest is not None
    assert f"{latest.taken_at.astimezone(ZONE):%H:%M}" == "06:00"
    assert {p.engine for p in store.schedules.newest(snapshot_id=latest.id)} == {"greedy", "right_shift"}
    assert night.killed
    lost = store.runs.get(night.killed[0])
    assert lost.state is RunState.FAILED
    again = [act.cause for act in store.automation.newest(limit=100) if act.kind is AutomationKind.PLAN]
    assert "a worker was lost in mid-run" in again
    (down,) = [one for one in store.alerts.newest() if one.kind == "machine_down"]
    assert down.over_at is not None
    assert any("does not exist" in line for line in night.said)
    assert study.told_wrong(store.alerts.newest(), night.inbox.taken, study.headline) == []
    assert study.runs_wrong(store) == []
    assert study.release_wrong(store, "test", 1) == []


def test_an_alert_told_twice_or_never_is_found() -> None:
    begun = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    over = Incident("a", "machine_down", "3", {}, ("ann",), True, begun, begun + STEP)
    still = Incident("b", "machine_down", "4", {}, ("ann",), True, begun)
    told = [("t", "Machine 3.\nmore"), ("t", "Over: Machine 3.\nmore"), ("2 alerts", "- Machine 4. Since 12:00")]

    def headline(one: Incident) -> str:
        return f"Machine {one.about}."

    assert study.told_wrong([over, still], told, headline) == []
    assert study.told_wrong([over, still], told[1:], headline) == [], "over before the receiver could be told"
    for wrong in (told[:1] + told[2:], told[:2], [*told, told[1]], [*told, told[2]], [*told, ("t", "A disk is full.")]):
        assert len(study.told_wrong([over, still], wrong, headline)) == 1


def test_the_clock_goes_through_its_stages() -> None:
    assert [f"{study.plant_time(s):%H:%M}" for s in (0, 20, 60, 120, 180, 280, 999)] == [
        "12:00", "18:00", "20:56", "01:20", "05:45", "06:30", "07:00",
    ]  # fmt: skip
