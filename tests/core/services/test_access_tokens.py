"""Access tokens of an identity provider as a program's proof; every doubt is a refusal, and all refusals sound the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Action, Actor
from scheduler_core.services import authorized, bearer_tokens
from scheduler_core.services.access_tokens import AccessTokens, fetch
from scheduler_core.services.service_tokens import InvalidToken
from scheduler_core.settings.sign_in import SignIn, load
from tests.support.identity_provider import Provider, provider

AUDIENCE = "shopwright-api"
NOW = datetime.now(UTC)
LATER = int(NOW.timestamp()) + 600


@pytest.fixture(scope="module")
def idp() -> Iterator[Provider]:
    with provider() as made:
        yield made


class Counted:
    """A provider's answers, counted."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    def __call__(self, url: str) -> Any:
        self.asked.append(url.rpartition("/")[2])
        if self.away:
            raise OSError("connection refused")
        return fetch(url)


def issued(idp: Provider, header: dict[str, Any] | None = None, **changed: Any) -> str:
    """An access token as of NOW, however long after it this test runs."""
    now = int(NOW.timestamp())
    return idp.access_token(header, **{"iat": now, "exp": now + idp.lasts, **changed})


def verified(idp: Provider, bearer: str, now: datetime = NOW) -> Actor:
    return AccessTokens(idp.address, AUDIENCE, "email").identify(bearer, now)


def test_a_person_is_named_as_by_signing_in(idp: Provider) -> None:
    assert verified(idp, issued(idp)) == Actor("ann@example.org", token="oidc:mes")
    assert verified(idp, issued(idp, aud=["x", AUDIENCE], azp=None)) == Actor("ann@example.org", token="oidc")
    assert verified(idp, issued(idp, header={"typ": "JWT"}, azp="a\nb")) == Actor("ann@example.org", token="oidc")


@pytest.mark.parametrize(
    ("changed", "cause"),
    [({"iss": "https://else.example.org"}, "another issuer"), ({"aud": "shopwright"}, "another audience"),
     ({"aud": None}, "another audience"), ({"aud": [[AUDIENCE]]}, "another audience"),
     ({"exp": None}, "lack expiry"), ({"exp": True}, "lack expiry"), ({"exp": "9999999999"}, "lack expiry"),
     ({"exp": LATER - 661}, "lack time"), ({"nbf": LATER}, "nbf lies ahead"), ({"iat": LATER}, "iat lies ahead"),
     ({"iat": "now"}, "iat lies ahead, or is no time"), ({"email_verified": None}, "lack proof"),
     ({"email_verified": "true"}, "lack proof"), ({"email": None}, "lack name"), ({"email": " "}, "lack name"),
     ({"email": "ann\u200b@example.org"}, "cannot be seen"), ({"nonce": "n"}, "it has nonce"),
     ({"at_hash": "h"}, "it has at_hash"), ({"cnf": {"jkt": "x"}}, "it has cnf")],
)  # fmt: skip
def test_claims_that_prove_too_little_are_refused(idp: Provider, changed: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidToken, match=r"^the bearer token is not valid$") as caught:
        verified(idp, issued(idp, **changed))
    assert cause in caught.value.cause


def test_clocks_may_differ_by_a_minute_and_no_more(idp: Provider) -> None:
    token = issued(idp, exp=LATER)
    assert verified(idp, token, NOW + timedelta(seconds=655)).name == "ann@example.org"
    with pytest.raises(InvalidToken):
        verified(idp, token, NOW + timedelta(seconds=661))


def _unsigned() -> str:
    parts = ({"alg": "none", "kid": "one"}, {"iss": "x"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def _with_a_secret(idp: Provider) -> str:
    """Signed with the public key as if it were a secret that both know."""
    public = OctKey.import_key(json.dumps(idp.key.as_dict(private=False)))
    return jwt.encode({"alg": "HS256", "kid": "one"}, {"iss": idp.address, "aud": AUDIENCE}, public)


def _forged(idp: Provider) -> str:
    claims = {"iss": idp.address, "aud": AUDIENCE, "exp": LATER, "email": "ann@example.org", "email_verified": True}
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def test_a_token_that_the_provider_did_not_sign_is_refused(idp: Provider) -> None:
    head, body, signature = issued(idp).split(".")
    other = issued(idp, email="boss@example.org").split(".")[1]
    tokens = [
        _unsigned(), _with_a_secret(idp), _forged(idp), f"{head}.{other}.{signature}", f"{head}.{body}.", "a.b.c", "",
        "x" * 9_000, issued(idp, header={"kid": "two"}), issued(idp, header={"typ": "dpop+jwt"}),
        issued(idp, header={"typ": "logout+jwt"}),
    ]  # fmt: skip
    for token in tokens:
        with pytest.raises(InvalidToken, match=r"^the bearer token is not valid$"):
            verified(idp, token)


def test_keys_are_read_once_and_again_for_a_new_one_but_not_at_will(idp: Provider) -> None:
    counted = Counted()
    tokens = AccessTokens(idp.address, AUDIENCE, "email", counted)
    token = issued(idp, exp=LATER + 90_000)
    for _ in range(5):
        tokens.identify(token, NOW)
    assert counted.asked == ["openid-configuration", "keys"]
    for seconds in (1, 5, 29):
        with pytest.raises(InvalidToken):
            tokens.identify(issued(idp, header={"kid": f"{seconds}"}), NOW + timedelta(seconds=seconds))
    assert len(counted.asked) == 2, "tokens with names of keys that are made up cost no look at the provider"
    with pytest.raises(InvalidToken):
        tokens.identify(issued(idp, header={"kid": "x"}), NOW + timedelta(seconds=31))
    assert len(counted.asked) == 4
    counted.away = True
    tokens.identify(token, NOW + timedelta(minutes=20))
    assert len(counted.asked) == 5
    tokens.identify(token, NOW + timedelta(hours=5))
    with pytest.raises(InvalidToken) as caught:
        tokens.identify(token, NOW + timedelta(hours=7))
    assert "keys cannot be read" in caught.value.cause


def test_a_provider_that_describes_another_issuer_or_an_open_address_is_not_believed(idp: Provider) -> None:
    for described in (
        {"issuer": "https://else.example.org", "jwks_uri": f"{idp.address}/keys"},
        {"issuer": idp.address, "jwks_uri": "http://login.example.org/keys"}, {"issuer": idp.address}, {},
    ):  # fmt: skip
        tokens = AccessTokens(idp.address, AUDIENCE, "email", lambda url, said=described: said)
        with pytest.raises(InvalidToken) as caught:
            tokens.identify(issued(idp), NOW)
        assert "keys cannot be read" in caught.value.cause


@pytest.mark.parametrize(
    ("text", "said"),
    [("way: oidc\nissuer: https://a.example.org\n", "'issuer' and 'audience' go together"),
     ("way: none\nissuer: https://a.example.org\naudience: x\n", "go with the way 'oidc' only"),
     ("way: oidc\nissuer: http://a.example.org\naudience: x\n", "has to begin with https://"),
     ("way: oidc\nissuer: ''\naudience: x\n", "issuer")],
)  # fmt: skip
def test_settings_that_accept_too_much_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "sign_in.yaml").write_text(text)
    with pytest.raises(InvalidValue, match=said):
        load(tmp_path / "sign_in.yaml")


def test_roles_are_those_of_the_store_and_access_tokens_need_settings(idp: Provider, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    identify = bearer_tokens.identifier(SignIn(way="oidc", issuer=idp.address, audience=AUDIENCE))
    actor = identify(store, issued(idp), NOW)
    assert not authorized.may(store, actor, Action.LOOK)
    store.roles.grant("ann@example.org", "planner", "boss")
    assert authorized.may(store, actor, Action.PLAN)
    for settings in (SignIn(way="oidc"), SignIn(way="none")):
        with pytest.raises(InvalidToken, match="not valid"):
            bearer_tokens.identifier(settings)(store, issued(idp), NOW)
    with pytest.raises(InvalidToken, match="not valid"):
        identify(store, "swt_000000000000_" + "x" * 43, NOW)
    store.close()
