"""Writing a snapshot: beside, synced, checked by its manifest, made current by one rename."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sozialanalyse import settings
from sozialanalyse.errors import BestandFehler
from sozialanalyse.region import Region
from sozialanalyse.store.bestand import FORMAT, Inhalt, abteil, kennung, pruefsumme, unversehrt


def schreibe(ordner: Path, region: Region, inhalt: Inhalt) -> str:
    """Write a snapshot and make it current.

    Parameters
    ----------
    ordner
        Folder of the region's snapshots; made if missing.

    Returns
    -------
    str
        Name of the snapshot.

    Raises
    ------
    BestandFehler
        If writing fails; what was current stays current.
    """
    name = kennung(inhalt.quellen, inhalt.regeln)
    try:
        ordner.mkdir(parents=True, exist_ok=True)
        if not unversehrt(ordner / name):
            _write_beside(ordner, name, region, inhalt)
        mache_aktuell(ordner, name)
    except OSError as error:
        raise _not_written(error) from error
    return name


def _not_written(error: OSError) -> BestandFehler:
    return BestandFehler(
        f"Der Bestand lässt sich nicht schreiben ({error.strerror or error}). "
        "Bitte freien Platz und Schreibrechte prüfen; der bisherige Bestand bleibt gültig."
    )


def _write_beside(ordner: Path, name: str, region: Region, inhalt: Inhalt) -> None:
    beside = ordner / f".neu-{uuid.uuid4().hex[:12]}"
    try:
        beside.mkdir()
        inhalt.gebiete.to_parquet(beside / "gebiete.parquet")
        _write_json(beside / "indikatoren.json", inhalt.indikatoren.reset_index().to_dict("records"))
        (beside / "intern").mkdir()
        _write_json(beside / "intern" / "pruefung.json", [asdict(befund) for befund in inhalt.befunde])
        inhalt.merkmale.to_parquet(beside / "intern" / "merkmale.parquet", index=False)
        for key, table in inhalt.schutz.items():
            table.to_parquet(beside / "intern" / f"schutz-{key}.parquet", index=False)
        inhalt.umstiege.to_parquet(beside / "umstiege.parquet", index=False)
        dataset = inhalt.indikatoren["datensatz"]
        for audience, frame in inhalt.werte.items():
            target = beside / abteil(audience) / "werte"
            target.mkdir(parents=True)
            for key, part in frame.groupby(frame["indikator_id"].map(dataset), sort=True):
                part.to_parquet(target / f"{key}.parquet", index=False)
        files = sorted(path for path in beside.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "bestand": name,
            "region": region.id,
            "erstellt": datetime.now(UTC).isoformat(timespec="seconds"),
            "version": settings.VERSION,
            "regeln": inhalt.regeln,
            "quellen": [asdict(quelle) for quelle in inhalt.quellen],
            "zeilen": {audience: len(frame) for audience, frame in inhalt.werte.items()},
            "dateien": {path.relative_to(beside).as_posix(): pruefsumme(path) for path in files},
        }
        _write_json(beside / "bestand.json", manifest)
        for path in [*files, beside / "bestand.json"]:
            _sync(path)
        for folder in beside.iterdir():
            if folder.is_dir() and folder.name != "oeffentlich":
                folder.chmod(0o700)  # nobody but the owner of the work may look into these
        target = ordner / name
        if target.exists():  # damaged, or left behind half-written by a crash of the file system
            shutil.rmtree(target)
        beside.replace(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def mache_aktuell(ordner: Path, name: str) -> None:
    """Let a complete snapshot be the current one, by one rename."""
    beside = ordner / f".aktuell-{uuid.uuid4().hex[:12]}"
    try:
        beside.write_text(name + "\n", encoding="utf-8")
        _sync(beside)
        beside.replace(ordner / "aktuell")
    except OSError as error:
        raise _not_written(error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
