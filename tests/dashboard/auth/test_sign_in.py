"""Who a request is taken for, in each way to sign in; every doubt is a refusal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.auth.sign_in import ConnectionFacts, NotSignedIn, SignIn, check_secrets, is_loopback, load, who
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import LOCAL, Actor
from tests.support.paths import ROOT

NOW = 1_800_000_000.0
NONE = SignIn(way="none")
OIDC = SignIn(way="oidc")
HEADER = SignIn(way="header", header="X-Forwarded-User", proxies=("10.0.0.5", "127.0.0.1/32", "fd00::/64"))
HERE = ConnectionFacts(bound_to="127.0.0.1", peer="127.0.0.1", now=NOW, headers={"host": ["127.0.0.1:8501"]})
CLAIMS = {"is_logged_in": True, "exp": NOW + 600, "email": "Ann@Example.org", "email_verified": True, "sub": "a1"}
AUTH = {
    "redirect_uri": "https://board.example.org/oauth2callback", "client_id": "board", "client_secret": "s" * 20,
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration", "cookie_secret": "c" * 40,
}  # fmt: skip


def proxied(**headers: list[str]) -> ConnectionFacts:
    return replace(
        HERE, peer="10.0.0.5", bound_to="0.0.0.0", forwarded_allow_ips="",
        headers={name.replace("_", "-"): values for name, values in headers.items()},
    )  # fmt: skip


# ---------------------------------------------------------------- nobody signs in
@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501", "localhost"])
def test_on_this_machine_nobody_has_to_sign_in(host: str) -> None:
    assert who(NONE, replace(HERE, headers={"host": [host]})) == LOCAL


@pytest.mark.parametrize(
    "bound_to", [None, "", "0.0.0.0", "::", "192.168.1.5", "board.example.org", "127.0.0.1.example.org"]
)
def test_beyond_this_machine_the_pages_are_not_served_without_signing_in(bound_to: str | None) -> None:
    with pytest.raises(NotSignedIn, match="nobody would have to sign in") as caught:
        who(NONE, replace(HERE, bound_to=bound_to))
    assert not caught.value.can_sign_in
    assert "server.address" in str(caught.value)


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip"])
def test_a_proxy_in_front_of_a_board_without_sign_in_is_noticed(name: str) -> None:
    with pytest.raises(NotSignedIn, match="through a proxy"):
        who(NONE, replace(HERE, headers={**HERE.headers, name: ["203.0.113.9"]}))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost@evil.example"])
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    with pytest.raises(NotSignedIn, match="localhost only"):
        who(NONE, replace(HERE, headers={"host": [host]}))


def test_a_header_is_not_believed_unless_configured() -> None:
    forged = replace(HERE, headers={**HERE.headers, "x-forwarded-user": ["admin@example.org"]})
    assert who(NONE, forged) == LOCAL
    with pytest.raises(NotSignedIn):
        who(OIDC, forged)


# ---------------------------------------------------------------- a trusted proxy
@pytest.mark.parametrize("peer", ["10.0.0.5", "127.0.0.1", "fd00::7"])
def test_the_proxy_says_who_signed_in(peer: str) -> None:
    assert who(HEADER, replace(proxied(x_forwarded_user=["Ann@Example.org"]), peer=peer)) == Actor("ann@example.org")


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.2", "fd00:1::7", "nonsense", ""])
def test_another_peer_is_not_believed(peer: str) -> None:
    with pytest.raises(NotSignedIn, match="is not the proxy"):
        who(HEADER, replace(proxied(x_forwarded_user=["ann"]), peer=peer))


@pytest.mark.parametrize("values", [[], ["ann", "eve"], [""], ["  "], ["ann\u202eeve"], ["x" * 200]])
def test_a_header_that_is_missing_doubled_or_odd_is_refused(values: list[str]) -> None:
    with pytest.raises(NotSignedIn):
        who(HEADER, proxied(x_forwarded_user=values))


@pytest.mark.parametrize("trusted", [None, "127.0.0.1", "*"])
def test_a_peer_that_could_be_forged_is_not_believed(trusted: str | None) -> None:
    with pytest.raises(NotSignedIn, match="FORWARDED_ALLOW_IPS"):
        who(HEADER, replace(proxied(x_forwarded_user=["ann"]), forwarded_allow_ips=trusted))


# ---------------------------------------------------------------- an identity provider
def test_the_provider_says_who_signed_in() -> None:
    assert who(OIDC, replace(HERE, claims=CLAIMS)) == Actor("ann@example.org")
    assert who(SignIn(way="oidc", claim="sub"), replace(HERE, claims=CLAIMS)) == Actor("a1")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "Sign in to use"),
        ({**CLAIMS, "is_logged_in": False}, "Sign in to use"),
        ({**CLAIMS, "is_logged_in": "true"}, "Sign in to use"),
        ({**CLAIMS, "exp": NOW - 61}, "has run out"),
        ({**CLAIMS, "exp": float("nan")}, "has run out"),
        ({**CLAIMS, "exp": str(NOW + 600)}, "how long"),
        ({**CLAIMS, "exp": True}, "how long"),
        ({k: v for k, v in CLAIMS.items() if k != "exp"}, "how long"),
        ({k: v for k, v in CLAIMS.items() if k != "email"}, "sent no email"),
        ({**CLAIMS, "email": ["ann@example.org"]}, "sent no email"),
        ({**CLAIMS, "email_verified": False}, "does not vouch"),
        ({**CLAIMS, "email_verified": "true"}, "does not vouch"),
        ({k: v for k, v in CLAIMS.items() if k != "email_verified"}, "does not vouch"),
    ],
)
def test_claims_that_prove_too_little_are_refused(claims: dict[str, object], reason: str) -> None:
    with pytest.raises(NotSignedIn, match=reason) as caught:
        who(OIDC, replace(HERE, claims=claims))
    assert caught.value.can_sign_in


def test_signing_in_ends_while_a_page_is_open() -> None:
    seen = replace(HERE, claims=CLAIMS)
    assert who(OIDC, seen) == Actor("ann@example.org")
    with pytest.raises(NotSignedIn, match="has run out"):
        who(OIDC, replace(seen, now=NOW + 661))


# ---------------------------------------------------------------- settings and secrets
def test_the_shipped_settings_are_those_of_a_demo() -> None:
    assert load(ROOT / "configs" / "sign_in.yaml") == NONE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("way: none\ncolour: red\n", "colour: 'red' is not a known setting"),
        ("way: open\n", "way: 'open'"),
        ("way: header\n", "needs 'header' and 'proxies'"),
        ("way: header\nheader: X-User\n", "needs 'header' and 'proxies'"),
        ("way: header\nheader: 'X User'\nproxies: [127.0.0.1]\n", "header: 'X User'"),
        ("way: header\nheader: X-User\nproxies: [proxy.example]\n", "proxy.example is no address"),
        ("way: none\nheader: X-User\nproxies: [127.0.0.1]\n", "go with the way 'header' only"),
        ("claim: sub\n", "way: 'way' is missing"),
        ("- none\n", "is not a list of settings"),
        ("way: [\n", "is not YAML"),
    ],
)
def test_settings_that_are_wrong_are_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "sign_in.yaml"
    path.write_text(text)
    with pytest.raises(InvalidValue, match=reason):
        load(path)
    with pytest.raises(InvalidValue, match="cannot be read"):
        load(tmp_path / "none.yaml")


def test_secrets_are_checked_and_never_repeated() -> None:
    check_secrets(AUTH, True)
    check_secrets({**AUTH, "redirect_uri": "http://localhost:8501/oauth2callback"}, True)
    for wrong, reason in (
        (None, r"\[auth\]' is missing"),
        ({**AUTH, "client_secret": ""}, "client_secret: '' is missing"),
        ({**AUTH, "cookie_secret": "hunter2"}, "cookie_secret: '…' is shorter than 32"),
        ({**AUTH, "redirect_uri": "http://board.example.org/oauth2callback"}, "https"),
        ({**AUTH, "server_metadata_url": "http://login.example.org/x"}, "https"),
    ):
        with pytest.raises(InvalidValue, match=reason) as caught:
            check_secrets(wrong, True)
        assert "hunter2" not in str(caught.value)
        assert AUTH["client_secret"] not in str(caught.value)
    with pytest.raises(InvalidValue, match="Authlib"):
        check_secrets(AUTH, False)


def test_no_name_is_looked_up_to_find_out_what_is_this_machine() -> None:
    assert [is_loopback(h) for h in ("127.8.9.1", "::1", "localhost", "localhost.example", None, "0.0.0.0", "")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
