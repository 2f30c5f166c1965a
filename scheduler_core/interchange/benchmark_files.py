"""Classic makespan benchmarks (``.fjs``, ``.jsp``, ``.txt``, no suffix) read as plants.

One benchmark time unit becomes one minute. Machines work around the clock, nothing needs a setup and no job has a due
date. Machines keep the numbers that their file gives them. Layouts: `benchmark_shops`; files of several instances:
`benchmark_text`. ``FILE#NAME`` is one instance of such a file.

The suffix says what is expected, ``.fjs`` a flexible job shop and ``.jsp`` a job shop; where the numbers say something else
they decide, and a note says so. An operation that takes 0 minutes on all its machines is left out, with a note: it holds no
machine, and the job's next operation need not wait for it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.benchmark_layouts import Expected, shop_of
from scheduler_core.interchange.benchmark_shops import Alternatives, Route, Shop
from scheduler_core.interchange.benchmark_text import Section, decoded, sections
from scheduler_core.limits import MAX_BENCHMARK_BYTES
from scheduler_core.plant import (
    MINUTES_PER_DAY,
    Calendar,
    Job,
    Machine,
    MachineType,
    Operation,
    Plant,
    WorkWindow,
)

BENCHMARK_SUFFIXES = (".fjs", ".jsp", ".txt")
PLAN_START = datetime(2024, 1, 1)
"""A Monday; benchmarks know no dates."""
_EXPECTED = {".fjs": Expected.FLEXIBLE, ".jsp": Expected.JOB_SHOP}
_NAMES_SHOWN = 12
_OPERATIONS_SHOWN = 5


@dataclass(frozen=True)
class Benchmark:
    """An instance as a plant. ``notes`` say what the file's numbers decided and what was left out, for the user."""

    plant: Plant
    notes: tuple[str, ...]


def is_benchmark(path: Path) -> bool:
    """Whether the file's name says that it is a benchmark."""
    return file_of(path).suffix.lower() in BENCHMARK_SUFFIXES


def file_of(path: Path) -> Path:
    """The file of ``FILE#NAME``, and any other path as it is."""
    return _parts(path)[0]


def read_benchmark(path: Path) -> Plant:
    """The plant of a benchmark file, named after the file or the instance. Raises as `read_benchmark_with_notes`."""
    return read_benchmark_with_notes(path).plant


def read_benchmark_with_notes(path: Path) -> Benchmark:
    """The only instance of a benchmark file, or with ``FILE#NAME`` the one of that name.

    Raises InvalidValue for what is wrong, which includes a file of several instances without a name, or OSError if the file
    cannot be read.
    """
    file, wanted = _parts(path)
    found = _sections(file)
    return _benchmark(file, _only(found, str(file)) if wanted is None else _named(file, found, wanted))


def read_instances(path: Path) -> list[Benchmark]:
    """All instances of a benchmark file, in its order. Raises InvalidValue for the first one that is wrong, or OSError."""
    return [_benchmark(path, section) for section in _sections(path)]


def fjs_from_text(text: str, name: str, where: str = "") -> Plant:
    """A flexible job shop. ``where`` begins the message of InvalidValue, which names line, position, value and reason."""
    section = _only(sections(text, where or name), where or name)
    return _plant(name, shop_of(section, Expected.FLEXIBLE), section.where).plant


def jsp_from_text(text: str, name: str, where: str = "") -> Plant:
    """A classic job shop. ``where`` begins the message of InvalidValue."""
    section = _only(sections(text, where or name), where or name)
    return _plant(name, shop_of(section, Expected.JOB_SHOP), section.where).plant


# ---------------------------------------------------------------------- files and their instances
def _parts(path: Path) -> tuple[Path, str | None]:
    """The file, and the instance after its last ``#``. A file whose own name has a ``#`` is that file."""
    file, mark, name = path.name.rpartition("#")
    if not (mark and file and name) or path.exists():
        return path, None
    return path.with_name(file), name


def _sections(path: Path) -> list[Section]:
    if path.suffix and path.suffix.lower() not in BENCHMARK_SUFFIXES:
        raise InvalidValue(
            str(path),
            path.suffix,
            f"is no suffix of a benchmark ({', '.join(BENCHMARK_SUFFIXES)} or none): rename the file if it is one",
        )
    return sections(decoded(bounded_bytes(path, MAX_BENCHMARK_BYTES), str(path)), str(path))


def _only(found: list[Section], file: str) -> Section:
    if len(found) > 1:
        names = [section.name for section in found]
        raise InvalidValue(
            file, len(names), f"instances are in this file ({_shown(names)}): say which, as in {file}#{names[0]}"
        )
    return found[0]


def _named(file: Path, found: list[Section], wanted: str) -> Section:
    by_name = {section.name.lower(): section for section in found if section.name}
    if wanted.lower() in by_name:
        return by_name[wanted.lower()]
    if not by_name:
        raise InvalidValue(str(file), wanted, "names no instance: this file holds a single one, without a name")
    close = difflib.get_close_matches(wanted.lower(), by_name, n=_NAMES_SHOWN) or list(by_name)
    raise InvalidValue(str(file), wanted, f"is not an instance of this file ({_shown(close)})")


def _shown(names: list[str]) -> str:
    if len(names) <= _NAMES_SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[: _NAMES_SHOWN - 1])} … {names[-1]}"


def _benchmark(file: Path, section: Section) -> Benchmark:
    several = section.where != str(file)
    name = file.stem if not several else f"{file.stem}-{section.name}" if section.name.isdigit() else section.name
    return _plant(name, shop_of(section, _EXPECTED.get(file.suffix.lower(), Expected.EITHER)), section.where)


# ---------------------------------------------------------------------- building the plant
def _plant(name: str, shop: Shop, where: str) -> Benchmark:
    routes = {
        j: [
            (o, pairs)
            for o, pairs in enumerate(route, start=1)
            if not _takes_no_time(pairs, f"{where}: job {j} operation {o}")
        ]
        for j, route in enumerate(shop.jobs, start=1)
    }
    jobs = {j: route for j, route in routes.items() if route}
    if not jobs:
        raise InvalidValue(where, 0, "is the time of every operation: there is nothing to plan")
    always = Calendar("always", tuple(WorkWindow(day, 0, MINUTES_PER_DAY) for day in range(1, 8)))
    plant = Plant(
        name=name,
        timezone="UTC",
        plan_start=PLAN_START,
        calendars=(always,),
        machine_types=tuple(MachineType(m, f"M{m}") for m in shop.machines),
        machines=tuple(Machine(m, f"M{m}", type=m, calendar=always.id) for m in shop.machines),
        jobs=tuple(
            Job(f"J{j}", tuple(_operation(j, o, pairs) for o, pairs in route), family="") for j, route in jobs.items()
        ),
    )
    return Benchmark(plant, (*shop.notes, *_left_out(shop.jobs)))


def _takes_no_time(pairs: Alternatives, where: str) -> bool:
    """Whether the operation takes 0 minutes on each of its machines. Raises InvalidValue if only on some of them."""
    none = [machine for machine, minutes in pairs if minutes == 0]
    if none and len(none) < len(pairs):
        raise InvalidValue(
            where, 0, f"is its time on machine {none[0]} and not on all its machines: give each a time above 0, or 0 to all"
        )
    return bool(none)


def _left_out(jobs: list[Route]) -> tuple[str, ...]:
    """The note about operations of no time, if there are any."""
    names = [
        f"job {j} operation {o}"
        for j, route in enumerate(jobs, start=1)
        for o, pairs in enumerate(route, start=1)
        if all(minutes == 0 for _, minutes in pairs)
    ]
    if not names:
        return ()
    shown = ", ".join(names[:_OPERATIONS_SHOWN]) + (
        f" and {len(names) - _OPERATIONS_SHOWN} more" * (len(names) > _OPERATIONS_SHOWN)
    )
    return (f"operations that take 0 minutes are left out: {shown}",)


def _operation(job: int, number: int, pairs: Alternatives) -> Operation:
    minutes = [time for _, time in pairs]
    return Operation(
        sequence=number,
        process=f"J{job}-{number}",
        minutes=min(minutes),
        machines=tuple(machine for machine, _ in pairs),
        # Where all machines take the same time, `minutes` says it all.
        minutes_by_machine=dict(pairs) if len(set(minutes)) > 1 else {},
    )
