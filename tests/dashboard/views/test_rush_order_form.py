"""A rush order's routing on the What-if page: like a part, in another quantity, and typed."""

from __future__ import annotations

from dashboard.views.what_if.rush_order import LIKE_PART, TYPED, typed_job
from scheduler_core.data.store import Store
from tests.support.opening import open_page

Seeded = tuple[Store, str, str]


def test_every_way_to_a_routing_has_its_fields(seeded: Seeded) -> None:
    page = open_page("what_if", plan=seeded[1])
    page.selectbox("what_happens").set_value("A rush order comes in").run()
    assert not page.button("ask_what_if").disabled
    for way in (LIKE_PART, TYPED):
        page.session_state["rush_routing"] = way
        page.run()
        assert not page.exception
    assert page.button("ask_what_if").disabled, "nothing is typed yet"


def test_typed_lines_become_operations_in_their_order() -> None:
    made = typed_job({"Laser": 7}, {"M1": 1}, [("Laser", 30), ("M1", 45)])
    assert made is not None
    first, second = made.operations
    assert (first.machine_types, first.machines, first.minutes) == ((7,), (), 30)
    assert (second.machine_types, second.machines, second.minutes) == ((), (1,), 45)
    assert first.sequence < second.sequence
    assert typed_job({}, {}, []) is None
