"""After a restore from an older backup releases go on above those that the receiver holds, in an epoch of their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from scheduler_core.cli import main
from scheduler_core.data.database import Database, DatabaseUnavailable, open_store
from scheduler_core.data.export.config import ExportConfig
from scheduler_core.data.export.exporter import Exporter
from scheduler_core.data.export.message import message_of
from scheduler_core.data.export.table_receiver import ReceivingTable, receiving_sql
from scheduler_core.data.maintenance import continuation, restore
from scheduler_core.data.maintenance.backup import back_up
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import DeliveryState, KnownRelease, ProposalRequest, Release, RollbackRequest
from scheduler_core.data.store_errors import Refused
from scheduler_core.errors import Cancelled
from scheduler_core.settings import environment
from tests.support.sample_plans import approval, fresh, good_schedule, planned


def quiet(_fraction: float, _message: str) -> None:
    """No progress."""


def release(store: Store, on_top_of: int | None = None) -> Release:
    """One more release, of a plan of its own."""
    return store.releases.approve(approval(planned(store, good_schedule(on_top_of or 0)), on_top_of), None)


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store, where what is tried does not depend on the database."""
    opened = Store.open(f"sqlite:///{tmp_path / 'lite.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Database]:
    """Receiving tables in a database of their own."""
    with closing(open_store(f"sqlite:///{tmp_path / 'erp.sqlite3'}")) as database:
        make(database, receiving_sql("sqlite"))
        yield database


def make(database: Database, sql: str) -> None:
    with database.engine.begin() as connection:
        for statement in sql.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)


def deliver(store: Store, table: Database) -> list[tuple[int, DeliveryState]]:
    return [(a.number, a.state) for a in Exporter(store, ReceivingTable(table), ExportConfig()).deliver_due()]


def test_numbers_go_on_above_an_epochs_first_one(store: Store) -> None:
    first = release(store)
    assert (first.number, first.epoch, store.releases.next_number("tiny")) == (1, 0, 2)
    epoch = store.releases.begin_epoch(18, 0, "restore")
    assert store.releases.next_number("tiny") == 18
    with pytest.raises(Refused, match="version 1 has been released meanwhile"):
        release(store, on_top_of=17)
    second = release(store, on_top_of=1)
    third = release(store, on_top_of=18)
    assert [(r.number, r.epoch) for r in (second, third)] == [(18, epoch.number), (19, epoch.number)]
    assert [r.number for r in store.releases.newest("tiny")] == [19, 18, 1]
    assert [d.number for d in store.deliveries.newest("tiny")] == [19, 18, 1]
    back = store.releases.roll_back(RollbackRequest(fresh(), "tiny", 18, "Ann", "better", 19), None)
    assert (back.number, back.schedule_id, store.releases.rolled_back("tiny")) == (20, second.schedule_id, {20: 18})
    with pytest.raises(Refused, match="released as version 18"):
        store.withdrawals.change_plan(second.schedule_id, withdraw=True)
    assert (store.audit.first_broken(), store.audit.verify()) == (None, None)


def test_two_names_find_each_other_in_a_new_epoch(lite: Store) -> None:
    release(lite)
    lite.releases.begin_epoch(7, 0, "restore")
    release(lite, on_top_of=1)
    plan = planned(lite, good_schedule(9))
    wish = lite.releases.propose(ProposalRequest(fresh(), plan.schedule, plan.content, "Ann", on_top_of=7, remark="now"))
    assert wish.on_top_of == 7
    assert lite.releases.waiting_proposals("tiny") == (wish,)
    made = lite.releases.approve(approval(plan, on_top_of=7, approver="Bob"), None, four_eyes=True)
    assert made.number == 8
    back = ProposalRequest(fresh(), plan.schedule, plan.content, "Ann", "as it was", on_top_of=8, back_to=8)
    assert lite.releases.propose(back).back_to == 8


def test_epochs_rise_also_where_a_clock_was_set_back(lite: Store) -> None:
    made = [lite.releases.begin_epoch(first, above, "restore") for first, above in ((1, 0), (1, 9 * 10**9), (1, 0))]
    assert [one.number for one in made[1:]] == [9 * 10**9 + 1, 9 * 10**9 + 2]
    assert made[0].number > 1_700_000_000
    assert [one.first_number for one in made] == [1, 1, 1], "there is no release yet"


def test_the_tables_refuse_a_number_that_falls_and_a_changed_epoch(store: Store, database_url: str) -> None:
    release(store)
    store.releases.begin_epoch(5, 0, "restore")
    release(store, on_top_of=1)
    fields = "request_id,plant,schedule_id,content_sha256,snapshot_id,violations,snapshot_fingerprint,erp_fingerprint"
    copied = (
        f"INSERT INTO approval(approval_id,{fields.replace('request_id', 'request_id')},approver,remark,approved_us,"
        f"release_no,previous_no,number_offset,epoch) SELECT 'x','x',{fields.partition(',')[2]},approver,remark,1,"
        "3,2,{offset},{epoch} FROM approval WHERE release_no=2"
    )
    refused = (
        copied.format(offset=2, epoch="epoch"), copied.format(offset=3, epoch=0),
        "UPDATE release_epoch SET first_no=1", "DELETE FROM release_epoch", "DELETE FROM exporter_heartbeat",
    )  # fmt: skip
    store.deliveries.beat("exporter", 5)
    with closing(open_store(database_url)) as database:
        for statement in refused:
            with pytest.raises(sa.exc.DBAPIError, match=r"always rises|append-only|is kept"), database.engine.begin() as c:
                c.exec_driver_sql(statement)
        with database.engine.connect() as connection:
            connection.exec_driver_sql(copied.format(offset=3, epoch="epoch"))
            connection.rollback()


def test_an_epoch_that_no_line_tells_of_is_found(lite: Store) -> None:
    with closing(open_store(lite.url)) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO release_epoch(epoch,first_no,actor,begun_us) VALUES(5,900,'x',1)")
    broken = lite.audit.verify()
    assert broken is not None
    assert "no line tells of begin-epoch of 5" in broken.reason


def test_a_message_of_the_first_epoch_is_what_it_always_was(lite: Store) -> None:
    made = release(lite)
    body = message_of(lite, made.id).body
    assert "epoch" not in json.loads(body)
    told = json.loads(body)
    assert list(told) == [
        "approval_id", "approved_at", "approver", "comment", "content_sha256", "operations", "override_reason", "plant",
        "release_no", "schedule_id", "timezone",
    ]  # fmt: skip
    # What differs from run to run is put to one value; the rest is the same to the byte as ever.
    told |= {"approval_id": "a", "schedule_id": "s", "approved_at": "t"}
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert hashlib.sha256(canonical).hexdigest() == "71473107d07a8df9a249626d37cdfe4ddb2ad74f0b461dcdbffa134b03ec5b33"
    lite.releases.begin_epoch(3, 0, "restore")
    later = release(lite, on_top_of=1)
    assert json.loads(message_of(lite, later.id).body)["epoch"] == later.epoch > 0
    assert message_of(lite, made.id).body == body


@pytest.mark.parametrize("older", [False, True])
def test_a_release_after_a_restore_reaches_the_receiving_table(
    lite: Store, table: Database, tmp_path: Path, older: bool
) -> None:
    if older:
        with table.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE shopwright_release DROP COLUMN epoch")
    release(lite)
    assert deliver(lite, table) == [(1, DeliveryState.CONFIRMED)]
    with closing(open_store(lite.url)) as database:
        back_up(database, tmp_path / "a.backup", quiet)
    release(lite, on_top_of=1)
    release(lite, on_top_of=2)
    assert [number for number, _ in deliver(lite, table)] == [2, 3]
    with closing(open_store(f"sqlite:///{tmp_path / 'new.sqlite3'}")) as empty:
        made = restore.restore(empty, tmp_path / "a.backup", quiet, received=ReceivingTable(table).releases()).epoch
        restored = Store(empty)
        assert made is not None
        assert (made.first_number, restored.releases.next_number("tiny")) == (4, 4)
        again = release(restored, on_top_of=1)
        (attempt,) = Exporter(restored, ReceivingTable(table), ExportConfig()).deliver_due()
        assert (attempt.number, attempt.state) == (4, DeliveryState.CONFIRMED)
        assert ("no column epoch" in attempt.said) == older
        assert restored.audit.verify() is None
    with table.reading() as connection:
        current = connection.exec_driver_sql("SELECT DISTINCT release_no, approval_id FROM shopwright_current").all()
        assert [tuple(row) for row in current] == [(4, again.id)]
        if not older:
            epochs = connection.exec_driver_sql("SELECT epoch FROM shopwright_release ORDER BY release_no").scalars().all()
            assert list(epochs) == [0, 0, 0, made.number]


def test_a_second_release_with_a_known_number_is_told_with_the_way_out(lite: Store, table: Database) -> None:
    made = release(lite)
    message = message_of(lite, made.id)
    ReceivingTable(table).deliver(
        replace(message, approval_id="b" * 32, content={**message.content, "approval_id": "b" * 32})
    )
    ((_, state),) = deliver(lite, table)[:1]
    assert state is DeliveryState.PENDING
    assert "shopwright db epoch" in str(lite.deliveries.newest("tiny")[0].last_error)


def test_the_store_that_is_given_up_says_where_numbers_go_on(store: Store, database_url: str, tmp_path: Path) -> None:
    release(store)
    with closing(open_store(database_url)) as database:
        back_up(database, tmp_path / "a.backup", quiet)
        assert restore.restore(database, tmp_path / "a.backup", quiet, replace=True).epoch is None, "nothing was lost"
        release(store, on_top_of=1)
        made = restore.restore(database, tmp_path / "a.backup", quiet, replace=True).epoch
        assert made is not None
        assert (made.first_number, store.releases.next_number("tiny")) == (3, 3)
        # and once more, from the same old backup: the epoch before is not forgotten
        release(store, on_top_of=1)
        last = restore.restore(database, tmp_path / "a.backup", quiet, replace=True).epoch
        assert last is not None
        assert (last.first_number, last.number > made.number) == (4, True)


def test_a_restore_that_is_repeated_before_any_release_gives_no_number_twice(lite: Store, tmp_path: Path) -> None:
    release(lite)
    with closing(open_store(lite.url)) as database:
        back_up(database, tmp_path / "a.backup", quiet)
        release(lite, on_top_of=1)
        release(lite, on_top_of=2)
        made = [restore.restore(database, tmp_path / "a.backup", quiet, replace=True).epoch for _ in range(3)]
        assert [one.first_number for one in made if one is not None] == [4, 4, 4]
        back_up(database, tmp_path / "b.backup", quiet)
        assert restore.restore(database, tmp_path / "b.backup", quiet, replace=True).epoch is None, "it knows of them"
    assert release(lite, on_top_of=1).number == 4


def test_a_second_epoch_begins_at_no_lower_number(lite: Store) -> None:
    release(lite)
    assert [lite.releases.begin_epoch(first, 0, "restore").first_number for first in (50, 1, 51)] == [50, 50, 51]
    assert release(lite, on_top_of=1).number == 51


@pytest.mark.mariadb
def test_what_a_restore_gave_up_before_it_was_cut_short_is_remembered(mariadb_url: str, tmp_path: Path) -> None:
    store = Store.open(mariadb_url)
    release(store)
    with closing(open_store(mariadb_url)) as database:
        back_up(database, tmp_path / "a.backup", quiet)
        release(store, on_top_of=1)

        def cut(_fraction: float, message: str) -> None:
            if "rows: approval" in message:
                raise Cancelled

        with pytest.raises(Cancelled):
            restore.restore(database, tmp_path / "a.backup", cut, replace=True)
        made = restore.restore(database, tmp_path / "a.backup", quiet).epoch
    assert made is not None
    assert made.first_number == 3
    store.close()


def test_the_command_asks_the_receiver_or_wants_a_number(
    lite: Store, table: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    release(lite)
    with closing(open_store(lite.url)) as database:
        back_up(database, tmp_path / "a.backup", quiet)
    release(lite, on_top_of=1)
    deliver(lite, table)
    settings = tmp_path / "export.yaml"
    monkeypatch.setenv("SHOPWRIGHT_EXPORT_CONFIG", str(settings))
    monkeypatch.setenv(environment.EXPORT_URL, f"sqlite:///{tmp_path / 'erp.sqlite3'}")

    def restored(name: str, *more: str) -> int:
        return main(["db", "restore", str(tmp_path / "a.backup"), "--url", f"sqlite:///{tmp_path / name}", *more])

    settings.write_text("receiver: table")
    assert restored("asked.sqlite3") == 0
    assert "the next release gets at least number 3, in epoch " in capsys.readouterr().out
    settings.write_text("receiver: webhook")
    assert restored("webhook.sqlite3") == 2
    assert "--next-release: None must be given, as a webhook can't be asked" in capsys.readouterr().err
    assert restored("none.sqlite3", "--next-release", "0") == 0
    assert "next release" not in capsys.readouterr().out
    assert restored("given.sqlite3", "--next-release", "41", "--json") == 0
    assert json.loads(capsys.readouterr().out)["next_release"] == 41
    url = ["--url", f"sqlite:///{tmp_path / 'none.sqlite3'}"]
    assert main(["db", "epoch", "--next-release", "12", *url]) == 0
    assert "at least number 12" in capsys.readouterr().out
    assert main(["db", "epoch", "--next-release", "-1", *url]) == 2


def test_a_store_whose_releases_cannot_be_read_is_given_up_with_a_number_only(lite: Store, tmp_path: Path) -> None:
    release(lite)
    with closing(open_store(lite.url)) as database:
        back_up(database, tmp_path / "a.backup", quiet)
    with closing(open_store(f"sqlite:///{tmp_path / 'spoilt.sqlite3'}")) as spoilt:
        with spoilt.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE approval(approval_id TEXT)")
        with pytest.raises(DatabaseUnavailable, match=r"cannot be read \(no such column.*: give --next-release N"):
            restore.restore(spoilt, tmp_path / "a.backup", quiet, replace=True)
        made = restore.restore(spoilt, tmp_path / "a.backup", quiet, replace=True, next_release=9).epoch
    assert made is not None
    assert made.first_number == 9


def test_a_receiver_of_several_stores_does_no_harm(lite: Store) -> None:
    release(lite)
    with closing(open_store(lite.url)) as database, database.engine.begin() as connection:
        made = continuation.go_on(connection, [KnownRelease("f" * 32, 30, 0)], None)
        assert made is not None
        assert made.first_number == 31
