"""History of the register of projects: what was delivered once stays known when its file is gone.

One entry per delivered file in a folder of the region, without names of persons. A file that is still there is
read anew at every build and its entry replaced; entries of files that are gone stay as they are, but for marks of
persons, which go on their day of deletion.
"""

from __future__ import annotations

import json
import os
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sozialanalyse.base import BestandFehler, settings

Stand = dict[str, Any]
SCHLUESSEL = "schluessel"


def geheimnis(ordner: Path) -> bytes:
    """Key by which persons are marked; made when first asked for."""
    path = ordner / SCHLUESSEL
    if not path.exists():
        settings.eigener_ordner(ordner)
        _schreibe(path, secrets.token_bytes(32))
    return path.read_bytes()


def eintraege(ordner: Path) -> dict[str, list[Stand]]:
    """Hash of each delivered file -> its states.

    Raises
    ------
    BestandFehler
        If an entry cannot be read.
    """
    found = {}
    for path in sorted(ordner.glob("*.json")):
        try:
            found[path.stem] = list(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            raise BestandFehler(
                f"{path}: Der Eintrag im Verlauf der Vorhaben ist beschädigt. Bitte aus der Sicherung zurückholen; "
                "gibt es die Lieferung noch, genügt es, den Eintrag zu entfernen."
            ) from None
    return found


def trage_ein(ordner: Path, neu: Mapping[str, list[Stand]]) -> None:
    """Write entries that are new or have changed; each is on the disk whole or not at all.

    Raises
    ------
    BestandFehler
        If writing fails.
    """
    try:
        settings.eigener_ordner(ordner)
        for name, states in neu.items():
            content = json.dumps(states, ensure_ascii=False, indent=0, sort_keys=True).encode()
            path = ordner / f"{name}.json"
            if not path.exists() or path.read_bytes() != content:
                _schreibe(path, content)
    except OSError as error:
        raise BestandFehler(
            f"Der Verlauf der Vorhaben lässt sich nicht schreiben ({error.strerror or error}). "
            "Bitte freien Platz und Schreibrechte prüfen."
        ) from error


def _schreibe(path: Path, content: bytes) -> None:
    beside = path.with_name(f".neu-{uuid.uuid4().hex[:12]}")
    try:
        with beside.open("wb") as stream:
            beside.chmod(0o600)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
        settings.sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)
