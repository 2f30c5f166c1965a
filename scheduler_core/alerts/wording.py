"""Incidents in words: on the board in the reader's language, in messages in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import zip_longest

from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.plain_text import plain
from scheduler_core.causes import Cause
from scheduler_core.causes.fixes import FixKind
from scheduler_core.i18n.local_formats import day_text, number_text
from scheduler_core.i18n.time_wording import stamp
from scheduler_core.i18n.translate import t, tn

Content = Mapping[str, object]


class Words:
    """Sentences about incidents. ``names``: whether the ERP's words for machines and products may be said; ``clean`` makes
    each text of the ERP fit for where the sentence is read."""

    def __init__(self, *, names: bool, clean: Callable[[str], str] = plain) -> None:
        self._names, self._clean = names, clean

    def headline(self, kind: str, content: Content) -> str:
        """What is wrong, in one sentence; the kind's own name where this version does not know it."""
        sentence = self._HEADLINES.get(kind)
        return self._clean(kind) if sentence is None else sentence(self, content)

    def details(self, kind: str, content: Content) -> tuple[str, ...]:
        """What else is known of it: the cause, the cost, what was tried, what to do; each a sentence."""
        sentences = self._DETAILS.get(kind)
        return () if sentences is None else tuple(sentences(self, content))

    # ---------------------------------------------------------------- orders
    def _late_order(self, c: Content) -> str:
        order, hours = self._order(c), _number(c.get("hours"))
        if c.get("important"):
            return t("Important order {order} is now {hours} h late.", order=order, hours=hours)
        return t("Order {order} is now {hours} h late.", order=order, hours=hours)

    def _why_late(self, c: Content) -> Iterator[str]:
        cause = c.get("cause")
        if isinstance(cause, Mapping):
            yield self._cause(cause)
        if "fix" in c:
            fix = c["fix"]
            yield from self._fix(fix) if isinstance(fix, Mapping) else [t("None of the tried changes helps.")]

    def _cause(self, c: Content) -> str:
        hours = _number(c.get("hours"))
        match c.get("kind"):
            case Cause.ALREADY_OVERDUE.value:
                return t("It was overdue when the plan began.")
            case Cause.RELEASED_LATE.value:
                return t("Its material comes too late.")
            case Cause.TOO_MUCH_WORK.value:
                return t("It needs {hours} h of work, more than there is time.", hours=hours)
            case Cause.MACHINE.value if c.get("machine") is not None:
                return t("It waits {hours} h for {machine}.", hours=hours, machine=self._machine(c))
            case Cause.MACHINE.value:
                return t("It waits {hours} h for machines.", hours=hours)
            case Cause.CLOSED.value:
                return t("Nights and days off take {hours} h of its time.", hours=hours)
            case _:
                return t("The plan holds it back for {hours} h although its machine is free.", hours=hours)

    def _fix(self, c: Content) -> Iterator[str]:
        machines = self._machines(c)
        operation, hours = c.get("operation"), _number(c.get("overtime_hours"))
        match c.get("kind"):
            case FixKind.EXTRA_HOURS.value:
                yield t("Tried change: extra hours on {machines} on {day}.", machines=machines, day=_day(c.get("day")))
            case FixKind.SWAP.value:
                yield t("Tried change: operation {operation} earlier on {machines}.", operation=operation, machines=machines)
            case FixKind.GO_FIRST.value:
                yield t("Tried change: it goes first on every machine that it waits for.")
            case FixKind.OTHER_MACHINE.value:
                yield t("Tried change: operation {operation} on {machines} instead.", operation=operation, machines=machines)
            case FixKind.NO_HOLDING_BACK.value:
                yield t("Tried change: operation {operation} as soon as possible.", operation=operation)
            case FixKind.PRIORITY.value:
                yield t("Tried change: priority on all its machines.")
            case _:
                yield t("Tried change: priority on all its machines, with {hours} h of overtime.", hours=hours)
        left, others = c.get("hours_left"), c.get("others_late")
        if isinstance(left, int | float) and left > 0:
            yield t("It is then {hours} h late.", hours=_number(left))
        else:
            yield t("It is then on time.")
        if isinstance(others, int) and others > 0:
            yield tn("{n} other order becomes late.", "{n} other orders become late.", others)

    def _order_without_plan(self, c: Content) -> str:
        machines = self._machines(c)
        if machines:
            return t("Order {order} cannot be planned: it needs {machines}.", order=self._order(c), machines=machines)
        return t("Order {order} cannot be planned: its data in the ERP cannot be used.", order=self._order(c))

    # ---------------------------------------------------------------- machines
    def _machine_down(self, c: Content) -> str:
        machine, until = self._machine(c), c.get("until")
        if isinstance(until, str):
            return t("{machine} is down until {moment}.", machine=machine, moment=stamp(datetime.fromisoformat(until)))
        return t("{machine} is down.", machine=machine)

    def _cost(self, c: Content) -> Iterator[str]:
        orders = c.get("orders")
        if isinstance(orders, int):
            yield tn("The plan in force has {n} order on it in the next 24 h.",
                     "The plan in force has {n} orders on it in the next 24 h.", orders)  # fmt: skip
        more, days = c.get("more_late"), c.get("more_days")
        if isinstance(more, int) and isinstance(days, int | float):
            yield tn(
                "If nothing is replanned, {n} more order is late, and orders are {days} days later in total.",
                "If nothing is replanned, {n} more orders are late, and orders are {days} days later in total.",
                more, days=_number(days),
            )  # fmt: skip

    # ---------------------------------------------------------------- runs
    def _plan_rejected(self, c: Content) -> str:
        amount = c.get("violations")
        n = amount if isinstance(amount, int) else 0
        return tn(
            "The last plan of the engine {engine} was rejected with {n} violation.",
            "The last plan of the engine {engine} was rejected with {n} violations.", n, engine=self._text(c, "engine"),
        )  # fmt: skip

    def _fallback(self, c: Content) -> str:
        return t("The engine {engine} failed {times} times running; rules planned in its place.",
                 engine=self._text(c, "engine"), times=c.get("times"))  # fmt: skip

    def _queue(self, c: Content) -> str:
        waiting = c.get("waiting")
        return tn(
            "{n} run waits, the oldest for {minutes} min.", "{n} runs wait, the oldest for {minutes} min.",
            waiting if isinstance(waiting, int) else 0, minutes=c.get("minutes"),
        )  # fmt: skip

    def _worker(self, c: Content) -> str:
        runs = c.get("runs")
        return tn("{n} run has no living worker.", "{n} runs have no living worker.", runs if isinstance(runs, int) else 0)

    # ---------------------------------------------------------------- the house
    def _host(self, c: Content) -> str:
        return t("{host} has not been heard of for {minutes} min.", host=self._text(c, "host"), minutes=c.get("minutes"))

    def _exporter(self, c: Content) -> str:
        return t("No exporter runs: releases do not reach the ERP.")

    def _erp(self, c: Content) -> str:
        return t("The newest pull from the ERP is {hours} h old.", hours=_number(c.get("hours")))

    def _erp_answers(self, c: Content) -> Iterator[str]:
        if c.get("answers") is False:
            yield t("The ERP does not answer.")

    def _outbox(self, c: Content) -> str:
        dead, waiting = c.get("undeliverable"), c.get("waiting")
        if isinstance(dead, int) and dead:
            return tn(
                "{n} release could not be delivered to the ERP.", "{n} releases could not be delivered to the ERP.", dead
            )
        return tn("{n} release waits for its delivery to the ERP.", "{n} releases wait for their delivery to the ERP.",
                  waiting if isinstance(waiting, int) else 0)  # fmt: skip

    def _audit(self, c: Content) -> str:
        return t("The audit trail is broken: run shopwright audit verify.")

    def _disk(self, c: Content) -> str:
        free = c.get("free_gib")
        if isinstance(free, int | float):
            return t("A disk of the server has {free} GiB free, or is read-only.", free=_number(free))
        return t("A disk of the server is full or read-only.")

    def _no_release(self, c: Content) -> str:
        return t("No plan was released by {by}; the newest release is {hours} h old.",
                 by=c.get("by"), hours=_number(c.get("hours")))  # fmt: skip

    # ---------------------------------------------------------------- parts
    def _text(self, c: Content, key: str) -> str:
        return self._clean(str(c.get(key, "")))

    def _order(self, c: Content) -> str:
        order, product = self._text(c, "order"), c.get("product")
        return f"{order} ({self._clean(product)})" if self._names and isinstance(product, str) and product else order

    def _machine(self, c: Content) -> str:
        name = c.get("name")
        if self._names and isinstance(name, str) and name:
            return t("{name} (machine {number})", number=c.get("machine"), name=self._clean(name))
        return t("Machine {number}", number=c.get("machine"))

    def _machines(self, c: Content) -> str:
        numbers, names = _listed(c.get("machines")), _listed(c.get("names"))
        named = zip_longest(numbers, names[: len(numbers)])
        return ", ".join(self._machine({"machine": number, "name": name}) for number, name in named)

    _HEADLINES: Mapping[str, Callable[[Words, Content], str]] = {
        Kind.LATE_ORDER: _late_order, Kind.MACHINE_DOWN: _machine_down, Kind.ORDER_WITHOUT_PLAN: _order_without_plan,
        Kind.PLAN_REJECTED: _plan_rejected, Kind.FALLBACK_REPEATED: _fallback, Kind.QUEUE_OLD: _queue,
        Kind.WORKER_LOST: _worker, Kind.HOST_LOST: _host, Kind.EXPORTER_LOST: _exporter, Kind.ERP_OLD: _erp,
        Kind.OUTBOX_STUCK: _outbox, Kind.AUDIT_BROKEN: _audit, Kind.DISK_LOW: _disk, Kind.NO_RELEASE: _no_release,
    }  # fmt: skip
    _DETAILS: Mapping[str, Callable[[Words, Content], Iterator[str]]] = {
        Kind.LATE_ORDER: _why_late, Kind.MACHINE_DOWN: _cost, Kind.ERP_OLD: _erp_answers,
    }  # fmt: skip


def _number(value: object) -> str:
    return number_text(float(value), 1) if isinstance(value, int | float) else "?"


def _day(value: object) -> str:
    return day_text(date.fromisoformat(value)) if isinstance(value, str) else "?"


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
