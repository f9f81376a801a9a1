"""One connection to the Data Management interface of a KomMonitor, whatever its generation.

The server is believed in nothing but content: what it answers to a write is not, values and rights are read back.
Every identifier is checked before it becomes a part of an address, because the server pastes it into its queries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sozialanalyse.base import GROESSTE_ANTWORT, Antwort, Netz, NetzFehler, pruefe_adresse, vorschlag
from sozialanalyse.kommonitor.anmeldung import Anmeldung

BASIS = "/management"
_KOPF = {"Accept": "application/json, */*", "Accept-Encoding": "gzip"}
"""Both kinds of questions of the server take it: one tests for its beginning, the other refuses it alone."""
_KENNUNG = re.compile(r"[\w.\-]{1,100}")
_LEER = "no valid features"


@dataclass(frozen=True)
class Generation:
    """What a server can do.

    Attributes
    ----------
    name
        As people say it, such as ``5.0–5.2``.
    rollen
        Rights are ids of roles (4.1), not owner, permissions and a flag for the public.
    kategorien
        Values may be words (from 5.3).
    hierarchien
        Levels belong to hierarchies of a tenant and their names need not be unique (6.0).
    """

    name: str
    rollen: bool = False
    kategorien: bool = False
    hierarchien: bool = False


G41 = Generation("4.1", rollen=True)
G52 = Generation("5.0–5.2")
G53 = Generation("5.3", kategorien=True)
G60 = Generation("6.0", kategorien=True, hierarchien=True)


@dataclass(frozen=True)
class Rechte:
    """Who sees or edits something: owner (a unit), ids of permissions (4.1: of roles), and whether everybody."""

    eigentuemer: str = ""
    erlaubt: frozenset[str] = frozenset()
    oeffentlich: bool = False

    @classmethod
    def aus(cls, thing: Mapping[str, Any]) -> Rechte:
        """From an object of the interface, whatever its generation; 4.1 does not say what the public sees."""
        if "allowedRoles" in thing:
            return cls("", frozenset(thing["allowedRoles"] or ()), False)
        return cls(str(thing.get("ownerId") or ""), frozenset(thing.get("permissions") or ()), bool(thing.get("isPublic")))  # fmt: skip

    def angaben(self, generation: Generation) -> dict[str, Any]:
        """As the interface takes it; always complete, because what is left out counts as nothing."""
        if generation.rollen:
            return {"allowedRoles": sorted(self.erlaubt)}
        return {
            "ownerId": self.eigentuemer,
            "permissions": sorted(self.erlaubt),
            "isPublic": self.oeffentlich,
        }


@dataclass(frozen=True)
class Raumebene:
    """A level of areas."""

    id: str
    name: str
    rechte: Rechte
    darueber: str = ""
    """Id of the next coarser level, "" if there is none."""


@dataclass(frozen=True)
class Organisationseinheit:
    """An organisational unit and its permissions: level (viewer, editor, creator) -> id."""

    id: str
    name: str
    erlaubnisse: Mapping[str, str]


def pruefe_kennung(wert: str) -> str:
    """An id that may become part of an address.

    Raises
    ------
    NetzFehler
        If it could mean something else there.
    """
    if not _KENNUNG.fullmatch(wert):
        raise NetzFehler(f"„{wert[:60]}“ ist keine Kennung von KomMonitor und wird nicht gesendet.")
    return wert


class Verbindung:
    """Questions to one KomMonitor; use it with ``with``.

    Parameters
    ----------
    adresse
        Where Data Management answers, with or without ``/management``.
    anmeldung
        Without it only what everybody may see is asked for.
    """

    def __init__(
        self, adresse: str, anmeldung: Anmeldung | None = None, *, groesste: int = GROESSTE_ANTWORT
    ) -> None:
        self.adresse = pruefe_adresse(adresse).removesuffix("/public").removesuffix(BASIS)
        self.anmeldung = anmeldung
        self._netz = Netz(self.adresse, groesste=groesste)

    def __enter__(self) -> Verbindung:
        return self

    def __exit__(self, *_: object) -> None:
        self._netz.close()

    def __repr__(self) -> str:
        return f"<Verbindung {self.adresse}>"

    # --- asking ---------------------------------------------------------------------------------------

    def _frage(self, methode: str, pfad: str, *, oeffentlich: bool = False, body: Any = None, angaben: Mapping[str, str] | None = None) -> Antwort:  # fmt: skip
        open_ = oeffentlich or self.anmeldung is None
        address = f"{BASIS}/public{pfad}" if open_ else f"{BASIS}{pfad}"
        for last in (False, True):
            head = dict(_KOPF) if open_ or self.anmeldung is None else _KOPF | dict(self.anmeldung.kopf())
            found = self._netz.frage(methode, address, kopf=head, json=body, angaben=angaben)
            if found.status != 401 or open_ or self.anmeldung is None:
                break
            if last:
                raise NetzFehler(f"{self.adresse} erkennt die Anmeldung nicht an. Passt „anmeldung → aussteller“ in kommonitor.yml zu diesem KomMonitor?", status=401)  # fmt: skip
            self.anmeldung.erneuere()
        return found

    def _lies(self, pfad: str, was: str, *, oeffentlich: bool = False) -> Any:
        """JSON behind a path.

        Raises
        ------
        NetzFehler
            With the reason in German.
        """
        return self._gelesen(self._frage("GET", pfad, oeffentlich=oeffentlich), was)

    def _gelesen(self, answer: Antwort, was: str) -> Any:
        self._pruefe(answer, was)
        try:
            return json.loads(answer.inhalt)
        except (ValueError, RecursionError):
            raise self._kein_json(answer, was) from None

    def _kein_json(self, answer: Antwort, was: str) -> NetzFehler:
        start = answer.inhalt[:200].lstrip().lower()
        if start.startswith((b"<!doctype", b"<html")) or answer.art == "text/html":
            return NetzFehler(
                f"{self.adresse} antwortet mit einer Webseite statt mit Daten ({was}). Vermutlich fehlt ein Teil der Adresse, oder "
                "eine Anmeldeseite steht davor. Gebraucht wird die Adresse von „Data Management“."
            )
        if re.fullmatch(rb"\"?[A-Za-z0-9+/=\s]+\"?", answer.inhalt[:2000]) and not answer.inhalt.startswith(
            b"["
        ):
            return NetzFehler(
                f"{self.adresse} antwortet verschlüsselt ({was}). Bitte die Verwaltung von KomMonitor fragen: „encryption.enabled“ "
                "muss für diesen Zugang ausgeschaltet sein; der Weg ist durch https geschützt."
            )
        return NetzFehler(
            f"Die Antwort von {self.adresse} ist kein vollständiges JSON ({was}). Bitte noch einmal versuchen."
        )

    def _pruefe(self, answer: Antwort, was: str) -> None:
        if answer.gut:
            return
        try:
            found = json.loads(answer.inhalt)
            said = str(found.get("message", "")) if isinstance(found, dict) else ""
        except ValueError:
            said = ""
        if answer.status == 401:
            why = "Dafür ist eine Anmeldung nötig. Bitte „anmeldung“ in kommonitor.yml eintragen."
        elif answer.status == 403:
            why = "Das ist mit dieser Anmeldung nicht erlaubt, oder es gibt es nicht (KomMonitor unterscheidet das nicht)."
        elif 300 <= answer.status < 400:
            why = f"Der Server verweist auf eine andere Adresse ({answer.kopf.get('location', '')[:100]}); bitte die richtige eintragen."  # fmt: skip
        elif answer.status == 404 and answer.art == "text/html":
            why = "Unter dieser Adresse antwortet kein „Data Management“. Bitte „adresse“ prüfen."
        else:
            why = f"Der Server meldet einen Fehler ({answer.status}{': ' + said[:150] if said else ''})."
        raise NetzFehler(f"{self.adresse}, {was}: {why}", status=answer.status, meldung=said)

    # --- what kind of server ----------------------------------------------------------------------------

    @cached_property
    def generation(self) -> Generation:
        """Found out from the server's own description, else from what it answers; never assumed.

        Raises
        ------
        NetzFehler
            If it is no KomMonitor, or shows too little to tell.
        """
        answer = self._netz.frage("GET", "/v3/api-docs", kopf=_KOPF)
        paths = set()
        if answer.gut:
            try:
                paths = set(json.loads(answer.inhalt).get("paths", {}))
            except (ValueError, AttributeError):
                paths = set()
        if any(path.endswith("/spatial-unit-hierarchies") for path in paths):
            return G60
        if not paths and self._frage("GET", "/spatial-unit-hierarchies").gut:
            return G60
        things = [*self.indikatoren(), *self._liste("/spatial-units", "Raumebenen")]
        if any("allowedRoles" in thing for thing in things):
            return G41
        if any("classificationType" in (thing.get("defaultClassificationMapping") or {}) for thing in things):
            return G53
        if any("ownerId" in thing for thing in things):
            return G52
        if any(path.endswith("/ownership") for path in paths):
            return G52
        if any(path.endswith("/indicators") for path in paths):
            return G41
        raise NetzFehler(
            f"{self.adresse} zeigt nichts, woran die Version von KomMonitor zu erkennen ist. Bitte mit Anmeldung versuchen."
        )

    def stand(self) -> dict[str, str]:
        """When the server last changed what kind of thing; empty where it does not tell."""
        try:
            found = self._lies("/database/last-modification", "Änderungsstand", oeffentlich=True)
        except NetzFehler:
            return {}
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    # --- reading ----------------------------------------------------------------------------------------

    def ebenen(self) -> list[Raumebene]:
        """Levels of areas, as the server lists them."""
        rows = self._liste("/spatial-units", "Raumebenen")
        by_name = {str(row["spatialUnitLevel"]): str(row["spatialUnitId"]) for row in rows}
        found = []
        for row in rows:
            above = by_name.get(str(row.get("nextUpperHierarchyLevel") or ""), "")
            for place in row.get("hierarchies") or []:
                above = above or str(place.get("nextUpperSpatialUnitId") or "")
            found.append(
                Raumebene(str(row["spatialUnitId"]), str(row["spatialUnitLevel"]), Rechte.aus(row), above)
            )
        return found

    def ebene(self, gesucht: str) -> Raumebene:
        """A level by its id or its name.

        Raises
        ------
        NetzFehler
            If there is none, or several share the name.
        """
        levels = self._ebenen
        fits = [one for one in levels if gesucht in (one.id, one.name)]
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise NetzFehler(f"Mehrere Raumebenen heißen „{gesucht}“. Bitte stattdessen die Kennung angeben: {', '.join(e.id for e in fits)}.")  # fmt: skip
        raise NetzFehler(
            f"Die Raumebene „{gesucht}“ gibt es in diesem KomMonitor nicht, oder sie ist nicht freigegeben; vielleicht ist sie "
            f"umbenannt. {vorschlag(gesucht, [e.name for e in levels])}".strip()
        )

    @cached_property
    def _ebenen(self) -> list[Raumebene]:
        return self.ebenen()

    def gebiete(self, ebene: str, tag: date | None = None) -> str:
        """Areas of a level with their shapes as the GeoJSON text that was sent: those of a day, else all there ever were."""
        day = "allFeatures" if tag is None else f"{tag:%Y/%m/%d}"
        path = f"/spatial-units/{pruefe_kennung(ebene)}/{day}"
        answer = self._frage("GET", path, angaben={"simplifyGeometries": "original"})
        found = self._gelesen(answer, "Gebiete")
        if not isinstance(found, dict) or not isinstance(found.get("features"), list):
            raise NetzFehler(f"{self.adresse}: Die Gebiete der Raumebene sind keine Sammlung von Umrissen.")
        return answer.inhalt.decode()

    def indikatoren(self, *, oeffentlich: bool = False) -> list[dict[str, Any]]:
        """Metadata of all indicators that may be seen, with the rights on their values for each level."""
        return self._liste("/indicators", "Indikatoren", oeffentlich=oeffentlich)

    def indikator(self, kennung: str) -> dict[str, Any]:
        found = self._lies(f"/indicators/{pruefe_kennung(kennung)}", "Indikator")
        return found if isinstance(found, dict) else {}

    def reihe(self, indikator: str, ebene: str, *, oeffentlich: bool = False) -> str | None:
        """Series of an indicator on a level as the text that was sent; None if there are no values.

        Raises
        ------
        NetzFehler
            If it may not be read, or the answer is none.
        """
        path = f"/indicators/{pruefe_kennung(indikator)}/{pruefe_kennung(ebene)}/without-geometry"
        answer = self._frage("GET", path, oeffentlich=oeffentlich)
        if not answer.gut and _LEER in answer.inhalt[:2000].decode(errors="replace").lower():
            return None
        if not isinstance(self._gelesen(answer, "Werte"), list):
            raise NetzFehler(f"{self.adresse}: Die Werte eines Indikators sind keine Liste.")
        return answer.inhalt.decode()

    def offen_lesbar(self, indikator: str, ebene: str) -> bool:
        """Whether somebody without login can read the values."""
        try:
            self.reihe(indikator, ebene, oeffentlich=True)
        except NetzFehler as error:
            if error.status in (401, 403, 404) or error.status >= 500:
                return False
            raise
        return True

    def themen(self) -> list[dict[str, Any]]:
        """Topics, each with its sub-topics; only the open interface tells them."""
        return self._liste("/topics", "Themen", oeffentlich=True)

    def einheiten(self) -> list[Organisationseinheit]:
        """Organisational units with the ids of their permissions (4.1: roles)."""
        found = []
        for row in self._liste("/organizationalUnits", "Organisationseinheiten"):
            given = row.get("permissions") or row.get("roles") or []
            levels = {
                str(one.get("permissionLevel")): str(one.get("permissionId") or one.get("roleId"))
                for one in given
                if one.get("permissioneType", "resources") == "resources"
            }
            found.append(Organisationseinheit(str(row["organizationalUnitId"]), str(row["name"]), levels))
        return found

    def _liste(self, pfad: str, was: str, *, oeffentlich: bool = False) -> list[dict[str, Any]]:
        found = self._lies(pfad, was, oeffentlich=oeffentlich)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise NetzFehler(
                f"{self.adresse}, {was}: Erwartet wird eine Liste. Ist das die Adresse von „Data Management“?"
            )
        return found

    # --- writing ----------------------------------------------------------------------------------------
    # One request after the other: the server shares a flag between uploads, so two at once lose a column. None is
    # repeated here; whether one was carried out is told by reading, not by its answer.

    def lege_an(self, body: Mapping[str, Any]) -> None:
        """Create the metadata of an indicator."""
        self._pruefe(self._frage("POST", "/indicators", body=body), "Indikator anlegen")

    def schreibe(self, indikator: str, body: Mapping[str, Any]) -> None:
        """Write values of one level."""
        self._pruefe(
            self._frage("PUT", f"/indicators/{pruefe_kennung(indikator)}", body=body), "Werte schreiben"
        )

    def ersetze(self, indikator: str, body: Mapping[str, Any], rechte: Rechte) -> None:
        """Replace all metadata; what ``body`` leaves out is gone, in 4.1 the rights on the metadata as well."""
        whole = {**body, **rechte.angaben(self.generation)} if self.generation.rollen else body
        path = f"/indicators/{pruefe_kennung(indikator)}"
        self._pruefe(self._frage("PATCH", path, body=whole), "Angaben schreiben")

    def setze_rechte(
        self, indikator: str, ebene: str | None, rechte: Rechte, body: Mapping[str, Any]
    ) -> None:
        """Rights on the metadata, or on the values of one level.

        Parameters
        ----------
        body
            Metadata of the indicator, with which 4.1 wants the rights on them to be sent.
        """
        path = f"/indicators/{pruefe_kennung(indikator)}" + (f"/{pruefe_kennung(ebene)}" if ebene else "")
        if self.generation.rollen and ebene is None:
            self.ersetze(indikator, body, rechte)
        elif self.generation.rollen:
            self._pruefe(self._frage("PATCH", path, body=rechte.angaben(self.generation)), "Rechte setzen")
        else:
            sent = {"permissions": sorted(rechte.erlaubt), "isPublic": rechte.oeffentlich}
            self._pruefe(self._frage("PUT", f"{path}/permissions", body=sent), "Rechte setzen")

    def entferne(self, indikator: str, *weiter: str) -> None:
        """Delete an indicator, its values of one level, or of one date of it."""
        path = "/".join(pruefe_kennung(part) for part in (indikator, *weiter))
        self._pruefe(self._frage("DELETE", f"/indicators/{path}"), "Entfernen")


def finde(gesucht: str, indikatoren: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """An indicator by its id or its name.

    Raises
    ------
    NetzFehler
        If there is none, or several share the name.
    """
    fits = [one for one in indikatoren if gesucht in (one.get("indicatorId"), one.get("indicatorName"))]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise NetzFehler(f"Mehrere Indikatoren heißen „{gesucht}“. Bitte stattdessen die Kennung angeben: {', '.join(str(one['indicatorId']) for one in fits)}.")  # fmt: skip
    known = [str(one.get("indicatorName")) for one in indikatoren]
    raise NetzFehler(f"Den Indikator „{gesucht}“ gibt es in diesem KomMonitor nicht, oder er ist nicht freigegeben. {vorschlag(gesucht, known)}".strip())  # fmt: skip
