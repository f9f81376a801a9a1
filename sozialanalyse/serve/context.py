"""The running service as its answers see it: region, data, pages, bounds."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from sozialanalyse.base import Kontext, SozialanalyseFehler, text
from sozialanalyse.publish import SKRIPTE, Rahmen, Verweis, ganze_seite, menue
from sozialanalyse.region import Region
from sozialanalyse.seiten import Parameter, Vorrat, angeboten, seite
from sozialanalyse.serve.frames import Dokumente
from sozialanalyse.serve.kernels import Auftrag
from sozialanalyse.serve.limits import Grenzen
from sozialanalyse.serve.logs import ereignis
from sozialanalyse.serve.outputs import Gemerkt

Audience = str
UEBERGANGEN = ("template", "theme", "token", "warten")
"""Words in a link that are no parameters: Voila's own switches, which have no effect, the login, and the
wish for a waiting page that keeps still."""
_MARKE = "<!--inhalt-->"


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
    datenordner: Path | None = None
    """Folder the kernels find their data in; None: as this process."""
    kern: str = "python3"
    statisch: str = ""
    """Address of scripts and styles, with the version in it."""
    skripte: Sequence[str] = ()
    """Addresses of the scripts that controls need, for browsers to fetch ahead."""
    page_config: dict[str, Any] = field(default_factory=dict)
    grenzen: Grenzen = field(default_factory=Grenzen)
    gemerkt: Gemerkt = field(init=False)
    dokumente: Dokumente = field(init=False)
    _daten: Bestand | None = None
    _geprueft: float = 0.0
    _rahmen: dict[tuple[object, ...], tuple[str, str]] = field(default_factory=dict)
    _berichte: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gemerkt = Gemerkt(self.grenzen.gemerkt)
        self.dokumente = Dokumente(self.grenzen.dokumente)

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
        return self._daten

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
        """Address of the finished page with these parameters, or of the start page."""
        folder = self.oeffentlich / notebook
        changed = folder.stat().st_mtime_ns if folder.is_dir() else 0
        if self._berichte.get(notebook, (None,))[0] != changed:
            self._berichte[notebook] = changed, _reports(folder)
        name = self._berichte[notebook][1].get(_marks(parameter.model_dump(mode="json")))
        return f"/berichte/{notebook}/{name}" if name else "/"

    def pdf(self, notebook: str, parameter: Parameter) -> str:
        """Address of the PDF beside the finished page; empty for none."""
        page = self.bericht(notebook, parameter).removesuffix(".html") + ".pdf"
        there = self.oeffentlich / page.removeprefix("/berichte/")
        return page if page != "/.pdf" and there.is_file() else ""

    def live(self, notebook: str, parameter: Parameter | None = None) -> str:
        """Address of the live page."""
        query = parameter.anfrage() if parameter else {}
        return f"/live/{notebook}" + (f"?{urlencode(query)}" if query else "")

    @property
    def auftrag(self) -> Auftrag:
        """What a kernel is started with: region, snapshot, and that its page is a live one."""
        environment = {
            "SOZIALANALYSE_REGION": str(self.region.ordner),
            **({"SOZIALANALYSE_DATEN": str(self.datenordner)} if self.datenordner else {}),
            "SOZIALANALYSE_BESTAND": self.daten.bestand["bestand"],
            "SOZIALANALYSE_STATISCH": "",
            "SOZIALANALYSE_DATEIEN": self.statisch,
            "SERVER_SOFTWARE": "voila",
        }
        return Auftrag(self.kern, str(self.notebooks), tuple(environment.items()))

    def seitentitel(self, notebook: str, parameter: Parameter) -> str:
        """Title of a live page: its kind, and the place, indicator or topic report it is about."""
        return ": ".join([seite(notebook).name(), *(name for name, _ in parameter.genannte(self.daten))])

    def rahmen(self, titel: str, aktiv: str = "") -> tuple[str, str]:
        """What stands before and after the content of a page, the same as around finished reports."""
        frame = self.seitenrahmen(titel, aktiv)
        key = (titel, frame.stand, *frame.navigation)
        if key not in self._rahmen:
            vor, nach = ganze_seite(_MARKE, frame).split(_MARKE)
            self._rahmen[key] = vor, nach
        return self._rahmen[key]

    def seitenrahmen(self, titel: str, aktiv: str = "") -> Rahmen:
        """Frame of a page; links go to finished reports where there are any."""
        links = [Verweis("index.html", text("serve.start"), aktiv == "start")]
        offered = angeboten(self.notebooks)
        for kind in [offered[name] for name in menue() if name in offered]:
            name = kind.notebook
            if kind.freiwillig and not kind.moeglich(self.daten):
                continue
            page = f"{name}/gesamt.html"
            target = page if (self.oeffentlich / page).is_file() else f"..{self.live(name)}"
            links.append(Verweis(target, kind.name(), aktiv == name, kind.menuegruppe(), name))
        return Rahmen(
            titel=titel,
            region=self.region.name,
            herausgeber=self.region.seite.herausgeber,
            stand=self.daten.kontext().stand,
            stil=self.stil,
            skripte=[f"{self.statisch}/sozial/{name}" for name in SKRIPTE],
            marke=self.region.marke,
            wurzel="/berichte/",
            navigation=links,
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
