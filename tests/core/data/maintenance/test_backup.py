"""Backup and restore: from either database into either, whole or not at all."""

from __future__ import annotations

import errno
import gzip
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from scheduler_core.data import migrations
from scheduler_core.data.database import Database, DatabaseUnavailable, open_store
from scheduler_core.data.maintenance import backup, restore, verification
from scheduler_core.data.maintenance.backup import BackupFailed, back_up
from scheduler_core.data.new_file import give_name
from scheduler_core.data.store import Store
from scheduler_core.data.store.tables import METADATA
from scheduler_core.errors import Cancelled, InvalidValue
from tests.support.guards import triggers
from tests.support.lived_in_store import aged, digests, live
from tests.support.sample_plans import approval, planned


def quiet(_fraction: float, _message: str) -> None:
    """No progress."""


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Database]:
    """An SQLite store with rows in every table."""
    url = f"sqlite:///{tmp_path / 'lived.sqlite3'}"
    with_rows = Store.open(url)
    live(with_rows)
    with_rows.close()
    database = open_store(url)
    yield database
    database.close()


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """A new database, SQLite or MariaDB."""
    database = open_store(database_url)
    yield database
    database.close()


def whole(database: Database) -> bool:
    with backup.unchanging(database) as connection:
        return verification.problems(connection, quiet) == ()


@pytest.mark.slow
def test_every_row_comes_back_in_either_database(
    lived: Database, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "BLOCK", 3)
    before = digests(lived)
    assert all(rows for rows, _ in before.values()), "a table without rows shows nothing"
    said: list[str] = []
    written = back_up(lived, tmp_path / "a.backup", lambda fraction, message: said.append(message))
    assert written.heading.rows == sum(rows for rows, _ in before.values())
    assert stat.S_IMODE((tmp_path / "a.backup").stat().st_mode) == 0o600
    assert any("rows: approval" in text for text in said)
    found = restore.restore(empty, tmp_path / "a.backup", quiet)
    assert (found.backup.sha256, found.epoch) == (written.sha256, None)
    assert digests(empty) == before
    assert whole(empty)
    # and from there back into a file
    back_up(empty, tmp_path / "b.backup", quiet)
    with open_again(tmp_path / "c.sqlite3") as third:
        restore.restore(third, tmp_path / "b.backup", quiet)
        assert digests(third) == before
    # the restored store goes on working
    store = Store(empty)
    planned(store)
    assert store.audit.first_broken() is None
    assert [r.number for r in store.releases.newest("tiny")] == [4, 3, 2, 1]


class open_again:
    """An SQLite store that is closed in the end."""

    def __init__(self, file: Path) -> None:
        self.database = open_store(f"sqlite:///{file}")

    def __enter__(self) -> Database:
        return self.database

    def __exit__(self, *_: object) -> None:
        self.database.close()


@pytest.mark.slow
def test_a_backup_of_every_earlier_version_is_restored_and_upgraded(
    lived: Database, empty: Database, tmp_path: Path
) -> None:
    newest = digests(lived)
    for version in range(1, len(migrations.MIGRATIONS)):
        with open_again(tmp_path / f"v{version}.sqlite3") as old:
            aged(lived, old, version)
            kept = digests(old)
            back_up(old, tmp_path / f"v{version}.backup", quiet)
        restore.restore(empty, tmp_path / f"v{version}.backup", quiet, replace=True)
        assert migrations.status(empty).version == len(migrations.MIGRATIONS)
        after = digests(empty)
        assert {name: rows for name, (rows, _) in after.items() if name in kept} == {n: r for n, (r, _) in kept.items()}
        assert after["approval"] == newest["approval"]
        assert whole(empty)


@pytest.mark.slow
def test_a_backup_of_before_an_update_comes_back_in_its_version_for_the_older_program(
    lived: Database, tmp_path: Path
) -> None:
    version = restore.COUNTS_ON
    with open_again(tmp_path / "old.sqlite3") as old:
        aged(lived, old, version)
        kept = digests(old)
        back_up(old, tmp_path / "old.backup", quiet)
    store = Store.open(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    store.releases.approve(approval(planned(store)), None)
    store.close()
    with open_again(tmp_path / "new.sqlite3") as new:
        found = restore.restore(new, tmp_path / "old.backup", quiet, replace=True, keep_version=True)
        assert migrations.status(new).version == version
        assert found.epoch is not None, "a release is given up, so the next one gets a higher number"
        after = digests(new)
        told = {"release_epoch", "audit"}
        assert {name: rows for name, rows in after.items() if name in kept.keys() - told} == {
            name: rows for name, rows in kept.items() if name not in told
        }
        assert not after.keys() - kept.keys(), "no newer table is left behind"
        migrations.upgrade(new)
        assert whole(new)


def test_a_version_that_cannot_count_releases_on_is_not_kept(tmp_path: Path) -> None:
    with open_again(tmp_path / "old.sqlite3") as old, open_again(tmp_path / "new.sqlite3") as new:
        migrations.upgrade(old, restore.COUNTS_ON - 1)
        back_up(old, tmp_path / "old.backup", quiet)
        with pytest.raises(BackupFailed, match="version 12 cannot be kept, only those from version 13 on"):
            restore.restore(new, tmp_path / "old.backup", quiet, keep_version=True)
        assert migrations.status(new).version == 0


@pytest.mark.slow
def test_a_store_with_rows_is_not_overwritten_untold(lived: Database, empty: Database, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "a.backup", quiet)
    store = Store.open(empty.url)
    planned(store)
    store.close()
    before = digests(empty)
    with pytest.raises(BackupFailed, match=r"not empty \(1 rows in snapshot\).*--replace"):
        restore.restore(empty, tmp_path / "a.backup", quiet)
    assert digests(empty) == before
    restore.restore(empty, tmp_path / "a.backup", quiet, replace=True)
    assert digests(empty) == digests(lived)


def test_a_store_that_was_never_used_is_empty(lived: Database, empty: Database, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "a.backup", quiet)
    migrations.upgrade(empty)
    restore.restore(empty, tmp_path / "a.backup", quiet)
    assert digests(empty) == digests(lived)


def test_a_backup_is_never_overwritten(lived: Database, tmp_path: Path) -> None:
    (tmp_path / "a.backup").write_text("mine")
    with pytest.raises(InvalidValue, match="exists already"):
        back_up(lived, tmp_path / "a.backup", quiet)
    assert (tmp_path / "a.backup").read_text() == "mine"
    with pytest.raises(BackupFailed, match="cannot write"):
        back_up(lived, tmp_path / "no" / "a.backup", quiet)


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_disk_without_hard_links_takes_a_backup_too(
    lived: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def no_links(source: object, target: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", no_links)
    written = back_up(lived, tmp_path / "a.backup", quiet)
    assert backup.Backup(tmp_path / "a.backup", quiet).sha256 == written.sha256
    assert [file.name for file in tmp_path.iterdir() if "backup" in file.name] == ["a.backup"], "no draft is left"
    draft, taken = tmp_path / "draft", tmp_path / "taken"
    draft.write_text("new")
    taken.write_text("mine")
    with pytest.raises(FileExistsError):
        give_name(draft, taken)
    assert taken.read_text() == "mine"


def test_a_full_or_broken_disk_is_no_disk_without_links(
    lived: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(BackupFailed, match="No space left"):
        back_up(lived, tmp_path / "a.backup", quiet)
    assert not (tmp_path / "a.backup").exists()


def test_a_plan_that_was_withdrawn_and_returned_before_its_release_comes_back(empty: Database, tmp_path: Path) -> None:
    with open_again(tmp_path / "source.sqlite3") as source:
        migrations.upgrade(source)
        store = Store(source)
        made = planned(store)
        for withdraw in (True, False):
            store.withdrawals.change_plan(made.schedule, withdraw=withdraw)
        store.releases.approve(approval(made), None)
        back_up(source, tmp_path / "a.backup", quiet)
        restore.restore(empty, tmp_path / "a.backup", quiet)
        assert digests(empty) == digests(source)
    with empty.reading() as connection:
        there = set(triggers(connection))
    assert {"withdrawal_not_of_released", "assignment_complete", "audit_no_update"} <= there, "the guards are back"


def test_a_backup_sees_one_moment_while_others_write(empty: Database, tmp_path: Path) -> None:
    store = Store.open(empty.url)
    live(store)
    before = digests(empty)

    def write(_fraction: float, message: str) -> None:
        if "rows: snapshot" in message:
            planned(store)

    written = back_up(empty, tmp_path / "a.backup", write)
    assert written.heading.rows == sum(rows for rows, _ in before.values())
    assert digests(empty) != before
    with open_again(tmp_path / "b.sqlite3") as other:
        restore.restore(other, tmp_path / "a.backup", quiet)
        assert digests(other) == before
    store.close()


def test_a_damaged_file_touches_nothing(lived: Database, empty: Database, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    back_up(lived, file, quiet)
    good = file.read_bytes()
    lines = gzip.decompress(good).splitlines(keepends=True)
    heading = json.loads(lines[0])
    line = next(i for i, raw in enumerate(lines) if raw.startswith(b"[") and b"tiny" in raw)
    newer = json.dumps({**heading, "version": 999}).encode() + b"\n"
    damaged = {
        "cut off": good[: len(good) // 2],
        "a byte turned": good[: len(good) // 2] + bytes([good[len(good) // 2] ^ 64]) + good[len(good) // 2 + 1 :],
        "a row changed": gzip.compress(b"".join([*lines[:line], lines[line].replace(b"tiny", b"tidy"), *lines[line + 1 :]])),
        "a row left out": gzip.compress(b"".join([*lines[:line], *lines[line + 1 :]])),
        "a table's name spoilt": gzip.compress(b"".join(lines).replace(b'{"table":"run"}', b'{"table":"run}}')),
        "no end": gzip.compress(b"".join(lines[:-1])),
        "newer": gzip.compress(b"".join([newer, *lines[1:]])),
        "another file": b"PK\3\4",
        "another text": gzip.compress(b"hello\nworld\n"),
        "nothing": b"",
    }
    migrations.upgrade(empty)
    before = digests(empty)
    for what, content in damaged.items():
        file.write_bytes(content)
        with pytest.raises(InvalidValue, match="backup file"):
            restore.restore(empty, file, quiet, replace=True)
        assert digests(empty) == before, what
    with pytest.raises(InvalidValue, match="does not exist"):
        restore.restore(empty, tmp_path / "none", quiet)


def rewritten(file: Path, old: bytes, new: bytes) -> None:
    """The same backup with other content and a checksum that fits, as somebody would write it who wants to cheat."""
    import hashlib

    *lines, end = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    assert any(old in raw for raw in lines)
    lines = [raw if number == 0 else raw.replace(old, new) for number, raw in enumerate(lines)]
    stated = {**json.loads(end), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    file.write_bytes(gzip.compress(b"".join([*lines, json.dumps(stated).encode() + b"\n"])))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"approve"', b'"forgive"', "line .* of the audit trail"),
        ("für Montag".encode(), b"for ever", None),
        (b'"JOB-1",1,0,60,0', b'"JOB-1",1,1,60,0', "does not have the content that was approved|name a row of"),
        (b'"worker-1"', b"null", "constraint"),
    ],
)
def test_a_forged_backup_is_refused(
    lived: Database, empty: Database, tmp_path: Path, old: bytes, new: bytes, reason: str | None
) -> None:
    file = tmp_path / "a.backup"
    back_up(lived, file, quiet)
    rewritten(file, old, new)
    # The comment stands in the approval and in the audit line's detail, whose hash covers it.
    with pytest.raises((BackupFailed, DatabaseUnavailable), match=f"(?i){reason or 'audit trail'}"):
        restore.restore(empty, file, quiet)
    if empty.dialect == "sqlite":
        assert digests(empty) == {}, "one transaction: nothing is left"
    else:
        with pytest.raises(DatabaseUnavailable, match="restore did not come to its end"):
            Store.open(empty.url)


def test_a_restore_that_was_cut_short_is_done_again(
    lived: Database, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(lived, tmp_path / "a.backup", quiet)
    apply = migrations._apply

    def cancelled(fraction: float, message: str) -> None:
        if "rows: approval" in message or "audit" in message:
            raise Cancelled

    with pytest.raises(Cancelled):
        restore.restore(empty, tmp_path / "a.backup", cancelled)

    def cut(connection: Connection, version: int, step: int, statement: str) -> None:
        apply(connection, version, step, statement)
        if step == 9:
            raise Cancelled

    monkeypatch.setattr(migrations, "_apply", cut)
    with pytest.raises(Cancelled):
        restore.restore(empty, tmp_path / "a.backup", quiet)
    monkeypatch.setattr(migrations, "_apply", apply)
    restore.restore(empty, tmp_path / "a.backup", quiet)
    assert digests(empty) == digests(lived)
    Store.open(empty.url).close()


def test_a_half_upgraded_or_empty_store_is_not_backed_up(empty: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="no tables yet"):
        back_up(empty, tmp_path / "a.backup", quiet)
    migrations.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM schema_version WHERE version = 1 AND step > 3")
    with pytest.raises(BackupFailed, match="cut short"):
        back_up(empty, tmp_path / "a.backup", quiet)
    assert list(tmp_path.glob("*.backup")) == []


def test_verification_sees_what_has_been_changed_behind_the_tables_back(lived: Database) -> None:
    spoil = {
        "DROP TRIGGER assignment_no_update": "UPDATE assignment SET setup_min = setup_min + 1",
        "DROP TRIGGER snapshot_no_update": "UPDATE snapshot SET document = '{}'",
        "DROP TRIGGER audit_no_update": "UPDATE audit SET actor = 'Bob' WHERE audit_seq = 2",
        "DROP TRIGGER finding_no_update": "UPDATE finding SET snapshot_id = 'x'",
    }
    with lived.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        for drop, change in spoil.items():
            connection.exec_driver_sql(drop)
            connection.exec_driver_sql(change)
        found = "\n".join(verification.problems(connection, quiet))
        connection.rollback()
        connection.invalidate()
    assert "2 rows of finding name a row of snapshot that is not there" in found
    assert "line 2 of the audit trail" in found
    assert "does not have the content that its hash was taken of" in found
    assert "does not have the content that was approved" in found


def test_all_tables_are_backed_up(lived: Database) -> None:
    assert set(digests(lived)) == set(METADATA.tables)
