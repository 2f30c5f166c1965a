"""A day of alerts in fast motion: is every incident told once, and once when it is over, whatever fails?

    python benchmarks/alerts.py [--hours 24] [--seed 1]

Two processes look every minute of the plant's time; one of them is killed without a word and comes back, several times.
Machines fail and are repaired at random. A webhook and a mail server of this machine are away at random for up to two hours:
the webhook then answers 500 or drops the connection, and mail is refused. Nobody acknowledges anything.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from report import heading, markdown_table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scheduler_core.alerts.config import AlertsConfig  # noqa: E402
from scheduler_core.alerts.facts import DownMachine, Facts  # noqa: E402
from scheduler_core.alerts.rules import Found  # noqa: E402
from scheduler_core.alerts.service import AlertService, Parts  # noqa: E402
from scheduler_core.data.store import Store  # noqa: E402
from scheduler_core.settings import environment  # noqa: E402
from tests.support.alert_receivers import Inbox, mail_server, webhook  # noqa: E402

BEGIN = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
MACHINES = 12
LONGEST_OUTAGE = 120
"""Minutes that a receiver is away."""
_TOLD = re.compile(r"(Over: )?Machine (\d+) is down\.")


@dataclass(frozen=True)
class Told:
    """One day. ``wrong``: what a receiver was told not exactly once, in words; ``messages``: by receiver; ``failures``:
    attempts that a receiver did not take."""

    incidents: int
    wrong: tuple[str, ...]
    messages: dict[str, int]
    failures: int
    looks: int
    kills: int
    seconds: float


class _Floor:
    """Machines that fail and are repaired at random. Every call for the same minute gives the same machines."""

    def __init__(self, draw: random.Random, minutes: int) -> None:
        down: set[int] = set()
        self.at: list[frozenset[int]] = []
        for minute in range(minutes):
            for machine in range(MACHINES):
                # In the last four hours nothing new fails, so that all that began is over at the end.
                failing = machine not in down and minute < minutes - 240 and draw.random() < 0.004
                repaired = machine in down and (draw.random() < 0.02 or minute >= minutes - 200)
                down = down | {machine} if failing else down - {machine} if repaired else down
            self.at.append(frozenset(down))

    def look(self, settings: AlertsConfig, now: datetime) -> Facts:
        minute = (now - BEGIN) // timedelta(minutes=1)
        return Facts(now=now, down=tuple(DownMachine(m, f"M{m}", None) for m in sorted(self.at[minute])))

    def detailed(self, facts: Facts, begun: Sequence[Found]) -> tuple[Found, ...]:
        return tuple(begun)


def day(folder: Path, minutes: int, seed: int, every: int = 1) -> Told:
    """Play one day. ``minutes``: of the plant's time, at least 300; ``every``: minutes between two looks."""
    draw, began = random.Random(seed), time.perf_counter()
    floor = _Floor(draw, minutes)
    receivers = {
        name: {"url_variable": f"{environment.ALERT_URLS}{name.upper()}", "labels": ["planner"]} for name in ("chat", "mail")
    }
    settings = AlertsConfig.model_validate({"receivers": receivers, "settle_minutes": 2, "timeout_seconds": 5})
    parts = Parts(settings=lambda: settings, gatherer=lambda _: floor, seconds=lambda: 0.0)
    with webhook() as (chat, chat_inbox), mail_server() as (mail, mail_inbox), closing(_store(folder)) as store:
        os.environ |= {f"{environment.ALERT_URLS}CHAT": chat, f"{environment.ALERT_URLS}MAIL": mail}
        inboxes = {"chat": chat_inbox, "mail": mail_inbox}
        hosts: list[AlertService | None] = [AlertService(store, f"host-{n} work", parts) for n in range(2)]
        away, kills, looks = dict.fromkeys(inboxes, 0), 0, 0
        for minute in range(0, minutes, every):
            for name, inbox in inboxes.items():
                away[name] = max(0, away[name] - every)
                if not away[name] and minute < minutes - 120 and draw.random() < 0.01 * every:
                    away[name] = draw.randint(1, LONGEST_OUTAGE)
                inbox.answer = draw.choice((0, 500)) if away[name] else 200
            for n, host in enumerate(hosts):
                if host is None:
                    hosts[n] = AlertService(store, f"host-{n} work", parts) if draw.random() < 0.1 else None
                elif draw.random() < 0.005 * every:
                    hosts[n], kills = None, kills + 1
                else:
                    looks += host.look(BEGIN + timedelta(minutes=minute))
        tried = store.alerts.messages(10_000)
        incidents = store.alerts.newest(10_000)
        open_ends = [f"{incident.about} is not over" for incident in incidents if incident.is_open]
        wrong = [
            line for name, inbox in inboxes.items() for line in _wrong(name, inbox, Counter(i.about for i in incidents))
        ]
    return Told(
        len(incidents), (*open_ends, *wrong), {name: len(inbox.taken) for name, inbox in inboxes.items()},
        sum(message.attempts - message.arrived for message in tried), looks, kills, time.perf_counter() - began,
    )  # fmt: skip


def _wrong(name: str, inbox: Inbox, expected: Counter[str]) -> list[str]:
    """How often each machine's beginning and end were told, where that is not once for each incident. One that was over
    before the receiver could be told is told once, as over."""
    over, begun = Counter[str](), Counter[str]()
    for title, body in inbox.taken:
        for ended, machine in _TOLD.findall(body if body.startswith(("- ", "Over")) else title + "."):
            (over if ended else begun)[machine] += 1
    found = []
    for machine, times in expected.items():
        if over[machine] != times:
            found.append(f"{name}: {times} ends of {machine} were told {over[machine]} times")
        if begun[machine] > times:
            found.append(f"{name}: {times} beginnings of {machine} were told {begun[machine]} times")
    return found


def _store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'store.sqlite3'}")


def main() -> int:
    """Play the day and print the result; exit status 1 if anything was not told exactly once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = day(Path(folder), options.hours * 60, options.seed)
    print(heading("Alerts in fast motion", sys.argv[1:]))
    rows = [
        ["incidents", str(told.incidents)], ["messages", ", ".join(f"{name} {n}" for name, n in told.messages.items())],
        ["attempts that failed", str(told.failures)], ["processes killed", str(told.kills)], ["looks", str(told.looks)],
        ["not told exactly once", str(len(told.wrong))], ["seconds", f"{told.seconds:.0f}"],
    ]  # fmt: skip
    print(markdown_table(["what", "value"], rows))
    for line in told.wrong:
        print(line)
    return int(bool(told.wrong))


if __name__ == "__main__":
    sys.exit(main())
