"""``shopwright serve``: what is refused before it serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.api.server import listen
from tests.support.command_line import Shopwright


def test_an_address_that_others_reach_has_to_be_asked_for(shopwright: Shopwright) -> None:
    ran = shopwright("serve", "--address", "0.0.0.0")
    assert ran.status == 2
    assert "say --beyond-this-machine" in ran.err


def test_a_port_that_is_taken_is_one_line(shopwright: Shopwright) -> None:
    with listen("127.0.0.1", 0, beyond=False) as taken:
        port = taken.getsockname()[1]
        ran = shopwright("serve", "--port", port)
    assert ran.status == 4
    assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in ran.err


@pytest.mark.parametrize(
    ("variable", "text"), [("SHOPWRIGHT_API_CONFIG", "streams: -1"), ("SHOPWRIGHT_RUNS_CONFIG", "at_once: 0")]
)
def test_settings_that_are_wrong_are_refused_at_the_start(
    shopwright: Shopwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    monkeypatch.setenv(variable, str(file))
    ran = shopwright("serve", "--port", 1)
    assert ran.status == 2
    assert text.split(":")[0] in ran.err
