"""What all formats made of JSON share: reading it safely."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sozialanalyse.formate.form import MEGABYTE, unlesbar

GROESSTES_JSON = 60 * MEGABYTE
"""Its objects need ten times as much memory."""
MEISTE_WERTE = 2_000_000
KOMMONITOR = "sozialanalyse-kommonitor"
"""Key by which a fetch from KomMonitor is known; its value is the version of its form."""


def beginnt(anfang: bytes) -> bool:
    """Whether bytes look like the beginning of a JSON object."""
    return anfang.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def lies_objekt(pfad: Path) -> dict[str, Any]:
    """The object a file holds.

    Raises
    ------
    PruefFehler
        If it is no valid JSON in UTF-8, too large or nested too deeply.
    """
    size = pfad.stat().st_size
    if size > GROESSTES_JSON:
        raise unlesbar(
            f"Die Datei ist {size // MEGABYTE} MB groß; von JSON werden höchstens {GROESSTES_JSON // MEGABYTE} MB gelesen.",
            "Bitte nur die gebrauchten Merkmale abrufen oder als CSV-Datei liefern lassen.",
        )
    try:
        found = json.loads(pfad.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise unlesbar("Die Datei ist nicht in UTF-8 geschrieben.", "Bitte neu anfordern.") from None
    except json.JSONDecodeError as error:
        raise unlesbar(
            f"Ab Zeichen {error.colno} ist die Datei kein gültiges JSON; vielleicht ist sie abgeschnitten.",
            "Bitte neu anfordern.",
            zeile=error.lineno,
        ) from None
    except (RecursionError, ValueError):
        raise unlesbar("Die Datei ist zu tief verschachtelt.", "Bitte beim Lieferanten nachfragen.") from None
    if not isinstance(found, dict):
        raise unlesbar("Die Datei enthält kein JSON-Objekt.", "Bitte neu anfordern.")
    return found
