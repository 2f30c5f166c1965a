"""Moments that pulls leave open, in words."""

from __future__ import annotations

from dashboard.presentation.actual_words import moment_words
from tests.support.plants import job, operation, plant

SHOP = plant(job("A", operation(60, 1)))


def test_a_moment_is_told_as_exactly_as_it_is_known() -> None:
    assert moment_words(SHOP, 0, 90) == "Mon 21 Jul 08:00 to Mon 21 Jul 09:30"
    assert moment_words(SHOP, None, 90) == "before Mon 21 Jul 09:30"
    assert moment_words(SHOP, 90, 90) == "Mon 21 Jul 09:30"
