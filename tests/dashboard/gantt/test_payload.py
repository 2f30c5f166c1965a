"""The packed plan, read back as the canvas reads it."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.gantt import payload
from dashboard.gantt.component import FOLDER, SCRIPTS, Dropped, Picked, read_dropped, read_picked, script
from dashboard.gantt.payload import FIXED, IMPORTANT, LAST
from dashboard.gantt.request import GanttRequest, Whisker
from dashboard.gantt.rows import GanttView, Ghosts
from dashboard.loaded_plan import Plan
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.gantt_bytes import unpack
from tests.support.hostile_text import NASTY


def pack(plant: Plant, schedule: Schedule, hours: OpenHours, ghosts: Ghosts | None = None, **settings: Any) -> bytes:
    return payload.pack(plant, schedule, hours, GanttRequest(**settings), ghosts=ghosts)


def test_every_machine_gets_a_row_and_every_held_machine_a_bar(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    head, columns = unpack(pack(plan.plant, plan.schedule, plan.hours))
    assert [r["label"] for r in head["rows"]] == ["M1", "M2", "M3"]
    assert [(g["name"], g["rows"]) for g in head["groups"]] == [("Press", 2), ("Lathe", 1)]
    assert len(columns["start"]) == sum(len(a.machines) for a in plan.schedule.assignments)
    held = set()
    for i in range(len(columns["start"])):
        job = head["jobs"][columns["job"][i]]
        a = plan.schedule.by_operation[job["id"], int(columns["sequence"][i])]
        machine = plan.plant.machines[columns["row"][i]]
        assert machine.id in a.machines
        assert (columns["start"][i], columns["end"][i]) == (a.start, a.end)
        assert plan.hours.working(a.machines, a.start, int(columns["setup_end"][i])) == a.setup_minutes
        assert head["words"][columns["status"][i]] == plan.status[a.job].value
        held.add((a.key, machine.id))
    assert held == {(a.key, m) for a in plan.schedule.assignments for m in a.machines}


def test_columns_are_aligned_and_rows_sorted_for_binary_search(plans: tuple[Plan, Plan]) -> None:
    for view in GanttView:
        head, columns = unpack(pack(plans[0].plant, plans[0].schedule, plans[0].hours, view=view))
        for _, kind, offset, _ in head["columns"]:
            assert offset % int(kind[1]) == 0
        order = list(zip(columns["row"].tolist(), columns["start"].tolist(), strict=True))
        assert order == sorted(order)


def test_flags_tell_fixed_last_and_important(plans: tuple[Plan, Plan]) -> None:
    head, columns = unpack(pack(plans[0].plant, plans[0].schedule, plans[0].hours))
    flags = {
        (head["jobs"][columns["job"][i]]["id"], int(columns["sequence"][i])): int(columns["flags"][i])
        for i in range(len(columns["start"]))
    }
    assert flags["J3", 1] == FIXED | LAST
    assert flags["J2", 1] == LAST | IMPORTANT
    assert flags["J1", 1] == 0


def test_working_patterns_and_downtime_travel_along(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    head, columns = unpack(pack(plan.plant, plan.schedule, plan.hours))
    row = head["rows"][0]
    first, last = columns["span_first"][row["table"]], columns["span_first"][row["table"] + 1]
    starts, ends = plan.hours.spans(plan.hours.table((1,)))
    assert columns["span_start"][first:last].tolist() == starts.tolist()
    assert columns["span_end"][first:last].tolist() == ends.tolist()
    assert head["has_down"] is True
    assert (columns["down_row"].tolist(), columns["down_start"].tolist(), columns["down_end"].tolist()) == (
        [1],
        [600],
        [700],
    )
    assert head["reasons"] == [NASTY]


def test_job_view_groups_by_urgency(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    head, columns = unpack(pack(plan.plant, plan.schedule, plan.hours, view=GanttView.JOB))
    assert sum(g["rows"] for g in head["groups"]) == len(plan.plant.jobs)
    assert head["groups"][0]["name"] == "Late"
    assert len(columns["start"]) == len(plan.schedule.assignments)
    assert all(r["table"] == -1 for r in head["rows"])


def test_filters_selection_chain_and_ghosts(plans: tuple[Plan, Plan]) -> None:
    left, right = plans
    late = frozenset({JobStatus.LATE})
    head, columns = unpack(pack(left.plant, left.schedule, left.hours, machine_types=frozenset({2}), statuses=late))
    assert [r["label"] for r in head["rows"]] == ["M3"]
    assert set(columns["status"].tolist()) <= {0}
    key = ("J1", 2)
    chain = [link.assignment.key for link in left.explainer.chain(left.schedule.by_operation[key])]
    head, columns = unpack(pack(left.plant, left.schedule, left.hours, selected=key, chain=chain))
    assert head["focus"] == "J1/2"
    assert head["jobs"][columns["job"][head["selected"]]]["id"] == "J1"
    assert len(head["chain"]) == len(chain)
    head, columns = unpack(pack(right.plant, right.schedule, right.hours, ghosts=Ghosts(left.schedule, "left")))
    moved = [a for a in left.schedule.assignments if right.schedule.by_operation[a.key] != a]
    assert moved
    places = {(a.start, a.end) for a in moved}
    assert set(zip(columns["ghost_start"].tolist(), columns["ghost_end"].tolist(), strict=True)) == places
    assert head["has_ghosts"] is True


def test_filters_by_job_family_and_importance(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]

    def jobs(**filters: Any) -> set[str]:
        return {j["id"] for j in unpack(pack(plan.plant, plan.schedule, plan.hours, **filters))[0]["jobs"]}

    assert jobs(jobs=frozenset({"J1", "J4"})) == {"J1", "J4"}
    assert jobs(families=frozenset({"B"})) == {"J2", "J4"}
    assert jobs(important=True) == {"J2"}
    assert jobs(families=frozenset({"A"}), important=True) == set()


def test_rows_and_places_name_their_machines_and_both_views_can_be_changed(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    head, columns = unpack(pack(plan.plant, plan.schedule, plan.hours, editable=True))
    assert [r["machine"] for r in head["rows"]] == [1, 2, 3]
    assert head["editable"] is True
    assert unpack(pack(plan.plant, plan.schedule, plan.hours))[0]["editable"] is False
    by_job, jobs = unpack(pack(plan.plant, plan.schedule, plan.hours, view=GanttView.JOB, editable=True))
    assert by_job["editable"] is True
    assert {r["machine"] for r in by_job["rows"]} == {None}
    told = {
        (by_job["jobs"][j]["id"], q): by_job["place_machines"][p]
        for j, q, p in zip(jobs["job"], jobs["sequence"], jobs["place"], strict=True)
    }
    assert told == {a.key: a.machines[0] for a in plan.schedule.assignments}
    first, last = columns["span_first"][head["shifts"]], columns["span_first"][head["shifts"] + 1]
    starts, _ = plan.hours.spans(plan.hours.calendar_table("always"))
    assert columns["span_start"][first:last].tolist() == starts.tolist()


@pytest.mark.parametrize(
    "told",
    [
        None,
        "x",
        {},
        {"job": "J1", "sequence": 1, "machine": "2", "start": 5},
        {"job": "J1", "sequence": True, "machine": 2, "start": 5},
        {"job": 1, "sequence": 1, "machine": 2, "start": 5},
        {"job": "J1", "sequence": 1, "machine": 2, "start": 5.5},
    ],
)
def test_what_a_browser_makes_up_is_no_drop(told: object) -> None:
    assert read_dropped(told) is None


def test_drops_and_clicks_are_read() -> None:
    assert read_dropped({"job": "J1", "sequence": 1, "machine": 2, "start": 5}) == Dropped("J1", 1, 2, 5)
    assert read_picked({"job": "J1", "sequence": 1}) == Picked("J1", 1)
    assert read_picked({"job": None, "sequence": None}) == Picked(None, None)
    assert read_picked(None) is None


def test_the_stamp_changes_with_what_is_drawn_and_only_then(plans: tuple[Plan, Plan]) -> None:
    left, right = plans
    first = unpack(pack(left.plant, left.schedule, left.hours))[0]["stamp"]
    assert unpack(pack(left.plant, left.schedule, left.hours))[0]["stamp"] == first
    assert unpack(pack(right.plant, right.schedule, right.hours))[0]["stamp"] != first


@pytest.mark.parametrize("forbidden", ["innerHTML", "insertAdjacentHTML", "document.write", "eval(", "outerHTML"])
def test_the_script_never_reads_text_as_html(forbidden: str) -> None:
    assert forbidden not in script()


def test_the_script_is_all_its_parts_with_one_default_export() -> None:
    assert script().count("export default") == 1
    parts = {path.stem for path in (FOLDER / "js").glob("*.js")}
    assert parts == set(SCRIPTS)
    assert not [line for line in script().splitlines() if line.startswith("import ")]


def test_facts_stand_at_their_machine_and_their_order(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    told = {"machine_facts": ((2, ("spindle slow",)),), "job_facts": (("J2", ("held until Tue", NASTY)),)}
    head, _ = unpack(pack(plan.plant, plan.schedule, plan.hours, **told))
    assert [r["facts"] for r in head["rows"]] == [[], ["spindle slow"], []]
    assert {j["id"]: j["facts"] for j in head["jobs"] if j["facts"]} == {"J2": ["held until Tue", NASTY]}
    by_job, _ = unpack(pack(plan.plant, plan.schedule, plan.hours, view=GanttView.JOB, **told))
    assert [r["facts"] for r in by_job["rows"] if "J2" in r["label"]] == [["held until Tue", NASTY]]
    assert sum(bool(r["facts"]) for r in by_job["rows"]) == 1


def test_the_picked_job_has_a_whisker_which_makes_no_other_picture(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    whisker = Whisker("J4", 900, 1000, 1200, "On time in 62 of 100 runs.")
    head, _ = unpack(pack(plan.plant, plan.schedule, plan.hours, whisker=whisker))
    told = head["whisker"]
    assert head["jobs"][told.pop("job")]["id"] == "J4"
    assert told == {"p50": 900, "p80": 1000, "p95": 1200, "words": "On time in 62 of 100 runs."}
    without, _ = unpack(pack(plan.plant, plan.schedule, plan.hours))
    assert (without["whisker"], without["stamp"]) == (None, head["stamp"])
    hidden, _ = unpack(pack(plan.plant, plan.schedule, plan.hours, whisker=whisker, jobs=frozenset({"J1"})))
    assert hidden["whisker"] is None
