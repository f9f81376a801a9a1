"""Which areas resemble each other across municipalities: the findings of ``cluster.ipynb``."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import AfterValidator, Field

from sozialanalyse import analyse, present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Eingabefeld, Kennzahl, Spalte, formats
from sozialanalyse.seiten.grundlage import GESAMT, Gebiet, Indikatoren, Parameter, Themen, Wunsch, tragend
from sozialanalyse.seiten.teile import typnamen
from sozialanalyse.seiten.teile.gefaelle import gefaelle
from sozialanalyse.seiten.teile.indizes import Indizes
from sozialanalyse.seiten.teile.typenpruefung import Typenpruefung

TAFEL = "gebiete"
"""Id of the table of all areas."""
UNSICHER = ("uebergang", "untypisch")
MEISTE_ORTE = 6
"""So many Kommunen of a type are named at most."""


def _moegliche_zahl(value: int | str) -> int | str:
    if isinstance(value, int) and not 2 <= value <= 8:
        raise ValueError(
            f'„{value}“ ist nicht möglich: Es können 2 bis 8 Typen gebildet werden, oder "auto".'
        )
    return value


Typenzahl = Annotated[int | Literal["auto"], AfterValidator(_moegliche_zahl)]
"""Number of types, or "auto"."""


def typenzahlen() -> list[tuple[str, str]]:
    """What a reader may choose for it."""
    return [("auto", text("berichte.cluster.automatisch")), *((str(k), str(k)) for k in range(2, 9))]


class ClusterParameter(Parameter):
    """What the page on types is asked for."""

    themen: Themen = Field(default_factory=list)
    indikatoren: Indikatoren = Field(default_factory=list)
    typen: Typenzahl = "auto"
    verfahren: Literal["kmeans", "ward", "pam", "gmm"] = "kmeans"
    sozialraum: Gebiet = ""


class ClusterBericht(Typenpruefung):
    """Types of areas, where they occur, how sure they are, and twins elsewhere."""

    notebook = "cluster"
    parameter = ClusterParameter
    gruppe, rang, einstieg = "auswertungen", 20, 2
    plan = (Wunsch(GESAMT), Wunsch("thema", ("themen", "stichtag")), Wunsch("kommune", ("kommune",)))
    vergleicht = True

    def ergebniszahlen(self) -> dict[str, Any]:
        """Number of types and of areas in each; nothing where there is nothing to order."""
        if self.hindernis:
            return {}
        sizes = self.ergebnis.labels.value_counts().sort_index()
        return {"Typen": len(sizes)} | {self.typnamen[int(str(key))]: int(n) for key, n in sizes.items()}

    def auswahl(self) -> Anzeige:
        topics = [
            ("", self.text("alle_themen")),
            *((t.id, t.name) for t in self.daten.region.themen.values()),
        ]
        methods = [(name, text(f"berichte.cluster.verfahren.{name}")) for name in analyse.clusters.METHODS]
        areas = [
            (str(key), str(self.namen[key]), str(self.kommunen["name"][self.kommune[key]]))
            for key in self.namen.index
        ]
        return self._auswahl(
            [
                Eingabefeld("themen", text("berichte.thema"), topics),
                Eingabefeld("typen", self.text("zahl_der_typen"), typenzahlen()),
                Eingabefeld("verfahren", self.text("verfahren_name"), methods),
                Eingabefeld(
                    "sozialraum", self.kontext.sozialraum.einzahl, [("", self.text("keiner")), *areas]
                ),
            ]
        )

    def kurzfassung(self) -> Anzeige:
        """What the types are, how firm, and whether they follow the Kommunen; the figures behind it stand below."""
        if self.hindernis:
            return present.kurzfassung([self.hindernis])
        found = self.ergebnis
        if found.k == 1:
            return present.kurzfassung([self.text("kurz.einer")])
        kind = "ungeprueft" if pd.isna(found.p_gate) else "deutlich" if found.distinct else "kontinuum"
        out = [self.text(f"kurz.{kind}", k=found.k)]
        if found.stability.notna().all():
            out.append(self.text(f"kurz.{analyse.clusters.firmness(float(found.stability.min()))}"))
            key = "eindeutig" if self._eindeutig == self._zugeordnet else "unsicher"
            out.append(self.text(f"kurz.{key}", sicher=self._eindeutig, alle=self._zugeordnet))
        if self.kommune.nunique() < 2:
            return present.kurzfassung(out)
        out.append(self.text(f"kurz.{self.quer.verdict}"))
        if pd.notna(self.quer.elsewhere):
            shares = (self.quer.elsewhere, self.quer.elsewhere_expected)
            own, expected = (formats.anteil(share) for share in shares)
            out.append(self.text("kurz.anderswo", anteil=own, erwartet=expected))
        return present.kurzfassung(out)

    def einfache_saetze(self) -> list[str]:
        found = self.ergebnis
        out = [self.leicht("was"), *self.einfach_gruppen()]
        if found.k > 1:
            if pd.notna(found.p_gate):
                out.append(self.leicht("scharf" if found.distinct else "fliessend"))
            for kind, size in found.sizes.items():
                words = {"nummer": str(kind), "name": self.typnamen.get(int(str(kind)), ""), "anzahl": formats.zahl(size)}  # fmt: skip
                out.append(self.leicht("gruppe_eins" if size == 1 else "gruppe", **words))
            counts = {"sicher": formats.zahl(self._eindeutig), "alle": formats.zahl(self._zugeordnet)}
            out.append(
                self.leicht("sicher_alle" if self._eindeutig == self._zugeordnet else "sicher", **counts)
            )
            if self.kommune.nunique() > 1 and self.quer.verdict != "quer_folgt":
                out.append(text("einfach.quer", sprache="einfach", **self.worte))
        return out

    def einfach_gruppen(self) -> list[str]:
        """How many groups there are, in Einfache Sprache."""
        k = self.ergebnis.k
        if k == 1:
            return [text("einfach.eine_gruppe", sprache="einfach")]
        return [text("einfach.gruppen", sprache="einfach", k=formats.zahl(k))]

    def kennzahl(self) -> Kennzahl | None:
        if self.hindernis:
            return None
        k = self.ergebnis.k
        words = {"alle": formats.zahl(len(self.kommune)), "orte": formats.zahl(self.kommune.nunique())}
        name = (
            "kennzahl_einer"
            if k < 2
            else "kennzahl"
            if self.ergebnis.distinct or pd.isna(self.ergebnis.p_gate)
            else "kennzahl_lesehilfe"
        )
        said = self.text(name)
        return Kennzahl(formats.zahl(k), said, self.text("kennzahl_mehr", **words))

    def bild(self) -> Anzeige | None:
        return self.karte()

    @property
    def _zugeordnet(self) -> int:
        return int(self.ergebnis.labels.notna().sum())

    @property
    def _eindeutig(self) -> int:
        return int((self.ergebnis.assignment["einordnung"] == "eindeutig").sum())

    @tragend
    def pruefgroessen(self) -> Anzeige:
        """The same findings with the figures that were tested."""
        said = [self.ergebnis.summary()]
        if self.kommune.nunique() > 1:
            said.append(self.quer.summary(self.kontext.kommune))
        return present.absaetze(said, titel=self.text("pruefgroessen"))

    @tragend
    def hinweise(self) -> Anzeige | None:
        """What a reader must know about gaps and doubts; nothing if there is nothing."""
        if not self.ergebnis.messages:
            return None
        return present.hinweis(self.ergebnis.messages, titel=text("berichte.hinweise"))

    @tragend
    def karte(self, *, allein: bool = False) -> Anzeige:
        """Map of the types; ``allein`` where no table of the areas stands on the same page."""
        doubt = self.ergebnis.assignment["einordnung"].isin(UNSICHER)
        return present.typenkarte(
            self.gebiete,
            self.ergebnis.labels,
            kontext=self.kontext,
            titel=self._kartentitel(),
            unsicher=doubt,
            namen=self.typnamen,
            kommunen=self.kommunen,
            hervorheben=self.p.sozialraum or None,
            tafel=None if allein else self._gemeinsame_tafel,
        )

    def _kartentitel(self) -> str:
        sizes = self.ergebnis.sizes
        if len(sizes) < 2:
            return self.text("karte_eine")
        most = formats.aufzaehlung(self._typ(key) for key in sizes.index[sizes == sizes.max()])
        counts = {"anzahl": formats.zahl(sizes.max()), "alle": formats.zahl(sizes.sum())}
        several = (sizes == sizes.max()).sum() > 1
        return self.text("karte_je" if several else "karte", k=formats.zahl(len(sizes)), typen=most, **counts)

    @tragend
    def typkarten(self) -> Anzeige:
        """One card per type: name, small map, three marks, how many, where, the most typical area."""
        found = self.ergebnis
        if found.k < 2:
            return present.folge([])
        marks = typnamen.merkmale(found.profile_z)
        whole = self.daten.matrix(list(found.profile.columns), self.stichtag, level="region").iloc[0]
        cards = [
            present.Typkarte(
                kind,
                present.typname(kind, self.typnamen),
                [self._merkmal(kind, key, whole.get(key)) for key in marks[kind]],
                self._wo(kind),
                self._typisch(kind),
            )
            for kind in found.sizes.index
        ]
        note = self.text("namen_regel")
        if self.redigierte_namen:
            note = self.text("namen_redaktion", namen=formats.aufzaehlung(self.redigierte_namen.values()))
        return present.typkarten(
            cards,
            self.gebiete,
            found.labels,
            kontext=self.kontext,
            titel=self.text("typkarten"),
            hinweis=note,
        )

    def _merkmal(self, typ: Any, indikator: str, region: Any) -> str:
        """An indicator with the mean of a type beside the value of the region."""
        column = self.spalten[indikator]
        value, whole = (
            formats.wert(v, unit, column.nachkommastellen or 0)  # type: ignore[arg-type]
            for v, unit in (
                (self.ergebnis.profile.at[typ, indikator], column.einheit),
                (region, column.einheit if column.einheit == "%" else ""),
            )
        )
        known = region is not None and pd.notna(region)
        return self.text("merkmal" if known else "merkmal_ohne", name=column.label, wert=value, dort=whole)

    def _wo(self, typ: Any) -> str:
        """How many areas a type has, and the Kommunen with most of them."""
        homes = self.kommune[self.ergebnis.labels.index[self.ergebnis.labels == typ]].value_counts()
        first = vorderste(homes.set_axis(homes.index.map(self.kommunen["name"])))
        names = formats.aufzaehlung(f"{name} ({count})" for name, count in first)
        key = "wo_alle" if len(first) == len(homes) else "wo" if names else "wo_verteilt"
        return self.text(
            key,
            anzahl=formats.zahl(homes.sum()),
            namen=names,
            orte=formats.zahl(len(homes)),
            je=formats.zahl(homes.max()),
        )

    def _typisch(self, typ: Any) -> str:
        """The area that stands for a type, if there is one."""
        listed = self.ergebnis.typical.get(typ)
        first = listed[0] if isinstance(listed, list | tuple) and listed else listed
        return self.text("typisch", ort=self.ort(first)) if first in self.namen.index else ""

    @tragend
    def profil(self) -> Anzeige:
        used = list(self.ergebnis.profile.columns)
        away = self.ergebnis.profile_z[used].abs().mean(axis=1)
        far = self.text("profil", typ=self._typ(away.idxmax())) if len(away) > 1 else self.text("profil_eine")
        figure = present.profil(
            self.ergebnis.profile_z[used],
            self.ergebnis.profile,
            kontext=self.kontext,
            titel=far,
            spalten={key: self.spalten[key] for key in self.spalten if key in used},
            namen=self.typnamen,
            themen=self.themen,
            region=self.daten.matrix(used, self.stichtag, level="region").iloc[0],
            groessen=self.ergebnis.sizes,
            richtung=self.katalog["polaritaet"].to_dict(),
        )
        turned = [self.spalten[key].label for key in used if self.katalog["polaritaet"].get(key, 0) < 0]
        if not turned:
            return figure
        said = self.text("umgekehrt", namen=formats.aufzaehlung(f"„{name}“" for name in turned))
        return replace(figure, html=figure.html + present.absaetze([said]).html)

    @tragend
    def vorkommen(self) -> Anzeige:
        if self.kommune.nunique() < 2:
            return present.folge([])
        homes = pd.DataFrame({"typ": self.ergebnis.labels, "kommune": self.kommune}).dropna()
        spread = homes.groupby("typ")["kommune"].nunique()
        places = formats.zahl(spread.min())
        if spread.min() < spread.max():
            places = formats.spanne(spread.min(), spread.max(), "", 0)
        return present.vorkommen(
            self.ergebnis.labels,
            self.kommune,
            kontext=self.kontext,
            titel=self.text("vorkommen", orte=places, alle=formats.zahl(len(self.kommunen))),
            namen=self.typnamen,
            kommunen=self.kommunen,
        )

    @tragend
    def sicherheit(self) -> Anzeige:
        return present.sicherheit(
            self.ergebnis.assignment["sicherheit"],
            self.ergebnis.labels,
            kontext=self.kontext,
            titel=self.text("sicherheit", sicher=self._eindeutig, alle=self._zugeordnet),
            grenze=0.8,
            namen=self.typnamen,
            gebietsnamen=self.namen,
            tafel=self._gemeinsame_tafel,
        )

    @property
    def _gemeinsame_tafel(self) -> str | None:
        """The table of all areas, unless the page lists those of one Kommune only."""
        return None if self.p.kommune else TAFEL

    @tragend
    def tabelle(self) -> Anzeige:
        """All areas, or those of the chosen Kommune, with type, certainty and nearest twin."""
        first = self.zwillinge[self.zwillinge["rang"] == 1].set_index("gebiet")["zwilling"]
        given = self.ergebnis.assignment.loc[self.gewaehlt]
        frame = pd.DataFrame(
            {
                "kommune": self.kommune[given.index].map(self.kommunen["name"]),
                "typ": given["typ"].map(self._typ),
                "sicherheit": 100 * given["sicherheit"],
                "einordnung": given["einordnung"].map(self._einordnung),
                "zweiter_typ": given["zweiter_typ"].map(self._typ),
                "zwilling": first.reindex(given.index).map(self.ort, na_action="ignore"),
                "raum": self._raum(given.index),
                "luecken": [self._luecken(area) for area in given.index],
            },
            index=given.index,
        )
        frame.index = pd.Index(self.namen[given.index], name="name")
        columns = {
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "typ": Spalte(self.text("typ")),
            "sicherheit": Spalte(self.text("sicherheit_kurz"), "%", 0),
            "einordnung": Spalte(self.text("einordnung")),
            "zweiter_typ": Spalte(self.text("zweiter_typ")),
            "zwilling": Spalte(self.text("zwilling")),
            "raum": Spalte(self.text("raum_lang")),
            "luecken": Spalte(self.text("luecken")),
        }
        for key in ("zwilling", "raum", "luecken"):
            if not any(frame.loc[frame[key].notna(), key]):
                del columns[key]
        return present.tabelle(
            frame,
            titel=self.text("tabelle" if self.kommune.nunique() > 1 else "tabelle_eine"),
            kontext=self.kontext,
            spalten=columns,
            id=TAFEL,
        )

    def _raum(self, areas: pd.Index) -> list[str]:
        """Number of the contiguous planning area of each area; empty where it belongs to none."""
        found = self.planungsraeume
        labels = {} if found is None else found.labels.dropna().astype(int).to_dict()
        return [str(labels.get(area, "")) for area in areas]

    def _luecken(self, area: str) -> str:
        """What was done about the missing values of an area."""
        gaps = self._luecken_je_gebiet.get(area, 0)
        if not gaps:
            return ""
        if pd.isna(self.ergebnis.labels[area]):
            return self.text("ohne_angaben")
        key = "zugeordnet" if self.ergebnis.assignment["zugeordnet"][area] else "ergaenzt"
        return self.text(key, anzahl=str(gaps))

    @staticmethod
    def _einordnung(word: object) -> str:
        return text(f"berichte.cluster.einordnungen.{word}") if isinstance(word, str) else ""

    @tragend
    def aehnliche(self) -> Anzeige:
        """Twins of the chosen area."""
        if self.zwillinge.empty:
            return present.folge([])
        return self.zwillinge_von(self.p.sozialraum or self._erstes())

    def _erstes(self) -> str:
        """Area shown first: of the chosen Kommune, the one with the nearest twin."""
        own = self.zwillinge[self.zwillinge["gebiet"].isin(self.gewaehlt)]
        if own.empty:
            return str(self.gewaehlt[0])
        return str(own.sort_values("distanz", kind="stable")["gebiet"].iloc[0])

    def zwillinge_von(self, gebiet: str) -> Anzeige:
        """The most similar areas of other municipalities, and what agrees and differs."""
        own = self.zwillinge[self.zwillinge["gebiet"] == gebiet]
        if own.empty:
            return present.keine_daten(self.text("kein_zwilling", gebiet=self.ort(gebiet)))
        frame = pd.DataFrame(
            {
                "zwilling": own["zwilling"].map(self.namen),
                "kommune": own["gruppe"].map(self.kommunen["name"]),
                "naehe": own["perzentil"],
                "gegenseitig": own["gegenseitig"].map(
                    {True: text("berichte.ja"), False: text("berichte.nein")}
                ),
                **{column: words.map(", ".join) for column, words in self.merkmale(own).items()},
                "haelt": own["haelt_rauschen"].map(self._haelt),
            }
        )
        columns = {
            "zwilling": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "naehe": Spalte(self.text("naehe"), "%", 1),
            "gegenseitig": Spalte(self.text("gegenseitig")),
            "aehnlich": Spalte(self.text("aehnlich")),
            "verschieden": Spalte(self.text("verschieden")),
            "haelt": Spalte(self.text("haelt")),
        }
        title = self.text("zwillinge", gebiet=self.ort(gebiet))
        return present.tabelle(frame, titel=title, kontext=self.kontext, spalten=columns)

    def merkmale(self, paare: pd.DataFrame) -> pd.DataFrame:
        """What agrees and differs in each pair of :attr:`zwillinge`, in words: tuples ``aehnlich, verschieden``."""
        return pd.DataFrame(
            {
                column: [
                    self._werte(words, a, b, richtung=column == "verschieden")
                    for a, b, words in paare[["gebiet", "zwilling", column]].itertuples(index=False)
                ]
                for column in ("aehnlich", "verschieden")
            },
            index=paare.index,
            dtype=object,
        )

    def _werte(self, words: tuple[str, ...], a: str, b: str, *, richtung: bool) -> tuple[str, ...]:
        """Indicators with the values of both areas, and what that means; the name alone where one is missing."""
        parts = []
        for word in words:
            key = self._kurz.get(word)
            pair = [] if key is None else [self.matrix.loc[area, key] for area in (a, b)]
            if not pair or pd.isna(pair).any():
                parts.append(word)
                continue
            shown = [formats.zahl(value, self.spalten[str(key)].nachkommastellen or 0) for value in pair]
            numbers = self.text("paar", eins=shown[0], zwei=shown[1], einheit=self.spalten[str(key)].einheit)
            if richtung and shown[0] != shown[1]:
                side = "hoeher" if pair[1] > pair[0] else "niedriger"
                need = (pair[1] - pair[0]) * self.katalog.at[key, "polaritaet"]
                means = "mehr" if need > 0 else "weniger" if need < 0 else "offen"
                numbers = self.text(f"dort.{means}", paar=numbers, seite=self.text(f"dort.{side}"))
            parts.append(f"{word} ({numbers.strip()})")
        return tuple(parts)

    @staticmethod
    def _haelt(value: object) -> str:
        return "" if pd.isna(value) else text("berichte.ja" if value else "berichte.nein")  # type: ignore[call-overload]

    def alle_merkmale(self) -> Anzeige:
        """The profile of the types in every indicator."""
        return present.klappe([self.profil()], titel=self.text("alle_merkmale"), ebene=3)

    def fuer_fachleute(self) -> Anzeige:
        """Everything that says how the types were found and how much depends on it."""
        return present.klappe(
            [
                self.pruefgroessen(),
                self.sicherheit(),
                self.anzahl(),
                self.verfahrensvergleich(),
                self.querlage(),
                self.raeume(),
                self.wechsel(),
                self.indizes(),
                self.indexwerte(),
                self.empfindlichkeit(),
                self.hinweise(),
            ]
        )

    def indizes(self) -> Anzeige:
        """Topic indices beside the types: what they are made of and how much depends on choices."""
        return self._indizes.uebersicht()

    def gefaelle(self) -> Anzeige | None:
        """How far the neediest and the least needy areas are apart; nothing without indices and counts."""
        return gefaelle(self, self._indizes.ergebnisse)

    def indexwerte(self) -> Anzeige | None:
        """Indices of all areas, or those of the chosen Kommune; nothing without a recipe."""
        return self._indizes.werte(self.gewaehlt)

    def empfindlichkeit(self) -> Anzeige | None:
        """The same indices made in other ways; nothing without a recipe."""
        return self._indizes.empfindlichkeit()

    @cached_property
    def _indizes(self) -> Indizes:
        return Indizes(self)


def vorderste(zahlen: pd.Series) -> list[tuple[str, int]]:
    """The largest counts with their names, three or more; of equals all or none, and never more than six."""
    named: list[tuple[str, int]] = []
    for count in sorted(set(zahlen), reverse=True):
        equal = sorted(zahlen.index[zahlen == count], key=formats.sortierschluessel)
        if len(named) >= 3 or len(named) + len(equal) > MEISTE_ORTE:
            break
        named += [(str(name), int(count)) for name in equal]
    return named
