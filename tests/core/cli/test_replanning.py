"""``shopwright schedule --start-from`` and ``check --against``: a replan starts from the plan in force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Shopwright


@pytest.fixture
def old(tmp_path: Path, shopwright: Shopwright, snapshot: Path) -> Path:
    path = tmp_path / "old.json"
    assert shopwright("schedule", snapshot, "--rule", "LPT", "--out", path).status == 0
    return path


def test_keep_writes_the_same_plan_and_check_counts_no_move(
    shopwright: Shopwright, snapshot: Path, old: Path, tmp_path: Path
) -> None:
    ran = shopwright("schedule", snapshot, "--start-from", old, "--engine", "keep", "--out", tmp_path / "kept.json")
    assert ran.status == 0
    assert "moves: 0 of" in ran.out
    assert "Nothing better found" not in ran.out
    kept, before = (json.loads(p.read_text())["assignments"] for p in (tmp_path / "kept.json", old))
    assert sorted(map(str, kept)) == sorted(map(str, before))
    ran = shopwright("check", snapshot, tmp_path / "kept.json", "--against", old, "--most-moves", 0)
    assert ran.status == 0
    assert "moves: 0 of" in ran.out


def test_calm_keeps_its_number_and_check_agrees(shopwright: Shopwright, snapshot: Path, old: Path, tmp_path: Path) -> None:
    out = tmp_path / "calm.json"
    ran = shopwright(
        "schedule", snapshot, "--start-from", old, "--most-moves", 3, "--time-limit", 1, "--out", out, "--json"
    )  # fmt: skip
    assert ran.status == 0
    told = json.loads(ran.out)
    assert told["engine"] == "repair"
    assert told["moves"]["moved"] <= 3
    checked = shopwright("check", snapshot, out, "--against", old, "--most-moves", 3, "--json")
    assert checked.status == 0
    assert json.loads(checked.out)["moves"] == told["moves"]


def test_check_refuses_more_moves_than_promised(shopwright: Shopwright, snapshot: Path, old: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    assert shopwright("schedule", snapshot, "--rule", "SPT", "--out", other).status == 0
    free = shopwright("check", snapshot, other, "--against", old)
    assert free.status == 0
    limited = shopwright("check", snapshot, other, "--against", old, "--most-moves", 0)
    assert limited.status == 1
    assert "(at most 0 asked for)" in limited.out
    assert "needs --against" in shopwright("check", snapshot, other, "--most-moves", 0).err


def test_a_plan_that_stays_is_said_and_not_written_again(
    shopwright: Shopwright, snapshot: Path, old: Path, tmp_path: Path
) -> None:
    best, again = tmp_path / "best.json", tmp_path / "again.json"
    first = shopwright("schedule", snapshot, "--start-from", old, "--time-limit", 2, "--out", best, "--json")
    assert first.status == 0
    assert json.loads(first.out)["engine"] == "best"
    start = best if best.exists() else old
    ran = shopwright("schedule", snapshot, "--start-from", start, "--time-limit", 0.2, "--out", again)
    assert ran.status == 0
    assert "Nothing better found: the plan stays" in ran.out
    assert not again.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--engine", "calm"], "need --start-from"),
        (["--most-moves", "3"], "need --start-from"),
        (["--frozen-hours", "3"], "need --start-from"),
        (["--start-from", "OLD", "--engine", "greedy"], "greedy plans from nothing"),
        (["--start-from", "OLD", "--engine", "best", "--most-moves", "3"], "--most-moves is what calm keeps to"),
        (["--start-from", "OLD", "--frozen-hours", "Nowhere=4"], "'Nowhere' must be one of the work centres"),
        (["--start-from", "OLD", "--frozen-hours", "-1"], "is not a number of hours"),
        (["--start-from", "OLD", "--most-moves", "-1"], "-1 is less than 0"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    shopwright: Shopwright, snapshot: Path, old: Path, arguments: list[str], said: str
) -> None:
    ran = shopwright("schedule", snapshot, *[str(old) if a == "OLD" else a for a in arguments])
    assert ran.status == 2
    assert said in ran.err


def test_frozen_hours_of_a_work_centre_are_kept(shopwright: Shopwright, snapshot: Path, old: Path, tmp_path: Path) -> None:
    centre = json.loads(snapshot.read_text())["machine_types"][0]["name"]
    out = tmp_path / "frozen.json"
    ran = shopwright(
        "schedule", snapshot, "--start-from", old, "--time-limit", 0.3, "--frozen-hours", "2000", "--out", out,
        "--frozen-hours", f"{centre}=2000", "--json",
    )  # fmt: skip
    assert ran.status == 0
    assert json.loads(ran.out)["moves"]["moved"] == 0


@pytest.mark.parametrize("engine", ["greedy", "keep", "calm", "best"])
def test_an_engine_keeps_the_frozen_zone_and_check_agrees(
    shopwright: Shopwright, snapshot: Path, old: Path, tmp_path: Path, engine: str
) -> None:
    out = tmp_path / "zone.json"
    zone = ("--frozen-hours", "8")
    ran = shopwright(
        "schedule", snapshot, "--start-from", old, "--engine", engine, "--time-limit", 0.3, *zone, "--out", out
    )  # fmt: skip
    assert ran.status == 0
    stays = next(line for line in ran.out.splitlines() if line.startswith("frozen zone: "))
    kept, could = stays.removeprefix("frozen zone: ").removesuffix(" operations stay").split(" of ")
    assert kept == could != "0"
    new = out if out.exists() else old
    checked = shopwright("check", snapshot, new, "--against", old, *zone, "--json")
    assert checked.status == 0
    assert json.loads(checked.out)["frozen"] == {"could_stay": int(could), "moved": [], "released": []}


def test_check_refuses_a_valid_plan_that_moves_what_is_frozen(
    shopwright: Shopwright, snapshot: Path, old: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    assert shopwright("schedule", snapshot, "--rule", "SPT", "--out", other).status == 0
    assert shopwright("check", snapshot, other, "--against", old).status == 0
    frozen = shopwright("check", snapshot, other, "--against", old, "--frozen-hours", "8")
    assert frozen.status == 1
    assert "moved although they could have stayed: job " in frozen.out
    assert shopwright("check", snapshot, other, "--against", old, "--frozen-hours", "0").status == 0
    assert "needs --against" in shopwright("check", snapshot, other, "--frozen-hours", "8").err
