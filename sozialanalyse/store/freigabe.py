"""The public part of a store in a folder of its own, for a service that must not reach the rest.

Only what everybody may see is there: the region's page and the public values of its current snapshot. No
delivery, no internal value, no store of a Kommune; so a page that asks for them finds nothing, and the
folder can be given to another user or machine.
"""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

from sozialanalyse import settings
from sozialanalyse.errors import BestandFehler
from sozialanalyse.region import Region, lade_region
from sozialanalyse.store.bestand import aktueller, unversehrt
from sozialanalyse.store.schreiben import setze

OEFFENTLICH = "oeffentlich"


def freigabe(region: Region, ziel: Path | None = None) -> Region:
    """Bring the public folder of a region up to date.

    Parameters
    ----------
    ziel
        The folder; default ``freigabe/<region>`` beside the stores.

    Returns
    -------
    Region
        The region as the public folder knows it; its data folder is ``ziel``.

    Raises
    ------
    BestandFehler
        If there is no snapshot, or writing fails; what was current stays current.
    """
    source = settings.bestandsordner(region.ordner, region.id)
    name = aktueller(source)
    if name is None:
        raise BestandFehler(
            f"Für {region.name} gibt es noch keinen Datenbestand. Bitte zuerst „sozialanalyse build“ ausführen."
        )
    target = ziel or settings.datenordner(region.ordner) / "freigabe" / region.id
    place = target / "region"
    place.mkdir(parents=True, exist_ok=True)
    _copy_beside(region.ordner / "region.yml", place / "region.yml")
    stores = target / "bestand" / region.id
    if aktueller(stores) != name or not unversehrt(stores / name):
        setze(stores, name, lambda beside: _copy_public(source / name, beside))
    return lade_region(place)


def _copy_beside(source: Path, target: Path) -> None:
    beside = target.with_name(f".neu-{uuid.uuid4().hex[:12]}")
    shutil.copyfile(source, beside)
    beside.replace(target)


def _copy_public(source: Path, beside: Path) -> None:
    manifest = json.loads((source / "bestand.json").read_text(encoding="utf-8"))
    public = {
        name: digest
        for name, digest in manifest["dateien"].items()
        if "/" not in name or name.startswith(f"{OEFFENTLICH}/")
    }
    for name in public:
        (beside / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, beside / name)
    manifest |= {"dateien": public, "zeilen": {OEFFENTLICH: manifest["zeilen"][OEFFENTLICH]}}
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (beside / "bestand.json").write_text(text, encoding="utf-8")
