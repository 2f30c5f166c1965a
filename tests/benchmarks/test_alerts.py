"""A short form of the study of alerts: receivers away and hosts killed, and every incident is told once."""

from __future__ import annotations

from pathlib import Path

from benchmarks import alerts


def test_every_incident_is_told_once_whatever_fails(tmp_path: Path) -> None:
    told = alerts.day(tmp_path, 360, 2, every=6)
    assert told.wrong == ()
    assert told.incidents > 0
    assert told.failures > 0
    assert told.kills > 0
