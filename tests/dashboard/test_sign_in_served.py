"""A real server and a real browser: who gets a page, and whose name it carries."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from scheduler_core.data.store import Store
from scheduler_core.settings import environment
from tests.support.browsing import free_port, served, settled
from tests.support.header_proxy import proxy
from tests.support.identity_provider import CLIENT, provider

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ANN = "ann@example.org"


def test_through_the_proxy_people_are_who_it_says_and_around_it_nobody_is(page: Page, tmp_path: Path) -> None:
    settings = tmp_path / "sign_in.yaml"
    settings.write_text("way: header\nheader: X-Forwarded-User\nproxies: [127.0.0.1]\n")
    more = {environment.SIGN_IN: str(settings), "FORWARDED_ALLOW_IPS": ""}
    with served(tmp_path, **more) as address:
        store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
        port = urlsplit(address).port
        assert port is not None
        # X-Forwarded-For must not make the proxy's connection look like another's.
        with proxy(port, {"X-Forwarded-User": ANN, "X-Forwarded-For": "203.0.113.9"}) as front:
            page.goto(front)
            expect(page.get_by_text("you have no role yet")).to_be_visible()
            expect(page.get_by_text(ANN)).to_be_visible()
            store.roles.grant(ANN, "viewer", "test")
            page.reload()
            expect(page.get_by_text("Welcome to Shopwright")).to_be_visible()
            pull = page.get_by_role("button", name="Pull the open jobs and make two plans")
            expect(pull).to_be_disabled()
            store.roles.grant(ANN, "planner", "test")
            store.roles.grant(ANN, "admin", "test")
            page.reload()
            expect(pull).to_be_enabled()
            expect(page.get_by_role("link", name="People")).to_be_visible()
            settled(page)
        page.goto(address)
        expect(page.get_by_text("The proxy must name the signed-in person")).to_be_visible()
        expect(page.get_by_role("link", name="Jobs")).to_have_count(0)
        store.close()


def test_a_server_for_every_address_shows_nothing_but_why(page: Page, tmp_path: Path) -> None:
    with served(tmp_path, "--server.address", "0.0.0.0") as address:
        for path in ("", "/jobs", "/approve"):
            page.goto(f"{address}{path}")
            expect(page.get_by_text("This server listens on 0.0.0.0")).to_be_visible()
            expect(page.get_by_role("button")).to_have_count(0)
            expect(page.get_by_role("link", name="Jobs")).to_have_count(0)


def test_with_an_identity_provider_signing_in_ends_with_its_token(page: Page, tmp_path: Path) -> None:
    if find_spec("authlib") is None:
        reason = "Authlib is not installed (pip install -c constraints.txt -e .)"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    settings, secrets, port = tmp_path / "sign_in.yaml", tmp_path / "secrets.toml", free_port()
    settings.write_text("way: oidc\n")
    with provider() as identity:
        secrets.write_text(
            f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{"c" * 40}"
client_id = "{CLIENT}"
client_secret = "not told"
server_metadata_url = "{identity.address}/.well-known/openid-configuration"
"""
        )
        with served(tmp_path, "--secrets.files", str(secrets), port=port, **{environment.SIGN_IN: str(settings)}) as address:
            store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
            store.roles.grant(ANN, "planner", "test")
            page.goto(address)
            expect(page.get_by_text("Sign in to use the board.")).to_be_visible()
            expect(page.get_by_role("link", name="Jobs")).to_have_count(0)

            identity.claims = {"email": "Ann@Example.org", "email_verified": False}
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_text("has not verified this e-mail address")).to_be_visible()

            # The library lets a token pass that ended less than two minutes ago.
            identity.claims, identity.lasts = {"email": ANN, "email_verified": True}, -90
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_text("has expired")).to_be_visible()
            expect(page.get_by_role("link", name="Jobs")).to_have_count(0)

            identity.lasts = 600
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_text("Welcome to Shopwright")).to_be_visible()
            expect(page.get_by_role("link", name="People")).to_have_count(0)
            page.get_by_role("button", name="Sign out").click()
            expect(page.get_by_text("Sign in to use the board.")).to_be_visible()
            assert "not told" not in (tmp_path / "server.log").read_text()
            store.close()
