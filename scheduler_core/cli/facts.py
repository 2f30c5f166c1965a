"""``shopwright facts``: what planners know and the ERP does not say: list it, add to it, undo it."""

from __future__ import annotations

import argparse
import getpass
import shlex
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.fact_arguments import add_kinds, change_of, moment
from scheduler_core.cli.plant_sources import read_bytes
from scheduler_core.cli.terminal import Terminal, print_json, print_table

if TYPE_CHECKING:
    from scheduler_core.data.store import Store
    from scheduler_core.data.store.records import SnapshotInfo
    from scheduler_core.plant import Plant
    from scheduler_core.scenarios.changes import Change
    from scheduler_core.services.facts import Doubt, Fact

SHOWN_ID = 12
"""Letters of a fact's id that are shown. `undo` takes fewer, if only one fact begins with them."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments; without a subcommand the facts that are not over are listed."""
    _listing(parser)
    asked = parser.add_subparsers(metavar="WHAT")
    _listing(asked.add_parser("list", help="list current and future facts (default)"), argparse.SUPPRESS)
    added = asked.add_parser("add", help="record a fact")
    add_kinds(added)
    added.set_defaults(answer=_add)
    undone = asked.add_parser("undo", help="undo a fact")
    undone.add_argument("fact", metavar="ID", help="id as listed; its first letters are enough if they are unique")
    undone.add_argument("--reason", default="", help="why the fact no longer holds")
    undone.set_defaults(answer=_undo)
    true = asked.add_parser("from-what-if", help="record the changes of a stored what-if as facts")
    true.add_argument("scenario", metavar="SCENARIO", help="the what-if's id")
    true.add_argument("--reason", required=True, help="the source of the facts")
    true.set_defaults(answer=_from_what_if)


def _listing(parser: argparse.ArgumentParser, default: object = False) -> None:
    parser.add_argument("--all", action="store_true", default=default, help="also list facts that have ended or were undone")
    parser.add_argument("--json", action="store_true", default=default, help="print the answer as JSON")
    parser.set_defaults(answer=_list)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers what was asked, of the plant of the store's latest snapshot."""
    from scheduler_core.data.store import Store
    from scheduler_core.data.store_errors import NotFound, Refused

    store = Store.open()
    try:
        latest = store.snapshots.latest()
        if latest is None:
            raise Failed(Exit.USAGE, "the store has no snapshot yet: pull the jobs first (on the board), or load a workbook")
        return int(args.answer(args, terminal, store, latest))
    except (NotFound, Refused) as error:
        raise Failed(Exit.USAGE, str(error)) from None
    finally:
        store.close()


def _list(args: argparse.Namespace, terminal: Terminal, store: Store, latest: SnapshotInfo) -> int:
    from scheduler_core.services import facts

    plant, now = store.snapshots.plant(latest.id), _now(latest)
    over = (facts.Standing.EXPIRED, facts.Standing.UNDONE)
    listed = [one for one in facts.known(store, plant, now) if args.all or one.standing(now) not in over]
    idle = {one.fact.id: one.idle for one in facts.acting(store, latest.id).idle}
    questions, doubts = facts.unanswered(store, latest.id), facts.doubtful(store, latest.id, now)
    if args.json:
        print_json({
            "plant": plant.name,
            "facts": [_row(plant, one, now, idle.get(one.id)) for one in listed],
            "questions": [{"machine": q.machine, "name": q.name, "jobs": list(q.jobs)} for q in questions],
            "doubts": [{"fact": d.fact.id, "asks": d.asks.value, "reason": d.reason} for d in doubts],
        })  # fmt: skip
        return Exit.DONE
    if listed:
        away = facts.names_out_of_service(store, latest.id)
        rows = [_words(plant, one, now, idle.get(one.id), away) for one in listed]
        print_table([["id", "fact", "state", "since", "until", "by", "why"], *rows])
    else:
        terminal.say("no fact is in force")
    for question in questions:
        jobs = ", ".join(question.jobs[:5]) + (f" and {len(question.jobs) - 5} more" if len(question.jobs) > 5 else "")
        terminal.say(
            f"when is {question.name} back? Orders that wait for it: {jobs}. Answer by: shopwright facts add back "
            f"--machine {shlex.quote(question.name)} --at 'YYYY-MM-DD HH:MM' --reason ..."
        )
    for doubt in doubts:
        terminal.say(f"{doubt.fact.id[:SHOWN_ID]} {_said(plant, doubt.fact.change, {})}: {_asked(doubt)}")
    return Exit.DONE


def _add(args: argparse.Namespace, terminal: Terminal, store: Store, latest: SnapshotInfo) -> int:
    from scheduler_core.scenarios.changes_file import changes_from_json
    from scheduler_core.scenarios.floor_changes import Noted
    from scheduler_core.services import facts

    plant, now = store.snapshots.plant(latest.id), _now(latest)
    away = facts.names_out_of_service(store, latest.id)
    if args.kind == "file":
        path: Path = args.file
        changes = changes_from_json(read_bytes(path), plant, str(path))
    else:
        changes = (change_of(args, plant, now, {name: machine for machine, name in away.items()}),)
    for change in changes:
        stated = facts.Stated(
            change, plant.plan_start, args.reason or "", moment("since", args.since), moment("until", args.end)
        )
        made = facts.record(store, stated, now=now, actor=_account(), request_id=uuid.uuid4().hex)
        print(f"{made.fact_id[:SHOWN_ID]}  {_said(plant, change, away)}")
        # A note changes no plant, and a machine that is out of service in the ERP comes into it by a pull.
        counts = "it is read at once, no plan changes" if isinstance(change, Noted) else "it counts from the next pull on"
        same = made.snapshot_id == latest.id
        terminal.say(counts if same else f"snapshot {made.snapshot_id} has it")
        latest = store.snapshots.latest() or latest
    return Exit.DONE


def _undo(args: argparse.Namespace, terminal: Terminal, store: Store, latest: SnapshotInfo) -> int:
    from scheduler_core.scenarios.floor_changes import Noted
    from scheduler_core.services import facts

    plant, now = store.snapshots.plant(latest.id), _now(latest)
    found = [one for one in facts.known(store, plant, now) if one.id.startswith(args.fact)]
    if len(found) != 1:
        said = "is no fact" if not found else f"names {len(found)} facts: give more letters"
        raise Failed(Exit.USAGE, f"{args.fact} {said}")
    request = uuid.uuid4().hex
    made = facts.undo(store, found[0].id, now=now, actor=_account(), request_id=request, reason=args.reason)
    print(f"undone: {_said(plant, found[0].change, facts.names_out_of_service(store, latest.id))}")
    same = "no plan changes" if isinstance(found[0].change, Noted) else "it counts until the next pull"
    terminal.say(same if made == latest.id else f"snapshot {made} is without it")
    return Exit.DONE


def _from_what_if(args: argparse.Namespace, terminal: Terminal, store: Store, latest: SnapshotInfo) -> int:
    from scheduler_core.services import facts

    made = facts.from_what_if(
        store, args.scenario, reason=args.reason, now=_now(latest), actor=_account(), request_id=uuid.uuid4().hex
    )
    amount = "1 fact" if len(made) == 1 else f"{len(made)} facts"
    print(f"{amount} recorded: {', '.join(one.fact_id[:SHOWN_ID] for one in made)}")
    terminal.say(f"snapshot {made[-1].snapshot_id} has them")
    return Exit.DONE


def _row(plant: Plant, fact: Fact, now: datetime, idle: str | None) -> dict[str, object]:
    import json

    from scheduler_core.scenarios.changes_file import change_to_json

    return {
        "id": fact.id, "kind": fact.kind, "change": json.loads(change_to_json(plant, fact.change)),
        "state": fact.standing(now).value, "idle": idle, "since": fact.since.isoformat(),
        "until": None if fact.until is None else fact.until.isoformat(), "reason": fact.reason, "origin": fact.origin.value,
        "by": fact.recorded_by, "at": None if fact.recorded_at is None else fact.recorded_at.isoformat(),
        "scenario": fact.scenario_id, "undone_by": fact.undone_by, "undone_reason": fact.undone_reason,
        "undone_at": None if fact.undone_at is None else fact.undone_at.isoformat(),
    }  # fmt: skip


def _said(plant: Plant, change: Change, away: Mapping[int, str]) -> str:
    """A change in words; ``away``: names of machines that are out of service in the ERP and so not in the plant."""
    from scheduler_core.scenarios.change_wording import change_words
    from scheduler_core.scenarios.floor_changes import MachineReturns

    return change_words(plant, change, away.get(change.machine, "") if isinstance(change, MachineReturns) else "")


def _asked(doubt: Doubt) -> str:
    from scheduler_core.services.facts import Asks

    if doubt.asks is Asks.CONTRADICTED:
        return f"{doubt.reason}. Undo it if it is not so"
    if doubt.asks is Asks.UNCONFIRMED:
        return "the ERP does not know it after a day. Is it booked there? Undo it if it is not so"
    return (
        f"it was expected to be finished by {doubt.expected:%Y-%m-%d %H:%M}. Is it? Answer by: shopwright facts add finished"
    )


def _words(plant: Plant, fact: Fact, now: datetime, idle: str | None, away: Mapping[int, str]) -> list[str]:
    until = "undone" if fact.until is None else f"{fact.until:%Y-%m-%d %H:%M}"
    state = fact.standing(now).value if idle is None else f"does not act: {idle}"
    since = f"{fact.since:%Y-%m-%d %H:%M}"
    shown = fact.id[:SHOWN_ID] if fact.origin.value != "pin" else fact.id
    return [shown, _said(plant, fact.change, away), state, since, until, fact.recorded_by, fact.reason]


def _now(latest: SnapshotInfo) -> datetime:
    """Naive plant time; the clock of a demo or of a file stands still."""
    from scheduler_core.data.store.records import Source

    if latest.source is not Source.ERP:
        return latest.plan_start
    return datetime.now(ZoneInfo(latest.timezone)).replace(tzinfo=None, second=0, microsecond=0)


def _account() -> str:
    """Who typed the command, for the audit trail."""
    return f"command line: {getpass.getuser()}"
