"""Snapshot and schedule files: round trips to the byte, and refusals that name file, path, value and reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import (
    MAX_FILE_BYTES,
    MAX_JOBS,
    MAX_OPERATIONS,
    file_sha256,
    read_schedule,
    read_snapshot,
    schedule_file_from_json,
    schedule_from_json,
    schedule_to_json,
    snapshot_from_json,
    snapshot_sha256,
    snapshot_to_json,
)
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import Break, Downtime, Fixed, Holiday, Plant, SetupEntry, WorkWindow
from tests.support.own_time import own_time
from tests.support.plants import at, job, operation, plant, schedule
from tests.support.strategies import plants

FULL = """{
 "format": "factory-snapshot/1",
 "name": "demo-plant",
 "timezone": "Asia/Kuala_Lumpur",
 "plan_start": "2025-07-21T06:30",
 "calendars": [
  {"id": "plant", "week": [{"day": 1, "start": "06:30", "end": "18:00", "kind": "regular"}, \
{"day": 1, "start": "18:00", "end": "24:00", "kind": "overtime"}], \
"breaks": [{"name": "lunch", "day": null, "start": "12:00", "end": "12:45"}], \
"holidays": [{"date": "2025-08-31", "name": "Merdeka"}]}
 ],
 "machine_types": [
  {"id": 5, "name": "press"}
 ],
 "machines": [
  {"id": 6, "name": "CM03", "type": 5, "calendar": "plant", "available_from": "2025-07-21T07:30", \
"initial_family": "F03", "downtime": [{"start": "2025-07-22T08:00", "end": "2025-07-22T14:00", "reason": "bearing"}]},
  {"id": 7, "name": "冲床", "type": 5, "calendar": "plant"}
 ],
 "setup_matrix": [
  {"machine_type": 5, "from": "F03", "to": "F07", "minutes": 45}
 ],
 "jobs": [
  {"id": "JOST1", "product": "CP08-428", "family": "F03", "quantity": 500, "important": true, \
"release": "2025-07-20T00:00", "due": "2025-07-25T23:59", "operations": [\
{"sequence": 1, "process": "CP08-428-1/3", "minutes": 120, "minutes_by_machine": {"6": 110}, "setup_minutes": 30, \
"machine_types": [5], "machines": [6], "preferred_machine": 6}, \
{"sequence": 3, "process": "CP08-428-3/3", "minutes": 60, "setup_minutes": 0, "machines": [6, 7], "requires_all": true, \
"fixed": {"machines": [6, 7], "start": "2025-07-24T08:00", "end": "2025-07-24T09:00"}}]},
  {"id": "JOST2", "family": null, "important": false, "release": "2025-07-21T06:30", "due": null, "operations": [\
{"sequence": 1, "process": "cut", "minutes": 1, "setup_minutes": 0, "machine_types": [5]}]}
 ]
}
"""
"""A snapshot with every key, as it is written."""


def test_every_key_is_understood() -> None:
    read = snapshot_from_json(FULL, "demo.json")
    assert (read.name, read.timezone, read.plan_start) == ("demo-plant", "Asia/Kuala_Lumpur", datetime(2025, 7, 21, 6, 30))
    calendar, (six, seven) = read.calendars[0], read.machines
    assert calendar.week == (WorkWindow(1, 390, 1080), WorkWindow(1, 1080, 1440, "overtime"))
    assert calendar.breaks == (Break("lunch", 720, 765),)
    assert calendar.holidays == (Holiday(date(2025, 8, 31), "Merdeka"),)
    assert (six.available_from, six.initial_family) == (60, "F03")
    assert six.downtime == (Downtime(24 * 60 + 90, 24 * 60 + 450, "bearing"),)
    assert (seven.name, seven.available_from, seven.initial_family, seven.downtime) == ("冲床", None, None, ())
    assert read.setup_matrix == (SetupEntry(5, "F03", "F07", 45),)
    first, second = read.jobs
    assert (first.id, first.product, first.family, first.quantity) == ("JOST1", "CP08-428", "F03", 500)
    assert (first.important, first.release, first.due) == (True, -30 * 60 - 30, 4 * 1440 + 17 * 60 + 29)
    drill, press = first.operations
    assert (drill.sequence, drill.process, drill.minutes, drill.setup_minutes) == (1, "CP08-428-1/3", 120, 30)
    assert dict(drill.minutes_by_machine) == {6: 110}
    assert (drill.machine_types, drill.machines, drill.preferred_machine) == ((5,), (6,), 6)
    assert (press.requires_all, press.fixed) == (True, Fixed((6, 7), 3 * 1440 + 90, 3 * 1440 + 150))
    assert (second.family, second.release, second.due, second.quantity) == (None, 0, None, None)


def test_writing_is_canonical() -> None:
    read = snapshot_from_json(FULL, "demo.json")
    assert snapshot_to_json(read) == FULL
    assert snapshot_sha256(read) == hashlib.sha256(FULL.encode()).hexdigest()


def test_layout_spelling_and_order_of_keys_do_not_matter() -> None:
    value = json.loads(FULL)
    value["jobs"][0]["operations"].reverse()
    value["plan_start"] += ":00"
    del value["jobs"][1]["release"], value["jobs"][1]["due"], value["jobs"][1]["important"]
    value["machines"][1].update(available_from=None, initial_family=None, downtime=[])
    value["jobs"][1]["operations"][0].update(machines=[], minutes_by_machine={}, preferred_machine=None, fixed=None)
    shuffled = json.dumps(dict(reversed(value.items())), indent=4)
    assert snapshot_to_json(snapshot_from_json("\ufeff" + shuffled, "demo.json")) == FULL


@settings(max_examples=60, deadline=None)
@given(plants())
def test_plants_survive_the_round_trip(original: Plant) -> None:
    text = snapshot_to_json(original)
    again = snapshot_from_json(text.encode(), "random.json")
    assert again == original
    assert snapshot_to_json(again) == text


Change = Callable[[Any], object]

BAD_VALUES: list[tuple[str, Change, str, str]] = [
    ("missing key", lambda s: s["jobs"][0].pop("family"), "jobs[0]", "lacks the key 'family'"),
    (
        "unknown key",
        lambda s: s["jobs"][0]["operations"][1].update(setup_minuets=5),
        "jobs[0].operations[1].setup_minuets",
        "5 stands under the unknown key 'setup_minuets': did you mean 'setup_minutes'?",
    ),
    ("another format", lambda s: s.update(format="schedule/1"), "format", "'schedule/1' is not the format"),
    ("list for object", lambda s: s.update(machines={}), "machines", "{} is not a list"),
    ("object for list", lambda s: s["jobs"].append([]), "jobs[2]", "[] is not an object"),
    ("null for list", lambda s: s["machines"][0].update(downtime=None), "machines[0].downtime", "None is not a list"),
    ("text for number", lambda s: op(s).update(minutes="120"), "jobs[0].operations[0].minutes", "'120' is not a whole"),
    ("fraction", lambda s: op(s).update(minutes=1.5), "jobs[0].operations[0].minutes", "1.5 is not a whole number"),
    ("truth for number", lambda s: op(s).update(minutes=True), "jobs[0].operations[0].minutes", "True is not a whole"),
    ("number for truth", lambda s: s["jobs"][0].update(important=1), "jobs[0].important", "1 is neither true nor false"),
    ("number for text", lambda s: s["jobs"][0].update(id=17), "jobs[0].id", "17 is not a text"),
    ("too short", lambda s: op(s).update(minutes=0), "jobs[0].operations[0].minutes", "0 is not between 1 and"),
    ("huge", lambda s: op(s).update(minutes=10**40), "jobs[0].operations[0].minutes", "is not between 1 and"),
    ("NaN", lambda s: s["jobs"][0].update(quantity=float("nan")), "jobs[0].quantity", "NaN is no number"),
    ("infinity", lambda s: s["jobs"][0].update(quantity=float("-inf")), "jobs[0].quantity", "-Infinity is no number"),
    ("negative", lambda s: s["jobs"][0].update(quantity=-1), "jobs[0].quantity", "-1 is a negative quantity"),
    ("surrogate", lambda s: s["jobs"][0].update(id="J\ud800"), "jobs[0].id", "lone surrogate"),
    ("seconds", lambda s: s.update(plan_start="2025-07-21T06:30:01"), "plan_start", "06:30:01' has seconds"),
    ("zone", lambda s: s.update(plan_start="2025-07-21T06:30Z"), "plan_start", "is not a time stamp"),
    ("no time", lambda s: s["jobs"][0].update(due="2025-07-25"), "jobs[0].due", "is not a time stamp"),
    ("no such day", lambda s: s["jobs"][0].update(due="2025-02-30T10:00"), "jobs[0].due", "is no time that exists"),
    ("too far", lambda s: s["jobs"][0].update(due="9999-12-31T00:00"), "jobs[0].due", "from plan_start"),
    ("far start", lambda s: s.update(plan_start="0025-07-21T06:30"), "plan_start", "is not between the years"),
    ("bad date", lambda s: holiday(s).update(date="2025-13-01"), "calendars[0].holidays[0].date", "is no date"),
    ("date with time", lambda s: holiday(s).update(date="2025-08-31T00:00"), "calendars[0].holidays[0].date", "not a date"),
    ("far holiday", lambda s: holiday(s).update(date="9999-12-31"), "calendars[0].holidays[0].date", "from plan_start"),
    ("time of day", lambda s: window(s).update(end="24:01"), "calendars[0].week[0].end", "'24:01' is not between"),
    ("spelt time", lambda s: window(s).update(end="6pm"), "calendars[0].week[0].end", "'6pm' is not a time of day"),
    ("late start", lambda s: window(s).update(start="24:00"), "calendars[0].week[0].start", "'24:00' is not a time of day"),
    ("break over", lambda s: lunch(s).update(end="12:00"), "calendars[0].breaks[0].end", "'12:00' is the break's start too"),
    ("half day over", lambda s: holiday(s).update(start="12:00", end="06:00"), "calendars[0].holidays[0].end",
     "'06:00' is not after the holiday's start at 12:00"),
    ("far hours", lambda s: s["calendars"][0].update(extra=[{"date": "9999-12-31", "start": "06:00", "end": "14:00"}]),
     "calendars[0].extra[0].date", "from plan_start"),
    ("weekday", lambda s: window(s).update(day=0), "calendars[0].week[0].day", "0 is not between 1 and 7"),
    ("kind", lambda s: window(s).update(kind="night"), "calendars[0].week[0].kind", "'night' is neither"),
    ("zone name", lambda s: s.update(timezone="Mars/Olympus"), "timezone", "'Mars/Olympus' is not an IANA time zone"),
    ("machine key", lambda s: op(s).update(minutes_by_machine={"06": 5}), "jobs[0].operations[0].minutes_by_machine.06",
     "5 stands under '06', which is not a machine id"),
    ("unknown type", lambda s: s["machines"][1].update(type=9), "machines[1].type", "9 is not a known machine type"),
    ("unknown machine", lambda s: op(s).update(machines=[9]), "jobs[0].operations[0].machines", "9 is not a known machine"),
    ("no machine", lambda s: [op(s).pop(k) for k in ("machines", "machine_types")], "jobs[0].operations[0].machines",
     "name no machine"),
    ("two jobs", lambda s: s["jobs"][1].update(id="JOST1"), "jobs[1].id", "'JOST1' stands twice"),
    ("two steps", lambda s: s["jobs"][0]["operations"][1].update(sequence=1), "jobs[0].operations", "stands twice"),
    ("downtime over", lambda s: s["machines"][0]["downtime"][0].update(end="2025-07-22T08:00"),
     "machines[0].downtime[0].end", "'2025-07-22T08:00' is not after"),
]  # fmt: skip


def op(snapshot: Any) -> Any:
    return snapshot["jobs"][0]["operations"][0]


def window(snapshot: Any) -> Any:
    return snapshot["calendars"][0]["week"][0]


def lunch(snapshot: Any) -> Any:
    return snapshot["calendars"][0]["breaks"][0]


def holiday(snapshot: Any) -> Any:
    return snapshot["calendars"][0]["holidays"][0]


@pytest.mark.parametrize(("change", "path", "reason"), [b[1:] for b in BAD_VALUES], ids=[b[0] for b in BAD_VALUES])
def test_bad_values_are_named(change: Change, path: str, reason: str) -> None:
    value = json.loads(FULL)
    change(value)
    with pytest.raises(InvalidValue) as caught:
        snapshot_from_json(json.dumps(value), "bad.json")
    assert caught.value.where == f"bad.json: {path}"
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("", "bad.json: line 1 column 1", "is not JSON"),
        ('{"format": "factory-snapshot/1",\n "name" "x"}', "bad.json: line 2 column 9", "is not JSON"),
        (FULL[:-40], "bad.json: line 21", "is not JSON"),
        (b'{"format": "\xff"}', "bad.json: byte 12", "is not UTF-8"),
        ("[" * 100_000, "bad.json", "is nested too deeply"),
        ("[]", "bad.json", "is not an object"),
        ('{"format": 1' + "0" * 5000 + "}", "bad.json: format", "has more than 300 digits"),
        (FULL.replace('"important": true', '"important": true, "important": false'), "bad.json: jobs[0]", "more than once"),
        (FULL.replace('"quantity": 500', '"quantity": 1e999'), "bad.json: jobs[0].quantity", "is not a finite number"),
    ],
)
def test_what_is_not_json_is_named(text: str | bytes, where: str, reason: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        snapshot_from_json(text, "bad.json")
    assert caught.value.where.startswith(where)
    assert reason in str(caught.value)


def test_fixed_operations_that_clash_are_refused_and_named() -> None:
    value = json.loads(FULL)
    value["jobs"][1]["operations"][0]["fixed"] = {
        "machines": [7], "start": "2025-07-24T08:59", "end": "2025-07-24T10:00",
    }  # fmt: skip
    with pytest.raises(InvalidValue, match="job JOST2 operation 1 is fixed, but job JOST1 operation 3"):
        snapshot_from_json(json.dumps(value), "bad.json")


def test_paths_point_into_the_file_also_where_operations_stand_in_another_order() -> None:
    value = json.loads(FULL)
    value["jobs"][0]["operations"].reverse()
    value["jobs"][0]["operations"][0]["preferred_machine"] = 99
    with pytest.raises(InvalidValue) as caught:
        snapshot_from_json(json.dumps(value), "bad.json")
    assert caught.value.where == "bad.json: jobs[0].operations[0].preferred_machine"


def many_jobs(count: int, steps: int = 1) -> str:
    value = json.loads(FULL)
    row = value["jobs"].pop()
    step = row["operations"].pop()
    row["operations"] = [dict(step, sequence=i) for i in range(steps)]
    value["jobs"] = [dict(row, id=f"J{i}") for i in range(count)]
    return json.dumps(value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("jobs", "steps", "limit"),
    [
        (MAX_JOBS + 1, 1, MAX_JOBS),
        (10 * MAX_JOBS, 1, MAX_JOBS),
        (11, MAX_OPERATIONS // 10, MAX_OPERATIONS),
        (10, MAX_OPERATIONS, MAX_OPERATIONS),
    ],
)
def test_too_much_is_refused_at_once_with_the_limit(jobs: int, steps: int, limit: int) -> None:
    text = many_jobs(jobs, steps)
    with own_time() as took, pytest.raises(InvalidValue, match=f"more than the limit of {limit}"):
        snapshot_from_json(text, "big.json")
    ten_times = max(jobs, jobs * steps) >= 10 * limit
    assert took.seconds < (1 if ten_times else 5)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(10 * MAX_FILE_BYTES)  # takes no space on disk
    with pytest.raises(InvalidValue, match=f"bytes are more than the limit of {MAX_FILE_BYTES}"):
        read_snapshot(path)


def test_files_are_read_by_path_and_hashed_as_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_bytes(FULL.replace("\n", "\r\n").encode())
    assert snapshot_to_json(read_snapshot(path)) == FULL
    assert file_sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(OSError, match=r"none\.json"):
        read_snapshot(tmp_path / "none.json")


# ------------------------------------------------------------------------------------------------------- schedules
SHOP = plant(job("J", operation(60, 1), operation(30, 1), due=0))
PLAN = schedule(at("J", 2, 1, 1440, 1470), at("J", 1, 1, 0, 60, 0))
SCHEDULE_HEAD = """{
 "format": "schedule/1",
 "snapshot": "tiny",
 "snapshot_sha256": "cafe",
 "engine": "greedy",
 "assignments": [
  {"job": "J", "sequence": 2, "machines": [1], "start": "2025-07-22T08:00", "end": "2025-07-22T08:30", "setup_minutes": 0},
  {"job": "J", "sequence": 1, "machines": [1], "start": "2025-07-21T08:00", "end": "2025-07-21T09:00", "setup_minutes": 0}
 ],
 "kpis": {"makespan_hours": 24.5, """


def written() -> str:
    return schedule_to_json(SHOP, PLAN, "greedy", measure(SHOP, PLAN), "cafe")


def test_schedules_are_written_as_the_format_says() -> None:
    assert written().startswith(SCHEDULE_HEAD)


def test_schedules_survive_the_round_trip() -> None:
    file = schedule_file_from_json(written(), SHOP, "plan.json")
    assert file.schedule == PLAN
    assert (file.snapshot, file.snapshot_sha256, file.engine) == ("tiny", "cafe", "greedy")
    assert file.kpis == measure(SHOP, PLAN).as_dict()
    assert schedule_to_json(SHOP, file.schedule, "greedy", measure(SHOP, PLAN), "cafe") == written()


def test_schedules_are_read_by_path(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(written(), "utf-8")
    assert read_schedule(path, SHOP).schedule == PLAN


def test_a_schedule_need_not_fit_the_plant_to_be_read() -> None:
    text = written().replace('"job": "J", "sequence": 1, "machines": [1]', '"job": "X", "sequence": 9, "machines": []')
    assert schedule_from_json(text, SHOP, "plan.json").assignments[1] == at("X", 9, (), 0, 60)


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        ("schedule/1", "schedule/2", "plan.json: format", "'schedule/2' is not the format 'schedule/1'"),
        ('"machines": [1]', '"machines": 1', "plan.json: assignments[0].machines", "1 is not a list"),
        ('"machines": [1]', '"machines": ["1"]', "plan.json: assignments[0].machines[0]", "'1' is not a whole number"),
        ("07-22T08:30", "07-22T08:30:30", "plan.json: assignments[0].end", "has seconds"),
        (
            '"setup_minutes": 0}',
            '"setup_minute": 0}',
            "plan.json: assignments[0].setup_minute",
            "did you mean 'setup_minutes'?",
        ),
        ('"sequence": 2', '"sequence": null', "plan.json: assignments[0].sequence", "None is not a whole number"),
        (": 24.5", ": NaN", "plan.json: kpis.makespan_hours", "NaN is no number"),
        (' "engine": "greedy",\n', ' "engine": "greedy", "engine": "x",\n', "plan.json", "'engine' more than once"),
        (' "snapshot": "tiny",\n', "", "plan.json", "lacks the key 'snapshot'"),
    ],
)
def test_bad_schedule_files_are_named(old: str, new: str, where: str, reason: str) -> None:
    assert old in written()
    with pytest.raises(InvalidValue) as caught:
        schedule_from_json(written().replace(old, new), SHOP, "plan.json")
    assert caught.value.where == where
    assert reason in str(caught.value)


def test_a_late_duplicate_of_many_keys_is_found_at_once() -> None:
    many = ", ".join(f'"k{k}": {k}' for k in range(40_000))
    for content in (f'{{{many}, "k39999": 1}}', f"{{{many}, {many}}}", '{"k": ' * 400 + "1" + ', "k": [2]}' * 400):
        with own_time() as took, pytest.raises(InvalidValue, match=r"has the key 'k\d*' more than once"):
            snapshot_from_json(content, "bad.json")
        assert took.seconds < 1.0


EDGES = (10**299, -(10**299), 2**63, -1, 0.5, 1e308, 5e-324, "9999-12-31T23:59", "0001-01-01T00:00", "9999-12-31")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a JSON document with each key or index of a plain value in it; of a list the first two."""
    keys = list(value) if isinstance(value, dict) else range(min(2, len(value)))
    for key in keys:
        if isinstance(value[key], dict | list):
            yield from places(value[key])
        else:
            yield value, key


def test_a_value_at_the_edge_of_all_numbers_is_read_or_refused() -> None:
    document = json.loads(FULL)
    tried = 0
    for holder, key in places(document):
        before = holder[key]
        for holder[key] in EDGES:
            tried += 1
            try:
                assert snapshot_from_json(json.dumps(document), "edge.json").jobs
            except InvalidValue as refused:
                assert "edge.json" in str(refused)  # noqa: PT017
        holder[key] = before
    assert tried > 300
    assert snapshot_from_json(json.dumps(document), "edge.json").jobs
