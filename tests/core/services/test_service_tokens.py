"""Service tokens: who a program is that sends one, and what it may do at most."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ProposalRequest, ServiceToken
from scheduler_core.data.store_errors import NotFound, Refused, RequestConflict
from scheduler_core.errors import InvalidValue
from scheduler_core.logs.redaction import MASK, masked_text
from scheduler_core.roles import LOCAL, Action, Actor, Forbidden, Role
from scheduler_core.services import authorized, service_tokens
from scheduler_core.services.service_tokens import InvalidToken, NewlyMade
from tests.support.sample_plans import approval, fresh, planned

ANN = "ann@example.org"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    for role in ("planner", "approver"):
        opened.roles.grant(ANN, role, "boss")
    yield opened
    opened.audit.name_token("", "")
    opened.close()


def made(
    store: Store, *roles: Role, owner: str = ANN, expires_at: datetime | None = None, name: str = "MES", request: str = ""
) -> NewlyMade:
    return service_tokens.make(
        store, owner=owner, name=name, roles=roles or (Role.PLANNER,), expires_at=expires_at or NOW + 9 * DAY, actor=owner,
        request_id=request or fresh(),
    )  # fmt: skip


def secret_of(token: NewlyMade) -> str:
    assert token.secret is not None
    return token.secret


def caught(store: Store, bearer: str, now: datetime = NOW) -> InvalidToken:
    with pytest.raises(InvalidToken) as found:
        service_tokens.identify(store, bearer, now)
    return found.value


def test_a_token_is_its_owner_with_no_more_than_its_roles(store: Store) -> None:
    token = made(store, Role.PLANNER)
    actor = service_tokens.identify(store, secret_of(token), NOW)
    assert actor == Actor(ANN, only=frozenset({Role.PLANNER}), token=token.token.id)
    assert authorized.may(store, actor, Action.PLAN)
    assert not authorized.may(store, actor, Action.APPROVE), "the owner may, the token was not given that role"
    with pytest.raises(Forbidden, match="role approver"):
        authorized.require(store, actor, Action.APPROVE)


def test_a_role_that_the_owner_loses_is_lost_to_the_token_at_once(store: Store) -> None:
    token = made(store, Role.PLANNER, Role.APPROVER)
    store.roles.revoke(ANN, "approver", "boss")
    actor = service_tokens.identify(store, secret_of(token), NOW)
    assert not authorized.may(store, actor, Action.APPROVE)
    assert authorized.may(store, actor, Action.PLAN)
    store.roles.grant(ANN, "viewer", "boss")
    store.roles.revoke(ANN, "planner", "boss")
    assert "has none of its roles" in caught(store, secret_of(token)).cause


def test_nothing_that_is_stored_contains_the_secret(store: Store, tmp_path: Path) -> None:
    token = made(store)
    secret = secret_of(token).split("_", 2)[2]
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in content
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in content


def test_a_secret_has_256_bits_and_no_two_are_equal(store: Store) -> None:
    texts = [secret_of(made(store)) for _ in range(3)]
    assert len(set(texts)) == 3
    assert all(len(one.split("_", 2)[2]) * 6 >= 256 and one.startswith("swt_") for one in texts)


def test_every_refusal_sounds_the_same_outside_and_names_its_cause_inside(store: Store) -> None:
    good, revoked = made(store), made(store)
    service_tokens.revoke(store, revoked.token.id, actor=ANN)
    other = secret_of(made(store)).split("_", 2)[2]
    found = [
        caught(store, "swt_000000000000_" + other),
        caught(store, f"swt_{good.token.id}_{other}"),
        caught(store, secret_of(revoked)),
        caught(store, secret_of(good), good.token.expires_at),
        caught(store, secret_of(good) + "x"),
        caught(store, ""),
    ]
    assert {str(one) for one in found} == {"the bearer token is not valid"}
    assert [one.cause.replace(good.token.id, "ID").replace(revoked.token.id, "ID") for one in found] == [
        "unknown token 000000000000", "wrong secret for token ID", "token ID is revoked", "token ID has expired",
        "not in the form of a service token", "not in the form of a service token",
    ]  # fmt: skip
    service_tokens.identify(store, secret_of(good), good.token.expires_at - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("change", "said"),
    [({"expires_at": NOW - DAY}, "must lie in the future"),
     ({"expires_at": NOW + 367 * DAY}, "at most 366 days ahead"),
     ({"expires_at": datetime(2090, 1, 1)}, "must name its offset from UTC"),
     ({"name": " "}, "is empty"), ({"name": "x" * 81}, "longer than 80"), ({"name": "a\u202eb"}, "cannot be seen")],
)  # fmt: skip
def test_a_token_without_a_sensible_expiry_or_name_is_refused(store: Store, change: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        made(store, **change)  # type: ignore[arg-type]
    assert store.tokens.every() == ()


@pytest.mark.parametrize(
    ("owner", "roles", "said"),
    [(ANN, (Role.ADMIN,), "does not have the role admin: a token never has more than its owner"),
     (ANN, (Role.PLANNER, Role.VIEWER), "does not have the role viewer"),
     ("eve@example.org", (Role.PLANNER,), "eve@example.org has no role")],
)  # fmt: skip
def test_a_token_is_not_made_with_more_than_its_owner(store: Store, owner: str, roles: tuple[Role, ...], said: str) -> None:
    with pytest.raises(Refused, match=said):
        made(store, *roles, owner=owner)
    with pytest.raises(Refused, match="at least one role"):
        service_tokens.make(
            store, owner=ANN, name="x", roles=(), expires_at=NOW + DAY, actor=ANN, request_id=fresh()
        )  # fmt: skip


def test_an_owner_has_only_so_many_tokens_in_force(store: Store) -> None:
    tokens = [made(store).token for _ in range(20)]
    with pytest.raises(Refused, match="20 tokens that are in force"):
        made(store)
    assert service_tokens.revoke(store, tokens[0].id, actor=ANN)
    made(store)


def test_the_same_request_makes_one_token_and_shows_its_secret_once(store: Store) -> None:
    first, again = made(store, request="one"), made(store, request="one")
    assert again == NewlyMade(first.token, None)
    with pytest.raises(RequestConflict, match="name"):
        made(store, request="one", name="another")


def test_who_revokes(store: Store) -> None:
    store.roles.grant("bob@example.org", "planner", "boss")
    token = made(store).token
    with pytest.raises(Refused, match=r"not one of bob@example\.org's"):
        service_tokens.revoke(store, token.id, actor="bob@example.org", owner="bob@example.org")
    assert service_tokens.revoke(store, token.id, actor=ANN, owner=ANN)
    assert not service_tokens.revoke(store, token.id, actor=ANN, owner=ANN)
    with pytest.raises(NotFound):
        service_tokens.revoke(store, "0" * 12, actor=ANN)
    found = store.tokens.get(token.id)
    assert (found.revoked_by, found.is_live(NOW)) == (ANN, False)
    assert [(e.actor, e.action, e.subject) for e in store.audit.newest(1)] == [(ANN, "revoke-token", token.id)]


def test_a_person_makes_tokens_for_oneself_and_an_admin_revokes_any(store: Store) -> None:
    ann, bob, boss = Actor(ANN), Actor("bob@example.org"), Actor("boss@example.org")
    store.roles.grant(bob.name, "viewer", "boss")
    store.roles.grant(boss.name, "admin", "boss")
    made = {
        who.name: authorized.make_token(
            store, who, name="x", roles=store.roles.of(who.name), expires_at=NOW + DAY, request_id=fresh()
        )
        for who in (ann, bob, boss)
    }  # fmt: skip
    assert {name: token.token.owner for name, token in made.items()} == {name: name for name in made}
    assert [one.owner for one in authorized.tokens(store, bob)] == [bob.name]
    assert len(authorized.tokens(store, boss)) == 3
    with pytest.raises(Refused, match="its owner or an admin may revoke it"):
        authorized.revoke_token(store, bob, made[ANN].token.id)
    assert authorized.revoke_token(store, boss, made[ANN].token.id)
    assert authorized.revoke_token(store, bob, made[bob.name].token.id)
    with pytest.raises(Forbidden):
        authorized.make_token(
            store, Actor("eve"), name="x", roles=(Role.VIEWER,), expires_at=NOW + DAY, request_id=fresh()
        )  # fmt: skip


def test_a_token_cannot_outlive_itself_and_revokes_itself_only(store: Store) -> None:
    one, other = made(store), made(store)
    program = service_tokens.identify(store, secret_of(one), NOW)
    with pytest.raises(Refused, match="a service token cannot make tokens"):
        authorized.make_token(
            store, program, name="x", roles=(Role.PLANNER,), expires_at=NOW + DAY, request_id=fresh()
        )  # fmt: skip
    with pytest.raises(Refused, match="itself and no other"):
        authorized.revoke_token(store, program, other.token.id)
    assert authorized.revoke_token(store, program, one.token.id)
    assert caught(store, secret_of(one)).cause.endswith("is revoked")
    with pytest.raises(Refused, match="nobody signs in"):
        authorized.make_token(store, LOCAL, name="x", roles=(), expires_at=NOW + DAY, request_id=fresh())


def test_the_last_use_is_not_written_at_each_request(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    token = made(store)
    written: list[datetime] = []
    used = store.tokens.used
    monkeypatch.setattr(store.tokens, "used", lambda identity, now: (written.append(now), used(identity, now)))
    for minutes in (0, 3, 9, 11, 20, 22):
        service_tokens.identify(store, secret_of(token), NOW + timedelta(minutes=minutes))
    assert [round((one - NOW) / timedelta(minutes=1)) for one in written] == [0, 11, 22]
    assert store.tokens.get(token.token.id).last_used == NOW + timedelta(minutes=22)


def test_the_trail_tells_which_token_acted(store: Store) -> None:
    token, plan = made(store, Role.APPROVER), planned(store)
    actor = service_tokens.identify(store, secret_of(token), NOW)
    authorized.propose(store, actor, ProposalRequest(fresh(), plan.schedule, plan.content, "anybody"))
    act, use = store.audit.newest(2)
    assert (act.actor, act.action) == (ANN, "propose")
    assert (use.actor, use.action, use.subject) == (ANN, "use-token", token.token.id)
    assert use.detail == {"act": "propose", "subject": act.subject}
    assert store.audit.verify() is None
    authorized.propose(store, Actor(ANN), ProposalRequest(fresh(), plan.schedule, plan.content, ANN))
    assert [line.action for line in store.audit.newest(2)] == ["propose", "propose"], "the person acts without the token"


def test_a_line_of_somebody_else_is_not_told_to_be_by_the_token(store: Store) -> None:
    actor = service_tokens.identify(store, secret_of(made(store)), NOW)
    authorized.require(store, actor, Action.PLAN)
    store.audit.record_act("supervisor", "something", "x", {})
    assert [line.action for line in store.audit.newest(2)] == ["something", "make-token"]


def test_a_line_that_names_another_ones_token_is_found(store: Store) -> None:
    token = made(store).token
    store.audit.name_token("eve", token.id)
    store.audit.record_act("eve", "something", "x", {})
    store.audit.name_token("", "")
    broken = store.audit.verify()
    assert broken is not None
    assert broken.reason == f"use-token of {token.id}: eve is not the owner of that token"


@pytest.mark.parametrize("pair", ["token and owner", "owner and token", "two tokens of one owner"])
def test_a_token_does_not_second_what_its_owner_proposed(
    store: Store, monkeypatch: pytest.MonkeyPatch, pair: str
) -> None:  # fmt: skip
    monkeypatch.setattr("scheduler_core.services.releasing.needs_four_eyes", lambda plant: True)
    store.roles.grant("bob@example.org", "approver", "boss")
    ann = Actor(ANN)
    one, two = (service_tokens.identify(store, secret_of(made(store, Role.APPROVER)), NOW) for _ in range(2))
    bobs = service_tokens.identify(store, secret_of(made(store, Role.APPROVER, owner="bob@example.org")), NOW)
    proposer, approver = {
        "token and owner": (one, ann), "owner and token": (ann, two), "two tokens of one owner": (one, two),
    }[pair]  # fmt: skip
    plan = planned(store)
    authorized.propose(store, proposer, ProposalRequest(fresh(), plan.schedule, plan.content, "x"))
    with pytest.raises(Refused, match="has proposed this release: somebody else has to approve it"):
        authorized.approve(store, approver, approval(plan, approver="somebody else"))
    release = authorized.approve(store, bobs, approval(plan, approver="somebody else"))
    assert release.approver == "bob@example.org"


def tampered(store: Store, statement: str) -> None:
    with closing(open_store(store.url)) as database, database.engine.begin() as connection:
        for trigger in ("service_token_no_update", "service_token_insert_needs_line", "service_token_revoked_no_delete"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
        connection.exec_driver_sql(statement)


DIGEST = hashlib.sha256(b"x" * 43).hexdigest()


@pytest.mark.parametrize(
    ("statement", "bearer"),
    [(f"UPDATE service_token SET secret_sha256='{DIGEST}'", lambda token: f"swt_{token.id}_{'x' * 43}"),
     ("UPDATE service_token SET owner='bob@example.org'", None),
     ("UPDATE service_token SET roles='approver planner'", None),
     ("UPDATE service_token SET expires_us=expires_us+1", None),
     ("DELETE FROM service_token_revoked", None),
     (f"INSERT INTO service_token VALUES(9,'{'e' * 12}','r','n','{ANN}','planner','{DIGEST}',2000000000000000,'boss',"
      "1990000000000000)", lambda token: f"swt_{'e' * 12}_{'x' * 43}")],
)  # fmt: skip
def test_a_token_that_was_changed_past_the_trail_opens_nothing(
    store: Store, statement: str, bearer: Callable[[ServiceToken], str] | None
) -> None:
    token = made(store)
    if "revoked" in statement:
        service_tokens.revoke(store, token.token.id, actor=ANN)
    tampered(store, statement)
    sent = secret_of(token) if bearer is None else bearer(token.token)
    assert caught(store, sent).cause.startswith("unknown token")
    assert store.audit.verify() is not None


def test_no_log_shows_a_bearer_token(store: Store) -> None:
    token = secret_of(made(store))
    secret = token.split("_", 2)[2]
    for text in (
        f"Authorization: Bearer {token}",
        f"got {token}",
        "authorization: bearer eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.abc",
    ):
        shown = masked_text(text)
        assert MASK in shown
        assert secret not in shown
        assert "eyJhbGci" not in shown
