"""The tests' own log folder: what they make fail on purpose has no place in the planner's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.settings.environment import LOG_FOLDER


@pytest.fixture(scope="session", autouse=True)
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this session's processes log, whoever starts them."""
    folder = tmp_path_factory.mktemp("log")
    before = os.environ.get(LOG_FOLDER)
    os.environ[LOG_FOLDER] = str(folder)
    yield folder
    if before is None:
        del os.environ[LOG_FOLDER]
    else:
        os.environ[LOG_FOLDER] = before
