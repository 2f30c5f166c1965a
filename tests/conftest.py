"""The order of the test files, and their own log folder: what they make fail on purpose has no place in the planner's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.settings.environment import LOG_FOLDER

COMPILING = ("floor", "training")
"""Folders of tests whose compiled code ``shopwright warm`` leaves to its first use."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests (in a browser, short forms of studies) stand evenly among the others, and none at the end; so do
    those of rooms whose compiled code the first of them has to compile.

    A browser waits as much as it works: two test processes that both drive one leave the processor idle, and at the end no
    process shall wait for a long file of the other. Two processes that need the same code at once would both compile it.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    rooms = ("benchmarks", *COMPILING)
    long = [path for path, tests in files.items() if path.parent.name in rooms or "browser" in tests[0].keywords]
    place = {path: number / len(long) for number, path in enumerate(long)} if long else {}
    others = [path for path in files if path not in place]
    place |= {path: (number + 1) / len(others) for number, path in enumerate(others)}
    items[:] = [item for path in sorted(files, key=place.__getitem__) for item in files[path]]


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
