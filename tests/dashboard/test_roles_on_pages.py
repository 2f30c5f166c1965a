"""What each role finds on the pages: a button that is not theirs is drawn, dead, and says which role it takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.auth import current_user, sign_in
from dashboard.views.people import page as people_page
from scheduler_core.data.store import Store
from scheduler_core.roles import Action, Role
from scheduler_core.services import service_tokens
from scheduler_core.settings import environment
from tests.support.opening import open_page, texts
from tests.support.paths import ROOT
from tests.support.role_matrix import MATRIX
from tests.support.seeding import seed_snapshot

ANN = "ann@example.org"
BUTTONS = (
    ("today", "rerun", Action.PLAN),
    ("compare", "run_both", Action.PLAN),
    ("jobs", "Pull again", Action.PULL),
    ("facts", "add_fact", Action.PLAN),
    ("what_if", "ask_what_if", Action.WHAT_IF),
    ("approve", "release", Action.APPROVE),
)
Seeded = tuple[Store, str, str]


@pytest.fixture
def signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[sign_in.ConnectionFacts]]:
    """Ann comes through a trusted proxy; the list's only entry is what is seen of her connection."""
    path = tmp_path / "sign_in.yaml"
    path.write_text("way: header\nheader: X-User\nproxies: [127.0.0.1]\n")
    monkeypatch.setenv(environment.SIGN_IN, str(path))
    held = [sign_in.ConnectionFacts("127.0.0.1", "127.0.0.1", 0.0, {"x-user": [ANN]}, forwarded_allow_ips="")]
    monkeypatch.setattr(current_user, "seen", lambda: held[0])
    yield held
    current_user._settings.cache_clear()


def button(page: AppTest, name: str) -> object:
    return next(b for b in page.button if name in (b.key, b.label))


def whole_app() -> AppTest:
    return AppTest.from_file(str(ROOT / "dashboard" / "board.py"), default_timeout=60).run()


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("view", "key", "action"), BUTTONS)
def test_a_button_lives_for_those_who_may_and_says_the_role_to_others(
    seeded: Seeded, signed_in: object, role: Role, view: str, key: str, action: Action
) -> None:
    seeded[0].roles.grant(ANN, role, "test")
    page = open_page(view)
    assert not page.exception
    found = button(page, key)
    if action in MATRIX[role]:
        assert "this needs the role" not in (found.help or "")  # type: ignore[attr-defined]
        assert not found.disabled or view == "what_if"  # type: ignore[attr-defined]
    else:
        assert found.disabled  # type: ignore[attr-defined]
        assert f"may not {action.value}: this needs the role" in found.help  # type: ignore[attr-defined]


def test_a_role_taken_away_while_the_page_is_open_counts_at_the_click(seeded: Seeded, signed_in: object) -> None:
    store = seeded[0]
    store.roles.grant(ANN, "approver", "test")
    page = open_page("approve")
    assert f"Approver: {ANN}" in texts(page)
    page.button(key="release").click().run()
    store.roles.revoke(ANN, "approver", "test")
    page.button(key="confirm").click().run()
    assert not page.exception
    assert "may not release a plan" in "".join(str(e.value) for e in page.error).replace("\\", "")
    assert store.releases.newest("tiny") == ()


def test_who_signed_in_is_the_approver(seeded: Seeded, signed_in: object) -> None:
    store = seeded[0]
    store.roles.grant(ANN, "approver", "test")
    page = open_page("approve")
    assert not [t for t in page.text_input if t.key == "approver"]
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    assert [r.approver for r in store.releases.newest("tiny")] == [ANN]
    assert store.audit.newest()[0].actor == ANN


def test_without_a_role_there_is_no_page_at_all(seeded: Seeded, signed_in: object) -> None:
    page = whole_app()
    assert not page.exception
    assert "you have no role yet" in texts(page)
    assert not page.dataframe
    assert not page.button


def test_an_unknown_peer_sees_no_page(seeded: Seeded, signed_in: list[sign_in.ConnectionFacts]) -> None:
    signed_in[0] = sign_in.ConnectionFacts("127.0.0.1", "203.0.113.9", 0.0, {"x-user": [ANN]}, forwarded_allow_ips="")
    seeded[0].roles.grant(ANN, "admin", "test")
    page = whole_app()
    assert not page.exception
    assert "is not the proxy that signs people in" in texts(page)
    assert not page.dataframe
    assert not page.button


def test_a_server_for_all_without_sign_in_serves_no_page(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_user, "seen", lambda: sign_in.ConnectionFacts(None, "203.0.113.9", 0.0))
    page = whole_app()
    assert not page.exception
    assert "This server listens on every address" in texts(page)
    assert not page.dataframe
    assert not page.button


def test_wrong_settings_are_told_and_nothing_is_served(
    seeded: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sign_in.yaml"
    path.write_text("way: none\nopen_to: all\n")
    monkeypatch.setenv(environment.SIGN_IN, str(path))
    page = whole_app()
    assert not page.exception
    assert "is not a known setting" in "".join(str(e.value) for e in page.error).replace("\\", "")
    assert not page.button


def test_a_demo_says_that_nobody_signs_in(seeded: Seeded) -> None:
    page = open_page("monitor")
    assert not page.exception
    assert "No sign-in" in texts(page)
    assert "No sign-in" not in texts(whole_app()), "it is IT's"


def test_an_admin_gives_and_takes_roles_on_a_page(store: Store, small_plant: object, signed_in: object) -> None:
    seed_snapshot(store, small_plant)  # type: ignore[arg-type]
    store.roles.grant(ANN, "admin", "test")
    page = open_page("people")
    page.text_input(key="person").set_value("Bob@Example.org").run()
    page.selectbox(key="role").set_value("planner").run()
    page.button(key="give_role").click().run()
    assert store.roles.of("bob@example.org") == frozenset(), "asked, but not answered yet"
    page.button(key="confirm").click().run()
    assert not page.exception
    assert store.roles.of("bob@example.org") == {Role.PLANNER}
    assert (store.audit.newest()[0].actor, store.audit.newest()[0].action) == (ANN, "grant-role")
    assert list(page.dataframe[0].value["Person"]) == [ANN, "bob@example.org"]
    page.button(key="take_role").click().run()
    page.button(key="confirm").click().run()
    assert store.roles.of("bob@example.org") == frozenset()
    page.text_input(key="person").set_value(ANN).run()
    page.selectbox(key="role").set_value("admin").run()
    page.button(key="take_role").click().run()
    page.button(key="confirm").click().run()
    assert "is the last admin" in "".join(str(e.value) for e in page.error)
    assert store.roles.of(ANN) == {Role.ADMIN}


def test_a_click_on_a_granted_role_fills_the_fields(
    store: Store, small_plant: object, signed_in: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_snapshot(store, small_plant)  # type: ignore[arg-type]
    store.roles.grant(ANN, "admin", "test")
    store.roles.grant("bob@example.org", "planner", "test")
    monkeypatch.setattr(people_page, "select_row", lambda frame, **_: list(frame["Person"]).index("bob@example.org"))
    page = open_page("people")
    assert page.text_input(key="person").value == "bob@example.org"
    assert page.selectbox(key="role").value == "planner"
    page.selectbox(key="role").set_value("admin").run()
    assert page.selectbox(key="role").value == "admin", "the click counts once"


def test_others_find_their_own_tokens_on_people_and_nobodys_roles(seeded: Seeded, signed_in: object) -> None:
    store = seeded[0]
    for person, role in ((ANN, "planner"), ("bob@example.org", "approver")):
        store.roles.grant(person, role, "test")
        service_tokens.make(
            store, owner=person, name=f"MES of {person}", roles=[Role(role)], actor=person, request_id=person.split("@")[0],
            expires_at=datetime.now(UTC) + timedelta(days=9),
        )  # fmt: skip
    page = open_page("people")
    assert not page.exception
    assert [list(frame.value["Program"]) for frame in page.dataframe] == [[f"MES of {ANN}"]]
    assert "bob@example.org" not in texts(page)
    keys = {b.key for b in page.button if not b.key.startswith("FormSubmitter")}
    assert keys == {"go_gantt", "go_breakdown", "go_differences", "revoke_token"}
    page.text_input(key="token_name").set_value("Robot")
    page.multiselect(key="token_roles").set_value(["planner"])
    next(b for b in page.button if b.label == "Make token").click().run()
    assert not page.exception
    (code,) = page.code
    actor = service_tokens.identify(store, code.value, datetime.now(UTC))
    assert (actor.name, actor.only) == (ANN, frozenset({Role.PLANNER}))
    page.button(key="token_copied").click().run()
    assert not page.code, "it is shown once"
    assert list(page.dataframe[0].value["Program"]) == ["Robot", f"MES of {ANN}"]


# ---------------------------------------------------------------- no way around the services
ACTS = frozenset({
    "pull", "submit", "approve", "roll_back", "propose", "keep_moves", "add_jobs", "remove_job", "request_cancel",
    "request_keep", "give_name", "promote",
    "change_plan", "change_scenario", "set_zone", "activate", "grant", "revoke", "record_act", "pin", "unpin", "make",
})  # fmt: skip


SAVES = ("snapshots.save", "schedules.save", "scenarios.save")


def test_pages_act_through_the_services_only() -> None:
    around = []
    for path in sorted((ROOT / "dashboard").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(SAVES):
                around.append(f"{path.name}:{node.lineno} {ast.unparse(node.func)}")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ACTS:
                if ast.unparse(node.func.value) != "authorized":
                    around.append(f"{path.name}:{node.lineno} {ast.unparse(node.func)}")
            elif (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith("scheduler_core")
                and (ACTS & {a.name for a in node.names})
            ):
                around.append(f"{path.name}:{node.lineno} imports one by name")
    assert around == []
