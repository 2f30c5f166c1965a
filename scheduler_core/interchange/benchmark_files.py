"""Classic makespan benchmarks (``.fjs``, ``.jsp``, ``.txt``) read as plants.

One benchmark time unit becomes one minute. Machines work around the clock, nothing needs a setup and no job has a due
date. Machines keep the numbers that their file gives them: from 1 in ``.fjs``, from 0 in ``.jsp`` and ``.txt``.

* ``.fjs`` (flexible job shop): ``jobs machines [mean eligible machines]``, then for each job its number of operations and
  for each operation the number of eligible machines and that many pairs ``machine time``.
* ``.jsp``, ``.txt`` (job shop, "standard" format): ``jobs machines``, then for each job one pair ``machine time`` per
  machine, in processing order.

Both are one stream of numbers; line breaks are only for the eye, and lines that begin with ``#`` are comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_BENCHMARK_BYTES, MAX_JOBS, MAX_OPERATIONS
from scheduler_core.plant import (
    MAX_DURATION,
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

_Alternatives = list[tuple[int, int]]  # (machine, minutes) pairs of one operation


def is_benchmark(path: Path) -> bool:
    """Whether the file's name says that it is a benchmark."""
    return path.suffix.lower() in BENCHMARK_SUFFIXES


def read_benchmark(path: Path) -> Plant:
    """The plant of a benchmark file, named after the file. Raises InvalidValue, or OSError if it cannot be read."""
    if not is_benchmark(path):
        raise InvalidValue(str(path), path.suffix, f"is not one of {', '.join(BENCHMARK_SUFFIXES)}")
    size = path.stat().st_size
    if size > MAX_BENCHMARK_BYTES:
        raise InvalidValue(str(path), size, f"bytes are more than the limit of {MAX_BENCHMARK_BYTES}")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(f"{path}: byte {error.start}", raw[error.start], "is not UTF-8 text") from None
    read = fjs_from_text if path.suffix.lower() == ".fjs" else jsp_from_text
    return read(text, name=path.stem, where=str(path))


def fjs_from_text(text: str, name: str, where: str = "") -> Plant:
    """A flexible job shop. ``where`` begins the message of InvalidValue, which names line, position, value and reason."""
    tokens = _tokenize(text, where or name)
    jobs_count, machines_count, rest = _header(tokens)
    # The third header value is optional, so where the stream could be read both ways the header's own line decides.
    header_line = tokens.items[1].line
    on_header_line = sum(1 for t in tokens.items if t.line == header_line)
    starts = (rest + 1, rest) if on_header_line != 2 else (rest, rest + 1)
    first_error: InvalidValue | None = None
    for start in starts:
        try:
            jobs = _fjs_jobs(_Stream(tokens, start), jobs_count, machines_count)
        except InvalidValue as error:
            first_error = first_error or error
        else:
            return _plant(name, range(1, machines_count + 1), jobs)
    assert first_error is not None
    raise first_error


def jsp_from_text(text: str, name: str, where: str = "") -> Plant:
    """A classic job shop in the standard format. ``where`` begins the message of InvalidValue."""
    tokens = _tokenize(text, where or name)
    jobs_count, machines_count, rest = _header(tokens)
    if jobs_count * machines_count > MAX_OPERATIONS:
        header = (jobs_count, machines_count)
        raise InvalidValue(f"{tokens.where}: header", header, f"announces more than {MAX_OPERATIONS} operations")
    stream = _Stream(tokens, rest)
    jobs: list[list[_Alternatives]] = []
    for j in range(1, jobs_count + 1):
        visited: set[int] = set()
        operations: list[_Alternatives] = []
        for o in range(1, machines_count + 1):
            place = f"job {j} operation {o}"
            machine = stream.integer(f"the machine of {place}", 0, machines_count - 1)
            if machine in visited:
                raise stream.last_error(f"is a machine that job {j} visits twice; here it visits each exactly once")
            visited.add(machine)
            operations.append([(machine, stream.integer(f"the time of {place}", 1, MAX_DURATION))])
        jobs.append(operations)
    stream.finish()
    return _plant(name, range(machines_count), jobs)


# ---------------------------------------------------------------------- reading numbers
@dataclass(frozen=True)
class _Token:
    text: str
    line: int  # from 1
    position: int  # from 1, within its line


@dataclass(frozen=True)
class _Tokens:
    where: str
    items: list[_Token]


def _tokenize(text: str, where: str) -> _Tokens:
    items = [
        _Token(word, number, position)
        for number, line in enumerate(text.splitlines(), start=1)
        if not line.lstrip().startswith("#")
        for position, word in enumerate(line.split(), start=1)
    ]
    return _Tokens(where, items)


class _Stream:
    """Takes one whole number after the other and knows where each stood."""

    def __init__(self, tokens: _Tokens, start: int = 0) -> None:
        self._tokens = tokens
        self.next = start

    def integer(self, meaning: str, low: int, high: int) -> int:
        """The next number. Raises InvalidValue if there is none, or it is not a whole number from low to high."""
        items = self._tokens.items
        if self.next >= len(items):
            raise InvalidValue(f"{self._tokens.where}: end of file", "", f"where {meaning} is expected")
        token = items[self.next]
        self.next += 1
        # Stricter than int(), which also takes "1_000" and digits of other scripts.
        digits = token.text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
            raise self.last_error(f"is not a whole number ({meaning} is expected)")
        value = int(token.text)
        if not low <= value <= high:
            raise self.last_error(f"is not between {low} and {high} ({meaning})")
        return value

    def last_error(self, reason: str) -> InvalidValue:
        """An error about the number taken last."""
        token = self._tokens.items[self.next - 1]
        return InvalidValue(f"{self._tokens.where}: line {token.line}, position {token.position}", token.text, reason)

    def finish(self) -> None:
        """Raises InvalidValue unless every number was taken."""
        if self.next < len(self._tokens.items):
            self.next += 1
            raise self.last_error("follows after the last job that the header announces")


def _header(tokens: _Tokens) -> tuple[int, int, int]:
    """Number of jobs, number of machines, and where the stream goes on."""
    stream = _Stream(tokens)
    jobs = stream.integer("the number of jobs", 1, MAX_JOBS)
    machines = stream.integer("the number of machines", 1, MAX_OPERATIONS)
    return jobs, machines, stream.next


def _fjs_jobs(stream: _Stream, jobs_count: int, machines_count: int) -> list[list[_Alternatives]]:
    jobs: list[list[_Alternatives]] = []
    left = MAX_OPERATIONS
    for j in range(1, jobs_count + 1):
        count = stream.integer(f"the number of operations of job {j}", 1, left)
        left -= count
        jobs.append([_alternatives(stream, f"job {j} operation {o}", machines_count) for o in range(1, count + 1)])
    stream.finish()
    return jobs


def _alternatives(stream: _Stream, place: str, machines_count: int) -> _Alternatives:
    found: dict[int, int] = {}
    for _ in range(stream.integer(f"the number of eligible machines of {place}", 1, machines_count)):
        machine = stream.integer(f"a machine of {place}", 1, machines_count)
        if machine in found:
            raise stream.last_error(f"is a machine that {place} names twice")
        found[machine] = stream.integer(f"the time of {place} on machine {machine}", 1, MAX_DURATION)
    return sorted(found.items())


# ---------------------------------------------------------------------- building the plant
def _plant(name: str, machines: range, jobs: list[list[_Alternatives]]) -> Plant:
    always = Calendar("always", tuple(WorkWindow(day, 0, MINUTES_PER_DAY) for day in range(1, 8)))
    return Plant(
        name=name,
        timezone="UTC",
        plan_start=PLAN_START,
        calendars=(always,),
        machine_types=tuple(MachineType(m, f"M{m}") for m in machines),
        machines=tuple(Machine(m, f"M{m}", type=m, calendar=always.id) for m in machines),
        jobs=tuple(
            Job(f"J{j}", tuple(_operation(j, o, pairs) for o, pairs in enumerate(operations, start=1)), family="")
            for j, operations in enumerate(jobs, start=1)
        ),
    )


def _operation(job: int, number: int, pairs: _Alternatives) -> Operation:
    minutes = [time for _, time in pairs]
    return Operation(
        sequence=number,
        process=f"J{job}-{number}",
        minutes=min(minutes),
        machines=tuple(machine for machine, _ in pairs),
        # Where all machines take the same time, `minutes` says it all.
        minutes_by_machine=dict(pairs) if len(set(minutes)) > 1 else {},
    )
