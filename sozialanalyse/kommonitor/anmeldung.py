"""Proof of who asks: a device code for people, a secret from the environment for the night.

Tokens live in the memory of this process only. They are in no file, message or representation.
"""

from __future__ import annotations

import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sozialanalyse.base import Antwort, Netz, NetzFehler, text

GEHEIMNIS = "SOZIALANALYSE_KOMMONITOR_GEHEIMNIS"
"""Environment variable with the secret of the service account."""
_GERAET = "urn:ietf:params:oauth:grant-type:device_code"
_RESERVE = 30.0
"""Seconds before its end from which a token is renewed, at most a quarter of its life."""


class AnmeldeFehler(NetzFehler):
    """Nobody could be logged in, or the login has run out."""


class Anmeldung(Protocol):
    """What a connection needs to prove who asks."""

    def kopf(self) -> Mapping[str, str]:
        """Headers of a request."""

    def erneuere(self) -> None:
        """Get a new token because the server no longer takes the old one."""


class _Oidc(ABC):
    """Talks to the OpenID Connect server of an issuer (a realm of Keycloak)."""

    def __init__(self, aussteller: str, client: str) -> None:
        self.aussteller, self.client = aussteller.rstrip("/"), client
        self._ort: dict[str, Any] = {}
        self._token, self._bis, self._auffrischen = "", 0.0, ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.client}>"

    def kopf(self) -> Mapping[str, str]:
        if not self._token or time.monotonic() >= self._bis:
            self.erneuere()
        return {"Authorization": f"Bearer {self._token}"}

    def erneuere(self) -> None:
        """Get a new token.

        Raises
        ------
        AnmeldeFehler
            If nobody can be logged in.
        """
        found = _gelesen(self._hole())
        if not isinstance(found.get("access_token"), str):
            raise AnmeldeFehler(
                "Die Anmeldung hat keinen Schlüssel ausgestellt. Bitte die Verwaltung von KomMonitor fragen."
            )
        lasts = float(found.get("expires_in", 60))
        self._token, self._bis = found["access_token"], time.monotonic() + lasts - min(_RESERVE, lasts / 4)
        self._auffrischen = str(found.get("refresh_token", ""))

    @abstractmethod
    def _hole(self) -> Antwort:
        """What the server answers to whoever proves who asks."""

    def _frage(self, ort: str, formular: Mapping[str, str]) -> Antwort:
        with Netz(self.aussteller, groesste=1_000_000, warte=30) as netz:
            if not self._ort:
                found = netz.frage(
                    "GET", "/.well-known/openid-configuration", kopf={"Accept": "application/json"}
                )
                self._ort = _gelesen(found) if found.gut else {}
        address = str(self._ort.get(ort, ""))
        if not address:
            raise AnmeldeFehler(
                f"Unter {self.aussteller} ist keine Anmeldung zu finden ({ort}). Bitte „anmeldung → aussteller“ in kommonitor.yml "
                "prüfen; bei Keycloak endet die Adresse auf /realms/NAME."
            )
        with Netz(address, groesste=1_000_000, warte=30) as netz:
            return netz.frage(
                "POST",
                "",
                formular={"client_id": self.client, **formular},
                kopf={"Accept": "application/json"},
            )


def _gelesen(answer: Antwort) -> dict[str, Any]:
    try:
        found = json.loads(answer.inhalt)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Dienstkonto(_Oidc):
    """Client credentials: the account of a service, for work without anybody in front of the screen."""

    def __init__(self, aussteller: str, client: str, geheimnis: str | None = None) -> None:
        super().__init__(aussteller, client)
        self._geheimnis = geheimnis if geheimnis is not None else os.environ.get(GEHEIMNIS, "")

    def _hole(self) -> Antwort:
        if not self._geheimnis:
            raise AnmeldeFehler(f"Für das Dienstkonto „{self.client}“ fehlt das Geheimnis. Bitte die Umgebungsvariable {GEHEIMNIS} setzen.")  # fmt: skip
        answer = self._frage(
            "token_endpoint", {"grant_type": "client_credentials", "client_secret": self._geheimnis}
        )
        if not answer.gut:
            raise AnmeldeFehler(
                f"Das Dienstkonto „{self.client}“ wird nicht angenommen. Bitte den Namen in kommonitor.yml und {GEHEIMNIS} prüfen.",
                status=answer.status,
            )
        return answer


class Person(_Oidc):
    """Device code: somebody opens an address in a browser, logs in there and agrees.

    Parameters
    ----------
    sage
        Called with the sentence that names address and code.
    """

    def __init__(self, aussteller: str, client: str, sage: Callable[[str], None] = print) -> None:
        super().__init__(aussteller, client)
        self._sage = sage

    def _hole(self) -> Antwort:
        if not self._auffrischen:
            return self._warte()
        renew, self._auffrischen = self._auffrischen, ""  # a second time it would be refused
        answer = self._frage("token_endpoint", {"grant_type": "refresh_token", "refresh_token": renew})
        if not answer.gut:
            raise AnmeldeFehler(
                "Die Anmeldung ist abgelaufen. Bitte den Befehl noch einmal aufrufen und neu anmelden."
            )
        return answer

    def _warte(self) -> Antwort:
        start = self._frage("device_authorization_endpoint", {"scope": "openid"})
        found = _gelesen(start)
        if not start.gut or "device_code" not in found:
            raise AnmeldeFehler(
                f"Die Anmeldung im Browser ist für „{self.client}“ nicht eingeschaltet. Bitte die Verwaltung von KomMonitor um "
                "„Device Authorization Grant“ für diesen Client bitten.",
                status=start.status,
            )
        place = found.get("verification_uri_complete") or found.get("verification_uri")
        self._sage(text("kommonitor.anmelden", adresse=place, code=found.get("user_code", "")))
        pause, until = float(found.get("interval", 5)), time.monotonic() + float(found.get("expires_in", 600))
        while time.monotonic() < until:
            time.sleep(pause)
            answer = self._frage(
                "token_endpoint", {"grant_type": _GERAET, "device_code": found["device_code"]}
            )
            if answer.gut:
                return answer
            reason = _gelesen(answer).get("error")
            if reason == "slow_down":
                pause += 5
            elif reason != "authorization_pending":
                break
        raise AnmeldeFehler(
            "Im Browser hat sich niemand rechtzeitig angemeldet. Bitte den Befehl noch einmal aufrufen."
        )
