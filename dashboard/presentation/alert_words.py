"""Alerts in the reader's language, and the tables of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.presentation import formatting
from dashboard.presentation.columns import DATED_MOMENT, WHOLE, Column, frame_of, moment
from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.wording import Words
from scheduler_core.data.store.records import AlertMessage, Incident
from scheduler_core.i18n.translate import t

_WORDS = Words(names=True, clean=str)
"""Inside the house everything may be named; the pages show it as plain text."""


def headline(incident: Incident) -> str:
    """What is wrong."""
    return _WORDS.headline(incident.kind, incident.content)


def short(incident: Incident) -> str:
    """What is wrong; of a late order the cause as well, as the plan that is shown may know nothing of it."""
    details = _WORDS.details(incident.kind, incident.content)[:1] if incident.kind == Kind.LATE_ORDER else ()
    return " ".join([headline(incident), *details])


def sentence(incident: Incident) -> str:
    """What is wrong, and what is known of the cause and the cost."""
    details = _WORDS.details(incident.kind, incident.content)
    return " ".join([_WORDS.headline(incident.kind, incident.content), *details])


def since(incident: Incident, said: Callable[[datetime], str]) -> str:
    """Since when, and who has seen it; ``said`` writes a moment."""
    begun = t("Since {moment}.", moment=said(incident.begun_at))
    if incident.acknowledged_by is None or incident.acknowledged_at is None:
        return begun
    seen = t("Acknowledged by {person}, {moment}.", person=incident.acknowledged_by, moment=said(incident.acknowledged_at))
    return f"{begun} {seen}"


def alerts_frame(incidents: Sequence[Incident], told: Mapping[str, Sequence[AlertMessage]], zone: ZoneInfo) -> pd.DataFrame:
    """A row per alert: what, from when to when, who has seen it, and who was told."""
    columns = [
        Column(t("Alert")), Column(t("Since"), DATED_MOMENT), Column(t("Over"), DATED_MOMENT), Column(t("Acknowledged by")),
        Column(t("Told")),
    ]  # fmt: skip
    return frame_of(
        columns,
        [
            (
                sentence(one),
                moment(one.begun_at, zone),
                moment(one.over_at, zone),
                one.acknowledged_by or formatting.NOTHING,
                _told(told.get(one.id, ())),
            )
            for one in incidents
        ],
    )


def deliveries_frame(messages: Sequence[AlertMessage], zone: ZoneInfo) -> pd.DataFrame:
    """A row per message: to whom, what, and what came of it."""
    columns = [
        Column(t("Receiver")), Column(t("Message")), Column(t("Written"), DATED_MOMENT), Column(t("Attempts"), WHOLE),
        Column(t("Outcome")),
    ]  # fmt: skip
    return frame_of(
        columns, [(m.receiver, m.title, moment(m.written_at, zone), m.attempts, _outcome(m)) for m in messages]
    )  # fmt: skip


def _told(messages: Sequence[AlertMessage]) -> str:
    arrived = dict.fromkeys(m.receiver for m in messages if m.arrived)
    return ", ".join(arrived) or formatting.NOTHING


def _outcome(message: AlertMessage) -> str:
    if message.arrived:
        return t("delivered")
    return t("not delivered: {reason}", reason=message.reason) if message.attempts else t("waits")
