"""Public collections of classic benchmark files: is every job shop read, and everything else refused with its reason?

    python benchmarks/classic_files.py FOLDER [--list CSV] [--write]

``classic_collections.csv`` lists the collections: repository, commit, the files in it (a pattern) and what was counted in
them. The files are not part of this project: FOLDER holds a checkout of each repository as OWNER/NAME. A file is read by
`read_instances`, and its instances, jobs and operations are counted. Numbers are compared across collections, too: the same
instance, published in two layouts, must give the same operations.

The exit status is 1 if a count differs from the list, or if a file ended in anything but plants or InvalidValue. ``--write``
writes a new list with the counts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from report import heading, markdown_table

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.benchmark_files import read_instances
from scheduler_core.plant import Plant

LIST = Path(__file__).with_name("classic_collections.csv")
COLUMNS = ("collection", "repository", "commit", "pattern", "files", "instances", "jobs", "operations", "refused")
NUMBER = re.compile(r"\d[\d ]*\d|\d")


@dataclass(frozen=True)
class Source:
    """One line of the list: where a collection comes from and what was counted in it before."""

    collection: str
    repository: str
    commit: str
    pattern: str
    counts: tuple[str, ...]

    def row(self, counts: tuple[str, ...]) -> tuple[str, ...]:
        """The line of the list with these counts."""
        return (self.collection, self.repository, self.commit, self.pattern, *counts)


@dataclass
class Counted:
    """What the files of a collection hold. ``refused`` and ``notes`` count first clauses of messages; an N stands for a
    number in a refusal."""

    files: int = 0
    jobs: int = 0
    operations: int = 0
    instances: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    crashed: list[str] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Reads a file and counts what it holds, or why it is refused."""
        self.files += 1
        try:
            found = read_instances(path)
        except InvalidValue as refusal:
            self.refused[NUMBER.sub("N", _first_clause(refusal.reason))] += 1
            return
        except Exception as error:
            self.crashed.append(f"{path.name}: {type(error).__name__}: {error}")
            return
        for one in found:
            self.instances.append(fingerprint(one.plant))
            self.jobs += len(one.plant.jobs)
            self.operations += one.plant.operation_count
            self.notes.update({_first_clause(note) for note in one.notes})

    def counts(self) -> tuple[str, ...]:
        """The counts as the list has them."""
        refused = sum(self.refused.values())
        return tuple(map(str, (self.files, len(self.instances), self.jobs, self.operations, refused)))


def fingerprint(plant: Plant) -> str:
    """A hash of all operations in order: their machines, counted from the plant's first one, and minutes."""
    first = plant.machines[0].id
    jobs = [
        [sorted((m - first, operation.processing_minutes((m,))) for m in operation.machines) for operation in job.operations]
        for job in plant.jobs
    ]
    return hashlib.sha256(repr(jobs).encode()).hexdigest()


def _first_clause(message: str) -> str:
    return re.split(r"[.;:] ", message)[0]


def read_list(path: Path) -> list[Source]:
    """The list of collections."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Source(*(row[name] for name in COLUMNS[:4]), counts=tuple(row[name] for name in COLUMNS[4:]))
            for row in csv.DictReader(file)
        ]


def _write_list(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


def _counted(folder: Path, source: Source) -> Counted:
    counted = Counted()
    for path in sorted((folder / source.repository).glob(source.pattern)):
        counted.add(path)
    print(f"{source.collection}: {' '.join(counted.counts())}", file=sys.stderr, flush=True)
    return counted


def _elsewhere(sources: Sequence[Source], found: Sequence[Counted]) -> dict[str, set[str]]:
    """The repositories in which each instance was found, by its fingerprint."""
    places: dict[str, set[str]] = {}
    for source, counted in zip(sources, found, strict=True):
        for instance in counted.instances:
            places.setdefault(instance, set()).add(source.repository)
    return places


def main() -> int:
    """Prints what was counted in each collection, the reasons for refusals, and what readings said."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--list", metavar="CSV", type=Path, default=LIST, help="the collections (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write the list with what was counted")
    args = parser.parse_args()
    sources = read_list(args.list)
    print(
        heading("Public collections of classic benchmark files", [args.folder.name, *["--write"] * args.write]), flush=True
    )
    found = [_counted(args.folder, source) for source in sources]
    if args.write:
        _write_list(args.list, [source.row(counted.counts()) for source, counted in zip(sources, found, strict=True)])
    _print_collections(sources, found)
    _print_messages("Refused: reason", [counted.refused for counted in found])
    _print_messages("Told with a reading", [counted.notes for counted in found])
    crashed = [line for counted in found for line in counted.crashed]
    differ = [s.collection for s, c in zip(sources, found, strict=True) if s.counts != c.counts() and not args.write]
    print("\n".join([*crashed, *(f"{name}: other counts than in {args.list.name}" for name in differ)]))
    return 1 if crashed or differ else 0


def _print_collections(sources: Sequence[Source], found: Sequence[Counted]) -> None:
    places = _elsewhere(sources, found)
    rows = [
        [
            source.collection, f"{source.repository} {source.commit[:7]}, `{source.pattern}`",
            *(f"{int(n):,}" for n in counted.counts()),
            str(sum(1 for instance in counted.instances if len(places[instance]) > 1)),
        ]
        for source, counted in zip(sources, found, strict=True)
    ]  # fmt: skip
    sums = [sum(int(n) for n in column) for column in zip(*(counted.counts() for counted in found), strict=True)]
    files, instances, *_, refused = sums
    print(
        f"{files:,} files in {len(sources)} collections: {files - refused:,} read, {refused:,} refused with a reason, "
        f"{sum(len(counted.crashed) for counted in found)} otherwise. They hold {instances:,} instances, {len(places):,} "
        f"different ones; {sum(1 for repositories in places.values() if len(repositories) > 1):,} of these were found with "
        "the same operations in several repositories (last column).\n"
    )
    header = ["collection", "files", "files tried", "instances", "jobs", "operations", "refused", "also elsewhere"]
    print(markdown_table(header, rows))


def _print_messages(title: str, counters: Sequence[Counter[str]]) -> None:
    total: Counter[str] = sum(counters, Counter())
    print()
    print(
        markdown_table(
            [title, "files" if title.startswith("Refused") else "instances"], [[m, str(n)] for m, n in total.most_common()]
        )
    )


if __name__ == "__main__":
    sys.exit(main())
