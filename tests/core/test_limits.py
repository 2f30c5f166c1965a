"""Ten times over each documented limit, through every way in: refused within a second, with the limit named."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core import limits
from scheduler_core.errors import InvalidValue
from scheduler_core.settings.yaml_files import read_yaml
from tests.support.oversized import oversized
from tests.support.own_time import own_time
from tests.support.paths import ROOT


@pytest.mark.slow
def test_ten_times_too_much_is_refused_at_once_and_the_limit_named(tmp_path: Path) -> None:
    inputs = oversized(tmp_path)
    assert len({one.way for one in inputs}) == 11
    for one in inputs:
        with own_time() as took, pytest.raises(InvalidValue, match=rf"(?<!\d){one.limit}(?!\d)"):
            one.read()
        # A second on an idle machine; a crowded one also counts more CPU time.
        assert took.seconds < 2, (one.way, one.what)


def test_the_documented_limits_are_those_of_the_program() -> None:
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8").replace(",", "")
    for name, value in vars(limits).items():
        if name.startswith("MAX_"):
            shown = value // 1_000_000 if name.endswith("BYTES") and value >= 1_000_000 else value
            shown = value // 1_000 if name == "MAX_CONFIG_BYTES" else shown
            assert f" {shown} " in text, name


def test_settings_nested_too_deeply_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "deep.yaml"
    file.write_text("[" * 50_000, encoding="utf-8")
    with pytest.raises(InvalidValue, match="nested too deeply"):
        read_yaml(file)
