"""``shopwright roles``, and that no command lets text from elsewhere give orders to a terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.cli.terminal import ReadableOutput, Terminal, readable
from scheduler_core.data.store import Store
from scheduler_core.roles import Role
from scheduler_core.settings import environment


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    made = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, made)
    return made


def test_the_first_admin_is_made_and_unmade_here(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roles"]) == 0
    assert "nobody has a role yet" in capsys.readouterr().err
    assert main(["roles", "grant", "Ann@Example.org", "admin"]) == 0
    assert main(["roles", "grant", "ann@example.org", "admin"]) == 0
    assert capsys.readouterr().out.splitlines() == ["ann@example.org is admin", "ann@example.org is admin already"]
    assert main(["roles", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["person"], listed["role"]) == ("ann@example.org", "admin")
    assert listed["by"].startswith("command line: ")
    store = Store.open(url)
    assert store.roles.of("ann@example.org") == {Role.ADMIN}
    assert main(["roles", "revoke", "ann@example.org", "admin"]) == 2
    assert "ann@example.org is the last admin" in (told := capsys.readouterr().err)
    assert "shopwright roles grant PERSON admin" in told
    assert store.roles.of("ann@example.org") == {Role.ADMIN}
    assert main(["roles", "grant", "bob@example.org", "admin"]) == 0
    assert main(["roles", "revoke", "ann@example.org", "admin"]) == 0
    assert store.roles.of("ann@example.org") == frozenset()
    assert [e.action for e in store.audit.newest()] == ["revoke-role", "grant-role", "grant-role"]
    assert all(e.actor.startswith("command line: ") for e in store.audit.newest())
    store.close()


def test_what_cannot_be_is_a_usage_error(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roles", "grant", "ann@example.org", "owner"]) == 2
    assert main(["roles", "grant", "ann\u202eeve", "admin"]) == 2
    assert "cannot be seen" in capsys.readouterr().err


HOSTILE = "a\x1b[31mb\x1b]8;;https://evil.example\x07c\x9b2Jd\re\u202ef\tg\n"


def test_a_terminal_gets_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    shown = readable(HOSTILE)
    assert not set(shown) & set("\x1b\x07\x9b\r\u202e")
    assert shown.endswith("f\tg\n")
    assert readable("部品 é 😀 −\n") == "部品 é 😀 −\n"
    stream = io.StringIO()
    print(HOSTILE, end="", file=ReadableOutput(stream))
    assert stream.getvalue() == shown
    Terminal().say(HOSTILE)
    assert "\x1b" not in capsys.readouterr().err
