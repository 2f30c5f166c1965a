"""Answers of the HTTP API that are kept, so that the same request again is answered the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class KeptAnswer:
    """What a request with a key was answered.

    caller: the actor's name. asked_sha256: hash of method, address and body. content: the body, as text.
    """

    key: str
    caller: str
    asked_sha256: str
    status: int
    content: str
    headers: Mapping[str, str] = field(default_factory=dict)
