"""The draw of planning decisions: exact in every block, nested, reproducible, and as even as chance over the places."""

from __future__ import annotations

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.assignment import BLOCK, block_draw, preselects_challenger
from scheduler_core.rollout.stages import SHARES, Stage


@pytest.mark.parametrize("rollout", ["7f3a", "", "Plan Süd"])
def test_every_block_has_the_exact_share_and_shares_are_nested(rollout: str) -> None:
    for block in range(8):
        before: set[int] = set()
        for stage, percent in SHARES.items():
            taken = {d for d in range(block * BLOCK, (block + 1) * BLOCK) if preselects_challenger(rollout, d, stage)}
            assert len(taken) * 100 == percent * BLOCK
            assert before <= taken
            before = taken


def test_without_a_share_nothing_is_preselected() -> None:
    for stage in set(Stage) - set(SHARES):
        assert not any(preselects_challenger("r", d, stage) for d in range(2 * BLOCK))


def test_the_draw_is_the_documented_hash() -> None:
    assert block_draw("7f3a", 0) == (19, 17, 16, 18, 11, 4, 1, 7, 0, 12, 15, 13, 2, 8, 6, 5, 14, 3, 9, 10)
    assert block_draw("7f3a", 0) != block_draw("7f3a", 1) != block_draw("7f3b", 1)


def test_no_place_of_the_block_is_preferred() -> None:
    counts = [0] * BLOCK
    for block in range(400):
        for place in block_draw("r", block)[:5]:
            counts[place] += 1
    # 100 expected, standard deviation 8.7: five of them.
    assert all(56 < count < 144 for count in counts)


def test_numbers_below_0_are_refused() -> None:
    with pytest.raises(InvalidValue, match="decision"):
        preselects_challenger("r", -1, Stage.TEN)
    with pytest.raises(InvalidValue, match="block"):
        block_draw("r", -1)
