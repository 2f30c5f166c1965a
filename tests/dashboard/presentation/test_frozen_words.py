"""The frozen zone in words: how long it is, what stays in it, and what could not."""

from __future__ import annotations

from dashboard.presentation.frozen_words import hours_words, zone_words
from scheduler_core.judge.frozen_zone import FrozenZone
from scheduler_core.plant import MachineType
from tests.support.plants import job, machine, operation, plant

SHOP = plant(job("A", operation(60, 1)), machines=(machine(1), machine(2, type=2)))
NAMES = {kind.id: kind.name for kind in SHOP.machine_types}


def test_how_long_it_is() -> None:
    assert isinstance(SHOP.machine_types[0], MachineType)
    assert hours_words(SHOP, 8.0, ()) == "next 8 h"
    assert hours_words(SHOP, 1.5, ((2, 24.0),)) == f"next 1.5 h; {NAMES[2]} 24 h"
    assert hours_words(SHOP, 8.0, ((2, 0.0), (99, 24.0))) == f"next 8 h; {NAMES[2]} 0 h"
    assert hours_words(SHOP, 0.0, ((2, 24.0),)) == f"{NAMES[2]} 24 h"
    assert hours_words(SHOP, 0.0, ((99, 24.0),)) == "next 0 h"


def test_what_stays_and_what_could_not() -> None:
    whole = FrozenZone((("A", 1), ("B", 1)), (), (), {})
    assert zone_words(SHOP, 8.0, (), whole) == "Frozen zone: next 8 h. 2 operations kept in place."
    torn = FrozenZone((("A", 1), ("B", 1)), (("B", 1),), (("C", 1), ("D", 1)), {})
    assert zone_words(SHOP, 8.0, (), torn) == (
        "Frozen zone: next 8 h. 1 operation kept in place. "
        "2 operations could not stay (machine down, order late or changed) and were planned again. "
        "1 operation was moved although it could have stayed."
    )
