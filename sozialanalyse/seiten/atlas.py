"""Any indicator on a map, as ranking, over time, beside another one: the findings of ``atlas.ipynb``."""

from __future__ import annotations

import itertools
import math
from functools import cached_property
from typing import Literal

import pandas as pd
from pydantic import Field, ValidationInfo, field_validator, model_validator

from sozialanalyse import analyse, present
from sozialanalyse.base import text, zahl_knapp
from sozialanalyse.present import Anzeige, Eingabefeld, Kennzahl, Klassen, Spalte, Verweis, formats
from sozialanalyse.seiten.grundlage import (
    GESAMT,
    MEISTE_GEBIETE,
    Gebiete,
    Indikator,
    Parameter,
    Wunsch,
    auf_karte,
)
from sozialanalyse.seiten.teile.atlas_daten import TAFEL
from sozialanalyse.seiten.teile.atlas_zahlen import AtlasZahlen
from sozialanalyse.seiten.teile.saetze import Saetze
from sozialanalyse.seiten.teile.zahlen import Zahlen

STAERKSTE = 6
GENANNTE = 5
"""So many areas far from the others are named; of more the furthest."""


class AtlasParameter(Parameter):
    """What the atlas is asked for."""

    indikator: Indikator = ""
    """Id of the indicator; empty for the first of the catalogue."""
    vergleich: Indikator = ""
    """Second indicator beside the first; empty for none."""
    einteilung: Literal["gleich", "quantil", "natuerlich", "standardabweichung", "manuell"] = "quantil"
    klassen: int = 5
    grenzen: list[float] = Field(default_factory=list)
    """Inner limits of the classes; with them the way of classing is ``manuell``."""
    seit: str = ""
    """Earlier reference date of the change map; empty for the oldest."""
    gebiete: Gebiete = Field(default_factory=list)
    """Areas chosen for comparing."""

    @field_validator("klassen")
    @classmethod
    def _klassen(cls, value: int) -> int:
        if not 2 <= value <= 9:
            raise ValueError(f"„{value}“ ist nicht möglich: Es können 2 bis 9 Klassen gebildet werden.")
        return value

    @field_validator("grenzen", mode="before")
    @classmethod
    def _grenzen(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        try:
            limits = [float(limit) for limit in _getippt(value)]
        except ValueError:
            raise ValueError(
                "Klassengrenzen sind Zahlen, mit Semikolon getrennt, zum Beispiel 5; 7,5; 12."
            ) from None
        if (
            len(limits) > 8
            or not all(map(math.isfinite, limits))
            or any(b <= a for a, b in itertools.pairwise(limits))
        ):
            raise ValueError("Klassengrenzen sind eine bis acht aufsteigende Zahlen.")
        return limits

    @field_validator("seit", mode="before")
    @classmethod
    def _seit(cls, value: object, info: ValidationInfo) -> object:
        return value if value == "" else cls._stichtag(value, info)

    @field_validator("gebiete")
    @classmethod
    def _wenige(cls, value: list[str]) -> list[str]:
        if len(value) > MEISTE_GEBIETE:
            raise ValueError(f"Es lassen sich höchstens {MEISTE_GEBIETE} Gebiete vergleichen.")
        return value

    @model_validator(mode="before")
    @classmethod
    def _grenzen_gehen_vor(cls, values: object) -> object:
        """Limits that are given are meant, whatever way of classing stands beside them."""
        if isinstance(values, dict) and values.get("grenzen"):
            return {**values, "einteilung": "manuell"}
        return values

    @model_validator(mode="after")
    def _manuell(self) -> AtlasParameter:
        if self.einteilung == "manuell" and not self.grenzen:
            raise ValueError("Zur Einteilung „manuell“ gehören „grenzen“, zum Beispiel 5; 7,5; 12.")
        return self


def _getippt(limits: list[object]) -> list[str]:
    """Limits as a reader types them, „5; 7,5; 12“: the link was cut at every comma already."""
    whole = ",".join(map(str, limits))
    if ";" not in whole:
        return [str(limit) for limit in limits]
    return [part.strip().replace(",", ".") for part in whole.split(";") if part.strip()]


class AtlasBericht(AtlasZahlen):
    """One indicator in space and time, beside a second one where asked for."""

    notebook = "atlas"
    parameter = AtlasParameter
    gruppe, rang, einstieg = "auswertungen", 10, 4
    plan = (Wunsch(GESAMT), Wunsch(fuer=("indikator",)))

    # --- words --------------------------------------------------------------------------------------

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
                Verweis(str(row["kurz"]), self.adresse("indikator", str(key)))
                for key, row in table[table["thema"] == name].iterrows()
            ]
            for name, thema in self.daten.region.themen.items()
        }

    @property
    def zur_wahl(self) -> list[tuple[str, str, str]]:
        """Every indicator with its name and topic, in the order of the catalogue."""
        table, topics = self.daten.indikatoren(), self.daten.region.themen
        return [
            (str(key), str(row["kurz"]), topics[row["thema"]].name)
            for thema in topics
            for key, row in table[table["thema"] == thema].iterrows()
        ]

    def auswahl(self) -> Anzeige:
        """Choice of indicator and classes; on a finished page the list of the other indicators."""
        if self.statisch:
            here = self.adresse("indikator", self.indikator)
            return present.verzeichnis(self.verzeichnis_gruppen, titel=self.text("andere"), aktuell=here)
        keys = self.zur_wahl
        ways = [
            (name, self.text(f"einteilung.{name}"))
            for name in ("quantil", "gleich", "natuerlich", "standardabweichung")
        ]
        return self._auswahl(
            [
                Eingabefeld("indikator", text("berichte.indikator"), keys),
                Eingabefeld("vergleich", self.text("vergleich"), [("", self.text("ohne")), *keys]),
                Eingabefeld("einteilung", self.text("einteilung_name"), ways),
                Eingabefeld("klassen", self.text("klassen"), [(str(n), str(n)) for n in range(2, 10)]),
                Eingabefeld(
                    "gebiete",
                    self.text("gebiete"),
                    hilfe=self.text("gebiete_hilfe", beispiel=", ".join(map(str, self.kommune.index[:2]))),
                ),
                Eingabefeld("grenzen", self.text("grenzen"), hilfe=self.text("grenzen_hilfe")),
            ]
        )

    def _aktuell(self) -> dict[str, str]:
        way = "quantil" if self.p.grenzen else self.p.einteilung
        limits = "; ".join(zahl_knapp(limit, 15, tausender=False) for limit in self.p.grenzen)
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

    def kennzahl(self) -> Kennzahl | None:
        """Value of the region, and what it was before."""
        value = self.region.get(self.stichtag)
        if self.leer or value is None or pd.isna(value):
            return None
        before = self.region.get(self.vorher) if self.vorher else None
        then = ""
        if before is not None and pd.notna(before):
            then = self.text("damals", jahr=str(self.vorher)[:4], wert=self.zahl(before))
        return Kennzahl(self.zahl(value), self.text("kennzahl", name=self.spalte.label), then)

    def bild(self) -> Anzeige | None:
        return self.karte()

    def kurzfassung(self) -> Anzeige:
        """Level, ends, change and gaps in sentences."""
        if self.leer:
            return self._keine_daten()
        order = self.gezeigt.dropna().sort_values(kind="stable")
        out = []
        value = self.region.get(self.stichtag)
        if value is not None and pd.notna(value):
            above = formats.zahl(int((order > value).sum()))
            key = "summe" if self.ist_anzahl or len(order) < 2 else "region"
            out.append(self.text(f"satz.{key}", wert=self.zahl(value), n=len(order), ueber=above))
        low, high = str(order.index[0]), str(order.index[-1])
        ends = {
            "n": formats.zahl(len(order)),
            "hoch": self.ort(high),
            "hochwert": self.zahl(order[high]),
            "tief": self.ort(low),
            "tiefwert": self.zahl(order[low]),
        }
        out.append(self.text(f"satz.{self._ohne_enden.removeprefix('_') or 'enden'}", **ends))
        if self.katalog["polaritaet"][self.indikator] < 0 and len(order) > 1:
            out.append(self.text("satz.umgekehrt"))
        if self.vorher:
            out.append(self._satz_wandel())
        far = self.ausreisser[self.ausreisser != 0].index
        if len(far):
            away = (
                (self.gezeigt[far] - self.gezeigt.median()).abs().sort_values(ascending=False, kind="stable")
            )
            named = "; ".join(
                self.ort(str(g)) for g in (far if len(far) <= GENANNTE else away.index[:GENANNTE])
            )
            kind = "ausreisser" if len(far) <= GENANNTE else "ausreisser_viele"
            out.append(self.text(f"satz.{kind}", gebiete=named, n=formats.zahl(len(far))))
        missing = formats.luecken(self.gezeigt, self.werte["status"])
        if missing:
            parts = formats.aufzaehlung(
                f"{formats.zahl(n)} {formats.status_wort(s)}" if len(missing) > 1 else formats.status_wort(s)
                for s, n in missing.items()
            )
            counts = {"n": sum(missing.values()), "alle": len(self.gezeigt)}
            out.append(self.text("satz.luecken", teile=parts, **counts))
        return present.kurzfassung(out)

    def einfache_saetze(self) -> list[str]:
        """The number of the region, its change, the ends and the gaps."""
        if self.leer:
            return []
        numbers = Zahlen(self.daten, self.stichtag, [self.indikator])
        names = pd.concat(
            [self.namen, self.kommunen["name"], pd.Series({numbers.region: self.kontext.region})]
        )
        s = Saetze(numbers, self.kontext, names, "einfach")
        out = [self.leicht("was")]
        if pd.notna(numbers.wert.at[numbers.region, self.indikator]):
            said = s.verlauf(numbers.region, self.indikator) or s.lage(numbers.region, self.indikator)
            out.append(self.leicht("region", satz=said))
        order = self.gezeigt.dropna().sort_values(kind="stable")
        if not self._ohne_enden:
            low, high = float(order.iloc[0]), float(order.iloc[-1])
            ends = {"hoch": self.ort(str(order.index[-1])), "hochwert": s.zahl(high, self.indikator, low),
                    "tief": self.ort(str(order.index[0])), "tiefwert": s.zahl(low, self.indikator, high)}  # fmt: skip
            out.append(self.leicht("enden", **ends))
        elif len(order) > 1:
            out.append(self.leicht("gleich"))
        if missing := len(self.gezeigt) - len(order):
            out.append(self.leicht("luecke" if missing == 1 else "luecken", anzahl=formats.zahl(missing)))
        return out

    @property
    def _ohne_enden(self) -> str:
        """Why no value is the highest: a single one, or all printed alike; empty if one is."""
        known = self.gezeigt.dropna()
        if len(known) < 2:
            return "_einer"
        return "_gleich" if self.zahl(known.min()) == self.zahl(known.max()) else ""

    def _satz_wandel(self) -> str:
        kind = self._wandelart()
        count = "_anzahl" if kind == "wandel" and self.ist_anzahl else ""
        return self.text(f"satz.{kind}{count}", **self._wandelworte())

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

    # --- figures ------------------------------------------------------------------------------------

    def werkzeug(self) -> Anzeige | None:
        """Place of filter and comparison; the script of the page fills it."""
        if self.leer:
            return None
        value = self.region.get(self.stichtag)
        region = "" if value is None or pd.isna(value) else f"{self.kontext.region}: {self.zahl(value)}"
        return present.werkzeug(TAFEL, "wert", kontext=self.kontext, region=region)

    def karte(self, *, allein: bool = False) -> Anzeige | None:
        """Map of the date: classes for rates, circles for counts; ``allein`` without the table of the page."""
        if self.leer:
            return None
        common = {
            "kontext": self.kontext,
            "kommunen": self.kommunen,
            "hervorheben": self.p.gebiete[0] if self.p.gebiete else None,
            "tafel": None if allein else TAFEL,
        }
        top = str(self.gezeigt.idxmax())
        title = self._titel(
            f"karte{self._ohne_enden}", gebiet=self.namen[top], wert=self.zahl(self.gezeigt[top])
        )
        if self.ist_anzahl:
            return present.symbolkarte(
                self.gebiete,
                self.werte["wert"],
                self.spalte,
                status=self.werte["status"],
                titel=title,
                **common,  # type: ignore[arg-type]
            )
        return present.choropleth(self.gebiete, self.stufen(self.stichtag), titel=title, **common)  # type: ignore[arg-type]

    @auf_karte
    def bewegliche_karte(self) -> Anzeige | None:
        """Map to pan and zoom; finished pages keep to drawings, which need no script."""
        if self.leer or self.ist_anzahl or self.statisch or self.gebiete.crs is None:
            return None
        return present.hintergrundkarte(
            self.gebiete,
            self.stufen(self.stichtag),
            kontext=self.kontext,
            titel=self._titel("beweglich"),
            kommunen=self.kommunen,
            dienst=self.daten.region.seite.hintergrundkarte,
            dateien=f"{self.dateien}/leaflet" if self.live else "",
            tafel=TAFEL,
        )

    @auf_karte
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
        title = self._titel(
            "rangfolge_gleich" if self._ohne_enden else "rangfolge", spanne=span, wert=self.zahl(high)
        )
        return present.rangfolge(
            self.gebiete,
            self.stufen(self.stichtag),
            kontext=self.kontext,
            titel=title,
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
            self.spalte,
            kontext=self.kontext_alle,
            titel=self._titel(key, **values),
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
        classes = Klassen((-step, -half, half, step), "manuell", max(self.stellen, 1), spiegelbildlich=True)
        title = self._titel(self._wandelart(), **self._wandelworte())
        days = tuple(formats.datum(day) for day in (self.vorher, self.stichtag))
        steps = present.einstufen(
            change,
            self._wandelspalte,
            status=self.wandel["status"],
            klassen=classes,
            skala="divergierend",
            richtung=self.richtung,
            ruhig=self.wandel["sicher"].eq(False),
            ruhig_wort=self.text("im_zufall"),
        )
        return present.choropleth(
            self.gebiete,
            steps,
            kontext=self.kontext_alle.mit(tage=days),
            titel=title,
            kommunen=self.kommunen,
            tafel=TAFEL,
        )

    def _oben(self, tag: str) -> int:
        """Areas in the highest class at a date."""
        shown = self.stufen(tag).werte
        return int((self.klassen.zuordnen(shown) == self.klassen.anzahl - 1).sum())

    @auf_karte
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

    # --- a second indicator -------------------------------------------------------------------------

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
            key: analyse.zusammenhang.correlation(self.gezeigt, column, self.gewicht)
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
        found = analyse.zusammenhang.correlation(self.gezeigt, y, self.gewicht)
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

    # --- method -------------------------------------------------------------------------------------

    def methode(self) -> Anzeige:
        limits = formats.aufzaehlung(self.klassen.beschriftung(self.spalte.einheit))
        way = self.text(f"einteilung.{self.p.einteilung}")
        parts = [self.text("methode", einteilung=way, grenzen=limits), self.text("methode_alle")]
        if not self.ist_anzahl:
            parts[1:] = [self.text(f"methode_{part}") for part in ("anteile", "alle", "vergleich")]
        if self.raenge is not None:
            parts.insert(2, self.text("methode_rang"))
        return present.methode("\n\n".join(parts))
