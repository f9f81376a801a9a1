"""Questions to other machines: bounded in time and size, and every refusal as one German sentence.

Nothing here is asked unless a planner calls for it; reading deliveries and making pages never need a network.
What a request carries to prove who asks is in its headers only and stands in no message.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from sozialanalyse.base.errors import SozialanalyseFehler

MEGABYTE = 1_000_000
GROESSTE_ANTWORT = 200 * MEGABYTE
"""Larger answers are refused before they are read in full."""
WARTE_AUF_VERBINDUNG, WARTE_AUF_ANTWORT = 10.0, 120.0
"""Seconds until the other side answers at all, and between two pieces of its answer."""
VERSUCHE = 3
"""So often a question that changes nothing is asked when the line breaks."""
PAUSE = 0.2
"""Seconds before it is asked again."""


class NetzFehler(SozialanalyseFehler):
    """Another machine does not answer, refuses, or answers something else than was asked for.

    Parameters
    ----------
    status
        HTTP status of the answer; 0 if there was none.
    meldung
        What the other side gave as the reason.
    """

    def __init__(self, satz: str, *, status: int = 0, meldung: str = "") -> None:
        super().__init__(satz)
        self.status, self.meldung = status, meldung


@dataclass(frozen=True)
class Antwort:
    """Status, headers (small letters) and body of an answer."""

    status: int
    kopf: Mapping[str, str]
    inhalt: bytes

    @property
    def gut(self) -> bool:
        return 200 <= self.status < 300

    @property
    def art(self) -> str:
        """Kind of the content without its parameters."""
        return self.kopf.get("content-type", "").partition(";")[0].strip().lower()


def pruefe_adresse(adresse: str) -> str:
    """Address of a server without a slash at its end.

    Raises
    ------
    NetzFehler
        If it is none, or holds a name and password.
    """
    parts = urlsplit(adresse.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NetzFehler(
            f"„{adresse}“ ist keine Adresse. Erwartet wird etwas wie https://rechner.example/dienst."
        )
    if parts.username or parts.password:
        raise NetzFehler("In der Adresse stehen Name oder Kennwort. Bitte dort entfernen; Zugangsdaten gehören in die Umgebung.")  # fmt: skip
    return adresse.strip().rstrip("/")


@cache
def _vertrauen() -> ssl.SSLContext:
    """Certificates this machine trusts, among them those its administration has added; read once."""
    return ssl.create_default_context()


class Netz:
    """One connection to one server; use it with ``with``.

    Parameters
    ----------
    groesste
        Most bytes of an answer.
    warte
        Seconds between two pieces of an answer.
    """

    def __init__(
        self, adresse: str, *, groesste: int = GROESSTE_ANTWORT, warte: float = WARTE_AUF_ANTWORT
    ) -> None:
        self.adresse = pruefe_adresse(adresse)
        self._groesste = groesste
        limits = httpx.Timeout(warte, connect=WARTE_AUF_VERBINDUNG)
        self._client = httpx.Client(timeout=limits, follow_redirects=False, verify=_vertrauen())

    def __enter__(self) -> Netz:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def frage(
        self,
        methode: str,
        pfad: str,
        *,
        kopf: Mapping[str, str] | None = None,
        json: Any = None,
        formular: Mapping[str, str] | None = None,
        angaben: Mapping[str, str] | None = None,
    ) -> Antwort:
        """Ask, once more if the line breaks and the question changes nothing.

        Raises
        ------
        NetzFehler
            If there is no answer, or too large a one. A refusal is an answer.
        """
        often = VERSUCHE if methode == "GET" else 1
        for attempt in range(1, often + 1):
            try:
                return self._once(methode, pfad, kopf or {}, json, formular, angaben)
            except httpx.HTTPError as error:
                if attempt == often:
                    raise NetzFehler(_warum(self.adresse, error)) from None
                time.sleep(PAUSE * attempt)
        raise AssertionError

    def _once(
        self, methode: str, pfad: str, kopf: Mapping[str, str], json: Any, formular: Any, angaben: Any
    ) -> Antwort:
        address = self.adresse + pfad
        with self._client.stream(methode, address, headers=dict(kopf), json=json, data=formular, params=angaben) as found:  # fmt: skip
            parts, size = [], 0
            for part in found.iter_bytes():
                size += len(part)
                if size > self._groesste:
                    raise NetzFehler(
                        f"Die Antwort von {self.adresse} ist größer als {self._groesste // MEGABYTE} MB und wurde nicht gelesen. "
                        "Bitte weniger auf einmal abrufen."
                    )
                parts.append(part)
            return Antwort(found.status_code, {name.lower(): text for name, text in found.headers.items()}, b"".join(parts))  # fmt: skip


def _warum(adresse: str, error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return f"{adresse} ist nicht zu erreichen. Bitte die Adresse und die Verbindung (VPN, Proxy) prüfen."
    if isinstance(error, httpx.TimeoutException):
        return f"{adresse} hat zu lange nicht geantwortet. Bitte später noch einmal versuchen."
    return f"Die Verbindung zu {adresse} ist abgerissen. Bitte noch einmal versuchen."
