"""What fixes and points of an expedited order do to the chances, beside them."""

from __future__ import annotations

from dashboard.presentation.expedite_view import odds_sentence
from dashboard.presentation.tables import fixes_frame
from scheduler_core.causes.fixes import try_fixes
from scheduler_core.services.odds_changes import odds_changes
from tests.support.plants import at, job, operation, plant, schedule

PLANT = plant(job("A", operation(100, 1)), job("B", operation(100, 1), due=150))
PLAN = schedule(at("A", 1, 1, 0, 100), at("B", 1, 1, 100, 200))


def test_each_fix_has_the_chances_before_and_after_and_who_else_gets_worse() -> None:
    fixes = try_fixes(PLANT, PLAN, "B")
    odds = odds_changes(PLANT, PLAN, [(fix.plant, fix.schedule) for fix in fixes], "B", runs=20)
    frame = fixes_frame(PLANT, fixes, odds)
    assert list(frame.columns[:4]) == ["Fix", "This job", "On time, of 100", "Chances of others"]
    assert frame["On time, of 100"][0] == (odds[0].before, odds[0].after)
    assert odds[0].after == 1.0
    assert "On time, of 100" not in fixes_frame(PLANT, fixes).columns


def test_a_point_says_its_chance_in_a_sentence_and_an_order_without_due_date_only_the_others() -> None:
    swapped = schedule(at("B", 1, 1, 0, 100), at("A", 1, 1, 100, 200))
    (sooner,) = odds_changes(PLANT, PLAN, [(PLANT, swapped)], "B", runs=20)
    assert odds_sentence(PLANT, sooner) == (
        "Chance to be on time: 0 → 100 of 100; no other order's chance changes by 5 of 100 or more."
    )
    (undated,) = odds_changes(PLANT, PLAN, [(PLANT, swapped)], "A", runs=20)
    assert odds_sentence(PLANT, undated) == "If durations vary: 1 other order gets better (B)."
