"""What is said of a typed name at a click that takes one."""

from __future__ import annotations

import pytest

from dashboard.components import acting_person


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter your name first."),
        (" \u3000", "Enter your name first."),
        ("Dewi\u2060", r"Your name\: \'Dewi\\u2060\' holds U\+2060 WORD JOINER, which cannot be seen"),
        ("Dewi Lestari", None),
        ("O'Brien, S.", None),
    ],
)
def test_a_name_that_cannot_be_one_is_told_before_anything_is_asked(typed: str, said: str | None) -> None:
    assert acting_person.name_missing(typed) == said
