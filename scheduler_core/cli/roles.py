"""``shopwright roles``: who may do what on the board. The first admin is made here, by whoever can open the store."""

from __future__ import annotations

import argparse
import getpass
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.data.store_errors import Refused
from scheduler_core.people.person_names import person_named
from scheduler_core.roles import Role

if TYPE_CHECKING:
    from scheduler_core.data.store import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments; without a subcommand the roles are listed."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.set_defaults(answer=_list)
    asked = parser.add_subparsers(metavar="WHAT")
    listed = asked.add_parser("list", help="list the roles of all people")
    listed.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print the answer as JSON")
    listed.set_defaults(answer=_list)
    for name, answer, help_ in (("grant", _grant, "grant a role"), ("revoke", _revoke, "revoke a role")):
        part = asked.add_parser(name, help=help_)
        part.add_argument(
            "person", metavar="PERSON", help="the person's name, exactly as the sign-in's claim or header gives it"
        )
        part.add_argument("role", choices=[r.value for r in Role])
        part.set_defaults(answer=answer)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers what was asked."""
    from scheduler_core.data.store import Store

    store = Store.open()
    try:
        return int(args.answer(args, terminal, store))
    finally:
        store.close()


def _list(args: argparse.Namespace, terminal: Terminal, store: Store) -> int:
    granted = store.roles.granted()
    if args.json:
        print_json([{"person": g.person, "role": g.role, "by": g.actor, "at": g.at.isoformat()} for g in granted])
    elif granted:
        rows = [[g.person, g.role.value, g.actor, f"{g.at:%Y-%m-%d %H:%M}"] for g in granted]
        print_table([["person", "role", "given by", "on (UTC)"], *rows])
    else:
        terminal.say("nobody has a role yet; give one with 'shopwright roles grant PERSON admin'")
    return Exit.DONE


def _grant(args: argparse.Namespace, terminal: Terminal, store: Store) -> int:
    person = person_named(args.person)
    changed = store.roles.grant(person, args.role, _account())
    print(f"{person} is {args.role}" + ("" if changed else " already"))
    return Exit.DONE


def _revoke(args: argparse.Namespace, terminal: Terminal, store: Store) -> int:
    try:
        changed = store.roles.revoke(args.person, args.role, _account())
    except Refused as refused:
        raise Failed(Exit.USAGE, str(refused)) from None
    print(f"{args.person} is not {args.role}" + (" any more" if changed else ""))
    return Exit.DONE


def _account() -> str:
    """Who typed the command, for the audit trail."""
    return f"command line: {getpass.getuser()}"
