"""Who a token of the identity provider is about, by what it claims: the one rule for the board and for programs.

The signature is verified by whoever hands the claims over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from scheduler_core.errors import ShopwrightError
from scheduler_core.people.person_names import person_named
from scheduler_core.roles import refuse_automation

CLOCK_SKEW_SECONDS: Final = 60
"""How far the provider's clock may be behind or ahead of this machine's."""


class ClaimFault(ShopwrightError):
    """Claims that prove too little. ``lacks``: an expiry, time (it has expired), the name, or proof of the address."""

    def __init__(self, lacks: Literal["expiry", "time", "name", "proof"]) -> None:
        self.lacks = lacks
        super().__init__(f"the claims lack {lacks}")


def person_claimed(claims: Mapping[str, object], claim: str, now: float) -> str:
    """The name of the person, from the claim of that name. ``now``: seconds since 1970.

    Raises ClaimFault, and InvalidValue for a name that cannot be a person's.
    """
    ends = claims.get("exp")
    if isinstance(ends, bool) or not isinstance(ends, int | float):
        raise ClaimFault("expiry")
    if not now < ends + CLOCK_SKEW_SECONDS:
        raise ClaimFault("time")
    name = claims.get(claim)
    if not isinstance(name, str) or not name.strip():
        raise ClaimFault("name")
    if claim == "email" and claims.get("email_verified") is not True:
        raise ClaimFault("proof")
    return refuse_automation(person_named(name, claim), claim)
