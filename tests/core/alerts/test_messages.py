"""Messages: no customer's text leaves the house unless that is set, and no text can be more than text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduler_core.alerts.config import AlertsConfig
from scheduler_core.alerts.incidents import News
from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.messages import MOST_LINES, Text, written
from scheduler_core.alerts.plain_text import LONGEST, plain
from scheduler_core.data.store.records import Incident

AT = datetime(2026, 3, 4, 5, 30, tzinfo=UTC)
HOSTILE = (
    "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "<!channel> @here", "a\r\nBcc: eve@example.org", "http://evil.example/x",
    "evil.example", "[x](//evil.example)", "\u202ecod.exe", "\x1b[2J", "$(rm -rf /)", "'; DROP TABLE job; --", "{{7*7}}",
    "😀" * 99,
)  # fmt: skip
LATE = {
    "order": "JO-4711.10", "hours": 26.5, "important": True, "product": "ACME secret part",
    "cause": {"kind": "waits for a machine", "hours": 18.0, "machine": 12, "name": "Laser of ACME"},
    "fix": {
        "kind": "extra hours", "operation": None, "machines": [12], "names": ["Laser of ACME"], "day": "2026-03-07",
        "overtime_hours": 8.0, "hours_left": 0.0, "others_late": 0,
    },
}  # fmt: skip


def incident(kind: Kind, content: dict[str, object], **more: object) -> Incident:
    return Incident("0123456789abcdef" * 2, kind.value, "x", content, (), False, AT, **more)  # type: ignore[arg-type]


def message(of: Incident, **settings: object) -> Text:
    one = News(of, (1,), not of.is_open, True)
    return written([one], AlertsConfig.model_validate(settings), UTC)


def test_a_late_order_is_told_with_cause_fix_and_link() -> None:
    told = message(incident(Kind.LATE_ORDER, LATE), board_url="https://board.example.org/")
    assert told.title == "Shopwright: Important order JO-4711.10 is now 26.5 h late"
    assert told.body.splitlines() == [
        "Important order JO-4711.10 is now 26.5 h late.",
        "It waits 18.0 h for Machine 12.",
        "Tried change: extra hours on Machine 12 on Sat 7 Mar.",
        "It is then on time.",
        "Since 2026-03-04 05:30.",
        "https://board.example.org/",
        "Alert 01234567",
    ]


def test_the_erps_words_are_told_only_where_that_is_set() -> None:
    down = incident(Kind.MACHINE_DOWN, {"machine": 12, "name": "Laser of ACME", "until": None, "orders": 2, "more_late": 1,
                                        "more_days": 2.5})  # fmt: skip
    for one in (incident(Kind.LATE_ORDER, LATE), down):
        assert "ACME" not in str(message(one))
        assert "ACME" in str(message(one, customer_text=True))
    assert message(down).body.splitlines()[1:3] == [
        "The plan in force has 2 orders on it in the next 24 h.",
        "If nothing is replanned, 1 more order is late, and orders are 2.5 days later in total.",
    ]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("names", [False, True])
def test_hostile_text_is_text_and_one_short_line(hostile: str, names: bool) -> None:
    content = {
        "order": hostile, "product": hostile, "hours": 2.0, "important": True, "cause": {**LATE["cause"], "name": hostile},  # type: ignore[dict-item]
        "fix": {**LATE["fix"], "names": [hostile]},  # type: ignore[dict-item]
    }  # fmt: skip
    told = message(incident(Kind.LATE_ORDER, content), customer_text=names)
    plainly = message(incident(Kind.LATE_ORDER, LATE), customer_text=names)
    assert told.body.count("\n") == plainly.body.count("\n")
    assert "\n" not in told.title
    said = told.title + told.body.replace("\n", "").replace("Since 2026-03-04 05:30.", "")
    assert not set("<>@&|=[]{}$;!'\"`*\r\x1b\u202e😀") & set(said)
    assert "//" not in said
    assert ".example" not in said
    assert len(told.title) < 60 + 2 * LONGEST


def test_order_numbers_stay_as_they_are() -> None:
    for number in ("4711", "JO-2026/0815", "4711.10", "AB_12 #3 (b)", "订单 7", "Größe-3"):
        assert plain(number) == number
    assert plain("a.b") == "a·b"
    assert len(plain("x" * 300)) == LONGEST


def test_many_news_are_one_message_that_counts_them() -> None:
    over = incident(Kind.DISK_LOW, {"free_gib": 1.5}, over_at=AT + timedelta(hours=1))
    several = [News(over, (1, 2), True, True)] + [
        News(incident(Kind.LATE_ORDER, LATE), (n,), False, True) for n in range(3, 60)
    ]
    told = written(several, AlertsConfig(), UTC)
    assert told.title == "Shopwright: 57 alerts, 1 over"
    lines = told.body.splitlines()
    assert (
        lines[0]
        == "- Over: A disk of the server has 1.5 GiB free, or is read-only. From 2026-03-04 05:30 to 2026-03-04 06:30."
    )
    assert lines[-1] == f"- and {58 - MOST_LINES} more"
    assert len(lines) == MOST_LINES + 1


def test_an_incident_that_is_over_says_so() -> None:
    told = message(incident(Kind.EXPORTER_LOST, {}, over_at=AT + timedelta(minutes=8)), board_url="https://b.example")
    assert told.title == "Shopwright: over: No exporter runs: releases do not reach the ERP"
    assert told.body.splitlines()[1:3] == ["From 2026-03-04 05:30 to 2026-03-04 05:38.", "https://b.example/monitor"]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_without_any_figure(kind: Kind) -> None:
    """Content of another version may lack what the sentence is made of."""
    told = message(incident(kind, {}))
    assert told.title.startswith("Shopwright: ")
    assert kind.value not in told.title
