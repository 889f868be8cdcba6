"""A small OpenID Connect provider on this machine, with two people who can log in.

It speaks what a login needs: discovery, authorize, token, keys, end of session. It keeps
no passwords: its page asks who one is.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "int8-lens"
PEOPLE = ("ada@example.org", "eve@elsewhere.test")
_VALID_S = 600


class OidcProvider(ThreadingHTTPServer):
    """The server; ``ended`` counts the sessions that were ended at it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://localhost:{self.server_address[1]}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self.nonces: dict[str, str] = {}
        self.ended = 0

    def told(self) -> dict[str, object]:
        """What discovery says."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def id_token(self, code: str) -> str:
        """The signed claims of the person who got this code."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": code, "aud": CLIENT, "iat": now, "exp": now + _VALID_S,
            "nonce": self.nonces[code], "email": code, "email_verified": True,
        }  # fmt: skip
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    server: OidcProvider

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            self._json(self.server.told())
        elif url.path == "/keys":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif url.path == "/authorize":
            self._who(asked)
        elif url.path == "/end":
            self.server.ended += 1
            self._go(asked["post_logout_redirect_uri"])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        asked = parse_qs(self.rfile.read(length).decode("utf-8"))
        token = self.server.id_token(asked["code"][0])
        self._json({"access_token": "none", "token_type": "Bearer", "id_token": token})

    def _who(self, asked: dict[str, str]) -> None:
        """A link for each person; its code is the address."""
        links = []
        for person in PEOPLE:
            self.server.nonces[person] = asked["nonce"]
            back = urlencode({"code": person, "state": asked["state"]})
            links.append(f'<p><a href="{asked["redirect_uri"]}?{back}">{person}</a></p>')
        self._send("<h1>Who are you?</h1>" + "".join(links), "text/html")

    def _go(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.end_headers()

    def _json(self, said: dict[str, object]) -> None:
        self._send(json.dumps(said), "application/json")

    def _send(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode("utf-8"))

    def log_message(self, *_told: object) -> None:
        """Nothing: tests are quiet."""


@contextmanager
def provider() -> Iterator[OidcProvider]:
    """A provider that answers while the block lasts."""
    with OidcProvider() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=10)
