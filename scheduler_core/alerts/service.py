"""Looks after the alerts: gathers facts, keeps what begins and ends, and delivers the messages. One process does at a time.

Every process that runs it says that it lives; the one that holds the lease looks and sends. A message is kept before it is
sent, and tried again after growing pauses until it arrives or is given up, so that each is sent once however often a
receiver is down. While a message waits for its receiver, further news for that receiver gather and follow as one message.
"""

from __future__ import annotations

import logging
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Event, Thread
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler_core.alerts.config import AlertsConfig, load_alerts_config
from scheduler_core.alerts.facts import Facts
from scheduler_core.alerts.gathering import Gatherer
from scheduler_core.alerts.incidents import News, compare, news, opened_by_kind
from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.messages import Text, written
from scheduler_core.alerts.receivers import Outcome, Post
from scheduler_core.alerts.rules import Found, find
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AlertMessage, IncidentChanges, NewIncident
from scheduler_core.errors import ShopwrightError
from scheduler_core.logs.redaction import masked_text

LOG = logging.getLogger(__name__)
LEASE_LOOKS = 4
"""Looks after which a silent sender's lease is over, and a silent host is lost."""
LEAST_LEASE = timedelta(minutes=3)
RESTARTED_WITHIN: Mapping[Kind, timedelta] = {Kind.EXPORTER_LOST: timedelta(minutes=1)}
"""How long the cause has to last before an alert begins: a service that is started again is not lost."""
MOST_MESSAGES = 20
"""Messages to one receiver in one look."""


class Sender(Protocol):
    """What delivers a message to a receiver by its name."""

    def send(self, name: str, text: Text) -> Outcome:
        """Try once. Raises nothing for what a receiver does."""
        ...


class Looking(Protocol):
    """What gathers the facts; see ``Gatherer``."""

    def look(self, settings: AlertsConfig, now: datetime) -> Facts:
        """The facts at ``now`` (aware)."""
        ...

    def detailed(self, facts: Facts, begun: Sequence[Found]) -> tuple[Found, ...]:
        """New incidents with what a message tells beyond that something is wrong."""
        ...


@dataclass(frozen=True)
class Parts:
    """What a service works with, so that tests and studies can put others in their place."""

    settings: Callable[[], AlertsConfig] = load_alerts_config
    sender: Callable[[AlertsConfig], Sender] = Post
    gatherer: Callable[[Store], Looking] = Gatherer
    seconds: Callable[[], float] = time.monotonic
    """How long a look takes is counted with it."""


class AlertService:
    """The alerts of one store. ``host`` names the machine and what runs there, the same after a restart; the lease is held
    by this one object, as two processes on a machine may have the same name. ``say`` takes a line when it cannot go on,
    when it can again, and when a message is not taken at once."""

    def __init__(self, store: Store, host: str, parts: Parts | None = None, say: Callable[[str], None] = LOG.info) -> None:
        self._store, self._host, self._say = store, host, say
        self._owner = f"{host} {uuid.uuid4().hex[:12]}"
        self._parts = parts or Parts()
        self._gatherer = self._parts.gatherer(store)
        self._absent: Mapping[str, datetime] = {}
        self._lasting: dict[Kind, datetime] = {}

    def run(self, stopped: Event) -> None:
        """Look again and again until ``stopped`` is set. A store out of reach or a wrong setting is logged once, and tried
        again with the next look."""
        failure, pause = "", AlertsConfig().every_seconds
        while not stopped.is_set():
            try:
                pause = self._parts.settings().every_seconds
                self.look(datetime.now(UTC))
            except (DatabaseFailure, ShopwrightError) as error:
                reason = masked_text(str(getattr(error, "orig", None) or error))
                if reason != failure:
                    LOG.warning("alerts could not be looked after", extra={"reason": reason})
                    self._say(f"alerts wait: {reason}")
                failure = reason
            else:
                if failure:
                    self._say("alerts go on")
                failure = ""
            stopped.wait(pause)
        self.leave(datetime.now(UTC))

    def look(self, now: datetime) -> bool:
        """One look: True if this process holds the lease, so that it looked and sent.

        Raises DatabaseFailure and InvalidValue.
        """
        settings, began = self._parts.settings(), self._parts.seconds()

        def moment() -> datetime:
            # ``now`` is given, and a look takes its time: what is noted of it must not lie before what came first.
            return now + timedelta(seconds=self._parts.seconds() - began)

        lease = max(LEAST_LEASE, LEASE_LOOKS * timedelta(seconds=settings.every_seconds))
        self._store.alerts.beat(self._host, now, now + lease)
        if not self._store.alerts.take_turn(self._owner, now, lease):
            self._absent = {}
            return False
        with self._living(lease, moment):
            facts = self._gatherer.look(settings, now)
            kept = self._keep(settings, facts, lease, moment)
        if kept:
            self._deliver(settings, lease, moment)
        return kept

    @contextmanager
    def _living(self, lease: timedelta, moment: Callable[[], datetime]) -> Iterator[None]:
        """Say that this process lives while a look takes long: what is tried for a message may have to be compiled first.
        The lease is not renewed meanwhile, so that another process looks."""
        done = Event()

        def beat() -> None:
            while not done.wait(lease.total_seconds() / LEASE_LOOKS):
                try:
                    self._store.alerts.beat(self._host, moment(), moment() + lease)
                except DatabaseFailure as error:
                    LOG.warning("no sign of life could be stored", extra={"reason": masked_text(str(error))})

        beating = Thread(target=beat, name="alerts-beat", daemon=True)
        beating.start()
        try:
            yield
        finally:
            done.set()
            beating.join()

    def leave(self, now: datetime) -> None:
        """Say that this process ends by itself and is not lost, and let another one send."""
        try:
            self._store.alerts.give_up_turn(self._owner)
            self._store.alerts.beat(self._host, now, None)
        except (DatabaseFailure, ShopwrightError) as error:
            LOG.warning("the end of this process could not be stored", extra={"reason": masked_text(str(error))})

    def _keep(self, settings: AlertsConfig, facts: Facts, lease: timedelta, moment: Callable[[], datetime]) -> bool:
        """Store what begins and ends. False, and nothing is stored, where the look took so long that another process has
        the turn: it has seen newer facts."""
        opened = self._store.alerts.opened()
        looked = find(facts, settings.rules, opened_by_kind(opened))
        compared = compare(opened, looked, self._absent, settings, facts.now)
        lasting = self._that_last(compared.begun, facts.now)
        begun = tuple(_new(one, settings) for one in self._gatherer.detailed(facts, lasting))
        if not self._store.alerts.take_turn(self._owner, moment(), lease):
            self._absent = {}
            return False
        self._absent = compared.absent
        changes = IncidentChanges(begun, compared.over, compared.reminded)
        if changes:
            self._store.alerts.change(changes, facts.now)
            for one in begun:
                LOG.warning("alert", extra={"kind": one.kind, "about": one.about})
        return True

    def _that_last(self, begun: Sequence[Found], now: datetime) -> tuple[Found, ...]:
        """Those whose cause this process has seen for as long as it takes."""
        self._lasting = {one.kind: self._lasting.get(one.kind, now) for one in begun if one.kind in RESTARTED_WITHIN}
        return tuple(
            one for one in begun
            if one.kind not in RESTARTED_WITHIN or now - self._lasting[one.kind] >= RESTARTED_WITHIN[one.kind]
        )  # fmt: skip

    # ---------------------------------------------------------------- messages
    def _deliver(self, settings: AlertsConfig, lease: timedelta, moment: Callable[[], datetime]) -> None:
        quiet = self._is_quiet(settings, moment())
        sender = self._parts.sender(settings)
        for receiver in settings.receivers:
            for _ in range(MOST_MESSAGES):
                message = self._next(receiver, settings, moment(), quiet=quiet)
                if message is None or not self._store.alerts.take_turn(self._owner, moment(), lease):
                    break
                outcome = sender.send(receiver, Text(message.title, message.body))
                self._store.alerts.tried(message.id, arrived=outcome.arrived, reason=outcome.reason, now=moment())
                if not outcome.arrived:
                    more = {"receiver": receiver, "attempt": message.attempts + 1, "reason": outcome.reason}
                    LOG.warning("an alert could not be delivered", extra=more)
                    if not message.attempts:
                        self._say(f"alerts: {receiver} is tried again after growing pauses: {outcome.reason}")
                    break

    def _next(self, receiver: str, settings: AlertsConfig, now: datetime, *, quiet: bool) -> AlertMessage | None:
        """The message that is to be tried now: the oldest that has not arrived, else one about the news; None if none is."""
        since = now - timedelta(hours=settings.give_up_hours)
        waiting = self._store.alerts.unarrived(receiver, since)
        if quiet:
            waiting = tuple(m for m in waiting if self._is_urgent(m))
        if waiting:
            return waiting[0] if _is_due(waiting[0], settings, now) else None
        told = news(self._store.alerts.untold(receiver, since), quiet=quiet)
        if not told:
            return None
        together = told if len(told) > settings.bundle_above or self._was_held(told, settings) else told[:1]
        text = written(together, settings, self._zone())
        events = [number for one in together for number in one.events]
        return self._store.alerts.write(receiver, text.title, text.body, events, now)

    def _is_urgent(self, message: AlertMessage) -> bool:
        return any(self._store.alerts.get(incident_id).urgent for incident_id in message.incidents)

    def _was_held(self, told: tuple[News, ...], settings: AlertsConfig) -> bool:
        """Whether quiet hours have held back some of the news: these come as one summary."""
        return any(not one.incident.urgent and self._is_quiet(settings, one.incident.begun_at) for one in told)

    def _is_quiet(self, settings: AlertsConfig, moment: datetime) -> bool:
        return settings.quiet_hours is not None and settings.quiet_hours.hold(moment.astimezone(self._zone()).time())

    def _zone(self) -> tzinfo:
        latest = self._store.snapshots.latest()
        return UTC if latest is None else ZoneInfo(latest.timezone)


def _new(found: Found, settings: AlertsConfig) -> NewIncident:
    rule = settings.rules.of(found.kind)
    return NewIncident(found.kind.value, found.about, found.content, settings.receivers_of(found.kind), rule.urgent)


def _is_due(message: AlertMessage, settings: AlertsConfig, now: datetime) -> bool:
    if message.tried_at is None:
        return True
    return now - message.tried_at >= timedelta(seconds=settings.wait_after(message.attempts))


def host_name(role: str) -> str:
    """What a process is called that looks after alerts: its machine and what runs there ("line-server work")."""
    return f"{socket.gethostname()} {role}"[:120]


@contextmanager
def beside(store: Store, role: str, say: Callable[[str], None]) -> Iterator[None]:
    """Look after the alerts in a thread while the block runs (``role``: "work", "serve"; ``say``: see the service).
    Raises InvalidValue at once for settings that are wrong."""
    load_alerts_config()
    stopped = Event()
    thread = Thread(target=AlertService(store, host_name(role), say=say).run, args=(stopped,), name="alerts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(timeout=10)
