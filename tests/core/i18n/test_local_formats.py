"""Moments as the reader's language writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scheduler_core.i18n.local_formats import short_day_text, stamp_text
from scheduler_core.i18n.translate import speaking


def test_moments_that_are_equal_in_two_zones_are_each_written_by_their_own_clock() -> None:
    here = datetime(2025, 7, 21, 8, 0, tzinfo=ZoneInfo("Asia/Kuala_Lumpur"))
    there = here.astimezone(UTC)
    assert here == there
    assert (stamp_text(here), stamp_text(there)) == ("Mon 21 Jul 08:00", "Mon 21 Jul 00:00")


def test_a_day_written_in_one_language_is_written_anew_in_another() -> None:
    day = datetime(2025, 7, 21).date()
    assert short_day_text(day) == "21 Jul"
    with speaking("zh_CN"):
        assert short_day_text(day) != "21 Jul"
    assert short_day_text(day) == "21 Jul"
