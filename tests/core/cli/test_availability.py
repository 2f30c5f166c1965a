"""``shopwright availability``: what a person and a program read, and what is refused."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.cli import availability as command
from scheduler_core.monitoring.availability import probe_log
from scheduler_core.monitoring.availability.probe_log import OK, Probe, ProbeLog, files
from scheduler_core.monitoring.liveness import answering
from tests.support.command_line import Shopwright

DAY = 86400


def written(folder: Path, days: float, down: tuple[int, int] = (0, 0), every: int = 60) -> None:
    """Probes up to now; the board fails from ``down[0]`` to ``down[1]`` seconds before now."""
    now = int(time.time()) // every * every
    lines: dict[str, str] = {}
    for at in range(now - int(days * DAY), now, every):
        answers = {"board": "refused" if down[0] >= now - at > down[1] else OK, "api": OK}
        day = probe_log.day_of(at)
        lines[day] = lines.get(day, "") + probe_log.written(Probe(at + every // 2, every, answers))
    for day, text in lines.items():
        (folder / f"{day}.probes").write_text(text, "ascii")


def test_share_budget_longest_outage_and_its_cause_are_shown(shopwright: Shopwright, tmp_path: Path) -> None:
    written(tmp_path, 1.2, down=(7200, 3600))
    ran = shopwright("availability", "--days", 1, "--folder", tmp_path)
    assert ran.status == 1
    assert "Target of 99.9 %: missed" in ran.out
    assert "Error budget for 99.9 % of 1 day: 0:01:26, overdrawn by 0:58:33" in ran.out
    assert "board: refused" in ran.out
    rows = {line.split("  ")[0]: line.split() for line in ran.out.splitlines()}
    assert rows["all doors"][2:8] == ["95.833", "%", "1.00", "1:00:00", "1:00:00", "1"]
    assert rows["api"][1:3] == ["100.000", "%"]
    said = json.loads(shopwright("availability", "--days", 1, "--folder", tmp_path, "--json").out)
    assert (said["verdict"], said["all"]["down_seconds"], said["doors"]["api"]["down_seconds"]) == ("missed", 3600, 0)
    assert said["all"]["outages"][0]["causes"] == {"board": ["refused"]}
    only = shopwright("availability", "--days", 1, "--folder", tmp_path, "--door", "api")
    assert (only.status, "Target of 99.9 %: kept" in only.out) == (0, True)


def test_too_few_days_are_no_success(shopwright: Shopwright, tmp_path: Path) -> None:
    written(tmp_path, 0.5)
    ran = shopwright("availability", "--folder", tmp_path)
    assert ran.status == 0
    assert "no statement yet, as only 0.49 of 30 days are measured" in ran.out


def test_an_hour_that_comes_twice_is_shown_with_its_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())
        assert [command.shown_time(at) for at in (first, first + 3600)] == [
            "2026-10-25 02:30:00+0200", "2026-10-25 02:30:00+0100",
        ]  # fmt: skip
    finally:
        monkeypatch.undo()
        time.tzset()


def test_maintenance_is_declared_and_shown_separately(shopwright: Shopwright, tmp_path: Path) -> None:
    written(tmp_path, 1.2)
    soon = datetime.now(UTC) + timedelta(minutes=10)
    ran = shopwright(
        "availability", "maintenance", "--from", soon.isoformat(), "--until", (soon + timedelta(hours=1)).isoformat(),
        "--reason", "update to 0.3", "--folder", tmp_path,
    )  # fmt: skip
    assert ran.status == 0
    assert "1:00:00: update to 0.3" in ran.out
    late = shopwright(
        "availability", "maintenance", "--from", "2026-01-01T02:00", "--until", "2026-01-01T03:00", "--reason", "x",
        "--folder", tmp_path,
    )  # fmt: skip
    assert late.status == 2
    assert "declared beforehand" in late.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--days", "0"], "must be between 1 and 90"),
        (["--target", "100"], "must be between 50 and 99.999"),
        (["--door", "none"], "was not probed"),
        (["probe", "--every", "1"], "must be between 2 and 3600"),
        (["probe", "--timeout", "5"], "below 5, half of --every"),
        (["probe", "--url", "a=http://x/", "--url", "a=http://y/"], "is duplicated"),
        (["maintenance", "--from", "noon", "--until", "later", "--reason", "x"], "must be a time"),
    ],
)
def test_wrong_arguments_are_named(shopwright: Shopwright, tmp_path: Path, arguments: list[str], reason: str) -> None:
    ProbeLog(tmp_path).append(Probe(int(time.time()) - 60, 10, {"board": OK}))
    ran = shopwright("availability", *arguments, "--folder", tmp_path)
    assert (ran.status, reason in ran.err) == (2, True), ran.err


def test_without_a_prober_there_is_nothing_to_say(shopwright: Shopwright, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        ran = shopwright("availability", "--folder", folder)
        assert ran.status == 2
        assert "has no probes" in ran.err


def test_a_prober_writes_until_it_is_stopped(shopwright: Shopwright, tmp_path: Path) -> None:
    """In a thread no signal stops it: the command is left behind and ends with the tests."""
    with answering(0, lambda: "") as port:
        url = f"exporter=http://127.0.0.1:{port}/livez"
        arguments = ("availability", "probe", "--url", url, "--every", 2, "--timeout", 0.9, "--folder", tmp_path)
        threading.Thread(target=shopwright, args=arguments, daemon=True).start()
        until = time.monotonic() + 10
        while time.monotonic() < until and not (tmp_path.is_dir() and any(f.stat().st_size for f in files(tmp_path))):
            time.sleep(0.1)
    assert files(tmp_path)[0].read_text("ascii").endswith(" 2 exporter=ok .\n")
