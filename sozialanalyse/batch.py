"""From a snapshot to published reports: plans, runs, index, web service; combines the last stages."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import nbformat

from sozialanalyse import kernels, redaktion, settings, store
from sozialanalyse.errors import LaufFehler, vorschlag
from sozialanalyse.parameters import Lauf, laeufe
from sozialanalyse.present import theme
from sozialanalyse.publish import runs, uebersicht
from sozialanalyse.publish.html import Rahmen, notebook_inhalt
from sozialanalyse.publish.navigation import START, navigation
from sozialanalyse.region import Region, lade_region
from sozialanalyse.texts import text
from sozialanalyse.zwischenspeicher import Zwischenspeicher


class Fortschritt(Protocol):
    def set(self, what: str, done: int, total: int) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Ergebnis:
    """What a batch led to."""

    fertig: tuple[runs.Protokoll, ...]
    fehlgeschlagen: tuple[runs.Protokoll, ...]
    unveraendert: int
    index: Path
    sekunden: float


def projektordner() -> Path:
    """Folder that holds ``notebooks`` and ``parameters``: here or above.

    Raises
    ------
    LaufFehler
        If there is none.
    """
    for base in [Path.cwd(), *Path.cwd().parents, Path(__file__).parents[1]]:
        if (base / "notebooks").is_dir() and (base / "parameters").is_dir():
            return base
    raise LaufFehler(
        "Die Ordner notebooks und parameters sind hier nicht zu finden. Bitte im Projektordner aufrufen."
    )


def run(
    region: str | Path | None = None,
    *,
    notebooks: Sequence[str] = (),
    jobs: int = 1,
    force: bool = False,
    only: str | None = None,
    limit: int | None = None,
    out: Path | None = None,
    fortschritt: Fortschritt,
) -> Ergebnis:
    """Make every report that is missing or out of date, then the pages around them.

    Raises
    ------
    PruefFehler
        If a parameter file is faulty; nothing is run then.
    """
    start = time.perf_counter()
    place = lade_region(settings.regionsordner(region))
    daten = store.load(place, "oeffentlich")
    project = projektordner()
    chosen = _choose(project, notebooks)
    wanted = [lauf for page in chosen for lauf in laeufe(page, daten)]
    if only:
        wanted = [lauf for lauf in wanted if only in lauf.schluessel]
    if not wanted:
        raise LaufFehler("Kein Lauf passt zu dieser Auswahl. Bitte --only oder die Notebooks prüfen.")
    ausgabe = out or settings.ergebnisordner(place.ordner, place.id)
    _kernel_environment(place, daten)
    alle = [lauf for page in _choose(project, ()) for lauf in laeufe(page, daten)]
    vorlage = rahmen(place, daten, _overall(alle))
    auftraege, current = runs.plane(
        wanted[:limit],
        notebooks=project / "notebooks",
        ausgabe=ausgabe,
        bestand=daten.ordner.name,
        rahmen=lambda lauf: runs.rahmen_fuer(lauf, vorlage, titel(lauf, daten)),
        kern=kernels.NAME,
        erzwingen=force,
    )
    if auftraege:
        _kernel()
    done: list[runs.Protokoll] = []

    def report(protokoll: runs.Protokoll) -> None:
        done.append(protokoll)
        fortschritt.set(protokoll.schluessel, len(done), len(auftraege))

    try:
        fortschritt.set("", 0, len(auftraege))
        runs.fuehre_aus(auftraege, jobs=jobs, melder=report)
    finally:
        fortschritt.close()
        index = schreibe_uebersicht(ausgabe, place, daten, alle)
    for audience in store.AUDIENCES:
        Zwischenspeicher(settings.zwischenordner(place.ordner, place.id, audience)).raeume_auf()
    return Ergebnis(
        tuple(p for p in done if p.status == "fertig"),
        tuple(p for p in done if p.status == "fehler"),
        len(current),
        index,
        time.perf_counter() - start,
    )


def _choose(project: Path, notebooks: Sequence[str]) -> list[Path]:
    pages = {path.stem: path for path in sorted((project / "parameters").glob("*.yml"))}
    for name in notebooks:
        if name.removesuffix(".ipynb") not in pages:
            raise LaufFehler(f"Zu „{name}“ gibt es keine Parameterdatei. {vorschlag(name, pages)}")
    return [pages[name.removesuffix(".ipynb")] for name in notebooks] if notebooks else list(pages.values())


def _kernel() -> str:
    """Name of the kernel the reports run with; installs its description and warms its parent first."""
    kernels.install()
    with suppress(kernels.CannotFork):  # then every kernel starts in the ordinary way, and the log says so
        kernels.warm(kernels.NAME)
    return kernels.NAME


def _kernel_environment(region: Region, daten: store.Daten) -> None:
    """Kernels read the same region and the same snapshot as the batch that started them."""
    os.environ["SOZIALANALYSE_REGION"] = str(region.ordner)
    os.environ["SOZIALANALYSE_BESTAND"] = daten.ordner.name
    os.environ["SOZIALANALYSE_STATISCH"] = "1"


def rahmen(region: Region, daten: store.Daten, mit_gesamt: Collection[str] | None = None) -> Rahmen:
    """Frame of the pages of a region; ``mit_gesamt`` names the notebooks that have an overall report."""
    stand = text("publish.stand", stand=daten.kontext().stand, datum=f"{date.today():%d.%m.%Y}")
    return Rahmen(
        titel=region.name,
        region=region.name,
        herausgeber=region.seite.herausgeber,
        stand=stand,
        stil=theme.stylesheet(),
        marke=region.marke,
        navigation=navigation(START, mit_gesamt),
    )


def titel(lauf: Lauf, daten: store.Daten) -> str:
    """Title of a report's page, from its notebook and parameters."""
    parts = [text(f"publish.nav_{lauf.notebook}")]
    parts += [daten.region.themen[thema].name for thema in lauf.parameter.gefragte_themen]
    if area := getattr(lauf.parameter, "sozialraum", ""):
        parts.append(str(daten.namen()[area]))
    if report := getattr(lauf.parameter, "report", ""):
        parts.append(redaktion.themen(daten.region.ordner)[report].titel)
    if lauf.parameter.kommune:
        parts.append(str(daten.namen("kommune")[lauf.parameter.kommune]))
    day = date.fromisoformat(daten.stichtag(lauf.parameter.stichtag))
    return ", ".join([*parts, f"{day:%d.%m.%Y}"])


def schreibe_uebersicht(ausgabe: Path, region: Region, daten: store.Daten, alle: Sequence[Lauf]) -> Path:
    """Write the start page and the legal page; returns the start page."""
    ausgabe.mkdir(parents=True, exist_ok=True)
    made = [_entry(lauf, daten) for lauf in alle if _open_page(ausgabe, lauf)]
    frame = rahmen(region, daten, _overall(alle))
    index = ausgabe / "index.html"
    page = uebersicht.startseite(made, region, daten.kontext(), frame, _start(ausgabe))
    runs.write_beside(index, page)
    runs.write_beside(ausgabe / "rechtliches.html", uebersicht.rechtliches(region, frame))
    return index


def _overall(alle: Sequence[Lauf]) -> set[str]:
    """Notebooks that have an overall report."""
    return {lauf.notebook for lauf in alle if lauf.name == "gesamt"}


def _start(ausgabe: Path) -> str:
    """Content of the start notebook, its links seen from the folder of all pages; empty before it was run."""
    path = ausgabe / START / "gesamt.ipynb"
    if not path.exists():
        return ""
    return notebook_inhalt(nbformat.read(path, as_version=4)).replace('href="../', 'href="')


def _entry(lauf: Lauf, daten: store.Daten) -> uebersicht.Eintrag:
    """What the list of all reports calls a run."""
    if lauf.parameter.kommune:
        return uebersicht.Eintrag(lauf, str(daten.namen("kommune")[lauf.parameter.kommune]))
    area = getattr(lauf.parameter, "sozialraum", "")
    if area:
        place = daten.namen("kommune")[daten.kommune()[area]]
        return uebersicht.Eintrag(lauf, str(daten.namen()[area]), str(place))
    report = getattr(lauf.parameter, "report", "")
    if report:
        return uebersicht.Eintrag(lauf, redaktion.themen(daten.region.ordner)[report].titel)
    key = getattr(lauf.parameter, "indikator", "")
    if key:
        row = daten.indikatoren().loc[key]
        return uebersicht.Eintrag(lauf, str(row["kurz"]), daten.region.themen[row["thema"]].name)
    return uebersicht.Eintrag(lauf, lauf.name)


def _open_page(ausgabe: Path, lauf: Lauf) -> bool:
    """Whether the page of a run exists and is for everybody."""
    return (
        lauf.parameter.audience == "oeffentlich" and runs.datei(runs.platz(ausgabe, lauf), ".html").exists()
    )


def serve(region: str | Path | None, *, port: int, ip: str, audience: store.Audience, browser: bool) -> None:
    """Start the web service for one audience."""
    from sozialanalyse.publish import serve as service

    place = lade_region(settings.regionsordner(region))
    store.load(place, audience)
    os.environ["SOZIALANALYSE_REGION"] = str(place.ordner)
    _kernel()
    service.starte(
        place,
        port=port,
        audience=audience,
        notebooks=projektordner() / "notebooks",
        lade=lambda: store.load(place, audience),
        stil=theme.stylesheet(),
        ip=ip,
        browser=browser,
    )


def lab_umgebung(region: str | Path | None) -> tuple[Path, Path, str]:
    """Region folder, notebooks and kernel for JupyterLab."""
    place = lade_region(settings.regionsordner(region))
    return place.ordner, projektordner() / "notebooks", _kernel()
