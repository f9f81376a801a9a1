"""The running service as its answers see it: region, data, pages, bounds."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from sozialanalyse import kernels
from sozialanalyse.base import Kontext, SozialanalyseFehler, text
from sozialanalyse.publish import (
    SKRIPTE,
    Auftrag,
    Menuepunkt,
    Nachfrage,
    Protokoll,
    Rahmen,
    beigelegt,
    fingerabdruck,
    menue,
    schluessel,
)
from sozialanalyse.region import Region, redaktion
from sozialanalyse.seiten import Lauf, Parameter, Vorrat, angeboten, regionsdateien, seite
from sozialanalyse.serve.limits import Grenzen
from sozialanalyse.serve.logs import ereignis

Audience = str
REDAKTION = "/redaktion"
"""Address that takes texts of editors, of the internal service only."""
UEBERGANGEN = ("template", "theme", "token", "warten")
"""Words in a link that are no parameters: Voilà's switches, which links of earlier services carry, the login,
and the wish for a waiting page that keeps still."""


class Bestand(Vorrat, Protocol):
    """The harmonised data, as far as the service looks at them."""

    @property
    def bestand(self) -> dict[str, Any]: ...
    def kontext(self) -> Kontext: ...


@dataclass
class Dienst:
    """Everything an answer needs besides the request."""

    region: Region
    audience: Audience
    notebooks: Path
    ergebnisse: Path
    """Folder of the finished pages, with a folder for each audience."""
    lade: Callable[[], Bestand]
    stil: str
    nachfrageordner: Path
    """Folder of the pages that were asked for."""
    datenordner: Path | None = None
    """Folder the kernels find their data in; None: as this process."""
    statisch: str = ""
    """Address of scripts and styles, with the version in it."""
    grenzen: Grenzen = field(default_factory=Grenzen)
    nachfrage: Nachfrage = field(init=False)
    _daten: Bestand | None = None
    _geprueft: float = 0.0
    _redaktion: str = ""
    _berichte: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        limits = self.grenzen
        self.nachfrage = Nachfrage(
            self.nachfrageordner,
            gleichzeitig=limits.gleichzeitig,
            wartend=limits.wartend,
            je_stunde=limits.je_stunde,
            platz=limits.platz,
            gedaechtnis=limits.gedaechtnis,
            melder=_melde,
        )

    @property
    def daten(self) -> Bestand:
        """The current data; a new snapshot is noticed, a broken one leaves the last good one."""
        now = time.monotonic()
        if self._daten is None:
            self._daten = self.lade()
        elif now - self._geprueft > self.grenzen.bestand:
            try:
                fresh = self.lade()
            except SozialanalyseFehler:
                ereignis("bestand_nicht_lesbar", logging.WARNING)
            else:
                if fresh.bestand["bestand"] != self._daten.bestand["bestand"]:
                    ereignis("bestand_neu", bestand=fresh.bestand["bestand"])
                    self._daten = fresh
        else:
            return self._daten
        self._geprueft = now
        self.lies_redaktion()
        return self._daten

    def lies_redaktion(self) -> None:
        """Notice what editors wrote, so that pages are made anew."""
        self._redaktion = redaktion.stand(self.region.ordner, regionsdateien())

    def darf(self, audience: Audience) -> bool:
        """Whether pages of an audience may be shown here: the own ones and the public ones, intern all."""
        return self.audience == "intern" or audience in ("oeffentlich", self.audience)

    @property
    def oeffentlich(self) -> Path:
        """Folder of the pages for everybody."""
        return self.ergebnisse / "oeffentlich"

    @property
    def angeboten(self) -> list[str]:
        """Notebooks that can be served."""
        return list(angeboten(self.notebooks))

    def parameter(self, notebook: str, anfrage: Mapping[str, list[str]]) -> Parameter:
        """Check the query of a link; what it leaves open gets the defaults and this audience.

        Raises
        ------
        ParameterFehler
            With one sentence per fault.
        """
        asked = {name: values for name, values in anfrage.items() if name not in UEBERGANGEN}
        asked.setdefault("audience", [self.audience])
        return seite(notebook).aus_link(asked, self.daten)

    def bericht(self, notebook: str, parameter: Parameter) -> str:
        """Address of the report of the batch with these parameters; empty for none."""
        folder = self.oeffentlich / notebook
        changed = folder.stat().st_mtime_ns if folder.is_dir() else 0
        if self._berichte.get(notebook, (None,))[0] != changed:
            self._berichte[notebook] = changed, _reports(folder)
        name = self._berichte[notebook][1].get(_marks(parameter.model_dump(mode="json")))
        return f"/berichte/{notebook}/{name}" if name else ""

    def live(self, notebook: str, parameter: Parameter | None = None) -> str:
        """Address of the live page."""
        query = parameter.anfrage() if parameter else {}
        return f"/live/{notebook}" + (f"?{urlencode(query)}" if query else "")

    def ziel(self, notebook: str, parameter: Parameter) -> str:
        """Name under which the page with these parameters is kept: the hash of all it depends on."""
        return schluessel(notebook, self._marken(Lauf(notebook, "", parameter)))

    def auftrag(self, notebook: str, parameter: Parameter) -> Auftrag:
        """Order for the page with these parameters."""
        kind, ziel = seite(notebook), self.ziel(notebook, parameter)
        lauf = Lauf(notebook, ziel, parameter)
        report = self.bericht(notebook, parameter)
        link = [Menuepunkt(report, text("serve.fertiger_bericht"))] if report else []
        frame = replace(
            self.seitenrahmen(self.seitentitel(notebook, parameter), notebook),
            dateien=[*link, *beigelegt(lauf)],
            knapp=kind.pdf == "blatt",
        )
        environment = {
            "SOZIALANALYSE_REGION": str(self.region.ordner),
            **({"SOZIALANALYSE_DATEN": str(self.datenordner)} if self.datenordner else {}),
            "SOZIALANALYSE_BESTAND": self.daten.bestand["bestand"],
            "SOZIALANALYSE_STATISCH": "",
            "SOZIALANALYSE_DATEIEN": self.statisch,
            "SOZIALANALYSE_REDAKTION": REDAKTION if self.audience == "intern" else "",
        }
        return Auftrag(
            lauf,
            kind.quelle(self.notebooks).read_text("utf-8"),
            ziel,
            frame,
            kernels.NAME,
            self._marken(lauf),
            "",
            environment,
            zeitgrenze=self.grenzen.zelle,
            speicher=self.grenzen.speicher,
        )

    def _marken(self, lauf: Lauf) -> dict[str, str]:
        source = lauf.seite.quelle(self.notebooks).read_text("utf-8")
        stock = self.daten.bestand["bestand"]
        return fingerabdruck(lauf, source, stock, self._redaktion, self.region.stand)

    def seitentitel(self, notebook: str, parameter: Parameter) -> str:
        """Title of a live page: its kind, and the place, indicator or topic report it is about."""
        return ": ".join([seite(notebook).name(), *(name for name, _ in parameter.genannte(self.daten))])

    def seitenrahmen(self, titel: str, aktiv: str = "") -> Rahmen:
        """Frame of a page; its links go to the reports of the batch, and lead on where there are none yet."""
        links = [Menuepunkt("index.html", text("serve.start"), aktiv == "start")]
        offered = angeboten(self.notebooks)
        for kind in [offered[name] for name in menue() if name in offered]:
            name = kind.notebook
            if kind.freiwillig and not kind.moeglich(self.daten):
                continue
            page = f"{name}/gesamt.html"
            links.append(Menuepunkt(page, kind.name(), aktiv == name, kind.menuegruppe(), name))
        return Rahmen(
            titel=titel,
            region=self.region.name,
            herausgeber=self.region.seite.herausgeber,
            stand=self.daten.kontext().stand,
            stil=self.stil,
            skripte=[f"{self.statisch}/seite/{name}" for name in SKRIPTE],
            marke=self.region.marke,
            wurzel="/berichte/",
            navigation=links,
        )


def _melde(protokoll: Protokoll) -> None:
    """Log what came of a page: which kind, how long, how much memory; no parameter and no text of a fault."""
    good = protokoll.status == "fertig"
    ereignis(
        "seite_fertig" if good else "seite_gescheitert",
        logging.INFO if good else logging.WARNING,
        notebook=protokoll.notebook,
        sekunden=protokoll.sekunden,
        speicher_mb=protokoll.speicher_mb,
    )


def _marks(parameter: object) -> str:
    return json.dumps(parameter, sort_keys=True)


def _reports(folder: Path) -> dict[str, str]:
    """Finished pages of a notebook by their parameters."""
    pages: dict[str, str] = {}
    for record in sorted(folder.glob("*.json"), reverse=True):
        try:
            found = json.loads(record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict) and "parameter" in found and record.with_suffix(".html").is_file():
            pages[_marks(found["parameter"])] = f"{record.stem}.html"
    return pages
