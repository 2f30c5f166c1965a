"""Minutes are rounded up; what only rounding has added is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scheduler_core.rounding import whole_minutes


@pytest.mark.parametrize(
    ("exact", "minutes"),
    [
        ("0", 0), ("1", 1), ("47.5", 48), ("0.5", 1), ("1e-12", 1), ("90.00000000000001", 90), ("44.999999999999993", 45),
        ("7.0014", 7), ("7.0015", 8), ("480.09", 480), ("480.097", 481), ("9000.1", 9000), ("9000.101", 9001),
        ("100000.5", 100001), ("5000000", 5_000_000),
    ],
)  # fmt: skip
def test_a_remainder_of_noise_is_no_minute(exact: str, minutes: int) -> None:
    assert whole_minutes(Decimal(exact)) == minutes


@pytest.mark.parametrize(
    ("pieces", "a_minute", "minutes"),
    [(1, "0.1667", 6), (1, "0.1666", 7), (30, "0.1429", 210), (2, "0.6667", 3), (240, "0.6666", 360), (12, "0.0833", 145)],
)
def test_a_rate_that_a_column_of_four_decimals_has_cut(pieces: int, a_minute: str, minutes: int) -> None:
    """Six minutes a piece are 0.1667; of 0.1666 nobody knows whether 6.0024 minutes are meant."""
    assert whole_minutes(Decimal(pieces) / Decimal(a_minute)) == minutes
