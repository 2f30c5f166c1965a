"""``shopwright tokens``: the operator makes tokens for people who have roles, and sees no secret again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.roles import Actor, Role
from scheduler_core.services import service_tokens
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright

NEW = ("tokens", "new", "MES of plant 2", "--owner", "Ann@Example.org", "--role", "planner")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    made = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, made)
    return made


def test_a_token_is_made_listed_and_revoked(url: str, shopwright: Shopwright) -> None:
    store = Store.open(url)
    store.roles.grant("ann@example.org", "planner", "boss")
    assert "there is no token" in shopwright("tokens").err
    made = shopwright(*NEW, "--days", 30)
    (secret,) = made.out.splitlines()
    assert "shown this once" in made.err
    actor = service_tokens.identify(store, secret, datetime.now(UTC))
    identity = secret.split("_")[1]
    assert actor == Actor("ann@example.org", only=frozenset({Role.PLANNER}), token=identity)
    listed = shopwright("tokens", "list", "--owner", "ann@example.org", "--json")
    (token,) = json.loads(listed.out)
    assert (token["id"], token["name"], token["roles"]) == (identity, "MES of plant 2", ["planner"])
    assert token["made_by"].startswith("command line: ")
    left = datetime.fromisoformat(token["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert secret.split("_", 2)[2] not in listed.out + shopwright("tokens").out
    assert "in force" in shopwright("tokens").out
    assert shopwright("tokens", "revoke", identity).out == f"{identity} is revoked\n"
    assert shopwright("tokens", "revoke", identity).out == f"{identity} is revoked already\n"
    assert "revoked" in shopwright("tokens").out
    assert [e.action for e in store.audit.newest(2)] == ["revoke-token", "make-token"]
    store.close()


def test_what_cannot_be_is_a_usage_error(url: str, shopwright: Shopwright) -> None:
    store = Store.open(url)
    assert "ann@example.org has no role" in shopwright(*NEW, "--days", 30).err
    store.roles.grant("ann@example.org", "viewer", "boss")
    refused = shopwright(*NEW, "--days", 30)
    assert (refused.status, "a token never has more than its owner" in refused.err) == (2, True)
    for days in (0, 367):
        assert "must be 1 to 366" in shopwright(*NEW, "--days", days).err
    assert shopwright(*NEW).status == 2, "without an expiry there is no token"
    assert shopwright("tokens", "revoke", "0" * 12).status == 2
    assert store.tokens.every() == ()
    store.close()
