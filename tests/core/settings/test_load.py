"""One loader reads every file of settings, so that a mistake is told in the same words everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler_core.data.erp import load_config
from scheduler_core.data.export.config import load_export_config
from scheduler_core.errors import InvalidValue
from scheduler_core.settings import sign_in
from scheduler_core.settings.api_settings import load_api_settings
from scheduler_core.settings.release_policy import load_release_policy
from scheduler_core.settings.run_slots import load_run_slots
from scheduler_core.training.config import read_config
from scheduler_core.training.imitation_config import read_imitation

LOADERS = (
    load_api_settings,
    load_config,
    load_export_config,
    load_release_policy,
    load_run_slots,
    read_config,
    read_imitation,
    sign_in.load,
)


def told(load: Callable[[Path], object], file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(InvalidValue) as caught:
        load(file)
    return str(caught.value)


@pytest.mark.parametrize("load", LOADERS)
def test_a_mistake_is_told_with_file_key_value_and_reason(load: Callable[[Path], object], tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    assert told(load, file, "- 1\n") == f"{file}: (top level): [1] is not a list of settings"
    assert told(load, file, "") == f"{file}: (top level): None is not a list of settings"
    required = "name: x\ndescription: x\nplant: P\ntimezone: UTC\nway: none\n"
    assert f"{file}: " in told(load, file, required + "no_such_key: 3\n")


def test_an_unknown_key_is_named_with_its_value(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    assert told(load_run_slots, file, "at_one: 3\n") == f"{file}: at_one: 3 is not a known setting"
    assert told(load_config, file, "plant: P\ntimezone: UTC\nhorizn: 3\n") == f"{file}: horizn: 3 is not a known setting"
