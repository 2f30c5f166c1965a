"""Benchmark files as they are published and passed on: what is read, what is told, what is refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.benchmark_files import (
    is_benchmark,
    read_benchmark,
    read_benchmark_with_notes,
    read_instances,
)
from scheduler_core.plant import Plant

JOB_SHOP = [[{0: 7}, {2: 2}, {1: 9}], [{1: 4}, {0: 3}, {2: 8}]]
STANDARD = "2 3\n0 7 2 2 1 9\n1 4 0 3 2 8\n"
FLEXIBLE = "2 3 1.5\n2 2 1 7 3 8 1 2 9\n1 3 1 4 2 4 3 4\n"
CHOICES = [[{1: 7, 3: 8}, {2: 9}], [{1: 4, 2: 4, 3: 4}]]
TAILLARD = """Nb of jobs, Nb of Machines, Time seed, Machine seed, Upper bound, Lower bound
   2   3   11   12   90   80
Times
 7 2 9
 4 3 8
Machines
 1 3 2
 2 1 3
"""
COLLECTION = """ Two shops of 2 jobs each.

 +++++++++++++++

 instance pair1

 +++++++++++++++
 the first one, 2x3 (table 7)
 2 3
 0 7 2 2 1 9
 1 4 0 3 2 8
 +++++++++++++++

 instance pair2

 +++++++++++++++
 the second one
 2 1
 0 5
 0 6
 +++++++ EOF +++++++
"""


def _times(plant: Plant) -> list[list[dict[int, int]]]:
    return [
        [{m: op.processing_minutes((m,)) for m in plant.eligible_machines(op)} for op in job.operations]
        for job in plant.jobs
    ]


def _file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _from_1(times: list[list[dict[int, int]]]) -> list[list[dict[int, int]]]:
    return [[{m + 1: minutes for m, minutes in choice.items()} for choice in job] for job in times]


@pytest.mark.parametrize(
    ("name", "content", "expected", "notes"),
    [
        ("plain", STANDARD, JOB_SHOP, []),
        ("plain.txt", STANDARD, JOB_SHOP, []),
        ("choices.txt", FLEXIBLE, CHOICES, ["read as a flexible job shop"]),
        ("choices", FLEXIBLE, CHOICES, ["read as a flexible job shop"]),
        ("choices.jsp", FLEXIBLE, CHOICES, ["read as a flexible job shop, although the file is named as a job shop"]),
        ("plain.fjs", STANDARD, JOB_SHOP, ["read as a job shop, although the file is named as a flexible one"]),
        ("from1.jsp", "2 3\n1 7 3 2 2 9\n2 4 1 3 3 8\n", _from_1(JOB_SHOP), ["machines are numbered from 1"]),
        (
            "from0.fjs",
            "2 3 2\n2 2 0 7 2 8 1 1 9\n1 1 1 4",
            [[{0: 7, 2: 8}, {1: 9}], [{1: 4}]],
            ["machines are numbered from 0"],
        ),
        ("comments.fjs", FLEXIBLE.replace("\n", "  # said here\n").replace("#", "//", 1), CHOICES, []),
        ("dos.fjs", FLEXIBLE.replace("\n", "\r\n").encode() + b"\x1a", CHOICES, []),
        ("windows.jsp", STANDARD.encode("utf-16"), JOB_SHOP, []),
        ("marked.jsp", STANDARD.encode("utf-8-sig"), JOB_SHOP, []),
        (
            "taillard.txt",
            TAILLARD,
            _from_1(JOB_SHOP),
            ["read as a matrix of times and a matrix of machines", "machines are numbered from 1"],
        ),
        (
            "matrices",
            "2 3\n7 2 9\n4 3 8\n0 2 1\n1 0 2\n",
            JOB_SHOP,
            ["read as a matrix of times and a matrix of machines"],
        ),
        (
            "return.jsp",
            "2 2\n0 3 1 4 0 2\n1 2\n",
            [[{0: 3}, {1: 4}, {0: 2}], [{1: 2}]],
            ["read as a job shop with routes of its own, one a line: 1 of 2 jobs return to a machine"],
        ),
        (
            "marks",
            "2 2\n2 3 1 4 2 2 -1 -1\n1 2 -1 -1\n",
            [[{2: 3}, {1: 4}, {2: 2}], [{1: 2}]],
            [
                "read as a job shop with routes of its own, one a line: 1 of 2 jobs return to a machine",
                "machines are numbered from 1",
            ],
        ),
        (
            "flow.jsp",
            "2 2\n1 5 0 6\n1 7 0 8\n",
            [[{1: 5}, {0: 6}], [{1: 7}, {0: 8}]],
            ["a flow shop, read as a job shop: every job visits the machines in the same order, and may overtake another"],
        ),
        ("JSPLIB", "#+++\n# instance own\n#+++\n# two jobs\n" + STANDARD, JOB_SHOP, []),
    ],
)
def test_each_published_form_is_read_and_what_its_numbers_decided_is_told(
    tmp_path: Path, name: str, content: str | bytes, expected: list[list[dict[int, int]]], notes: list[str]
) -> None:
    read = read_benchmark_with_notes(_file(tmp_path, name, content))
    assert _times(read.plant) == expected
    assert list(read.notes) == notes
    assert read.plant.name == name.split(".")[0]


def test_operations_without_time_are_left_out_and_named(tmp_path: Path) -> None:
    read = read_benchmark_with_notes(_file(tmp_path, "zero.jsp", "3 2\n0 7 1 0\n1 0 0 3\n0 0 1 0\n"))
    assert _times(read.plant) == [[{0: 7}], [{0: 3}]]
    assert [(job.id, [op.sequence for op in job.operations]) for job in read.plant.jobs] == [("J1", [1]), ("J2", [2])]
    assert read.notes == (
        "operations that take 0 minutes are left out: job 1 operation 2, job 2 operation 1, job 3 operation 1, "
        "job 3 operation 2",
    )
    assert _times(read_benchmark(_file(tmp_path, "zero.fjs", "1 2 2\n2 2 1 0 2 0 1 2 5"))) == [[{2: 5}]]


def test_numbers_that_fit_two_kinds_of_shop_are_read_by_the_name_and_else_told(tmp_path: Path) -> None:
    both = "1 2\n1 1 2 5\n"
    assert _times(read_benchmark(_file(tmp_path, "both.fjs", both))) == [[{2: 5}]]
    assert read_benchmark_with_notes(_file(tmp_path, "both.jsp", both)).notes == ("machines are numbered from 1",)
    read = read_benchmark_with_notes(_file(tmp_path, "both.txt", both))
    assert _times(read.plant) == [[{1: 1}, {2: 5}]]
    assert read.notes[0].startswith("read as a job shop; the numbers also fit a flexible one")


@pytest.mark.parametrize("content", [STANDARD, FLEXIBLE, TAILLARD, COLLECTION], ids=["pairs", "choices", "taillard", "many"])
@pytest.mark.parametrize("suffix", ["", ".fjs", ".jsp"])
def test_a_damaged_file_is_a_plant_or_an_error_that_names_the_file(tmp_path: Path, content: str, suffix: str) -> None:
    draw = random.Random(content + suffix)
    refusals: list[InvalidValue] = []
    for _ in range(30):
        words = content.split(" ")
        for _ in range(draw.randint(1, 3)):
            place = draw.randrange(len(words))
            words[place] = draw.choice(
                ["", "0", "-1", "2\n2", "9" * 5000, "x", words[place] + " 1", "Times\n", "instance a\n"]
            )
        path = _file(tmp_path, f"damaged{suffix}", " ".join(words))
        try:
            read_instances(path)
        except InvalidValue as refusal:
            refusals.append(refusal)
    assert refusals
    assert all(refusal.where.startswith(str(tmp_path)) and len(refusal.reason) > 10 for refusal in refusals)


# ---------------------------------------------------------------------- files of several instances
def test_an_instance_of_a_collection_is_chosen_by_its_name(tmp_path: Path) -> None:
    path = _file(tmp_path, "two.txt", COLLECTION)
    assert [(one.plant.name, one.plant.operation_count) for one in read_instances(path)] == [("pair1", 6), ("pair2", 2)]
    plant = read_benchmark(tmp_path / "two.txt#PAIR1")
    assert (plant.name, _times(plant)) == ("pair1", JOB_SHOP)
    assert is_benchmark(tmp_path / "two.txt#pair1")


def test_an_instance_of_taillards_files_is_chosen_by_its_number(tmp_path: Path) -> None:
    path = _file(tmp_path, "two.txt", TAILLARD + TAILLARD.replace("7 2 9", "1 2 3"))
    assert [one.plant.name for one in read_instances(path)] == ["two-1", "two-2"]
    assert _times(read_benchmark(tmp_path / "two.txt#2"))[0] == [{1: 1}, {3: 2}, {2: 3}]


def test_a_file_whose_own_name_has_the_sign_is_that_file(tmp_path: Path) -> None:
    assert _times(read_benchmark(_file(tmp_path, "shop#1", STANDARD))) == JOB_SHOP


@pytest.mark.parametrize(
    ("asked", "content", "message"),
    [
        ("two.txt", COLLECTION, "two.txt: 2 instances are in this file (pair1, pair2): say which, as in "),
        ("two.txt#pair9", COLLECTION, "two.txt: 'pair9' is not an instance of this file (pair2, pair1)"),
        ("one.txt#pair1", STANDARD, "one.txt: 'pair1' names no instance: this file holds a single one"),
        ("two.txt", COLLECTION.replace("pair2", "pair1"), "two.txt: line 14: 'pair1' is the name of two instances"),
        (
            "two.txt#pair2",
            COLLECTION.replace("0 6", "2 6"),
            "two.txt#pair2: line 20, position 1: '2' is not between 0 and 0",
        ),
        ("two.txt#pair2", COLLECTION.replace("0 6", "x 6"), "two.txt#pair2: line 20, position 1: 'x' is not a whole number"),
    ],
)
def test_what_is_wrong_with_a_collection_is_named_with_the_instance(
    tmp_path: Path, asked: str, content: str, message: str
) -> None:
    _file(tmp_path, asked.split("#")[0], content)
    with pytest.raises(InvalidValue) as caught:
        read_benchmark(tmp_path / asked)
    assert message in str(caught.value)


# ---------------------------------------------------------------------- what is no job shop
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("setups.fjs", "2 2 1\n1 1 2 6\n1 1 1 9\n\n0 7\n4 0\n", "line 5, position 1: '0' is the first of 4 numbers after"),
        (
            "setups",
            "1 2\n2 1 1 3 1 2 4\n\n0 5\n5 0\n0 6\n6 0",
            "'0' is the first of 8 numbers after the last job, as many as a",
        ),
        ("open.txt", "2 3\n7 2 9\n4 3 8\n", "header: (2, 3) is followed by one matrix of times, which says no machine"),
        ("flow.txt", TAILLARD.rpartition("Machines")[0], "headings: 'a matrix of times' says no machine for an operation"),
        (
            "assembly",
            "3 2 2\n0 2\n1 2\n1 0 5\n2 0 5 1 6\n1 1 7\n",
            "header: (3, 2, 2) announces 3 operations and 2 precedences",
        ),
        ("assembly.txt", "2 1 2\n0 1 0\n1 0 5\n1 1 7\n", "header: (2, 1, 2) announces 2 operations and 1 precedences"),
        ("some.fjs", "1 2 2\n1 2 1 0 2 5", "job 1 operation 1: 0 is its time on machine 1 and not on all its machines"),
        ("none.jsp", "1 2\n0 0 1 0", "0 is the time of every operation: there is nothing to plan"),
        ("twice.jsp", "2 2\n0 3 1 4\n1 2 1 5\n", "line 3, position 3: '1' is a machine that job 2 visits twice"),
        ("twice.txt", TAILLARD.replace("2 1 3", "2 2 3"), "line 8, position 2: '2' is a machine that job 2 visits twice"),
        (
            "broken",
            "3 2\n1 2 0 4 1 5\n1 2 0 4 0 1\n1 1 0 7\n",
            "line 3, position 5: '0' is a machine that job 2 operation 1 names twice",
        ),
        (
            "broken.txt",
            "2 2\n2 1 0 7 1 1 9\n1 2 0 4 9 4",
            "line 3, position 5: '9' is not between 0 and 1 (a machine of job 2",
        ),
        (
            "words.dat",
            STANDARD,
            "'.dat' is no suffix of a benchmark (.fjs, .jsp, .txt or none): rename the file if it is one",
        ),
    ],
)
def test_other_problems_and_mistakes_are_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        read_benchmark(_file(tmp_path, name, content))
    assert message in str(caught.value)
