"""Deep links as scripts: a page opened with an address shows what it names, or says that it cannot."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scheduler_core.data.store import Store
from tests.support.opening import open_page, texts
from tests.support.page_runs import answered, no_workers

__all__ = ["no_workers"]

Seeded = tuple[Store, str, str]


def told(page: AppTest) -> str:
    """What the page shows, without the signs that keep Markdown away."""
    return texts(page).replace("\\", "")


@pytest.mark.parametrize(
    ("name", "query"),
    [("dispatch", {"shift": "<script>"}), ("dispatch", {"centre": "99"}), ("dispatch", {"span": "century"}),
     ("gantt", {"view": "no"}), ("compare", {"show": "no"}), ("what_if", {"what": "nonsense"}),
     ("what_if", {"machine": "3"}), ("models", {"model": "nobody"})],
)  # fmt: skip
def test_a_nonsense_link_is_told_once_on_every_page(seeded: Seeded, name: str, query: dict[str, str]) -> None:
    page = open_page(name, **query)
    assert not page.exception
    assert told(page).count("Wrong link: ") == 1


def test_compare_tells_two_unknown_plans_once(seeded: Seeded) -> None:
    assert told(open_page("compare", left="1" * 32, right="2" * 32)).count("Wrong link: ") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["today", "gantt", "what_if", "approve", "dispatch", "kpis"])
def test_a_plan_of_the_address_is_shown_and_an_unknown_one_is_told(seeded: Seeded, name: str) -> None:
    for plan in seeded[1:]:
        page = open_page(name, plan=plan)
        assert page.query_params["plan"] in (plan, [plan])
        assert "Wrong link" not in texts(page)
    assert told(open_page(name, plan="0" * 32)).count(f"Wrong link: there is no plan {'0' * 32}") == 1


def test_a_job_of_the_address_is_shown_and_an_unknown_one_is_told(seeded: Seeded) -> None:
    assert "BB-2" in texts(open_page("gantt", job="J2"))
    assert "Wrong link: this plan has no such operation of job J99" in told(open_page("gantt", job="J99"))
    assert len(open_page("jobs", find="J2").dataframe[0].value) == 1


def test_a_machine_of_the_address_is_shown_and_an_unknown_one_is_told(seeded: Seeded) -> None:
    machine = next(
        m for m in seeded[0].snapshots.plant(seeded[0].schedules.get(seeded[1]).snapshot_id).machines if m.id == 3
    )
    for asked in ("3", machine.name):
        assert open_page("gantt", machine=asked).multiselect("centres").value == [machine.type]
        assert open_page("what_if", what="breakdown", machine=asked).selectbox("machine_Machine").value == 3
    for name in ("gantt", "what_if"):
        assert "Wrong link: this plant has no machine 99" in told(open_page(name, what="breakdown", machine="99"))


def test_a_filter_of_the_gantt_outlives_the_link_that_set_it(seeded: Seeded) -> None:
    page = open_page("gantt", machine="3")
    page.multiselect("centres").set_value([1]).run()
    assert page.multiselect("centres").value == [1]


@pytest.mark.slow
def test_a_scenario_of_the_address_leads_to_the_plan_that_it_changes(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    for plan in (greedy, learned):
        scenario = answered(store, plan).query_params["scenario"]
        page = open_page("what_if", scenario=scenario if isinstance(scenario, str) else scenario[0])
        assert page.query_params["plan"] in (plan, [plan])
        assert "What becomes of the plan?" in texts(page)
    assert "Wrong link: there is no scenario" in told(open_page("what_if", scenario="0" * 32))
