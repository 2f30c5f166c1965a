"""Delivery: to the configured address and to no other, and nothing of the address in what is said of it."""

from __future__ import annotations

import io
import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from scheduler_core.alerts.config import AlertsConfig, Receiver
from scheduler_core.alerts.messages import Text
from scheduler_core.alerts.receivers import Post, address, check_all, checked
from scheduler_core.errors import InvalidValue
from scheduler_core.logs.redaction import masked_text
from tests.support.alert_receivers import mail_server, webhook

VARIABLE = "SHOPWRIGHT_ALERT_TEST"
TEXT = Text("Shopwright: a title", "first line\nsecond <b>line</b>")


def settings(**more: object) -> AlertsConfig:
    receiver = {"url_variable": VARIABLE, "labels": ["planner"], **more}
    return AlertsConfig.model_validate({"receivers": {"ann": receiver}, "timeout_seconds": 5})


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that something connects to."""
    seen: list[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, to: Any) -> None:
        seen.append(to)
        connect(self, to)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return seen


def test_a_webhook_and_a_mail_arrive_as_written(monkeypatch: pytest.MonkeyPatch, reached: list[Any]) -> None:
    for server in (webhook, mail_server):
        with server() as (url, inbox):
            monkeypatch.setenv(VARIABLE, url)
            assert Post(settings()).send("ann", TEXT).arrived
            ((title, body),) = inbox.taken
            assert title == TEXT.title
            assert body.strip().splitlines() == TEXT.body.splitlines()
    assert len(reached) == 2


def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch, reached: list[Any]) -> None:
    with webhook() as (url, inbox), webhook() as (other, elsewhere):
        inbox.answer, inbox.location = 307, other.replace("json://", "http://")
        monkeypatch.setenv(VARIABLE, url)
        outcome = Post(settings()).send("ann", TEXT)
        assert not outcome.arrived
        assert elsewhere.paths == []
        assert inbox.paths == ["/hook"]
    assert len(reached) == 1


@pytest.mark.parametrize("answer", [0, 404, 500])
def test_a_receiver_that_refuses_or_breaks_off_has_not_got_it(monkeypatch: pytest.MonkeyPatch, answer: int) -> None:
    with webhook() as (url, inbox):
        inbox.answer = answer
        monkeypatch.setenv(VARIABLE, url)
        outcome = Post(settings()).send("ann", TEXT)
        assert not outcome.arrived
        assert outcome.reason
        assert len(inbox.paths) == 1, "tried once: pauses are the service's"


def test_nothing_of_the_address_is_told_or_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "json://ann:hunter2222@127.0.0.1:1/tokentoken99")
    root, written = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(written)
    monkeypatch.setattr(root, "level", logging.DEBUG)
    root.addHandler(handler)
    try:
        outcome = Post(settings()).send("ann", TEXT)
        logging.getLogger("some.part").debug("is heard")
    finally:
        root.removeHandler(handler)
    assert "is heard" in written.getvalue()
    assert not outcome.arrived
    for secret in ("hunter2222", "tokentoken99"):
        assert secret not in outcome.reason + written.getvalue()
        assert secret not in masked_text(f"failed at {secret}")
    assert TEXT.title not in written.getvalue()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("syslog://", "'syslog' is no known kind"),
        ("file:///etc/passwd", "is no known kind"),
        ("config://example.org", "is no known kind"),
        ("exec://ls", "is no known kind"),
        ("json://127.0.0.1/?redirect=yes", "'redirect' is a parameter that is not allowed"),
        ("json://127.0.0.1/?retry=9", "'retry' is"),
        ("jsons://example.org/?verify=no", "'verify' is"),
        ("workflows://example.org/wf/sig?template=/etc/passwd", "'template' is"),
        ("mailtos://u:p@example.org?to=a@example.org&wkd=yes", "'wkd' is"),
        ("mailtos://u:p@example.org?to=a@example.org&pgppub=http://x.example", "'pgppub' is"),
        ("mailto://127.0.0.1?from=a@example.org&to=b@example.org,c@example.org", "targets are in one address"),
        ("json://192.0.2.7/hook", "'json' is spoken to without TLS"),
        ("mailto://192.0.2.7?from=a@example.org&to=b@example.org", "'mailto' is spoken to without TLS"),
        ("slack://only-one-token", "is no complete address"),
        ("json://127.0.0.1/a b", "is no address"),
        ("json://127.0.0.1/\nx", "is no address"),
    ],
)
def test_an_address_that_could_do_more_or_less_is_refused(url: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=r"receivers\.ann") as refused:
        checked("ann", url, Receiver(url_variable=VARIABLE, labels=[]))
    assert said in str(refused.value)
    assert "example.org" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#floor",
        "workflows://prod-1.westeurope.logic.azure.com:443/0123456789abcdef0123456789abcdef/sig-sig_sig",
        "mailtos://user:pw@smtp.example.org:587?from=s@example.org&to=a@b.example&mode=starttls",
        "jsons://hooks.example.org/x?+Authorization=Bearer%20abc",
    ],
)
def test_mail_teams_slack_and_webhooks_are_taken(url: str) -> None:
    assert len(checked("ann", url, Receiver(url_variable=VARIABLE, labels=[]))) == 1


def test_plain_text_to_another_machine_has_to_be_allowed() -> None:
    allowed = Receiver(url_variable=VARIABLE, labels=[], allow_plain=True)
    assert len(checked("ann", "mailto://relay.example.org?from=a@example.org&to=b@example.org", allowed)) == 1


def test_an_address_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    receiver = Receiver(url_file=str(file), labels=[])
    with pytest.raises(InvalidValue, match="cannot be read"):
        address("ann", receiver)
    file.write_text("json://127.0.0.1/x\n", "utf-8")
    assert address("ann", receiver) == "json://127.0.0.1/x"
    wrong = AlertsConfig(receivers={"ann": receiver, "bob": Receiver(url_variable=f"{VARIABLE}_UNSET", labels=[])})
    assert list(check_all(wrong)) == ["bob"]
    assert not Post(wrong).send("bob", TEXT).arrived
