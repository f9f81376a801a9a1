"""What one audience may see in a folder of its own, for a service that must not reach the rest.

For the public it holds the region's page, the outlines of its topic reports, the sentences of its editors and
the public values of its current snapshot, for a Kommune its own values too. No delivery, no internal value, no
store of another Kommune; so a page that asks for them finds nothing, and the folder can be given to another
user or machine.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock

from sozialanalyse.base import BestandFehler, settings
from sozialanalyse.region import Region, lade_region
from sozialanalyse.store.bestand import (
    Audience,
    abteil,
    aktueller,
    lies_manifest,
    schreibe_manifest,
    unversehrt,
)
from sozialanalyse.store.schreiben import setze

OEFFENTLICH = "oeffentlich"
VON_DER_REDAKTION = ("themen", "redaktion")
"""Folders of texts that pages show; everybody may read them."""


def freigabe(
    region: Region,
    ziel: Path | None = None,
    audience: Audience = OEFFENTLICH,
    bestand: str | None = None,
    dateien: Iterable[str] = (),
) -> Region:
    """Bring the folder of an audience up to date.

    Parameters
    ----------
    ziel
        The folder; default ``freigabe/<region>`` beside the stores, for a Kommune with its name behind.
    audience
        ``oeffentlich`` or ``kommune:<id>``, which holds the public part too.
    bestand
        The snapshot; default the current one.
    dateien
        Further files of the region folder that pages show; everybody may read them.

    Returns
    -------
    Region
        The region as that folder knows it; its data folder is ``ziel``.

    Raises
    ------
    BestandFehler
        If there is no snapshot, or writing fails; what was current stays current.
    """
    source = settings.bestandsordner(region.ordner, region.id)
    name = bestand or aktueller(source)
    if name is None:
        raise BestandFehler(
            f"Für {region.name} gibt es noch keinen Datenbestand. Bitte zuerst „sozialanalyse build“ ausführen."
        )
    target = ziel or freigabeordner(region, audience)
    target.mkdir(parents=True, exist_ok=True)
    with FileLock(target / ".sperre"):  # two services may start at once
        return _bring_up_to_date(region, source, name, target, audience, dateien)


def _bring_up_to_date(
    region: Region, source: Path, name: str, target: Path, audience: Audience, dateien: Iterable[str]
) -> Region:
    parts = {abteil(OEFFENTLICH), abteil(audience)}
    place = target / "region"
    place.mkdir(parents=True, exist_ok=True)
    _copy_beside(region.ordner / "region.yml", place / "region.yml")
    for folder, pattern in [
        *((name, "*.yml") for name in VON_DER_REDAKTION),
        *((".", name) for name in dateien),
    ]:
        _mirror(region.ordner / folder, place / folder, pattern)
    stores = target / "bestand" / region.id
    if aktueller(stores) != name or not unversehrt(stores / name):
        setze(stores, name, lambda beside: _copy_parts(source / name, beside, parts))
    return lade_region(place)


def _copy_beside(source: Path, target: Path) -> None:
    beside = target.with_name(f".neu-{uuid.uuid4().hex[:12]}")
    shutil.copyfile(source, beside)
    beside.replace(target)


def _mirror(source: Path, target: Path, pattern: str) -> None:
    """Bring the files of one folder up to date; those that are gone go here, too."""
    pages = {path.name: path for path in source.glob(pattern)}
    target.mkdir(exist_ok=True)
    for name, path in pages.items():
        _copy_beside(path, target / name)
    for old in target.glob(pattern):
        if old.name not in pages:
            old.unlink()


def _copy_parts(source: Path, beside: Path, parts: set[str]) -> None:
    manifest = lies_manifest(source / "bestand.json")
    open_ones = {
        name: digest
        for name, digest in manifest["dateien"].items()
        if "/" not in name or name.split("/")[0] in parts
    }
    for name in open_ones:
        (beside / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, beside / name)
    rows = {audience: count for audience, count in manifest["zeilen"].items() if abteil(audience) in parts}
    manifest |= {"dateien": open_ones, "zeilen": rows}
    schreibe_manifest(beside / "bestand.json", manifest)


def freigabeordner(region: Region, audience: Audience = OEFFENTLICH) -> Path:
    """Folder of what an audience may see."""
    name = region.id if audience == OEFFENTLICH else f"{region.id}-{abteil(audience)}"
    return settings.datenordner(region.ordner) / "freigabe" / name
