"""The receivers' addresses, checked, and the delivery of a message with Apprise to exactly the address that is configured.

Apprise may do more than send: follow redirects, load templates and attachments from files or the network, fetch keys, try
again by itself, keep files, run programs. None of that is possible here: only known kinds of address are taken, without such
parameters, and each names one target, so that a message to it either arrives or does not.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from scheduler_core.alerts.config import AlertsConfig, Receiver
from scheduler_core.alerts.messages import Text
from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.errors import InvalidValue
from scheduler_core.logs.redaction import MASK, masked_text, url_secrets
from scheduler_core.settings import environment

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

LONGEST_URL = 4096
LONGEST_REASON = 200
PLAIN: Final = frozenset({"mailto", "json", "xml", "form", "mmost", "rocket", "ntfy", "gotify"})
"""Kinds of address that are spoken to without TLS."""
KINDS: Final = PLAIN | frozenset({
    "mailtos", "jsons", "xmls", "forms", "mmosts", "rockets", "ntfys", "gotifys", "slack", "workflow", "workflows",
    "discord", "gchat", "wxteams", "tgram", "matrixs",
})  # fmt: skip
"""Kinds of address that are taken: mail, webhooks, and chat services (``workflows``: Teams)."""
PARAMETERS: Final = frozenset({
    "to", "from", "name", "smtp", "user", "pass", "mode", "reply", "cc", "bcc", "token", "key", "channel", "channels",
    "route", "routeid", "workflow", "id", "signature", "sig", "api-version", "ver", "sp", "sv", "footer", "timestamp",
    "blocks", "wrap", "pa", "format", "priority", "tags", "topic", "thread", "silent", "preview",
})  # fmt: skip
"""Parameters of an address that may stand behind its question mark. Those with a sign before them add headers (+) or fields
(:) to a webhook."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Outcome:
    """Whether a receiver took a message, and what it or the way to it answered."""

    arrived: bool
    reason: str


class Post:
    """Delivers messages to the receivers of the settings. ``send`` is all that the service needs of it."""

    def __init__(self, settings: AlertsConfig) -> None:
        self._settings = settings

    def send(self, name: str, text: Text) -> Outcome:
        """Try once to deliver. Never raises for what a receiver does or for an address that is wrong: that is the reason."""
        try:
            url = address(name, self._settings.receivers[name])
            service = checked(name, url, self._settings.receivers[name], self._settings.timeout_seconds)
        except InvalidValue as error:
            return Outcome(False, masked_text(str(error)))
        return _sent(service, url, text)


def address(name: str, receiver: Receiver) -> str:
    """The receiver's address, from where the settings say that it is kept. Raises InvalidValue, which does not tell it."""
    if receiver.url_variable is not None:
        found = environment.text(receiver.url_variable)
        if found is None:
            raise InvalidValue(f"receivers.{name}", receiver.url_variable, "is not set: the receiver's address")
        return found.strip()
    file = Path(str(receiver.url_file))
    try:
        return bounded_bytes(file, LONGEST_URL).decode("utf-8").strip()
    except OSError as error:
        raise InvalidValue(f"receivers.{name}", str(file), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidValue(f"receivers.{name}", str(file), "is not UTF-8 text") from None


def checked(name: str, url: str, receiver: Receiver, timeout_seconds: float = 15.0) -> NotifyBase:
    """Apprise's service for the address. Raises InvalidValue, which names the receiver and never tells the address."""
    kind = url.partition(":")[0].lower()
    where = f"receivers.{name}"
    if not re.fullmatch(r"[\x21-\x7e]+", url) or len(url) > LONGEST_URL:
        raise InvalidValue(where, MASK, "is no address: it has spaces, signs beyond ASCII, several lines, or is too long")
    if kind not in KINDS:
        raise InvalidValue(where, kind[:20], f"is no known kind of address: must be one of {', '.join(sorted(KINDS))}")
    # A colon or a plus sign before its name makes a parameter a field or a header of a webhook.
    given = [key.lower() for key, _ in parse_qsl(url.partition("?")[2].replace("+", "%2B"), keep_blank_values=True)]
    if refused := sorted({key for key in given if key not in PARAMETERS and not key.startswith(("+", ":"))}):
        raise InvalidValue(where, refused[0][:40], "is a parameter that is not allowed in a receiver's address")
    service = _service(url, timeout_seconds)
    if service is None:
        raise InvalidValue(where, MASK, f"is no complete address of the kind {kind}")
    if len(service) != 1:
        raise InvalidValue(where, len(service), "targets are in one address: must be 1, so give each a receiver of its own")
    host = str(getattr(service, "smtp_host", None) or urlsplit(url).hostname or "")
    if kind in PLAIN and not service.secure and host not in _LOOPBACK and not receiver.allow_plain:
        raise InvalidValue(where, kind, "is spoken to without TLS: take the kind that ends with s, or set allow_plain")
    return service


def check_all(settings: AlertsConfig) -> Mapping[str, str]:
    """What is wrong with each receiver's address, by the receiver's name; empty if all can be used."""
    wrong = {}
    for name, receiver in settings.receivers.items():
        try:
            checked(name, address(name, receiver), receiver)
        except InvalidValue as error:
            wrong[name] = masked_text(str(error))
    return wrong


def _asset(timeout_seconds: float) -> AppriseAsset:
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="Shopwright", app_desc="Shopwright", app_url="", http_redirects=False, image_url_mask="", image_url_logo="",
        image_path_mask=False, async_mode=False, interpret_escapes=False, interpret_emojis=False, storage_mode="memory",
        service_timeout=timeout_seconds, allow_templates=False, pgp_autogen=False, pem_autogen=False,
        default_service_retry=0,
    )  # fmt: skip


def _service(url: str, timeout_seconds: float) -> NotifyBase | None:
    # What Apprise and its HTTP client log may tell addresses and whole messages: it goes into no log of ours.
    logging.getLogger("apprise").propagate = False
    logging.getLogger("urllib3").setLevel(logging.INFO)
    from apprise import Apprise

    return Apprise.instantiate(url, asset=_asset(timeout_seconds), suppress_exceptions=True)


def _sent(service: NotifyBase, url: str, text: Text) -> Outcome:
    from apprise import Apprise, NotifyFormat

    postbox = Apprise(asset=service.asset)
    postbox.add(service)
    result = postbox.notify(title=text.title, body=text.body, body_format=NotifyFormat.TEXT)
    if result:
        return Outcome(True, "")
    said = [entry.message for one in result.results for attempt in one.attempts for entry in attempt.logs]
    return Outcome(False, _safe(said[-1] if said else "the receiver did not take it", url))


def _safe(reason: str, url: str) -> str:
    """A reason without anything of the address, in one line that is not long."""
    for secret in sorted(url_secrets(url), key=len, reverse=True):
        reason = reason.replace(secret, MASK)
    return " ".join(masked_text(reason).split())[:LONGEST_REASON]
