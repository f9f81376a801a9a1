"""Writing a snapshot: beside, synced, checked by its manifest, made current by one rename."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from sozialanalyse import vereinbarung
from sozialanalyse.base import BestandFehler, settings
from sozialanalyse.region import Region
from sozialanalyse.store.bestand import (
    FORMAT,
    Inhalt,
    Quelldatei,
    pruefsumme,
    schreibe_manifest,
    unversehrt,
    vorhaben,
    werte,
)
from sozialanalyse.store.teile import Teile


def schreibe(
    ordner: Path,
    name: str,
    region: Region,
    quellen: tuple[Quelldatei, ...],
    regeln: str,
    fuelle: Callable[[Teile], Inhalt],
) -> None:
    """Write a snapshot and make it current.

    Parameters
    ----------
    ordner
        Folder of the region's snapshots; made if missing.
    name
        Name of the snapshot (:func:`sozialanalyse.store.kennung`).
    fuelle
        Adds the long tables part by part and returns the rest. Called beside the current snapshot, under
        the lock, and only if there is no whole snapshot of these deliveries and rules yet.

    Raises
    ------
    BestandFehler
        If writing fails; what was current stays current.
    """

    def whole(beside: Path) -> None:
        with Teile(beside) as teile:
            inhalt = fuelle(teile)
        _fill(beside, name, region, quellen, regeln, inhalt, teile)

    setze(ordner, name, whole)


def setze(ordner: Path, name: str, fuelle: Callable[[Path], None]) -> None:
    """Write a snapshot unless it is there, and make it current; only one process at a time does.

    Parameters
    ----------
    fuelle
        Writes all files of the snapshot, the manifest among them, into the folder it is given.

    Raises
    ------
    BestandFehler
        If writing fails; what was current stays current.
    """
    try:
        ordner.mkdir(parents=True, exist_ok=True)
        with _allein(ordner):
            _sweep(ordner)
            if not unversehrt(ordner / name):
                _write_beside(ordner, name, fuelle)
            _make_current(ordner, name)
    except OSError as error:
        raise _not_written(error) from error


def _allein(ordner: Path) -> FileLock:
    """Only one process at a time writes below a folder; the lock lies beside it and dies with its holder."""
    return FileLock(ordner.with_name(f".{ordner.name}-sperre"))


def _sweep(ordner: Path) -> None:
    """Remove what killed writers left behind; under the lock nobody else is writing."""
    for left in [*ordner.glob(".neu-*"), *ordner.glob(".alt-*")]:
        shutil.rmtree(left, ignore_errors=True)
    for left in ordner.glob(".aktuell-*"):
        left.unlink(missing_ok=True)


def _not_written(error: OSError) -> BestandFehler:
    return BestandFehler(
        f"Der Bestand lässt sich nicht schreiben ({error.strerror or error}). "
        "Bitte freien Platz und Schreibrechte prüfen; der bisherige Bestand bleibt gültig."
    )


def _write_beside(ordner: Path, name: str, fuelle: Callable[[Path], None]) -> None:
    beside = ordner / f".neu-{uuid.uuid4().hex[:12]}"
    try:
        beside.mkdir()
        mode = beside.stat().st_mode
        beside.chmod(0o700)  # work in progress holds everything
        fuelle(beside)
        for path in sorted(path for path in beside.rglob("*") if path.is_file()):
            _sync(path)
        for folder in beside.iterdir():
            if folder.is_dir() and folder.name != "oeffentlich":
                folder.chmod(0o700)  # nobody but the owner of the work may look into these
        beside.chmod(mode)
        _swap(beside, ordner / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _fill(
    beside: Path,
    name: str,
    region: Region,
    quellen: tuple[Quelldatei, ...],
    regeln: str,
    inhalt: Inhalt,
    teile: Teile,
) -> None:
    """Everything that is not written part by part, the manifest last."""
    inhalt.gebiete.to_parquet(beside / "gebiete.parquet")
    _write_json(beside / "indikatoren.json", inhalt.indikatoren.reset_index().to_dict("records"))
    (beside / "intern").mkdir(exist_ok=True)
    _write_json(beside / "intern" / "pruefung.json", [asdict(befund) for befund in inhalt.befunde])
    for key, table in inhalt.schutz.items():
        table.to_parquet(beside / "intern" / f"schutz-{key}.parquet", index=False)
    inhalt.umstiege.to_parquet(beside / "intern" / "umstiege.parquet", index=False)
    _ohne_gewichte(inhalt.umstiege).to_parquet(beside / "umstiege.parquet", index=False)
    for audience, states in inhalt.vorhaben.items():
        _write_json(beside / vorhaben(audience), states)
    files = sorted(path for path in beside.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "bestand": name,
        "region": region.id,
        "erstellt": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": settings.VERSION,
        "regeln": regeln,
        "vereinbarung": vereinbarung.lade(region).stand(),
        "sperrprofile": {
            key: profil.model_dump(mode="json") for key, profil in region.seite.sperrprofile.items()
        },
        "quellen": [asdict(quelle) for quelle in quellen],
        "korrekturen": [asdict(record) for record in inhalt.korrekturen],
        "zeilen": {audience: teile.zeilen(werte(audience)) for audience in inhalt.audiences},
        "dateien": {path.relative_to(beside).as_posix(): pruefsumme(path) for path in files},
    }
    schreibe_manifest(beside / "bestand.json", manifest)


def _ohne_gewichte(umstiege: pd.DataFrame) -> pd.DataFrame:
    """Which old area lies in which of today: an exact weight tells how many people it was computed from."""
    return umstiege[umstiege["anteil"] > 0].drop(columns="anteil").reset_index(drop=True)


def _swap(beside: Path, target: Path) -> None:
    """Put a whole snapshot in its place; a damaged one of that name steps aside first."""
    aside = target.with_name(f".alt-{uuid.uuid4().hex[:12]}")
    if target.exists():
        target.replace(aside)
    beside.replace(target)
    settings.sync_folder(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def mache_aktuell(ordner: Path, name: str) -> None:
    """Let a complete snapshot be the current one, by one rename.

    Raises
    ------
    BestandFehler
        If writing fails; what was current stays current.
    """
    try:
        with _allein(ordner):
            _make_current(ordner, name)
    except OSError as error:
        raise _not_written(error) from error


def _make_current(ordner: Path, name: str) -> None:
    beside = ordner / f".aktuell-{uuid.uuid4().hex[:12]}"
    try:
        beside.write_text(name + "\n", encoding="utf-8")
        _sync(beside)
        beside.replace(ordner / "aktuell")
        settings.sync_folder(ordner)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
