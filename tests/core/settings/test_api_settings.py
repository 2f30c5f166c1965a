"""The settings of the HTTP API."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.settings.api_settings import ApiSettings, load_api_settings


def test_the_packaged_file_says_what_counts_without_one() -> None:
    assert load_api_settings() == ApiSettings()


def test_names_and_proxies_are_lists(tmp_path: Path) -> None:
    file = tmp_path / "api.yaml"
    file.write_text("names: [plan.example.com]\nproxies: [10.0.0.5, '::1']\nlongest_wait_seconds: 3\n")
    found = load_api_settings(file)
    assert (found.names, found.proxies) == (("plan.example.com",), ("10.0.0.5", "::1"))
    assert found.longest_wait_seconds == 3


@pytest.mark.parametrize(
    "text",
    ["token_per_minute: 0", "address_per_minute: true", "largest_body_mb: 101", "proxies: [10.0.0.0/8]", "proxies: [proxy]",
     "longest_wait_seconds: 61", "streams: -1", "name: []"],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_key(tmp_path: Path, text: str) -> None:
    file = tmp_path / "api.yaml"
    file.write_text(text)
    with pytest.raises(InvalidValue, match=rf"api\.yaml: {text.split(':')[0]}"):
        load_api_settings(file)
