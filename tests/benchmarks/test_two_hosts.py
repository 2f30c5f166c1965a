"""A short version of benchmarks/two_hosts.py, on SQLite."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from two_hosts import study


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a host's processes are looked up in /proc")
def test_every_run_ends_once_though_the_host_that_works_on_it_is_killed(tmp_path: Path) -> None:
    seen = study(f"sqlite:///{tmp_path / 'store.sqlite3'}", kills=1, runs=2, lease=1.5, seed=1, search=False)
    assert seen.faults == 0, seen.counts
    assert (seen.counts["kills"], seen.counts["runs"]) == (1, 2)
    assert seen.counts["at work on it"] >= 1
    assert seen.counts["runs ok"] + seen.counts["runs failed"] == 2
