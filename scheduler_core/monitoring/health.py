"""Is everything working? One check per thing that can fail, each with what it found and what to do, in a planner's words.

Nothing is changed by looking: a row that is added to see whether the store can be written is taken back at once.
``docs/runbook.md`` has the long version of what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from scheduler_core import logs
from scheduler_core.data import erp
from scheduler_core.data.database import DatabaseFailure, MissingRight, RefusedAccount, open_erp
from scheduler_core.data.export.config import has_receiver
from scheduler_core.data.store import store_stats
from scheduler_core.data.store.records import DELIVERY_OVERDUE, MANUAL, STANDING, Run, RunState
from scheduler_core.data.store.store_stats import NoTables, OldTables, StoreStats
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.logs import line_counts
from scheduler_core.logs.redaction import masked_text
from scheduler_core.monitoring.disks import disks
from scheduler_core.policy import catalogue
from scheduler_core.settings import environment, locations
from scheduler_core.settings.release_policy import load_release_policy
from scheduler_core.settings.run_slots import load_run_slots

BEGUN_WITHIN = timedelta(seconds=60)
"""A supervisor of runs (a dashboard, or ``shopwright work``) fills a free slot within a second."""
PAST_DEADLINE = timedelta(seconds=30)
AHEAD = timedelta(seconds=60)
"""What was stored later than now by more than this was stored before the clock was set back."""
LOG_HOURS = 24
DAMAGED = "is damaged or was changed since it was kept, and is not used"


class Level(StrEnum):
    """How bad it is. A warning wants to be looked at; with a fault planning does not work, or not safely."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Check:
    """One thing looked at: ``said`` is what was found, ``do`` what to do about it ("" where it is fine)."""

    name: str
    level: Level
    said: str
    do: str = ""
    detail: dict[str, object] = field(default_factory=dict)


def healthy(checks: Sequence[Check]) -> bool:
    """True if nothing is a fault."""
    return all(check.level is not Level.FAULT for check in checks)


def checks(now: datetime | None = None) -> tuple[Check, ...]:
    """Looks at everything; ``now`` is aware. Takes as long as a database out of reach takes to be one (10 s)."""
    now = now or datetime.now(UTC)
    # Also of a store that cannot be opened, for want of room on its disk.
    folder = store_stats.file_folder(locations.database_url())
    try:
        found = store_stats.look(locations.database_url())
        folder = found.folder
    except NoTables as error:
        do = "New here? The dashboard's first start makes them. If there were plans before, bring back the backup."
        of_store = [Check("database", Level.FAULT, masked_text(str(error)), do)]
    except OldTables as old:
        of_store = [_old_tables(old, on_server=folder is None)]
    except MissingRight as error:
        do = "Give the account its rights: 'shopwright db accounts store_app' prints them."
        of_store = [Check("database", Level.FAULT, masked_text(str(error)), do)]
    except RefusedAccount as error:
        do = f"See the account and its password in {environment.DATABASE_URL}, and whether the account exists for this host."
        of_store = [Check("database", Level.FAULT, masked_text(str(error)), do)]
    except (ShopwrightError, DatabaseFailure) as error:
        do = (
            "Start the database again, or make room on its disk; nothing is lost: the last release stays in force, "
            "and runs can be asked for again."
        )
        of_store = [Check("database", Level.FAULT, masked_text(str(error)), do)]
    else:
        of_store = [_database(found), _last_run(found), _stuck(found, now), _workers(found, now), _outbox(found, now)]
        of_store += [_exporter(found, now), _two_names(found), _clock(found, now)]
    return (of_store[0], _erp(), _disk(folder), _models(), *of_store[1:], _log(now))


def _database(found: StoreStats) -> Check:
    detail: dict[str, object] = {"version": found.version, "known": found.known}
    if found.version > found.known:
        do = "Update the program: another one has already changed the tables."
        said = f"its tables are of version {found.version}, this program knows {found.known}"
        return Check("database", Level.FAULT, said, do, detail)
    if found.write_refused is not None and found.only_reads:
        do = "Run this command with the account of the dashboard to know whether it can be written."
        return Check(
            "database", Level.WARNING, f"reachable, version {found.version}, but this account only reads", do, detail
        )
    if found.write_refused is not None:
        do = "Nothing can be stored: see whether its disk is full, or its disk or server read-only. What is stored is safe."
        said = f"reachable, version {found.version}, but it cannot be written: {masked_text(found.write_refused)}"
        return Check("database", Level.FAULT, said, do, detail)
    return Check("database", Level.OK, f"reachable and writable, version {found.version}", detail=detail)


def _old_tables(old: OldTables, on_server: bool) -> Check:
    """On a server the account of the dashboard may not change the tables, so nothing works until somebody else does."""
    do = "Back it up, then start the dashboard: it brings the tables up to date."
    if on_server:
        do = (
            "Back it up, then run 'shopwright db upgrade --url URL' with the account store_migrator, and the SQL of "
            "'shopwright db accounts store_app' again (docs/databases.md). No page works before."
        )
    said = f"its tables are of version {old.version}, this program wants {old.known}"
    level = Level.FAULT if on_server else Level.WARNING
    return Check("database", level, said, do, {"version": old.version, "known": old.known})


def _clock(found: StoreStats, now: datetime) -> Check:
    if found.latest is not None and found.latest > now + AHEAD:
        do = "Set the server's clock right. Orders, turns and leases do not depend on it; times that pages show do."
        said = f"it was set back: what was stored last is of {found.latest:%Y-%m-%d %H:%M} UTC, which is still to come"
        return Check("clock", Level.WARNING, said, do, {"latest": found.latest.isoformat()})
    return Check("clock", Level.OK, "not behind what was stored last")


def _erp() -> Check:
    if locations.uses_demo_erp() and not (locations.var() / "demo_erp.sqlite3").is_file():
        return Check("ERP", Level.OK, "the demo's, made with the first pull")
    try:
        config = erp.load_config(locations.erp_config())
        with closing(open_erp(locations.erp_url())) as database:
            lacking = erp.unreadable(database, config)
    except RefusedAccount as error:
        do = f"Plans go on with the last pull. See the account and its password in {environment.ERP_URL}; then pull again."
        return Check("ERP", Level.FAULT, masked_text(str(error)), do)
    except (ShopwrightError, DatabaseFailure) as error:
        do = "Plans go on with the last pull. Ask who runs the ERP; then pull again on Jobs."
        return Check("ERP", Level.FAULT, masked_text(str(error)), do)
    if lacking:
        do = (
            "No pull and no look before a release is possible. See 'shopwright erp check'; docs/databases.md has the rights."
        )
        tables = {reason: [t for t, why in lacking.items() if why == reason] for reason in lacking.values()}
        said = "; ".join(f"{reason}: {', '.join(names)}" for reason, names in tables.items())
        return Check("ERP", Level.FAULT, masked_text(said), do, {"tables": list(lacking)})
    whose = "the demo's, each of its tables" if locations.uses_demo_erp() else "each of its tables"
    return Check("ERP", Level.OK, f"{whose} can be read")


def _disk(store: Path | None) -> Check:
    """``store``: where the database keeps its files, None if that cannot be seen from here."""
    folders = {
        "files": locations.var(),
        "log": logs.log_folder(locations.var() / "log"),
        "models": locations.models_folder(),
    }
    found = disks({"store": store, **folders} if store is not None else folders)
    detail: dict[str, object] = {"free_bytes": min(disk.free for disk in found)}
    detail |= {name: disk.free for disk in found for name in disk.holds}
    unseen = ["the disk of the database cannot be seen from here"] if store is None else []
    said = "; ".join([*(disk.said for disk in found), *unseen])
    level = Level.FAULT if any(d.short for d in found) else Level.WARNING if any(d.low for d in found) else Level.OK
    folder = ", ".join(str(disk.folder) for disk in found if disk.low)
    do = (
        ""
        if level is Level.OK
        else f"Make room on the disk of {folder}, or mount it writable: otherwise nothing can be stored."
    )
    return Check("disk", level, said, do, detail)


def _models() -> Check:
    try:
        listed = catalogue.listing()
    except (InvalidValue, OSError) as error:
        do = "Bring models/ back from where it was installed from; greedy plans without it."
        return Check("models", Level.FAULT, str(error), do)
    detail: dict[str, object] = {m.name: m.fault or m.sha256 for m in listed}
    active = next((m for m in listed if m.active), None)
    if active is None or active.fault:
        why = (
            "no active model among those of the manifest" if active is None else f"the active one, {active.name}, {DAMAGED}"
        )
        do = "Activate another on Models, or bring this one back; until then RL's runs end with greedy plans."
        return Check("models", Level.FAULT, why, do, detail)
    damaged = [m for m in listed if m.fault]
    if damaged:
        do = "Bring it back, or take it out of models/MANIFEST; the active one is whole."
        return Check("models", Level.WARNING, f"{damaged[0].name} {DAMAGED}", do, detail)
    said = f"{len(listed)} with the hashes of the manifest; {active.name} is active"
    return Check("models", Level.OK, said, detail=detail)


def _last_run(found: StoreStats) -> Check:
    last = found.last
    if last is None or last.finished_at is None:
        return Check("last run", Level.OK, "none has ended yet")
    detail: dict[str, object] = {"run": last.id, "engine": last.engine, "state": last.state.value}
    when = f"{last.engine}, {last.finished_at:%Y-%m-%d %H:%M} UTC"
    if last.state in (RunState.FAILED, RunState.TIMEOUT):
        do = "Run it again; if it fails again, look for its id in the log."
        return Check("last run", Level.WARNING, f"{when}: {last.fail_reason}", do, detail)
    if found.last_fallback is not None:
        do = "The plan is valid, but a rule's. If it happens again, look for the run's id in the log."
        return Check("last run", Level.WARNING, f"{when}: the engine failed ({found.last_fallback})", do, detail)
    return Check("last run", Level.OK, f"{when}: {last.state.value}", detail=detail)


def _stuck(found: StoreStats, now: datetime) -> Check:
    # A run whose worker still reports is ended by that worker: the clock was set forward, or code is being compiled.
    return _of_runs(
        "stuck runs", found, lambda r: r.state is RunState.RUNNING and now > r.deadline + PAST_DEADLINE and _silent(r, now),
        "past their deadline", "none",
        "Cancel them on Compare; a dashboard that runs ends them by itself within seconds.",
    )  # fmt: skip


def _workers(found: StoreStats, now: datetime) -> Check:
    try:
        places = load_run_slots()
    except InvalidValue as error:
        return Check("workers", Level.FAULT, str(error), "Put the file right: until then no run begins.")
    at_work = sum(run.state is RunState.RUNNING and run.engine not in (MANUAL, STANDING) for run in found.active)

    def lost(run: Run) -> bool:
        if run.state is RunState.QUEUED:
            free_since = max(run.created_at, found.last_end or run.created_at)
            # A standing search waits for as long as anybody else needs the cores.
            return run.engine != STANDING and at_work < places.runs and now > free_since + BEGUN_WITHIN
        return _silent(run, now)

    fine = f"{len(found.active)} at work or waiting, all heard of" if found.active else "none is needed just now"
    return _of_runs(
        "workers", found, lost, "without a living worker", fine,
        "Open the dashboard or start 'shopwright work', which start waiting runs. "
        "'shopwright health' ends those whose worker died.",
    )  # fmt: skip


def _silent(run: Run, now: datetime) -> bool:
    return run.lease_until is None or now > run.lease_until


def _of_runs(name: str, found: StoreStats, bad: Callable[[Run], bool], what: str, fine: str, do: str) -> Check:
    ids = [run.id for run in found.active if bad(run)]
    if ids:
        return Check(name, Level.FAULT, f"{len(ids)} {'run' if len(ids) == 1 else 'runs'} {what}", do, {"runs": ids})
    return Check(name, Level.OK, fine)


def _outbox(found: StoreStats, now: datetime) -> Check:
    detail: dict[str, object] = {"waiting": found.waiting, "undeliverable": found.undeliverable}
    if found.undeliverable:
        do = (
            "The shop floor works on an older release: hand it the lists from Dispatch, then see 'shopwright export --list'."
        )
        return Check("outbox", Level.FAULT, f"{found.undeliverable} releases could not be delivered", do, detail)
    try:
        exports = has_receiver()
    except InvalidValue as error:
        return Check("outbox", Level.FAULT, str(error), "Mend the settings: docs/export.md says what they mean.", detail)
    if not exports:
        return Check("outbox", Level.OK, f"no receiver is set up (docs/export.md), {found.waiting} kept", detail=detail)
    if found.waiting_since is not None and now - found.waiting_since > DELIVERY_OVERDUE:
        hours = (now - found.waiting_since).total_seconds() / 3600
        do = "See whether 'shopwright export --watch' runs; the lists on Dispatch are up to date."
        return Check("outbox", Level.WARNING, f"{found.waiting} waiting, the oldest for {hours:.1f} h", do, detail)
    return Check("outbox", Level.OK, f"{found.waiting} waiting", detail=detail)


def _exporter(found: StoreStats, now: datetime) -> Check:
    try:
        exports = has_receiver()
    except InvalidValue as error:
        return Check("exporter", Level.FAULT, str(error), "Mend the settings: docs/export.md says what they mean.")
    if not exports:
        return Check("exporter", Level.OK, "none is needed, as no receiver is set up")
    sign = found.exporter
    do = (
        "Start 'shopwright export --watch', best as a service (docs/export.md). One that runs already does not reach the "
        "receiver, and says why: 'releases wait: ...'. Releases wait in the outbox meanwhile."
    )
    if sign is None:
        return Check("exporter", Level.FAULT, "none has been heard of yet, so no release reaches the ERP", do)
    when = f"{sign.seen_at:%Y-%m-%d %H:%M:%S} UTC"
    detail: dict[str, object] = {"owner": sign.owner, "seen_at": sign.seen_at.isoformat()}
    # A sign of life of the future is older than the clock, which has been set back since.
    if now > sign.alive_until or sign.seen_at > now + AHEAD:
        said = f"none is running, or none that reaches its receiver; the last one was heard of at {when}"
        return Check("exporter", Level.FAULT, said, do, detail)
    return Check("exporter", Level.OK, f"heard of at {when}", detail=detail)


def _two_names(found: StoreStats) -> Check:
    """Whether every plant whose releases need two names is one of this board's: a misspelt name switches nothing on."""
    try:
        asked = load_release_policy().four_eyes
    except InvalidValue as error:
        return Check("two names", Level.FAULT, str(error), "Put the file right: until then nothing can be released.")
    try:
        known = {*found.plants, erp.load_config(locations.erp_config()).plant}
    except InvalidValue:
        known = {*found.plants, *asked}  # which name the ERP's plant has is not known: the check of the ERP says why
    unknown = [name for name in asked if name not in known]
    if unknown:
        said = f"four_eyes in {locations.release_config()} names {', '.join(unknown)}, and this board has no such plant"
        do = f"Correct the name, or take it out. The plants of this board: {', '.join(sorted(known))}."
        return Check("two names", Level.WARNING, said, do, {"unknown": unknown, "plants": sorted(known)})
    return Check("two names", Level.OK, f"asked for at {', '.join(asked)}" if asked else "asked for at no plant")


def _log(now: datetime) -> Check:
    counted = line_counts.errors(logs.log_folder(locations.var() / "log"), now - timedelta(hours=LOG_HOURS))
    detail: dict[str, object] = {"errors": counted.errors, "exceptions": counted.exceptions}
    said = f"{counted.errors} errors and {counted.exceptions} exceptions in the last {LOG_HOURS} h"
    if counted.exceptions:
        return Check("log", Level.WARNING, said, "Look at them: grep '\"trace\"' var/log/*.jsonl", detail)
    return Check("log", Level.OK, said, detail=detail)
