"""What the profiles and topic reports share: numbers, sentences, indices, types, closing chapters."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import pandas as pd
import yaml

from sozialanalyse import analyse, present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Spalte, Streifen, formats
from sozialanalyse.region import redaktion, vergleich
from sozialanalyse.seiten.cluster import ClusterBericht
from sozialanalyse.seiten.grundlage import KeineWerte, Parameter, Seite, glossarwoerter
from sozialanalyse.seiten.teile.beilagen import Anhang
from sozialanalyse.seiten.teile.indizes import themenindizes
from sozialanalyse.seiten.teile.saetze import KLAR, Saetze, Sprache
from sozialanalyse.seiten.teile.zahlen import Zahlen, mehrjaehrig

P = TypeVar("P", bound=Parameter)
MEISTE_BASEN = 3
"""So many rates of another base are named below a table."""


class Profil(Seite[P]):
    """Base of the reports that speak about one place in whole sentences."""

    mit_typen: ClassVar[bool] = True
    """Whether the report shows indices and types, so that its method and glossary explain them."""

    # --- what is spoken of --------------------------------------------------------------------

    @cached_property
    def indikatoren(self) -> list[str]:
        """Everything with a value on that date, by topic and id."""
        frame = self.daten.werte(stichtag=self.stichtag, level=None)
        there = set(frame.dropna(subset="wert")["indikator_id"])
        topics = list(self.daten.region.themen)
        table = self.daten.indikatoren()
        known = [str(key) for key in table.index if key in there]
        return sorted(known, key=lambda k: (topics.index(table.at[k, "thema"]), formats.natuerlich(k)))

    @cached_property
    def kern(self) -> list[str]:
        """Indicators of the overview: as the region says, else the first of each topic."""
        return self.kern_aus(self.katalog)

    def leitend(self, gebiet: str, hoechstens: int = 3) -> list[str]:
        """Main indicators that say who needs help in an area and have a value there, one of each topic."""
        told = [key for key in self.kern_bedarf(self.katalog) if pd.notna(self.zahlen.wert.at[gebiet, key])]
        return self.je_thema(told, self.katalog["thema"].to_dict())[:hoechstens]

    regionsdateien = (vergleich.DATEI,)

    @cached_property
    def vergleiche(self) -> list[vergleich.Vergleich]:
        """Published values from outside the region."""
        return vergleich.lade(self.daten.region.ordner, self.daten.indikatoren().index)

    def zu_thema(self, thema: str) -> list[str]:
        return [key for key in self.indikatoren if self.katalog.at[key, "thema"] == thema]

    @cached_property
    def zahlen(self) -> Zahlen:
        return Zahlen(self.daten, self.stichtag, self.indikatoren)

    @property
    def region_id(self) -> str:
        return self.daten.region.seite.schluessel_region

    @cached_property
    def alle_namen(self) -> pd.Series:
        """What a reader calls each area, municipality and the region."""
        whole = pd.Series({self.region_id: self.kontext.region})
        return pd.concat([self.namen, self.daten.namen("kommune"), whole])

    def saetze(self, sprache: Sprache = "de") -> Saetze:
        return Saetze(self.zahlen, self.kontext, self.alle_namen, sprache)

    # --- texts with the hand of an editor -----------------------------------------------------

    def redaktionsvorlage(self) -> str:
        """All generated texts in the form of a page below ``redaktion``."""
        assert self.redigiert is not None
        self.kurzfassung()
        self.einfach()
        getattr(self, self.redigiert[1])()
        entries = [
            {
                "bericht": self.notebook,
                "ort": self.ort_id,
                "baustein": block,
                "zahlen": numbers,
                "text": words,
            }
            for block, (numbers, words) in self.bausteine.items()
        ]
        return yaml.safe_dump({"aenderungen": entries}, allow_unicode=True, sort_keys=False, width=100)

    @abstractmethod
    def kurzfassung(self) -> Anzeige: ...

    @abstractmethod
    def einfach(self) -> Anzeige: ...

    @property
    @abstractmethod
    def ort_id(self) -> str:
        """Id of the place or topic the report is about."""

    @property
    @abstractmethod
    def ortsname(self) -> str:
        """What a reader calls the place or topic."""

    def baustein(
        self,
        name: str,
        saetze: Sequence[str],
        zahlen: Sequence[object],
        *,
        titel: str = "",
        ebene: int = 3,
        vorsatz: str = "",
        art: str = "",
    ) -> Anzeige:
        """A block of generated sentences, or what an editor wrote instead.

        The text of an editor stays when the report is made again. If the numbers below it are no
        longer those it was written for, a remark says so.
        """
        paragraphs, remark = self._fassung(name, ("\n\n" if art else " ").join(saetze), zahlen)
        shown = present.absaetze(
            paragraphs, titel=titel, ebene=ebene, vorsatz=vorsatz, art=art, hinweis=remark
        )
        return self._mit_form(name, shown)

    def kurz(self, saetze: Sequence[str], zahlen: Sequence[object], hinweis: str = "") -> Anzeige:
        """The box "Das Wichtigste in Kürze", or what an editor wrote instead: each paragraph is a point.

        ``hinweis`` is a remark on the generated sentences.
        """
        points, remark = self._fassung("kurz", "\n\n".join(saetze), zahlen)
        return self._mit_form("kurz", present.kurzfassung(points, hinweis=remark or hinweis))

    def _mit_form(self, name: str, baustein: Anzeige) -> Anzeige:
        """A block with the form to change it, where the page of everybody is shown by an internal service.

        There the fingerprint is that of the numbers everybody sees; pages of other audiences lead to that one.
        """
        address = os.environ.get("SOZIALANALYSE_REDAKTION", "")
        if not (address and self.live and self.redigiert):
            return baustein
        if self.p.audience != "oeffentlich":
            if name != "kurz":
                return baustein
            there = urlencode({self.redigiert[0]: self.ort_id, "audience": "oeffentlich"})
            link = present.Verweis(text("berichte.profil.texte_aendern"), f"/live/{self.notebook}?{there}")
            return present.folge([baustein, present.verweise([link], titel=text("berichte.profil.texte"))])
        entry, (numbers, generated) = self._aenderungen.get(name), self.bausteine[name]
        last = ""
        if entry is not None and (entry.wer or entry.wann):
            day = formats.datum(entry.wann.isoformat()) if entry.wann else ""
            who = entry.wer or text("present.textform.ohne_namen")
            last = text("present.textform.zuletzt", wer=who, wann=day)
        form = present.textform(
            address,
            {
                "bericht": self.notebook,
                "ort": self.ort_id,
                "baustein": name,
                "zahlen": numbers,
                "fassung": redaktion.fingerabdruck([entry.text]) if entry else "",
                "erzeugt": generated,
            },
            entry.text if entry else generated,
            erzeugt=generated if entry else "",
            zuletzt=last,
        )
        return replace(baustein, html=baustein.html + form.html)

    def _fassung(self, name: str, erzeugt: str, zahlen: Sequence[object]) -> tuple[list[str], str]:
        """Paragraphs of a block as generated or as an editor wrote them, and a remark on the latter."""
        self.bausteine[name] = (redaktion.fingerabdruck(zahlen), erzeugt)
        words, remark = erzeugt, ""
        entry = self._aenderungen.get(name)
        if entry is not None:
            current = entry.zahlen == self.bausteine[name][0]
            words = entry.text
            remark = text("berichte.profil.redaktion" if current else "berichte.profil.redaktion_alt")
        return [part.strip() for part in words.split("\n\n") if part.strip()], remark

    @cached_property
    def bausteine(self) -> dict[str, tuple[str, str]]:
        """Blocks made so far: name -> fingerprint of the numbers and generated text."""
        return {}

    @cached_property
    def _aenderungen(self) -> dict[str, redaktion.Aenderung]:
        return redaktion.eigene(self.daten.region.ordner, self.notebook, self.ort_id, self.alle_orte)

    @property
    def alle_orte(self) -> dict[str, str]:
        """Every place or topic such a report can be about: id -> name."""
        return dict(self.daten.verzeichnis("sozialraum")["name"])

    def zahlen_von(self, gebiet: str, indikatoren: Sequence[str]) -> list[object]:
        """Numbers a text about an area rests on."""
        keys = list(indikatoren)
        rows = [gebiet, self.region_id]
        if gebiet in self.kommune.index:
            rows.append(self.kommune[gebiet])
        found = self.zahlen.wert.loc[rows, keys].to_numpy().ravel().tolist()
        found += self.spannen(self.kommune.index[self.kommune == gebiet], keys)
        if self.zahlen.frueher:
            found += self.zahlen.wert_frueher.loc[[gebiet], keys].to_numpy().ravel().tolist()
        return found

    def spannen(self, gebiete: pd.Index, indikatoren: Sequence[str]) -> list[object]:
        """Lowest and highest value of some areas, which sentences about a whole may name."""
        values = self.zahlen.wert.loc[gebiete, list(indikatoren)]
        return [] if values.empty else [*values.min().tolist(), *values.max().tolist()]

    # --- results made once for all reports ----------------------------------------------------

    @cached_property
    def indizes(self) -> dict[str, analyse.indices.IndexResult]:
        """Topic -> index, for the topics that have a recipe and enough values."""
        return themenindizes(self.daten, self.speicher, self.stichtag)

    @property
    def indexteile(self) -> list[str]:
        """Indicators that make up an index."""
        table = self.daten.indikatoren()
        return [str(key) for key in table.index[table["index"].map(bool)]]

    @cached_property
    def _typisierung(self) -> ClusterBericht | None:
        """Types of the page on types; None where the data do not carry a comparison."""
        try:
            found = ClusterBericht(daten=self.daten, stichtag=self.stichtag, audience=self.p.audience)
        except KeineWerte:
            return None
        return None if found.hindernis else found

    @cached_property
    def zwillinge(self) -> pd.DataFrame:
        """Most similar areas elsewhere; empty without types."""
        if self._typisierung is None:
            return pd.DataFrame(columns=["gebiet", "rang", "zwilling", "gruppe", "aehnlich"])
        return self._typisierung.zwillinge

    def typ(self, gebiet: str, *, kurz: bool = False) -> str:
        """Type of an area, with its name unless ``kurz``; empty where it has none."""
        if self._typisierung is None:
            return ""
        number = self._typisierung.ergebnis.labels.get(gebiet)
        if number is None or pd.isna(number):
            return ""
        name = "" if kurz else self._typisierung.typnamen.get(int(number), "")
        return text("present.typ.mit_name" if name else "present.typ.name", typ=str(int(number)), name=name)

    def kurzkennung(self, gebiete: pd.Index, kommune: str) -> pd.Series:
        """Id of each area without the short form of its municipality, for maps."""
        prefix = str(self.daten.verzeichnis("kommune").at[kommune, "kuerzel"] or "")
        short = {key: str(key).removeprefix(prefix).strip() if prefix else "" for key in gebiete}
        return pd.Series(short, dtype=object)

    # --- figures ------------------------------------------------------------------------------

    def streifen(self, indikator: str, kommune: str = "", gebiet: str = "") -> Streifen:
        """One strip: all areas, the municipality and the region as wholes."""
        z, column = self.zahlen, self.spalten[indikator]
        missing = gebiet and pd.isna(z.wert.at[gebiet, indikator])
        return Streifen(
            column.label,
            z.wert.loc[self.kommune.index, indikator],
            column.einheit,
            1 if column.nachkommastellen is None else column.nachkommastellen,
            _number(z.wert.at[self.region_id, indikator]),
            _number(z.wert.at[kommune, indikator]) if kommune else None,
            formats.status_wort(z.status.at[gebiet, indikator]) if missing else "",
        )

    def indexstreifen(self, gebiet: str = "") -> list[Streifen]:
        rows = []
        for topic, result in self.indizes.items():
            thema = self.daten.region.themen[topic]
            missing = gebiet and pd.isna(result.values.get(gebiet))
            gap = text("berichte.profil.index_fehlt") if missing else ""
            rows.append(Streifen(thema.kurz or thema.name, result.values, "", 0, 100.0, None, gap))
        return rows

    def index_bild(self, eigene: pd.Index, gebiet: str | None, kommune: str, ort: str) -> Anzeige:
        """All indices of one place as strips."""
        rows = self.indexstreifen(gebiet or "")
        if not rows:
            return present.keine_daten(text("berichte.profil.kein_index"))
        return present.lage(
            rows,
            kontext=self.kontext_zu(self.indexteile),
            titel=self._indextitel(gebiet, ort),
            untertitel=text("berichte.profil.index_unter", **self.worte),
            bezug=text("berichte.profil.index_mittel", **self.worte),
            eigene=eigene,
            hervorheben=gebiet,
            namen=self.namen,
            kommune=kommune,
        )

    def _indextitel(self, gebiet: str | None, ort: str) -> str:
        """Where the indices of an area are highest and lowest."""
        themen = self.daten.region.themen
        own = {topic: result.values.get(gebiet) for topic, result in self.indizes.items()}
        known = {themen[topic].kurz or themen[topic].name: v for topic, v in own.items() if pd.notna(v)}
        if len(known) < 2:
            return text("berichte.profil.index", ort=ort)
        high, low = max(known, key=lambda name: known[name]), min(known, key=lambda name: known[name])
        return text("berichte.profil.index_gebiet", ort=ort, hoch=high, tief=low)

    def zahlentafel(
        self,
        gebiete: Sequence[str],
        indikatoren: Sequence[str],
        titel: str,
        *,
        gruppiert: bool = False,
        kurz: str = "",
        hinweis: str = "",
    ) -> Anzeige:
        """Cases and values: the first area (called ``kurz``) with its cases, the others and what is outside beside it."""
        z, first = self.zahlen, gebiete[0]
        keys = [key for key in indikatoren if key in z.wert]
        outside = {
            f"aussen{i}": (one, values)
            for i, one in enumerate(self.vergleiche)
            if (values := pd.Series(one.am(self.stichtag), dtype=float).reindex(keys)).notna().any()
        }
        frame = pd.DataFrame(
            {
                "wert0": z.wert.loc[first, keys].to_numpy(),
                "zaehler": self._faelle(z.zaehler, first, keys),
                "nenner": self._faelle(z.nenner, first, keys),
                **{f"wert{i}": z.wert.loc[area, keys].to_numpy() for i, area in enumerate(gebiete) if i},
                **{name: values.to_numpy() for name, (_, values) in outside.items()},
                "urteil": [self._urteil(first, key) for key in keys],
            },
            index=pd.Index([self.spalten[key].kopf for key in keys], name="merkmal"),
        )
        state = pd.DataFrame(
            {
                "zaehler": self._faellestatus(first, keys),
                "nenner": self._faellestatus(first, keys),
                **{f"wert{i}": z.status.loc[area, keys].to_numpy() for i, area in enumerate(gebiete)},
            },
            index=frame.index,
        )
        columns = {
            "merkmal": Spalte(text("berichte.indikator")),
            "wert0": Spalte(kurz or str(self.alle_namen[first])),
            "zaehler": Spalte(text("berichte.profil.faelle"), "", 0),
            "nenner": Spalte(text("berichte.profil.von"), "", 0),
            **{f"wert{i}": Spalte(str(self.alle_namen[area])) for i, area in enumerate(gebiete) if i},
            **{name: Spalte(one.name) for name, (one, _) in outside.items()},
            "urteil": Spalte(text("berichte.profil.urteil")),
        }
        if not frame["urteil"].any():
            del columns["urteil"]
        return present.tabelle(
            frame,
            titel=titel,
            kontext=self.kontext_zu(keys),
            spalten=columns,
            status=state,
            stellen=[int(self.katalog.at[key, "nachkommastellen"]) for key in keys],
            gruppen=[self.themen[key] for key in keys] if gruppiert else None,
            hinweis=" ".join(
                filter(
                    None,
                    [
                        self._mehrjaehrige(first, keys),
                        *(self._andere_basis(one, keys) for one in gebiete),
                        *(
                            text("berichte.profil.vergleich", name=one.name, quelle=one.quelle)
                            for one, _ in outside.values()
                        ),
                        hinweis,
                    ],
                )
            ),
            verweise=[f"../atlas/{self.adresse('indikator', key)}" for key in keys]
            if self.statisch
            else None,
        )

    def _andere_basis(self, ort: str, keys: Sequence[str]) -> str:
        """That rates of a Kommune or the region were not computed from those whom the areas beside them show."""
        if ort in self.zahlen.kommune.index:
            return ""
        found = self.zahlen.andere_basis(ort, keys)
        named = [
            text("berichte.profil.basis", name=self.spalten[key].label, eigene=formats.zahl(own), gezeigte=formats.zahl(parts))
            for key, (own, parts) in list(found.items())[:MEISTE_BASEN]
        ]  # fmt: skip
        if not named:
            return ""
        listed = "; ".join(named)
        if len(found) > len(named):
            listed = text("berichte.profil.basis_mehr", liste=listed, anzahl=len(found) - len(named))
        return text("berichte.profil.andere_basis", ort=str(self.alle_namen[ort]), liste=listed,
                    sozialraeume=self.worte["sozialraeume"])  # fmt: skip

    def _mehrjaehrige(self, gebiet: str, keys: Sequence[str]) -> str:
        """Which rates of a table are yearly means, so that a reader does not divide cases by base."""
        shown = self._faelle(self.zahlen.zaehler, gebiet, keys)
        names = [
            self.spalten[key].label
            for key, count in zip(keys, shown, strict=True)
            if pd.notna(count) and mehrjaehrig(self.katalog.at[key, "faktor"])
        ]
        return text("berichte.profil.mehrjaehrig", namen=formats.aufzaehlung(names)) if names else ""

    def _faelle(self, frame: pd.DataFrame, gebiet: str, keys: Sequence[str]) -> pd.Series:
        return frame.loc[gebiet, list(keys)].where(self._gezaehlt(keys)).to_numpy()

    def _gezaehlt(self, keys: Sequence[str]) -> pd.Series:
        """Indicators made of cases and a base: shares, and rates per 100, 1.000 ... of something."""
        table = self.katalog.loc[list(keys)]
        return (table["art"] == "quote") & (table["faktor"] != 1)

    def _faellestatus(self, gebiet: str, keys: Sequence[str]) -> list[str]:
        counted = self._gezaehlt(keys)
        states = self.zahlen.status.loc[gebiet]
        return [str(states[key]) if counted[key] else "nicht_sinnvoll" for key in keys]

    def _urteil(self, gebiet: str, indikator: str) -> str:
        word = self.zahlen.zur_region.at[gebiet, indikator]
        if not word:
            return ""
        told = text(f"berichte.profil.worte.{word}")
        if word in KLAR and self.zahlen.ungeprueft.at[gebiet, indikator]:
            return text("berichte.profil.worte.ungeprueft", wort=told)
        return told

    # --- files --------------------------------------------------------------------------------

    @property
    @abstractmethod
    def orte(self) -> list[str]:
        """Areas, municipality and region whose numbers the annex holds."""

    def anhang(self) -> Anhang:
        """Workbook with every number of the report at every date, the definitions beside it."""
        rows = self.daten.werte(self.indikatoren, level=None)
        rows = rows[rows["gebiet_id"].isin(self.orte) & (rows["stichtag"] <= self.stichtag)]
        order = {key: place for place, key in enumerate((*self.orte, *self.indikatoren))}
        rows = rows.sort_values(
            ["stichtag", "gebiet_id", "indikator_id"],
            key=lambda column: column if column.name == "stichtag" else column.astype(str).map(order),
            kind="stable",
            ignore_index=True,
        )
        places = [int(self.katalog.at[key, "nachkommastellen"]) for key in rows["indikator_id"]]
        cells = {
            "gebiet_id": rows["gebiet_id"],
            "gebiet": rows["gebiet_id"].map(self.alle_namen),
            "indikator_id": rows["indikator_id"],
            "indikator": rows["indikator_id"].map(self.katalog["name"]),
            "thema": rows["indikator_id"].map(self.themen),
            "einheit": rows["indikator_id"].map(self.katalog["einheit"]),
            "stichtag": rows["stichtag"].map(date.fromisoformat),
            "wert": rows["wert"],
            "zaehler": rows["zaehler"],
            "nenner": rows["nenner"],
            "umgerechnet": rows["umgerechnet"].eq(True),
        }
        whole = {"zaehler", "nenner"}
        heads = {
            key: Spalte(text(f"berichte.profil.spalte.{key}"), "", 0 if key in whole else None)
            for key in cells
        }
        state = pd.DataFrame(dict.fromkeys(("wert", "zaehler", "nenner"), rows["status"]))
        table = present.tafel(
            pd.DataFrame(cells),
            titel=text("berichte.profil.anhang_titel", ort=self.ortsname),
            kontext=self.kontext,
            spalten=heads,
            status=state,
            stellen=places,
        )
        facts = {
            f"{row.Index} {row.name_}": " ".join(filter(None, [str(row.definition), str(row.hinweis)]))
            for row in self.katalog.rename(columns={"name": "name_"}).itertuples()
        }
        book = present.arbeitsmappe([table], self.kontext, blick=self._blick(), metadaten=facts)
        words = {"xlsx": text("berichte.profil.anhang_datei")}
        return Anhang({"xlsx": book, **self.beigabe()}, words, titel=text("berichte.profil.anhang"))

    def _blick(self) -> present.Tafel | None:
        """The main indicators of the place and of the whole region at the date of the page."""
        places = [
            key for key in dict.fromkeys([self.ort_id, self.region_id]) if key in self.zahlen.wert.index
        ]
        keys = [*self.kern, *(key for key in self.indikatoren if key not in self.kern)][: present.BLICK]
        title = text("berichte.profil.anhang_titel", ort=self.ortsname)
        return self.zahlentafel(places, keys, title).tafel if keys else None

    # --- closing chapters ---------------------------------------------------------------------

    def lesehinweise(self) -> Anzeige:
        note = text("berichte.profil.lesehinweise", **self.worte)
        return present.methode(note, titel=text("berichte.profil.lesen"))

    def methode(self) -> Anzeige:
        keys = ["methode", *(["methode_index"] if self.mit_typen else []), "methode_saetze"]
        return present.methode("\n\n".join(text(f"berichte.profil.{key}", **self.worte) for key in keys))

    def glossar(self) -> Anzeige:
        """Definition and limits of every indicator, and the words of the report; a page links to the glossary instead."""
        entries = {one.wort: one.sinn for one in glossarwoerter(self.daten, mit_typen=self.mit_typen)}
        for row in self.katalog.loc[self.genannte].itertuples():
            meaning = " ".join(part for part in (str(row.definition), str(row.hinweis)) if part)
            if meaning:
                entries[str(row.name)] = meaning
        heading = text("berichte.profil.woerter")
        listed = replace(present.glossar(entries), titel=heading)
        return present.klappe([listed], titel=heading, klasse="sa-nur-papier")

    @property
    def genannte(self) -> list[str]:
        """Indicators the glossary explains."""
        return self.indikatoren

    def rechtliches(self) -> Anzeige:
        """Imprint and data protection as the region states them, and how secrets are kept."""
        legal = self.daten.region.seite.rechtstexte
        parts = [text("berichte.profil.geheimhaltung", audience=self.daten.audience)]
        blocks = [present.absaetze(parts, titel=text("berichte.profil.datenschutz"))]
        for name in ("impressum", "kontakt"):
            content = getattr(legal, name) or text("publish.nicht_angegeben")
            blocks.append(present.absaetze(content.strip().split("\n\n"), titel=text(f"publish.{name}")))
        return present.klappe([*blocks, self.aenderungsvermerk()], titel=text("berichte.profil.rechtliches"))

    def aenderungsvermerk(self) -> Anzeige:
        """Which snapshot and rules the report rests on, and which blocks an editor changed."""
        sentences = [
            text("berichte.profil.vermerk", stand=self.kontext.stand, stichtag=self.kontext.stichtag)
        ]
        changed = sorted(self._aenderungen)
        key = "vermerk_redaktion" if changed else "vermerk_ohne"
        sentences.append(text(f"berichte.profil.{key}", bausteine=formats.aufzaehlung(changed)))
        return present.absaetze([" ".join(sentences)], art="klein")


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
