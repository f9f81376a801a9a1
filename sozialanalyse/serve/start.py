"""Web service and JupyterLab of a region on this machine, and the files that put them behind nginx."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from sozialanalyse import store
from sozialanalyse.base import settings
from sozialanalyse.present import theme
from sozialanalyse.publish import kern, rahmen, schutz
from sozialanalyse.region import Region, lade_region
from sozialanalyse.seiten import regionsdateien
from sozialanalyse.serve import ordnerrechte


def serve(region: str | Path | None, *, port: int, ip: str, audience: store.Audience, browser: bool) -> None:
    """Start the web service for one audience."""
    from sozialanalyse.serve.dienst import starte

    place = lade_region(settings.regionsordner(region))
    store.load(place, audience)
    if audience == "oeffentlich" and (warning := schutz.pruefe_veroeffentlichung(place)):
        print(warning, file=sys.stderr)
    if warning := ordnerrechte.warnung(place):
        print(warning, file=sys.stderr)
    served, ordner = place, settings.datenordner(place.ordner).absolute()
    shown = regionsdateien()
    if audience != "intern":  # its kernels live in a folder that holds nothing else
        ordner = store.freigabeordner(place, audience).absolute()
        served = store.freigabe(place, ordner, audience, dateien=shown)
        _share_results(place, ordner, audience)

    def lade() -> store.Daten:
        found = store.load(place, audience)
        if audience == "oeffentlich":  # live pages show it from now on
            schutz.pruefe_veroeffentlichung(place)
            schutz.verzeichne(place, found)
        if audience != "intern":
            store.freigabe(place, ordner, audience, found.ordner.name, dateien=shown)
        if (
            store.load(place, audience).ordner.name != found.ordner.name
        ):  # built meanwhile: checked and entered first
            return lade()
        return found

    os.environ["SOZIALANALYSE_REGION"] = str(served.ordner)
    kern.bereite()
    starte(
        served,
        port=port,
        audience=audience,
        notebooks=settings.projektordner() / "notebooks",
        lade=lade,
        ergebnisse=settings.ergebnisordner(place.ordner, place.id),
        datenordner=ordner,
        nachfrageordner=settings.nachfrageordner(place.ordner, place.id, audience),
        stil=theme.stylesheet(),
        ip=ip,
        browser=browser,
    )


def _share_results(region: Region, ordner: Path, audience: store.Audience) -> None:
    """Let kernels find results that were computed for their audience before."""
    kept = settings.zwischenordner(region.ordner, region.id, audience).absolute()
    kept.mkdir(parents=True, exist_ok=True)
    link = ordner / "zwischenspeicher" / region.id / kept.name
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(kept, target_is_directory=True)


def richte_ein(region: str | Path | None, ordner: Path, **angaben: Any) -> list[Path]:
    """Write the files that nginx, systemd and JupyterHub need on this machine; see :mod:`.publish.einrichtung`."""
    from sozialanalyse.serve import einrichtung

    place = lade_region(settings.regionsordner(region))
    plan = einrichtung.Einrichtung(
        ordner=ordner.resolve(),
        projekt=settings.projektordner().resolve(),
        region=place.ordner.resolve(),
        daten=settings.datenordner(place.ordner).resolve(),
        ergebnisse=settings.ergebnisordner(place.ordner, place.id, "oeffentlich").resolve(),
        **angaben,
    )
    return einrichtung.schreibe(plan, rahmen(place, store.load(place, "oeffentlich")))


def lab_umgebung(region: str | Path | None) -> tuple[Path, Path, str]:
    """Region folder, notebooks and kernel for JupyterLab."""
    place = lade_region(settings.regionsordner(region))
    return place.ordner, settings.projektordner() / "notebooks", kern.bereite()
