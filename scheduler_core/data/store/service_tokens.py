"""Service tokens in the store: two append-only lists, of those that were made and of those that were revoked.

A token counts only as the audit trail tells it: a row that was added or changed past the trail opens no door, and a token
that the trail tells to be revoked stays revoked.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, requests, role_grants, serialization
from scheduler_core.data.store.audit_lists import TOKEN_KEYS
from scheduler_core.data.store.records import NewToken, ServiceToken
from scheduler_core.data.store.tables import AUDIT, SERVICE_TOKEN, TOKEN_REVOKED, TOKEN_USED
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.roles import Role

MAKE, REVOKE = "make-token", "revoke-token"
MOST_LIVE: Final = 20
"""Tokens of one owner that are neither revoked nor expired."""
USE_STEP: Final = timedelta(minutes=10)
"""The last use is written again only after so long, so that a request does not write each time."""
_SELECT = sa.select(
    SERVICE_TOKEN, TOKEN_REVOKED.c.revoked_us, TOKEN_REVOKED.c.actor.label("revoked_by"), TOKEN_USED.c.used_us
)
_JOINED = _SELECT.select_from(
    SERVICE_TOKEN.outerjoin(TOKEN_REVOKED, TOKEN_REVOKED.c.token_id == SERVICE_TOKEN.c.token_id).outerjoin(
        TOKEN_USED, TOKEN_USED.c.token_id == SERVICE_TOKEN.c.token_id
    )
)


def make(connection: Connection, new: NewToken) -> ServiceToken:
    """Keep a token. The same request again returns what it made. See ``Store.tokens.make``."""
    request_id = serialization.request_id(new.request_id)
    owner = serialization.person("owner", new.owner)
    # One at a time: the number of the line and the owner's roles are read before the line is written.
    audit.wait_in_line(connection)
    earlier = connection.execute(_JOINED.where(SERVICE_TOKEN.c.request_id == request_id)).first()
    if earlier is not None:
        found = _token(earlier)
        requests.same(
            request_id, f"the token {found.name!r} of {found.owner}",
            {"owner": (found.owner, owner), "name": (found.name, new.name), "roles": (found.roles, new.roles),
             "expiry": (found.expires_at, new.expires_at)},
        )  # fmt: skip
        return found
    _within_the_owners(connection, owner, new.roles)
    now = serialization.now_us()
    if sum(one.is_live(serialization.from_us(now)) for one in every(connection, owner)) >= MOST_LIVE:
        raise Refused(f"{owner} has {MOST_LIVE} tokens that are in force: revoke one first")
    values = {
        "token_id": new.id, "request_id": request_id, "name": serialization.name("token name", new.name), "owner": owner,
        "roles": " ".join(sorted(new.roles)), "secret_sha256": new.secret_sha256,
        "expires_us": serialization.to_us(new.expires_at), "actor": serialization.person("actor", new.actor), "made_us": now,
    }  # fmt: skip
    audit.record(connection, new.actor, MAKE, new.id, {key: values[key] for key in TOKEN_KEYS})
    connection.execute(sa.insert(SERVICE_TOKEN).values(change_no=_following(connection, SERVICE_TOKEN), **values))
    return get(connection, new.id)


def revoke(connection: Connection, token_id: str, actor: str) -> bool:
    """Revoke a token for good; False if it is revoked already. Raises NotFound."""
    audit.wait_in_line(connection)
    if get(connection, token_id).revoked_at is not None:
        return False
    number = _following(connection, TOKEN_REVOKED)
    audit.record(connection, actor, REVOKE, token_id, {"change_no": number})
    values = {"token_id": token_id, "actor": serialization.person("actor", actor), "revoked_us": serialization.now_us()}
    connection.execute(sa.insert(TOKEN_REVOKED).values(change_no=number, **values))
    return True


def get(connection: Connection, token_id: str) -> ServiceToken:
    """One token. Raises NotFound."""
    row = connection.execute(_JOINED.where(SERVICE_TOKEN.c.token_id == token_id)).first()
    if row is None:
        raise NotFound(f"token {token_id!r} is not in the store")
    return _token(row)


def every(connection: Connection, owner: str | None = None) -> tuple[ServiceToken, ...]:
    """The tokens of one owner or of all, those that were made last first."""
    query = _JOINED if owner is None else _JOINED.where(SERVICE_TOKEN.c.owner == owner)
    return tuple(_token(row) for row in connection.execute(query.order_by(SERVICE_TOKEN.c.change_no.desc())))


def held(connection: Connection, token_id: str) -> tuple[ServiceToken, str] | None:
    """A token and the hash of its secret; None if there is none, or if the trail tells something else of it."""
    row = connection.execute(_JOINED.where(SERVICE_TOKEN.c.token_id == token_id)).first()
    if row is None:
        return None
    lines = connection.execute(
        sa.select(AUDIT.c.act, AUDIT.c.detail, AUDIT.c.actor).where(
            AUDIT.c.act.in_((MAKE, REVOKE)), AUDIT.c.subject == token_id
        )
    ).all()
    if any(line.act == REVOKE for line in lines) and row.revoked_us is None:
        return None
    told = {key: row._mapping[key] for key in TOKEN_KEYS}
    made = [line for line in lines if line.act == MAKE and line.actor == row.actor and json.loads(line.detail) == told]
    return (_token(row), row.secret_sha256) if made else None


def used(connection: Connection, token_id: str, now: datetime) -> None:
    """Note that a token was used; the moment is kept coarsely (``USE_STEP``)."""
    moment = serialization.to_us(now)
    known = connection.execute(sa.select(TOKEN_USED.c.used_us).where(TOKEN_USED.c.token_id == token_id)).scalar()
    if known is None:
        connection.execute(sa.insert(TOKEN_USED).values(token_id=token_id, used_us=moment))
    elif moment - int(known) >= USE_STEP // timedelta(microseconds=1):
        connection.execute(sa.update(TOKEN_USED).where(TOKEN_USED.c.token_id == token_id).values(used_us=moment))


def _within_the_owners(connection: Connection, owner: str, roles: frozenset[Role]) -> None:
    """Raises Refused for roles that the owner does not have, or for none."""
    has = frozenset(one.role for one in role_grants.granted(connection, owner))
    if not has:
        raise Refused(f"{owner} has no role, so a token in that name could do nothing")
    if not roles:
        raise Refused(f"a token needs at least one role of its owner: {', '.join(sorted(has))}")
    if roles - has:
        raise Refused(
            f"{owner} does not have the role {' or '.join(sorted(roles - has))}: a token never has more than its owner "
            f"({', '.join(sorted(has))})"
        )


def _following(connection: Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.max(table.c.change_no))).scalar() or 0) + 1


def _token(row: sa.Row[Any]) -> ServiceToken:
    return ServiceToken(
        id=row.token_id, name=row.name, owner=row.owner, roles=frozenset(Role(one) for one in row.roles.split()),
        actor=row.actor, made_at=serialization.from_us(row.made_us), expires_at=serialization.from_us(row.expires_us),
        revoked_at=serialization.maybe_from_us(row.revoked_us), revoked_by=row.revoked_by,
        last_used=serialization.maybe_from_us(row.used_us),
    )  # fmt: skip
