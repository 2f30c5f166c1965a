"""Masks secrets in what is about to be written: passwords in URLs, and what secret settings hold."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote

from scheduler_core.settings.environment import ALERT_URLS, PREFIX

MASK = "***"
LEAST = 4
"""Shorter values of settings are not looked for: they would mask half of the language."""
LEAST_TOKEN = 8
"""The same for a part of an address's path."""
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s:/@\"']*:)[^\s\"']*@")
_NAMED = re.compile(r"(?i)((?:password|passwd|pwd|secret|token|api_?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+")
_BEARER = re.compile(r"(?i)(\bswt_[0-9a-f]{12}_|\bbearer\s+)[A-Za-z0-9._~+/=-]{16,}")
_SECRET_NAME = re.compile(r"(?i)passw|secret|token|api_?key|credential")


def masked(value: object) -> object:
    """The value with ``***`` in place of secrets; mappings and sequences deep down, and numbers as they are."""
    return _masked(value, sorted(_known(), key=len, reverse=True))


def masked_text(text: str) -> str:
    """The text with ``***`` in place of secrets."""
    return str(masked(text))


def _masked(value: object, known: list[str]) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {str(k): MASK if _SECRET_NAME.search(str(k)) else _masked(v, known) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(v, known) for v in value]
    text = str(value)
    for secret in known:
        text = text.replace(secret, MASK)
    return _BEARER.sub(rf"\g<1>{MASK}", _NAMED.sub(rf"\g<1>{MASK}", _URL.sub(rf"\g<1>{MASK}@", text)))


def _known() -> set[str]:
    """Values of settings whose names say that they are secret, and passwords in settings that are URLs, also in plain."""
    found = set()
    for name, value in os.environ.items():
        if _SECRET_NAME.search(name):
            found.add(value)
        elif name.startswith(ALERT_URLS):
            found |= url_secrets(value)
        elif name.startswith(PREFIX):
            found |= _passwords(value)
    return {secret for secret in found if len(secret) >= LEAST}


def url_secrets(url: str) -> set[str]:
    """What is secret of an address that holds tokens in its path, as those of chat services do: the whole, and each of its
    parts behind the server's name that is long enough to be one."""
    path = url.partition("://")[2].partition("/")[2]
    parts = {part for part in re.split(r"[/?&=#]", path) if len(part) >= LEAST_TOKEN}
    return {url, *parts, *(unquote(part) for part in parts), *(p for p in _passwords(url) if len(p) >= LEAST)}


def _passwords(url: str) -> set[str]:
    """The passwords in a URL, as they are written and in plain: before the last @ (also each piece of one in which an @ was
    not escaped), and behind the question mark under a name that says so."""
    _, _, rest = url.partition("://")
    credentials, _, _ = rest.rpartition("@")
    _, _, password = credentials.partition(":")
    query = parse_qsl(rest.partition("?")[2])
    written = {password, *password.split("@"), *(value for name, value in query if _SECRET_NAME.search(name))}
    return written | {unquote(one) for one in written} | {quote(one, safe="") for one in written}
