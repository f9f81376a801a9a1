"""What all pages share: data, context, heading, choice of parameters, sources."""

from __future__ import annotations

import ast
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import geopandas as gpd
import pandas as pd

from sozialanalyse import papier, present, store
from sozialanalyse.base import Kontext, LaufFehler, Zwischenspeicher, settings, text
from sozialanalyse.present import Anzeige, Eingabefeld, Kennzahl, Spalte, formats
from sozialanalyse.seiten.grundlage import bedienung
from sozialanalyse.seiten.grundlage.ablauf import ablauf
from sozialanalyse.seiten.grundlage.adressen import adressen
from sozialanalyse.seiten.grundlage.erklaerung import Erklaerung, P
from sozialanalyse.seiten.grundlage.parameter import Parameter

B = TypeVar("B", bound="Seite[Any]")
JE_THEMA = 2
RAND = 0.9
"""Share of areas that must touch another one, so that anything is said about borders."""


def tragend(block: Callable[..., Any]) -> Callable[..., Any]:
    """A display that is left out where :attr:`Seite.hindernis` tells that the data do not carry it."""

    @wraps(block)
    def shown(bericht: Seite[Any], **wie: Any) -> Any:
        return present.folge([]) if bericht.hindernis else block(bericht, **wie)

    return shown


def auf_karte(block: Callable[[B], Any]) -> Callable[[B], Any]:
    """A display made of outlines, left out where the region has none."""

    @wraps(block)
    def shown(bericht: B) -> Any:
        return block(bericht) if bericht.umrisse_da else present.folge([])

    return shown


class Seite(ABC, Erklaerung[P]):
    """Base of all pages.

    Parameters
    ----------
    daten
        Data another report of the same audience has read already.
    **werte
        Parameters of the notebook, checked against its model and the data.

    Raises
    ------
    ParameterFehler
        With one German sentence per fault.
    """

    def __init__(self, *, daten: Any = None, **werte: object) -> None:
        audience = werte.get("audience", Parameter.model_fields["audience"].default)
        self.daten: store.Daten = daten or store.load(audience=audience)  # type: ignore[arg-type]
        with bedienung.abweisung():
            werte |= bedienung.aus_adresse(self.parameter)
            self.p: P = self.pruefe(werte, self.daten)  # type: ignore[assignment]
        self.bedienung = bedienung.Bedienung(self) if bedienung.wird_bedient() else None
        self.stichtag = self.daten.stichtag(self.p.stichtag, self.p.gefragte_themen)
        place = self.daten.region
        self.speicher = Zwischenspeicher(settings.zwischenordner(place.ordner, place.id, self.p.audience))

    def __init_subclass__(cls, **options: Any) -> None:
        """Every public method that returns a display is a finding, which controls can renew."""
        super().__init_subclass__(**options)
        for name, block in list(vars(cls).items()):
            told = getattr(block, "__annotations__", {}).get("return", "")
            if not name.startswith("_") and callable(block) and "Anzeige" in str(told):
                setattr(cls, name, bedienung.befund(block))

    @property
    def hindernis(self) -> str:
        """Why the data do not carry what the page compares, in a sentence; empty if they do."""
        return ""

    @classmethod
    def noetige_texte(cls) -> list[str]:
        """Those of the declaration, of the usual heading, and every one that a method of the page names in full."""
        own = cls.__mro__[: cls.__mro__.index(Seite)]
        names = [name for kind in own for name in _genannte_texte(kind)]
        names += ["titel", "frage"] if cls.kopf is Seite.kopf else []
        return [
            *super().noetige_texte(),
            *(f"berichte.{cls.notebook}.{name}" for name in dict.fromkeys(names)),
        ]

    # --- where the page is shown --------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether a web service shows the page, so that links with parameters lead somewhere."""
        return bool(self.dateien)

    @property
    def statisch(self) -> bool:
        """Whether the page is made by the batch and will have no kernel behind it."""
        return bool(os.environ.get("SOZIALANALYSE_STATISCH"))

    @property
    def fertig(self) -> bool:
        """Whether the engine makes the page, so that files may lie beside it."""
        return self.statisch or self.live

    @property
    def dateien(self) -> str:
        """Address of the scripts and styles of the web service that shows the page."""
        return os.environ.get("SOZIALANALYSE_DATEIEN", "")

    # --- words and frames ---------------------------------------------------------------------

    @property
    @abstractmethod
    def indikatoren(self) -> list[str]:
        """Ids of the indicators the report speaks of."""

    mit_themenstand: ClassVar[bool] = True
    """Whether the heading names topics that have no values on the date of the page."""

    @cached_property
    def kontext(self) -> Kontext:
        shown = self.daten.kontext(self.stichtag, self.indikatoren)
        if not self.mit_themenstand:
            return shown
        late = self.daten.andere_tage(self.stichtag, self.p.gefragte_themen)
        names = self.daten.region.themen
        return shown.mit(
            andere_tage=tuple(f"{names[key].name} ({formats.datum(day)})" for key, day in late.items())
        )

    def kontext_zu(self, indikatoren: Iterable[str]) -> Kontext:
        """Context of a figure: the sources of the indicators it shows and of no others."""
        return self.daten.kontext(self.stichtag, list(indikatoren))

    @cached_property
    def katalog(self) -> pd.DataFrame:
        return self.daten.indikatoren().loc[self.indikatoren]

    @cached_property
    def worte(self) -> dict[str, str]:
        """Names of the levels, for sentences."""
        return self.kontext.worte

    def text(self, key: str, **values: Any) -> str:
        """Sentence of this report with the names of the levels filled in."""
        return text(f"berichte.{self.notebook}.{key}", **self.worte, **values)

    @cached_property
    def kommune(self) -> pd.Series:
        return self.daten.kommune()

    @cached_property
    def nachbarn(self) -> dict[str, list[str]] | None:
        """Neighbouring areas; None where too few outlines are known, so that nothing is said about borders."""
        found = self.daten.nachbarn()
        touching = sum(map(bool, found.values()))
        return found if touching and touching >= RAND * len(found) else None

    @cached_property
    def lage(self) -> pd.DataFrame:
        """A point in every area, metres; NaN without an outline."""
        point = self.daten.gebiete("sozialraum").geometry.representative_point()
        return pd.DataFrame({"x": point.x, "y": point.y})

    @cached_property
    def umrisse_da(self) -> bool:
        """Whether any area has an outline, so that there is a map to draw."""
        return bool(self.gebiete.geometry.notna().any())

    @cached_property
    def namen(self) -> pd.Series:
        return self.daten.namen("sozialraum")

    @cached_property
    def kommunen(self) -> pd.DataFrame:
        return pd.DataFrame({"name": self.daten.namen("kommune")})

    @cached_property
    def gebiete(self) -> gpd.GeoDataFrame:
        areas = self.daten.gebiete("sozialraum")
        return areas.assign(kommune_id=areas["oberhalb"])

    @cached_property
    def themen(self) -> dict[str, str]:
        """Indicator -> name of its topic."""
        names = {key: thema.name for key, thema in self.daten.region.themen.items()}
        return {str(key): names[thema] for key, thema in self.katalog["thema"].items()}

    @property
    def themenfolge(self) -> list[str]:
        return [thema.name for thema in self.daten.region.themen.values()]

    @cached_property
    def spalten(self) -> dict[str, Spalte]:
        """How each indicator is printed, in the order of the catalogue."""
        return {
            str(row.Index): Spalte(str(row.kurz), str(row.einheit), int(row.nachkommastellen))
            for row in self.katalog.itertuples()
        }

    def kern_aus(self, katalog: pd.DataFrame) -> list[str]:
        """Main indicators among those of a catalogue: as the region says, else the first of each topic."""
        named = self.daten.region.seite.kernindikatoren
        if named:
            return [key for key in named if key in katalog.index]
        table = katalog[katalog["auswertung"]]
        return [str(key) for key in table.groupby("thema", sort=False).head(JE_THEMA).index]

    def kern_bedarf(self, katalog: pd.DataFrame) -> list[str]:
        """Main indicators that say who needs help: rates of which the catalogue knows the side of more need."""
        sign, kind = katalog["polaritaet"], katalog["art"]
        return [key for key in self.kern_aus(katalog) if sign[key] != 0 and kind[key] != "anzahl"]

    @staticmethod
    def je_thema(indikatoren: Iterable[str], themen: Mapping[str, str]) -> list[str]:
        """The first indicator of each topic, in their order."""
        keys = list(indikatoren)
        first = {themen[key]: key for key in reversed(keys)}
        return [key for key in keys if first[themen[key]] == key]

    @cached_property
    def gewaehlt(self) -> pd.Index:
        """Areas the page lists: those of the chosen Kommune, else all."""
        return self.kommune.index[self.kommune == self.p.kommune] if self.p.kommune else self.kommune.index

    @cached_property
    def _adressen(self) -> dict[str, dict[object, str]]:
        levels: tuple[Literal["kommune", "sozialraum"], ...] = ("kommune", "sozialraum")
        found = {"indikator": adressen(self.daten.indikatoren().index)}
        for level in levels:
            found[level] = adressen(self.daten.verzeichnis(level).index)
        return found

    def adresse(self, art: Literal["kommune", "sozialraum", "indikator"], key: str) -> str:
        """File of the page about a Kommune, an area or an indicator, within the folder of its notebook."""
        return f"{self._adressen[art][key]}.html"

    def ort(self, gebiet: str) -> str:
        """Area with its Kommune, for sentences."""
        return f"{self.namen[gebiet]}, {self.kommunen['name'][self.kommune[gebiet]]}"

    # --- blocks every page has ----------------------------------------------------------------

    @bedienung.befund
    def kopf(self) -> Anzeige:
        """Heading; in JupyterLab it brings the stylesheet along, other pages have it already."""
        bare = not (self.live or self.statisch)
        place = f": {self.kommunen['name'][self.p.kommune]}" if self.p.kommune else ""
        return present.kopf(self.text("titel") + place, self.text("frage"), self.kontext, stil=bare)

    # --- first screen: every page fills these three ---------------------------------------------

    def kurzfassung(self) -> Anzeige:
        """The answer in sentences."""
        return present.folge([])

    def antwort(self) -> Anzeige:
        """What stands beside the picture: the sentences."""
        return self.kurzfassung()

    def kennzahl(self) -> Kennzahl | None:
        """The one number of the page; None if it has none."""
        return None

    def bild(self) -> Anzeige | None:
        """The picture beside the answer; None if the page has none."""
        return None

    def leicht(self, key: str, **values: Any) -> str:
        """Sentence of this page in Einfache Sprache with the names of the levels filled in."""
        return text(f"einfach.{self.notebook}.{key}", sprache="einfach", **self.worte, **values)

    @property
    def einfach_titel(self) -> str:
        """Heading of what is said in Einfache Sprache."""
        return text("einfach.titel", sprache="einfach")

    def einfache_saetze(self) -> list[str]:
        """The answer in Einfache Sprache, a paragraph each."""
        return []

    @bedienung.befund
    def einfach(self) -> Anzeige:
        """The answer once more in Einfache Sprache; nothing where the page has none."""
        if self.hindernis or not (said := self.einfache_saetze()):
            return present.folge([])
        return present.absaetze(said, titel=self.einfach_titel, ebene=2, art="einfach")

    @bedienung.befund
    def auftakt(self) -> Anzeige:
        """Number, answer and picture on one screen, and which topics have values at other dates only."""
        late = ", ".join(self.kontext.andere_tage)
        note = text("present.kopf.andere_tage", stichtag=self.kontext.stichtag, themen=late) if late else ""
        return present.auftakt(self.antwort(), kennzahl=self.kennzahl(), bild=self.bild(), hinweis=note)

    def _auswahl(self, felder: list[Eingabefeld]) -> Any:
        days = [(day, formats.datum(day)) for day in reversed(self.daten.stichtage)]
        places = [
            ("", self.text("alle_kommunen")),
            *((str(k), str(v)) for k, v in self.kommunen["name"].items()),
        ]
        fields = [
            Eingabefeld("stichtag", text("berichte.stichtag"), days),
            *felder,
            Eingabefeld("kommune", self.kontext.kommune.einzahl, places),
        ]
        values = {**self._aktuell(), "stichtag": self.stichtag}
        if self.bedienung:
            return self.bedienung.steuerung(fields, values)
        chosen = present.auswahl(fields, f"/live/{self.notebook}" if self.live else None, values)
        if not self.statisch:
            return chosen
        self.gewaehltes = chosen
        return present.folge([])

    gewaehltes: Anzeige | None = None
    """What a finished page was made for; it stands at the end, with the sources."""

    def _aktuell(self) -> Mapping[str, str]:
        values = self.p.model_dump(mode="json")
        return {k: ",".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in values.items()}

    @bedienung.befund
    def methode(self) -> Anzeige:
        return present.methode(self.text("methode"))

    def ergebniszahlen(self) -> dict[str, Any]:
        """Key results for the record of the run: short name -> number or text, already protected.

        ``sozialanalyse runs`` compares them with those of the previous snapshot. None by default.
        """
        return {}

    # --- files to go on writing in --------------------------------------------------------------

    @cached_property
    def _befunde(self) -> dict[str, Any]:
        """Findings shown so far, by name."""
        return {}

    def als_word(self, pfad: str | Path | None = None) -> Path:
        """Schreibt die Seite als Word-Datei zum Weiterschreiben.

        Parameters
        ----------
        pfad
            File to write; without one it is named after the page and lies in the folder of the notebook.

        Raises
        ------
        LaufFehler
            If it cannot be written.
        """
        return self._schreibe("docx", pfad)

    def als_folien(self, pfad: str | Path | None = None) -> Path:
        """Schreibt die Seite als Folien, ein Befund je Folie; sonst wie :meth:`als_word`."""
        return self._schreibe("pptx", pfad)

    def _schreibe(self, art: Literal["docx", "pptx"], pfad: str | Path | None) -> Path:
        target = Path(pfad or f"{self.notebook}-{adressen([self._papiername])[self._papiername]}.{art}")
        try:
            target.write_bytes(self.papierdatei(art))
        except OSError as error:
            raise LaufFehler(text("papier.nicht_geschrieben", ort=target, grund=error.strerror or error)) from None  # fmt: skip
        return target

    @property
    def _papiername(self) -> str:
        return str(getattr(self, "ort_id", "") or self.p.kommune or "gesamt")

    nicht_auf_folien: ClassVar[frozenset[str]] = frozenset(
        {"einfach", "lesehinweise", "methode", "glossar", "rechtliches", "aenderungsvermerk"}
    )
    """Findings that stand in a document only."""

    def papierdatei(self, art: Literal["docx", "pptx"]) -> bytes:
        """The page as a document or as slides, from the findings that are shown, in the order of its notebook."""
        left_out = self.nicht_auf_folien if art == "pptx" else frozenset()
        sections = []
        for heading, names in ablauf(self.quelle(settings.projektordner() / "notebooks")):
            made = [self._befund(name) for name in names if name not in left_out and hasattr(self, name)]
            shown = [one for one in made if isinstance(one, Anzeige)]
            sections.append(papier.Abschnitt(heading, [one for one in shown if not one.kapitel]))
            for one in shown:
                if one.kapitel:
                    parts = [
                        replace(part, titel="") if part.titel == one.titel else part for part in one.teile
                    ]
                    sections.append(papier.Abschnitt(one.titel, parts))
        make = papier.word if art == "docx" else papier.folien
        return make(self._deckblatt, sections)

    def beigabe(self) -> dict[str, bytes]:
        """The file to go on writing in that lies beside a finished page: ending -> content."""
        return {self.papier: self.papierdatei(self.papier)} if self.papier and self.fertig else {}

    def _befund(self, name: str) -> Any:
        if name not in self._befunde:
            getattr(self, name)()
        return self._befunde.get(name)

    @property
    def _deckblatt(self) -> papier.Deckblatt:
        head = self._befund("kopf")
        secret = text("papier.intern") if self.p.audience != "oeffentlich" else ""
        return papier.Deckblatt(head.titel, head.beschreibung, self.kontext, secret)

    @bedienung.befund
    def quellen(self) -> Anzeige:
        """Sources; the last block of every page, so it also hands the key results to the record."""
        rows = [
            {
                "anbieter": row.anbieter,
                "stand": formats.datum(row.datenstand) if isinstance(row.datenstand, str) else "",
                "lizenz": row.lizenz,
            }
            for row in self.daten.quellen(self.indikatoren).itertuples()
        ]
        shown = present.quellen(rows, self.kontext)
        if self.gewaehltes is not None:
            shown = replace(shown, html=shown.html + self.gewaehltes.html)
        return replace(shown, ergebnis=self.ergebniszahlen()) if self.statisch else shown


@cache
def _genannte_texte(kind: type) -> list[str]:
    """Keys in calls of ``self.text`` that are written out in a class."""
    (body,) = [
        node for node in _baum(str(sys.modules[kind.__module__].__file__)) if node.name == kind.__name__
    ]
    return [
        str(call.args[0].value)
        for call in ast.walk(body)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "text"
        and getattr(call.func.value, "id", "") == "self"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]


@cache
def _baum(file: str) -> list[ast.ClassDef]:
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]
