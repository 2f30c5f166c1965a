"""Who a request is taken for, in each way to sign in; every doubt is a refusal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.auth.sign_in import ConnectionFacts, NotSignedIn, check_secrets, who
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import LOCAL, Actor
from scheduler_core.settings.hosts import is_loopback
from scheduler_core.settings.proxy_headers import may_name_a_person
from scheduler_core.settings.sign_in import SignIn, load
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
    with pytest.raises(NotSignedIn, match="sign-in is off") as caught:
        who(NONE, replace(HERE, bound_to=bound_to))
    assert not caught.value.can_sign_in
    assert "server.address" in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip", "via", "x-forwarded-proto", "x-forwarded-port",
     "x-forwarded-server", "x-forwarded-ssl", "x-forwarded-user", "x-forwarded-whatever", "cf-connecting-ip", "cf-ray",
     "true-client-ip", "x-client-ip", "x-original-url", "x-envoy-external-address", "x-amzn-trace-id", "fastly-client-ip",
     "x-cluster-client-ip", "X-Forwarded-For"],
)  # fmt: skip
def test_a_proxy_in_front_of_a_board_without_sign_in_is_noticed(name: str) -> None:
    with pytest.raises(NotSignedIn, match="through a proxy"):
        who(NONE, replace(HERE, headers={**HERE.headers, name: ["203.0.113.9"]}))


BROWSERS_OWN = (
    "connection", "upgrade", "pragma", "cache-control", "user-agent", "origin", "sec-websocket-version", "sec-websocket-key",
    "sec-websocket-protocol", "sec-websocket-extensions", "sec-fetch-mode", "sec-gpc", "dnt", "accept-encoding",
    "accept-language", "cookie", "authorization",
)  # fmt: skip
"""What browsers send with the handshake of a WebSocket."""


def test_what_browsers_send_themselves_tells_of_no_proxy() -> None:
    sent = {name: ["http://localhost:8501"] for name in BROWSERS_OWN}
    assert who(NONE, replace(HERE, headers={**HERE.headers, **sent})) == LOCAL
    assert not any(may_name_a_person(name) for name in BROWSERS_OWN)


@pytest.mark.parametrize(
    "origin",
    ["http://192.168.1.5", "http://192.168.1.5:8501", "https://board.example.org", "null", "", "http://[", "file://",
     "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example"],
)  # fmt: skip
def test_a_proxy_that_asks_in_its_own_name_is_noticed_by_the_address_in_the_browser(origin: str) -> None:
    """The request itself is as this machine's own would be: its Host is that of the server."""
    seen = replace(HERE, headers={**HERE.headers, "origin": [origin]})
    with pytest.raises(NotSignedIn, match="This page was opened at") as caught:
        who(NONE, seen)
    assert not caught.value.can_sign_in
    with pytest.raises(NotSignedIn, match="This page was opened at"):
        who(NONE, replace(seen, headers={**HERE.headers, "origin": ["http://localhost:8501", origin]}))


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8501", "http://localhost:8501", "http://[::1]:8501"])
def test_this_machines_own_browser_is_served(origin: str) -> None:
    assert who(NONE, replace(HERE, headers={**HERE.headers, "origin": [origin]})) == LOCAL


@pytest.mark.parametrize(
    "host", ["[", "evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost@evil.example"]
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    with pytest.raises(NotSignedIn, match="localhost\\."):
        who(NONE, replace(HERE, headers={"host": [host]}))


def test_a_header_is_not_believed_unless_configured() -> None:
    forged = replace(HERE, headers={**HERE.headers, "x-remote-user": ["admin@example.org"]})
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
        ({**CLAIMS, "exp": NOW - 61}, "has expired"),
        ({**CLAIMS, "exp": float("nan")}, "has expired"),
        ({**CLAIMS, "exp": str(NOW + 600)}, "no expiry time"),
        ({**CLAIMS, "exp": True}, "no expiry time"),
        ({k: v for k, v in CLAIMS.items() if k != "exp"}, "no expiry time"),
        ({k: v for k, v in CLAIMS.items() if k != "email"}, "sent no email"),
        ({**CLAIMS, "email": ["ann@example.org"]}, "sent no email"),
        ({**CLAIMS, "email_verified": False}, "has not verified"),
        ({**CLAIMS, "email_verified": "true"}, "has not verified"),
        ({k: v for k, v in CLAIMS.items() if k != "email_verified"}, "has not verified"),
    ],
)
def test_claims_that_prove_too_little_are_refused(claims: dict[str, object], reason: str) -> None:
    with pytest.raises(NotSignedIn, match=reason) as caught:
        who(OIDC, replace(HERE, claims=claims))
    assert caught.value.can_sign_in


def test_signing_in_ends_while_a_page_is_open() -> None:
    seen = replace(HERE, claims=CLAIMS)
    assert who(OIDC, seen) == Actor("ann@example.org")
    with pytest.raises(NotSignedIn, match="has expired"):
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
        ("way: none\n# again\nway: header\n", "line 3: 'way' is duplicated"),
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


@pytest.mark.parametrize(
    "network",
    ["0.0.0.0/0", "::/0", "0.0.0.0/1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/15", "2000::/3", "fd00::/8",
     "2001:db8::/63", "::ffff:0:0/96", "::ffff:10.0.0.0/104", "64:ff9b::/96", "::/80"],
)  # fmt: skip
def test_a_network_of_proxies_that_holds_half_the_world_is_refused(tmp_path: Path, network: str) -> None:
    path = tmp_path / "sign_in.yaml"
    path.write_text(f"way: header\nheader: X-User\nproxies: [127.0.0.1, '{network}']\n")
    with pytest.raises(InvalidValue, match=f"proxies.*{network} covers more than a proxy needs.*or smaller"):
        load(path)


def test_a_network_of_containers_may_hold_the_proxy(tmp_path: Path) -> None:
    path = tmp_path / "sign_in.yaml"
    path.write_text("way: header\nheader: X-User\nproxies: [172.17.0.0/16, fd00::/64, '::ffff:10.1.0.0/112', 10.0.0.0/28]\n")
    assert len(load(path).proxies) == 4


@pytest.mark.parametrize(
    "name",
    ["Host", "COOKIE", "Authorization", "Proxy-Authorization", "Origin", "Referer", "User-Agent", "Sec-WebSocket-Key",
     "Sec-Fetch-User", "Accept-Language", "Content-Type", "Connection", "Via", "Forwarded", "X-Forwarded-For",
     "X-Forwarded-Host", "X-Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Requested-With"],
)  # fmt: skip
def test_a_header_that_means_something_else_names_nobody(tmp_path: Path, name: str) -> None:
    path = tmp_path / "sign_in.yaml"
    path.write_text(f"way: header\nheader: {name}\nproxies: [127.0.0.1]\n")
    with pytest.raises(InvalidValue, match=f"header: '{name}' is a header that browsers or proxies send"):
        load(path)


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "Remote-User", "X-Remote-User",
     "X-Auth-Request-Email", "X-authentik-username", "Cf-Access-Authenticated-User-Email",
     "X-Goog-Authenticated-User-Email"],
)  # fmt: skip
def test_headers_in_which_proxies_say_who_signed_in_may_be_used(name: str) -> None:
    assert SignIn(way="header", header=name, proxies=("127.0.0.1",)).header == name


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
