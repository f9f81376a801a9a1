"""The start page: what this is, what was found, where to go on: ``index.ipynb``."""

from __future__ import annotations

from functools import cached_property

from sozialanalyse import present
from sozialanalyse.berichte.basis import Bericht
from sozialanalyse.berichte.cluster import ClusterBericht
from sozialanalyse.berichte.varianz import VarianzBericht
from sozialanalyse.parameters import IndexParameter
from sozialanalyse.present import Anzeige, Verweis


class IndexBericht(Bericht[IndexParameter]):
    """Finding of the region, entrances by question, search."""

    notebook = "index"

    @cached_property
    def indikatoren(self) -> list[str]:
        return self.daten.auswahl(None, None, self.stichtag)

    def kurzfassung(self) -> Anzeige:
        """The finding in sentences, from the results the two main reports keep."""
        given = {"stichtag": self.p.stichtag, "audience": self.p.audience}
        split, types = VarianzBericht(**given), ClusterBericht(**given)
        names = split.katalog["name"].to_dict()
        return present.kurzfassung(
            [split.ergebnis.summary(names), types.ergebnis.summary()], titel=self.text("befund")
        )

    def fragen(self) -> Anzeige:
        """Entrances by question."""
        links = [
            Verweis(self.text(f"fragen.{name}"), self.ziel(name), self.text(f"saetze.{name}"))
            for name in ("varianz", "cluster", "atlas", "datenstand")
        ]
        return present.verweise(links, titel=self.text("einstieg"))

    def ziel(self, notebook: str) -> str:
        """Address of a report, seen from the folder of this one."""
        return f"/live/{notebook}" if self.live else f"../{notebook}/gesamt.html"

    def suche(self) -> Anzeige | None:
        return None
