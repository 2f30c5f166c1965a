"""States that must never be, tried with plain SQL behind the store's back: the tables themselves refuse them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduler_core.data.store import Store
from tests.support.forbidden_states import (
    FORBIDDEN,
    LEGAL,
    World,
    build_world,
)


@pytest.fixture
def world(store: Store, database_url: str) -> Iterator[World]:
    built = build_world(store, database_url)
    yield built
    built.database.close()


def test_forbidden_states_are_refused(world: World) -> None:
    allowed = [name for name, statement in FORBIDDEN.items() if not world.refuses(statement)]
    assert allowed == []


@pytest.mark.parametrize("name", LEGAL)
def test_neighbouring_legal_states_are_not(world: World, name: str) -> None:
    assert not world.refuses(LEGAL[name])


def test_replacing_does_not_go_around_the_triggers(world: World) -> None:
    assert world.refuses("REPLACE INTO audit SELECT * FROM audit WHERE audit_seq=1")
    assert world.refuses("REPLACE INTO approval SELECT * FROM approval")
