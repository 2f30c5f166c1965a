"""``shopwright tokens``: the service tokens with which programs ask the HTTP API."""

from __future__ import annotations

import argparse
import getpass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.people.person_names import person_named
from scheduler_core.roles import Role

if TYPE_CHECKING:
    from scheduler_core.data.store import Store
    from scheduler_core.data.store.records import ServiceToken


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments; without a subcommand the tokens are listed."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.set_defaults(answer=_list)
    asked = parser.add_subparsers(metavar="WHAT")
    listed = asked.add_parser("list", help="list all tokens, without their secrets")
    listed.add_argument("--owner", metavar="PERSON", help="only this person's")
    listed.set_defaults(answer=_list)
    new = asked.add_parser("new", help="make a token; it is shown once")
    new.add_argument("name", metavar="NAME", help="what uses the token, such as 'MES of plant 2'")
    new.add_argument(
        "--owner", required=True, metavar="PERSON", help="the person in whose name it acts, who needs the roles"
    )
    new.add_argument(
        "--role", dest="roles", action="append", required=True, choices=[r.value for r in Role],
        help="a role that it has at most; can be given several times",
    )  # fmt: skip
    new.add_argument("--days", type=int, required=True, metavar="N", help="days until it expires, at most 366")
    new.set_defaults(answer=_new)
    revoke = asked.add_parser("revoke", help="revoke a token for good")
    revoke.add_argument("token", metavar="ID", help="the token's id, as 'list' shows it")
    revoke.set_defaults(answer=_revoke)
    for part in (listed, new):
        part.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers what was asked."""
    from scheduler_core.data.store import Store

    store = Store.open()
    try:
        return int(args.answer(args, terminal, store))
    except (NotFound, Refused) as refused:
        raise Failed(Exit.USAGE, str(refused)) from None
    finally:
        store.close()


def _list(args: argparse.Namespace, terminal: Terminal, store: Store) -> int:
    owner = getattr(args, "owner", None)
    found = store.tokens.every(None if owner is None else person_named(owner))
    if args.json:
        print_json([_document(one) for one in found])
    elif found:
        now = datetime.now(UTC)
        rows = [
            [one.id, one.name, one.owner, " ".join(sorted(one.roles)), f"{one.expires_at:%Y-%m-%d %H:%M}",
             _moment(one.last_used), _state(one, now)]
            for one in found
        ]  # fmt: skip
        print_table([["id", "name", "owner", "roles", "expires (UTC)", "last use (UTC)", "state"], *rows])
    else:
        terminal.say("there is no token; make one with 'shopwright tokens new NAME --owner PERSON --role ROLE --days N'")
    return Exit.DONE


def _new(args: argparse.Namespace, terminal: Terminal, store: Store) -> int:
    from scheduler_core.errors import InvalidValue
    from scheduler_core.services import service_tokens

    if not 1 <= args.days <= service_tokens.LONGEST.days:
        raise InvalidValue("--days", args.days, f"must be 1 to {service_tokens.LONGEST.days}")
    made = service_tokens.make(
        store, owner=person_named(args.owner), name=args.name, roles=[Role(one) for one in args.roles],
        expires_at=datetime.now(UTC) + timedelta(days=args.days), actor=f"command line: {getpass.getuser()}",
        request_id=uuid4().hex,
    )  # fmt: skip
    if args.json:
        print_json(_document(made.token) | {"secret": made.secret})
    else:
        print(made.secret)
        terminal.say(
            f"the token {made.token.id} acts for {made.token.owner} until {made.token.expires_at:%Y-%m-%d %H:%M} UTC; it is "
            "shown this once: keep it where no other account can read it"
        )
    return Exit.DONE


def _revoke(args: argparse.Namespace, terminal: Terminal, store: Store) -> int:
    from scheduler_core.services import service_tokens

    changed = service_tokens.revoke(store, args.token, actor=f"command line: {getpass.getuser()}")
    print(f"{args.token} is revoked" + ("" if changed else " already"))
    return Exit.DONE


def _document(token: ServiceToken) -> dict[str, object]:
    return {
        "id": token.id, "name": token.name, "owner": token.owner, "roles": sorted(token.roles), "made_by": token.actor,
        "made_at": token.made_at.isoformat(), "expires_at": token.expires_at.isoformat(),
        "last_used": None if token.last_used is None else token.last_used.isoformat(),
        "revoked_at": None if token.revoked_at is None else token.revoked_at.isoformat(), "revoked_by": token.revoked_by,
    }  # fmt: skip


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _state(token: ServiceToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "in force" if token.is_live(now) else "expired"
