"""The order of the test files, and their own log folder: what they make fail on purpose has no place in the planner's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.settings.environment import LOG_FOLDER


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests (in a browser, short forms of studies) come first: at the end no process waits for them."""
    long = {item.path for item in items if "browser" in item.keywords or item.path.parent.name == "benchmarks"}
    items.sort(key=lambda item: item.path not in long)


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
