"""Moves by hand of one session: undo, redo, and what the changed plan says of itself."""

from __future__ import annotations

import pytest

from dashboard.loaded_plan import Plan
from dashboard.views.gantt.edit_history import EditHistory, changed_plan, effect_words, move_words
from scheduler_core.scenarios.manual_moves import IllegalChange, Move

A, B, C = Move("J2", 1, 1, 0), Move("J2", 1, 2, 90), Move("J4", 1, 1, 5000)


def test_moves_are_taken_back_and_made_again_in_order() -> None:
    draft = EditHistory().add(A).add(B)
    assert draft.undo().undo() == EditHistory((), (B, A))
    assert draft.undo().undo().redo().redo() == draft
    assert EditHistory().undo() == EditHistory().redo() == EditHistory()
    assert draft.undo().add(C) == EditHistory((A, C)), "a new move forgets what was taken back"


def test_the_changed_plan_has_figures_of_its_own_and_the_old_one_stays(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    was = plan.schedule.by_operation["J4", 1]
    changed, facts = changed_plan(plan, (C,))
    assert changed.schedule.by_operation["J4", 1].start >= 5000
    assert changed.kpis == facts.after != plan.kpis
    assert plan.schedule.by_operation["J4", 1] == was
    assert move_words(plan, changed, C).endswith("operation 1: M1, Fri 25 Jul 08:00 (asked for Thu 24 Jul 19:20)")
    before, after = plan.kpis.makespan_hours / 24, facts.after.makespan_hours / 24
    assert after > before
    assert f"last job done after {before:.1f} → {after:.1f} d." in effect_words(plan, changed)


def test_an_illegal_move_is_told(plans: tuple[Plan, Plan]) -> None:
    with pytest.raises(IllegalChange, match="is fixed"):
        changed_plan(plans[0], (Move("J3", 1, 3, 100),))
