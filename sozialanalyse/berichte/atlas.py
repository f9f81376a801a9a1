"""Any indicator on a map, as ranking, over time, beside another one: the findings of ``atlas.ipynb``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from sozialanalyse import present
from sozialanalyse.analyse import zusammenhang
from sozialanalyse.berichte.basis import Bericht
from sozialanalyse.berichte.dateien import Anhang
from sozialanalyse.kontext import Kontext
from sozialanalyse.parameters import NEUESTER, AtlasParameter
from sozialanalyse.present import Anzeige, Einstufung, Feld, Klassen, Spalte, Verweis, formats
from sozialanalyse.texts import text

TAFEL = "werte"
"""Id of the one table of the page; every figure links to it."""
STAERKSTE = 6


class AtlasBericht(Bericht[AtlasParameter]):
    """One indicator in space and time, beside a second one where asked for."""

    notebook = "atlas"

    def __init__(self, **werte: object) -> None:
        super().__init__(**werte)
        self.indikator = self.p.indikator or self.daten.auswahl()[0]
        days = self.tage
        if self.p.stichtag == NEUESTER and days:
            self.stichtag = days[-1]

    # --- data ------------------------------------------------------------------------------------

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
        return bool(self.katalog["anteil"][self.indikator])

    @property
    def ist_anzahl(self) -> bool:
        return str(self.katalog["art"][self.indikator]) == "anzahl"

    def breit(self, spalte: str) -> pd.DataFrame:
        """Areas x dates of one column of the values."""
        wide = self.alle_werte.pivot(index="gebiet_id", columns="stichtag", values=spalte)
        return wide.reindex(index=self.kommune.index, columns=self.tage).rename_axis(columns=None)

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
            self.breit("status")[tag],
            einheit=self.spalte.einheit,
            nachkommastellen=self.stellen,
            klassen=self.klassen,
        )

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
        return zusammenhang.outliers(self.gezeigt)

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
            found = zusammenhang.change(
                count[self.vorher], base[self.vorher], count[self.stichtag], base[self.stichtag]
            )
            frame["sicher"] = found["beyond"].where(found["difference"].notna())
        return frame

    # --- words -----------------------------------------------------------------------------------

    def zahl(self, value: float) -> str:
        return formats.wert(value, self.spalte.einheit, self.stellen)

    def kopf(self) -> Anzeige:
        bare = not (self.live or self.statisch)
        name = str(self.katalog["name"][self.indikator])
        question = str(self.katalog["definition"][self.indikator]) or self.text("frage")
        return present.kopf(name, question, self.kontext, stil=bare)

    @cached_property
    def verzeichnis_gruppen(self) -> dict[str, list[Verweis]]:
        table = self.daten.indikatoren()
        return {
            thema.name: [
                Verweis(str(row["kurz"]), f"{str(key).lower()}.html")
                for key, row in table[table["thema"] == name].iterrows()
            ]
            for name, thema in self.daten.region.themen.items()
        }

    def auswahl(self) -> Anzeige:
        """Choice of indicator and classes; on a finished page the list of the other indicators."""
        if self.statisch:
            here = f"{self.indikator.lower()}.html"
            return present.verzeichnis(self.verzeichnis_gruppen, titel=self.text("andere"), aktuell=here)
        table = self.daten.indikatoren()
        topics = self.daten.region.themen
        keys = [
            (str(key), str(row["kurz"]), topics[row["thema"]].name)
            for thema in topics
            for key, row in table[table["thema"] == thema].iterrows()
        ]
        ways = [
            (name, self.text(f"einteilung.{name}"))
            for name in ("quantil", "gleich", "natuerlich", "standardabweichung")
        ]
        return self._auswahl(
            [
                Feld("indikator", text("berichte.indikator"), keys),
                Feld("vergleich", self.text("vergleich"), [("", self.text("ohne")), *keys]),
                Feld("einteilung", self.text("einteilung_name"), ways),
                Feld("klassen", self.text("klassen"), [(str(n), str(n)) for n in range(2, 10)]),
                Feld(
                    "gebiete",
                    self.text("gebiete"),
                    hilfe=self.text("gebiete_hilfe", beispiel=", ".join(map(str, self.kommune.index[:2]))),
                ),
                Feld("grenzen", self.text("grenzen"), hilfe=self.text("grenzen_hilfe")),
            ]
        )

    def _aktuell(self) -> dict[str, str]:
        way = "quantil" if self.p.grenzen else self.p.einteilung
        limits = "; ".join(str(limit).removesuffix(".0").replace(".", ",") for limit in self.p.grenzen)
        return {
            **super()._aktuell(),
            "indikator": self.indikator,
            "einteilung": way,
            "grenzen": f"{limits};" if len(self.p.grenzen) == 1 else limits,
        }

    def _keine_daten(self) -> Anzeige:
        days = formats.aufzaehlung(formats.datum(day) for day in self.tage)
        hint = self.text("vorhanden", tage=days) if days else self.text("nie")
        return present.keine_daten(self.text("leer", name=self.spalte.label), hint)

    def kurzfassung(self) -> Anzeige:
        """Level, ends, change and gaps in sentences."""
        if self.leer:
            return self._keine_daten()
        order = self.gezeigt.dropna().sort_values(kind="stable")
        out = []
        value = self.region.get(self.stichtag)
        if value is not None and pd.notna(value):
            above = formats.zahl(int((order > value).sum()))
            key = "summe" if self.ist_anzahl else "region"
            out.append(self.text(f"satz.{key}", wert=self.zahl(value), n=len(order), ueber=above))
        low, high = str(order.index[0]), str(order.index[-1])
        out.append(
            self.text(
                "satz.enden",
                hoch=self.ort(high),
                hochwert=self.zahl(order[high]),
                tief=self.ort(low),
                tiefwert=self.zahl(order[low]),
            )
        )
        if self.vorher:
            out.append(self._satz_wandel())
        far = self.ausreisser[self.ausreisser != 0].index
        if len(far):
            out.append(self.text("satz.ausreisser", gebiete="; ".join(self.ort(str(g)) for g in far)))
        missing = formats.luecken(self.gezeigt, self.werte["status"])
        if missing:
            parts = formats.aufzaehlung(
                f"{formats.zahl(n)} {formats.status_wort(s)}" if len(missing) > 1 else formats.status_wort(s)
                for s, n in missing.items()
            )
            counts = {"n": sum(missing.values()), "alle": len(self.gezeigt)}
            out.append(self.text("satz.luecken", teile=parts, **counts))
        return present.kurzfassung(out)

    def _satz_wandel(self) -> str:
        return self.text(f"satz.{self._wandelart()}", **self._wandelworte())

    def _wandelart(self) -> str:
        """Which sentence about the change holds."""
        if not any(self._auf_und_ab()):
            return "wandel_keiner" if self.ist_anteil else "wandel_gleich"
        return "wandel_sicher" if self.ist_anteil else "wandel"

    def _wandelworte(self) -> dict[str, str]:
        known = int(self.wandel["differenz"].notna().sum())
        up, down = self._auf_und_ab()
        said = [
            self.text(key if n else "nirgends", n=formats.zahl(n), alle=formats.zahl(known))
            for n, key in ((up, "in_gebieten"), (down, "in_weiteren" if up else "in_gebieten"))
        ]
        compared = self.kontext.umfang(known, known)
        return {"seit": formats.datum(str(self.vorher)), "auf": said[0], "ab": said[1], "n": compared}

    def _auf_und_ab(self) -> tuple[int, int]:
        """Areas with a higher and a lower value than before; of shares only those beyond chance."""
        change = self.wandel["differenz"]
        if self.ist_anteil:
            change = change[self.wandel["sicher"].eq(True)]
        return int((change > 0).sum()), int((change < 0).sum())

    # --- figures ---------------------------------------------------------------------------------

    def werkzeug(self) -> Anzeige | None:
        """Place of filter and comparison; the script of the page fills it."""
        if self.leer:
            return None
        value = self.region.get(self.stichtag)
        region = "" if value is None or pd.isna(value) else f"{self.kontext.region}: {self.zahl(value)}"
        return present.werkzeug(TAFEL, "wert", kontext=self.kontext, region=region)

    def _titel(self, key: str, **values: object) -> str:
        return self.text(f"titel.{key}", name=self.spalte.label, **values)

    def karte(self) -> Anzeige | None:
        """Map of the date: classes for rates, circles for counts."""
        if self.leer:
            return None
        common = {
            "kontext": self.kontext,
            "einheit": self.spalte.einheit,
            "status": self.werte["status"],
            "label_wert": self.spalte.label,
            "kommunen": self.kommunen,
            "hervorheben": self.p.gebiete[0] if self.p.gebiete else None,
            "tafel": TAFEL,
        }
        top = str(self.gezeigt.idxmax())
        title = self._titel("karte", gebiet=self.namen[top], wert=self.zahl(self.gezeigt[top]))
        if self.ist_anzahl:
            return present.symbolkarte(self.gebiete, self.werte["wert"], titel=title, **common)  # type: ignore[arg-type]
        return present.choropleth(
            self.gebiete,
            self.werte["wert"],
            titel=title,
            klassen=self.klassen,
            nachkommastellen=self.stellen,
            **common,  # type: ignore[arg-type]
        )

    def bewegliche_karte(self) -> Anzeige | None:
        """Map to pan and zoom; finished pages keep to drawings, which need no script."""
        if self.leer or self.ist_anzahl or self.statisch or self.gebiete.crs is None:
            return None
        return present.hintergrundkarte(
            self.gebiete,
            self.werte["wert"],
            kontext=self.kontext,
            titel=self._titel("beweglich"),
            einheit=self.spalte.einheit,
            nachkommastellen=self.stellen,
            status=self.werte["status"],
            label_wert=self.spalte.label,
            klassen=self.klassen,
            kommunen=self.kommunen,
            dienst=self.daten.region.seite.hintergrundkarte,
            dateien=f"{self.dateien}/leaflet" if self.live else "",
            tafel=TAFEL,
        )

    def kacheln(self) -> Anzeige | None:
        """The same values with every area equally large."""
        if self.leer or self.ist_anzahl:
            return None
        return present.kachelkarte(
            self.gebiete,
            self.stufen(self.stichtag),
            kontext=self.kontext,
            titel=self._titel(
                "kacheln",
                anzahl=self._oben(self.stichtag),
                alle=int(self.gezeigt.notna().sum()),
                klasse=self._hoechste,
            ),
            label_wert=self.spalte.label,
            kommunen=self.kommunen,
            tafel=TAFEL,
        )

    def rangfolge(self) -> Anzeige | None:
        if self.leer:
            return None
        value = self.region.get(self.stichtag)
        own = None if self.ist_anzahl or value is None or pd.isna(value) else float(value)
        low, high = self.gezeigt.min(), self.gezeigt.max()
        span = formats.spanne(low, high, self.spalte.einheit, self.stellen)
        return present.rangfolge(
            self.gebiete,
            self.stufen(self.stichtag),
            kontext=self.kontext,
            titel=self._titel("rangfolge", spanne=span),
            label_wert=self.spalte.label,
            region_wert=own,
            kommunen=self.kommunen,
            tafel=TAFEL,
        )

    def verlauf(self) -> Anzeige | None:
        """All areas and the region over the dates."""
        if self.leer:
            return None
        if len(self.tage) < 2:
            return present.keine_daten(self.text("ein_stichtag"))
        region = self.region if not self.ist_anzahl else pd.Series(float("nan"), index=self.tage)
        key = "verlauf"
        known = self.region.dropna()
        values = {}
        if len(known) > 1:
            values = {"von": self.zahl(known.iloc[0]), "bis": self.zahl(known.iloc[-1])}
            key = "verlauf_gleich" if values["von"] == values["bis"] else "verlauf_region"
        return present.zeitreihe(
            self.breit("wert"),
            region,
            kontext=self.kontext_alle,
            titel=self._titel(key, **values),
            einheit=self.spalte.einheit,
            nachkommastellen=self.stellen,
            status=self.breit("status"),
            namen=self.namen,
            tafel=TAFEL,
        )

    def wandelkarte(self) -> Anzeige | None:
        """Change since the earlier date; neutral where chance alone may explain it."""
        if self.leer or self.ist_anzahl or self.vorher is None:
            return None
        change = self.wandel["differenz"]
        known = change.dropna().abs()
        if known.empty or known.max() == 0:
            return None
        step = max(formats.runden(float(known.quantile(0.9)) / 2, self.stellen), 10.0**-self.stellen)
        half = formats.runden(step / 4, self.stellen + 1)
        classes = Klassen((-step, -half, half, step), "manuell", max(self.stellen, 1))
        title = self._titel(self._wandelart(), **self._wandelworte())
        column = self._wandelspalte
        days = tuple(formats.datum(day) for day in (self.vorher, self.stichtag))
        return present.choropleth(
            self.gebiete,
            change,
            kontext=self.kontext_alle.mit(tage=days),
            titel=title,
            einheit=column.einheit,
            nachkommastellen=max(self.stellen, 1),
            status=self.wandel["status"],
            label_wert=column.label,
            klassen=classes,
            skala="divergierend",
            ruhig=self.wandel["sicher"].eq(False),
            ruhig_wort=self.text("im_zufall"),
            kommunen=self.kommunen,
            tafel=TAFEL,
        )

    @property
    def _wandelspalte(self) -> Spalte:
        unit = self.text("punkte") if self.spalte.einheit == "%" else self.spalte.einheit
        label = self.text("wandel", seit=formats.datum(str(self.vorher)))
        return Spalte(label, unit, max(self.stellen, 1))

    def _oben(self, tag: str) -> int:
        """Areas in the highest class at a date."""
        shown = self.stufen(tag).werte
        return int((self.klassen.zuordnen(shown) == self.klassen.anzahl - 1).sum())

    def jahre(self) -> Anzeige | None:
        """One small map per date with the same classes."""
        if self.leer or self.ist_anzahl or len(self.tage) < 2:
            return None
        days = self.tage[-4:]
        maps = {formats.datum(day): self.stufen(day) for day in days}
        row = formats.aufzaehlung(f"{self._oben(day)} ({day[:4]})" for day in days)
        return present.kleine_vielfache(
            self.gebiete,
            maps,
            kontext=self.kontext_alle,
            titel=self._titel("jahre", klasse=self._hoechste, reihe=row),
            kommunen=self.kommunen,
            tafel=TAFEL,
        )

    # --- a second indicator ------------------------------------------------------------------------

    @cached_property
    def gewicht(self) -> pd.Series | None:
        """Inhabitants per area; None where the region names no such indicator."""
        return self.daten.bevoelkerung(self.stichtag) if self.daten.region.seite.bevoelkerung else None

    def _andere(self) -> pd.DataFrame:
        """Values of all other indicators meant for comparing, and of the second one."""
        matrix = self.daten.matrix(stichtag=self.stichtag)
        return matrix.drop(columns=self.indikator, errors="ignore")

    def staerkste(self) -> Anzeige | None:
        """The indicators that vary most alike, with interval and n."""
        if self.leer or self.ist_anzahl:
            return None
        table = self.daten.indikatoren()
        rows = {
            key: zusammenhang.correlation(self.gezeigt, column, self.gewicht)
            for key, column in self._andere().items()
        }
        found = pd.DataFrame(
            {
                "name": table.loc[list(rows), "kurz"],
                **{k: {key: getattr(c, k) for key, c in rows.items()} for k in ("r", "low", "high", "n")},
            }
        ).dropna(subset=["low"])
        found = found.loc[found["r"].abs().sort_values(ascending=False, kind="stable").index].head(STAERKSTE)
        columns = {
            "name": Spalte(text("berichte.indikator")),
            "r": Spalte(self.text("r"), "", 2),
            "low": Spalte(self.text("unten"), "", 2),
            "high": Spalte(self.text("oben"), "", 2),
            "n": Spalte(self.kontext.sozialraum.mehrzahl, "", 0),
        }
        title = self._titel("staerkste")
        context = self.kontext_zu([self.indikator, *map(str, found.index)])
        return present.tabelle(found.set_index("name"), titel=title, kontext=context, spalten=columns)

    @cached_property
    def zweite(self) -> pd.DataFrame:
        """Value and status of the second indicator."""
        frame = self.daten.werte(self.p.vergleich, self.stichtag)
        return frame.set_index("gebiet_id").reindex(self.kommune.index)

    def nebeneinander(self) -> Anzeige | None:
        """Bivariate map with the second indicator."""
        if self.leer or not self.p.vergleich:
            return None
        other = self.spalten[self.p.vergleich]
        if not self.zweite["wert"].notna().any():
            return present.keine_daten(self.text("leer", name=other.label))
        return present.zweifach(
            self.gebiete,
            self.werte["wert"],
            self.zweite["wert"],
            kontext=self.kontext,
            titel=self._titel("zweifach", andere=other.label),
            spalten=(self.spalte, other),
            status=(self.werte["status"], self.zweite["status"]),
            kommunen=self.kommunen,
            tafel=TAFEL,
        )

    def zusammenhang(self) -> Anzeige | None:
        """Scatter plot with the second indicator."""
        if self.leer or not self.p.vergleich or not self.zweite["wert"].notna().any():
            return None
        other = self.spalten[self.p.vergleich]
        y = formats.sichtbar(self.zweite["wert"], self.zweite["status"])
        found = zusammenhang.correlation(self.gezeigt, y, self.gewicht)
        said = self.text("ohne_r", n=found.n)
        if pd.notna(found.low):
            said = self.text("mit_r", r=formats.zahl(found.r, 2), n=found.n, unten=formats.zahl(found.low, 2), oben=formats.zahl(found.high, 2))  # fmt: skip
        key = "streuung" if pd.notna(found.r) else "streuung_ohne"
        return present.streuung(
            self.gebiete,
            self.werte["wert"],
            self.zweite["wert"],
            kontext=self.kontext,
            titel=self._titel(key, andere=other.label, r=formats.zahl(found.r, 2)),
            spalten=(self.spalte, other),
            status=(self.werte["status"], self.zweite["status"]),
            gerade=(found.intercept, found.slope) if pd.notna(found.slope) else None,
            befund=said,
            kommunen=self.kommunen,
            tafel=TAFEL,
        )

    # --- numbers -------------------------------------------------------------------------------------

    def _frame(self) -> tuple[pd.DataFrame, dict[object, Spalte], pd.DataFrame]:
        """Everything the page shows of each area, its headings, and the reasons for gaps."""
        state = self.werte["status"]
        frame = pd.DataFrame({"wert": self.werte["wert"]})
        status = pd.DataFrame({"wert": state})
        columns: dict[object, Spalte] = {"name": Spalte(self.kontext.sozialraum.einzahl), "wert": self.spalte}
        if not self.ist_anzahl and self.werte["nenner"].notna().any():
            for key, name in (("zaehler", "faelle"), ("nenner", "basis")):
                frame[key], status[key], columns[key] = self.werte[key], state, Spalte(self.text(name), "", 0)
        frame["rang"] = self.gezeigt.rank(ascending=False, method="min")
        status["rang"], columns["rang"] = (
            state.where(state.isin(formats.OHNE_WERT), "wert"),
            Spalte(self.text("rang"), "", 0),
        )
        for day in [day for day in self.tage if day != self.stichtag]:
            frame[f"wert_{day}"], status[f"wert_{day}"] = self.breit("wert")[day], self.breit("status")[day]
            columns[f"wert_{day}"] = Spalte(formats.datum(day), self.spalte.einheit, self.stellen)
        if self.vorher and not self.ist_anzahl:
            state = self.wandel["status"]
            frame["wandel"], status["wandel"] = self.wandel["differenz"], state
            columns["wandel"] = self._wandelspalte
            if self.ist_anteil:
                frame["sicher"] = self.wandel["sicher"].map(
                    {True: text("berichte.ja"), False: text("berichte.nein")}, na_action="ignore"
                )
                frame["sicher"] = frame["sicher"].where(frame["sicher"].notna() & frame["wandel"].notna(), "")
                columns["sicher"] = Spalte(self.text("sicher_veraendert"))
        if self.p.vergleich:
            frame["vergleich"], status["vergleich"] = self.zweite["wert"], self.zweite["status"]
            columns["vergleich"] = self.spalten[self.p.vergleich]
        converted = self.breit("umgerechnet").eq(True) & self.breit("wert").notna()
        if converted.any(axis=None):
            frame["umgerechnet"] = [
                formats.aufzaehlung(formats.datum(day) for day in self.tage if row[day])
                for _, row in converted.iterrows()
            ]
            columns["umgerechnet"] = Spalte(self.text("umgerechnet"))
        if (self.ausreisser != 0).any():
            words = {0: "", 1: self.text("weit_oben"), -1: self.text("weit_unten")}
            frame["auffaellig"], columns["auffaellig"] = (
                self.ausreisser.map(words),
                Spalte(self.text("auffaellig")),
            )
        frame["kommune"] = self.kommune.map(self.kommunen["name"])
        columns["kommune"] = Spalte(self.kontext.kommune.einzahl)
        if self.p.kommune:
            frame = frame.loc[self.gewaehlt]
        status = status.loc[frame.index]
        frame.index = status.index = pd.Index(self.namen[frame.index], name="name")
        return frame, columns, status

    def tabelle(self) -> Anzeige | None:
        if self.leer:
            return None
        frame, columns, status = self._frame()
        return present.tabelle(
            frame,
            titel=self._titel("tabelle"),
            kontext=self.kontext_alle,
            spalten=columns,
            status=status,
            id=TAFEL,
        )

    def gebietevergleich(self) -> Anzeige | None:
        """The chosen areas side by side over the main indicators, the region beside them."""
        if not self.p.gebiete:
            return None
        catalogue = self.daten.indikatoren()
        table = catalogue.loc[self.kern_aus(catalogue)]
        whole = self.daten.region.seite.schluessel_region
        places = [*dict.fromkeys(self.p.gebiete), whole]
        found = self.daten.werte(list(table.index), self.stichtag, level=None)
        found = found[found["gebiet_id"].isin(places)]
        table = table[table.index.isin(found.loc[found["wert"].notna(), "indikator_id"])]
        if table.empty:
            return None
        wide = {
            name: found.pivot(index="indikator_id", columns="gebiet_id", values=name).reindex(
                index=table.index, columns=places
            )
            for name in ("wert", "status")
        }
        rows = [f"{row.kurz} ({row.einheit})" if row.einheit else str(row.kurz) for row in table.itertuples()]
        for frame in wide.values():
            frame.index = pd.Index(rows, name="name")
        heads = {key: Spalte(self.kontext.region if key == whole else key) for key in places}
        chosen = "; ".join(self.ort(key) for key in places[:-1])
        return present.tabelle(
            wide["wert"],
            titel=self.text("titel.gebietevergleich", gebiete=chosen),
            kontext=self.daten.kontext(self.stichtag, list(table.index)),
            spalten={"name": Spalte(text("berichte.indikator")), **heads},
            status=wide["status"],
            stellen=[int(places) for places in table["nachkommastellen"]],
            gruppen=[self.daten.region.themen[str(thema)].name for thema in table["thema"]],
            id="gebietevergleich",
        )

    def lang(self) -> pd.DataFrame:
        """All dates of all areas, one row per value, as other programs want it."""
        frame = self.alle_werte.copy()
        frame["wert"] = formats.sichtbar(frame["wert"], frame["status"])
        hidden = frame["status"].isin(formats.OHNE_WERT)
        frame.loc[hidden, ["zaehler", "nenner"]] = float("nan")
        return pd.DataFrame(
            {
                "sozialraum_id": frame["gebiet_id"],
                "kommune": frame["gebiet_id"].map(self.kommune).map(self.kommunen["name"]),
                "indikator_id": frame["indikator_id"],
                "stichtag": frame["stichtag"],
                "wert": frame["wert"],
                "zaehler": frame["zaehler"],
                "nenner": frame["nenner"],
                "einheit": self.spalte.einheit,
                "status": frame["status"],
                "umgerechnet": frame["umgerechnet"].eq(True),
                "sperrgrund": frame["status"].where(hidden, ""),
                "quelle": str(self.katalog["quelle"][self.indikator]),
                "stand": frame["datenstand"],
                "hinweis": self.kontext.marke,
            }
        )

    def anhang(self) -> Anhang | None:
        """Files of the whole page: workbook of the table, long CSV of all dates."""
        table = self.tabelle()
        if table is None or table.tafel is None:
            return None
        facts = {
            text("berichte.indikator"): f"{self.indikator} {self.katalog['name'][self.indikator]}",
            self.text("definition"): str(self.katalog["definition"][self.indikator]),
            self.text("lizenz"): str(self.katalog["lizenz"][self.indikator]),
        }
        long = present.tafel(
            self.lang().set_index("sozialraum_id"), titel=self._titel("lang"), kontext=self.kontext_alle
        )
        files = {
            "xlsx": present.arbeitsmappe([table.tafel], self.kontext_alle, metadaten=facts),
            "csv": present.csv(long, technisch=True),
        }
        words = {"xlsx": self.text("datei_xlsx"), "csv": self.text("datei_csv")}
        return Anhang(files, words, titel=self.text("dateien"))

    def methode(self) -> Anzeige:
        limits = formats.aufzaehlung(self.klassen.beschriftung(self.spalte.einheit))
        way = self.text(f"einteilung.{self.p.einteilung}")
        parts = [self.text("methode", einteilung=way, grenzen=limits), self.text("methode_alle")]
        if not self.ist_anzahl:
            parts[1:] = [self.text(f"methode_{part}") for part in ("anteile", "alle", "vergleich")]
        return present.methode("\n\n".join(parts))
