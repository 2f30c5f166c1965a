"""Figures of two plans are of the orders that both have, the others are named, and all pages name one bottleneck."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.loaded_plan import Plan, counted_moves
from dashboard.state import loaded
from dashboard.state.loaded import load_plan
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest
from scheduler_core.judge.moves import Moves
from scheduler_core.plant import MachineType, Plant
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.plants import job, machine, operation, plant
from tests.support.seeding import seed_plan, seed_snapshot
from tests.support.table_words import drawn


def evening() -> Plant:
    made = plant(
        job("A", operation(600, 1), due=60), job("B", operation(60, 2), due=500), job("C", operation(90, 2), due=30),
        machines=(machine(1), machine(2)),
    )  # fmt: skip
    return replace(made, machine_types=(MachineType(1, "Press"),))


@pytest.fixture
def overnight(store: Store) -> tuple[Store, str, str]:
    """(store, plan in force, the morning's plan): order A, the late one, is gone in the morning, and D is new."""
    before = evening()
    first = seed_plan(store, seed_snapshot(store, before))
    release(store, first)
    new = job("D", operation(30, 2), due=5000)
    after = replace(before, machines=before.machines[1:], jobs=(*before.jobs[1:], new))
    return store, first, seed_plan(store, seed_snapshot(store, after, "snapshot-2"), request_id="morning")


def release_morning(store: Store, schedule_id: str) -> None:
    content = store.schedules.get(schedule_id).content_sha256
    store.releases.approve(ApprovalRequest("second", schedule_id, content, "Ana", "", 1, acknowledged=("A",)), None)


def test_today_names_the_orders_that_only_one_plan_has(overnight: Seeded) -> None:
    page = open_page("today", plan=overnight[2])
    assert [c.value for c in page.caption if "chances" not in c.value] == [
        "Changes are of the 2 orders in both plans. 1 order is only in v1. 1 order is only in this plan."
    ]


def test_kpis_set_the_common_orders_beside_the_plan_in_force(overnight: Seeded) -> None:
    page = open_page("kpis", plan=overnight[2])
    (said,) = (w.value for w in page.warning)
    only = "1 order is only in v1. 1 order is only in this plan."
    assert said.startswith(
        f"{only} Of the 2 orders in both plans late in v1: 1, in this plan: 1; weighted tardiness in v1: "
    )
    assert not open_page("kpis", plan=overnight[1]).warning, "the plan in force is compared with nothing"


def test_compare_judges_nothing_between_plans_of_different_orders(overnight: Seeded) -> None:
    store, first, morning = overnight
    page = open_page("compare", left=first, right=morning)
    assert not page.exception
    said = "Figures are of the 2 orders in both plans. 1 order is only in the left plan. 1 order is only in the right plan."
    assert said in texts(page)
    assert "No value is marked as better: the plans have different orders." in texts(page)
    table = drawn(page.dataframe[0])
    assert table.set_index("Figure").loc["Late jobs"].tolist()[:2] == ["1", "1"], "the late order that left is no gain"
    assert not any("✓" in str(cell) for row in table.to_numpy() for cell in row)
    left = load_plan(store, first)
    assert len(left.late_jobs) == 2


def test_approve_names_them_beside_the_figures_and_for_every_version(overnight: Seeded) -> None:
    store, _, morning = overnight
    page = open_page("approve", plan=morning)
    assert "Figures are of the 2 orders in both plans. 1 order is only in v1. 1 order is only in this plan." in texts(page)
    release_morning(store, morning)
    page = open_page("monitor")
    assert not page.exception
    said = "Version 2 against version 1, over the 2 orders of both: late 1 → 1"
    assert said in texts(page)
    assert "1 order is only in v1. 1 order is only in v2." in texts(page)
    versions = page.dataframe[0].value.set_index("Version")
    assert versions.loc[2, ["Only before", "Only here"]].tolist() == [1, 1]
    assert versions.loc[1, ["Only before", "Only here"]].isna().all()


def test_one_release_is_told_in_words_instead_of_a_dot(overnight: Seeded) -> None:
    said = texts(open_page("monitor"))
    assert "Version 1 is the only one so far:" in said
    assert "Each version against the one before it" not in said


def test_moves_are_counted_once_for_the_table_and_the_recommendation(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    snapshot = store.schedules.get(greedy).snapshot_id
    for engine, rule in (("right_shift", "LPT"), ("repair", "EDD"), ("best", "WATC")):
        seed_plan(store, snapshot, engine, rule)
    counted: list[str] = []

    def count(before: Plan, after: Plan) -> Moves:
        counted.append(after.stored.engine)
        return counted_moves(before, after)

    monkeypatch.setattr(loaded, "counted_moves", count)
    page = open_page("compare", show="replans")
    assert not page.exception
    assert sorted(counted) == ["best", "repair", "right_shift"]
    table = page.dataframe[0].value.set_index("Figure")
    assert table.loc["Moves beyond Keep, next 72 h", "Keep"] == 0
    said = next(m.value for m in page.markdown if "Recommended:" in m.value)
    chosen = said.split("Recommended: ")[1].split(".")[0]
    if "less late than Keep" in said:
        assert f"it moves {table.loc['Moves beyond Keep, next 24 h', chosen]:.0f} of " in said
    else:
        assert chosen == "Keep"
    for answer in ("Keep", "Calm", "Best"):
        assert table.loc["Operations on another machine", answer] <= table.loc["Operations moved", answer]
        assert table.loc["Operations moved", answer] <= table.loc["Operations compared", answer]


def test_a_delta_on_today_is_the_difference_of_what_is_printed(seeded: Seeded) -> None:
    release(seeded[0], seeded[1])
    old, new = (open_page("today", plan=plan).metric for plan in seeded[1:])
    for before, after in zip(old[:4], new[:4], strict=True):
        if before.label != after.label:
            continue  # another bottleneck
        printed = [float(m.value.replace("\u202f", "").split()[0]) for m in (before, after)]
        delta = float(after.delta.replace("±", "").split()[0])
        assert delta == pytest.approx(printed[1] - printed[0], abs=1e-9)


def test_all_pages_name_one_bottleneck(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    worst = plan.bottleneck
    assert worst is not None
    assert worst.late_waiting == max(b.late_waiting for b in plan.bottlenecks) > 0
    name = worst.load.machine_type.name
    today = next(m for m in open_page("today", plan=seeded[1]).metric if m.label.startswith("Bottleneck"))
    assert (today.label, today.value) == (f"Bottleneck {name}", f"{worst.late_waiting / 60:.0f} h")
    assert f"Bottleneck {name}: late jobs wait" in texts(open_page("kpis", plan=seeded[1]))
    compare = drawn(open_page("compare", left=seeded[1], right=seeded[2]).dataframe[0]).set_index("Figure")
    assert compare.loc[f"Late jobs wait for {name}"].iloc[0].startswith(today.value)
