"""Which answer to a change is recommended."""

from __future__ import annotations

import pytest

from scheduler_core.analysis.recommendation import Answer, Recommendation, recommend


def answers(*values: tuple[float, float]) -> dict[str, Answer]:
    return {name: Answer(*value) for name, value in zip(("keep", "calm", "best"), values, strict=False)}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (answers((100, 0), (99.5, 0.1), (99.2, 0.9)), "keep"),  # nothing is worth a move
        (answers((100, 0), (90, 0.1), (87, 0.9)), "calm"),  # 3 % more is not worth the upheaval
        (answers((100, 0), (90, 0.1), (84, 0.9)), "best"),
        (answers((100, 0), (90, 0.1), (88, 0.1)), "best"),  # 2 % more, and as calm
        (answers((100, 0), (99.5, 0.1), (94, 0.9)), "best"),
        (answers((0, 0), (0, 0.1), (0, 0.9)), "keep"),
    ],
)
def test_a_gain_must_be_worth_its_moves(given: dict[str, Answer], name: str) -> None:
    assert recommend(given).name == name


def test_the_reason_names_the_gain_and_what_was_passed_over() -> None:
    found = recommend(answers((200, 0), (180, 0.1), (174, 0.9)))
    assert found == Recommendation("calm", pytest.approx(0.1), "best", pytest.approx(0.03))
    assert recommend(answers((200, 0), (180, 0.1))).further is None
