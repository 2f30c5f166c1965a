"""A small OpenID Connect provider that signs in whoever it is told, without a question."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = "shopwright"


class Provider:
    """``claims`` go into the next tokens; ``lasts``: seconds until they end."""

    def __init__(self, address: str) -> None:
        from joserfc.jwk import RSAKey

        self.address = address
        self.claims: dict[str, Any] = {}
        self.lasts = 600
        self.nonces: dict[str, str] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})

    def metadata(self) -> dict[str, Any]:
        """The provider's description of itself."""
        return {
            "issuer": self.address, "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }  # fmt: skip

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes next."""
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = query.get("nonce", "")
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def access_token(self, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A signed access token for the audience "shopwright-api"; ``changed``: claims, None to leave one out."""
        from joserfc import jwt

        now = int(time.time())
        claims = {
            "iss": self.address, "aud": "shopwright-api", "sub": "a1", "azp": "mes", "iat": now, "exp": now + self.lasts,
            "email": "Ann@Example.org", "email_verified": True, **changed,
        }  # fmt: skip
        told = {"alg": "RS256", "kid": "one", "typ": "at+jwt", **(header or {})}
        return jwt.encode(told, {name: value for name, value in claims.items() if value is not None}, self.key)

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer to a code."""
        from joserfc import jwt

        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": "a1", "iat": now, "exp": now + self.lasts,
            "nonce": self.nonces.pop(form["code"]), **self.claims,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": self.lasts, "id_token": signed}


@contextmanager
def provider() -> Iterator[Provider]:
    """One that listens on this machine until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, urlsplit(self.path).query
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", made.authorize({k: v[0] for k, v in parse_qs(query).items()}))
                self.end_headers()
            elif path == "/keys":
                self._json({"keys": [made.key.as_dict(private=False)]})
            else:
                self._json(made.metadata())

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._json(made.token({k: v[0] for k, v in parse_qs(form).items()}))

        def _json(self, content: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
