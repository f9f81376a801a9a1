"""One topic over the whole region, led by questions: the findings of ``themenreport.ipynb``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import DatenFehler
from sozialanalyse.present import Anzeige, Eingabefeld, Kennzahl, Spalte, formats
from sozialanalyse.region import redaktion
from sozialanalyse.seiten.grundlage import Parameter, Report, Wunsch
from sozialanalyse.seiten.teile.profil import Profil

HAELFTE_AB = 8
"""With fewer known areas nothing is said of their middle half."""
AUFFAELLIG = 2
"""So many indicators of a topic must be clearly on the side of more need."""


class ThemenreportParameter(Parameter):
    """What a topic report is asked for; without a report the first one is shown."""

    report: Report = ""


class ThemenreportBericht(Profil[ThemenreportParameter]):
    """Questions, numbers, places to look at and options to discuss."""

    notebook = "themenreport"
    parameter = ThemenreportParameter
    gruppe, rang, einstieg = "profile", 60, 5
    plan = (Wunsch(fuer=("report",)),)
    liste = "publish.index.berichte"
    pdf, papier = "bericht", "pptx"
    redigiert = ("report", "fragenkapitel")

    mit_typen = False

    @cached_property
    def seite(self) -> redaktion.Themenseite:
        pages = redaktion.themen(self.daten.region.ordner)
        if not pages:
            raise DatenFehler(self.text("keine_seite"))
        return pages[self.p.report] if self.p.report else next(iter(pages.values()))

    @property
    def ort_id(self) -> str:
        return self.seite.id

    @property
    def alle_orte(self) -> dict[str, str]:
        return {key: page.titel for key, page in redaktion.themen(self.daten.region.ordner).items()}

    @cached_property
    def indikatoren(self) -> list[str]:
        """Indicators of the questions that have values on that date, and the number of residents."""
        frame = self.daten.werte(stichtag=self.stichtag, level=None)
        there = set(frame.dropna(subset="wert")["indikator_id"])
        known = set(self.daten.indikatoren().index)
        unknown = [key for key in self.seite.indikatoren if key not in known]
        if unknown:
            raise DatenFehler(self.text("unbekannt", report=self.seite.id, indikatoren=", ".join(unknown)))
        return [key for key in self.seite.indikatoren if key in there]

    @property
    def ortsname(self) -> str:
        return self.seite.titel

    @property
    def orte(self) -> list[str]:
        return [self.region_id, *self.kommunen_folge, *self.kommune.index]

    @cached_property
    def kommunen_folge(self) -> list[str]:
        return sorted(self.kommunen.index, key=lambda k: formats.sortierschluessel(self.kommunen["name"][k]))

    def kopf(self) -> Anzeige:
        bare = not (self.live or self.statisch)
        return present.kopf(
            self.text("titel", titel=self.seite.titel), self.seite.frage, self.kontext, stil=bare
        )

    def auswahl(self) -> Anzeige | None:
        if self.statisch:
            return None
        pages = redaktion.themen(self.daten.region.ordner).values()
        return self._auswahl([Eingabefeld("report", self.text("report"), [(p.id, p.titel) for p in pages])])

    def kurzfassung(self) -> Anzeige:
        """One sentence per question: value of the region and the range of the municipalities."""
        found = ([key for key in frage.indikatoren if key in self.indikatoren] for frage in self.seite.fragen)
        first = [keys[0] for keys in found if keys]
        numbers = self.zahlen.wert.loc[[self.region_id, *self.kommunen_folge], first].to_numpy().ravel()
        numbers = [*numbers.tolist(), *self.spannen(self.kommune.index, first)]
        return self.kurz([self._antwortsatz(key) for key in first], numbers)

    def _antwortsatz(self, key: str) -> str:
        """What answers a question: the region's value, in how many areas need is clearly greater and how many cases
        are there, where it is greatest. Without a value of the region the range, as far as it is known."""
        z, s = self.zahlen, self.saetze()
        whole, side = z.wert.at[self.region_id, key], self._bedarfsseite(key)
        areas = z.wert.loc[self.kommune.index, key].dropna()
        if pd.isna(whole) or self.katalog.at[key, "art"] == "anzahl" or len(areas) < 2:
            return self._regionssatz(key)
        clear = (
            z.zur_region.loc[areas.index, key].eq(f"deutlich_{side}") & ~z.ungeprueft.loc[areas.index, key]
        )
        told = [
            self.text(
                "antwort.wert",
                subjekt=s.subjekt(key),
                ort=self.kontext.region_ebene.ort,
                wert=s.zahl(whole, key),
            )
        ]
        if z.ungeprueft.loc[areas.index, key].all():
            return self._regionssatz(key)
        n, cases = int(clear.sum()), z.zaehler.loc[areas.index[clear], key].sum(skipna=False)
        every = z.zaehler.at[self.region_id, key]
        counted = bool(self.katalog.at[key, "anteil"]) and pd.notna(cases) and pd.notna(every) and every > 0
        kind = "nirgends" if not n else "faelle" if counted and side == "hoeher" else "gebiete"
        told.append(
            self.text(
                f"antwort.{kind}",
                richtung=self.text(f"antwort.{side}"),
                n=formats.zahl(n),
                alle=formats.zahl(len(areas)),
                anteil=formats.anteil(min(float(cases) / float(every), 1.0)) if kind == "faelle" else "",
            )
        )
        return " ".join([*told, *self._spitze(key, side)])

    def _bedarfsseite(self, key: str) -> str:
        """Side of an indicator that means more need; the higher one where nobody says."""
        return "niedriger" if self.katalog.at[key, "polaritaet"] < 0 else "hoeher"

    def _spitze(self, key: str, side: str) -> list[str]:
        """The municipality that alone has the value of most need; none if others share it."""
        s = self.saetze()
        places = self.zahlen.wert.loc[self.kommunen_folge, key].dropna()
        if len(places) < 2:
            return []
        best = places.idxmin() if side == "niedriger" else places.idxmax()
        shown = places.map(lambda value: s.zahl(value, key))
        if (shown == shown[best]).sum() > 1:
            return []
        words = {"ort": str(self.alle_namen[best]), "wert": shown[best]}
        known = "" if len(places) == len(self.kommunen_folge) else "_bekannt"
        return [self.text(f"antwort.spitze_{side}{known}", **words)]

    @cached_property
    def leitindikator(self) -> str:
        """What number and map of the first screen show: the first rate of the first question; empty if there is none."""
        asked = [key for frage in self.seite.fragen for key in frage.indikatoren if key in self.indikatoren]
        return next((key for key in asked if self.katalog.at[key, "art"] != "anzahl"), "")

    def kennzahl(self) -> Kennzahl | None:
        key = self.leitindikator
        if not key or pd.isna(value := self.zahlen.wert.at[self.region_id, key]):
            return None
        s = self.saetze()
        said = self.text("kennzahl", name=self.katalog.at[key, "kurz"])
        return Kennzahl(s.zahl(value, key), said, s.seither(self.region_id, key))

    def bild(self) -> Anzeige | None:
        return self._karte(self.leitindikator) if self.leitindikator else None

    def _regionssatz(self, key: str) -> str:
        z, s = self.zahlen, self.saetze()
        whole = z.wert.at[self.region_id, key]
        told, areas = "regionssatz", z.wert.loc[self.kommunen_folge, key]
        if pd.isna(whole) and z.status.at[self.region_id, key] != "geheim":
            told, areas = "gebietssatz", z.wert.loc[self.kommune.index, key]
        places = areas.dropna()
        if (told == "regionssatz" and pd.isna(whole)) or len(places) < 2:
            return s.luecke(self.region_id, key)
        return self.text(
            told if len(places) == len(areas) else f"{told}_bekannt",
            subjekt=s.subjekt(key),
            ort=self.kontext.region_ebene.ort,
            wert=s.zahl(whole, key),
            spanne=self._spanne(key, places),
        )

    def _spanne(self, key: str, places: pd.Series) -> str:
        """Lowest and highest value, each with the municipality that alone has it."""
        s, ends = self.saetze(), []
        shown = places.map(lambda value: s.zahl(value, key, einheit=False))
        for place, unit in ((places.idxmin(), False), (places.idxmax(), True)):
            words = s.zahl(places[place], key, einheit=unit)
            alone = place in self.kommunen.index and (shown == shown[place]).sum() == 1
            named = self.text("spanne_ort", wert=words, ort=self.alle_namen[place]) if alone else words
            ends.append(named)
        return self.text("spanne", tief=ends[0], hoch=ends[1])

    def einfach(self) -> Anzeige:
        s = self.saetze("einfach")
        keys = [k for k in self.indikatoren if self.katalog.at[k, "einfach"]][:5]
        keys = [k for k in keys if pd.notna(self.zahlen.wert.at[self.region_id, k])]
        intro = [self.seite.einfach] if self.seite.einfach else []
        sentences = [*intro, *(s.verlauf(self.region_id, k) or s.lage(self.region_id, k) for k in keys)]
        numbers = self.zahlen_von(self.region_id, keys)
        return self.baustein("einfach", sentences, numbers, titel=self.einfach_titel, ebene=2, art="einfach")

    def fragenkapitel(self) -> Anzeige:
        """One chapter per question: text, map of the leading indicator, strips, table of the municipalities."""
        parts = [part for number in range(len(self.seite.fragen)) for part in self._frage(number)]
        return present.folge(parts)

    def _frage(self, number: int) -> list[Anzeige]:
        frage = self.seite.fragen[number]
        keys = [key for key in frage.indikatoren if key in self.indikatoren]
        name = f"frage-{number + 1}"
        if not keys:
            return [present.absaetze([self.text("ohne_werte")], titel=frage.frage)]
        sentences = [frage.erlaeuterung] if frage.erlaeuterung else []
        sentences += self._fragensaetze(keys)
        numbers = (
            self.zahlen.wert.loc[[self.region_id, *self.kommunen_folge], keys].to_numpy().ravel().tolist()
        )
        numbers += self.spannen(self.kommune.index, keys)
        rates = [key for key in keys if self.katalog.at[key, "art"] != "anzahl"]
        words = self.baustein(name, sentences, numbers, titel=frage.frage)
        if rates and rates[0] != self.leitindikator:
            words = present.zusammen([words, self._karte(rates[0]), self._streifen(rates, frage.frage)])
        elif rates:
            words = present.folge([words, self._streifen(rates, frage.frage)])
        cases = self.zahlentafel([self.region_id], keys, self.text("faelle", frage=frage.frage))
        folded = [self._tafel(keys, frage.frage), cases]
        return [words, present.klappe(folded, titel=self.text("tafelfalte"), ebene=4)]

    def _fragensaetze(self, keys: list[str]) -> list[str]:
        s, z = self.saetze(), self.zahlen
        out = [self._regionssatz(key) for key in keys[:3]]
        moved = [k for k in keys if z.verlauf.at[self.region_id, k] in ("gestiegen", "gesunken")]
        out += [s.verlauf(self.region_id, key) for key in moved[:2]]
        return out

    def _karte(self, key: str) -> Anzeige:
        column, z = self.spalten[key], self.zahlen
        places = column.nachkommastellen or 0
        areas = z.wert.loc[self.kommune.index, key]
        known, title = areas.dropna(), "karte_leer"
        words = {"indikator": self.katalog.at[key, "name"]}
        if len(known):
            title = "karte" if len(known) == len(areas) else "karte_bekannt"
            words["spanne"] = formats.spanne(known.min(), known.max(), column.einheit, places)
        steps = present.einstufen(
            areas,
            column,
            status=z.status.loc[self.kommune.index, key],
            richtung=int(self.katalog.at[key, "polaritaet"]),
        )
        return present.choropleth(
            self.gebiete,
            steps,
            kontext=self.kontext_zu([key]),
            titel=self.text(title, **words),
            kommunen=self.kommunen,
        )

    def _streifen(self, keys: list[str], frage: str) -> Anzeige:
        return present.lage(
            [self.streifen(key) for key in keys],
            kontext=self.kontext_zu(keys),
            titel=self._streifentitel(keys[0]) or self.text("streifen", frage=frage),
            eigene=self.kommune.index,
            namen=self.namen,
            kommune="",
        )

    def _streifentitel(self, key: str) -> str:
        """Between which values the middle half of the small areas lies; empty if too few are known."""
        column = self.spalten[key]
        areas = self.zahlen.wert.loc[self.kommune.index, key]
        known = areas.dropna()
        if len(known) < HAELFTE_AB:
            return ""
        low, high = known.quantile(0.25), known.quantile(0.75)
        return self.text(
            "streifen_haelfte" if len(known) == len(areas) else "streifen_haelfte_bekannt",
            indikator=column.label,
            spanne=formats.spanne(low, high, column.einheit, column.nachkommastellen or 0),
        )

    def _tafel(self, keys: list[str], frage: str) -> Anzeige:
        rows = [self.region_id, *self.kommunen_folge]
        return present.ueberblick(
            self.zahlen.wert.loc[rows, keys],
            self.zahlen.zur_region.loc[rows, keys],
            kontext=self.kontext_zu(keys),
            titel=self.text("tafel", frage=frage),
            spalten={key: self.spalten[key] for key in keys},
            namen={key: str(self.alle_namen[key]) for key in rows},
            status=self.zahlen.status.loc[rows, keys],
            kopfzeilen=1,
            richtung=self.katalog["polaritaet"].to_dict(),
            zeile=self.kontext.kommune.einzahl,
        )

    def aufmerksamkeit(self) -> Anzeige:
        """Areas in which several indicators are clearly on the side of more need, by municipality, unranked.

        Indicators that say the same as another or little, and so take no part in comparing, do not count.
        """
        z = self.zahlen
        sign = self.katalog["polaritaet"]
        turned = [key for key in self.indikatoren if sign[key] != 0 and self.katalog.at[key, "auswertung"]]
        blind = z.ungeprueft.loc[self.kommune.index]
        needy = [key for key in turned if (z.wert.loc[blind.index, key].notna() & ~blind[key]).any()]
        side = {1: "deutlich_hoeher", -1: "deutlich_niedriger"}
        hits = {
            area: [
                key
                for key in needy
                if z.zur_region.at[area, key] == side[int(sign[key])] and not blind.at[area, key]
            ]
            for area in self.kommune.index
        }
        found = {area: keys for area, keys in hits.items() if len(keys) >= AUFFAELLIG}
        if not needy:
            return present.absaetze([self.text("ohne_pruefung" if turned else "ohne_richtung")])
        intro = self.text(
            "aufmerksamkeit" if found else "aufmerksamkeit_keine",
            anzahl=formats.zahl(len(found)),
            alle=formats.zahl(len(self.kommune)),
            merkmale=formats.aufzaehlung(map(self._mit_richtung, needy)),
        )
        parts = [present.absaetze([intro])]
        return present.folge([*parts, self._auffaellige(found, needy)] if found else parts)

    def _mit_richtung(self, indikator: str) -> str:
        """Name of an indicator with the side that means more need."""
        side = "hoch" if self.katalog.at[indikator, "polaritaet"] > 0 else "niedrig"
        return self.text(f"richtung.{side}", name=self.spalten[indikator].label)

    def _auffaellige(self, found: dict[str, list[str]], needy: list[str]) -> Anzeige:
        """Areas with what is clearly more, by municipality."""
        order = [
            area
            for place in self.kommunen_folge
            for area in sorted(found, key=formats.natuerlich)
            if self.kommune[area] == place
        ]
        frame = pd.DataFrame(
            {
                "kommune": self.kommune[order].map(self.kommunen["name"]).to_numpy(),
                "merkmale": [formats.aufzaehlung(map(self._mit_richtung, found[area])) for area in order],
            },
            index=pd.Index(self.namen[order], name="name"),
        )
        columns = {
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "merkmale": Spalte(self.text("merkmale")),
        }
        title = self.text("gebiete_tafel")
        return present.tabelle(frame, titel=title, kontext=self.kontext_zu(needy), spalten=columns)

    def optionen(self) -> Anzeige:
        """Options to discuss and open questions, as the topic file states them."""
        parts = [present.absaetze([self.text("optionen_hinweis")])]
        if self.seite.optionen:
            parts.append(present.liste(self.seite.optionen))
        if self.seite.offen:
            parts += [present.absaetze([], titel=self.text("offen")), present.liste(self.seite.offen)]
        return present.folge(parts)
