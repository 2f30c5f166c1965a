"""Where a plant comes from: a snapshot file, a benchmark file, or the ERP."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.terminal import Terminal
from scheduler_core.interchange import MAX_FILE_BYTES, snapshot_from_json, snapshot_sha256
from scheduler_core.interchange.benchmark_files import BENCHMARK_SUFFIXES, file_of, read_benchmark_with_notes
from scheduler_core.interchange.file_kind import is_snapshot
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant

if TYPE_CHECKING:
    from scheduler_core.data.erp import Pull
    from scheduler_core.data.store.records import PullCounts, PullNote, QuarantinedRow, StoredFact

FILE_HELP = (
    f"a snapshot (JSON), or a benchmark ({', '.join(BENCHMARK_SUFFIXES)} or no suffix; FILE#NAME selects one of "
    "several instances)"
)
SHOWN_ROWS = 20


@dataclass(frozen=True)
class Input:
    """A plant, what to call its source, and the SHA-256 that a schedule made from it states.

    That is of a snapshot file's bytes, and of the canonical snapshot where there is no such file.
    """

    plant: Plant
    name: str
    sha256: str


def add_input(parser: argparse.ArgumentParser) -> None:
    """The arguments FILE and --erp, of which one must be given."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", metavar="FILE", nargs="?", type=Path, help=FILE_HELP)
    source.add_argument("--erp", action="store_true", help="use the ERP's current open jobs")


def read_input(args: argparse.Namespace, terminal: Terminal) -> Input:
    """The plant that the arguments ask for."""
    if not args.erp:
        return read_file(args.file, terminal)
    plant = pull_erp(terminal).plant
    return Input(plant, "ERP", snapshot_sha256(plant))


def read_file(path: Path, terminal: Terminal | None = None) -> Input:
    """The plant of a file; ``terminal`` gets what a benchmark's numbers decided, and what of it was left out.

    Raises InvalidValue for what is wrong in the file, Failed if it cannot be read.
    """
    with _reading(path):
        if not is_snapshot(file_of(path)):
            read = read_benchmark_with_notes(path)
            if terminal is not None:
                for note in read.notes:
                    terminal.say(f"{path}: {note}")
            return Input(read.plant, str(path), snapshot_sha256(read.plant))
    raw = read_bytes(path)
    # One reading for both: the file may be replaced between two.
    return Input(snapshot_from_json(raw, str(path)), str(path), hashlib.sha256(raw).hexdigest())


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """A file's bytes. Raises Failed if it cannot be read, InvalidValue above the limit."""
    with _reading(path):
        return bounded_bytes(path, limit)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failed(Exit.USAGE, f"cannot read {path}: {error.strerror}") from None


def pull_erp(terminal: Terminal) -> Pull:
    """The ERP's open jobs with what planners have recorded, machines down and facts; says what was read, and names the rows
    that are in quarantine."""
    from scheduler_core.data import demo, erp
    from scheduler_core.data.database import open_erp
    from scheduler_core.services import erp_reading
    from scheduler_core.settings import locations

    url = locations.erp_url()
    if locations.uses_demo_erp() and demo.ensure_demo(url):
        terminal.say("wrote the demo ERP")
    database = open_erp(url)
    try:
        config = erp.load_config(locations.erp_config())
        facts = _facts(config.plant, terminal)
        pulled = erp_reading.read(database, config, facts)
        missing = erp.missing_indexes(database)
    except erp.NothingToPlan as nothing:
        _say_found(nothing.counts, nothing.quarantine, terminal)
        raise
    finally:
        database.close()
    if pulled.banner:
        terminal.say(pulled.banner)
    if missing:
        named = ", ".join(f"{index.table}({index.column})" for index in missing)
        terminal.say(f"the ERP has no index on {named}: reading gets slow as it grows (see docs/erp-indexes.sql)")
    _say_found(pulled.counts, pulled.quarantine, terminal)
    _say_notes(pulled.notes, terminal)
    return _with_facts(_with_downtimes(pulled, terminal), facts, terminal)


def _say_found(counts: PullCounts, quarantine: Sequence[QuarantinedRow], terminal: Terminal) -> None:
    """How many rows were read, and the first that are in quarantine."""
    terminal.say(
        f"{counts.jobs_accepted} of {counts.jobs_read} open jobs accepted, {counts.jobs_quarantined} in quarantine; "
        f"{counts.rows_accepted} of {counts.rows_read} rows accepted"
    )
    if counts.beyond_horizon:
        terminal.say(f"  {counts.beyond_horizon} more are due after the horizon (horizon_days) and left for a later pull")
    for row in quarantine[:SHOWN_ROWS]:
        terminal.say(f"  quarantine: {row.table} {row.row}: {row.field} {row.value!r} {row.reason}")
    if len(quarantine) > SHOWN_ROWS:
        terminal.say(f"  and {len(quarantine) - SHOWN_ROWS} rows more")
        for cell, times in Counter(f"{row.table} {row.field}" for row in quarantine).most_common():
            terminal.say(f"  in all: {cell}: {times}")


def _say_notes(notes: Sequence[PullNote], terminal: Terminal) -> None:
    """What was noted on rows that are used: each remark once, with its first row and how many more have it."""
    alike: dict[tuple[str, str], list[PullNote]] = {}
    for note in notes:
        # Numbers and names in a remark differ from row to row.
        alike.setdefault((note.table, re.sub(r"\d[\d.:-]*|\(.*\)", "#", note.message)), []).append(note)
    for (table, _), found in list(alike.items())[:SHOWN_ROWS]:
        first = found[0]
        job = "" if first.job is None else f" (job {first.job})"
        more = f", and {len(found) - 1} more like it" if len(found) > 1 else ""
        terminal.say(f"  note: {table} {first.row}{job}: {first.message}{more}")
    if len(alike) > SHOWN_ROWS:
        terminal.say(f"  and {len(alike) - SHOWN_ROWS} other notes (all of them: shopwright snapshot --json)")


def _with_downtimes(pulled: Pull, terminal: Terminal) -> Pull:
    from scheduler_core.data.database import DatabaseUnavailable
    from scheduler_core.data.store.downtime_repository import look
    from scheduler_core.services.down_machines import with_downtimes
    from scheduler_core.settings import locations

    try:
        recorded = look(locations.database_url(), pulled.plant.name)
    except DatabaseUnavailable as error:
        terminal.say(f"machines that planners have recorded as down are not known: {error}")
        return pulled
    found = with_downtimes(pulled.plant, recorded, pulled.plant.plan_start, pulled.out_of_service)
    for note in found.notes:
        terminal.say(note.message)
    return replace(pulled, plant=found.plant, notes=(*pulled.notes, *found.notes))


def _facts(plant: str, terminal: Terminal) -> tuple[StoredFact, ...]:
    from scheduler_core.data.database import DatabaseUnavailable
    from scheduler_core.data.store.fact_repository import look
    from scheduler_core.settings import locations

    try:
        return look(locations.database_url(), plant)
    except DatabaseUnavailable as error:
        terminal.say(f"facts that planners have recorded are not known: {error}")
        return ()


def _with_facts(pulled: Pull, facts: Sequence[StoredFact], terminal: Terminal) -> Pull:
    """The pull with the facts in it, each named on the terminal, and noted as it acts or does not."""
    if not facts:
        return pulled
    from scheduler_core.data.store.records import PullNote
    from scheduler_core.scenarios.change_wording import change_words
    from scheduler_core.services.facts import in_force, put_in

    found = put_in(pulled.plant, in_force(facts, pulled.plant, pulled.plant.plan_start))
    notes = []
    for one in found.outcomes:
        said = change_words(pulled.plant, one.fact.change)
        why = f" ({one.fact.reason})" if one.fact.reason else ""
        said += "" if said.endswith(why) else why
        message = f"fact: {said}" if one.idle is None else f"fact that does not act: {said}: {one.idle}"
        terminal.say(message)
        notes.append(PullNote("facts", one.fact.id, message))
    return replace(pulled, plant=found.plant, notes=(*pulled.notes, *notes))


def objective_of(args: argparse.Namespace, plant: Plant) -> Objective:
    """The objective asked for; without one tardiness, or the makespan where no job has a due date."""
    if args.objective is not None:
        return Objective.parse(args.objective)
    return Objective.TARDINESS if any(j.due is not None for j in plant.jobs) else Objective.MAKESPAN
