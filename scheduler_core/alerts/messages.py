"""What is sent: title and body of a message about one incident or several. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from scheduler_core.alerts.config import AlertsConfig
from scheduler_core.alerts.incidents import News
from scheduler_core.alerts.kinds import PLANNERS
from scheduler_core.alerts.wording import Words
from scheduler_core.i18n.time_wording import count

SHORT_ID = 8
"""Characters of an incident's id that name it in messages and on the command line."""
MOST_LINES = 40
"""Incidents that a summary lists; more are counted."""


@dataclass(frozen=True)
class Text:
    """A message's title and body, both plain text."""

    title: str
    body: str


def written(news: Sequence[News], settings: AlertsConfig, zone: tzinfo) -> Text:
    """The message about these news: of one incident with all that is known, of several a line each."""
    words = Words(names=settings.customer_text)
    return _one(news[0], words, settings, zone) if len(news) == 1 else _several(news, words, settings, zone)


def test_text(receiver: str) -> Text:
    """The message of ``shopwright alerts test``."""
    return Text("Shopwright: test message", f"This is a test of the receiver {receiver}. Nothing is wrong.")


def _one(one: News, words: Words, settings: AlertsConfig, zone: tzinfo) -> Text:
    incident = one.incident
    headline = words.headline(incident.kind, incident.content)
    lines = [headline]
    if one.over and incident.over_at is not None:
        lines = [f"Over: {headline}", _span(incident.begun_at, incident.over_at, zone)]
    else:
        lines += [*words.details(incident.kind, incident.content), f"Since {_stamp(incident.begun_at, zone)}."]
    links = _link(settings, planners=incident.kind in PLANNERS)
    title = f"Shopwright: {'over: ' if one.over else ''}{headline.rstrip('.')}"
    return Text(title, "\n".join([*lines, *links, f"Alert {incident.id[:SHORT_ID]}"]))


def _several(news: Sequence[News], words: Words, settings: AlertsConfig, zone: tzinfo) -> Text:
    over = sum(one.over for one in news)
    lines = []
    for one in news[:MOST_LINES]:
        incident = one.incident
        headline = words.headline(incident.kind, incident.content)
        since = _span(incident.begun_at, incident.over_at, zone) if one.over and incident.over_at else None
        lines.append(f"- Over: {headline} {since}" if since else f"- {headline} Since {_stamp(incident.begun_at, zone)}.")
    if len(news) > MOST_LINES:
        lines.append(f"- and {len(news) - MOST_LINES} more")
    planners = any(one.incident.kind in PLANNERS for one in news)
    title = f"Shopwright: {count(len(news) - over, 'alert')}, {over} over"
    return Text(title, "\n".join([*lines, *_link(settings, planners=planners)]))


def _link(settings: AlertsConfig, *, planners: bool) -> list[str]:
    if settings.board_url is None:
        return []
    return [f"{settings.board_url.rstrip('/')}/{'' if planners else 'monitor'}"]


def _span(begun: datetime, over: datetime, zone: tzinfo) -> str:
    return f"From {_stamp(begun, zone)} to {_stamp(over, zone)}."


def _stamp(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
