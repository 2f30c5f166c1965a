"""``shopwright automation``: what runs without anybody asking, what was done last, and what is due next or why not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal, print_json, print_table

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from scheduler_core.automation.outlook import Outlook
    from scheduler_core.automation.state import AutomationState


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument("--acts", type=int, default=0, metavar="N", help="also list the last N actions")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Prints the state; nothing is changed."""
    from datetime import UTC, datetime

    from scheduler_core.automation.state import automation_state
    from scheduler_core.data.store import Store

    store = Store.open()
    try:
        found = automation_state(store, datetime.now(UTC))
        acts = store.automation.newest(limit=max(0, args.acts)) if args.acts > 0 else ()
    finally:
        store.close()
    zone = found.situation.zone
    if args.json:
        print_json({
            "enabled": found.enabled, "host": found.host, "acting": found.acting, "failures": dict(found.failures),
            "parts": [_part(one) for one in found.parts],
            "acts": [{"kind": a.kind.value, "cause": a.cause, "at": a.at.isoformat(), "snapshot": a.snapshot_id,
                      "run": a.run_id} for a in acts],
        })  # fmt: skip
        return Exit.DONE
    terminal.say(_heading(found))
    for name, why in found.failures.items():
        terminal.say(f"{name} failed: {why}")
    rows = [[one.kind.value, _last(one, zone), _next(one, zone, found.enabled)] for one in found.parts]
    print_table([["what", "last", "next"], *rows])
    if acts:
        told = [[_moment(a.at, zone), a.kind.value, a.cause, a.snapshot_id or "", a.run_id or ""] for a in acts]
        print_table([["when", "what", "cause", "snapshot", "run"], *told])
    return Exit.DONE


def _heading(found: AutomationState) -> str:
    if not found.enabled:
        return "automation is off (enabled: false in configs/automation.yaml)"
    if found.acting:
        return f"automation is on; {found.host} acts"
    return "automation is on, and no host acts: start 'shopwright work --watch' or 'shopwright serve'"


def _part(one: Outlook) -> dict[str, object]:
    verdict, last = one.verdict, one.last
    return {
        "kind": one.kind.value, "last": None if last is None else last.at.isoformat(),
        "last_cause": None if last is None else last.cause, "due": verdict.due, "cause": verdict.cause,
        "why_not": verdict.why_not, "next": None if verdict.next_at is None else verdict.next_at.isoformat(),
    }  # fmt: skip


def _last(one: Outlook, zone: tzinfo) -> str:
    return "never" if one.last is None else f"{_moment(one.last.at, zone)} ({one.last.cause})"


def _next(one: Outlook, zone: tzinfo, enabled: bool) -> str:
    if not enabled:
        return "automation is off"
    if one.verdict.due:
        return f"now ({one.verdict.cause})"
    at = one.verdict.next_at
    return one.verdict.why_not if at is None else f"{_moment(at, zone)} ({one.verdict.why_not})"


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
