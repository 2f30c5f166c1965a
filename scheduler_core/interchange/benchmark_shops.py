"""Four layouts of one benchmark instance, each read as a whole or refused at the first number that does not fit.

Every layout begins with ``jobs machines``. Then come

* flexible job shop: an optional mean number of eligible machines, then for each job its number of operations and for each
  operation the number of eligible machines and that many pairs ``machine time``;
* job shop (the "standard" format): for each job one pair ``machine time`` per machine, in processing order;
* job shop in two matrices: for each job its times, then for each job its machines, in processing order;
* job shop with routes of its own: one line of pairs ``machine time`` for each job, of any length, which may return to a
  machine. Each line may end with ``-1 -1``.

Machines are numbered from 0 or from 1: all numbers of the instance decide which. Times may be 0 here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.benchmark_text import NumberStream, Section, Token
from scheduler_core.limits import MAX_JOBS, MAX_OPERATIONS
from scheduler_core.plant import MAX_DURATION

Alternatives = list[tuple[int, int]]
"""Pairs (machine, minutes) of one operation, by machine."""
Route = list[Alternatives]
"""The operations of one job."""


@dataclass(frozen=True)
class Shop:
    """An instance as its file has it. ``notes`` say what was decided by the numbers, or differs from the usual form."""

    machines: range
    jobs: list[Route]
    notes: tuple[str, ...] = ()

    def noted(self, note: str) -> Shop:
        """The same shop with one note more, before the others."""
        return replace(self, notes=(note, *self.notes))


Layout = Callable[[NumberStream], Shop]
"""Reads a whole section. Raises InvalidValue; the stream then stands behind the number that does not fit."""


@dataclass(frozen=True)
class Attempt:
    """What a layout made of a section: a shop, or an error and how many numbers were read up to it."""

    shop: Shop | None
    error: InvalidValue | None
    reached: int

    def refused(self) -> InvalidValue:
        """The error of an attempt without a shop."""
        assert self.error is not None
        return self.error


def attempt(layout: Layout, section: Section, start: int = 0) -> Attempt:
    """A layout tried on the numbers of a section from ``start`` on."""
    stream = NumberStream(section, start)
    try:
        return Attempt(layout(stream), None, stream.next)
    except InvalidValue as error:
        return Attempt(None, error, stream.next)


@dataclass(frozen=True)
class _Header:
    jobs: int
    machines: int

    def refuse_size(self, where: str) -> None:
        if self.jobs * self.machines > MAX_OPERATIONS:
            sizes = (self.jobs, self.machines)
            raise InvalidValue(f"{where}: header", sizes, f"announces more than {MAX_OPERATIONS} operations")


def _header(stream: NumberStream) -> _Header:
    jobs = stream.integer("the number of jobs", 1, MAX_JOBS)
    return _Header(jobs, stream.integer("the number of machines", 1, MAX_OPERATIONS))


def _numbering(named: list[Token], header: _Header) -> range:
    """Machine numbers from 0, unless 0 is none of those named and the number of machines is one."""
    texts = {token.text for token in named}
    from_1 = "0" not in texts and str(header.machines) in texts
    return range(1, header.machines + 1) if from_1 else range(header.machines)


def _from_1(machines: range) -> tuple[str, ...]:
    return ("machines are numbered from 1",) if machines.start == 1 else ()


# ---------------------------------------------------------------------- flexible job shop
def flexible(stream: NumberStream) -> Shop:
    """A flexible job shop: machines from 1 or, where that does not fit, from 0."""
    header = _header(stream)
    section = stream.section
    # The third header value is optional, so where the numbers could be read both ways the header's own line decides.
    on_header_line = sum(1 for token in section.items[:4] if token.line == section.items[1].line)
    failed: list[Attempt] = []
    for start in (2, 3) if on_header_line == 2 else (3, 2):
        for layout in (_FlexibleJobs(header, range(1, header.machines + 1)), _FlexibleJobs(header, range(header.machines))):
            tried = attempt(layout, section, start)
            if tried.shop is not None:
                return tried.shop
            failed.append(tried)
    furthest = max(failed[:2], key=lambda tried: tried.reached)
    stream.next = furthest.reached
    raise furthest.refused()


@dataclass(frozen=True)
class _FlexibleJobs:
    """The jobs behind the header, with these machine numbers."""

    header: _Header
    machines: range

    def __call__(self, stream: NumberStream) -> Shop:
        jobs: list[Route] = []
        left = MAX_OPERATIONS
        for j in range(1, self.header.jobs + 1):
            count = stream.integer(f"the number of operations of job {j}", 1, left)
            left -= count
            jobs.append([self._alternatives(stream, f"job {j} operation {o}") for o in range(1, count + 1)])
        if self._are_setups(stream.left, MAX_OPERATIONS - left):
            stream.finish(
                f"is the first of {stream.left} numbers after the last job, as many as a matrix of setup times (fjs-sdst). "
                "Setups between single operations are not supported: delete these lines to plan without setups, or write a "
                "snapshot whose setup_matrix gives them between product families"
            )
        stream.finish()
        return Shop(self.machines, jobs, ("machines are numbered from 0",) if self.machines.start == 0 else ())

    def _alternatives(self, stream: NumberStream, place: str) -> Alternatives:
        found: dict[int, int] = {}
        for _ in range(stream.integer(f"the number of eligible machines of {place}", 1, self.header.machines)):
            machine = stream.integer(f"a machine of {place}", self.machines[0], self.machines[-1])
            if machine in found:
                stream.refuse(f"is a machine that {place} names twice")
            found[machine] = stream.integer(f"the time of {place} on machine {machine}", 0, MAX_DURATION)
        return sorted(found.items())

    def _are_setups(self, numbers: int, operations: int) -> bool:
        """Whether so many numbers are a square matrix over operations or jobs, once or for each machine."""
        sizes = {operations, self.header.jobs} - {1}
        return numbers in {size**2 * times for size in sizes for times in (1, self.header.machines)}


# ---------------------------------------------------------------------- job shop
def standard(stream: NumberStream) -> Shop:
    """A job shop in which every job visits every machine exactly once, in pairs of machine and time."""
    header = _header(stream)
    header.refuse_size(stream.section.where)
    machines = _numbering(stream.section.items[2::2], header)
    jobs: list[Route] = []
    for j in range(1, header.jobs + 1):
        visited: set[int] = set()
        route: Route = []
        for o in range(1, header.machines + 1):
            machine = stream.integer(f"the machine of job {j} operation {o}", machines[0], machines[-1])
            if machine in visited:
                stream.refuse(_twice(j))
            visited.add(machine)
            route.append([(machine, stream.integer(f"the time of job {j} operation {o}", 0, MAX_DURATION))])
        jobs.append(route)
    stream.finish()
    return Shop(machines, jobs, (*_flow(jobs), *_from_1(machines)))


def _flow(jobs: list[Route]) -> tuple[str, ...]:
    orders = {tuple(machine for ((machine, _),) in route) for route in jobs}
    if len(orders) > 1 or len(jobs) == 1 or len(jobs[0]) == 1:
        return ()
    return ("a flow shop, read as a job shop: every job visits the machines in the same order, and may overtake another",)


def _twice(job: int) -> str:
    return f"is a machine that job {job} visits twice; here it visits each exactly once"


def matrices(stream: NumberStream) -> Shop:
    """A job shop as a matrix of times and a matrix of machines."""
    header = _header(stream)
    header.refuse_size(stream.section.where)
    machines = _numbering(stream.section.items[2 + header.jobs * header.machines :], header)
    orders = range(1, header.machines + 1)
    times = [
        [stream.integer(f"the time of job {j} operation {o}", 0, MAX_DURATION) for o in orders]
        for j in range(1, header.jobs + 1)
    ]
    jobs: list[Route] = []
    for j, minutes in enumerate(times, start=1):
        visited: dict[int, int] = {}
        for o, time in zip(orders, minutes, strict=True):
            machine = stream.integer(f"the machine of job {j} operation {o}", machines[0], machines[-1])
            if machine in visited:
                stream.refuse(_twice(j))
            visited[machine] = time
        jobs.append([[pair] for pair in visited.items()])
    stream.finish()
    return Shop(machines, jobs, ("read as a matrix of times and a matrix of machines", *_from_1(machines)))


def routes(stream: NumberStream) -> Shop:
    """A job shop in which each line is a job with a route of its own."""
    header = _header(stream)
    where = stream.section.where
    first, *lines = map(_without_end_mark, stream.section.lines())
    # Lines that all have a pair per machine are the standard format, with a mistake.
    if len(first) != 2 or len(lines) != header.jobs or all(len(line) == 2 * header.machines for line in lines):
        raise InvalidValue(f"{where}: lines", len(lines), f"are not {header.jobs} jobs with routes of their own")
    if sum(map(len, lines)) > 2 * MAX_OPERATIONS:
        raise InvalidValue(f"{where}: header", header.jobs, f"jobs have more than {MAX_OPERATIONS} operations")
    machines = _numbering([token for line in lines for token in line[::2]], header)
    jobs = [_route(replace(stream.section, items=line), j, machines) for j, line in enumerate(lines, start=1)]
    returning = sum(1 for route in jobs if len({machine for ((machine, _),) in route}) < len(route))
    note = f"read as a job shop with routes of its own, one a line: {returning} of {len(jobs)} jobs return to a machine"
    return Shop(machines, jobs, (note, *_from_1(machines)))


def _without_end_mark(line: list[Token]) -> list[Token]:
    return line[:-2] if [token.text for token in line[-2:]] == ["-1", "-1"] else line


def _route(line: Section, job: int, machines: range) -> Route:
    stream = NumberStream(line)
    route: Route = []
    while stream.left > 0:
        place = f"job {job} operation {len(route) + 1}"
        machine = stream.integer(f"the machine of {place}", machines[0], machines[-1])
        route.append([(machine, stream.integer(f"the time of {place}", 0, MAX_DURATION))])
    return route
