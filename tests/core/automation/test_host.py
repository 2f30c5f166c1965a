"""The host of automation: acts on a store alone, survives what is away, and lets a person's run go first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError

from scheduler_core.automation import host
from scheduler_core.automation.config import AutomationSettings
from scheduler_core.automation.host import FIRST_PAUSE, AutomationService, Clocks
from scheduler_core.automation.lease import SILENT_SECONDS
from scheduler_core.automation.state import automation_state
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, ApprovalRequest, AutomationKind, ProposalRequest, Run, RunState
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import AUTOMATION, LOCAL, Forbidden, Role
from scheduler_core.runs import execute as run_execution
from scheduler_core.runs.lease import Pace
from scheduler_core.runs.request import side_by_side
from scheduler_core.runs.request import submit as ask
from scheduler_core.scenarios.changes import DueChanged
from scheduler_core.services import authorized, facts
from scheduler_core.services.facts import Stated
from scheduler_core.settings import environment
from scheduler_core.settings.run_slots import RunSlots
from tests.support.erp_rows import Erp
from tests.support.paths import ROOT

ZONE = ZoneInfo("Asia/Kuala_Lumpur")
SLOTS = RunSlots(2, 1)
K = AutomationKind


@dataclass
class World:
    """A store, the ERP of a small plant, and clocks that the test turns; they begin with the real ones."""

    store: Store
    erp: Erp
    url: str
    settings: AutomationSettings
    wall: datetime
    steady: float = 0.0
    said: list[str] = field(default_factory=list)
    asked: int = 0

    def service(self) -> AutomationService:
        def asked() -> None:
            self.asked += 1

        clocks = Clocks(lambda: self.wall, lambda: self.steady)
        return AutomationService(self.store, self.said.append, asked, settings=lambda: self.settings, clocks=clocks)

    def look(self, service: AutomationService, minutes: float = 0.0) -> None:
        """Let time pass, and the host look and do what is due."""
        self.wall += timedelta(minutes=minutes)
        self.steady += 60 * minutes
        service.look()
        service.settle()

    def until(self, service: AutomationService, kind: AutomationKind) -> None:
        """Look until an act of the kind is done, two minutes at a time."""
        self.look(service)
        for _ in range(8):
            if kind in self.kinds():
                return
            self.look(service, 2)
        raise AssertionError(f"{kind} was never done: {self.said}")

    def work(self) -> list[Run]:
        """Execute the runs that wait, as workers do; what they became, the oldest first."""
        done = []
        while (run := self.store.runs.take("worker-1", SLOTS)) is not None:
            run_execution.execute(self.store, run.id, owner="worker-1")
            done.append(self.store.runs.get(run.id))
        return done

    def kinds(self) -> list[AutomationKind]:
        return [act.kind for act in self.store.automation.newest()][::-1]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A pull is due three minutes after automation is switched on. All orders are late, so that plans can be better."""
    erp = Erp()
    for number in range(1, 7):
        erp.job(number, JoQty_d=100 * number)
        erp.step(number)
    url = erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    config = tmp_path / "erp.yaml"
    config.write_text("plant: test\ntimezone: Asia/Kuala_Lumpur\n")
    monkeypatch.setenv(environment.HOME, str(tmp_path))
    monkeypatch.setenv(environment.ERP_URL, url)
    monkeypatch.setenv(environment.ERP_CONFIG, str(config))
    now = datetime.now(UTC)
    at = (now + timedelta(minutes=3)).astimezone(ZONE)
    settings = AutomationSettings.model_validate({
        "enabled": True, "pull": {"at": [f"{at:%H:%M}"]}, "plan": {"ways": ["greedy", "best"], "seconds": 1.0},
        "replan": {"on_fact": True}, "standing_search": {"enabled": True, "quiet_seconds": 60.0, "store_minutes": 1.0},
    })  # fmt: skip
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield World(store, erp, url, settings, now)
    store.close()


def test_a_night_with_nobody_there_ends_with_a_plan_and_no_release(world: World) -> None:
    service = world.service()
    for _ in range(3):
        world.look(service)
    assert world.kinds() == [K.BEGIN], "the time of day has not come"
    for _ in range(3):
        world.look(service, 2)
    assert world.kinds() == [K.BEGIN, K.PULL, K.PLAN]
    assert world.asked == 1
    (planned,) = world.work()
    assert (planned.engine, planned.state) == ("greedy", RunState.OK)
    world.look(service, 2)
    assert world.kinds()[-1] is K.STANDING
    searching = world.store.runs.newest(limit=1)[0]
    assert (searching.engine, searching.config.warm_start) == (
        STANDING,
        world.store.schedules.load(planned.schedule_id or ""),
    )
    world.look(service, 2)
    assert world.kinds()[-1] is K.STANDING, "one is enough"
    (plan,) = world.store.schedules.newest()
    assert plan.asked_by == AUTOMATION.name
    assert world.store.releases.newest("test") == ()
    assert {line.actor for line in world.store.audit.newest(1000)} <= {AUTOMATION.name, "worker-1"}
    assert world.said[0] == "automation: this host acts now"
    assert world.said[2].startswith("automation: pulled (at ")
    state = automation_state(world.store, world.wall, world.settings)
    assert state.enabled
    assert [one.kind for one in state.parts if one.last is None] == [K.CHECK, K.REPLAN]
    service.close()


def test_of_two_hosts_one_acts_and_the_other_takes_over_when_it_is_silent(world: World) -> None:
    first, second = world.service(), world.service()
    for minutes in (0, 2, 2):
        world.look(first, minutes)
        world.look(second)
    assert world.kinds() == [K.BEGIN, K.PULL]
    assert world.said.count("automation: this host acts now") == 1
    world.steady += SILENT_SECONDS
    world.look(second)
    assert world.kinds()[-1] is K.PLAN
    world.look(first)
    assert world.said[-1] == "automation: another host has taken over"
    second.close()
    world.look(first)
    assert world.said[-1] == "automation: this host acts now", "a lease that was given back is free at once"
    first.close()


def test_an_erp_that_is_away_is_told_once_and_tried_again_after_growing_pauses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = world.service()
    world.look(service)
    monkeypatch.setenv(environment.ERP_URL, "sqlite:////nowhere/erp.sqlite3")
    world.look(service, 4)
    failed = [line for line in world.said if "pull failed" in line]
    assert len(failed) == 1
    assert "nowhere" in failed[0] or "erp" in failed[0]
    world.look(service)
    assert automation_state(world.store, datetime.now(UTC), world.settings).failures.keys() == {"pull"}
    monkeypatch.setenv(environment.ERP_URL, world.url)
    world.look(service)
    assert world.kinds() == [K.BEGIN], "the pause is not over"
    world.steady += FIRST_PAUSE
    world.look(service)
    assert world.kinds() == [K.BEGIN, K.PULL]
    assert "automation: pull works again" in world.said
    service.close()


def test_wrong_settings_and_a_store_that_is_away_end_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    service = AutomationService(world.store, world.said.append, settings=lambda: load())
    answers: list[AutomationSettings | Exception] = [InvalidValue("automation.yaml: pull", 1, "is wrong")]

    def load() -> AutomationSettings:
        found = answers[0]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(host, "LOOK_SECONDS", 0.01)
    away = [OperationalError("SELECT 1", {}, Exception("the server has gone away"))] * 2
    beat = world.store.automation.beat

    def shaky(owner: str, said: str = "") -> bool:
        if away:
            raise away.pop()
        return beat(owner, said)

    monkeypatch.setattr(world.store.automation, "beat", shaky)
    service.start()
    until = time.monotonic() + 20
    while world.kinds() != [K.BEGIN] and time.monotonic() < until:
        time.sleep(0.02)
        answers[0] = world.settings if not away else answers[0]
    service.close()
    assert world.kinds() == [K.BEGIN]
    for line in ("automation waits: the server has gone away", "automation goes on", "automation: settings works again"):
        assert world.said.count(line) == 1
    assert sum("settings failed" in line for line in world.said) == 1


def test_switched_off_it_does_nothing_and_holds_no_lease(world: World) -> None:
    world.settings = AutomationSettings()
    service = world.service()
    world.look(service, 10)
    assert world.kinds() == []
    assert world.store.automation.host() is None
    world.settings = world.settings.model_copy(update={"enabled": True})
    world.look(service)
    world.settings = AutomationSettings()
    world.look(service)
    found = world.store.automation.host()
    assert found is not None
    assert found.owner == ""
    service.close()


def test_every_so_many_minutes_only_rows_that_changed_are_pulled(world: World) -> None:
    world.settings = AutomationSettings.model_validate({"enabled": True, "pull": {"every_minutes": 5}})
    service = world.service()
    for _ in range(2):
        world.look(service)
    (first,) = world.store.snapshots.newest()
    for _ in range(3):
        world.look(service, 6)
    assert world.store.snapshots.latest() == first, "unchanged rows leave everything as it is"
    world.erp.tables["tbl_jo_txn"][0]["JoQty_d"] = 70
    world.erp.write(world.url)
    world.look(service, 6)
    assert world.store.snapshots.latest() != first
    assert world.kinds() == [K.BEGIN, K.PULL, K.PULL]
    service.close()


def test_a_fact_after_the_pull_is_planned_again(world: World) -> None:
    service = world.service()
    world.until(service, K.PLAN)
    world.work()
    plant = world.store.snapshots.plant(world.store.snapshots.needed_latest().id)
    stated = Stated(DueChanged("JOST0001", 5000), plant.plan_start, "the customer called")
    facts.record(world.store, stated, now=plant.plan_start, actor="Ana", request_id="fact-1")
    world.look(service)
    assert world.kinds()[-1] is K.REPLAN
    again = world.store.runs.newest(limit=1)[0]
    assert (again.engine, again.snapshot_id) == ("greedy", world.store.snapshots.needed_latest().id)
    world.look(service)
    assert world.kinds()[-1] is K.REPLAN
    service.close()


def test_a_run_whose_host_was_killed_is_asked_for_again_and_one_that_dies_always_is_given_up(world: World) -> None:
    store, service = world.store, world.service()
    world.until(service, K.PLAN)
    engines = []
    for minute in range(0, 40, 2):
        if (run := store.runs.take("killed", SLOTS)) is not None:
            engines.append(run.engine)
        store.runs.fail_expired(1000.0 * minute)
        store.runs.fail_expired(1000.0 * minute + 500.0)
        world.look(service, 2)
    assert engines == ["greedy"] * 3
    assert {run.state for run in store.runs.newest()} == {RunState.FAILED}
    planned = [act for act in store.automation.newest(limit=50) if act.kind is K.PLAN]
    assert [act.cause for act in planned] == ["a worker was lost in mid-run", "a worker was lost in mid-run", "a new pull"]
    seconds = {round(run.allowed_seconds) for run in store.runs.newest()}
    assert len(seconds) == 1, "asked for as it was"


def test_a_host_that_is_asked_to_stop_gives_the_lease_back_while_its_runs_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "LOOK_SECONDS", 0.05)
    service, stopped = world.service(), Event()
    service.start(stopped)
    until = time.monotonic() + 10
    while not world.kinds() and time.monotonic() < until:
        time.sleep(0.02)
    stopped.set()
    while (found := world.store.automation.host()) is not None and found.owner and time.monotonic() < until:
        time.sleep(0.02)
    assert found is not None
    assert found.owner == "", "not closed yet, and another host may act"
    world.wall += timedelta(minutes=5)
    time.sleep(0.2)
    assert world.kinds() == [K.BEGIN], "nothing more is begun"
    service.close()


def test_a_standing_search_whose_host_was_killed_begins_again_but_not_for_ever(world: World) -> None:
    store, service = world.store, world.service()
    world.until(service, K.PLAN)
    world.work()
    searches = 0
    for minute in range(0, 40, 2):
        world.look(service, 2)
        searches += store.runs.take("killed", SLOTS) is not None
        store.runs.fail_expired(1000.0 * minute)
        store.runs.fail_expired(1000.0 * minute + 500.0)
    assert searches == 3
    assert "gained nothing" in automation_state(store, world.wall, world.settings).parts[-1].verdict.why_not


def test_a_plan_in_force_that_a_new_pull_makes_much_later_is_replanned_with_the_stated_moves(world: World) -> None:
    service = world.service()
    world.until(service, K.PLAN)
    (planned,) = world.work()
    plan = world.store.schedules.get(planned.schedule_id or "")
    print_of = world.store.snapshots.get(plan.snapshot_id).fingerprint
    world.store.releases.approve(ApprovalRequest("release-1", plan.id, plan.content_sha256, "Ana"), print_of)
    world.settings = AutomationSettings.model_validate({
        "enabled": True, "pull": {"every_minutes": 5}, "replan": {"later_by_days": 0.1, "ways": ["calm"], "most_moves": 3},
    })  # fmt: skip
    world.until(service, K.CHECK)
    world.work()
    world.look(service, 1)
    assert world.kinds()[-1] is K.CHECK, "the plan in force holds"
    for row in world.erp.tables["tbl_jo_txn"]:
        row["JoQty_d"] = 2000
    world.erp.write(world.url)
    for minutes in (6, 0):
        world.look(service, minutes)
    assert world.kinds()[-2:] == [K.PULL, K.CHECK]
    world.look(service)
    assert world.kinds()[-1] is K.CHECK, "its run has not ended"
    assert [run.engine for run in world.work()] == ["right_shift"]
    world.look(service)
    assert world.kinds()[-1] is K.REPLAN
    assert "weighted days later than planned" in world.store.automation.newest(limit=1)[0].cause
    (again,) = world.store.runs.newest(states=(RunState.QUEUED,))
    assert (again.engine, again.config.most_moves, again.config.time_limit) == ("repair", 3, 30.0)
    world.look(service)
    assert world.kinds()[-1] is K.REPLAN
    service.close()


def test_a_persons_run_begins_at_once_while_the_standing_search_works(world: World) -> None:
    """The standing search would go on for minutes; it runs as a worker runs it."""
    service = world.service()
    world.until(service, K.PLAN)
    world.work()
    world.until(service, K.STANDING)
    standing = world.store.runs.take("worker-2", SLOTS)
    assert standing is not None
    assert standing.engine == STANDING
    how = {"owner": "worker-2", "pace": Pace(0.1)}
    work = Thread(target=run_execution.execute, args=(world.store, standing.id), kwargs=how)
    work.start()
    until = time.monotonic() + 30
    while world.store.runs.get(standing.id).fraction == 0 and time.monotonic() < until:
        time.sleep(0.05)
    began = time.monotonic()
    (request,) = side_by_side(standing.snapshot_id, "a-click", engines=["greedy"])
    run_id = ask(world.store, replace(request, actor="Ann"))
    taken = world.store.runs.take("worker-3", SLOTS)
    assert taken is not None
    assert taken.id == run_id
    assert time.monotonic() - began < 1.0
    assert world.store.runs.get(standing.id).keep_requested
    work.join(20)
    assert not work.is_alive()
    assert world.store.runs.get(standing.id).state.finished
    service.close()


def test_standing_searches_take_no_place_and_come_last(world: World) -> None:
    service = world.service()
    world.until(service, K.PLAN)
    world.work()
    world.until(service, K.STANDING)
    snapshot = world.store.snapshots.needed_latest().id
    (waiting,) = [run for run in world.store.runs.newest(states=(RunState.QUEUED,)) if run.engine == STANDING]
    requests = [side_by_side(snapshot, f"click-{n}", engines=["greedy"])[0] for n in range(2)]
    runs = [ask(world.store, request) for request in requests]
    assert [run.id for run in (world.store.runs.take("w", SLOTS), world.store.runs.take("w", SLOTS)) if run] == runs
    assert world.store.runs.take("w", SLOTS) is None, "others are at work"
    for run_id in runs:
        world.store.runs.finish(run_id, "w", RunState.FAILED, "no plan")
    found = world.store.runs.take("w", SLOTS)
    assert found is not None
    assert found.id == waiting.id
    more = [ask(world.store, replace(requests[0], request_id=f"more-{n}")) for n in range(2)]
    assert [run.id for run in (world.store.runs.take("w", SLOTS), world.store.runs.take("w", SLOTS)) if run] == more
    service.close()


# ---------------------------------------------------------------- rights
def test_automation_may_plan_and_nothing_else_whatever_its_name_is_given(world: World) -> None:
    store = world.store
    with pytest.raises(InvalidValue, match="the name under which Shopwright plans by itself"):
        store.roles.grant("Automation", "approver", "Ann")
    request = ApprovalRequest("r", "s", "0" * 64, "Ann")
    for act in (
        lambda: authorized.approve(store, AUTOMATION, request),
        lambda: authorized.propose(store, AUTOMATION, ProposalRequest("r", "s", "0" * 64, "Ann")),
        lambda: authorized.grant_role(store, AUTOMATION, "Ann", "admin"),
        lambda: authorized.activate_model(store, AUTOMATION, "any"),
    ):
        with pytest.raises(Forbidden):
            act()
    assert AUTOMATION.counting(frozenset(Role)) == {Role.PLANNER}
    assert AUTOMATION.counting(frozenset()) == {Role.PLANNER}


def test_nobody_releases_or_seconds_under_its_name(world: World) -> None:
    from tests.support.sample_plans import planned

    plan = planned(world.store)
    for name in ("automation", "AUTOMATION"):
        with pytest.raises(InvalidValue, match="plans by itself"):
            authorized.approve(world.store, LOCAL, ApprovalRequest("r", plan.schedule, plan.content, name))
        with pytest.raises(InvalidValue, match="plans by itself"):
            authorized.propose(world.store, LOCAL, ProposalRequest("r", plan.schedule, plan.content, name))


def test_no_code_of_automation_knows_how_to_release() -> None:
    text = "".join(file.read_text("utf-8") for file in sorted((ROOT / "scheduler_core" / "automation").glob("*.py")))
    for word in ("approve", "propose", "roll_back", "promote", "releasing", "proposals"):
        assert word not in text.replace("proposals: nothing", ""), word
