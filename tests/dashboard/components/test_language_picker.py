"""The pages in each language: drawn without a fault, in its words, for this browser session alone."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.gantt import GanttRequest, pack, texts
from dashboard.loaded_plan import Plan
from dashboard.state.loaded import gantt_bytes
from scheduler_core.data.store import Store
from scheduler_core.i18n.translate import LANGUAGES, speaking, t
from tests.support.opening import release

PAGES = ("today", "jobs", "compare", "gantt", "what_if", "approve", "dispatch", "summary", "kpis", "monitor", "models")
TITLES = {"ms": ("Hari ini", "Kerja", "Banding", "Lulus"), "zh_CN": ("今日", "订单", "对比", "审批")}
Seeded = tuple[Store, str, str]


def open_page(name: str, **query: str) -> AppTest:
    page = AppTest.from_string(
        "from dashboard.components import language_picker, page_shell\n"
        f"from dashboard.views import {name}\n"
        f"language_picker.begin()\npage_shell.top()\n{name}.show()",
        default_timeout=60,
    )
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("spoken", ["ms", "zh_CN"])
def test_pages_are_drawn_in_each_language(seeded: Seeded, spoken: str, name: str) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    page = open_page(name, lang=spoken)
    assert not page.exception
    with speaking(spoken):
        wanted = {"today": "Today", "jobs": "Jobs", "compare": "Compare", "approve": "Approve"}
        if name in wanted:
            assert page.title[0].value == t(wanted[name])
            assert page.title[0].value in TITLES[spoken]
        assert t("Breakdown") in [b.label for b in page.button]


def test_the_language_is_chosen_by_hand_and_stays(seeded: Seeded) -> None:
    page = open_page("approve")
    assert page.title[0].value == "Approve"
    assert page.radio(key="language").options == list(LANGUAGES.values())
    page.radio(key="language").set_value("zh_CN").run()
    assert page.title[0].value == "审批"
    assert page.run().title[0].value == "审批"
    assert open_page("approve").title[0].value == "Approve", "another session keeps its own"


def test_an_address_names_the_language_until_another_is_chosen(seeded: Seeded) -> None:
    page = open_page("approve", lang="ms")
    assert page.title[0].value == "Lulus"
    page.radio(key="language").set_value("en").run()
    assert page.title[0].value == "Approve"
    assert open_page("approve", lang="xx").title[0].value == "Approve"


def test_the_canvas_gets_its_words(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]

    def head(spoken: str) -> dict[str, object]:
        with speaking(spoken):
            data = pack(plan.plant, plan.schedule, plan.hours)
        size = int.from_bytes(data[:4], "little")
        read: dict[str, object] = json.loads(data[4 : 4 + size])
        return read

    assert head("en")["texts"] == {}
    told = head("zh_CN")
    assert isinstance(told["texts"], dict)
    assert set(told["texts"]) == set(texts.said())
    assert told["texts"]["Fold"] == "折叠"
    assert told["days"] == ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
    assert head("ms")["stamp"] != told["stamp"]


def test_sessions_of_two_languages_do_not_share_a_picture(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]

    def picture(spoken: str) -> bytes:
        with speaking(spoken):
            return gantt_bytes(plan, plan.id, GanttRequest(key="g"), language=spoken)

    assert "折叠".encode() in picture("zh_CN")
    assert "折叠".encode() not in picture("en")
