"""Deliveries become a snapshot: the one place that leads through reading, harmonising and storing."""

from __future__ import annotations

import glob
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sozialanalyse import foerderung, geheimhaltung, harmonise, sources, store, vereinbarung, vorhaben
from sozialanalyse.base import (
    Befund,
    PruefFehler,
    Rohtabelle,
    codestand,
    dateien_nach_muster,
    dateiname_passt,
    genus_von,
    glatt,
    muster,
    settings,
    vorschlag,
)
from sozialanalyse.pruefprotokoll import Lieferstelle, Listenseite, Pruefung, Summenzeile
from sozialanalyse.pruefprotokoll import schreibe as schreibe_protokolle
from sozialanalyse.region import (
    DatensatzSeite,
    Katalog,
    Region,
    gebietsgruppen,
    lade_katalog,
    lade_region,
    orte,
    redaktion,
    vergleich,
)

Melder = Callable[[str, int, int], None]

_ROH = "roh"
"""Whom values are for before they are protected: nobody."""


@dataclass(frozen=True)
class BuildErgebnis:
    """What a build led to."""

    bestand: str
    ordner: Path
    neu: bool
    befunde: tuple[Befund, ...]
    protokolle: Path
    """Folder of the protocols for the suppliers."""


def build(region: str | Path | Region | None = None, *, melder: Melder = lambda *_: None) -> BuildErgebnis:
    """Turn the deliveries of a region into its current snapshot.

    Parameters
    ----------
    melder
        Called with (what, done, of how many) as work goes on.

    Raises
    ------
    PruefFehler
        With every fault found in pages and deliveries; the last good snapshot stays current.
    """
    place = region if isinstance(region, Region) else lade_region(settings.regionsordner(region))
    katalog = lade_katalog(place)
    dateien = _files(place, katalog)
    quellen = _sources(place, dateien)
    register = _Register(place, katalog)
    regeln = register.regeln(_rules(place))
    ordner = settings.bestandsordner(place.ordner, place.id)
    protokolle = settings.protokollordner(place.ordner, place.id)
    name = store.kennung(quellen, regeln, _frueher(place, store.kennung(quellen, regeln)))
    if store.unversehrt(ordner / name):
        if store.aktueller(ordner) != name:  # the deliveries are those of an older snapshot again
            store.mache_aktuell(ordner, name)
        befunde = store.load(place, "intern", name).befunde()
        return BuildErgebnis(name, ordner / name, False, befunde, protokolle)

    def fuelle(teile: store.Teile) -> store.Inhalt:
        work = _Arbeit(place, katalog, dateien, quellen, teile, melder, register)
        try:
            inhalt = work.bestand()
            register.trage_ein()
            return inhalt
        finally:  # a delivery that cannot be used needs its protocol most of all
            schreibe_protokolle(work.pruefungen, place, protokolle, date.today())

    store.schreibe(ordner, name, place, quellen, regeln, fuelle)
    return BuildErgebnis(name, ordner / name, True, store.load(place, "intern", name).befunde(), protokolle)


def _frueher(region: Region, bestand: str) -> list[str]:
    """Publications of other deliveries or rules; a snapshot is protected anew when more of them are there."""
    return geheimhaltung.register.andere(settings.registerordner(region.ordner, region.id), bestand)


def pruefe(
    region: str | Path | Region | None = None,
    *,
    protokolle: Path | None = None,
    melder: Melder = lambda *_: None,
) -> tuple[Befund, ...]:
    """Check pages and deliveries without a snapshot; returns every finding.

    Parameters
    ----------
    protokolle
        Folder for the protocols the suppliers get; without it nothing is written at all.

    Raises
    ------
    PruefFehler
        As :func:`build`.
    """
    place = region if isinstance(region, Region) else lade_region(settings.regionsordner(region))
    katalog = lade_katalog(place)
    dateien = _files(place, katalog)
    with tempfile.TemporaryDirectory() as folder, store.Teile(Path(folder)) as teile:
        register = _Register(place, katalog)
        work = _Arbeit(place, katalog, dateien, _sources(place, dateien), teile, melder, register)
        try:
            work.pruefe()
        finally:
            if protokolle is not None:
                schreibe_protokolle(work.pruefungen, place, protokolle, date.today())
    return tuple(work.befunde)


def pruefe_redaktion(region: Region) -> list[Befund]:
    """Check that what editors wrote, and the rule of funding, name what exists: indicators, reports, places, blocks.

    Raises
    ------
    PruefFehler
        If a page, or the catalogue itself, cannot be read.
    """
    funded, grouped, compared, named = (
        one.vorhanden(region.ordner) for one in (foerderung, gebietsgruppen, vergleich, orte)
    )
    if not (funded or grouped or compared or named) and not any(
        any((region.ordner / folder).glob("*.yml")) for folder in ("themen", "redaktion")
    ):
        return []
    areas, _ = harmonise.gebietsliste(region, _area_tables(region))
    ids = {
        level: dict(areas.loc[areas["level"] == level, "name"].fillna(""))
        for level in ("kommune", "sozialraum")
    }
    katalog = lade_katalog(region)
    found = redaktion.pruefe(region, katalog.indikatoren, ids["kommune"], ids["sozialraum"])
    if funded:
        table = katalog.tabelle()
        try:
            foerderung.lade(region.ordner, table.index, table.index[table["anteil"]], ids["sozialraum"])
        except PruefFehler as error:
            found = [*found, *error.befunde]
    for there, look in (
        (grouped, lambda: gebietsgruppen.lade(region.ordner, ids["sozialraum"])),
        (compared, lambda: vergleich.lade(region.ordner, katalog.indikatoren)),
        (named, lambda: orte.lade(region.ordner, ids["kommune"] | ids["sozialraum"])),
    ):
        try:
            _ = look() if there else None
        except PruefFehler as error:
            found = [*found, *error.befunde]
    return found


@dataclass(frozen=True)
class Gebiete:
    """The areas of a region as its lists tell: table, spellings, other cuts, findings."""

    tabelle: pd.DataFrame
    bund: harmonise.Schluesselbund
    umstiege: pd.DataFrame
    befunde: tuple[Befund, ...]


def lies_gebiete(region: Region) -> Gebiete:
    """Read the lists of areas with shapes and other cuts.

    Raises
    ------
    PruefFehler
        If a list is missing or wrong; lists everything found.
    """
    gebiete, found = harmonise.gebietsliste(region, _area_tables(region))
    befunde = list(found)
    if _faulty(befunde):
        raise PruefFehler(befunde)
    tabelle = gebiete
    try:
        tabelle, found = harmonise.mit_geometrie(gebiete, _shapes(region), region)
        befunde += found
    except PruefFehler as error:
        befunde += error.befunde
    staende, found = _cuts(region, tabelle)
    befunde += found
    form = region.seite.schluessel.get("sozialraum")
    bund = harmonise.Schluesselbund(
        gebiete, staende, kuerzel_im_schluessel=bool(form and form.kuerzel), gattungen=region.gattungen
    )
    return Gebiete(tabelle, bund, harmonise.anteile(staende), tuple(befunde))


@dataclass(frozen=True)
class Probe:
    """What one dataset page makes of some files, before anything is stored."""

    merkmale: pd.DataFrame
    """Numbers of all dates in the form of :func:`sozialanalyse.harmonise.harmonisiere`."""
    befunde: tuple[Befund, ...]


def probe(region: Region, seite: DatensatzSeite, dateien: Sequence[Path], gebiete: Gebiete) -> Probe:
    """Read files as a dataset page says, the way a build does, and keep nothing."""
    befunde: list[Befund] = []
    tables = _tables(seite, list(dateien), region, {}, befunde)
    korrekturen = harmonise.lade_korrekturen(region.ordner)
    sammlung = harmonise.lies(seite, tables, gebiete.bund, region, korrekturen)
    befunde += sammlung.befunde
    frames, readable = [], not _faulty(befunde)
    for tag, merkmale, _, found in _harmonised(sammlung, seite, gebiete.tabelle, gebiete.bund, readable):
        if tag:
            frames.append(merkmale)
        befunde += found
    merkmale = harmonise.verbinde(frames) if frames else sammlung.frame("")
    return Probe(merkmale, tuple(dict.fromkeys(befunde)))


def _harmonised(
    sammlung: harmonise.Sammlung,
    seite: DatensatzSeite,
    gebiete: pd.DataFrame,
    bund: harmonise.Schluesselbund,
    readable: bool,
) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame, list[Befund]]]:
    """A dataset date by date with its differences of sums and its findings; checked is what could be read. Without a date one entry "" says so."""
    davor, seen = None, harmonise.Lieferungen()
    for tag in sammlung.tage():
        merkmale, ohne, found = harmonise.harmonisiere(sammlung, tag, seite, bund)
        summen = pd.DataFrame()
        if readable and not _faulty(found):
            summen = harmonise.summenprobe(merkmale, seite, gebiete, ohne)
            found = found + harmonise.pruefe_merkmale(merkmale, seite, gebiete, ohne, davor, summen)
            found += list(seen.pruefe(merkmale))
            davor = harmonise.breit(merkmale, gebiete)
        yield tag, merkmale, summen, found
    if readable and not sammlung.tage():
        nothing = sammlung.frame("")
        yield "", nothing, pd.DataFrame(), harmonise.pruefe_merkmale(nothing, seite, gebiete)


_ZAEHLBAR = (
    "gebiet_id",
    "feld",
    "stichtag",
    "wert",
    "status",
    "unten",
    "oben",
    "umgerechnet",
    "datenstand",
    "quelle_id",
)
"""Columns of the delivered numbers that are computed with."""


_BEKANNT = ("gebiet_id", "feld", "stichtag", "wert", "status", "umgerechnet")
"""Those that disclosure control looks at."""


class _Arbeit:
    """One way from the files to the tables, a reference date at a time; stops only when nothing more can be checked."""

    def __init__(
        self,
        region: Region,
        katalog: Katalog,
        dateien: dict[str, list[Path]],
        quellen: tuple[store.Quelldatei, ...],
        teile: store.Teile,
        melder: Melder,
        register: _Register,
    ) -> None:
        self.region, self.katalog, self.dateien, self.quellen = region, katalog, dateien, quellen
        self.teile, self.melder, self.register = teile, melder, register
        self.pruefungen: list[Pruefung] = []
        """What is told to the suppliers, also after a fault."""
        self.befunde = [
            _undelivered(region, seite) for name, seite in katalog.datensaetze.items() if not dateien[name]
        ]
        self.befunde += [*_unknown_words(region), *_agreed(region, katalog), *register.befunde]
        self.tage: list[str] = []
        self.summen: list[pd.DataFrame] = []
        """Delivered totals that are not the sums of their parts."""

    def pruefe(self) -> None:
        """Read, harmonise, compute and check everything; keeps numbers and unprotected values."""
        self._areas()
        try:
            self._counts()
            self._stop_on_faults()
            self._values()
            self._stop_on_faults()
        finally:
            self.pruefungen += _pruefungen(
                self.katalog, self.quellen, self.befunde, self._summen(), self.gebiete, self.bund
            )
            self.pruefungen += self.register.pruefungen()

    def bestand(self) -> store.Inhalt:
        """The same, and then the values every audience may see."""
        self.pruefe()
        audiences, schutz = self._protect()
        self.melder("Bestand", len(self.katalog.datensaetze), len(self.katalog.datensaetze))
        return store.Inhalt(
            gebiete=self.gebiete,
            indikatoren=self.katalog.tabelle(),
            umstiege=self.umstiege,
            befunde=tuple(self.befunde),
            audiences=audiences,
            korrekturen=self.korrekturen,
            schutz=schutz,
            vorhaben=self.register.je_zielgruppe(),
        )

    def _stop_on_faults(self) -> None:
        if any(befund.schwere == "fehler" for befund in self.befunde):
            raise PruefFehler(self.befunde)

    def _areas(self) -> None:
        try:
            found = lies_gebiete(self.region)
        except PruefFehler as error:
            raise PruefFehler([*self.befunde, *error.befunde]) from None
        self.gebiete, self.bund, self.umstiege = found.tabelle, found.bund, found.umstiege
        self.befunde += found.befunde

    def _counts(self) -> None:
        """Numbers of all datasets, one delivery after the other, with the findings about each."""
        korrekturen = harmonise.lade_korrekturen(self.region.ordner)
        tage: set[str] = set()
        for number, (name, seite) in enumerate(self.katalog.datensaetze.items()):
            self.melder(seite.name, number, len(self.katalog.datensaetze))
            own: list[Befund] = []
            tables = _tables(seite, self.dateien[name], self.region, self._ids(name), own)
            sammlung = harmonise.lies(seite, tables, self.bund, self.region, korrekturen)
            own += sammlung.befunde
            tage.update(sammlung.tage())
            own += self._dates(seite, sammlung, bool(self.dateien[name]) and not _faulty(own))
            self.befunde += [replace(befund, datensatz=name) for befund in dict.fromkeys(own)]
        self.teile.schliesse()
        self.tage = sorted(tage)
        for tag in (
            self.tage if any(seite.pruefungen.gleich for seite in self.katalog.datensaetze.values()) else ()
        ):
            self.befunde += harmonise.pruefe_gleich(self._merkmale(tag), self.katalog)
        self.befunde += korrekturen.unbenutzt()
        self.korrekturen = tuple(
            store.Berichtigung(quelle.datensatz, record.warum, record.seit.isoformat(), record.quelle)
            for record in korrekturen.angewandt()
            for quelle in self.quellen
            if dateiname_passt(quelle.datei, record.datei)
        )

    def _dates(self, seite: DatensatzSeite, sammlung: harmonise.Sammlung, readable: bool) -> list[Befund]:
        """Harmonise a dataset date by date and keep its numbers."""
        befunde: list[Befund] = []
        for tag, merkmale, summen, found in _harmonised(sammlung, seite, self.gebiete, self.bund, readable):
            befunde += found
            self.summen.append(summen)
            if tag:
                self.teile.haenge_an(store.MERKMALE, (seite.id, tag), merkmale)
        return befunde

    def _summen(self, tag: str | None = None) -> pd.DataFrame:
        filled = [frame for frame in self.summen if len(frame)]
        summen = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
        return summen if tag is None or summen.empty else summen[summen["stichtag"] == tag]

    def _ids(self, datensatz: str) -> dict[str, str]:
        return {quelle.datei: quelle.id for quelle in self.quellen if quelle.datensatz == datensatz}

    def _merkmale(self, tag: str, spalten: Sequence[str] | None = None) -> pd.DataFrame:
        return harmonise.verbinde(self.teile.lies([store.MERKMALE], tag, spalten))

    def _values(self) -> None:
        """Every indicator and its bounds, as they are before protection."""
        davor, alike = pd.DataFrame(), harmonise.Indikatoren(self.katalog)
        small = self.gebiete.index[self.gebiete["level"] == "sozialraum"]
        for tag in self.tage:
            merkmale = self._merkmale(tag, _ZAEHLBAR)
            werte = harmonise.berechne(merkmale, self.gebiete, self.katalog)
            self.befunde += harmonise.pruefe_werte(werte, self.katalog, self.gebiete)
            jetzt = werte.pivot(index="gebiet_id", columns="indikator_id", values="wert").reindex(small)
            self.befunde += harmonise.pruefe_rangfolge(davor, jetzt, tag, self.katalog)
            alike.merke(jetzt)
            davor = jetzt.join(davor[davor.columns.difference(jetzt.columns)])
            if tag == self.tage[-1]:
                self.befunde += self._without_people(tag, werte)
            self._lege_ab(_ROH, tag, werte)
            grenzen = harmonise.grenzen(merkmale, self.gebiete, self.katalog)
            self.teile.haenge_an(store.GRENZEN, ("", tag), grenzen)
        self.befunde += list(alike.befunde())
        self.teile.schliesse()
        if not _faulty(self.befunde):
            self._knowledge()

    def _without_people(self, tag: str, werte: pd.DataFrame) -> list[Befund]:
        """That the newest date lacks the residents, on which shares rest and with whom averages are weighted."""
        key = self.region.seite.bevoelkerung
        known = set(werte.loc[werte["wert"].notna(), "indikator_id"])
        if not key or key in known:
            return []
        day, page = date.fromisoformat(tag), self.katalog.datensaetze[self.katalog.indikatoren[key].datensatz]
        return [Befund("warnung", f"Zum neuesten Stichtag {day:%d.%m.%Y} fehlt die Bevölkerung („{key}“, {page.name}); "
                       f"Werte gibt es dann nur zu {len(known)} von {len(self.katalog.indikatoren)} Indikatoren.",
                       "Bitte die Lieferung ablegen oder den Stichtag in region.yml erst dann ergänzen; Seiten zum neuesten "
                       "Stichtag zeigen sonst den letzten, zu dem es etwas zu vergleichen gibt.",
                       datei=str(self.region.ordner / "region.yml"), regel="bevoelkerung_fehlt")]  # fmt: skip

    def _knowledge(self) -> None:
        """What readers may know of the numbers beside what is published, declared or seen in them."""
        merkmale = harmonise.verbinde(self._merkmale(tag, _BEKANNT) for tag in self.tage)
        self.wissen = geheimhaltung.Wissen.aus_merkmalen(merkmale, self.gebiete, self.katalog, self.umstiege)
        self.befunde += self.wissen.befunde(self.katalog)
        self.befunde += geheimhaltung.nicht_pruefbar(self.katalog, self.region.seite.sperrprofile)

    def _lege_ab(self, audience: str, tag: str, werte: pd.DataFrame) -> None:
        datensatz = {key: indikator.datensatz for key, indikator in self.katalog.indikatoren.items()}
        for name, part in werte.groupby(werte["indikator_id"].map(datensatz), sort=True):
            self.teile.haenge_an(store.werte(audience, str(name)), (str(name), tag), part)

    def _werte(self, audience: str, tag: str) -> pd.DataFrame:
        files = self.teile.dateien(store.werte(audience))
        return pd.concat(self.teile.lies(files, tag), ignore_index=True)

    def _protect(self) -> tuple[tuple[str, ...], dict[str, pd.DataFrame]]:
        """Values of every audience, and what protecting the public ones cost."""
        profile = self.region.seite.sperrprofile
        self.melder("Geheimhaltung", len(self.katalog.datensaetze), len(self.katalog.datensaetze))
        seen = geheimhaltung.register.bekannt(settings.registerordner(self.region.ordner, self.region.id))
        former = geheimhaltung.register.nachfolger(self.umstiege)
        agreed, origin = vereinbarung.lade(self.region), self.katalog.woraus()
        tables: dict[str, list[pd.DataFrame]] = {"bilanz": [], "ziele": []}
        audiences = ("intern", "oeffentlich", *(f"kommune:{one}" for one in self._kommunen()))
        for audience in audiences:
            for tag in self.tage:
                werte = self._werte(_ROH, tag)
                if audience == "intern":
                    shown = geheimhaltung.intern(
                        werte, self.gebiete, self.katalog, profile, self._merkmale(tag, _BEKANNT), self.wissen
                    )
                    self._lege_ab(audience, tag, shown)
                    self.teile.haenge_an(store.summen(audience), ("", tag), self._summen(tag))
                    continue
                public = audience == "oeffentlich"
                found = geheimhaltung.schuetze(
                    werte, self.gebiete, self.katalog, profile, audience,
                    merkmale=self._merkmale(tag, _BEKANNT), known=self.wissen,
                    bekannt=seen, nachfolger=former,  # a Kommune has read the public pages, too
                    oeffentliche=None if public else self._werte("oeffentlich", tag),
                )  # fmt: skip
                shown = agreed.beschneide(found.werte, audience, self.gebiete["level"], origin)
                self._lege_ab(audience, tag, shown)
                told = geheimhaltung.zeigbar(self._summen(tag), shown, self.gebiete, self.katalog)
                self.teile.haenge_an(store.summen(audience), ("", tag), told)
                self.befunde += found.befunde(audience, tag)
                if public:
                    tables["bilanz"].append(found.bilanz)
                    tables["ziele"].append(found.ziele)
            self.teile.schliesse()
        self.teile.entferne(_ROH)
        done = {key: pd.concat(parts, ignore_index=True) for key, parts in tables.items()}
        return audiences, done | {"identitaeten": self.wissen.tabelle()}

    def _kommunen(self) -> list[str]:
        """Kommunen that get a store of their own."""
        there = list(self.gebiete.index[self.gebiete["level"] == "kommune"])
        wanted = self.region.seite.kommunen_bestaende
        if wanted == "alle":
            return there
        for kommune in wanted:
            if kommune not in there:
                raise PruefFehler([Befund("fehler", f"kommunen_bestaende: Die Kommune „{kommune}“ gibt es nicht.",
                                          vorschlag(kommune, there), datei=str(self.region.ordner / "region.yml"))])  # fmt: skip
        return wanted


class _Register:
    """The register of projects: what is delivered now, and what was delivered once and is gone.

    Nothing is written until :meth:`trage_ein`; a region without ``vorhaben.yml`` has an empty one.
    """

    def __init__(self, region: Region, katalog: Katalog) -> None:
        self.ordner = settings.vorhabenordner(region.ordner, region.id)
        self.befunde: list[Befund] = []
        self.seite: vorhaben.VorhabenSeite | None = None
        self.neu: dict[str, list[dict[str, Any]]] = {}
        """Hash of each file that is there -> its states, with names of persons."""
        self.dateien: dict[str, list[tuple[str, int, str]]] = {}
        """Kind of delivery -> name, size and hash of its files."""
        if vorhaben.vorhanden(region.ordner):
            try:
                self._lies(region, katalog)
            except PruefFehler as error:
                self.befunde += error.befunde

    def _lies(self, region: Region, katalog: Katalog) -> None:
        areas, found = harmonise.gebietsliste(region, _area_tables(region))
        if _faulty(list(found)):  # told where the areas are read
            return
        self.seite, needs = _lade_vorhaben(region, katalog, areas)
        place = harmonise.Umgebung(
            harmonise.Schluesselbuch(
                areas,
                kuerzel_im_schluessel=bool((form := region.seite.schluessel.get("sozialraum")) and form.kuerzel),
                gattungen=region.gattungen,
            ),
            region.seite.schluessel_region, region.name, frozenset(katalog.indikatoren), needs,
        )  # fmt: skip
        for name, page in self.seite.lieferungen.items():
            paths = _abgelegt(region.lieferungen, page.muster)
            if not paths:
                self.befunde.append(Befund("warnung", f"Zu den Vorhaben „{name}“ liegt keine Lieferung vor (gesucht: {', '.join(page.muster)}).",
                                           "Bitte die Dateien ablegen; bekannt bleibt, was früher geliefert wurde.",
                                           datei=str(region.lieferungen), regel="vorhaben"))  # fmt: skip
            for path in paths:
                digest, label = store.pruefsumme(path), path.relative_to(region.lieferungen).as_posix()
                self.dateien.setdefault(name, []).append((label, path.stat().st_size, digest))
                self.neu[digest[:16]] = self._datei(path, name, region, place)
        states = [one for found in self.neu.values() for one in found]
        self.befunde += harmonise.pruefe_vorhaben(states)
        for file in geheimhaltung.registerschutz.faellig(states, self.seite, date.today()):
            self.befunde.append(Befund("warnung", "Die Datei nennt noch Privatpersonen, deren Löschtag gekommen ist.",
                                       "Bitte die Datei löschen oder die Namen darin; der Verlauf bleibt ohne Namen erhalten.",
                                       datei=file, regel="loeschtag"))  # fmt: skip

    def _datei(
        self, path: Path, name: str, region: Region, place: harmonise.Umgebung
    ) -> list[dict[str, Any]]:
        """States of one file; what cannot be read goes to the findings."""
        assert self.seite is not None
        page, states = self.seite.lieferungen[name], []
        label = path.relative_to(region.lieferungen).as_posix()
        allowed = page.ueberschriften_von(("kennung", "antragsteller", *vorhaben.TAGE))
        try:
            for tabelle in sources.lies_tabellen(
                path, page.tabelle, name=label, gesucht=page.ueberschriften()
            ):
                if persons := geheimhaltung.personen(tabelle, (), (), allowed):
                    raise PruefFehler(persons)
                read, found = harmonise.lies_vorhaben(tabelle, name, self.seite, place)
                states += read
                self.befunde += found
        except PruefFehler as error:
            self.befunde += error.befunde
        return states

    def pruefungen(self) -> list[Pruefung]:
        """What the suppliers of the lists are told; that names are due to be deleted concerns the house alone."""
        lists = self.seite.lieferungen if self.seite else {}
        return [
            Pruefung(
                Listenseite(
                    f"vorhaben-{name.replace('_', '-')}",
                    lists[name].name or name,
                    "ein Vorhaben",
                    Lieferstelle(lists[name].lieferstelle or lists[name].name or name),
                ),
                tuple(
                    b
                    for b in self.befunde
                    if b.erzaehlt_von and b.erzaehlt_von <= own and b.regel != "loeschtag"
                ),
                tuple(files),
            )
            for name, files in self.dateien.items()
            for own in [{file for file, _, _ in files}]
        ]

    @cached_property
    def _schluessel(self) -> bytes:
        return store.registerverlauf.geheimnis(self.ordner)

    @cached_property
    def _eintraege(self) -> dict[str, list[dict[str, Any]]]:
        """Every file ever delivered with its states, as they may be kept today."""
        if self.seite is None:
            return {}
        today = date.today()
        kept = {
            name: states
            for name, states in store.registerverlauf.eintraege(self.ordner).items()
            if name not in self.neu
        }
        fresh = {
            name: geheimhaltung.registerschutz.ohne_personen(states, self.seite, self._schluessel)
            for name, states in self.neu.items()
        }
        return {
            name: geheimhaltung.registerschutz.geloescht(states, today)
            for name, states in sorted({**kept, **fresh}.items())
        }

    def staende(self) -> list[dict[str, Any]]:
        """All states, oldest first."""
        found = [one for states in self._eintraege.values() for one in states]
        return sorted(found, key=lambda one: (one["stand"], one["kennung"]))

    def regeln(self, regeln: str) -> str:
        """Rules of the snapshot with what the register holds."""
        if self.seite is None:
            return regeln
        content = json.dumps([self.seite.model_dump(mode="json"), self.staende()], sort_keys=True)
        return hashlib.sha256(f"{regeln}|{content}".encode()).hexdigest()[:16]

    def je_zielgruppe(self) -> dict[str, list[dict[str, Any]]]:
        if self.seite is None:
            return {}
        states = self.staende()
        public = geheimhaltung.registerschutz.oeffentlich(states, self.seite, self._schluessel)
        return {"intern": states, "oeffentlich": public}

    def trage_ein(self) -> None:
        """Keep what was delivered for good."""
        if self.seite is not None:
            store.registerverlauf.trage_ein(self.ordner, self._eintraege)


def _lade_vorhaben(
    region: Region, katalog: Katalog, gebiete: pd.DataFrame
) -> tuple[vorhaben.VorhabenSeite, dict[str, str]]:
    """The page of the register, and the names of the needs its projects may have."""
    table = katalog.tabelle()
    shares = table.index[table["anteil"]]
    ids = [str(key) for key in gebiete.index if gebiete.at[key, "level"] != "region"]
    page = vorhaben.lade(region.ordner, table.index, shares, ids)
    if page.bedarfe or not foerderung.vorhanden(region.ordner):
        return page, {key: need.name for key, need in page.bedarfe.items()}
    small = [str(key) for key in gebiete.index[gebiete["level"] == "sozialraum"]]
    rule = foerderung.lade(region.ordner, table.index, shares, small)
    return page, {key: need.name for key, need in rule.bedarfe.items()}


def _faulty(befunde: list[Befund]) -> bool:
    return any(befund.schwere == "fehler" for befund in befunde)


def _pruefungen(
    katalog: Katalog,
    quellen: tuple[store.Quelldatei, ...],
    befunde: list[Befund],
    summen: pd.DataFrame,
    gebiete: pd.DataFrame,
    bund: harmonise.Schluesselbund,
) -> list[Pruefung]:
    """What each supplier is told, so what lies in its own files; a dataset without delivery has no protocol."""
    told: dict[str, list[Summenzeile]] = {name: [] for name in katalog.datensaetze}
    for row in summen.to_dict("records"):
        area = gebiete.loc[row["gebiet_id"]]
        told[row["datensatz"]].append(
            Summenzeile(
                datei=row["datei"], blatt=row["blatt"], zelle=row["zelle"], stichtag=row["stichtag"], feld=row["feld"],
                gebiet=" ".join(filter(None, [area["name"], f"({row['gebiet_id']})"])), ausdruck=row["ausdruck"],
                zahlen=None if area["level"] == "sozialraum" else (row["geliefert"], row["summe"], row["unterschied"], row["anteil"]),
                fehlend=row["fehlend"], vermutung=row["vermutung"],
            )
        )  # fmt: skip
    letters: dict[tuple[str, str], list[store.Quelldatei]] = {}
    for quelle in quellen:
        office = _stelle(katalog.datensaetze[quelle.datensatz], quelle.datei, gebiete, bund)
        letters.setdefault((quelle.datensatz, office), []).append(quelle)
    return [
        Pruefung(
            katalog.datensaetze[name],
            tuple(b for b in befunde if b.datensatz == name and b.erzaehlt_von and b.erzaehlt_von <= own),
            tuple((quelle.datei, quelle.bytes, quelle.sha256) for quelle in files),
            tuple(row for row in told[name] if row.datei in own),
            office,
        )
        for (name, office), files in letters.items()
        for own in [{quelle.datei for quelle in files}]
    ]


def _stelle(seite: DatensatzSeite, datei: str, gebiete: pd.DataFrame, bund: harmonise.Schluesselbund) -> str:
    """The Kommune a file came from, where file names tell it: each delivers its own and gets its own letter."""
    key = seite.tabelle.schluessel
    if key.kommune_aus != "dateiname":
        return ""
    match = muster.suche(key.kommune_muster or "(.+)", Path(datei).stem)
    words = glatt(match[1]) if match else ""
    found = bund.heute.finde(words, ebene="kommune")
    return str(gebiete.at[found, "name"] or found) if found else words


def _cuts(region: Region, gebiete: pd.DataFrame) -> tuple[list[harmonise.Gebietsstand], list[Befund]]:
    """Other cuts of areas named in ``region.yml``."""
    staende: list[harmonise.Gebietsstand] = []
    befunde: list[Befund] = []
    for umstieg in region.seite.umstiege:
        path = region.datei(umstieg.datei)
        if umstieg.nur_geometrie and "geometry" not in gebiete:
            continue  # what is wrong with the shapes of today is told already
        try:
            source = (
                sources.lies_geometrie(
                    path,
                    umstieg.alt,
                    layer=umstieg.layer,
                    name=umstieg.datei,
                    koordinaten=umstieg.koordinaten,
                )
                if umstieg.nur_geometrie
                else sources.lies_spalten(
                    path, name=umstieg.datei, kodierung=umstieg.kodierung, trennzeichen=umstieg.trennzeichen
                )
            )
        except PruefFehler as error:
            befunde += error.befunde
            continue
        stand, found = harmonise.lies_umstieg(umstieg, source, gebiete, region)
        staende.append(stand)
        befunde += found
    return staende, befunde


def _files(region: Region, katalog: Katalog) -> dict[str, list[Path]]:
    """Delivered files of every dataset; hidden files and the locks of open workbooks are none."""
    return {name: _abgelegt(region.lieferungen, page.muster) for name, page in katalog.datensaetze.items()}


def _abgelegt(ordner: Path, muster: Iterable[str]) -> list[Path]:
    try:
        return sorted(
            {
                path
                for pattern in muster
                for path in dateien_nach_muster(ordner, pattern)
                if path.is_file() and not path.name.startswith((".", "~$"))
            }
        )
    except PermissionError as error:
        raise PruefFehler(
            [Befund("fehler", "Dieser Ordner oder diese Datei lässt sich nicht öffnen.",
                    "Bitte die Leserechte für das Konto setzen, unter dem sozialanalyse läuft.", datei=str(error.filename))]
        ) from None  # fmt: skip


def _agreed(region: Region, katalog: Katalog) -> list[Befund]:
    """Datasets that the agreement names and the region does not have."""
    page = vereinbarung.lade(region).seite
    if page is None:
        return []
    path = str(region.ordner / vereinbarung.DATEI)
    return [Befund("fehler", text, datei=path) for text in vereinbarung.unbekannte(page, katalog.datensaetze)]


def _unknown_words(region: Region) -> list[Befund]:
    """Words for areas of which nobody said whether it is der, die or das, and whose end does not tell."""
    return [
        Befund("hinweis", f"ebenen → {level}: Ob es der, die oder das „{words.einzahl}“ heißt, ist nicht angegeben; die Seiten "
               f"schreiben „{region.ebene(level).ort}“.",
               "Bitte „genus: m“, „genus: f“ oder „genus: n“ ergänzen.", datei=str(region.ordner / "region.yml"), regel="genus")
        for level, words in region.seite.ebenen.items()
        if words.genus is None and genus_von(words.einzahl) is None
    ]  # fmt: skip


def _undelivered(region: Region, seite: DatensatzSeite) -> Befund:
    return Befund("fehler", f"Zu „{seite.name}“ liegt keine Lieferung vor (gesucht: {', '.join(seite.muster)}).",
                  "Bitte die Dateien ablegen oder „dateien“ auf der Datensatzseite anpassen.",
                  datei=str(region.lieferungen))  # fmt: skip


def _sources(region: Region, dateien: dict[str, list[Path]]) -> tuple[store.Quelldatei, ...]:
    base = region.lieferungen
    quellen = []
    for name, paths in dateien.items():
        for path in paths:
            digest = store.pruefsumme(path)
            label = path.relative_to(base).as_posix()
            quellen.append(store.Quelldatei(f"{name}-{digest[:8]}", name, label, digest, path.stat().st_size))
    return tuple(quellen)


def _rules(region: Region) -> str:
    """Hash of everything but the deliveries that decides what a snapshot holds."""
    digest = hashlib.sha256(codestand.of_module(__name__).encode())
    paths = [region.ordner / "region.yml", *sorted((region.ordner / "indikatoren").glob("*.yml"))]
    paths += [region.datei(source.datei) for source in region.seite.gebiete]
    for source in region.seite.geometrie:  # some formats are several files of one name
        shapes = region.datei(source.datei)
        paths += sorted(shapes.parent.glob(f"{glob.escape(shapes.stem)}.*"))
    paths += [region.datei(source.datei) for source in region.seite.umstiege]
    paths += sorted((region.ordner / "korrekturen").glob("*.yml"))
    for path in paths:
        if path.exists():
            digest.update(store.pruefsumme(path).encode())
    digest.update(vereinbarung.lade(region).stand().encode())
    return digest.hexdigest()[:16]


def _area_tables(region: Region) -> dict[str, Rohtabelle]:
    return {
        source.ebene: sources.lies_spalten(
            region.datei(source.datei),
            name=source.datei,
            kodierung=source.kodierung,
            trennzeichen=source.trennzeichen,
        )
        for source in region.seite.gebiete
    }


def _shapes(region: Region) -> dict[str, tuple]:  # type: ignore[type-arg]
    return {
        source.ebene: (
            sources.lies_geometrie(
                region.datei(source.datei),
                source.schluessel,
                layer=source.layer,
                name=source.datei,
                koordinaten=source.koordinaten,
            ),
            source.schluessel,
            source.datei,
        )
        for source in region.seite.geometrie
    }


def _tables(
    seite: DatensatzSeite,
    paths: list[Path],
    region: Region,
    ids: dict[str, str],
    befunde: list[Befund],
) -> Iterator[tuple[Rohtabelle, str]]:
    """Tables of one dataset, each read when it is its turn; what cannot be read goes to ``befunde``."""
    for path in paths:
        inside = path.is_relative_to(region.lieferungen)
        label = path.relative_to(region.lieferungen).as_posix() if inside else path.name
        try:
            for tabelle in sources.lies_tabellen(path, seite.tabelle, name=label, gesucht=seite.gesucht):
                page = seite.tabelle
                persons = geheimhaltung.personen(
                    tabelle, page.schluessel.spalten, [*page.merkmale, *page.stichtag.spalten]
                )
                if persons:
                    raise PruefFehler(persons)
                yield tabelle, ids.get(label, "")
        except PruefFehler as error:
            befunde += error.befunde
