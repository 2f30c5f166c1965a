"""``shopwright alerts``: what is wrong now and who was told, acknowledging, and a test message to every receiver."""

from __future__ import annotations

import argparse
import getpass
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.errors import InvalidValue

if TYPE_CHECKING:
    from scheduler_core.data.store import Store
    from scheduler_core.data.store.records import Incident

NOT_DELIVERED = 1
MOST = 200


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments; without a subcommand the open alerts are listed."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument("--all", action="store_true", help="also list alerts that are over")
    parser.set_defaults(answer=_list)
    asked = parser.add_subparsers(metavar="WHAT")
    listed = asked.add_parser("list", help="list the open alerts, with the messages about them")
    listed.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print the answer as JSON")
    listed.add_argument("--all", action="store_true", default=argparse.SUPPRESS, help="also list alerts that are over")
    listed.set_defaults(answer=_list)
    acknowledged = asked.add_parser("ack", help="acknowledge an open alert, so that it is not sent again")
    acknowledged.add_argument("alert", metavar="ALERT", help="the alert's id, or its first characters as listed")
    acknowledged.set_defaults(answer=_acknowledge)
    tested = asked.add_parser("test", help="send a test message to each receiver (exit status 1 if one does not take it)")
    tested.add_argument("receiver", nargs="*", metavar="RECEIVER", help="only to these receivers (default: to all)")
    tested.set_defaults(answer=_test)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers what was asked."""
    return int(args.answer(args, terminal))


def _list(args: argparse.Namespace, terminal: Terminal) -> int:
    """Also of settings that are wrong, which are named last: nobody is told of what is listed."""
    from scheduler_core.alerts.config import load_alerts_config

    _listed(args, terminal)
    load_alerts_config()
    return Exit.DONE


def _listed(args: argparse.Namespace, terminal: Terminal) -> None:
    from scheduler_core.alerts.documents import alert_document, deliveries_by_incident
    from scheduler_core.alerts.messages import SHORT_ID
    from scheduler_core.alerts.wording import Words
    from scheduler_core.data.store import Store

    store = Store.open()
    try:
        found = store.alerts.newest(MOST) if args.all else store.alerts.opened()
        told = deliveries_by_incident(store.alerts.messages_about([incident.id for incident in found]))
    finally:
        store.close()
    if args.json:
        print_json([alert_document(incident, told.get(incident.id, ())) for incident in found])
        return
    if not found:
        terminal.say("no alert is open")
        return
    words = Words(names=True)
    rows = [["alert", "since (UTC)", "over (UTC)", "what", "acknowledged by", "told"]]
    for incident in found:
        over = "" if incident.over_at is None else f"{incident.over_at:%Y-%m-%d %H:%M}"
        # Whoever was told of its beginning and of its end stands there once.
        to = ", ".join(dict.fromkeys(f"{m.receiver}{'' if m.arrived else ' (not yet)'}" for m in told.get(incident.id, ())))
        said = words.headline(incident.kind, incident.content)
        begun = f"{incident.begun_at:%Y-%m-%d %H:%M}"
        rows.append([incident.id[:SHORT_ID], begun, over, said, incident.acknowledged_by or "", to])
    print_table(rows)


def _acknowledge(args: argparse.Namespace, terminal: Terminal) -> int:
    from scheduler_core.data.store import Store

    store = Store.open()
    try:
        incident = _named(store, args.alert)
        new = store.alerts.acknowledge(incident.id, f"command line: {getpass.getuser()}")
        seen = store.alerts.get(incident.id)
        print("acknowledged" if new else f"acknowledged already, by {seen.acknowledged_by}")
        return Exit.DONE
    except (Refused, NotFound) as refused:
        raise Failed(Exit.USAGE, str(refused)) from None
    finally:
        store.close()


def _named(store: Store, text: str) -> Incident:
    """The one open alert whose id begins so. Raises InvalidValue."""
    found = [incident for incident in store.alerts.opened() if text and incident.id.startswith(text)]
    if len(found) != 1:
        raise InvalidValue("ALERT", text, "is no open alert" if not found else "begins the ids of several open alerts")
    return found[0]


def _test(args: argparse.Namespace, terminal: Terminal) -> int:
    from scheduler_core.alerts.config import load_alerts_config
    from scheduler_core.alerts.messages import test_text
    from scheduler_core.alerts.receivers import Post

    settings = load_alerts_config()
    for name in args.receiver:
        if name not in settings.receivers:
            raise InvalidValue("RECEIVER", name, f"must be one of {', '.join(settings.receivers) or '(none is set up)'}")
    if not settings.receivers:
        terminal.say("no receiver is set up: see receivers in configs/alerts.yaml (docs/alerts.md)")
        return Exit.DONE
    post, failed = Post(settings), False
    for name in args.receiver or settings.receivers:
        outcome = post.send(name, test_text(name))
        failed = failed or not outcome.arrived
        print(f"{name}: {'taken' if outcome.arrived else f'NOT taken: {outcome.reason}'}")
    return NOT_DELIVERED if failed else Exit.DONE
