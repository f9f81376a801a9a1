"""Deliveries become a snapshot: the one place that leads through reading, harmonising and storing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from sozialanalyse import geheimhaltung, harmonise, settings, sources, store
from sozialanalyse.catalogue import DatensatzSeite, Katalog, lade_katalog
from sozialanalyse.errors import Befund, PruefFehler, vorschlag
from sozialanalyse.pruefprotokoll import Pruefung
from sozialanalyse.pruefprotokoll import schreibe as schreibe_protokolle
from sozialanalyse.region import Region, lade_region
from sozialanalyse.rohtabelle import Rohtabelle

Melder = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Ergebnis:
    """What a build led to."""

    bestand: str
    ordner: Path
    neu: bool
    befunde: tuple[Befund, ...]
    protokolle: Path
    """Folder of the protocols for the suppliers."""


def build(region: str | Path | Region | None = None, *, melder: Melder = lambda *_: None) -> Ergebnis:
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
    regeln = _rules(place)
    ordner = settings.bestandsordner(place.ordner, place.id)
    protokolle = settings.protokollordner(place.ordner, place.id)
    name = store.kennung(quellen, regeln)
    if store.unversehrt(ordner / name):
        if store.aktueller(ordner) != name:  # the deliveries are those of an older snapshot again
            store.mache_aktuell(ordner, name)
        befunde = store.load(place, bestand=name).befunde()
        return Ergebnis(name, ordner / name, False, befunde, protokolle)
    pruefungen: list[Pruefung] = []
    try:
        inhalt = harmonisiere(place, katalog, dateien, quellen, regeln, pruefungen, melder=melder)
    finally:  # a delivery that cannot be used needs its protocol most of all
        schreibe_protokolle(pruefungen, place, protokolle, date.today())
    name = store.schreibe(ordner, place, inhalt)
    return Ergebnis(name, ordner / name, True, inhalt.befunde, protokolle)


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
    pruefungen: list[Pruefung] = []
    try:
        inhalt = harmonisiere(
            place, katalog, dateien, _sources(place, dateien), "", pruefungen, melder=melder
        )
    finally:
        if protokolle is not None:
            schreibe_protokolle(pruefungen, place, protokolle, date.today())
    return inhalt.befunde


def harmonisiere(
    region: Region,
    katalog: Katalog,
    dateien: dict[str, list[Path]],
    quellen: tuple[store.Quelldatei, ...],
    regeln: str,
    pruefungen: list[Pruefung],
    *,
    melder: Melder,
) -> store.Inhalt:
    """Everything between the files and the snapshot; stops only when nothing more can be checked.

    What was found about each dataset is added to ``pruefungen``, also before a fault ends the work.
    """
    befunde = [
        _undelivered(region, seite) for name, seite in katalog.datensaetze.items() if not dateien[name]
    ]
    gebiete, found = harmonise.gebietsliste(region, _area_tables(region))
    befunde += found
    if any(befund.schwere == "fehler" for befund in found):
        raise PruefFehler(befunde)
    with_shapes = gebiete
    try:
        with_shapes, found = harmonise.mit_geometrie(gebiete, _shapes(region), region)
        befunde += found
    except PruefFehler as error:
        befunde += error.befunde
    staende, found = _cuts(region, with_shapes)
    befunde += found
    form = region.seite.schluessel.get("sozialraum")
    bund = harmonise.Schluesselbund(gebiete, staende, kuerzel_im_schluessel=bool(form and form.kuerzel))
    try:
        merkmale, found = _counts(region, katalog, dateien, quellen, bund, gebiete, melder)
        befunde += found
        _stop_on_faults(befunde)
        werte = harmonise.berechne(merkmale, with_shapes, katalog)
        befunde += harmonise.pruefe_werte(werte, katalog, gebiete)
        _stop_on_faults(befunde)
    finally:
        pruefungen += _pruefungen(katalog, quellen, befunde)
    umstiege = harmonise.anteile(staende)
    audiences, protection = _protect(werte, merkmale, umstiege, gebiete, katalog, region, melder)
    melder("Bestand", len(katalog.datensaetze), len(katalog.datensaetze))
    return store.Inhalt(
        gebiete=with_shapes,
        indikatoren=katalog.tabelle(),
        merkmale=merkmale,
        grenzen=harmonise.grenzen(merkmale, with_shapes, katalog),
        umstiege=umstiege,
        werte=audiences,
        befunde=tuple(befunde),
        quellen=quellen,
        regeln=regeln,
        schutz={"bilanz": protection.bilanz, "ziele": protection.ziele},
    )


def _protect(
    werte: pd.DataFrame,
    merkmale: pd.DataFrame,
    umstiege: pd.DataFrame,
    gebiete: pd.DataFrame,
    katalog: Katalog,
    region: Region,
    melder: Melder,
) -> tuple[dict[str, pd.DataFrame], geheimhaltung.Schutz]:
    """Values of every audience, and what protecting the public ones cost."""
    profile, wanted = region.seite.sperrprofile, region.seite.kommunen_bestaende
    there = list(gebiete.index[gebiete["level"] == "kommune"])
    for kommune in wanted if wanted != "alle" else []:
        if kommune not in there:
            raise PruefFehler([Befund("fehler", f"kommunen_bestaende: Die Kommune „{kommune}“ gibt es nicht.",
                                      vorschlag(kommune, there), datei=str(region.ordner / "region.yml"))])  # fmt: skip
    melder("Geheimhaltung", len(katalog.datensaetze), len(katalog.datensaetze))
    seen = geheimhaltung.register.bekannt(settings.registerordner(region.ordner, region.id))
    public = geheimhaltung.schuetze(
        werte, gebiete, katalog, profile, "oeffentlich", merkmale=merkmale,
        bekannt=seen, nachfolger=geheimhaltung.register.nachfolger(umstiege),
    )  # fmt: skip
    found = {
        "intern": geheimhaltung.intern(werte, gebiete, katalog, profile),
        "oeffentlich": public.werte,
    }
    for kommune in there if wanted == "alle" else wanted:
        found[f"kommune:{kommune}"] = geheimhaltung.schuetze(
            werte,
            gebiete,
            katalog,
            profile,
            f"kommune:{kommune}",
            merkmale=merkmale,
            oeffentliche=public.werte,
        ).werte
    return found, public


def _counts(
    region: Region,
    katalog: Katalog,
    dateien: dict[str, list[Path]],
    quellen: tuple[store.Quelldatei, ...],
    bund: harmonise.Schluesselbund,
    gebiete: pd.DataFrame,
    melder: Melder,
) -> tuple[pd.DataFrame, list[Befund]]:
    """Counts of all datasets, one delivery after the other, with the findings about each."""
    korrekturen = harmonise.lade_korrekturen(region.ordner)
    ids = {(quelle.datensatz, quelle.datei): quelle.id for quelle in quellen}
    merkmale: dict[str, pd.DataFrame] = {}
    befunde: list[Befund] = []
    for number, (name, seite) in enumerate(katalog.datensaetze.items()):
        melder(seite.name, number, len(katalog.datensaetze))
        own: list[Befund] = []
        tables = _tables(seite, dateien[name], region, ids, own)
        merkmale[name], ohne, found = harmonise.harmonisiere(seite, tables, bund, region, korrekturen)
        own += found
        if dateien[name] and not any(befund.schwere == "fehler" for befund in own):
            own += harmonise.pruefe_merkmale(merkmale[name], seite, gebiete, ohne)
        befunde += [replace(befund, datensatz=name) for befund in own]
    befunde += harmonise.pruefe_gleich(merkmale, katalog)
    befunde += korrekturen.unbenutzt()
    return harmonise.verbinde(merkmale.values()), befunde


def _pruefungen(
    katalog: Katalog, quellen: tuple[store.Quelldatei, ...], befunde: list[Befund]
) -> list[Pruefung]:
    """What each supplier is told; a dataset without delivery has no protocol."""
    files = {
        name: tuple((q.datei, q.bytes, q.sha256) for q in quellen if q.datensatz == name)
        for name in katalog.datensaetze
    }
    return [
        Pruefung(seite, tuple(befund for befund in befunde if befund.datensatz == name), files[name])
        for name, seite in katalog.datensaetze.items()
        if files[name]
    ]


def _cuts(region: Region, gebiete: pd.DataFrame) -> tuple[list[harmonise.Gebietsstand], list[Befund]]:
    """Other cuts of areas named in ``region.yml``."""
    staende: list[harmonise.Gebietsstand] = []
    befunde: list[Befund] = []
    for umstieg in region.seite.umstiege:
        path = region.datei(umstieg.datei)
        try:
            source = (
                sources.lies_geometrie(path, umstieg.alt, layer=umstieg.layer, name=umstieg.datei)
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


def _stop_on_faults(befunde: list[Befund]) -> None:
    if any(befund.schwere == "fehler" for befund in befunde):
        raise PruefFehler(befunde)


def _files(region: Region, katalog: Katalog) -> dict[str, list[Path]]:
    """Delivered files of every dataset; hidden files and the locks of open workbooks are none."""
    folder = region.lieferungen
    return {
        name: sorted(
            {
                path
                for pattern in page.muster
                for path in folder.glob(pattern)
                if path.is_file() and not path.name.startswith((".", "~$"))
            }
        )
        for name, page in katalog.datensaetze.items()
    }


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
    digest = hashlib.sha256(settings.VERSION.encode())
    package = Path(__file__).parent
    paths = [region.ordner / "region.yml", *sorted((region.ordner / "indikatoren").glob("*.yml"))]
    paths += [region.datei(source.datei) for source in region.seite.gebiete]
    paths += [region.datei(source.datei) for source in region.seite.geometrie]
    paths += [region.datei(source.datei) for source in region.seite.umstiege]
    paths += sorted((region.ordner / "korrekturen").glob("*.yml"))
    paths += sorted(
        p
        for p in package.rglob("*.py")
        if p.parent.name in {"sources", "harmonise", "store", "geheimhaltung"}
    )
    paths += [
        package / f"{name}.py"
        for name in ("build", "catalogue", "region", "rohtabelle", "statuswerte", "woerter")
    ]
    for path in paths:
        if path.exists():
            digest.update(store.pruefsumme(path).encode())
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
                region.datei(source.datei), source.schluessel, layer=source.layer, name=source.datei
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
    ids: dict[tuple[str, str], str],
    befunde: list[Befund],
) -> Iterator[tuple[Rohtabelle, str]]:
    """Tables of one dataset, each read when it is its turn; what cannot be read goes to ``befunde``."""
    for path in paths:
        label = path.relative_to(region.lieferungen).as_posix()
        try:
            tabelle = sources.lies_tabelle(path, seite.tabelle, name=label)
            persons = geheimhaltung.personen(tabelle, seite.tabelle.schluessel.spalten)
            if persons:
                raise PruefFehler(persons)
            yield tabelle, ids[seite.id, label]
        except PruefFehler as error:
            befunde += error.befunde
