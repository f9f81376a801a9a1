"""All pages of a region together: read, held against each other, and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sozialanalyse.base import Befund, PruefFehler, vorschlag, yamlio
from sozialanalyse.region.catalogue.datensatzseite import DatensatzSeite, IndikatorSeite
from sozialanalyse.region.catalogue.summe import FLAECHE, Summe
from sozialanalyse.region.region import Region


@dataclass(frozen=True)
class Indikator:
    """An indicator with its parsed numerator and denominator."""

    id: str
    datensatz: str
    seite: IndikatorSeite
    zaehler: Summe
    nenner: Summe | None
    sperrprofil: str


@dataclass(frozen=True)
class Katalog:
    """All dataset pages of a region."""

    datensaetze: dict[str, DatensatzSeite]
    indikatoren: dict[str, Indikator]
    pfade: dict[str, Path]

    def rundung(self, felder: Iterable[str]) -> float:
        """By how much a sum of fields may be off because their suppliers round counts."""
        pages = (self.datensaetze.get(name.split(".")[0]) for name in felder)
        return sum(page.gerundet_auf / 2 for page in pages if page is not None)

    def woraus(self) -> dict[str, set[str]]:
        """Indicator -> every dataset its numerator and denominator come from."""
        return {
            key: {one.datensatz}
            | {
                name.partition(".")[0]
                for summe in (one.zaehler, one.nenner)
                if summe
                for name in summe.felder
                if name != FLAECHE
            }
            for key, one in self.indikatoren.items()
        }

    def zaehlt_faelle(self, indikator: Indikator) -> bool:
        """Whether a rate has cases, so that the chance of small numbers can be computed.

        A balance has none (its chance is that of what comes and what goes), nor has what is measured (square
        metres, euro) or related to an area instead of people or things.
        """
        fields = {
            f"{name}.{key}": one
            for name, page in self.datensaetze.items()
            for key, one in page.felder.items()
        }
        return (
            indikator.seite.art == "quote"
            and all(
                sign > 0 and name in fields and fields[name].zaehlt
                for sign, name in indikator.zaehler.glieder
            )
            and FLAECHE not in (indikator.nenner.felder if indikator.nenner else ())
        )

    def tabelle(self) -> pd.DataFrame:
        """Catalogue as a table, one row per indicator, indexed by ``indikator_id``.

        Columns: datensatz, name, kurz, thema, art, einheit, faktor, nachkommastellen, polaritaet
        (+1, -1, 0), anteil, faelle, auswertung, komposition, mindestnenner, definition, hinweis, satz, einfach,
        beleg, quelle, lizenz, index (dict), index_pflicht, zaehler, nenner (lists of sign and field; empty
        without denominator).
        """
        rows = []
        for indikator in self.indikatoren.values():
            page, dataset = indikator.seite, self.datensaetze[indikator.datensatz]
            rows.append(
                {
                    "indikator_id": indikator.id,
                    "datensatz": indikator.datensatz,
                    "name": page.name,
                    "kurz": page.kurz or page.name,
                    "thema": page.thema,
                    "art": page.art,
                    "einheit": page.einheit,
                    "faktor": page.faktor,
                    "nachkommastellen": page.nachkommastellen,
                    "polaritaet": {"+": 1, "-": -1, "0": 0}[page.polaritaet],
                    "anteil": page.anteil and page.art == "quote",
                    "faelle": self.zaehlt_faelle(indikator),
                    "auswertung": page.auswertung and page.art != "anzahl",
                    "komposition": page.komposition or "",
                    "mindestnenner": page.mindestnenner,
                    "definition": page.definition,
                    "hinweis": page.hinweis,
                    "satz": page.satz,
                    "einfach": page.einfach,
                    "beleg": page.beleg,
                    "quelle": dataset.quelle.anbieter,
                    "lizenz": dataset.quelle.lizenz,
                    "sperrprofil": indikator.sperrprofil,
                    "index": dict(page.index),
                    "index_pflicht": page.index_pflicht,
                    "zaehler": [list(part) for part in indikator.zaehler.glieder],
                    "nenner": [list(part) for part in indikator.nenner.glieder] if indikator.nenner else [],
                }
            )
        return pd.DataFrame(rows).set_index("indikator_id")


def lade_katalog(region: Region) -> Katalog:
    """Read and check every page in the region's folder ``indikatoren``.

    Raises
    ------
    PruefFehler
        With everything that is wrong on any page, at once.
    """
    folder = region.ordner / "indikatoren"
    read, problems = yamlio.lies_seiten(folder, DatensatzSeite)
    if not read and not problems:
        raise PruefFehler(
            [Befund("fehler", "Hier liegt keine einzige Datensatzseite.",
                    "Bitte je Lieferung eine Seite *.yml anlegen.", datei=str(folder))]
        )  # fmt: skip
    pages: dict[str, tuple[yamlio.Dokument, DatensatzSeite]] = {}
    for document, page in read:
        if page.id in pages:
            problems.append(
                Befund("fehler", f"Die Kennung „{page.id}“ gibt es schon in {pages[page.id][0].pfad.name}.",
                       "Bitte eine andere wählen.", datei=str(document.pfad), zeile=document.zeile(("id",)))
            )  # fmt: skip
        pages[page.id] = (document, page)
    if problems:
        raise PruefFehler(problems)
    indikatoren = _indikatoren(pages, problems)
    _references(pages, indikatoren, region, problems)
    if problems:
        raise PruefFehler(problems)
    return Katalog(
        {name: _ohne_summen(page, indikatoren) for name, (_, page) in pages.items()},
        indikatoren,
        {name: document.pfad for name, (document, _) in pages.items()},
    )


def _ohne_summen(page: DatensatzSeite, indikatoren: dict[str, Indikator]) -> DatensatzSeite:
    """The page with fields that are only ever shown as delivered marked as what they are: no counts to add up."""
    shown: set[str] = set()
    counted: set[str] = set()
    for indikator in indikatoren.values():
        (shown if indikator.seite.art == "wert" else counted).update(indikator.zaehler.felder)
        counted.update(indikator.nenner.felder if indikator.nenner else ())
    fields = {
        name: feld.model_copy(update={"summierbar": False})
        if f"{page.id}.{name}" in shown - counted
        else feld
        for name, feld in page.felder.items()
    }
    return page.model_copy(update={"felder": fields})


def _indikatoren(
    pages: dict[str, tuple[yamlio.Dokument, DatensatzSeite]], problems: list[Befund]
) -> dict[str, Indikator]:
    result: dict[str, Indikator] = {}
    for name, (document, page) in pages.items():
        for key, indikator in page.indikatoren.items():
            place = ("indikatoren", key)
            if key in result:
                problems.append(
                    Befund("fehler", f"Der Indikator „{key}“ steht auch auf der Seite {result[key].datensatz}.",
                           "Kennungen sind einmalig.", datei=str(document.pfad), zeile=document.zeile(place))
                )  # fmt: skip
            try:
                zaehler = Summe.lesen(indikator.zaehler, name)
                nenner = Summe.lesen(indikator.nenner, name) if indikator.nenner else None
            except ValueError as error:
                problems.append(
                    Befund("fehler", f"{key}: {error}", datei=str(document.pfad), zeile=document.zeile(place))
                )
                continue
            result[key] = Indikator(
                key, name, indikator, zaehler, nenner, indikator.sperrprofil or page.sperrprofil
            )
    return result


def _checked_fields(
    page: DatensatzSeite, document: yamlio.Dokument, problems: list[Befund]
) -> Iterator[tuple[yamlio.Ort, str]]:
    """Every field the declared checks name, with its place on the page."""
    for kind in ("summen", "teile", "gleich"):
        for feld, ausdruck in getattr(page.pruefungen, kind).items():
            place: yamlio.Ort = ("pruefungen", kind, feld)
            yield place, f"{page.id}.{feld}"
            try:
                names = Summe.lesen(ausdruck, page.id).felder
            except ValueError as error:
                problems.append(Befund("fehler", f"pruefungen: {error}", datei=str(document.pfad),
                                       zeile=document.zeile(place)))  # fmt: skip
                continue
            yield from ((place, name) for name in names)


def _references(
    pages: dict[str, tuple[yamlio.Dokument, DatensatzSeite]],
    indikatoren: dict[str, Indikator],
    region: Region,
    problems: list[Befund],
) -> None:
    """Every name on a page must exist: fields, topics, profiles."""
    fields = {f"{name}.{feld}" for name, (_, page) in pages.items() for feld in page.felder} | {FLAECHE}

    def report(document: yamlio.Dokument, place: yamlio.Ort, text: str, word: str, known: list[str]) -> None:
        problems.append(
            Befund(
                "fehler", text, vorschlag(word, known), datei=str(document.pfad), zeile=document.zeile(place)
            )
        )

    weight = region.seite.bevoelkerung
    if not indikatoren or (weight and weight not in indikatoren):
        text = (
            f"bevoelkerung: Den Indikator „{weight}“ gibt es nicht."
            if indikatoren
            else "Es gibt noch keinen einzigen Indikator."
        )
        remedy = (
            vorschlag(weight, indikatoren)
            if indikatoren
            else "Bitte auf einer Datensatzseite „indikatoren“ ergänzen."
        )
        problems.append(Befund("fehler", text, remedy, datei=str(region.ordner / "region.yml")))
    for key in region.seite.kernindikatoren:
        if key not in indikatoren:
            text = f"kernindikatoren: Den Indikator „{key}“ gibt es nicht."
            problems.append(
                Befund("fehler", text, vorschlag(key, indikatoren), datei=str(region.ordner / "region.yml"))
            )
    for document, page in pages.values():
        if page.symbolprofil not in region.seite.symbolprofile:
            report(document, ("symbolprofil",), f"Das Symbolprofil „{page.symbolprofil}“ steht nicht in region.yml.",
                   page.symbolprofil, list(region.seite.symbolprofile))  # fmt: skip
        cuts = [umstieg.id for umstieg in region.seite.umstiege]
        for stand in page.staende:
            if stand not in cuts:
                report(document, ("gebietsstand",), f"Den Umstieg „{stand}“ gibt es nicht in region.yml.", stand, cuts)  # fmt: skip
        for key, feld in page.felder.items():
            for name in feld.beitraege:
                if name not in page.felder:
                    report(document, ("felder", key), f"beitraege: Das Feld „{name}“ gibt es nicht.", name, sorted(page.felder))  # fmt: skip
        for spot, name in _checked_fields(page, document, problems):
            if name not in fields:
                report(document, spot, f"pruefungen: Das Feld „{name}“ gibt es nicht.", name, sorted(fields))
    for indikator in indikatoren.values():
        document = pages[indikator.datensatz][0]
        place: yamlio.Ort = ("indikatoren", indikator.id)
        for name in indikator.zaehler.felder + (indikator.nenner.felder if indikator.nenner else ()):
            if name not in fields:
                report(
                    document, place, f"{indikator.id}: Das Feld „{name}“ gibt es nicht.", name, sorted(fields)
                )
        if indikator.seite.thema not in region.themen:
            report(document, (*place, "thema"), f"{indikator.id}: Das Thema „{indikator.seite.thema}“ steht nicht in region.yml.",
                   indikator.seite.thema, list(region.themen))  # fmt: skip
        for topic, part in indikator.seite.index.items():
            spot = (*place, "index", topic)
            if topic not in region.themen:
                report(document, spot, f"{indikator.id}: index nennt das Thema „{topic}“, das nicht in region.yml steht.",
                       topic, list(region.themen))  # fmt: skip
            elif not 0 < abs(part) < float("inf"):
                problems.append(Befund("fehler", f"{indikator.id}: Im Index „{topic}“ hat er das Gewicht {part:g}.",
                                       "Bitte eine Zahl außer null eintragen oder die Zeile streichen.",
                                       datei=str(document.pfad), zeile=document.zeile(spot)))  # fmt: skip
        if indikator.sperrprofil not in region.seite.sperrprofile:
            report(document, place, f"{indikator.id}: Das Sperrprofil „{indikator.sperrprofil}“ steht nicht in region.yml.",
                   indikator.sperrprofil, list(region.seite.sperrprofile))  # fmt: skip
