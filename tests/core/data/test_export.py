"""Releases on their way to the ERP: each takes effect once, whatever fails on the way."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from scheduler_core.data.database import Database, open_store
from scheduler_core.data.export.config import ExportConfig, load_export_config
from scheduler_core.data.export.exporter import Exporter, receiver_of
from scheduler_core.data.export.message import Message, NotDelivered, message_of
from scheduler_core.data.export.table_receiver import ReceivingTable, receiving_sql
from scheduler_core.data.export.webhook_receiver import Webhook, signature
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import DeliveryState, Release
from scheduler_core.data.store_errors import LeaseLost, NotFound, Refused
from scheduler_core.errors import InvalidValue
from tests.support.receivers import http_receiver
from tests.support.sample_plans import approval, good_schedule, planned

AT_ONCE = ExportConfig(
    attempts=50, first_wait_seconds=1e-6, longest_wait_seconds=1e-6, timeout_seconds=0.3, lease_seconds=60.0
)


def release_many(store: Store, count: int) -> list[Release]:
    """So many releases, each on top of the one before."""
    plans = [planned(store), planned(store, good_schedule(5))]
    return [store.releases.approve(approval(plans[i % 2], on_top_of=i or None), None) for i in range(count)]


class Broken:
    """A receiver that takes nothing."""

    def deliver(self, message: Message) -> str:
        raise NotDelivered("it is broken")


@pytest.fixture
def table(database_url: str) -> Iterator[Database]:
    """Receiving tables, made with the SQL that is shipped (in the same database as the store: its names do not clash)."""
    with closing(open_store(database_url)) as database:
        with database.engine.begin() as connection:
            for statement in receiving_sql(database.dialect).split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
        yield database


def test_a_message_tells_the_whole_release(store: Store) -> None:
    (release,) = release_many(store, 1)
    message = message_of(store, release.id)
    assert message == message_of(store, release.id)
    told = json.loads(message.body)
    assert (told["approval_id"], told["release_no"], told["approver"]) == (release.id, 1, "Ann")
    assert [(o["machine"], o["position"], o["job"]) for o in told["operations"]] == [
        (1, 1, "JOB-1"), (1, 2, "JOB-1"), (2, 1, "JOB-1"), (2, 2, "job-1")
    ]  # fmt: skip
    assert told["operations"][0]["start"] == "2025-07-21 06:30:00" or told["operations"][0]["start"].endswith(":00")


def test_the_table_gets_each_release_once(store: Store, table: Database) -> None:
    releases = release_many(store, 3)
    receiver = ReceivingTable(table)
    done = list(Exporter(store, receiver, AT_ONCE).deliver_due())
    assert [(a.number, a.state, a.said) for a in done] == [
        (n, DeliveryState.CONFIRMED, "4 lines written") for n in (1, 2, 3)
    ]  # fmt: skip
    assert receiver.deliver(message_of(store, releases[0].id)) == "was there already"
    with table.reading() as connection:
        rows = connection.exec_driver_sql("SELECT release_no, operations FROM shopwright_release ORDER BY release_no").all()
        current = connection.exec_driver_sql(
            "SELECT release_no, job, quantity FROM shopwright_current ORDER BY machine"
        ).all()
        lines = connection.exec_driver_sql("SELECT COUNT(*) FROM shopwright_dispatch").scalar()
    assert [tuple(r) for r in rows] == [(1, 4), (2, 4), (3, 4)]
    assert {r[0] for r in current} == {3}
    assert len(current) == 4
    assert lines == 12
    assert [d.state for d in store.deliveries.newest("tiny")] == [DeliveryState.CONFIRMED] * 3
    assert [e.subject for e in store.audit.newest() if e.action == "delivered"] == [r.id for r in reversed(releases)]


def test_another_content_under_the_same_id_is_not_taken(store: Store, table: Database) -> None:
    (release,) = release_many(store, 1)
    receiver = ReceivingTable(table)
    message = message_of(store, release.id)
    receiver.deliver(message)
    with pytest.raises(NotDelivered, match="another content"):
        receiver.deliver(Message(message.approval_id, message.content, message.body, "0" * 64))


def test_receiving_tables_that_are_missing_are_a_failure_without_the_password(store: Store, database_url: str) -> None:
    release_many(store, 1)
    with closing(open_store(database_url)) as database:
        (attempt,) = [Exporter(store, ReceivingTable(database), ExportConfig()).deliver_next()]
    assert attempt is not None
    assert (attempt.state, "receiving tables" in attempt.said) == (DeliveryState.PENDING, True)
    assert "p@ss" not in attempt.said
    assert "INSERT" not in attempt.said


@pytest.mark.slow
def test_a_webhook_that_fails_in_every_way_has_each_effect_once(store: Store) -> None:
    releases = release_many(store, 12)
    with http_receiver(random.Random(1), silence=0.5) as (url, seen):
        exporter = Exporter(store, Webhook(url, AT_ONCE.timeout_seconds), AT_ONCE)
        attempts = list(exporter.deliver_due())
    assert [d.state for d in store.deliveries.newest("tiny")] == [DeliveryState.CONFIRMED] * 12
    assert set(seen.effects) == {r.id for r in releases}
    assert sorted(seen.numbers) == list(range(1, 13))
    assert seen.conflicts == 0
    assert len(seen.calls) == 6
    assert len(attempts) == sum(seen.calls.values()) > 12


def test_a_message_carries_its_key_and_signature(store: Store) -> None:
    (release,) = release_many(store, 1)
    with http_receiver() as (url, seen):
        Webhook(url, 5.0, b"secret").deliver(message_of(store, release.id))
        signed = seen.headers
        Webhook(url, 5.0).deliver(message_of(store, release.id))
    assert signed["Idempotency-Key"] == release.id
    body = seen.effects[release.id]
    assert signed["X-Shopwright-Signature"] == signature(b"secret", signed["X-Shopwright-Timestamp"], body)
    assert signed["X-Shopwright-Signature"] != signature(b"other", signed["X-Shopwright-Timestamp"], body)
    assert "X-Shopwright-Signature" not in seen.headers


def test_redirects_and_refusals_are_failures(store: Store) -> None:
    (release,) = release_many(store, 1)
    with http_receiver("500") as (url, _), pytest.raises(NotDelivered, match="answered 500"):
        Webhook(url, 5.0).deliver(message_of(store, release.id))
    with pytest.raises(NotDelivered, match="cannot be reached"):
        Webhook(url, 1.0).deliver(message_of(store, release.id))


def test_after_its_last_attempt_a_message_is_dead_until_a_retry(store: Store, table: Database) -> None:
    (release,) = release_many(store, 1)
    config = ExportConfig(attempts=3, first_wait_seconds=1e-6, longest_wait_seconds=1e-6)
    attempts = list(Exporter(store, Broken(), config).deliver_due())
    assert [a.state.value for a in attempts] == ["pending", "pending", "dead"]
    (delivery,) = store.deliveries.newest("tiny")
    assert (delivery.state, delivery.attempts, delivery.last_error) == (DeliveryState.DEAD, 3, "it is broken")
    assert store.audit.newest()[0].action == "undeliverable"
    store.deliveries.retry(release.id, "Ann")
    assert (store.audit.newest()[0].action, store.audit.newest()[0].actor) == ("retry-delivery", "Ann")
    with pytest.raises(Refused, match="this one is pending"):
        store.deliveries.retry(release.id, "Ann")
    with pytest.raises(NotFound):
        store.deliveries.retry("nope", "Ann")
    (again,) = Exporter(store, ReceivingTable(table), config).deliver_due()
    assert again.state is DeliveryState.CONFIRMED
    assert store.deliveries.newest("tiny")[0].attempts == 4


def test_a_failed_attempt_waits_before_the_next(store: Store) -> None:
    release_many(store, 1)
    exporter = Exporter(store, Broken(), ExportConfig(first_wait_seconds=1000.0, longest_wait_seconds=5000.0))
    assert exporter.deliver_next() is not None
    assert exporter.deliver_next() is None
    (delivery,) = store.deliveries.newest("tiny")
    assert delivery.next_try_at is not None
    assert 499 < (delivery.next_try_at - delivery.released_at).total_seconds() < 1100
    assert [ExportConfig().wait_after(n) for n in (1, 2, 3, 100)] == [5.0, 10.0, 20.0, 900.0]


def test_two_exporters_never_hold_the_same_message(store: Store) -> None:
    release_many(store, 8)

    def claim_all(owner: str) -> list[str]:
        claimed = []
        while (one := store.deliveries.claim(owner, 60, 5)) is not None:
            claimed.append(one[0])
        return claimed

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(claim_all, ("a", "b", "c", "d")))
    everything = [one for share in shares for one in share]
    assert len(everything) == len(set(everything)) == 8


def test_what_a_killed_exporter_held_goes_on_after_its_lease(store: Store) -> None:
    (release,) = release_many(store, 1)
    assert store.deliveries.claim("killed", 0.0, 2) == (release.id, 1)
    assert store.deliveries.claim("other", 0.0, 2) == (release.id, 2)
    with pytest.raises(LeaseLost):
        store.deliveries.confirm(release.id, "killed", "late")
    assert store.deliveries.claim("third", 60.0, 2) is None
    (delivery,) = store.deliveries.newest("tiny")
    assert (delivery.state, delivery.last_error) == (DeliveryState.DEAD, "the exporter ended in the middle of the attempt")


def test_settings_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_export_config().receiver == "none"
    for text, where in (
        ("receivr: table", "receivr"), ("receiver: ftp", "receiver"), ("attempts: 0", "attempts"),
        ("lease_seconds: 1", "lease_seconds"), ("timeout_seconds: .inf", "timeout_seconds"), ("- 1", "settings"),
        ("a: [", "YAML"),
    ):  # fmt: skip
        file = tmp_path / "export.yaml"
        file.write_text(text)
        with pytest.raises(InvalidValue, match=where):
            load_export_config(file)
    monkeypatch.delenv("SHOPWRIGHT_EXPORT_URL", raising=False)
    for receiver in ("none", "table", "webhook"):
        with pytest.raises(InvalidValue), receiver_of(ExportConfig(receiver=receiver)):
            pass
    for url in (
        "ftp://x/y",
        "http://erp.example/x",
        "https://u:pa55@erp.example/x",
        "https://erp.example/a b",
        "https://[x",
    ):
        with pytest.raises(InvalidValue) as refused:
            Webhook(url, 1.0)
        assert "pa55" not in str(refused.value)
