"""A small OpenID Connect server with real RS256 tokens under Keycloak's paths, as a real HTTP server."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

REALM = "/realms/kommonitor"
_KEY = RSAKey.generate_key(2048, parameters={"kid": "eins", "use": "sig", "alg": "RS256"}, private=True)


class Oidc:
    """Accounts: ``dienste`` (client id -> secret, groups, roles) and ``personen`` (name -> groups, roles).

    Attributes
    ----------
    dauer
        Seconds an access token holds.
    freigabe
        Who has agreed on the page of the device code; None: nobody yet.
    """

    def __init__(self) -> None:
        self.dienste: dict[str, tuple[str, list[str], list[str]]] = {}
        self.personen: dict[str, tuple[list[str], list[str]]] = {}
        self.dauer = 300
        self.freigabe: str | None = None
        self.nachfragen = 1
        """So often a device is told to wait although somebody has agreed."""
        self.ausgegeben: list[str] = []
        self.geraete: dict[str, int] = {}
        self.auffrischungen: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = (
                True  # else every answer waits 40 ms for the client to confirm its heading
            )

            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                self._send(*outer.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                self._send(*outer.post(self.path, {k: v[0] for k, v in parse_qs(body).items()}))

            def _send(self, status: int, body: object) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.adresse = f"http://127.0.0.1:{self._server.server_port}{REALM}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def get(self, path: str) -> tuple[int, object]:
        if path == f"{REALM}/.well-known/openid-configuration":
            base = f"{self.adresse}/protocol/openid-connect"
            return 200, {
                "issuer": self.adresse, "token_endpoint": f"{base}/token", "jwks_uri": f"{base}/certs",
                "device_authorization_endpoint": f"{base}/auth/device",
            }  # fmt: skip
        if path.endswith("/certs"):
            return 200, {"keys": [_KEY.as_dict(private=False)]}
        return 404, {"error": "not_found"}

    def post(self, path: str, form: dict[str, str]) -> tuple[int, object]:
        if path.endswith("/auth/device"):
            code = f"geraet-{len(self.geraete)}"
            self.geraete[code] = 0
            return 200, {
                "device_code": code, "user_code": "ABCD-EFGH", "verification_uri": f"{self.adresse}/device",
                "verification_uri_complete": f"{self.adresse}/device?user_code=ABCD-EFGH", "expires_in": 0.5, "interval": 0.05,
            }  # fmt: skip
        if not path.endswith("/token"):
            return 404, {"error": "not_found"}
        kind = form.get("grant_type", "")
        if kind == "client_credentials":
            secret, groups, roles = self.dienste.get(form.get("client_id", ""), (None, [], []))
            if secret is None or secret != form.get("client_secret"):
                return 401, {"error": "unauthorized_client", "error_description": "Invalid client or Invalid client credentials"}  # fmt: skip
            return 200, self.token(form["client_id"], groups, roles, refresh=False)
        if kind == "urn:ietf:params:oauth:grant-type:device_code":
            code = form.get("device_code", "")
            if code not in self.geraete:
                return 400, {"error": "expired_token"}
            self.geraete[code] += 1
            if self.freigabe is None or self.geraete[code] <= self.nachfragen:
                return 400, {"error": "authorization_pending"}
            return 200, self.token(self.freigabe, *self.personen[self.freigabe], refresh=True)
        if kind == "refresh_token":
            who = self.auffrischungen.pop(form.get("refresh_token", ""), None)
            if who is None:
                return 400, {"error": "invalid_grant"}
            return 200, self.token(who, *self.personen[who], refresh=True)
        return 400, {"error": "unsupported_grant_type"}

    def token(self, who: str, groups: list[str], roles: list[str], *, refresh: bool) -> dict[str, object]:
        now = int(time.time())
        claims = {
            "iss": self.adresse, "sub": who, "iat": now, "exp": now + self.dauer, "groups": groups,
            "realm_access": {"roles": roles}, "jti": f"{len(self.ausgegeben)}",
        }  # fmt: skip
        text = jwt.encode({"alg": "RS256", "kid": "eins"}, claims, _KEY)
        self.ausgegeben.append(text)
        answer: dict[str, object] = {"access_token": text, "token_type": "Bearer", "expires_in": self.dauer}
        if refresh:
            name = f"auffrischen-{len(self.ausgegeben)}"
            self.auffrischungen[name] = who
            answer["refresh_token"] = name
        return answer

    def pruefe(self, text: str) -> dict | None:
        """Claims of a token if it is ours and still holds."""
        try:
            claims = jwt.decode(text, _KEY, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None
        return claims if claims["exp"] > time.time() and claims["iss"] == self.adresse else None
