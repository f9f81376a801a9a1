"""The start page: what this is, what was found, where to go on: ``index.ipynb``."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import DatenFehler, SozialanalyseFehler, text
from sozialanalyse.present import Anzeige, Kennzahl, Treffer, Verweis, formats
from sozialanalyse.region import orte
from sozialanalyse.seiten.cluster import UNSICHER, ClusterBericht
from sozialanalyse.seiten.grundlage import Parameter, Seite, bedienung, seite, seiten
from sozialanalyse.seiten.varianz import VarianzBericht

LISTE = "orte"
"""Id of the list of all places."""


class IndexBericht(Seite[Parameter]):
    """Finding of the region, entrances by question, search."""

    notebook = "index"
    rang = 0
    regionsdateien = (orte.DATEI,)

    @cached_property
    def indikatoren(self) -> list[str]:
        return self.daten.vergleichbar(self.stichtag)

    def kurzfassung(self) -> Anzeige:
        """The finding in three sentences with their uncertainty, from results the main reports keep."""
        out: list[str] = []
        try:
            if self._berichte:
                out += self._unterschiede(self._berichte[0])
                out += self._typen(self._berichte[1])
        except SozialanalyseFehler as error:
            out.append(str(error))
        if self._warum_nicht:
            out.append(self._warum_nicht)
        return present.kurzfassung(out, titel=self.text("befund"))

    @cached_property
    def _berichte(self) -> tuple[VarianzBericht, ClusterBericht] | None:
        """Pages on differences and on types of the same date; None where the data do not carry them."""
        given: dict[str, Any] = {
            "daten": self.daten,
            "stichtag": self.p.stichtag,
            "audience": self.p.audience,
        }
        try:
            return VarianzBericht(**given), ClusterBericht(**given)
        except SozialanalyseFehler as error:
            self._warum_nicht = str(error)
            return None

    _warum_nicht = ""

    def kennzahl(self) -> Kennzahl | None:
        towns = {"orte": formats.zahl(self.kommune.nunique())}
        return Kennzahl(formats.zahl(len(self.kommune)), self.text("kennzahl", **towns))

    def bild(self) -> Anzeige | None:
        """The way in: a map whose areas are links to their profiles, in the colours of the types."""
        targets = {key: self._profil(self._wurzel, "sozialraum", key) for key in map(str, self.kommune.index)}
        common: dict[str, Any] = {
            "kontext": self.kontext, "kommunen": self.kommunen, "ziele": targets, "tafel": LISTE,
        }  # fmt: skip
        types = self._typen_bericht
        if types is not None:
            title = self.text("karte", k=formats.zahl(types.ergebnis.k))
            return present.typenkarte(
                self.gebiete, types.ergebnis.labels, titel=title, namen=types.typnamen, **common
            )
        if not self.fakten:
            return None
        key = self.fakten[0]
        column = self.spalten[key]
        steps = present.einstufen(
            self._faktenwerte[key],
            column,
            status=self._fakten_status[key],
            richtung=int(self.katalog.at[key, "polaritaet"]),
        )
        return present.choropleth(
            self.gebiete, steps, titel=self.text("karte_wert", name=column.label), **common
        )

    @property
    def _typen_bericht(self) -> ClusterBericht | None:
        """The page on types, if there are types to show."""
        types = self._berichte[1] if self._berichte else None
        return types if types is not None and not types.hindernis and types.ergebnis.k > 1 else None

    @cached_property
    def fakten(self) -> list[str]:
        """Indicators a card tells of an area: main ones about need, one of each topic, else the first ones."""
        about = self.je_thema(self.kern_bedarf(self.katalog), self.katalog["thema"].to_dict())
        others = [key for key in self.katalog.index if self.katalog.at[key, "art"] != "anzahl"]
        return list(dict.fromkeys([*about, *others]))[:3]

    @cached_property
    def _faktenwerte(self) -> pd.DataFrame:
        return self.daten.matrix(self.fakten, self.stichtag).reindex(self.kommune.index)

    @cached_property
    def _fakten_status(self) -> pd.DataFrame:
        found = self.daten.matrix(self.fakten, self.stichtag, spalte="status")
        return found.reindex(self.kommune.index).fillna("unbekannt")

    def _karteikarte(self, gebiet: str) -> list[str]:
        """Type of an area and three facts, as the card on the map shows them."""
        out = []
        types = self._typen_bericht
        if types is not None and pd.notna(kind := types.ergebnis.labels.get(gebiet)):
            out.append(present.typname(int(kind), types.typnamen))
        for key in self.fakten:
            column, state = self.spalten[key], str(self._fakten_status.at[gebiet, key])
            value = self._faktenwerte.at[gebiet, key]
            told = (
                formats.wert(value, column.einheit, column.nachkommastellen or 0)
                if pd.notna(value)
                else formats.status_wort(state)
            )
            out.append(f"{column.label}: {told}")
        return out

    def einfache_saetze(self) -> list[str]:
        counts = {"alle": formats.zahl(len(self.kommune)), "orte": formats.zahl(self.kommune.nunique())}
        out = [self.leicht("was" if self.kommune.nunique() > 1 else "was_eins", **counts)]
        if self.bild() is not None:
            out.append(self.leicht("karte"))
        out.append(self.leicht("suche"))
        if self._berichte:
            differences, types = self._berichte
            out += types.einfach_gruppen() if not types.hindernis else []
            out += differences.einfach_bruecke() if not differences.hindernis else []
        return out

    def antwort(self) -> Anzeige:
        """The search before the sentences: both lead on from here."""
        return present.folge([self.suche(), self.kurzfassung()])

    def bruecke(self) -> Anzeige:
        """The finding of the whole product as one picture; nothing where it cannot be told."""
        found = None
        if self._berichte and not self._berichte[0].hindernis:
            found = self._berichte[0].bruecke_bild()
        return found or present.folge([])

    def _unterschiede(self, bericht: VarianzBericht) -> list[str]:
        """Kommune and type of area, within or between, and where municipalities differ most."""
        if bericht.hindernis:
            return [bericht.hindernis]
        table = bericht.ergebnis.table.loc[bericht.entschieden].dropna(subset=["share_low", "share_high"])
        if table.empty:
            return [text("variance.gesamt.alle_offen", **self.worte)]
        verdicts = bericht.ergebnis.verdicts[table.index]
        first = self._innen(verdicts)
        most = str(table["share_structural"].idxmax())
        row = table.loc[most]
        second = self.text(
            "satz.groesster",
            name=str(bericht.katalog["name"][most]),
            anteil=formats.anteil(row["share_structural"]),
            unten=formats.anteil(row["share_low"]),
            oben=formats.anteil(row["share_high"]),
        )
        return [*bericht.bruecke_satz(), first, second]

    def _innen(self, urteile: pd.Series) -> str:
        """For how many indicators areas differ rather within, and for how many of these that is certain."""
        inside, sure = urteile.str.startswith("innen"), urteile == "innen_sicher"
        if len(urteile) == 1:
            certain = "sicher" if urteile.str.endswith("sicher").all() else "unsicher"
            key = "satz.ein_innen" if inside.all() else "satz.ein_zwischen"
            return self.text(key, sicher=self.text(f"satz.eins_{certain}"))
        many = formats.zahl(sure.sum()) if sure.any() else self.text("satz.keinem")
        return self.text(
            "satz.innen", innen=formats.zahl(inside.sum()) if inside.any() else self.text("satz.keinem"),
            alle=formats.zahl(len(urteile)), sicher=many,
        )  # fmt: skip

    def _typen(self, bericht: ClusterBericht) -> list[str]:
        """How many types, how distinct, how many areas are not clear."""
        if bericht.hindernis:
            return [bericht.hindernis]
        found = bericht.ergebnis
        if found.k == 1:
            return [self.text("satz.kein_typ")]
        homes = pd.DataFrame({"typ": found.labels, "kommune": self.kommune}).dropna()
        spread = homes.groupby("typ")["kommune"].nunique()
        unsure = int(found.assignment["einordnung"].isin(UNSICHER).sum())
        key = "typen" if found.distinct else "typen_fliessend"
        return [
            self.text(
                f"satz.{key}",
                k=formats.zahl(found.k),
                orte=formats.spanne(spread.min(), spread.max(), "", 0)
                if spread.min() < spread.max()
                else formats.zahl(spread.max()),
                unsicher=formats.zahl(unsure),
                alle=formats.zahl(found.labels.notna().sum()),
            )
        ]

    @cached_property
    def leere(self) -> set[str]:
        """Notebooks that have no page because there is nothing to compare."""
        try:
            self.daten.auswahl(None, None, self.stichtag)
        except DatenFehler:
            return {name for name, kind in seiten().items() if kind.vergleicht}
        return set()

    def ziel(self, notebook: str) -> str:
        """Address of a report, seen from the folder of this one."""
        whole = seite(notebook).hat_gesamt()
        if self.bedienung:
            return bedienung.verweis(notebook)
        if self.live and whole:
            return f"/live/{notebook}"
        root = "/berichte/" if self.live else "../"
        return f"{root}{notebook}/gesamt.html" if whole else f"{root}index.html#f-{notebook}"

    def fragen(self) -> Anzeige:
        """Entrances by question."""
        asked = sorted((kind for kind in seiten().values() if kind.einstieg), key=lambda kind: kind.einstieg)
        links = [
            Verweis(
                text(f"berichte.{kind.notebook}.einstiegsfrage", **self.worte),
                self.ziel(kind.notebook),
                kind.wozu(**self.worte),
            )
            for kind in asked
            if kind.notebook not in self.leere and kind.moeglich(self.daten)
        ]
        return present.verweise(links, titel=self.text("einstieg"))

    def _profil(self, root: str, art: Literal["kommune", "sozialraum"], key: str) -> str:
        """Address of the profile of a place."""
        name = {"kommune": "kommunalprofil", "sozialraum": "sozialraumprofil"}[art]
        return (
            bedienung.verweis(name, **{art: key})
            if self.bedienung
            else f"{root}{name}/{self.adresse(art, key)}"
        )

    def suche(self) -> Anzeige:
        """All areas and Kommunen with their other names; the script of the page makes a search of it."""
        root = self._wurzel
        areas, towns = self.daten.verzeichnis("sozialraum"), self.daten.verzeichnis("kommune")
        known = pd.concat([towns["name"], areas["name"]]).fillna("")
        places = orte.lade(self.daten.region.ordner, dict(known))
        entries = [
            Treffer(
                str(self.kommunen["name"][key]),
                self._profil(root, "kommune", str(key)),
                self.kontext.kommune.einzahl,
                [*_andere(row["aliase"]), *places.get(str(key), [])],
            )
            for key, row in towns.iterrows()
        ]
        entries += [
            Treffer(
                str(self.namen[key]),
                self._profil(root, "sozialraum", str(key)),
                str(self.kommunen["name"][row["oberhalb"]]),
                [*_andere(row["aliase"]), *places.get(str(key), [])],
                str(key),
                self._karteikarte(str(key)),
            )
            for key, row in areas.iterrows()
        ]
        return present.suche(entries, titel=self.text("suche"), vorwahl=entries[: len(towns)], id=LISTE)

    @property
    def _wurzel(self) -> str:
        """Folder of all pages, seen from this one."""
        return "/berichte/" if self.live else "../"


def _andere(aliase: object) -> list[str]:
    """Names a reader may type; keys of registers are left out."""
    names = aliase if isinstance(aliase, list | tuple) else str(aliase or "").split("|")
    return [name for name in map(str, names) if any(sign.isalpha() for sign in name)]
