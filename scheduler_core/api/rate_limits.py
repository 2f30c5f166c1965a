"""How many requests a token and an address may make; counted in this process over the last minute."""

from __future__ import annotations

import ipaddress
import math
import time
from hashlib import sha256

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

NETWORK_OF_V6 = 64
"""Addresses of version 6 count by the network that one machine usually has."""


class RateLimits:
    """Requests of the last minute by token and by address. Tokens are held as their hashes."""

    def __init__(self, token_per_minute: int, address_per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._of_tokens = RateLimitItemPerMinute(token_per_minute, namespace="token")
        self._of_addresses = RateLimitItemPerMinute(address_per_minute, namespace="address")

    def token(self, bearer: str) -> int | None:
        """Count a request of a token: None if it may pass, otherwise the seconds after which the next one may."""
        return self._hit(self._of_tokens, sha256(bearer.encode()).hexdigest())

    def address(self, address: str) -> int | None:
        """The same for an address."""
        return self._hit(self._of_addresses, _network(address))

    def _hit(self, item: RateLimitItem, key: str) -> int | None:
        if self._limiter.hit(item, key):
            return None
        return max(1, math.ceil(self._limiter.get_window_stats(item, key).reset_time - time.time()))


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, NETWORK_OF_V6), strict=False))
    return str(found)
