"""The study of ERP contents of everyday in short, and each oddity alone: every order has the fate that it must have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.erp_rows import Erp
from tests.support.everyday_erp import CALENDAR, PARTS, Content, EverydayBench, Fate, Order, content


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[EverydayBench]:
    opened = EverydayBench(tmp_path)
    yield opened
    opened.close()


def usual(erp: Erp) -> tuple[Order, Order]:
    """Two good orders of two operations."""
    first, second = (Order(n, erp.job(n), [erp.step(n, row) for row in (1, 2)], erp) for n in (1, 2))
    return first, second


def test_each_oddity_has_its_fate_and_leaves_the_other_orders_alone(bench: EverydayBench) -> None:
    for oddities in PARTS.values():
        for name, (fate, change) in oddities.items():
            erp = Erp()
            erp.add("tbl_machine", MachineId_i=9, MachineName_v="CM09", MachinetypeId_i=5, Status_i="A")
            odd, other = usual(erp)
            change(odd)
            odd.fate, odd.odd = fate, [name]
            seen = bench.look(Content(erp, (odd, other), (name,)))
            assert seen.planned, name
            assert seen.fates[str(other.head["DocRef_v"])] is Fate.PLANNED, name


def test_no_oddity_of_the_plant_costs_an_order(bench: EverydayBench) -> None:
    for name, change in CALENDAR.items():
        erp = Erp()
        orders = usual(erp)
        change(erp)
        seen = bench.look(Content(erp, orders, (name,)))
        assert seen.planned, name
        assert set(seen.fates.values()) == {Fate.PLANNED}, name


def test_contents_of_every_kind_add_up_and_are_planned(bench: EverydayBench) -> None:
    seen = [bench.look(content(seed)) for seed in range(100, 170)]
    assert sum(s.planned is True for s in seen) > 60
    fates = {fate for s in seen for fate in s.fates.values()}
    assert {Fate.PLANNED, Fate.NOTED, Fate.QUARANTINED} <= fates


def test_the_same_seed_gives_the_same_content() -> None:
    assert content(7).erp.tables == content(7).erp.tables
    assert content(7).erp.tables != content(8).erp.tables
