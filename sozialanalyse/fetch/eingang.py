"""Fetched deliveries: put in place whole or not at all, with where they come from beside them, older ones kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sozialanalyse.base import LaufFehler, settings

HERKUNFT = ".abruf"
"""Ending of the file that tells where a delivery was fetched."""
FRUEHER = "frueher"
"""Folder beside a fetched delivery that keeps its older versions, which their source does not."""

Pruefer = Callable[[Path], None]
"""Raises if a file is no delivery that may be kept."""


@dataclass(frozen=True)
class Geholt:
    """One fetched delivery.

    Attributes
    ----------
    neu
        Whether it differs from what was there.
    """

    datensatz: str
    pfad: Path
    sha256: str
    neu: bool


def lege_ab(
    datensatz: str,
    ziel: Path,
    inhalt: bytes,
    herkunft: Mapping[str, Any],
    pruefe: Pruefer = lambda _: None,
) -> Geholt:
    """Put a delivery in place; what was there before is kept in ``frueher/`` if it differs.

    Parameters
    ----------
    herkunft
        What is known of the source: server, version, state; hash, size and time are added.
    pruefe
        Asked about the file before it takes its place; if it raises, nothing has changed.

    Raises
    ------
    LaufFehler
        If it cannot be written.
    """
    digest = hashlib.sha256(inhalt).hexdigest()
    told = {"datei": ziel.name, "sha256": digest, "bytes": len(inhalt), "geholt": datetime.now(UTC).isoformat(timespec="seconds")}  # fmt: skip
    note = json.dumps(told | dict(herkunft), ensure_ascii=False, indent=1).encode()
    beside = ziel.with_name(f".neu-{uuid.uuid4().hex[:12]}{ziel.suffix}")
    try:
        ziel.parent.mkdir(parents=True, exist_ok=True)
        same = ziel.exists() and hashlib.sha256(ziel.read_bytes()).hexdigest() == digest
        if same and _nebenbei(ziel).exists():
            return Geholt(datensatz, ziel, digest, False)
        if not same:
            _write(beside, inhalt)
            pruefe(beside)
            _keep(ziel)
            beside.replace(ziel)
        _write(beside, note)
        beside.replace(_nebenbei(ziel))
        settings.sync_folder(ziel.parent)
    except OSError as error:
        raise LaufFehler(f"Die Lieferung {ziel} lässt sich nicht ablegen ({error.strerror or error}). Es bleibt alles, wie es war.") from None  # fmt: skip
    finally:
        beside.unlink(missing_ok=True)
    return Geholt(datensatz, ziel, digest, not same)


def _nebenbei(ziel: Path) -> Path:
    return ziel.with_name(ziel.name + HERKUNFT)


def _write(pfad: Path, inhalt: bytes) -> None:
    with pfad.open("xb") as stream:
        stream.write(inhalt)
        stream.flush()
        os.fsync(stream.fileno())


def _keep(ziel: Path) -> None:
    """Copy what is there now to the older versions, so that a break between two steps loses neither."""
    if not ziel.exists():
        return
    digest = hashlib.sha256(ziel.read_bytes()).hexdigest()
    stamp = datetime.fromtimestamp(ziel.stat().st_mtime, UTC)
    target = ziel.parent / FRUEHER / f"{ziel.stem}_{stamp:%Y-%m-%dT%H%M%S}_{digest[:8]}{ziel.suffix}"
    target.parent.mkdir(exist_ok=True)
    shutil.copy2(ziel, target)
    if _nebenbei(ziel).exists():
        shutil.copy2(_nebenbei(ziel), _nebenbei(target))
