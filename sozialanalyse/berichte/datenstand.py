"""What is there, how old it is, what is missing: the findings of ``datenstand.ipynb``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from sozialanalyse import present
from sozialanalyse.berichte.basis import Bericht
from sozialanalyse.parameters import DatenstandParameter
from sozialanalyse.present import Anzeige, Spalte, formats
from sozialanalyse.texts import text


class DatenstandBericht(Bericht[DatenstandParameter]):
    """Deliveries, dates and gaps of the stock of data."""

    notebook = "datenstand"

    @cached_property
    def indikatoren(self) -> list[str]:
        held = set(self.daten.werte()["indikator_id"])
        return [key for key in self.daten.indikatoren().index if key in held]

    @cached_property
    def bestand(self) -> pd.DataFrame:
        """Per indicator and date how many areas have a value, are suppressed, lack one for another reason."""
        frame = self.daten.werte()
        known = frame["wert"].notna()
        hidden = ~known & (frame["status"] == "geheim")
        counts = frame.assign(wert=known, geheim=hidden, luecke=~known & ~hidden)
        return counts.groupby(["indikator_id", "stichtag"])[["wert", "geheim", "luecke"]].sum()

    def lieferungen(self) -> Anzeige:
        """One row per dataset: provider, newest data, files, indicators."""
        held = self.katalog.groupby("datensatz").size()
        frame = self.daten.quellen(self.indikatoren).set_index("datensatz")
        frame["indikatoren"] = held.reindex(frame.index).astype(int)
        frame["datenstand"] = [
            formats.datum(day) if isinstance(day, str) else "" for day in frame["datenstand"]
        ]
        columns = {
            "anbieter": Spalte(self.text("anbieter")),
            "indikatoren": Spalte(self.text("indikatoren"), "", 0),
            "datenstand": Spalte(self.text("neueste")),
            "dateien": Spalte(self.text("dateien"), "", 0),
            "lizenz": Spalte(self.text("lizenz")),
        }
        return present.tabelle(
            frame.reset_index(drop=True),
            titel=self.text("lieferungen"),
            kontext=self.kontext,
            spalten=columns,
        )

    def luecken(self) -> Anzeige:
        """One row per indicator: share of areas without a value, by reason, at each date."""
        frame = pd.DataFrame({"name": self.katalog["name"], "thema": pd.Series(self.themen)})
        columns = {"name": Spalte(text("berichte.indikator")), "thema": Spalte(text("berichte.thema"))}
        for day in self.daten.stichtage:
            part = self.bestand.xs(day, level="stichtag")
            total = part.sum(axis=1)
            for key in ("geheim", "luecke"):
                frame[f"{key}_{day}"] = (100 * part[key] / total).reindex(frame.index)
                columns[f"{key}_{day}"] = Spalte(self.text(key, tag=formats.datum(day)), "%", 0)
        return present.tabelle(
            frame.set_index("name"), titel=self.text("luecken"), kontext=self.kontext, spalten=columns
        )
