"""Which layout a benchmark instance has. Its numbers decide; its name only says what is expected."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from math import prod

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.benchmark_shops import Attempt, Shop, attempt, flexible, matrices, routes, standard
from scheduler_core.interchange.benchmark_text import Matrices, Section


class Expected(Enum):
    """What the name of a file promises."""

    FLEXIBLE = "flexible job shop"
    JOB_SHOP = "job shop"
    EITHER = "job shop or flexible job shop"


def shop_of(section: Section, expected: Expected) -> Shop:
    """The shop of a section.

    Where its numbers fit several layouts, the expected one is taken; with ``EITHER`` the job shop, with a note. Raises
    InvalidValue where they fit none: with the error of the expected layout, or of the one that more numbers fit.
    """
    if section.matrices is Matrices.TIMES:
        raise InvalidValue(f"{section.where}: headings", section.matrices.value, _NO_MACHINES)
    if section.matrices is Matrices.TIMES_AND_MACHINES:
        return _fitting(attempt(matrices, section))
    if _has_two_matrices_of_lines(section):
        both = attempt(matrices, section)
        if both.shop is not None:
            return both.shop
    if expected is Expected.FLEXIBLE:
        return _named_flexible(section)
    return _job_shop(section, named=expected is Expected.JOB_SHOP)


def _named_flexible(section: Section) -> Shop:
    choices = attempt(flexible, section)
    if choices.shop is not None:
        return choices.shop
    pairs = attempt(standard, section)
    if pairs.shop is not None:
        return pairs.shop.noted("read as a job shop, although the file is named as a flexible one")
    return _refused(section, choices)


def _job_shop(section: Section, named: bool) -> Shop:
    pairs, choices = attempt(standard, section), attempt(flexible, section)
    if pairs.shop is not None:
        # Where each line is a job and their lengths differ, the sum of the lengths fits by chance.
        own = attempt(routes, section)
        if own.shop is not None:
            return own.shop
        if choices.shop is None or named:
            return pairs.shop
        return pairs.shop.noted(
            "read as a job shop; the numbers also fit a flexible one, which needs a name that ends in .fjs"
        )
    if choices.shop is not None:
        return choices.shop.noted("read as a flexible job shop" + ", although the file is named as a job shop" * named)
    both = attempt(matrices, section)
    if both.shop is not None:
        return both.shop
    if named or not _has_lines_of_flexible_jobs(section):
        own = attempt(routes, section)
        if own.shop is not None:
            return own.shop
    likely = pairs if named or _has_a_pair_per_machine(section) or pairs.reached >= choices.reached else choices
    return _refused(section, likely)


def _has_lines_of_flexible_jobs(section: Section) -> bool:
    """Whether most lines, each read alone, are a job of a flexible job shop: then it is one, with a mistake elsewhere."""
    if not section.items:
        return False
    (jobs, *sizes), *lines = section.lines()
    header = [replace(jobs, text="1"), *sizes]
    fitting = sum(attempt(flexible, replace(section, items=[*header, *line])).shop is not None for line in lines)
    return 2 * fitting > len(lines)


def _has_a_pair_per_machine(section: Section) -> bool:
    """Whether there are as many numbers as a job shop in pairs has."""
    sizes = replace(section, items=section.items[:2]).numbers()
    return sum(map(len, sizes)) == 2 and len(section.items) == 2 + 2 * prod(number for line in sizes for number in line)


def _refused(section: Section, tried: Attempt) -> Shop:
    _refuse_other_problems(section)
    raise tried.refused()


def _fitting(tried: Attempt) -> Shop:
    if tried.shop is None:
        raise tried.refused()
    return tried.shop


def _has_two_matrices_of_lines(section: Section) -> bool:
    """Whether the lines are a header and twice a line per job with a number per machine: pairs have other lines."""
    if not _has_a_pair_per_machine(section):
        return False
    (jobs, *machines), *lines = section.numbers() or [[0]]
    return len(lines) == 2 * jobs and all([len(line)] == machines for line in lines)


_NO_MACHINES = (
    "says no machine for an operation, as in an open shop or a flow shop. Only job shops are read: with a second matrix of "
    "machines, or as pairs of machine and time"
)


def _refuse_other_problems(section: Section) -> None:
    """Raises InvalidValue if the numbers are those of another scheduling problem."""
    lines = section.numbers()
    if not lines:
        return
    header, *body = lines
    if len(header) == 2 and len(body) == header[0] and all(len(line) == header[1] for line in body):
        raise InvalidValue(
            f"{section.where}: header", tuple(header), f"is followed by one matrix of times, which {_NO_MACHINES}"
        )
    if len(header) == 3 and _is_a_precedence_graph(body, operations=header[0], arcs=header[1]):
        raise InvalidValue(
            f"{section.where}: header",
            tuple(header),
            f"announces {header[0]} operations and {header[1]} precedences between them (fajsp, an assembly shop). Only "
            "jobs whose operations follow one another are read: take the instance's flexible job shop if it has one",
        )


def _is_a_precedence_graph(lines: list[list[int]], operations: int, arcs: int) -> bool:
    precedences, alternatives = lines[:arcs], lines[arcs:]
    return (
        len(alternatives) == operations
        and all(len(line) in (2, 3) for line in precedences)
        and all(len(line) == 1 + 2 * line[0] for line in alternatives)
    )
