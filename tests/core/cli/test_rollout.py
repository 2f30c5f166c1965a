"""``shopwright rollout``: the verdict on a table of pairs, and simulated stages."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.command_line import Shopwright


def table(path: Path, ratio: float | None, days: int) -> Path:
    """A file of one pair a day whose challenger has ``ratio`` times the champion's value; None: missing on the last day."""
    rows = ["date,champion,challenger"]
    for i in range(days):
        last = i == days - 1 and ratio is None
        value = "" if last else f"{(ratio or 0.8) * (100 + i % 3):.2f}"
        rows.append(f"{date(2026, 3, 2) + timedelta(days=i)},{100 + i % 5},{value}")
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("ratio", "days", "verdict"),
    [
        (0.8, 40, "better"), (1.3, 40, "worse"), (1.0, 40, "inconclusive"), (0.8, 12, "too few days"),
        (None, 40, "missing data"),
    ],
)  # fmt: skip
def test_the_verdict_on_a_table_of_pairs(
    ratio: float | None, days: int, verdict: str, shopwright: Shopwright, tmp_path: Path
) -> None:
    file = table(tmp_path / "pairs.csv", ratio, days)
    ran = shopwright("rollout", "evidence", file, "--json")
    assert ran.status == 0
    found = json.loads(ran.out)
    assert (found["verdict"], found["pairs"], found["days"]) == (verdict, days, days)
    assert found["low"] <= found["mean"] <= found["high"]
    printed = shopwright("rollout", "evidence", file).out
    assert f"{days} on {days} days" in printed
    assert f"verdict  {verdict}" in " ".join(printed.split()).replace("verdict ", "verdict  ")
    turned = json.loads(shopwright("rollout", "evidence", file, "--json", "--better", "higher").out)
    if ratio is not None:
        assert turned["mean"] == pytest.approx(-found["mean"])


def test_a_bad_row_is_named(shopwright: Shopwright, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("date,champion,challenger\n2026-03-02,1,many\n", "utf-8")
    ran = shopwright("rollout", "evidence", file)
    assert ran.status == 2
    assert "row 2, column challenger: 'many' must be a number of 0 or more" in ran.err
    assert shopwright("rollout", "evidence", tmp_path / "none.csv").status == 2


def test_simulated_stages(shopwright: Shopwright) -> None:
    few = ("--rollouts", 20, "--days", 60, "--pulls", 2)
    ran = shopwright("rollout", "simulate", "--change", 30, *few, "--json")
    by_name = {event["name"]: event for event in json.loads(ran.out)["events"]}
    assert by_name["rolled back at shadow"]["share"] == 1
    assert by_name["10 % reached"]["share"] == 0
    printed = shopwright("rollout", "simulate", "--change", 30, *few).out
    assert "20 rollouts of 60 days with 2 pulls a day" in printed
    assert "rolled back at shadow    100.0%" in printed


@pytest.mark.parametrize("option", [("--spread", "-1"), ("--change", "nan"), ("--days", "100000"), ("--violations", "101")])
def test_options_out_of_range_are_refused(option: tuple[str, str], shopwright: Shopwright) -> None:
    ran = shopwright("rollout", "simulate", "--change", "0", *option)
    assert ran.status == 2
    assert option[0] in ran.err
