"""Tables of pairs: missing values are kept, and anything else that is not a pair is named with row and column."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.evidence import Pair
from scheduler_core.rollout.pairs_file import pairs_from_csv


def test_pairs_are_read_in_any_order_of_columns_with_missing_values() -> None:
    text = "Challenger;date;note;champion\n1.5;2026-03-02;;2\nNaN;2026-03-02;x;\n"
    assert pairs_from_csv(text.encode(), "p.csv") == (
        Pair(date(2026, 3, 2), 2.0, 1.5),
        Pair(date(2026, 3, 2), None, None),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("date,champion,challenger\n", "no rows"),
        ("date,champion\n2026-03-02,1\n", "row 1, column challenger"),
        ("date,champion,challenger,date\n2026-03-02,1,1,1\n", "row 1, column date"),
        ("date,champion,challenger\n2026-03-02,1,2\n02.03.2026,1,2\n", "row 3, column date"),
        ("date,champion,challenger\n2026-03-02,1,two\n", "row 2, column challenger"),
        ("date,champion,challenger\n2026-03-02,-1,2\n", "row 2, column champion"),
        ("date,champion,challenger\n2026-03-02,1,inf\n", "row 2, column challenger"),
        ("date,champion,challenger\n2026-03-02,1,1e300\n", "row 2, column challenger"),
    ],
)
def test_faults_are_named(text: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        pairs_from_csv(text.encode(), "p.csv")
