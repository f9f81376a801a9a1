"""What the atlas shows: one indicator over all dates, its classes, its change, the second indicator."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from sozialanalyse import analyse, present
from sozialanalyse.base import Kontext
from sozialanalyse.present import Einstufung, Klassen, Spalte, formats
from sozialanalyse.seiten.grundlage import NEUESTER, Seite

TAFEL = "werte"
"""Id of the one table of the page; every figure links to it."""


class AtlasDaten(Seite[Any]):
    """The numbers behind the figures of the atlas."""

    mit_themenstand = False

    def __init__(self, **werte: object) -> None:
        super().__init__(**werte)
        self.indikator = self.p.indikator or self.daten.vergleichbar(self.stichtag)[0]
        days = self.tage
        if self.p.stichtag == NEUESTER and days:
            self.stichtag = days[-1]

    @property
    def indikatoren(self) -> list[str]:
        return [self.indikator, *([self.p.vergleich] if self.p.vergleich else [])]

    @cached_property
    def alle_werte(self) -> pd.DataFrame:
        """Values of the small areas at every date, long."""
        return self.daten.werte(self.indikator)

    @cached_property
    def tage(self) -> list[str]:
        """Dates at which the indicator has a value, oldest first."""
        return sorted(set(self.alle_werte.loc[self.alle_werte["wert"].notna(), "stichtag"]))

    @property
    def leer(self) -> bool:
        """Whether there is no value for the date asked for."""
        return self.stichtag not in self.tage

    @cached_property
    def spalte(self) -> Spalte:
        return self.spalten[self.indikator]

    @property
    def stellen(self) -> int:
        return self.spalte.nachkommastellen or 0

    @property
    def ist_anteil(self) -> bool:
        """Whether the value is a share of a base, so that chance can be told."""
        return bool(self.katalog.loc[self.indikator, ["anteil", "faelle"]].all())

    @property
    def ist_anzahl(self) -> bool:
        return str(self.katalog["art"][self.indikator]) == "anzahl"

    def breit(self, spalte: str) -> pd.DataFrame:
        """Areas x dates of one column of the values."""
        if spalte not in self._breiten:
            wide = self.alle_werte.pivot(index="gebiet_id", columns="stichtag", values=spalte)
            self._breiten[spalte] = wide.reindex(index=self.kommune.index, columns=self.tage).rename_axis(
                columns=None
            )
        return self._breiten[spalte].copy()

    @cached_property
    def _breiten(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def _umgerechnete(self) -> pd.DataFrame:
        """Values of any date that were converted to the boundaries of today."""
        return self.alle_werte[self.alle_werte["umgerechnet"] & self.alle_werte["wert"].notna()]

    @cached_property
    def kontext_alle(self) -> Kontext:
        """Context of what shows every date."""
        return self.kontext.mit(umgerechnet=len(self._umgerechnete))

    @cached_property
    def werte(self) -> pd.DataFrame:
        """Value, numerator, denominator and status per area at the date."""
        frame = self.alle_werte[self.alle_werte["stichtag"] == self.stichtag]
        return frame.set_index("gebiet_id").reindex(self.kommune.index)

    @cached_property
    def region(self) -> pd.Series:
        """Value of the region per date."""
        frame = self.daten.werte(self.indikator, level="region")
        return frame.set_index("stichtag")["wert"].reindex(self.tage)

    @cached_property
    def klassen(self) -> Klassen:
        """Classes of all dates together, so that maps of different years can be compared."""
        shown = formats.sichtbar(self.alle_werte["wert"], self.alle_werte["status"])
        return present.einteilen(
            shown,
            self.p.einteilung,
            self.p.klassen,
            grenzen=self.p.grenzen or None,
            nachkommastellen=self.stellen,
        )

    def stufen(self, tag: str) -> Einstufung:
        """Classed values of one date."""
        return present.einstufen(
            self.breit("wert")[tag],
            self.spalte,
            status=self.breit("status")[tag],
            klassen=self.klassen,
            richtung=self.richtung,
        )

    @property
    def richtung(self) -> int:
        """1 where a higher value means more need, -1 where a lower one does, 0 where nobody says."""
        return int(self.katalog["polaritaet"][self.indikator])

    @property
    def _hoechste(self) -> str:
        """The highest class in words."""
        return self.klassen.beschriftung(self.spalte.einheit)[-1]

    @cached_property
    def gezeigt(self) -> pd.Series:
        """Numbers of the date that may be shown."""
        return self.stufen(self.stichtag).werte

    @cached_property
    def ausreisser(self) -> pd.Series:
        return analyse.zusammenhang.outliers(self.gezeigt)

    @cached_property
    def vorher(self) -> str | None:
        """Earlier date of the change map; None where there is none."""
        earlier = [day for day in self.tage if day < self.stichtag]
        if self.p.seit:
            return self.p.seit if self.p.seit in earlier else None
        return earlier[0] if earlier else None

    @cached_property
    def wandel(self) -> pd.DataFrame:
        """Change since the earlier date per area: difference as shown, whether beyond chance, why missing.

        Only shares of a base have an interval; for other values ``sicher`` is missing. Values converted from
        other boundaries are estimates; what changed since is not told.
        """
        now, then = self.stufen(self.stichtag).werte, self.stufen(str(self.vorher)).werte
        state, before = self.breit("status")[self.stichtag], self.breit("status")[self.vorher]
        converted = self.breit("umgerechnet")[[self.vorher, self.stichtag]].eq(True).any(axis=1)
        difference = (now - then).mask(converted)
        frame = pd.DataFrame(
            {
                "differenz": difference,
                "sicher": pd.Series(pd.NA, index=now.index, dtype=object),
                "status": state.where(state.isin(formats.OHNE_WERT), before).mask(
                    converted & (now - then).notna(), "nicht_sinnvoll"
                ),
            }
        )
        if self.ist_anteil:
            count, base = self.breit("zaehler"), self.breit("nenner")
            found = analyse.zusammenhang.change(
                count[self.vorher], base[self.vorher], count[self.stichtag], base[self.stichtag]
            )
            frame["sicher"] = found["beyond"].where(found["difference"].notna())
        return frame

    def zahl(self, value: float) -> str:
        return formats.wert(value, self.spalte.einheit, self.stellen)

    def _titel(self, key: str, **values: object) -> str:
        return self.text(f"titel.{key}", name=self.spalte.label, **values)

    @property
    def _wandelspalte(self) -> Spalte:
        unit = self.text("punkte") if self.spalte.einheit == "%" else self.spalte.einheit
        label = self.text("wandel", seit=formats.datum(str(self.vorher)))
        return Spalte(label, unit, max(self.stellen, 1))

    @cached_property
    def gewicht(self) -> pd.Series | None:
        """Inhabitants per area; None where the region names no such indicator."""
        return self.daten.bevoelkerung(self.stichtag) if self.daten.region.seite.bevoelkerung else None

    @cached_property
    def zweite(self) -> pd.DataFrame:
        """Value and status of the second indicator."""
        frame = self.daten.werte(self.p.vergleich, self.stichtag)
        return frame.set_index("gebiet_id").reindex(self.kommune.index)
