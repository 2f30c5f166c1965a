"""Orders are found by several words in any order: number, part, work centre, machine, process, family and status."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.analysis.job_search import job_texts, machines_of, matching_jobs
from scheduler_core.plant import MachineType, Plant
from scheduler_core.schedule import Schedule
from tests.support.plants import at, job, machine, operation, plant

LASER, PRESS, TREAT = MachineType(1, "Laser cutting"), MachineType(2, "Power press 80 t"), MachineType(3, "Heat treatment")


def shop() -> Plant:
    made = plant(
        job(
            "JO-101", operation(60, machine_types=(1,), process="Cut"), operation(30, 3), product="TR30-PLATE", family="thin"
        ),
        job("JO-102", operation(60, 1), operation(45, 4, process="Harden"), product="BRACKET-7", important=True),
        job("JO-103", operation(60, 2, 3, requires_all=True), product="PLATE-12", family="thick"),
        machines=[machine(1, type=1), machine(2, type=1), machine(3, type=2), machine(4, type=3)],
    )
    return replace(made, machine_types=(LASER, PRESS, TREAT))


def planned() -> Schedule:
    return Schedule(
        (
            at("JO-101", 1, 2, 0, 60), at("JO-101", 2, 3, 60, 90), at("JO-102", 1, 1, 0, 60),
            at("JO-102", 2, 4, 60, 105), at("JO-103", 1, (2, 3), 90, 150),
        )
    )  # fmt: skip


STATUS = {"JO-101": "late", "JO-102": "on time", "JO-103": "under 24 h"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"JO-101", "JO-102", "JO-103"}),
        ("tr30 late", {"JO-101"}),
        ("LATE tr30", {"JO-101"}),
        ("late", {"JO-101"}),  # no part that merely contains it: PLATE
        ("plate", {"JO-101", "JO-103"}),
        ("laser", {"JO-101", "JO-102", "JO-103"}),
        ("laser thin", {"JO-101"}),
        ("power press", {"JO-101", "JO-103"}),
        ("m4", {"JO-102"}),
        ("m1", {"JO-102"}),
        ("harden important", {"JO-102"}),
        ("101", {"JO-101"}),
        ("on time", {"JO-102"}),
        ("24", {"JO-103"}),
        ("-7", {"JO-102"}),
        ("[", set()),
        ("laser nothing", set()),
    ],
)
def test_every_word_must_be_found_and_their_order_does_not_matter(query: str, found: set[str]) -> None:
    assert matching_jobs(job_texts(shop(), planned(), STATUS), query) == found


def test_without_a_plan_a_job_is_found_by_every_machine_that_it_may_use() -> None:
    texts = job_texts(shop())
    assert matching_jobs(texts, "m1") == {"JO-101", "JO-102"}
    assert matching_jobs(texts, "m2") == {"JO-101", "JO-103"}
    assert matching_jobs(texts, "heat") == {"JO-102"}
    assert matching_jobs(texts, "late") == {"JO-101", "JO-103"}, "no status is known: the word is one of any name"


def test_machines_are_those_of_the_plan_where_there_is_one() -> None:
    made = shop()
    assert machines_of(made, made.jobs[0], None) == {1, 2, 3}
    assert machines_of(made, made.jobs[0], planned()) == {2, 3}
    assert machines_of(made, made.jobs[0], Schedule(())) == frozenset()


def test_the_reader_s_own_words_are_found() -> None:
    texts = job_texts(shop(), planned(), {"JO-101": "迟交", "JO-102": "按时"}, important="重要")
    assert matching_jobs(texts, "迟交") == {"JO-101"}
    assert matching_jobs(texts, "重要") == {"JO-102"}
