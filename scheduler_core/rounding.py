"""Times in whole minutes: rounded up, but not for a remainder that is nothing but rounding noise."""

from __future__ import annotations

from decimal import Decimal

NOISE_SHARE = Decimal("0.0002")
"""A remainder over a whole minute counts as noise up to this share of the time (0.02 %) ..."""
NOISE_MINUTES = Decimal("0.1")
"""... and up to this part of a minute (six seconds)."""


def whole_minutes(exact: Decimal) -> int:
    """A finite time of 0 minutes or more, rounded up to whole minutes.

    What lies over a whole minute by at most ``NOISE_SHARE`` of it and ``NOISE_MINUTES`` is that minute: 60.00000000000001
    are 60, and one piece at 0.3333 pieces a minute takes 3 minutes, not 4. A time above 0 never becomes 0.
    """
    below = int(exact)
    over = exact - below
    if not over or (below and over <= NOISE_MINUTES and over <= below * NOISE_SHARE):
        return below
    return below + 1
