"""Time stamps in files where the zone's clocks change: an offset where a time is ambiguous, and what is read how."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import schedule_from_json, schedule_to_json, snapshot_from_json, snapshot_to_json
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime, Fixed, Plant
from scheduler_core.scenarios.changes import MaterialLate
from scheduler_core.scenarios.changes_file import changes_from_json, changes_to_json
from tests.support.plants import HOUR, at, job, machine, operation, plant, schedule
from tests.support.wall_clock import in_zone

EVENING = datetime(2027, 10, 30, 22)
"""Four hours before the first 02:00 of a night with two, in Berlin."""
FIRST, SECOND = 4 * HOUR + 30, 5 * HOUR + 30
"""Both half past two."""


def night() -> Plant:
    made = plant(
        job("A", operation(FIRST, 1), due=SECOND, release=-20 * HOUR),
        job("B", operation(60, 1)),
        job("C", operation(FIRST, 2, fixed=Fixed((2,), FIRST, SECOND))),
        machines=[machine(1), machine(2, available_from=SECOND, downtime=(Downtime(FIRST, SECOND, "belt"),))],
    )
    return in_zone(made, "Europe/Berlin", EVENING)


def changed(shop: Plant, **top: Any) -> str:
    return json.dumps({**json.loads(snapshot_to_json(shop)), **top})


def test_a_snapshot_and_a_schedule_that_end_in_a_repeated_hour_come_back_as_they_were() -> None:
    shop = night()
    text = snapshot_to_json(shop)
    assert text.count("2027-10-31T02:30+01:00") == 4
    assert text.count("2027-10-31T02:30+02:00") == 2
    assert snapshot_from_json(text, "night.json") == shop
    plan = schedule(at("A", 1, 1, 0, FIRST), at("B", 1, 1, FIRST, SECOND), at("C", 1, 2, FIRST, SECOND))
    assert violations(shop, plan) == ()
    written = schedule_to_json(shop, plan, "hand", measure(shop, plan), "0" * 64)
    assert '"start": "2027-10-31T02:30+02:00", "end": "2027-10-31T02:30+01:00"' in written
    assert schedule_from_json(written, shop, "plan.json") == plan
    bare = schedule_from_json(written.replace("+01:00", "").replace("+02:00", ""), shop, "plan.json")
    assert [a.end for a in bare.assignments] == [FIRST, FIRST, FIRST], "without an offset the first is meant"


def test_changes_keep_which_of_two_times_they_mean() -> None:
    shop = night()
    changes = (MaterialLate("A", SECOND),)
    text = changes_to_json(shop, changes)
    assert "2027-10-31T02:30+01:00" in text
    assert changes_from_json(text, shop, "changes.json") == changes


def test_times_that_do_not_exist_are_the_next_that_do() -> None:
    shop = in_zone(plant(job("A", operation(60, 1))), "Europe/Berlin", datetime(2027, 3, 27, 22))
    jobs = json.loads(snapshot_to_json(shop))["jobs"]
    jobs[0] |= {"release": "2027-03-28T02:30", "due": "2027-03-28T03:00"}
    read = snapshot_from_json(changed(shop, jobs=jobs), "gap.json")
    assert (read.jobs[0].release, read.jobs[0].due) == (4 * HOUR, 4 * HOUR)
    begun = snapshot_from_json(changed(shop, plan_start="2027-03-28T02:30"), "gap.json")
    assert begun.plan_start == datetime(2027, 3, 28, 3)


def test_a_plan_may_start_in_the_second_of_a_repeated_hour() -> None:
    read = snapshot_from_json(changed(night(), plan_start="2027-10-31T02:30+01:00"), "second.json")
    assert (read.plan_start, read.plan_start.fold) == (datetime(2027, 10, 31, 2, 30), 1)
    assert read.jobs[0].due == 0, "the same half past two"
    assert '"plan_start": "2027-10-31T02:30+01:00"' in snapshot_to_json(read)


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        ("2027-10-31T02:30+05:00", "has an offset that Europe/Berlin does not have then"),
        ("2027-10-30T22:00+01:00", "has an offset that Europe/Berlin does not have then"),
        ("2027-10-31T02:30Z", "is not a time stamp like 2025-07-21T06:30 or 2026-10-25T02:30+01:00"),
    ],
)
def test_an_offset_of_another_zone_is_refused_by_its_place(stamp: str, reason: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        snapshot_from_json(changed(night(), plan_start=stamp), "wrong.json")
    assert (caught.value.where, caught.value.value, caught.value.reason) == ("wrong.json: plan_start", stamp, reason)


def test_an_offset_that_the_zone_has_is_taken_where_nothing_is_ambiguous() -> None:
    read = snapshot_from_json(changed(night(), plan_start="2027-10-30T22:00+02:00"), "summer.json")
    assert read == night()


def test_a_snapshot_names_its_clock_only_where_that_makes_a_difference() -> None:
    at_home = plant(job("A", operation(60, 1)))
    assert '"clock"' not in snapshot_to_json(at_home)
    assert '"clock": "zone"' in snapshot_to_json(night())
    assert snapshot_from_json(snapshot_to_json(at_home), "old", "even-days").clock_rule == "zone"
    with pytest.raises(InvalidValue, match=r"clock.*must be one of zone, even-days"):
        snapshot_from_json(changed(at_home, clock="sundial"), "clock.json")


def test_a_snapshot_of_even_days_counts_1440_minutes_a_day_and_says_so() -> None:
    shop = in_zone(plant(job("A", operation(60, 1), due=30 * HOUR)), "Europe/Berlin", datetime(2027, 3, 27, 22))
    even = replace(shop, clock_rule="even-days")
    text = snapshot_to_json(even)
    assert '"clock": "even-days"' in text
    assert '"due": "2027-03-29T04:00"' in text
    assert snapshot_from_json(text, "even.json") == even
    bare = changed(even)
    assert snapshot_from_json(bare.replace('"clock": "even-days", ', ""), "stored", "even-days") == even
    assert snapshot_from_json(bare.replace('"clock": "even-days", ', ""), "file").jobs[0].due == 29 * HOUR
