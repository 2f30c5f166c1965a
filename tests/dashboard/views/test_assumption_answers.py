"""What a released what-if assumes is asked on Today and Approve; the answer stands there and on the lists."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.state.assumptions import assumptions, joined, still_open
from scheduler_core.data.store import Store
from scheduler_core.roles import Actor, Forbidden
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, DueChanged
from scheduler_core.services import authorized, what_if
from scheduler_core.services.assumptions import Answer, pull_behind
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.plants import PLAN_START
from tests.support.seeding import seed_plan


def released_what_if(store: Store, base: str, *changes: Change) -> tuple[str, str]:
    """The plan in force, which comes from a what-if, and the scenario's id."""
    scenario = what_if.keep(store, what_if.Question("q1", base, changes))
    plan = seed_plan(store, scenario.snapshot_id)
    store.scenarios.promote(plan)
    release(store, plan)
    return plan, scenario.id


def dispatch_line(plan: str) -> str:
    page = open_page("dispatch", plan=plan)
    assert not page.exception
    return next(line for line in texts(page).splitlines() if line.startswith("Version 1"))


def test_a_breakdown_that_came_true_is_confirmed_and_recorded_in_one_step(seeded: Seeded) -> None:
    store, base, _ = seeded
    plan, scenario = released_what_if(store, base, Breakdown(2, 0, 1440))
    assert dispatch_line(plan).endswith("; assumes: M2 down 24 h")
    page = open_page("today")
    assert not page.exception
    assert "M2 down 24 h: nobody has confirmed it yet; it lapses Tue 22 Jul 08:00" in texts(page).replace("\\", "")
    page.button(key=f"assumption_yes_{scenario}_0").click().run()
    assert "Enter your name first." in texts(page)
    page.text_input(key="assumption_who").set_value("Ana").run()
    page.button(key=f"assumption_yes_{scenario}_0").click().run()
    assert not page.exception
    (down,) = store.downtimes.of_plant(store.snapshots.newest()[0].plant)
    assert (down.machine, down.end, down.recorded_by) == (2, PLAN_START + timedelta(days=1), "Ana")
    said = texts(page).replace("\\", "")
    assert "nobody has confirmed it yet" not in said
    assert "while it is down" not in said, "the plan in force was made for it"
    assert dispatch_line(plan).endswith("; M2 down 24 h (confirmed by Ana)")
    approve = open_page("approve", plan=plan)
    said = texts(approve).replace("\\", "")
    assert "The plan is valid only if this comes true" not in said
    assert "M2 down 24 h (confirmed by Ana), " in said
    versions = next(f.value for f in approve.dataframe if "Assumes" in f.value.columns)
    assert list(versions["Assumes"]) == ["M2 down 24 h (confirmed by Ana)"]


def test_what_did_not_come_true_is_said_until_it_is_corrected(seeded: Seeded) -> None:
    store, base, _ = seeded
    plan, scenario = released_what_if(store, base, Breakdown(2, 0, 1440), DueChanged("J1", 900))
    page = open_page("approve", plan=plan)
    assert "Assumes: M2 down 24 h + another due date of J1. The plan is valid only if this comes true." in texts(
        page
    ).replace("\\", "")
    page.text_input(key="assumption_who").set_value("Bob").run()
    page.button(key=f"assumption_no_{scenario}_0").click().run()
    assert not page.exception
    said = texts(page).replace("\\", "")
    assert "No longer holds: M2 down 24 h (did not come true, says Bob). Make a new plan." in said
    assert "Assumes: another due date of J1. The plan is valid only if this comes true." in said
    assert dispatch_line(plan).endswith("; assumes: another due date of J1; M2 down 24 h (did not come true, says Bob)")
    assert store.downtimes.of_plant(store.snapshots.newest()[0].plant) == ()
    page.checkbox(key=f"assumption_record_{scenario}_0").uncheck()
    page.button(key=f"assumption_yes_{scenario}_0").click().run()
    assert "M2 down 24 h (confirmed by Bob)" in texts(page).replace("\\", "")
    assert store.downtimes.of_plant(store.snapshots.newest()[0].plant) == (), "confirmed only, as was asked"
    assert [e.action for e in store.audit.newest(limit=2)] == ["confirm-assumption", "refute-assumption"]


def test_an_assumption_lapses_at_its_end_and_is_shown_as_past(seeded: Seeded) -> None:
    store, base, _ = seeded
    plan, _ = released_what_if(store, base, Breakdown(2, 0, 1440), DueChanged("J1", 900))
    known = assumptions(store, store.schedules.get(plan).snapshot_id)
    day = PLAN_START + timedelta(days=1)
    before = day - timedelta(minutes=1)
    assert joined(known, before) == "M2 down 24 h + another due date of J1"
    assert joined(known, day) == "M2 down 24 h (over since Tue 22 Jul 08:00) + another due date of J1"
    assert [len(still_open(known, moment)) for moment in (before, day)] == [2, 1]


@pytest.mark.parametrize("who", ["approver", "viewer"])
def test_only_who_plans_may_answer(seeded: Seeded, who: str) -> None:
    store, base, _ = seeded
    plan, scenario = released_what_if(store, base, Breakdown(2, 0, 1440))
    store.roles.grant("eve@example.org", who, "test")
    with pytest.raises(Forbidden):
        authorized.answer_assumption(
            store, Actor("eve@example.org"), Answer(plan, scenario, 0, True), now=PLAN_START, request_id="x"
        )
    assert store.scenarios.answers([scenario]) == {}


def test_a_what_if_is_as_old_as_the_pull_behind_it(seeded: Seeded) -> None:
    store, base, _ = seeded
    pulled = store.schedules.get(base).snapshot_id
    plan, _ = released_what_if(store, base, Breakdown(2, 0, 1440))
    above = what_if.keep(store, what_if.Question("q2", plan, (DueChanged("J1", 900),)))
    assert len({pulled, store.schedules.get(plan).snapshot_id, above.snapshot_id}) == 3
    assert pull_behind(store, pulled) == pulled
    assert pull_behind(store, store.schedules.get(plan).snapshot_id) == pulled
    assert pull_behind(store, above.snapshot_id) == pulled
