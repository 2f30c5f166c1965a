"""What runs by itself, in words: every cause and every reason that the decisions give can be said in each language."""

from __future__ import annotations

import ast

import pytest

from dashboard.presentation import automation_words
from scheduler_core.automation.state import AutomationState
from scheduler_core.data.store.records import AutomationKind
from scheduler_core.i18n import translate
from tests.support.paths import ROOT

ROOM = ROOT / "scheduler_core" / "automation"


def said_by_decisions() -> set[str]:
    """The texts that the decisions mark to be translated."""
    calls = (node for file in ROOM.glob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    marked = (node.args[0] for node in calls if isinstance(node, ast.Call) and ast.unparse(node.func) == "mark")
    return {str(text.value) for text in marked if isinstance(text, ast.Constant)}


def test_causes_with_a_number_are_said_with_it() -> None:
    assert automation_words.cause_words("at 05:45") == "at 05:45"
    assert automation_words.cause_words("every 10 minutes") == "the ERP's rows have changed; checked every 10 minutes"
    later = "the plan in force is 2.5 weighted days later than planned"
    assert automation_words.cause_words(later) == later


@pytest.mark.parametrize("language", ["ms", "zh_CN"])
def test_every_reason_is_translated(language: str) -> None:
    reasons = said_by_decisions()
    assert len(reasons) > 20
    with translate.speaking(language):
        assert [text for text in reasons if automation_words.cause_words(text) == text] == []


def test_every_kind_of_act_has_words_and_what_failed_is_named() -> None:
    assert set(automation_words.KINDS) == set(AutomationKind) - {AutomationKind.BEGIN}
    assert automation_words.part_words("pull") == "Pull the jobs"
    assert automation_words.part_words("settings") == "The settings of the automation"


@pytest.mark.parametrize(
    ("enabled", "acting", "word"), [(False, False, "by hand"), (True, False, "no server"), (True, True, "proposals")]
)
def test_the_heading_says_whether_anything_runs(enabled: bool, acting: bool, word: str) -> None:
    found = AutomationState(enabled, "host", acting, {}, (), None)  # type: ignore[arg-type]
    assert word in automation_words.heading_words(found)
