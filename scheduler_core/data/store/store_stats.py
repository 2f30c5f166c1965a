"""What the store's tables say of how the product fares: runs, plans, releases and what waits. Only looks, never upgrades."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from scheduler_core.data import migrations
from scheduler_core.data.database import Database, DatabaseUnavailable, lacks_right, open_store, said_by, unavailable
from scheduler_core.data.database_url import is_remote, parsed_url, sqlite_file
from scheduler_core.data.store import heartbeat, runs, serialization
from scheduler_core.data.store.records import ExporterSign, Run, RunState
from scheduler_core.data.store.tables import APPROVAL, AUDIT, OUTBOX, QUEUE_LOCK, RUN, SCHEDULE, SNAPSHOT
from scheduler_core.errors import InvalidValue
from scheduler_core.reports import FALLBACK, Fallback, report_of

BUCKETS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds of wall time, upper ends."""
ACTIVE = (RunState.QUEUED, RunState.RUNNING)


class NoTables(DatabaseUnavailable):
    """A store that nobody has used yet, or whose content is gone."""


class OldTables(DatabaseUnavailable):
    """A store whose tables are of an earlier version than this program's: what is in them is read after the upgrade."""

    def __init__(self, version: int, known: int) -> None:
        super().__init__(f"database: its tables are of version {version}, this program wants {known}")
        self.version, self.known = version, known


@dataclass(frozen=True)
class Durations:
    """Wall seconds of an engine's finished runs: ``counts`` up to each of BUCKETS (cumulative), how many, and their sum."""

    counts: tuple[int, ...]
    number: int
    seconds: float


@dataclass(frozen=True)
class StoreStats:
    """``version``: of the tables, ``known``: of this program. ``runs``: by (engine, state). ``last``: the newest run that
    has ended, ``last_fallback``: why its engine's plan was replaced, if it was; ``last_end``: when a run last ended.
    ``waiting``: releases whose arrival nobody has confirmed, ``waiting_since``: the oldest one's approval,
    ``undeliverable``: given up. ``plants``: the names of all whose jobs were ever pulled or opened here.
    ``write_refused``: why no row can be added, None if one can; ``only_reads``: that is for want of a right of this account.
    ``latest``: the time of the newest line of the audit trail. ``folder``: where the database keeps its files, None if that
    cannot be seen from here. ``exporter``: the newest sign of life of an exporter."""

    version: int
    known: int
    runs: Mapping[tuple[str, str], int]
    durations: Mapping[str, Durations]
    active: tuple[Run, ...]
    last: Run | None
    last_fallback: str | None
    last_end: datetime | None
    fallbacks: Mapping[str, int]
    rejected: int
    violations: int
    releases: int
    waiting: int
    waiting_since: datetime | None
    undeliverable: int
    plants: tuple[str, ...]
    write_refused: str | None = None
    only_reads: bool = False
    latest: datetime | None = None
    folder: Path | None = None
    exporter: ExporterSign | None = None


def file_folder(url: str) -> Path | None:
    """Where an SQLite file lies; None for a server, and for a URL that names no file."""
    file = _file(url)
    return None if file is None else file.absolute().parent


def is_there(url: str) -> bool:
    """False for the URL of an SQLite file that does not exist, which opening it would make."""
    parsed = _file(url)
    return parsed is None or parsed.is_file()


def look(url: str) -> StoreStats:
    """Reads them. Raises DatabaseUnavailable (NoTables also for a file that is not there: it is not made; OldTables) and
    InvalidValue."""
    if not is_there(url):
        raise NoTables(f"database: {_file(url)} does not exist")
    with closing(open_store(url)) as database:
        try:
            with database.reading() as connection:
                version = migrations.version(connection)
                if version == 0:
                    raise NoTables("database: it has no tables")
                if version < len(migrations.MIGRATIONS):
                    raise OldTables(version, len(migrations.MIGRATIONS))
                found = replace(_vitals(connection, version), folder=_folder(connection, url))
        except DBAPIError as failure:
            raise unavailable("database: its tables cannot be read", failure) from failure
        refused = _refused(database)
    if refused is None:
        return found
    return replace(found, write_refused=said_by(refused), only_reads=lacks_right(refused))


def _refused(database: Database) -> DBAPIError | None:
    """What the database answers to a row that is added and taken back at once; None where it takes it."""
    try:
        with database.engine.connect() as connection:
            transaction = connection.begin()
            try:
                connection.execute(sa.insert(QUEUE_LOCK).values(name=f"health-{uuid.uuid4().hex[:20]}"))
            finally:
                transaction.rollback()
    except DBAPIError as failure:
        return failure
    return None


def _folder(connection: Connection, url: str) -> Path | None:
    """Where the store's files lie: beside an SQLite file, or where a server on this machine says, if it can be seen."""
    if _file(url) is not None:
        return file_folder(url)
    if is_remote(parsed_url(url)):
        return None
    folder = Path(str(connection.exec_driver_sql("SELECT @@datadir").scalar_one()))
    try:
        return folder if folder.is_dir() else None
    except OSError:  # a folder that this account may not look into
        return None


def _vitals(connection: Connection, version: int) -> StoreStats:
    count = sa.func.count()
    by_state = connection.execute(sa.select(RUN.c.engine, RUN.c.state, count).group_by(RUN.c.engine, RUN.c.state)).all()
    last = next(iter(runs.newest(connection, None, [s for s in RunState if s.finished], 1)), None)
    fallbacks = _fallbacks(connection)
    waiting = connection.execute(
        sa.select(count, sa.func.min(APPROVAL.c.approved_us))
        .select_from(OUTBOX.join(APPROVAL, APPROVAL.c.approval_id == OUTBOX.c.approval_id))
        .where(OUTBOX.c.state.in_(("pending", "sent")))
    ).one()
    judged = connection.execute(
        sa.select(count, sa.func.coalesce(sa.func.sum(SCHEDULE.c.violations), 0)).where(SCHEDULE.c.violations > 0)
    ).one()
    dead = sa.select(count).select_from(OUTBOX).where(OUTBOX.c.state == "dead")
    engines = [engine for engine, _ in fallbacks.values()]
    return StoreStats(
        version=version,
        known=len(migrations.MIGRATIONS),
        runs={(str(engine), str(state)): int(number) for engine, state, number in by_state},
        durations=_durations(connection),
        active=runs.newest(connection, None, ACTIVE, 1000),
        last=last,
        last_fallback=fallbacks[last.id][1] if last is not None and last.id in fallbacks else None,
        last_end=serialization.maybe_from_us(connection.execute(sa.select(sa.func.max(RUN.c.finished_us))).scalar()),
        fallbacks={engine: engines.count(engine) for engine in sorted(set(engines))},
        rejected=int(judged[0]),
        violations=int(judged[1]),
        releases=int(connection.execute(sa.select(count).select_from(APPROVAL)).scalar_one()),
        waiting=int(waiting[0]),
        waiting_since=serialization.maybe_from_us(waiting[1]),
        undeliverable=int(connection.execute(dead).scalar_one()),
        plants=tuple(map(str, connection.execute(sa.select(SNAPSHOT.c.plant).distinct()).scalars())),
        latest=serialization.maybe_from_us(
            connection.execute(sa.select(AUDIT.c.at_us).order_by(AUDIT.c.audit_seq.desc()).limit(1)).scalar()
        ),
        exporter=heartbeat.last(connection),
    )


def _fallbacks(connection: Connection) -> dict[str, tuple[str, str]]:
    """The engine that failed and why, by the run's id."""
    told = sa.func.json_extract(SCHEDULE.c.detail, f"$.{FALLBACK}").is_not(None)
    found = {}
    for run_id, detail in connection.execute(sa.select(SCHEDULE.c.run_id, SCHEDULE.c.detail).where(told)):
        report = report_of(json.loads(detail))
        if isinstance(report, Fallback):
            found[str(run_id)] = (report.engine, report.reason)
    return found


def _durations(connection: Connection) -> dict[str, Durations]:
    # Nobody knows how long a run took in which the clock was set back.
    took = sa.case((RUN.c.finished_us > RUN.c.started_us, RUN.c.finished_us - RUN.c.started_us), else_=0)
    upto = [sa.func.sum(sa.case((took <= int(b * 1_000_000), 1), else_=0)) for b in BUCKETS]
    query = (
        sa.select(RUN.c.engine, sa.func.count(), sa.func.sum(took), *upto)
        .where(RUN.c.finished_us.is_not(None), RUN.c.started_us.is_not(None))
        .group_by(RUN.c.engine)
    )
    return {
        str(engine): Durations(tuple(int(c) for c in counts), int(number), float(total) / 1e6)
        for engine, number, total, *counts in connection.execute(query)
    }


def _file(url: str) -> Path | None:
    """The file of an SQLite URL; None for any other, and for text that ``open_store`` refuses in better words."""
    try:
        return sqlite_file(url)
    except InvalidValue:
        return None
