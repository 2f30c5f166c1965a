"""Of all pairs of positions only the legal steps exist, and each asks for its people and its reason."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.stages import (
    RUNNING,
    TRANSITIONS,
    Agreement,
    Position,
    Stage,
    Transition,
    checked_transition,
    legal_positions,
    next_stage,
)

OFF, BACK = Position(Stage.OFF), Position(Stage.ROLLED_BACK)
TWO, ONE = ("Ana", "Ben"), ("Ana",)


def test_of_all_pairs_of_positions_exactly_the_legal_ones_exist() -> None:
    expected = {(OFF, Position(Stage.SHADOW)), (Position(Stage.ALL), OFF), (BACK, OFF)}
    expected |= {(Position(a), Position(b)) for a, b in pairwise(RUNNING)}
    for stage in RUNNING:
        at, paused = Position(stage), Position(Stage.PAUSED, stage)
        expected |= {(at, paused), (paused, at), (at, BACK), (paused, BACK)}
    positions = legal_positions()
    assert len(positions) == len(set(positions)) == 12
    found = set()
    for before, after in product(positions, positions):
        try:
            checked_transition(before, after, TWO, "as agreed")
        except InvalidValue:
            continue
        found.add((before, after))
    assert found == expected
    assert len(TRANSITIONS) == len(expected) == 27


@pytest.mark.parametrize("step", TRANSITIONS, ids=str)
def test_each_step_asks_for_its_people_and_its_reason(step: Transition) -> None:
    found = step
    upward = found.after.stage in RUNNING
    assert (found.agreement == Agreement.TWO_PEOPLE) == (upward or (found.before, found.after) == (Position(Stage.ALL), OFF))
    by_itself = found.after.stage in (Stage.PAUSED, Stage.ROLLED_BACK)
    assert (found.agreement == Agreement.NOBODY) == by_itself
    if by_itself:
        assert checked_transition(found.before, found.after, (), "a violation") == found
    else:
        short = ONE * 2 if found.agreement == Agreement.TWO_PEOPLE else ()
        with pytest.raises(InvalidValue, match="people"):
            checked_transition(found.before, found.after, short, "as agreed")
    if found.before.stage == Stage.PAUSED or by_itself:
        with pytest.raises(InvalidValue, match="reason"):
            checked_transition(found.before, found.after, TWO, " ")


def test_a_pause_leads_back_to_its_own_stage_only() -> None:
    paused = Position(Stage.PAUSED, Stage.TEN)
    with pytest.raises(InvalidValue, match="cannot follow paused at 10 %"):
        checked_transition(paused, Position(Stage.QUARTER), TWO, "on we go")
    for stage, held in ((Stage.PAUSED, None), (Stage.TEN, Stage.TEN), (Stage.PAUSED, Stage.OFF)):
        with pytest.raises(InvalidValue, match="paused_at"):
            Position(stage, held)


def test_the_next_stage() -> None:
    assert [next_stage(stage) for stage in RUNNING] == [*RUNNING[1:], None]
    assert next_stage(Stage.PAUSED) is None
