"""Benchmark files: what each number means, and what a broken file is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import snapshot_from_json, snapshot_to_json
from scheduler_core.interchange.benchmark_files import (
    fjs_from_text,
    jsp_from_text,
    read_benchmark,
)
from scheduler_core.limits import MAX_BENCHMARK_BYTES
from scheduler_core.plant import Plant
from tests.support.paths import GOLDEN_BENCHMARKS

FJS = """2 3 1.5
2  2 1 25 2 37  1 2 24
1  3 3 7 1 7 2 7
"""
JSP = """# a comment
2 3
0 5 2 1 1 9
1 4 0 3 2 2
"""


def _times(plant: Plant) -> list[list[dict[int, int]]]:
    return [
        [{m: op.processing_minutes((m,)) for m in plant.eligible_machines(op)} for op in job.operations]
        for job in plant.jobs
    ]


def test_fjs_gives_each_operation_its_machines_and_times() -> None:
    plant = fjs_from_text(FJS, "small")
    assert _times(plant) == [[{1: 25, 2: 37}, {2: 24}], [{1: 7, 2: 7, 3: 7}]]
    assert [m.id for m in plant.machines] == [1, 2, 3]
    assert [j.id for j in plant.jobs] == ["J1", "J2"]


def test_jsp_machines_count_from_zero_and_keep_the_order_of_processing() -> None:
    plant = jsp_from_text(JSP, "small")
    assert _times(plant) == [[{0: 5}, {2: 1}, {1: 9}], [{1: 4}, {0: 3}, {2: 2}]]
    assert [m.id for m in plant.machines] == [0, 1, 2]


@pytest.mark.parametrize("plant", [fjs_from_text(FJS, "f"), jsp_from_text(JSP, "j")], ids=["fjs", "jsp"])
def test_a_benchmark_plant_has_no_setup_no_due_date_and_works_round_the_clock(plant: Plant) -> None:
    assert plant.plan_start == datetime(2024, 1, 1)
    assert all(job.due is None and job.release == 0 and job.family == "" for job in plant.jobs)
    assert all(op.setup_minutes == 0 and op.fixed is None for job in plant.jobs for op in job.operations)
    (calendar,) = plant.calendars
    assert [(w.day, w.start, w.end) for w in calendar.week] == [(day, 0, 1440) for day in range(1, 8)]


@pytest.mark.parametrize("header", ["2 3", "2 3 2", "2 3 1.50"])
def test_the_third_header_value_is_optional(header: str) -> None:
    body = FJS.split("\n", 1)[1]
    assert _times(fjs_from_text(f"{header}\n{body}", "small")) == _times(fjs_from_text(FJS, "small"))


@pytest.mark.parametrize("header", ["2 3", "2 3 2"])
def test_line_breaks_mean_nothing(header: str) -> None:
    one_line = f"{header} {FJS.split(maxsplit=3)[3]}".replace("\n", " ")
    assert _times(fjs_from_text(one_line, "small")) == _times(fjs_from_text(FJS, "small"))
    assert _times(jsp_from_text("2 3 0 5 2 1 1 9 1 4 0 3 2 2", "small")) == _times(jsp_from_text(JSP, "small"))


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "end of file", "number of jobs"),
        ("x 3", "line 1, position 1", "is not a whole number"),
        ("2 0", "line 1, position 2", "is not between 1 and"),
        ("1 2 1\n1 1 3 5", "line 2, position 3", "is not between 1 and 2 (a machine of job 1 operation 1)"),
        ("2 2 1\n1 1 0 5\n1 1 2 5", "line 3, position 3", "is not between 0 and 1 (a machine of job 2 operation 1)"),
        ("1 2 1\n1 1 1 -1", "line 2, position 4", "the time of job 1 operation 1 on machine 1"),
        ("1 2 1\n1 1 1 2.5", "line 2, position 4", "is not a whole number"),
        ("1 2 1\n1 2 1 5 1 6", "line 2, position 5", "names twice"),
        ("1 2 1\n1 3 1 5 2 6 1 7", "line 2, position 2", "the number of eligible machines"),
        ("1 2 1\n2 1 1 5", "end of file", "eligible machines of job 1 operation 2"),
        ("1 2 1\n1 1 1 5\n9", "line 3, position 1", "follows after the last job"),
    ],
)
def test_a_broken_fjs_names_place_and_reason(text: str, place: str, reason: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        fjs_from_text(text, "broken", where="dir/broken.fjs")
    assert caught.value.where == f"dir/broken.fjs: {place}"
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("1 2\n1 5 3 5", "line 2, position 3", "is not between 0 and 1 (the machine of job 1 operation 2)"),
        ("2 2\n1 5 2 5\n0 5 1 5", "line 2, position 3", "is not between 0 and 1 (the machine of job 1 operation 2)"),
        ("2 2\n1 5 2 5\n1 5 3 5", "line 3, position 3", "is not between 1 and 2 (the machine of job 2 operation 2)"),
        ("1 2\n1 5 1 5", "line 2, position 3", "visits twice"),
        ("1 2\n1 -5 0 5", "line 2, position 2", "is not between 0 and"),
        ("1 2\n1 ٣ 0 5", "line 2, position 2", "is not a whole number"),
        ("2 2\n1 5 0 5", "end of file", "the machine of job 2 operation 1"),
        ("1 1\n0 5 7", "line 2, position 3", "follows after the last job"),
        ("9000 90000", "header", "announces more than"),
    ],
)
def test_a_broken_jsp_names_place_and_reason(text: str, place: str, reason: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        jsp_from_text(text, "broken", where="dir/broken.jsp")
    assert caught.value.where == f"dir/broken.jsp: {place}"
    assert reason in str(caught.value)


def test_a_file_is_read_by_its_suffix_and_names_the_plant(tmp_path: Path) -> None:
    (tmp_path / "small.FJS").write_text(FJS)
    assert read_benchmark(tmp_path / "small.FJS").name == "small"
    (tmp_path / "small.csv").write_text(FJS)
    with pytest.raises(InvalidValue, match=r"\.fjs, \.jsp, \.txt"):
        read_benchmark(tmp_path / "small.csv")


def test_files_that_are_no_text_or_too_large_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.jsp").write_bytes(b"1 1\n\xff")
    with pytest.raises(InvalidValue, match="byte 4: 255 is not UTF-8"):
        read_benchmark(tmp_path / "binary.jsp")
    with open(tmp_path / "huge.jsp", "wb") as file:
        file.truncate(MAX_BENCHMARK_BYTES + 1)
    with pytest.raises(InvalidValue, match=f"more than the limit of {MAX_BENCHMARK_BYTES}"):
        read_benchmark(tmp_path / "huge.jsp")


@pytest.mark.parametrize(("file", "jobs", "machines", "operations"), [("mk01.fjs", 10, 6, 55), ("ta01.txt", 15, 15, 225)])
def test_published_instances_round_trip_through_the_snapshot_format(
    file: str, jobs: int, machines: int, operations: int
) -> None:
    plant = read_benchmark(GOLDEN_BENCHMARKS / file)
    assert (len(plant.jobs), len(plant.machines), plant.operation_count) == (jobs, machines, operations)
    assert snapshot_from_json(snapshot_to_json(plant), file) == plant
